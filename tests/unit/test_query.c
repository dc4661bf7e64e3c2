/*
 * test_query.c - what queries answer: the rows of lists, the whole of a package, the report.
 */
#include "tests/lib/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* ---- Lists ---- */

static void test_package_rows(void **state)
{
    (void)state;
    post("P1", "Alder", WEEK, 30, "dementia");
    int64_t offer = (int64_t)little_offer(&little, "beryl");
    ask_list(PM_PACKAGE_LIST);
    expect_count("rows", 1);
    expect_number("next", 0);
    expect_text("rows/0/reference", "P1");
    expect_text("rows/0/referrer", "ward");
    expect_text("rows/0/kind", "homecare");
    expect_text("rows/0/state", "offered");
    expect_text("rows/0/locality", "Alder");
    expect_none("rows/0/sector");
    expect_number("rows/0/priority", 1);
    expect_number("rows/0/units", 210);
    expect_number("rows/0/posted", LITTLE_TIME);
    expect_number("rows/0/offer", offer);
    expect_text("rows/0/service", "hc-beryl");
    expect_text("rows/0/provider", "beryl");
    expect_number("rows/0/rate", 2200);
    expect_number("rows/0/deadline", LITTLE_TIME + 60 * 60000);
}

static void test_offer_rows(void **state)
{
    (void)state;
    post("P1", "Alder", WEEK, 30, "dementia");
    wait_minutes(1);
    assert_int_equal(little_decline(&little, "beryl", PM_TIMES_UNSUITABLE).status, PM_OK);
    ask_list(PM_OFFERS);
    expect_count("rows", 2);
    expect_text("rows/0/service", "hc-beryl");
    expect_text("rows/0/state", "declined");
    expect_text("rows/0/code", "times_unsuitable");
    expect_number("rows/0/answered", LITTLE_TIME + 60000);
    expect_number("rows/0/score", 10000);
    expect_text("rows/1/service", "hc-amber");
    expect_text("rows/1/state", "open");
    expect_none("rows/1/code");
    expect_none("rows/1/answered");
    expect_number("rows/1/score", 9800);
    expect_number("rows/1/rate", 2000);
    expect_number("rows/1/step", 1);
    expect_number("rows/1/pass", 1);
    expect_number("rows/1/made", LITTLE_TIME + 60000);
    expect_number("rows/1/deadline", LITTLE_TIME + 61 * 60000);
    expect_number("rows/1/units", 210);
    expect_text("rows/1/reference", "P1");
    expect_text("rows/1/locality", "Alder");
    expect_count("rows/1/visits/0", 6);
    expect_number("rows/1/visits/0/0", WEEK);
    expect_number("rows/1/visits/0/1", 420);
    expect_number("rows/1/visits/0/3", 30);
    expect_text("rows/1/needs/0", "dementia");
    expect_none("rows/1/person");
}

static void test_placement_rows(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 31, NULL);
    wait_minutes(2);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    ask_list(PM_PLACEMENTS);
    expect_count("rows", 1);
    expect_text("rows/0/reference", "P1");
    expect_text("rows/0/service", "hc-beryl");
    expect_number("rows/0/units", 155);
    expect_number("rows/0/cost", 5683); /* 155 x 2200 / 60 = 5683.3 */
    expect_text("rows/0/state", "agreed");
    expect_number("rows/0/agreed", LITTLE_TIME + 120000);
    expect_none("rows/0/started");
    expect_none("rows/0/reason");
    expect_number("rows/0/rules", 1);
    struct pm_command end = about(PM_PLACEMENT_END, "P1");
    end.id.reason = PM_READMITTED;
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &end).status, PM_OK);
    ask_list(PM_PLACEMENTS);
    expect_text("rows/0/state", "ended");
    expect_text("rows/0/reason", "readmitted");
    expect_number("rows/0/ended", LITTLE_TIME + 120000);
}

static void test_place_costs_its_rate(void **state)
{
    (void)state;
    struct pm_command place = {
        .verb = PM_PACKAGE_POST,
        .package = {.reference = pm_text("R1"),
                    .kind = pm_text("residential"),
                    .locality = pm_text("Birch"),
                    .sector = pm_postcode_parse(pm_text("ZZ2 4")),
                    .place_type = pm_text("nursing")},
    };
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &place).status, PM_OK);
    ask_list(PM_OFFERS);
    expect_text("rows/0/place_type", "nursing");
    expect_text("rows/0/sector", "ZZ2 4");
    assert_int_equal(little_accept(&little, "coral").status, PM_OK);
    ask_list(PM_PLACEMENTS);
    expect_number("rows/0/units", 1);
    expect_number("rows/0/cost", 100000);
    ask_about(PM_PACKAGE_SHOW, "R1");
    expect_text("place_type", "nursing");
    expect_count("demand", 2);
    expect_text("demand/1/name", "nursing");
    expect_number("demand/1/needed", 1);
}

static void test_service_rows(void **state)
{
    (void)state;
    struct pm_command command = list_of(PM_SERVICE_LIST);
    command.list.provider = pm_text("beryl");
    ask_as(PM_BROKER, "broker", &command);
    expect_count("rows", 1);
    expect_text("rows/0/service", "hc-beryl");
    expect_text("rows/0/provider", "beryl");
    expect_text("rows/0/location", "beryl-branch");
    expect_text("rows/0/pool", "beryl-run");
    expect_text("rows/0/kind", "homecare");
    expect_text("rows/0/lot", "main");
    expect_number("rows/0/tier", 1);
    expect_text("rows/0/contract", "framework");
    expect_text("rows/0/standing", "active");
    expect_number("rows/0/rate", 2200);
    expect_number("rows/0/score", 10000);
    expect_count("rows/0/localities", 2);
    expect_text("rows/0/localities/1", "Birch");
    expect_count("rows/0/sectors", 0);
    expect_text("rows/0/capabilities/1", "peg");
    command = list_of(PM_SERVICE_LIST);
    command.list.kind = pm_text("residential");
    ask_as(PM_BROKER, "broker", &command);
    expect_count("rows", 1);
    expect_text("rows/0/service", "rs-coral");
}

static void ask_pool_of(const char *provider)
{
    struct pm_command command = list_of(PM_CAPACITY);
    command.list.provider = pm_text(provider);
    ask_as(PM_BROKER, "broker", &command);
}

static void test_capacity_rows(void **state)
{
    (void)state;
    post("P1", "Alder", WEEK, 30, NULL);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    post("P2", "Alder", WEEKDAYS, 20, NULL);
    ask_pool_of("beryl");
    expect_count("rows", 1);
    expect_text("rows/0/pool", "beryl-run");
    expect_text("rows/0/location", "beryl-branch");
    expect_text("rows/0/mode", "declared");
    expect_number("rows/0/as_of", LITTLE_TIME);
    expect_none("rows/0/valid_until");
    expect_count("rows/0/bands", 3);
    expect_text("rows/0/bands/0/name", "morning");
    expect_number("rows/0/bands/0/declared", 420);
    expect_number("rows/0/bands/0/committed", 150);
    expect_number("rows/0/bands/0/held", 100);
    expect_number("rows/0/bands/0/free", 170);
    expect_number("rows/0/bands/2/committed", 60);
    assert_false(look_bool(little.body, "rows/0/overcommitted"));
}

/* coral's run declares nothing: what is taken shows, what is free is not known. */
static void test_capacity_not_declared(void **state)
{
    (void)state;
    post("P1", "Birch", WEEKDAYS, 30, NULL);
    struct pm_command command = list_of(PM_CAPACITY);
    command.list.provider = pm_text("coral");
    command.list.kind = pm_text("homecare");
    ask_as(PM_BROKER, "broker", &command);
    expect_text("rows/0/mode", "ask");
    expect_none("rows/0/as_of");
    expect_number("rows/0/bands/0/held", 0);
    expect_none("rows/0/bands/0/free");
    expect_none("rows/0/bands/0/declared");
}

static void test_capacity_lapses(void **state)
{
    (void)state;
    struct pm_command set = {
        .verb = PM_CAPACITY_SET,
        .capacity = {.pool = pm_text("amber-run"),
                     .bands = 3,
                     .spare = {60, 60, 60},
                     .as_of = LITTLE_TIME,
                     .valid_until = LITTLE_TIME + 60000},
    };
    assert_int_equal(little_apply(&little, PM_PROVIDER, "amber", &set).status, PM_OK);
    ask_pool_of("amber");
    expect_number("rows/0/valid_until", LITTLE_TIME + 60000);
    expect_number("rows/0/bands/0/free", 60);
    wait_minutes(2);
    ask_pool_of("amber");
    expect_text("rows/0/mode", "lapsed");
}

/* ---- package.show ---- */

static void test_show(void **state)
{
    (void)state;
    struct pm_visit visits[] = {{420, 600, 30, WEEK, 1, 1, 0}, {1080, 1260, 15, WEEK, 2, 0, 0}};
    struct pm_text needs[] = {pm_text("peg"), pm_text("dementia")};
    struct pm_text excluded = pm_text("dusk");
    struct pm_command command = {
        .verb = PM_PACKAGE_POST,
        .package = {.reference = pm_text("S1"),
                    .kind = pm_text("homecare"),
                    .locality = pm_text("Alder"),
                    .continuity = pm_text("beryl"),
                    .person = pm_text("token-1"),
                    .visit = visits,
                    .visits = 2,
                    .need = needs,
                    .needs = 2,
                    .exclusion = &excluded,
                    .exclusions = 1,
                    .interim = PM_IN_HOSPITAL,
                    .payer = PM_HEALTH,
                    .start_from = 20760,
                    .start_by = 20765},
    };
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &command).status, PM_OK);
    ask_about(PM_PACKAGE_SHOW, "S1");
    expect_text("referrer", "broker");
    expect_text("state", "offered");
    expect_count("visits", 2);
    expect_number("visits/0/5", 1);
    expect_number("visits/1/4", 2);
    expect_count("needs", 2);
    expect_text("needs/0", "dementia");
    expect_count("demand", 3);
    expect_text("demand/1/name", "evening");
    expect_number("demand/1/needed", 150);
    expect_number("demand/2/needed", 120);
    expect_number("units", 420);
    expect_text("interim", "in_hospital");
    expect_text("payer", "health");
    expect_text("person", "token-1");
    expect_text("exclusions/0", "dusk");
    expect_text("continuity", "beryl");
    expect_number("start_from", 20760);
    expect_number("start_by", 20765);
    expect_none("planned_end");
    expect_none("place_type");
    expect_number("version", 1);
    expect_number("step", 1);
    expect_number("pass", 1);
    expect_count("offers", 1);
    expect_text("offers/0/state", "open");
    expect_none("placement");
    expect_none("ended");
    expect_none("reason");
    expect_none("diagnosis");
}

static void test_show_to_the_end(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    assert_int_equal(little_decline(&little, "beryl", PM_TOO_FAR).status, PM_OK);
    assert_int_equal(little_accept(&little, "amber").status, PM_OK);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("state", "placed");
    expect_text("service", "hc-amber");
    expect_count("offers", 2);
    expect_text("offers/0/state", "accepted");
    expect_text("offers/1/state", "declined");
    expect_text("placement/state", "agreed");
    expect_number("placement/cost", 3333); /* 100 x 2000 / 60 */
    struct pm_command withdraw = about(PM_PACKAGE_WITHDRAW, "P1");
    withdraw.id.reason = PM_DIED;
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &withdraw).status, PM_OK);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("state", "withdrawn");
    expect_text("reason", "died");
    expect_number("ended", LITTLE_TIME);
    expect_text("placement/reason", "died");
}

/* ---- market.report ---- */

static void test_report(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    wait_minutes(10);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    post("P2", "Alder", WEEKDAYS, 20, NULL);
    wait_minutes(20);
    assert_int_equal(little_decline(&little, "beryl", PM_OTHER).status, PM_OK);
    assert_int_equal(little_accept(&little, "amber").status, PM_OK);
    post("P3", "Alder", WEEKDAYS, 20, NULL);
    post("P4", "Alder", WEEKDAYS, 180, "peg");
    struct pm_command report = list_of(PM_MARKET_REPORT);
    ask_as(PM_COMMISSIONER, "watcher", &report);
    expect_text("market", "little");
    expect_text("title", "A little market (invented)");
    expect_number("version", 1);
    expect_number("time", LITTLE_TIME + 30 * 60000);
    expect_count("packages", PM_PACKAGE_STATES);
    expect_text("packages/1/state", "offered");
    expect_number("packages/1/count", 1);
    expect_number("packages/2/count", 2);
    expect_number("packages/5/count", 1);
    expect_count("kinds", 3);
    expect_text("kinds/0/kind", "homecare");
    expect_text("kinds/0/unit", "minutes");
    expect_number("kinds/0/packages", 4);
    expect_number("kinds/0/placed", 2);
    expect_number("kinds/0/waiting", 1);
    expect_number("kinds/0/offers", 1);
    expect_number("kinds/0/units", 200);
    expect_number("kinds/0/cost", 3667 + 3333);
    expect_number("kinds/0/time_to_place", 15 * 60000);
    expect_none("kinds/1/time_to_place");
    expect_number("providers", 4);
    expect_number("locations", 4);
    expect_number("pools", 5);
    expect_number("services", 6);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        MARKET_TEST(test_package_rows),
        MARKET_TEST(test_offer_rows),
        MARKET_TEST(test_placement_rows),
        MARKET_TEST(test_place_costs_its_rate),
        MARKET_TEST(test_service_rows),
        MARKET_TEST(test_capacity_rows),
        MARKET_TEST(test_capacity_not_declared),
        MARKET_TEST(test_capacity_lapses),
        MARKET_TEST(test_show),
        MARKET_TEST(test_show_to_the_end),
        MARKET_TEST(test_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
