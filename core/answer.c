/* answer.c - what providers say to offers. */
#include "answer.h"

#include "award.h"
#include "dates.h"
#include "eligible.h"
#include "find.h"
#include "offer.h"
#include "placement.h"

enum { SHIFT_MAX = 240 /* minutes */ };
_Static_assert(SHIFT_MAX < 256, "a shift has room in an offer's nine bits");

/* ---- May it be answered? ---- */

static uint16_t status_when_over(const struct offer *offer)
{
    switch (offer->state) {
    case PM_OFFER_IS_EXPIRED:
        return PM_OFFER_EXPIRED;
    case PM_OFFER_IS_WITHDRAWN:
        return PM_OFFER_WITHDRAWN;
    case PM_OFFER_IS_STALE:
        return PM_OFFER_STALE;
    default:
        return PM_OFFER_ANSWERED;
    }
}

/* May this actor answer this offer now, for the first time or (again) once more? */
static uint16_t may_answer(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                           uint32_t slot, bool again)
{
    if (slot == 0 || package_at(core, offer_at(core, slot)->package)->market != market)
        return PM_UNKNOWN_OFFER;
    const struct offer *offer = offer_at(core, slot);
    const struct package *package = package_at(core, offer->package);
    if (actor.role == PM_PROVIDER &&
        !name_is(&provider_detail_at(core, offer_provider(core, offer))->name, actor.name))
        return PM_NOT_YOURS;
    if (offer->state == PM_OFFER_TENDERED)
        return again && package->chosen != slot ? PM_OK : PM_OFFER_ANSWERED;
    if (offer->state != PM_OFFER_OPEN)
        return status_when_over(offer);
    return core->header.time > package->due ? PM_OFFER_EXPIRED : PM_OK;
}

/* ---- Yes ---- */

/* From today on, and as far ahead as an offer can keep. */
static bool date_is_good(const struct pm_core *core, const struct offer *offer, int32_t date)
{
    return date == 0 ||
           (date >= core->today && date <= DATE_MAX && date - pm_date_of(offer->made) < UINT16_MAX);
}

/* The rates that may be tendered at a spot step. */
static bool rate_is_good(const struct pm_core *core, const struct offer *offer, int32_t rate)
{
    const struct package *p = package_at(core, offer->package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    const struct pm_step *step = &kind->step[offer->step];
    int32_t floor = step->floor != 0 ? step->floor : kind->rate_min;
    int32_t ceiling = step->ceiling != 0 ? step->ceiling : kind->ceiling;
    return rate >= floor && rate <= ceiling;
}

/* The rate a tender comes to. */
static int32_t rate_of(const struct pm_core *core, const struct offer *offer,
                       const struct pm_tender *tender)
{
    return tender->rate != 0 ? tender->rate : service_at(core, offer->service)->rate;
}

static bool tender_is_good(const struct pm_core *core, uint32_t slot,
                           const struct pm_tender *tender)
{
    const struct offer *offer = offer_at(core, slot);
    bool spot = offer->route == PM_SPOT_OFFER;
    return date_is_good(core, offer, tender->start) &&
           date_is_good(core, offer, tender->assess_by) && tender->shift >= -SHIFT_MAX &&
           tender->shift <= SHIFT_MAX &&
           (spot ? rate_is_good(core, offer, rate_of(core, offer, tender)) : tender->rate == 0);
}

/* Open offers and choices are reserved when they are tendered, others hold already or not yet. */
static bool must_reserve(const struct offer *offer)
{
    return !offer->holds && (offer->route == PM_OPEN_OFFER || offer->route == PM_CHOICE);
}

static uint16_t yes_status(const struct pm_core *core, uint32_t slot,
                           const struct pm_tender *tender)
{
    const struct offer *offer = offer_at(core, slot);
    uint16_t status = award_status(core, slot);
    if (status != PM_OK)
        return status;
    if (!tender_is_good(core, slot, tender))
        return PM_BAD_TENDER;
    /* What the package's other tenders hold they hold until the close: two of one pool need both.
     */
    if (must_reserve(offer) && !has_room_beside(core, offer->package, offer->service))
        return PM_CAPACITY_GONE;
    return PM_OK;
}

static void keep(struct pm_core *core, uint32_t slot, const struct pm_tender *tender)
{
    struct offer *offer = offer_at(core, slot);
    offer->start_in = offer_days(offer, tender->start);
    offer->assess_in = offer_days(offer, tender->assess_by);
    offer->shift = tender->shift;
    if (offer->route != PM_SPOT_OFFER)
        return;
    offer->rate = rate_of(core, offer, tender);
    offer->score = score_at_rate(core, offer->package, offer->service, offer->rate);
}

/* Does the first yes close the step? */
static bool closes(const struct pm_core *core, const struct offer *offer)
{
    const struct package *p = package_at(core, offer->package);
    return offer->route == PM_CALL_OFF || offer->route == PM_LAST_RESORT ||
           (offer->route == PM_OPEN_OFFER &&
            kind_of(core, p->market, p->kind)->step[offer->step].close == PM_AT_FIRST);
}

static struct pm_result say_yes(struct pm_core *core, uint32_t slot, const struct pm_tender *tender)
{
    uint16_t status = yes_status(core, slot, tender);
    if (status != PM_OK)
        return refused(status);
    const struct offer *offer = offer_at(core, slot);
    uint32_t package = offer->package;
    keep(core, slot, tender);
    if (must_reserve(offer))
        offer_hold(core, slot);
    if (closes(core, offer)) {
        award_settle(core, slot, false);
    } else {
        offer_tendered(core, slot);
        award_answered(core, package);
    }
    uint32_t placement = placement_newest(core, package);
    if (placement != 0 && placement_at(core, placement)->offer == slot)
        return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, placement)};
    return (struct pm_result){PM_OK, id_of(core, TABLE_OFFERS, slot)};
}

struct pm_result offer_accept(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_answer *answer)
{
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], answer->offer);
    uint16_t status = may_answer(core, market, actor, slot, false);
    if (status != PM_OK)
        return refused(status);
    return say_yes(core, slot, &(struct pm_tender){.offer = answer->offer});
}

/* A tender may be bettered until the close, though that be worked off a little later. */
static uint16_t may_better(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, offer_at(core, slot)->package);
    if (package->state != PM_OFFERED)
        return PM_OFFER_ANSWERED;
    return core->header.time > package->due ? PM_OFFER_EXPIRED : PM_OK;
}

struct pm_result offer_tender(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_tender *tender)
{
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], tender->offer);
    uint16_t status = may_answer(core, market, actor, slot, true);
    if (status == PM_OK)
        status = may_better(core, slot);
    if (status != PM_OK)
        return refused(status);
    return say_yes(core, slot, tender);
}

/* ---- No ---- */

struct pm_result offer_decline(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_answer *answer)
{
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], answer->offer);
    uint16_t status = may_answer(core, market, actor, slot, true);
    if (status != PM_OK)
        return refused(status);
    if (answer->code == 0 || answer->code >= PM_DECLINE_CODES)
        return refused(PM_BAD_VALUE);
    offer_over(core, slot, PM_OFFER_DECLINED, answer->code);
    award_answered(core, offer_at(core, slot)->package);
    return (struct pm_result){PM_OK, id_of(core, TABLE_OFFERS, slot)};
}
