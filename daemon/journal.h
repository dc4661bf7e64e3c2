/*
 * The journal: the durable, ordered history that every acknowledged command is in.
 *
 * A journal is a row of batches. A batch covers a range of sequence numbers and carries opaque
 * bytes (a CBOR sequence; the journal does not look inside). Sequence numbers begin at 1 and leave
 * no gap: a batch's first is the previous batch's last + 1. A batch is there whole or not at all.
 *
 * Backends, one file each:
 *   sqlite  the default: durable, see journal_sqlite.c for the format and what a crash can leave
 * behind memory  keeps batches until close, with faults injected: for tests null    counts and
 * forgets: the ceiling a benchmark compares with
 *
 * Threads: a journal belongs to one thread at a time, the journal thread. Only journal_checkpoint()
 * and journal_checkpoint_due() may be called from another thread meanwhile, and by one such thread
 * at a time.
 */
#ifndef PLACEMAT_DAEMON_JOURNAL_H
#define PLACEMAT_DAEMON_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest batch, bytes. Under SQLite's limit for a row (10^9) with room; a batch is gathered in
 * memory anyway. */
#define JOURNAL_BATCH_SIZE_MAX ((size_t)256 << 20)
/* The last sequence number there can be: SQLite's integers are signed. */
#define JOURNAL_SEQUENCE_MAX ((uint64_t)INT64_MAX)
/* The longest name of a named value, without its end, and the largest value, bytes. */
#define JOURNAL_META_NAME_MAX 63
#define JOURNAL_META_SIZE_MAX 4096

/* One open journal. */
struct journal;

/* What went wrong, one sentence for the operator. Always ended. */
struct journal_error {
    char text[256];
};

/* Formats a sentence into err, cut to fit; err may be NULL. Returns -1, for `return
 * journal_fail()`. For the backends, and for snapshot files. */
int journal_fail(struct journal_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct journal_batch {
    uint64_t first;       /* sequence number of the first command, from 1 */
    uint64_t last;        /* of the last, >= first */
    const uint8_t *bytes; /* may be NULL when size is 0 */
    size_t size;          /* bytes, at most JOURNAL_BATCH_SIZE_MAX */
};

enum journal_result {
    JOURNAL_OK = 0,
    /* The batch does not follow the last one: another writer has appended, or the caller has lost
     * count. Or it is larger than a batch may be. Nothing was written, and the journal is as it
     * was. */
    JOURNAL_REFUSED,
    /* The storage failed. The batch may or may not be there after a reopen; whoever waits for it
     * must not be answered. The journal is tainted: every later append fails, until it is closed
     * and opened again. */
    JOURNAL_FAILED,
};

struct journal_options {
    const char *backend;   /* "sqlite", "memory" or "null" */
    const char *directory; /* sqlite: where the files are; made, for the owner alone, when its
                              parent exists */
    /* sqlite, for tests; NULL is the default of each. */
    const char *vfs; /* a registered SQLite VFS */
    const char
        *synchronous; /* "FULL" (default) or "OFF": OFF loses acknowledged batches in a power cut */
    /* memory: which append, counted from 1 since open, fails or is refused; 0 is none. */
    uint64_t fail_append;
    uint64_t refuse_append;
};

/* Opens the journal, making an empty one when there is none. Returns 0 and *out, closed with
 * journal_close(); or -1, err filled and *out NULL: unknown backend; directory missing or not
 * writable; open elsewhere (another process, or this one); not a journal or of another format
 * version; storage error; out of memory. Options are not kept. */
int journal_open(const struct journal_options *options, struct journal **out,
                 struct journal_error *err);

/* Opens the journal in that file (a data directory's journal.db, or a backup's) for reading alone,
 * whoever has it open: journal_last(), journal_replay(), journal_meta_get() and journal_close() are
 * all that may be called. It stays as it is now until it is closed, and for as long a daemon's log
 * cannot begin anew. As journal_open(); nothing is made or changed. */
int journal_open_file(const char *path, struct journal **out, struct journal_error *err);

/* Appends one batch whose first must be journal_last() + 1. Returns when it is durable. The bytes
 * are not kept. */
enum journal_result journal_append(struct journal *journal, const struct journal_batch *batch);

/* The last durable sequence number; 0 while the journal is empty. */
uint64_t journal_last(const struct journal *journal);

/* Why the last journal_append() that was not JOURNAL_OK was not; "" when every one was. Valid until
 * the next append or close. */
const char *journal_problem(const struct journal *journal);

/* Called for each batch of a replay. The batch's bytes are valid during the call. It must not use
 * the journal. Returns 0 to go on, anything else to stop; use positive numbers, to be told from an
 * error of the journal. */
typedef int journal_each(void *ctx, const struct journal_batch *batch);

/* Calls each(ctx, batch), in order, for the batches whose last >= from (the first of them may begin
 * before from). The sqlite backend verifies each row's chain hash before the call. Returns 0 at the
 * end; what each() returned when it stopped; -1 with err filled on a storage error or a broken
 * chain, naming the row. The null backend has none. */
int journal_replay(struct journal *journal, uint64_t from, journal_each *each, void *ctx,
                   struct journal_error *err);

/* True when enough has been appended since the last checkpoint for another to be worth its while.
 */
bool journal_checkpoint_due(const struct journal *journal);

/* Moves what has been appended from the log into its place, so that the log stays bounded; it costs
 * time and disk, and changes nothing that can be seen. Returns 0, or -1 with err filled: appends go
 * on meanwhile, but the log grows. */
int journal_checkpoint(struct journal *journal, struct journal_error *err);

/* Small named values, most of them fixed when the journal is made: format of the commands, limits.
 * get: value must have room for JOURNAL_META_SIZE_MAX bytes; returns 1 with value and
 * *size; 0 when there is no such name; -1 with err filled when it cannot be read or is damaged.
 * set: durable on return. Returns 0; setting the same bytes again is no error. -1 with err filled
 * when the name has another value already, name or value is too long or the name empty, or the
 * storage failed. change: as set, in place of whatever value the name has. The null backend takes
 * any and has none. */
int journal_meta_get(struct journal *journal, const char *name, void *value, size_t *size,
                     struct journal_error *err);
int journal_meta_set(struct journal *journal, const char *name, const void *value, size_t size,
                     struct journal_error *err);
int journal_meta_change(struct journal *journal, const char *name, const void *value, size_t size,
                        struct journal_error *err);

/* Closes and frees; nothing acknowledged depends on it. NULL is allowed. No checkpoint may be
 * running. */
void journal_close(struct journal *journal);

#endif
