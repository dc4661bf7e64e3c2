/*
 * solver_check.c - what must be true of a round's problem, what an assignment is worth, and what
 * prices prove: solver.h's formula written down once, without anything clever.
 */
#include "core/solver.h"

#include <string.h>

/* ---- The problem's flaws ---- */

static bool in_range(int32_t value, int32_t most)
{
    return value >= 0 && value <= most;
}

static const char *sizes_flaw(const struct solver_problem *problem)
{
    if (problem->bands == 0 || problem->bands > SOLVER_BANDS)
        return "There are 1 to 8 bands.";
    if (problem->items > SOLVER_PARTS_MAX || problem->parts > SOLVER_PARTS_MAX)
        return "There are too many items or parts.";
    if (problem->services > SOLVER_SERVICES_MAX || problem->pools > SOLVER_SERVICES_MAX ||
        problem->caps > SOLVER_SERVICES_MAX)
        return "There are too many services, pools or caps.";
    if (problem->pairs > SOLVER_PAIRS_MAX || problem->demands > SOLVER_PAIRS_MAX)
        return "There are too many pairs or demands.";
    return NULL;
}

static const char *items_flaw(const struct solver_problem *problem)
{
    const struct solver_item *item = problem->item;
    if (item[0].first_part != 0 || item[problem->items].first_part != problem->parts)
        return "The items do not cover the parts.";
    for (uint32_t i = 0; i < problem->items; i++) {
        if (item[i + 1].first_part > problem->parts || item[i + 1].first_part <= item[i].first_part)
            return "An item has no part.";
        if (item[i].class >= SOLVER_CLASSES)
            return "An item is of no class.";
    }
    return NULL;
}

static const char *parts_flaw(const struct solver_problem *problem)
{
    const struct solver_part *part = problem->part;
    if (part[0].first_pair != 0 || part[problem->parts].first_pair != problem->pairs)
        return "The parts do not cover the pairs.";
    for (uint32_t i = 0; i < problem->parts; i++) {
        if (part[i + 1].first_pair > problem->pairs || part[i + 1].first_pair < part[i].first_pair)
            return "The parts' pairs are not in order.";
        if (!in_range(part[i].units, SOLVER_DEMAND_MAX))
            return "A part's units are out of range.";
    }
    return NULL;
}

static const char *pair_flaw(const struct solver_problem *problem, const struct solver_pair *pair)
{
    if (pair->service >= problem->services)
        return "A pair's service is not there.";
    if (pair->demand >= problem->demands)
        return "A pair's demand is not there.";
    if (!in_range(pair->cost, SOLVER_COST_MAX))
        return "A pair's cost is out of range.";
    return NULL;
}

/* The services of the part's pairs are marked for as long as this takes: `seen` is blank before and
 * after, unless there is a flaw. */
static const char *pairs_flaw_of(const struct solver_problem *problem, uint32_t part,
                                 uint64_t seen[SOLVER_SERVICES_MAX / 64])
{
    uint32_t first = problem->part[part].first_pair, end = problem->part[part + 1].first_pair;
    for (uint32_t i = first; i < end; i++) {
        const char *flaw = pair_flaw(problem, &problem->pair[i]);
        if (flaw != NULL)
            return flaw;
        uint32_t service = problem->pair[i].service;
        uint64_t bit = UINT64_C(1) << (service & 63);
        if ((seen[service >> 6] & bit) != 0)
            return "A part has two pairs with one service.";
        seen[service >> 6] |= bit;
    }
    for (uint32_t i = first; i < end; i++)
        seen[problem->pair[i].service >> 6] = 0;
    return NULL;
}

static const char *pairs_flaw(const struct solver_problem *problem)
{
    uint64_t seen[SOLVER_SERVICES_MAX / 64] = {0};
    const char *flaw = NULL;
    for (uint32_t i = 0; i < problem->parts && flaw == NULL; i++)
        flaw = pairs_flaw_of(problem, i, seen);
    return flaw;
}

static const char *services_flaw(const struct solver_problem *problem)
{
    for (uint32_t i = 0; i < problem->services; i++) {
        if (problem->service[i].pool >= problem->pools)
            return "A service's pool is not there.";
        if (problem->service[i].cap > problem->caps)
            return "A service's cap is not there.";
    }
    return NULL;
}

/* Within 0 and `most` in every band, and 0 beyond the problem's bands. */
static bool amounts_good(const struct solver_problem *problem, const struct solver_amounts *amounts,
                         uint32_t count, int32_t most)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t b = 0; b < SOLVER_BANDS; b++) {
            if (!in_range(amounts[i].band[b], b < problem->bands ? most : 0))
                return false;
        }
    }
    return true;
}

static const char *amounts_flaw(const struct solver_problem *problem)
{
    if (!amounts_good(problem, problem->demand, problem->demands, SOLVER_DEMAND_MAX))
        return "A demand is out of range.";
    if (!amounts_good(problem, problem->pool, problem->pools, SOLVER_CAPACITY_MAX))
        return "A pool's capacity is out of range.";
    for (uint32_t i = 0; i < problem->caps; i++) {
        if (!in_range(problem->cap[i], SOLVER_CAPACITY_MAX))
            return "A share cap is out of range.";
    }
    return NULL;
}

const char *solver_flaw(const struct solver_problem *problem)
{
    static const char *(*const flaws[])(const struct solver_problem *) = {
        sizes_flaw, items_flaw, parts_flaw, pairs_flaw, services_flaw, amounts_flaw,
    };
    const char *flaw = NULL;
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0] && flaw == NULL; i++)
        flaw = flaws[i](problem);
    return flaw;
}

/* ---- An assignment's values ---- */

/* Parts of an item that have a pair; -1 when one has a pair that is not its own. */
static int64_t taken_parts(const struct solver_problem *problem, uint32_t item,
                           const uint32_t *choice, int64_t *cost)
{
    int64_t taken = 0;
    for (uint32_t i = problem->item[item].first_part; i < problem->item[item + 1].first_part; i++) {
        if (choice[i] == 0)
            continue;
        if (choice[i] - 1 < problem->part[i].first_pair ||
            choice[i] - 1 >= problem->part[i + 1].first_pair)
            return -1;
        *cost += problem->pair[choice[i] - 1].cost;
        taken++;
    }
    return taken;
}

enum { AT_ONCE = 512 }; /* so many pools or caps are summed up in one pass: 32 KiB of stack */

static bool pools_suffice(const struct solver_problem *problem, const uint32_t *choice,
                          uint32_t from, uint32_t count)
{
    int64_t taken[AT_ONCE][SOLVER_BANDS] = {{0}};
    for (uint32_t i = 0; i < problem->parts; i++) {
        const struct solver_pair *pair = choice[i] > 0 ? &problem->pair[choice[i] - 1] : NULL;
        if (pair == NULL || problem->service[pair->service].pool - from >= count)
            continue;
        int64_t *sum = taken[problem->service[pair->service].pool - from];
        for (uint32_t b = 0; b < problem->bands; b++)
            sum[b] += problem->demand[pair->demand].band[b];
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t b = 0; b < problem->bands; b++) {
            if (taken[i][b] > problem->pool[from + i].band[b])
                return false;
        }
    }
    return true;
}

static bool caps_suffice(const struct solver_problem *problem, const uint32_t *choice,
                         uint32_t from, uint32_t count)
{
    int64_t taken[AT_ONCE] = {0};
    for (uint32_t i = 0; i < problem->parts; i++) {
        uint32_t cap =
            choice[i] > 0 ? problem->service[problem->pair[choice[i] - 1].service].cap : 0;
        if (cap > 0 && cap - 1 - from < count)
            taken[cap - 1 - from] += problem->part[i].units;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (taken[i] > problem->cap[from + i])
            return false;
    }
    return true;
}

/* Does a check hold of all of so many pools or caps, some at a time? */
static bool
all_suffice(const struct solver_problem *problem, const uint32_t *choice, uint32_t total,
            bool (*suffice)(const struct solver_problem *, const uint32_t *, uint32_t, uint32_t))
{
    bool good = true;
    for (uint32_t from = 0; from < total && good; from += AT_ONCE)
        good = suffice(problem, choice, from, total - from < AT_ONCE ? total - from : AT_ONCE);
    return good;
}

bool solver_values(const struct solver_problem *problem, const uint32_t *choice,
                   int64_t value[SOLVER_STAGES])
{
    memset(value, 0, SOLVER_STAGES * sizeof *value);
    for (uint32_t i = 0; i < problem->items; i++) {
        const struct solver_item *item = &problem->item[i];
        int64_t taken = taken_parts(problem, i, choice, &value[SOLVER_COST]);
        if (taken == 0)
            value[item->class]++;
        else if (taken != (int64_t)(item[1].first_part - item->first_part))
            return false;
    }
    return all_suffice(problem, choice, problem->pools, pools_suffice) &&
           all_suffice(problem, choice, problem->caps, caps_suffice);
}

/* ---- What prices prove ---- */

void solver_steps(const struct solver_problem *problem, uint32_t from, uint32_t count,
                  struct solver_amounts *step)
{
    memset(step, 0, count * sizeof *step);
    for (uint32_t i = 0; i < problem->pairs; i++) {
        const struct solver_pair *pair = &problem->pair[i];
        uint32_t pool = problem->service[pair->service].pool - from;
        for (uint32_t b = 0; b < problem->bands && pool < count; b++)
            step[pool].band[b] =
                solver_divisor(problem->demand[pair->demand].band[b], step[pool].band[b]);
    }
}

typedef __int128 wide;
_Static_assert(SOLVER_SCALE_MAX + 28 < 56, "a cost, scaled, is as small as the price of a class");
_Static_assert(SOLVER_PARTS_MAX <= 1 << 16 && SOLVER_SERVICES_MAX <= 1 << 16,
               "sums of items, each below 2^76, and of pools' bands, each below 2^61, stay far "
               "below 2^127");

/* What an item of the class costs when it is not placed. */
static int64_t worth(int stage, const struct solver_stage *prices, uint32_t class)
{
    if ((int)class < stage)
        return prices->class_price[class];
    return (int)class == stage ? INT64_C(1) << prices->scale : 0;
}

/* Below 2^59: a cost, eight bands and a cap. */
static int64_t price_of_pair(const struct solver_problem *problem, int stage,
                             const struct solver_stage *prices, int32_t units,
                             const struct solver_pair *pair)
{
    const struct solver_service *service = &problem->service[pair->service];
    const int32_t *demand = problem->demand[pair->demand].band;
    int64_t price = stage == SOLVER_COST ? (int64_t)pair->cost << prices->scale : 0;
    if (prices->pool_price != NULL) {
        for (uint32_t b = 0; b < problem->bands; b++)
            price += demand[b] * prices->pool_price[(size_t)service->pool * SOLVER_BANDS + b];
    }
    if (prices->cap_price != NULL && service->cap > 0)
        price += units * prices->cap_price[service->cap - 1];
    return price;
}

/* The least price of a part's pairs; `most` when it has none, or they are dearer. */
static wide price_of_part(const struct solver_problem *problem, int stage,
                          const struct solver_stage *prices, uint32_t part, wide most)
{
    wide least = most;
    for (uint32_t i = problem->part[part].first_pair; i < problem->part[part + 1].first_pair; i++) {
        int64_t price =
            price_of_pair(problem, stage, prices, problem->part[part].units, &problem->pair[i]);
        if (price < least)
            least = price;
    }
    return least;
}

static wide price_of_item(const struct solver_problem *problem, int stage,
                          const struct solver_stage *prices, uint32_t item)
{
    wide most = worth(stage, prices, problem->item[item].class), sum = 0;
    for (uint32_t i = problem->item[item].first_part; i < problem->item[item + 1].first_part; i++)
        sum += price_of_part(problem, stage, prices, i, most);
    return sum < most ? sum : most;
}

static wide price_of_pools(const struct solver_problem *problem, const int64_t *price,
                           uint32_t from, uint32_t count)
{
    struct solver_amounts step[AT_ONCE];
    wide sum = 0;
    solver_steps(problem, from, count, step);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t b = 0; b < problem->bands; b++) {
            int32_t usable = solver_usable(problem->pool[from + i].band[b], step[i].band[b]);
            sum += (wide)usable * price[(size_t)(from + i) * SOLVER_BANDS + b];
        }
    }
    return sum;
}

/* What all that is usable would cost at these prices, and what the pins leave unplaced. */
static wide price_of_rows(const struct solver_problem *problem, int stage,
                          const struct solver_stage *prices, const int64_t pinned[SOLVER_CLASSES])
{
    wide sum = 0;
    for (uint32_t i = 0; i < problem->pools && prices->pool_price != NULL; i += AT_ONCE)
        sum += price_of_pools(problem, prices->pool_price, i,
                              problem->pools - i < AT_ONCE ? problem->pools - i : AT_ONCE);
    for (uint32_t i = 0; i < problem->caps && prices->cap_price != NULL; i++)
        sum += (wide)problem->cap[i] * prices->cap_price[i];
    for (int i = 0; i < stage && i < SOLVER_CLASSES; i++)
        sum += (wide)pinned[i] * prices->class_price[i];
    return sum;
}

/* The least whole number that is not below value / 2^scale, as far as 64 bits go. */
static int64_t ceiling(wide value, unsigned scale)
{
    wide unit = (wide)1 << scale;
    wide whole = value / unit + (value % unit > 0);
    if (whole < INT64_MIN)
        return INT64_MIN;
    return whole > INT64_MAX ? INT64_MAX : (int64_t)whole;
}

int64_t solver_bound(const struct solver_problem *problem, int stage,
                     const struct solver_stage *prices, const int64_t pinned[SOLVER_CLASSES])
{
    wide sum = -price_of_rows(problem, stage, prices, pinned);
    for (uint32_t i = 0; i < problem->items; i++)
        sum += price_of_item(problem, stage, prices, i);
    return ceiling(sum, prices->scale);
}
