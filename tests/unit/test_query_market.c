/*
 * test_query_market.c - what queries tell of the longer ways of a package: what it belongs with,
 * tenders and their conditions, notice and successor, places that something frees or nothing does,
 * and the nearest misses.
 */
#include "tests/lib/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct pm_result apply(const struct pm_command *command)
{
    return little_apply(&little, PM_BROKER, "broker", command);
}

static void must(const struct pm_command *command)
{
    assert_int_equal(apply(command).status, PM_OK);
}

static const struct pm_visit mornings = {
    .earliest = 420, .latest = 600, .minutes = 30, .days = WEEKDAYS, .carers = 1};

static struct pm_command package(const char *reference, const char *kind)
{
    return (struct pm_command){.verb = PM_PACKAGE_POST,
                               .package = {.reference = pm_text(reference),
                                           .referrer = pm_text("ward"),
                                           .kind = pm_text(kind),
                                           .locality = pm_text("Alder"),
                                           .visit = &mornings,
                                           .visits = 1}};
}

/* The rules of the little market, changed, in place of those that are loaded. */
static void load_changed(void (*change)(struct pm_market *))
{
    static struct pm_market rules;
    rules = *little_market_load().load.market;
    change(&rules);
    const struct pm_command load = {.verb = PM_MARKET_LOAD, .load = {.market = &rules}};
    assert_int_equal(little_apply(&little, PM_OPERATOR, "keeper", &load).status, PM_OK);
    little_settle(&little);
}

/* Somebody bridged by dusk, who is obliged, until a date. */
static void bridge(const char *reference, int32_t until)
{
    struct pm_command post = package(reference, "bridging");
    post.package.planned_end = until;
    must(&post);
    const struct pm_command start = about(PM_PLACEMENT_START, reference);
    must(&start);
}

static void test_what_frees_a_place(void **state)
{
    (void)state;
    int32_t today = pm_date_of(LITTLE_TIME);
    bridge("B1", today + 1);
    bridge("B2", 0);
    struct pm_command next = package("H1", "homecare");
    next.package.follows = pm_text("B1");
    wait_minutes(4 * 24 * 60);
    must(&next);
    ask_list(PM_PLACEMENTS);
    expect_count("rows", 2);
    expect_text("rows/0/reference", "B1");
    expect_text("rows/0/freed_by/reference", "H1");
    expect_text("rows/0/freed_by/state", "offered");
    expect_number("rows/0/overdue", 3);
    expect_count("rows/1/freed_by", 0);
    expect_none("rows/1/overdue");
    ask_about(PM_PACKAGE_SHOW, "B1");
    expect_text("followed_by", "H1");
    ask_about(PM_PACKAGE_SHOW, "H1");
    expect_text("follows", "B1");
}

static void test_a_group_until_it_is_placed(void **state)
{
    (void)state;
    struct pm_command post = package("C1", "homecare");
    post.package.group = pm_text("elms");
    post.package.group_size = 2;
    post.package.together = 1;
    must(&post);
    ask_about(PM_PACKAGE_SHOW, "C1");
    expect_text("state", "open");
    expect_text("diagnosis", "Open until all of its group are posted, 1 of 2: "
                             "of 4 homecare services, 2 can be asked, 2 do not serve Alder.");
    expect_text("group", "elms");
    expect_number("group_size", 2);
    post.package.reference = pm_text("C2");
    must(&post);
    ask_about(PM_PACKAGE_SHOW, "C1");
    expect_text("state", "offered");
    expect_number("units", 300);
    expect_count("parts", 1);
    ask_about(PM_PACKAGE_SHOW, "C2");
    expect_text("diagnosis", "Open with C1, by which its group is brokered.");
    ask_as(PM_PROVIDER, "beryl", &(struct pm_command){.verb = PM_OFFERS});
    expect_number("rows/0/units", 300);
    expect_count("rows/0/visits", 1);
    expect_count("rows/0/parts", 1);
    expect_number("rows/0/parts/0/visits/0/3", 30);
    expect_count("rows/0/parts/0/needs", 0);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    ask_about(PM_PACKAGE_SHOW, "C2");
    expect_text("state", "placed");
    expect_none("group");
    expect_number("placement/units", 150);
}

static void expect_diagnosis(const char *reference, const char *sentence)
{
    ask_about(PM_PACKAGE_SHOW, reference);
    expect_text("diagnosis", sentence);
}

static void test_a_part_waits_for_the_other(void **state)
{
    (void)state;
    const struct pm_text needs[] = {pm_text("peg")};
    struct pm_visit much = mornings;
    struct pm_command post = package("S1", "homecare");
    post.package.group = pm_text("elms");
    post.package.group_size = 2;
    must(&post);
    post.package.reference = pm_text("S2");
    post.package.need = needs;
    post.package.needs = 1;
    much.minutes = 120;
    post.package.visit = &much;
    must(&post);
    expect_diagnosis("S1", "Waiting, with all parts of its group or none: "
                           "of 4 homecare services, 4 can be asked.");
}

static void only_rounds(struct pm_market *rules)
{
    rules->kind[LITTLE_HOMECARE].steps = 1;
    rules->kind[LITTLE_HOMECARE].step[0] =
        (struct pm_step){.route = PM_ROUND, .where = PM_HOME, .tiers = 7, .binding = 1};
}

static void only_a_broker(struct pm_market *rules)
{
    rules->kind[LITTLE_HOMECARE].steps = 1;
    rules->kind[LITTLE_HOMECARE].step[0] =
        (struct pm_step){.route = PM_BROKER_AWARD, .where = PM_HOME, .tiers = 7};
}

static void test_what_is_awaited_when_nobody_is_asked(void **state)
{
    (void)state;
    load_changed(only_rounds);
    struct pm_command post = package("P1", "homecare");
    must(&post);
    expect_diagnosis("P1", "Open until the next round: "
                           "of 4 homecare services, 2 can be asked, 2 do not serve Alder.");
    post.package.reference = pm_text("P2");
    post.package.arrangement = PM_DIRECT_PAYMENT;
    must(&post);
    expect_diagnosis("P2", "Waiting for a broker, as no step of its ladder asks anybody for it: "
                           "of 4 homecare services, 2 can be asked, 2 do not serve Alder.");
    load_changed(only_a_broker);
    post = package("P3", "homecare");
    must(&post);
    expect_diagnosis("P3", "Open for a broker to award it: "
                           "of 4 homecare services, 2 can be asked, 2 do not serve Alder.");
}

static void people_choose(struct pm_market *rules)
{
    struct pm_kind *homes = &rules->kind[LITTLE_RESIDENTIAL];
    homes->step[0].route = PM_CHOICE;
    homes->ceiling = 90000;
}

static void test_a_choice_with_its_top_up(void **state)
{
    (void)state;
    load_changed(people_choose);
    int32_t today = pm_date_of(LITTLE_TIME);
    const struct pm_text preferred[] = {pm_text("coral-house"), pm_text("nowhere")};
    struct pm_command post = package("R1", "residential");
    post.package.visits = 0;
    post.package.place_type = pm_text("nursing");
    post.package.preferred = preferred;
    post.package.preferences = 2;
    assert_int_equal(apply(&post).status, PM_UNKNOWN_LOCATION);
    post.package.preferences = 0;
    must(&post);
    struct pm_command tender = {.verb = PM_OFFER_TENDER,
                                .tender = {.offer = little_offer(&little, "coral"),
                                           .start = today + 3,
                                           .assess_by = today + 1,
                                           .shift = 30}};
    must(&tender);
    ask_list(PM_OFFERS);
    expect_text("rows/0/state", "tendered");
    expect_text("rows/0/route", "choice");
    expect_number("rows/0/start", today + 3);
    expect_number("rows/0/assess_by", today + 1);
    expect_number("rows/0/shift", 30);
    expect_number("rows/0/top_up", 10000);
    ask_about(PM_PACKAGE_SHOW, "R1");
    expect_text("state", "choosing");
    expect_text("arrangement", "managed");
    expect_count("preferred", 0);
    expect_none("deadline");
    struct pm_command choice = {.verb = PM_CHOICE_RECORD,
                                .choice = {.reference = pm_text("R1"),
                                           .offer = tender.tender.offer,
                                           .decided_by = PM_THE_FAMILY,
                                           .top_up = 1}};
    assert_int_equal(apply(&choice).status, PM_TOP_UP_REFUSED);
}

static void test_a_successor_while_care_goes_on(void **state)
{
    (void)state;
    int32_t today = pm_date_of(LITTLE_TIME);
    post("P1", "Alder", WEEKDAYS, 30, NULL);
    struct pm_result placed = little_accept(&little, "beryl");
    assert_int_equal(placed.status, PM_OK);
    const struct pm_command start = about(PM_PLACEMENT_START, "P1");
    must(&start);
    struct pm_command handback = {
        .verb = PM_PLACEMENT_HANDBACK,
        .handback = {.placement = placed.id, .until = today + 7, .code = PM_OTHER}};
    must(&handback);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("state", "offered");
    expect_text("interim", "on_notice");
    expect_text("placement/state", "notice");
    expect_number("placement/until", today + 7);
    expect_none("successor");
    assert_int_equal(little_accept(&little, "amber").status, PM_OK);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("state", "placed");
    expect_text("placement/provider", "beryl");
    expect_text("successor/provider", "amber");
    expect_text("successor/state", "agreed");
}

static void amend_to(uint16_t minutes)
{
    struct pm_visit visit = mornings;
    visit.minutes = minutes;
    struct pm_command amend = {
        .verb = PM_PACKAGE_AMEND,
        .package = {
            .reference = pm_text("P1"), .given = PM_GIVEN_VISITS, .visit = &visit, .visits = 1}};
    must(&amend);
}

static void test_it_is_with_who_cares_not_with_who_has_given_it_back(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 30, NULL);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    const struct pm_command start = about(PM_PLACEMENT_START, "P1");
    must(&start);
    amend_to(120);
    struct pm_result agreed = little_accept(&little, "amber");
    assert_int_equal(agreed.status, PM_OK);
    const struct pm_command handback = {.verb = PM_PLACEMENT_HANDBACK,
                                        .handback = {.placement = agreed.id, .code = PM_OTHER}};
    must(&handback);
    amend_to(30);
    ask_list(PM_PACKAGE_LIST);
    expect_text("rows/0/state", "placed");
    expect_text("rows/0/provider", "beryl");
}

static void test_why_a_broker_awarded_it(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 30, NULL);
    struct pm_command award = {.verb = PM_AWARD_OVERRIDE,
                               .award = {.reference = pm_text("P1"),
                                         .service = pm_text("hc-amber"),
                                         .rate = 2100,
                                         .note = pm_text("speaks her language")}};
    must(&award);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("placement/note", "speaks her language");
    expect_number("placement/rate", 2100);
    expect_text("offers/0/route", "broker_award");
    expect_text("offers/1/state", "withdrawn");
}

static void test_the_nearest_misses(void **state)
{
    (void)state;
    struct pm_command post = package("P1", "homecare");
    struct pm_visit much = mornings;
    const struct pm_text needs[] = {pm_text("peg")};
    much.minutes = 120;
    post.package.visit = &much;
    post.package.need = needs;
    post.package.needs = 1;
    must(&post);
    ask_about(PM_PACKAGE_SHOW, "P1");
    expect_text("state", "waiting");
    expect_text("misses/0/filter", "capacity");
    expect_text("misses/0/service", "hc-beryl");
    expect_text("misses/0/band", "morning");
    expect_number("misses/0/needed", 600);
    expect_number("misses/0/found", 420);
    expect_text("misses/1/filter", "needs");
    expect_text("misses/1/name", "peg");
    expect_number("misses/1/count", 3);
}

static void scarce_shares(struct pm_market *rules)
{
    rules->kind[LITTLE_HOMECARE].share_cap = 100;
    rules->kind[LITTLE_HOMECARE].ceiling = 2050;
}

static void test_misses_of_share_and_price(void **state)
{
    (void)state;
    load_changed(scarce_shares);
    post("P1", "Alder", WEEKDAYS, 30, NULL);
    ask_about(PM_EXPLAIN, "P1");
    expect_text("state", "waiting");
    expect_text("misses/0/filter", "rate");
    expect_text("misses/0/service", "hc-beryl");
    expect_number("misses/0/needed", 2050);
    expect_number("misses/0/found", 2200);
    expect_text("misses/1/filter", "share");
    expect_number("misses/1/needed", 150);
    expect_number("misses/1/found", 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MARKET_TEST(test_what_frees_a_place),
        MARKET_TEST(test_a_group_until_it_is_placed),
        MARKET_TEST(test_a_choice_with_its_top_up),
        MARKET_TEST(test_a_part_waits_for_the_other),
        MARKET_TEST(test_what_is_awaited_when_nobody_is_asked),
        MARKET_TEST(test_a_successor_while_care_goes_on),
        MARKET_TEST(test_it_is_with_who_cares_not_with_who_has_given_it_back),
        MARKET_TEST(test_why_a_broker_awarded_it),
        MARKET_TEST(test_the_nearest_misses),
        MARKET_TEST(test_misses_of_share_and_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
