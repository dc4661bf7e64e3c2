/*
 * cli_round_prices.c - placemat round prices: what one unit more would have been worth at most,
 * from the prices that prove the bound of a round's cost.
 */
#include <stdlib.h>

#include "client/cli_round_file.h"
#include "client/cli_table.h"
#include "client/round_check.h"
#include "client/round_prices.h"

struct prices {
    const struct wire_problem *problem;
    const struct solver_stage *stage; /* of cost */
    struct priced *row;
    size_t rows;
};

/* ---- Rows ---- */

/* A scaled price in pence, to hundredths: as a number, or as text. */
static json_t *pence_value(const struct cli *cli, int64_t price, unsigned scale)
{
    int64_t hundredths = solver_hundredths(price, scale);
    if (cli->json)
        return json_real((double)hundredths / 100);
    return json_sprintf("%lld.%02d", (long long)(hundredths / 100), (int)(hundredths % 100));
}

static const char *unit_name(const struct wire_kind *kind)
{
    static const char *const names[] = {"unit", "minute", "place"};
    return names[kind != NULL ? kind->unit : 0];
}

static json_t *label_value(struct pm_text text, const char *what, uint32_t position)
{
    char label[WIRE_LABEL_MAX + 1];
    round_label(label, sizeof label, text, what, position);
    return json_string(label);
}

static json_t *price_row(const struct cli *cli, const struct prices *prices,
                         const struct priced *priced)
{
    const struct wire_problem *problem = prices->problem;
    const struct wire_kind *kind =
        problem->kinds > 0 ? &problem->kind[problem->pool_kind[priced->pool]] : NULL;
    bool named = kind != NULL && priced->band < kind->bands;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:o, s:i}", "locality",
        cli_round_text(problem->locality[priced->pool]), "kind",
        kind != NULL ? cli_round_text(kind->name) : json_string(""), "band",
        label_value(named ? kind->band[priced->band] : (struct pm_text){0}, "band", priced->band),
        "pence", pence_value(cli, priced->price, prices->stage->scale), "of", unit_name(kind),
        "pool", label_value(problem->pool[priced->pool], "pool", priced->pool), "free",
        (int)problem->problem.pool[priced->pool].band[priced->band]);
}

static json_t *price_rows(const struct cli *cli, const struct prices *prices)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < prices->rows; i++)
        json_array_append_new(rows, price_row(cli, prices, &prices->row[i]));
    return rows;
}

static json_t *cap_rows(const struct cli *cli, const struct prices *prices)
{
    const struct wire_problem *problem = prices->problem;
    json_t *rows = json_array();
    for (uint32_t i = 0; i < problem->problem.caps && prices->stage->cap_price != NULL; i++) {
        if (prices->stage->cap_price[i] > 0)
            json_array_append_new(
                rows, json_pack("{s:o, s:o, s:i}", "share_cap",
                                label_value(problem->cap[i], "share cap", i), "pence",
                                pence_value(cli, prices->stage->cap_price[i], prices->stage->scale),
                                "left", (int)problem->problem.cap[i]));
    }
    return rows;
}

static void print_tables(struct cli *cli, const json_t *prices, const json_t *caps)
{
    static const struct cli_column columns[] = {
        {"locality", "LOCALITY", CLI_PLAIN}, {"kind", "KIND", CLI_PLAIN},
        {"band", "BAND", CLI_PLAIN},         {"pence", "PENCE A WEEK", CLI_PLAIN},
        {"of", "FOR A", CLI_PLAIN},          {"free", "FREE", CLI_NUMBER},
        {"pool", "POOL", CLI_PLAIN},         {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_column cap_columns[] = {
        {"share_cap", "SHARE CAP", CLI_PLAIN},
        {"pence", "PENCE A WEEK", CLI_PLAIN},
        {"left", "LEFT", CLI_NUMBER},
        {NULL, NULL, CLI_PLAIN},
    };
    if (json_array_size(prices) > 0)
        cli_table(cli->out, columns, prices);
    else
        cli_say(cli, "More capacity would have been worth nothing, as far as the prices say.");
    if (json_array_size(caps) > 0) {
        fputc('\n', cli->out);
        cli_table(cli->out, cap_columns, caps);
    }
}

static enum cli_exit print_prices(struct cli *cli, const struct wire_certificate *certificate)
{
    struct round_check check;
    struct prices prices = {.problem = &certificate->problem,
                            .stage = &certificate->result.stage[SOLVER_COST]};
    if (!round_check(certificate, &check) || !round_prices(certificate, &prices.row, &prices.rows))
        return cli_round_failed(cli, "there is no memory for so much");
    if (check.fault[0] != '\0') {
        free(prices.row);
        return cli_fail(cli, CLI_REFUSED, "does_not_hold", "%s.", check.fault);
    }
    json_t *rows = price_rows(cli, &prices), *caps = cap_rows(cli, &prices);
    json_t *document =
        json_pack("{s:o, s:O, s:O}", "title", cli_round_text(certificate->problem.title), "prices",
                  rows, "share_caps", caps);
    if (!cli_json(cli, document))
        print_tables(cli, rows, caps);
    json_decref(document);
    json_decref(rows);
    json_decref(caps);
    free(prices.row);
    return CLI_DONE;
}

const struct cli_option cli_round_prices_options[] = {CLI_END};

enum cli_exit cli_round_prices(struct cli *cli)
{
    struct round_file file;
    enum cli_exit done = cli_round_read(cli, &file);
    if (done != CLI_DONE)
        return done;
    done = print_prices(cli, &file.certificate);
    round_file_free(&file);
    return done;
}
