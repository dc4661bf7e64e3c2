/*
 * ladder.h - a package's way through its kind's steps: each asks certain tiers in certain places in
 * a certain way; when a step has nobody left, the next; when the ladder is spent, the package
 * waits.
 */
#ifndef PM_LADDER_H
#define PM_LADDER_H

#include "rank.h"
#include "state.h"

/* Starts at the first step: a package just posted, resumed, or amended in what it needs; at its
 * round, if a failure reopens it. Whom it is to return to is asked first. */
void ladder_start(struct pm_core *core, uint32_t package);
/* Goes on from the package's step after what it did there came to nothing. */
void ladder_advance(struct pm_core *core, uint32_t package);
/* Goes on at the step after the package's. */
void ladder_pass_on(struct pm_core *core, uint32_t package);
/* Is there room in the tables for another offer of a package and its placement (0: of one that is
 * in no group)? Without, packages wait. */
bool ladder_has_room(const struct pm_core *core, uint32_t package);
/* A waiting package tries again from the first step, in the same pass. True when it no longer
 * waits. */
bool ladder_retry(struct pm_core *core, uint32_t package);
/* Asks one service for the package, by a call-off at its step. */
void ladder_call_off(struct pm_core *core, uint32_t package, struct ranked best);
/* Out of the matching, without a word: waits, or is gathered, no longer; nothing is due. */
void ladder_leave(struct pm_core *core, uint32_t package);
/* Waits, until something that could serve it changes, or a refusal lapses. */
void ladder_wait(struct pm_core *core, uint32_t package);

/* Does the step look for somebody for such a package? A broker's award does not, nor, for a person
 * who arranges the care, a round. */
bool ladder_asks(const struct package *package, const struct pm_step *step);

/* The first step at which such a package is gathered for a round; as many as the kind's steps:
 * there is none. */
unsigned ladder_round(const struct pm_core *core, uint32_t package);

/* Sets when something about a package falls due; 0: nothing. */
void package_set_due(struct pm_core *core, uint32_t package, int64_t due);

#endif
