/*
 * award.h - what follows from the answers to a package's offers: a step's close, the choice among
 * those who tendered, confirmation, and a broker's own decision.
 */
#ifndef PM_AWARD_H
#define PM_AWARD_H

#include "state.h"

/* The step's window is over: silence is no answer, and the step closes. */
void award_close(struct pm_core *core, uint32_t package);
/* An answer came: the step closes if nothing more can come. */
void award_answered(struct pm_core *core, uint32_t package);
/* Time to choose or confirm begins, as its step says. */
void award_due(struct pm_core *core, uint32_t package);
/* Time to choose or confirm is over: nobody won. */
void award_lapse(struct pm_core *core, uint32_t package);

/* The package has found its provider in this live offer: placed, or to be confirmed. `decided`: it
 * needs no confirmation, being the person's choice or an obligation. */
void award_settle(struct pm_core *core, uint32_t offer, bool decided);
/* Whether this offer will do, before anything is changed: the filters of an answer, and room for
 * its placement. PM_OK, PM_NO_LONGER_ELIGIBLE, PM_FULL. */
uint16_t award_status(const struct pm_core *core, uint32_t offer);
/* Places with this offer, live and held, at once. */
void award_place(struct pm_core *core, uint32_t offer);
/* Who is obliged is not asked: an offer by this route, accepted as it is made. */
void award_oblige(struct pm_core *core, uint32_t package, uint32_t service, uint8_t route);
/* The chosen tender is no more: the next best that will do is settled on, or the ladder goes on. */
void award_reconsider(struct pm_core *core, uint32_t package);
/* Must a broker confirm this offer, by its conditions or by its step? */
bool award_waits_for_broker(const struct pm_core *core, uint32_t offer);

struct pm_result award_confirm(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id);
struct pm_result award_override(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_override *award);
struct pm_result choice_record(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_choice *choice);

#endif
