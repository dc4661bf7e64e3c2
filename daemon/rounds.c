/*
 * rounds.c: see rounds.h. One round is under way at a time, and belongs to one thread at a time, as
 * its phase says: FREE and FOUND to the matcher, TO_SOLVE to the solving thread. Those tried wait
 * in a queue of the matcher's.
 */
#include "rounds.h"

#include "client/round_prices.h"
#include "core/round_answer.h"
#include "core/round_problem.h"
#include "daemon/certificate_file.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/round_document.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum phase { FREE, TO_SOLVE, FOUND };

/* A problem, and what is found for it. */
struct job {
    void *memory; /* of the problem; NULL: it could not be had */
    struct round_problem problem;
    void *workspace;
    struct solver_result found;
    struct pm_round_result result;
    /* Of a round that is run: whose certificates are kept; NULL: all. */
    uint64_t *kept;
    uint32_t kept_count;
    int64_t kept_since; /* and of the rest those that are younger; seconds since 1970 */
};

/* One tried: who waits for it, and from what state it was made. */
struct parked {
    struct request *request;
    uint64_t sequence;
    struct job job; /* while it waits to be solved */
};

struct rounds {
    const char *directory;
    struct doorbell *matcher, *bell; /* bell: the thread's own */
    uint64_t limit_ns, begun_ns;
    atomic_int phase; /* enum phase; released by who hands the round on */
    atomic_bool stopping;
    pthread_t thread;
    /* The round under way. */
    struct job job;
    uint64_t round; /* 0: it is the first of those parked */
    struct pm_name market;
    uint64_t pruned_ns; /* steady clock: when certificates were last looked through; 0: not yet */
    uint32_t item;      /* with which the next piece begins */
    struct pm_assignment assignment[PM_ASSIGNMENTS_MAX];
    /* How far it is, told by the thread. */
    _Atomic int64_t value[PM_ROUND_STAGES], bound;
    /* In the order in which they came; the matcher's alone. */
    struct parked parked[ROUNDS_PARKED_MAX];
    unsigned waiting;
};

enum {
    PIECE = 256 << 10,   /* bytes of a certificate in one answer */
    PRUNE_EVERY_S = 3600 /* certificates of rounds that have lapsed go that late */
};

/* Aligned as problems and workspaces are. */
static void *take(size_t size)
{
    return aligned_alloc(64, (size + 63) / 64 * 64 + 64);
}

/* ---- Solving ---- */

static unsigned gone(void *context, const struct solver_progress *progress)
{
    struct rounds *rounds = context;
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++)
        atomic_store_explicit(&rounds->value[stage], progress->value[stage], memory_order_relaxed);
    atomic_store_explicit(&rounds->bound, progress->bound, memory_order_relaxed);
    uint64_t spent = clock_steady_ns() - rounds->begun_ns;
    if (atomic_load_explicit(&rounds->stopping, memory_order_relaxed) || spent >= rounds->limit_ns)
        return 1000;
    return (unsigned)(spent * 1000 / rounds->limit_ns);
}

static void name_scarce(const struct job *job, const struct wire_certificate *certificate,
                        struct pm_round_result *result)
{
    struct priced *row = NULL;
    size_t rows = 0;
    if (!round_prices(certificate, &row, &rows))
        log_warn("what is scarce cannot be told: out of memory");
    for (size_t i = 0; i < rows && i < PM_SCARCE_MAX; i++) {
        int64_t price =
            solver_hundredths(row[i].price, certificate->result.stage[SOLVER_COST].scale);
        if (price > 0)
            result->scarce[result->scarces++] =
                (struct pm_scarce){.pool = job->problem.pool[row[i].pool].pool,
                                   .band = (uint8_t)row[i].band,
                                   .price = price};
    }
    free(row);
}

/* What is scarce; and the certificate, unless it is only tried. */
static void document(const struct rounds *rounds, struct pm_round_result *result)
{
    struct round_document document;
    if (!round_document_make(&rounds->job.problem, &rounds->job.found, &document)) {
        log_warn("round %" PRIu64 ": no certificate: out of memory", rounds->round);
    } else {
        name_scarce(&rounds->job, &document.certificate, result);
        if (rounds->round != 0)
            certificate_write(rounds->directory, rounds->round, &document.certificate,
                              result->hash);
        if (rounds->job.kept)
            certificate_prune(rounds->directory, rounds->job.kept, rounds->job.kept_count,
                              rounds->job.kept_since);
    }
    round_document_free(&document);
}

static void take_result(struct rounds *rounds)
{
    struct pm_round_result *result = &rounds->job.result;
    memcpy(result->alone, rounds->job.problem.alone_value, sizeof result->alone);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        const struct solver_stage *reached = &rounds->job.found.stage[stage];
        result->value[stage] = reached->value;
        result->bound[stage] = reached->bound;
        result->optimal |= (uint8_t)(reached->optimal << stage);
    }
    document(rounds, result);
}

static bool can_solve(struct rounds *rounds)
{
    struct job *job = &rounds->job;
    const char *flaw = job->memory ? solver_flaw(&job->problem.solver) : "out of memory";
    if (!flaw)
        job->workspace = take(solver_workspace(&job->problem.solver));
    if (!flaw && !job->workspace)
        flaw = "out of memory";
    if (flaw)
        log_error("round %" PRIu64 ": %s", rounds->round, flaw);
    return !flaw;
}

static void solve(struct rounds *rounds)
{
    const struct solver_options options = {.gone = gone, .context = rounds};
    struct job *job = &rounds->job;
    rounds->begun_ns = clock_steady_ns();
    if (!can_solve(rounds)) {
        job->result.abandoned = 1;
        return;
    }
    solver_solve(&job->problem.solver, &options, job->workspace, &job->found);
    take_result(rounds);
    log_info("round %" PRIu64 "%s: %u packages, %u services, solved in %" PRIu64 " ms",
             rounds->round, rounds->round == 0 ? ", tried" : "", job->problem.solver.parts,
             job->problem.solver.services, (clock_steady_ns() - rounds->begun_ns) / 1000000);
}

static void *run(void *context)
{
    struct rounds *rounds = context;
    while (!atomic_load(&rounds->stopping)) {
        if (atomic_load_explicit(&rounds->phase, memory_order_acquire) == TO_SOLVE) {
            solve(rounds);
            atomic_store_explicit(&rounds->phase, FOUND, memory_order_release);
            doorbell_ring(rounds->matcher);
        }
        doorbell_wait(rounds->bell, DOORBELL_FOREVER);
    }
    return NULL;
}

/* ---- Start and stop ---- */

static void forget(struct job *job)
{
    free(job->memory);
    free(job->workspace);
    free(job->kept);
    *job = (struct job){.memory = NULL};
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
    forget(&rounds->job);
    doorbell_destroy(rounds->bell);
    free(rounds);
}

/* ---- The matcher's side ---- */

static bool is_in(const struct rounds *rounds, enum phase phase)
{
    return atomic_load_explicit(&rounds->phase, memory_order_acquire) == (int)phase;
}

static void make(const struct pm_core *core, const struct round_source *source, struct job *out)
{
    uint64_t before = clock_steady_ns();
    out->memory = take(round_problem_bound(core, source));
    if (out->memory)
        round_problem_build(core, source, out->memory, &out->problem);
    log_debug("round %" PRIu64 ": problem made in %" PRIu64 " us", source->round,
              (clock_steady_ns() - before) / 1000);
}

/* Certificates go with their rounds, but not before packages of that day go. Now and then only: it
 * takes as long as looking at every round and every file. */
static void note_kept(struct rounds *rounds, const struct pm_core *core, struct job *out)
{
    uint64_t now = clock_steady_ns();
    if (rounds->pruned_ns != 0 && now - rounds->pruned_ns < PRUNE_EVERY_S * UINT64_C(1000000000))
        return;
    rounds->pruned_ns = now;
    uint32_t count = pm_core_rounds(core, NULL, 0);
    out->kept = calloc(count + 1ull, sizeof *out->kept);
    out->kept_count = count;
    if (out->kept)
        pm_core_rounds(core, out->kept, count);
    out->kept_since = clock_wall_ms() / 1000 - pm_core_keep_days(core) * INT64_C(86400);
}

static void hand_over(struct rounds *rounds)
{
    atomic_store_explicit(&rounds->phase, TO_SOLVE, memory_order_release);
    doorbell_ring(rounds->bell);
}

void rounds_begin(struct rounds *rounds, const struct pm_core *core)
{
    struct pm_text market;
    if (!is_in(rounds, FREE))
        return;
    uint64_t round = pm_core_round(core, 0, &market);
    if (round == 0 && rounds->waiting == 0)
        return;
    rounds->round = round;
    rounds->item = 0;
    if (round == 0) {
        rounds->job = rounds->parked[0].job;
        rounds->parked[0].job = (struct job){.memory = NULL};
    } else {
        rounds->market = (struct pm_name){{0}};
        memcpy(rounds->market.text, market.bytes, market.length);
        make(core, &(struct round_source){.round = round}, &rounds->job);
        note_kept(rounds, core, &rounds->job);
    }
    hand_over(rounds);
}

/* The thread may take the next. */
static void done(struct rounds *rounds)
{
    forget(&rounds->job);
    atomic_store_explicit(&rounds->phase, FREE, memory_order_release);
}

bool rounds_next(struct rounds *rounds, struct pm_command *out, struct pm_text *market)
{
    const struct job *job = &rounds->job;
    if (!is_in(rounds, FOUND) || rounds->round == 0)
        return false;
    if (rounds->item > job->problem.solver.items) { /* the last piece has been taken */
        done(rounds);
        return false;
    }
    *out = (struct pm_command){.verb = PM_ROUND_APPLY,
                               .apply = {.round = rounds->round, .assignment = rounds->assignment}};
    *market = pm_text(rounds->market.text);
    if (!job->result.abandoned)
        out->apply.assignments = round_problem_piece(&job->problem, job->found.choice,
                                                     &rounds->item, rounds->assignment);
    if (job->result.abandoned || rounds->item == job->problem.solver.items) {
        out->apply.result = &job->result;
        rounds->item = job->problem.solver.items + 1;
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
    make(core, source, &parked->job);
    return true;
}

struct request *rounds_leave(struct rounds *rounds)
{
    if (rounds->waiting == 0)
        return NULL;
    struct request *request = rounds->parked[0].request;
    forget(&rounds->parked[0].job);
    rounds->waiting--;
    memmove(rounds->parked, rounds->parked + 1, rounds->waiting * sizeof rounds->parked[0]);
    return request;
}

static void put_result(const struct job *job, struct wire_writer *out)
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
    if (!is_in(rounds, FOUND) || rounds->round != 0)
        return NULL;
    *sequence = rounds->parked[0].sequence;
    put_result(&rounds->job, out);
    done(rounds);
    return rounds_leave(rounds);
}

void rounds_put_progress(const struct rounds *rounds, uint64_t round, struct wire_writer *out)
{
    if (rounds->round != round || !is_in(rounds, TO_SOLVE))
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
