/*
 * matcher.c: see matcher.h.
 *
 * The loop takes a few requests at a time, works them off into the open batch, lets due work in
 * between, and publishes the batch; while the journal thread is busy with the other one, the next
 * turn takes it back and goes on filling it.
 */
#include "matcher.h"

#include "batch.h"
#include "clock.h"
#include "log.h"
#include "query.h"
#include "refusals.h"
#include "turns.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN_REQUESTS = 32,       /* done at a time */
    COMMANDS_PER_DUE = 32,    /* agenda work gets its turn at least so often, */
    DUE_PER_REQUEST = 4,      /* `continue`s before a request when deadlines have passed */
    DUE_PER_TURN = 16,        /* and after each turn */
    PIECES_PER_TURN = 2,      /* of what was found for a round */
    RESULTS_SIZE = 8 << 20,   /* bytes of a request's results */
    RESULTS_KEPT = 64 << 10,  /* of those, that queries leave for plain results: 1000 of 13 bytes */
    FAREWELL_ENTRIES = 50000, /* since the last snapshot, that make one worthwhile at the end */
    TIME_BITS = 53,           /* of a told time, as the core takes it */
};

struct matcher {
    struct matcher_options options;
    struct batch *batch;      /* being filled; NULL: published */
    uint64_t sequence;        /* of the last entry */
    int64_t time;             /* of the next entry */
    struct clock_watch clock; /* unless the clock is told */
    struct turns *turns;
    uint64_t snapshot_last;
    unsigned commands_since_due;
    struct request *turn[TURN_REQUESTS]; /* that are done in this one, in order */
    size_t count, at;                    /* of them; the one being done */
    struct wire_writer results, head;
    atomic_bool stopping;
    pthread_t thread;
};

/* ---- Time ---- */

static void tell_clock(const struct clock_watch *clock, enum clock_news news)
{
    if (news == CLOCK_JUMPED)
        log_error("the system's clock has jumped ahead by %" PRId64
                  " s, and is not believed: time goes on as before. If it is right, "
                  "`placemat clock accept`; if not, set it right",
                  clock->ahead / 1000);
    else if (news == CLOCK_BELIEVED_AGAIN)
        log_info("the system's clock is back where it was expected");
    else if (news == CLOCK_WENT_BACK)
        log_warn("the system's clock has gone back by %" PRId64
                 " s: time stands still until it has caught up",
                 (clock->time - clock->wall) / 1000);
}

/* The time never goes back, whatever the clock does; nor does it jump ahead unless it is told to.
 */
static void read_clock(struct matcher *matcher)
{
    if (matcher->options.manual_clock)
        return;
    tell_clock(&matcher->clock,
               clock_watch_read(&matcher->clock, clock_wall_ms(), clock_steady_ns()));
    matcher->time = matcher->clock.time;
    atomic_store_explicit(&matcher->options.stats->clock_ahead,
                          (uint64_t)(matcher->clock.ahead / 1000), memory_order_relaxed);
}

/* Has the core something to do by itself? A told clock leaves deadlines to the tick that passes
 * them. */
static bool is_due(const struct matcher *matcher)
{
    int64_t next = pm_core_next(matcher->options.core);
    return matcher->options.manual_clock ? next == INT64_MIN : next < matcher->time;
}

/* Nanoseconds until something becomes due by time alone. */
static uint64_t until_due(const struct matcher *matcher)
{
    int64_t next = pm_core_next(matcher->options.core);
    if (matcher->options.manual_clock || next == INT64_MAX)
        return DOORBELL_FOREVER;
    return next < matcher->time ? 0 : (uint64_t)(next - matcher->time + 1) * 1000000u;
}

/* ---- Applying ---- */

static void open_batch(struct matcher *matcher)
{
    if (!matcher->batch)
        matcher->batch = handover_open(matcher->options.handover);
}

static void publish(struct matcher *matcher)
{
    if (!matcher->batch || batch_empty(matcher->batch))
        return;
    handover_publish(matcher->options.handover, matcher->batch);
    matcher->batch = NULL;
}

/* Stamps an entry, journals it and applies it. */
static struct pm_result apply(struct matcher *matcher, struct pm_entry *entry)
{
    open_batch(matcher);
    if (batch_full(matcher->batch))
        matcher->batch = handover_exchange(matcher->options.handover, matcher->batch);
    entry->sequence = matcher->sequence + 1;
    entry->time = matcher->time;
    if (!batch_add_entry(matcher->batch, entry)) /* nothing has happened yet */
        return (struct pm_result){.status = PM_TOO_LARGE};
    matcher->sequence++;
    struct pm_result result = pm_core_apply(matcher->options.core, entry);
    batch_add_events(matcher->batch, matcher->options.core);
    stats_add(&matcher->options.stats->commands, 1);
    return result;
}

/* A command of the daemon's own, with a time. */
static void apply_own(struct matcher *matcher, enum pm_verb verb, int64_t time)
{
    struct pm_command command = {.verb = (uint8_t)verb, .tick = {.time = time}};
    struct pm_entry entry = {.actor = {.role = PM_DAEMON, .name = pm_text("placematd")},
                             .command = &command};
    apply(matcher, &entry);
}

/* One bounded step of the core's own work. */
static void apply_continue(struct matcher *matcher)
{
    apply_own(matcher, PM_CONTINUE, matcher->time);
}

static void work_due(struct matcher *matcher, int steps)
{
    while (steps-- > 0 && is_due(matcher))
        apply_continue(matcher);
}

/* A round that waits is given to be solved; what was found for one is applied. */
static void work_rounds(struct matcher *matcher)
{
    struct pm_command command;
    struct pm_entry entry = {.actor = {.role = PM_DAEMON, .name = pm_text("placematd")},
                             .command = &command};
    for (int i = 0; matcher->options.rounds && i < PIECES_PER_TURN &&
                    rounds_next(matcher->options.rounds, &command, &entry.market);
         i++) {
        uint16_t status = apply(matcher, &entry).status;
        if (status != PM_OK)
            log_error("round %" PRIu64 " is not applied: %s", command.apply.round,
                      pm_status_sentence(status));
    }
    if (matcher->options.rounds)
        rounds_begin(matcher->options.rounds, matcher->options.core);
}

/* Before a command: what was due before it comes first, as far as fairness allows. */
static void work_between(struct matcher *matcher)
{
    if (++matcher->commands_since_due < COMMANDS_PER_DUE)
        return;
    matcher->commands_since_due = 0;
    work_due(matcher, 1);
}

/* ---- Looking ahead ---- */

/* Takes whose turn it is. */
static void begin_turn(struct matcher *matcher)
{
    struct request *request;
    matcher->count = 0;
    while (matcher->count < TURN_REQUESTS && (request = turns_next(matcher->turns)) != NULL)
        matcher->turn[matcher->count++] = request;
}

/* Tells the core which command comes some after this one of the request being done: of that, or of
 * the turn's next. */
static void expect_after(struct matcher *matcher, uint32_t at)
{
    uint32_t next = at + PM_EXPECT_AHEAD;
    for (size_t i = matcher->at; i < matcher->count; i++) {
        const struct wire_request *wire = &matcher->turn[i]->wire;
        if (next < wire->count) {
            pm_core_expect(matcher->options.core, &wire->command[next]);
            return;
        }
        next -= wire->count;
    }
}

/* ---- Commands ---- */

/* tick: sets a told clock, and does one step of what became due. */
static uint16_t tick(struct matcher *matcher, const struct pm_command *command,
                     struct wire_writer *out)
{
    if (!matcher->options.manual_clock || command->tick.time < matcher->time ||
        command->tick.time >> TIME_BITS != 0)
        return PM_BAD_TIME;
    matcher->time = command->tick.time;
    apply_continue(matcher);
    wire_map(out, 2);
    wire_key(out, KEY_TIME);
    wire_int(out, matcher->time);
    wire_key(out, KEY_PENDING);
    wire_uint(out, pm_core_next(matcher->options.core) < matcher->time);
    return PM_OK;
}

/* clock.accept: the system's clock is right, though it has jumped; nobody could answer in time that
 * was left out. */
static uint16_t accept_clock(struct matcher *matcher, struct wire_writer *out)
{
    int64_t since = matcher->time;
    if (matcher->options.manual_clock || matcher->clock.ahead == 0)
        return PM_WRONG_STATE;
    clock_watch_accept(&matcher->clock, clock_wall_ms(), clock_steady_ns());
    matcher->time = matcher->clock.time;
    log_info("the system's clock has been accepted");
    apply_own(matcher, PM_OUTAGE, since);
    wire_map(out, 1);
    wire_key(out, KEY_TIME);
    wire_int(out, matcher->time);
    return PM_OK;
}

static uint16_t show_round(struct matcher *matcher, const struct pm_entry *entry,
                           const struct pm_command *command, struct wire_writer *out)
{
    uint16_t status = pm_core_query(matcher->options.core, entry, out);
    if (status == PM_OK && matcher->options.rounds)
        rounds_put_progress(matcher->options.rounds, command->matched.round, out);
    return status;
}

/* The core says whether there is such a round and who may see it; the file is the daemon's. */
static uint16_t answer_certificate(struct matcher *matcher, const struct pm_entry *entry,
                                   const struct pm_command *command, struct wire_writer *out)
{
    uint16_t status = pm_core_query(matcher->options.core, entry, out);
    if (status != PM_OK)
        return status;
    return matcher->options.rounds
               ? rounds_certificate(matcher->options.rounds, &command->matched, out)
               : PM_UNKNOWN_ROUND;
}

static uint16_t answer_body(struct matcher *matcher, const struct pm_entry *entry,
                            const struct pm_command *command, struct wire_writer *out)
{
    switch (command->verb) {
    case PM_TICK:
        return tick(matcher, command, out);
    case PM_CLOCK_ACCEPT:
        return accept_clock(matcher, out);
    case PM_STATS:
        query_stats(matcher->options.core, matcher->options.metrics, matcher->time, out);
        return PM_OK;
    case PM_DIGEST:
        query_digest(matcher->options.core, out);
        return PM_OK;
    case PM_ROUND_SHOW:
        return show_round(matcher, entry, command, out);
    case PM_ROUND_CERTIFICATE:
        return answer_certificate(matcher, entry, command, out);
    default:
        return pm_core_query(matcher->options.core, entry, out);
    }
}

/* Appends [PM_OK, body], or [status]. */
static void answer(struct matcher *matcher, const struct pm_entry *entry,
                   const struct pm_command *command)
{
    struct wire_writer *out = &matcher->results;
    size_t before = out->used;
    out->size = RESULTS_SIZE - RESULTS_KEPT;
    wire_array(out, 2);
    wire_uint(out, PM_OK);
    uint16_t status = answer_body(matcher, entry, command, out);
    if (out->overflow)
        status = PM_TOO_LARGE;
    out->size = RESULTS_SIZE;
    if (status == PM_OK)
        return;
    out->used = before;
    out->overflow = false;
    wire_reply_result(out, (struct pm_result){.status = status});
}

static void do_command(struct matcher *matcher, const struct wire_request *wire, uint32_t at)
{
    struct pm_command *command = &wire->command[at];
    struct pm_entry entry = {.sequence = matcher->sequence,
                             .time = matcher->time,
                             .market = wire->market,
                             .actor = wire->actor,
                             .client = wire->client,
                             .number = wire->first_number + at,
                             .hash = wire->sent[at].hash,
                             .command = command,
                             .sent = wire->sent[at].piece};
    expect_after(matcher, at);
    if (command->verb >= PM_QUERY_FIRST || command->verb == PM_TICK) {
        answer(matcher, &entry, command);
        return;
    }
    work_between(matcher);
    pm_core_resolve(matcher->options.core, wire->market, command);
    struct pm_result result = apply(matcher, &entry);
    if (result.status != PM_OK)
        refusals_of_command(matcher->options.stats, result.status, &entry);
    wire_reply_result(&matcher->results, result);
}

/* ---- Requests ---- */

/* What it says was so at that sequence. */
static void finish_at(struct matcher *matcher, struct request *request, uint64_t sequence)
{
    matcher->head.used = 0;
    wire_reply_begin(&matcher->head, sequence, request->wire.count);
    assert(!matcher->head.overflow && !matcher->results.overflow);
    /* Out of memory leaves it empty, which is no reply: the client sends again. */
    request_set_reply(request->message, &matcher->head, &matcher->results);
    open_batch(matcher);
    batch_add_request(matcher->batch, request);
}

static void finish(struct matcher *matcher, struct request *request)
{
    finish_at(matcher, request, matcher->sequence);
}

/* The request's one command came to nothing but this. */
static void finish_with(struct matcher *matcher, struct request *request, uint16_t status)
{
    matcher->results.used = 0;
    wire_reply_result(&matcher->results, (struct pm_result){.status = status});
    finish(matcher, request);
}

/* A watch is the journal thread's, after what is committed with it. True when it is one that can
 * wait. */
static bool pass_watch(struct matcher *matcher, struct request *request)
{
    request->watch = request->wire.command[0].verb == PM_WATCH &&
                     pm_core_has_market(matcher->options.core, request->wire.market);
    if (!request->watch)
        return false;
    open_batch(matcher);
    batch_add_request(matcher->batch, request);
    return true;
}

/* A round that may be tried is parked until it is solved. */
static void do_try(struct matcher *matcher, struct request *request)
{
    const struct pm_command *command = &request->wire.command[0];
    const struct pm_entry entry = {
        .market = request->wire.market, .actor = request->wire.actor, .command = command};
    const struct round_source source = {.market = request->wire.market, .tried = command->tried};
    uint16_t status = pm_core_query(matcher->options.core, &entry, &matcher->results);
    if (status == PM_OK && matcher->options.rounds &&
        rounds_try(matcher->options.rounds, matcher->options.core, &source, request))
        return;
    finish_with(matcher, request, status == PM_OK ? PM_BUSY : status);
}

/* One that has been tried. */
static void answer_try(struct matcher *matcher)
{
    uint64_t sequence;
    matcher->results.used = 0;
    struct request *request = rounds_tried(matcher->options.rounds, &matcher->results, &sequence);
    if (request)
        finish_at(matcher, request, sequence);
}

/* Nobody is left without an answer. */
static void leave_tries(struct matcher *matcher)
{
    struct request *request;
    while (matcher->options.rounds && (request = rounds_leave(matcher->options.rounds)) != NULL)
        finish_with(matcher, request, PM_STOPPING);
}

static void do_request(struct matcher *matcher, struct request *request)
{
    stats_add(&matcher->options.stats->requests, 1);
    if (pass_watch(matcher, request))
        return;
    matcher->results.used = 0;
    if (request->wire.command[0].verb == PM_WATCH) {
        finish_with(matcher, request, PM_UNKNOWN_MARKET);
        return;
    }
    if (request->wire.command[0].verb == PM_ROUND_TRY) {
        do_try(matcher, request);
        return;
    }
    /* Deadlines that have passed come before the request; agenda work takes its turn among
     * commands. */
    if (pm_core_next(matcher->options.core) > INT64_MIN)
        work_due(matcher, DUE_PER_REQUEST);
    for (uint32_t i = 0; i < request->wire.count; i++)
        do_command(matcher, &request->wire, i);
    finish(matcher, request);
}

/* ---- Snapshots ---- */

/* A child writes the state as it is now; its file counts once the open batch is committed. While
 * one is still being written there is no other: it is tried again after the next turn, but not at
 * the end, where what is replayed at the next start costs less than to wait. */
static void save(struct matcher *matcher)
{
    struct journal_error error = {""};
    uint64_t before = clock_steady_ns();
    if (!housekeeper_begin_snapshot(matcher->options.housekeeper))
        return;
    matcher->snapshot_last = matcher->sequence; /* also when it fails: not again at once */
    struct saver *saver = saver_start(matcher->options.directory, matcher->options.core, &error);
    if (!saver) {
        housekeeper_snapshot(matcher->options.housekeeper, NULL);
        log_warn("no snapshot at %" PRIu64 ": %s", matcher->sequence, error.text);
        return;
    }
    open_batch(matcher);
    matcher->batch->snapshot = saver;
    log_debug("snapshot at %" PRIu64 " begun in %" PRIu64 " us", matcher->sequence,
              (clock_steady_ns() - before) / 1000);
}

static void save_after(struct matcher *matcher, uint64_t entries)
{
    if (matcher->options.snapshot_every != 0 && entries != 0 &&
        matcher->sequence - matcher->snapshot_last >= entries)
        save(matcher);
}

/* ---- The thread ---- */

/* All that has come waits for its turn. There are only so many requests, so this ends. */
static void take_in(struct matcher *matcher)
{
    void *taken[TURN_REQUESTS];
    size_t count;
    do {
        count = ring_pop_many(matcher->options.ring, taken, TURN_REQUESTS);
        for (size_t i = 0; i < count; i++)
            turns_push(matcher->turns, taken[i]);
    } while (count == TURN_REQUESTS);
}

/* How long a request takes, of late: by which others are told when to come back. */
static void note_pace(struct matcher *matcher, size_t count, uint64_t began_ns)
{
    enum { OF_LATE = 16 };
    struct stats *stats = matcher->options.stats;
    uint64_t before = stats_read(&stats->request_ns);
    atomic_store_explicit(&stats->queued, turns_waiting(matcher->turns), memory_order_relaxed);
    if (count == 0)
        return;
    uint64_t now = (clock_steady_ns() - began_ns) / count;
    atomic_store_explicit(&stats->request_ns, before + now / OF_LATE - before / OF_LATE,
                          memory_order_relaxed);
}

/* One turn; false when there was nothing to do. */
static bool turn(struct matcher *matcher)
{
    uint64_t before = matcher->sequence, began_ns = clock_steady_ns();
    take_in(matcher);
    read_clock(matcher);
    begin_turn(matcher);
    for (matcher->at = 0; matcher->at < matcher->count; matcher->at++)
        do_request(matcher, matcher->turn[matcher->at]);
    work_due(matcher, DUE_PER_TURN);
    if (matcher->options.rounds)
        answer_try(matcher);
    work_rounds(matcher);
    probe_answer(matcher->options.probe, matcher->options.core, matcher->time);
    save_after(matcher, matcher->options.snapshot_every);
    publish(matcher);
    note_pace(matcher, matcher->count, began_ns);
    return matcher->count > 0 || matcher->sequence != before;
}

static void *run(void *context)
{
    struct matcher *matcher = context;
    for (;;) {
        bool stopping = atomic_load(&matcher->stopping); /* before the last look into the ring */
        if (turn(matcher))
            continue;
        if (stopping)
            break;
        doorbell_wait(matcher->options.bell, until_due(matcher));
    }
    leave_tries(matcher);
    save_after(matcher, FAREWELL_ENTRIES);
    publish(matcher);
    return NULL;
}

static bool alloc_writer(struct wire_writer *writer, size_t size)
{
    *writer = (struct wire_writer){.bytes = malloc(size), .size = size};
    return writer->bytes != NULL;
}

static void destroy(struct matcher *matcher)
{
    turns_destroy(matcher->turns);
    free(matcher->results.bytes);
    free(matcher->head.bytes);
    free(matcher);
}

struct matcher *matcher_start(const struct matcher_options *options)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher)
        return NULL;
    matcher->options = *options;
    matcher->sequence = pm_core_sequence(options->core);
    matcher->time = pm_core_time(options->core);
    clock_watch_begin(&matcher->clock, matcher->time, clock_wall_ms(), clock_steady_ns());
    matcher->snapshot_last = options->snapshot_last;
    matcher->turns = turns_create(options->connections_max);
    if (!matcher->turns || !alloc_writer(&matcher->results, RESULTS_SIZE) ||
        !alloc_writer(&matcher->head, 64) ||
        pthread_create(&matcher->thread, NULL, run, matcher) != 0) {
        destroy(matcher);
        return NULL;
    }
    pthread_setname_np(matcher->thread, "matcher");
    return matcher;
}

void matcher_stop(struct matcher *matcher)
{
    if (!matcher)
        return;
    atomic_store(&matcher->stopping, true);
    doorbell_ring(matcher->options.bell);
    pthread_join(matcher->thread, NULL);
    destroy(matcher);
}
