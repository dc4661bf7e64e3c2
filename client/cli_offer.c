/*
 * cli_offer.c - placemat offer: what providers are asked, and their answers.
 */
#include "client/cli.h"
#include "client/cli_table.h"

static enum cli_exit list(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"id", "OFFER", CLI_NUMBER},         {"reference", "PACKAGE", CLI_PLAIN},
        {"kind", "KIND", CLI_PLAIN},         {"locality", "LOCALITY", CLI_PLAIN},
        {"sector", "SECTOR", CLI_PLAIN},     {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN}, {"units", "A WEEK", CLI_UNITS},
        {"needs", "NEEDS", CLI_PLAIN},       {"rate", "RATE", CLI_MONEY},
        {"state", "STATE", CLI_PLAIN},       {"code", "BECAUSE", CLI_PLAIN},
        {"made", "MADE", CLI_TIME},          {"deadline", "ANSWER BY", CLI_TIME},
        {"answered", "ANSWERED", CLI_TIME},  {NULL, NULL, CLI_PLAIN},
    };
    struct pm_list list = {.provider = cli_text(cli, "provider"), .kind = cli_text(cli, "kind")};
    json_t *body;
    if (!cli_take_state(cli, pm_offer_state_name, &list.state))
        return CLI_USAGE;
    enum cli_exit code = cli_ask_list(cli, PM_OFFERS, list, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        cli_rows(cli, columns, body, "No offers.");
    json_decref(body);
    return code;
}

static enum cli_exit accept_offer(struct cli *cli)
{
    struct pm_command command = {.verb = PM_OFFER_ACCEPT};
    json_t *result;
    if (!cli_take_id(cli, &command.answer.offer))
        return CLI_USAGE;
    enum cli_exit code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "Offer %s accepted: placement %lld is agreed.", cli->operand,
                (long long)cli_integer(result, "id"));
    json_decref(result);
    return code;
}

static enum cli_exit decline(struct cli *cli)
{
    struct pm_command command = {.verb = PM_OFFER_DECLINE};
    json_t *result;
    if (!cli_take_id(cli, &command.answer.offer) ||
        !cli_take_name(cli, "code", pm_decline_code_name, &command.answer.code))
        return CLI_USAGE;
    enum cli_exit code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "Offer %s declined.", cli->operand);
    json_decref(result);
    return code;
}

static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    {"state", "STATE", "open, accepted, declined, expired, withdrawn or stale.", false},
    CLI_LIST_OPTIONS,
    {NULL, NULL, NULL, false},
};
static const struct cli_option accept_options[] = {{NULL, NULL, NULL, false}};
static const struct cli_option decline_options[] = {
    {"code", "CODE",
     "no_capacity, cannot_meet_need, times_unsuitable, too_far, rate_too_low or other.", true},
    {NULL, NULL, NULL, false},
};

static const struct cli_command commands[] = {
    {"list", NULL, "Lists offers", list_options, list},
    {"accept", "ID", "Accepts an offer: the placement is agreed", accept_options, accept_offer},
    {"decline", "ID", "Declines an offer: the next is asked", decline_options, decline},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_offer = {"offer", "Offers: what providers are asked", commands};
