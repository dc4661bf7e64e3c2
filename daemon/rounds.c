/*
 * rounds.c: see rounds.h. One round is under way at a time, and belongs to one thread at a time, as
 * its phase says: FREE and FOUND to the matcher, TO_SOLVE to the solving thread.
 */
#include "rounds.h"

#include "core/round_problem.h"
#include "daemon/certificate_file.h"
#include "daemon/clock.h"
#include "daemon/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum phase { FREE, TO_SOLVE, FOUND };

struct rounds {
    const char *directory;
    struct doorbell *matcher, *bell; /* bell: the thread's own */
    uint64_t limit_ns, begun_ns;
    atomic_int phase; /* enum phase; released by who hands the round on */
    atomic_bool stopping;
    pthread_t thread;
    /* The round under way. */
    void *memory; /* of the problem; NULL: it could not be had */
    struct round_problem problem;
    uint64_t round;
    struct pm_name market;
    void *workspace;
    struct solver_result found;
    struct pm_round_result result;
    uint32_t item; /* with which the next piece begins */
    struct pm_assignment assignment[PM_ASSIGNMENTS_MAX];
    /* How far it is, told by the thread. */
    _Atomic int64_t value[PM_ROUND_STAGES], bound;
};

enum { PIECE = 256 << 10 }; /* bytes of a certificate in one answer */

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

static void take_result(struct rounds *rounds)
{
    struct pm_round_result *result = &rounds->result;
    memcpy(result->alone, rounds->problem.alone_value, sizeof result->alone);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        const struct solver_stage *reached = &rounds->found.stage[stage];
        result->value[stage] = reached->value;
        result->bound[stage] = reached->bound;
        result->optimal |= (uint8_t)(reached->optimal << stage);
    }
    certificate_write(rounds->directory, &rounds->problem, &rounds->found, result->hash);
}

static bool can_solve(struct rounds *rounds)
{
    const char *flaw = rounds->memory ? solver_flaw(&rounds->problem.solver) : "out of memory";
    if (!flaw)
        rounds->workspace = take(solver_workspace(&rounds->problem.solver));
    if (!flaw && !rounds->workspace)
        flaw = "out of memory";
    if (flaw)
        log_error("round %" PRIu64 ": %s", rounds->round, flaw);
    return !flaw;
}

static void solve(struct rounds *rounds)
{
    const struct solver_options options = {.gone = gone, .context = rounds};
    rounds->begun_ns = clock_steady_ns();
    if (!can_solve(rounds)) {
        rounds->result.abandoned = 1;
        return;
    }
    solver_solve(&rounds->problem.solver, &options, rounds->workspace, &rounds->found);
    take_result(rounds);
    log_info("round %" PRIu64 ": %u packages, %u services, solved in %" PRIu64 " ms", rounds->round,
             rounds->problem.solver.parts, rounds->problem.solver.services,
             (clock_steady_ns() - rounds->begun_ns) / 1000000);
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

static void forget(struct rounds *rounds)
{
    free(rounds->memory);
    free(rounds->workspace);
    rounds->memory = rounds->workspace = NULL;
    rounds->result = (struct pm_round_result){.abandoned = 0};
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
    forget(rounds);
    doorbell_destroy(rounds->bell);
    free(rounds);
}

/* ---- The matcher's side ---- */

void rounds_begin(struct rounds *rounds, const struct pm_core *core)
{
    struct pm_text market;
    uint64_t round = pm_core_round(core, &market);
    if (round == 0 || atomic_load_explicit(&rounds->phase, memory_order_acquire) != FREE)
        return;
    uint64_t before = clock_steady_ns();
    rounds->round = round;
    rounds->market = (struct pm_name){{0}};
    memcpy(rounds->market.text, market.bytes, market.length);
    rounds->problem = (struct round_problem){.round = round};
    rounds->memory = take(round_problem_bound(core, round));
    if (rounds->memory)
        round_problem_build(core, round, rounds->memory, &rounds->problem);
    log_debug("round %" PRIu64 ": problem made in %" PRIu64 " us", round,
              (clock_steady_ns() - before) / 1000);
    atomic_store_explicit(&rounds->phase, TO_SOLVE, memory_order_release);
    doorbell_ring(rounds->bell);
}

bool rounds_next(struct rounds *rounds, struct pm_command *out, struct pm_text *market)
{
    if (atomic_load_explicit(&rounds->phase, memory_order_acquire) != FOUND)
        return false;
    bool over = rounds->item > rounds->problem.solver.items;
    if (over) { /* the last piece has been taken */
        forget(rounds);
        atomic_store_explicit(&rounds->phase, FREE, memory_order_release);
        return false;
    }
    *out = (struct pm_command){.verb = PM_ROUND_APPLY,
                               .apply = {.round = rounds->round, .assignment = rounds->assignment}};
    *market = pm_text(rounds->market.text);
    if (!rounds->result.abandoned)
        out->apply.assignments = round_problem_piece(&rounds->problem, rounds->found.choice,
                                                     &rounds->item, rounds->assignment);
    if (rounds->result.abandoned || rounds->item == rounds->problem.solver.items) {
        out->apply.result = &rounds->result;
        rounds->item = rounds->problem.solver.items + 1;
    }
    return true;
}

void rounds_put_progress(const struct rounds *rounds, uint64_t round, struct wire_writer *out)
{
    if (rounds->round != round ||
        atomic_load_explicit(&rounds->phase, memory_order_acquire) != TO_SOLVE)
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
