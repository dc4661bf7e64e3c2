/*
 * rounds.c: see rounds.h. A lot of rounds is under way at a time, each of another market: their
 * certificates are made durable together. It belongs to one thread at a time, as its phase says:
 * FREE and FOUND to the matcher, TO_SOLVE to the solving thread. Those tried wait in a queue of the
 * matcher's.
 */
#include "rounds.h"

#include "core/round_answer.h"
#include "daemon/certificate_file.h"
#include "daemon/clock.h"
#include "daemon/round_job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum phase { FREE, TO_SOLVE, FOUND };

enum {
    LOT_MAX = 16,        /* rounds in a lot: the matcher makes their problems at a stretch */
    LOT_PARTS = 200,     /* packages: with so many no further round joins, nor waits for them; */
    LOT_SERVICES = 2000, /* nor with so many services, since they take long to go through */
    PIECE = 256 << 10,   /* bytes of a certificate in one answer */
    PRUNE_EVERY_S = 3600 /* certificates of rounds that have lapsed go that late */
};

/* One tried: who waits for it, and from what state it was made. */
struct parked {
    struct request *request;
    uint64_t sequence;
    struct round_job job; /* while it waits to be solved */
};

struct rounds {
    const char *directory;
    struct doorbell *matcher, *bell; /* bell: the thread's own */
    uint64_t limit_ns, begun_ns;
    atomic_int phase; /* enum phase; released by who hands the round on */
    atomic_bool stopping;
    pthread_t thread;
    /* The lot under way. */
    struct round_job job[LOT_MAX]; /* one that is tried is alone, and the first of those parked */
    unsigned jobs;
    /* Whose certificates are kept; NULL: all. And of the rest those that are younger; seconds since
     * 1970. */
    uint64_t *kept;
    uint32_t kept_count;
    int64_t kept_since;
    uint64_t pruned_ns; /* steady clock: when certificates were last looked through; 0: not yet */
    /* What comes next of what was found: of a job, from an item on. */
    unsigned next;
    uint32_t item;
    struct pm_assignment assignment[PM_ASSIGNMENTS_MAX];
    /* How far it is, told by the thread: which job, and what it has reached. */
    atomic_uint solving;
    _Atomic int64_t value[PM_ROUND_STAGES], bound;
    /* In the order in which they came; the matcher's alone. */
    struct parked parked[ROUNDS_PARKED_MAX];
    unsigned waiting;
};

/* ---- Solving ---- */

static void tell_progress(struct rounds *rounds, const struct solver_progress *progress)
{
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++)
        atomic_store_explicit(&rounds->value[stage], progress->value[stage], memory_order_relaxed);
    atomic_store_explicit(&rounds->bound, progress->bound, memory_order_relaxed);
}

static unsigned gone(void *context, const struct solver_progress *progress)
{
    struct rounds *rounds = context;
    tell_progress(rounds, progress);
    uint64_t spent = clock_steady_ns() - rounds->begun_ns;
    if (atomic_load_explicit(&rounds->stopping, memory_order_relaxed) || spent >= rounds->limit_ns)
        return 1000;
    return (unsigned)(spent * 1000 / rounds->limit_ns);
}

static void solve_lot(struct rounds *rounds)
{
    static const struct solver_progress none;
    const struct solver_options options = {.gone = gone, .context = rounds};
    for (unsigned i = 0; i < rounds->jobs; i++) {
        tell_progress(rounds, &none);
        atomic_store_explicit(&rounds->solving, i, memory_order_relaxed);
        rounds->begun_ns = clock_steady_ns();
        round_job_solve(&rounds->job[i], &options, rounds->directory);
    }
    round_jobs_keep(rounds->job, rounds->jobs, rounds->directory);
    if (rounds->kept)
        certificate_prune(rounds->directory, rounds->kept, rounds->kept_count, rounds->kept_since);
}

static void *run(void *context)
{
    struct rounds *rounds = context;
    while (!atomic_load(&rounds->stopping)) {
        if (atomic_load_explicit(&rounds->phase, memory_order_acquire) == TO_SOLVE) {
            solve_lot(rounds);
            atomic_store_explicit(&rounds->phase, FOUND, memory_order_release);
            doorbell_ring(rounds->matcher);
        }
        doorbell_wait(rounds->bell, DOORBELL_FOREVER);
    }
    return NULL;
}

/* ---- Start and stop ---- */

static void forget_lot(struct rounds *rounds)
{
    for (unsigned i = 0; i < rounds->jobs; i++)
        round_job_forget(&rounds->job[i]);
    free(rounds->kept);
    rounds->kept = NULL;
    rounds->jobs = rounds->next = 0;
    rounds->item = 0;
}

struct rounds *rounds_start(const char *directory, struct doorbell *bell, uint32_t limit_ms)
{
    struct rounds *rounds = calloc(1, sizeof *rounds);
    if (!rounds)
        return NULL;
    rounds->directory = directory;
    rounds->matcher = bell;
    rounds->limit_ns = limit_ms * UINT64_C(1000000);
    rounds->bell = doorbell_create(0);
    if (!rounds->bell || pthread_create(&rounds->thread, NULL, run, rounds) != 0) {
        doorbell_destroy(rounds->bell);
        free(rounds);
        return NULL;
    }
    pthread_setname_np(rounds->thread, "rounds");
    return rounds;
}

void rounds_stop(struct rounds *rounds)
{
    if (!rounds)
        return;
    atomic_store(&rounds->stopping, true);
    doorbell_ring(rounds->bell);
    pthread_join(rounds->thread, NULL);
    forget_lot(rounds);
    doorbell_destroy(rounds->bell);
    free(rounds);
}

/* ---- The matcher's side ---- */

static bool is_in(const struct rounds *rounds, enum phase phase)
{
    return atomic_load_explicit(&rounds->phase, memory_order_acquire) == (int)phase;
}

/* Certificates go with their rounds, but not before packages of that day go. Now and then only: it
 * takes as long as looking at every round and every file. */
static void note_kept(struct rounds *rounds, const struct pm_core *core)
{
    uint64_t now = clock_steady_ns();
    if (rounds->pruned_ns != 0 && now - rounds->pruned_ns < PRUNE_EVERY_S * UINT64_C(1000000000))
        return;
    rounds->pruned_ns = now;
    uint32_t count = pm_core_rounds(core, NULL, 0);
    rounds->kept = calloc(count + 1ull, sizeof *rounds->kept);
    rounds->kept_count = count;
    if (rounds->kept)
        pm_core_rounds(core, rounds->kept, count);
    rounds->kept_since = clock_wall_ms() / 1000 - pm_core_keep_days(core) * INT64_C(86400);
}

static void hand_over(struct rounds *rounds)
{
    atomic_store_explicit(&rounds->solving, 0, memory_order_relaxed);
    atomic_store_explicit(&rounds->phase, TO_SOLVE, memory_order_release);
    doorbell_ring(rounds->bell);
}

static bool has_market(const struct rounds *rounds, struct pm_text market)
{
    for (unsigned i = 0; i < rounds->jobs; i++) {
        const char *text = rounds->job[i].market.text;
        if (strncmp(text, market.bytes, market.length) == 0 && text[market.length] == '\0')
            return true;
    }
    return false;
}

/* The rounds that were opened first, as long as each is of another market: of the same it has to
 * see what came of the one before. */
static void gather(struct rounds *rounds, const struct pm_core *core)
{
    struct pm_text market;
    uint64_t round = 0;
    uint32_t parts = 0, services = 0;
    while (rounds->jobs < LOT_MAX && parts < LOT_PARTS && services < LOT_SERVICES &&
           (round = pm_core_round(core, round, &market)) != 0 && !has_market(rounds, market)) {
        struct round_job *job = &rounds->job[rounds->jobs++];
        job->round = round;
        memcpy(job->market.text, market.bytes, market.length);
        round_job_make(job, core, &(struct round_source){.round = round});
        parts += job->memory ? job->problem.solver.parts : 0;
        services += job->memory ? job->problem.solver.services : 0;
    }
}

void rounds_begin(struct rounds *rounds, const struct pm_core *core)
{
    if (!is_in(rounds, FREE))
        return;
    gather(rounds, core);
    if (rounds->jobs > 0) {
        note_kept(rounds, core);
    } else if (rounds->waiting > 0) {
        rounds->job[rounds->jobs++] = rounds->parked[0].job;
        rounds->parked[0].job = (struct round_job){.memory = NULL};
    }
    if (rounds->jobs > 0)
        hand_over(rounds);
}

/* The thread may take the next. */
static void done(struct rounds *rounds)
{
    forget_lot(rounds);
    atomic_store_explicit(&rounds->phase, FREE, memory_order_release);
}

bool rounds_next(struct rounds *rounds, struct pm_command *out, struct pm_text *market)
{
    if (!is_in(rounds, FOUND) || rounds->job[0].round == 0)
        return false;
    if (rounds->next == rounds->jobs) { /* the last piece has been taken */
        done(rounds);
        return false;
    }
    const struct round_job *job = &rounds->job[rounds->next];
    *out = (struct pm_command){.verb = PM_ROUND_APPLY,
                               .apply = {.round = job->round, .assignment = rounds->assignment}};
    *market = pm_text(job->market.text);
    if (!job->result.abandoned)
        out->apply.assignments = round_problem_piece(&job->problem, job->found.choice,
                                                     &rounds->item, rounds->assignment);
    if (job->result.abandoned || rounds->item == job->problem.solver.items) {
        out->apply.result = &job->result;
        rounds->next++;
        rounds->item = 0;
    }
    return true;
}

/* ---- Rounds tried ---- */

bool rounds_try(struct rounds *rounds, const struct pm_core *core,
                const struct round_source *source, struct request *request)
{
    if (rounds->waiting == ROUNDS_PARKED_MAX)
        return false;
    struct parked *parked = &rounds->parked[rounds->waiting++];
    *parked = (struct parked){.request = request, .sequence = pm_core_sequence(core)};
    round_job_make(&parked->job, core, source);
    return true;
}

struct request *rounds_leave(struct rounds *rounds)
{
    if (rounds->waiting == 0)
        return NULL;
    struct request *request = rounds->parked[0].request;
    round_job_forget(&rounds->parked[0].job);
    rounds->waiting--;
    memmove(rounds->parked, rounds->parked + 1, rounds->waiting * sizeof rounds->parked[0]);
    return request;
}

static void put_result(const struct round_job *job, struct wire_writer *out)
{
    if (job->result.abandoned) {
        wire_reply_result(out, (struct pm_result){.status = PM_BUSY});
        return;
    }
    wire_array(out, 2);
    wire_uint(out, PM_OK);
    round_put_tried(out, &job->problem, job->found.choice, &job->result);
}

struct request *rounds_tried(struct rounds *rounds, struct wire_writer *out, uint64_t *sequence)
{
    if (!is_in(rounds, FOUND) || rounds->job[0].round != 0)
        return NULL;
    *sequence = rounds->parked[0].sequence;
    put_result(&rounds->job[0], out);
    done(rounds);
    return rounds_leave(rounds);
}

void rounds_put_progress(const struct rounds *rounds, uint64_t round, struct wire_writer *out)
{
    if (!is_in(rounds, TO_SOLVE) ||
        rounds->job[atomic_load_explicit(&rounds->solving, memory_order_relaxed)].round != round)
        return;
    out->used--; /* the break, which ends the answer */
    wire_key(out, KEY_PROGRESS);
    wire_map(out, 2);
    wire_key(out, KEY_VALUE);
    wire_array(out, PM_ROUND_STAGES);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++)
        wire_int(out, atomic_load_explicit(&rounds->value[stage], memory_order_relaxed));
    wire_key(out, KEY_BOUND);
    wire_int(out, atomic_load_explicit(&rounds->bound, memory_order_relaxed));
    wire_break(out);
}

uint16_t rounds_certificate(const struct rounds *rounds, const struct pm_round_query *asked,
                            struct wire_writer *out)
{
    static uint8_t piece[PIECE]; /* of the one thread that answers */
    uint64_t whole = 0;
    long size = certificate_read(rounds->directory, asked->round, asked->offset, piece,
                                 sizeof piece, &whole);
    if (size < 0)
        return PM_UNKNOWN_ROUND;
    wire_map(out, 3);
    wire_key(out, KEY_SIZE);
    wire_uint(out, whole);
    wire_key(out, KEY_OFFSET);
    wire_uint(out, asked->offset);
    wire_key(out, KEY_BYTES);
    wire_bytes(out, piece, (size_t)size);
    return PM_OK;
}
