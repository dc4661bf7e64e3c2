/*
 * The memory backend: keeps batches and named values until it is closed, and fails or refuses the
 * append it is told to. For tests of what stands above the journal.
 */
#include "journal_backend.h"

#include <stdlib.h>
#include <string.h>

struct kept_batch {
    uint64_t first, last;
    uint8_t *bytes; /* owned */
    size_t size;
};

struct kept_value {
    struct kept_value *next;
    size_t size;
    char name[JOURNAL_META_NAME_MAX + 1];
    uint8_t bytes[];
};

struct memory_journal {
    struct journal base;
    struct kept_batch *batches; /* [0, count) used, [count, room) free */
    size_t count, room;
    struct kept_value *values;
    uint64_t appends; /* since open, failed and refused ones included */
    uint64_t fail_append, refuse_append;
};

static int memory_open(const struct journal_options *options, struct journal **out,
                       struct journal_error *err)
{
    struct memory_journal *self = calloc(1, sizeof *self);
    if (!self)
        return journal_fail(err, "out of memory for the journal");
    self->base.backend = &journal_memory;
    self->fail_append = options->fail_append;
    self->refuse_append = options->refuse_append;
    *out = &self->base;
    return 0;
}

static bool make_room(struct memory_journal *self)
{
    if (self->count < self->room)
        return true;
    size_t room = self->room ? self->room * 2 : 64;
    struct kept_batch *batches = realloc(self->batches, room * sizeof *batches);
    if (!batches)
        return false;
    self->batches = batches;
    self->room = room;
    return true;
}

static bool keep(struct memory_journal *self, const struct journal_batch *batch)
{
    uint8_t *bytes = malloc(batch->size ? batch->size : 1);
    if (!bytes || !make_room(self)) {
        free(bytes);
        return false;
    }
    if (batch->size)
        memcpy(bytes, batch->bytes, batch->size);
    self->batches[self->count++] =
        (struct kept_batch){batch->first, batch->last, bytes, batch->size};
    return true;
}

static enum journal_result memory_append(struct journal *journal, const struct journal_batch *batch)
{
    struct memory_journal *self = (struct memory_journal *)journal;
    self->appends++;
    if (self->appends == self->refuse_append) {
        journal_fail(&journal->problem, "another writer has appended (injected)");
        return JOURNAL_REFUSED;
    }
    if (self->appends == self->fail_append) {
        journal_fail(&journal->problem, "the storage failed (injected)");
        return JOURNAL_FAILED;
    }
    if (!keep(self, batch)) {
        journal_fail(&journal->problem, "out of memory for a batch of %zu bytes", batch->size);
        return JOURNAL_FAILED;
    }
    return JOURNAL_OK;
}

static int memory_replay(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                         struct journal_error *err)
{
    (void)err;
    struct memory_journal *self = (struct memory_journal *)journal;
    for (size_t i = 0; i < self->count; i++) {
        const struct kept_batch *kept = &self->batches[i];
        if (kept->last < from)
            continue;
        struct journal_batch batch = {kept->first, kept->last, kept->bytes, kept->size};
        int stop = each(ctx, &batch);
        if (stop)
            return stop;
    }
    return 0;
}

static const struct kept_value *find_value(const struct memory_journal *self, const char *name)
{
    const struct kept_value *kept = self->values;
    while (kept && strcmp(kept->name, name) != 0)
        kept = kept->next;
    return kept;
}

static int memory_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                           struct journal_error *err)
{
    (void)err;
    const struct kept_value *kept = find_value((struct memory_journal *)journal, name);
    if (!kept)
        return 0;
    memcpy(value, kept->bytes, kept->size);
    *size = kept->size;
    return 1;
}

/* The newest of a name is found first. */
static int memory_meta_put(struct journal *journal, const char *name, const void *value,
                           size_t size, struct journal_error *err)
{
    struct memory_journal *self = (struct memory_journal *)journal;
    struct kept_value *kept = malloc(sizeof *kept + size);
    if (!kept)
        return journal_fail(err, "out of memory for journal value '%s'", name);
    memcpy(kept->name, name, strlen(name) + 1);
    if (size)
        memcpy(kept->bytes, value, size);
    kept->size = size;
    kept->next = self->values;
    self->values = kept;
    return 0;
}

static void memory_close(struct journal *journal)
{
    struct memory_journal *self = (struct memory_journal *)journal;
    for (size_t i = 0; i < self->count; i++)
        free(self->batches[i].bytes);
    free(self->batches);
    while (self->values) {
        struct kept_value *next = self->values->next;
        free(self->values);
        self->values = next;
    }
    free(self);
}

const struct journal_backend journal_memory = {
    .name = "memory",
    .open = memory_open,
    .append = memory_append,
    .replay = memory_replay,
    .meta_get = memory_meta_get,
    .meta_put = memory_meta_put,
    .close = memory_close,
};
