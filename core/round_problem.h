/*
 * round_problem.h - what a round is to solve, made of the state: the packages that are in it, the
 * services that may serve each by the one list of filters, what is free, what each would cost.
 *
 * The problem lies in memory that the caller gives, and needs the core no longer: it may be solved
 * on another thread while the core goes on, which is why round.apply looks at everything again.
 * Ids, not slots, say what is what.
 */
#ifndef PM_ROUND_PROBLEM_H
#define PM_ROUND_PROBLEM_H

#include "placemat.h"
#include "solver.h"

struct pm_core;

/* Which round a problem is of: one that is open; or one that is tried, as if it were opened now. */
struct round_source {
    uint64_t round;        /* id; 0: one that is tried, */
    struct pm_text market; /* of this market, */
    struct pm_round_try tried;
};

/* Which package a part is; which pool's bands a resource. */
struct round_part {
    uint64_t package; /* id */
    uint32_t version; /* of the package, as it is solved */
    uint32_t zero;
    struct pm_name reference, referrer;
};
struct round_service {
    uint64_t service; /* id */
    struct pm_name name, provider;
};
struct round_pool {
    uint64_t pool;                 /* id */
    struct pm_name name, locality; /* the first locality that its first service serves, or empty */
    uint8_t kind;                  /* whose bands they are: position in the market's rules */
    uint8_t zero[7];
};
struct round_cap {
    struct pm_title name; /* the provider and the kind */
};
struct round_kind {
    struct pm_name name, band[PM_BANDS_MAX];
    uint8_t unit, bands;
    uint8_t zero[6];
};

struct round_problem {
    struct solver_problem solver;
    uint64_t round; /* id; 0: it is tried */
    struct pm_name market;
    struct round_kind kind[PM_KINDS_MAX]; /* of the market */
    uint32_t kinds;
    uint32_t zero;
    const struct round_part *part;       /* parts */
    const struct round_service *service; /* services */
    const struct round_pool *pool;       /* pools */
    const struct round_cap *cap;         /* caps */
    /* Matched one at a time, the most urgent first, each by rank: parts: 1 + the pair; and what
     * that comes to, stage by stage. */
    const uint32_t *alone;
    int64_t alone_value[SOLVER_STAGES];
};

/* PM_OK, or what is wrong with what is tried: PM_UNKNOWN_MARKET, PM_UNKNOWN_KIND,
 * PM_UNKNOWN_PROVIDER, PM_UNKNOWN_LOCATION; of a round, PM_UNKNOWN_ROUND when it is not open. */
uint16_t round_source_status(const struct pm_core *core, const struct round_source *source);

/* Bytes of memory that suffice for the problem, to be aligned to 64; touched as used. 0: the source
 * is not PM_OK. */
size_t round_problem_bound(const struct pm_core *core, const struct round_source *source);

/* Makes the problem in memory of that size; the source's texts are not kept. Packages beyond what a
 * solver takes (SOLVER_PARTS_MAX, SOLVER_PAIRS_MAX) are left out.
 *
 * If a provider or location is to fail, the packages are those whose newest placement is there,
 * each by itself, as urgent as they are now; who may serve them may be asked at the round of their
 * ladder or, where it has none, at some step of it; and the services that fail are in no part of
 * the problem. */
void round_problem_build(const struct pm_core *core, const struct round_source *source,
                         void *memory, struct round_problem *out);

/* What a pool, and a kind with its bands, is called. */
struct round_pool round_pool_of(const struct pm_core *core, uint32_t pool);
struct round_kind round_kind_of(const struct pm_kind *kind);

/* The next assignments of a solution, in the order of the problem, as many as one round.apply
 * takes; no item is cut in two. *next is the item to begin with, 0 at first, and then to go on
 * with; at the problem's `items` it was the last piece. Returns how many. */
uint16_t round_problem_piece(const struct round_problem *problem, const uint32_t *choice,
                             uint32_t *next, struct pm_assignment out[PM_ASSIGNMENTS_MAX]);

#endif
