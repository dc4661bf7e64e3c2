/*
 * test_cli_parse.c - what people type to `placemat` as values, and values as people read them.
 */
#include "client/cli_parse.h"
#include "client/cli_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Parsers: what is malformed gives a sentence, which the second text is part of ---- */

static void check_said(const char *text, bool well, bool expected,
                       const struct pm_client_error *error, const char *says)
{
    if (well != expected)
        fail_msg("\"%s\" is %s", text, well ? "taken" : error->text);
    if (!well && (says == NULL || strstr(error->text, says) == NULL))
        fail_msg("\"%s\": \"%s\"", text, error->text);
}

static void test_visits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct pm_visit visit;
        const char *says; /* NULL: it is well */
    } cases[] = {
        {"mon-sun 07:00-10:00 30m", {420, 600, 30, 0x7f, 1, 0, 0}, NULL},
        {"  mon   7:00-10:00\t30m ", {420, 600, 30, 0x01, 1, 0, 0}, NULL},
        {"mon 7:00-10:00 30m", {420, 600, 30, 0x01, 1, 0, 0}, NULL},
        {"mon,wed,fri 12:00-14:00 45m x2", {720, 840, 45, 0x15, 2, 0, 0}, NULL},
        {"sat-mon 17:30-19:00 1h critical", {1050, 1140, 60, 0x61, 1, 1, 0}, NULL},
        {"weekdays 20:00-24:00 1h30m critical x2", {1200, 1440, 90, 0x1f, 2, 1, 0}, NULL},
        {"weekends,wed 00:00-01:00 15", {0, 60, 15, 0x64, 1, 0, 0}, NULL},
        {"daily 07:00-10:00 24h", {420, 600, 1440, 0x7f, 1, 0, 0}, NULL},
        {"", {0}, "a visit is days, a window and a length"},
        {"mon", {0}, "a visit is days, a window and a length"},
        {"mon 07:00-10:00", {0}, "a visit is days, a window and a length"},
        {"moon 07:00-10:00 30m", {0}, "\"moon\" is not days"},
        {"mon- 07:00-10:00 30m", {0}, "\"mon-\" is not days"},
        {"mon-tue-wed 07:00-10:00 30m", {0}, "is not days"},
        {"mon,,tue 07:00-10:00 30m", {0}, "is not days"},
        {"Mon 07:00-10:00 30m", {0}, "is not days"},
        {"mon 07:00 30m", {0}, "\"07:00\" is not a window of times"},
        {"mon 07:00-10:60 30m", {0}, "is not a window"},
        {"mon 07:00-24:01 30m", {0}, "is not a window"},
        {"mon 07:0-10:00 30m", {0}, "is not a window"},
        {"mon 007:00-10:00 30m", {0}, "is not a window"},
        {"mon -7:00-10:00 30m", {0}, "is not a window"},
        {"mon 10:00-07:00 30m", {0}, "ends before it begins"},
        {"mon 10:00-10:00 30m", {0}, "ends before it begins"},
        {"mon 07:00-10:00 half", {0}, "\"half\" is not a length"},
        {"mon 07:00-10:00 1441m", {0}, "is not a length"},
        {"mon 07:00-10:00 1h60m", {0}, "is not a length"},
        {"mon 07:00-10:00 -30m", {0}, "is not a length"},
        {"mon 07:00-10:00 99999999999999999999m", {0}, "is not a length"},
        {"mon 07:00-10:00 30m x", {0}, "neither a number of carers"},
        {"mon 07:00-10:00 30m x0", {0}, "neither a number of carers"},
        {"mon 07:00-10:00 30m x10", {0}, "neither a number of carers"},
        {"mon 07:00-10:00 30m urgent", {0}, "\"urgent\" is neither"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pm_visit visit;
        struct pm_client_error error = {""};
        bool well = cli_parse_visit(cases[i].text, &visit, &error);
        check_said(cases[i].text, well, cases[i].says == NULL, &error, cases[i].says);
        if (well)
            assert_memory_equal(&visit, &cases[i].visit, sizeof visit);
    }
}

static void test_pounds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t pence; /* -1: malformed */
    } cases[] = {
        {"24.10", 2410},
        {"\xc2\xa3"
         "24.10",
         2410},
        {"24", 2400},
        {"0.05", 5},
        {"1,026.50", 102650},
        {"20000000", 2000000000},
        {"1026", 102600},
        {"0", 0},
        {"", -1},
        {"24.1", -1},
        {"24.100", -1},
        {"24.", -1},
        {".50", -1},
        {"-24.10", -1},
        {"24.10p", -1},
        {"1,02", -1},
        {"1026,000", -1},
        {"20000001", -1},
        {"19,999,999.99", 1999999999},
        {"20,000,001", -1},
        {"24,10", -1},
        {"pounds", -1},
        {"\xc2\xa3", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t pence = -1;
        struct pm_client_error error = {""};
        bool well = cli_parse_pounds(pm_text(cases[i].text), &pence, &error);
        check_said(cases[i].text, well, cases[i].pence >= 0, &error, "is not an amount in pounds");
        if (well)
            assert_int_equal(pence, cases[i].pence);
    }
}

static void test_rates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct pm_rate rate;
        const char *says;
    } cases[] = {
        {"24.10", {0, 2410}, NULL},
        {"2026-04-01=24.10", {20544, 2410}, NULL},
        {"2026-04-01 = 24", {20544, 2400}, NULL},
        {"2026-04-31=24", {0, 0}, "is not a date"},
        {"=24", {0, 0}, "is not a date"},
        {"2026-04-01=", {0, 0}, "is not an amount"},
        {"", {0, 0}, "is not an amount"},
        {"2026-04-01", {0, 0}, "is not an amount"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pm_rate rate = {0, 0};
        struct pm_client_error error = {""};
        bool well = cli_parse_rate(cases[i].text, &rate, &error);
        check_said(cases[i].text, well, cases[i].says == NULL, &error, cases[i].says);
        if (well) {
            assert_int_equal(rate.from, cases[i].rate.from);
            assert_int_equal(rate.pence, cases[i].rate.pence);
        }
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time; /* -1: malformed */
    } cases[] = {
        {"1970-01-01", 0},
        {"2024-12-24", 1734998400000},
        {"2024-12-24 15:04", 1735052640000},
        {"2024-12-24T15:04", 1735052640000},
        {"2024-12-24T15:04:05Z", 1735052645000},
        {"2024-12-24T15:04Z", 1735052640000},
        {"1735052640000", 1735052640000},
        {"0", 0},
        {"", -1},
        {"2024-12-24 24:00", -1},
        {"2024-12-24 15:60", -1},
        {"2024-12-24 15:04:60", -1},
        {"2024-12-24 15:04:5x", -1},
        {"2024-12-24x15:04", -1},
        {"2024-12-24 15:04 ", -1},
        {"2024-12-24 ", -1},
        {"2024-13-24", -1},
        {"24/12/2024", -1},
        {"99999999999999999999", -1},
        {"-5", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time = -1;
        struct pm_client_error error = {""};
        bool well = cli_parse_time(pm_text(cases[i].text), &time, &error);
        check_said(cases[i].text, well, cases[i].time >= 0, &error, "is not a time such as");
        if (well)
            assert_int_equal(time, cases[i].time);
    }
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: malformed */
    } cases[] = {
        {"10", 10000},
        {"10s", 10000},
        {"0.5", 500},
        {"500ms", 500},
        {"2m", 120000},
        {"1h", 3600000},
        {"0", 0},
        {"24h", 86400000},
        {"25h", -1},
        {"", -1},
        {"ms", -1},
        {"-1", -1},
        {"1d", -1},
        {"0.55", -1},
        {"1.", -1},
        {"1 s", -1},
        {"999999999999999999999", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t ms = 0;
        struct pm_client_error error = {""};
        bool well = cli_parse_duration(pm_text(cases[i].text), &ms, &error);
        check_said(cases[i].text, well, cases[i].ms >= 0, &error, "is not a length of time");
        if (well)
            assert_int_equal(ms, cases[i].ms);
    }
}

static void test_actors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned role; /* 0: malformed */
        const char *name, *says;
    } cases[] = {
        {"broker", PM_BROKER, "before", NULL},
        {"broker:", PM_BROKER, "before", NULL},
        {"provider:Fernglow Homecare", PM_PROVIDER, "Fernglow Homecare", NULL},
        {"hospital: Ward 3 ", PM_HOSPITAL, "Ward 3", NULL},
        {"", 0, NULL, "does not begin with a role"},
        {":ann", 0, NULL, "does not begin with a role"},
        {"nurse:ann", 0, NULL, "does not begin with a role"},
        {"daemon:ann", 0, NULL, "does not begin with a role"},
        {"broker:a name that is longer than names may be", 0, NULL, "longer than 31 bytes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pm_actor actor = {.name = {"before", 6}};
        struct pm_client_error error = {""};
        bool well = cli_parse_actor(cases[i].text, &actor, &error);
        check_said(cases[i].text, well, cases[i].role != 0, &error, cases[i].says);
        if (well) {
            assert_int_equal(actor.role, cases[i].role);
            assert_true(pm_text_equal(actor.name, pm_text(cases[i].name)));
        }
    }
}

static void test_amounts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        int32_t amount; /* -1: malformed */
    } cases[] = {
        {"morning=420", "morning", 420},
        {"weekday morning = 7h", "weekday morning", 420},
        {"all=3", "all", 3},
        {"bed=0", "bed", 0},
        {"bed=2147483647", "bed", 2147483647},
        {"bed=2147483648", "bed", -1},
        {"bed=", "bed", -1},
        {"=3", "", -1},
        {"bed", "bed", -1},
        {"bed=-3", "bed", -1},
        {"", "", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cli_amount amount;
        struct pm_client_error error = {""};
        bool well = cli_parse_amount(pm_text(cases[i].text), &amount, &error);
        check_said(cases[i].text, well, cases[i].amount >= 0, &error,
                   "is not a band and what it has");
        if (well) {
            assert_int_equal(amount.amount, cases[i].amount);
            assert_true(pm_text_equal(amount.name, pm_text(cases[i].name)));
        }
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        int64_t number; /* -1: malformed */
    } cases[] = {
        {"0", 3, 0},
        {"3", 3, 3},
        {"4", 3, -1},
        {"255", 255, 255},
        {"256", 255, -1},
        {"", 9, -1},
        {"-1", 9, -1},
        {"1x", 9, -1},
        {" 1", 9, -1},
        {"9223372036854775807", INT64_MAX, INT64_MAX},
        {"9223372036854775808", INT64_MAX, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t number = 0;
        struct pm_client_error error = {""};
        bool well = cli_parse_number(pm_text(cases[i].text), cases[i].max, &number, &error);
        check_said(cases[i].text, well, cases[i].number >= 0, &error, "is not a whole number");
        if (well)
            assert_int_equal(number, cases[i].number);
    }
}

static void test_shifts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t minutes; /* INT32_MAX: malformed */
    } cases[] = {
        {"30", 30},
        {"+30m", 30},
        {"-30", -30},
        {"-1h30m", -90},
        {"0", 0},
        {"24h", 1440},
        {"-1441", INT32_MAX},
        {"", INT32_MAX},
        {"-", INT32_MAX},
        {"--30", INT32_MAX},
        {"+-30", INT32_MAX},
        {"- 30", INT32_MAX},
        {"later", INT32_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t minutes = 0;
        struct pm_client_error error = {""};
        bool well = cli_parse_shift(pm_text(cases[i].text), &minutes, &error);
        check_said(cases[i].text, well, cases[i].minutes != INT32_MAX, &error,
                   "is not a length such as 30m, or -30m for earlier");
        if (well)
            assert_int_equal(minutes, cases[i].minutes);
    }
}

/* ---- What people read ---- */

static void test_values(void **state)
{
    (void)state;
    char text[CLI_SHORT];
    assert_string_equal(cli_money(2410, text), "\xc2\xa3"
                                               "24.10");
    assert_string_equal(cli_money(5, text), "\xc2\xa3"
                                            "0.05");
    assert_string_equal(cli_money(-102600, text), "-\xc2\xa3"
                                                  "1,026.00");
    assert_string_equal(cli_money(INT64_MIN, text), "-\xc2\xa3"
                                                    "92,233,720,368,547,758.08");
    assert_string_equal(cli_time(1735052640000, text), "2024-12-24 15:04");
    assert_string_equal(cli_time(INT64_MAX, text), "9223372036854775807");
    assert_string_equal(cli_time(-1, text), "-1");
    assert_string_equal(cli_minutes(200, text), "3 h 20 min");
    assert_string_equal(cli_minutes(60, text), "1 h");
    assert_string_equal(cli_minutes(45, text), "45 min");
    assert_string_equal(cli_minutes(0, text), "0 min");
    assert_string_equal(cli_minutes(-90, text), "-1 h 30 min");
    assert_string_equal(cli_days(0x7f, text), "mon-sun");
    assert_string_equal(cli_days(0x15, text), "mon,wed,fri");
    assert_string_equal(cli_days(0x63, text), "mon,tue,sat,sun");
    assert_string_equal(cli_days(0x4f, text), "mon-thu,sun");
}

static void test_terminal(void **state)
{
    (void)state;
    char text[] = "a\x1b[31m\tb\xc2\x9b"
                  "c\xe2\x80\xae"
                  "d\x7f";
    cli_clean(text);
    assert_string_equal(text, "a?[31m?b??c???d?");
    assert_int_equal(cli_width("\xc2\xa3"
                               "24"),
                     3);
    assert_int_equal(cli_width("Zoe\xcc\x88"), 3);
    assert_int_equal(cli_width("\xe4\xb8\xad"), 2);
    assert_int_equal(cli_width("\xff\xc3"), 2);
    assert_int_equal(cli_width(""), 0);
}

static void test_table(void **state)
{
    (void)state;
    static const struct cli_column columns[] = {
        {"name", "NAME", CLI_PLAIN},    {"rate", "RATE", CLI_MONEY}, {"needs", "NEEDS", CLI_PLAIN},
        {"units", "A WEEK", CLI_UNITS}, {"gone", "GONE", CLI_TIME},  {"never", "NEVER", CLI_PLAIN},
        {"over", "OVER", CLI_PLAIN},    {"by", "BY", CLI_DATE},      {NULL, NULL, CLI_PLAIN},
    };
    static const char expected[] = "NAME     RATE  NEEDS           A WEEK  OVER  BY\n"
                                   "Zo\xc3\xab    \xc2\xa3"
                                   "24.10  dementia, peg      7 h  yes   2026-04-01\n"
                                   "B?    \xc2\xa3"
                                   "916.00                 1 place\n";
    json_t *rows =
        json_loads("[{\"name\":\"Zo\\u00eb\",\"rate\":2410,\"needs\":[\"dementia\",\"peg\"],"
                   "\"units\":420,\"gone\":0,\"over\":true,\"by\":20544},"
                   "{\"name\":\"B\\n\",\"rate\":91600,\"units\":1,\"needs\":[]}]",
                   0, NULL);
    char *text = NULL;
    size_t size;
    assert_non_null(rows);
    FILE *out = open_memstream(&text, &size);
    cli_table(out, columns, rows);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visits),    cmocka_unit_test(test_pounds),
        cmocka_unit_test(test_rates),     cmocka_unit_test(test_times),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_actors),
        cmocka_unit_test(test_amounts),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_shifts),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_terminal),  cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests_name("cli_parse", tests, NULL, NULL);
}
