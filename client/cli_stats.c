/*
 * cli_stats.c - placemat stats: the daemon's counters, once or as rates again and again.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PLACES = 22, FIRST_US = 16 }; /* of the times that the daemon counts: see placemat.cddl */

/* ---- Times ---- */

/* Microseconds below which a place of the counts lies, as "512 us", "4.1 ms", "2.1 s". */
static const char *below(size_t place, char out[CLI_SHORT])
{
    double us = FIRST_US * (double)(1u << place);
    if (place >= PLACES - 1)
        snprintf(out, CLI_SHORT, "more than 16 s");
    else if (us < 1000)
        snprintf(out, CLI_SHORT, "%.0f us", us);
    else if (us < 1000000)
        snprintf(out, CLI_SHORT, "%.1f ms", us / 1000);
    else
        snprintf(out, CLI_SHORT, "%.1f s", us / 1000000);
    return out;
}

static int64_t at(const json_t *counts, const json_t *before, size_t place)
{
    return json_integer_value(json_array_get(counts, place)) -
           json_integer_value(json_array_get(before, place));
}

static int64_t total(const json_t *counts, const json_t *before)
{
    int64_t sum = 0;
    for (size_t place = 0; place < PLACES; place++)
        sum += at(counts, before, place);
    return sum;
}

/* The time below which so many of 100 lie, of those counted since `before` (NULL: all); "-" when
 * there are none. */
static const char *percentile(const json_t *counts, const json_t *before, int hundredths,
                              char out[CLI_SHORT])
{
    int64_t rank = (total(counts, before) * hundredths + 99) / 100, seen = 0;
    snprintf(out, CLI_SHORT, "-");
    for (size_t place = 0; place < PLACES && rank > 0; place++) {
        seen += at(counts, before, place);
        if (seen >= rank)
            return below(place, out);
    }
    return out;
}

/* ---- Once ---- */

static void say_times(struct cli *cli, const char *key, const json_t *counts)
{
    char half[CLI_SHORT], most[CLI_SHORT], all[CLI_SHORT];
    if (total(counts, NULL) == 0)
        cli_say(cli, "%-16s none", key);
    else
        cli_say(cli, "%-16s half below %s, 99 of 100 below %s, all below %s", key,
                percentile(counts, NULL, 50, half), percentile(counts, NULL, 99, most),
                percentile(counts, NULL, 100, all));
}

static void say_ages(struct cli *cli, const char *key, const json_t *counts)
{
    static const char *const names[] = {"below 1 h", "1-4 h",     "4-24 h", "1-3 days",
                                        "3-7 days",  "1-2 weeks", "more"};
    char line[256] = "";
    size_t used = 0;
    for (size_t age = 0; age < sizeof names / sizeof *names; age++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s %lld", age ? ", " : "",
                                 names[age],
                                 (long long)json_integer_value(json_array_get(counts, age)));
    cli_say(cli, "%-16s %s", key, line);
}

static void say_member(struct cli *cli, const json_t *body, const char *key)
{
    const json_t *value = json_object_get(body, key);
    const struct cli_column column = {key, key, strcmp(key, "time") == 0 ? CLI_TIME : CLI_PLAIN};
    if (strcmp(key, "waiting_ages") == 0) {
        say_ages(cli, key, value);
    } else if (json_is_array(value)) {
        say_times(cli, key, value);
    } else {
        char *text = cli_cell(body, &column);
        if (text != NULL)
            cli_say(cli, "%-16s %s", key, text);
        free(text);
    }
}

static void say_once(struct cli *cli, json_t *body)
{
    const char *key;
    json_t *value;
    json_object_foreach(body, key, value)
    {
        say_member(cli, body, key);
    }
}

/* ---- Again and again ---- */

static double rate(const json_t *body, const json_t *before, const char *key, double seconds)
{
    return (double)(cli_integer(body, key) - cli_integer(before, key)) / seconds;
}

static void say_rates(struct cli *cli, const json_t *body, const json_t *before, double seconds)
{
    char half[CLI_SHORT], most[CLI_SHORT], commit[CLI_SHORT];
    const json_t *replies = json_object_get(body, "reply_times");
    const json_t *replies_before = json_object_get(before, "reply_times");
    cli_say(cli, "%10.1f %10.1f %9.1f %10s %10s %10s %6lld %8lld %8lld",
            rate(body, before, "commands", seconds), rate(body, before, "requests", seconds),
            rate(body, before, "refused", seconds), percentile(replies, replies_before, 50, half),
            percentile(replies, replies_before, 99, most),
            percentile(json_object_get(body, "commit_times"),
                       json_object_get(before, "commit_times"), 99, commit),
            (long long)cli_integer(body, "ring"), (long long)cli_integer(body, "watchers"),
            (long long)cli_integer(body, "waiting"));
}

static double steady(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_ms(uint32_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

static enum cli_exit follow(struct cli *cli, const struct pm_command *command, uint32_t every,
                            uint64_t times)
{
    json_t *before = NULL, *body;
    double then = 0;
    enum cli_exit code;
    if (!cli->json)
        cli_say(cli, "%10s %10s %9s %10s %10s %10s %6s %8s %8s", "commands/s", "requests/s",
                "refused/s", "reply 50%", "reply 99%", "commit 99%", "ring", "watchers", "waiting");
    /* A document is of all so far; a line is of what was since the one before. */
    for (uint64_t line = cli->json ? 1 : 0; (code = cli_ask(cli, command, &body)) == CLI_DONE;
         line++) {
        double now = steady();
        if (!cli_json(cli, body) && before != NULL)
            say_rates(cli, body, before, now - then);
        json_decref(before);
        before = body;
        then = now;
        if (fflush(cli->out) != 0 || (times != 0 && line == times))
            break;
        sleep_ms(every);
    }
    json_decref(before);
    return code;
}

static enum cli_exit stats(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_STATS};
    uint32_t every = 0;
    uint64_t times = 0;
    json_t *body;
    if (!cli_take_duration(cli, "every", &every) ||
        !cli_take_count(cli, "times", UINT32_MAX, &times))
        return CLI_USAGE;
    if (cli_value(cli, "every") != NULL && every == 0)
        return cli_usage(cli, "--every: more than 0");
    if (times != 0 && every == 0)
        return cli_usage(cli, "--times goes with --every");
    cli_any_market(cli);
    if (every != 0)
        return follow(cli, &command, every, times);
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        say_once(cli, body);
    json_decref(body);
    return code;
}

static const struct cli_option options[] = {
    {"every", "S", "Go on until stopped: what happened a second, in each so many seconds.", false},
    {"times", "N", "With --every: so many lines, then end.", false},
    {NULL, NULL, NULL, false},
};

static const struct cli_command commands[] = {
    {NULL, NULL, "Shows the daemon's counters", options, stats},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_stats = {"stats", "The daemon's counters", commands};
