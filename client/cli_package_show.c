/*
 * cli_package_show.c - placemat package list and show.
 */
#include "client/cli_package.h"
#include "client/cli_table.h"

#include <string.h>

/* While it is offered an answer is due; otherwise a decision, or what comes next. */
static void tell_due(json_t *package)
{
    json_t *deadline = json_object_get(package, "deadline");
    if (deadline == NULL || strcmp(cli_string(package, "state"), "offered") == 0)
        return;
    json_object_set(package, "due", deadline);
    json_object_del(package, "deadline");
}

static void tell_dues(json_t *body)
{
    size_t at;
    json_t *row;
    json_array_foreach(json_object_get(body, "rows"), at, row) tell_due(row);
}

enum cli_exit cli_list_packages(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"reference", "REFERENCE", CLI_PLAIN},
        {"referrer", "REFERRER", CLI_PLAIN},
        {"kind", "KIND", CLI_PLAIN},
        {"state", "STATE", CLI_PLAIN},
        {"priority", "PRIORITY", CLI_NUMBER},
        {"locality", "LOCALITY", CLI_PLAIN},
        {"sector", "SECTOR", CLI_PLAIN},
        {"units", "A WEEK", CLI_UNITS},
        {"posted", "POSTED", CLI_TIME},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"count", "OFFERS", CLI_NUMBER},
        {"deadline", "ANSWER BY", CLI_TIME},
        {"due", "DUE", CLI_TIME},
        {"diagnosis", "WHY IT WAITS", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_list list = {PM_PACKAGE_LIST, pm_package_state_name, columns, tell_dues,
                                         "No packages."};
    return cli_list(cli, &list);
}

static void show_parts(struct cli *cli, const json_t *package)
{
    static const struct cli_column demand[] = {
        {"name", "BAND", CLI_PLAIN}, {"needed", "NEEDED", CLI_UNITS}, {NULL, NULL, CLI_PLAIN}};
    static const struct cli_column offers[] = {
        {"id", "OFFER", CLI_NUMBER},          {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},  {"rate", "RATE", CLI_MONEY},
        {"state", "STATE", CLI_PLAIN},        {"code", "BECAUSE", CLI_PLAIN},
        {"made", "MADE", CLI_TIME},           {"deadline", "ANSWER BY", CLI_TIME},
        {"answered", "ANSWERED", CLI_TIME},   {"start", "START", CLI_DATE},
        {"assess_by", "ASSESS BY", CLI_DATE}, {"shift", "SHIFT", CLI_NUMBER},
        {"top_up", "TOP-UP", CLI_MONEY},      {NULL, NULL, CLI_PLAIN},
    };
    cli_visits(cli, json_object_get(package, "visits"));
    cli_parts(cli, json_object_get(package, "parts"));
    if (json_array_size(json_object_get(package, "demand")) > 0) {
        fputc('\n', cli->out);
        cli_table(cli->out, demand, json_object_get(package, "demand"));
    }
    if (json_array_size(json_object_get(package, "offers")) > 0) {
        fputc('\n', cli->out);
        cli_table(cli->out, offers, json_object_get(package, "offers"));
    }
}

static void show_placement(struct cli *cli, const char *title, json_t *placement)
{
    const struct cli_column columns[] = {
        {"id", title, CLI_PLAIN},
        {"service", "  service", CLI_PLAIN},
        {"provider", "  provider", CLI_PLAIN},
        {"state", "  state", CLI_PLAIN},
        {"rate", "  rate", CLI_MONEY},
        {"cost", "  cost a week", CLI_MONEY},
        {"agreed", "  agreed", CLI_TIME},
        {"started", "  started", CLI_TIME},
        {"until", "  until", CLI_DATE},
        {"freed_by", "  freed by", CLI_PLAIN},
        {"overdue", "  days overdue", CLI_PLAIN},
        {"ended", "  ended", CLI_TIME},
        {"reason", "  because", CLI_PLAIN},
        {"decided_by", "  decided by", CLI_PLAIN},
        {"note", "  note", CLI_PLAIN},
        {"rules", "  rules version", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    if (!json_is_object(placement))
        return;
    cli_name_freed(placement);
    fputc('\n', cli->out);
    cli_sheet(cli->out, columns, placement);
}

enum cli_exit cli_show_package(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"reference", "Package", CLI_PLAIN},
        {"referrer", "Referrer", CLI_PLAIN},
        {"kind", "Kind", CLI_PLAIN},
        {"state", "State", CLI_PLAIN},
        {"diagnosis", "Why it waits", CLI_PLAIN},
        {"provider", "Provider", CLI_PLAIN},
        {"service", "Service", CLI_PLAIN},
        {"offer", "Offer", CLI_PLAIN},
        {"count", "Offers", CLI_PLAIN},
        {"deadline", "Answer by", CLI_TIME},
        {"due", "Due", CLI_TIME},
        {"locality", "Locality", CLI_PLAIN},
        {"sector", "Sector", CLI_PLAIN},
        {"priority", "Priority", CLI_PLAIN},
        {"units", "A week", CLI_UNITS},
        {"place_type", "Place", CLI_PLAIN},
        {"needs", "Needs", CLI_PLAIN},
        {"interim", "Interim cover", CLI_PLAIN},
        {"payer", "Payer", CLI_PLAIN},
        {"arrangement", "Arrangement", CLI_PLAIN},
        {"person", "Person", CLI_PLAIN},
        {"exclusions", "Not with", CLI_PLAIN},
        {"continuity", "Known to", CLI_PLAIN},
        {"preferred", "Preferred", CLI_PLAIN},
        {"group", "Group", CLI_PLAIN},
        {"group_size", "  packages", CLI_PLAIN},
        {"together", "  together", CLI_PLAIN},
        {"follows", "Follows", CLI_PLAIN},
        {"followed_by", "Followed by", CLI_PLAIN},
        {"posted", "Posted", CLI_TIME},
        {"start_from", "Start from", CLI_DATE},
        {"start_by", "Start by", CLI_DATE},
        {"planned_end", "Planned end", CLI_DATE},
        {"ended", "Ended", CLI_TIME},
        {"reason", "Because", CLI_PLAIN},
        {"version", "Version", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const struct pm_command command = {.verb = PM_PACKAGE_SHOW, .id = cli_package_id(cli)};
    json_t *body;
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        tell_due(body);
        cli_sheet(cli->out, columns, body);
        show_parts(cli, body);
        show_placement(cli, "Placement", json_object_get(body, "placement"));
        show_placement(cli, "Successor", json_object_get(body, "successor"));
    }
    json_decref(body);
    return code;
}
