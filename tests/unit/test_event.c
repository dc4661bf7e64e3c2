/* test_event.c - events: what a command did, and the same with names and ids. */
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/state.h"
#include "tests/lib/little_market.h"

static struct little little;

static int open_little(void **state)
{
    (void)state;
    little_open(&little);
    return 0;
}

static int close_little(void **state)
{
    (void)state;
    little_close(&little);
    return 0;
}

/* Describes the one event of a kind of the last command. */
static struct pm_event_record the_event(enum pm_event_kind kind)
{
    struct pm_event_record record = {.kind = 0};
    size_t count, found = 0;
    const struct pm_event *events = pm_core_events(little.core, &count);
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind != kind)
            continue;
        pm_event_describe(little.core, &events[i], (uint32_t)i, &record);
        found++;
    }
    if (found != 1)
        fail_msg("%u events %s", (unsigned)found, pm_event_name(kind));
    return record;
}

static void describes_an_offer(void **state)
{
    (void)state;
    struct pm_result posted = little_post(&little, "X1", "Alder", 0x1f, 30, "peg");
    struct pm_event_record made = the_event(PM_EVENT_OFFER_MADE);
    assert_string_equal(made.market.text, "little");
    assert_string_equal(made.reference.text, "X1");
    assert_string_equal(made.referrer.text, "ward");
    assert_string_equal(made.service.text, "hc-beryl");
    assert_string_equal(made.provider.text, "beryl");
    assert_string_equal(made.pool.text, "");
    assert_int_equal(made.package, posted.id);
    assert_int_equal(made.offer, little_offer(&little, "beryl"));
    assert_int_equal(made.placement, 0);
    assert_int_equal(made.rate, 2200);
    assert_int_equal(made.deadline, LITTLE_TIME + 60 * 60 * 1000);
    assert_int_equal(made.sequence, little.sequence);
    assert_int_equal(made.time, LITTLE_TIME);
    assert_int_equal(the_event(PM_EVENT_PACKAGE_POSTED).offer, 0);
}

static void describes_a_placement(void **state)
{
    (void)state;
    little_post(&little, "X1", "Alder", 0x1f, 30, "peg");
    struct pm_result accepted = little_accept(&little, "beryl");
    struct pm_event_record agreed = the_event(PM_EVENT_PLACEMENT_AGREED);
    assert_int_equal(agreed.placement, accepted.id);
    assert_int_equal(agreed.rate, 2200);
    assert_string_equal(agreed.provider.text, "beryl");
}

static void describes_a_decline(void **state)
{
    (void)state;
    little_post(&little, "X1", "Alder", 0x1f, 30, "peg");
    little_decline(&little, "beryl", PM_TOO_FAR);
    assert_int_equal(the_event(PM_EVENT_OFFER_DECLINED).code, PM_TOO_FAR);
}

/* The next is asked by the same command: when that one has to answer is not the first one's. */
static void what_is_over_has_no_deadline(void **state)
{
    (void)state;
    little_post(&little, "X1", "Alder", 0x1f, 30, NULL);
    struct pm_event_record first = the_event(PM_EVENT_OFFER_MADE);
    little_decline(&little, first.provider.text, PM_TOO_FAR);
    assert_int_equal(the_event(PM_EVENT_OFFER_MADE).deadline, LITTLE_TIME + 60 * 60 * 1000);
    assert_int_equal(the_event(PM_EVENT_OFFER_DECLINED).deadline, 0);
}

static void describes_a_pool(void **state)
{
    (void)state;
    struct pm_command set = {
        .verb = PM_CAPACITY_SET,
        .capacity = {.pool = pm_text("coral-home"),
                     .bands = 2,
                     .spare = {3, 2},
                     .as_of = LITTLE_TIME},
    };
    assert_int_equal(little_apply(&little, PM_BROKER, "broker", &set).status, PM_OK);
    struct pm_event_record stated = the_event(PM_EVENT_CAPACITY_STATED);
    assert_string_equal(stated.pool.text, "coral-home");
    assert_string_equal(stated.provider.text, "coral");
    assert_string_equal(stated.reference.text, "");
    assert_int_equal(stated.package, 0);
}

static void a_refusal_has_no_events(void **state)
{
    (void)state;
    size_t count;
    struct pm_command withdraw = {.verb = PM_PACKAGE_WITHDRAW, .id = {.reference = pm_text("X9")}};
    assert_int_not_equal(little_apply(&little, PM_BROKER, "broker", &withdraw).status, PM_OK);
    pm_core_events(little.core, &count);
    assert_int_equal(count, 0);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned kind = 1; kind < PM_EVENT_KINDS; kind++) {
        assert_non_null(pm_event_name(kind));
        for (unsigned other = 1; other < kind; other++)
            assert_string_not_equal(pm_event_name(kind), pm_event_name(other));
    }
    assert_null(pm_event_name(0));
    assert_null(pm_event_name(PM_EVENT_KINDS));
    assert_null(pm_event_name(UINT32_MAX));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_little, close_little)
    const struct CMUnitTest tests[] = {
        TEST(describes_an_offer),
        TEST(describes_a_placement),
        TEST(describes_a_decline),
        TEST(describes_a_pool),
        TEST(what_is_over_has_no_deadline),
        TEST(a_refusal_has_no_events),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
