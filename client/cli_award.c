/*
 * cli_award.c - placemat award and choice: decisions about who gets what.
 */
#include "client/cli_outcome.h"

#include <string.h>

/* ---- Awards ---- */

static void say_confirmed(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    (void)command;
    cli_say(cli, "%s: award confirmed, placement %lld is agreed.", cli->operand,
            (long long)cli_integer(result, "id"));
}

static enum cli_exit confirm(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_AWARD_CONFIRM, .id = cli_package_id(cli)};
    return cli_do(cli, &command, say_confirmed);
}

static void say_overridden(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    cli_say(cli, "%s: awarded to %s, placement %lld is agreed.", cli->operand,
            command->award.service.bytes, (long long)cli_integer(result, "id"));
}

static enum cli_exit override(struct cli *cli)
{
    struct pm_command command = {.verb = PM_AWARD_OVERRIDE};
    command.award = (struct pm_override){
        .reference = pm_text(cli->operand),
        .referrer = cli_text(cli, "referrer"),
        .service = cli_text(cli, "service"),
        .note = cli_text(cli, "note"),
    };
    if (!cli_take_pounds(cli, "rate", &command.award.rate))
        return CLI_USAGE;
    return cli_do(cli, &command, say_overridden);
}

/* ---- Choices ---- */

/* It is agreed, or waits for the rest of its group, or was an introduction and the rest is the
 * person's. */
static void say_chosen(struct cli *cli, struct pm_package_id id, int64_t result,
                       const json_t *package)
{
    const char *state = cli_string(package, "state");
    if (strcmp(state, "placed") == 0 && cli_is_placement(package, result))
        cli_say(cli, "%s: choice recorded, placement %lld is agreed.", cli->operand,
                (long long)result);
    else if (strcmp(state, "ended") == 0 && strcmp(cli_string(package, "reason"), "arranged") == 0)
        cli_say(cli, "%s: choice recorded; the person arranges the care.", cli->operand);
    else
        cli_say_package(cli, id, "decided", package);
}

static enum cli_exit record(struct cli *cli)
{
    struct pm_command command = {.verb = PM_CHOICE_RECORD};
    struct pm_package_id id = cli_package_id(cli);
    command.choice = (struct pm_choice){
        .reference = id.reference,
        .referrer = id.referrer,
        .top_up = cli_value(cli, "top-up") != NULL,
    };
    if (!cli_take_number(cli, "offer", INT64_MAX, &command.choice.offer) ||
        !cli_take_name(cli, "decided-by", pm_decider_name, &command.choice.decided_by))
        return CLI_USAGE;
    return cli_do_package(cli, &command, id, say_chosen);
}

/* ---- The tables ---- */

static const struct cli_option confirm_options[] = {CLI_REFERRER, CLI_END};
static const struct cli_option override_options[] = {
    {"service", "NAME", "The service that gets it.", true},
    {"note", "TEXT", "Why, in at most 63 bytes; of persons, no names.", true},
    CLI_RATE,
    CLI_REFERRER,
    CLI_END,
};
static const struct cli_option record_options[] = {
    {"offer", "ID", "The offer that is chosen; it has been tendered.", true},
    {"decided-by", "WHO", "person, family, advocate, attorney or best_interests.", true},
    {"top-up", NULL, "What it costs above the ceiling is agreed.", false},
    CLI_REFERRER,
    CLI_END,
};
static const struct cli_command award_commands[] = {
    {"confirm", "REF", "Confirms who was found, and conditions; a group whole", confirm_options,
     confirm},
    {"override", "REF", "Places a package with a service of the broker's choice, and says why",
     override_options, override},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command choice_commands[] = {
    {"record", "REF", "Records which of those who tendered was chosen, and by whom", record_options,
     record},
    {NULL, NULL, NULL, NULL, NULL},
};
const struct cli_noun cli_award = {"award", "Awards: what a broker confirms or decides",
                                   award_commands};
const struct cli_noun cli_choice = {"choice", "Choices: what the person decides", choice_commands};
