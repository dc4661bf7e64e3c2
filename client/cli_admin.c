/*
 * cli_admin.c - placemat digest, tick and clock: the daemon itself.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/cli_table.h"

#include <stdlib.h>
#include <string.h>

/* Prints every member, by its own name. */
static void print_members(struct cli *cli, json_t *body)
{
    const char *key;
    json_t *value;
    json_object_foreach(body, key, value)
    {
        bool time = strcmp(key, "time") == 0;
        const struct cli_column column = {key, key, time ? CLI_TIME : CLI_PLAIN};
        char *text = cli_cell(body, &column);
        if (text != NULL)
            cli_say(cli, "%-16s %s", key, text);
        free(text);
    }
}

/* The answer, if it is one, which is given back. */
static enum cli_exit print_answer(struct cli *cli, enum cli_exit code, json_t *body)
{
    if (code == CLI_DONE && !cli_json(cli, body))
        print_members(cli, body);
    json_decref(body);
    return code;
}

static enum cli_exit ask_and_print(struct cli *cli, const struct pm_command *command)
{
    json_t *body;
    cli_any_market(cli);
    enum cli_exit code = cli_ask(cli, command, &body);
    return print_answer(cli, code, body);
}

static enum cli_exit digest(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_DIGEST};
    return ask_and_print(cli, &command);
}

static enum cli_exit tick(struct cli *cli)
{
    struct pm_command command = {.verb = PM_TICK};
    struct pm_client_error error;
    if (!cli_parse_time(pm_text(cli->operand), &command.tick.time, &error))
        return cli_usage(cli, "TIME: %s", error.text);
    cli_suppose_role(cli, PM_OPERATOR);
    cli_any_market(cli);
    json_t *body = NULL;
    enum cli_exit code = CLI_DONE;
    bool pending = true; /* a tick does a step of what fell due, so that it is never long */
    while (code == CLI_DONE && pending) {
        json_decref(body);
        code = cli_ask(cli, &command, &body);
        pending = code == CLI_DONE && cli_integer(body, "pending") != 0;
    }
    return print_answer(cli, code, body);
}

static enum cli_exit accept_clock(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_CLOCK_ACCEPT};
    cli_suppose_role(cli, PM_OPERATOR);
    return ask_and_print(cli, &command);
}

static const struct cli_option none[] = {{NULL, NULL, NULL, false}};

#define ONE(operand, summary, run)           \
    {                                        \
        {NULL, operand, summary, none, run}, \
        {                                    \
            NULL, NULL, NULL, NULL, NULL     \
        }                                    \
    }

static const struct cli_command digest_commands[] =
    ONE(NULL, "Shows the digest of the whole state and the sequence it is of", digest);
static const struct cli_command tick_commands[] = ONE(
    "TIME", "Tells a daemon with --clock manual the time, as \"2026-12-01 15:04\" in UTC", tick);

static const struct cli_command clock_commands[] = {
    {"accept", NULL, "Says that the system's clock is right, though it has jumped", none,
     accept_clock},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_clock = {"clock", "The daemon's clock", clock_commands};
const struct cli_noun cli_digest = {"digest", "The digest of the daemon's state", digest_commands};
const struct cli_noun cli_tick = {"tick", "Tells a daemon with --clock manual the time",
                                  tick_commands};
