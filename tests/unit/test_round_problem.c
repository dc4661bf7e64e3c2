/*
 * test_round_problem.c - what a round's problem says of the state it is made of: parts, who may
 * serve them at what cost, what they take, and what is free.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/round_problem.h"
#include "tests/lib/little_market.h"

enum { WEEKDAYS = 0x1f };

static struct little little;
static struct round_problem problem;
static void *memory;

static int setup(void **state)
{
    (void)state;
    little_open(&little);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    little_close(&little);
    return 0;
}

/* What would be solved if beryl were to fail. */
static void make(void)
{
    const struct round_source source = {.market = pm_text("little"),
                                        .tried = {.provider = pm_text("beryl")}};
    assert_int_equal(round_source_status(little.core, &source), PM_OK);
    size_t size = (round_problem_bound(little.core, &source) + 63) & ~(size_t)63;
    free(memory);
    memory = aligned_alloc(64, size);
    assert_non_null(memory);
    memset(memory, 0xa5, size);
    round_problem_build(little.core, &source, memory, &problem);
    assert_null(solver_flaw(&problem.solver));
}

static void place_with_beryl(const char *reference, const char *locality, const char *need)
{
    assert_int_equal(little_post(&little, reference, locality, WEEKDAYS, 30, need).status, PM_OK);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
}

static uint32_t part_of(const char *reference)
{
    for (uint32_t part = 0; part < problem.solver.parts; part++)
        if (strcmp(problem.part[part].reference.text, reference) == 0)
            return part;
    fail_msg("%s is not in it", reference);
    return 0;
}

/* The pair by which the service may serve the part; NULL: it may not. */
static const struct solver_pair *pair_of(uint32_t part, const char *service)
{
    const struct solver_problem *solver = &problem.solver;
    const struct solver_pair *pair = solver->pair + solver->part[part].first_pair,
                             *end = solver->pair + solver->part[part + 1].first_pair;
    while (pair < end && strcmp(problem.service[pair->service].name.text, service) != 0)
        pair++;
    return pair < end ? pair : NULL;
}

static uint32_t pairs_of(uint32_t part)
{
    return problem.solver.part[part + 1].first_pair - problem.solver.part[part].first_pair;
}

static void who_may_serve_and_at_what_cost(void **state)
{
    (void)state;
    place_with_beryl("X1", "Alder", NULL);
    place_with_beryl("X2", "Alder", "peg");
    make();
    assert_int_equal(problem.solver.items, 2);
    assert_int_equal(problem.solver.bands, 3);
    static const struct {
        const char *service;
        int32_t cost; /* minutes a week, pence an hour */
    } may[] = {{"hc-amber", 150 * 2000 / 60},
               {"hc-coral", 150 * 1900 / 60}, /* who says nothing of its capacity */
               {"hc-dusk", 150 * 2500 / 60}};
    uint32_t part = part_of("X1");
    for (size_t i = 0; i < 3; i++) {
        const struct solver_pair *pair = pair_of(part, may[i].service);
        assert_non_null(pair);
        assert_int_equal(pair->cost, may[i].cost);
        const int32_t *takes = problem.solver.demand[pair->demand].band;
        assert_int_equal(takes[0], 150);
        assert_int_equal(takes[1] | takes[2], 0);
    }
    assert_int_equal(problem.solver.part[part].units, 150);
    assert_int_equal(pairs_of(part), 3);          /* hc-beryl fails */
    assert_int_equal(pairs_of(part_of("X2")), 0); /* nobody else can do peg */
}

static const int32_t *free_of(const char *pool)
{
    for (uint32_t at = 0; at < problem.solver.pools; at++)
        if (strcmp(problem.pool[at].name.text, pool) == 0)
            return problem.solver.pool[at].band;
    fail_msg("%s is not in it", pool);
    return NULL;
}

/* What is taken already is not free; nor is what an open offer holds. */
static void what_is_free(void **state)
{
    (void)state;
    place_with_beryl("X1", "Alder", NULL);
    make();
    static const int32_t declared[] = {600, 600, 300};
    assert_memory_equal(free_of("amber-run"), declared, sizeof declared);
    assert_int_equal(little_post(&little, "X2", "Alder", WEEKDAYS, 30, NULL).status, PM_OK);
    assert_int_equal(little_decline(&little, "beryl", PM_NO_CAPACITY).status, PM_OK);
    assert_int_equal(little_accept(&little, "amber").status, PM_OK);
    make();
    static const int32_t left[] = {450, 600, 300};
    assert_memory_equal(free_of("amber-run"), left, sizeof left);
    assert_int_equal(problem.solver.items, 1); /* who is not with beryl is not in it */
}

/* One at a time, by rank, in what is free. */
static void what_each_would_have_alone(void **state)
{
    (void)state;
    static const char *const reference[] = {"X1", "X2", "X3"};
    for (size_t i = 0; i < 3; i++) {
        const struct pm_command room = {.verb = PM_CAPACITY_SET,
                                        .capacity = {.pool = pm_text("beryl-run"),
                                                     .bands = 3,
                                                     .spare = {420, 420, 168},
                                                     .as_of = little.time}};
        assert_int_equal(little_apply(&little, PM_PROVIDER, "beryl", &room).status, PM_OK);
        place_with_beryl(reference[i], "Alder", NULL);
    }
    const struct pm_command room = {
        .verb = PM_CAPACITY_SET,
        .capacity = {
            .pool = pm_text("amber-run"), .bands = 3, .spare = {300, 0, 0}, .as_of = little.time}};
    const struct pm_command suspend = {.verb = PM_PROVIDER_SUSPEND,
                                       .suspension = {.provider = pm_text("coral")}};
    assert_int_equal(little_apply(&little, PM_PROVIDER, "amber", &room).status, PM_OK);
    assert_int_equal(little_apply(&little, PM_BROKER, "b", &suspend).status, PM_OK);
    make();
    uint32_t with_amber = 0, with_dusk = 0;
    for (uint32_t part = 0; part < 3; part++) {
        const struct solver_pair *pair = &problem.solver.pair[problem.alone[part] - 1];
        assert_true(problem.alone[part] != 0);
        with_amber += pair == pair_of(part, "hc-amber");
        with_dusk += pair == pair_of(part, "hc-dusk");
    }
    assert_int_equal(with_amber, 2); /* who has room for two and comes first, */
    assert_int_equal(with_dusk, 1);  /* and the next best for the third */
    assert_int_equal(problem.alone_value[SOLVER_COST], 2 * 5000 + 6250);
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        assert_int_equal(problem.alone_value[class], 0);
}

#define PROBLEM_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBLEM_TEST(who_may_serve_and_at_what_cost),
        PROBLEM_TEST(what_is_free),
        PROBLEM_TEST(what_each_would_have_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
