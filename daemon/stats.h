/*
 * stats.h: what the daemon counts about itself, for the `stats` query. Every counter has one
 * writing thread, but requests_refused; readers may be any thread and may see counters of slightly
 * different moments.
 */
#ifndef PM_DAEMON_STATS_H
#define PM_DAEMON_STATS_H

#include "daemon/histogram.h"

#include <placemat.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum { STATS_LINE = 128 }; /* bytes between what different threads write */

struct stats {
    uint64_t started_ns; /* steady clock; written before any thread starts */

    /* The matcher's thread. */
    alignas(STATS_LINE) atomic_uint_fast64_t requests; /* taken into the pipeline */
    atomic_uint_fast64_t commands;                     /* journalled */
    atomic_uint_fast64_t clock_ahead; /* seconds that the system's clock is, and not believed */

    atomic_uint_fast64_t queued;     /* requests that wait for their connections' turns */
    atomic_uint_fast64_t request_ns; /* that one takes of late, about */

    atomic_uint_fast64_t commands_refused[PM_STATUS_COUNT]; /* by the core */

    /* The receiving threads: requests refused before the core. */
    alignas(STATS_LINE) atomic_uint_fast64_t requests_refused[PM_STATUS_COUNT];

    /* The journal thread. */
    alignas(STATS_LINE) atomic_uint_fast64_t committed; /* the last durable sequence */
    atomic_uint_fast64_t batches;
    atomic_uint_fast64_t watchers; /* parked now */
    atomic_uint_fast64_t
        committing_ns;        /* steady clock: since when it has been at one; 0: it is not */
    struct histogram commits; /* how long each took */
    struct histogram replies; /* from a request's coming to its reply's going to nng */

    /* The housekeeper. */
    alignas(STATS_LINE) atomic_uint_fast64_t snapshot; /* sequence of the newest snapshot */
};

static inline uint64_t stats_read(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* For the counter's one writer: no locked instruction. */
static inline void stats_add(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_store_explicit(counter, stats_read(counter) + more, memory_order_relaxed);
}

/* Of all statuses. */
static inline uint64_t stats_sum(const atomic_uint_fast64_t *by_status)
{
    uint64_t sum = 0;
    for (unsigned status = 0; status < PM_STATUS_COUNT; status++)
        sum += stats_read(&by_status[status]);
    return sum;
}

#endif
