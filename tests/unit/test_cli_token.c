/*
 * test_cli_token.c - placemat token: what is asked for and shown once; and --token-file, which must
 * be its owner's alone.
 */
#include "tests/lib/cli_test.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TOKEN "pmt_0123456789012345678901234567890123456789012"

static char directory[SCRATCH_PATH], file[SCRATCH_PATH + 16];

static void write_token(struct wire_writer *out)
{
    wire_map(out, 1);
    cli_test_text(out, KEY_TOKEN, TOKEN);
}

static const struct fake_step made = {.act = FAKE_ANSWER, .body = write_token};
static const struct fake_step exists = {.act = FAKE_REFUSE, .status = PM_TOKEN_EXISTS};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *content(void)
{
    static char text[256];
    FILE *in = fopen(file, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    return text;
}

/* ---- token ---- */

static void test_shown_alone(void **state)
{
    (void)state;
    struct cli_test one =
        cli_test_run(&made, 1,
                     WORDS("token", "create", "anna at amber", "--role", "provider", "--provider",
                           "amber", "--market", "little", "--expires", "2027-03-31"));
    cli_test_prints(&one, TOKEN "\n");
    const struct pm_token *sent = &cli_test_sent(&one, PM_TOKEN_CREATE)->token;
    cli_test_is(sent->name, "anna at amber");
    assert_int_equal(sent->role, PM_PROVIDER);
    cli_test_is(sent->provider, "amber");
    cli_test_is(sent->market, "little");
    assert_int_equal(sent->expires, pm_date_parse(pm_text("2027-03-31")));
    struct wire_request request = fake_daemon_decoded(one.fake, 0);
    assert_int_equal(request.actor.role, PM_OPERATOR);
    cli_test_end(&one);
    one = cli_test_run(&made, 1, WORDS("token", "create", "rowan", "--role", "broker", "--json"));
    cli_test_prints(&one, "{\"token\":\"" TOKEN "\"}\n");
    cli_test_end(&one);
}

static void test_into_a_file(void **state)
{
    (void)state;
    struct stat status;
    const char *const *words = WORDS("token", "create", "rowan", "--role", "broker", "--out", file);
    char says[SCRATCH_PATH + 64];
    struct cli_test one = cli_test_run(&made, 1, words);
    snprintf(says, sizeof says, "The token rowan is in %s.\n", file);
    cli_test_prints(&one, says);
    assert_string_equal(content(), TOKEN "\n");
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    cli_test_end(&one);
    /* A file that is there is not written over, and nothing is asked. */
    one = cli_test_run(&made, 1, words);
    assert_int_equal(one.code, CLI_REFUSED);
    cli_test_says(one.err, "cannot be made: File exists");
    assert_int_equal(fake_daemon_requests(one.fake), 0);
    cli_test_end(&one);
    /* None is left where there is no token. */
    assert_int_equal(unlink(file), 0);
    one = cli_test_run(&exists, 1, words);
    assert_int_equal(one.code, CLI_REFUSED);
    cli_test_says(one.err, "token_exists");
    assert_int_not_equal(access(file, F_OK), 0);
    cli_test_end(&one);
}

static void write_rows(struct wire_writer *out)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 2);
    wire_map(out, 4);
    cli_test_text(out, KEY_NAME, "rowan");
    cli_test_text(out, KEY_ROLE, "broker");
    cli_test_number(out, KEY_CREATED, 1735052640000);
    cli_test_number(out, KEY_SESSIONS, 3);
    wire_map(out, 7);
    cli_test_text(out, KEY_NAME, "anna");
    cli_test_text(out, KEY_ROLE, "provider");
    cli_test_text(out, KEY_PROVIDER, "amber");
    cli_test_text(out, KEY_MARKET, "little");
    cli_test_number(out, KEY_EXPIRES, 20819);
    cli_test_number(out, KEY_CREATED, 1735052640000);
    cli_test_number(out, KEY_SESSIONS, 0);
    cli_test_number(out, KEY_NEXT, 0);
}

static void write_no_rows(struct wire_writer *out)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 0);
    cli_test_number(out, KEY_NEXT, 0);
}

static void test_list(void **state)
{
    (void)state;
    const struct fake_step rows = {.act = FAKE_ANSWER, .body = write_rows},
                           none = {.act = FAKE_ANSWER, .body = write_no_rows};
    struct cli_test one = cli_test_run(&rows, 1, WORDS("token", "list"));
    cli_test_prints(&one,
                    "NAME   ROLE      FOR    MARKET  CREATED           LAST DAY    SESSIONS\n"
                    "rowan  broker                   2024-12-24 15:04                     3\n"
                    "anna   provider  amber  little  2024-12-24 15:04  2027-01-01         0\n");
    cli_test_end(&one);
    one = cli_test_run(&none, 1, WORDS("token", "list"));
    cli_test_prints(&one, "There are no tokens.\n");
    cli_test_end(&one);
}

static void test_revoke(void **state)
{
    (void)state;
    const struct fake_step done = {.act = FAKE_RESULT, .status = PM_OK};
    struct cli_test one = cli_test_run(&done, 1, WORDS("token", "revoke", "rowan"));
    cli_test_prints(&one, "The token rowan is revoked, and its sessions are over.\n");
    cli_test_is(cli_test_sent(&one, PM_TOKEN_REVOKE)->token_name.name, "rowan");
    cli_test_end(&one);
}

/* ---- --token-file ---- */

static void make_file(const char *text, mode_t mode)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(file, mode), 0);
}

static void write_session(struct wire_writer *out)
{
    wire_map(out, 1);
    wire_key(out, KEY_SESSION);
    wire_bytes(out, "key", 3);
}

static const struct fake_step logs_in[] = {{.act = FAKE_ANSWER, .body = write_session},
                                           {.act = FAKE_ANSWER, .body = write_no_rows}};

/* By the option, and by the environment unless --as is said. */
static void test_logs_in(void **state)
{
    (void)state;
    make_file(TOKEN "\n", 0600);
    struct cli_test one = cli_test_run(
        logs_in, 2, WORDS("--token-file", file, "--market", "little", "package", "list"));
    assert_int_equal(one.code, CLI_DONE);
    cli_test_is(cli_test_sent(&one, PM_HELLO)->hello.token, TOKEN);
    struct wire_request request = fake_daemon_decoded(one.fake, 1);
    cli_test_is(request.session, "key");
    assert_int_equal(request.actor.role, 0);
    cli_test_end(&one);
    setenv("PLACEMAT_TOKEN_FILE", file, 1);
    one = cli_test_run(logs_in, 2, WORDS("--market", "little", "package", "list"));
    cli_test_sent(&one, PM_HELLO);
    cli_test_end(&one);
    one = cli_test_run(&logs_in[1], 1,
                       WORDS("--market", "little", "--as", "broker:ann", "package", "list"));
    request = fake_daemon_decoded(one.fake, 0);
    cli_test_is(request.actor.name, "ann");
    cli_test_end(&one);
    unsetenv("PLACEMAT_TOKEN_FILE");
}

static void expect_refused(const char *says)
{
    struct cli_test one = cli_test_run(
        logs_in, 2, WORDS("--token-file", file, "--market", "little", "package", "list"));
    assert_int_equal(one.code, CLI_USAGE);
    cli_test_says(one.err, says);
    assert_null(strstr(one.err, "pmt_"));
    assert_int_equal(fake_daemon_requests(one.fake), 0);
    cli_test_end(&one);
}

static void test_refused_files(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0666, 0440};
    char longer[200];
    for (size_t i = 0; i < COUNT(modes); i++) {
        make_file(TOKEN, modes[i]);
        expect_refused("is open to others than its owner: chmod 600");
        assert_int_equal(unlink(file), 0);
    }
    make_file("\n", 0600);
    expect_refused("holds no token");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    make_file(longer, 0600);
    expect_refused("holds no token");
    assert_int_equal(unlink(file), 0);
    expect_refused("cannot be read: No such file");
    assert_int_equal(mkdir(file, 0700), 0);
    expect_refused("is no file");
    assert_int_equal(rmdir(file), 0);
    make_file(TOKEN, 0600);
    cli_test_refuses(
        WORDS("--token-file", file, "--as", "broker", "--market", "m", "package", "list"),
        "say who acts by --as or by --token-file, not by both");
}

/* ---- */

static int set_up(void **state)
{
    scratch_make(directory);
    snprintf(file, sizeof file, "%s/token", directory);
    return cli_test_setup(state);
}

static int tear_down(void **state)
{
    return fake_daemon_end_all(state) | scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown_alone), cmocka_unit_test(test_into_a_file),
        cmocka_unit_test(test_list),        cmocka_unit_test(test_revoke),
        cmocka_unit_test(test_logs_in),     cmocka_unit_test(test_refused_files),
    };
    return cmocka_run_group_tests_name("cli_token", tests, set_up, tear_down);
}
