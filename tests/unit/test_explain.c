/*
 * test_explain.c - explanations: the first filter that removed a service with its numbers, or its
 * score, rank and outcome, and the diagnosis in words.
 */
#include "tests/lib/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- explain ---- */

static void test_explain_offered(void **state)
{
    (void)state;
    post("P1", "Alder", WEEK, 30, "dementia");
    ask_about(PM_EXPLAIN, "P1");
    expect_text("reference", "P1");
    expect_text("state", "offered");
    expect_text("kind", "homecare");
    expect_text("locality", "Alder");
    expect_number("step", 1);
    expect_text("step_where", "home");
    expect_number("pass", 1);
    expect_count("services", 4);
    expect_text("services/0/service", "hc-beryl");
    expect_number("services/0/rank", 1);
    expect_number("services/0/score", 10000);
    expect_number("services/0/score_price", 6000);
    expect_number("services/0/score_quality", 4000);
    expect_number("services/0/tier", 1);
    expect_number("services/0/rate", 2200);
    expect_text("services/0/outcome", "open");
    expect_none("services/0/filter");
    expect_text("services/1/service", "hc-amber");
    expect_number("services/1/rank", 2);
    expect_number("services/1/score", 9800);
    expect_none("services/1/outcome");
    expect_text("services/2/service", "hc-coral");
    expect_text("services/2/filter", "locality");
    expect_none("services/2/rank");
    expect_text("services/3/service", "hc-dusk");
    expect_number("count", 6);
    expect_count("removed", 2);
    expect_text("removed/0/filter", "kind");
    expect_number("removed/0/count", 2);
    expect_text("removed/1/filter", "locality");
    expect_number("removed/1/count", 2);
    expect_text("diagnosis", "Offered to hc-beryl: of 4 homecare services, 1 can be asked, "
                             "2 do not serve Alder, 1 was asked (1 open).");
}

/* Those asked keep their rank and show what came of it; the step is that of the placement. */
static void test_explain_placed(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 30, NULL);
    assert_int_equal(little_decline(&little, "beryl", PM_RATE_TOO_LOW).status, PM_OK);
    wait_minutes(61); /* amber says nothing; neighbours of tiers 1 and 2 are next */
    assert_int_equal(little_accept(&little, "coral").status, PM_OK);
    ask_about(PM_EXPLAIN, "P1");
    expect_text("state", "placed");
    expect_number("step", 2);
    expect_text("step_where", "neighbours");
    expect_text("services/0/service", "hc-coral");
    expect_text("services/0/outcome", "accepted");
    expect_number("services/0/score", 10146);
    expect_text("services/1/service", "hc-beryl");
    expect_number("services/1/rank", 2);
    expect_text("services/1/outcome", "declined");
    expect_text("services/1/code", "rate_too_low");
    expect_text("services/2/service", "hc-amber");
    expect_text("services/2/outcome", "expired");
    expect_none("services/2/code");
    expect_text("services/3/service", "hc-dusk");
    expect_number("services/3/rank", 4);
    expect_none("services/3/outcome");
    expect_count("removed", 1); /* of another kind */
}

static const char waiting_sentence[] =
    "Waiting: of 4 homecare services, 3 lack a capability, 1 has not enough free capacity; "
    "the nearest is hc-beryl: morning needs 600, free 420; peg missing at 3.";

/* One that waits was refused at every step; a service's reason is that of the step it got furthest.
 */
static void test_explain_waiting(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 120, "peg");
    ask_about(PM_EXPLAIN, "P1");
    expect_text("state", "waiting");
    expect_number("step", 2);
    expect_text("services/0/service", "hc-amber");
    expect_text("services/0/filter", "needs");
    expect_number("services/0/needed", 1);
    expect_number("services/0/found", 0);
    expect_text("services/0/sentence", "lacks a capability: peg");
    expect_text("services/1/service", "hc-coral");
    expect_number("services/1/step", 2);
    expect_text("services/2/service", "hc-dusk");
    expect_text("services/3/service", "hc-beryl");
    expect_text("services/3/filter", "capacity");
    expect_text("services/3/band", "morning");
    expect_number("services/3/needed", 600);
    expect_number("services/3/found", 420);
    expect_number("services/3/step", 1);
    expect_text("services/3/sentence", "not enough free capacity: morning needs 600, free 420");
    expect_text("diagnosis", waiting_sentence);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("diagnosis", waiting_sentence);
}

static void test_explain_asked_and_waiting(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, "dementia");
    assert_int_equal(little_decline(&little, "beryl", PM_OTHER).status, PM_OK);
    wait_minutes(61);
    ask_about(PM_EXPLAIN, "P1");
    expect_text("state", "waiting");
    expect_text("services/0/service", "hc-beryl");
    expect_text("services/0/outcome", "declined");
    expect_text("services/1/outcome", "expired");
    expect_text("diagnosis", "Waiting: of 4 homecare services, 2 lack a capability, "
                             "2 were asked (1 declined, 1 gave no answer); dementia missing at 2.");
}

/* Every filter that a put can bring about, and what the sentence says of it. */
static void test_explain_standing_and_rate(void **state)
{
    (void)state;
    struct pm_text alder = pm_text("Alder");
    struct pm_rate dear = {0, 3500};
    struct pm_command suspend = {
        .verb = PM_PROVIDER_PUT,
        .provider = {.provider = pm_text("amber"), .standing = PM_SUSPENDED},
    };
    struct pm_command service = {
        .verb = PM_SERVICE_PUT,
        .service = {.service = pm_text("hc-dusk"),
                    .pool = pm_text("dusk-run"),
                    .kind = pm_text("homecare"),
                    .lot = pm_text("main"),
                    .tier = 1,
                    .contract = PM_IN_HOUSE,
                    .standing = PM_ACTIVE,
                    .localities = 1,
                    .locality = &alder,
                    .rates = 1,
                    .rate = &dear},
    };
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &suspend).status, PM_OK);
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &service).status, PM_OK);
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    ask_about(PM_EXPLAIN, "P1");
    expect_text("services/0/service", "hc-beryl");
    expect_text("services/1/filter", "standing");
    expect_none("services/1/needed");
    expect_text("services/2/filter", "locality");
    expect_text("services/3/service", "hc-dusk");
    expect_text("services/3/filter", "rate");
    expect_number("services/3/needed", 3000);
    expect_number("services/3/found", 3500);
    expect_text("services/3/sentence",
                "no rate in force, or dearer than the ceiling: at most 3000, has 3500");
    expect_text("diagnosis",
                "Offered to hc-beryl: of 4 homecare services, 1 is suspended or ceased, "
                "1 does not serve Alder, 1 has no rate within the ceiling, "
                "1 was asked (1 open); hc-dusk is \xc2\xa3"
                "5.00 an hour over the ceiling.");
}

static void test_explain_last_resort_and_end(void **state)
{
    (void)state;
    struct pm_visit visit = {420, 600, 30, WEEKDAYS, 1, 0, 0};
    struct pm_command bridging = {
        .verb = PM_PACKAGE_POST,
        .package = {.reference = pm_text("B1"),
                    .kind = pm_text("bridging"),
                    .locality = pm_text("Alder"),
                    .visit = &visit,
                    .visits = 1},
    };
    assert_int_equal(little_apply(&little, PM_HOSPITAL, "ward", &bridging).status, PM_OK);
    ask_about(PM_EXPLAIN, "B1");
    expect_text("state", "placed");
    expect_number("step", 2);
    expect_text("services/0/service", "br-dusk");
    expect_number("services/0/rank", 1);
    expect_text("services/0/outcome", "accepted");
    expect_number("removed/0/count", 5);
    struct pm_command end = about(PM_PLACEMENT_END, "B1");
    end.id.reason = PM_COMPLETED;
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &end).status, PM_OK);
    ask_about(PM_EXPLAIN, "B1");
    expect_text("diagnosis", "Ended (completed).");
}

/* Services enough that the order is not that of a few, ties among them. */
static void test_explain_order(void **state)
{
    (void)state;
    enum { MORE = 40 };
    struct pm_text alder = pm_text("Alder");
    for (int i = 0; i < MORE; i++) {
        char name[16], path[40];
        struct pm_rate rate = {0, 1500 + i * 7 % 5 * 100};
        snprintf(name, sizeof name, "more-%02d", i);
        struct pm_command service = {
            .verb = PM_SERVICE_PUT,
            .service = {.service = pm_text(name),
                        .pool = pm_text(i % 4 == 0 ? "dusk-run" : "amber-run"),
                        .kind = pm_text("homecare"),
                        .lot = pm_text("main"),
                        .tier = (uint8_t)(1 + i % 3 / 2),
                        .contract = PM_FRAMEWORK,
                        .standing = PM_ACTIVE,
                        .localities = 1,
                        .locality = &alder,
                        .rates = 1,
                        .rate = &rate},
        };
        snprintf(path, sizeof path, "%s", name);
        assert_int_equal(little_apply(&little, PM_BROKER, "broker", &service).status, PM_OK);
    }
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    ask_about(PM_EXPLAIN, "P1");
    expect_count("services", 4 + MORE);
    expect_text("services/0/outcome", "open"); /* the first in rank is the one asked */
    int64_t score = INT64_MAX;
    size_t ranked = 0;
    for (; ranked < 4 + MORE; ranked++) {
        char path[40];
        snprintf(path, sizeof path, "services/%zu/rank", ranked);
        if (!look_has(little.body, path))
            break;
        expect_number(path, (int64_t)ranked + 1);
        snprintf(path, sizeof path, "services/%zu/score", ranked);
        assert_true(look_number(little.body, path) <= score);
        score = look_number(little.body, path);
    }
    assert_int_equal(ranked, 2 + MORE - 13); /* 13 of the 40 are in tier 2 */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        MARKET_TEST(test_explain_offered),
        MARKET_TEST(test_explain_placed),
        MARKET_TEST(test_explain_waiting),
        MARKET_TEST(test_explain_asked_and_waiting),
        MARKET_TEST(test_explain_standing_and_rate),
        MARKET_TEST(test_explain_last_resort_and_end),
        MARKET_TEST(test_explain_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
