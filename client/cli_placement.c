/*
 * cli_placement.c - placemat placement: care agreed, begun and ended.
 */
#include "client/cli.h"
#include "client/cli_table.h"

static enum cli_exit list(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"id", "PLACEMENT", CLI_NUMBER},
        {"reference", "PACKAGE", CLI_PLAIN},
        {"kind", "KIND", CLI_PLAIN},
        {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"rate", "RATE", CLI_MONEY},
        {"cost", "COST A WEEK", CLI_MONEY},
        {"state", "STATE", CLI_PLAIN},
        {"agreed", "AGREED", CLI_TIME},
        {"started", "STARTED", CLI_TIME},
        {"ended", "ENDED", CLI_TIME},
        {"reason", "BECAUSE", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const struct pm_list list = {.provider = cli_text(cli, "provider"),
                                 .kind = cli_text(cli, "kind")};
    json_t *body;
    enum cli_exit code = cli_ask_list(cli, PM_PLACEMENTS, list, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        cli_rows(cli, columns, body, "No placements.");
    json_decref(body);
    return code;
}

static enum cli_exit change(struct cli *cli, unsigned verb, const char *done)
{
    struct pm_command command = {.verb = (uint8_t)verb};
    json_t *result;
    command.id.reference = pm_text(cli->operand);
    command.id.referrer = cli_text(cli, "referrer");
    if (!cli_take_name(cli, "reason", pm_end_reason_name, &command.id.reason))
        return CLI_USAGE;
    enum cli_exit code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "%s: placement %lld %s.", cli->operand, (long long)cli_integer(result, "id"),
                done);
    json_decref(result);
    return code;
}

static enum cli_exit start(struct cli *cli)
{
    return change(cli, PM_PLACEMENT_START, "has started");
}

static enum cli_exit end(struct cli *cli)
{
    return change(cli, PM_PLACEMENT_END, "has ended");
}

#define REFERRER                                                                       \
    {                                                                                  \
        "referrer", "NAME", "Whose reference it is, when several use the same.", false \
    }

static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    CLI_LIST_OPTIONS,
    {NULL, NULL, NULL, false},
};
static const struct cli_option start_options[] = {REFERRER, {NULL, NULL, NULL, false}};
static const struct cli_option end_options[] = {
    REFERRER,
    {"reason", "REASON", "completed, died, readmitted, chose_otherwise, moved_away or mistake.",
     true},
    {NULL, NULL, NULL, false},
};

static const struct cli_command commands[] = {
    {"list", NULL, "Lists placements with what they cost a week", list_options, list},
    {"start", "REF", "Says that a package's care has begun", start_options, start},
    {"end", "REF", "Says that a package's care has ended; its capacity is free again", end_options,
     end},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_placement = {"placement", "Placements: care that is agreed", commands};
