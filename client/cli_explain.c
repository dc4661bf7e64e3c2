/*
 * cli_explain.c - placemat explain: who was asked about a package, in what order, and why not the
 * others.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A name as words, in place: "cannot_meet_need" as "cannot meet need". */
static void write_words(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        fputc(*name == '_' ? ' ' : *name, out);
}

/* A number a filter compared, in the form its kind of number has; text as it is. */
static void write_figure(FILE *out, const json_t *value, const char *filter)
{
    char text[CLI_SHORT];
    int64_t number = json_integer_value(value);
    if (json_is_string(value))
        fputs(json_string_value(value), out);
    else if (strcmp(filter, "rate") == 0)
        fputs(cli_money(number, text), out);
    else
        fprintf(out, "%" PRId64, number);
}

/* What a filter's two numbers are called. */
static const char *needed_word(const char *filter)
{
    if (strcmp(filter, "rate") == 0)
        return "at most";
    return strcmp(filter, "quality") == 0 ? "at least" : "needs";
}

static const char *found_word(const char *filter)
{
    return strcmp(filter, "capacity") == 0 ? "free" : "has";
}

/* The daemon's sentence, but for money; without one "capacity: weekday morning: needs 420, free
 * 180". */
static void write_filter(FILE *out, const json_t *service)
{
    const char *filter = cli_string(service, "filter");
    const char *sentence = cli_string(service, "sentence");
    const char *band = cli_string(service, "band");
    const json_t *needed = json_object_get(service, "needed");
    const json_t *found = json_object_get(service, "found");
    if (sentence[0] != '\0' && strcmp(filter, "rate") != 0) {
        fputs(sentence, out);
        return;
    }
    write_words(out, filter);
    if (band[0] != '\0')
        fprintf(out, ": %s", band);
    if (needed != NULL) {
        fprintf(out, ": %s ", needed_word(filter));
        write_figure(out, needed, filter);
    }
    if (found != NULL) {
        fprintf(out, "%s %s ", needed != NULL ? "," : ":", found_word(filter));
        write_figure(out, found, filter);
    }
}

/* "declined: no capacity" */
static void write_outcome(FILE *out, const json_t *service)
{
    const char *code = cli_string(service, "code");
    write_words(out, cli_string(service, "outcome"));
    if (code[0] != '\0') {
        fputs(": ", out);
        write_words(out, code);
    }
}

/* Adds what write() makes of a service to it. */
static void add_text(json_t *service, const char *key, void (*write)(FILE *, const json_t *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return;
    write(out, service);
    if (fclose(out) == 0)
        json_object_set_new(service, key, json_string(text));
    free(text);
}

/* A service that a filter removed. */
static bool is_removed(const json_t *service)
{
    return cli_string(service, "filter")[0] != '\0';
}

/* Rows are in the daemon's order, which is by rank; the services with a rank come first. */
static json_t *choose(const json_t *services, bool removed)
{
    size_t at;
    json_t *service;
    json_t *rows = json_array();
    json_array_foreach(services, at, service)
    {
        if (is_removed(service) != removed)
            continue;
        add_text(service, "why", write_filter);
        add_text(service, "became", write_outcome);
        json_array_append(rows, service);
    }
    return rows;
}

/* Is the ladder still gone up? */
static bool is_on_ladder(const json_t *body)
{
    const char *state = cli_string(body, "state");
    return strcmp(state, "ended") != 0 && strcmp(state, "withdrawn") != 0 &&
           strcmp(state, "placed") != 0;
}

/* The daemon's own sentence, or else the state. */
static void print_sentence(struct cli *cli, const json_t *body)
{
    const char *reference = cli_string(body, "reference");
    const char *diagnosis = cli_string(body, "diagnosis");
    const char *where = cli_string(body, "step_where");
    if (diagnosis[0] != '\0')
        cli_say(cli, "%s: %s", reference[0] != '\0' ? reference : cli->operand, diagnosis);
    else
        cli_say(cli, "%s is %s.", reference[0] != '\0' ? reference : cli->operand,
                cli_string(body, "state"));
    if (cli_integer(body, "step") != 0 && is_on_ladder(body))
        cli_say(cli, "Step %lld of its ladder%s%s, pass %lld.",
                (long long)cli_integer(body, "step"), where[0] != '\0' ? ": " : "", where,
                (long long)cli_integer(body, "pass"));
}

static void print_services(struct cli *cli, const json_t *services)
{
    static const struct cli_column ranked[] = {
        {"rank", "RANK", CLI_NUMBER},
        {"service", "SERVICE", CLI_PLAIN},
        {"provider", "PROVIDER", CLI_PLAIN},
        {"rate", "RATE", CLI_MONEY},
        {"score", "SCORE", CLI_NUMBER},
        {"score_price", "OF PRICE", CLI_NUMBER},
        {"score_quality", "OF QUALITY", CLI_NUMBER},
        {"score_block", "OF BLOCK", CLI_NUMBER},
        {"score_continuity", "OF CONTINUITY", CLI_NUMBER},
        {"score_cluster", "OF CLUSTER", CLI_NUMBER},
        {"score_preference", "OF PREFERENCE", CLI_NUMBER},
        {"became", "OUTCOME", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_column removed[] = {
        {"service", "SERVICE", CLI_PLAIN}, {"provider", "PROVIDER", CLI_PLAIN},
        {"rate", "RATE", CLI_MONEY},       {"why", "REMOVED BY", CLI_PLAIN},
        {"became", "OUTCOME", CLI_PLAIN},  {NULL, NULL, CLI_PLAIN},
    };
    const struct {
        bool removed;
        const char *title;
        const struct cli_column *columns;
    } parts[] = {{false, "Who can take it, best first", ranked},
                 {true, "Who cannot, and why", removed}};
    for (size_t at = 0; at < 2; at++) {
        json_t *rows = choose(services, parts[at].removed);
        if (json_array_size(rows) > 0) {
            fprintf(cli->out, "\n%s\n", parts[at].title);
            cli_table(cli->out, parts[at].columns, rows);
        }
        json_decref(rows);
    }
}

/* What everybody gained by it: one may have got less for that. */
static void print_gained(struct cli *cli, const json_t *gained)
{
    char text[CLI_SHORT];
    int64_t placed = cli_integer(gained, "placed"), cost = cli_integer(gained, "cost");
    if (gained == NULL)
        return;
    fprintf(cli->out, "The whole round placed %" PRId64 " %s than one at a time, for ",
            placed < 0 ? -placed : placed, placed < 0 ? "less" : "more");
    if (cost == 0)
        fputs("the same cost.\n", cli->out);
    else
        fprintf(cli->out, "%s a week %s.\n", cli_money(cost < 0 ? -cost : cost, text),
                cost < 0 ? "more" : "less");
}

/* What a round did with it, and what it would have had by itself: the difference is for others'
 * sake, or theirs for its own. */
static void print_round(struct cli *cli, const json_t *round)
{
    char cost[CLI_SHORT], alone[CLI_SHORT];
    if (round == NULL)
        return;
    fprintf(cli->out, "In round %" PRId64 " it was ", cli_integer(round, "id"));
    write_words(cli->out, cli_string(round, "fate"));
    if (json_object_get(round, "service") != NULL)
        fprintf(cli->out, ": %s, %s a week", cli_string(round, "service"),
                cli_money(cli_integer(round, "cost"), cost));
    if (json_object_get(round, "alone") != NULL)
        fprintf(cli->out, "; matched alone it would have been given %s, %s a week",
                cli_string(round, "alone"), cli_money(cli_integer(round, "alone_cost"), alone));
    fputs(".\n", cli->out);
    print_gained(cli, json_object_get(round, "gained"));
}

static enum cli_exit explain(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_EXPLAIN, .id = cli_package_id(cli)};
    json_t *body;
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        print_sentence(cli, body);
        print_round(cli, json_object_get(body, "round"));
        print_services(cli, json_object_get(body, "services"));
    }
    json_decref(body);
    return code;
}

static const struct cli_option options[] = {
    CLI_REFERRER,
    CLI_END,
};

static const struct cli_command commands[] = {
    {NULL, "REF", "Says who was asked about a package, who will be, and why not the others",
     options, explain},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_explain = {
    "explain", "Who was asked about a package, and why not the others", commands};
