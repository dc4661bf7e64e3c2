/*
 * core.c: placemat-bench core: how many commands a second the matching core applies, on one thread
 * or on several, each with a core and markets of its own: a shard.
 *
 * Threads go through the runs together, so that each run is of all of them at once.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "hist.h"
#include "play.h"

/* Read by jemalloc; as the daemon has it. */
extern const char *malloc_conf;
const char *malloc_conf = "thp:always";

enum { RUNS = 5, THREADS_MAX = 64 };

struct options {
    uint64_t services, packages, commands, room, markets, threads;
    bool json;
};

static pthread_barrier_t together; /* of the shards' threads, before each run */

/* What one thread does. */
struct shard {
    pthread_t thread;
    struct play *play;
    double ns[RUNS];  /* that its commands took */
    struct hist each; /* of single commands */
    bool good;
};

/* Everything of a run; the last one times each command. */
static void run_once(struct shard *shard, unsigned run)
{
    shard->good = shard->good && play_rewind(shard->play);
    pthread_barrier_wait(&together);
    if (!shard->good)
        return;
    if (run < RUNS)
        shard->ns[run] = (double)play_apply(shard->play);
    else
        play_apply_timed(shard->play, &shard->each);
    shard->good = play_is_same(shard->play);
}

static void *run_all(void *context)
{
    struct shard *shard = context;
    for (unsigned run = 0; run <= RUNS; run++)
        run_once(shard, run);
    return NULL;
}

/* ---- The report ---- */

/* The state's digest, as far as it takes to tell that two builds did the same. */
static void digest_text(const struct pm_core *core, char out[17])
{
    uint8_t digest[PM_DIGEST_SIZE];
    pm_core_digest(core, digest);
    for (unsigned i = 0; i < 8; i++)
        snprintf(out + 2ul * i, 3, "%02x", digest[i]);
}

/* The median run: all threads' commands a second, each by its own time. */
static double rate(const struct options *options, const struct shard *shard)
{
    double rates[RUNS] = {0};
    for (unsigned run = 0; run < RUNS; run++)
        for (uint64_t t = 0; t < options->threads; t++)
            rates[run] += (double)options->commands * 1e9 / shard[t].ns[run];
    return bench_median(rates, RUNS);
}

/* Usage and digest are the first shard's. */
static json_t *report(const struct options *options, const struct shard *shard)
{
    char digest[17];
    static struct hist each;
    double commands_per_second = rate(options, shard);
    const struct pm_core *core = play_core(shard->play);
    struct pm_core_usage usage = pm_core_usage(core);
    uint64_t refused = 0;
    digest_text(core, digest);
    for (uint64_t t = 0; t < options->threads; t++) {
        hist_merge(&each, &shard[t].each);
        refused += play_refused(shard[t].play);
    }
    return json_pack(
        "{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}",
        "commands_per_second", commands_per_second, "ns_per_command",
        (double)options->threads * 1e9 / commands_per_second, "p50_ns",
        (json_int_t)hist_percentile(&each, 0.5), "p99_ns", (json_int_t)hist_percentile(&each, 0.99),
        "p999_ns", (json_int_t)hist_percentile(&each, 0.999), "max_ns", (json_int_t)each.max,
        "threads", (json_int_t)options->threads, "markets", (json_int_t)options->markets,
        "commands", (json_int_t)options->commands, "services_per_locality",
        (json_int_t)options->services, "live_packages", (json_int_t)options->packages,
        "packages_kept", (json_int_t)usage.packages, "waiting", (json_int_t)usage.waiting,
        "refused", (json_int_t)refused, "room", (json_int_t)options->room, "digest", digest, "mix",
        PLAY_MIX);
}

/* ---- The benchmark ---- */

static bool learn_all(const struct options *options, struct shard *shard)
{
    bool good = true;
    for (uint64_t t = 0; t < options->threads && good; t++) {
        shard[t].play = play_new(&(struct play_options){.markets = options->markets,
                                                        .services = options->services,
                                                        .packages = options->packages,
                                                        .commands = options->commands,
                                                        .room = options->room});
        good = shard[t].good = shard[t].play != NULL;
    }
    return good;
}

/* One thread is this one. */
static bool run_shards(const struct options *options, struct shard *shard)
{
    bool good = true;
    for (uint64_t t = 1; t < options->threads; t++)
        if (pthread_create(&shard[t].thread, NULL, run_all, &shard[t]) != 0) {
            fputs("placemat-bench core: cannot start a thread\n", stderr);
            exit(BENCH_FAILED); /* those started wait for the others for good */
        }
    run_all(&shard[0]);
    for (uint64_t t = 1; t < options->threads; t++)
        pthread_join(shard[t].thread, NULL);
    for (uint64_t t = 0; t < options->threads; t++)
        good = good && shard[t].good;
    return good;
}

static int run(const struct options *options)
{
    static struct shard shard[THREADS_MAX];
    pthread_barrier_init(&together, NULL, (unsigned)options->threads);
    bool good = learn_all(options, shard) && run_shards(options, shard);
    int status = good ? bench_report(report(options, shard), options->json) : BENCH_FAILED;
    for (uint64_t t = 0; t < options->threads; t++)
        play_free(shard[t].play);
    pthread_barrier_destroy(&together);
    return status;
}

static const char help[] =
    "usage: placemat-bench core [--services-per-locality N] [--packages N] [--commands N]\n"
    "                           [--room M] [--markets N] [--threads N] [--json]\n\n"
    "Applies commands to the core on one thread: 20 % posts, 20 % accepts, 25 % declines, 20 % "
    "ends of\n"
    "placements, 15 % statements of capacity, at N live packages in 4 localities. Median of 5 "
    "runs.\n"
    "p50_ns, p99_ns, p999_ns, max_ns: of single commands with what fell due before each, in "
    "one "
    "run\n"
    "more, two readings of the clock included.\n"
    "Capacity is a sixth more than the packages need, and M minutes (1200: the largest "
    "package) in\n"
    "each band of each pool; with less, more packages wait, and each that waits costs time.\n"
    "With --markets the packages are in so many markets, twenty commands in turn for each. With\n"
    "--threads so many threads do that at once, each with a core of its own, all of it: "
    "commands_per_second\n"
    "is of all together.\n";

int bench_core(int argc, char **argv)
{
    struct options options = {.services = 60,
                              .packages = 10000,
                              .commands = 1000000,
                              .room = 1200,
                              .markets = 1,
                              .threads = 1};
    const struct bench_option known[] = {
        {.name = "services-per-locality", .number = &options.services, .least = 1, .most = 1000000},
        {.name = "packages", .number = &options.packages, .least = 1, .most = 2000000},
        {.name = "commands", .number = &options.commands, .least = 1, .most = 100000000},
        {.name = "room", .number = &options.room, .least = 0, .most = 1000000},
        {.name = "markets", .number = &options.markets, .least = 1, .most = 10000},
        {.name = "threads", .number = &options.threads, .least = 1, .most = THREADS_MAX},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
