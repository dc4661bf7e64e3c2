/*
 * round_random.c - small random problems of a round.
 */
#include "tests/lib/round_random.h"

#include <string.h>

enum { COMBINATIONS = 100000 };

static int32_t up_to(struct random *random, int32_t most)
{
    return (int32_t)random_below(random, (uint32_t)most + 1);
}

/* 0 to `most`, the larger of two tries. */
static uint32_t larger(struct random *random, uint32_t most)
{
    uint32_t one = random_below(random, most + 1), other = random_below(random, most + 1);
    return one > other ? one : other;
}

/* ---- Words ---- */

static void name_all(struct pm_text *out, uint32_t count, const char *const names[])
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = pm_text(names[i]);
}

static void add_words(struct random *random, struct round_sample *out)
{
    static const char *const items[] = {"pair-1", "",        "", "couple-4", "",
                                        "",       "split-7", "", "",         ""};
    static const char *const parts[] = {"X1", "X2", "X3", "X4", "X5",
                                        "X6", "X7", "X8", "X9", "X10"};
    static const char *const services[] = {"amber-home", "beryl-home", "coral-home",
                                           "dusk",       "elm",        "fern"};
    static const char *const pools[] = {"amber-run", "beryl-run", "coral-run", "dusk-run"};
    static const char *const places[] = {"Alder", "Birch", "Alder", ""};
    static const char *const caps[] = {"amber homecare", "beryl homecare"};
    static const char *const bands[] = {"morning", "lunch", "tea", "bed"};
    struct wire_problem *wire = &out->wire;
    name_all(out->item_name, ROUND_ITEMS, items);
    name_all(out->part_name, ROUND_PARTS, parts);
    name_all(out->service_name, ROUND_SERVICES, services);
    name_all(out->pool_name, ROUND_POOLS, pools);
    name_all(out->locality, ROUND_POOLS, places);
    name_all(out->cap_name, ROUND_CAPS, caps);
    wire->title = pm_text("Little market, round 3");
    wire->kinds = random_below(random, ROUND_KINDS + 1);
    for (uint32_t i = 0; i < wire->kinds; i++) {
        out->kind[i].name = pm_text(i == 0 ? "homecare" : "residential");
        out->kind[i].unit = i == 0 ? PM_MINUTES : PM_PLACES;
        out->kind[i].bands = i == 0 ? wire->problem.bands : 1;
        name_all(out->kind[i].band, out->kind[i].bands, bands);
    }
    for (uint32_t i = 0; i < ROUND_POOLS && wire->kinds > 0; i++)
        out->pool_kind[i] = (uint8_t)random_below(random, wire->kinds);
}

/* ---- Supply ---- */

static int32_t capacity(struct random *random, const struct round_sample *sample)
{
    switch (sample->sort) {
    case ROUND_NO_CAPACITY:
        return 0;
    case ROUND_TIGHT:
        return up_to(random, 30);
    case ROUND_MISFIT:
        return up_to(random, 60);
    case ROUND_LIMITS:
        return random_percent(random, 50) ? SOLVER_CAPACITY_MAX : SOLVER_DEMAND_MAX;
    default:
        return random_percent(random, 20) ? SOLVER_CAPACITY_MAX : up_to(random, 60);
    }
}

static void add_supply(struct random *random, struct round_sample *out)
{
    struct solver_problem *problem = &out->wire.problem;
    problem->services = 1 + larger(random, ROUND_SERVICES - 1);
    problem->pools = out->sort == ROUND_ONE_POOL ? 1 : 1 + random_below(random, ROUND_POOLS);
    problem->caps = random_below(random, ROUND_CAPS + 1);
    for (uint32_t i = 0; i < problem->pools; i++) {
        for (uint32_t b = 0; b < problem->bands; b++)
            out->pool[i].band[b] = capacity(random, out);
    }
    for (uint32_t i = 0; i < problem->caps; i++)
        out->cap[i] = capacity(random, out);
    for (uint32_t i = 0; i < problem->services; i++) {
        out->service[i].pool = random_below(random, problem->pools);
        out->service[i].cap = random_below(random, problem->caps + 1);
    }
}

/* ---- Demand ---- */

static int32_t demand(struct random *random, const struct round_sample *sample, uint32_t part)
{
    switch (sample->sort) {
    case ROUND_EQUAL:
        return 10;
    case ROUND_LIMITS:
        return random_percent(random, 50) ? SOLVER_DEMAND_MAX : up_to(random, SOLVER_DEMAND_MAX);
    case ROUND_MISFIT:
        if (part == 0)
            return SOLVER_DEMAND_MAX;
        return up_to(random, 30);
    default:
        return random_percent(random, 25) ? 0 : up_to(random, 30);
    }
}

static int32_t cost(struct random *random, const struct round_sample *sample)
{
    if (sample->sort == ROUND_EQUAL)
        return 7;
    if (sample->sort == ROUND_LIMITS)
        return random_percent(random, 50) ? SOLVER_COST_MAX : up_to(random, SOLVER_COST_MAX);
    return random_percent(random, 10) ? 0 : up_to(random, 50);
}

/* A part's pairs, each with a row of demands of its own or, at times, the first of the part. */
static void add_pairs(struct random *random, struct round_sample *out, uint32_t part,
                      uint32_t combinations)
{
    struct solver_problem *problem = &out->wire.problem;
    uint32_t first = problem->demands;
    for (uint32_t s = 0; s < problem->services; s++) {
        bool wanted = out->sort != ROUND_NO_PAIRS && random_percent(random, 65);
        uint32_t taken = problem->pairs - out->part[part].first_pair;
        if (!wanted || combinations * (taken + 2) > COMBINATIONS)
            continue;
        uint32_t row = first;
        if (problem->demands == first || random_percent(random, 30)) {
            row = problem->demands++;
            for (uint32_t b = 0; b < problem->bands; b++)
                out->demand[row].band[b] = demand(random, out, part);
        }
        out->pair[problem->pairs++] =
            (struct solver_pair){.service = s, .demand = row, .cost = cost(random, out)};
    }
    out->part[part + 1].first_pair = problem->pairs;
}

static void add_items(struct random *random, struct round_sample *out)
{
    struct solver_problem *problem = &out->wire.problem;
    uint32_t parts = larger(random, ROUND_PARTS), combinations = 1;
    uint32_t classes = 1 + random_below(random, SOLVER_CLASSES);
    while (problem->parts < parts) {
        struct solver_item *item = &out->item[problem->items++];
        uint32_t own = random_percent(random, 75) ? 1 : 1 + random_below(random, 3);
        item->class = random_below(random, classes);
        for (uint32_t i = 0; i < own && problem->parts < parts; i++) {
            uint32_t part = problem->parts++;
            out->part[part].units = demand(random, out, part);
            add_pairs(random, out, part, combinations);
            combinations *= 1 + out->part[part + 1].first_pair - out->part[part].first_pair;
        }
        item[1].first_part = problem->parts;
    }
}

void round_sample_point(struct round_sample *out)
{
    struct solver_problem *problem = &out->wire.problem;
    problem->item = out->item;
    problem->part = out->part;
    problem->pair = out->pair;
    problem->service = out->service;
    problem->demand = out->demand;
    problem->pool = out->pool;
    problem->cap = out->cap;
    out->wire.kind = out->kind;
    out->wire.item = out->item_name;
    out->wire.part = out->part_name;
    out->wire.service = out->service_name;
    out->wire.pool = out->pool_name;
    out->wire.locality = out->locality;
    out->wire.pool_kind = out->pool_kind;
    out->wire.cap = out->cap_name;
}

void round_random(struct random *random, struct round_sample *out)
{
    memset(out, 0, sizeof *out);
    struct solver_problem *problem = &out->wire.problem;
    /* Half of them plain or tight. */
    out->sort = (enum round_sort)(random_percent(random, 50) ? random_below(random, 2)
                                                             : random_below(random, ROUND_SORTS));
    problem->bands = 1 + random_below(random, 4);
    add_supply(random, out);
    add_items(random, out);
    add_words(random, out);
    round_sample_point(out);
}

static int64_t *random_prices(struct random *random, int64_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = random_percent(random, 10) ? SOLVER_PRICE_MAX : random_below(random, 1 << 16);
    return random_percent(random, 20) ? NULL : out;
}

void round_random_result(struct random *random, const struct solver_problem *problem,
                         struct round_result *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < problem->parts; i++) {
        uint32_t first = problem->part[i].first_pair,
                 pairs = problem->part[i + 1].first_pair - first;
        uint32_t taken = random_below(random, pairs + 1);
        out->choice[i] = taken > 0 ? first + taken : 0;
    }
    out->result.choice = out->choice;
    for (uint32_t s = 0; s < SOLVER_STAGES; s++) {
        struct solver_stage *stage = &out->result.stage[s];
        stage->value = random_below(random, 1000);
        stage->bound = (int64_t)random_below(random, 1000) - 100;
        stage->optimal = random_percent(random, 50);
        stage->scale = (uint8_t)random_below(random, SOLVER_SCALE_MAX + 1);
        for (uint32_t i = 0; i < s && i < SOLVER_CLASSES; i++)
            stage->class_price[i] =
                random_percent(random, 5) ? SOLVER_CLASS_PRICE_MAX : random_below(random, 1 << 30);
        stage->pool_price =
            random_prices(random, out->pool_price[s], problem->pools * SOLVER_BANDS);
        for (uint32_t i = 0; i < problem->pools * SOLVER_BANDS; i++) {
            if (i % SOLVER_BANDS >= problem->bands)
                out->pool_price[s][i] = 0;
        }
        stage->cap_price = random_prices(random, out->cap_price[s], problem->caps);
    }
}
