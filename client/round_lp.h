/*
 * round_lp.h - a stage of a round as an integer programme in the LP format, which CBC, HiGHS, GLPK
 * and others read: so that anybody may solve it by other means.
 */
#ifndef PM_ROUND_LP_H
#define PM_ROUND_LP_H

#include <stdio.h>

#include "core/wire_problem.h"

/*
 * Writes the stage: make its value least, where of each class of an earlier stage no more items
 * than `pinned` says are not placed. x3_1 is 1 when part 3 takes its pair with service 1, u2 when
 * item 2 is not placed; all positions count from 0, as in the problem's document. False when it
 * could not be written, or there is no memory.
 */
bool round_lp_write(FILE *out, const struct wire_problem *problem, int stage,
                    const int64_t pinned[SOLVER_CLASSES]);

#endif
