/*
 * round_check.c - a round's certificate, checked in one pass over its problem.
 */
#include "client/round_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef __int128 wide; /* no sum of a problem within its limits comes near 2^127 */

struct checking {
    const struct wire_certificate *certificate;
    const struct solver_problem *problem;
    struct round_check *out;
    int64_t *taken, *cap_taken; /* of each pool's bands, of each cap */
    int32_t *divisor;           /* of all that pairs ask of each pool's bands; 0: nothing */
};

/* ---- Words ---- */

const char *round_stage_name(int stage)
{
    static const char *const names[] = {"class 0", "class 1", "class 2", "class 3", "cost"};
    return names[stage];
}

void round_label(char *out, size_t size, struct pm_text text, const char *what, uint32_t position)
{
    if (text.length == 0)
        (void)snprintf(out, size, "%s %" PRIu32, what, position + 1);
    else
        (void)snprintf(out, size, "%.*s", (int)text.length, text.bytes);
}

/* Keeps the first fault; returns false. */
__attribute__((format(printf, 2, 3))) static bool fault(struct checking *checking,
                                                        const char *format, ...)
{
    va_list arguments;
    if (checking->out->fault[0] != '\0')
        return false;
    va_start(arguments, format);
    (void)vsnprintf(checking->out->fault, ROUND_FAULT_MAX, format, arguments);
    va_end(arguments);
    return false;
}

/* A group's name, or its only part's. */
static void item_label(const struct checking *checking, uint32_t item, char out[WIRE_LABEL_MAX + 1])
{
    const struct wire_problem *words = &checking->certificate->problem;
    struct pm_text text = words->item[item];
    if (text.length == 0)
        text = words->part[checking->problem->item[item].first_part];
    round_label(out, WIRE_LABEL_MAX + 1, text, "item", item);
}

/* ---- The assignment ---- */

/* Adds what a part takes by its pair. */
static bool take(struct checking *checking, uint32_t part, uint32_t choice)
{
    const struct solver_problem *problem = checking->problem;
    if (choice <= problem->part[part].first_pair || choice > problem->part[part + 1].first_pair)
        return fault(checking, "part %" PRIu32 " has a pair that is not its own", part + 1);
    const struct solver_pair *pair = &problem->pair[choice - 1];
    const struct solver_service *service = &problem->service[pair->service];
    for (uint32_t b = 0; b < problem->bands; b++)
        checking->taken[(size_t)service->pool * SOLVER_BANDS + b] +=
            problem->demand[pair->demand].band[b];
    if (service->cap > 0)
        checking->cap_taken[service->cap - 1] += problem->part[part].units;
    checking->out->stage[SOLVER_COST].value += pair->cost;
    return true;
}

static bool check_item(struct checking *checking, uint32_t item)
{
    uint32_t from = checking->problem->item[item].first_part;
    uint32_t to = checking->problem->item[item + 1].first_part, placed = 0;
    for (uint32_t part = from; part < to; part++) {
        uint32_t choice = checking->certificate->result.choice[part];
        if (choice == 0)
            continue;
        if (!take(checking, part, choice))
            return false;
        placed++;
    }
    if (placed == 0) {
        checking->out->stage[checking->problem->item[item].class].value++;
        return true;
    }
    char name[WIRE_LABEL_MAX + 1];
    item_label(checking, item, name);
    return placed == to - from || fault(checking, "%s is placed in part: %" PRIu32 " of %" PRIu32,
                                        name, placed, to - from);
}

static bool check_pool(struct checking *checking, uint32_t pool)
{
    const struct wire_problem *words = &checking->certificate->problem;
    for (uint32_t b = 0; b < checking->problem->bands; b++) {
        int64_t taken = checking->taken[(size_t)pool * SOLVER_BANDS + b];
        int32_t is_free = checking->problem->pool[pool].band[b];
        if (taken <= is_free)
            continue;
        char name[WIRE_LABEL_MAX + 1], band[WIRE_LABEL_MAX + 1];
        const struct wire_kind *kind =
            words->kinds > 0 ? &words->kind[words->pool_kind[pool]] : NULL;
        round_label(name, sizeof name, words->pool[pool], "pool", pool);
        round_label(band, sizeof band,
                    kind != NULL && b < kind->bands ? kind->band[b] : (struct pm_text){0}, "band",
                    b);
        return fault(checking, "%s, %s: %" PRId64 " is taken, %" PRId32 " is free", name, band,
                     taken, is_free);
    }
    return true;
}

static bool check_cap(struct checking *checking, uint32_t cap)
{
    char name[WIRE_LABEL_MAX + 1];
    if (checking->cap_taken[cap] <= checking->problem->cap[cap])
        return true;
    round_label(name, sizeof name, checking->certificate->problem.cap[cap], "share cap", cap);
    return fault(checking, "%s: %" PRId64 " is taken of the share cap, %" PRId32 " is left", name,
                 checking->cap_taken[cap], checking->problem->cap[cap]);
}

static bool check_assignment(struct checking *checking)
{
    bool good = true;
    for (uint32_t i = 0; i < checking->problem->items && good; i++)
        good = check_item(checking, i);
    for (uint32_t i = 0; i < checking->problem->pools && good; i++)
        good = check_pool(checking, i);
    for (uint32_t i = 0; i < checking->problem->caps && good; i++)
        good = check_cap(checking, i);
    return good;
}

/* ---- The bounds ---- */

static int32_t divisor_of_both(int32_t a, int32_t b)
{
    return b == 0 ? a : divisor_of_both(b, a % b);
}

static void find_divisors(struct checking *checking)
{
    const struct solver_problem *problem = checking->problem;
    for (uint32_t i = 0; i < problem->pairs; i++) {
        const struct solver_pair *pair = &problem->pair[i];
        size_t row = (size_t)problem->service[pair->service].pool * SOLVER_BANDS;
        for (uint32_t b = 0; b < problem->bands; b++)
            checking->divisor[row + b] =
                divisor_of_both(checking->divisor[row + b], problem->demand[pair->demand].band[b]);
    }
}

/* What is free of a pool's band in whole steps; the rest nobody can use. */
static wide usable(const struct checking *checking, uint32_t row)
{
    int32_t step = checking->divisor[row];
    return step == 0 ? 0
                     : checking->problem->pool[row / SOLVER_BANDS].band[row % SOLVER_BANDS] / step *
                           (wide)step;
}

static wide pair_price(const struct solver_problem *problem, int stage,
                       const struct solver_stage *claim, uint32_t part, uint32_t at)
{
    const struct solver_pair *pair = &problem->pair[at];
    const struct solver_service *service = &problem->service[pair->service];
    wide sum = stage == SOLVER_COST ? (wide)pair->cost * ((wide)1 << claim->scale) : 0;
    for (uint32_t b = 0; b < problem->bands && claim->pool_price != NULL; b++)
        sum += (wide)problem->demand[pair->demand].band[b] *
               claim->pool_price[(size_t)service->pool * SOLVER_BANDS + b];
    if (service->cap > 0 && claim->cap_price != NULL)
        sum += (wide)problem->part[part].units * claim->cap_price[service->cap - 1];
    return sum;
}

/* The least that an item adds: not placed, or each part by its cheapest pair. */
static wide item_price(const struct solver_problem *problem, int stage,
                       const struct solver_stage *claim, const struct solver_item *item)
{
    int class = (int)item->class;
    wide not_placed = class < stage    ? claim->class_price[class]
                      : class == stage ? (wide)1 << claim->scale
                                       : 0;
    wide sum = 0;
    for (uint32_t part = item[0].first_part; part < item[1].first_part; part++) {
        wide least = not_placed;
        for (uint32_t at = problem->part[part].first_pair; at < problem->part[part + 1].first_pair;
             at++) {
            wide price = pair_price(problem, stage, claim, part, at);
            least = price < least ? price : least;
        }
        sum += least;
    }
    return sum < not_placed ? sum : not_placed;
}

/* What the prices of a stage prove, the values of the stages before being kept. */
static int64_t proven_bound(const struct checking *checking, int stage)
{
    const struct solver_problem *problem = checking->problem;
    const struct solver_stage *claim = &checking->certificate->result.stage[stage];
    wide sum = 0, unit = (wide)1 << claim->scale;
    for (uint32_t i = 0; i < problem->items; i++)
        sum += item_price(problem, stage, claim, &problem->item[i]);
    for (uint32_t i = 0; i < problem->pools * SOLVER_BANDS && claim->pool_price != NULL; i++)
        sum -= usable(checking, i) * claim->pool_price[i];
    for (uint32_t i = 0; i < problem->caps && claim->cap_price != NULL; i++)
        sum -= (wide)problem->cap[i] * claim->cap_price[i];
    for (int i = 0; i < stage; i++)
        sum -= (wide)checking->out->stage[i].value * claim->class_price[i];
    wide bound = sum / unit + (sum % unit > 0);
    return bound < INT64_MIN ? INT64_MIN : bound > INT64_MAX ? INT64_MAX : (int64_t)bound;
}

static bool check_stage(struct checking *checking, int stage)
{
    const struct solver_stage *claim = &checking->certificate->result.stage[stage];
    struct round_stage *found = &checking->out->stage[stage];
    found->bound = proven_bound(checking, stage);
    found->proven = found->bound == found->value;
    if (claim->value != found->value)
        return fault(checking, "%s: the value is claimed to be %" PRId64 " and is %" PRId64,
                     round_stage_name(stage), claim->value, found->value);
    if (claim->bound != found->bound)
        return fault(checking,
                     "%s: the bound is claimed to be %" PRId64 ", and the prices prove %" PRId64,
                     round_stage_name(stage), claim->bound, found->bound);
    return true;
}

bool round_check(const struct wire_certificate *certificate, struct round_check *out)
{
    const struct solver_problem *problem = &certificate->problem.problem;
    struct checking checking = {.certificate = certificate, .problem = problem, .out = out};
    *out = (struct round_check){0};
    checking.taken = calloc((size_t)problem->pools * SOLVER_BANDS + 1, sizeof *checking.taken);
    checking.cap_taken = calloc((size_t)problem->caps + 1, sizeof *checking.cap_taken);
    checking.divisor = calloc((size_t)problem->pools * SOLVER_BANDS + 1, sizeof *checking.divisor);
    bool memory = checking.taken != NULL && checking.cap_taken != NULL && checking.divisor != NULL;
    if (memory && check_assignment(&checking)) {
        find_divisors(&checking);
        for (int stage = 0; stage < SOLVER_STAGES; stage++)
            (void)check_stage(&checking, stage);
    }
    free(checking.taken);
    free(checking.divisor);
    free(checking.cap_taken);
    return memory;
}
