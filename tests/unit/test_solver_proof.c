/*
 * test_solver_proof.c - problems of one band, whose best the solver shows to be the best, against
 * all assignments; and that it shows nothing where there is something better.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/solver.h"
#include "tests/lib/random.h"

enum { POOLS = 6, PARTS = 14, PROBLEMS = 400 };

struct made {
    struct solver_problem problem;
    struct solver_item item[PARTS + 1];
    struct solver_part part[PARTS + 1];
    struct solver_pair pair[PARTS * POOLS];
    struct solver_service service[POOLS];
    struct solver_amounts demand[PARTS * POOLS], pool[POOLS];
};

/* What takes little costs much, so that the cheapest do not all fit; and hardly all of them do. */
static void make(struct made *made, uint64_t seed)
{
    struct random random = {seed};
    uint32_t pools = 2 + random_below(&random, POOLS - 1);
    uint32_t parts = 4 + random_below(&random, PARTS - 3);
    uint32_t step = 1 + random_below(&random, 3), pairs = 0;
    int32_t all = 0;
    memset(made, 0, sizeof *made);
    for (uint32_t i = 0; i < parts; i++) {
        made->item[i] = (struct solver_item){.first_part = i, .class = random_below(&random, 4)};
        made->part[i] = (struct solver_part){.first_pair = pairs, .units = 1};
        for (uint32_t pool = 0; pool < pools; pool++) {
            if (pairs > made->part[i].first_pair && random_below(&random, 5) == 0)
                continue; /* not eligible */
            int32_t amount = (int32_t)(step * (1 + random_below(&random, 20)));
            made->demand[pairs].band[0] = amount;
            made->pair[pairs] = (struct solver_pair){
                .service = pool,
                .demand = pairs,
                .cost = 70 - amount + (int32_t)random_below(&random, 12),
            };
            all += amount;
            pairs++;
        }
    }
    made->item[parts].first_part = parts;
    made->part[parts].first_pair = pairs;
    for (uint32_t pool = 0; pool < pools; pool++) {
        made->service[pool].pool = pool;
        made->pool[pool].band[0] =
            all / (int32_t)(pools * pools) + (int32_t)random_below(&random, 9);
    }
    made->problem = (struct solver_problem){.items = parts,
                                            .parts = parts,
                                            .pairs = pairs,
                                            .services = pools,
                                            .pools = pools,
                                            .demands = pairs,
                                            .bands = 1,
                                            .item = made->item,
                                            .part = made->part,
                                            .pair = made->pair,
                                            .service = made->service,
                                            .demand = made->demand,
                                            .pool = made->pool};
}

/* The least cost of placing this part and all after it in the room there is; `most`: such that more
 * is of no interest. */
static int64_t least(const struct solver_problem *problem, uint32_t part, int32_t room[POOLS],
                     int64_t most)
{
    if (part == problem->parts || most < 0)
        return part == problem->parts ? 0 : most + 1;
    for (uint32_t at = problem->part[part].first_pair; at < problem->part[part + 1].first_pair;
         at++) {
        const struct solver_pair *pair = &problem->pair[at];
        int32_t amount = problem->demand[pair->demand].band[0];
        if (room[pair->service] < amount || pair->cost > most)
            continue;
        room[pair->service] -= amount;
        int64_t rest = least(problem, part + 1, room, most - pair->cost);
        room[pair->service] += amount;
        if (rest <= most - pair->cost)
            most = pair->cost + rest - 1;
    }
    return most + 1;
}

/* What the solver says of a problem, and the least cost there is of placing all. */
struct tried {
    struct solver_stage cost;
    bool placed, placeable; /* all of them; by the solver, and at all */
    int64_t best;
};

static struct tried try(uint64_t seed, uint64_t budget)
{
    enum { NOT_PLACED = 1 << 20 };
    static struct made made;
    struct tried tried = {.placed = true};
    struct solver_result result;
    int32_t room[POOLS];
    make(&made, seed);
    assert_null(solver_flaw(&made.problem));
    for (uint32_t pool = 0; pool < made.problem.pools; pool++)
        room[pool] = made.pool[pool].band[0];
    tried.best = least(&made.problem, 0, room, NOT_PLACED);
    tried.placeable = tried.best <= NOT_PLACED;
    void *workspace = aligned_alloc(64, (solver_workspace(&made.problem) + 63) & ~(size_t)63);
    assert_non_null(workspace);
    solver_solve(&made.problem, &(struct solver_options){.budget = budget}, workspace, &result);
    tried.cost = result.stage[SOLVER_COST];
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        tried.placed &= result.stage[class].value == 0;
    free(workspace);
    return tried;
}

static void the_best_is_shown_to_be_so(void **state)
{
    (void)state;
    uint32_t placeable = 0, shown = 0;
    for (uint64_t seed = 0; seed < PROBLEMS; seed++) {
        struct tried tried = try(seed, 0);
        if (tried.placed != tried.placeable || (tried.placed && tried.cost.value != tried.best))
            fail_msg("seed %llu: %lld, placed %d; the least is %lld", (unsigned long long)seed,
                     (long long)tried.cost.value, tried.placed, (long long)tried.best);
        placeable += tried.placed;
        shown += tried.placed && tried.cost.optimal;
    }
    assert_in_range(placeable, PROBLEMS / 2, PROBLEMS - 1);
    assert_in_range(shown, placeable * 98 / 100, placeable); /* a few take more than the usual */
}

/* However early it has to end, it claims nothing that is not so. */
static void a_proof_cut_short_is_none(void **state)
{
    (void)state;
    uint32_t shown = 0, not_shown = 0;
    for (uint64_t seed = 0; seed < PROBLEMS; seed++) {
        struct tried tried = try(seed, 1000 + seed * 500);
        if (tried.placed && tried.cost.optimal && tried.cost.value != tried.best)
            fail_msg("seed %llu: %lld; the least is %lld", (unsigned long long)seed,
                     (long long)tried.cost.value, (long long)tried.best);
        shown += tried.cost.optimal;
        not_shown += !tried.cost.optimal;
    }
    assert_true(shown > 0 && not_shown > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_is_shown_to_be_so),
        cmocka_unit_test(a_proof_cut_short_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
