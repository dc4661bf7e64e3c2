/* test_round_tried.c - rounds tried and not run: who is in them, who may serve, what is answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/round_answer.h"
#include "tests/lib/little_market.h"
#include "tests/lib/solved.h"

enum { WEEKDAYS = 0x1f };

static struct little little;
static uint8_t bytes[1 << 16];

static struct round_source of(const char *kind, const char *provider, const char *location)
{
    return (struct round_source){.market = pm_text("little"),
                                 .tried = {.kind = pm_text(kind),
                                           .provider = pm_text(provider),
                                           .location = pm_text(location)}};
}

/* Tries it; what is answered. */
static struct look try_round(const struct round_source *source)
{
    static struct solved solved;
    struct wire_writer out = {.bytes = bytes, .size = sizeof bytes};
    uint8_t before[PM_DIGEST_SIZE], after[PM_DIGEST_SIZE];
    pm_core_digest(little.core, before);
    assert_true(solved_source(little.core, source, &solved));
    round_put_tried(&out, &solved.problem, solved.found.choice, &solved.result);
    assert_false(out.overflow);
    solved_close(&solved);
    pm_core_digest(little.core, after);
    assert_memory_equal(before, after, sizeof before);
    struct look look = {bytes, out.used};
    assert_true(look_is_whole(look));
    return look;
}

/* Posts in Alder, half an hour each weekday; it is placed with the provider. */
static void place(const char *reference, const char *provider)
{
    assert_int_equal(little_post(&little, reference, "Alder", WEEKDAYS, 30, NULL).status, PM_OK);
    if (strcmp(provider, "beryl") != 0)
        assert_int_equal(little_decline(&little, "beryl", PM_NO_CAPACITY).status, PM_OK);
    assert_int_equal(little_accept(&little, provider).status, PM_OK);
}

static void what_is_named_must_be_there(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *provider, *location;
        uint16_t status;
    } rows[] = {
        {"", "", "", PM_OK},
        {"homecare", "", "", PM_OK},
        {"gardening", "", "", PM_UNKNOWN_KIND},
        {"", "beryl", "", PM_OK},
        {"", "beryl", "beryl-branch", PM_OK},
        {"", "", "beryl-branch", PM_OK},
        {"", "nobody", "", PM_UNKNOWN_PROVIDER},
        {"", "beryl", "nowhere", PM_UNKNOWN_LOCATION},
        {"", "beryl", "amber-branch", PM_UNKNOWN_LOCATION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct round_source source = of(rows[i].kind, rows[i].provider, rows[i].location);
        assert_int_equal(round_source_status(little.core, &source), rows[i].status);
        assert_int_equal(round_problem_bound(little.core, &source) != 0, rows[i].status == PM_OK);
    }
    struct round_source elsewhere = {.market = pm_text("elsewhere")};
    assert_int_equal(round_source_status(little.core, &elsewhere), PM_UNKNOWN_MARKET);
    struct round_source closed = {.round = 5};
    assert_int_equal(round_source_status(little.core, &closed), PM_UNKNOWN_ROUND);
}

/* Its packages are matched with the others' services; those of others stay where they are. */
static void a_failing_provider(void **state)
{
    (void)state;
    place("X1", "beryl");
    place("X2", "amber");
    struct round_source source = of("", "beryl", "");
    struct look look = try_round(&source);
    assert_int_equal(look_number(look, "round/count"), 1);
    assert_int_equal(look_number(look, "round/placed"), 1);
    assert_int_equal(look_number(look, "round/passed_on"), 0);
    assert_int_equal(look_count(look, "rows"), 1);
    assert_string_equal(look_text(look, "rows/0/reference"), "X1");
    assert_string_equal(look_text(look, "rows/0/referrer"), "ward");
    assert_string_equal(look_text(look, "rows/0/fate"), "placed");
    assert_string_not_equal(look_text(look, "rows/0/provider"), "beryl");
    assert_int_equal(look_number(look, "rows/0/cost"), look_number(look, "round/stages/4/value"));
    assert_true(look_has(look, "rows/0/alone"));
}

/* The same by its one location; of another kind it has none; and others lose nobody. */
static void what_fails_is_as_wide_as_said(void **state)
{
    (void)state;
    place("X1", "beryl");
    static const struct {
        const char *kind, *provider, *location;
        int count;
    } rows[] = {
        {"", "beryl", "beryl-branch", 1}, {"", "", "beryl-branch", 1}, {"homecare", "beryl", "", 1},
        {"residential", "beryl", "", 0},  {"", "amber", "", 0},        {"", "", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct round_source source = of(rows[i].kind, rows[i].provider, rows[i].location);
        struct look look = try_round(&source);
        assert_int_equal(look_number(look, "round/count"), rows[i].count);
        assert_int_equal(look_count(look, "rows"), rows[i].count);
    }
}

/* Nobody else can do what it needs. */
static void who_finds_nobody_is_told_why(void **state)
{
    (void)state;
    assert_int_equal(little_post(&little, "X1", "Alder", WEEKDAYS, 30, "peg").status, PM_OK);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    struct round_source source = of("", "beryl", "");
    struct look look = try_round(&source);
    assert_int_equal(look_number(look, "round/passed_on"), 1);
    assert_int_equal(look_number(look, "round/stages/1/value"), 1);
    assert_string_equal(look_text(look, "rows/0/fate"), "passed_on");
    assert_string_equal(look_text(look, "rows/0/diagnosis"),
                        "No service may take it with what is free now.");
    assert_false(look_has(look, "rows/0/service"));
}

static int setup(void **state)
{
    (void)state;
    little_open(&little);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    little_close(&little);
    return 0;
}

#define MARKET_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MARKET_TEST(what_is_named_must_be_there),
        MARKET_TEST(a_failing_provider),
        MARKET_TEST(what_fails_is_as_wide_as_said),
        MARKET_TEST(who_finds_nobody_is_told_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
