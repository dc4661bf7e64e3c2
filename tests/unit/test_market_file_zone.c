/*
 * test_market_file_zone.c: local times as UTC. Every minute around changes of clocks is held
 * against what the C library makes of UTC; zones that are none are not entered, and TZ is what it
 * was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "client/market_file_zone.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { DAY = 1440 };

static int32_t local_of(int32_t utc)
{
    time_t seconds = (time_t)utc * 60;
    struct tm local;
    assert_non_null(localtime_r(&seconds, &local));
    return (int32_t)(timegm(&local) / 60);
}

/* A change on this date: every local minute from two days before it to two days after. */
static void expect_right_around(const char *name, const char *date)
{
    int32_t middle = pm_date_parse(pm_text(date)) * DAY;
    int32_t first = middle - 4 * DAY; /* of UTC: the first that has reached the local minute */
    int32_t last = middle + 4 * DAY;  /* and the last before which it was not reached */
    struct zone zone;
    assert_int_equal(mf_zone_enter(&zone, pm_text(name)), ZONE_ENTERED);
    for (int32_t local = middle - 2 * DAY; local < middle + 2 * DAY; local++) {
        while (local_of(first) < local)
            first++;
        if (mf_zone_opens(local) != first)
            fail_msg("%s %s: %d is %d, %d expected", name, date, local - middle,
                     mf_zone_opens(local) - middle, first - middle);
    }
    for (int32_t local = middle + 2 * DAY; local > middle - 2 * DAY; local--) {
        while (local_of(last - 1) >= local)
            last--;
        if (mf_zone_closes(local) != last)
            fail_msg("%s %s: %d is last %d, %d expected", name, date, local - middle,
                     mf_zone_closes(local) - middle, last - middle);
    }
    mf_zone_leave(&zone);
}

static void every_minute_around_a_change_is_right(void **state)
{
    static const char *const changes[][2] = {
        {"Europe/London", "2026-03-29"},
        {"Europe/London", "2026-10-25"},
        {"Europe/London", "2026-07-01"},       /* none */
        {"Europe/London", "2060-03-28"},       /* by the rule, after what is listed */
        {"Europe/London", "1971-10-31"},       /* the end of British Standard Time */
        {"Australia/Lord_Howe", "2026-04-05"}, /* half an hour */
        {"Australia/Lord_Howe", "2026-10-04"},
        {"America/St_Johns", "2009-11-01"}, /* at a minute past midnight */
        {"America/Havana", "2026-11-01"},   /* midnight twice */
        {"Africa/Cairo", "2026-04-24"},     /* no midnight */
        {"Pacific/Apia", "2011-12-30"},     /* no such day */
        {"Pacific/Kiritimati", "2026-06-01"},
        {"Etc/GMT+12", "2026-06-01"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++)
        expect_right_around(changes[i][0], changes[i][1]);
}

static void a_day_of_london_is_right(void **state)
{
    (void)state;
    struct zone zone;
    int32_t spring = pm_date_parse(pm_text("2026-03-29")) * DAY;
    int32_t autumn = pm_date_parse(pm_text("2026-10-25")) * DAY;
    assert_int_equal(mf_zone_enter(&zone, pm_text("Europe/London")), ZONE_ENTERED);
    assert_int_equal(mf_zone_opens(spring + 59), spring + 59);
    assert_int_equal(mf_zone_opens(spring + 60), spring + 60); /* is never shown */
    assert_int_equal(mf_zone_opens(spring + 90), spring + 60);
    assert_int_equal(mf_zone_closes(spring + 60), spring + 60);
    assert_int_equal(mf_zone_closes(spring + 90), spring + 60);
    assert_int_equal(mf_zone_closes(spring + 120), spring + 60);
    assert_int_equal(mf_zone_closes(spring + 121), spring + 61);
    assert_int_equal(mf_zone_opens(autumn + 90), autumn + 30); /* is shown twice */
    assert_int_equal(mf_zone_opens(autumn + 120), autumn + 120);
    assert_int_equal(mf_zone_closes(autumn + 60), autumn);
    assert_int_equal(mf_zone_closes(autumn + 61), autumn + 61);
    assert_int_equal(mf_zone_closes(autumn + 120), autumn + 120);
    mf_zone_leave(&zone);
}

static void what_is_no_zone_is_not_entered(void **state)
{
    static const char *const names[] = {
        "",
        "Europe/Lodnon",
        "Europe",
        "europe/london",
        "GMT0BST",
        "zone.tab",
        "tzdata.zi",
        "../../../etc/localtime",
        "localtime",
        "/Europe/London",
        "Europe/London ",
        "right/Europe/London",
        ":Europe/London",
        "Europe/London/Europe/London/Europe/London/Europe/London/Europe/London"};
    (void)state;
    struct zone zone;
    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        if (mf_zone_enter(&zone, pm_text(names[i])) != ZONE_UNKNOWN)
            fail_msg("%s was entered", names[i]);
        assert_string_equal(getenv("TZ"), "Asia/Tokyo");
    }
    assert_int_equal(unsetenv("TZ"), 0);
}

static void the_time_zone_is_afterwards_what_it_was(void **state)
{
    (void)state;
    struct zone zone;
    assert_int_equal(setenv("TZ", "JST-9", 1), 0);
    tzset();
    assert_int_equal(local_of(0), 540);
    assert_int_equal(setenv("TZDIR", "/nowhere", 1), 0); /* does not matter */
    assert_int_equal(mf_zone_enter(&zone, pm_text("Europe/London")), ZONE_ENTERED);
    assert_int_equal(local_of(0), 60);
    mf_zone_leave(&zone);
    assert_string_equal(getenv("TZ"), "JST-9");
    assert_int_equal(local_of(0), 540);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(unsetenv("TZ"), 0);
    assert_int_equal(mf_zone_enter(&zone, pm_text("Asia/Tokyo")), ZONE_ENTERED);
    mf_zone_leave(&zone);
    assert_null(getenv("TZ"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_minute_around_a_change_is_right),
        cmocka_unit_test(a_day_of_london_is_right),
        cmocka_unit_test(what_is_no_zone_is_not_entered),
        cmocka_unit_test(the_time_zone_is_afterwards_what_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
