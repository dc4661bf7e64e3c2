/* test_cli_round_try.c - `placemat round open --dry-run`, `provider fail --dry-run`, and what is
 * said of rounds: what was scarce, what was gained. */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define POUND "\xc2\xa3"

/* ---- What a daemon says ---- */

static void put_stages(struct wire_writer *out)
{
    static const int64_t value[] = {0, 1, 0, 0, 4500}, alone[] = {0, 2, 0, 0, 5200};
    wire_key(out, KEY_STAGES);
    wire_array(out, PM_ROUND_STAGES);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        wire_map(out, 4);
        cli_test_number(out, KEY_VALUE, value[stage]);
        cli_test_number(out, KEY_BOUND, value[stage]);
        wire_key(out, KEY_OPTIMAL);
        wire_bool(out, true);
        cli_test_number(out, KEY_ALONE, alone[stage]);
    }
}

static void put_scarce(struct wire_writer *out)
{
    wire_key(out, KEY_SCARCE);
    wire_array(out, 1);
    wire_map(out, 5);
    cli_test_text(out, KEY_LOCALITY, "Grays");
    cli_test_text(out, KEY_POOL, "grays-run");
    cli_test_text(out, KEY_KIND, "homecare");
    cli_test_text(out, KEY_BAND, "morning");
    cli_test_number(out, KEY_PRICE, 1205);
}

static void put_row(struct wire_writer *out, const char *reference, bool placed)
{
    wire_open_map(out);
    cli_test_number(out, KEY_PACKAGE, 7);
    cli_test_text(out, KEY_REFERENCE, reference);
    cli_test_text(out, KEY_REFERRER, "ward");
    cli_test_number(out, KEY_PRIORITY, 1);
    cli_test_text(out, KEY_FATE, placed ? "placed" : "passed_on");
    if (placed) {
        cli_test_text(out, KEY_SERVICE, "S1");
        cli_test_number(out, KEY_COST, 4500);
        cli_test_text(out, KEY_ALONE, "S2");
        cli_test_number(out, KEY_ALONE_COST, 5200);
    } else {
        cli_test_text(out, KEY_DIAGNOSIS, "2 services could take it, but are needed for others.");
    }
    wire_break(out);
}

static void put_tried(struct wire_writer *out, int64_t count)
{
    wire_open_map(out);
    wire_key(out, KEY_ROUND);
    wire_open_map(out);
    cli_test_number(out, KEY_COUNT, count);
    cli_test_number(out, KEY_PLACED, count - 1);
    cli_test_number(out, KEY_PASSED_ON, 1);
    put_stages(out);
    put_scarce(out);
    wire_break(out);
    wire_key(out, KEY_ROWS);
    wire_array(out, 2);
    put_row(out, "X1", true);
    put_row(out, "X2", false);
    wire_break(out);
}

static void tried(struct wire_writer *out)
{
    put_tried(out, 2);
}

static void tried_many(struct wire_writer *out)
{
    put_tried(out, 2000);
}

static void tried_nobody(struct wire_writer *out)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROUND);
    wire_map(out, 1);
    cli_test_number(out, KEY_COUNT, 0);
    wire_key(out, KEY_ROWS);
    wire_array(out, 0);
}

/* ---- Tried ---- */

#define SAID                                                                                  \
    "Of 2 packages 1 would be given a service, 1 would not. Nothing was done.\n"              \
    "Cost: " POUND "45.00 a week; nothing better than " POUND "45.00 is possible, and it is " \
    "optimal.\n"                                                                              \
    "Left without anybody: 1 (at least 1).\n"                                                 \
    "One at a time: " POUND "52.00 a week, 2 without anybody.\n"                              \
    "SCARCE IN  KIND      BAND     PENCE A UNIT  POOL\n"                                      \
    "Grays      homecare  morning  12.05         grays-run\n"

static void a_round_is_tried(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = tried}};
    struct cli_test run = RUN(steps, "round", "open", "--dry-run", "--kind", "homecare");
    assert_int_equal(run.code, CLI_DONE);
    assert_string_equal(run.err, ""); /* no terminal */
    cli_test_says(run.out, SAID);
    cli_test_says(run.out,
                  "X1       ward             1  S1       " POUND "45.00  S2     " POUND "52.00");
    cli_test_says(run.out, "2 services could take it, but are needed for others.");
    const struct pm_round_try *sent = &cli_test_sent(&run, PM_ROUND_TRY)->tried;
    cli_test_is(sent->kind, "homecare");
    assert_int_equal(sent->provider.length, 0);
    assert_int_equal(sent->location.length, 0);
    cli_test_end(&run);
}

static void a_failure_is_tried(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = tried_many}};
    struct cli_test run =
        RUN(steps, "provider", "fail", "fernglow", "--dry-run", "--location", "fernglow-grays");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "Of 2000 packages 1999 would be given a service, 1 would not.");
    cli_test_says(run.out, "These are the most urgent 2.\n");
    const struct pm_round_try *sent = &cli_test_sent(&run, PM_ROUND_TRY)->tried;
    assert_int_equal(sent->kind.length, 0);
    cli_test_is(sent->provider, "fernglow");
    cli_test_is(sent->location, "fernglow-grays");
    cli_test_end(&run);
}

static void nobody_is_to_be_matched(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = tried_nobody}};
    struct cli_test run = RUN(steps, "round", "open", "--dry-run");
    cli_test_prints(&run, "There are no packages to match. Nothing was done.\n");
    cli_test_end(&run);
}

static void what_is_tried_is_a_document(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = tried}};
    struct cli_test run = RUN(steps, "--json", "round", "open", "--dry-run");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "\"placed\":1");
    cli_test_says(run.out, "\"scarce\":[{\"locality\":\"Grays\",\"pool\":\"grays-run\",\"kind\":"
                           "\"homecare\",\"band\":\"morning\",\"price\":1205}]");
    cli_test_end(&run);
}

static void a_refusal_is_told(void **state)
{
    (void)state;
    static const uint16_t statuses[] = {PM_BUSY, PM_STOPPING, PM_NOT_ALLOWED, PM_UNKNOWN_PROVIDER};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        const struct fake_step steps[] = {{.act = FAKE_RESULT, .status = statuses[i]}};
        struct cli_test run = RUN(steps, "provider", "fail", "fernglow", "--dry-run");
        assert_int_equal(run.code, CLI_REFUSED);
        cli_test_says(run.err, pm_status_sentence(statuses[i]));
        assert_int_equal(fake_daemon_requests(run.fake), 1);
        cli_test_end(&run);
    }
}

/* ---- What is said of rounds that were run ---- */

static void shown(struct wire_writer *out)
{
    wire_open_map(out);
    wire_key(out, KEY_ROUND);
    wire_open_map(out);
    cli_test_number(out, KEY_ID, 3);
    cli_test_text(out, KEY_STATE, "applied");
    put_stages(out);
    put_scarce(out);
    wire_break(out);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    put_row(out, "X1", true);
    cli_test_number(out, KEY_NEXT, 0);
    wire_break(out);
}

static void what_was_scarce_is_shown(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = shown}};
    struct cli_test run = RUN(steps, "round", "show", "3");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "Round 3: applied.\n");
    cli_test_says(run.out, "Grays      homecare  morning  12.05         grays-run\n");
    cli_test_end(&run);
}

static int64_t gained_placed, gained_cost;

static void explained(struct wire_writer *out)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_STATE, "placed");
    wire_key(out, KEY_ROUND);
    wire_open_map(out);
    cli_test_number(out, KEY_ID, 3);
    cli_test_text(out, KEY_FATE, "placed");
    cli_test_text(out, KEY_SERVICE, "S1");
    cli_test_number(out, KEY_COST, 4500);
    wire_key(out, KEY_GAINED);
    wire_map(out, 2);
    cli_test_number(out, KEY_PLACED, gained_placed);
    cli_test_number(out, KEY_COST, gained_cost);
    wire_break(out);
    wire_break(out);
}

static void what_a_round_gained_is_explained(void **state)
{
    (void)state;
    static const struct {
        int64_t placed, cost;
        const char *says;
    } rows[] = {
        {2, 12050, "placed 2 more than one at a time, for " POUND "120.50 a week less.\n"},
        {1, -4500, "placed 1 more than one at a time, for " POUND "45.00 a week more.\n"},
        {0, 0, "placed 0 more than one at a time, for the same cost.\n"},
        {-1, 500, "placed 1 less than one at a time, for " POUND "5.00 a week less.\n"},
    };
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = explained}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        gained_placed = rows[i].placed;
        gained_cost = rows[i].cost;
        struct cli_test run = RUN(steps, "explain", "X1");
        assert_int_equal(run.code, CLI_DONE);
        cli_test_says(run.out, rows[i].says);
        cli_test_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_is_tried),
        cmocka_unit_test(a_failure_is_tried),
        cmocka_unit_test(nobody_is_to_be_matched),
        cmocka_unit_test(what_is_tried_is_a_document),
        cmocka_unit_test(a_refusal_is_told),
        cmocka_unit_test(what_was_scarce_is_shown),
        cmocka_unit_test(what_a_round_gained_is_explained),
    };
    return cmocka_run_group_tests(tests, cli_test_setup, fake_daemon_end_all);
}
