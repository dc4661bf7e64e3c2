/*
 * round_lp.c - a stage of a round in the LP format.
 */
#include "client/round_lp.h"

#include <inttypes.h>
#include <stdlib.h>

#include "client/round_check.h"

enum { TERMS_A_LINE = 8 }; /* readers of the format have limits on lines */

struct writing {
    FILE *out;
    const struct solver_problem *problem;
    uint32_t *part_of; /* of each pair */
    uint32_t *order;   /* pairs in the order of the rows being written */
    uint32_t *first;   /* of each such row, where its pairs begin in it; one more ends the last */
    uint32_t terms;    /* of the expression being written */
};

/* ---- Expressions ---- */

static void begin(struct writing *writing, const char *name, uint32_t number)
{
    fprintf(writing->out, " %s%" PRIu32 ":", name, number);
    writing->terms = 0;
}

/* Begins a term; nothing when it is none. */
static bool term(struct writing *writing, int64_t factor)
{
    if (factor == 0)
        return false;
    if (writing->terms > 0 && writing->terms % TERMS_A_LINE == 0)
        fputs("\n ", writing->out);
    fputs(writing->terms++ > 0 ? " + " : " ", writing->out);
    if (factor != 1)
        fprintf(writing->out, "%" PRId64 " ", factor);
    return true;
}

static void add_pair(struct writing *writing, int64_t factor, uint32_t pair)
{
    if (term(writing, factor))
        fprintf(writing->out, "x%" PRIu32 "_%" PRIu32, writing->part_of[pair],
                writing->problem->pair[pair].service);
}

static void add_item(struct writing *writing, int64_t factor, uint32_t item)
{
    if (term(writing, factor))
        fprintf(writing->out, "u%" PRIu32, item);
}

static void add_class(struct writing *writing, uint32_t class)
{
    for (uint32_t i = 0; i < writing->problem->items; i++)
        add_item(writing, writing->problem->item[i].class == class, i);
}

/* Ends a row; one without terms must say something. */
static void end(struct writing *writing, const char *sign, int64_t limit)
{
    if (writing->terms == 0)
        fputs(" 0 none", writing->out);
    fprintf(writing->out, " %s %" PRId64 "\n", sign, limit);
}

/* ---- Rows ---- */

static uint32_t pool_of(const struct writing *writing, uint32_t pair)
{
    return writing->problem->service[writing->problem->pair[pair].service].pool;
}

/* The last row is of pairs under no cap. */
static uint32_t cap_of(const struct writing *writing, uint32_t pair)
{
    uint32_t cap = writing->problem->service[writing->problem->pair[pair].service].cap;
    return cap > 0 ? cap - 1 : writing->problem->caps;
}

/* Has `order` and `first` say which pairs are in each of so many rows. */
static void sort_pairs(struct writing *writing, uint32_t rows,
                       uint32_t (*row_of)(const struct writing *, uint32_t))
{
    uint32_t *first = writing->first, pairs = writing->problem->pairs;
    for (uint32_t i = 0; i < rows + 2; i++)
        first[i] = 0;
    for (uint32_t i = 0; i < pairs; i++)
        first[row_of(writing, i) + 2]++;
    for (uint32_t i = 2; i < rows + 2; i++)
        first[i] += first[i - 1];
    /* Each first is moved on to the next as its pairs are put down. */
    for (uint32_t i = 0; i < pairs; i++)
        writing->order[first[row_of(writing, i) + 1]++] = i;
}

static void write_parts(struct writing *writing)
{
    const struct solver_problem *problem = writing->problem;
    for (uint32_t item = 0; item < problem->items; item++) {
        for (uint32_t i = problem->item[item].first_part; i < problem->item[item + 1].first_part;
             i++) {
            begin(writing, "part", i);
            for (uint32_t at = problem->part[i].first_pair; at < problem->part[i + 1].first_pair;
                 at++)
                add_pair(writing, 1, at);
            add_item(writing, 1, item);
            end(writing, "=", 1);
        }
    }
}

static void write_pools(struct writing *writing)
{
    const struct solver_problem *problem = writing->problem;
    char name[32];
    sort_pairs(writing, problem->pools, pool_of);
    for (uint32_t i = 0; i < problem->pools; i++) {
        (void)snprintf(name, sizeof name, "pool%" PRIu32 "_", i);
        for (uint32_t b = 0; b < problem->bands; b++) {
            begin(writing, name, b);
            for (uint32_t at = writing->first[i]; at < writing->first[i + 1]; at++) {
                uint32_t pair = writing->order[at];
                add_pair(writing, problem->demand[problem->pair[pair].demand].band[b], pair);
            }
            end(writing, "<=", problem->pool[i].band[b]);
        }
    }
}

static void write_caps(struct writing *writing)
{
    const struct solver_problem *problem = writing->problem;
    sort_pairs(writing, problem->caps + 1, cap_of);
    for (uint32_t i = 0; i < problem->caps; i++) {
        begin(writing, "cap", i);
        for (uint32_t at = writing->first[i]; at < writing->first[i + 1]; at++) {
            uint32_t pair = writing->order[at];
            add_pair(writing, problem->part[writing->part_of[pair]].units, pair);
        }
        end(writing, "<=", problem->cap[i]);
    }
}

static void write_pins(struct writing *writing, int stage, const int64_t *pinned)
{
    for (int i = 0; i < stage && i < SOLVER_CLASSES; i++) {
        begin(writing, "class", (uint32_t)i);
        add_class(writing, (uint32_t)i);
        end(writing, "<=", pinned[i]);
    }
}

/* ---- The whole ---- */

static void write_objective(struct writing *writing, int stage)
{
    fputs("Minimize\n value:", writing->out);
    writing->terms = 0;
    if (stage < SOLVER_COST)
        add_class(writing, (uint32_t)stage);
    for (uint32_t i = 0; i < writing->problem->pairs && stage == SOLVER_COST; i++)
        add_pair(writing, writing->problem->pair[i].cost, i);
    fputs(writing->terms == 0 ? " 0 none\n" : "\n", writing->out);
}

static void write_variables(struct writing *writing)
{
    fputs("Binary\n", writing->out);
    for (uint32_t i = 0; i < writing->problem->items; i++)
        fprintf(writing->out, " u%" PRIu32 "\n", i);
    for (uint32_t i = 0; i < writing->problem->pairs; i++)
        fprintf(writing->out, " x%" PRIu32 "_%" PRIu32 "\n", writing->part_of[i],
                writing->problem->pair[i].service);
    fputs("End\n", writing->out);
}

/* A comment; control characters of a title could end it. */
static void write_title(struct writing *writing, struct pm_text title, int stage)
{
    fputs("\\ ", writing->out);
    for (uint32_t i = 0; i < title.length; i++)
        fputc((unsigned char)title.bytes[i] < 0x20 ? '?' : title.bytes[i], writing->out);
    fprintf(writing->out, "%sstage of %s\n", title.length > 0 ? ", " : "", round_stage_name(stage));
    fputs("\\ x3_1: part 3 takes its pair with service 1; u2: item 2 is not placed\n",
          writing->out);
}

static bool prepare(struct writing *writing)
{
    const struct solver_problem *problem = writing->problem;
    uint32_t rows = problem->pools > problem->caps ? problem->pools : problem->caps;
    writing->part_of = calloc((size_t)problem->pairs + 1, sizeof *writing->part_of);
    writing->order = calloc((size_t)problem->pairs + 1, sizeof *writing->order);
    writing->first = calloc((size_t)rows + 3, sizeof *writing->first);
    if (writing->part_of == NULL || writing->order == NULL || writing->first == NULL)
        return false;
    for (uint32_t part = 0; part < problem->parts; part++) {
        for (uint32_t i = problem->part[part].first_pair; i < problem->part[part + 1].first_pair;
             i++)
            writing->part_of[i] = part;
    }
    return true;
}

bool round_lp_write(FILE *out, const struct wire_problem *problem, int stage,
                    const int64_t pinned[SOLVER_CLASSES])
{
    struct writing writing = {.out = out, .problem = &problem->problem};
    bool memory = prepare(&writing);
    if (memory) {
        write_title(&writing, problem->title, stage);
        write_objective(&writing, stage);
        fputs("Subject To\n", out);
        write_parts(&writing);
        write_pools(&writing);
        write_caps(&writing);
        write_pins(&writing, stage, pinned);
        write_variables(&writing);
    }
    free(writing.part_of);
    free(writing.order);
    free(writing.first);
    return memory && !ferror(out);
}
