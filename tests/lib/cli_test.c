/*
 * cli_test.c - one run of the `placemat` command line: see cli_test.h.
 */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 60 };

struct cli_test cli_test_run(const struct fake_step *steps, size_t count, const char *const *words)
{
    struct cli_test run = {.fake = fake_daemon_start(steps, count, 0)};
    char *argv[WORDS_MAX] = {0};
    size_t size;
    const char *const head[] = {"placemat", "--connect", fake_daemon_url(run.fake)};
    size_t argc = 0;
    for (; argc < COUNT(head); argc++)
        memcpy(&argv[argc], &head[argc], sizeof argv[0]);
    for (; *words != NULL && argc < WORDS_MAX - 1; words++, argc++)
        memcpy(&argv[argc], words, sizeof argv[0]);
    assert_null(*words);
    FILE *out = open_memstream(&run.out, &size);
    FILE *err = open_memstream(&run.err, &size);
    run.code = cli_run((int)argc, argv, out, err);
    fclose(out);
    fclose(err);
    fake_daemon_stop(run.fake);
    return run;
}

void cli_test_end(struct cli_test *run)
{
    free(run->out);
    free(run->err);
    fake_daemon_free(run->fake);
}

void cli_test_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

void cli_test_text(struct wire_writer *out, enum wire_key key, const char *text)
{
    wire_key(out, key);
    wire_string(out, text);
}

void cli_test_number(struct wire_writer *out, enum wire_key key, int64_t number)
{
    wire_key(out, key);
    wire_int(out, number);
}

void cli_test_refuses(const char *const *words, const char *says)
{
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    struct cli_test run = cli_test_run(steps, 1, words);
    if (run.code != CLI_USAGE || strstr(run.err, says) == NULL)
        fail_msg("exit %d, and no \"%s\" in: %s", run.code, says, run.err);
    cli_test_says(run.err, "\nTry: placemat");
    assert_string_equal(run.out, "");
    assert_int_equal(fake_daemon_requests(run.fake), 0);
    cli_test_end(&run);
}

void cli_test_prints(const struct cli_test *run, const char *out)
{
    assert_string_equal(run->err, "");
    assert_string_equal(run->out, out);
    assert_int_equal(run->code, CLI_DONE);
}

void cli_test_is(struct pm_text text, const char *expected)
{
    if (!pm_text_equal(text, pm_text(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.bytes != NULL ? text.bytes : "",
                 expected);
}

const struct pm_command *cli_test_sent(struct cli_test *run, unsigned verb)
{
    const struct wire_request request = fake_daemon_decoded(run->fake, 0);
    assert_int_equal(request.count, 1);
    assert_int_equal(request.command->verb, verb);
    return request.command;
}

void cli_test_row(struct wire_writer *out, int64_t id, const char *state)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_NEXT, 0);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_map(out, 2);
    cli_test_number(out, KEY_ID, id);
    cli_test_text(out, KEY_STATE, state);
}

void cli_test_package(struct wire_writer *out, const char *state, const char *placement)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_STATE, state);
    cli_test_text(out, KEY_PROVIDER, "fernglow");
    wire_key(out, KEY_PLACEMENT);
    wire_map(out, 2);
    cli_test_number(out, KEY_ID, 7);
    cli_test_text(out, KEY_STATE, placement);
}

void cli_test_placed(struct wire_writer *out)
{
    cli_test_package(out, "placed", "started");
    wire_break(out);
}

void cli_test_offered(struct wire_writer *out)
{
    cli_test_package(out, "offered", "ended");
    cli_test_number(out, KEY_COUNT, 3);
    cli_test_number(out, KEY_DEADLINE, 1735052640000);
    wire_break(out);
}

int cli_test_setup(void **state)
{
    (void)state;
    return unsetenv("PLACEMAT_URL") | unsetenv("PLACEMAT_MARKET") | unsetenv("PLACEMAT_AS") |
           unsetenv("PLACEMAT_TOKEN_FILE");
}
