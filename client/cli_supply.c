/*
 * cli_supply.c - placemat provider, location, pool and service: who can care, where and at what
 * rate.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/cli_table.h"

#include <string.h>

/* Sends a put and says so. */
static enum cli_exit put(struct cli *cli, const struct pm_command *command)
{
    json_t *result;
    enum cli_exit code = cli_ask(cli, command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "The %s %s is recorded.", cli->noun->name, cli->operand);
    json_decref(result);
    return code;
}

static enum cli_exit put_provider(struct cli *cli)
{
    struct pm_command command = {.verb = PM_PROVIDER_PUT};
    command.provider = (struct pm_provider_put){
        .provider = pm_text(cli->operand), .title = cli_text(cli, "title"), .standing = PM_ACTIVE};
    if (!cli_take_name(cli, "standing", pm_standing_name, &command.provider.standing))
        return CLI_USAGE;
    return put(cli, &command);
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
    return put(cli, &command);
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
    return put(cli, &command);
}

/* What a service's options hold, until the command is sent. */
struct lists {
    struct pm_text locality[PM_LOCALITIES_MAX];
    struct pm_text capability[PM_CAPABILITIES_MAX];
    uint64_t sector[PM_SECTORS_MAX];
    struct pm_rate rate[PM_RATES_MAX];
};

static bool take_sectors(struct cli *cli, struct lists *lists, struct pm_service_put *service)
{
    struct pm_text text[PM_SECTORS_MAX];
    struct pm_client_error error;
    if (!cli_take_list(cli, "sectors", text, PM_SECTORS_MAX, &service->sectors))
        return false;
    for (unsigned at = 0; at < service->sectors; at++) {
        if (!cli_parse_postcode(text[at], &lists->sector[at], &error)) {
            cli_usage(cli, "--sectors: %s", error.text);
            return false;
        }
    }
    return true;
}

static bool take_rates(struct cli *cli, struct lists *lists, struct pm_service_put *service)
{
    struct pm_client_error error;
    for (size_t at = 0; at < cli->values; at++) {
        if (strcmp(cli->value[at].option->name, "rate") != 0)
            continue;
        if (service->rates == PM_RATES_MAX) {
            cli_usage(cli, "--rate: a service has at most %d rates", PM_RATES_MAX);
            return false;
        }
        if (!cli_parse_rate(cli->value[at].text, &lists->rate[service->rates], &error)) {
            cli_usage(cli, "--rate: %s", error.text);
            return false;
        }
        service->rates++;
    }
    return true;
}

static bool take_service(struct cli *cli, struct lists *lists, struct pm_service_put *service)
{
    *service = (struct pm_service_put){
        .service = pm_text(cli->operand),
        .pool = cli_text(cli, "pool"),
        .kind = cli_text(cli, "kind"),
        .lot = cli_text(cli, "lot"),
        .tier = 1,
        .contract = PM_FRAMEWORK,
        .standing = PM_ACTIVE,
        .locality = lists->locality,
        .sector = lists->sector,
        .capability = lists->capability,
        .rate = lists->rate,
    };
    return cli_take_byte(cli, "tier", &service->tier) &&
           cli_take_name(cli, "contract", pm_contract_name, &service->contract) &&
           cli_take_name(cli, "standing", pm_standing_name, &service->standing) &&
           cli_take_list(cli, "localities", lists->locality, PM_LOCALITIES_MAX,
                         &service->localities) &&
           cli_take_list(cli, "capabilities", lists->capability, PM_CAPABILITIES_MAX,
                         &service->capabilities) &&
           take_sectors(cli, lists, service) && take_rates(cli, lists, service);
}

static enum cli_exit put_service(struct cli *cli)
{
    struct lists lists;
    struct pm_command command = {.verb = PM_SERVICE_PUT};
    return take_service(cli, &lists, &command.service) ? put(cli, &command) : CLI_USAGE;
}

static enum cli_exit list_services(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"location", "LOCATION", CLI_PLAIN},
        {"pool", "POOL", CLI_PLAIN},
        {"kind", "KIND", CLI_PLAIN},
        {"lot", "LOT", CLI_PLAIN},
        {"tier", "TIER", CLI_NUMBER},
        {"contract", "CONTRACT", CLI_PLAIN},
        {"standing", "STANDING", CLI_PLAIN},
        {"rate", "RATE", CLI_MONEY},
        {"score", "SCORE", CLI_NUMBER},
        {"localities", "LOCALITIES", CLI_PLAIN},
        {"sectors", "SECTORS", CLI_PLAIN},
        {"capabilities", "CAPABILITIES", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const struct pm_list list = {.provider = cli_text(cli, "provider"),
                                 .kind = cli_text(cli, "kind")};
    json_t *body;
    enum cli_exit code = cli_ask_list(cli, PM_SERVICE_LIST, list, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        cli_rows(cli, columns, body, "No services.");
    json_decref(body);
    return code;
}

#define END                     \
    {                           \
        NULL, NULL, NULL, false \
    }
#define STANDING                                                                    \
    {                                                                               \
        "standing", "STANDING", "active (unless said), suspended or ceased.", false \
    }
#define TITLE                                       \
    {                                               \
        "title", "TEXT", "Its name in full.", false \
    }

static const struct cli_option provider_options[] = {TITLE, STANDING, END};
static const struct cli_option location_options[] = {
    {"provider", "NAME", "Whose location it is.", true},
    TITLE,
    {"cqc", "ID", "Its id in the regulator's register.", false},
    STANDING,
    {"rating", "RATING",
     "unrated (unless said), inadequate, requires_improvement, good or outstanding.", false},
    {"score", "N", "The council's own inspection, 0 to 100.", false},
    END,
};
static const struct cli_option pool_options[] = {
    {"location", "NAME", "Where the pool is.", true},
    {"kind", "KIND", "The kind whose bands its capacity is stated in.", true},
    {"mode", "MODE", "ask (unless said) or declared.", false},
    END,
};
static const struct cli_option service_options[] = {
    {"pool", "NAME", "The pool it draws on.", true},
    {"kind", "KIND", "The kind of care.", true},
    {"lot", "LOT", "The contract it is bought under.", true},
    {"rate", "POUNDS",
     "Pounds an hour or a week, as 24.10 or 2026-04-01=24.10; up to four, by date.", true},
    {"localities", "NAME,...", "Where it serves.", false},
    {"sectors", "SECTOR,...", "Postcode sectors it serves beside these.", false},
    {"capabilities", "NAME,...", "What it can do.", false},
    {"tier", "N", "1 (unless said) to 8.", false},
    {"contract", "CONTRACT", "framework (unless said), block, spot or in_house.", false},
    STANDING,
    END,
};
static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    CLI_LIST_OPTIONS,
    END,
};

#define WHOLE "; what is not given takes its default"

static const struct cli_command provider_commands[] = {
    {"put", "NAME", "Records a provider, or replaces its record" WHOLE, provider_options,
     put_provider},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command location_commands[] = {
    {"put", "NAME", "Records a location, or replaces its record" WHOLE, location_options,
     put_location},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command pool_commands[] = {
    {"put", "NAME", "Records a pool, or replaces its record" WHOLE, pool_options, put_pool},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command service_commands[] = {
    {"put", "NAME", "Records a service, or replaces its record" WHOLE, service_options,
     put_service},
    {"list", NULL, "Lists services with today's rates", list_options, list_services},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_provider = {"provider", "Providers: the organisations",
                                      provider_commands};
const struct cli_noun cli_location = {"location", "Locations: their branches and homes",
                                      location_commands};
const struct cli_noun cli_pool = {"pool", "Pools: bodies of capacity at a location", pool_commands};
const struct cli_noun cli_service = {"service", "Services: what is offered, where and at what rate",
                                     service_commands};
