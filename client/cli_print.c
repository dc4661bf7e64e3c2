/*
 * cli_print.c - sentences, complaints and JSON documents. Names from outside never reach a terminal raw.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <stdarg.h>
#include <stdlib.h>

bool cli_json(struct cli *cli, const json_t *value)
{
    if (!cli->json)
        return false;
    json_dumpf(value, cli->out, JSON_COMPACT | JSON_ENCODE_ANY);
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

void cli_say(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = clean_text(format, arguments);
    va_end(arguments);
    if (text != NULL)
        fprintf(cli->out, "%s\n", text);
    free(text);
}

enum cli_exit cli_usage(struct cli *cli, const char *format, ...)
{
    const char *noun = cli->noun != NULL ? cli->noun->name : NULL;
    const char *verb = cli->command != NULL ? cli->command->verb : NULL;
    va_list arguments;
    va_start(arguments, format);
    char *text = clean_text(format, arguments);
    va_end(arguments);
    fprintf(cli->err, "placemat: %s.\nTry: placemat%s%s%s%s --help\n", text != NULL ? text : "out of memory",
            noun != NULL ? " " : "", noun != NULL ? noun : "", verb != NULL ? " " : "",
            verb != NULL ? verb : "");
    free(text);
    return CLI_USAGE;
}

enum cli_exit cli_fail(struct cli *cli, enum cli_exit code, const char *status, const char *format, ...)
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

const char *cli_string(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

int64_t cli_integer(const json_t *map, const char *key)
{
    return json_integer_value(json_object_get(map, key));
}
