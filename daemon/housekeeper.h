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

/* A snapshot that takes so long is warned of, and each time again; and for so long one is waited
 * for at the end, less than the unit gives the daemon to stop. In nanoseconds. */
#define HOUSEKEEPER_LATE_NS UINT64_C(600000000000)
#define HOUSEKEEPER_FAREWELL_NS UINT64_C(60000000000)

/* What it looks after; all of it must outlive the thread. */
struct housekeeper_options {
    const char *directory;
    bool lives; /* it says there, every few seconds and at its end, that the daemon is there */
    struct journal *journal;
    struct pm_core *core; /* its memory alone */
    struct stats *stats;
    uint64_t late_ns, farewell_ns; /* other times, for tests; 0: the above */
};

/* Starts the thread. NULL when it cannot. */
struct housekeeper *housekeeper_start(const struct housekeeper_options *options);

/* Finishes what it has been given, a snapshot in time or not at all, and ends the thread. NULL is
 * allowed. */
void housekeeper_stop(struct housekeeper *housekeeper);

/* May a snapshot be begun? There is one at a time. If so, it is then to be given. */
bool housekeeper_begin_snapshot(struct housekeeper *housekeeper);

/* The snapshot that was begun, whose state is durable now; taken over. NULL: there is none after
 * all. Any thread. */
void housekeeper_snapshot(struct housekeeper *housekeeper, struct saver *snapshot);

/* Time to see whether a checkpoint is due. Any thread. */
void housekeeper_call(struct housekeeper *housekeeper);

#endif
