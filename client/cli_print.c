/*
 * cli_print.c - sentences, complaints and JSON documents. Names from outside never reach a terminal
 * raw.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <stdarg.h>
#include <stdlib.h>

bool cli_json(struct cli *cli, const json_t *value)
{
    if (!cli->json)
        return false;
    json_dumpf(value, cli->out, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    fputc('\n', cli->out);
    return true;
}

/* The text of a format, cleaned, to be freed; NULL when out of memory. */
__attribute__((format(printf, 1, 0))) static char *clean_text(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        return NULL;
    cli_clean(text);
    return text;
}

void cli_vsay(struct cli *cli, const char *format, va_list arguments)
{
    char *text = clean_text(format, arguments);
    if (text != NULL)
        fprintf(cli->out, "%s\n", text);
    free(text);
}

void cli_say(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    cli_vsay(cli, format, arguments);
    va_end(arguments);
}

enum cli_exit cli_usage(struct cli *cli, const char *format, ...)
{
    const char *noun = cli->noun != NULL ? cli->noun->name : NULL;
    const char *verb = cli->command != NULL ? cli->command->verb : NULL;
    va_list arguments;
    va_start(arguments, format);
    char *text = clean_text(format, arguments);
    va_end(arguments);
    fprintf(cli->err, "placemat: %s.\nTry: placemat%s%s%s%s --help\n",
            text != NULL ? text : "out of memory", noun != NULL ? " " : "",
            noun != NULL ? noun : "", verb != NULL ? " " : "", verb != NULL ? verb : "");
    free(text);
    return CLI_USAGE;
}

enum cli_exit cli_fail(struct cli *cli, enum cli_exit code, const char *status, const char *format,
                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = clean_text(format, arguments);
    va_end(arguments);
    const char *sentence = text != NULL ? text : "Out of memory.";
    json_t *document = json_pack("{s:s, s:s}", "status", status, "sentence", sentence);
    if (document != NULL)
        cli_json(cli, document);
    json_decref(document);
    fprintf(cli->err, "placemat: %s: %s\n", status, sentence);
    free(text);
    return code;
}

static void print_list(struct cli *cli, const struct cli_list *list, json_t *body)
{
    if (list->shape != NULL)
        list->shape(body);
    const json_t *rows = json_object_get(body, "rows");
    int64_t next = cli_integer(body, "next");
    if (json_array_size(rows) == 0)
        cli_say(cli, "%s", list->none);
    else
        cli_table(cli->out, list->columns, rows);
    if (next != 0)
        cli_say(cli, "There is more: --after %lld", (long long)next);
}

enum cli_exit cli_list(struct cli *cli, const struct cli_list *list)
{
    struct pm_list of = {.provider = cli_text(cli, "provider"), .kind = cli_text(cli, "kind")};
    json_t *body;
    if (list->state_name != NULL && !cli_take_state(cli, list->state_name, &of.state))
        return CLI_USAGE;
    enum cli_exit code = cli_ask_list(cli, list->verb, of, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        print_list(cli, list, body);
    json_decref(body);
    return code;
}

/* [days, earliest, latest, minutes, carers, critical] as one is typed; false when it is not that.
 */
static bool visit_text(const json_t *visit, char *out, size_t size)
{
    enum { FIELDS = 6 };
    char days[CLI_SHORT];
    json_int_t field[FIELDS];
    for (size_t at = 0; at < FIELDS; at++) {
        const json_t *value = json_array_get(visit, at);
        field[at] = json_integer_value(value);
        if (!json_is_integer(value) || field[at] < 0 || field[at] > 24 * 60)
            return false;
    }
    cli_days((unsigned)field[0], days);
    int used = snprintf(out, size, "%s %02d:%02d-%02d:%02d %dm", days, (int)field[1] / 60,
                        (int)field[1] % 60, (int)field[2] / 60, (int)field[2] % 60, (int)field[3]);
    if (field[4] > 1)
        used += snprintf(out + used, size - (size_t)used, " x%d", (int)field[4]);
    snprintf(out + used, size - (size_t)used, "%s", field[5] != 0 ? " critical" : "");
    return true;
}

void cli_visits(struct cli *cli, const json_t *visits)
{
    size_t at;
    const json_t *visit;
    char text[CLI_SHORT * 3];
    if (json_array_size(visits) > 0)
        fputs("\nVisits\n", cli->out);
    json_array_foreach(visits, at, visit)
    {
        if (visit_text(visit, text, sizeof text))
            fprintf(cli->out, "  %s\n", text);
    }
}

void cli_parts(struct cli *cli, const json_t *parts)
{
    size_t at;
    const json_t *part;
    json_array_foreach(parts, at, part)
    {
        const char *place = cli_string(part, "place_type");
        fprintf(cli->out, "\nTogether with another, for whom is needed%s%s\n",
                *place != '\0' ? ": a place of type " : ":", place);
        cli_visits(cli, json_object_get(part, "visits"));
    }
}

const char *cli_string(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

int64_t cli_integer(const json_t *map, const char *key)
{
    return json_integer_value(json_object_get(map, key));
}
