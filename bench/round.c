/*
 * round.c: `placemat-bench round`: the solver on instances of the literature, on problems exported
 * from a market, and on problems made from seeds; how good, how sure and how fast.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "client/round_file.h"
#include "core/solver.h"
#include "gap_file.h"
#include "round_made.h"

struct options {
    const char *gap, *problem, *solution;
    uint64_t milliseconds; /* for each; 0: the solver's own budget */
    uint64_t seeds;        /* problems made, from the seed on */
    struct round_sizes sizes;
    bool json;
};

/* One problem solved. */
struct run {
    const struct solver_problem *problem;
    void *workspace;
    struct solver_result result;
    uint64_t started_ns, limit_ns;
    double seconds;
    int64_t value[SOLVER_STAGES]; /* of the assignment, counted anew */
    bool feasible;
};

/* ---- Solving ---- */

/* The end takes some time, too: certificates are made then. A region's take 60 ms. */
enum { KEPT_FOR_THE_END = 10 /* percent */, KEPT_MOST_NS = 150000000 };

static unsigned gone(void *context, const struct solver_progress *progress)
{
    const struct run *run = context;
    uint64_t kept = run->limit_ns / 100 * KEPT_FOR_THE_END;
    uint64_t limit = run->limit_ns - (kept < KEPT_MOST_NS ? kept : KEPT_MOST_NS);
    (void)progress;
    return (unsigned)((bench_now_ns() - run->started_ns) * 1000 / (limit + 1));
}

static bool solve(struct run *run, const struct solver_problem *problem, uint64_t milliseconds)
{
    struct solver_options options = {.context = run};
    size_t size = (solver_workspace(problem) + 63) / 64 * 64;
    run->problem = problem;
    run->workspace = aligned_alloc(64, size);
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

static int64_t unplaced(const struct run *run)
{
    int64_t sum = 0;
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        sum += run->value[class];
    return sum;
}

static bool all_optimal(const struct run *run)
{
    for (int stage = 0; stage < SOLVER_STAGES; stage++) {
        if (!run->result.stage[stage].optimal)
            return false;
    }
    return true;
}

/* By how much the value may be from the least there is, in percent of the bound. */
static double gap_percent(const struct run *run, int stage)
{
    double value = (double)run->result.stage[stage].value;
    double bound = (double)run->result.stage[stage].bound;
    return value <= bound ? 0 : bound <= 0 ? 100 : 100 * (value - bound) / bound;
}

/* ---- One problem ---- */

static json_t *stages(const struct run *run)
{
    json_t *list = json_array();
    for (int i = 0; i < SOLVER_STAGES; i++) {
        const struct solver_stage *stage = &run->result.stage[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:f, s:b}", "value", (json_int_t)stage->value,
                                        "bound", (json_int_t)stage->bound, "gap_percent",
                                        gap_percent(run, i), "optimal", stage->optimal));
    }
    return list;
}

static bool write_solution(const struct options *options, const struct run *run)
{
    FILE *file = fopen(options->solution, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", options->solution, strerror(errno));
        return false;
    }
    for (uint32_t part = 0; part < run->problem->parts; part++) {
        uint32_t choice = run->result.choice[part];
        long service = choice == 0 ? -1 : (long)run->problem->pair[choice - 1].service;
        (void)fprintf(file, "%ld\n", service);
    }
    return fclose(file) == 0;
}

static int report(const struct options *options, const struct solver_problem *problem)
{
    struct run run = {0};
    if (!solve(&run, problem, options->milliseconds)) {
        (void)fputs("placemat-bench: out of memory\n", stderr);
        return BENCH_FAILED;
    }
    json_t *result =
        json_pack("{s:I, s:I, s:f, s:b, s:b, s:f, s:I, s:I, s:I, s:I, s:o}", "objective",
                  (json_int_t)run.value[SOLVER_COST], "bound",
                  (json_int_t)run.result.stage[SOLVER_COST].bound, "gap_percent",
                  gap_percent(&run, SOLVER_COST), "feasible",
                  run.feasible && (options->gap == NULL || unplaced(&run) == 0), "optimal",
                  all_optimal(&run), "seconds", run.seconds, "unplaced", (json_int_t)unplaced(&run),
                  "items", (json_int_t)problem->items, "services", (json_int_t)problem->services,
                  "pairs", (json_int_t)problem->pairs, "stages", stages(&run));
    bool written = options->solution == NULL || write_solution(options, &run);
    free(run.workspace);
    int status = bench_report(result, options->json);
    return written ? status : BENCH_FAILED;
}

static FILE *opened(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", name, strerror(errno));
    return file;
}

static int solve_gap(const struct options *options)
{
    struct gap_file gap;
    char why[GAP_WHY];
    FILE *file = opened(options->gap);
    if (file == NULL)
        return BENCH_FAILED;
    bool read = gap_file_read(file, &gap, why);
    (void)fclose(file);
    if (!read) {
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", options->gap, why);
        return BENCH_FAILED;
    }
    int status = report(options, &gap.problem);
    gap_file_free(&gap);
    return status;
}

static int solve_problem(const struct options *options)
{
    struct round_file round;
    struct wire_error error;
    FILE *file = opened(options->problem);
    if (file == NULL)
        return BENCH_FAILED;
    bool read = round_file_read(file, &round, &error);
    (void)fclose(file);
    if (!read) {
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", options->problem, error.text);
        return BENCH_FAILED;
    }
    int status = report(options, &round.certificate.problem.problem);
    round_file_free(&round);
    return status;
}

static int solve_made(const struct options *options)
{
    struct round_made made;
    if (!round_made(&options->sizes, &made)) {
        (void)fputs("placemat-bench: out of memory, or too many pairs\n", stderr);
        return BENCH_FAILED;
    }
    int status = report(options, &made.problem);
    round_made_free(&made);
    return status;
}

/* ---- Many problems made ---- */

struct tally {
    double *milliseconds, *gaps;
    uint64_t optimal, infeasible, unplaced;
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool solve_one_of_many(const struct options *options, uint64_t at, struct tally *tally)
{
    struct round_made made;
    struct round_sizes sizes = options->sizes;
    struct run run = {0};
    sizes.seed += at;
    if (!round_made(&sizes, &made))
        return false;
    bool solved = solve(&run, &made.problem, options->milliseconds);
    if (solved) {
        tally->milliseconds[at] = run.seconds * 1000;
        tally->gaps[at] = gap_percent(&run, SOLVER_COST);
        tally->optimal += all_optimal(&run);
        tally->infeasible += !run.feasible;
        tally->unplaced += (uint64_t)unplaced(&run);
    }
    free(run.workspace);
    round_made_free(&made);
    return solved;
}

static json_t *sum_up(struct tally *tally, uint64_t count)
{
    double sum = 0;
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

static int solve_many(const struct options *options)
{
    struct tally tally = {.milliseconds = calloc(options->seeds, sizeof(double)),
                          .gaps = calloc(options->seeds, sizeof(double))};
    bool solved = tally.milliseconds != NULL && tally.gaps != NULL;
    for (uint64_t at = 0; at < options->seeds && solved; at++)
        solved = solve_one_of_many(options, at, &tally);
    json_t *result = solved ? sum_up(&tally, options->seeds) : NULL;
    free(tally.milliseconds);
    free(tally.gaps);
    return bench_report(result, options->json);
}

/* ---- Options ---- */

static const char help[] =
    "usage: placemat-bench round --gap FILE | --problem FILE | --seed N [OPTION]...\n"
    "\n"
    "Solves a round's problem and says how good the result is and how sure: objective (the cost),\n"
    "bound (no assignment costs less), gap_percent, feasible, optimal, seconds.\n"
    "\n"
    "  --gap FILE       an instance of the OR-Library: agents, jobs, costs, demands, capacities\n"
    "  --problem FILE   exported from a market: placemat round export\n"
    "  --seed N         made from this seed\n"
    "  --items N        packages made (60)\n"
    "  --services N     services made (40)\n"
    "  --bands N        bands of pools made (8)\n"
    "  --seeds N        so many are made and solved, from the seed on: times and gaps of all (1)\n"
    "  --seconds S      time for each, to the millisecond; else the solver's own budget\n"
    "  --solution FILE  write a line for each job or package: the agent or service, from 0; -1 "
    "none\n"
    "  --json           one JSON object on the last line\n"
    "  --help           this text\n";

/* Says whether one problem is asked for, in one way. */
static bool is_complete(const struct options *options)
{
    if (options->gap == NULL || options->problem == NULL)
        return true;
    fputs(help, stderr);
    return false;
}

int bench_round(int argc, char **argv)
{
    double seconds = 0;
    uint64_t items = 60, services = 40, bands = 8;
    struct options options = {.seeds = 1};
    const struct bench_option known[] = {
        {.name = "gap", .text = &options.gap},
        {.name = "problem", .text = &options.problem},
        {.name = "solution", .text = &options.solution},
        {.name = "seconds", .real = &seconds},
        {.name = "seed", .number = &options.sizes.seed, .least = 0, .most = UINT64_MAX / 2},
        {.name = "seeds", .number = &options.seeds, .least = 1, .most = 1000000},
        {.name = "items", .number = &items, .least = 1, .most = SOLVER_PARTS_MAX},
        {.name = "services", .number = &services, .least = 1, .most = SOLVER_SERVICES_MAX},
        {.name = "bands", .number = &bands, .least = 1, .most = SOLVER_BANDS},
        {.name = "json", .flag = &options.json},
    };
    int status;
    if (!bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status))
        return status;
    if (!is_complete(&options))
        return BENCH_USAGE;
    options.milliseconds = (uint64_t)(seconds * 1000);
    options.sizes.items = (uint32_t)items;
    options.sizes.services = (uint32_t)services;
    options.sizes.bands = (uint32_t)bands;
    if (options.gap != NULL)
        return solve_gap(&options);
    if (options.problem != NULL)
        return solve_problem(&options);
    return options.seeds > 1 ? solve_many(&options) : solve_made(&options);
}
