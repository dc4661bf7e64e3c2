/*
 * What a journal backend provides to journal.c, and what they share. Callers of the journal use
 * journal.h alone.
 *
 * journal.c has checked the arguments before a backend sees them: a batch follows the last one and
 * is within the limits, the journal is not tainted, a name and a value are within theirs. journal.c
 * also keeps `last` and `tainted`.
 */
#ifndef PLACEMAT_DAEMON_JOURNAL_BACKEND_H
#define PLACEMAT_DAEMON_JOURNAL_BACKEND_H

#include "journal.h"

/* The operations of journal.h, with its contracts. */
struct journal_backend {
    const char *name;
    int (*open)(const struct journal_options *options, struct journal **out,
                struct journal_error *err);
    /* Fills journal->problem when the result is not JOURNAL_OK. */
    enum journal_result (*append)(struct journal *journal, const struct journal_batch *batch);
    int (*replay)(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                  struct journal_error *err);
    /* Both NULL when there is no log to move. */
    bool (*checkpoint_due)(const struct journal *journal);
    int (*checkpoint)(struct journal *journal, struct journal_error *err);
    int (*meta_get)(struct journal *journal, const char *name, void *value, size_t *size,
                    struct journal_error *err);
    int (*meta_put)(struct journal *journal, const char *name, const void *value, size_t size,
                    struct journal_error *err); /* in place of what there is */
    void (*close)(struct journal *journal);
};

/* The first member of every backend's own struct. open() fills backend and last, and leaves the
 * rest zero. */
struct journal {
    const struct journal_backend *backend;
    uint64_t last; /* last durable sequence number */
    bool tainted;  /* an append has failed */
    struct journal_error problem;
};

extern const struct journal_backend journal_sqlite;
extern const struct journal_backend journal_memory;
extern const struct journal_backend journal_null;

#endif
