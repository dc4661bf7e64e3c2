/*
 * test_solver_chain.c - parts that make room for each other, in problems too large for a proof,
 * most of them with a budget that is over soon after the prices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/solver.h"
#include "tests/lib/random.h"

enum { POOLS = 80, PARTS = 10000, PAIRS = 128000 };

struct made {
    struct solver_problem problem;
    struct solver_item item[PARTS + 1];
    struct solver_part part[PARTS + 1];
    struct solver_pair pair[PAIRS];
    struct solver_service service[POOLS];
    struct solver_amounts demand[PAIRS], pool[POOLS];
};

/* ---- Making ---- */

static struct made *new_problem(uint32_t bands, uint32_t pools)
{
    struct made *made = calloc(1, sizeof *made);
    assert_non_null(made);
    made->problem = (struct solver_problem){.services = pools,
                                            .pools = pools,
                                            .bands = bands,
                                            .item = made->item,
                                            .part = made->part,
                                            .pair = made->pair,
                                            .service = made->service,
                                            .demand = made->demand,
                                            .pool = made->pool};
    for (uint32_t pool = 0; pool < pools; pool++)
        made->service[pool].pool = pool;
    return made;
}

/* The pairs that follow are of another part, an item of its own. */
static void add_part(struct made *made)
{
    struct solver_problem *problem = &made->problem;
    made->item[problem->items++].first_part = problem->parts;
    made->part[problem->parts++].first_pair = problem->pairs;
}

/* Returns what it takes. */
static struct solver_amounts *add_pair(struct made *made, uint32_t service, int32_t cost)
{
    struct solver_problem *problem = &made->problem;
    struct solver_amounts *demand = &made->demand[problem->demands];
    made->pair[problem->pairs++] =
        (struct solver_pair){.service = service, .demand = problem->demands++, .cost = cost};
    return demand;
}

static void finish(struct made *made)
{
    struct solver_problem *problem = &made->problem;
    made->item[problem->items].first_part = problem->parts;
    made->part[problem->parts].first_pair = problem->pairs;
    assert_null(solver_flaw(problem));
}

/* ---- Solving ---- */

enum { TO_BEGIN = 60000000, TO_SEARCH = 200000000, AS_USUAL = 0 }; /* budgets */

/* The values of what it comes to with a budget, and the bound of its costs. */
static int64_t solve(const struct made *made, uint64_t budget, int64_t value[SOLVER_STAGES])
{
    const struct solver_options options = {.budget = budget};
    struct solver_result result;
    void *workspace = aligned_alloc(64, (solver_workspace(&made->problem) + 63) & ~(size_t)63);
    assert_non_null(workspace);
    solver_solve(&made->problem, &options, workspace, &result);
    assert_true(solver_values(&made->problem, result.choice, value));
    int64_t bound = result.stage[SOLVER_COST].bound;
    free(workspace);
    return bound;
}

static int32_t draw(struct random *random, uint32_t from, uint32_t to)
{
    return (int32_t)(from + random_below(random, to - from + 1));
}

/* Each part fits every pool, for a cost that has nothing to do with what it takes; there is room
 * for so many percent of what they would take in the mean. */
static struct made *make_tight(uint64_t seed, uint32_t bands, int64_t percent)
{
    enum { HERE = PAIRS / POOLS };
    struct random random = {seed};
    struct made *made = new_problem(bands, POOLS);
    int64_t first[POOLS] = {0}, last[POOLS] = {0};
    for (uint32_t part = 0; part < HERE; part++) {
        add_part(made);
        for (uint32_t pool = 0; pool < POOLS; pool++) {
            struct solver_amounts *demand = add_pair(made, pool, draw(&random, 10, 50));
            first[pool] += demand->band[0] = draw(&random, 5, 25);
            last[pool] += demand->band[bands - 1] = draw(&random, 5, 25);
        }
    }
    for (uint32_t pool = 0; pool < POOLS; pool++) {
        made->pool[pool].band[0] = (int32_t)(first[pool] * percent / 100 / POOLS);
        made->pool[pool].band[bands - 1] = (int32_t)(last[pool] * percent / 100 / POOLS);
    }
    finish(made);
    return made;
}

/* ---- Tests ---- */

/* With room for four fifths all are placed, for at most so many thousandths of the bound. */
static void check(uint64_t seed, uint32_t bands, uint64_t budget, int64_t most)
{
    enum { ROOM = 80 };
    struct made *made = make_tight(seed, bands, ROOM);
    int64_t value[SOLVER_STAGES], bound = solve(made, budget, value);
    if (value[0] != 0 || value[SOLVER_COST] * 1000 > bound * most)
        fail_msg("seed %llu, %u bands: %lld not placed, cost %lld, bound %lld",
                 (unsigned long long)seed, bands, (long long)value[0],
                 (long long)value[SOLVER_COST], (long long)bound);
    free(made);
}

static void all_find_their_place(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        check(seed, 1, TO_BEGIN, 1010);
}

/* Who leaves has to leave enough in both. */
static void all_find_their_place_in_two_bands(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        check(seed, 3, TO_BEGIN, 1100);
}

/* By patches alone it comes to 0.46 and 0.47 % above the bound, by taking out and placing anew,
 * too, to 0.30 and 0.33. */
static void the_search_betters_by_chains(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++)
        check(seed, 3, TO_SEARCH, 1004);
}

/* Two pools with room for thousands of small parts, and large ones, for which no single small one
 * can make room: looking through all those in vain is work, too, and ends with the budget. The
 * large ones are those to leave out, whoever comes first. */
static void the_large_are_left_out(void **state)
{
    (void)state;
    enum { TWO = 2, LARGE = 10 /* one in so many */ };
    struct random random = {1};
    struct made *made = new_problem(1, TWO);
    int64_t value[SOLVER_STAGES], all = 0;
    for (uint32_t part = 0; part < PARTS; part++) {
        int32_t amount = draw(&random, 5, 25) * (part % LARGE == 0 ? 50 : 1);
        add_part(made);
        for (uint32_t pool = 0; pool < TWO; pool++)
            add_pair(made, pool, draw(&random, 10, 50))->band[0] = amount;
        all += part % LARGE == 0 ? 0 : amount;
    }
    for (uint32_t pool = 0; pool < TWO; pool++)
        made->pool[pool].band[0] = (int32_t)(all * 98 / 100 / TWO);
    finish(made);
    solve(made, AS_USUAL, value);
    assert_in_range(value[0], PARTS / LARGE, PARTS / LARGE * 12 / 10);
    free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_find_their_place),
        cmocka_unit_test(all_find_their_place_in_two_bands),
        cmocka_unit_test(the_search_betters_by_chains),
        cmocka_unit_test(the_large_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
