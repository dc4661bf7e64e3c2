/*
 * cli_service.c - placemat service: what is offered, where and at what rate.
 */
#include "client/cli_parse.h"
#include "client/cli_supply.h"
#include "client/cli_table.h"

#include <string.h>

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
           cli_take_date(cli, "uplift", &service->uplift) &&
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
    return take_service(cli, &lists, &command.service) ? cli_put(cli, &command) : CLI_USAGE;
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
    static const struct cli_list list = {PM_SERVICE_LIST, NULL, columns, NULL, "No services."};
    return cli_list(cli, &list);
}

static enum cli_exit transfer(struct cli *cli)
{
    struct pm_command command = {.verb = PM_SERVICE_TRANSFER};
    command.transfer = (struct pm_transfer){
        .service = pm_text(cli->operand), .to = cli_text(cli, "to"), .note = cli_text(cli, "note")};
    return cli_do_saying(cli, &command, "The placements of %s go over to %s.", cli->operand,
                         cli_value(cli, "to"));
}

/* ---- The tables ---- */

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
    {"uplift", "DATE",
     "From this day on placements that were agreed before are paid the rate in force on it.",
     false},
    {"contract", "CONTRACT", "framework (unless said), block, spot or in_house.", false},
    CLI_STANDING,
    CLI_END,
};
static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    CLI_LIST_OPTIONS,
    CLI_END,
};

static const struct cli_option transfer_options[] = {
    {"to", "SERVICE", "The service, of the same kind, that takes them over.", true},
    CLI_NOTE,
    CLI_END,
};

static const struct cli_command commands[] = {
    {"put", "NAME", "Records a service, or replaces its record" CLI_WHOLE, service_options,
     put_service},
    {"list", NULL, "Lists services with today's rates", list_options, list_services},
    {"transfer", "SERVICE", "Hands all placements of a service over, with the carers",
     transfer_options, transfer},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_service = {"service", "Services: what is offered, where and at what rate",
                                     commands};
