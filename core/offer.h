/* offer.h - asking a provider, and the answer. */
#ifndef PM_OFFER_H
#define PM_OFFER_H

#include "state.h"

/* Asks: holds the capacity until answered or over. There must be room in the table. The package's
 * step says for how long. */
void offer_make(struct pm_core *core, uint32_t package, uint32_t service);
/* A last resort is not asked: an offer accepted as it is made, and its placement. */
void offer_place(struct pm_core *core, uint32_t package, uint32_t service);

struct pm_result offer_accept(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_answer *answer);
struct pm_result offer_decline(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_answer *answer);
/* Its window is over. The package goes on down its ladder. */
void offer_expire(struct pm_core *core, uint32_t offer);
/* Takes back the package's open offer, if it has one: PM_OFFER_IS_WITHDRAWN or
 * PM_OFFER_IS_STALE. */
void offer_take_back(struct pm_core *core, uint32_t package, enum pm_offer_state state);
/* May an earlier answer, or silence, of this service to this package still stand in the way of
 * asking again? */
bool offer_blocks(const struct pm_core *core, uint32_t package, uint32_t service);

#endif
