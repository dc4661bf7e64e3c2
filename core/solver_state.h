/*
 * solver_state.h - what the solver works on. Included by core/solver*.c and its test alone.
 *
 * A *source* is what pairs take of: the pools, then the share caps (one band each), then one
 * without limit, for pairs without a cap. A *way* is a pair that fits, were it alone. Ways refer to
 * each other by position. Prices and everything reduced by them are scaled by 1 << scale.
 */
#ifndef PM_SOLVER_STATE_H
#define PM_SOLVER_STATE_H

#include "solver.h"
#include "solver_room.h"

enum {
    BANDS = SOLVER_BANDS,
    CANDIDATES = 16, /* ways of a part that the search looks at, the cheapest at the prices */
};
typedef __int128 wide; /* sums that 64 bits do not hold */

/* How a proof ended; of several together, the last that one of them ended with. */
enum proof_end {
    PROOF_DONE,     /* nothing is better than the best */
    PROOF_CUT,      /* it took more work than there was */
    PROOF_MANY,     /* so much might be better that it would take much more */
    PROOF_HOPELESS, /* it is too large */
};

struct way {
    uint32_t pool; /* source */
    uint32_t cap;  /* source */
    int32_t cost;
    int32_t amount; /* what it takes of the pool's first band: all there is to know with one band */
};
/* A way that the search looks at, beside what it needs of it: ways lie far apart. */
struct candidate {
    struct way way;
    const int32_t *takes;
    int64_t reduced; /* what it costs at the prices */
    uint32_t at;     /* position of the way */
};

/* Prices of `count` rows that are being raised. Those of a source's bands stand together. */
struct rows {
    uint32_t count;
    int64_t *price;     /* >= 0, with PRICE_FRACTION bits more than scale */
    int64_t *direction; /* what is asked beyond what is there, smoothed; DIRECTION_FRACTION bits */
    /* Of the step that is being made: the rows that move, and the direction in the row's unit. */
    uint32_t moving, *moves;
    int64_t *size;
    int32_t *unit;    /* > 0: what a usual demand is, so that rows are comparable */
    uint32_t limited; /* rows below have a price of at most SOLVER_PRICE_MAX */
};
enum { PRICE_FRACTION = 8, DIRECTION_FRACTION = 4 };
struct ascent {
    struct rows rows;         /* of what may be short, then of the classes */
    uint32_t *row;            /* which those are: source * BANDS + band */
    uint32_t (*price)[BANDS]; /* by source: the rows' whole parts; what is never short costs 0 */
    int64_t *load;            /* by source and band, then by class: what is asked */
    uint32_t *choice;         /* by part: way */
    int64_t *best;            /* by row: prices of the best bound, with their fraction */
    wide level;               /* how far above it the next ascent aims; 0: not known */
};

/* How the search spends its time. */
struct manner {
    unsigned price_steps;         /* by which the first prices are raised */
    uint32_t nodes, nodes_few;    /* that a patch's search looks at; where there are few parts */
    int climb_steps;              /* by which a patch's prices are raised */
    uint32_t slack_least;         /* of what the size leaves time for, in sixteenths */
    uint32_t drawn_most;          /* parts that the one with most regret is drawn from */
    uint32_t part_work, way_work; /* what a part, and a way, adds to the budget; */
    uint32_t to_prove; /* which is so many times that where a proof may come to its end */
};

struct solver {
    const struct solver_problem *problem;
    const struct manner *manner;
    uint32_t bands, sources, unlimited; /* unlimited: the last source */
    int scale;
    int64_t out[SOLVER_CLASSES];            /* what an item not placed weighs beside costs */
    struct solver_amounts *capacity, *free; /* by source: what is usable; what of it is free */
    uint32_t (*price)[BANDS];               /* by source; the best found */
    wide bound;                             /* L at these prices, by weight; < 0: not known */
    int32_t *unit;                          /* by source and band: what a usual demand is */
    struct solver_amounts *units;           /* by part: what it takes of a cap */
    uint32_t *item;                         /* by part */
    uint32_t *first_way;                    /* parts + 1 */
    struct way *way;
    uint32_t *pair;
    const struct solver_amounts **takes; /* by way: of its pool */
    /* What the search looks at */
    struct candidate (*candidate)[CANDIDATES]; /* by part, the cheapest first */
    uint8_t *candidates;
    int64_t *cheapest; /* by part: what the first costs at the prices */
    /* The assignment it is at, and the best one there was */
    uint32_t *taken, *best; /* by part: 1 + way; 0: none */
    struct candidate *has;  /* by part: the way taken, if any */
    int64_t *regret; /* by part: how much dearer that is than the cheapest, at the prices; of none,
                        INT64_MAX */
    int64_t value[SOLVER_STAGES], best_value[SOLVER_STAGES];
    uint32_t *first_member, *next, *previous; /* by source, by part: 1 + part; those not placed are
                                                 members of the one without limit */
    uint8_t *near;                            /* by source: 1 + its position in the patch */
    struct patch *patch;
    struct chain *chain;
    struct knots *knots;
    uint64_t next_proof; /* when so much work is done the next proof is tried */
    struct ascent ascent;
    int64_t *pool_price[SOLVER_STAGES], *cap_price[SOLVER_STAGES];
    uint32_t used_pools;
    uint32_t reach; /* pools of a patch, in 64ths */
    int64_t window; /* how much beyond its bound a patch in which all are to be placed may cost */
    int proven;     /* of the stages so many, the first: nothing better than the best is possible */
    uint64_t random, work, budget, usual; /* usual: what a problem of its size is given */
    uint64_t renewing;                    /* of the work, what chains were sought with */
    uint64_t asked; /* the work when it was last asked how much time has gone: */
    unsigned gone;  /* thousandths */
    const struct solver_options *options;
};

static inline uint32_t solver_random(struct solver *s, uint32_t below)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((s->random >> 32) * below >> 32);
}
static inline uint32_t class_of(const struct solver *s, uint32_t part)
{
    return s->problem->item[s->item[part]].class;
}
static inline bool alone(const struct solver *s, uint32_t part)
{
    const struct solver_item *item = &s->problem->item[s->item[part]];
    return item[1].first_part - item->first_part == 1;
}

/* ---- solver.c ---- */

/* Asks how much time has gone. */
void solver_look_at_time(struct solver *s);
/* Asks it when there has been some work since; says whether all has gone. */
bool solver_time_is_up(struct solver *s);
/* An assignment's values as one number: what is more urgent outweighs a good deal of the rest. */
wide solver_weight(const struct solver *s, const int64_t *value);
/* Makes the assignment the best if it is better; makes the best the assignment. */
void solver_keep_best(struct solver *s);
void solver_back_to_best(struct solver *s);
/* Is every item placed in the best? */
bool solver_all_placed(const struct solver *s);

/* ---- solver_price.c ---- */

/* The scalar product of prices and amounts; and its twin that a test holds it against. */
uint64_t solver_worth(const uint32_t price[BANDS], const int32_t amount[BANDS]);
uint64_t solver_worth_plainly(const uint32_t price[BANDS], const int32_t amount[BANDS]);
/* Adds amounts, or takes them away; says whether any sum is above 0. With a twin likewise. */
bool solver_shift(int32_t sum[BANDS], const int32_t amount[BANDS], bool add);
bool solver_shift_plainly(int32_t sum[BANDS], const int32_t amount[BANDS], bool add);
/* What a way costs at the prices. */
int64_t way_reduced(const struct solver *s, uint32_t way, uint32_t part);

/* Prepares for it: which rows may be short, and what usual demands are. */
void solver_find_rows(struct solver *s);
/* Raises the bound by weight, with so many steps that look at all ways, or at candidates alone. */
void solver_ascend(struct solver *s, unsigned steps, bool candidates);
/* The bound of a stage, for its certificate; prices go into the two lists. */
void solver_prove(struct solver *s, int stage, struct solver_stage *out, int64_t *pool_price,
                  int64_t *cap_price);

/* A step that would raise the bound by `want`, were it linear. False: no price moves. */
bool rows_step(struct rows *rows, wide want);

/* ---- solver_start.c ---- */

void solver_find_candidates(struct solver *s);
void solver_begin(struct solver *s);
/* Moves a part to a way (1 + its position; 0: to none). */
void solver_take(struct solver *s, uint32_t part, uint32_t taken);
/* Places all parts of an item, each where it is the cheapest that fits; or none. */
void solver_place_item(struct solver *s, const struct solver_item *item);
bool solver_fits(const struct solver *s, uint32_t way, uint32_t part);

/* ---- solver_chain.c ---- */

size_t chain_size(void);
/* Places a part that is not, if it is an item of its own: where it has no room, another moves on,
 * and another for that one. It looks so many times as long for a chain as is usual. */
bool chain_place(struct solver *s, uint32_t part, uint32_t times);
/* Moves a placed part where it is cheaper, in the same way, if all together costs less then. */
bool chain_better(struct solver *s, uint32_t part);
/* Takes some parts out near this one and places them again, in another order; leaves that only if
 * it is no more than `slack` worse. */
void chain_renew(struct solver *s, uint32_t part, int64_t slack);

/* ---- solver_patch.c ---- */

size_t patch_size(void);
/* Tries to better the assignment around a part, or to make it no more than `slack` worse. */
void patch_improve(struct solver *s, uint32_t part, int64_t slack);

#endif
