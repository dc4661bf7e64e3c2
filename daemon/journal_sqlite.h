/*
 * What the files of the sqlite backend share; journal_sqlite.c says what is on disk.
 */
#ifndef PLACEMAT_DAEMON_JOURNAL_SQLITE_H
#define PLACEMAT_DAEMON_JOURNAL_SQLITE_H

#include "journal_backend.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum {
    JOURNAL_SQLITE_PAGE_SIZE = 8192, /* bytes: measured best for batches of 1 to 256 KiB */
    JOURNAL_SQLITE_CHAIN_SIZE = 32,  /* bytes */
};

struct sqlite_journal {
    struct journal base;
    bool opened;         /* open has succeeded */
    char *path;          /* of journal.db */
    int directory, lock; /* file descriptors, or -1 */
    int file; /* journal.db's, or -1; closing one takes SQLite's locks away, so it comes last */
    const char *synchronous;                  /* "FULL" or "OFF" */
    uint8_t chain[JOURNAL_SQLITE_CHAIN_SIZE]; /* of the last row */
    sqlite3 *writer;                          /* journal thread */
    sqlite3_stmt *insert;
    sqlite3 *mover; /* checkpoint thread */
    /* Held by whatever writes, and by the last part of a checkpoint of a log grown too large. */
    pthread_mutex_t write_lock;
    atomic_uint_least64_t
        unmoved; /* about how many bytes were appended since the last checkpoint */
};

/* A row of batch without its bytes; all zero stands before the first. */
struct journal_sqlite_link {
    uint64_t first, last;
    uint8_t chain[JOURNAL_SQLITE_CHAIN_SIZE];
};

/* The last row whose first is at most `first`; all zero when there is none. Returns 0, or -1 with
 * err filled. */
int journal_sqlite_find_link(const struct sqlite_journal *self, uint64_t first,
                             struct journal_sqlite_link *link, struct journal_error *err);

/* Fills err with what db says, after what was being done. Returns -1. */
int journal_sqlite_fail(const struct sqlite_journal *self, sqlite3 *db, const char *doing,
                        struct journal_error *err);

/* Runs statements that give no rows. Returns 0, or -1 with err filled. */
int journal_sqlite_execute(const struct sqlite_journal *self, sqlite3 *db, const char *sql,
                           struct journal_error *err);

/* Returns a statement to be finalized, or NULL with err filled. */
sqlite3_stmt *journal_sqlite_prepare(const struct sqlite_journal *self, sqlite3 *db,
                                     const char *sql, struct journal_error *err);

/* journal_sqlite_open.c */
int journal_sqlite_open(const struct journal_options *options, struct journal **out,
                        struct journal_error *err);
void journal_sqlite_close(struct journal *journal);

/* journal_sqlite_meta.c */
int journal_sqlite_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                            struct journal_error *err);
int journal_sqlite_meta_put(struct journal *journal, const char *name, const void *value,
                            size_t size, struct journal_error *err);

#endif
