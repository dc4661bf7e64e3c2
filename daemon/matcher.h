/*
 * matcher.h: the one thread that owns the core. It gives each command its sequence and time,
 * applies it, and passes what came of it to the journal thread. Answers queries from the state it
 * has.
 */
#ifndef PM_DAEMON_MATCHER_H
#define PM_DAEMON_MATCHER_H

#include "core/core.h"
#include "daemon/doorbell.h"
#include "daemon/handover.h"
#include "daemon/housekeeper.h"
#include "daemon/metrics.h"
#include "daemon/ring.h"
#include "daemon/rounds.h"
#include "daemon/stats.h"

#include <stdbool.h>
#include <stdint.h>

struct matcher;

struct matcher_options {
    struct pm_core *core; /* the thread's own from start to stop */
    struct ring *ring;    /* requests, from the server */
    struct doorbell *bell;
    struct handover *handover;
    struct housekeeper *housekeeper;
    const char *directory; /* for snapshots */
    struct rounds *rounds; /* who solves them; NULL: nobody does */
    struct stats *stats;
    uint32_t connections_max;              /* at a time */
    const struct metrics_sources *metrics; /* what `stats` shows */
    struct probe *probe;
    bool manual_clock;
    uint64_t snapshot_every; /* entries; 0: never */
    uint64_t snapshot_last;  /* sequence of the newest snapshot there is */
};

/* Starts the thread; what the options name must outlive it. NULL when it cannot. */
struct matcher *matcher_start(const struct matcher_options *options);

/* Does what is in the ring, saves the state if that is worthwhile, publishes all of it, and ends.
 * NULL is allowed. */
void matcher_stop(struct matcher *matcher);

#endif
