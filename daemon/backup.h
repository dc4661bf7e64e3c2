/*
 * backup.h: a data directory copied, and brought back: which is the same. What is copied is the
 * journal, in which everything is, who may log in, and the rounds' certificates; snapshots are made
 * anew from the journal.
 *
 * A daemon may be serving from the directory meanwhile: the copy is of one moment, and holds all
 * that was acknowledged before it was begun.
 */
#ifndef PM_DAEMON_BACKUP_H
#define PM_DAEMON_BACKUP_H

#include "daemon/journal.h"

/* Told now and then how far it is. */
struct backup_progress {
    void (*tell)(void *context, const char *doing, uint64_t done, uint64_t of);
    void *context;
};

/* Makes the directory `to`, for its owner alone, a copy of the directory `from`; it must not be
 * there yet, or be empty. The copy's journal is verified from its first batch to its last, and
 * durable; it appears under its name whole, or not at all. Returns 0 with the journal's last
 * sequence in *last, or -1 with err filled. */
int backup_copy(const char *from, const char *to, const struct backup_progress *progress,
                uint64_t *last, struct journal_error *err);

/* Verifies the journal in the file: its chain, and that every command in it can be read. Returns 0
 * with its last sequence in *last, or -1 with err filled, which names the batch. */
int backup_verify(const char *path, const struct backup_progress *progress, uint64_t *last,
                  struct journal_error *err);

#endif
