/* solved.h - a round solved as the daemon does: its problem made, solved, and the commands that
 * come of it. */
#ifndef PM_TEST_SOLVED_H
#define PM_TEST_SOLVED_H

#include "core/core.h"
#include "core/round_problem.h"

struct solved {
    struct round_problem problem;
    struct solver_result found;
    struct pm_round_result result;
    void *memory, *workspace;
    uint32_t item;                                       /* with which the next piece begins */
    bool over;                                           /* there is none */
    struct pm_assignment assignment[PM_ASSIGNMENTS_MAX]; /* of the piece */
};

/* Solves the round that the core says is to be solved; close it in the end. False, with nothing
 * open, when there is none. Aborts when the solver's answer is no solution. */
bool solved_open(const struct pm_core *core, struct solved *out);
/* The same of any source, also one that is tried. */
bool solved_source(const struct pm_core *core, const struct round_source *source,
                   struct solved *out);
void solved_close(struct solved *solved);

/* The next round.apply of it; it points into *solved. False when the last is out. */
bool solved_next(struct solved *solved, struct pm_command *out);

#endif
