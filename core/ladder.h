/*
 * ladder.h - a package's way through its kind's steps: each asks certain tiers in certain places in
 * a certain way; when a step has nobody left, the next; when the ladder is spent, the package
 * waits.
 */
#ifndef PM_LADDER_H
#define PM_LADDER_H

#include "state.h"

/* Starts at the first step: a package just posted, resumed, or amended in what it needs. */
void ladder_start(struct pm_core *core, uint32_t package);
/* Goes on from the package's step after an offer came to nothing. */
void ladder_advance(struct pm_core *core, uint32_t package);
/* Is there room in the tables for another offer and its placement? Without, packages wait. */
bool ladder_has_room(const struct pm_core *core);
/* A waiting package tries again from the first step, in the same pass. True when it no longer
 * waits. */
bool ladder_retry(struct pm_core *core, uint32_t package);

#endif
