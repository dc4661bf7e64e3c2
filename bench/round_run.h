/* round_run.h: one problem of a round solved, with its figures; and the figures of many. */
#ifndef PM_BENCH_ROUND_RUN_H
#define PM_BENCH_ROUND_RUN_H

#include "core/solver.h"

#include <jansson.h>

/* One problem solved. */
struct round_run {
    const struct solver_problem *problem;
    void *workspace; /* free() it when done */
    struct solver_result result;
    uint64_t started_ns, limit_ns;
    double seconds;
    int64_t value[SOLVER_STAGES]; /* of the assignment, counted anew */
    bool feasible;
};

/* Solves it in so much time; 0: in the solver's own budget. False when memory fails. */
bool round_run(struct round_run *run, const struct solver_problem *problem, uint64_t milliseconds);
/* Items not placed. */
int64_t round_run_unplaced(const struct round_run *run);
/* Every stage is the least there is. */
bool round_run_optimal(const struct round_run *run);
/* By how much a stage's value may be from the least there is, in percent of the bound. */
double round_run_gap(const struct round_run *run, int stage);

/* The figures of many. */
struct round_tally {
    double *milliseconds, *gaps; /* of each so far */
    uint64_t count, room, optimal, infeasible, unplaced;
};
/* Room for so many. False when memory fails. */
bool round_tally_open(struct round_tally *tally, uint64_t room);
void round_tally_close(struct round_tally *tally);
/* Solves one more, as round_run(). */
bool round_tally_add(struct round_tally *tally, const struct solver_problem *problem,
                     uint64_t milliseconds);
/* What they come to; null when memory fails or there are none. Sorts them. */
json_t *round_tally_sum(struct round_tally *tally);

#endif
