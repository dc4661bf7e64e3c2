/*
 * rank.h - which of those who may be asked is best. Integers only.
 *
 * The base score of a service (price and quality by the kind's weights) depends on no other
 * provider and no package. Equal scores are settled by the fewest units placed with the provider
 * this quarter, then by a hash of market salt, package and service that nobody can choose.
 */
#ifndef PM_RANK_H
#define PM_RANK_H

#include "state.h"

/* Price and quality parts are 0..20000 together: 10000 is the reference rate, or the best
 * quality. */
struct score {
    int32_t price, quality;
};
struct score score_of(const struct pm_kind *kind, int32_t rate, int32_t quality);

/* The order between two services of equal base score for a package. True when a goes before b. */
bool rank_before(const struct pm_core *core, uint32_t package, uint32_t a, uint32_t b);

/* The best eligible service for a package at a step; 0 when there is none. */
uint32_t rank_best(struct pm_core *core, uint32_t package, unsigned step);

#endif
