/*
 * rank.h - which of those who may be asked are best. Integers only.
 *
 * The base score of a service (a block paid for already; price and quality by the kind's weights)
 * depends on no other provider and no package, so services lie sorted by it. To it the kind adds
 * bounded bonuses for one package: continuity, clustering, preference. Equal scores are settled by
 * the fewest units placed with the provider this quarter, then by a hash of market salt, package
 * and service that nobody can choose.
 */
#ifndef PM_RANK_H
#define PM_RANK_H

#include "state.h"

/* A block comes before whatever else: price and quality are 0..20000 together, where 10000 is the
 * reference rate or the best quality, and the bonuses at most as much each. */
enum { SCORE_BLOCK = 100000 };

/* The parts of a score. */
struct score {
    int32_t block, price, quality;
    int32_t continuity, cluster, preference;
};
/* Price and quality alone. */
struct score score_of(const struct pm_kind *kind, int32_t rate, int32_t quality);
/* What a service's score for a package is made of, at the service's rate in force. */
struct score score_for(const struct pm_core *core, uint32_t package, uint32_t service);
int32_t score_sum(const struct score *score);
/* The score of a tender at another rate: for a rate that is invited, no block counts. */
int32_t score_at_rate(const struct pm_core *core, uint32_t package, uint32_t service, int32_t rate);

struct ranked {
    uint32_t service;
    int32_t score;
};
/* The order between two services for a package. True when a goes before b. */
bool rank_before(const struct pm_core *core, uint32_t package, struct ranked a, struct ranked b);

/* The best eligible services for a package at a step, the best first; how many were found, at most
 * `most`, which is at most PM_INVITED_MAX. */
uint32_t rank_best(struct pm_core *core, uint32_t package, unsigned step, uint32_t most,
                   struct ranked *out);

#endif
