/* plan.h - memory laid out: measured in a first round with no base, given out in a second. */
#ifndef PM_PLAN_H
#define PM_PLAN_H

#include <stddef.h>
#include <stdint.h>

enum { ALIGNMENT = 64 }; /* a cache line */

struct plan {
    uint8_t *base; /* NULL: only measuring; otherwise aligned */
    size_t used;
};

static inline void *plan_take(struct plan *plan, size_t count, size_t size)
{
    void *at = plan->base == NULL ? NULL : plan->base + plan->used;
    plan->used += (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

#endif
