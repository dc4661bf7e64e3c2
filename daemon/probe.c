/*
 * probe.c: see probe.h. The figures belong to the matcher while `state` is ASKED, else to who asks.
 */
#include "probe.h"

#include "daemon/clock.h"

#include <stdatomic.h>
#include <stdlib.h>

enum probe_state { PROBE_IDLE, PROBE_ASKED, PROBE_ANSWERED };

struct probe {
    atomic_int state;
    struct figures figures;
    struct doorbell *matcher, *answered;
};

struct probe *probe_create(struct doorbell *matcher)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        return NULL;
    probe->matcher = matcher;
    probe->answered = doorbell_create(0);
    if (probe->answered)
        return probe;
    free(probe);
    return NULL;
}

void probe_destroy(struct probe *probe)
{
    if (!probe)
        return;
    doorbell_destroy(probe->answered);
    free(probe);
}

bool probe_ask(struct probe *probe, uint64_t timeout_ns, struct figures *out)
{
    uint64_t end = clock_steady_ns() + timeout_ns;
    atomic_store(&probe->state, PROBE_ASKED); /* what was answered too late is asked anew */
    doorbell_ring(probe->matcher);
    while (atomic_load_explicit(&probe->state, memory_order_acquire) != PROBE_ANSWERED) {
        uint64_t now = clock_steady_ns();
        if (now >= end)
            return false;
        doorbell_wait(probe->answered, end - now);
    }
    *out = probe->figures;
    atomic_store_explicit(&probe->state, PROBE_IDLE, memory_order_relaxed);
    return true;
}

void probe_answer(struct probe *probe, const struct pm_core *core, int64_t time)
{
    if (atomic_load_explicit(&probe->state, memory_order_acquire) != PROBE_ASKED)
        return;
    probe->figures = (struct figures){.sequence = pm_core_sequence(core),
                                      .time = time,
                                      .usage = pm_core_usage(core),
                                      .waited = pm_core_waited(core, time)};
    atomic_store_explicit(&probe->state, PROBE_ANSWERED, memory_order_release);
    doorbell_ring(probe->answered);
}
