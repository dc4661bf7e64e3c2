/*
 * test_log.c: lines of the log, for people and as JSON, and what is written of refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/log.h"
#include "daemon/refusals.h"
#include "tests/lib/caught.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *text; /* that was caught */

static size_t lines(void)
{
    size_t count = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

/* What stands after the time, which must have its form, in the one line that came. */
static const char *after_time(void)
{
    static const char form[] = "0000-00-00T00:00:00.000Z ";
    size_t end = 0;
    for (; form[end] != '\0'; end++)
        assert_true(form[end] == '0' ? text[end] >= '0' && text[end] <= '9'
                                     : text[end] == form[end]);
    assert_int_equal(lines(), 1);
    return text + end;
}

static void test_text(void **state)
{
    (void)state;
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    caught_begin();
    log_debug("not written");
    log_warn("a name\nof %d lines\x7f", 2);
    text = caught_end();
    assert_string_equal(after_time(), "warn a name?of 2 lines?\n");
}

/* Says where stderr goes as systemd does, or the file beside it. */
static void say_stream(ino_t beside)
{
    char stream[64];
    struct stat is;
    assert_int_equal(fstat(STDERR_FILENO, &is), 0);
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)is.st_dev,
             (uintmax_t)(is.st_ino + beside));
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
}

static void test_systemd_is_told_the_priority(void **state)
{
    (void)state;
    caught_begin();
    say_stream(0);
    log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    log_error("a");
    log_warn("b");
    log_info("c");
    log_debug("d");
    log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
    log_warn("e");
    say_stream(1);
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    log_warn("f");
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    text = caught_end();
    char begins[13] = "";
    int count = 0;
    for (const char *line = text; *line != '\0' && count < 6; line = strchr(line, '\n') + 1)
        memcpy(begins + 2 * count++, line, 2);
    assert_int_equal(count, 6);
    assert_string_equal(begins, "<3<4<6<7<420");
}

static void test_long_lines_are_cut(void **state)
{
    (void)state;
    char name[4000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct log_field field[] = {{.name = "name", .text = pm_text(name)},
                                      {.name = "more", .number = 1}};
    for (int form = 0; form < 2; form++) {
        caught_begin();
        if (form == 0)
            log_error("%s", name);
        else
            assert_true(log_event(LOG_LEVEL_ERROR, "happened", field, 2));
        text = caught_end();
        assert_int_equal(lines(), 1);
        assert_in_range(strlen(text), 990, 1001);
    }
}

static const struct log_field fields[] = {
    {.name = "word", .text = {"a\tb", 3}},
    {.name = "words", .text = {"two \"of\" them", 13}},
    {.name = "nothing", .text = {"", 0}},
    {.name = "number", .number = UINT64_C(1) << 40},
};

static void test_event_as_text(void **state)
{
    (void)state;
    caught_begin();
    assert_true(log_event(LOG_LEVEL_INFO, "happened", fields, 4));
    text = caught_end();
    assert_string_equal(after_time(),
                        "info happened word=a?b words=\"two 'of' them\" number=1099511627776\n");
}

static void test_as_json(void **state)
{
    (void)state;
    log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    caught_begin();
    assert_true(log_event(LOG_LEVEL_INFO, "happened", fields, 4));
    text = caught_end();
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    assert_int_equal(lines(), 1);
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(line, "event")), "happened");
    assert_string_equal(json_string_value(json_object_get(line, "word")), "a\tb");
    assert_string_equal(json_string_value(json_object_get(line, "words")), "two \"of\" them");
    assert_null(json_object_get(line, "nothing"));
    assert_int_equal(json_integer_value(json_object_get(line, "number")), INT64_C(1) << 40);
    json_decref(line);
}

static void test_plain_lines_as_json(void **state)
{
    (void)state;
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    caught_begin();
    log_info("two\nlines and a \"%s\"", "word");
    text = caught_end();
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    assert_int_equal(lines(), 1);
    json_t *line = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "message")),
                        "two\nlines and a \"word\"");
    json_decref(line);
}

static void test_never_waits(void **state)
{
    (void)state;
    static const char filling[1 << 16];
    caught_begin();
    while (write(STDERR_FILENO, filling, sizeof filling) > 0)
        ;
    bool written = log_event(LOG_LEVEL_INFO, "happened", fields, 4);
    text = caught_end();
    assert_false(written);
}

/* ---- Refusals ---- */

static const struct pm_command withdraw = {.verb = PM_PACKAGE_WITHDRAW};
static const struct pm_entry entry = {.market = {"little", 6},
                                      .actor = {.role = PM_BROKER, .name = {"an example", 10}},
                                      .client = 7,
                                      .number = 12,
                                      .command = &withdraw};

static void test_refused_command(void **state)
{
    (void)state;
    static struct stats stats;
    caught_begin();
    refusals_of_command(&stats, PM_FULL, &entry);
    text = caught_end();
    static const char start[] = "info refused command=package.withdraw status=full market=little "
                                "role=broker actor=\"an example\" client=7 number=12 reason=\"";
    assert_memory_equal(after_time(), start, sizeof start - 1);
    assert_non_null(strstr(text, pm_status_sentence(PM_FULL)));
    assert_int_equal(stats_read(&stats.commands_refused[PM_FULL]), 1);
    assert_int_equal(stats_sum(stats.commands_refused), 1);
}

static void test_refused_request(void **state)
{
    (void)state;
    static struct stats stats;
    char long_name[PM_NAME_MAX + 2] = "";
    memset(long_name, 'n', sizeof long_name - 1);
    const struct wire_request wire = {.market = {"little", 6},
                                      .actor = {.role = PM_PROVIDER, .name = pm_text(long_name)}};
    caught_begin();
    refusals_of_request(&stats, PM_MALFORMED, "byte 3: no map", NULL);
    text = caught_end();
    assert_string_equal(
        after_time(),
        "info refused status=malformed client=0 number=0 reason=\"byte 3: no map\"\n");
    caught_begin();
    refusals_of_request(&stats, PM_NOT_ALLOWED, "", &wire); /* no name is that long */
    text = caught_end();
    assert_string_equal(
        after_time(),
        "info refused status=not_allowed market=little role=provider client=0 number=0\n");
    assert_int_equal(stats_sum(stats.requests_refused), 2);
}

/* However many come, some are written a second, and the rest are counted in the next line. */
static void test_too_many_refusals(void **state)
{
    enum { MANY = 1000 };
    (void)state;
    static struct stats stats;
    usleep(1100 * 1000); /* a second of its own, or two */
    caught_begin();
    for (int i = 0; i < MANY; i++)
        refusals_of_command(&stats, PM_FULL, &entry);
    text = caught_end();
    size_t written = lines();
    assert_in_range(written, REFUSALS_A_SECOND, 3 * REFUSALS_A_SECOND);
    assert_int_equal(stats_read(&stats.commands_refused[PM_FULL]), MANY);
    size_t told = 0;
    for (const char *at = text; (at = strstr(at, "left_out=")) != NULL; at++)
        told += strtoul(at + strlen("left_out="), NULL, 10);
    usleep(1100 * 1000);
    caught_begin();
    refusals_of_command(&stats, PM_FULL, &entry);
    text = caught_end();
    const char *left = strstr(text, "left_out=");
    assert_non_null(left);
    assert_int_equal(strtoul(left + strlen("left_out="), NULL, 10) + told + written, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_systemd_is_told_the_priority),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_event_as_text),
        cmocka_unit_test(test_as_json),
        cmocka_unit_test(test_plain_lines_as_json),
        cmocka_unit_test(test_never_waits),
        cmocka_unit_test(test_refused_command),
        cmocka_unit_test(test_refused_request),
        cmocka_unit_test(test_too_many_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
