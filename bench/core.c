/*
 * core.c - placemat-bench core: how many commands a second the matching core applies, on one
 * thread.
 *
 * The mix, of twenty commands: 4 posts, 4 accepts, 5 declines, 4 ends of the oldest placement, 3
 * statements of capacity, at a steady number of live packages. It is first played once, to learn
 * which offers each command will be about; what is timed is the same commands applied to a second,
 * equal core. They lie decoded when the clock starts, as they do when the matcher takes a request
 * from its ring: the benchmark makes a request of them at a time, which is not timed, then applies
 * it, which is. The daemon's own `continue` commands are applied as the daemon would; their time
 * counts, they themselves do not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core/core.h"
#include "council.h"
#include "hist.h"

/* Read by jemalloc; as the daemon has it. */
extern const char *malloc_conf;
const char *malloc_conf = "thp:always";

enum { MIX = 20, RUNS = 5, REFERENCE = 16, REQUEST = 250 /* commands */ };
static const uint8_t mix[MIX] = {
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_OFFER_DECLINE,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
};

struct options {
    uint64_t services, packages, commands, room;
    bool json;
};

/* A command recorded: what it is about, as a number. */
struct record {
    uint64_t id; /* offer; number of the package or pool */
    uint64_t verb;
};

/* A command made from its record. */
struct made {
    struct pm_entry entry;
    struct pm_command command;
    char reference[REFERENCE];
};

/* Numbers first in, first out; room for all that are ever added. */
struct fifo {
    uint64_t *number;
    size_t head, tail;
};

struct play {
    const struct council *council;
    struct pm_core *core;
    struct record *record;
    struct made *request; /* REQUEST of them */
    struct fifo offers, placed;
    uint64_t sequence, continues, posts, refused;
};

static const int64_t START = 1735000000000; /* a time late in 2024 */

static struct pm_text reference(struct made *made, uint64_t package)
{
    made->reference[0] = 'P';
    for (unsigned digit = REFERENCE - 2; digit > 0; digit--, package /= 10)
        made->reference[digit] = (char)('0' + package % 10);
    return (struct pm_text){made->reference, REFERENCE - 1};
}

static void make_command(const struct council *council, const struct record *record, int64_t time,
                         struct made *made)
{
    made->command = (struct pm_command){.verb = (uint8_t)record->verb};
    switch (record->verb) {
    case PM_PACKAGE_POST:
        made->command = council_post(council, (uint32_t)record->id, reference(made, record->id));
        break;
    case PM_CAPACITY_SET:
        made->command = council_capacity(council, (uint32_t)record->id, time);
        break;
    case PM_PLACEMENT_END:
        made->command.id = (struct pm_package_id){.reference = reference(made, record->id),
                                                  .reason = PM_COMPLETED};
        break;
    default:
        made->command.answer = (struct pm_answer){.offer = record->id, .code = PM_TOO_FAR};
        break;
    }
}

/* Makes the n-th command, a tenth of a second after the one before. */
static void make(const struct play *play, uint64_t n, struct made *made)
{
    made->entry = (struct pm_entry){
        .time = START + 100 * (int64_t)(n + 1),
        .market = {"council", 7},
        .actor = {.role = PM_BROKER, .name = {"bench", 5}},
        .client = 1 + (n & 3),
        .number = n + 1,
        .hash = (n + 1) * 0x9e3779b97f4a7c15u,
        .command = &made->command,
    };
    make_command(play->council, &play->record[n], made->entry.time, made);
}

/* Does what has come due, as the daemon does. True when something was. */
static bool pass_time(struct play *play, int64_t time)
{
    static const struct pm_command go_on = {.verb = PM_CONTINUE};
    if (pm_core_next(play->core) >= time)
        return false;
    struct pm_entry entry = {.sequence = ++play->sequence, .time = time, .command = &go_on};
    pm_core_apply(play->core, &entry);
    play->continues++;
    return true;
}

static struct pm_result apply(struct play *play, struct pm_entry *entry)
{
    entry->sequence = ++play->sequence;
    return pm_core_apply(play->core, entry);
}

/* ---- The first time: learns what each command is about ---- */

static void learn(struct play *play)
{
    size_t count;
    const struct pm_event *event = pm_core_events(play->core, &count);
    for (size_t i = 0; i < count; i++) {
        struct pm_event_record full;
        if (event[i].kind != PM_EVENT_OFFER_MADE && event[i].kind != PM_EVENT_PLACEMENT_AGREED)
            continue;
        pm_event_describe(play->core, &event[i], (uint32_t)i, &full);
        if (event[i].kind == PM_EVENT_OFFER_MADE)
            play->offers.number[play->offers.tail++] = full.offer;
        else
            play->placed.number[play->placed.tail++] = strtoull(full.reference.text + 1, NULL, 10);
    }
}

static bool is_empty(const struct fifo *fifo)
{
    return fifo->head == fifo->tail;
}

/* The next command of the mix; a post where there is nothing to answer or end. */
static struct record choose(struct play *play, uint64_t n, uint8_t verb)
{
    if ((verb == PM_OFFER_ACCEPT || verb == PM_OFFER_DECLINE) && !is_empty(&play->offers))
        return (struct record){play->offers.number[play->offers.head++], verb};
    if (verb == PM_PLACEMENT_END && !is_empty(&play->placed))
        return (struct record){play->placed.number[play->placed.head++], verb};
    if (verb == PM_CAPACITY_SET)
        return (struct record){n, verb};
    return (struct record){play->posts++, PM_PACKAGE_POST};
}

/* Plays and records `count` commands from number `first` on. */
static void record(struct play *play, uint64_t first, uint64_t count, bool fill)
{
    struct made *made = play->request;
    for (uint64_t n = first; n < first + count; n++) {
        if (pass_time(play, START + 100 * (int64_t)(n + 1)))
            learn(play);
        uint8_t verb = fill ? (n % 2 == 0 ? PM_PACKAGE_POST : PM_OFFER_ACCEPT) : mix[n % MIX];
        play->record[n] = choose(play, n, verb);
        make(play, n, made);
        play->refused += apply(play, &made->entry).status != PM_OK && !fill;
        learn(play);
    }
}

/* ---- Again ---- */

static __attribute__((noinline)) void apply_request(struct play *play, uint64_t count)
{
    for (uint64_t n = 0; n < count; n++) {
        struct pm_entry *entry = &play->request[n].entry;
        pass_time(play, entry->time);
        apply(play, entry);
    }
}

/* Nanoseconds that `count` recorded commands from number `first` on took. */
static uint64_t repeat(struct play *play, uint64_t first, uint64_t count)
{
    uint64_t taken = 0;
    for (uint64_t n = first; n < first + count; n += REQUEST) {
        uint64_t some = first + count - n < REQUEST ? first + count - n : REQUEST;
        for (uint64_t i = 0; i < some; i++)
            make(play, n + i, &play->request[i]);
        uint64_t start = bench_now_ns();
        apply_request(play, some);
        taken += bench_now_ns() - start;
    }
    return taken;
}

/* The same, each command timed by itself, with what fell due before it. A clock is read in between,
 * so they take longer here. */
static void repeat_timed(struct play *play, uint64_t first, uint64_t count, struct hist *out)
{
    for (uint64_t n = first; n < first + count; n++) {
        make(play, n, play->request);
        uint64_t start = bench_now_ns();
        apply_request(play, 1);
        hist_add(out, bench_now_ns() - start);
    }
}

/* ---- The benchmark ---- */

static bool begin(struct play *play, const struct options *options)
{
    struct pm_limits limits = pm_limits_default;
    limits.services = limits.pools = limits.locations = limits.providers =
        (uint32_t)options->services * 4 + 16;
    limits.packages = limits.placements = (uint32_t)options->packages * 2 + 1024;
    limits.offers = (uint32_t)options->packages * 8 + 4096;
    limits.clients = 16;
    play->sequence = play->continues = 0;
    play->core = pm_core_open(&limits);
    if (play->core == NULL)
        return false;
    struct pm_entry load = {.time = START,
                            .actor = {.role = PM_BROKER, .name = {"bench", 5}},
                            .command = council_load(play->council)};
    return apply(play, &load).status == PM_OK;
}

/* The state's digest, as far as it takes to tell that two builds did the same. */
static void digest_text(const struct pm_core *core, char out[17])
{
    uint8_t digest[PM_DIGEST_SIZE];
    pm_core_digest(core, digest);
    for (unsigned i = 0; i < 8; i++)
        snprintf(out + 2ul * i, 3, "%02x", digest[i]);
}

static json_t *report(const struct options *options, const struct play *play, double seconds,
                      uint64_t fill, const struct hist *each)
{
    char digest[17];
    struct pm_core_usage usage = pm_core_usage(play->core);
    digest_text(play->core, digest);
    return json_pack(
        "{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}",
        "commands_per_second", (double)options->commands / seconds, "ns_per_command",
        seconds * 1e9 / (double)options->commands, "p50_ns", (json_int_t)hist_percentile(each, 0.5),
        "p99_ns", (json_int_t)hist_percentile(each, 0.99), "p999_ns",
        (json_int_t)hist_percentile(each, 0.999), "max_ns", (json_int_t)each->max, "commands",
        (json_int_t)options->commands, "services_per_locality", (json_int_t)options->services,
        "live_packages", (json_int_t)options->packages, "packages_kept", (json_int_t)usage.packages,
        "waiting", (json_int_t)usage.waiting, "refused", (json_int_t)play->refused, "room",
        (json_int_t)options->room, "first_filled_by", (json_int_t)fill, "digest", digest, "mix",
        "20% post, 20% accept, 25% decline, 20% end, 15% capacity");
}

static int run(const struct options *options)
{
    uint64_t fill = options->packages * 2, total = fill + options->commands;
    struct council_options shape = {.seed = 1,
                                    .localities = 4,
                                    .services_per_locality = (unsigned)options->services,
                                    .packages = (unsigned)options->packages,
                                    .room = (unsigned)options->room};
    struct play play = {.council = council_new(&shape)};
    play.record = calloc(total, sizeof *play.record);
    play.request = calloc(REQUEST, sizeof *play.request);
    play.offers.number = calloc(total * 8, sizeof(uint64_t));
    play.placed.number = calloc(total * 2, sizeof(uint64_t));
    if (play.council == NULL || play.record == NULL || play.request == NULL ||
        play.offers.number == NULL || play.placed.number == NULL || !begin(&play, options)) {
        /* The program ends: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        fputs("placemat-bench core: out of memory, or the market does not load\n", stderr);
        return BENCH_FAILED;
    }
    record(&play, 0, fill, true);
    record(&play, fill, options->commands, false);
    uint8_t first[PM_DIGEST_SIZE], again[PM_DIGEST_SIZE];
    pm_core_digest(play.core, first);
    double seconds[RUNS];
    static struct hist each;
    for (unsigned r = 0; r <= RUNS; r++) { /* the last one times each command */
        pm_core_close(play.core);
        if (!begin(&play, options))
            return BENCH_FAILED;
        repeat(&play, 0, fill);
        if (r < RUNS)
            seconds[r] = (double)repeat(&play, fill, options->commands) / 1e9;
        else
            repeat_timed(&play, fill, options->commands, &each);
        pm_core_digest(play.core, again);
        if (memcmp(first, again, sizeof first) != 0) {
            fputs("placemat-bench core: the same commands gave another state\n", stderr);
            return BENCH_FAILED;
        }
    }
    return bench_report(report(options, &play, bench_median(seconds, RUNS), fill, &each),
                        options->json);
}

static const char help[] =
    "usage: placemat-bench core [--services-per-locality N] [--packages N] [--commands N] "
    "[--room M] [--json]\n\n"
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
    "each band of each pool; with less, more packages wait, and each that waits costs time.\n";

int bench_core(int argc, char **argv)
{
    struct options options = {.services = 60, .packages = 10000, .commands = 1000000, .room = 1200};
    const struct bench_option known[] = {
        {.name = "services-per-locality", .number = &options.services, .least = 1, .most = 1000000},
        {.name = "packages", .number = &options.packages, .least = 1, .most = 2000000},
        {.name = "commands", .number = &options.commands, .least = 1, .most = 100000000},
        {.name = "room", .number = &options.room, .least = 0, .most = 1000000},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
