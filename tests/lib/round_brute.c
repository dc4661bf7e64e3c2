/*
 * round_brute.c - every assignment of a small problem, one after the other.
 */
#include "tests/lib/round_brute.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 16 };

struct trying {
    const struct solver_problem *problem;
    int stage;
    const int64_t *pinned;
    int64_t left[ROWS][SOLVER_BANDS], cap_left[ROWS]; /* of pools and caps */
    int64_t value[SOLVER_STAGES];                     /* of what has been decided */
    int64_t best;                                     /* -1: none found */
};

static void try_item(struct trying *trying, uint32_t item);

/* Can what has been decided still become the best? Values only grow. */
static bool is_hopeful(const struct trying *trying)
{
    for (int i = 0; i < trying->stage; i++) {
        if (trying->value[i] > trying->pinned[i])
            return false;
    }
    return trying->best < 0 || trying->value[trying->stage] < trying->best;
}

/* Takes a pair, or gives it back when `sign` is -1; false when more is taken than is there. */
static bool take(struct trying *trying, uint32_t part, const struct solver_pair *pair, int sign)
{
    const struct solver_problem *problem = trying->problem;
    const struct solver_service *service = &problem->service[pair->service];
    bool fits = true;
    for (uint32_t b = 0; b < problem->bands; b++) {
        int64_t *left = &trying->left[service->pool][b];
        *left -= (int64_t)sign * problem->demand[pair->demand].band[b];
        fits = fits && *left >= 0;
    }
    if (service->cap > 0) {
        int64_t *left = &trying->cap_left[service->cap - 1];
        *left -= (int64_t)sign * problem->part[part].units;
        fits = fits && *left >= 0;
    }
    trying->value[SOLVER_COST] += (int64_t)sign * pair->cost;
    return fits;
}

/* The item's parts from this one on, each by each of its pairs; then the items after it. */
static void try_part(struct trying *trying, uint32_t item, uint32_t part)
{
    const struct solver_problem *problem = trying->problem;
    if (part == problem->item[item + 1].first_part) {
        try_item(trying, item + 1);
        return;
    }
    for (uint32_t i = problem->part[part].first_pair; i < problem->part[part + 1].first_pair; i++) {
        if (take(trying, part, &problem->pair[i], 1) && is_hopeful(trying))
            try_part(trying, item, part + 1);
        (void)take(trying, part, &problem->pair[i], -1);
    }
}

static void try_item(struct trying *trying, uint32_t item)
{
    if (!is_hopeful(trying))
        return;
    if (item == trying->problem->items) {
        trying->best = trying->value[trying->stage];
        return;
    }
    try_part(trying, item, trying->problem->item[item].first_part);
    trying->value[trying->problem->item[item].class]++;
    try_item(trying, item + 1);
    trying->value[trying->problem->item[item].class]--;
}

int64_t round_brute_stage(const struct solver_problem *problem, int stage,
                          const int64_t pinned[SOLVER_CLASSES])
{
    struct trying trying = {.problem = problem, .stage = stage, .pinned = pinned, .best = -1};
    if (problem->pools > ROWS || problem->caps > ROWS)
        abort();
    for (uint32_t i = 0; i < problem->pools; i++) {
        for (uint32_t b = 0; b < problem->bands; b++)
            trying.left[i][b] = problem->pool[i].band[b];
    }
    for (uint32_t i = 0; i < problem->caps; i++)
        trying.cap_left[i] = problem->cap[i];
    try_item(&trying, 0);
    return trying.best;
}

void round_brute(const struct solver_problem *problem, int64_t value[SOLVER_STAGES])
{
    memset(value, 0, SOLVER_STAGES * sizeof *value);
    for (int stage = 0; stage < SOLVER_STAGES; stage++)
        value[stage] = round_brute_stage(problem, stage, value);
}
