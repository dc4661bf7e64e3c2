/*
 * restart.c: `placemat-bench restart`: how fast placematd serves again after a kill, from its
 * journal alone.
 *
 * The journal is made by the daemon itself, from the commands of the served benchmark, without
 * snapshots. What is timed is the whole start: from the exec until it says that it serves.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench.h"
#include "council.h"
#include "served_load.h"
#include "served_process.h"

enum { LOCALITIES = 4, SERVICES = 60, PACKAGES = 10000, BATCH = 1000, CLIENTS = 4, IN_FLIGHT = 32 };
enum { RUNS_MAX = 99 };
#define SLICE_S 0.1
#define SETTLE_NS 300000000 /* for what the last withdrawals leave to be done */

struct options {
    uint64_t commands, runs;
    const char *parent;
    bool json;
};

struct restart {
    const struct options *options;
    struct directory directory;
    struct council *council;
    struct process process;
    struct daemon_session session;
    struct load *load;
    json_t *digest; /* of the state that was killed, with its sequence */
    double seconds[RUNS_MAX], empty;
    uint64_t journal_bytes;
};

/* How long a start takes, in seconds; below 0 when it failed. */
static double start(struct restart *restart)
{
    uint64_t before = bench_now_ns();
    if (!daemon_start(&restart->process, &(struct daemon_options){.directory = &restart->directory,
                                                                  .journal = "sqlite",
                                                                  .snapshot_every = 0}))
        return -1;
    return (double)(bench_now_ns() - before) / 1e9;
}

static json_t *ask(struct restart *restart, uint8_t verb)
{
    return daemon_ask(&restart->process, &(struct pm_command){.verb = verb});
}

/* Has the daemon journal the commands. */
static bool make_journal(struct restart *restart)
{
    struct load_figures figures = {0};
    const struct daemon_session *session = &restart->session;
    restart->load = load_open(&(struct load_options){
        .url = restart->process.load_url,
        .connections = CLIENTS,
        .in_flight = IN_FLIGHT,
        .batch = BATCH,
        .live = PACKAGES,
        .session = {.bytes = (const char *)session->key, .length = session->size},
        .council = restart->council});
    if (restart->load == NULL || !load_fill(restart->load))
        return false;
    while (figures.commands < restart->options->commands) {
        if (!load_run(restart->load, SLICE_S, &figures))
            return false;
        load_totals(restart->load, &figures);
    }
    if (figures.refused > 0)
        fprintf(stderr, "placemat-bench: %" PRIu64 " commands were refused\n", figures.refused);
    return figures.refused == 0;
}

static uint64_t size_of(const struct restart *restart, const char *file)
{
    char path[SERVED_PATH];
    struct stat stat_of;
    snprintf(path, sizeof path, "%s/data/%s", restart->directory.path, file);
    return stat(path, &stat_of) == 0 ? (uint64_t)stat_of.st_size : 0;
}

static bool prepare(struct restart *restart)
{
    restart->empty = start(restart);
    if (restart->empty < 0)
        return false;
    json_t *loaded = daemon_ask(&restart->process, council_load(restart->council));
    json_decref(loaded);
    if (loaded == NULL || !daemon_login(&restart->process, &restart->session) ||
        !make_journal(restart))
        return false;
    bench_sleep_until(bench_now_ns() + SETTLE_NS);
    restart->digest = ask(restart, PM_DIGEST);
    load_close(restart->load);
    restart->load = NULL;
    process_kill(&restart->process);
    restart->journal_bytes = size_of(restart, "journal.db");
    return restart->digest != NULL;
}

/* One restart and kill. The first reads what the kill left in the log; then it is as after a stop.
 */
static bool time_one(struct restart *restart, double *seconds)
{
    *seconds = start(restart);
    if (*seconds < 0)
        return false;
    json_t *digest = ask(restart, PM_DIGEST);
    bool same = digest != NULL && json_equal(digest, restart->digest);
    if (digest != NULL && !same)
        fputs("placemat-bench: the state is another after the restart\n", stderr);
    json_decref(digest);
    process_kill(&restart->process);
    return same;
}

static int report(struct restart *restart)
{
    const struct options *options = restart->options;
    json_int_t entries = json_integer_value(json_object_get(restart->digest, "sequence"));
    double seconds = bench_median(restart->seconds, options->runs);
    json_t *result = json_pack("{s:f, s:f, s:f, s:I, s:b, s:I, s:I, s:s}", "commands_per_second",
                               (double)entries / seconds, "seconds", seconds, "empty_start_seconds",
                               restart->empty, "commands", entries, "same_digest", 1,
                               "journal_bytes", (json_int_t)restart->journal_bytes, "runs",
                               (json_int_t)options->runs, "mix", SCRIPT_MIX);
    return bench_report(result, options->json);
}

static bool do_all(struct restart *restart)
{
    bool done = restart->council != NULL && prepare(restart);
    for (uint64_t run = 0; run < restart->options->runs && done; run++)
        done = time_one(restart, &restart->seconds[run]);
    return done;
}

static int run(const struct options *options)
{
    static struct restart restart;
    struct council_options shape = {.seed = 1,
                                    .localities = LOCALITIES,
                                    .services_per_locality = SERVICES,
                                    .packages = PACKAGES};
    restart.options = options;
    if (!directory_make(&restart.directory, options->parent))
        return BENCH_FAILED;
    restart.council = council_new(&shape);
    int status = do_all(&restart) ? report(&restart) : BENCH_FAILED;
    load_close(restart.load);
    process_kill(&restart.process);
    directory_remove(&restart.directory);
    council_free(restart.council);
    json_decref(restart.digest);
    return status;
}

static const char help[] =
    "usage: placemat-bench restart [--commands N] [--runs R] [--dir DIR] [--json]\n\n"
    "Has placematd, found beside this program, journal N commands (2000000), kills it, and\n"
    "times its start from the journal alone until it serves: the median of R starts (3). The\n"
    "state must have the same digest. The journal's commands:\n"
    "  " SCRIPT_MIX ".\n\n"
    "The journal is in the page cache, as after a crash of the daemon, not of the machine.\n"
    "It is kept in DIR meanwhile (TMPDIR or /var/tmp).\n";

int bench_restart(int argc, char **argv)
{
    struct options options = {.commands = 2000000, .runs = 3};
    const struct bench_option known[] = {
        {.name = "commands", .number = &options.commands, .least = 1, .most = 1000000000},
        {.name = "runs", .number = &options.runs, .least = 1, .most = RUNS_MAX},
        {.name = "dir", .text = &options.parent},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
