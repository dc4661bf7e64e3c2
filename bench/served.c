/*
 * served.c: `placemat-bench served`: the daemon over sockets, every command durable before its
 * reply, beside a bare echo of the same messages.
 *
 * Daemon and echo are processes of their own. The same client code drives one, then the other, in
 * rounds, so that what the machine does meanwhile meets both. At the end the daemon is asked how
 * many packages live, killed, started again and asked once more: it must be as many as the client
 * was told.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "certificate.h"
#include "council.h"
#include "echo.h"
#include "served.h"

enum {
    OUTSTANDING_MAX = 64, /* requests of a connection: the protocol's */
    LOCALITIES = 4,
    SERVICES = 60, /* of a locality */
    SLIVER = 1000, /* one refused command in so many is too many */
};
#define WARM_UP_S 0.5

const char *const served_transport[] = {[IPC] = "ipc", [TCP] = "tcp", [TLS] = "tls"};

/* ---- Preparing ---- */

static struct load *connect_to(struct served_run *run, const struct process *process, bool filled)
{
    const struct served_options *options = run->options;
    return load_open(&(struct load_options){
        .url = process->load_url,
        .connections = (uint32_t)options->clients,
        .in_flight = (uint32_t)options->in_flight,
        .batch = (uint32_t)options->batch,
        .live = (uint32_t)options->packages,
        .filled = filled,
        .session = {.bytes = (const char *)run->session.key, .length = run->session.size},
        .council = run->council});
}

static bool start_daemon(struct served_run *run, struct process *process)
{
    const char *tls[] = {"--listen",  "tls+tcp://127.0.0.1:0", "--tls-cert", run->certificate,
                         "--tls-key", run->certificate,        NULL};
    enum transport transport = run->options->transport;
    return daemon_start(process, &(struct daemon_options){.directory = &run->directory,
                                                          .tcp = transport == TCP,
                                                          .more = transport == TLS ? tls : NULL,
                                                          .journal = run->options->journal,
                                                          .snapshot_every = UINT64_MAX});
}

static bool make_certificate(struct served_run *run)
{
    snprintf(run->certificate, sizeof run->certificate, "%s/certificate", run->directory.path);
    return run->options->transport != TLS || certificate_make(run->certificate);
}

/* The daemon with the market and its packages, and warm; how large its replies are. */
static bool prepare_served(struct served_run *run, size_t *reply_size)
{
    struct load_figures warm;
    if (!make_certificate(run) || !start_daemon(run, &run->served.process))
        return false;
    json_t *loaded = daemon_ask(&run->served.process, council_load(run->council));
    json_decref(loaded);
    if (loaded == NULL || !daemon_login(&run->served.process, &run->session) ||
        (run->served.load = connect_to(run, &run->served.process, false)) == NULL ||
        !load_fill(run->served.load) || !load_run(run->served.load, WARM_UP_S, &warm))
        return false;
    *reply_size = warm.messages > 0 ? (size_t)(warm.reply_bytes / warm.messages) : 0;
    load_clear_latency(run->served.load);
    return true;
}

static bool prepare_echo(struct served_run *run, size_t reply_size)
{
    char url[SERVED_PATH], batch[24], size[24];
    struct load_figures warm;
    static const char *const any[] = {[TCP] = "tcp://127.0.0.1:0", [TLS] = "tls+tcp://127.0.0.1:0"};
    enum transport transport = run->options->transport;
    snprintf(url, sizeof url, "ipc://%s/echo", run->directory.path);
    snprintf(batch, sizeof batch, "%" PRIu64, run->options->batch);
    snprintf(size, sizeof size, "%zu", reply_size);
    const char *argument[] = {"served",
                              "--batch",
                              batch,
                              "--echo-reply",
                              size,
                              "--echo-url",
                              transport == IPC ? url : any[transport],
                              transport == TLS ? "--echo-certificate" : NULL,
                              run->certificate,
                              NULL};
    if (!process_start(&run->echo.process, NULL, argument) ||
        (run->echo.load = connect_to(run, &run->echo.process, true)) == NULL ||
        !load_run(run->echo.load, WARM_UP_S, &warm))
        return false;
    load_clear_latency(run->echo.load);
    return true;
}

/* ---- Measuring ---- */

static uint64_t own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* Of all processors since the start, by the kernel's count; 0 when it cannot be read. */
static uint64_t machine_cpu_ns(void)
{
    uint64_t ticks[8] = {0}; /* user, nice, system, idle, waiting, irq, softirq, stolen */
    FILE *stat = fopen("/proc/stat", "re");
    if (stat == NULL)
        return 0;
    char line[256] = "", *at = line + strlen("cpu");
    if (fgets(line, sizeof line, stat) != NULL && strncmp(line, "cpu", 3) == 0) {
        for (int i = 0; i < 8; i++)
            ticks[i] = strtoull(at, &at, 10);
    }
    fclose(stat);
    uint64_t busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
    return busy * (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* So that it shows when a round is worse than those before. */
static void note_round(struct served_side *side, uint64_t round)
{
    static struct hist latency;
    load_latency(side->load, &latency);
    load_clear_latency(side->load);
    hist_merge(&side->latency, &latency);
    side->p99_ns[round] = hist_percentile(&latency, 0.99);
    side->resident[round] = process_resident(&side->process);
}

static bool do_side(struct served_side *side, uint64_t round, double seconds)
{
    struct load_figures figures;
    uint64_t server = process_cpu_ns(&side->process), client = own_cpu_ns();
    uint64_t machine = machine_cpu_ns();
    if (!load_run(side->load, seconds, &figures))
        return false;
    side->server_ns += process_cpu_ns(&side->process) - server;
    side->client_ns += own_cpu_ns() - client;
    side->machine_ns += machine_cpu_ns() - machine;
    side->rate[round] = (double)figures.messages / figures.seconds;
    side->messages += figures.messages;
    side->commands += figures.commands;
    side->busy += figures.busy;
    side->seconds += figures.seconds;
    note_round(side, round);
    return true;
}

static uint64_t member(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

/* Takes the daemon's counters: before the rounds, and, with `after`, what they grew by. */
static bool count_batches(struct served_run *run, bool after)
{
    json_t *stats = daemon_ask(&run->served.process, &(struct pm_command){.verb = PM_STATS});
    if (stats == NULL)
        return false;
    run->batches = member(stats, "batches") - (after ? run->batches : 0);
    run->entries = member(stats, "commands") - (after ? run->entries : 0);
    run->commit_us = member(stats, "commit_us");
    json_decref(stats);
    return true;
}

static bool measure(struct served_run *run)
{
    double seconds = (double)run->options->seconds;
    if (!count_batches(run, false))
        return false;
    for (uint64_t round = 0; round < run->options->rounds; round++) {
        if (!do_side(&run->served, round, seconds) || !do_side(&run->echo, round, seconds))
            return false;
        run->ratio[round] = run->served.rate[round] / run->echo.rate[round];
    }
    return count_batches(run, true);
}

/* ---- At half the rate ---- */

enum { TIMES = 22, TIMES_FROM_US = 16 }; /* of the daemon's histograms: see placemat.cddl */

/* How often commits have taken how long. */
static bool commit_times(struct served_run *run, int64_t counts[TIMES])
{
    json_t *stats = daemon_ask(&run->served.process, &(struct pm_command){.verb = PM_STATS});
    const json_t *times = json_object_get(stats, "commit_times");
    for (size_t i = 0; i < TIMES; i++)
        counts[i] = json_integer_value(json_array_get(times, i));
    json_decref(stats);
    return stats != NULL;
}

/* The microseconds that 99 of 100 commits in between did not exceed, rounded up to a power of two
 * times 16. */
static uint64_t p99_between(const int64_t before[TIMES], const int64_t after[TIMES])
{
    int64_t all = 0, seen = 0;
    for (size_t i = 0; i < TIMES; i++)
        all += after[i] - before[i];
    for (size_t i = 0; i < TIMES; i++) {
        seen += after[i] - before[i];
        if (seen * 100 >= all * 99)
            return (uint64_t)TIMES_FROM_US << i;
    }
    return 0;
}

static bool pace(struct served_side *side, double seconds, double rate)
{
    struct load_figures figures;
    load_clear_latency(side->load);
    if (!load_run_paced(side->load, seconds, rate, &figures))
        return false;
    side->paced_rate = (double)figures.messages / figures.seconds;
    load_latency(side->load, &side->paced);
    return true;
}

/* Open loop, both sides at half of what the daemon can do. */
static bool measure_half(struct served_run *run)
{
    enum { LONGER = 2 }; /* than a half of a round */
    double seconds = LONGER * (double)run->options->seconds;
    double rate = bench_median(run->served.rate, run->options->rounds) / 2;
    int64_t before[TIMES], after[TIMES];
    if (!commit_times(run, before) || !pace(&run->served, seconds, rate) ||
        !commit_times(run, after) || !pace(&run->echo, seconds, rate))
        return false;
    run->commit_p99_us = p99_between(before, after);
    return true;
}

/* ---- Checking ---- */

static bool check_live(struct served_run *run, const char *when)
{
    uint64_t expected = run->verbs.post - run->verbs.withdraw;
    if (!daemon_live(&run->served.process, &run->live))
        return false;
    if (run->live == expected)
        return true;
    fprintf(stderr, "placemat-bench: %s %" PRIu64 " packages live, of %" PRIu64 "\n", when,
            run->live, expected);
    return false;
}

/* Whether the daemon did what it said, and, where it keeps a journal, still knows after a kill. */
static bool check(struct served_run *run)
{
    load_totals(run->served.load, &run->total);
    load_count(run->served.load, &run->verbs);
    if (run->total.refused * SLIVER > run->total.commands) {
        fprintf(stderr, "placemat-bench: %" PRIu64 " of %" PRIu64 " commands were refused: %s\n",
                run->total.refused, run->total.commands, pm_status_name(run->total.status));
        return false;
    }
    if (run->total.refused == 0 && !check_live(run, "before the kill"))
        return false;
    if (run->total.refused > 0 || strcmp(run->options->journal, "sqlite") != 0)
        return true;
    load_close(run->served.load);
    run->served.load = NULL;
    process_kill(&run->served.process);
    return start_daemon(run, &run->served.process) && check_live(run, "after the kill");
}

/* ---- The benchmark ---- */

static bool do_all(struct served_run *run)
{
    struct council_options shape = {.seed = 1,
                                    .localities = LOCALITIES,
                                    .services_per_locality = SERVICES,
                                    .packages = (unsigned)run->options->packages};
    size_t reply_size;
    run->council = council_new(&shape);
    if (run->council == NULL) {
        fputs("placemat-bench: out of memory\n", stderr);
        return false;
    }
    return prepare_served(run, &reply_size) && prepare_echo(run, reply_size) && measure(run) &&
           (!run->options->half || measure_half(run)) && check(run);
}

static int run(const struct served_options *options)
{
    static struct served_run run;
    run.options = options;
    if (!directory_make(&run.directory, options->parent))
        return BENCH_FAILED;
    if (!run.directory.on_disk)
        fprintf(stderr,
                "placemat-bench: %s is memory, not disk: nothing is durable there; --dir "
                "says where else\n",
                run.directory.path);
    bool done = do_all(&run);
    load_close(run.served.load);
    load_close(run.echo.load);
    process_kill(&run.served.process);
    process_kill(&run.echo.process);
    directory_remove(&run.directory);
    council_free(run.council);
    return done ? served_report(&run) : BENCH_FAILED;
}

/* ---- Options ---- */

static const char help[] =
    "usage: placemat-bench served [OPTION]...\n\n"
    "Drives placematd, found beside this program, over sockets, and in turn a bare nng echo\n"
    "that answers requests of the same size with replies of the same size. Every command is\n"
    "durable before its reply. The mix, all of commands that change the state:\n"
    "  " SCRIPT_MIX ".\n\n"
    "  --transport ipc|tcp|tls\n"
    "                       over which socket (ipc); the echo over tls is by nng's own TLS\n"
    "  --batch N            commands of a request (1)\n"
    "  --clients C          connections (8)\n"
    "  --in-flight N        requests in flight over all of them, 64 on each at most (256)\n"
    "  --packages N         packages kept alive (10000)\n"
    "  --seconds S          of each half of a round (2)\n"
    "  --rounds R           of which the median counts (5)\n"
    "  --dir DIR            where the data goes meanwhile: on a disk (TMPDIR or /var/tmp)\n"
    "  --journal BACKEND    sqlite, or null to see what the journal costs (sqlite)\n"
    "  --half               then both at half the daemon's rate, in open loop: times from "
    "when\n"
    "                       each request was due (half_...)\n"
    "  --json               one object on the last line\n\n"
    "Fails when the daemon refuses commands, or does not have what it acknowledged: it is\n"
    "asked at the end, killed, started again and asked once more.\n";

static bool find_transport(const char *name, enum transport *out)
{
    for (int i = IPC; i <= TLS; i++) {
        *out = (enum transport)i;
        if (strcmp(name, served_transport[i]) == 0)
            return true;
    }
    fputs("placemat-bench: --transport takes ipc, tcp or tls\n", stderr);
    return false;
}

/* What only the options together show. */
static bool check_options(const struct served_options *options)
{
    if ((options->in_flight + options->clients - 1) / options->clients <= OUTSTANDING_MAX)
        return true;
    fprintf(stderr,
            "placemat-bench: a connection takes %d requests in flight: give more --clients\n",
            OUTSTANDING_MAX);
    return false;
}

int bench_served(int argc, char **argv)
{
    const char *transport = "ipc";
    struct served_options options = {.batch = 1,
                                     .clients = 8,
                                     .in_flight = 256,
                                     .packages = 10000,
                                     .seconds = 2,
                                     .rounds = 5,
                                     .journal = "sqlite"};
    const struct bench_option known[] = {
        {.name = "transport", .text = &transport},
        {.name = "batch", .number = &options.batch, .least = 1, .most = PM_COMMANDS_MAX},
        {.name = "clients", .number = &options.clients, .least = 1, .most = LOAD_CONNECTIONS_MAX},
        {.name = "in-flight", .number = &options.in_flight, .least = 1, .most = LOAD_IN_FLIGHT_MAX},
        {.name = "packages", .number = &options.packages, .least = 1, .most = 200000},
        {.name = "seconds", .number = &options.seconds, .least = 1, .most = 3600},
        {.name = "rounds", .number = &options.rounds, .least = 1, .most = SERVED_ROUNDS_MAX},
        {.name = "dir", .text = &options.parent},
        {.name = "journal", .text = &options.journal},
        {.name = "half", .flag = &options.half},
        {.name = "json", .flag = &options.json},
        {.name = "echo-reply", .number = &options.echo_reply, .least = 0, .most = 1 << 20},
        {.name = "echo-url", .text = &options.echo_url},
        {.name = "echo-certificate", .text = &options.echo_certificate},
    };
    int status;
    if (!bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status))
        return status;
    if (!find_transport(transport, &options.transport) || !check_options(&options))
        return BENCH_USAGE;
    if (options.echo_url != NULL)
        return echo_serve(options.echo_url, options.echo_certificate, (uint32_t)options.batch,
                          options.echo_reply);
    return run(&options);
}
