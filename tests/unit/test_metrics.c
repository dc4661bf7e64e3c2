/*
 * test_metrics.c: the daemon's numbers: histograms, ages of those who wait, Prometheus's format,
 * what makes it unwell, and asking the matcher.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/metrics.h"
#include "tests/lib/script.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Histograms ---- */

static void test_histogram(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        unsigned place;
    } times[] = {
        {0, 0},
        {15999, 0},
        {16000, 1},
        {31999, 1},
        {32000, 2},
        {1000000, 6},
        {1024000, 7},
        {UINT64_C(8388607999), 19},
        {UINT64_C(8388608000), 20},
        {UINT64_C(16777215999), 20},
        {UINT64_C(16777216000), 21},
        {UINT64_MAX / 1000, 21},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct histogram histogram = {.sum_ns = 0};
        histogram_add(&histogram, times[i].ns);
        for (unsigned place = 0; place < HISTOGRAM_PLACES; place++)
            assert_int_equal(stats_read(&histogram.place[place]), place == times[i].place);
        assert_int_equal(stats_read(&histogram.sum_ns), times[i].ns);
        if (times[i].place < HISTOGRAM_PLACES - 1)
            assert_true(times[i].ns / 1000 < histogram_below_us(times[i].place));
        if (times[i].place > 0)
            assert_true(times[i].ns / 1000 >= histogram_below_us(times[i].place - 1));
    }
}

/* ---- Who waits ---- */

static void run(struct script *script, const char *lines)
{
    if (!script_run(script, lines))
        fail_msg("%s", script->error);
}

static void expect_ages(const struct script *script, int64_t after_ms, const uint32_t *expected)
{
    struct pm_core_waited waited =
        pm_core_waited(script->world.core, pm_core_time(script->world.core) + after_ms);
    for (unsigned age = 0; age < PM_WAITED_AGES; age++)
        assert_int_equal(waited.packages[age], expected[age]);
}

static void test_waited(void **state)
{
    static const int64_t HOUR = 3600000;
    (void)state;
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    run(script, "load -> ok\nsupply a homecare in west rate 2000 spare 4200");
    expect_ages(script, 0, (uint32_t[PM_WAITED_AGES]){0});
    run(script,
        "post P1 homecare in east needs dementia priority 0 visit \"mon 07:00-10:00 5m\" -> ok\n"
        "advance 2h\n"
        "post P2 homecare in east needs dementia priority 1 visit \"mon 07:00-10:00 5m\" -> ok\n"
        "post P3 homecare in west priority 1 visit \"mon 07:00-10:00 5m\" -> ok\n"
        "expect package P1 waiting\nexpect package P3 offered a");
    expect_ages(script, 0, (uint32_t[PM_WAITED_AGES]){1, 1});
    expect_ages(script, HOUR - 1, (uint32_t[PM_WAITED_AGES]){1, 1});
    expect_ages(script, HOUR, (uint32_t[PM_WAITED_AGES]){0, 2});
    expect_ages(script, 30 * HOUR, (uint32_t[PM_WAITED_AGES]){0, 0, 0, 2});
    expect_ages(script, 335 * HOUR, (uint32_t[PM_WAITED_AGES]){0, 0, 0, 0, 0, 1, 1});
    expect_ages(script, 9000 * HOUR, (uint32_t[PM_WAITED_AGES]){0, 0, 0, 0, 0, 0, 2});
    assert_int_equal(pm_core_waited(script->world.core, pm_core_time(script->world.core)).longest,
                     2 * HOUR);
    script_close(script);
    free(script);
}

/* ---- The text ---- */

static struct stats stats;
static struct metrics_sources sources;
static struct figures figures;

static int open_sources(void **state)
{
    static struct pm_limits limits = {
        .packages = 100, .offers = 200, .placements = 30, .services = 4};
    (void)state;
    stats = (struct stats){.started_ns = clock_steady_ns()};
    sources = (struct metrics_sources){.stats = &stats,
                                       .ring = ring_create(4),
                                       .connections = connections_create(32),
                                       .limits = &limits};
    figures = (struct figures){.usage = {.packages = 7, .waiting = 3},
                               .waited = {.packages = {2, 0, 1}, .longest = 20000000}};
    return sources.ring && sources.connections ? 0 : -1;
}

static int close_sources(void **state)
{
    (void)state;
    ring_destroy((struct ring *)(uintptr_t)sources.ring);
    connections_destroy((struct connections *)(uintptr_t)sources.connections);
    return 0;
}

static char *text_now(const struct figures *of)
{
    size_t size;
    char *text = metrics_text(&sources, of, &size);
    assert_non_null(text);
    assert_int_equal(strlen(text), size);
    return text;
}

/* Has the text that line? */
static void expect_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++) {
        if ((at == text || at[-1] == '\n') && at[length] == '\n')
            return;
    }
    fail_msg("no line '%s' in:\n%s", line, text);
}

static void test_text(void **state)
{
    (void)state;
    stats_add(&stats.requests, 5);
    atomic_fetch_add(&stats.requests_refused[PM_BUSY], 2);
    atomic_fetch_add(&stats.commands_refused[PM_FULL], 1);
    histogram_add(&stats.replies, 20000);
    histogram_add(&stats.replies, 3000000000u);
    histogram_add(&stats.replies, UINT64_C(20000000000));
    char *text = text_now(&figures);
    expect_line(text, "placemat_up 1");
    expect_line(text, "placemat_requests_total 5");
    expect_line(text, "placemat_requests_refused_total{status=\"busy\"} 2");
    expect_line(text, "placemat_commands_refused_total{status=\"full\"} 1");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"0.000016000\"} 0");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"0.000032000\"} 1");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"2.097152000\"} 1");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"4.194304000\"} 2");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"16.777216000\"} 2");
    expect_line(text, "placemat_reply_seconds_bucket{le=\"+Inf\"} 3");
    expect_line(text, "placemat_reply_seconds_sum 23.000020000");
    expect_line(text, "placemat_reply_seconds_count 3");
    expect_line(text, "placemat_waiting{hours=\"0-1\"} 2");
    expect_line(text, "placemat_waiting{hours=\"4-24\"} 1");
    expect_line(text, "placemat_waiting{hours=\"336-\"} 0");
    expect_line(text, "placemat_waiting_longest_seconds 20000");
    expect_line(text, "placemat_records{table=\"packages\"} 7");
    expect_line(text, "placemat_records_limit{table=\"services\"} 4");
    free(text);
}

/* The name that a sample is of: without labels, and of a histogram without what is put behind. */
static void name_of(const char *line, char out[80])
{
    static const char *const ends[] = {"_bucket", "_sum", "_count"};
    size_t length = strcspn(line, " {");
    assert_in_range(length, 1, 79);
    memcpy(out, line, length);
    out[length] = '\0';
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (length > end && strcmp(out + length - end, ends[i]) == 0 && strstr(out, "_seconds"))
            out[length - end] = '\0';
    }
}

/* As the format demands: each metric once, its HELP, then its TYPE, then its samples alone; and as
 * we do: each HELP is a sentence. */
static void test_form(void **state)
{
    (void)state;
    atomic_fetch_add(&stats.requests_refused[PM_BUSY], 2);
    char *text = text_now(&figures), *rest = text, *line;
    char now[80] = "", name[82], seen[8192] = " ";
    unsigned metrics = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (strncmp(line, "# HELP ", 7) == 0) {
            name_of(line + 7, now);
            snprintf(name, sizeof name, " %s ", now);
            assert_null(strstr(seen, name));
            strcat(seen, name);
            assert_int_equal(line[strlen(line) - 1], '.');
            metrics++;
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            assert_memory_equal(line + 7, now, strlen(now));
        } else {
            name_of(line, name);
            assert_string_equal(name, now);
            assert_true(isdigit((unsigned char)line[strlen(line) - 1]));
        }
    }
    assert_true(rest == NULL || *rest == '\0');
    assert_in_range(metrics, 20, 60);
    free(text);
}

static void test_ail(void **state)
{
    (void)state;
    char ail[256];
    metrics_ail(&sources, &figures, ail);
    assert_string_equal(ail, "");
    atomic_store(&stats.committing_ns, clock_steady_ns());
    metrics_ail(&sources, &figures, ail);
    assert_string_equal(ail, "");
    atomic_store(&stats.committing_ns,
                 clock_steady_ns() - (METRICS_STUCK_S + 1) * UINT64_C(1000000000));
    metrics_ail(&sources, &figures, ail);
    assert_non_null(strstr(ail, "journal"));
    char *text = text_now(&figures);
    expect_line(text, "placemat_up 0");
    free(text);
    atomic_store(&stats.committing_ns, 0);
    metrics_ail(&sources, NULL, ail);
    assert_non_null(strstr(ail, "matcher"));
    text = text_now(NULL);
    expect_line(text, "placemat_up 0");
    assert_null(strstr(text, "placemat_waiting"));
    free(text);
}

/* ---- Asking ---- */

struct answering {
    struct probe *probe;
    struct doorbell *bell;
    struct pm_core *core;
    atomic_bool ending;
};

static void *answer(void *context)
{
    struct answering *answering = context;
    for (int64_t time = 1; !atomic_load(&answering->ending); time++) {
        doorbell_wait(answering->bell, UINT64_C(100000000));
        probe_answer(answering->probe, answering->core, time);
    }
    return NULL;
}

static void test_probe(void **state)
{
    (void)state;
    static const struct pm_limits limits = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct answering answering = {.bell = doorbell_create(0), .core = pm_core_open(&limits)};
    assert_non_null(answering.core);
    answering.probe = probe_create(answering.bell);
    struct figures got = {.time = -1};
    /* Nobody is there; what is answered afterwards is not taken for the answer to the next. */
    assert_false(probe_ask(answering.probe, 1000000, &got));
    assert_int_equal(got.time, -1);
    probe_answer(answering.probe, answering.core, -2);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer, &answering), 0);
    int64_t before = 0;
    for (int i = 0; i < 100; i++) {
        assert_true(probe_ask(answering.probe, UINT64_C(20000000000), &got));
        assert_true(got.time > before);
        before = got.time;
    }
    atomic_store(&answering.ending, true);
    pthread_join(thread, NULL);
    probe_destroy(answering.probe);
    doorbell_destroy(answering.bell);
    pm_core_close(answering.core);
}

static void test_where(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        bool good;
    } tries[] = {
        {"9464", true},        {"0", true},          {"127.0.0.1:9464", true},
        {"0.0.0.0:1", true},   {"[::1]:9464", true}, {"::1:9464", true},
        {"", false},           {":9464", false},     {"host:9464", false},
        {"65536", false},      {"-1", false},        {"9464x", false},
        {"127.0.0.1:", false}, {"[::1]", false},     {"127.0.0.1", false},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (http_where(tries[i].where) != tries[i].good)
            fail_msg("'%s'", tries[i].where);
    }
}

#define WITH_SOURCES(name) cmocka_unit_test_setup_teardown(name, open_sources, close_sources)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram), cmocka_unit_test(test_waited),
        WITH_SOURCES(test_text),          WITH_SOURCES(test_form),
        WITH_SOURCES(test_ail),           cmocka_unit_test(test_probe),
        cmocka_unit_test(test_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
