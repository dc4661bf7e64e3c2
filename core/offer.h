/*
 * offer.h - the record of one question to one service: how it is made, held, and over. What a
 * provider answers is in answer.h; what follows from answers in award.h.
 *
 * An offer is live while it is open or tendered. Live offers are in their provider's list, and
 * counted in their package.
 */
#ifndef PM_OFFER_H
#define PM_OFFER_H

#include "rank.h"
#include "state.h"

/* Asks the service by this route, for the package's present step. A call-off holds the capacity.
 * There must be room in the table; the caller sets when the package is due. Returns the offer. */
uint32_t offer_make(struct pm_core *core, uint32_t package, struct ranked best, uint8_t route);
/* One that needs no answer: accepted as it is made, its capacity held until it is a placement. */
uint32_t offer_instant(struct pm_core *core, uint32_t package, uint32_t service, int32_t rate,
                       uint8_t route);

/* The same, of care whose capacity is committed already. */
uint32_t offer_record(struct pm_core *core, uint32_t package, uint32_t service, int32_t rate,
                      uint8_t route);

static inline bool offer_is_live(const struct offer *offer)
{
    return offer->state == PM_OFFER_OPEN || offer->state == PM_OFFER_TENDERED;
}
/* A condition's date, as it is kept and as it is: on or after the day the offer was made. 0: none.
 */
static inline uint16_t offer_days(const struct offer *offer, int32_t date)
{
    return date == 0 ? 0 : (uint16_t)(date - pm_date_of(offer->made) + 1);
}
static inline int32_t offer_date(const struct offer *offer, uint16_t days)
{
    return days == 0 ? 0 : pm_date_of(offer->made) + days - 1;
}
/* Whose it is. */
static inline uint32_t offer_provider(const struct pm_core *core, const struct offer *offer)
{
    return service_at(core, offer->service)->provider;
}

/* Holds its package's demand, or releases what it holds. */
void offer_hold(struct pm_core *core, uint32_t offer);
void offer_release(struct pm_core *core, uint32_t offer);
/* One that held so much holds what its package takes now. */
void offer_takes(struct pm_core *core, uint32_t offer, const int32_t *before);
/* Holds of the package's live offers follow from what it took to what it takes now. */
void offers_follow_demand(struct pm_core *core, uint32_t package, const int32_t *before);

/* An open one is answered with a tender, held or not. */
void offer_tendered(struct pm_core *core, uint32_t offer);
/* It is over: what it holds is released, but if it is accepted or won, when the placement takes
 * it. */
void offer_over(struct pm_core *core, uint32_t offer, enum pm_offer_state state, uint8_t code);
/* All live offers of a package but one (0: none): the open ones get one state, the tendered ones
 * another. */
void offers_over(struct pm_core *core, uint32_t package, uint32_t but, enum pm_offer_state open,
                 enum pm_offer_state tendered);

/* May an earlier answer, or silence, of this service to this package still stand in the way of
 * asking again? */
bool offer_blocks(const struct pm_core *core, uint32_t package, uint32_t service);
/* Another search begins: who kept silent in the one before, or lost, is asked anew. */
void offers_begin_anew(struct pm_core *core, uint32_t package);
/* When the first "no capacity" to a package lapses, after which it may be asked again; 0: never. */
int64_t offers_lapse(const struct pm_core *core, uint32_t package);

#endif
