/*
 * solver_proof.h - proof that nothing costs less than the best, pool by pool. Included by
 * core/solver.c and core/solver_proof.c alone.
 */
#ifndef PM_SOLVER_PROOF_H
#define PM_SOLVER_PROOF_H

#include "solver_state.h"

enum { PROOF_PARTS = 256 };

/* Bytes it needs for the problem; 0: it is not for problems of its kind. */
size_t proof_size(const struct solver_problem *problem);
/* Is it for the problem, and for a best like this? */
bool proof_applies(const struct solver *s);
enum proof_end {
    PROOF_DONE,     /* nothing costs less than the best */
    PROOF_CUT,      /* it took more work than there was */
    PROOF_HOPELESS, /* it would take much more */
    PROOF_NEVER,    /* its pools are too large for that */
};
/* Tries with so much work to show that nothing costs less than the best. May find what does, and
 * keeps it. The assignment is then the best. */
enum proof_end proof_try(struct solver *s, uint64_t work);

#endif
