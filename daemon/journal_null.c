/*
 * The null backend: takes every batch, keeps none. What a benchmark compares the cost of durability
 * with.
 */
#include "journal_backend.h"

#include <stdlib.h>

static int null_open(const struct journal_options *options, struct journal **out,
                     struct journal_error *err)
{
    (void)options;
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return journal_fail(err, "out of memory for the journal");
    journal->backend = &journal_null;
    *out = journal;
    return 0;
}

static enum journal_result null_append(struct journal *journal, const struct journal_batch *batch)
{
    (void)journal, (void)batch;
    return JOURNAL_OK;
}

static int null_replay(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                       struct journal_error *err)
{
    (void)journal, (void)from, (void)each, (void)ctx, (void)err;
    return 0;
}

static int null_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                         struct journal_error *err)
{
    (void)journal, (void)name, (void)value, (void)size, (void)err;
    return 0;
}

static int null_meta_put(struct journal *journal, const char *name, const void *value, size_t size,
                         struct journal_error *err)
{
    (void)journal, (void)name, (void)value, (void)size, (void)err;
    return 0;
}

static void null_close(struct journal *journal)
{
    free(journal);
}

const struct journal_backend journal_null = {
    .name = "null",
    .open = null_open,
    .append = null_append,
    .replay = null_replay,
    .meta_get = null_meta_get,
    .meta_put = null_meta_put,
    .close = null_close,
};
