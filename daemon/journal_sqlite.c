/*
 * The sqlite backend: one row a batch, one transaction an append, durable when append returns.
 *
 * Files, in the journal's directory:
 *
 * - journal.db: SQLite 3 database; application_id 0x504C4D54 ("PLMT"), user_version 1 (the format
 *   described here).
 * - journal.db-wal: its write-ahead log, where an append goes; a checkpoint moves it to journal.db.
 *   It is used again and again from its start, is kept at close, and is made with zeros at its end,
 *   since a sync after overwriting costs about half of one after making a file longer.
 * - journal.db-shm: index of the log, shared by the connections; made anew after a crash.
 * - lock: locked (open file description lock) while the journal is open; holds the process id.
 *
 * Tables:
 *
 * - batch(first INTEGER PRIMARY KEY, last INTEGER, chain BLOB, bytes BLOB)
 * - meta(name TEXT PRIMARY KEY, value BLOB, digest BLOB)
 *
 * A journal is valid when, reading batch in the order of first,
 *
 * 1. the first row's first is 1, every other's is the last of the row before it, + 1;
 * 2. last >= first;
 * 3. chain has 32 bytes: BLAKE2b-256 of the chain of the row before (32 zero bytes for the first
 *    row), first and last as 8 bytes each, little-endian, and bytes.
 *
 * So the last row's chain vouches for all history: no row can be changed, taken out or moved
 * unseen. Rows lost from the end are seen only beside a sequence number or chain kept elsewhere.
 * chain stands before bytes so that it is read without walking the pages of bytes. digest is
 * BLAKE2b-256 of name, its ending zero, and value (SQLite has no checksums in journal.db).
 *
 * An append is one INSERT and its implied commit, under synchronous=FULL: the row's pages go to the
 * log with running checksums, and the log is synced before append returns. A writer that got past
 * the lock and appended meanwhile has taken this batch's primary key: the INSERT is refused.
 * Another program may read beside it; one that keeps a write transaction open for seconds fails it.
 *
 * What a crash or power cut can leave:
 *
 * - During creation: an empty database, or one without tables. The next open begins anew. (Also a
 *   rollback journal, from before the log was there; its removal lasts from the sync of the
 *   directory, which comes before open returns, or else it would undo what was appended.)
 * - During an append: frames at the end of the log that do not check, which SQLite ignores, and the
 *   batch is not there. Or all of its frames, and the batch is there though append never returned.
 *   So: at most the one unacknowledged batch more.
 * - During a checkpoint: pages half moved. All of them are still in the log, and are moved again.
 * - After a failed sync the kernel may have dropped pages that still read well. So nothing is
 *   appended after a failure (journal.c taints), and open moves all of the log into journal.db and
 *   syncs that before it returns.
 *
 * Checkpoints run on a connection of their own, from whatever thread calls; the writer's automatic
 * ones are off. They are passive, beside the appends. Under a constant load a passive one never
 * reaches the end of the log, and the log begins again at its start only when all of it is moved.
 * So when the log is beyond LOG_SIZE_MAX, what is left is moved with appends held off by
 * write_lock: some milliseconds, seldom.
 */
#include "journal_sqlite.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PAGE_SIZE JOURNAL_SQLITE_PAGE_SIZE
#define CHAIN_SIZE JOURNAL_SQLITE_CHAIN_SIZE

enum {
    CHECKPOINT_DUE_SIZE = 8 << 20, /* bytes appended */
    LOG_SIZE_MAX = 32 << 20,       /* bytes */
};

int journal_sqlite_fail(const struct sqlite_journal *self, sqlite3 *db, const char *doing,
                        struct journal_error *err)
{
    return journal_fail(err, "%s: %s: %s (SQLite code %d)", self->path, doing, sqlite3_errmsg(db),
                        sqlite3_extended_errcode(db));
}

int journal_sqlite_execute(const struct sqlite_journal *self, sqlite3 *db, const char *sql,
                           struct journal_error *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return journal_sqlite_fail(self, db, sql, err);
    return 0;
}

sqlite3_stmt *journal_sqlite_prepare(const struct sqlite_journal *self, sqlite3 *db,
                                     const char *sql, struct journal_error *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        journal_sqlite_fail(self, db, "cannot be used", err);
    return statement;
}

static void put_u64(uint8_t *to, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void chain_next(uint8_t chain[CHAIN_SIZE], const uint8_t previous[CHAIN_SIZE],
                       const struct journal_batch *batch)
{
    uint8_t head[CHAIN_SIZE + 16];
    memcpy(head, previous, CHAIN_SIZE);
    put_u64(head + CHAIN_SIZE, batch->first);
    put_u64(head + CHAIN_SIZE + 8, batch->last);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHAIN_SIZE);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, batch->bytes, batch->size);
    crypto_generichash_final(&state, chain, CHAIN_SIZE);
}

/* Reads first, last and chain, the first three columns of the row that a statement is at. */
static int read_link(const struct sqlite_journal *self, sqlite3_stmt *row,
                     struct journal_sqlite_link *link, struct journal_error *err)
{
    int64_t first = sqlite3_column_int64(row, 0), last = sqlite3_column_int64(row, 1);
    const void *chain = sqlite3_column_blob(row, 2);
    if (first < 1 || last < first || !chain || sqlite3_column_bytes(row, 2) != CHAIN_SIZE)
        return journal_fail(err, "%s: batch row %" PRId64 " is damaged: it is not a valid row",
                            self->path, first);
    link->first = (uint64_t)first;
    link->last = (uint64_t)last;
    memcpy(link->chain, chain, CHAIN_SIZE);
    return 0;
}

/* The last row whose first is at most `first`; all zero when there is none. */
int journal_sqlite_find_link(const struct sqlite_journal *self, uint64_t first,
                             struct journal_sqlite_link *link, struct journal_error *err)
{
    memset(link, 0, sizeof *link);
    sqlite3_stmt *query = journal_sqlite_prepare(
        self, self->writer,
        "SELECT first, last, chain FROM batch WHERE first<=?1 ORDER BY first DESC LIMIT 1", err);
    if (!query)
        return -1;
    sqlite3_bind_int64(query, 1,
                       (int64_t)(first < JOURNAL_SEQUENCE_MAX ? first : JOURNAL_SEQUENCE_MAX));
    int result = 0, code = sqlite3_step(query);
    if (code == SQLITE_ROW)
        result = read_link(self, query, link, err);
    else if (code != SQLITE_DONE)
        result = journal_sqlite_fail(self, self->writer, "cannot read the journal", err);
    sqlite3_finalize(query);
    return result;
}

/* ---- append ---- */

static int bind_row(sqlite3_stmt *insert, const struct journal_batch *batch,
                    const uint8_t chain[CHAIN_SIZE])
{
    int code = sqlite3_bind_int64(insert, 1, (int64_t)batch->first);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(insert, 2, (int64_t)batch->last);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob(insert, 3, chain, CHAIN_SIZE, SQLITE_STATIC);
    if (code == SQLITE_OK && batch->size == 0)
        code = sqlite3_bind_zeroblob(insert, 4, 0); /* a blob at NULL would be a NULL */
    else if (code == SQLITE_OK)
        code = sqlite3_bind_blob64(insert, 4, batch->bytes, batch->size, SQLITE_STATIC);
    return code;
}

static enum journal_result sqlite_append(struct journal *journal, const struct journal_batch *batch)
{
    struct sqlite_journal *self = (struct sqlite_journal *)journal;
    uint8_t chain[CHAIN_SIZE];
    chain_next(chain, self->chain, batch);
    enum journal_result result = JOURNAL_OK;
    pthread_mutex_lock(&self->write_lock);
    int code = bind_row(self->insert, batch, chain);
    if (code == SQLITE_OK)
        code = sqlite3_step(self->insert);
    if (code != SQLITE_DONE) {
        result = (code & 0xff) == SQLITE_CONSTRAINT ? JOURNAL_REFUSED : JOURNAL_FAILED;
        journal_sqlite_fail(self, self->writer,
                            result == JOURNAL_REFUSED ? "another writer has appended"
                                                      : "cannot append",
                            &journal->problem);
    }
    sqlite3_reset(self->insert);
    sqlite3_clear_bindings(self->insert);
    pthread_mutex_unlock(&self->write_lock);
    if (result == JOURNAL_OK) {
        memcpy(self->chain, chain, CHAIN_SIZE);
        atomic_fetch_add_explicit(&self->unmoved, batch->size + PAGE_SIZE, memory_order_relaxed);
    }
    return result;
}

/* ---- replay ---- */

/* Checks the row that a statement is at against the row before it; fills the batch and moves
 * *before on to this row. */
static int check_row(const struct sqlite_journal *self, sqlite3_stmt *row,
                     struct journal_sqlite_link *before, struct journal_batch *batch,
                     struct journal_error *err)
{
    struct journal_sqlite_link link = {0};
    if (read_link(self, row, &link, err) < 0)
        return -1;
    const void *bytes = sqlite3_column_blob(row, 3);
    *batch =
        (struct journal_batch){link.first, link.last, bytes, (size_t)sqlite3_column_bytes(row, 3)};
    if (batch->size && !bytes)
        return journal_fail(err, "out of memory for batch row %" PRIu64, link.first);
    if (link.first != before->last + 1)
        return journal_fail(err,
                            "%s: batch row %" PRIu64
                            " does not follow the row before it, which ends at %" PRIu64,
                            self->path, link.first, before->last);
    uint8_t chain[CHAIN_SIZE];
    chain_next(chain, before->chain, batch);
    if (memcmp(chain, link.chain, CHAIN_SIZE) != 0)
        return journal_fail(
            err, "%s: batch row %" PRIu64 " is damaged: its chain hash does not match its contents",
            self->path, link.first);
    *before = link;
    return 0;
}

static int replay_rows(const struct sqlite_journal *self, sqlite3_stmt *rows,
                       struct journal_sqlite_link before, uint64_t from, journal_each *each,
                       void *ctx, struct journal_error *err)
{
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct journal_batch batch;
        if (check_row(self, rows, &before, &batch, err) < 0)
            return -1;
        int stop = batch.last >= from ? each(ctx, &batch) : 0;
        if (stop)
            return stop;
    }
    if (code != SQLITE_DONE) {
        char doing[80];
        snprintf(doing, sizeof doing, "cannot read the batch row after sequence %" PRIu64,
                 before.last);
        return journal_sqlite_fail(self, self->writer, doing, err);
    }
    if (before.last != self->base.last)
        return journal_fail(err, "%s: ends at %" PRIu64 ", not at %" PRIu64, self->path,
                            before.last, self->base.last);
    return 0;
}

static int sqlite_replay(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                         struct journal_error *err)
{
    const struct sqlite_journal *self = (const struct sqlite_journal *)journal;
    struct journal_sqlite_link start, before = {0};
    if (journal_sqlite_find_link(self, from, &start, err) < 0)
        return -1;
    /* start.first is 0 when `from` is before the first row; then nothing is before. */
    if (start.first > 0 && journal_sqlite_find_link(self, start.first - 1, &before, err) < 0)
        return -1;
    sqlite3_stmt *rows = journal_sqlite_prepare(
        self, self->writer,
        "SELECT first, last, chain, bytes FROM batch WHERE first>?1 ORDER BY first", err);
    if (!rows)
        return -1;
    sqlite3_bind_int64(rows, 1, (int64_t)before.first);
    int result = replay_rows(self, rows, before, from, each, ctx, err);
    sqlite3_finalize(rows);
    return result;
}

/* ---- checkpoint ---- */

static bool sqlite_checkpoint_due(const struct journal *journal)
{
    const struct sqlite_journal *self = (const struct sqlite_journal *)journal;
    return atomic_load_explicit(&self->unmoved, memory_order_relaxed) >= CHECKPOINT_DUE_SIZE;
}

/* What was moved is not read again before the next start, so its pages are better used for what is
 * moved next than kept beside all before it: memory is for the daemon, and a page that is new costs
 * more than one just given back. Advice only; nothing depends on it. */
static void forget_moved(const struct sqlite_journal *self)
{
    if (self->file >= 0)
        posix_fadvise(self->file, 0, 0, POSIX_FADV_DONTNEED);
}

static int sqlite_checkpoint(struct journal *journal, struct journal_error *err)
{
    struct sqlite_journal *self = (struct sqlite_journal *)journal;
    uint64_t unmoved = atomic_load_explicit(&self->unmoved, memory_order_relaxed);
    int log_pages = 0;
    int code =
        sqlite3_wal_checkpoint_v2(self->mover, "main", SQLITE_CHECKPOINT_PASSIVE, &log_pages, NULL);
    if (code == SQLITE_OK && (int64_t)log_pages * PAGE_SIZE > LOG_SIZE_MAX) {
        /* Once more, so that less is left for when appends wait. */
        sqlite3_wal_checkpoint_v2(self->mover, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&self->write_lock);
        code =
            sqlite3_wal_checkpoint_v2(self->mover, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
        pthread_mutex_unlock(&self->write_lock);
    }
    /* Busy: someone outside reads the log, or is moving it. It is for the next checkpoint. */
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        return journal_sqlite_fail(self, self->mover, "cannot move the log into the database", err);
    atomic_fetch_sub_explicit(&self->unmoved, unmoved, memory_order_relaxed);
    forget_moved(self);
    return 0;
}

const struct journal_backend journal_sqlite = {
    .name = "sqlite",
    .open = journal_sqlite_open,
    .append = sqlite_append,
    .replay = sqlite_replay,
    .checkpoint_due = sqlite_checkpoint_due,
    .checkpoint = sqlite_checkpoint,
    .meta_get = journal_sqlite_meta_get,
    .meta_put = journal_sqlite_meta_put,
    .close = journal_sqlite_close,
};
