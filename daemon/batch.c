/*
 * batch.c: see batch.h.
 */
#include "batch.h"

#include "memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An entry larger than this was never a request: requests and market files are far smaller. */
#define ENTRY_BYTES_MAX ((size_t)200 << 20)
#define EVENTS_SIZE ((BATCH_EVENTS + PM_EVENTS_MAX) * sizeof(struct pm_event_record))

struct batch *batch_create(size_t requests_max)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->requests_max = requests_max;
    batch->request = calloc(requests_max, sizeof(struct request *));
    batch->event = memory_take_apart(EVENTS_SIZE);
    batch->entries.size = (size_t)BATCH_BYTES + (64 << 10);
    batch->entries.bytes = memory_take_apart(batch->entries.size);
    if (batch->request && batch->event && batch->entries.bytes)
        return batch;
    batch_destroy(batch);
    return NULL;
}

void batch_destroy(struct batch *batch)
{
    if (!batch)
        return;
    free(batch->request);
    memory_free_apart(batch->event, EVENTS_SIZE);
    memory_free_apart(batch->entries.bytes, batch->entries.size);
    saver_abandon(batch->snapshot);
    free(batch);
}

void batch_reset(struct batch *batch)
{
    assert(!batch->snapshot);
    batch->first = batch->last = 0;
    batch->entries.used = 0;
    batch->entries.overflow = false;
    batch->requests = 0;
    batch->events = 0;
}

bool batch_empty(const struct batch *batch)
{
    return batch->first == 0 && batch->requests == 0 && !batch->snapshot;
}

bool batch_full(const struct batch *batch)
{
    return (batch->first != 0 && batch->last - batch->first + 1 >= BATCH_ENTRIES) ||
           batch->entries.used >= BATCH_BYTES || batch->events >= BATCH_EVENTS;
}

static bool grow(struct wire_writer *writer)
{
    if (writer->size >= ENTRY_BYTES_MAX)
        return false;
    uint8_t *bytes = memory_take_apart(writer->size * 2);
    if (!bytes)
        return false;
    memcpy(bytes, writer->bytes, writer->used);
    memory_free_apart(writer->bytes, writer->size);
    writer->bytes = bytes;
    writer->size *= 2;
    return true;
}

bool batch_add_entry(struct batch *batch, const struct pm_entry *entry)
{
    struct wire_writer *writer = &batch->entries;
    size_t before = writer->used;
    assert(batch->last == 0 || entry->sequence == batch->last + 1);
    for (;;) {
        wire_entry_encode(writer, entry);
        if (!writer->overflow)
            break;
        writer->used = before;
        writer->overflow = false;
        if (!grow(writer))
            return false;
    }
    if (batch->first == 0)
        batch->first = entry->sequence;
    batch->last = entry->sequence;
    return true;
}

void batch_add_request(struct batch *batch, struct request *request)
{
    assert(batch->requests < batch->requests_max);
    batch->request[batch->requests++] = request;
}

void batch_add_events(struct batch *batch, const struct pm_core *core)
{
    size_t count;
    const struct pm_event *event = pm_core_events(core, &count);
    assert(batch->events + count <= BATCH_EVENTS + PM_EVENTS_MAX);
    for (size_t i = 0; i < count; i++)
        pm_event_describe(core, &event[i], (uint32_t)i, &batch->event[batch->events++]);
}
