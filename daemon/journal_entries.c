/*
 * journal_entries.c: see journal_entries.h.
 */
#include "journal_entries.h"

#include "core/wire.h"

#include <inttypes.h>
#include <stdlib.h>

struct reading {
    uint64_t from, to;
    journal_each_entry *each;
    void *context;
    struct wire_arena arena;
    struct journal_error *err;
};

enum { ENOUGH = 1, WRONG = 2 }; /* what stops a replay */

/* An entry's memory is bounded by its bytes, which are no more than the batch has left. */
static bool reserve(struct wire_arena *arena, size_t size)
{
    if (arena->size >= size)
        return true;
    free(arena->bytes);
    arena->bytes = malloc(size);
    arena->size = arena->bytes != NULL ? size : 0;
    return arena->bytes != NULL;
}

static int wrong(struct reading *reading, const struct journal_batch *batch, const char *why)
{
    journal_fail(reading->err, "the batch from %" PRIu64 " to %" PRIu64 ": %s", batch->first,
                 batch->last, why);
    return WRONG;
}

static int read_batch(void *context, const struct journal_batch *batch)
{
    struct reading *reading = context;
    struct wire_reader reader = {.bytes = batch->bytes, .size = batch->size};
    if (!reserve(&reading->arena, wire_arena_bound(batch->size)))
        return wrong(reading, batch, "out of memory");
    for (uint64_t sequence = batch->first; sequence <= batch->last; sequence++) {
        struct pm_entry entry;
        struct wire_error why;
        size_t at = reader.at;
        reading->arena.used = 0;
        if (!wire_entry_decode(&reader, &reading->arena, &entry, &why))
            return wrong(reading, batch, why.text);
        if (entry.sequence != sequence)
            return wrong(reading, batch, "its commands are not numbered as it says");
        if (sequence > reading->to)
            return ENOUGH;
        if (sequence >= reading->from &&
            !reading->each(reading->context, &entry, batch->bytes + at, reader.at - at))
            return ENOUGH;
    }
    return reader.at == batch->size ? 0 : wrong(reading, batch, "it holds more than its commands");
}

int journal_entries(struct journal *journal, uint64_t from, uint64_t to, journal_each_entry *each,
                    void *context, struct journal_error *err)
{
    struct reading reading = {.from = from, .to = to, .each = each, .context = context, .err = err};
    int result = journal_replay(journal, from, read_batch, &reading, err);
    free(reading.arena.bytes);
    return result == WRONG ? -1 : result;
}
