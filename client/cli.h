/*
 * cli.h - the parts of the `placemat` command line: its tables of nouns, verbs and options, what it
 * was told in one run, and how a command asks the daemon and prints what it answers.
 */
#ifndef PM_CLI_H
#define PM_CLI_H

#include "client/tls.h"
#include "placemat.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

/* What the program exits with. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_REFUSED = 1,     /* the daemon refused it, or the program could not do its part */
    CLI_USAGE = 2,       /* what was asked makes no sense; nothing was sent */
    CLI_UNREACHABLE = 3, /* no daemon answered in time */
};

#define CLI_URL_DEFAULT "ipc:///tmp/placemat.ipc"

enum {
    CLI_VALUES_MAX = 256, /* options given in one run */
};

/* ---- Tables. One table says what is read, what is checked and what --help shows. ---- */

struct cli;

struct cli_option {
    const char *name;     /* without its dashes; NULL ends a table */
    const char *argument; /* what --help calls its value; NULL: it has none */
    const char *help;
    bool needed;
};

struct cli_command {
    const char *verb; /* NULL: the noun alone is the command */
    /* What --help calls its operand, which must be given, or (parted by a blank) its two; NULL: it
     * has none. */
    const char *operand;
    const char *summary; /* a sentence without its full stop */
    const struct cli_option *options;
    enum cli_exit (*run)(struct cli *cli);
};

struct cli_noun {
    const char *name;
    const char *summary;
    const struct cli_command *commands; /* ended by one without run() */
};

extern const struct cli_noun *const cli_nouns[]; /* ended by NULL */
extern const struct cli_option cli_general[];    /* what every command takes */

extern const struct cli_noun cli_package, cli_offer, cli_placement, cli_award, cli_choice,
    cli_round, cli_provider, cli_location, cli_pool, cli_service, cli_capacity, cli_market,
    cli_explain, cli_watch, cli_token, cli_journal, cli_backup, cli_restore, cli_clock, cli_stats,
    cli_digest, cli_tick;

/* What ends a table of options, and options that stand in several. */
/* clang-format off */
#define CLI_END {NULL, NULL, NULL, false}
#define CLI_REFERRER {"referrer", "NAME", "Whose reference it is, when several use the same.", false}
#define CLI_NOTE {"note", "TEXT", "Why, in at most 63 bytes; of persons, no names.", false}
#define CLI_RATE {"rate", "POUNDS", "Pounds an hour or a week, as 24.10; the rate in force unless said.", false}
#define CLI_DECLINE_CODE \
    {"code", "CODE", "no_capacity, cannot_meet_need, times_unsuitable, too_far, rate_too_low or other.", true}
/* clang-format on */

/* ---- One run ---- */

struct cli_value {
    const struct cli_option *option;
    const char *text; /* "" for an option without a value */
};

struct cli {
    FILE *out, *err;
    const struct cli_noun *noun;
    const struct cli_command *command;
    const char *operand, *second; /* second: of two */
    struct cli_value value[CLI_VALUES_MAX];
    size_t values;
    /* Settings, from options or the environment. */
    const char *url, *market;
    struct pm_actor actor;
    bool actor_said;              /* else a broker, or what the command supposes */
    char token[PM_TITLE_MAX + 1]; /* to log in with, instead; empty: none */
    struct tls_files tls;         /* for tls+tcp; NULL what is not said */
    uint64_t client_id, number;   /* 0: not said */
    uint32_t timeout;             /* ms */
    bool json;
    struct pm_client *client; /* opened by the first question */
};

/*
 * The whole program: reads the arguments, asks the daemon, prints to `out` and `err`. Not for two
 * threads at once (getopt). main() is this and nothing else, so that tests can call it.
 */
int cli_run(int argc, char **argv, FILE *out, FILE *err);

/* Prints the help of the program, of a noun, of a command: as much as is known. */
void cli_help(FILE *out, const struct cli_noun *noun, const struct cli_command *command);

/* ---- What the command was told (cli_value.c) ---- */

/* The last value of an option; NULL when it was not given. */
const char *cli_value(const struct cli *cli, const char *name);
/* The same as text, empty when not given. */
struct pm_text cli_text(const struct cli *cli, const char *name);

/*
 * Each takes an option's value, if it was given, into *out, which otherwise stays. False when the
 * value makes no sense, which has then been said.
 */
bool cli_take_date(struct cli *cli, const char *name, int32_t *out);
bool cli_take_time(struct cli *cli, const char *name, int64_t *out);
bool cli_take_duration(struct cli *cli, const char *name, uint32_t *out); /* in ms */
bool cli_take_postcode(struct cli *cli, const char *name, uint64_t *out);
bool cli_take_pounds(struct cli *cli, const char *name, int32_t *out); /* in pence */
bool cli_take_shift(struct cli *cli, const char *name, int32_t *out);  /* in minutes, signed */
bool cli_take_number(struct cli *cli, const char *name, uint64_t max, uint64_t *out);
bool cli_take_count(struct cli *cli, const char *name, uint64_t max, uint64_t *out); /* not 0 */
bool cli_take_byte(struct cli *cli, const char *name, uint8_t *out);
/* One of the names that name_of() gives: see pm_name_parse(). */
bool cli_take_name(struct cli *cli, const char *name, const char *(*name_of)(unsigned),
                   uint8_t *out);
/* The option --state, as the lists take it: 1 + the number of the state's name. */
bool cli_take_state(struct cli *cli, const char *(*name_of)(unsigned), uint8_t *out);
/* All values of an option, each a list parted by commas; an empty text is an empty list. */
bool cli_take_list(struct cli *cli, const char *name, struct pm_text *out, size_t max,
                   uint8_t *count);

/* The operand as the number of something. */
bool cli_take_id(struct cli *cli, uint64_t *out);
/* The operand and --referrer as what names a package. */
struct pm_package_id cli_package_id(const struct cli *cli);

/* Reads the token that is in a file. False when the file is not its owner's alone or holds none,
 * which has then been said (cli_token.c). */
bool cli_read_token(struct cli *cli, const char *path);

/* ---- Asking (cli_ask.c) ---- */

/* What some commands do first: suppose another role than a broker's, if nobody said who acts; do
 * without a market. */
void cli_suppose_role(struct cli *cli, enum pm_role role);
void cli_any_market(struct cli *cli);

/*
 * Sends one command. CLI_DONE when its result is ok, with the result as JSON in *body, which the
 * caller releases; otherwise why not has been printed.
 */
enum cli_exit cli_ask(struct cli *cli, const struct pm_command *command, json_t **body);

/* Sends one command and, unless --json has its result printed, says what came of it. */
enum cli_exit cli_do(struct cli *cli, const struct pm_command *command,
                     void (*say)(struct cli *cli, const struct pm_command *command,
                                 const json_t *result));

/* The same when the sentence is known before. */
__attribute__((format(printf, 3, 4))) enum cli_exit
cli_do_saying(struct cli *cli, const struct pm_command *command, const char *format, ...);

/* Sends the put of what the noun and its operand name, and says so. */
enum cli_exit cli_put(struct cli *cli, const struct pm_command *command);

/* The same as cli_ask() for what is only to be told beside it: NULL, without a word, when there is
 * no good answer. */
json_t *cli_look(struct cli *cli, const struct pm_command *command);
/* One row of a list query, PM_OFFERS or PM_PLACEMENTS, by its id: as cli_look(). */
json_t *cli_look_row(struct cli *cli, unsigned verb, uint64_t id);
/* The same as cli_ask() does it; without such a row it is refused with `unknown`. */
enum cli_exit cli_ask_row(struct cli *cli, unsigned verb, uint64_t id, enum pm_status unknown,
                          json_t **row);

/* Adds a page's rows to those before (NULL: none) and puts all of them into the page; false when
 * out of memory. */
bool cli_join(json_t *page, json_t *before);

/*
 * Sends a list query again and again until all rows are there, or as many as --limit says; *body is
 * then as of one query. For commands that have CLI_LIST_OPTIONS.
 */
enum cli_exit cli_ask_list(struct cli *cli, unsigned verb, struct pm_list list, json_t **body);
/* clang-format off */
#define CLI_LIST_OPTIONS \
    {"after", "ID", "Only what comes after this id.", false}, \
    {"limit", "N", "At most so many rows; otherwise all.", false}
/* clang-format on */

/* ---- Printing (cli_print.c) ---- */

/* With --json prints the value as the one document and returns true; then nothing else is to be
 * printed. */
bool cli_json(struct cli *cli, const json_t *value);
/* Prints a sentence and a line's end. */
__attribute__((format(printf, 2, 3))) void cli_say(struct cli *cli, const char *format, ...);
__attribute__((format(printf, 2, 0))) void cli_vsay(struct cli *cli, const char *format,
                                                    va_list arguments);
/* Says what is wrong with the arguments, on err; returns CLI_USAGE. */
__attribute__((format(printf, 2, 3))) enum cli_exit cli_usage(struct cli *cli, const char *format,
                                                              ...);
/* Says what went wrong, on err; returns `code`. With --json also prints {"status":…,"sentence":…}.
 */
__attribute__((format(printf, 4, 5))) enum cli_exit
cli_fail(struct cli *cli, enum cli_exit code, const char *status, const char *format, ...);

struct cli_column;
/* A list that is asked for and printed. */
struct cli_list {
    unsigned verb;
    const char *(*state_name)(unsigned); /* of --state; NULL: the list has no such option */
    const struct cli_column *columns;
    void (*shape)(json_t *body); /* gives the rows what the columns show; NULL: they have it */
    const char *none;            /* what is said when there are no rows */
};
/* The whole of a command that lists: by --provider, --kind, --state and CLI_LIST_OPTIONS; says when
 * more is to come. */
enum cli_exit cli_list(struct cli *cli, const struct cli_list *list);
/* Prints the visits of a package or offer, if it has any. */
void cli_visits(struct cli *cli, const json_t *visits);
/* Prints the care of the others that are asked for as one with a package, if there are any. */
void cli_parts(struct cli *cli, const json_t *parts);

/* A member's text, "" when it is not there; its number, 0 when it is not there. */
const char *cli_string(const json_t *map, const char *key);
int64_t cli_integer(const json_t *map, const char *key);

#endif
