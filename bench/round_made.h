/*
 * round_made.h: problems of rounds made from a seed, as a council's or a region's day might be:
 * packages of localities, services that serve one or two of them from pools that some share, within
 * realistic figures of package size and rates, and mornings that are scarce.
 */
#ifndef PM_BENCH_ROUND_MADE_H
#define PM_BENCH_ROUND_MADE_H

#include "core/solver.h"

/* Lists belong to this. */
struct round_made {
    struct solver_problem problem; /* without flaw; points to the lists */
    struct solver_item *item;
    struct solver_part *part;
    struct solver_pair *pair;
    struct solver_service *service;
    struct solver_amounts *demand, *pool;
};

/* How large, and from which seed. */
struct round_sizes {
    uint64_t seed;
    uint32_t items;    /* 1 to SOLVER_PARTS_MAX */
    uint32_t services; /* 1 to SOLVER_SERVICES_MAX */
    uint32_t bands;    /* 1 to SOLVER_BANDS */
};

/* False when memory fails or there would be too many pairs; then there is nothing to free. */
bool round_made(const struct round_sizes *sizes, struct round_made *out);
void round_made_free(struct round_made *made);

#endif
