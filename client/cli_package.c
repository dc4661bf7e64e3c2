/*
 * cli_package.c - placemat package: what is needed, posted and followed.
 */
#include "client/cli_package.h"

#include "client/cli_form.h"
#include "client/cli_outcome.h"

static void say_posted(struct cli *cli, struct pm_package_id id, int64_t result,
                       const json_t *package)
{
    (void)result;
    cli_say_package(cli, id, "posted", package);
}

static enum cli_exit post(struct cli *cli)
{
    struct cli_form form;
    if (!cli_take_form(cli, &form))
        return CLI_USAGE;
    form.package.reference = cli_text(cli, "ref");
    const struct pm_command command = {.verb = PM_PACKAGE_POST, .package = form.package};
    struct pm_package_id id = {
        .reference = form.package.reference,
        .referrer = form.package.referrer.length > 0 ? form.package.referrer : cli->actor.name,
    };
    return cli_do_package(cli, &command, id, say_posted);
}

static void say_amended(struct cli *cli, struct pm_package_id id, int64_t result,
                        const json_t *package)
{
    (void)result;
    cli_say_package(cli, id, "amended", package);
}

static enum cli_exit amend(struct cli *cli)
{
    struct cli_form form;
    if (!cli_take_form(cli, &form))
        return CLI_USAGE;
    form.package.reference = pm_text(cli->operand);
    form.package.given = cli_form_given(cli);
    if (form.package.given == 0)
        return cli_usage(cli, "say what to amend");
    const struct pm_command command = {.verb = PM_PACKAGE_AMEND, .package = form.package};
    return cli_do_package(cli, &command, cli_package_id(cli), say_amended);
}

const char *cli_person_reason_name(unsigned reason)
{
    return reason < PM_HANDED_BACK ? pm_end_reason_name(reason) : NULL;
}

static enum cli_exit withdraw(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PACKAGE_WITHDRAW, .id = cli_package_id(cli)};
    if (!cli_take_name(cli, "reason", cli_person_reason_name, &command.id.reason))
        return CLI_USAGE;
    return cli_do_saying(cli, &command, "%s withdrawn.", cli->operand);
}

static enum cli_exit pause_package(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_PACKAGE_PAUSE, .id = cli_package_id(cli)};
    return cli_do_saying(cli, &command, "%s paused.", cli->operand);
}

static void say_resumed(struct cli *cli, struct pm_package_id id, int64_t result,
                        const json_t *package)
{
    (void)result;
    cli_say_package(cli, id, "resumed", package);
}

static enum cli_exit resume(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_PACKAGE_RESUME, .id = cli_package_id(cli)};
    return cli_do_package(cli, &command, command.id, say_resumed);
}

/* ---- The tables ---- */

static const struct cli_option post_options[] = {
    {"ref", "REF", "The reference; no other package of the referrer may have it.", true},
    {"kind", "KIND", "The kind of care.", true},
    {"referrer", "NAME", "Whose package it is; who acts unless said.", false},
    CLI_NEED_OPTIONS,
    CLI_NEW_OPTIONS,
    CLI_END,
};
static const struct cli_option amend_options[] = {CLI_REFERRER, CLI_NEED_OPTIONS, CLI_END};
static const struct cli_option named_options[] = {CLI_REFERRER, CLI_END};
static const struct cli_option withdraw_options[] = {
    CLI_REFERRER,
    {"reason", "REASON", CLI_PERSON_REASONS " or mistake.", true},
    CLI_END,
};
static const struct cli_option list_options[] = {
    {"state", "STATE",
     "open, offered, choosing, to_confirm, placed, ended, paused, waiting or withdrawn.", false},
    {"kind", "KIND", "Only of this kind.", false},
    {"provider", "NAME", "Only with this provider.", false},
    CLI_LIST_OPTIONS,
    CLI_END,
};

static const struct cli_command commands[] = {
    {"post", NULL, "Posts a package and says who is asked", post_options, post},
    {"list", NULL, "Lists packages", list_options, cli_list_packages},
    {"show", "REF", "Shows one package whole", named_options, cli_show_package},
    {"amend", "REF", "Changes a package; what is not given stays", amend_options, amend},
    {"withdraw", "REF", "Takes a package back", withdraw_options, withdraw},
    {"pause", "REF", "Stops asking until it is resumed", named_options, pause_package},
    {"resume", "REF", "Goes on asking", named_options, resume},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_package = {"package", "Packages of care: what is needed", commands};
