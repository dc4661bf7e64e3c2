/* round_alone.h - the packages of a round matched one at a time, as the ladder does: what a round
 * is held against. */
#ifndef PM_ROUND_ALONE_H
#define PM_ROUND_ALONE_H

#include "solver.h"

struct pm_core;

struct alone {
    /* By part and by service of the problem: slots in the core. */
    const uint32_t *package, *service;
    uint32_t *choice;            /* out: by part, 1 + the pair; 0: none */
    struct solver_amounts *pool; /* room for what is left of the problem's pools */
    int32_t *cap;                /* and of its caps */
};

/* The items in the problem's order, each part by the best-ranked service that has room; of an item
 * all parts or none. */
void match_alone(const struct pm_core *core, const struct solver_problem *problem,
                 const struct alone *alone);

#endif
