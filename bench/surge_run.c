/*
 * surge_run.c: one replay. Everything stands on the diary at a time of the daemon's clock, which
 * runs so many times as fast as the machine's and is told to the daemon by ticks.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "client/reply.h"
#include "surge.h"

enum {
    MINUTE = 60 * 1000, /* ms */
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    ROUND_FROM = 8, /* o'clock: a round every two hours, */
    ROUND_TO = 20,
    ROUND_HOURS = 2,
    STATED_FROM = 7, /* pools are stated from then on, over as long */
    FAILS_AT = 18,   /* the busiest hour */
    MINUTES_A_DAY = 1440,
    CONNECTIONS = 16,
    REPEAT_ONE_IN = 64, /* requests */
    LAST_S = 300,       /* what is still open is waited for so long */
    PAUSE_NS = 100000000,
};
#define SECOND_NS UINT64_C(1000000000)

bool surge_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("placemat-bench: surge: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

void surge_progress(struct surge_run *run, const char *doing, size_t done, size_t of)
{
    uint64_t now = bench_now_ns();
    if (done != of && now - run->told_ns < SECOND_NS)
        return;
    run->told_ns = now;
    surge_say("%s: %zu of %zu, after %.0f s", doing, done, of,
              (double)(now - run->started_ns) / (double)SECOND_NS);
}

/* ---- Clocks ---- */

static double day_ns(const struct surge_run *run)
{
    return run->plan->options->day_seconds * (double)SECOND_NS;
}

uint64_t surge_due_ns(const struct surge_run *run, int64_t time)
{
    double days = (double)(time - run->begin) / DAY;
    return days > 0 ? run->begin_ns + (uint64_t)(days * day_ns(run)) : run->begin_ns;
}

static int64_t time_at(const struct surge_run *run, uint64_t now_ns)
{
    return run->begin + (int64_t)((double)(now_ns - run->begin_ns) / day_ns(run) * DAY);
}

/* Between ticks: a minute of the daemon's, within what a message is worth. */
static uint64_t tick_ns(const struct surge_run *run)
{
    uint64_t minute = (uint64_t)(day_ns(run) / MINUTES_A_DAY), least = 1000000, most = 20000000;
    return minute < least ? least : minute > most ? most : minute;
}

/* ---- Sending ---- */

static bool send_tick(struct surge_run *run, int64_t time)
{
    struct pm_command tick = {.verb = PM_TICK, .tick = {.time = time}};
    run->ticking = true;
    return surge_send(run, 0, (struct pm_actor){.role = PM_OPERATOR, .name = {"surge", 5}},
                      SURGE_TICK, 0, 0, &tick);
}

/* Of quiet markets about one hears its cursor each millisecond. */
static uint32_t watch_ms(const struct surge_run *run)
{
    enum { LEAST = 500, MOST = 10000 };
    size_t markets = run->plan->markets;
    return markets < LEAST ? LEAST : markets > MOST ? MOST : (uint32_t)markets;
}

static bool park(struct surge_run *run, uint32_t market)
{
    struct pm_command watch = {
        .verb = PM_WATCH,
        .watch = {.cursor = run->cursor[market], .wait = watch_ms(run), .limit = PM_ROWS_MAX}};
    run->parked++;
    return surge_send(run, market, surge_broker(), SURGE_WATCH, 0, 0, &watch);
}

static bool look(struct surge_run *run, uint32_t market)
{
    struct pm_command watch = {.verb = PM_WATCH,
                               .watch = {.cursor = run->cursor[market], .limit = PM_ROWS_MAX}};
    return surge_send(run, market, surge_broker(), SURGE_LOOK, 0, 0, &watch);
}

bool surge_list(struct surge_run *run, uint32_t market, enum pm_verb verb, uint64_t after)
{
    struct pm_command list = {.verb = (uint8_t)verb,
                              .list = {.limit = PM_ROWS_MAX, .after = after}};
    return surge_send(run, market, surge_broker(), SURGE_LIST, verb, 0, &list);
}

/* ---- Answers ---- */

/* What may well be said to an answer: it came too late, or somebody else was quicker. */
static bool is_in_vain(unsigned status)
{
    return status == PM_OFFER_EXPIRED || status == PM_OFFER_WITHDRAWN || status == PM_OFFER_STALE ||
           status == PM_CAPACITY_GONE || status == PM_BAD_TENDER ||
           status == PM_NO_LONGER_ELIGIBLE || status == PM_OFFER_ANSWERED;
}

/* The id is that of the placement if the acceptance made one, else that of the offer. */
static void accepted(struct surge_run *run, size_t index, uint64_t id)
{
    const struct surge_offer *offer = &run->offer[index];
    if (offer->answer.says == WORKLOAD_ACCEPTS && id != offer->id)
        run->package[offer->package].told = id;
}

static void measure(struct surge_run *run, const struct link_call *call)
{
    if (call->deed >= SURGE_DEEDS || call->intended_ns >= run->measured_ns)
        return;
    uint64_t ns = call->answered_ns > call->intended_ns ? call->answered_ns - call->intended_ns : 0;
    double seconds = (double)(call->answered_ns - run->begin_ns) / (double)SECOND_NS;
    for (uint32_t i = 0; i < call->count; i++)
        hist_add(&run->latency, ns);
    if (call->deed == SURGE_ARRIVAL)
        hist_add(&run->posts, ns);
    if (call->deed == SURGE_ANSWER)
        hist_add(&run->accepts, ns);
    run->answered += call->count;
    if (seconds > run->seconds)
        run->seconds = seconds;
}

static void take_result(struct surge_run *run, const struct link_call *call,
                        struct pm_result result)
{
    bool good = result.status == PM_OK;
    bool in_vain = (call->deed == SURGE_ANSWER && is_in_vain(result.status)) ||
                   (call->deed == SURGE_CHOICE &&
                    (is_in_vain(result.status) || result.status == PM_WRONG_STATE));
    if (result.status < PM_STATUS_COUNT)
        run->status[result.status]++;
    run->faults.refused += !good && !in_vain;
    if (!good && !in_vain && run->faults.refused <= 5)
        surge_say("deed %u was refused: %s", call->deed, pm_status_sentence(result.status));
    if (call->deed == SURGE_ARRIVAL) {
        run->package[call->index].posted = result.status;
        run->package[call->index].known = good;
    }
    if (call->deed == SURGE_ANSWER && good)
        accepted(run, call->index, result.id);
}

/* After one that waited the next waits; who only looks goes on looking while there is something. */
static bool go_on(struct surge_run *run, const struct link_call *call, bool moved)
{
    if (call->deed == SURGE_LOOK)
        return !moved || look(run, call->at);
    run->parked--;
    return run->closing || park(run, call->at);
}

static void take_watch(struct surge_run *run, const struct link_call *call,
                       const struct pm_reply *reply)
{
    uint64_t before = run->followed;
    if (!surge_follow(run, call->at, reply) || !go_on(run, call, run->followed != before))
        run->broken = true;
}

static json_t *asked; /* what surge_ask() waits for */

static void take_answer(void *context, const struct link_call *call, const struct pm_reply *reply)
{
    struct surge_run *run = context;
    struct pm_result result = pm_reply_result(reply, 0);
    measure(run, call);
    if (call->deed < SURGE_DEEDS || call->deed == SURGE_LOAD) {
        for (uint32_t i = 0; i < call->count; i++)
            take_result(run, call, pm_reply_result(reply, i));
        return;
    }
    if (result.status != PM_OK && !run->broken) {
        surge_say("a question was refused: %s", pm_status_sentence(result.status));
        run->broken = true;
    }
    if (call->deed == SURGE_WATCH || call->deed == SURGE_LOOK) {
        take_watch(run, call, reply);
        return;
    }
    json_t *body = result.status == PM_OK ? reply_value(reply, 0) : NULL;
    if (call->deed == SURGE_TICK) {
        run->ticking = false;
        run->pending = json_integer_value(json_object_get(body, "pending"));
    }
    if (call->deed == SURGE_LIST && body != NULL &&
        !surge_rows(run, call->at, (enum pm_verb)call->index, body))
        run->broken = true;
    if (call->deed == SURGE_ASK)
        asked = json_incref(body);
    json_decref(body);
}

/* Until nothing but watches is in flight. */
bool surge_settle(struct surge_run *run)
{
    uint64_t until = bench_now_ns() + LAST_S * SECOND_NS;
    while (link_in_flight(run->link) > 0 && !run->broken)
        if (bench_now_ns() > until || !link_wait(run->link, until))
            return surge_say("%zu commands are not answered.", link_in_flight(run->link));
    return !run->broken;
}

json_t *surge_ask(struct surge_run *run, uint32_t market, const struct pm_command *command)
{
    json_decref(asked);
    asked = NULL;
    if (!surge_send(run, market, surge_broker(), SURGE_ASK, 0, 0, command) || !surge_settle(run))
        return NULL;
    json_t *answer = asked;
    asked = NULL;
    return answer;
}

/* Before more is sent. */
bool surge_let_catch_up(struct surge_run *run)
{
    enum { AT_ONCE = 1024 };
    while (link_in_flight(run->link) > AT_ONCE)
        if (run->broken || !link_wait(run->link, bench_now_ns() + PAUSE_NS))
            return false;
    return !run->broken;
}

/* ---- Before ---- */

/* Each market at its own minute, as they would come. */
static int64_t spread(int64_t over, size_t at, size_t among)
{
    return (int64_t)((uint64_t)over * at / among);
}

/* A day of one market: its pools stated in the morning, and its rounds. */
static bool fill_day(struct surge_run *run, size_t market, unsigned day)
{
    size_t markets = run->plan->markets;
    int64_t midnight = run->begin + (int64_t)day * DAY, over = ROUND_HOURS * (int64_t)HOUR;
    bool good =
        day >= run->plan->options->days ||
        diary_add(&run->diary, midnight + STATED_FROM * HOUR + spread(over, market, markets),
                  SURGE_CAPACITY, market);
    for (int hour = ROUND_FROM; good && run->rounds && hour <= ROUND_TO; hour += ROUND_HOURS)
        good =
            diary_add(&run->diary, midnight + hour * (int64_t)HOUR + spread(over, market, markets),
                      SURGE_ROUND, market);
    return good;
}

static bool fill_diary(struct surge_run *run)
{
    const struct surge_plan *plan = run->plan;
    uint32_t most = 0;
    bool good = true;
    for (size_t i = 0; i < plan->trusts; i++)
        most = plan->trust[i].mean > most ? plan->trust[i].mean : most;
    for (size_t m = 0; good && m < plan->markets; m++) {
        if (plan->market[m].trust->mean == most)
            good = diary_add(&run->diary, run->begin + FAILS_AT * HOUR, SURGE_FAILURE, m);
        for (unsigned day = 0; good && day < plan->options->days + plan->options->after; day++)
            good = fill_day(run, m, day);
    }
    return good ? true : surge_say("out of memory.");
}

static bool take_day(struct surge_run *run, size_t market, unsigned day)
{
    const struct surge_market *of = &run->plan->market[market];
    bool good = true;
    for (size_t i = 0; good && i < workload_count(of->workload[day]); i++) {
        size_t at = of->first[day] + i;
        const struct workload_arrival *arrival = workload_at(of->workload[day], i);
        run->package[at] = (struct surge_package){.arrival = arrival, .market = (uint32_t)market};
        good = diary_add(&run->diary, arrival->time, SURGE_ARRIVAL, at);
    }
    return good ? true : surge_say("out of memory.");
}

static bool take_packages(struct surge_run *run)
{
    for (size_t m = 0; m < run->plan->markets; m++)
        for (unsigned day = 0; day < run->plan->options->days; day++)
            if (!take_day(run, m, day))
                return false;
    return true;
}

static bool make_room(struct surge_run *run)
{
    const struct surge_plan *plan = run->plan;
    run->begin = run->clock = (int64_t)plan->options->date * DAY;
    run->package = calloc(plan->packages + 1, sizeof *run->package);
    run->cursor = calloc(plan->markets, sizeof *run->cursor);
    run->gathered = calloc(plan->markets, sizeof *run->gathered);
    if (run->package == NULL || run->cursor == NULL || run->gathered == NULL)
        return surge_say("out of memory.");
    return take_packages(run) && fill_diary(run);
}

/* At all that has happened in each market since it was looked at last; at first, from where it
 * stands now. */
static bool look_at_all(struct surge_run *run)
{
    for (uint32_t m = 0; m < run->plan->markets; m++) {
        if (!look(run, m) || !surge_let_catch_up(run))
            return false;
        surge_progress(run, "markets looked at", m + 1ull, run->plan->markets);
    }
    return surge_settle(run);
}

static bool start_watching(struct surge_run *run)
{
    bool good = look_at_all(run);
    for (uint32_t m = 0; good && m < run->plan->markets; m++)
        good = park(run, m);
    return good;
}

static bool load_markets(struct surge_run *run)
{
    for (size_t m = 0; m < run->plan->markets; m++) {
        if (!surge_market_load(run->plan, m, run->rounds, run->link) || !surge_let_catch_up(run))
            return false;
        surge_progress(run, "markets loaded", m, run->plan->markets);
    }
    return surge_settle(run) && run->faults.refused == 0;
}

/* ---- The loop ---- */

static uint64_t end_of(const struct surge_run *run)
{
    const struct surge_options *options = run->plan->options;
    return surge_due_ns(run, run->begin + (int64_t)(options->days + options->after) * DAY);
}

static bool step(struct surge_run *run, uint64_t *next_tick)
{
    uint64_t now = bench_now_ns(), end_ns = end_of(run);
    uint64_t until = *next_tick < end_ns ? *next_tick : end_ns;
    struct diary_item item;
    if (!run->ticking && now >= *next_tick) {
        *next_tick = now + tick_ns(run);
        run->clock = time_at(run, now);
        if (!send_tick(run, run->clock))
            return false;
    }
    while (run->diary.count > 0 && surge_due_ns(run, run->diary.heap[0].at) <= now)
        if (!diary_take(&run->diary, &item) || !surge_do(run, &item))
            return false;
    if (run->diary.count > 0 && surge_due_ns(run, run->diary.heap[0].at) < until)
        until = surge_due_ns(run, run->diary.heap[0].at);
    if (until <= now) /* a tick is in flight, and its answer comes */
        until = now + tick_ns(run);
    return link_wait(run->link, until) && !run->broken;
}

static bool replay(struct surge_run *run)
{
    const struct surge_options *options = run->plan->options;
    run->begin_ns = bench_now_ns();
    uint64_t next_tick = run->begin_ns;
    run->measured_ns = surge_due_ns(run, run->begin + (int64_t)options->days * DAY);
    while (bench_now_ns() < end_of(run)) {
        if (!step(run, &next_tick))
            return false;
        surge_progress(run, "minutes replayed", (size_t)((run->clock - run->begin) / MINUTE),
                       (options->days + (size_t)options->after) * (DAY / MINUTE));
    }
    /* What was due just before the end. */
    return step(run, &next_tick) && surge_settle(run);
}

/* ---- After ---- */

/* What is due by the end is done. */
static bool work_off(struct surge_run *run)
{
    const struct surge_options *options = run->plan->options;
    int64_t end = run->begin + (int64_t)(options->days + options->after) * DAY;
    run->clock = run->clock > end ? run->clock : end;
    do {
        if (!send_tick(run, run->clock) || !surge_settle(run))
            return false;
    } while (run->pending != 0);
    return true;
}

/* Rounds are solved beside the rest, so some may come to their end only now. */
static bool finish(struct surge_run *run)
{
    uint64_t until = bench_now_ns() + LAST_S * SECOND_NS;
    do {
        if (!work_off(run) || !link_wait(run->link, bench_now_ns() + PAUSE_NS))
            return false;
        surge_progress(run, "rounds solved", run->rounds_done, run->rounds_opened);
    } while (run->rounds_done < run->rounds_opened && bench_now_ns() < until);
    run->closing = true; /* watches come back within their wait, and then no more */
    while (run->parked > 0 && !run->broken)
        if (!link_wait(run->link, bench_now_ns() + PAUSE_NS))
            return false;
    if (run->broken || !work_off(run) || !look_at_all(run))
        return false;
    run->faults.unfinished = run->rounds_opened - run->rounds_done;
    return true;
}

static bool replay_all(struct surge_run *run)
{
    if (!make_room(run) || !send_tick(run, run->begin) || !surge_settle(run) ||
        !load_markets(run) || !start_watching(run) || !replay(run) || !finish(run))
        return false;
    struct link_counts counts = link_counts(run->link);
    run->faults.unlike = counts.unlike;
    run->cpu_ns = process_cpu_ns(&run->daemon);
    run->memory = process_resident(&run->daemon);
    return surge_check(run);
}

bool surge_run(struct surge_run *run)
{
    run->started_ns = bench_now_ns();
    struct link_options link = {.markets = run->plan->markets,
                                .connections = CONNECTIONS,
                                .repeat = REPEAT_ONE_IN,
                                .answered = take_answer,
                                .context = run};
    if (!directory_make(&run->directory, run->plan->options->directory) ||
        !surge_daemon_start(run->plan, &run->directory, &run->daemon))
        return false;
    link.url = run->daemon.url;
    run->link = link_open(&link);
    return run->link != NULL && replay_all(run);
}

void surge_run_close(struct surge_run *run)
{
    link_close(run->link); /* first: sockets that dial nobody are long in closing */
    process_kill(&run->daemon);
    if (run->directory.path[0] != '\0' && run->plan->options->keep)
        surge_say("the daemon's directory is %s", run->directory.path);
    else if (run->directory.path[0] != '\0')
        directory_remove(&run->directory);
    free(run->diary.heap);
    free(run->package);
    free(run->offer);
    free(run->cursor);
    free(run->gathered);
    free(run->reason);
}
