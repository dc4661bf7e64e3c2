/*
 * solver.c - a stand-in for the round's solver: tries everything while the budget lasts, item by
 * item, and proves what prices of nothing prove. Exact for a handful of items, poor beyond.
 */
#include "core/solver.h"

#include <string.h>

enum { ITEMS_SEARCHED = 64, BUDGET = 10000000, ASKED_EVERY = 4096 };

struct search {
    const struct solver_problem *problem;
    const struct solver_options *options;
    struct solver_amounts *left; /* of each pool */
    int32_t *cap_left;
    uint32_t *choice, *best;
    struct solver_progress progress; /* values of the best */
    int64_t value[SOLVER_STAGES];    /* of what has been decided */
    uint64_t budget;
    bool found, stopped;
};

static size_t rounded(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

size_t solver_workspace(const struct solver_problem *problem)
{
    return rounded(problem->pools * sizeof(struct solver_amounts)) +
           rounded(problem->caps * sizeof(int32_t)) +
           2 * rounded(problem->parts * sizeof(uint32_t)) + 64;
}

static void lay_out(struct search *search, uint8_t *workspace)
{
    const struct solver_problem *problem = search->problem;
    search->left = (void *)workspace;
    workspace += rounded(problem->pools * sizeof *search->left);
    search->cap_left = (void *)workspace;
    workspace += rounded(problem->caps * sizeof *search->cap_left);
    search->choice = (void *)workspace;
    workspace += rounded(problem->parts * sizeof *search->choice);
    search->best = (void *)workspace;
    if (problem->pools > 0)
        memcpy(search->left, problem->pool, problem->pools * sizeof *search->left);
    if (problem->caps > 0)
        memcpy(search->cap_left, problem->cap, problem->caps * sizeof *search->cap_left);
    memset(search->choice, 0, problem->parts * sizeof *search->choice);
    memset(search->best, 0, problem->parts * sizeof *search->best);
}

/* Are the decided values, which only grow, still less than the best, the first that differs
 * deciding? */
static bool is_less(const struct search *search)
{
    for (int i = 0; i < SOLVER_STAGES && search->found; i++) {
        if (search->value[i] != search->progress.value[i])
            return search->value[i] < search->progress.value[i];
    }
    return !search->found;
}

/* Takes a pair, or gives it back when `sign` is -1. */
static void take(struct search *search, uint32_t part, uint32_t at, int32_t sign)
{
    const struct solver_problem *problem = search->problem;
    const struct solver_pair *pair = &problem->pair[at];
    const struct solver_service *service = &problem->service[pair->service];
    for (uint32_t b = 0; b < problem->bands; b++)
        search->left[service->pool].band[b] -= sign * problem->demand[pair->demand].band[b];
    if (service->cap > 0)
        search->cap_left[service->cap - 1] -= sign * problem->part[part].units;
    search->value[SOLVER_COST] += sign * pair->cost;
    search->choice[part] = sign > 0 ? at + 1 : 0;
}

static bool fits(const struct search *search, uint32_t part, const struct solver_pair *pair)
{
    const struct solver_problem *problem = search->problem;
    const struct solver_service *service = &problem->service[pair->service];
    for (uint32_t b = 0; b < problem->bands; b++) {
        if (problem->demand[pair->demand].band[b] > search->left[service->pool].band[b])
            return false;
    }
    return service->cap == 0 || problem->part[part].units <= search->cap_left[service->cap - 1];
}

static bool is_over(struct search *search)
{
    const struct solver_options *options = search->options;
    if (++search->progress.work % ASKED_EVERY == 0 && options->gone != NULL &&
        options->gone(options->context, &search->progress) >= 1000)
        search->stopped = true;
    if (search->progress.work >= search->budget)
        search->stopped = true;
    return search->stopped && search->found;
}

static void keep(struct search *search)
{
    memcpy(search->best, search->choice, search->problem->parts * sizeof *search->best);
    memcpy(search->progress.value, search->value, sizeof search->value);
    search->found = true;
}

static void search_item(struct search *search, uint32_t item);

static void search_part(struct search *search, uint32_t item, uint32_t part)
{
    const struct solver_problem *problem = search->problem;
    if (part == problem->item[item + 1].first_part) {
        search_item(search, item + 1);
        return;
    }
    for (uint32_t i = problem->part[part].first_pair; i < problem->part[part + 1].first_pair; i++) {
        if (!fits(search, part, &problem->pair[i]))
            continue;
        take(search, part, i, 1);
        if (is_less(search) && !is_over(search))
            search_part(search, item, part + 1);
        take(search, part, i, -1);
    }
}

static void search_item(struct search *search, uint32_t item)
{
    if (item == search->problem->items || item == ITEMS_SEARCHED) {
        for (uint32_t i = item; i < search->problem->items; i++)
            search->value[search->problem->item[i].class]++;
        if (is_less(search))
            keep(search);
        for (uint32_t i = item; i < search->problem->items; i++)
            search->value[search->problem->item[i].class]--;
        return;
    }
    search_part(search, item, search->problem->item[item].first_part);
    int64_t *value = &search->value[search->problem->item[item].class];
    ++*value;
    if (is_less(search) && !is_over(search))
        search_item(search, item + 1);
    --*value;
}

void solver_solve(const struct solver_problem *problem, const struct solver_options *options,
                  void *workspace, struct solver_result *result)
{
    static const struct solver_options none;
    struct search search = {.problem = problem, .options = options != NULL ? options : &none};
    search.budget = search.options->budget > 0 ? search.options->budget : BUDGET;
    lay_out(&search, workspace);
    search_item(&search, 0);
    *result = (struct solver_result){.choice = search.best};
    for (int i = 0; i < SOLVER_STAGES; i++) {
        struct solver_stage *stage = &result->stage[i];
        stage->value = search.progress.value[i];
        stage->bound = solver_bound(problem, i, stage, search.progress.value);
        stage->optimal =
            stage->bound == stage->value || (!search.stopped && problem->items <= ITEMS_SEARCHED);
    }
}
