/*
 * cli_watch.c - placemat watch: events as they happen.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX = 60000 }; /* ms the daemon holds a watch at most */

/* A name as words: "offer_made" as "offer made". */
static void write_words(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        fputc(*name == '_' ? ' ' : *name, out);
}

/* "2024-12-24 15:04  offer made: X123, Fernglow Homecare, £24.10, until 2024-12-24 19:04" */
static void write_event(FILE *out, const json_t *event)
{
    static const char *const names[] = {"reference", "provider", "service",
                                        "pool",      "code",     "reason"};
    char text[CLI_SHORT];
    const char *parting = ": ";
    fprintf(out, "%s  ", cli_time(cli_integer(event, "time"), text));
    write_words(out, cli_string(event, "event"));
    for (size_t at = 0; at < sizeof names / sizeof names[0]; at++) {
        const char *name = cli_string(event, names[at]);
        if (name[0] == '\0')
            continue;
        fputs(parting, out);
        if (at < 4)
            fputs(name, out);
        else
            write_words(out, name);
        parting = ", ";
    }
    if (cli_integer(event, "rate") != 0)
        fprintf(out, "%s%s", parting, cli_money(cli_integer(event, "rate"), text));
    if (cli_integer(event, "deadline") != 0)
        fprintf(out, ", until %s", cli_time(cli_integer(event, "deadline"), text));
}

static void say_event(struct cli *cli, const json_t *event)
{
    char *line = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&line, &size);
    if (out == NULL)
        return;
    write_event(out, event);
    if (fclose(out) == 0)
        cli_say(cli, "%s", line);
    free(line);
}

/* With --follow every event is a document of its own. */
static void print_events(struct cli *cli, const json_t *body, bool follow)
{
    size_t at;
    const json_t *event;
    if (!follow && cli_json(cli, body))
        return;
    json_array_foreach(json_object_get(body, "events"), at, event)
    {
        if (!cli_json(cli, event))
            say_event(cli, event);
    }
}

static enum cli_exit watch(struct cli *cli)
{
    struct pm_command command = {.verb = PM_WATCH};
    struct pm_watch *watch = &command.watch;
    bool follow = cli_value(cli, "follow") != NULL;
    uint64_t limit = 0;
    *watch = (struct pm_watch){.wait = follow ? WAIT_MAX : 0};
    if (!cli_take_number(cli, "cursor", INT64_MAX, &watch->cursor) ||
        !cli_take_count(cli, "limit", PM_ROWS_MAX, &limit) ||
        !cli_take_duration(cli, "wait", &watch->wait))
        return CLI_USAGE;
    if (watch->wait > WAIT_MAX)
        return cli_usage(cli, "--wait: a minute at most");
    watch->limit = (uint32_t)limit;
    uint32_t wait = watch->wait;
    for (;;) {
        json_t *body;
        /* First a cursor, so that nothing is missed should the connection be lost while waiting. */
        watch->wait = follow && watch->cursor == 0 ? 0 : wait;
        enum cli_exit code = cli_ask(cli, &command, &body);
        if (code != CLI_DONE)
            return code;
        print_events(cli, body, follow);
        watch->cursor = (uint64_t)cli_integer(body, "cursor");
        json_decref(body);
        if (fflush(cli->out) != 0)
            return CLI_REFUSED;
        if (!follow && !cli->json)
            cli_say(cli, "Go on with --cursor %llu", (unsigned long long)watch->cursor);
        if (!follow)
            return CLI_DONE;
    }
}

static const struct cli_option options[] = {
    {"follow", NULL, "Go on until stopped; with --json a document a line, one for each event.",
     false},
    {"cursor", "N", "Begin after this cursor of an earlier watch; otherwise now.", false},
    {"wait", "S",
     "Seconds to wait for something to happen, 60 at most; 0 unless said or following.", false},
    {"limit", "N", "At most so many events at a time.", false},
    {NULL, NULL, NULL, false},
};

static const struct cli_command commands[] = {
    {NULL, NULL, "Shows what happens, as it happens", options, watch},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_watch = {"watch", "What happens, as it happens", commands};
