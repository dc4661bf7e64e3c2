/*
 * cli_supply.c - placemat provider, location and pool: who can care, and where.
 */
#include "client/cli_supply.h"
#include "client/cli_round_try.h"

static enum cli_exit put_provider(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PROVIDER_PUT};
    command.provider = (struct pm_provider_put){
        .provider = pm_text(cli->operand), .title = cli_text(cli, "title"), .standing = PM_ACTIVE};
    if (!cli_take_name(cli, "standing", pm_standing_name, &command.provider.standing))
        return CLI_USAGE;
    return cli_put(cli, &command);
}

static enum cli_exit put_location(struct cli *cli)
{
    struct pm_command command = {.verb = PM_LOCATION_PUT};
    uint64_t score = 0;
    command.location = (struct pm_location_put){
        .location = pm_text(cli->operand),
        .provider = cli_text(cli, "provider"),
        .title = cli_text(cli, "title"),
        .cqc = cli_text(cli, "cqc"),
        .standing = PM_ACTIVE,
        .rating = PM_UNRATED,
    };
    if (!cli_take_name(cli, "standing", pm_standing_name, &command.location.standing) ||
        !cli_take_name(cli, "rating", pm_rating_name, &command.location.rating) ||
        !cli_take_number(cli, "score", 100, &score))
        return CLI_USAGE;
    command.location.score = cli_value(cli, "score") != NULL ? (int8_t)score : -1;
    return cli_put(cli, &command);
}

static enum cli_exit put_pool(struct cli *cli)
{
    struct pm_command command = {.verb = PM_POOL_PUT};
    command.pool = (struct pm_pool_put){
        .pool = pm_text(cli->operand),
        .location = cli_text(cli, "location"),
        .kind = cli_text(cli, "kind"),
        .mode = PM_ASK,
    };
    if (!cli_take_name(cli, "mode", pm_pool_mode_name, &command.pool.mode))
        return CLI_USAGE;
    return cli_put(cli, &command);
}

/* ---- What comes over a provider ---- */

/* " at fernglow-grays", " for homecare", " in Grays"; "" for the whole provider. */
static void write_scope(const struct pm_suspension *part, char *out, size_t size)
{
    out[0] = '\0';
    if (part->location.length > 0)
        snprintf(out, size, " at %s", part->location.bytes);
    else if (part->kind.length > 0)
        snprintf(out, size, " for %s", part->kind.bytes);
    else if (part->locality.length > 0)
        snprintf(out, size, " in %s", part->locality.bytes);
}

static void say_suspension(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    enum { SCOPE = PM_NAME_MAX + 8 };
    char scope[SCOPE];
    (void)result;
    write_scope(&command->suspension, scope, sizeof scope);
    if (command->verb == PM_PROVIDER_SUSPEND)
        cli_say(cli, "%s is suspended%s: nothing new is offered to it; its placements go on.",
                cli->operand, scope);
    else
        cli_say(cli, "The suspension of %s%s is lifted.", cli->operand, scope);
}

static enum cli_exit change_suspension(struct cli *cli, unsigned verb)
{
    static const char *const parts[] = {"location", "kind", "locality"};
    struct pm_command command = {.verb = (uint8_t)verb};
    unsigned given = 0;
    for (size_t at = 0; at < sizeof parts / sizeof parts[0]; at++)
        given += cli_value(cli, parts[at]) != NULL;
    if (given > 1)
        return cli_usage(cli, "one at most of --location, --kind and --locality");
    command.suspension = (struct pm_suspension){
        .provider = pm_text(cli->operand),
        .location = cli_text(cli, "location"),
        .kind = cli_text(cli, "kind"),
        .locality = cli_text(cli, "locality"),
        .note = cli_text(cli, "note"),
    };
    return cli_do(cli, &command, say_suspension);
}

static enum cli_exit suspend(struct cli *cli)
{
    return change_suspension(cli, PM_PROVIDER_SUSPEND);
}

static enum cli_exit resume(struct cli *cli)
{
    return change_suspension(cli, PM_PROVIDER_RESUME);
}

static enum cli_exit fail(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PROVIDER_FAIL};
    const char *location = cli_value(cli, "location");
    command.failure = (struct pm_failure){
        .provider = pm_text(cli->operand),
        .location = pm_text(location),
        .note = cli_text(cli, "note"),
    };
    if (cli_value(cli, "dry-run") != NULL)
        return cli_round_try(cli, &(struct pm_round_try){.provider = pm_text(cli->operand),
                                                         .location = pm_text(location)});
    if (cli_value(cli, "mode") == NULL)
        return cli_usage(cli, "--mode MODE is missing");
    if (!cli_take_name(cli, "mode", pm_failure_mode_name, &command.failure.mode) ||
        !cli_take_date(cli, "from", &command.failure.from))
        return CLI_USAGE;
    return cli_do_saying(
        cli, &command, "The failure of %s%s%s is recorded: others are sought for its placements.",
        cli->operand, location != NULL ? " at " : "", location != NULL ? location : "");
}

/* ---- The tables ---- */

/* clang-format off */
#define TITLE {"title", "TEXT", "Its name in full.", false}
/* clang-format on */

static const struct cli_option provider_options[] = {TITLE, CLI_STANDING, CLI_END};
static const struct cli_option location_options[] = {
    {"provider", "NAME", "Whose location it is.", true},
    TITLE,
    {"cqc", "ID", "Its id in the regulator's register.", false},
    CLI_STANDING,
    {"rating", "RATING",
     "unrated (unless said), inadequate, requires_improvement, good or outstanding.", false},
    {"score", "N", "The council's own inspection, 0 to 100.", false},
    CLI_END,
};
static const struct cli_option pool_options[] = {
    {"location", "NAME", "Where the pool is.", true},
    {"kind", "KIND", "The kind whose bands its capacity is stated in.", true},
    {"mode", "MODE", "ask (unless said) or declared.", false},
    CLI_END,
};
static const struct cli_option suspension_options[] = {
    {"location", "NAME", "Only one location of it.", false},
    {"kind", "KIND", "Only one kind of care.", false},
    {"locality", "NAME", "Only one locality.", false},
    CLI_NOTE,
    CLI_END,
};
static const struct cli_option failure_options[] = {
    {"mode", "MODE", "ceased: its carers stop; managed: they go on until others start.", false},
    {"location", "NAME", "Only one location of it.", false},
    {"from", "DATE", "The last day of its care; now unless said.", false},
    {"dry-run", NULL, "Only show who could take its packages: nothing is done.", false},
    CLI_NOTE,
    CLI_END,
};

static const struct cli_command provider_commands[] = {
    {"put", "NAME", "Records a provider, or replaces its record" CLI_WHOLE, provider_options,
     put_provider},
    {"suspend", "NAME", "Offers nothing new to a provider; its placements go on",
     suspension_options, suspend},
    {"resume", "NAME", "Lifts a suspension, of the same part", suspension_options, resume},
    {"fail", "NAME", "Says that a provider fails: others are sought for its placements",
     failure_options, fail},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command location_commands[] = {
    {"put", "NAME", "Records a location, or replaces its record" CLI_WHOLE, location_options,
     put_location},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command pool_commands[] = {
    {"put", "NAME", "Records a pool, or replaces its record" CLI_WHOLE, pool_options, put_pool},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_provider = {"provider", "Providers: the organisations",
                                      provider_commands};
const struct cli_noun cli_location = {"location", "Locations: their branches and homes",
                                      location_commands};
const struct cli_noun cli_pool = {"pool", "Pools: bodies of capacity at a location", pool_commands};
