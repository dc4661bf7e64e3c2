/*
 * watchers.c: placemat-bench watchers: what it costs that many wait to be told. Each ward watches
 * its own packages, parked over a few hundred connections, while wards post: each post is told to
 * the one ward that it is of, which then waits again. All that was posted must have been told in
 * the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "council.h"
#include "hist.h"
#include "link.h"
#include "served_process.h"

enum {
    LOCALITIES = 4,
    SERVICES = 60,    /* of each locality */
    ROOM = 500000000, /* minutes a week of each pool: none is ever full */
    MOST = 4000000,   /* packages */
    IN_FLIGHT = 256,  /* posts */
    CONNECTIONS = 8,  /* for them */
    WAIT_MS = 60000,  /* of a watch */
    LAST_S = 60,      /* what has not been told is waited for so long */
    TEXT = 32,
};
#define SECOND_NS UINT64_C(1000000000)

struct options {
    uint64_t watchers, seconds;
    const char *journal, *directory;
    bool json;
};

enum deed { LOAD, WATCH, POST };

struct run {
    const struct options *options;
    const struct council *council;
    struct link *link;
    uint64_t *cursor; /* of each ward */
    uint64_t parked;  /* wards that have come to wait */
    uint64_t posted, answered, told;
    uint64_t until_ns; /* no post is sent after that */
    struct hist latency;
    bool broken; /* a sentence is on stderr */
};

static const char help[] =
    "usage: placemat-bench watchers [--watchers N] [--seconds S] [--journal B] [--dir DIR] "
    "[--json]\n\n"
    "Wards post packages, 256 in flight, while as many wards watch their own: each post is "
    "told to\n"
    "one of them, which then waits again.\n\n"
    "  --watchers N parked, each a ward, 48 on a connection (10000; 0: nobody watches)\n"
    "  --seconds S  (5)\n"
    "  --journal B  the daemon's: sqlite, memory or null (sqlite)\n"
    "  --dir DIR    where the daemon's directory is made (TMPDIR, or /var/tmp)\n"
    "  --json       one object on the last line\n\n"
    "bytes_a_watcher: what the daemon has resident more once they are parked, nng's part\n"
    "included. p50_us, p99_us, p999_us: from a post to its answer. told: posts that their "
    "wards\n"
    "heard of; the exit status is 1 unless that is all.\n";

static bool fails(struct run *run, const char *why)
{
    if (!run->broken)
        fprintf(stderr, "placemat-bench: watchers: %s\n", why);
    run->broken = true;
    return false;
}

/* ---- Wards ---- */

static uint64_t wards(const struct run *run)
{
    return run->options->watchers > 0 ? run->options->watchers : 1;
}

static bool send(struct run *run, enum deed deed, uint64_t ward, const struct pm_command *command)
{
    char name[TEXT];
    snprintf(name, sizeof name, "ward-%" PRIu64, ward);
    struct link_call call = {.actor = {deed == LOAD ? PM_OPERATOR : PM_HOSPITAL, pm_text(name)},
                             .market = pm_text("council"),
                             .at = (uint32_t)ward,
                             .parks = deed == WATCH,
                             .deed = deed,
                             .intended_ns = bench_now_ns()};
    return link_send(run->link, &call, command, 1) || fails(run, "a request cannot be sent");
}

static bool watch(struct run *run, uint64_t ward)
{
    struct pm_command command = {
        .verb = PM_WATCH,
        .watch = {.cursor = run->cursor[ward], .wait = WAIT_MS, .limit = PM_ROWS_MAX}};
    return send(run, WATCH, ward, &command);
}

static bool post(struct run *run)
{
    char reference[TEXT];
    if (run->posted == MOST || bench_now_ns() >= run->until_ns)
        return true;
    snprintf(reference, sizeof reference, "n-%" PRIu64, run->posted);
    struct pm_command command =
        council_post(run->council, (uint32_t)run->posted, pm_text(reference));
    return send(run, POST, run->posted++ % wards(run), &command);
}

/* ---- Answers ---- */

static bool take_told(struct run *run, uint64_t ward, const struct pm_reply *reply)
{
    struct pm_events events;
    struct pm_told_event event;
    if (!pm_events_begin(reply, 0, &events))
        return fails(run, "what a watch is answered is not read");
    while (pm_events_next(&events, &event))
        run->told += pm_text_equal(event.event, pm_text("package_posted"));
    run->cursor[ward] = events.cursor;
    return !events.malformed || fails(run, "an event is malformed");
}

/* The first answer, which comes at once, says where events stand. */
static bool take_watch(struct run *run, uint64_t ward, const struct pm_reply *reply)
{
    run->parked += run->cursor[ward] == 0;
    return take_told(run, ward, reply) && watch(run, ward);
}

static void take_answer(void *context, const struct link_call *call, const struct pm_reply *reply)
{
    struct run *run = context;
    unsigned status = pm_reply_result(reply, 0).status;
    if (status != PM_OK) {
        fails(run, pm_status_sentence(status));
        return;
    }
    if (call->deed == WATCH)
        take_watch(run, call->at, reply);
    if (call->deed != POST)
        return;
    run->answered++;
    hist_add(&run->latency, call->answered_ns - call->intended_ns);
    post(run);
}

/* ---- One run ---- */

/* Takes answers until so many are there. */
static bool wait_for(struct run *run, const uint64_t *count, uint64_t all, uint64_t seconds)
{
    uint64_t until = bench_now_ns() + seconds * SECOND_NS;
    while (*count < all && !run->broken) {
        if (bench_now_ns() >= until)
            return fails(run, "not all was told in time");
        if (!link_wait(run->link, bench_now_ns() + SECOND_NS / 10))
            return fails(run, "a request failed");
    }
    return !run->broken;
}

static bool load(struct run *run)
{
    if (!send(run, LOAD, 0, council_load(run->council)))
        return false;
    while (link_in_flight(run->link) > 0 && !run->broken)
        if (!link_wait(run->link, bench_now_ns() + SECOND_NS))
            return fails(run, "a request failed");
    return !run->broken;
}

static bool park_all(struct run *run)
{
    for (uint64_t ward = 0; ward < run->options->watchers; ward++) {
        if (!watch(run, ward))
            return false;
        if (ward % IN_FLIGHT == 0 && !wait_for(run, &run->parked, ward, LAST_S))
            return false;
    }
    if (!wait_for(run, &run->parked, run->options->watchers, LAST_S))
        return false;
    return link_wait(run->link, bench_now_ns() + SECOND_NS); /* they park anew */
}

static bool post_all(struct run *run, double *seconds)
{
    uint64_t from = bench_now_ns();
    run->until_ns = from + run->options->seconds * SECOND_NS;
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        if (!post(run))
            return false;
    while (run->answered < run->posted && !run->broken)
        if (!link_wait(run->link, bench_now_ns() + SECOND_NS))
            return fails(run, "a request failed");
    *seconds = (double)(bench_now_ns() - from) / (double)SECOND_NS;
    return wait_for(run, &run->told, run->options->watchers > 0 ? run->posted : 0, LAST_S);
}

static json_t *figures(const struct run *run, double seconds, uint64_t parked_bytes, bool durable)
{
    const struct hist *latency = &run->latency;
    double watchers = (double)run->options->watchers;
    return json_pack(
        "{s:I,s:f,s:I,s:I,s:f,s:f,s:f,s:f,s:b}", "watchers", (json_int_t)run->options->watchers,
        "bytes_a_watcher", watchers > 0 ? (double)parked_bytes / watchers : 0.0, "posts",
        (json_int_t)run->answered, "told", (json_int_t)run->told, "posts_per_second",
        (double)run->answered / seconds, "p50_us", (double)hist_percentile(latency, 0.5) / 1e3,
        "p99_us", (double)hist_percentile(latency, 0.99) / 1e3, "p999_us",
        (double)hist_percentile(latency, 0.999) / 1e3, "durable", durable);
}

static json_t *measure(struct run *run, const struct process *daemon, bool durable)
{
    double seconds = 1;
    if (!load(run))
        return NULL;
    uint64_t before = process_resident(daemon);
    if (!park_all(run))
        return NULL;
    uint64_t parked = process_resident(daemon);
    if (!post_all(run, &seconds))
        return NULL;
    return figures(run, seconds, parked > before ? parked - before : 0, durable);
}

static bool start_daemon(const struct options *options, const struct directory *directory,
                         struct process *daemon)
{
    char queue[TEXT], packages[TEXT];
    uint64_t places = 4096;
    while (places < 2 * (options->watchers + 1024)) /* all may come back at once */
        places *= 2;
    snprintf(queue, sizeof queue, "%" PRIu64, places);
    snprintf(packages, sizeof packages, "%d", MOST);
    const char *more[] = {"--limit-services",
                          "1000",
                          "--limit-packages",
                          packages,
                          "--limit-offers",
                          packages,
                          "--queue",
                          queue,
                          NULL};
    return daemon_start(daemon, &(struct daemon_options){.directory = directory,
                                                         .journal = options->journal,
                                                         .snapshot_every = UINT64_MAX,
                                                         .more = more});
}

static json_t *run_on(struct run *run, const struct directory *directory)
{
    struct process daemon;
    json_t *out = NULL;
    if (start_daemon(run->options, directory, &daemon)) {
        run->link = link_open(&(struct link_options){.url = daemon.url,
                                                     .markets = wards(run),
                                                     .connections = CONNECTIONS,
                                                     .answered = take_answer,
                                                     .context = run});
        bool durable = strcmp(run->options->journal, "sqlite") == 0 && directory->on_disk;
        out = run->link != NULL ? measure(run, &daemon, durable) : NULL;
    }
    link_close(run->link); /* first: a thousand sockets that dial nobody are long in closing */
    process_kill(&daemon);
    return out;
}

static json_t *run_with(const struct options *options, struct council *council)
{
    struct directory directory;
    struct run *run = calloc(1, sizeof *run);
    json_t *out = NULL;
    if (run == NULL)
        return NULL;
    run->options = options;
    run->council = council;
    run->cursor = calloc(wards(run), sizeof *run->cursor);
    if (run->cursor != NULL && directory_make(&directory, options->directory)) {
        out = run_on(run, &directory);
        directory_remove(&directory);
    }
    free(run->cursor);
    free(run);
    return out;
}

static int run_and_report(const struct options *options)
{
    struct council *council =
        council_new(&(struct council_options){.seed = 1,
                                              .localities = LOCALITIES,
                                              .services_per_locality = SERVICES,
                                              .packages = 1,
                                              .room = ROOM});
    json_t *out = council != NULL ? run_with(options, council) : NULL;
    council_free(council);
    return out != NULL ? bench_report(out, options->json) : BENCH_FAILED;
}

/* ---- Options ---- */

int bench_watchers(int argc, char **argv)
{
    struct options options = {.watchers = 10000, .seconds = 5, .journal = "sqlite"};
    const struct bench_option known[] = {
        {.name = "watchers", .number = &options.watchers, .least = 0, .most = 100000},
        {.name = "seconds", .number = &options.seconds, .least = 1, .most = 3600},
        {.name = "journal", .text = &options.journal},
        {.name = "dir", .text = &options.directory},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run_and_report(&options)
               : status;
}
