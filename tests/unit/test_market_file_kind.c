/*
 * test_market_file_kind.c: what a kind and the market say beside their ladders: share caps,
 * bonuses, when a refusal may be asked again, and what raises priority. All of it may be missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "placemat.h"
#include "tests/lib/small_market.h"

#define LARGEST "    largest: 100h\n" /* of homecare: what is after it stands on line 25 */
#define KEEP "keep_days: 30\n"        /* what is after it stands on line 6 */

static void what_is_missing_is_nothing(void **state)
{
    static const uint8_t none[PM_INTERIMS];
    const struct scratch *scratch = *state;
    write_small(scratch);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_market *market = pm_market_file_command(file)->load.market;
    const struct pm_kind *kind = &market->kind[0];
    assert_int_equal(kind->share_cap, 0);
    assert_int_equal(kind->bonus_continuity + kind->bonus_cluster + kind->bonus_cluster_most, 0);
    assert_int_equal(kind->bonus_preference, 0);
    assert_int_equal(kind->ask_again, 0);
    assert_int_equal(kind->calendar, 0);
    assert_int_equal(market->raise_after, 0);
    assert_memory_equal(market->raise, none, sizeof none);
    pm_market_file_free(file);
}

static void a_kinds_own_fields_read_as_written(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, LARGEST,
                  LARGEST "    share_cap: 400h\n    ask_again: 3d\n"
                          "    bonus: {continuity: 2000, cluster: 500, cluster_most: 20000, "
                          "preference: 1}\n");
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_kind *kind = pm_market_file_command(file)->load.market->kind;
    assert_int_equal(kind[0].share_cap, 24000);
    assert_int_equal(kind[0].ask_again, 4320);
    assert_int_equal(kind[0].bonus_continuity, 2000);
    assert_int_equal(kind[0].bonus_cluster, 500);
    assert_int_equal(kind[0].bonus_cluster_most, 20000);
    assert_int_equal(kind[0].bonus_preference, 1);
    assert_int_equal(kind[1].share_cap, 0);
    pm_market_file_free(file);
    write_changed(scratch, YAML, "    unit: places\n", "    unit: places\n    share_cap: 5\n");
    file = expect_read(scratch->path);
    assert_int_equal(pm_market_file_command(file)->load.market->kind[1].share_cap, 5);
    pm_market_file_free(file);
}

static void raises_read_as_written(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, KEEP,
                  KEEP "priority: {raise: {no_cover: 2, in_hospital: 1, on_notice: 3, bridged: 0}, "
                       "raise_after: 7d}\n");
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_market *market = pm_market_file_command(file)->load.market;
    static const uint8_t raise[PM_INTERIMS] = {
        [PM_NO_COVER] = 2, [PM_IN_HOSPITAL] = 1, [PM_ON_NOTICE] = 3};
    assert_memory_equal(market->raise, raise, sizeof raise);
    assert_int_equal(market->raise_after, 7 * 1440);
    pm_market_file_free(file);
}

#define LADDER_END "      - {route: last_resort, tiers: [8], where: everywhere}\n"
#define WITH_ROUND "      - {route: round, tiers: [1], where: home, binding: yes}\n" LADDER_END

static void rounds_run_by_a_calendar(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, LADDER_END, WITH_ROUND "    rounds: office\n");
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_kind *kind = pm_market_file_command(file)->load.market->kind;
    assert_int_equal(kind[0].rounds, 1);
    assert_int_equal(kind[1].rounds, 0);
    pm_market_file_free(file);
    static const struct mistake mistakes[] = {
        {YAML, LADDER_END, WITH_ROUND "    rounds: oficce\n",
         "small.yaml:31: kinds.homecare.rounds: unknown calendar \"oficce\", did you mean "
         "\"office\"?"},
        {YAML, LADDER_END, LADDER_END "    rounds: office\n",
         "small.yaml:30: kinds.homecare.rounds: no step of the ladder gathers packages for a "
         "round"},
    };
    expect_mistakes(scratch, mistakes, COUNT(mistakes));
}

#define KIND(written, told)                                                               \
    {                                                                                     \
        YAML, LARGEST, LARGEST "    " written "\n", "small.yaml:25: kinds.homecare." told \
    }
#define PLACES(written, told)                                              \
    {                                                                      \
        YAML, "    unit: places\n", "    unit: places\n    " written "\n", \
            "small.yaml:32: kinds.places." told                            \
    }

static void mistakes_of_a_kinds_own_fields_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        KIND("share_cap: 0", "share_cap: 0 minutes, 1 to 10000000 expected"),
        KIND("share_cap: 400 hours",
             "share_cap: \"400 hours\" is not a duration, like 30m, 4h, 2d or minutes"),
        PLACES("share_cap: 400h", "share_cap: \"400h\" is not a whole number"),
        PLACES("share_cap: 0", "share_cap: 0, 1 to 10000000 expected"),
        KIND("ask_again: 0", "ask_again: 0 minutes, 1 to 86400 expected"),
        KIND("bonus: 500", "bonus: fields (name: value) expected"),
        KIND("bonus: {continuty: 500}",
             "bonus: unknown field \"continuty\", did you mean \"continuity\"?"),
        KIND("bonus: {continuity: 20001}", "bonus.continuity: 20001, 0 to 20000 expected"),
        KIND("bonus: {preference: -1}", "bonus.preference: -1, 0 to 20000 expected"),
        KIND("bonus: {cluster: 500}", "bonus.cluster_most: missing"),
        KIND("bonus: {cluster: 500, cluster_most: 499}",
             "bonus.cluster_most: 499 is less than cluster, 500"),
        KIND("bonus: {cluster_most: 500}",
             "bonus.cluster_most: there is no cluster bonus that it could limit"),
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

#define PRIORITY(written, told)                                                   \
    {                                                                             \
        YAML, KEEP, KEEP "priority: " written "\n", "small.yaml:6: priority" told \
    }

static void mistakes_of_priority_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        PRIORITY("3", ": fields (name: value) expected"),
        PRIORITY("{raises: {}}", ": unknown field \"raises\", did you mean \"raise\"?"),
        PRIORITY("{raise: 1}", ".raise: fields (name: value) expected"),
        PRIORITY("{raise: {no_cover: 4}}", ".raise.no_cover: 4, 0 to 3 expected"),
        PRIORITY("{raise: {hospital: 1}}",
                 ".raise: unknown field \"hospital\", did you mean \"in_hospital\"?"),
        PRIORITY("{raise_after: 0}", ".raise_after: 0 minutes, 1 to 86400 expected"),
        PRIORITY("{raise_after: weekly}",
                 ".raise_after: \"weekly\" is not a duration, like 30m, 4h, 2d or minutes"),
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rounds_run_by_a_calendar, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(what_is_missing_is_nothing, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(a_kinds_own_fields_read_as_written, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(raises_read_as_written, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_a_kinds_own_fields_are_told, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_priority_are_told, scratch_open, scratch_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
