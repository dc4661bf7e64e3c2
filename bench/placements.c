/*
 * placements.c: placemat-bench placements: durable placements a second, each a package posted and
 * its offer accepted by the provider that was asked. Lanes each have a market of their own and a
 * client of the library's, which posts, watches who was asked, and accepts, so many at a time.
 */
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "council.h"
#include "served_process.h"

enum {
    LANES_MAX = 256,
    LOCALITIES = 4,   /* of each lane's market, */
    SERVICES = 60,    /* of each locality */
    ROOM = 500000000, /* minutes a week of each pool: none is ever full */
    MOST = 8000000,   /* packages */
    CALL_MS = 60000,
    LIMITS = 9,
    TEXT = 32,
};

struct options {
    uint64_t lanes, batch, seconds;
    const char *journal, *directory;
    bool json;
};

struct lane {
    const struct options *options;
    const struct council *council;
    struct pm_client *client;
    char market[TEXT];
    struct pm_text provider;
    uint64_t cursor, placed, until_ns;
    struct pm_client_error error; /* empty: none */
    pthread_t thread;
    bool started;
};

static void usage(FILE *to)
{
    fputs(
        "usage: placemat-bench placements [OPTION]...\n\n"
        "Posts packages to a daemon of its own and accepts the offers that come of them: 60 "
        "services\n"
        "a locality, 4 localities a lane. Three messages for so many placements: posts, a watch,\n"
        "acceptances.\n\n"
        "  --batch N    packages at a time (100); 1 is one command a message\n"
        "  --lanes N    clients, each in a market of its own (16)\n"
        "  --seconds N  for how long (5)\n"
        "  --journal B  the daemon's: sqlite, memory or null (sqlite)\n"
        "  --dir DIR    where the daemon's directory is made (TMPDIR, or /var/tmp)\n"
        "  --json       one object on the last line\n\n"
        "placements_per_second: agreed and told, client included; durable: what is told "
        "survives.\n",
        to);
}

/* ---- A lane ---- */

static bool lane_fails(struct lane *lane, const char *why)
{
    if (lane->error.text[0] == '\0')
        snprintf(lane->error.text, sizeof lane->error.text, "%.200s", why);
    return false;
}

/* Sends; every result must be good. NULL when it is not. */
static struct pm_reply *call(struct lane *lane, const struct pm_command *command, size_t count)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    if (pm_client_call(lane->client, command, count, &reply, &error) != PM_CALL_DONE) {
        lane_fails(lane, error.text);
        return NULL;
    }
    unsigned status = pm_reply_status(reply);
    for (size_t i = 0; status == PM_OK && i < count; i++)
        status = pm_reply_result(reply, i).status;
    if (status == PM_OK)
        return reply;
    lane_fails(lane, pm_status_sentence(status));
    pm_reply_free(reply);
    return NULL;
}

static bool act(struct lane *lane, struct pm_actor actor, const struct pm_command *command,
                size_t count)
{
    pm_client_act_as(lane->client, actor);
    struct pm_reply *reply = call(lane, command, count);
    pm_reply_free(reply);
    return reply != NULL;
}

static struct pm_actor broker(void)
{
    return (struct pm_actor){.role = PM_BROKER, .name = {"bench", 5}};
}

static bool post(struct lane *lane, struct pm_command *command, char (*reference)[TEXT])
{
    for (uint64_t i = 0; i < lane->options->batch; i++) {
        snprintf(reference[i], TEXT, "n-%" PRIu64, lane->placed + i);
        command[i] =
            council_post(lane->council, (uint32_t)(lane->placed + i), pm_text(reference[i]));
    }
    return act(lane, broker(), command, lane->options->batch);
}

/* Watches from where the lane is; what the answer tells. NULL, with the lane's error, when it is
 * none. */
static struct pm_reply *watch(struct lane *lane, uint32_t wait, struct pm_events *events)
{
    struct pm_command command = {
        .verb = PM_WATCH, .watch = {.cursor = lane->cursor, .wait = wait, .limit = PM_ROWS_MAX}};
    struct pm_reply *reply = call(lane, &command, 1);
    if (reply != NULL && pm_events_begin(reply, 0, events)) {
        lane->cursor = events->cursor;
        return reply;
    }
    pm_reply_free(reply);
    lane_fails(lane, "what a watch is answered is not read");
    return NULL;
}

/* Makes acceptances of the offers that the events tell of; how many they are. */
static size_t take_offers(struct lane *lane, struct pm_command *command, size_t count)
{
    struct pm_events events;
    struct pm_told_event told;
    struct pm_reply *reply = watch(lane, CALL_MS, &events);
    if (reply == NULL)
        return count;
    while (pm_events_next(&events, &told)) {
        if (pm_text_equal(told.event, pm_text("offer_made")) && count < lane->options->batch)
            command[count++] =
                (struct pm_command){.verb = PM_OFFER_ACCEPT, .answer = {.offer = told.offer}};
    }
    if (events.malformed)
        lane_fails(lane, "an event is malformed");
    pm_reply_free(reply);
    return count;
}

static bool place(struct lane *lane, struct pm_command *command, char (*reference)[TEXT])
{
    const struct options *options = lane->options;
    pm_client_act_as(lane->client, broker());
    if (!post(lane, command, reference))
        return false;
    size_t offers = 0;
    while (offers < options->batch && lane->error.text[0] == '\0')
        offers = take_offers(lane, command, offers);
    struct pm_actor provider = {.role = PM_PROVIDER, .name = lane->provider};
    if (lane->error.text[0] != '\0' || !act(lane, provider, command, options->batch))
        return false;
    lane->placed += options->batch;
    return true;
}

static void *run_lane(void *argument)
{
    struct lane *lane = argument;
    uint64_t batch = lane->options->batch;
    struct pm_command *command = calloc(batch, sizeof *command);
    char(*reference)[TEXT] = calloc(batch, sizeof *reference);
    if (command == NULL || reference == NULL)
        lane_fails(lane, "out of memory");
    else
        while (bench_now_ns() < lane->until_ns &&
               (lane->placed + batch) * lane->options->lanes <= MOST &&
               place(lane, command, reference))
            continue;
    free(command);
    free(reference);
    return NULL;
}

/* ---- Markets ---- */

/* The council's market under the lane's name, all of it one provider's: who accepts for all. */
static bool load_market(struct lane *lane)
{
    struct pm_load load = council_load(lane->council)->load;
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
        good = act(lane, (struct pm_actor){.role = PM_OPERATOR, .name = {"bench", 5}},
                   &(struct pm_command){.verb = PM_MARKET_LOAD, .load = load}, 1);
    }
    free(rules);
    free(supply);
    return good ? true : lane_fails(lane, "out of memory");
}

static bool open_lane(struct lane *lane, const struct process *daemon)
{
    struct pm_client_options options = {
        .url = daemon->url, .market = lane->market, .timeout = CALL_MS, .resend = CALL_MS};
    if (pm_client_open(&options, &lane->client, &lane->error) != PM_CALL_DONE || !load_market(lane))
        return false;
    struct pm_events events;
    pm_client_act_as(lane->client, broker());
    struct pm_reply *reply = watch(lane, 0, &events);
    pm_reply_free(reply);
    return reply != NULL;
}

static bool start_daemon(const struct options *options, const struct directory *directory,
                         struct process *daemon)
{
    static const char *const names[LIMITS] = {
        "--limit-markets", "--limit-providers",  "--limit-locations",
        "--limit-pools",   "--limit-services",   "--limit-packages",
        "--limit-offers",  "--limit-placements", "--limit-waitlists"};
    uint64_t services = options->lanes * LOCALITIES * SERVICES;
    const uint64_t limit[LIMITS] = {options->lanes, services, services,
                                    services,       services, MOST,
                                    MOST,           MOST,     options->lanes * LOCALITIES};
    char text[LIMITS][TEXT];
    const char *more[2 * LIMITS + 1] = {NULL};
    for (size_t i = 0; i < LIMITS; i++) {
        snprintf(text[i], TEXT, "%" PRIu64, limit[i]);
        more[2 * i] = names[i];
        more[2 * i + 1] = text[i];
    }
    return daemon_start(daemon, &(struct daemon_options){.directory = directory,
                                                         .journal = options->journal,
                                                         .snapshot_every = UINT64_MAX,
                                                         .more = more});
}

/* ---- The whole ---- */

/* Runs all lanes at once; seconds that it took. Errors stay in the lanes. */
static double run_lanes(struct lane *lane, const struct options *options)
{
    uint64_t from = bench_now_ns(), until = from + options->seconds * 1000000000;
    for (uint64_t i = 0; i < options->lanes; i++) {
        lane[i].until_ns = until;
        lane[i].started = pthread_create(&lane[i].thread, NULL, run_lane, &lane[i]) == 0;
        if (!lane[i].started)
            lane_fails(&lane[i], "no thread can be started");
    }
    for (uint64_t i = 0; i < options->lanes; i++)
        if (lane[i].started)
            pthread_join(lane[i].thread, NULL);
    return (double)(bench_now_ns() - from) / 1e9;
}

static json_t *figures(const struct options *options, const struct lane *lane, double seconds,
                       bool durable)
{
    uint64_t placed = 0;
    for (uint64_t i = 0; i < options->lanes; i++) {
        placed += lane[i].placed;
        if (lane[i].error.text[0] != '\0') {
            fprintf(stderr, "placemat-bench: placements: %s\n", lane[i].error.text);
            return NULL;
        }
    }
    return json_pack("{s:I,s:f,s:f,s:I,s:I,s:b}", "placements", (json_int_t)placed, "seconds",
                     seconds, "placements_per_second", (double)placed / seconds, "batch",
                     (json_int_t)options->batch, "lanes", (json_int_t)options->lanes, "durable",
                     durable);
}

static json_t *measure(const struct options *options, const struct council *council,
                       const struct directory *directory)
{
    static struct lane lane[LANES_MAX];
    struct process daemon;
    bool good = start_daemon(options, directory, &daemon);
    for (uint64_t i = 0; good && i < options->lanes; i++) {
        lane[i] = (struct lane){.options = options, .council = council};
        snprintf(lane[i].market, TEXT, "lane-%u", (unsigned)i);
        good = open_lane(&lane[i], &daemon);
    }
    double seconds = good ? run_lanes(lane, options) : 1;
    bool durable = strcmp(options->journal, "sqlite") == 0 && directory->on_disk;
    json_t *out = good || lane[0].options != NULL ? figures(options, lane, seconds, durable) : NULL;
    for (uint64_t i = 0; i < options->lanes; i++)
        pm_client_close(lane[i].client);
    process_kill(&daemon);
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
    json_t *out = measure(options, council, &directory);
    directory_remove(&directory);
    council_free(council);
    return out != NULL ? bench_report(out, options->json) : BENCH_FAILED;
}

static const struct option long_options[] = {
    {"batch", required_argument, NULL, 'b'},   {"lanes", required_argument, NULL, 'l'},
    {"seconds", required_argument, NULL, 's'}, {"journal", required_argument, NULL, 'J'},
    {"dir", required_argument, NULL, 'd'},     {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};

static bool take_option(int option, struct options *out)
{
    switch (option) {
    case 'b':
        return bench_number("--batch", optarg, 1, PM_COMMANDS_MAX / 4, &out->batch);
    case 'l':
        return bench_number("--lanes", optarg, 1, LANES_MAX, &out->lanes);
    case 's':
        return bench_number("--seconds", optarg, 1, 3600, &out->seconds);
    case 'J':
        out->journal = optarg;
        return true;
    case 'd':
        out->directory = optarg;
        return true;
    case 'j':
        out->json = true;
        return true;
    default:
        return false;
    }
}

int bench_placements(int argc, char **argv)
{
    struct options options = {.lanes = 16, .batch = 100, .seconds = 5, .journal = "sqlite"};
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return BENCH_OK;
        }
        if (!take_option(option, &options))
            return BENCH_USAGE;
    }
    if (optind == argc)
        return run(&options);
    usage(stderr);
    return BENCH_USAGE;
}
