/*
 * test_cli.c - the `placemat` command line: what people type, what is sent, and what is printed.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/cli_table.h"
#include "tests/lib/fake_daemon.h"

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

/* ---- Whole runs against a fake daemon ---- */

struct run {
    int code;
    char *out, *err;
    struct fake_daemon *fake; /* stopped */
};

enum { WORDS_MAX = 40 };

/* Runs `placemat --connect … ` and the words, which end with NULL. */
static struct run run_words(const struct fake_step *steps, size_t count, const char *const *words)
{
    struct run run = {.fake = fake_daemon_start(steps, count, 0)};
    char *argv[WORDS_MAX] = {0};
    size_t size;
    const char *const head[] = {"placemat", "--connect", fake_daemon_url(run.fake)};
    size_t argc = 0;
    for (; argc < COUNT(head); argc++)
        memcpy(&argv[argc], &head[argc], sizeof argv[0]);
    for (; *words != NULL && argc < WORDS_MAX - 1; words++, argc++)
        memcpy(&argv[argc], words, sizeof argv[0]);
    FILE *out = open_memstream(&run.out, &size);
    FILE *err = open_memstream(&run.err, &size);
    run.code = cli_run((int)argc, argv, out, err);
    fclose(out);
    fclose(err);
    fake_daemon_stop(run.fake);
    return run;
}

static void end_run(struct run *run)
{
    free(run->out);
    free(run->err);
    fake_daemon_free(run->fake);
}

#define USUAL "--market", "thurrock", "--as", "broker:ann"
#define RUN(steps, ...) \
    run_words(steps, COUNT(steps), (const char *const[]){USUAL, __VA_ARGS__, NULL})

static void check_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void write_pair(struct wire_writer *out, enum wire_key key, const char *text)
{
    wire_key(out, key);
    wire_string(out, text);
}

static void write_number(struct wire_writer *out, enum wire_key key, int64_t number)
{
    wire_key(out, key);
    wire_int(out, number);
}

static void offered_package(struct wire_writer *out)
{
    wire_open_map(out);
    write_pair(out, KEY_REFERENCE, "X123");
    write_pair(out, KEY_STATE, "offered");
    write_pair(out, KEY_PROVIDER, "Fernglow Homecare");
    write_number(out, KEY_DEADLINE, 1735052640000);
    wire_key(out, KEY_VISITS);
    wire_array(out, 1);
    wire_array(out, 6);
    for (size_t i = 0; i < 6; i++)
        wire_uint(out, (const uint64_t[]){0x7f, 420, 600, 30, 2, 1}[i]);
    wire_break(out);
}

static void open_package(struct wire_writer *out)
{
    wire_map(out, 1);
    write_pair(out, KEY_STATE, "open");
}

static void test_post(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = open_package},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct run run =
        RUN(steps, "package", "post", "--kind", "homecare", "--postcode", "RM18 8", "--visit",
            "mon-sun 07:00-10:00 30m x2 critical", "--visit=sat 12:00-14:00 45m", "--needs",
            "dementia,peg", "--needs", "hoist", "--start-by", "2026-12-01", "--ref", "X123",
            "--interim", "family", "--payer", "health", "--priority", "1");
    assert_string_equal(run.err, "");
    assert_string_equal(run.out,
                        "X123 posted: offered to Fernglow Homecare until 2024-12-24 15:04.\n");
    assert_int_equal(run.code, CLI_DONE);
    assert_int_equal(fake_daemon_requests(run.fake), 3);
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    const struct pm_package *package = &request.command->package;
    assert_int_equal(request.actor.role, PM_BROKER);
    assert_true(pm_text_equal(request.actor.name, pm_text("ann")));
    assert_int_equal(request.command->verb, PM_PACKAGE_POST);
    assert_true(pm_text_equal(package->reference, pm_text("X123")));
    assert_true(pm_text_equal(package->kind, pm_text("homecare")));
    assert_int_equal(package->postcode, pm_postcode_parse(pm_text("RM18 8")));
    assert_int_equal(package->visits, 2);
    assert_int_equal(package->visit[0].carers, 2);
    assert_int_equal(package->visit[1].minutes, 45);
    assert_int_equal(package->needs, 3);
    assert_true(pm_text_equal(package->need[2], pm_text("hoist")));
    assert_int_equal(package->start_by, pm_date_parse(pm_text("2026-12-01")));
    assert_int_equal(package->interim, PM_FAMILY);
    assert_int_equal(package->payer, PM_HEALTH);
    assert_int_equal(package->priority, 1);
    request = fake_daemon_decoded(run.fake, 2);
    assert_int_equal(request.command->verb, PM_PACKAGE_SHOW);
    assert_true(pm_text_equal(request.command->id.referrer, pm_text("ann")));
    end_run(&run);
}

static void test_post_json(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct run run =
        RUN(steps, "--json", "--request-id", "41", "package", "post", "--kind", "residential",
            "--locality", "Grays", "--place", "dementia", "--ref", "X123");
    assert_int_equal(run.code, CLI_DONE);
    json_t *document = json_loads(run.out, 0, NULL);
    assert_non_null(document);
    assert_int_equal(cli_integer(document, "id"), 7);
    assert_string_equal(cli_string(json_object_get(document, "package"), "state"), "offered");
    json_decref(document);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).first_number, 41);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).client, 1);
    end_run(&run);
}

static void test_amend(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct run run =
        RUN(steps, "package", "amend", "X123", "--needs", "hoist", "--start-from", "2026-12-01");
    assert_int_equal(run.code, CLI_DONE);
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_int_equal(request.command->verb, PM_PACKAGE_AMEND);
    assert_int_equal(request.command->package.given, PM_GIVEN_NEEDS | PM_GIVEN_START);
    end_run(&run);
}

static void test_show(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = offered_package}};
    struct run run = RUN(steps, "package", "show", "X123");
    assert_int_equal(run.code, CLI_DONE);
    check_text(run.out, "Package        X123\n");
    check_text(run.out, "Answer by      2024-12-24 15:04\n");
    check_text(run.out, "Visits\n  mon-sun 07:00-10:00 30m x2 critical\n");
    end_run(&run);
}

/* ---- Refusals ---- */

static void test_refused(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_RESULT, .status = PM_OFFER_EXPIRED}};
    struct run run = RUN(steps, "offer", "accept", "12");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err,
                        "placemat: offer_expired: The answer came after the offer's deadline.\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->answer.offer, 12);
    end_run(&run);
    run = RUN(steps, "offer", "decline", "12", "--code", "no_capacity", "--json");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_string_equal(run.out,
                        "{\"status\":\"offer_expired\",\"sentence\":\"The answer came after the "
                        "offer's deadline.\"}\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->answer.code, PM_NO_CAPACITY);
    end_run(&run);
}

static void test_refused_whole(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_REFUSE, .status = PM_NOT_ALLOWED}};
    struct run run = RUN(steps, "tick", "2024-12-24 15:04");
    assert_int_equal(run.code, CLI_REFUSED);
    check_text(run.err, "placemat: not_allowed: ");
    check_text(run.err, "(said the fake)\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->tick.time, 1735052640000);
    end_run(&run);
}

static void test_unreachable(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_SILENT}};
    struct run run = RUN(steps, "--timeout", "200ms", "stats", "--json");
    assert_int_equal(run.code, CLI_UNREACHABLE);
    check_text(run.err, "placemat: unreachable: ");
    check_text(run.out, "{\"status\":\"unreachable\"");
    assert_null(strstr(run.err, "--request-id"));
    end_run(&run);
    run = RUN(steps, "--timeout", "200ms", "--client", "5", "--request-id", "9", "package", "pause",
              "X1");
    assert_int_equal(run.code, CLI_UNREACHABLE);
    check_text(run.err, "with --client 5 --request-id 9, asked again it is done once.\n");
    end_run(&run);
}

/* Nothing is sent for what makes no sense. */
static void test_usage(void **state)
{
    (void)state;
    static const struct {
        const char *words[10];
        const char *says;
    } cases[] = {
        {{NULL}, "say what to do."},
        {{"package"}, "say what to do with it"},
        {{"parcel"}, "no noun \"parcel\""},
        {{"package", "send"}, "no verb \"send\""},
        {{"package", "show"}, "REF is missing"},
        {{"package", "show", "X1", "X2"}, "\"X2\" is one word too many"},
        {{"package", "list", "extra"}, "one word too many"},
        {{"package", "list", "--sate", "open"}, "no option --sate here"},
        {{"--state", "open"}, "no option --state before the verb"},
        {{"package", "list", "-x"}, "no option -x"},
        {{"package", "list", "--state"}, "--state needs a value: STATE"},
        {{"package", "list", "--json=yes"}, "--json takes no value"},
        {{"package", "list", "--state", "lost"}, "\"lost\" is none of open, offered"},
        {{"package", "list", "--limit", "0"}, "--limit: at least one row"},
        {{"package", "list"}, "name the market"},
        {{"package", "post", "--ref", "X1"}, "--kind KIND is missing"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--visit", "mon"},
         "--visit: a visit is"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--needs", "a,,b"},
         "a name in the list is empty"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--exclude", "a,b,c,d,e,f,g,h,i"},
         "too many"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--postcode", "RM"},
         "\"RM\" is not a postcode"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--start-by", "soon"},
         "--start-by: \"soon\" is not a date"},
        {{"package", "amend", "X1"}, "say what to amend"},
        {{"offer", "accept", "X1"}, "ID: \"X1\" is not a whole number"},
        {{"offer", "decline", "1", "--code", "busy"}, "none of no_capacity, cannot_meet_need"},
        {{"offer", "decline", "1"}, "--code CODE is missing"},
        {{"tick", "noon"}, "TIME: \"noon\" is not a time"},
        {{"--as", "nurse:ann", "stats"}, "--as: \"nurse:ann\" does not begin with a role"},
        {{"--timeout", "soon", "stats"}, "--timeout: "},
        {{"--request-id", "0", "stats"}, "--request-id: 1 or more"},
        {{"--client", "0", "stats"}, "--client: 1 or more"},
        {{"watch", "--wait", "61"}, "a minute at most"},
        {{"service", "put", "S", "--pool", "P", "--kind", "k", "--lot", "l", "--rate=24.1"},
         "--rate: "},
        {{"location", "put", "L", "--provider", "P", "--score", "101"}, "--score: "},
        {{"capacity", "set", "P", "--spare", "bed"}, "--spare: \"bed\" is not a band"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
        struct run run = run_words(steps, 1, cases[i].words);
        if (run.code != CLI_USAGE || strstr(run.err, cases[i].says) == NULL)
            fail_msg("case %zu: exit %d: %s", i, run.code, run.err);
        check_text(run.err, "\nTry: placemat");
        assert_string_equal(run.out, "");
        assert_int_equal(fake_daemon_requests(run.fake), 0);
        end_run(&run);
    }
}

/* ---- Help, from the same tables ---- */

static void test_help(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    struct run run = RUN(steps, "--help");
    assert_int_equal(run.code, CLI_DONE);
    check_text(run.out, "--request-id N");
    for (const struct cli_noun *const *noun = cli_nouns; *noun != NULL; noun++)
        check_text(run.out, (*noun)->name);
    end_run(&run);
    run = RUN(steps, "package", "--help");
    check_text(run.out, "placemat package post --ref REF --kind KIND [OPTION]...\n");
    check_text(run.out, "placemat package withdraw REF --reason REASON [OPTION]...\n");
    end_run(&run);
    run = RUN(steps, "package", "post", "-h");
    check_text(run.out, "--visit VISIT");
    check_text(run.out, "--planned-end DATE");
    end_run(&run);
    run = RUN(steps, "--version");
    assert_string_equal(run.out, "placemat " PM_VERSION "\n");
    end_run(&run);
}

/* ---- Lists, capacity, explain, watch ---- */

static void page_of(struct wire_writer *out, const char *reference, int64_t next)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_map(out, 3);
    write_pair(out, KEY_REFERENCE, reference);
    write_pair(out, KEY_STATE, "waiting");
    write_number(out, KEY_UNITS, 420);
    write_number(out, KEY_NEXT, next);
}

static void first_page(struct wire_writer *out)
{
    page_of(out, "X1", 16777217);
}

static void last_page(struct wire_writer *out)
{
    page_of(out, "X2", 0);
}

static void test_list(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = first_page},
                                      {.act = FAKE_ANSWER, .body = last_page}};
    struct run run = RUN(steps, "package", "list", "--state", "waiting", "--kind", "homecare");
    assert_string_equal(run.out, "REFERENCE  STATE    A WEEK\n"
                                 "X1         waiting     7 h\n"
                                 "X2         waiting     7 h\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->list.state, 1 + PM_WAITING);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->list.after, 16777217);
    end_run(&run);
    run = RUN(steps, "package", "list", "--limit", "1");
    check_text(run.out, "There is more: --after 16777217\n");
    assert_int_equal(fake_daemon_requests(run.fake), 1);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->list.limit, 1);
    end_run(&run);
    run = RUN(steps, "package", "list", "--json");
    json_t *document = json_loads(run.out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "rows")), 2);
    json_decref(document);
    end_run(&run);
}

static void empty_page(struct wire_writer *out)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 0);
    write_number(out, KEY_NEXT, 0);
}

static void test_empty_lists(void **state)
{
    (void)state;
    static const struct {
        const char *noun, *verb, *says;
    } cases[] = {
        {"package", "list", "No packages.\n"},     {"offer", "list", "No offers.\n"},
        {"placement", "list", "No placements.\n"}, {"service", "list", "No services.\n"},
        {"capacity", "show", "No pools.\n"},
    };
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = empty_page}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run run = RUN(steps, cases[i].noun, cases[i].verb);
        assert_string_equal(run.out, cases[i].says);
        assert_int_equal(run.code, CLI_DONE);
        end_run(&run);
    }
}

static void write_band(struct wire_writer *out, const char *name)
{
    wire_map(out, 3);
    write_pair(out, KEY_NAME, name);
    write_number(out, KEY_DECLARED, 600);
    write_number(out, KEY_FREE, -60);
}

static void pool_page(struct wire_writer *out)
{
    wire_map(out, 1);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_map(out, 3);
    write_pair(out, KEY_POOL, "Grays run");
    write_pair(out, KEY_MODE, "declared");
    wire_key(out, KEY_BANDS);
    wire_array(out, 2);
    write_band(out, "morning");
    write_band(out, "lunch");
}

static void test_capacity(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = pool_page},
                                      {.act = FAKE_ANSWER}};
    struct run run = RUN(steps, "capacity", "set", "Grays run", "--spare", "lunch=5h,morning=420",
                         "--as-of", "2024-12-24 15:04", "--valid-until", "2024-12-25");
    assert_string_equal(run.err, "");
    assert_int_equal(run.code, CLI_DONE);
    struct wire_request request = fake_daemon_decoded(run.fake, 1);
    const struct pm_capacity_set *capacity = &request.command->capacity;
    assert_int_equal(request.command->verb, PM_CAPACITY_SET);
    assert_int_equal(capacity->bands, 2);
    assert_int_equal(capacity->spare[0], 420);
    assert_int_equal(capacity->spare[1], 300);
    assert_int_equal(capacity->as_of, 1735052640000);
    assert_int_equal(capacity->valid_until, 1735084800000);
    end_run(&run);
    run = RUN(steps, "capacity", "show");
    assert_string_equal(run.out, "POOL       MODE      BAND     DECLARED  FREE\n"
                                 "Grays run  declared  morning       600   -60\n"
                                 "                     lunch         600   -60\n");
    end_run(&run);
}

static void test_capacity_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pool, *spare, *says;
        int code;
    } cases[] = {
        {"Grays run", "morning=420", "give each of the pool's bands once: morning, lunch",
         CLI_USAGE},
        {"Grays run", "morning=420,tea=1", "give each of the pool's bands once", CLI_USAGE},
        {"Grays run", "lunch=420,lunch=1", "give each of the pool's bands once", CLI_USAGE},
        {"Grays run", "morning=1,lunch=1,lunch=1", "give each of the pool's bands once", CLI_USAGE},
        {"Tilbury run", "morning=420", "unknown_pool: ", CLI_REFUSED},
    };
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = pool_page}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run run = RUN(steps, "capacity", "set", cases[i].pool, "--spare", cases[i].spare);
        check_text(run.err, cases[i].says);
        assert_int_equal(run.code, cases[i].code);
        assert_int_equal(fake_daemon_requests(run.fake), 1);
        end_run(&run);
    }
}

static void explanation(struct wire_writer *out)
{
    wire_open_map(out);
    write_pair(out, KEY_REFERENCE, "X123");
    write_pair(out, KEY_STATE, "waiting");
    write_pair(out, KEY_DIAGNOSIS, "2 services lack capacity.");
    wire_key(out, KEY_SERVICES);
    wire_array(out, 4);
    wire_map(out, 3);
    write_pair(out, KEY_SERVICE, "S3");
    write_pair(out, KEY_FILTER, "needs");
    write_pair(out, KEY_SENTENCE, "lacks a capability: peg");
    wire_map(out, 5);
    write_pair(out, KEY_SERVICE, "S4");
    write_pair(out, KEY_FILTER, "rate");
    write_number(out, KEY_NEEDED, 2500);
    write_number(out, KEY_FOUND, 2710);
    write_pair(out, KEY_SENTENCE, "dearer than the ceiling: at most 2500, has 2710");
    wire_map(out, 5);
    write_pair(out, KEY_SERVICE, "S1");
    write_pair(out, KEY_FILTER, "capacity");
    write_pair(out, KEY_BAND, "weekday morning");
    write_number(out, KEY_NEEDED, 420);
    write_number(out, KEY_FOUND, 180);
    wire_map(out, 8);
    write_pair(out, KEY_SERVICE, "S2");
    write_number(out, KEY_RANK, 1);
    write_number(out, KEY_RATE, 2410);
    write_number(out, KEY_SCORE, 812);
    write_number(out, KEY_SCORE_PRICE, 500);
    write_number(out, KEY_SCORE_QUALITY, 312);
    write_pair(out, KEY_OUTCOME, "declined");
    write_pair(out, KEY_CODE, "no_capacity");
    wire_break(out);
}

static void test_explain(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = explanation}};
    struct run run = RUN(steps, "explain", "X123", "--referrer", "Ward 3");
    assert_int_equal(run.code, CLI_DONE);
    check_text(run.out, "X123: 2 services lack capacity.\n");
    check_text(run.out, "RANK  SERVICE    RATE  SCORE  OF PRICE  OF QUALITY  OUTCOME\n"
                        "   1  S2       \xc2\xa3"
                        "24.10    812       500         312  declined: no capacity\n");
    check_text(run.out, "S3       lacks a capability: peg\n");
    check_text(run.out, "S4       rate: at most \xc2\xa3"
                        "25.00, has \xc2\xa3"
                        "27.10\n");
    check_text(run.out, "S1       capacity: weekday morning: needs 420, free 180\n");
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_true(pm_text_equal(request.command->id.referrer, pm_text("Ward 3")));
    end_run(&run);
}

static void events(struct wire_writer *out)
{
    wire_map(out, 2);
    write_number(out, KEY_CURSOR, 512);
    wire_key(out, KEY_EVENTS);
    wire_array(out, 1);
    wire_map(out, 6);
    write_number(out, KEY_TIME, 1735052640000);
    write_pair(out, KEY_EVENT, "offer_made");
    write_pair(out, KEY_REFERENCE, "X123");
    write_pair(out, KEY_PROVIDER, "Fernglow Homecare");
    write_number(out, KEY_RATE, 2410);
    write_number(out, KEY_DEADLINE, 1735067040000);
}

static void test_watch(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = events},
                                      {.act = FAKE_RESULT, .status = PM_RESYNC}};
    static const char line[] = "2024-12-24 15:04  offer made: X123, Fernglow Homecare, \xc2\xa3"
                               "24.10, "
                               "until 2024-12-24 19:04\n";
    struct run run = RUN(steps, "watch", "--cursor", "256", "--wait", "5s");
    check_text(run.out, line);
    check_text(run.out, "Go on with --cursor 512\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.cursor, 256);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.wait, 5000);
    end_run(&run);
    run = RUN(steps, "watch", "--follow");
    assert_string_equal(run.out, line);
    check_text(run.err, "resync: ");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.wait, 0);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->watch.cursor, 512);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->watch.wait, 60000);
    end_run(&run);
}

/* ---- Supply ---- */

static void test_service_put(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3}};
    struct run run =
        RUN(steps, "service", "put", "fernglow-grays", "--pool", "Grays run", "--kind", "homecare",
            "--lot", "lot 1", "--rate", "23.50", "--rate", "2026-04-01=24.10", "--localities",
            "Grays, Purfleet", "--sectors", "RM17 5,RM17 6", "--capabilities", "peg", "--tier", "2",
            "--contract", "block");
    assert_string_equal(run.out, "The service fernglow-grays is recorded.\n");
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    const struct pm_service_put *service = &request.command->service;
    assert_int_equal(request.command->verb, PM_SERVICE_PUT);
    assert_int_equal(service->rates, 2);
    assert_int_equal(service->rate[1].pence, 2410);
    assert_int_equal(service->rate[1].from, 20544);
    assert_int_equal(service->localities, 2);
    assert_true(pm_text_equal(service->locality[1], pm_text("Purfleet")));
    assert_int_equal(service->sectors, 2);
    assert_int_equal(service->capabilities, 1);
    assert_int_equal(service->tier, 2);
    assert_int_equal(service->contract, PM_BLOCK);
    assert_int_equal(service->standing, PM_ACTIVE);
    end_run(&run);
}

static void test_other_puts(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3}};
    struct run run = RUN(steps, "provider", "put", "fernglow", "--standing", "suspended");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->provider.standing, PM_SUSPENDED);
    end_run(&run);
    run = RUN(steps, "location", "put", "fernglow-grays", "--provider", "fernglow", "--rating",
              "good");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->location.rating, PM_GOOD);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->location.score, -1);
    end_run(&run);
    run = RUN(steps, "pool", "put", "Grays run", "--location", "L", "--kind", "homecare", "--mode",
              "declared");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->pool.mode, PM_DECLARED);
    end_run(&run);
}

/* What stands in the environment is used unless an option says otherwise. */
static void test_environment(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = empty_page}};
    setenv("PLACEMAT_MARKET", "essex", 1);
    setenv("PLACEMAT_AS", "provider:Fernglow", 1);
    struct run run = run_words(steps, 1, (const char *const[]){"offer", "list", NULL});
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_true(pm_text_equal(request.market, pm_text("essex")));
    assert_int_equal(request.actor.role, PM_PROVIDER);
    assert_true(pm_text_equal(request.actor.name, pm_text("Fernglow")));
    end_run(&run);
    run = RUN(steps, "offer", "list");
    assert_true(pm_text_equal(fake_daemon_decoded(run.fake, 0).market, pm_text("thurrock")));
    end_run(&run);
    unsetenv("PLACEMAT_MARKET");
    unsetenv("PLACEMAT_AS");
}

/* The environment of whoever runs the tests has no say in them. */
static int clear_environment(void **state)
{
    (void)state;
    return unsetenv("PLACEMAT_URL") | unsetenv("PLACEMAT_MARKET") | unsetenv("PLACEMAT_AS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visits),        cmocka_unit_test(test_pounds),
        cmocka_unit_test(test_rates),         cmocka_unit_test(test_times),
        cmocka_unit_test(test_durations),     cmocka_unit_test(test_actors),
        cmocka_unit_test(test_amounts),       cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_values),        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_table),         cmocka_unit_test(test_post),
        cmocka_unit_test(test_post_json),     cmocka_unit_test(test_amend),
        cmocka_unit_test(test_show),          cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_whole), cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_usage),         cmocka_unit_test(test_help),
        cmocka_unit_test(test_list),          cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_capacity),      cmocka_unit_test(test_capacity_refused),
        cmocka_unit_test(test_explain),       cmocka_unit_test(test_watch),
        cmocka_unit_test(test_service_put),   cmocka_unit_test(test_other_puts),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests_name("cli", tests, clear_environment, fake_daemon_end_all);
}
