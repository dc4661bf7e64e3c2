/*
 * cli_test.h - one run of the `placemat` command line against a fake daemon, for tests of it.
 */
#ifndef PM_CLI_TEST_H
#define PM_CLI_TEST_H

#include "client/cli.h"
#include "tests/lib/fake_daemon.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct cli_test {
    int code;
    char *out, *err;
    struct fake_daemon *fake; /* stopped */
};

/* Runs `placemat --connect ...` and the words, which end with NULL. End it with cli_test_end(). */
struct cli_test cli_test_run(const struct fake_step *steps, size_t count, const char *const *words);
void cli_test_end(struct cli_test *run);

/* The same of a market and a broker, with an array of steps. */
#define RUN(steps, ...)      \
    cli_test_run(            \
        steps, COUNT(steps), \
        (const char *const[]){"--market", "thurrock", "--as", "broker:ann", __VA_ARGS__, NULL})

/* Fails unless the part is in the text. */
void cli_test_says(const char *text, const char *part);

/* Members of a map that a fake daemon answers. */
void cli_test_text(struct wire_writer *out, enum wire_key key, const char *text);
void cli_test_number(struct wire_writer *out, enum wire_key key, int64_t number);

/* The environment of whoever runs the tests has no say in them: for the setup of a group. */
int cli_test_setup(void **state);

#endif
