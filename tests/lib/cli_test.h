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

/* Fails unless it did well, and printed this and no more. */
void cli_test_prints(const struct cli_test *run, const char *out);
void cli_test_is(struct pm_text text, const char *expected);
/* Runs the words and fails unless they are refused with a sentence, and nothing is sent. */
void cli_test_refuses(const char *const *words, const char *says);
/* The first command that was sent, which must be this one; valid until the next is decoded. */
const struct pm_command *cli_test_sent(struct cli_test *run, unsigned verb);

/* Members of a map that a fake daemon answers. */
void cli_test_text(struct wire_writer *out, enum wire_key key, const char *text);
void cli_test_number(struct wire_writer *out, enum wire_key key, int64_t number);

/* Whole answers: a list of one row; the begin of package X1 with placement 7, a map to be ended by
 * wire_break(). */
void cli_test_row(struct wire_writer *out, int64_t id, const char *state);
void cli_test_package(struct wire_writer *out, const char *state, const char *placement);
/* The same whole: its placement has started; its placement has ended, and three are invited until
 * 2024-12-24 15:04. */
void cli_test_placed(struct wire_writer *out);
void cli_test_offered(struct wire_writer *out);

/* The environment of whoever runs the tests has no say in them: for the setup of a group. */
int cli_test_setup(void **state);

#endif
