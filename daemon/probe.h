/*
 * probe.h: how another thread learns what only the matcher may read, the core: it asks, and the
 * matcher answers between two turns. One asks at a time; the matcher never waits.
 */
#ifndef PM_DAEMON_PROBE_H
#define PM_DAEMON_PROBE_H

#include "core/core.h"
#include "daemon/doorbell.h"

#include <stdbool.h>
#include <stdint.h>

struct probe;

/* What there is in the core. */
struct figures {
    uint64_t sequence; /* of the last entry applied, which may not be durable yet */
    int64_t time;      /* ms since 1970, of the next entry */
    struct pm_core_usage usage;
    struct pm_core_waited waited;
};

/* matcher: its bell, which must outlive the probe. NULL when memory is short. Free it with
 * probe_destroy(), when neither side uses it any more; NULL is allowed there. */
struct probe *probe_create(struct doorbell *matcher);
void probe_destroy(struct probe *probe);

/* Asks, and waits so long for the answer. False, with *out as it was, when none came: the matcher
 * is stuck, or very busy; one that comes later is of no harm. One thread at a time. */
bool probe_ask(struct probe *probe, uint64_t timeout_ns, struct figures *out);

/* The matcher's thread: answers, if somebody asks. */
void probe_answer(struct probe *probe, const struct pm_core *core, int64_t time);

#endif
