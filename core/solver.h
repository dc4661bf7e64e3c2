/*
 * solver.h - the round's problem solved: which items are served, and by whom.
 *
 * Generalised assignment with several resources: each part of an item takes at most one of its
 * pairs (a service that may serve it, at a cost); an item counts as placed when all its parts have
 * one, and otherwise none has. What is taken of a pool's bands, and of a share cap, does not exceed
 * what is there. The objective is a vector, smallest first: items of class 0 not placed, of class
 * 1, 2, 3, then the cost of all pairs taken. The solver works it off in stages; each later stage
 * pins what the earlier ones reached.
 *
 * A stage's multipliers (prices) prove a bound. With S = scale, prices all >= 0 and
 *
 *   worth of an item not placed   U(item) = the price of its class, if an earlier stage pinned it;
 *                                           1 << S, if this stage counts its class; else 0
 *
 *   price of a pair               r(pair) = (stage of cost ? cost << S : 0)
 *                                           + sum over bands of demand * price of the pool's band
 *                                           + units of the part * price of the service's cap
 *
 *   L = sum over items of min(U, sum over parts of the least r)
 *       - sum over pools' bands of usable * price - sum over caps of units * price
 *       - sum over pinned classes of items not placed there * price
 *
 * no assignment that respects the pins has a value below L / 2^S; values being whole, none below
 * its ceiling, the bound. A part without pairs has r = infinity. In the stage of cost all four
 * classes are pinned.
 *
 * What pairs ask of a pool's band are multiples of a *step*, their greatest common divisor (visits
 * are of so many quarters of an hour on so many days). So of its capacity, what is left over of
 * whole steps is of use to nobody, and *usable* is the rest.
 *
 * Pure: no clock, no allocation, no floating point; the same problem, options and answers of `gone`
 * give the same result on any machine.
 */
#ifndef PM_SOLVER_H
#define PM_SOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOLVER_BANDS = 8,
    SOLVER_CLASSES = 4,                  /* of urgency, 0 the most urgent */
    SOLVER_STAGES = SOLVER_CLASSES + 1,  /* one for each class, then cost */
    SOLVER_COST = SOLVER_CLASSES,        /* the stage of cost */
    SOLVER_PARTS_MAX = 1 << 16,          /* also bounds items */
    SOLVER_SERVICES_MAX = 1 << 16,       /* also bounds pools and caps */
    SOLVER_PAIRS_MAX = 1 << 25,          /* also bounds demands */
    SOLVER_DEMAND_MAX = (1 << 24) - 1,   /* of a part in a band, and its units */
    SOLVER_COST_MAX = (1 << 28) - 1,     /* of a pair */
    SOLVER_CAPACITY_MAX = (1 << 30) - 1, /* of a band; above: as good as no limit */
};
/* Prices in a certificate: so that no sum overflows 128 bits. */
#define SOLVER_PRICE_MAX INT64_C(0x7fffffff)      /* of a unit of a band or cap, scaled */
#define SOLVER_CLASS_PRICE_MAX (INT64_C(1) << 56) /* of an item not placed, scaled */
enum { SOLVER_SCALE_MAX = 20 };

/* Each array of `first` has one entry more than there are records, which ends the last. */
struct solver_item {
    uint32_t first_part;
    uint32_t class; /* 0..3 */
};
struct solver_part {
    uint32_t first_pair;
    int32_t units; /* >= 0: what it takes of a share cap */
};
struct solver_pair {
    uint32_t service;
    uint32_t demand; /* which row of demands it takes of the service's pool */
    int32_t cost;    /* >= 0 */
};
struct solver_service {
    uint32_t pool;
    uint32_t cap; /* 1 + its position; 0: none */
};
struct solver_amounts {
    int32_t band[SOLVER_BANDS]; /* >= 0; 0 beyond the problem's bands */
};

/* Everything belongs to the caller, and is only read. */
struct solver_problem {
    uint32_t items, parts, pairs, services, pools, caps, demands;
    uint32_t bands;                 /* 1..8 */
    const struct solver_item *item; /* items + 1 */
    const struct solver_part *part; /* parts + 1 */
    const struct solver_pair *pair; /* pairs; of one part, each service at most once */
    const struct solver_service *service;
    const struct solver_amounts *demand;
    const struct solver_amounts *pool; /* what is free of each */
    const int32_t *cap;                /* what is left of each share cap */
};

/* Null when the problem is within all limits, every index in range and every first in order; else a
 * sentence that says what is not. Everything below expects a problem that is. */
const char *solver_flaw(const struct solver_problem *problem);

/* What a stage reached, and what is proven of it. Lists are in the workspace. */
struct solver_stage {
    int64_t value; /* items not placed, or cost */
    int64_t bound; /* no assignment that respects the pins has less */
    bool optimal;  /* nothing less is possible: bound == value, or search has shown it */
    uint8_t scale; /* 0..SOLVER_SCALE_MAX */
    const int64_t *pool_price; /* pools * SOLVER_BANDS, 0..SOLVER_PRICE_MAX; null: all 0 */
    const int64_t *cap_price;  /* caps, likewise; null: all 0 */
    int64_t class_price[SOLVER_CLASSES]; /* of pinned classes; others 0 */
};

struct solver_result {
    const uint32_t *choice; /* parts: 1 + the pair taken; 0: none. In the workspace */
    struct solver_stage stage[SOLVER_STAGES];
};

/* How far it is; what `gone` is asked with. */
struct solver_progress {
    uint64_t work;                /* of the budget, spent */
    int64_t value[SOLVER_STAGES]; /* of the best so far */
    int64_t bound;                /* of its cost */
};

struct solver_options {
    uint64_t budget; /* of work; 0: as much as the problem's size seems to deserve */
    /* Asked every few hundred microseconds: how much of the time there is has gone, in thousandths;
     * 1000 or more: end with the best there is. Null: the budget alone says. */
    unsigned (*gone)(void *context, const struct solver_progress *progress);
    void *context;
};

/* A price of a stage, in hundredths of a unit of its value, rounded to the nearest: of cost, of a
 * penny. */
static inline int64_t solver_hundredths(int64_t price, unsigned scale)
{
    return (int64_t)(((uint64_t)price * 200 + (UINT64_C(1) << scale)) >> (scale + 1));
}

/* Bytes of workspace that the problem needs, to be aligned to 64. */
size_t solver_workspace(const struct solver_problem *problem);

/* Solves it. The result's lists are in the workspace, valid while that is. */
void solver_solve(const struct solver_problem *problem, const struct solver_options *options,
                  void *workspace, struct solver_result *result);

/* The steps of so many pools' bands, from one on: 0 where no pair asks for any. */
void solver_steps(const struct solver_problem *problem, uint32_t from, uint32_t count,
                  struct solver_amounts *step);
/* The greatest common divisor; of 0 and a number, the number. */
static inline int32_t solver_divisor(int32_t one, int32_t other)
{
    while (other != 0) {
        int32_t rest = one % other;
        one = other;
        other = rest;
    }
    return one;
}
/* What of a capacity is usable in such steps. */
static inline int32_t solver_usable(int32_t capacity, int32_t step)
{
    return step == 0 ? 0 : capacity - capacity % step;
}

/* The bound that prices prove (see above), and the values of an assignment; both in one pass.
 * `stage` is which; `pinned` are the values of the stages before it. */
int64_t solver_bound(const struct solver_problem *problem, int stage,
                     const struct solver_stage *prices, const int64_t pinned[SOLVER_CLASSES]);
/* False when the choices are no assignment: a pair not of its part, an item in part, more taken
 * than is there. */
bool solver_values(const struct solver_problem *problem, const uint32_t *choice,
                   int64_t value[SOLVER_STAGES]);

#endif
