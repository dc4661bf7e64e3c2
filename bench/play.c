/* play.c: see play.h. */
#include "play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "council.h"

enum { MIX = 20, REFERENCE = 16, REQUEST = 250 /* commands */, LOCALITIES = 4, FIFO_LEAST = 64 };
enum { CLIENTS = 4 }; /* that take turns, and number their commands one by one as clients do */
static const uint8_t mix[MIX] = {
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_OFFER_DECLINE,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
    PM_PACKAGE_POST, PM_OFFER_ACCEPT, PM_OFFER_DECLINE, PM_PLACEMENT_END, PM_CAPACITY_SET,
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

/* Numbers first in, first out. */
struct fifo {
    uint64_t *number;
    size_t head, tail, size;
};

/* One of the markets, while what is to be done there is learnt. */
struct place {
    char name[PM_NAME_MAX + 1];
    struct fifo offers, placed;
};

struct play {
    struct play_options options;
    uint64_t fill; /* commands until the packages are live */
    struct council *council;
    struct pm_market rules; /* the council's, while they are loaded under another name */
    struct place *place;
    struct pm_core *core;
    struct record *record;
    struct made *request; /* REQUEST of them */
    uint64_t sequence, posts, refused;
    uint8_t digest[PM_DIGEST_SIZE];
};

static const int64_t START = 1735000000000; /* a time late in 2024 */

const struct pm_core *play_core(const struct play *play)
{
    return play->core;
}

uint64_t play_refused(const struct play *play)
{
    return play->refused;
}

static bool short_of_memory(void)
{
    fputs("placemat-bench: out of memory, or the market does not load\n", stderr);
    return false;
}

/* ---- Commands, from their records ---- */

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

/* Markets take turns, of a whole mix each. */
static struct place *place_of(const struct play *play, uint64_t n)
{
    return &play->place[n / MIX % play->options.markets];
}

/* Makes the n-th command, a tenth of a second after the one before. */
static void make(const struct play *play, uint64_t n, struct made *made)
{
    made->entry = (struct pm_entry){
        .time = START + 100 * (int64_t)(n + 1),
        .market = pm_text(place_of(play, n)->name),
        .actor = {.role = PM_BROKER, .name = {"bench", 5}},
        .client = 1 + n % CLIENTS,
        .number = 1 + n / CLIENTS,
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
    return true;
}

static struct pm_result apply(struct play *play, struct pm_entry *entry)
{
    entry->sequence = ++play->sequence;
    return pm_core_apply(play->core, entry);
}

/* ---- The first time: learns what each command is about ---- */

static bool is_empty(const struct fifo *fifo)
{
    return fifo->head == fifo->tail;
}

static void fifo_add(struct fifo *fifo, uint64_t number)
{
    if (fifo->tail == fifo->size) {
        fifo->size = fifo->size == 0 ? FIFO_LEAST : 2 * fifo->size;
        fifo->number = realloc(fifo->number, fifo->size * sizeof *fifo->number);
        if (fifo->number == NULL) {
            short_of_memory();
            exit(BENCH_FAILED);
        }
    }
    fifo->number[fifo->tail++] = number;
}

/* Markets have slots of the core in the order in which they were loaded. */
static void learn(struct play *play)
{
    size_t count;
    const struct pm_event *event = pm_core_events(play->core, &count);
    for (size_t i = 0; i < count; i++) {
        struct pm_event_record full;
        if (event[i].kind != PM_EVENT_OFFER_MADE && event[i].kind != PM_EVENT_PLACEMENT_AGREED)
            continue;
        struct place *place = &play->place[event[i].market - 1];
        pm_event_describe(play->core, &event[i], (uint32_t)i, &full);
        if (event[i].kind == PM_EVENT_OFFER_MADE)
            fifo_add(&place->offers, full.offer);
        else
            fifo_add(&place->placed, strtoull(full.reference.text + 1, NULL, 10));
    }
}

/* The next command of the mix; a post where there is nothing to answer or end. */
static struct record choose(struct play *play, uint64_t n, uint8_t verb)
{
    struct place *place = place_of(play, n);
    if ((verb == PM_OFFER_ACCEPT || verb == PM_OFFER_DECLINE) && !is_empty(&place->offers))
        return (struct record){place->offers.number[place->offers.head++], verb};
    if (verb == PM_PLACEMENT_END && !is_empty(&place->placed))
        return (struct record){place->placed.number[place->placed.head++], verb};
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
        if (n + PM_EXPECT_AHEAD < count)
            pm_core_expect(play->core, &play->request[n + PM_EXPECT_AHEAD].command);
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

uint64_t play_apply(struct play *play)
{
    return repeat(play, play->fill, play->options.commands);
}

void play_apply_timed(struct play *play, struct hist *out)
{
    for (uint64_t n = play->fill; n < play->fill + play->options.commands; n++) {
        make(play, n, play->request);
        uint64_t start = bench_now_ns();
        apply_request(play, 1);
        hist_add(out, bench_now_ns() - start);
    }
}

bool play_is_same(const struct play *play)
{
    uint8_t again[PM_DIGEST_SIZE];
    pm_core_digest(play->core, again);
    if (memcmp(play->digest, again, sizeof again) == 0)
        return true;
    fputs("placemat-bench: the same commands gave another state\n", stderr);
    return false;
}

/* ---- Beginning and end ---- */

static struct pm_core *open_core(const struct play_options *options)
{
    struct pm_limits limits = pm_limits_default;
    uint32_t localities = (uint32_t)options->markets * LOCALITIES;
    limits.markets = (uint32_t)options->markets;
    limits.services = limits.pools = limits.locations = limits.providers =
        (uint32_t)options->services * localities + 16;
    limits.packages = limits.placements = (uint32_t)options->packages * 2 + 1024;
    limits.offers = (uint32_t)options->packages * 8 + 4096;
    limits.waitlists = localities > limits.waitlists ? localities : limits.waitlists;
    return pm_core_open(&limits);
}

/* The council's market, under the place's name. */
static bool load(struct play *play, const struct place *place)
{
    struct pm_command command = *council_load(play->council);
    play->rules = *command.load.market;
    memcpy(play->rules.name.text, place->name, sizeof place->name);
    command.load.market = &play->rules;
    struct pm_entry entry = {
        .time = START, .actor = {.role = PM_BROKER, .name = {"bench", 5}}, .command = &command};
    return apply(play, &entry).status == PM_OK;
}

static bool begin(struct play *play)
{
    pm_core_close(play->core);
    play->sequence = 0;
    play->core = open_core(&play->options);
    bool good = play->core != NULL;
    for (uint64_t m = 0; good && m < play->options.markets; m++)
        good = load(play, &play->place[m]);
    return good || short_of_memory();
}

bool play_rewind(struct play *play)
{
    if (!begin(play))
        return false;
    repeat(play, 0, play->fill);
    return true;
}

static bool reserve(struct play *play)
{
    const struct play_options *options = &play->options;
    play->council = council_new(
        &(struct council_options){.seed = 1,
                                  .localities = LOCALITIES,
                                  .services_per_locality = (unsigned)options->services,
                                  .packages = (unsigned)(options->packages / options->markets),
                                  .room = (unsigned)options->room});
    play->place = calloc(options->markets, sizeof *play->place);
    play->record = calloc(play->fill + options->commands, sizeof *play->record);
    play->request = calloc(REQUEST, sizeof *play->request);
    for (uint64_t m = 0; play->place != NULL && m < options->markets; m++)
        snprintf(play->place[m].name, sizeof play->place[m].name, "council %" PRIu64, m);
    return (play->council != NULL && play->place != NULL && play->record != NULL &&
            play->request != NULL) ||
           short_of_memory();
}

struct play *play_new(const struct play_options *options)
{
    struct play *play = calloc(1, sizeof *play);
    if (play == NULL) {
        short_of_memory();
        return NULL;
    }
    play->options = *options;
    play->fill = options->packages * 2;
    if (!reserve(play) || !begin(play)) {
        play_free(play);
        return NULL;
    }
    record(play, 0, play->fill, true);
    record(play, play->fill, options->commands, false);
    pm_core_digest(play->core, play->digest);
    return play;
}

void play_free(struct play *play)
{
    if (play == NULL)
        return;
    for (uint64_t m = 0; play->place != NULL && m < play->options.markets; m++) {
        free(play->place[m].offers.number);
        free(play->place[m].placed.number);
    }
    pm_core_close(play->core);
    council_free(play->council);
    free(play->place);
    free(play->record);
    free(play->request);
    free(play);
}
