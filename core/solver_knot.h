/*
 * solver_knot.h - the best there is, and that there is nothing better: of each knot of parts that
 * compete, stage after stage. Included by core/solver.c and core/solver_knot.c alone.
 *
 * First it is shown that no fewer of the most urgent class can be left out, then of the next; each
 * time, what leaves out more is no longer looked at. At last, of what leaves out no more, the least
 * dear is found.
 */
#ifndef PM_SOLVER_KNOT_H
#define PM_SOLVER_KNOT_H

#include "solver_state.h"

/* What it needs for the problem, of that room. */
struct knots *knots_lay_out(const struct solver_problem *problem, struct room *room);

/* Takes ways out of the solver that nobody needs: see solver_apart.h. */
void knots_drop_unneeded(struct solver *s);

/* An assignment to begin with where a part takes of one row alone and a knot is large: near what
 * its sacks would choose, whatever it costs. With so much work. False: there is none. */
bool knots_begin(struct solver *s, uint64_t work);

/* Tries with so much work to find the best, and to show that it is. What it finds that is better it
 * keeps. The assignment has to be the best before, and is so afterwards. Sets s->proven. */
enum proof_end knots_solve(struct solver *s, uint64_t work);

#endif
