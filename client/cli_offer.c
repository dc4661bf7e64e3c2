/*
 * cli_offer.c - placemat offer: what providers are asked, and their answers.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <string.h>

/* ---- list and show ---- */

static enum cli_exit list(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"id", "OFFER", CLI_NUMBER},
        {"reference", "PACKAGE", CLI_PLAIN},
        {"kind", "KIND", CLI_PLAIN},
        {"locality", "LOCALITY", CLI_PLAIN},
        {"sector", "SECTOR", CLI_PLAIN},
        {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"units", "A WEEK", CLI_UNITS},
        {"needs", "NEEDS", CLI_PLAIN},
        {"rate", "RATE", CLI_MONEY},
        {"route", "ROUTE", CLI_PLAIN},
        {"state", "STATE", CLI_PLAIN},
        {"code", "BECAUSE", CLI_PLAIN},
        {"start", "START", CLI_DATE},
        {"assess_by", "ASSESS BY", CLI_DATE},
        {"shift", "SHIFT", CLI_NUMBER},
        {"top_up", "TOP-UP", CLI_MONEY},
        {"made", "MADE", CLI_TIME},
        {"deadline", "ANSWER BY", CLI_TIME},
        {"answered", "ANSWERED", CLI_TIME},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_list offers = {PM_OFFERS, pm_offer_state_name, columns, NULL,
                                           "No offers."};
    return cli_list(cli, &offers);
}

/* What a provider must know to answer. */
static enum cli_exit show(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"id", "Offer", CLI_PLAIN},
        {"reference", "Package", CLI_PLAIN},
        {"state", "State", CLI_PLAIN},
        {"route", "Route", CLI_PLAIN},
        {"code", "Because", CLI_PLAIN},
        {"deadline", "Answer by", CLI_TIME},
        {"kind", "Kind", CLI_PLAIN},
        {"locality", "Locality", CLI_PLAIN},
        {"sector", "Sector", CLI_PLAIN},
        {"units", "A week", CLI_UNITS},
        {"place_type", "Place", CLI_PLAIN},
        {"needs", "Needs", CLI_PLAIN},
        {"start_from", "Start from", CLI_DATE},
        {"start_by", "Start by", CLI_DATE},
        {"service", "Service", CLI_PLAIN},
        {"provider", "Provider", CLI_PLAIN},
        {"rate", "Rate", CLI_MONEY},
        {"made", "Made", CLI_TIME},
        {"answered", "Answered", CLI_TIME},
        {"start", "Tendered from", CLI_DATE},
        {"assess_by", "Assessment by", CLI_DATE},
        {"shift", "Minutes later", CLI_PLAIN},
        {"top_up", "Top-up", CLI_MONEY},
        {NULL, NULL, CLI_PLAIN},
    };
    uint64_t id;
    if (!cli_take_id(cli, &id))
        return CLI_USAGE;
    json_t *row;
    enum cli_exit code = cli_ask_row(cli, PM_OFFERS, id, PM_UNKNOWN_OFFER, &row);
    if (code == CLI_DONE && !cli_json(cli, row)) {
        cli_sheet(cli->out, columns, row);
        cli_visits(cli, json_object_get(row, "visits"));
        cli_parts(cli, json_object_get(row, "parts"));
    }
    json_decref(row);
    return code;
}

/* ---- Yes ---- */

/* The conditions of a tender: ", subject to assessment by 2026-12-01, from 2026-12-03" */
static void write_conditions(FILE *out, const struct pm_tender *tender)
{
    char text[CLI_SHORT];
    if (tender->rate != 0)
        fprintf(out, " at %s", cli_money(tender->rate, text));
    if (tender->assess_by != 0)
        fprintf(out, ", subject to assessment by %s", pm_date_text(tender->assess_by, text));
    if (tender->start != 0)
        fprintf(out, ", from %s", pm_date_text(tender->start, text));
    if (tender->shift != 0)
        fprintf(out, ", %s %s",
                cli_minutes(tender->shift < 0 ? -(int64_t)tender->shift : tender->shift, text),
                tender->shift < 0 ? "earlier" : "later");
}

static char *conditions(const struct pm_tender *tender)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    write_conditions(out, tender);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* What a yes led to, in words; "" when it is not known. */
static const char *outcome(const char *state)
{
    if (strcmp(state, "tendered") == 0)
        return ": it stands, and is not awarded yet";
    if (strcmp(state, "lost") == 0)
        return ", but the award went to another";
    return strcmp(state, "won") == 0 || strcmp(state, "accepted") == 0 ? ": it is agreed" : "";
}

/* Others may have to answer first, or to decide, and the last answer may decide for another: so the
 * offer is looked at. An id that is not the offer's is the placement's. */
static void say_yes(struct cli *cli, const char *done, uint64_t offer, const json_t *result)
{
    json_t *row = cli_look_row(cli, PM_OFFERS, offer);
    const char *state = cli_string(row, "state");
    uint64_t id = (uint64_t)cli_integer(result, "id");
    bool won = strcmp(state, "won") == 0 && id != offer;
    if (won || strcmp(state, "accepted") == 0)
        cli_say(cli, "Offer %s %s: placement %llu is agreed.", cli->operand, done,
                (unsigned long long)id);
    else
        cli_say(cli, "Offer %s %s%s.", cli->operand, done, outcome(state));
    json_decref(row);
}

static void say_accepted(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    say_yes(cli, "accepted", command->answer.offer, result);
}

static enum cli_exit accept_offer(struct cli *cli)
{
    struct pm_command command = {.verb = PM_OFFER_ACCEPT};
    if (!cli_take_id(cli, &command.answer.offer))
        return CLI_USAGE;
    return cli_do(cli, &command, say_accepted);
}

static void say_tendered(struct cli *cli, const struct pm_command *command, const json_t *result)
{
    char *text = conditions(&command->tender);
    char *done = NULL;
    if (text != NULL && asprintf(&done, "tendered%s", text) >= 0) {
        say_yes(cli, done, command->tender.offer, result);
        free(done);
    }
    free(text);
}

static enum cli_exit tender(struct cli *cli)
{
    struct pm_command command = {.verb = PM_OFFER_TENDER};
    if (!cli_take_id(cli, &command.tender.offer) ||
        !cli_take_pounds(cli, "rate", &command.tender.rate) ||
        !cli_take_date(cli, "start", &command.tender.start) ||
        !cli_take_date(cli, "assess-by", &command.tender.assess_by) ||
        !cli_take_shift(cli, "shift", &command.tender.shift))
        return CLI_USAGE;
    return cli_do(cli, &command, say_tendered);
}

/* ---- No ---- */

static enum cli_exit decline(struct cli *cli)
{
    struct pm_command command = {.verb = PM_OFFER_DECLINE};
    if (!cli_take_id(cli, &command.answer.offer) ||
        !cli_take_name(cli, "code", pm_decline_code_name, &command.answer.code))
        return CLI_USAGE;
    return cli_do_saying(cli, &command, "Offer %s declined.", cli->operand);
}

/* ---- The tables ---- */

static const struct cli_option list_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only of this kind of care.", false},
    {"state", "STATE",
     "open, tendered, accepted, won, lost, declined, expired, withdrawn or stale.", false},
    CLI_LIST_OPTIONS,
    CLI_END,
};
static const struct cli_option no_options[] = {CLI_END};
static const struct cli_option decline_options[] = {CLI_DECLINE_CODE, CLI_END};
static const struct cli_option tender_options[] = {
    {"rate", "POUNDS", "Where rates are invited, yours, as 24.10; the service's unless said.",
     false},
    {"start", "DATE", "The first day on which care can be given.", false},
    {"assess-by", "DATE", "Only once the person has been assessed, which will be by then.", false},
    {"shift", "MINUTES", "Every visit so much later, or with a minus earlier, as -30.", false},
    CLI_END,
};

static const struct cli_command commands[] = {
    {"list", NULL, "Lists offers", list_options, list},
    {"show", "ID", "Shows one offer whole: visits, needs and dates", no_options, show},
    {"accept", "ID", "Accepts an offer: the placement is agreed, or the offer stands for an award",
     no_options, accept_offer},
    {"tender", "ID", "Accepts an offer on conditions, or at a rate; again, on others",
     tender_options, tender},
    {"decline", "ID", "Declines an offer: the next is asked", decline_options, decline},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_offer = {"offer", "Offers: what providers are asked", commands};
