/*
 * round_job.c: see round_job.h.
 */
#include "round_job.h"

#include "client/round_prices.h"
#include "daemon/certificate_file.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/round_document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Aligned as problems and workspaces are. */
static void *take(size_t size)
{
    return aligned_alloc(64, (size + 63) / 64 * 64 + 64);
}

/* ---- Making ---- */

void round_job_make(struct round_job *job, const struct pm_core *core,
                    const struct round_source *source)
{
    uint64_t before = clock_steady_ns();
    job->certificate = -1;
    job->memory = take(round_problem_bound(core, source));
    if (job->memory)
        round_problem_build(core, source, job->memory, &job->problem);
    log_debug("round %" PRIu64 ": problem made in %" PRIu64 " us", source->round,
              (clock_steady_ns() - before) / 1000);
}

void round_job_forget(struct round_job *job)
{
    free(job->memory);
    free(job->workspace);
    *job = (struct round_job){.certificate = -1};
}

/* ---- Solving ---- */

static void name_scarce(const struct round_job *job, const struct wire_certificate *certificate,
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
static void document(struct round_job *job, const char *directory)
{
    struct round_document document;
    if (!round_document_make(&job->problem, &job->found, &document)) {
        log_warn("round %" PRIu64 ": no certificate: out of memory", job->round);
    } else {
        name_scarce(job, &document.certificate, &job->result);
        if (job->round != 0)
            job->certificate =
                certificate_write(directory, job->round, &document.certificate, job->result.hash);
    }
    round_document_free(&document);
}

static void take_result(struct round_job *job)
{
    struct pm_round_result *result = &job->result;
    memcpy(result->alone, job->problem.alone_value, sizeof result->alone);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        const struct solver_stage *reached = &job->found.stage[stage];
        result->value[stage] = reached->value;
        result->bound[stage] = reached->bound;
        result->optimal |= (uint8_t)(reached->optimal << stage);
    }
}

static bool can_solve(struct round_job *job)
{
    const char *flaw = job->memory ? solver_flaw(&job->problem.solver) : "out of memory";
    if (!flaw)
        job->workspace = take(solver_workspace(&job->problem.solver));
    if (!flaw && !job->workspace)
        flaw = "out of memory";
    if (flaw)
        log_error("round %" PRIu64 ": %s", job->round, flaw);
    return !flaw;
}

void round_job_solve(struct round_job *job, const struct solver_options *options,
                     const char *directory)
{
    uint64_t before = clock_steady_ns();
    if (!can_solve(job)) {
        job->result.abandoned = 1;
        return;
    }
    solver_solve(&job->problem.solver, options, job->workspace, &job->found);
    take_result(job);
    document(job, directory);
    log_info("round %" PRIu64 "%s: %u packages, %u services, solved in %" PRIu64 " ms", job->round,
             job->round == 0 ? ", tried" : "", job->problem.solver.parts,
             job->problem.solver.services, (clock_steady_ns() - before) / 1000000);
}

/* ---- Keeping ---- */

static void forget_hash(struct round_job *job)
{
    memset(job->result.hash, 0, sizeof job->result.hash);
}

void round_jobs_keep(struct round_job *job, unsigned count, const char *directory)
{
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        if (job[i].certificate < 0)
            continue;
        any = true;
        if (!certificate_keep(directory, job[i].round, job[i].certificate))
            forget_hash(&job[i]);
        job[i].certificate = -1;
    }
    if (any && !certificates_sync(directory))
        for (unsigned i = 0; i < count; i++)
            forget_hash(&job[i]);
}
