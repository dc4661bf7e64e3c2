/*
 * round.h - packages gathered at a step, and the rounds that match them together.
 *
 * A market's gathered packages stand in four lists, by how urgent they are. A round that is opened
 * is for those gathered until then. It is solved outside, from what round_problem.h makes of the
 * state; then round.apply brings what was found, piece by piece, and each assignment is looked at
 * again. What fits is placed, or asked. What fits no longer is dropped: its package stays gathered,
 * for the next round. Who got nothing is passed on by a sweep, and with that the round is applied.
 */
#ifndef PM_ROUND_H
#define PM_ROUND_H

#include "state.h"

/* The package stays at its step until a round. */
void round_gather(struct pm_core *core, uint32_t package);
/* It stands among the gathered, by how urgent it is now; and no longer. */
void round_stand(struct pm_core *core, uint32_t package);
void round_leave(struct pm_core *core, uint32_t package);

/* Is the package gathered for this round? Which may be one of the table or one that is tried. */
bool round_has(const struct pm_core *core, const struct round *round, uint32_t package);
/* What is matched as one: the package, or the parts of its split group that are in the round, in
 * the order they were posted. How many; 0: it is not in the round. */
uint32_t round_unit(const struct pm_core *core, const struct round *round, uint32_t package,
                    uint32_t part[PM_GROUP_MAX]);

/* round.open: of the packages gathered so far. The id is the round's. */
struct pm_result round_open(struct pm_core *core, uint32_t market, const struct pm_round *round);
/* round.apply. */
struct pm_result round_apply(struct pm_core *core, uint32_t market, struct pm_actor actor,
                             const struct pm_round_apply *apply);

/* It is no longer to be solved. */
void round_unqueue(struct pm_core *core, uint32_t round);

/* A calendar has opened: a round of each kind for which that says so and of which somebody is
 * gathered. */
void rounds_fall_due(struct pm_core *core, uint32_t calendar);
/* A failure has reopened all there was: a round of each kind of which it gathered any. */
void rounds_after_failure(struct pm_core *core, const struct sweep *failure);

/* Passes on one that is in the round and got nothing. False when it is not in it. */
bool round_pass_on(struct pm_core *core, uint32_t round, uint32_t package);
/* All have been passed on. */
void round_applied(struct pm_core *core, uint32_t round);

#endif
