/*
 * cli_ask.c - commands to the daemon and what it says to them.
 */
#include "client/cli.h"
#include "client/reply.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 100 }; /* rows asked for at a time */

/* What came of one command. */
struct answer {
    enum pm_client_outcome outcome;
    struct pm_client_error error; /* when the outcome is not PM_CALL_DONE */
    unsigned status;
    uint64_t id;
    char *detail; /* may be NULL */
    json_t *body; /* when the status is PM_OK */
};

void cli_suppose_role(struct cli *cli, enum pm_role role)
{
    if (!cli->actor_said)
        cli->actor.role = (uint8_t)role;
}

void cli_any_market(struct cli *cli)
{
    if (cli->market == NULL)
        cli->market = "";
}

static enum pm_client_outcome open_client(struct cli *cli, struct pm_client_error *error)
{
    const struct pm_client_options options = {
        .url = cli->url,
        .market = cli->market,
        .actor = cli->actor,
        .token = cli->token[0] != '\0' ? cli->token : NULL,
        .client = cli->client_id,
        .first_number = cli->number,
        .timeout = cli->timeout,
        .tls_ca = cli->tls.ca,
        .tls_cert = cli->tls.cert,
        .tls_key = cli->tls.key,
    };
    if (cli->client != NULL)
        return PM_CALL_DONE;
    return pm_client_open(&options, &cli->client, error);
}

static void read_reply(const struct pm_reply *reply, struct answer *answer)
{
    struct pm_result result = pm_reply_result(reply, 0);
    answer->status = result.status;
    answer->id = result.id;
    if (pm_reply_detail(reply)[0] != '\0')
        answer->detail = strdup(pm_reply_detail(reply));
    if (answer->status != PM_OK)
        return;
    answer->body = reply_value(reply, 0);
    if (answer->body == NULL) {
        answer->outcome = PM_CALL_NO_MEMORY;
        snprintf(answer->error.text, sizeof answer->error.text, "Out of memory.");
    }
}

static struct answer ask(struct cli *cli, const struct pm_command *command)
{
    struct answer answer = {0};
    struct pm_reply *reply = NULL;
    answer.outcome = open_client(cli, &answer.error);
    if (answer.outcome == PM_CALL_DONE)
        answer.outcome = pm_client_call(cli->client, command, 1, &reply, &answer.error);
    if (answer.outcome == PM_CALL_DONE)
        read_reply(reply, &answer);
    pm_reply_free(reply);
    return answer;
}

/* Of a market refused, the id is the position of the supply item at fault. */
static void say_item(struct cli *cli, const struct pm_command *command, uint64_t position)
{
    const struct pm_load *load = &command->load;
    if (command->verb != PM_MARKET_LOAD || position == 0 || position > load->supplies)
        return;
    const char *name = pm_verb_name(load->supply[position - 1].verb);
    fprintf(cli->err, "placemat: the fault is in item %llu of the supply, a %s.\n",
            (unsigned long long)position, name != NULL ? name : "command");
}

/* Is what the command is about a package, and the operand its reference? */
static bool is_about_package(const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PACKAGE_AMEND:
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
    case PM_AWARD_CONFIRM:
    case PM_AWARD_OVERRIDE:
    case PM_CHOICE_RECORD:
    case PM_PLACEMENT_START:
    case PM_PLACEMENT_RESTART:
    case PM_PLACEMENT_END:
    case PM_PLACEMENT_IN_HOSPITAL:
        return true;
    default:
        return false;
    }
}

/* Whoever is told that the state is the wrong one wants to know which it is: in words, to be freed;
 * NULL when that cannot be had. */
static char *state_now(struct cli *cli)
{
    const struct pm_command show = {.verb = PM_PACKAGE_SHOW, .id = cli_package_id(cli)};
    json_t *package = cli_look(cli, &show);
    const char *state = cli_string(package, "state");
    const char *care = cli_string(json_object_get(package, "placement"), "state");
    char *words = NULL;
    if (state[0] == '\0' || asprintf(&words, "%s is %s%s%s", cli->operand, state,
                                     care[0] != '\0' ? ", its placement " : "", care) < 0)
        words = NULL;
    json_decref(package);
    return words;
}

/* Nobody knows whether it was done: tells how to ask again so that it is done once. */
static void say_number(struct cli *cli, const struct pm_command *command)
{
    if (cli->client == NULL || command->verb >= PM_QUERY_FIRST)
        return;
    fprintf(cli->err,
            "placemat: with --client %llu --request-id %llu, asked again it is done once.\n",
            (unsigned long long)client_id(cli->client),
            (unsigned long long)pm_client_next_number(cli->client) - 1);
}

/* Tells of an answer that is not ok. */
static enum cli_exit tell(struct cli *cli, const struct pm_command *command,
                          const struct answer *answer)
{
    enum cli_exit code = CLI_REFUSED;
    switch (answer->outcome) {
    case PM_CALL_UNREACHABLE:
        cli_fail(cli, CLI_UNREACHABLE, "unreachable", "%s", answer->error.text);
        say_number(cli, command);
        return CLI_UNREACHABLE;
    case PM_CALL_INVALID:
        return cli_fail(cli, CLI_USAGE, "invalid", "%s", answer->error.text);
    case PM_CALL_NO_MEMORY:
        return cli_fail(cli, CLI_REFUSED, "no_memory", "%s", answer->error.text);
    case PM_CALL_DONE:
        break;
    }
    code =
        cli_fail(cli, code, pm_status_name(answer->status), "%s%s%s%s",
                 pm_status_sentence(answer->status), answer->detail != NULL ? " (" : "",
                 answer->detail != NULL ? answer->detail : "", answer->detail != NULL ? ")" : "");
    say_item(cli, command, answer->id);
    return code;
}

enum cli_exit cli_ask(struct cli *cli, const struct pm_command *command, json_t **body)
{
    *body = NULL;
    if (cli->market == NULL)
        return cli_usage(cli,
                         "name the market: --market NAME, or PLACEMAT_MARKET in the environment");
    struct answer answer = ask(cli, command);
    bool well = answer.outcome == PM_CALL_DONE && answer.status == PM_OK;
    if (answer.outcome == PM_CALL_DONE && answer.status == PM_WRONG_STATE &&
        answer.detail == NULL && is_about_package(command))
        answer.detail = state_now(cli);
    enum cli_exit code = well ? CLI_DONE : tell(cli, command, &answer);
    *body = answer.body;
    free(answer.detail);
    return code;
}

enum cli_exit cli_do(struct cli *cli, const struct pm_command *command,
                     void (*say)(struct cli *cli, const struct pm_command *command,
                                 const json_t *result))
{
    json_t *result;
    enum cli_exit code = cli_ask(cli, command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        say(cli, command, result);
    json_decref(result);
    return code;
}

enum cli_exit cli_do_saying(struct cli *cli, const struct pm_command *command, const char *format,
                            ...)
{
    va_list arguments;
    json_t *result;
    enum cli_exit code = cli_ask(cli, command, &result);
    va_start(arguments, format);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_vsay(cli, format, arguments);
    va_end(arguments);
    json_decref(result);
    return code;
}

enum cli_exit cli_put(struct cli *cli, const struct pm_command *command)
{
    return cli_do_saying(cli, command, "The %s %s is recorded.", cli->noun->name, cli->operand);
}

json_t *cli_look(struct cli *cli, const struct pm_command *command)
{
    struct answer answer = ask(cli, command);
    free(answer.detail);
    return answer.body;
}

/* The list query that a row of that id comes first in, if it is there. */
static struct pm_command row_query(unsigned verb, uint64_t id)
{
    struct pm_command command = {.verb = (uint8_t)verb};
    command.list = (struct pm_list){.after = id > 0 ? id - 1 : 0, .limit = 1};
    return command;
}

/* Takes the row out of the answer; NULL when it is another's. */
static json_t *take_row(json_t *body, uint64_t id)
{
    json_t *row = json_array_get(json_object_get(body, "rows"), 0);
    bool well = row != NULL && (uint64_t)cli_integer(row, "id") == id;
    json_t *taken = well ? json_incref(row) : NULL;
    json_decref(body);
    return taken;
}

json_t *cli_look_row(struct cli *cli, unsigned verb, uint64_t id)
{
    const struct pm_command command = row_query(verb, id);
    return take_row(cli_look(cli, &command), id);
}

enum cli_exit cli_ask_row(struct cli *cli, unsigned verb, uint64_t id, enum pm_status unknown,
                          json_t **row)
{
    const struct pm_command command = row_query(verb, id);
    json_t *body;
    enum cli_exit code = cli_ask(cli, &command, &body);
    *row = take_row(body, id);
    if (code == CLI_DONE && *row == NULL)
        code =
            cli_fail(cli, CLI_REFUSED, pm_status_name(unknown), "%s", pm_status_sentence(unknown));
    return code;
}

/* ---- Lists ---- */

bool cli_join(json_t *page, json_t *before)
{
    json_t *rows = json_object_get(page, "rows");
    if (before == NULL || !json_is_array(rows))
        return true;
    json_t *all = json_incref(json_object_get(before, "rows"));
    bool well = json_array_extend(all, rows) == 0;
    return json_object_set_new(page, "rows", all) == 0 && well;
}

enum cli_exit cli_ask_list(struct cli *cli, unsigned verb, struct pm_list list, json_t **body)
{
    uint64_t left = UINT64_MAX;
    json_t *all = NULL;
    *body = NULL;
    if (!cli_take_number(cli, "after", INT64_MAX, &list.after) ||
        !cli_take_number(cli, "limit", INT64_MAX, &left))
        return CLI_USAGE;
    if (left == 0)
        return cli_usage(cli, "--limit: at least one row");
    do {
        list.limit = left < PAGE ? (uint32_t)left : PAGE;
        const struct pm_command command = {.verb = (uint8_t)verb, .list = list};
        json_t *page;
        enum cli_exit code = cli_ask(cli, &command, &page);
        size_t rows = json_array_size(json_object_get(page, "rows"));
        bool joined = code == CLI_DONE && cli_join(page, all);
        json_decref(all);
        all = page;
        if (!joined) {
            json_decref(all);
            return code != CLI_DONE ? code
                                    : cli_fail(cli, CLI_REFUSED, "no_memory", "Out of memory.");
        }
        uint64_t next = (uint64_t)cli_integer(all, "next");
        left = rows == 0 || next == 0 || next == list.after || rows > left ? 0 : left - rows;
        list.after = next;
    } while (left > 0);
    *body = all;
    return CLI_DONE;
}
