/*
 * pool.h - capacity: the only place that changes what a pool has declared, committed and held.
 *
 * free = declared - committed - held, in each band. A placement commits, an open offer holds. When
 * anything grows, the rosters are told and the packages that wait for it are stirred.
 */
#ifndef PM_POOL_H
#define PM_POOL_H

#include "state.h"

static inline int64_t pool_free(const struct pool *pool, unsigned band)
{
    return (int64_t)pool->declared[band] - pool->committed[band] - pool->held[band];
}

/* An open offer takes and gives back; an accepted one turns into a placement, which gives back at
 * its end. */
void pool_hold(struct pm_core *core, uint32_t pool, const int32_t *demand);
void pool_unhold(struct pm_core *core, uint32_t pool, const int32_t *demand);
void pool_commit(struct pm_core *core, uint32_t pool, const int32_t *demand); /* of what was held */
void pool_uncommit(struct pm_core *core, uint32_t pool, const int32_t *demand);

/* pool.put and capacity.set. */
struct pm_result pool_put(struct pm_core *core, uint32_t market, const struct pm_pool_put *put);
struct pm_result capacity_set(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_capacity_set *set);
/* The declaration's time is over. */
void pool_lapse(struct pm_core *core, uint32_t pool);

#endif
