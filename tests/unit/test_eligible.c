/*
 * test_eligible.c - the filters in their order: a service that fails them all is put right one by
 * one, and each time the next is the reason. Their edges are in tests/scripts/filters.pms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/eligible.h"
#include "core/find.h"
#include "core/state.h"
#include "tests/lib/script.h"

static void run(struct script *script, const char *lines)
{
    if (!script_run(script, lines))
        fail_msg("%s", script->error);
}

static struct script *begin(const char *lines)
{
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    run(script, lines);
    return script;
}

static void end(struct script *script)
{
    script_close(script);
    free(script);
}

/* ---- The order ---- */

/* What puts a filter right, and which is then the first that fails. The service is bad, of a pool
 * that another service shares; the package has asked it once. */
static const struct {
    const char *lines;
    enum filter then;
} order[] = {
    {"", FILTER_LOT},
    {"service bad bad homecare in north tier 2 rate 3500 standing suspended\n", FILTER_STANDING},
    {"service bad bad homecare in north tier 2 rate 3500\n", FILTER_LOCALITY},
    {"service bad bad homecare in east tier 2 rate 3500\n", FILTER_TIER},
    {"service bad bad homecare in east tier 1 rate 3500\n", FILTER_NEEDS},
    {"service bad bad homecare in east tier 1 rate 3500 can hoist,dementia\n", FILTER_QUALITY},
    {"location bad bad rating good\n", FILTER_RATE},
    {"service bad bad homecare in east tier 1 rate 3000 can hoist,dementia\n", FILTER_EXCLUDED},
    {"amend X1 exclude none\n", FILTER_ASKED},
    {"capacity bad 100\n", FILTER_CAPACITY},
    {"capacity bad 150\n", FILTER_NONE},
};

static struct verdict judge(const struct script *script, const char *reference, const char *service,
                            unsigned step, unsigned filters)
{
    const struct pm_core *core = script->world.core;
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    uint32_t market = find_market(core, script->world.market);
    struct found_package found =
        find_package(core, market, pm_text(reference), (struct pm_text){0}, actor);
    uint32_t slot = find_service(core, market, pm_text(service));
    assert_int_equal(found.status, PM_OK);
    assert_true(slot != 0);
    return eligible(core, found.package, slot, step, filters);
}

/* Runs lines without their statuses: each must be ok. */
static void put_right(struct script *script, const char *lines)
{
    char line[256];
    for (; *lines != '\0'; lines += strcspn(lines, "\n") + 1) {
        snprintf(line, sizeof line, "%.*s -> ok", (int)strcspn(lines, "\n"), lines);
        run(script, line);
    }
}

static void the_first_that_fails_is_the_reason(void **state)
{
    (void)state;
    struct script *script = begin(
        "load -> ok\n"
        "provider bad -> ok\n"
        "location bad bad -> ok\n"
        "pool bad bad homecare declared -> ok\n"
        "service bad bad homecare in east rate 2000 can hoist,dementia -> ok\n"
        "capacity bad 600 -> ok\n"
        "post X1 homecare in east needs hoist,dementia visit \"mon-fri 07:00-10:00 30m\" -> ok\n"
        "decline X1 no_capacity -> ok\n"
        "amend X1 exclude bad -> ok\n"
        "amend X1 exclude none -> ok\n"
        "decline X1 no_capacity -> ok\n"
        "advance 1m\n"
        "location bad bad rating inadequate -> ok\n"
        "service bad bad homecare in north tier 2 lot old rate 3500 standing suspended -> ok\n"
        "pause X1 -> ok\n");
    unsigned passed = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i].then == FILTER_EXCLUDED)
            run(script, "amend X1 exclude bad -> ok");
        put_right(script, order[i].lines);
        if (order[i].then == FILTER_ASKED) { /* an amended need forgets: ask and refuse again */
            run(script,
                "resume X1 -> ok\ndecline X1 no_capacity -> ok\npause X1 -> ok\nadvance 1m\n");
        }
        struct verdict v = judge(script, "X1", "bad", 0, FILTERS_ALL);
        if (v.filter != order[i].then)
            print_error("step %zu: %s\n", i, filter_name(v.filter));
        assert_int_equal(v.filter, order[i].then);
        /* With those filters left out that fail, all others pass. */
        passed |= 1u << order[i].then;
        if (order[i].then != FILTER_NONE)
            assert_int_not_equal(judge(script, "X1", "bad", 0, FILTERS_ALL & ~passed).filter,
                                 order[i].then);
    }
    end(script);
}

static void another_kind(void **state)
{
    (void)state;
    struct script *script =
        begin("load -> ok\n"
              "supply b bridging in north tier 3 rate 3500\n"
              "post X1 homecare in east needs peg visit \"mon 07:00-10:00 30m\" -> ok\n");
    assert_int_equal(judge(script, "X1", "b", 0, FILTERS_ALL).filter, FILTER_KIND);
    assert_int_equal(judge(script, "X1", "b", 0, 1u << FILTER_LOT).filter, FILTER_NONE);
    assert_int_equal(judge(script, "X1", "b", 0, 0).filter, FILTER_NONE);
    end(script);
}

static void numbers_say_how_far_off(void **state)
{
    (void)state;
    struct script *script = begin(
        "load -> ok\n"
        "supply a homecare in east tier 4 rate 3500 rating inadequate spare 0,40,0,0,0,0,0,0\n"
        "post X1 homecare in east needs hoist,peg visit \"mon-fri 12:00-13:00 30m\" -> ok\n");
    static const struct {
        enum filter filter;
        int64_t needed, found;
    } numbers[] = {{FILTER_TIER, 0, 4},
                   {FILTER_NEEDS, 2, 0},
                   {FILTER_QUALITY, 300, 0},
                   {FILTER_RATE, 3000, 3500},
                   {FILTER_CAPACITY, 150, 40}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct verdict v = judge(script, "X1", "a", 0, 1u << numbers[i].filter);
        assert_int_equal(v.filter, numbers[i].filter);
        assert_int_equal(v.needed, numbers[i].needed);
        assert_int_equal(v.found, numbers[i].found);
    }
    assert_int_equal(judge(script, "X1", "a", 0, 1u << FILTER_CAPACITY).band, 1);
    end(script);
}

/* ---- What the package has itself is free for it ---- */

static void its_own_capacity_is_free_for_it(void **state)
{
    (void)state;
    struct script *script =
        begin("load -> ok\n"
              "supply a homecare in east rate 2000 spare 150\n"
              "service aw a homecare in east rate 2500 -> ok\n"
              "post X1 homecare in east visit \"mon-fri 07:00-10:00 30m\" -> ok\n"
              "post X2 homecare in east visit \"mon-fri 07:00-10:00 5m\" -> ok\n");
    unsigned capacity = 1u << FILTER_CAPACITY;
    assert_int_equal(judge(script, "X1", "aw", 0, capacity).filter, FILTER_NONE);
    assert_int_equal(judge(script, "X2", "aw", 0, capacity).filter, FILTER_CAPACITY);
    run(script, "accept X1 -> ok");
    assert_int_equal(judge(script, "X1", "aw", 0, capacity).filter, FILTER_NONE);
    assert_int_equal(judge(script, "X2", "aw", 0, capacity).filter, FILTER_CAPACITY);
    run(script, "end X1 died -> ok\nsettle\naccept X2 -> ok");
    assert_int_equal(judge(script, "X1", "aw", 0, capacity).filter, FILTER_CAPACITY);
    end(script);
}

static void at_an_answer_neither_asked_nor_capacity_counts(void **state)
{
    (void)state;
    struct script *script =
        begin("load -> ok\n"
              "supply a homecare in east rate 2000 spare 150\n"
              "post X1 homecare in east visit \"mon-fri 07:00-10:00 30m\" -> ok\n");
    assert_int_equal(judge(script, "X1", "a", 0, FILTERS_ALL).filter, FILTER_ASKED);
    assert_int_equal(judge(script, "X1", "a", 0, FILTERS_AT_ANSWER).filter, FILTER_NONE);
    run(script, "provider a ceased -> ok");
    assert_int_equal(judge(script, "X1", "a", 0, FILTERS_AT_ANSWER).filter, FILTER_STANDING);
    end(script);
}

/* ---- Where a step asks ---- */

static void scopes(void **state)
{
    static const struct {
        uint8_t where;
        unsigned locality;
        uint64_t scope;
    } cases[] = {{PM_HOME, 0, 1},       {PM_HOME, 2, 4},       {PM_NEIGHBOURS, 0, 3},
                 {PM_NEIGHBOURS, 1, 7}, {PM_NEIGHBOURS, 2, 6}, {PM_EVERYWHERE, 0, 7},
                 {PM_EVERYWHERE, 2, 7}};
    struct pm_market rules;
    (void)state;
    world_rules(&rules);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pm_step step = {.where = cases[i].where};
        assert_int_equal(step_scope(&rules, &step, cases[i].locality), cases[i].scope);
    }
    struct pm_step all = {.where = PM_EVERYWHERE};
    rules.localities = PM_LOCALITIES_MAX;
    assert_true(step_scope(&rules, &all, 0) == UINT64_MAX);
}

static void every_filter_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FILTERS; f++) {
        assert_true(strlen(filter_name((enum filter)f)) > 0);
        assert_true(strlen(filter_sentence((enum filter)f)) > 0);
        for (unsigned g = 0; g < f; g++)
            assert_string_not_equal(filter_name((enum filter)f), filter_name((enum filter)g));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_fails_is_the_reason),
        cmocka_unit_test(another_kind),
        cmocka_unit_test(numbers_say_how_far_off),
        cmocka_unit_test(its_own_capacity_is_free_for_it),
        cmocka_unit_test(at_an_answer_neither_asked_nor_capacity_counts),
        cmocka_unit_test(scopes),
        cmocka_unit_test(every_filter_has_a_name_and_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
