/*
 * query.h: the queries that ask about the daemon rather than the market.
 */
#ifndef PM_DAEMON_QUERY_H
#define PM_DAEMON_QUERY_H

#include "core/core.h"
#include "daemon/metrics.h"

/* One map of counters; `time`: of the next entry, in ms. The matcher's thread. */
void query_stats(const struct pm_core *core, const struct metrics_sources *sources, int64_t time,
                 struct wire_writer *out);

/* Sequence and digest of the whole state. The matcher's thread; takes as long as reading all of it.
 */
void query_digest(const struct pm_core *core, struct wire_writer *out);

#endif
