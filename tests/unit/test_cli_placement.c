/*
 * test_cli_placement.c - `placemat` after care is agreed: the life of placements, suspension and
 * failure of providers, and what is seen of it.
 */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATE(text) pm_date_parse(pm_text(text))

/* ---- What the daemon answers when it is looked at ---- */

static void noticed_placement(struct wire_writer *out)
{
    cli_test_row(out, 7, "notice");
}

static void ended_placement(struct wire_writer *out)
{
    cli_test_row(out, 7, "ended");
}

/* ---- The life of a placement ---- */

static void test_handback(void **state)
{
    (void)state;
    static const struct {
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {noticed_placement, "Placement 7 handed back: its care goes on until 2026-12-20.\n"},
        {ended_placement, "Placement 7 handed back: it has ended.\n"},
        {NULL, "Placement 7 handed back.\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run = RUN(steps, "placement", "handback", "7", "--code", "too_far",
                                  "--until", "2026-12-20", "--note", "run closes");
        cli_test_prints(&run, cases[i].says);
        const struct pm_handback *handback = &cli_test_sent(&run, PM_PLACEMENT_HANDBACK)->handback;
        assert_int_equal(handback->placement, 7);
        assert_int_equal(handback->code, PM_TOO_FAR);
        assert_int_equal(handback->until, DATE("2026-12-20"));
        cli_test_is(handback->note, "run closes");
        assert_int_equal(fake_daemon_decoded(run.fake, 1).command->verb, PM_PLACEMENTS);
        cli_test_end(&run);
    }
}

static void test_stay(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7}};
    struct cli_test run = RUN(steps, "placement", "in-hospital", "X1", "--until", "2026-12-14",
                              "--referrer", "Ward 3");
    cli_test_prints(&run, "X1: placement 7 is kept until 2026-12-14.\n");
    const struct pm_stay *stay = &cli_test_sent(&run, PM_PLACEMENT_IN_HOSPITAL)->stay;
    cli_test_is(stay->reference, "X1");
    cli_test_is(stay->referrer, "Ward 3");
    assert_int_equal(stay->until, DATE("2026-12-14"));
    cli_test_end(&run);
}

static void test_restart(void **state)
{
    (void)state;
    static const struct {
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {cli_test_placed, "X1: placement 7 goes on.\n"},
        {cli_test_offered, "X1 restarted: offered to 3 services until 2024-12-24 15:04.\n"},
        {NULL, "X1 restarted.\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run = RUN(steps, "placement", "restart", "X1");
        cli_test_prints(&run, cases[i].says);
        cli_test_is(cli_test_sent(&run, PM_PLACEMENT_RESTART)->id.reference, "X1");
        cli_test_end(&run);
    }
}

static void test_end(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = cli_test_placed}};
    struct cli_test run = RUN(steps, "placement", "end", "X1", "--reason", "died");
    cli_test_prints(&run, "X1: placement 7 has ended.\n");
    assert_int_equal(cli_test_sent(&run, PM_PLACEMENT_END)->id.reason, PM_DIED);
    assert_int_equal(fake_daemon_requests(run.fake), 1);
    cli_test_end(&run);
    run = RUN(steps, "placement", "end", "X1", "--reason", "provider_failed");
    cli_test_prints(&run,
                    "X1: placement 7 has ended.\nX1 is still needed: placed with fernglow.\n");
    assert_int_equal(cli_test_sent(&run, PM_PLACEMENT_END)->id.reason, PM_PROVIDER_FAILED);
    cli_test_end(&run);
}

static void started_placement(struct wire_writer *out)
{
    cli_test_row(out, 7, "started");
}

/* With whom it is imported may have failed. */
static void test_import_says_what_became_of_it(void **state)
{
    (void)state;
    static const struct {
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {started_placement, "X1 imported: placement 7 has started.\n"},
        {noticed_placement,
         "X1 imported: its provider or location has failed, so placement 7 is on notice and "
         "others are sought.\n"},
        {ended_placement,
         "X1 imported: its provider or location has failed, so placement 7 is over and others "
         "are sought.\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run =
            RUN(steps, "placement", "import", "X1", "--kind", "homecare", "--service",
                "fernglow-grays", "--postcode", "RM17 5", "--visit", "mon 07:00-10:00 30m");
        cli_test_prints(&run, cases[i].says);
        assert_int_equal(fake_daemon_decoded(run.fake, 1).command->verb, PM_PLACEMENTS);
        cli_test_end(&run);
    }
}

static void test_import(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7}, {.act = FAKE_ANSWER}};
    struct cli_test run =
        RUN(steps, "placement", "import", "X1", "--kind", "homecare", "--service", "fernglow-grays",
            "--postcode", "RM17 5", "--visit", "mon 07:00-10:00 30m", "--started", "2026-01-05",
            "--rate", "23.50", "--continuity", "fernglow", "--referrer", "Ward 3");
    cli_test_prints(&run, "X1 imported: placement 7 has started.\n");
    const struct pm_import *import = &cli_test_sent(&run, PM_PLACEMENT_IMPORT)->import;
    cli_test_is(import->service, "fernglow-grays");
    assert_int_equal(import->rate, 2350);
    assert_int_equal(import->started, DATE("2026-01-05"));
    assert_non_null(import->package);
    cli_test_is(import->package->reference, "X1");
    cli_test_is(import->package->referrer, "Ward 3");
    cli_test_is(import->package->kind, "homecare");
    cli_test_is(import->package->continuity, "fernglow");
    assert_int_equal(import->package->visits, 1);
    cli_test_end(&run);
}

/* A place that another package frees, late; one that nothing frees; and care that is no such place.
 */
static void places(struct wire_writer *out)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_NEXT, 0);
    wire_key(out, KEY_ROWS);
    wire_array(out, 3);
    wire_map(out, 4);
    cli_test_number(out, KEY_ID, 1);
    cli_test_text(out, KEY_STATE, "started");
    wire_key(out, KEY_FREED_BY);
    wire_map(out, 2);
    cli_test_text(out, KEY_REFERENCE, "N1");
    cli_test_text(out, KEY_STATE, "waiting");
    cli_test_number(out, KEY_OVERDUE, 12);
    wire_map(out, 3);
    cli_test_number(out, KEY_ID, 2);
    cli_test_text(out, KEY_STATE, "agreed");
    wire_key(out, KEY_FREED_BY);
    wire_map(out, 0);
    wire_map(out, 3);
    cli_test_number(out, KEY_ID, 3);
    cli_test_text(out, KEY_STATE, "in_hospital");
    cli_test_number(out, KEY_UNTIL, DATE("2026-12-14"));
}

static void test_bridging(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = places}};
    struct cli_test run =
        RUN(steps, "placement", "list", "--kind", "bridging", "--state", "in_hospital");
    cli_test_prints(&run, "PLACEMENT  STATE        UNTIL       FREED BY      DAYS OVERDUE\n"
                          "        1  started                  N1 (waiting)            12\n"
                          "        2  agreed                   nothing\n"
                          "        3  in_hospital  2026-12-14\n");
    assert_int_equal(cli_test_sent(&run, PM_PLACEMENTS)->list.state, 1 + PM_IN_STAY);
    cli_test_end(&run);
}

/* ---- Providers and services ---- */

static void test_suspend(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 2}};
    struct cli_test run = RUN(steps, "provider", "suspend", "fernglow", "--note", "inspection");
    cli_test_prints(&run,
                    "fernglow is suspended: nothing new is offered to it; its placements go on.\n");
    cli_test_is(cli_test_sent(&run, PM_PROVIDER_SUSPEND)->suspension.provider, "fernglow");
    cli_test_is(cli_test_sent(&run, PM_PROVIDER_SUSPEND)->suspension.note, "inspection");
    cli_test_end(&run);
    run = RUN(steps, "provider", "suspend", "fernglow", "--location", "fernglow-grays");
    cli_test_says(run.out, "fernglow is suspended at fernglow-grays: ");
    cli_test_is(cli_test_sent(&run, PM_PROVIDER_SUSPEND)->suspension.location, "fernglow-grays");
    cli_test_end(&run);
    run = RUN(steps, "provider", "resume", "fernglow", "--kind", "homecare");
    cli_test_prints(&run, "The suspension of fernglow for homecare is lifted.\n");
    cli_test_is(cli_test_sent(&run, PM_PROVIDER_RESUME)->suspension.kind, "homecare");
    cli_test_end(&run);
    run = RUN(steps, "provider", "resume", "fernglow", "--locality", "Grays");
    cli_test_prints(&run, "The suspension of fernglow in Grays is lifted.\n");
    cli_test_is(cli_test_sent(&run, PM_PROVIDER_RESUME)->suspension.locality, "Grays");
    cli_test_end(&run);
}

static void test_fail(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 2}};
    struct cli_test run =
        RUN(steps, "provider", "fail", "fernglow", "--mode", "managed", "--location",
            "fernglow-grays", "--from", "2026-12-31", "--note", "administrators");
    cli_test_prints(&run,
                    "The failure of fernglow at fernglow-grays is recorded: others are sought for "
                    "its placements.\n");
    const struct pm_failure *failure = &cli_test_sent(&run, PM_PROVIDER_FAIL)->failure;
    cli_test_is(failure->provider, "fernglow");
    cli_test_is(failure->location, "fernglow-grays");
    cli_test_is(failure->note, "administrators");
    assert_int_equal(failure->from, DATE("2026-12-31"));
    assert_int_equal(failure->mode, PM_FAIL_MANAGED);
    cli_test_end(&run);
}

static void test_transfer(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 2}};
    struct cli_test run =
        RUN(steps, "service", "transfer", "old-run", "--to", "new-run", "--note", "sold");
    cli_test_prints(&run, "The placements of old-run go over to new-run.\n");
    const struct pm_transfer *transfer = &cli_test_sent(&run, PM_SERVICE_TRANSFER)->transfer;
    cli_test_is(transfer->service, "old-run");
    cli_test_is(transfer->to, "new-run");
    cli_test_is(transfer->note, "sold");
    cli_test_end(&run);
    run = RUN(steps, "service", "put", "new-run", "--pool", "p", "--kind", "homecare", "--lot", "l",
              "--rate", "24", "--uplift", "2026-04-01");
    assert_int_equal(cli_test_sent(&run, PM_SERVICE_PUT)->service.uplift, DATE("2026-04-01"));
    cli_test_end(&run);
}

/* ---- What is seen ---- */

static void stay_event(struct wire_writer *out)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_CURSOR, 512);
    wire_key(out, KEY_EVENTS);
    wire_array(out, 2);
    wire_map(out, 4);
    cli_test_number(out, KEY_TIME, 1735052640000);
    cli_test_text(out, KEY_EVENT, "placement_in_hospital");
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_PROVIDER, "fernglow");
    wire_map(out, 2);
    cli_test_number(out, KEY_TIME, 1735052640000);
    cli_test_text(out, KEY_EVENT, "round_opened");
}

static void test_watch(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = stay_event}};
    struct cli_test run = RUN(steps, "watch", "--cursor", "256");
    cli_test_prints(&run, "2024-12-24 15:04  placement in hospital: X1, fernglow\n"
                          "2024-12-24 15:04  round opened\n"
                          "Go on with --cursor 512\n");
    cli_test_end(&run);
}

/* ---- What makes no sense ---- */

static void test_usage(void **state)
{
    (void)state;
    static const struct {
        const char *words[12];
        const char *says;
    } cases[] = {
        {{"provider", "suspend"}, "NAME is missing"},
        {{"provider", "suspend", "P", "--kind", "k", "--locality", "l"},
         "one at most of --location, --kind and --locality"},
        {{"provider", "resume", "P", "--location", "a", "--kind", "k"}, "one at most of"},
        {{"provider", "fail", "P"}, "--mode MODE is missing"},
        {{"provider", "fail", "P", "--mode", "gone"}, "\"gone\" is none of ceased, managed"},
        {{"provider", "fail", "P", "--mode", "ceased", "--from", "now"},
         "--from: \"now\" is not a date"},
        {{"service", "transfer", "S"}, "--to SERVICE is missing"},
        {{"service", "put", "S", "--pool", "P", "--kind", "k", "--lot", "l", "--rate=24",
          "--uplift=x"},
         "--uplift: \"x\" is not a date"},
        {{"placement", "handback", "7"}, "--code CODE is missing"},
        {{"placement", "handback", "X1", "--code", "other"}, "ID: \"X1\" is not a whole number"},
        {{"placement", "handback", "7", "--code", "tired"}, "none of no_capacity"},
        {{"placement", "handback", "7", "--code", "other", "--until", "x"}, "--until: \"x\""},
        {{"placement", "in-hospital", "X1"}, "--until DATE is missing"},
        {{"placement", "in-hospital", "X1", "--until", "x"}, "--until: \"x\" is not a date"},
        {{"placement", "restart"}, "REF is missing"},
        {{"placement", "end", "X1", "--reason", "replaced"},
         "\"replaced\" is none of completed, died, readmitted, chose_otherwise, moved_away, "
         "mistake, handed_back, provider_failed."},
        {{"placement", "list", "--state", "open"}, "none of agreed, started, ended, notice"},
        {{"placement", "import", "X1", "--kind", "k"}, "--service NAME is missing"},
        {{"placement", "import", "X1", "--service", "S"}, "--kind KIND is missing"},
        {{"placement", "import", "X1", "--service", "S", "--kind", "k", "--started", "x"},
         "--started: \"x\" is not a date"},
        {{"placement", "import", "X1", "--service", "S", "--kind", "k", "--group", "g"},
         "no option --group here"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cli_test_refuses(cases[i].words, cases[i].says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handback),
        cmocka_unit_test(test_stay),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_import_says_what_became_of_it),
        cmocka_unit_test(test_import),
        cmocka_unit_test(test_bridging),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests_name("cli_placement", tests, cli_test_setup, fake_daemon_end_all);
}
