/*
 * cli_market.c - placemat market: loading a market's rules and supply, and its report.
 */
#include "client/cli.h"
#include "client/cli_table.h"

/* ---- load ---- */

static enum cli_exit send_market(struct cli *cli, const struct pm_command *whole)
{
    struct pm_command command = *whole;
    bool rules_only = cli_value(cli, "rules-only") != NULL;
    const char *name = command.load.market->name.text;
    json_t *result;
    if (rules_only) {
        command.load.supply = NULL;
        command.load.supplies = 0;
    }
    if (cli_value(cli, "market") == NULL)
        cli->market = name;
    enum cli_exit code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result) && rules_only)
        cli_say(cli, "The rules of the market %s are loaded.", name);
    else if (code == CLI_DONE && !cli->json)
        cli_say(cli, "The market %s is loaded, with %u records of its supply.", name,
                command.load.supplies);
    json_decref(result);
    return code;
}

static enum cli_exit load(struct cli *cli)
{
    struct pm_client_error error;
    struct pm_market_file *file = NULL;
    cli_suppose_role(cli, PM_OPERATOR);
    if (!pm_market_file_read(cli->operand, &file, &error))
        return cli_fail(cli, CLI_REFUSED, pm_status_name(PM_BAD_MARKET), "%s", error.text);
    enum cli_exit code = send_market(cli, pm_market_file_command(file));
    /* The client still points to the market's name. */
    pm_client_close(cli->client);
    cli->client = NULL;
    pm_market_file_free(file);
    return code;
}

/* ---- report ---- */

static json_t *with_times(const json_t *kinds)
{
    enum { MS_OF_MINUTE = 60 * 1000 };
    char text[CLI_SHORT];
    size_t at;
    json_t *kind;
    json_t *copy = json_deep_copy(kinds);
    json_array_foreach(copy, at, kind)
    {
        const json_t *time = json_object_get(kind, "time_to_place");
        if (json_is_integer(time))
            json_object_set_new(
                kind, "waited",
                json_string(cli_minutes(json_integer_value(time) / MS_OF_MINUTE, text)));
    }
    return copy;
}

static enum cli_exit report(struct cli *cli)
{
    static const struct cli_column heads[] = {
        {"title", "Market", CLI_PLAIN},
        {"market", "Name", CLI_PLAIN},
        {"version", "Rules version", CLI_PLAIN},
        {"time", "As of", CLI_TIME},
        {"providers", "Providers", CLI_PLAIN},
        {"locations", "Locations", CLI_PLAIN},
        {"pools", "Pools", CLI_PLAIN},
        {"services", "Services", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_column states[] = {
        {"state", "STATE", CLI_PLAIN}, {"count", "PACKAGES", CLI_NUMBER}, {NULL, NULL, CLI_PLAIN}};
    static const struct cli_column kinds[] = {
        {"kind", "KIND", CLI_PLAIN},
        {"posted", "POSTED", CLI_NUMBER},
        {"packages", "PACKAGES", CLI_NUMBER},
        {"placed", "PLACED", CLI_NUMBER},
        {"offers", "OPEN OFFERS", CLI_NUMBER},
        {"waiting", "WAITING", CLI_NUMBER},
        {"units", "CARE A WEEK", CLI_UNITS},
        {"cost", "COST A WEEK", CLI_MONEY},
        {"waited", "TIME TO PLACE", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const struct pm_command command = {.verb = PM_MARKET_REPORT};
    json_t *body;
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        json_t *rows = with_times(json_object_get(body, "kinds"));
        cli_sheet(cli->out, heads, body);
        fputc('\n', cli->out);
        cli_table(cli->out, states, json_object_get(body, "packages"));
        fputc('\n', cli->out);
        cli_table(cli->out, kinds, rows);
        json_decref(rows);
    }
    json_decref(body);
    return code;
}

static const struct cli_option load_options[] = {
    {"rules-only", NULL, "Only the rules, of a market that is loaded already.", false},
    {NULL, NULL, NULL, false},
};
static const struct cli_option report_options[] = {{NULL, NULL, NULL, false}};

static const struct cli_command commands[] = {
    {"load", "FILE", "Loads a market file and the CSV files it names", load_options, load},
    {"report", NULL, "Shows the market in numbers", report_options, report},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_market = {"market", "The market: its rules and its report", commands};
