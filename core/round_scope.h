/* round_scope.h - who is in a round, be it open or tried, and who may serve them. */
#ifndef PM_ROUND_SCOPE_H
#define PM_ROUND_SCOPE_H

#include "round_problem.h"
#include "state.h"

/* What a source names. */
struct round_scope {
    struct round round;          /* of the table, or made up: as if it were opened now */
    uint32_t provider, location; /* what fails; 0: nothing */
};
/* Its status as of round_source_status(). */
uint16_t round_scope_of(const struct pm_core *core, const struct round_source *source,
                        struct round_scope *out);

/* Is the service of a kind of the round, and not of what fails? */
bool round_may_serve(const struct pm_core *core, const struct round_scope *scope, uint32_t service);

/* Along the packages of the round, the most urgent first. Begins as all 0. */
struct round_walk {
    unsigned priority;
    uint32_t at; /* placement, or gathered package; 0: none yet of this priority */
};
/* The next package; 0: there are no more. */
uint32_t round_next(const struct pm_core *core, const struct round_scope *scope,
                    struct round_walk *walk);

#endif
