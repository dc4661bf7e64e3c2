/*
 * round_job.h: one round, from the core's state to its result. The matcher makes the problem, which
 * is a copy; the thread that solves it needs the core no longer.
 */
#ifndef PM_DAEMON_ROUND_JOB_H
#define PM_DAEMON_ROUND_JOB_H

#include "core/core.h"
#include "core/round_problem.h"

struct round_job {
    uint64_t round; /* 0: it is tried */
    struct pm_name market;
    void *memory; /* of the problem; NULL: it could not be had */
    struct round_problem problem;
    void *workspace;
    struct solver_result found;
    struct pm_round_result result; /* abandoned when memory was short */
    int certificate;               /* a file that is written, and not kept yet; -1: there is none */
};

/* Makes the problem of the state as it is. Round and market are the caller's to set. */
void round_job_make(struct round_job *job, const struct pm_core *core,
                    const struct round_source *source);
/* Solves it; and writes the certificate, unless it is only tried. */
void round_job_solve(struct round_job *job, const struct solver_options *options,
                     const char *directory);
/* Makes the certificates of so many durable, together: it is the waiting that takes long. The
 * result of one that cannot be kept has no hash of it. */
void round_jobs_keep(struct round_job *job, unsigned count, const char *directory);
/* Gives its memory back. */
void round_job_forget(struct round_job *job);

#endif
