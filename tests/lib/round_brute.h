/*
 * round_brute.h - what is best in a small problem of a round, found by trying everything.
 */
#ifndef PM_TEST_ROUND_BRUTE_H
#define PM_TEST_ROUND_BRUTE_H

#include "core/solver.h"

/* The least value of a stage among assignments in which, of each class of an earlier stage, no more
 * items than `pinned` says are not placed; -1 when there is none. For at most 16 pools and caps. */
int64_t round_brute_stage(const struct solver_problem *problem, int stage,
                          const int64_t pinned[SOLVER_CLASSES]);

/* The best values, stage after stage. */
void round_brute(const struct solver_problem *problem, int64_t value[SOLVER_STAGES]);

#endif
