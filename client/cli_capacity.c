/*
 * cli_capacity.c - placemat capacity: what pools have spare, as they say.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/cli_table.h"

#include <string.h>

/* ---- show: a line for each band of each pool ---- */

/* A band of a pool as one flat row; a new reference, NULL when out of memory. */
static json_t *flat_row(const json_t *pool, json_t *band, bool first)
{
    json_t *row = json_copy(band);
    if (row == NULL || !first)
        return row;
    static const char *const keys[] = {"pool",  "provider",    "location",     "mode",
                                       "as_of", "valid_until", "overcommitted"};
    for (size_t at = 0; at < sizeof keys / sizeof keys[0]; at++) {
        json_t *value = json_object_get(pool, keys[at]);
        if (value != NULL && !json_is_false(value))
            json_object_set(row, keys[at], value);
    }
    return row;
}

static void flatten(json_t *body)
{
    size_t at;
    size_t which;
    json_t *pool;
    json_t *band;
    json_t *rows = json_array();
    json_array_foreach(json_object_get(body, "rows"), at, pool)
    {
        json_array_foreach(json_object_get(pool, "bands"), which, band)
        {
            json_array_append_new(rows, flat_row(pool, band, which == 0));
        }
    }
    json_object_set_new(body, "rows", rows);
}

static enum cli_exit show(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"pool", "POOL", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"location", "LOCATION", CLI_PLAIN},
        {"mode", "MODE", CLI_PLAIN},
        {"name", "BAND", CLI_PLAIN},
        {"declared", "DECLARED", CLI_NUMBER},
        {"committed", "COMMITTED", CLI_NUMBER},
        {"held", "HELD", CLI_NUMBER},
        {"free", "FREE", CLI_NUMBER},
        {"as_of", "AS OF", CLI_TIME},
        {"valid_until", "VALID UNTIL", CLI_TIME},
        {"overcommitted", "OVERCOMMITTED", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_list list = {PM_CAPACITY, NULL, columns, flatten, "No pools."};
    return cli_list(cli, &list);
}

/* ---- set ---- */

struct amounts {
    struct cli_amount amount[PM_BANDS_MAX];
    uint8_t count;
};

static bool take_amounts(struct cli *cli, struct amounts *out)
{
    struct pm_text text[PM_BANDS_MAX];
    struct pm_client_error error;
    if (!cli_take_list(cli, "spare", text, PM_BANDS_MAX, &out->count))
        return false;
    for (unsigned at = 0; at < out->count; at++) {
        if (!cli_parse_amount(text[at], &out->amount[at], &error)) {
            cli_usage(cli, "--spare: %s", error.text);
            return false;
        }
    }
    return true;
}

/* The pool's row, to be released; NULL when there is none, or no answer, which *code tells and has
 * been said. */
static json_t *find_pool(struct cli *cli, enum cli_exit *code)
{
    json_t *body;
    size_t at;
    json_t *row;
    *code = cli_ask_list(cli, PM_CAPACITY, (struct pm_list){0}, &body);
    json_array_foreach(json_object_get(body, "rows"), at, row)
    {
        if (strcmp(cli_string(row, "pool"), cli->operand) == 0) {
            json_incref(row);
            json_decref(body);
            return row;
        }
    }
    json_decref(body);
    if (*code == CLI_DONE)
        *code = cli_fail(cli, CLI_REFUSED, pm_status_name(PM_UNKNOWN_POOL), "%s",
                         pm_status_sentence(PM_UNKNOWN_POOL));
    return NULL;
}

/* The bands' names, for people. */
static void list_bands(const json_t *bands, char *out, size_t size)
{
    size_t at;
    size_t used = 0;
    const json_t *band;
    out[0] = '\0';
    json_array_foreach(bands, at, band)
    {
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", at > 0 ? ", " : "",
                                     cli_string(band, "name"));
    }
}

/* What was said of a band; NULL when nothing was. */
static const struct cli_amount *find_amount(const struct amounts *amounts, const char *band)
{
    for (unsigned at = 0; at < amounts->count; at++) {
        if (pm_text_equal(amounts->amount[at].name, pm_text(band)))
            return &amounts->amount[at];
    }
    return NULL;
}

/* Puts the amounts into the order of the pool's bands: each must be there, once. */
static bool put_in_order(struct cli *cli, const struct amounts *amounts, const json_t *bands,
                         struct pm_capacity_set *capacity)
{
    char names[PM_BANDS_MAX * (PM_NAME_MAX + 3)];
    size_t at;
    const json_t *band;
    bool well = json_array_size(bands) == amounts->count;
    json_array_foreach(bands, at, band)
    {
        const struct cli_amount *amount = find_amount(amounts, cli_string(band, "name"));
        well = well && amount != NULL;
        if (well)
            capacity->spare[capacity->bands++] = amount->amount;
    }
    if (well)
        return true;
    list_bands(bands, names, sizeof names);
    cli_usage(cli, "--spare: give each of the pool's bands once: %s", names);
    return false;
}

static enum cli_exit set(struct cli *cli)
{
    struct amounts amounts;
    enum cli_exit code;
    json_t *result;
    struct pm_command command = {.verb = PM_CAPACITY_SET};
    struct pm_capacity_set *capacity = &command.capacity;
    *capacity = (struct pm_capacity_set){.pool = pm_text(cli->operand)};
    if (!take_amounts(cli, &amounts) || !cli_take_time(cli, "as-of", &capacity->as_of) ||
        !cli_take_time(cli, "valid-until", &capacity->valid_until))
        return CLI_USAGE;
    json_t *pool = find_pool(cli, &code);
    if (pool == NULL)
        return code;
    bool well = put_in_order(cli, &amounts, json_object_get(pool, "bands"), capacity);
    json_decref(pool);
    if (!well)
        return CLI_USAGE;
    code = cli_ask(cli, &command, &result);
    if (code == CLI_DONE && !cli_json(cli, result))
        cli_say(cli, "The capacity of %s is recorded.", cli->operand);
    json_decref(result);
    return code;
}

static const struct cli_option show_options[] = {
    {"provider", "NAME", "Only this provider's.", false},
    {"kind", "KIND", "Only pools of this kind.", false},
    CLI_LIST_OPTIONS,
    {NULL, NULL, NULL, false},
};
static const struct cli_option set_options[] = {
    {"spare", "BAND=N,...", "What is free now in each band: minutes a week (or 7h), or places.",
     true},
    {"as-of", "TIME", "When that was so, as \"2026-12-01 15:04\" in UTC; now unless said.", false},
    {"valid-until", "TIME", "Until when it holds; until the next statement unless said.", false},
    {NULL, NULL, NULL, false},
};

static const struct cli_command commands[] = {
    {"show", NULL, "Shows what pools have declared, committed, held and free", show_options, show},
    {"set", "POOL", "States what a pool has spare", set_options, set},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_capacity = {"capacity", "Capacity: what pools have spare", commands};
