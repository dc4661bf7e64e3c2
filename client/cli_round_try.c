/*
 * cli_round_try.c - rounds that are tried and not run, and what is said of every round.
 */
#include "client/cli_round_try.h"

#include <inttypes.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

/* ---- What is said of every round ---- */

/* Packages and groups left without anybody, over all priorities; and the cost. */
static int64_t unplaced(const json_t *stages, const char *key)
{
    int64_t sum = 0;
    for (size_t stage = 0; stage + 1 < PM_ROUND_STAGES; stage++)
        sum += cli_integer(json_array_get(stages, stage), key);
    return sum;
}

static int64_t cost(const json_t *stages, const char *key)
{
    return cli_integer(json_array_get(stages, PM_ROUND_STAGES - 1), key);
}

static void say_stages(struct cli *cli, const json_t *stages)
{
    char money[CLI_SHORT], other[CLI_SHORT];
    bool optimal = true;
    for (size_t stage = 0; stage < PM_ROUND_STAGES; stage++)
        optimal &= json_is_true(json_object_get(json_array_get(stages, stage), "optimal"));
    cli_say(cli, "Cost: %s a week; nothing better than %s is possible%s.",
            cli_money(cost(stages, "value"), money), cli_money(cost(stages, "bound"), other),
            optimal ? ", and it is optimal" : "");
    cli_say(cli, "Left without anybody: %" PRId64 " (at least %" PRId64 ").",
            unplaced(stages, "value"), unplaced(stages, "bound"));
    cli_say(cli, "One at a time: %s a week, %" PRId64 " without anybody.",
            cli_money(cost(stages, "alone"), money), unplaced(stages, "alone"));
}

/* Hundredths of a penny as pence, which the table shows. */
static json_t *scarce_rows(const json_t *scarce)
{
    size_t at;
    json_t *row, *rows = json_deep_copy(scarce);
    json_array_foreach(rows, at, row)
    {
        int64_t price = cli_integer(row, "price");
        json_object_set_new(row, "pence",
                            json_sprintf("%" PRId64 ".%02d", price / 100, (int)(price % 100)));
    }
    return rows;
}

static void say_scarce(struct cli *cli, const json_t *scarce)
{
    static const struct cli_column columns[] = {
        {"locality", "SCARCE IN", CLI_PLAIN}, {"kind", "KIND", CLI_PLAIN},
        {"band", "BAND", CLI_PLAIN},          {"pence", "PENCE A UNIT", CLI_PLAIN},
        {"pool", "POOL", CLI_PLAIN},          {NULL, NULL, CLI_PLAIN},
    };
    json_t *rows = scarce_rows(scarce);
    cli_round_table(cli, columns, rows);
    json_decref(rows);
}

void cli_round_say(struct cli *cli, const json_t *round)
{
    const json_t *stages = json_object_get(round, "stages");
    if (stages == NULL)
        return;
    say_stages(cli, stages);
    say_scarce(cli, json_object_get(round, "scarce"));
}

void cli_round_table(struct cli *cli, const struct cli_column *columns, const json_t *rows)
{
    if (json_array_size(rows) > 0)
        cli_table(cli->out, columns, rows);
}

/* ---- Trying ---- */

/* What a terminal is told meanwhile. */
struct ticker {
    struct cli *cli;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool is_over, runs;
};

/* A line that is written over each second, and taken away. */
static void *tick(void *context)
{
    struct ticker *ticker = context;
    FILE *err = ticker->cli->err;
    struct timespec next;
    unsigned seconds = 0;
    clock_gettime(CLOCK_REALTIME, &next);
    pthread_mutex_lock(&ticker->lock);
    while (!ticker->is_over) {
        fprintf(err, "\rsolving: %u s", seconds++);
        (void)fflush(err);
        next.tv_sec++;
        pthread_cond_timedwait(&ticker->over, &ticker->lock, &next);
    }
    pthread_mutex_unlock(&ticker->lock);
    fputs("\r\033[K", err);
    return NULL;
}

static void start(struct ticker *ticker, struct cli *cli)
{
    *ticker = (struct ticker){.cli = cli};
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_cond_init(&ticker->over, NULL);
    int file = fileno(cli->err);
    ticker->runs = !cli->json && file >= 0 && isatty(file) &&
                   pthread_create(&ticker->thread, NULL, tick, ticker) == 0;
}

static void stop(struct ticker *ticker)
{
    pthread_mutex_lock(&ticker->lock);
    ticker->is_over = true;
    pthread_cond_signal(&ticker->over);
    pthread_mutex_unlock(&ticker->lock);
    if (ticker->runs)
        pthread_join(ticker->thread, NULL);
    pthread_cond_destroy(&ticker->over);
    pthread_mutex_destroy(&ticker->lock);
}

static void say_tried(struct cli *cli, const json_t *body)
{
    static const struct cli_column columns[] = {
        {"reference", "PACKAGE", CLI_PLAIN},
        {"referrer", "REFERRER", CLI_PLAIN},
        {"priority", "PRIORITY", CLI_NUMBER},
        {"service", "SERVICE", CLI_PLAIN},
        {"cost", "A WEEK", CLI_MONEY},
        {"alone", "ALONE", CLI_PLAIN},
        {"alone_cost", "A WEEK", CLI_MONEY},
        {"diagnosis", "WHY NOT", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const json_t *round = json_object_get(body, "round"), *rows = json_object_get(body, "rows");
    int64_t count = cli_integer(round, "count");
    if (count == 0) {
        cli_say(cli, "There are no packages to match. Nothing was done.");
        return;
    }
    cli_say(cli,
            "Of %" PRId64 " packages %" PRId64 " would be given a service, %" PRId64
            " would not. Nothing was done.",
            count, cli_integer(round, "placed"), cli_integer(round, "passed_on"));
    cli_round_say(cli, round);
    cli_round_table(cli, columns, rows);
    if ((int64_t)json_array_size(rows) < count)
        cli_say(cli, "These are the most urgent %zu.", json_array_size(rows));
}

enum cli_exit cli_round_try(struct cli *cli, const struct pm_round_try *tried)
{
    const struct pm_command command = {.verb = PM_ROUND_TRY, .tried = *tried};
    struct ticker ticker;
    json_t *body;
    start(&ticker, cli);
    enum cli_exit code = cli_ask(cli, &command, &body);
    stop(&ticker);
    if (code == CLI_DONE && !cli_json(cli, body))
        say_tried(cli, body);
    json_decref(body);
    return code;
}
