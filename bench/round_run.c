/* round_run.c: see round_run.h. */
#include "round_run.h"

#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* ---- One ---- */

/* The end takes some time, too: certificates are made then. A region's take 60 ms. */
enum { KEPT_FOR_THE_END = 10 /* percent */, KEPT_MOST_NS = 150000000 };

static unsigned gone(void *context, const struct solver_progress *progress)
{
    const struct round_run *run = context;
    uint64_t kept = run->limit_ns / 100 * KEPT_FOR_THE_END;
    uint64_t limit = run->limit_ns - (kept < KEPT_MOST_NS ? kept : KEPT_MOST_NS);
    (void)progress;
    return (unsigned)((bench_now_ns() - run->started_ns) * 1000 / (limit + 1));
}

bool round_run(struct round_run *run, const struct solver_problem *problem, uint64_t milliseconds)
{
    struct solver_options options = {.context = run};
    size_t size = (solver_workspace(problem) + 63) / 64 * 64;
    *run = (struct round_run){.problem = problem, .workspace = aligned_alloc(64, size)};
    if (run->workspace == NULL)
        return false;
    memset(run->workspace, 0, size); /* pages are there before the clock starts */
    if (milliseconds != 0) {
        options.budget = UINT64_MAX / 2;
        options.gone = gone;
        run->limit_ns = milliseconds * 1000000;
    }
    run->started_ns = bench_now_ns();
    solver_solve(problem, &options, run->workspace, &run->result);
    run->seconds = (double)(bench_now_ns() - run->started_ns) / 1e9;
    run->feasible = solver_values(problem, run->result.choice, run->value);
    return true;
}

int64_t round_run_unplaced(const struct round_run *run)
{
    int64_t sum = 0;
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        sum += run->value[class];
    return sum;
}

bool round_run_optimal(const struct round_run *run)
{
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        if (!run->result.stage[stage].optimal)
            return false;
    }
    return true;
}

double round_run_gap(const struct round_run *run, int stage)
{
    double value = (double)run->result.stage[stage].value;
    double bound = (double)run->result.stage[stage].bound;
    return value <= bound ? 0 : bound <= 0 ? 100 : 100 * (value - bound) / bound;
}

/* ---- Many ---- */

bool round_tally_open(struct round_tally *tally, uint64_t room)
{
    *tally = (struct round_tally){.milliseconds = calloc(room, sizeof(double)),
                                  .gaps = calloc(room, sizeof(double)),
                                  .room = room};
    if (tally->milliseconds != NULL && tally->gaps != NULL)
        return true;
    round_tally_close(tally);
    return false;
}

void round_tally_close(struct round_tally *tally)
{
    free(tally->milliseconds);
    free(tally->gaps);
    *tally = (struct round_tally){.count = 0};
}

bool round_tally_add(struct round_tally *tally, const struct solver_problem *problem,
                     uint64_t milliseconds)
{
    struct round_run run;
    if (tally->count == tally->room || !round_run(&run, problem, milliseconds))
        return false;
    tally->milliseconds[tally->count] = run.seconds * 1000;
    tally->gaps[tally->count++] = round_run_gap(&run, SOLVER_COST);
    tally->optimal += round_run_optimal(&run);
    tally->infeasible += !run.feasible;
    tally->unplaced += (uint64_t)round_run_unplaced(&run);
    free(run.workspace);
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

json_t *round_tally_sum(struct round_tally *tally)
{
    uint64_t count = tally->count;
    double sum = 0;
    if (count == 0)
        return NULL;
    for (uint64_t i = 0; i < count; i++)
        sum += tally->gaps[i];
    qsort(tally->milliseconds, count, sizeof *tally->milliseconds, compare);
    qsort(tally->gaps, count, sizeof *tally->gaps, compare);
    return json_pack(
        "{s:I, s:I, s:b, s:I, s:f, s:f, s:f, s:f, s:f}", "problems", (json_int_t)count, "optimal",
        (json_int_t)tally->optimal, "feasible", tally->infeasible == 0, "unplaced",
        (json_int_t)tally->unplaced, "p50_ms", tally->milliseconds[count / 2], "p95_ms",
        tally->milliseconds[(count * 95 + 99) / 100 - 1], "max_ms", tally->milliseconds[count - 1],
        "gap_percent", sum / (double)count, "gap_percent_worst", tally->gaps[count - 1]);
}
