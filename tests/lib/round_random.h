/*
 * round_random.h - small random problems of a round, with words, for tests: of every feature
 * (several parts, bands, pools shared, caps, classes) and of several hostile kinds.
 */
#ifndef PM_TEST_ROUND_RANDOM_H
#define PM_TEST_ROUND_RANDOM_H

#include "core/wire_problem.h"
#include "tests/lib/random.h"

enum {
    ROUND_ITEMS = 10,
    ROUND_PARTS = 10,
    ROUND_SERVICES = 6,
    ROUND_POOLS = 4,
    ROUND_CAPS = 2,
    ROUND_PAIRS = ROUND_PARTS * ROUND_SERVICES,
    ROUND_KINDS = 2,
};

/* What is peculiar about a problem. */
enum round_sort {
    ROUND_PLAIN,
    ROUND_TIGHT,       /* room for about half */
    ROUND_NO_CAPACITY, /* no pool has any */
    ROUND_NO_PAIRS,    /* nothing is eligible */
    ROUND_EQUAL,       /* all costs and demands are the same */
    ROUND_LIMITS,      /* costs, demands and capacities at solver.h's limits */
    ROUND_MISFIT,      /* an item is larger than any pool */
    ROUND_ONE_POOL,    /* all services draw on one pool */
    ROUND_SORTS
};

/* A problem and its arrays, which it points into: not to be copied. */
struct round_sample {
    enum round_sort sort;
    struct wire_problem wire;
    struct wire_kind kind[ROUND_KINDS];
    struct pm_text item_name[ROUND_ITEMS], part_name[ROUND_PARTS], service_name[ROUND_SERVICES];
    struct pm_text pool_name[ROUND_POOLS], locality[ROUND_POOLS], cap_name[ROUND_CAPS];
    uint8_t pool_kind[ROUND_POOLS];
    struct solver_item item[ROUND_ITEMS + 1];
    struct solver_part part[ROUND_PARTS + 1];
    struct solver_pair pair[ROUND_PAIRS];
    struct solver_service service[ROUND_SERVICES];
    struct solver_amounts demand[ROUND_PAIRS], pool[ROUND_POOLS];
    int32_t cap[ROUND_CAPS];
};

/* Has the problem point to the arrays. */
void round_sample_point(struct round_sample *out);

/* A problem without flaw. One in so many is of each hostile sort; at most 100,000 combinations of
 * choices, so that all can be tried. */
void round_random(struct random *random, struct round_sample *out);

/* A result and its arrays, which it points into. */
struct round_result {
    struct solver_result result;
    uint32_t choice[ROUND_PARTS];
    int64_t pool_price[SOLVER_STAGES][ROUND_POOLS * SOLVER_BANDS];
    int64_t cap_price[SOLVER_STAGES][ROUND_CAPS];
};

/* Any choices, values and prices within their ranges: nothing of it need be true. */
void round_random_result(struct random *random, const struct solver_problem *problem,
                         struct round_result *out);

#endif
