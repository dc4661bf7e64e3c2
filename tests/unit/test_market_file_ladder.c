/*
 * test_market_file_ladder.c: the steps of a ladder. What each route may say reads as written; what
 * makes no sense for it is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "placemat.h"
#include "tests/lib/small_market.h"

/* The second step of the small market's homecare, and its line. */
#define SECOND "{route: call_off, tiers: [1, 2], where: neighbours, window: 90}"
#define LINE "small.yaml:28: kinds.homecare.ladder[2]"

/* The second step of homecare when it is written like this. */
static struct pm_step second_step(const struct scratch *scratch, const char *written)
{
    write_changed(scratch, YAML, SECOND, written);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_kind *kind = pm_market_file_command(file)->load.market->kind;
    assert_int_equal(kind->steps, 3);
    struct pm_step step = kind->step[1];
    pm_market_file_free(file);
    return step;
}

static void expect_step(const struct scratch *scratch, const char *written, struct pm_step expected)
{
    struct pm_step step = second_step(scratch, written);
    assert_memory_equal(&step, &expected, sizeof step);
}

static void steps_that_invite_read_as_written(void **state)
{
    expect_step(*state,
                "{route: open_offer, tiers: [1], where: neighbours, window: 2h, invite: 5, award: "
                "confirmed, close: at_first, decide: 1d}",
                (struct pm_step){.route = PM_OPEN_OFFER,
                                 .where = PM_NEIGHBOURS,
                                 .tiers = 1,
                                 .award = PM_CONFIRMED,
                                 .close = PM_AT_FIRST,
                                 .invite = 5,
                                 .window = 120,
                                 .decide = 1440});
    expect_step(
        *state, "{route: open_offer, tiers: [1], where: home, window: 2h, close: at window}",
        (struct pm_step){.route = PM_OPEN_OFFER, .where = PM_HOME, .tiers = 1, .window = 120});
    expect_step(*state, "{route: choice, tiers: [1, 2], where: everywhere, window: 8h, invite: 64}",
                (struct pm_step){.route = PM_CHOICE,
                                 .where = PM_EVERYWHERE,
                                 .tiers = 3,
                                 .invite = PM_INVITED_MAX,
                                 .window = 480});
    expect_step(*state,
                "{route: call_off, tiers: [2, 1], where: home, window: 1h, award: automatic}",
                (struct pm_step){.route = PM_CALL_OFF, .where = PM_HOME, .tiers = 3, .window = 60});
}

static void a_spot_offer_reads_with_its_rates(void **state)
{
    struct pm_step step = {
        .route = PM_SPOT_OFFER, .where = PM_EVERYWHERE, .tiers = 1, .window = 1440};
    expect_step(*state, "{route: spot_offer, tiers: [1], where: everywhere, window: 1d}", step);
    step.floor = 1800;
    step.ceiling = 4000; /* above the kind's: that is what it may be for */
    expect_step(*state,
                "{route: spot_offer, tiers: [1], where: everywhere, window: 1d, floor: 18, "
                "ceiling: 40.00}",
                step);
    step.floor = 0;
    step.ceiling = 1200;
    expect_step(*state,
                "{route: spot_offer, tiers: [1], where: everywhere, window: 1d, ceiling: 12}",
                step);
}

static void steps_that_wait_read_as_written(void **state)
{
    struct pm_step step = {.route = PM_ROUND, .where = PM_HOME, .tiers = 1, .binding = 1};
    expect_step(*state, "{route: round, tiers: [1], where: home, binding: yes}", step);
    step.binding = 0;
    step.window = 240;
    step.decide = 60;
    expect_step(*state, "{route: round, tiers: [1], where: home, window: 4h, decide: 60}", step);
    step = (struct pm_step){
        .route = PM_BROKER_AWARD, .where = PM_EVERYWHERE, .tiers = 0xff, .window = 2880};
    expect_step(*state, "{route: broker_award, window: 2d}", step);
}

static void a_broker_may_be_waited_for_without_end(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, "{route: last_resort, tiers: [8], where: everywhere}",
                  "{route: broker_award}");
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_step *step = &pm_market_file_command(file)->load.market->kind[0].step[2];
    assert_int_equal(step->route, PM_BROKER_AWARD);
    assert_int_equal(step->window, 0);
    pm_market_file_free(file);
}

static void mistakes_of_ladders_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, "window: 90", "window: 0",
         "small.yaml:28: kinds.homecare.ladder[2].window: 0 minutes, 1 to 86400 expected"},
        {YAML, "route: call_off, tiers: [1],", "rout: call_off, tiers: [1],",
         "small.yaml:27: kinds.homecare.ladder[1]: unknown field \"rout\", did you mean "
         "\"route\"?"},
        {YAML, ", window: 4h", "", "small.yaml:27: kinds.homecare.ladder[1].window: missing"},
        {YAML, "where: everywhere}", "where: everywhere, window: 1h}",
         "small.yaml:29: kinds.homecare.ladder[3].window: the last resort waits for no answer: "
         "leave it out"},
        {YAML, "tiers: [1, 2]", "tiers: [1, 9]",
         "small.yaml:28: kinds.homecare.ladder[2].tiers[2]: 9, 1 to 8 expected"},
        {YAML, "tiers: [1, 2]", "tiers: [2, 2]",
         "small.yaml:28: kinds.homecare.ladder[2].tiers[2]: tier 2 is there twice"},
        {YAML, "where: home", "where: here",
         "small.yaml:27: kinds.homecare.ladder[1].where: \"here\" is not home, neighbours or "
         "everywhere, did you "
         "mean \"home\"?"},
        {YAML, "route: call_off, tiers: [1],", "route: last_resort, tiers: [1],",
         "small.yaml:27: kinds.homecare.ladder[1].window: the last resort waits for no answer: "
         "leave it out"},
        {YAML, "route: call_off, tiers: [1], where: home, window: 4h",
         "route: last_resort, tiers: [8], where: home",
         "small.yaml:28: kinds.homecare.ladder[2]: never reached: the last resort comes before it"},
        {YAML, "tiers: [1, 2], where: neighbours", "tiers: [1], where: home",
         "small.yaml:28: kinds.homecare.ladder[2]: asks nobody new: earlier steps asked these "
         "tiers there "
         "already"},
        {YAML, "tiers: [1, 2], where: neighbours", "tiers: [2], where: neighbours",
         "small.yaml:28: kinds.homecare.ladder[2]: reaches nobody: no service of homecare has such "
         "a tier"},
        {YAML, "tiers: [8]", "tiers: [7]",
         "small.yaml:29: kinds.homecare.ladder[3]: reaches nobody: no service of homecare has such "
         "a tier"},
        {SERVICES, "bed,ward,places,main,1,spot,East,,,950,active\n", "",
         "small.yaml:35: kinds.places.ladder[1]: reaches nobody: no service of places has such a "
         "tier"},
        {SERVICES, "950,active", "950,ceased",
         "small.yaml:35: kinds.places.ladder[1]: reaches nobody: no service of places has such a "
         "tier"},
        {YAML, SECOND, "{route: imported, tiers: [1], where: home, window: 1h}",
         LINE ".route: \"imported\" is not call_off, last_resort, open_offer, spot_offer, choice, "
              "round or broker_award"},
        {YAML, SECOND, "{route: open offer, tiers: [1], where: home}", LINE ".window: missing"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 0}",
         LINE ".window: 0 minutes, 1 to 86400 expected"},
        {YAML, SECOND, "{route: choice, tiers: [1], where: home, window: 61d}",
         LINE ".window: 87840 minutes, 1 to 86400 expected"},
        {YAML, SECOND, "{route: choice, tiers: [1], where: home, window: 1d, decide: 0}",
         LINE ".decide: 0 minutes, 1 to 86400 expected"},
        {YAML, SECOND, "{route: round, tiers: [1], where: home}", LINE ".window: missing"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void fields_of_another_route_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, SECOND, "{route: call_off, tiers: [1], where: home, window: 1h, close: at_first}",
         LINE ".close: only an open_offer may close at the first answer: leave it out"},
        {YAML, SECOND, "{route: spot_offer, tiers: [1], where: home, window: 1h, close: at_window}",
         LINE ".close: only an open_offer may close at the first answer: leave it out"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, binding: no}",
         LINE ".binding: only the result of a round may be binding: leave it out"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, floor: 20}",
         LINE ".floor: only in a spot_offer are rates tendered: leave it out"},
        {YAML, SECOND, "{route: choice, tiers: [1], where: home, window: 1h, ceiling: 20}",
         LINE ".ceiling: only in a spot_offer are rates tendered: leave it out"},
        {YAML, SECOND, "{route: round, tiers: [1], where: home, window: 1h, invite: 3}",
         LINE ".invite: nobody is invited: leave it out"},
        {YAML, SECOND, "{route: broker_award, invite: 3}",
         LINE ".invite: nobody is invited: leave it out"},
        {YAML, SECOND, "{route: broker_award, decide: 3h}",
         LINE ".decide: there is no answer to decide on: leave it out"},
        {YAML, SECOND, "{route: broker_award, tiers: [1]}",
         LINE ".tiers: a broker may award to any service: leave it out"},
        {YAML, SECOND, "{route: broker_award, where: home}",
         LINE ".where: a broker may award to any service: leave it out"},
        {YAML, SECOND, "{route: round, tiers: [1], where: home, binding: yes, window: 1h}",
         LINE ".window: a binding round waits for no answer: leave it out"},
        {YAML, SECOND, "{route: round, tiers: [1], where: home, binding: yes, award: confirmed}",
         LINE ".award: a binding round needs no confirming: automatic, or leave it out"},
        {YAML, SECOND, "{route: choice, tiers: [1], where: home, window: 1h, award: confirmed}",
         LINE ".award: a choice needs no confirming: automatic, or leave it out"},
        {YAML, SECOND, "{route: broker_award, award: confirmed}",
         LINE ".award: a broker_award needs no confirming: automatic, or leave it out"},
        {YAML, SECOND, "{route: last_resort, tiers: [1], where: home, award: confirmed}",
         LINE ".award: a last_resort needs no confirming: automatic, or leave it out"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void values_out_of_range_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, invite: 0}",
         LINE ".invite: 0, 1 to 64 expected"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, invite: 65}",
         LINE ".invite: 65, 1 to 64 expected"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, close: first}",
         LINE ".close: \"first\" is not at_window or at_first"},
        {YAML, SECOND, "{route: open_offer, tiers: [1], where: home, window: 1h, award: confirm}",
         LINE ".award: \"confirm\" is not automatic or confirmed, did you mean \"confirmed\"?"},
        {YAML, SECOND, "{route: round, tiers: [1], where: home, window: 1h, binding: maybe}",
         LINE ".binding: \"maybe\" is not no, yes, false or true"},
        {YAML, SECOND, "{route: spot_offer, tiers: [1], where: home, window: 1h, floor: 11.99}",
         LINE ".floor: 11.99 is outside 12.00 to 45.00"},
        {YAML, SECOND, "{route: spot_offer, tiers: [1], where: home, window: 1h, ceiling: 45.01}",
         LINE ".ceiling: 45.01 is outside 12.00 to 45.00"},
        {YAML, SECOND,
         "{route: spot_offer, tiers: [1], where: home, window: 1h, floor: 30, ceiling: 29.99}",
         LINE ".floor: 30 is above the ceiling of 29.99"},
        {YAML, SECOND, "{route: spot_offer, tiers: [1], where: home, window: 1h, floor: 33.51}",
         LINE ".floor: 33.51 is above the kind's ceiling of 33.50"},
        {YAML, SECOND, "{route: spot_offer, tiers: [1], where: home, window: 1h, floor: cheap}",
         LINE ".floor: \"cheap\" is not a rate in pounds, like 24.10"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

/* The first two. */
#define FIRST "{route: call_off, tiers: [1], where: home, window: 4h}\n      - " SECOND
#define NOBODY_NEW "asks nobody new: earlier steps asked these tiers there already"

static void steps_never_reached_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, SECOND, "{route: broker_award}",
         "small.yaml:29: kinds.homecare.ladder[3]: never reached: a broker_award without a window "
         "comes before it"},
        {YAML, FIRST,
         "{route: open_offer, tiers: [1], where: everywhere, window: 1h}\n"
         "      - {route: open_offer, tiers: [1], where: home, window: 2h, close: at_first}",
         LINE ": " NOBODY_NEW},
        {YAML, FIRST,
         "{route: spot_offer, tiers: [1, 2], where: home, window: 1h}\n"
         "      - {route: spot_offer, tiers: [1], where: home, window: 1h, ceiling: 40}",
         LINE ": " NOBODY_NEW},
        {YAML, FIRST,
         "{route: round, tiers: [1], where: home, binding: yes}\n"
         "      - {route: round, tiers: [1], where: home, window: 1h}",
         LINE ": " NOBODY_NEW},
        {YAML, FIRST,
         "{route: broker_award, window: 1h}\n"
         "      - {route: broker_award, window: 2h}",
         LINE ": " NOBODY_NEW},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

/* Asked in another way, or not asked at all: that is new. */
static void the_same_services_may_be_asked_in_another_way(void **state)
{
    static const char *const ladders[] = {
        "{route: choice, tiers: [1], where: home, window: 1h}\n"
        "      - {route: call_off, tiers: [1], where: home, window: 1h}",
        "{route: call_off, tiers: [1], where: home, window: 1h}\n"
        "      - {route: spot_offer, tiers: [1], where: home, window: 1h}",
        "{route: round, tiers: [1], where: everywhere, binding: yes}\n"
        "      - {route: round, tiers: [1], where: home, binding: yes}",
    };
    const struct scratch *scratch = *state;
    for (size_t i = 0; i < COUNT(ladders); i++) {
        write_changed(scratch, YAML, FIRST, ladders[i]);
        struct pm_market_file *file = expect_read(scratch->path);
        assert_int_equal(pm_market_file_command(file)->load.market->kind[0].steps, 3);
        pm_market_file_free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steps_that_invite_read_as_written, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(a_spot_offer_reads_with_its_rates, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(steps_that_wait_read_as_written, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(a_broker_may_be_waited_for_without_end, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_ladders_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(fields_of_another_route_are_told, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(values_out_of_range_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(steps_never_reached_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(the_same_services_may_be_asked_in_another_way, scratch_open,
                                        scratch_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
