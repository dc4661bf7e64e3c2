/*
 * placements.c: placemat-bench placements: durable placements a second, each a package posted and
 * its offer accepted by the provider that was asked. Lanes each have a market of their own, in
 * which the broker posts, and the provider watches what it is asked and accepts, so many at a time,
 * one request after the other. One thread looks after all of them, so that what is measured is the
 * daemon and not threads that wait.
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
    LANES_MAX = 256,
    LOCALITIES = 4,         /* of each lane's market, */
    SERVICES = 60,          /* of each locality */
    ROOM = 500000000,       /* minutes a week of each pool: none is ever full */
    MOST_A_SECOND = 300000, /* packages */
    MOST = 8000000,         /* in all */
    CONNECTIONS = 2,
    WAIT_MS = 60000, /* of a watch */
    LAST_S = 60,     /* what is in flight when the time is over is waited for so long */
    LIMITS = 9,
    TEXT = 32,
};
#define SECOND_NS UINT64_C(1000000000)

struct options {
    uint64_t lanes, batch, seconds;
    const char *journal, *directory;
    bool json;
};

/* What a lane is at, and its request for. */
enum deed { LOAD, LISTEN, POST, WATCH, ACCEPT };

struct lane {
    char market[TEXT];
    struct pm_text provider;
    uint64_t cursor, placed, posted_ns;
    struct pm_command *accept; /* of offers that have been told of */
    size_t offers;
};

struct run {
    const struct options *options;
    const struct council *council;
    struct link *link;
    struct lane lane[LANES_MAX];
    struct hist taken; /* of each time round: from its posts until its acceptances are answered */
    uint64_t until_ns;
    bool broken;
    struct pm_command *post;
    char (*reference)[TEXT]; /* of the posts */
};

static const char help[] =
    "usage: placemat-bench placements [OPTION]...\n\n"
    "Posts packages to a daemon of its own and accepts the offers that come of them: 60 "
    "services\n"
    "a locality, 4 localities a lane. Three messages for so many placements: posts, a watch,\n"
    "acceptances.\n\n"
    "  --batch N    packages at a time (100); 1 is one command a message\n"
    "  --lanes N    lanes, each in a market of its own (16)\n"
    "  --seconds N  for how long (5)\n"
    "  --journal B  the daemon's: sqlite, memory or null (sqlite)\n"
    "  --dir DIR    where the daemon's directory is made (TMPDIR, or /var/tmp)\n"
    "  --json       one object on the last line\n\n"
    "placements_per_second: agreed and told, client included; durable: what is told "
    "survives.\n"
    "p50_us, p99_us: from sending posts until their acceptances are answered, of all that are "
    "posted at a time.\n";

static bool fails(struct run *run, const char *why)
{
    if (!run->broken)
        fprintf(stderr, "placemat-bench: placements: %s\n", why);
    run->broken = true;
    return false;
}

/* Packages that the daemon has room for. All that memory is taken before the clock starts, so no
 * more than may be needed. */
static uint64_t most(const struct options *options)
{
    uint64_t packages = options->seconds * MOST_A_SECOND;
    return packages < MOST ? packages : MOST;
}

/* ---- Requests of a lane ---- */

static struct pm_actor actor_of(const struct lane *lane, enum deed deed)
{
    static const struct pm_text bench = {"bench", 5};
    if (deed == LOAD || deed == POST)
        return (struct pm_actor){.role = deed == LOAD ? PM_OPERATOR : PM_BROKER, .name = bench};
    return (struct pm_actor){.role = PM_PROVIDER, .name = lane->provider};
}

static bool send(struct run *run, uint32_t at, enum deed deed, const struct pm_command *command,
                 size_t count)
{
    const struct lane *lane = &run->lane[at];
    struct link_call call = {
        .actor = actor_of(lane, deed), .market = pm_text(lane->market), .at = at, .deed = deed};
    return link_send(run->link, &call, command, (uint32_t)count) ||
           fails(run, "a request cannot be sent");
}

static bool watch(struct run *run, uint32_t at, enum deed deed)
{
    struct pm_command command = {.verb = PM_WATCH,
                                 .watch = {.cursor = run->lane[at].cursor,
                                           .wait = deed == WATCH ? WAIT_MS : 0,
                                           .limit = PM_ROWS_MAX}};
    return send(run, at, deed, &command, 1);
}

/* As many as are placed at a time; none when the time is over. */
static bool post(struct run *run, uint32_t at)
{
    uint64_t batch = run->options->batch, placed = run->lane[at].placed, now = bench_now_ns();
    if (now >= run->until_ns || (placed + batch) * run->options->lanes > most(run->options))
        return true;
    for (uint64_t i = 0; i < batch; i++) {
        snprintf(run->reference[i], TEXT, "n-%" PRIu64, placed + i);
        run->post[i] =
            council_post(run->council, (uint32_t)(placed + i), pm_text(run->reference[i]));
    }
    run->lane[at].posted_ns = now;
    return send(run, at, POST, run->post, batch);
}

/* The council's market under the lane's name, all of it one provider's: who accepts for all. */
static bool load_market(struct run *run, uint32_t at)
{
    struct lane *lane = &run->lane[at];
    struct pm_load load = council_load(run->council)->load;
    struct pm_market *rules = malloc(sizeof *rules);
    struct pm_command *supply = calloc(load.supplies, sizeof *supply);
    bool good = rules != NULL && supply != NULL;
    if (good) {
        *rules = *load.market;
        memset(&rules->name, 0, sizeof rules->name);
        snprintf(rules->name.text, sizeof rules->name.text, "%s", lane->market);
        memcpy(supply, load.supply, load.supplies * sizeof *supply);
        lane->provider = load.supply[0].provider.provider;
        for (uint32_t i = 0; i < load.supplies; i++)
            if (supply[i].verb == PM_LOCATION_PUT)
                supply[i].location.provider = lane->provider;
        load.market = rules;
        load.supply = supply;
        good = send(run, at, LOAD, &(struct pm_command){.verb = PM_MARKET_LOAD, .load = load}, 1);
    }
    free(rules);
    free(supply);
    return good || fails(run, "out of memory");
}

/* ---- Answers ---- */

/* Each offer made is to be accepted. */
static bool take_offers(struct run *run, struct lane *lane, const struct pm_reply *reply)
{
    struct pm_events events;
    struct pm_told_event told;
    if (!pm_events_begin(reply, 0, &events))
        return fails(run, "what a watch is answered is not read");
    while (pm_events_next(&events, &told)) {
        if (pm_text_equal(told.event, pm_text("offer_made")) && lane->offers < run->options->batch)
            lane->accept[lane->offers++] =
                (struct pm_command){.verb = PM_OFFER_ACCEPT, .answer = {.offer = told.offer}};
    }
    lane->cursor = events.cursor;
    return !events.malformed || fails(run, "an event is malformed");
}

/* Accepts what has been offered, once that is all; else listens on. */
static bool accept_offers(struct run *run, uint32_t at)
{
    struct lane *lane = &run->lane[at];
    if (lane->offers < run->options->batch)
        return watch(run, at, WATCH);
    lane->offers = 0;
    return send(run, at, ACCEPT, lane->accept, run->options->batch);
}

/* Is every result good? */
static bool is_good(struct run *run, const struct pm_reply *reply)
{
    for (size_t i = 0; i < pm_reply_count(reply); i++) {
        struct pm_result result = pm_reply_result(reply, i);
        if (result.status != PM_OK)
            return fails(run, pm_status_sentence(result.status));
    }
    return true;
}

static void take_answer(void *context, const struct link_call *call, const struct pm_reply *reply)
{
    struct run *run = context;
    struct lane *lane = &run->lane[call->at];
    if (run->broken || !is_good(run, reply))
        return;
    switch (call->deed) {
    case LOAD:
        watch(run, call->at, LISTEN);
        break;
    case LISTEN: /* only where to listen from */
        take_offers(run, lane, reply);
        break;
    case POST:
        watch(run, call->at, WATCH);
        break;
    case WATCH:
        if (take_offers(run, lane, reply))
            accept_offers(run, call->at);
        break;
    case ACCEPT:
        lane->placed += run->options->batch;
        hist_add(&run->taken, call->answered_ns - lane->posted_ns);
        post(run, call->at);
        break;
    }
}

static bool start_daemon(const struct options *options, const struct directory *directory,
                         struct process *daemon)
{
    static const char *const names[LIMITS] = {
        "--limit-markets", "--limit-providers",  "--limit-locations",
        "--limit-pools",   "--limit-services",   "--limit-packages",
        "--limit-offers",  "--limit-placements", "--limit-waitlists"};
    uint64_t services = options->lanes * LOCALITIES * SERVICES;
    const uint64_t limit[LIMITS] = {options->lanes, services,      services,
                                    services,       services,      most(options),
                                    most(options),  most(options), options->lanes * LOCALITIES};
    char text[LIMITS][TEXT];
    const char *more[2 * LIMITS + 2] = {NULL};
    for (size_t i = 0; i < LIMITS; i++) {
        snprintf(text[i], TEXT, "%" PRIu64, limit[i]);
        more[2 * i] = names[i];
        more[2 * i + 1] = text[i];
    }
    more[2 * LIMITS] = "--resident";
    return daemon_start(daemon, &(struct daemon_options){.directory = directory,
                                                         .journal = options->journal,
                                                         .snapshot_every = UINT64_MAX,
                                                         .more = more});
}

/* ---- The whole ---- */

/* Until nothing is in flight. */
static bool settle(struct run *run)
{
    uint64_t until = bench_now_ns() + (run->options->seconds + LAST_S) * SECOND_NS;
    while (link_in_flight(run->link) > 0 && !run->broken)
        if (bench_now_ns() > until || !link_wait(run->link, until))
            return fails(run, "a request is not answered");
    return !run->broken;
}

static bool make_lanes(struct run *run)
{
    uint64_t batch = run->options->batch;
    run->post = calloc(batch, sizeof *run->post);
    run->reference = calloc(batch, sizeof *run->reference);
    bool good = run->post != NULL && run->reference != NULL;
    for (uint32_t at = 0; good && at < run->options->lanes; at++) {
        struct lane *lane = &run->lane[at];
        snprintf(lane->market, TEXT, "lane-%" PRIu32, at);
        lane->accept = calloc(batch, sizeof *lane->accept);
        good = lane->accept != NULL;
    }
    return good || fails(run, "out of memory");
}

static void free_lanes(struct run *run)
{
    for (uint64_t at = 0; at < run->options->lanes; at++)
        free(run->lane[at].accept);
    free(run->post);
    free(run->reference);
}

/* Each lane does the same, and all of it until nothing is in flight. */
static bool all_lanes(struct run *run, bool (*begin)(struct run *, uint32_t))
{
    for (uint32_t at = 0; at < run->options->lanes; at++)
        if (!begin(run, at))
            return false;
    return settle(run);
}

static json_t *figures(const struct run *run, double seconds, bool durable)
{
    uint64_t placed = 0;
    for (uint64_t at = 0; at < run->options->lanes; at++)
        placed += run->lane[at].placed;
    return json_pack("{s:I,s:f,s:f,s:f,s:f,s:I,s:I,s:b}", "placements", (json_int_t)placed,
                     "seconds", seconds, "placements_per_second", (double)placed / seconds,
                     "p50_us", (double)hist_percentile(&run->taken, 0.5) / 1e3, "p99_us",
                     (double)hist_percentile(&run->taken, 0.99) / 1e3, "batch",
                     (json_int_t)run->options->batch, "lanes", (json_int_t)run->options->lanes,
                     "durable", durable);
}

static json_t *measure(struct run *run, bool durable)
{
    if (!make_lanes(run) || !all_lanes(run, load_market))
        return NULL;
    uint64_t from = bench_now_ns();
    run->until_ns = from + run->options->seconds * SECOND_NS;
    if (!all_lanes(run, post))
        return NULL;
    return figures(run, (double)(bench_now_ns() - from) / (double)SECOND_NS, durable);
}

static json_t *measure_on(struct run *run, const struct directory *directory)
{
    struct process daemon;
    json_t *out = NULL;
    if (start_daemon(run->options, directory, &daemon)) {
        run->link = link_open(&(struct link_options){.url = daemon.url,
                                                     .markets = run->options->lanes,
                                                     .connections = CONNECTIONS,
                                                     .answered = take_answer,
                                                     .context = run});
        bool durable = strcmp(run->options->journal, "sqlite") == 0 && directory->on_disk;
        out = run->link != NULL ? measure(run, durable) : NULL;
    }
    link_close(run->link); /* first: sockets that dial nobody are long in closing */
    process_kill(&daemon);
    free_lanes(run);
    return out;
}

static int run(const struct options *options)
{
    struct directory directory;
    struct council *council =
        council_new(&(struct council_options){.seed = 1,
                                              .localities = LOCALITIES,
                                              .services_per_locality = SERVICES,
                                              .packages = 1,
                                              .room = ROOM});
    if (council == NULL || !directory_make(&directory, options->directory)) {
        council_free(council);
        return BENCH_FAILED;
    }
    struct run run = {.options = options, .council = council};
    json_t *out = measure_on(&run, &directory);
    directory_remove(&directory);
    council_free(council);
    return out != NULL ? bench_report(out, options->json) : BENCH_FAILED;
}

int bench_placements(int argc, char **argv)
{
    struct options options = {.lanes = 16, .batch = 100, .seconds = 5, .journal = "sqlite"};
    const struct bench_option known[] = {
        {.name = "batch", .number = &options.batch, .least = 1, .most = PM_COMMANDS_MAX / 4},
        {.name = "lanes", .number = &options.lanes, .least = 1, .most = LANES_MAX},
        {.name = "seconds", .number = &options.seconds, .least = 1, .most = 3600},
        {.name = "journal", .text = &options.journal},
        {.name = "dir", .text = &options.directory},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
