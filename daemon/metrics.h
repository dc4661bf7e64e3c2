/*
 * metrics.h: the daemon in numbers, in Prometheus's text format 0.0.4. Each metric's HELP says what
 * it is and what to do about it; placematd(8) explains them at length.
 */
#ifndef PM_DAEMON_METRICS_H
#define PM_DAEMON_METRICS_H

#include "daemon/connection.h"
#include "daemon/probe.h"
#include "daemon/ring.h"
#include "daemon/stats.h"

#include <stddef.h>

/* What is counted, where. All must outlive those that read it. */
struct metrics_sources {
    const struct stats *stats;
    const struct ring *ring;
    const struct connections *connections;
    const struct pm_limits *limits;
    struct probe *probe;
};

/* All metrics as text, to be freed, and its size; NULL when memory is short. figures: NULL when the
 * matcher gave none: those of the core are then left out, and placemat_up is 0. */
char *metrics_text(const struct metrics_sources *sources, const struct figures *figures,
                   size_t *size);

/* Why the daemon is not well, in a line; "" when it is. figures: as above. */
enum { METRICS_STUCK_S = 10 }; /* in one commit */
void metrics_ail(const struct metrics_sources *sources, const struct figures *figures,
                 char out[256]);

#endif
