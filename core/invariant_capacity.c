/*
 * invariant_capacity.c - what pools have committed and held is the sum of what hangs on them.
 * Summed for some pools at a time, since nothing may be allocated.
 */
#include "invariant.h"

#include <string.h>

enum { SOME = 128 };

/* Of the pools [from, from + SOME). */
struct sums {
    uint32_t from;
    int64_t committed[SOME][PM_BANDS_MAX], held[SOME][PM_BANDS_MAX];
};

static void add(int64_t sums[SOME][PM_BANDS_MAX], uint32_t at, const int32_t *demand)
{
    if (at >= SOME)
        return;
    for (int band = 0; band < PM_BANDS_MAX; band++)
        sums[at][band] += demand[band];
}

static void sum_up(const struct pm_core *core, struct sums *sums)
{
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PLACEMENTS], slot)) != 0;) {
        const struct placement *placement = placement_at(core, slot);
        if (placement->state != PM_PLACEMENT_ENDED)
            add(sums->committed, service_at(core, placement->service)->pool - sums->from,
                placement->demand);
    }
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_OFFERS], slot)) != 0;) {
        const struct offer *offer = offer_at(core, slot);
        if (offer->holds)
            add(sums->held, service_at(core, offer->service)->pool - sums->from,
                package_at(core, offer->package)->demand);
    }
}

static bool check_pool(const struct check *check, const struct sums *sums, uint32_t slot)
{
    const struct pool *pool = pool_at(check->core, slot);
    for (int band = 0; band < PM_BANDS_MAX; band++) {
        if (pool->committed[band] != sums->committed[slot - sums->from][band])
            return broken(check, "pools", slot, "it has not committed what its placements take");
        if (pool->held[band] != sums->held[slot - sums->from][band])
            return broken(check, "pools", slot, "it does not hold what its offers hold");
        if (band >= pool->bands &&
            (pool->declared[band] | pool->committed[band] | pool->held[band]) != 0)
            return broken(check, "pools", slot, "it has capacity in a band it has not");
    }
    return true;
}

bool check_capacity(const struct check *check)
{
    const struct table *pools = &check->core->table[TABLE_POOLS];
    struct sums sums;
    for (uint32_t from = 1; from <= pools->high; from += SOME) {
        memset(&sums, 0, sizeof sums);
        sums.from = from;
        sum_up(check->core, &sums);
        for (uint32_t slot = from; slot < from + SOME; slot++)
            if (table_is_used(pools, slot) && !check_pool(check, &sums, slot))
                return false;
    }
    return true;
}
