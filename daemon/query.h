/*
 * query.h: the queries that ask about the daemon rather than the market.
 */
#ifndef PM_DAEMON_QUERY_H
#define PM_DAEMON_QUERY_H

#include "core/core.h"
#include "daemon/connection.h"
#include "daemon/ring.h"
#include "daemon/stats.h"

/* What `stats` shows, beside the core's own. */
struct query_sources {
    const struct pm_core *core;
    const struct stats *stats;
    const struct ring *ring;
    const struct connections *connections;
};

/* One map of counters. The matcher's thread. */
void query_stats(const struct query_sources *sources, struct wire_writer *out);

/* Sequence and digest of the whole state. The matcher's thread; takes as long as reading all of it.
 */
void query_digest(const struct pm_core *core, struct wire_writer *out);

#endif
