/*
 * round.c: `placemat-bench round`: the solver on instances of the literature, on problems exported
 * from a market, and on problems made from seeds; how good, how sure and how fast.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "client/round_file.h"
#include "core/solver.h"
#include "gap_file.h"
#include "gap_made.h"
#include "round_made.h"
#include "round_run.h"

struct options {
    const char *gap, *problem, *problems, *solution;
    uint64_t milliseconds; /* for each; 0: the solver's own budget */
    uint64_t seeds;        /* problems made, from the seed on */
    struct round_sizes sizes;
    const char *type; /* of a generalised assignment instance to be made */
    uint64_t agents, jobs;
    bool json;
};

/* ---- One problem ---- */

static json_t *stages(const struct round_run *run)
{
    json_t *list = json_array();
    for (int i = 0; i < SOLVER_STAGES; i++) {
        const struct solver_stage *stage = &run->result.stage[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:f, s:b}", "value", (json_int_t)stage->value,
                                        "bound", (json_int_t)stage->bound, "gap_percent",
                                        round_run_gap(run, i), "optimal", stage->optimal));
    }
    return list;
}

static bool write_solution(const struct options *options, const struct round_run *run)
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

static bool all_are_to_be_placed(const struct options *options)
{
    return options->gap != NULL || options->type != NULL;
}

static int report(const struct options *options, const struct solver_problem *problem)
{
    struct round_run run;
    if (!round_run(&run, problem, options->milliseconds)) {
        (void)fputs("placemat-bench: out of memory\n", stderr);
        return BENCH_FAILED;
    }
    json_t *result = json_pack(
        "{s:I, s:I, s:f, s:b, s:b, s:f, s:I, s:I, s:I, s:I, s:o}", "objective",
        (json_int_t)run.value[SOLVER_COST], "bound",
        (json_int_t)run.result.stage[SOLVER_COST].bound, "gap_percent",
        round_run_gap(&run, SOLVER_COST), "feasible",
        run.feasible && (!all_are_to_be_placed(options) || round_run_unplaced(&run) == 0),
        "optimal", round_run_optimal(&run), "seconds", run.seconds, "unplaced",
        (json_int_t)round_run_unplaced(&run), "items", (json_int_t)problem->items, "services",
        (json_int_t)problem->services, "pairs", (json_int_t)problem->pairs, "stages", stages(&run));
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

/* What a document holds, of a problem or of a certificate. */
static bool read_document(const char *name, struct round_file *round)
{
    struct wire_error error;
    FILE *file = opened(name);
    if (file == NULL)
        return false;
    bool read = round_file_read(file, round, &error);
    (void)fclose(file);
    if (!read)
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", name, error.text);
    return read;
}

static int solve_problem(const struct options *options)
{
    struct round_file round;
    if (!read_document(options->problem, &round))
        return BENCH_FAILED;
    int status = report(options, &round.certificate.problem.problem);
    round_file_free(&round);
    return status;
}

static bool make_gap(const struct options *options, uint64_t seed, struct gap_file *out)
{
    const struct gap_sizes sizes = {.type = options->type[0],
                                    .agents = (uint32_t)options->agents,
                                    .jobs = (uint32_t)options->jobs,
                                    .seed = seed};
    return gap_made(&sizes, out);
}

static int solve_gap_made(const struct options *options)
{
    struct gap_file gap;
    if (!make_gap(options, options->sizes.seed, &gap)) {
        (void)fputs("placemat-bench: out of memory, or too many pairs\n", stderr);
        return BENCH_FAILED;
    }
    int status = report(options, &gap.problem);
    gap_file_free(&gap);
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

/* ---- Many problems ---- */

static bool add_gap_made(struct round_tally *tally, const struct options *options)
{
    struct gap_file gap;
    if (!make_gap(options, options->sizes.seed + tally->count, &gap))
        return false;
    bool added = round_tally_add(tally, &gap.problem, options->milliseconds);
    gap_file_free(&gap);
    return added;
}

static bool add_made(struct round_tally *tally, const struct options *options)
{
    struct round_made made;
    struct round_sizes sizes = options->sizes;
    sizes.seed += tally->count;
    if (!round_made(&sizes, &made))
        return false;
    bool added = round_tally_add(tally, &made.problem, options->milliseconds);
    round_made_free(&made);
    return added;
}

static int solve_many(const struct options *options)
{
    struct round_tally tally;
    bool good = round_tally_open(&tally, options->seeds);
    while (good && tally.count < options->seeds)
        good = options->type != NULL ? add_gap_made(&tally, options) : add_made(&tally, options);
    json_t *result = good ? round_tally_sum(&tally) : NULL;
    round_tally_close(&tally);
    return bench_report(result, options->json);
}

/* By the number of items: each up to so many, the last all that are larger. */
enum { SIZES = 5 };
static const uint32_t size_most[SIZES] = {10, 20, 40, 80, UINT32_MAX};

static bool add_document(struct round_tally *tally, const struct options *options, const char *name)
{
    struct round_file round;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", options->problems, name);
    if (!read_document(path, &round))
        return false;
    const struct solver_problem *problem = &round.certificate.problem.problem;
    int size = 0;
    while (problem->items > size_most[size])
        size++;
    bool added = round_tally_add(&tally[size], problem, options->milliseconds);
    round_file_free(&round);
    return added;
}

static int is_document(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".cbor") == 0;
}

static json_t *sum_up(struct round_tally *tally)
{
    json_t *list = json_array();
    for (int size = 0; size < SIZES; size++) {
        json_t *sum = round_tally_sum(&tally[size]);
        if (sum == NULL)
            continue;
        json_t *row = size_most[size] == UINT32_MAX
                          ? json_pack("{s:n}", "items_most")
                          : json_pack("{s:I}", "items_most", (json_int_t)size_most[size]);
        json_object_update(row, sum);
        json_decref(sum);
        json_array_append_new(list, row);
    }
    return json_pack("{s:o}", "sizes", list);
}

static int solve_documents(const struct options *options)
{
    struct round_tally tally[SIZES] = {{0}};
    struct dirent **entry;
    int count = scandir(options->problems, &entry, is_document, alphasort), done = 0;
    if (count < 0) {
        (void)fprintf(stderr, "placemat-bench: %s: %s\n", options->problems, strerror(errno));
        return BENCH_FAILED;
    }
    bool good = count > 0;
    if (count == 0)
        (void)fprintf(stderr, "placemat-bench: %s: no .cbor file\n", options->problems);
    for (int size = 0; size < SIZES && good; size++)
        good = round_tally_open(&tally[size], (uint64_t)count);
    for (; done < count; done++) {
        good = good && add_document(tally, options, entry[done]->d_name);
        free(entry[done]);
    }
    free(entry);
    json_t *result = good ? sum_up(tally) : NULL;
    for (int size = 0; size < SIZES; size++)
        round_tally_close(&tally[size]);
    return good ? bench_report(result, options->json) : BENCH_FAILED;
}

/* ---- Options ---- */

static const char help[] =
    "usage: placemat-bench round --gap FILE | --gap-type c|d|e | --problem FILE | --problems DIR "
    "|\n"
    "                            --seed N [OPTION]...\n"
    "\n"
    "Solves a round's problem and says how good the result is and how sure: objective (the cost),\n"
    "bound (no assignment costs less), gap_percent, feasible, optimal, seconds.\n"
    "\n"
    "  --gap FILE       an instance of the OR-Library: agents, jobs, costs, demands, capacities\n"
    "  --gap-type c     made from the seed, as the literature's of that type: c, d or e, with\n"
    "  --agents N       so many agents (20)\n"
    "  --jobs N         and jobs (200)\n"
    "  --problem FILE   exported from a market: placemat round export\n"
    "  --problems DIR   every .cbor file there, problems or certificates: figures by size\n"
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
    int ways = (options->gap != NULL) + (options->problem != NULL) + (options->problems != NULL) +
               (options->type != NULL);
    bool known = options->type == NULL ||
                 (strlen(options->type) == 1 && strchr("cde", options->type[0]) != NULL);
    if (ways <= 1 && known)
        return true;
    fputs(help, stderr);
    return false;
}

int bench_round(int argc, char **argv)
{
    double seconds = 0;
    uint64_t items = 60, services = 40, bands = 8;
    struct options options = {.seeds = 1, .agents = 20, .jobs = 200};
    const struct bench_option known[] = {
        {.name = "gap", .text = &options.gap},
        {.name = "gap-type", .text = &options.type},
        {.name = "agents", .number = &options.agents, .least = 1, .most = SOLVER_SERVICES_MAX},
        {.name = "jobs", .number = &options.jobs, .least = 1, .most = SOLVER_PARTS_MAX},
        {.name = "problem", .text = &options.problem},
        {.name = "problems", .text = &options.problems},
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
    if (options.problems != NULL)
        return solve_documents(&options);
    if (options.seeds > 1)
        return solve_many(&options);
    return options.type != NULL ? solve_gap_made(&options) : solve_made(&options);
}
