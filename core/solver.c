/*
 * solver.c - a stand-in for the solver: each item in turn, the most urgent first, takes the
 * cheapest that has room; its bounds are those of prices of 0. To be replaced by one that
 * optimises.
 */
#include "solver.h"

#include <string.h>

#include "bands.h"

/* What is left while items are placed. */
struct left {
    const struct solver_problem *problem;
    struct solver_amounts *pool;
    int32_t *cap;
};

static size_t rounded(size_t size)
{
    return (size + 63) / 64 * 64;
}

size_t solver_workspace(const struct solver_problem *p)
{
    return rounded(p->parts * sizeof(uint32_t)) +
           rounded(p->pools * sizeof(struct solver_amounts)) + rounded(p->caps * sizeof(int32_t));
}

/* ---- Whether it is a problem ---- */

static bool firsts_are_good(const struct solver_problem *p)
{
    uint32_t part = 0, pair = 0;
    for (uint32_t i = 0; i <= p->items; i++) {
        if (p->item[i].first_part < part || p->item[i].first_part > p->parts ||
            p->item[i].class >= SOLVER_CLASSES)
            return false;
        part = p->item[i].first_part;
    }
    for (uint32_t i = 0; i <= p->parts; i++) {
        if (p->part[i].first_pair < pair || p->part[i].first_pair > p->pairs)
            return false;
        pair = p->part[i].first_pair;
    }
    return part == p->parts && pair == p->pairs;
}

static bool pairs_are_good(const struct solver_problem *p)
{
    for (uint32_t i = 0; i < p->pairs; i++)
        if (p->pair[i].service >= p->services || p->pair[i].demand >= p->demands ||
            p->pair[i].cost < 0 || p->pair[i].cost > SOLVER_COST_MAX)
            return false;
    for (uint32_t i = 0; i < p->services; i++)
        if (p->service[i].pool >= p->pools || p->service[i].cap > p->caps)
            return false;
    return true;
}

const char *solver_flaw(const struct solver_problem *p)
{
    if (p->parts > SOLVER_PARTS_MAX || p->services > SOLVER_SERVICES_MAX ||
        p->pairs > SOLVER_PAIRS_MAX || p->bands < 1 || p->bands > SOLVER_BANDS)
        return "It is larger than a problem may be.";
    if (!firsts_are_good(p))
        return "Its items and parts are out of order.";
    return pairs_are_good(p) ? NULL : "A pair names what is not there.";
}

/* ---- Placing ---- */

static bool has_room(const struct left *left, uint32_t part, const struct solver_pair *pair)
{
    const struct solver_service *service = &left->problem->service[pair->service];
    return bands_suffice(left->pool[service->pool].band,
                         left->problem->demand[pair->demand].band) &&
           (service->cap == 0 || left->problem->part[part].units <= left->cap[service->cap - 1]);
}

static void take(const struct left *left, uint32_t part, uint32_t choice, int sign)
{
    const struct solver_pair *pair = &left->problem->pair[choice - 1];
    const struct solver_service *service = &left->problem->service[pair->service];
    for (unsigned b = 0; b < SOLVER_BANDS; b++)
        left->pool[service->pool].band[b] -= sign * left->problem->demand[pair->demand].band[b];
    if (service->cap != 0)
        left->cap[service->cap - 1] -= sign * left->problem->part[part].units;
}

static uint32_t cheapest(const struct left *left, uint32_t part)
{
    const struct solver_part *p = &left->problem->part[part];
    uint32_t best = 0;
    for (uint32_t at = p[0].first_pair; at < p[1].first_pair; at++)
        if ((best == 0 || left->problem->pair[at].cost < left->problem->pair[best - 1].cost) &&
            has_room(left, part, &left->problem->pair[at]))
            best = at + 1;
    return best;
}

static void place(const struct left *left, uint32_t item, uint32_t *choice)
{
    uint32_t first = left->problem->item[item].first_part;
    uint32_t end = left->problem->item[item + 1].first_part, part = first;
    for (; part < end && (choice[part] = cheapest(left, part)) != 0; part++)
        take(left, part, choice[part], 1);
    if (part == end)
        return;
    while (part-- > first) {
        take(left, part, choice[part], -1);
        choice[part] = 0;
    }
}

static void solve(const struct left *left, uint32_t *choice)
{
    const struct solver_problem *p = left->problem;
    memset(choice, 0, p->parts * sizeof *choice);
    if (p->pools > 0)
        memcpy(left->pool, p->pool, p->pools * sizeof *p->pool);
    if (p->caps > 0)
        memcpy(left->cap, p->cap, p->caps * sizeof *p->cap);
    for (uint32_t class = 0; class < SOLVER_CLASSES; class ++)
        for (uint32_t item = 0; item < p->items; item++)
            if (p->item[item].class == class)
                place(left, item, choice);
}

void solver_solve(const struct solver_problem *p, const struct solver_options *options,
                  void *workspace, struct solver_result *result)
{
    uint8_t *at = workspace;
    int64_t value[SOLVER_STAGES];
    struct solver_progress progress = {0};
    uint32_t *choice = (uint32_t *)(void *)at;
    at += rounded(p->parts * sizeof(uint32_t));
    struct left left = {.problem = p, .pool = (struct solver_amounts *)(void *)at};
    left.cap = (int32_t *)(void *)(at + rounded(p->pools * sizeof(struct solver_amounts)));
    solve(&left, choice);
    *result = (struct solver_result){.choice = choice};
    solver_values(p, choice, value);
    memcpy(progress.value, value, sizeof value);
    for (int stage = 0; stage < SOLVER_STAGES; stage++)
        result->stage[stage] =
            (struct solver_stage){.value = value[stage], .optimal = value[stage] == 0};
    if (options->stop != NULL)
        options->stop(options->context, &progress);
}

/* ---- Checking ---- */

int64_t solver_bound(const struct solver_problem *problem, int stage,
                     const struct solver_stage *prices, const int64_t pinned[SOLVER_CLASSES])
{
    (void)problem, (void)stage, (void)prices, (void)pinned;
    return 0;
}

bool solver_values(const struct solver_problem *p, const uint32_t *choice,
                   int64_t value[SOLVER_STAGES])
{
    memset(value, 0, SOLVER_STAGES * sizeof *value);
    for (uint32_t item = 0; item < p->items; item++) {
        uint32_t taken = 0, parts = p->item[item + 1].first_part - p->item[item].first_part;
        for (uint32_t part = p->item[item].first_part; part < p->item[item + 1].first_part;
             part++) {
            taken += choice[part] != 0;
            value[SOLVER_COST] += choice[part] == 0 ? 0 : p->pair[choice[part] - 1].cost;
        }
        if (taken != 0 && taken != parts)
            return false;
        value[p->item[item].class] += taken == 0;
    }
    return true;
}
