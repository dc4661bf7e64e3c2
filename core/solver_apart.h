/*
 * solver_apart.h - the problem taken apart into knots. Included by core/solver_apart.c and
 * core/solver_knot.c alone.
 *
 * Most of what there is is not scarce. A row of a source *binds* only if all the parts that might
 * take of it could take more than there is. A part never needs a dearer way than its cheapest that
 * takes of no row that binds, and what it then leaves alone may bind no longer; so ways go, and
 * rows, until nothing changes. What is left falls apart into *knots*: parts that are tied by the
 * rows that bind among them. What is best for each is best for all.
 */
#ifndef PM_SOLVER_APART_H
#define PM_SOLVER_APART_H

#include "solver_state.h"

/* A node is a part, or after those a source. */
struct knots {
    uint8_t *gone;          /* by way: nothing that is better than the best needs it */
    uint8_t *placed;        /* by part: whatever is as good as the best places it */
    uint8_t *given_up;      /* by part: a stage of its knot could not be proven */
    uint8_t *binds;         /* by source: a bit for each band */
    int64_t *asked;         /* by source and band: of all the parts that might */
    uint32_t *root;         /* a forest of nodes, a tree for each knot */
    uint32_t *sack;         /* a forest of sources: pools under caps that bind are one sack */
    uint32_t *first, *next; /* by root, by part: 1 + part: those of a knot */
    uint32_t *first_source, *next_source; /* by root, by source: 1 + source: those of a sack */
    uint32_t *last;                       /* by source: the way into it that was looked at last */
    uint32_t *moved;                      /* by part: 1 + way */
    wide *slack;                          /* by root: see find_slack() */
    struct proof *proof;                  /* of one knot, by solver_knot.c */
};

/* The root of a node's tree. */
uint32_t forest_root(uint32_t *forest, uint32_t node);
static inline uint32_t node_of(const struct solver *s, uint32_t source)
{
    return s->problem->parts + source;
}
/* Does the way take of no row that binds? */
bool way_is_free(const struct solver *s, const struct knots *k, uint32_t way);

/* Finds the rows that bind, and lets ways go that nobody needs. */
void knots_let_go(struct solver *s, struct knots *k);

/* Moves the parts of a knot (first: 1 + part) from ways that are gone to those for which these
 * could go: the assignment is then no dearer, and takes no more of a row that does not bind than
 * there is, whatever else does. */
void knot_leave_gone(struct solver *s, const struct knots *k, uint32_t first);

/* Lets ways go, takes the assignment from them, and ties what is left. With `costs`, where all of a
 * knot are placed, ways also go that are too dear at the prices for anything better than the
 * assignment. Ways that are gone stay so, and the assignment has none. */
void knots_take_apart(struct solver *s, struct knots *k, bool costs);

#endif
