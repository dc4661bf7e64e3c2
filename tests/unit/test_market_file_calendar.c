/*
 * test_market_file_calendar.c: opening hours of a market file as intervals of UTC: across changes
 * of clocks, weekends and holidays; what joins; and the mistakes that one can make.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "placemat.h"
#include "tests/lib/small_market.h"

enum { DAY = 1440 };
#define OPEN "{mon-fri: \"09:00-17:00\", sat: \"09:00-12:30 13:00-14:00\"}"

/* The small market's calendar with other hours. The caller frees the file. */
static const struct pm_calendar *calendar_with(const struct scratch *scratch, const char *open,
                                               struct pm_market_file **file)
{
    write_changed(scratch, YAML, OPEN, open);
    *file = expect_read(scratch->path);
    const struct pm_load *load = &pm_market_file_command(*file)->load;
    assert_int_equal(load->calendars, 1);
    assert_string_equal(load->calendar->name.text, "office");
    return load->calendar;
}

/* A UTC time as minutes: "2026-03-29 09:00". */
static int32_t utc(const char *text)
{
    int32_t date = pm_date_parse((struct pm_text){.bytes = text, .length = 10});
    assert_int_not_equal(date, INT32_MIN);
    return date * DAY + (text[11] - '0') * 600 + (text[12] - '0') * 60 + (text[14] - '0') * 10 +
           (text[15] - '0');
}

/* Just these intervals overlap [from, to); the list ends with NULL. */
static void expect_open(const struct pm_calendar *calendar, const char *from, const char *to,
                        const char *const expected[][2])
{
    for (uint32_t i = 0; i < calendar->openings; i++) {
        const struct pm_opening *opening = &calendar->opening[i];
        if (opening->to <= utc(from) || opening->from >= utc(to))
            continue;
        if ((*expected)[0] == NULL) {
            fail_msg("open once more between %s and %s", from, to);
            return;
        }
        assert_int_equal(opening->from, utc((*expected)[0]));
        assert_int_equal(opening->to, utc((*expected)[1]));
        expected++;
    }
    assert_null((*expected)[0]);
}

static void expect_in_order(const struct pm_calendar *calendar)
{
    assert_in_range(calendar->openings, 1, PM_OPENINGS_MAX);
    for (uint32_t i = 0; i < calendar->openings; i++) {
        assert_true(calendar->opening[i].from < calendar->opening[i].to);
        assert_true(i == 0 || calendar->opening[i - 1].to < calendar->opening[i].from);
    }
}

/* ---- Hours of a week ---- */

static void hours_keep_their_local_time_when_clocks_change(void **state)
{
    static const char *const spring[][2] = {
        {"2026-03-27 09:00", "2026-03-27 17:00"}, {"2026-03-28 09:00", "2026-03-28 12:30"},
        {"2026-03-28 13:00", "2026-03-28 14:00"}, {"2026-03-30 08:00", "2026-03-30 16:00"},
        {"2026-03-31 08:00", "2026-03-31 16:00"}, {NULL}};
    static const char *const autumn[][2] = {{"2026-10-23 08:00", "2026-10-23 16:00"},
                                            {"2026-10-24 08:00", "2026-10-24 11:30"},
                                            {"2026-10-24 12:00", "2026-10-24 13:00"},
                                            {"2026-10-26 09:00", "2026-10-26 17:00"},
                                            {NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar = calendar_with(*state, OPEN, &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-03-27 00:00", "2026-04-01 00:00", spring);
    expect_open(calendar, "2026-10-23 00:00", "2026-10-27 00:00", autumn);
    pm_market_file_free(file);
}

static void holidays_and_weekends_are_closed(void **state)
{
    static const char *const week[][2] = {{"2026-12-24 09:00", "2026-12-24 17:00"},
                                          {"2026-12-26 09:00", "2026-12-26 12:30"},
                                          {"2026-12-26 13:00", "2026-12-26 14:00"},
                                          {"2026-12-28 09:00", "2026-12-28 17:00"},
                                          {NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar = calendar_with(*state, OPEN, &file);
    expect_open(calendar, "2026-12-24 00:00", "2026-12-29 00:00", week);
    pm_market_file_free(file);
}

static void a_calendar_goes_from_its_first_day_to_its_last(void **state)
{
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar = calendar_with(*state, OPEN, &file);
    assert_int_equal(calendar->opening[0].from, utc("2026-03-02 09:00")); /* a Monday */
    assert_int_equal(calendar->opening[calendar->openings - 1].to, utc("2027-04-30 16:00"));
    /* 61 Saturdays and 305 days from Monday to Friday, two of these closed. */
    assert_int_equal(calendar->openings, 2 * 60 + 305 - 2);
    pm_market_file_free(file);
}

static void times_are_minutes_of_opening(void **state)
{
    static const char *const spring[][2] = {{"2026-03-27 11:00", "2026-03-27 11:01"},
                                            {"2026-03-27 15:30", "2026-03-27 15:31"},
                                            {"2026-03-30 10:00", "2026-03-30 10:01"},
                                            {"2026-03-30 14:30", "2026-03-30 14:31"},
                                            {NULL}};
    struct pm_market_file *file = NULL;
    write_changed(*state, YAML, "open: " OPEN, "at: {mon-fri: \"11:00 15:30\"}");
    file = expect_read(((const struct scratch *)*state)->path);
    const struct pm_calendar *calendar = pm_market_file_command(file)->load.calendar;
    expect_in_order(calendar);
    expect_open(calendar, "2026-03-27 00:00", "2026-03-31 00:00", spring);
    pm_market_file_free(file);
}

/* ---- Hours in which clocks change ---- */

static void hours_across_a_change_are_longer_or_shorter(void **state)
{
    static const char *const spring[][2] = {{"2026-03-29 00:00", "2026-03-29 05:00"}, {NULL}};
    static const char *const autumn[][2] = {{"2026-10-24 23:00", "2026-10-25 06:00"}, {NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar = calendar_with(*state, "{sun: \"00:00-06:00\"}", &file);
    expect_open(calendar, "2026-03-28 00:00", "2026-03-31 00:00", spring);
    expect_open(calendar, "2026-10-24 00:00", "2026-10-27 00:00", autumn);
    pm_market_file_free(file);
}

static void times_that_do_not_exist_are_the_change_itself(void **state)
{
    static const char *const joined[][2] = {{"2026-03-29 00:30", "2026-03-29 02:00"}, {NULL}};
    static const char *const none[][2] = {{NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar =
        calendar_with(*state, "{sun: \"00:30-01:15 01:30-03:00\"}", &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-03-29 00:00", "2026-03-30 00:00", joined);
    pm_market_file_free(file);
    calendar = calendar_with(*state, "{sun: \"01:15-01:45\"}", &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-03-29 00:00", "2026-03-30 00:00", none);
    pm_market_file_free(file);
}

static void times_that_exist_twice_open_early_and_close_late(void **state)
{
    static const char *const one[][2] = {{"2026-10-25 00:15", "2026-10-25 01:45"}, {NULL}};
    static const char *const joined[][2] = {{"2026-10-24 23:00", "2026-10-25 02:00"}, {NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar = calendar_with(*state, "{sun: \"01:15-01:45\"}", &file);
    expect_open(calendar, "2026-10-25 00:00", "2026-10-26 00:00", one);
    pm_market_file_free(file);
    calendar = calendar_with(*state, "{sun: \"00:00-01:15 01:30-02:00\"}", &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-10-24 12:00", "2026-10-26 00:00", joined);
    pm_market_file_free(file);
}

/* ---- What joins ---- */

static void hours_that_touch_are_one_interval(void **state)
{
    static const char *const day[][2] = {{"2026-12-01 09:00", "2026-12-01 17:00"}, {NULL}};
    static const char *const night[][2] = {
        {"2026-12-01 22:00", "2026-12-02 06:00"}, {"2026-12-02 22:00", "2026-12-03 06:00"}, {NULL}};
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar =
        calendar_with(*state, "{mon-sun: \"09:00-12:00  12:00-17:00 \"}", &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-12-01 00:00", "2026-12-02 00:00", day);
    pm_market_file_free(file);
    calendar = calendar_with(*state, "{mon-sun: \"00:00-06:00 22:00-24:00\"}", &file);
    expect_in_order(calendar);
    expect_open(calendar, "2026-12-01 12:00", "2026-12-03 12:00", night);
    pm_market_file_free(file);
}

static void days_that_are_all_open_are_one_interval(void **state)
{
    struct pm_market_file *file = NULL;
    const struct pm_calendar *calendar =
        calendar_with(*state, "{\"mon,tue,wed\": \"00:00-24:00\", thu-sun: 00:00-24:00}", &file);
    assert_int_equal(calendar->openings, 3); /* between the two closed days, and around them */
    assert_int_equal(calendar->opening[0].from, utc("2026-03-01 00:00"));
    assert_int_equal(calendar->opening[0].to, utc("2026-12-25 00:00"));
    assert_int_equal(calendar->opening[2].to, utc("2027-04-30 23:00"));
    pm_market_file_free(file);
}

/* ---- Kinds, and several calendars ---- */

static void kinds_name_their_calendars(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, "    largest: 100h\n",
                  "    largest: 100h\n    calendar: office\n");
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_kind *kind = pm_market_file_command(file)->load.market->kind;
    assert_int_equal(kind[0].calendar, 1);
    assert_int_equal(kind[1].calendar, 0);
    pm_market_file_free(file);
    write_changed(scratch, YAML, "    largest: 100h\n", "    largest: 100h\n    calendar: ofice\n");
    expect_sentence(scratch, "small.yaml:25: kinds.homecare.calendar: unknown calendar \"ofice\", "
                             "did you mean \"office\"?");
}

#define OTHER(name, zone)           \
    "  " name ": {time_zone: " zone \
    ", from: 2026-03-01, to: 2027-04-30, open: {mon: 09:00-17:00}}\n"

static void calendars_may_be_of_several_zones(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(scratch, YAML, "calendars:\n",
                  "calendars:\n" OTHER("Tokyo", "Asia/Tokyo") OTHER("none", "Etc/UTC"));
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_load *load = &pm_market_file_command(file)->load;
    assert_int_equal(load->calendars, 3);
    assert_string_equal(load->calendar[0].name.text, "Tokyo");
    assert_int_equal(load->calendar[0].opening[0].from, utc("2026-03-02 00:00"));
    assert_int_equal(load->calendar[1].opening[0].from, utc("2026-03-02 09:00"));
    assert_int_equal(load->calendar[2].openings, 423);
    pm_market_file_free(file);
    write_changed(scratch, YAML, "calendars:\n",
                  "calendars:\n" OTHER("a", "GMT") OTHER("b", "GMT") OTHER("c", "GMT")
                      OTHER("d", "GMT"));
    expect_sentence(scratch, "small.yaml:37: calendars: 5 names, 4 at most");
}

/* ---- Mistakes ---- */

#define ZONE "time_zone: Europe/London"
#define HOURS(written, told)                                             \
    {                                                                    \
        YAML, OPEN, written, "small.yaml:40: calendars.office.open" told \
    }
#define NO_ZONE " is no time zone of this system (package tzdata), like Europe/London"
#define CLOSED "[2026-12-25, 2027-01-01]"

static void mistakes_of_hours_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        HOURS("{}", ": none: at least one expected"),
        HOURS("[mon]", ": fields (name: value) expected"),
        HOURS("{monday: 09:00-17:00}", ": \"monday\" is not days, like mon-fri or \"sat,sun\""),
        HOURS("{mon: 09:00}", ".mon: \"09:00\" is not hours, like 09:00-17:00"),
        HOURS("{mon: \"\"}", ".mon: empty"),
        HOURS("{mon: \" \"}", ".mon: empty: leave the day out"),
        HOURS("{mon: [09:00-17:00]}", ".mon: one text expected, not a list or fields"),
        HOURS("{mon: 9-17}", ".mon: \"9\" is not a time of day, 00:00 to 24:00"),
        HOURS("{mon: 09:00-25:00}", ".mon: \"25:00\" is not a time of day, 00:00 to 24:00"),
        HOURS("{mon: 09:00-}", ".mon: empty"),
        HOURS("{mon: 22:00-06:00}",
              ".mon: 22:00-06:00 ends before it begins: give each day its part"),
        HOURS("{mon: 09:00-12:00 11:59-17:00}",
              ".mon: 11:59-17:00 begins before the hours before it end"),
        HOURS("{mon: 13:00-17:00 09:00-12:00}",
              ".mon: 09:00-12:00 begins before the hours before it end"),
        HOURS("{mon-fri: 09:00-17:00, fri: 09:00-12:00}", ".fri: a day that has its hours already"),
        HOURS("{mon: 00:00-01:00 02:00-03:00 04:00-05:00 06:00-07:00 08:00-09:00 10:00-11:00 "
              "12:00-13:00 14:00-15:00 16:00-17:00}",
              ".mon: open more than 8 times a day"),
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

#define TIMES(written, told)                                                        \
    {                                                                               \
        YAML, "open: " OPEN, "at: " written, "small.yaml:40: calendars.office" told \
    }

static void mistakes_of_times_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        TIMES("{}", ".at: none: at least one expected"),
        TIMES("{mon: 11:00-12:00}",
              ".at.mon: \"11:00-12:00\" is not a time of day, 00:00 to 24:00"),
        TIMES("{mon: \"24:00\"}", ".at.mon: 24:00 is 00:00 of the next day"),
        TIMES("{mon: \"11:00 10:00\"}", ".at.mon: 10:00 is not later than the time before it"),
        TIMES("{mon: \"11:00 11:01\"}", ".at.mon: 11:01 is not later than the time before it"),
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
    static const struct mistake both = {
        YAML, "open: " OPEN, "open: " OPEN "\n    at: {mon: \"11:00\"}",
        "small.yaml:40: calendars.office.open: the calendar has times in \"at\": no hours beside "
        "them"};
    expect_mistakes(*state, &both, 1);
}

static void mistakes_of_days_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, CLOSED, "[2026-12-25, 2026-12-25]",
         "small.yaml:41: calendars.office.closed[2]: 2026-12-25 is there twice"},
        {YAML, CLOSED, "[2062-12-25]",
         "small.yaml:41: calendars.office.closed[1]: 2062-12-25 is not between from and to"},
        {YAML, CLOSED, "[Christmas]",
         "small.yaml:41: calendars.office.closed[1]: \"Christmas\" is not a date, like 2026-12-01"},
        {YAML, CLOSED, "2026-12-25",
         "small.yaml:41: calendars.office.closed: a list [...] expected"},
        {YAML, "    to: 2027-04-30\n", "", "small.yaml:38: calendars.office.to: missing"},
        {YAML, "from: 2026-03-01", "from: 1970-01-01",
         "small.yaml:42: calendars.office.from: 1970-01-02 or later expected"},
        {YAML, "to: 2027-04-30", "to: 2026-02-28",
         "small.yaml:43: calendars.office.to: 2026-02-28 is before from"},
        {YAML, "to: 2027-04-30", "to: 2027-04-04",
         "small.yaml:43: calendars.office.to: 399 days after from, 400 to 3660 expected"},
        {YAML, "to: 2027-04-30", "to: 2037-04-30",
         "small.yaml:43: calendars.office.to: 4078 days after from, 400 to 3660 expected"},
        {YAML, "to: 2027-04-30", "to: 2030-04-30",
         "small.yaml:43: calendars.office.to: more than 1024 opening intervals: 2028-12-21 is as "
         "far as they go"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_zones_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, ZONE, "time_zone: Europe/Lodnon",
         "small.yaml:39: calendars.office.time_zone: \"Europe/Lodnon\"" NO_ZONE},
        {YAML, ZONE, "time_zone: BST",
         "small.yaml:39: calendars.office.time_zone: \"BST\"" NO_ZONE},
        {YAML, ZONE, "time_zone: \"../../etc/passwd\"",
         "small.yaml:39: calendars.office.time_zone: \"../../etc/passwd\"" NO_ZONE},
        {YAML, ZONE, "time_zone: []",
         "small.yaml:39: calendars.office.time_zone: one text expected, not a list or fields"},
        {YAML, "    " ZONE "\n", "", "small.yaml:38: calendars.office.time_zone: missing"},
        {YAML, ZONE, "zone: Europe/London",
         "small.yaml:39: calendars.office: unknown field \"zone\""},
        {YAML, "  office:\n", "  office; hours:\n",
         "small.yaml:38: calendars: a name has no ; or = in it"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hours_keep_their_local_time_when_clocks_change,
                                        scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(holidays_and_weekends_are_closed, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(a_calendar_goes_from_its_first_day_to_its_last,
                                        scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(hours_across_a_change_are_longer_or_shorter, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(times_that_do_not_exist_are_the_change_itself, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(times_that_exist_twice_open_early_and_close_late,
                                        scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(hours_that_touch_are_one_interval, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(days_that_are_all_open_are_one_interval, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(kinds_name_their_calendars, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(calendars_may_be_of_several_zones, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_hours_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(times_are_minutes_of_opening, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_times_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_days_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_zones_are_told, scratch_open, scratch_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
