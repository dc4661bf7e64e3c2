/*
 * saver.h: a snapshot of the state at one moment, written by a child process while the daemon goes
 * on. The child has the memory as it was when it was forked, of which only what changes is copied:
 * so nobody waits while the whole is, and there need not be twice as much.
 */
#ifndef PM_DAEMON_SAVER_H
#define PM_DAEMON_SAVER_H

#include "core/core.h"
#include "daemon/journal.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct saver;

/* Begins to write the core's state beside the journal in the directory. The thread that changes the
 * core, between two entries. Then for one publish or abandon, and no other before that. NULL with
 * err filled when it cannot. */
struct saver *saver_start(const char *directory, const struct pm_core *core,
                          struct journal_error *err);

/* The sequence of the state. */
uint64_t saver_sequence(const struct saver *saver);

/* The child; 0 when it has been seen that it ended. */
pid_t saver_process(const struct saver *saver);

/* Has the child ended? */
bool saver_ended(struct saver *saver);

/* Gives the file of a child that has ended its name; to be called once the state is durable. Frees.
 * Returns 0 and the file's *bytes; or -1 with err filled. */
int saver_publish(struct saver *saver, uint64_t *bytes, struct journal_error *err);

/* Ends the child and frees. NULL is allowed. */
void saver_abandon(struct saver *saver);

#endif
