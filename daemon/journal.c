/*
 * The journal's front: finds the backend, checks arguments, and keeps the rules that hold for every
 * backend (the next sequence number, and that a failed journal takes nothing more).
 */
#include "journal_backend.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct journal_backend *const backends[] = {&journal_sqlite, &journal_memory,
                                                         &journal_null};

int journal_fail(struct journal_error *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return -1;
}

int journal_open(const struct journal_options *options, struct journal **out,
                 struct journal_error *err)
{
    *out = NULL;
    if (!options->backend)
        return journal_fail(err, "no journal backend was named");
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        if (strcmp(backends[i]->name, options->backend) == 0)
            return backends[i]->open(options, out, err);
    }
    return journal_fail(err, "there is no journal backend '%s'", options->backend);
}

static enum journal_result check_batch(struct journal *journal, const struct journal_batch *batch)
{
    if (journal->tainted) /* the problem that tainted it stays */
        return JOURNAL_FAILED;
    if (batch->first != journal->last + 1) {
        journal_fail(&journal->problem,
                     "the journal ends at %" PRIu64 "; a batch from %" PRIu64 " does not follow it",
                     journal->last, batch->first);
        return JOURNAL_REFUSED;
    }
    if (batch->last < batch->first || batch->last > JOURNAL_SEQUENCE_MAX) {
        journal_fail(&journal->problem, "a batch from %" PRIu64 " cannot end at %" PRIu64,
                     batch->first, batch->last);
        return JOURNAL_REFUSED;
    }
    if (batch->size > JOURNAL_BATCH_SIZE_MAX) {
        journal_fail(&journal->problem, "a batch of %zu bytes is larger than %zu", batch->size,
                     (size_t)JOURNAL_BATCH_SIZE_MAX);
        return JOURNAL_REFUSED;
    }
    return JOURNAL_OK;
}

enum journal_result journal_append(struct journal *journal, const struct journal_batch *batch)
{
    enum journal_result result = check_batch(journal, batch);
    if (result != JOURNAL_OK)
        return result;
    result = journal->backend->append(journal, batch);
    if (result == JOURNAL_OK)
        journal->last = batch->last;
    else if (result == JOURNAL_FAILED)
        journal->tainted = true;
    return result;
}

uint64_t journal_last(const struct journal *journal)
{
    return journal->last;
}

const char *journal_problem(const struct journal *journal)
{
    return journal->problem.text;
}

int journal_replay(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                   struct journal_error *err)
{
    return journal->backend->replay(journal, from, each, ctx, err);
}

bool journal_checkpoint_due(const struct journal *journal)
{
    return journal->backend->checkpoint_due && journal->backend->checkpoint_due(journal);
}

int journal_checkpoint(struct journal *journal, struct journal_error *err)
{
    return journal->backend->checkpoint ? journal->backend->checkpoint(journal, err) : 0;
}

static int check_name(const char *name, struct journal_error *err)
{
    size_t length = strlen(name);
    if (length == 0 || length > JOURNAL_META_NAME_MAX)
        return journal_fail(err, "the name of a journal value has 1 to %d characters",
                            JOURNAL_META_NAME_MAX);
    return 0;
}

int journal_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                     struct journal_error *err)
{
    *size = 0;
    if (check_name(name, err) < 0)
        return -1;
    return journal->backend->meta_get(journal, name, value, size, err);
}

int journal_meta_change(struct journal *journal, const char *name, const void *value, size_t size,
                        struct journal_error *err)
{
    if (check_name(name, err) < 0)
        return -1;
    if (size > JOURNAL_META_SIZE_MAX)
        return journal_fail(err, "journal value '%s' has %zu bytes; at most %d are kept", name,
                            size, JOURNAL_META_SIZE_MAX);
    return journal->backend->meta_put(journal, name, value, size, err);
}

int journal_meta_set(struct journal *journal, const char *name, const void *value, size_t size,
                     struct journal_error *err)
{
    uint8_t kept[JOURNAL_META_SIZE_MAX];
    size_t kept_size;
    int found = journal_meta_get(journal, name, kept, &kept_size, err);
    if (found == 0)
        return journal_meta_change(journal, name, value, size, err);
    if (found > 0 && (kept_size != size || (size > 0 && memcmp(kept, value, size) != 0)))
        return journal_fail(err, "journal value '%s' is set already, to something else", name);
    return found < 0 ? -1 : 0;
}

void journal_close(struct journal *journal)
{
    if (journal)
        journal->backend->close(journal);
}
