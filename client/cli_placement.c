/*
 * cli_placement.c - placemat placement: care agreed, begun, interrupted, handed back and ended.
 */
#include "client/cli_form.h"
#include "client/cli_outcome.h"
#include "client/cli_package.h"
#include "client/cli_table.h"

#include <string.h>

/* ---- list ---- */

void cli_name_freed(json_t *placement)
{
    const json_t *by = json_object_get(placement, "freed_by");
    if (!json_is_object(by))
        return;
    const char *reference = cli_string(by, "reference");
    json_t *words = reference[0] == '\0'
                        ? json_string("nothing")
                        : json_sprintf("%s (%s)", reference, cli_string(by, "state"));
    json_object_set_new(placement, "freed_by", words);
}

static void name_all_freed(json_t *body)
{
    size_t at;
    json_t *row;
    json_array_foreach(json_object_get(body, "rows"), at, row) cli_name_freed(row);
}

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
        {"until", "UNTIL", CLI_DATE},
        {"freed_by", "FREED BY", CLI_PLAIN},
        {"overdue", "DAYS OVERDUE", CLI_NUMBER},
        {"ended", "ENDED", CLI_TIME},
        {"reason", "BECAUSE", CLI_PLAIN},
        {"decided_by", "DECIDED BY", CLI_PLAIN},
        {"note", "NOTE", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_list placements = {PM_PLACEMENTS, pm_placement_state_name, columns,
                                               name_all_freed, "No placements."};
    return cli_list(cli, &placements);
}

/* ---- Begun and ended ---- */

static void say_started(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    (void)command;
    cli_say(cli, "%s: placement %lld has started.", cli->operand,
            (long long)cli_integer(result, "id"));
}

static enum cli_exit start(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_PLACEMENT_START, .id = cli_package_id(cli)};
    return cli_do(cli, &command, say_started);
}

/* Where the need goes on, somebody else is sought, or is there already. */
static void say_ended(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    cli_say(cli, "%s: placement %lld has ended.", cli->operand,
            (long long)cli_integer(result, "id"));
    if (cli_person_reason_name(command->id.reason) != NULL)
        return;
    json_t *package = cli_package_now(cli, command->id);
    if (package != NULL)
        cli_say_package(cli, command->id, "is still needed", package);
    json_decref(package);
}

static const char *given_reason_name(unsigned reason)
{
    return reason < PM_REASONS_GIVEN ? pm_end_reason_name(reason) : NULL;
}

static enum cli_exit end(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PLACEMENT_END, .id = cli_package_id(cli)};
    if (!cli_take_name(cli, "reason", given_reason_name, &command.id.reason))
        return CLI_USAGE;
    return cli_do(cli, &command, say_ended);
}

/* One that has not begun ends at once, whatever the date. */
static void say_handed_back(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    char date[CLI_SHORT];
    json_t *row = cli_look_row(cli, PM_PLACEMENTS, command->handback.placement);
    const char *state = cli_string(row, "state");
    (void)result;
    if (strcmp(state, "notice") == 0 && command->handback.until != 0)
        cli_say(cli, "Placement %s handed back: its care goes on until %s.", cli->operand,
                pm_date_text(command->handback.until, date));
    else if (strcmp(state, "ended") == 0)
        cli_say(cli, "Placement %s handed back: it has ended.", cli->operand);
    else
        cli_say(cli, "Placement %s handed back.", cli->operand);
    json_decref(row);
}

static enum cli_exit hand_back(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PLACEMENT_HANDBACK};
    command.handback.note = cli_text(cli, "note");
    if (!cli_take_id(cli, &command.handback.placement) ||
        !cli_take_name(cli, "code", pm_decline_code_name, &command.handback.code) ||
        !cli_take_date(cli, "until", &command.handback.until))
        return CLI_USAGE;
    return cli_do(cli, &command, say_handed_back);
}

/* ---- A stay in hospital ---- */

static void say_kept(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    char date[CLI_SHORT];
    cli_say(cli, "%s: placement %lld is kept until %s.", cli->operand,
            (long long)cli_integer(result, "id"), pm_date_text(command->stay.until, date));
}

static enum cli_exit in_hospital(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PLACEMENT_IN_HOSPITAL};
    command.stay.reference = pm_text(cli->operand);
    command.stay.referrer = cli_text(cli, "referrer");
    if (!cli_take_date(cli, "until", &command.stay.until))
        return CLI_USAGE;
    return cli_do(cli, &command, say_kept);
}

/* The place that was kept is taken again; or it was not, and the package is resumed. */
static void say_restarted(struct cli *cli, struct pm_package_id id, int64_t result,
                          const json_t *package)
{
    const char *state = cli_string(json_object_get(package, "placement"), "state");
    if (cli_is_placement(package, result) && strcmp(state, "started") == 0)
        cli_say(cli, "%s: placement %lld goes on.", cli->operand, (long long)result);
    else
        cli_say_package(cli, id, "restarted", package);
}

static enum cli_exit restart(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_PLACEMENT_RESTART, .id = cli_package_id(cli)};
    return cli_do_package(cli, &command, command.id, say_restarted);
}

/* ---- Care that goes on already ---- */

/* With who has failed it is on notice at once, or over. */
static void say_imported(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    long long id = (long long)cli_integer(result, "id");
    json_t *row = cli_look_row(cli, PM_PLACEMENTS, (uint64_t)id);
    const char *state = cli_string(row, "state");
    (void)command;
    if (strcmp(state, "notice") == 0 || strcmp(state, "ended") == 0)
        cli_say(cli,
                "%s imported: its provider or location has failed, so placement %lld is %s and "
                "others are sought.",
                cli->operand, id, state[0] == 'n' ? "on notice" : "over");
    else
        cli_say(cli, "%s imported: placement %lld has started.", cli->operand, id);
    json_decref(row);
}

static enum cli_exit import(struct cli *cli)
{
    struct cli_form form;
    struct pm_command command = {.verb = PM_PLACEMENT_IMPORT};
    if (!cli_take_form(cli, &form))
        return CLI_USAGE;
    form.package.reference = pm_text(cli->operand);
    command.import =
        (struct pm_import){.package = &form.package, .service = cli_text(cli, "service")};
    if (!cli_take_pounds(cli, "rate", &command.import.rate) ||
        !cli_take_date(cli, "started", &command.import.started))
        return CLI_USAGE;
    return cli_do(cli, &command, say_imported);
}

/* ---- The tables ---- */

static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    {"state", "STATE", "agreed, started, notice, in_hospital or ended.", false},
    CLI_LIST_OPTIONS,
    CLI_END,
};
static const struct cli_option named_options[] = {CLI_REFERRER, CLI_END};
static const struct cli_option end_options[] = {
    CLI_REFERRER,
    {"reason", "REASON",
     CLI_PERSON_REASONS ", mistake, or, when others are to be sought, handed_back or "
                        "provider_failed.",
     true},
    CLI_END,
};
static const struct cli_option handback_options[] = {
    CLI_DECLINE_CODE,
    {"until", "DATE", "The last day on which care is given; it ends now unless said.", false},
    CLI_NOTE,
    CLI_END,
};
static const struct cli_option stay_options[] = {
    {"until", "DATE", "The last day for which the place is kept.", true},
    CLI_REFERRER,
    CLI_END,
};
static const struct cli_option import_options[] = {
    {"kind", "KIND", "The kind of care.", true},
    {"service", "NAME", "The service that gives it.", true},
    {"started", "DATE", "The day on which it began; today unless said.", false},
    CLI_RATE,
    {"referrer", "NAME", "Whose package it is; who acts unless said.", false},
    CLI_NEED_OPTIONS,
    CLI_END,
};

static const struct cli_command commands[] = {
    {"list", NULL, "Lists placements with what they cost a week, and who frees a place",
     list_options, list},
    {"start", "REF", "Says that a package's care has begun", named_options, start},
    {"end", "REF", "Says that a package's care has ended; its capacity is free again", end_options,
     end},
    {"handback", "ID", "Gives a placement back: others are sought", handback_options, hand_back},
    {"in-hospital", "REF", "Says that the person is in hospital, while the place is kept",
     stay_options, in_hospital},
    {"restart", "REF", "Says that the person is back; if the place was kept no longer, asks for it",
     named_options, restart},
    {"import", "REF", "Records care that goes on already and was not sought here", import_options,
     import},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_placement = {"placement", "Placements: care that is agreed", commands};
