/*
 * test_solver.c - the round's solver against every assignment of small problems, its certificates
 * against the checker, which shares no code with it, and what prices say against problems with more
 * capacity.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/round_check.h"
#include "core/solver.h"
#include "tests/lib/round_brute.h"
#include "tests/lib/round_random.h"

enum { SAMPLES = 6000, SAMPLES_FULL = 100000, FEW = 1000 };

static uint64_t samples(void)
{
    return getenv("TEST_FULL") != NULL ? SAMPLES_FULL : SAMPLES;
}

/* ---- Solving ---- */

/* Memory that has been used for something else, as it mostly will have been; and no more of it than
 * is asked for, but for its alignment. */
static void *workspace_for(const struct solver_problem *problem, struct random *random)
{
    size_t size = (solver_workspace(problem) + 63) & ~(size_t)63;
    uint64_t *workspace = aligned_alloc(64, size);
    assert_non_null(workspace);
    uint64_t fill = random_next(random), small = random_below(random, 2);
    for (size_t i = 0; i < size / sizeof *workspace; i++)
        workspace[i] = small ? fill & UINT64_C(0x0000000f0000000f) : fill * (2 * i + 1);
    return workspace;
}

/* What there is of a sample and its result as a certificate, which points to both. */
static struct wire_certificate certificate_of(const struct round_sample *sample,
                                              const struct solver_result *result)
{
    return (struct wire_certificate){sample->wire, *result};
}

static void check_result(const struct round_sample *sample, const struct solver_result *result,
                         uint64_t seed)
{
    const struct solver_problem *problem = &sample->wire.problem;
    struct wire_certificate certificate = certificate_of(sample, result);
    int64_t value[SOLVER_STAGES], pinned[SOLVER_CLASSES];
    struct round_check check;
    assert_true(round_check(&certificate, &check));
    if (check.fault[0] != '\0')
        fail_msg("seed %llu: %s", (unsigned long long)seed, check.fault);
    assert_true(solver_values(problem, result->choice, value));
    memcpy(pinned, value, sizeof pinned);
    for (int i = 0; i < SOLVER_STAGES; i++) {
        const struct solver_stage *stage = &result->stage[i];
        if (stage->value != value[i] || stage->bound > stage->value ||
            stage->bound != solver_bound(problem, i, stage, pinned) ||
            (check.stage[i].proven && !stage->optimal))
            fail_msg("seed %llu: stage %d is told wrong", (unsigned long long)seed, i);
    }
}

/* Each stage against the least there is when those before are kept. */
static void check_against_all(const struct round_sample *sample, const struct solver_result *result,
                              uint64_t seed)
{
    int64_t pinned[SOLVER_CLASSES];
    for (int i = 0; i < SOLVER_CLASSES; i++)
        pinned[i] = result->stage[i].value;
    for (int i = 0; i < SOLVER_STAGES; i++) {
        const struct solver_stage *stage = &result->stage[i];
        int64_t least = round_brute_stage(&sample->wire.problem, i, pinned);
        if (stage->value < least || stage->bound > least ||
            (stage->optimal && stage->value > least))
            fail_msg(
                "seed %llu, sort %d, stage %d: %lld, bound %lld, optimal %d; the least is %lld",
                (unsigned long long)seed, (int)sample->sort, i, (long long)stage->value,
                (long long)stage->bound, (int)stage->optimal, (long long)least);
    }
}

/* Beyond the usual: where a part kept a way that had been let go, while others filled its pool. */
static const uint64_t found[] = {13840};
enum { FOUND = sizeof found / sizeof found[0] };

static void small_problems_are_solved(void **state)
{
    (void)state;
    static struct round_sample sample;
    uint64_t stages = 0, optimal = 0;
    for (uint64_t at = 0; at < samples() + FOUND; at++) {
        uint64_t seed = at < samples() ? at : found[at - samples()];
        struct random random = {seed};
        struct solver_result result;
        round_random(&random, &sample);
        void *workspace = workspace_for(&sample.wire.problem, &random);
        solver_solve(&sample.wire.problem, &(struct solver_options){0}, workspace, &result);
        check_result(&sample, &result, seed);
        check_against_all(&sample, &result, seed);
        for (int i = 0; i < SOLVER_STAGES; i++, stages++)
            optimal += result.stage[i].optimal;
        free(workspace);
    }
    /* So small, nearly all are solved to the end. */
    assert_in_range(optimal, stages * 98 / 100, stages);
}

/* All time has gone. */
static unsigned stop_at_once(void *context, const struct solver_progress *progress)
{
    ++*(uint64_t *)context;
    return progress->bound <= INT64_MAX ? 1000 : 0;
}

/* However little time there is, what comes out holds. */
static void an_early_end_is_honest(void **state)
{
    (void)state;
    static struct round_sample sample;
    uint64_t asked = 0;
    for (uint64_t seed = 0; seed < FEW; seed++) {
        struct random random = {seed};
        struct solver_options options = {.budget = 1 + random_below(&random, 50)};
        struct solver_result result;
        if (random_percent(&random, 50))
            options = (struct solver_options){.gone = stop_at_once, .context = &asked};
        round_random(&random, &sample);
        void *workspace = workspace_for(&sample.wire.problem, &random);
        solver_solve(&sample.wire.problem, &options, workspace, &result);
        check_result(&sample, &result, seed);
        check_against_all(&sample, &result, seed);
        free(workspace);
    }
}

static void the_same_comes_out_again(void **state)
{
    (void)state;
    static struct round_sample sample;
    static uint8_t once[1 << 16], twice[1 << 16];
    for (uint64_t seed = 0; seed < FEW; seed++) {
        struct random random = {seed};
        struct wire_writer writers[2] = {{.bytes = once, .size = sizeof once},
                                         {.bytes = twice, .size = sizeof twice}};
        round_random(&random, &sample);
        for (int i = 0; i < 2; i++) {
            struct solver_result result;
            void *workspace = workspace_for(&sample.wire.problem, &random);
            solver_solve(&sample.wire.problem, &(struct solver_options){0}, workspace, &result);
            struct wire_certificate certificate = certificate_of(&sample, &result);
            wire_certificate_encode(&writers[i], &certificate);
            free(workspace);
        }
        assert_false(writers[0].overflow);
        assert_int_equal(writers[0].used, writers[1].used);
        assert_memory_equal(once, twice, writers[0].used);
    }
}

/* ---- What prices prove ---- */

/* Any prices at all prove a bound, and the checker says the same of them. */
static void any_prices_prove_a_bound(void **state)
{
    (void)state;
    static struct round_sample sample;
    static struct round_result any;
    for (uint64_t seed = 0; seed < samples() / 3; seed++) {
        struct random random = {seed};
        struct round_check check;
        int64_t value[SOLVER_STAGES];
        round_random(&random, &sample);
        round_random_result(&random, &sample.wire.problem, &any);
        memset(any.choice, 0, sizeof any.choice);
        assert_true(solver_values(&sample.wire.problem, any.choice, value));
        struct wire_certificate certificate = certificate_of(&sample, &any.result);
        assert_true(round_check(&certificate, &check));
        for (int i = 0; i < SOLVER_STAGES; i++) {
            int64_t bound = solver_bound(&sample.wire.problem, i, &any.result.stage[i], value);
            int64_t least = round_brute_stage(&sample.wire.problem, i, value);
            if (bound > least || bound != check.stage[i].bound)
                fail_msg("seed %llu, stage %d: bound %lld, by the checker %lld, least %lld",
                         (unsigned long long)seed, i, (long long)bound,
                         (long long)check.stage[i].bound, (long long)least);
        }
    }
}

static int32_t usable(const struct solver_problem *problem, uint32_t pool, uint32_t band)
{
    struct solver_amounts step;
    solver_steps(problem, pool, 1, &step);
    return solver_usable(problem->pool[pool].band[band], step.band[band]);
}

/* Adds to a pool's band or a cap; returns the price of what more is usable of it. */
static int64_t add_some(struct random *random, struct round_sample *sample,
                        const struct solver_stage *stage, int32_t more)
{
    struct solver_problem *problem = &sample->wire.problem;
    if (problem->caps > 0 && random_percent(random, 30)) {
        uint32_t cap = random_below(random, problem->caps);
        sample->cap[cap] += more;
        return stage->cap_price != NULL ? stage->cap_price[cap] * more : 0;
    }
    uint32_t pool = random_below(random, problem->pools);
    uint32_t band = random_below(random, problem->bands);
    int32_t before = usable(problem, pool, band);
    sample->pool[pool].band[band] += more;
    int64_t price = stage->pool_price != NULL ? stage->pool_price[pool * SOLVER_BANDS + band] : 0;
    return price * (usable(problem, pool, band) - before);
}

/* With so much more, no assignment is better than the bound less what that is worth. */
static void prices_are_what_more_is_worth(void **state)
{
    (void)state;
    static struct round_sample sample;
    for (uint64_t seed = 0; seed < samples() / 3; seed++) {
        struct random random = {seed};
        struct solver_result result;
        int64_t pinned[SOLVER_CLASSES];
        round_random(&random, &sample);
        if (sample.sort == ROUND_LIMITS)
            continue;
        void *workspace = workspace_for(&sample.wire.problem, &random);
        solver_solve(&sample.wire.problem, &(struct solver_options){0}, workspace, &result);
        for (int i = 0; i < SOLVER_CLASSES; i++)
            pinned[i] = result.stage[i].value;
        int stage = (int)random_below(&random, SOLVER_STAGES);
        int32_t more = 1 + (int32_t)random_below(&random, 40);
        int64_t worth = add_some(&random, &sample, &result.stage[stage], more);
        int64_t unit = INT64_C(1) << result.stage[stage].scale;
        int64_t least = round_brute_stage(&sample.wire.problem, stage, pinned);
        if ((result.stage[stage].bound - least - 1) * unit >= worth)
            fail_msg("seed %llu, stage %d: %d more is worth more than %lld",
                     (unsigned long long)seed, stage, (int)more, (long long)worth);
        free(workspace);
    }
}

/* ---- What is no problem ---- */

/* Each spoils a sample that has at least two items, two pairs of a part, a service and a cap. */
static const struct {
    const char *flaw;
    size_t offset; /* in the sample */
    int64_t value; /* of 32 bits */
} spoilings[] = {
#define AT(member) offsetof(struct round_sample, member)
    {"There are 1 to 8 bands.", AT(wire.problem.bands), 0},
    {"There are 1 to 8 bands.", AT(wire.problem.bands), SOLVER_BANDS + 1},
    {"There are too many items or parts.", AT(wire.problem.items), SOLVER_PARTS_MAX + 1},
    {"There are too many items or parts.", AT(wire.problem.parts), SOLVER_PARTS_MAX + 1},
    {"There are too many services, pools or caps.", AT(wire.problem.services), UINT32_MAX},
    {"There are too many services, pools or caps.", AT(wire.problem.pools), UINT32_MAX},
    {"There are too many services, pools or caps.", AT(wire.problem.caps), UINT32_MAX},
    {"There are too many pairs or demands.", AT(wire.problem.pairs), SOLVER_PAIRS_MAX + 1},
    {"There are too many pairs or demands.", AT(wire.problem.demands), SOLVER_PAIRS_MAX + 1},
    {"The items do not cover the parts.", AT(item[0].first_part), 1},
    {"The items do not cover the parts.", AT(wire.problem.items), 1},
    {"An item has no part.", AT(item[1].first_part), 0},
    {"An item has no part.", AT(item[1].first_part), SOLVER_PARTS_MAX},
    {"An item is of no class.", AT(item[1].class), SOLVER_CLASSES},
    {"The parts do not cover the pairs.", AT(part[0].first_pair), 1},
    {"The parts' pairs are not in order.", AT(part[1].first_pair), UINT32_MAX},
    {"A part's units are out of range.", AT(part[0].units), -1},
    {"A part's units are out of range.", AT(part[0].units), SOLVER_DEMAND_MAX + 1},
    {"A pair's service is not there.", AT(pair[0].service), UINT32_MAX},
    {"A pair's demand is not there.", AT(pair[0].demand), UINT32_MAX},
    {"A pair's cost is out of range.", AT(pair[0].cost), -1},
    {"A pair's cost is out of range.", AT(pair[0].cost), SOLVER_COST_MAX + 1},
    {"A service's pool is not there.", AT(service[0].pool), ROUND_POOLS},
    {"A service's cap is not there.", AT(service[0].cap), ROUND_CAPS + 1},
    {"A demand is out of range.", AT(demand[0].band[0]), -1},
    {"A demand is out of range.", AT(demand[0].band[0]), SOLVER_DEMAND_MAX + 1},
    {"A demand is out of range.", AT(demand[0].band[7]), 1},
    {"A pool's capacity is out of range.", AT(pool[0].band[0]), -1},
    {"A pool's capacity is out of range.", AT(pool[0].band[7]), 1},
    {"A share cap is out of range.", AT(cap[0]), -1},
#undef AT
};

static bool can_be_spoiled(const struct solver_problem *problem)
{
    return problem->items >= 2 && problem->caps > 0 && problem->part[1].first_pair >= 2;
}

static void flaws_are_named(void **state)
{
    (void)state;
    static struct round_sample sample;
    for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
        struct random random = {i};
        do {
            round_random(&random, &sample);
        } while (!can_be_spoiled(&sample.wire.problem));
        assert_null(solver_flaw(&sample.wire.problem));
        uint32_t value = (uint32_t)spoilings[i].value;
        memcpy((char *)&sample + spoilings[i].offset, &value, sizeof value);
        const char *flaw = solver_flaw(&sample.wire.problem);
        assert_string_equal(flaw != NULL ? flaw : "none", spoilings[i].flaw);
    }
}

/* A part's two pairs with one service, of all services that there may be. */
static void a_service_comes_once(void **state)
{
    (void)state;
    static struct round_sample sample;
    for (uint64_t seed = 0; seed < FEW; seed++) {
        struct random random = {seed};
        do {
            round_random(&random, &sample);
        } while (!can_be_spoiled(&sample.wire.problem));
        uint32_t part = random_below(&random, sample.wire.problem.parts);
        uint32_t first = sample.part[part].first_pair, end = sample.part[part + 1].first_pair;
        if (end - first < 2)
            continue;
        sample.pair[end - 1].service = sample.pair[first].service;
        assert_string_equal(solver_flaw(&sample.wire.problem),
                            "A part has two pairs with one service.");
    }
}

/* ---- What is no assignment ---- */

static void what_is_no_assignment_has_no_values(void **state)
{
    (void)state;
    static struct round_sample sample;
    static struct round_result any;
    uint64_t good = 0;
    for (uint64_t seed = 0; seed < samples() / 3; seed++) {
        struct random random = {seed};
        struct round_check check;
        int64_t value[SOLVER_STAGES];
        round_random(&random, &sample);
        round_random_result(&random, &sample.wire.problem, &any);
        if (random_percent(&random, 10) && sample.wire.problem.parts > 0)
            any.choice[0] = sample.wire.problem.part[1].first_pair + 1;
        struct wire_certificate certificate = certificate_of(&sample, &any.result);
        bool is_one = solver_values(&sample.wire.problem, any.choice, value);
        for (int i = 0; i < SOLVER_STAGES && is_one; i++)
            any.result.stage[i].value = value[i];
        certificate.result = any.result;
        assert_true(round_check(&certificate, &check));
        for (int i = 0; i < SOLVER_STAGES; i++)
            certificate.result.stage[i].bound = check.stage[i].bound;
        assert_true(round_check(&certificate, &check));
        if (is_one != (check.fault[0] == '\0'))
            fail_msg("seed %llu: solver says %d, checker: %s", (unsigned long long)seed,
                     (int)is_one, check.fault);
        good += is_one;
    }
    assert_in_range(good, samples() / 3 / 10, samples() / 3 * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_problems_are_solved),
        cmocka_unit_test(an_early_end_is_honest),
        cmocka_unit_test(the_same_comes_out_again),
        cmocka_unit_test(any_prices_prove_a_bound),
        cmocka_unit_test(prices_are_what_more_is_worth),
        cmocka_unit_test(flaws_are_named),
        cmocka_unit_test(a_service_comes_once),
        cmocka_unit_test(what_is_no_assignment_has_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
