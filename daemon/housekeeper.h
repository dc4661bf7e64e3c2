/*
 * housekeeper.h: a thread for what must not keep commits waiting: seeing snapshots to their end,
 * and moving the journal's log into its place, and a sign of life.
 */
#ifndef PM_DAEMON_HOUSEKEEPER_H
#define PM_DAEMON_HOUSEKEEPER_H

#include "daemon/batch.h"
#include "daemon/journal.h"
#include "daemon/stats.h"

#include <stdbool.h>

struct housekeeper;

/* Starts the thread. The arguments must outlive it; of the core it looks after the
 * memory alone. `lives`: it says in the directory, every few
 * seconds and at its end, that the daemon is there. NULL when it cannot. */
struct housekeeper *housekeeper_start(const char *directory, bool lives, struct journal *journal,
                                      struct pm_core *core, struct stats *stats);

/* Finishes what it has been given, a snapshot within a minute or not at all, and ends the thread.
 * NULL is allowed. */
void housekeeper_stop(struct housekeeper *housekeeper);

/* May a snapshot be begun? There is one at a time. If so, it is then to be given. */
bool housekeeper_begin_snapshot(struct housekeeper *housekeeper);

/* The snapshot that was begun, whose state is durable now; taken over. NULL: there is none after
 * all. Any thread. */
void housekeeper_snapshot(struct housekeeper *housekeeper, struct saver *snapshot);

/* Time to see whether a checkpoint is due. Any thread. */
void housekeeper_call(struct housekeeper *housekeeper);

#endif
