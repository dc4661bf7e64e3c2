/* test_cli_round.c - `placemat round verify` and `prices`: certificates read from files. */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/round_little.h"
#include "tests/lib/scratch.h"

enum { BYTES_MAX = 1 << 14 };

static struct round_little little;
static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];

static void write_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_certificate(void)
{
    static uint8_t bytes[BYTES_MAX];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    round_little_renew(&little);
    wire_certificate_encode(&writer, &little.certificate);
    assert_false(writer.overflow);
    write_bytes(bytes, writer.used);
}

/* Runs a command on the file; nothing may be asked of a daemon. */
static struct cli_test run_on_file(const char *verb, const char *option)
{
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    const char *const words[] = {"round", verb, path, option, NULL};
    struct cli_test run = cli_test_run(steps, COUNT(steps), words);
    assert_int_equal(fake_daemon_requests(run.fake), 0);
    return run;
}

static void prints(const char *verb, const char *option, const char *out)
{
    struct cli_test run = run_on_file(verb, option);
    cli_test_prints(&run, out);
    cli_test_end(&run);
}

static void refuses(const char *verb, const char *option, const char *says)
{
    struct cli_test run = run_on_file(verb, option);
    assert_int_equal(run.code, CLI_REFUSED);
    cli_test_says(run.err, says);
    cli_test_end(&run);
}

/* ---- verify ---- */

static void what_holds_is_told(void **state)
{
    (void)state;
    round_little(&little);
    write_certificate();
    prints("verify", NULL,
           "little, round 3: all that the certificate says holds.\n"
           "STAGE    VALUE   BOUND   GAP     IS\n"
           "class 0  0       0       0.00 %  the least, proven by the bound\n"
           "class 1  1       1       0.00 %  the least, proven by the bound\n"
           "class 2  0       0       0.00 %  the least, proven by the bound\n"
           "class 3  0       0       0.00 %  the least, proven by the bound\n"
           "cost     £16.00  £16.00  0.00 %  the least, proven by the bound\n");
}

/* The prices of the cost prove 1450 alone, of the class 1 nothing; of the cost nothing is claimed.
 */
static void prove_less(bool claimed)
{
    round_little(&little);
    little.made.result.stage[1].pool_price = NULL;
    little.made.result.stage[1].bound = 0;
    little.made.result.stage[SOLVER_COST].pool_price = NULL;
    little.made.result.stage[SOLVER_COST].bound = 1450;
    little.made.result.stage[SOLVER_COST].optimal = claimed;
    write_certificate();
}

static void what_is_not_proven_is_told(void **state)
{
    (void)state;
    prove_less(false);
    prints("verify", "--json",
           "{\"title\":\"little, round 3\",\"holds\":true,\"stages\":["
           "{\"stage\":\"class 0\",\"value\":0,\"bound\":0,\"gap_percent\":0.0,"
           "\"verdict\":\"proven\"},"
           "{\"stage\":\"class 1\",\"value\":1,\"bound\":0,\"gap_percent\":null,"
           "\"verdict\":\"claimed\"},"
           "{\"stage\":\"class 2\",\"value\":0,\"bound\":0,\"gap_percent\":0.0,"
           "\"verdict\":\"proven\"},"
           "{\"stage\":\"class 3\",\"value\":0,\"bound\":0,\"gap_percent\":0.0,"
           "\"verdict\":\"proven\"},"
           "{\"stage\":\"cost\",\"value\":1600,\"bound\":1450,\"gap_percent\":10.35,"
           "\"verdict\":\"not_proven\"}]}\n");
}

static void a_claim_is_solved_anew(void **state)
{
    (void)state;
    prove_less(true);
    struct cli_test run = run_on_file("verify", "--resolve");
    assert_string_equal(run.err, "");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "class 1  1       0                "
                           "the least, by the solver's search and solved anew\n");
    cli_test_says(run.out, "cost     £16.00  £14.50  10.35 %  "
                           "the least, by the solver's search and solved anew\n");
    cli_test_end(&run);
}

/* The couple instead of X4: as good in all but the cost. */
static void choose_the_couple(bool claimed)
{
    prove_less(claimed);
    little.made.choice[1] = 3;
    little.made.choice[2] = 4;
    little.made.choice[3] = 0;
    little.made.result.stage[SOLVER_COST].value = 2100;
    write_certificate();
}

static void a_false_claim_is_found(void **state)
{
    (void)state;
    choose_the_couple(true);
    struct cli_test run = run_on_file("verify", NULL);
    assert_int_equal(run.code, CLI_DONE);
    cli_test_end(&run);
    refuses("verify", "--resolve",
            "does_not_hold: cost: 2100 is claimed to be the least, and 1600 was found when it was "
            "solved anew.\n");
    choose_the_couple(false);
    run = run_on_file("verify", "--resolve");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "not proven to be the least\n");
    cli_test_end(&run);
}

static void what_does_not_hold_is_named(void **state)
{
    (void)state;
    round_little(&little);
    little.sample.pool_name[0] = pm_text("am\033[31mber");
    little.sample.pool[0].band[0] = 59;
    write_certificate();
    refuses("verify", NULL, "does_not_hold: am?[31mber, morning: 60 is taken, 59 is free.\n");
    refuses("prices", NULL, "does_not_hold: am?[31mber, morning: 60 is taken, 59 is free.\n");
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static uint8_t bytes[BYTES_MAX];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    round_little(&little);
    wire_problem_encode(&writer, &little.sample.wire);
    write_bytes(bytes, writer.used);
    refuses("verify", NULL, "it is a problem, and not a certificate.\n");
    write_bytes("no", 2);
    refuses("prices", NULL, "it is no document of a round.\n");
    write_bytes("", 0);
    refuses("verify", NULL, "it is no document of a round.\n");
    write_certificate();
    assert_int_equal(truncate(path, 200), 0);
    refuses("verify", NULL, "cut off");
    assert_int_equal(remove(path), 0);
    refuses("verify", NULL, "No such file or directory.\n");
}

/* ---- prices ---- */

static void prices_are_told(void **state)
{
    (void)state;
    round_little(&little);
    write_certificate();
    prints("prices", NULL,
           "LOCALITY  KIND      BAND     PENCE A WEEK  FOR A   FREE  POOL\n"
           "Alder     homecare  morning  10.00         minute    60  amber-run\n"
           "Birch     homecare  morning  5.00          minute    30  beryl-run\n");
    prints("prices", "--json",
           "{\"title\":\"little, round 3\",\"prices\":["
           "{\"locality\":\"Alder\",\"kind\":\"homecare\",\"band\":\"morning\",\"pence\":10.0,"
           "\"of\":\"minute\",\"pool\":\"amber-run\",\"free\":60},"
           "{\"locality\":\"Birch\",\"kind\":\"homecare\",\"band\":\"morning\",\"pence\":5.0,"
           "\"of\":\"minute\",\"pool\":\"beryl-run\",\"free\":30}],\"share_caps\":[]}\n");
}

/* Of several pools in one place, the dearest; and a share cap. */
static void the_dearest_stands_for_its_place(void **state)
{
    (void)state;
    round_little(&little);
    little.sample.locality[0] = pm_text("Birch");
    little.made.cap_price[SOLVER_COST][0] = 3;
    little.made.result.stage[SOLVER_COST].cap_price = little.made.cap_price[SOLVER_COST];
    little.made.result.stage[SOLVER_COST].bound = 1450;
    write_certificate();
    prints("prices", NULL,
           "LOCALITY  KIND      BAND     PENCE A WEEK  FOR A   FREE  POOL\n"
           "Birch     homecare  morning  10.00         minute    60  amber-run\n"
           "\n"
           "SHARE CAP       PENCE A WEEK  LEFT\n"
           "amber homecare  1.50           100\n");
}

static void no_price_is_told_too(void **state)
{
    (void)state;
    prove_less(false);
    prints("prices", NULL,
           "More capacity would have been worth nothing, as far as the prices say.\n");
}

static int setup(void **state)
{
    scratch_make(directory);
    (void)snprintf(path, sizeof path, "%s/round.cbor", directory);
    return cli_test_setup(state);
}

static int teardown(void **state)
{
    return fake_daemon_end_all(state) | scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_is_told),
        cmocka_unit_test(what_is_not_proven_is_told),
        cmocka_unit_test(a_claim_is_solved_anew),
        cmocka_unit_test(a_false_claim_is_found),
        cmocka_unit_test(what_does_not_hold_is_named),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(prices_are_told),
        cmocka_unit_test(the_dearest_stands_for_its_place),
        cmocka_unit_test(no_price_is_told_too),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
