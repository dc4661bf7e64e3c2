/*
 * cli_package.c - placemat package: what is needed, posted and followed.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/cli_table.h"

#include <string.h>
#include <time.h>

/* What the options of post and amend hold, until the command is sent. */
struct form {
    struct pm_package package;
    struct pm_visit visit[PM_VISITS_MAX];
    struct pm_text need[PM_NEEDS_MAX];
    struct pm_text exclusion[PM_EXCLUSIONS_MAX];
};

/* ---- Reading the options ---- */

static bool take_visits(struct cli *cli, struct form *form)
{
    struct pm_client_error error;
    for (size_t at = 0; at < cli->values; at++) {
        if (strcmp(cli->value[at].option->name, "visit") != 0)
            continue;
        if (form->package.visits == PM_VISITS_MAX) {
            cli_usage(cli, "--visit: a package has at most %d visits", PM_VISITS_MAX);
            return false;
        }
        if (!cli_parse_visit(cli->value[at].text, &form->visit[form->package.visits], &error)) {
            cli_usage(cli, "--visit: %s", error.text);
            return false;
        }
        form->package.visits++;
    }
    form->package.visit = form->visit;
    return true;
}

static bool take_lists(struct cli *cli, struct form *form)
{
    struct pm_package *package = &form->package;
    package->need = form->need;
    package->exclusion = form->exclusion;
    return cli_take_list(cli, "needs", form->need, PM_NEEDS_MAX, &package->needs) &&
           cli_take_list(cli, "exclude", form->exclusion, PM_EXCLUSIONS_MAX, &package->exclusions);
}

static void take_texts(struct cli *cli, struct pm_package *package)
{
    package->referrer = cli_text(cli, "referrer");
    package->kind = cli_text(cli, "kind");
    package->locality = cli_text(cli, "locality");
    package->place_type = cli_text(cli, "place");
    package->continuity = cli_text(cli, "continuity");
    package->person = cli_text(cli, "person");
}

static bool take_numbers(struct cli *cli, struct pm_package *package)
{
    return cli_take_postcode(cli, "postcode", &package->postcode) &&
           cli_take_postcode(cli, "sector", &package->sector) &&
           cli_take_byte(cli, "priority", &package->priority) &&
           cli_take_name(cli, "interim", pm_interim_name, &package->interim) &&
           cli_take_name(cli, "payer", pm_payer_name, &package->payer) &&
           cli_take_date(cli, "start-from", &package->start_from) &&
           cli_take_date(cli, "start-by", &package->start_by) &&
           cli_take_date(cli, "planned-end", &package->planned_end);
}

static bool take_form(struct cli *cli, struct form *form)
{
    *form = (struct form){.package = {.priority = PM_PRIORITIES - 1}};
    take_texts(cli, &form->package);
    return take_visits(cli, form) && take_lists(cli, form) && take_numbers(cli, &form->package);
}

/* What an amendment gives: enum pm_given. */
static uint32_t given(const struct cli *cli)
{
    static const struct {
        const char *option;
        uint32_t given;
    } all[] = {
        {"postcode", PM_GIVEN_PLACE},        {"locality", PM_GIVEN_PLACE},
        {"sector", PM_GIVEN_PLACE},          {"visit", PM_GIVEN_VISITS},
        {"place", PM_GIVEN_PLACE_TYPE},      {"needs", PM_GIVEN_NEEDS},
        {"start-from", PM_GIVEN_START},      {"start-by", PM_GIVEN_START},
        {"priority", PM_GIVEN_PRIORITY},     {"interim", PM_GIVEN_INTERIM},
        {"payer", PM_GIVEN_PAYER},           {"exclude", PM_GIVEN_EXCLUSIONS},
        {"person", PM_GIVEN_PERSON},         {"planned-end", PM_GIVEN_PLANNED_END},
        {"continuity", PM_GIVEN_CONTINUITY},
    };
    uint32_t mask = 0;
    for (size_t at = 0; at < sizeof all / sizeof all[0]; at++) {
        if (cli_value(cli, all[at].option) != NULL)
            mask |= all[at].given;
    }
    return mask;
}

/* ---- What happened to it ---- */

/* The package as it is now. Matching follows posting at once, but not in the same breath: a package
 * still open is looked at again a few times. */
static json_t *look(struct cli *cli, struct pm_package_id id)
{
    enum { TRIES = 10 };
    const struct timespec pause = {.tv_nsec = 20000000};
    const struct pm_command command = {.verb = PM_PACKAGE_SHOW, .id = id};
    json_t *package = NULL;
    for (int try = 0; try < TRIES; try++) {
        if (try > 0)
            nanosleep(&pause, NULL);
        json_decref(package);
        package = cli_look(cli, &command);
        if (package == NULL || strcmp(cli_string(package, "state"), "open") != 0)
            break;
    }
    return package;
}

static void say_state(struct cli *cli, const char *reference, const char *done,
                      const json_t *package)
{
    char until[CLI_SHORT] = "";
    const char *state = cli_string(package, "state");
    const char *provider = cli_string(package, "provider");
    const char *diagnosis = cli_string(package, "diagnosis");
    int64_t deadline = cli_integer(package, "deadline");
    if (package == NULL || state[0] == '\0')
        cli_say(cli, "%s %s.", reference, done);
    else if (strcmp(state, "offered") == 0)
        cli_say(cli, "%s %s: offered to %s%s%s.", reference, done, provider,
                deadline != 0 ? " until " : "", deadline != 0 ? cli_time(deadline, until) : "");
    else if (strcmp(state, "placed") == 0)
        cli_say(cli, "%s %s: placed with %s.", reference, done, provider);
    else if (diagnosis[0] != '\0')
        cli_say(cli, "%s %s. %s", reference, done, diagnosis);
    else
        cli_say(cli, "%s %s: %s.", reference, done, state);
}

/* Sends a command about a package, then says what became of it. */
static enum cli_exit do_and_say(struct cli *cli, const struct pm_command *command,
                                struct pm_package_id id, const char *done)
{
    json_t *result;
    enum cli_exit code = cli_ask(cli, command, &result);
    if (code != CLI_DONE)
        return code;
    json_t *package = look(cli, id);
    if (package != NULL && cli->json)
        json_object_set(result, "package", package);
    if (!cli_json(cli, result))
        say_state(cli,
                  cli_string(package, "reference")[0] != '\0' ? cli_string(package, "reference")
                                                              : id.reference.bytes,
                  done, package);
    json_decref(package);
    json_decref(result);
    return CLI_DONE;
}

/* ---- post, amend, and what only names a package ---- */

static enum cli_exit post(struct cli *cli)
{
    struct form form;
    if (!take_form(cli, &form))
        return CLI_USAGE;
    form.package.reference = cli_text(cli, "ref");
    const struct pm_command command = {.verb = PM_PACKAGE_POST, .package = form.package};
    struct pm_package_id id = {
        .reference = form.package.reference,
        .referrer = form.package.referrer.length > 0 ? form.package.referrer : cli->actor.name,
    };
    return do_and_say(cli, &command, id, "posted");
}

static enum cli_exit amend(struct cli *cli)
{
    struct form form;
    if (!take_form(cli, &form))
        return CLI_USAGE;
    form.package.reference = pm_text(cli->operand);
    form.package.given = given(cli);
    if (form.package.given == 0)
        return cli_usage(cli, "say what to amend");
    const struct pm_command command = {.verb = PM_PACKAGE_AMEND, .package = form.package};
    struct pm_package_id id = {.reference = form.package.reference,
                               .referrer = form.package.referrer};
    return do_and_say(cli, &command, id, "amended");
}

static enum cli_exit named(struct cli *cli, unsigned verb, const char *done)
{
    struct pm_command command = {.verb = (uint8_t)verb};
    command.id.reference = pm_text(cli->operand);
    command.id.referrer = cli_text(cli, "referrer");
    if (!cli_take_name(cli, "reason", pm_end_reason_name, &command.id.reason))
        return CLI_USAGE;
    struct pm_package_id id = {.reference = command.id.reference, .referrer = command.id.referrer};
    if (verb == PM_PACKAGE_RESUME)
        return do_and_say(cli, &command, id, done);
    json_t *result;
    enum cli_exit code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "%s %s.", cli->operand, done);
    json_decref(result);
    return code;
}

static enum cli_exit withdraw(struct cli *cli)
{
    return named(cli, PM_PACKAGE_WITHDRAW, "withdrawn");
}

static enum cli_exit pause_package(struct cli *cli)
{
    return named(cli, PM_PACKAGE_PAUSE, "paused");
}

static enum cli_exit resume(struct cli *cli)
{
    return named(cli, PM_PACKAGE_RESUME, "resumed");
}

/* ---- list and show ---- */

/* A deadline is of interest only while an answer is due. */
static void forget_answered(json_t *package)
{
    if (strcmp(cli_string(package, "state"), "offered") != 0)
        json_object_del(package, "deadline");
}

static enum cli_exit list(struct cli *cli)
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
        {"deadline", "ANSWER BY", CLI_TIME},
        {"diagnosis", "WHY IT WAITS", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    struct pm_list list = {.provider = cli_text(cli, "provider"), .kind = cli_text(cli, "kind")};
    size_t at;
    json_t *row;
    json_t *body;
    if (!cli_take_state(cli, pm_package_state_name, &list.state))
        return CLI_USAGE;
    enum cli_exit code = cli_ask_list(cli, PM_PACKAGE_LIST, list, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        json_array_foreach(json_object_get(body, "rows"), at, row) forget_answered(row);
        cli_rows(cli, columns, body, "No packages.");
    }
    json_decref(body);
    return code;
}

static void show_parts(struct cli *cli, const json_t *package)
{
    static const struct cli_column demand[] = {
        {"name", "BAND", CLI_PLAIN}, {"needed", "NEEDED", CLI_UNITS}, {NULL, NULL, CLI_PLAIN}};
    static const struct cli_column offers[] = {
        {"id", "OFFER", CLI_NUMBER},         {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN}, {"rate", "RATE", CLI_MONEY},
        {"state", "STATE", CLI_PLAIN},       {"code", "BECAUSE", CLI_PLAIN},
        {"made", "MADE", CLI_TIME},          {"deadline", "ANSWER BY", CLI_TIME},
        {"answered", "ANSWERED", CLI_TIME},  {NULL, NULL, CLI_PLAIN},
    };
    cli_visits(cli, json_object_get(package, "visits"));
    if (json_array_size(json_object_get(package, "demand")) > 0) {
        fputc('\n', cli->out);
        cli_table(cli->out, demand, json_object_get(package, "demand"));
    }
    if (json_array_size(json_object_get(package, "offers")) > 0) {
        fputc('\n', cli->out);
        cli_table(cli->out, offers, json_object_get(package, "offers"));
    }
}

static void show_placement(struct cli *cli, const json_t *placement)
{
    static const struct cli_column columns[] = {
        {"id", "Placement", CLI_PLAIN},          {"service", "  service", CLI_PLAIN},
        {"provider", "  provider", CLI_PLAIN},   {"state", "  state", CLI_PLAIN},
        {"rate", "  rate", CLI_MONEY},           {"cost", "  cost a week", CLI_MONEY},
        {"agreed", "  agreed", CLI_TIME},        {"started", "  started", CLI_TIME},
        {"ended", "  ended", CLI_TIME},          {"reason", "  because", CLI_PLAIN},
        {"rules", "  rules version", CLI_PLAIN}, {NULL, NULL, CLI_PLAIN},
    };
    if (!json_is_object(placement))
        return;
    fputc('\n', cli->out);
    cli_sheet(cli->out, columns, placement);
}

static enum cli_exit show(struct cli *cli)
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
        {"deadline", "Answer by", CLI_TIME},
        {"locality", "Locality", CLI_PLAIN},
        {"sector", "Sector", CLI_PLAIN},
        {"priority", "Priority", CLI_PLAIN},
        {"units", "A week", CLI_UNITS},
        {"place_type", "Place", CLI_PLAIN},
        {"needs", "Needs", CLI_PLAIN},
        {"interim", "Interim cover", CLI_PLAIN},
        {"payer", "Payer", CLI_PLAIN},
        {"person", "Person", CLI_PLAIN},
        {"exclusions", "Not with", CLI_PLAIN},
        {"continuity", "Known to", CLI_PLAIN},
        {"posted", "Posted", CLI_TIME},
        {"start_from", "Start from", CLI_DATE},
        {"start_by", "Start by", CLI_DATE},
        {"planned_end", "Planned end", CLI_DATE},
        {"ended", "Ended", CLI_TIME},
        {"reason", "Because", CLI_PLAIN},
        {"version", "Version", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    struct pm_command command = {.verb = PM_PACKAGE_SHOW};
    json_t *body;
    command.id.reference = pm_text(cli->operand);
    command.id.referrer = cli_text(cli, "referrer");
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        forget_answered(body);
        cli_sheet(cli->out, columns, body);
        show_parts(cli, body);
        show_placement(cli, json_object_get(body, "placement"));
    }
    json_decref(body);
    return code;
}

/* ---- The tables ---- */

/* clang-format off */
#define REFERRER {"referrer", "NAME", "Whose reference it is, when several use the same.", false}
#define DETAILS \
    {"postcode", "POSTCODE", "Where care is needed: a unit, sector or district. Only locality and sector are kept.", false}, \
    {"locality", "NAME", "The locality, when there is no postcode.", false}, \
    {"sector", "SECTOR", "The postcode's sector beside a locality.", false}, \
    {"visit", "VISIT", "\"mon-sun 07:00-10:00 30m [x2] [critical]\"; give it once for each visit.", false}, \
    {"place", "TYPE", "The type of place, for kinds counted in places.", false}, \
    {"needs", "NAME,...", "Capabilities that are needed.", false}, \
    {"start-from", "DATE", "The first day care may start.", false}, \
    {"start-by", "DATE", "The day by which it must.", false}, \
    {"priority", "N", "0, most urgent, to 3; 3 unless said.", false}, \
    {"interim", "COVER", "no_cover, family, in_hospital, bridged or on_notice.", false}, \
    {"payer", "PAYER", "council, health, section_117 or self_funder.", false}, \
    {"exclude", "NAME,...", "Providers not to ask.", false}, \
    {"continuity", "NAME", "The provider who knows the person.", false}, \
    {"person", "TOKEN", "An opaque token for the person, never a name or number.", false}, \
    {"planned-end", "DATE", "The day on which care is to end.", false}
#define END {NULL, NULL, NULL, false}
/* clang-format on */

static const struct cli_option post_options[] = {
    {"ref", "REF", "The reference; no other package of the referrer may have it.", true},
    {"kind", "KIND", "The kind of care.", true},
    {"referrer", "NAME", "Whose package it is; who acts unless said.", false},
    DETAILS,
    END,
};
static const struct cli_option amend_options[] = {REFERRER, DETAILS, END};
static const struct cli_option named_options[] = {REFERRER, END};
static const struct cli_option withdraw_options[] = {
    REFERRER,
    {"reason", "REASON", "completed, died, readmitted, chose_otherwise, moved_away or mistake.",
     true},
    END,
};
static const struct cli_option list_options[] = {
    {"state", "STATE", "open, offered, placed, ended, paused, waiting or withdrawn.", false},
    {"kind", "KIND", "Only of this kind.", false},
    {"provider", "NAME", "Only with this provider.", false},
    CLI_LIST_OPTIONS,
    END,
};

static const struct cli_command commands[] = {
    {"post", NULL, "Posts a package and says who is asked", post_options, post},
    {"list", NULL, "Lists packages", list_options, list},
    {"show", "REF", "Shows one package whole", named_options, show},
    {"amend", "REF", "Changes a package; what is not given stays", amend_options, amend},
    {"withdraw", "REF", "Takes a package back", withdraw_options, withdraw},
    {"pause", "REF", "Stops asking until it is resumed", named_options, pause_package},
    {"resume", "REF", "Goes on asking", named_options, resume},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_package = {"package", "Packages of care: what is needed", commands};
