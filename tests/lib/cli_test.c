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

int cli_test_setup(void **state)
{
    (void)state;
    return unsetenv("PLACEMAT_URL") | unsetenv("PLACEMAT_MARKET") | unsetenv("PLACEMAT_AS");
}
