/*
 * pool.h - capacity: the only place that changes what a pool has declared, committed and held.
 *
 * free = declared - committed - held, in each band. A placement commits, an open offer holds. When
 * anything grows, the rosters are told and the packages that wait for it are stirred.
 */
#ifndef PM_POOL_H
#define PM_POOL_H

#include "bands.h"
#include "state.h"

static inline int64_t pool_free(const struct pool *pool, unsigned band)
{
    return (int64_t)pool->declared[band] - pool->committed[band] - pool->held[band];
}

/* In every band, of a pool that declares: no state that holds its invariants overflows. */
static inline void pool_free_all(const struct pool *pool, int32_t out[PM_BANDS_MAX])
{
    memcpy(out, pool->declared, sizeof pool->declared);
    bands_subtract(out, pool->committed);
    bands_subtract(out, pool->held);
}

/* What a pool can still take in a band. One that declares nothing is bounded by its counters
 * alone. */
static inline int64_t pool_room(const struct pool *pool, unsigned band)
{
    if (pool->capacity == POOL_DECLARED)
        return pool_free(pool, band);
    if (pool->capacity == POOL_LAPSED)
        return 0;
    return (int64_t)INT32_MAX - pool->committed[band] - pool->held[band];
}

/* An open offer takes and gives back; an accepted one turns into a placement, which gives back at
 * its end. */
void pool_hold(struct pm_core *core, uint32_t pool, const int32_t *demand);
void pool_unhold(struct pm_core *core, uint32_t pool, const int32_t *demand);
void pool_commit(struct pm_core *core, uint32_t pool, const int32_t *demand); /* of what was held */
void pool_uncommit(struct pm_core *core, uint32_t pool, const int32_t *demand);
/* What was held for a moment is released, and nobody is told. */
void pool_release(struct pm_core *core, uint32_t pool, const int32_t *demand);
/* What is committed to a placement changes. */
void pool_resize(struct pm_core *core, uint32_t pool, const int32_t *before, const int32_t *after);
/* Have the counters room for so much more in every band? */
bool pool_has_margin(const struct pm_core *core, uint32_t pool, int32_t amount);
/* Care that comes with its carers, or goes over with them to another pool: what is free stays as it
 * is. There is a margin; to hand over does nothing, and returns false, when there is none. */
void pool_bring(struct pm_core *core, uint32_t pool, const int32_t *demand);
bool pool_hand_over(struct pm_core *core, uint32_t pool, uint32_t to, const int32_t *demand);

/* pool.put and capacity.set. */
struct pm_result pool_put(struct pm_core *core, uint32_t market, const struct pm_pool_put *put);
struct pm_result capacity_set(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_capacity_set *set);
/* The declaration's time is over. */
void pool_lapse(struct pm_core *core, uint32_t pool);

#endif
