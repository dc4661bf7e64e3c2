/* offer.c - asking a provider, and the answer: accepted, declined, or silence. */
#include "offer.h"

#include "eligible.h"
#include "find.h"
#include "ladder.h"
#include "placement.h"
#include "pool.h"

enum { MINUTE = 60 * 1000 };

static void tell(struct pm_core *core, enum pm_event_kind kind, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    struct pm_event *event = event_add(core, kind, offer->market);
    event->code = offer->code;
    event->package = offer->package;
    event->offer = slot;
    event->service = offer->service;
    event->provider = offer->provider;
}

static uint32_t *pool_of(const struct pm_core *core, const struct offer *offer)
{
    return &service_at(core, offer->service)->pool;
}

/* ---- Asking ---- */

/* The record of asking a service at the package's step, its rate frozen and its capacity held. */
static uint32_t offer_create(struct pm_core *core, uint32_t package, uint32_t service)
{
    struct package *p = package_at(core, package);
    const struct service *s = service_at(core, service);
    const struct pm_step *step = &kind_of(core, p->market, p->kind)->step[p->step];
    uint32_t slot = table_take(&core->table[TABLE_OFFERS]);
    struct offer *offer = offer_at(core, slot);
    offer->market = p->market;
    offer->package = package;
    offer->service = service;
    offer->provider = s->provider;
    offer->version = p->version;
    offer->rate = s->rate;
    offer->score = s->score;
    offer->made = core->header.time;
    offer->deadline = core->header.time + (int64_t)step->window * MINUTE;
    offer->step = p->step;
    offer->pass = p->pass;
    offer->route = step->route;
    offer->next_of_package = p->first_offer;
    p->first_offer = slot;
    pool_hold(core, s->pool, p->demand);
    return slot;
}

static void link_open(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    struct provider *provider = provider_at(core, offer->provider);
    offer->previous_of_provider = provider->last_offer;
    if (provider->last_offer != 0)
        offer_at(core, provider->last_offer)->next_of_provider = slot;
    else
        provider->first_offer = slot;
    provider->last_offer = slot;
}

static void unlink_open(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    struct provider *provider = provider_at(core, offer->provider);
    if (offer->previous_of_provider != 0)
        offer_at(core, offer->previous_of_provider)->next_of_provider = offer->next_of_provider;
    else
        provider->first_offer = offer->next_of_provider;
    if (offer->next_of_provider != 0)
        offer_at(core, offer->next_of_provider)->previous_of_provider = offer->previous_of_provider;
    else
        provider->last_offer = offer->previous_of_provider;
    offer->next_of_provider = offer->previous_of_provider = 0;
}

void offer_make(struct pm_core *core, uint32_t package, uint32_t service)
{
    struct package *p = package_at(core, package);
    uint32_t slot = offer_create(core, package, service);
    link_open(core, slot);
    p->open_offer = slot;
    p->state = PM_OFFERED;
    deadline_set(&core->deadlines, DEADLINE_OFFER, slot, offer_at(core, slot)->deadline);
    tell(core, PM_EVENT_OFFER_MADE, slot);
}

void offer_place(struct pm_core *core, uint32_t package, uint32_t service)
{
    uint32_t slot = offer_create(core, package, service);
    struct offer *offer = offer_at(core, slot);
    offer->state = PM_OFFER_ACCEPTED;
    offer->answered = core->header.time;
    placement_agree(core, slot);
}

/* ---- Its end ---- */

/* No longer open. What it held is still held. */
static void settle(struct pm_core *core, uint32_t slot, enum pm_offer_state state, uint8_t code)
{
    struct offer *offer = offer_at(core, slot);
    unlink_open(core, slot);
    deadline_clear(&core->deadlines, DEADLINE_OFFER, slot);
    package_at(core, offer->package)->open_offer = 0;
    offer->state = (uint8_t)state;
    offer->code = code;
    offer->answered = core->header.time;
}

/* No longer open, and came to nothing. */
static void drop(struct pm_core *core, uint32_t slot, enum pm_offer_state state, uint8_t code)
{
    const struct offer *offer = offer_at(core, slot);
    settle(core, slot, state, code);
    pool_unhold(core, *pool_of(core, offer), package_at(core, offer->package)->demand);
}

void offer_expire(struct pm_core *core, uint32_t slot)
{
    drop(core, slot, PM_OFFER_IS_EXPIRED, 0);
    tell(core, PM_EVENT_OFFER_EXPIRED, slot);
    ladder_advance(core, offer_at(core, slot)->package);
}

void offer_take_back(struct pm_core *core, uint32_t package, enum pm_offer_state state)
{
    uint32_t slot = package_at(core, package)->open_offer;
    if (slot == 0)
        return;
    drop(core, slot, state, 0);
    tell(core, state == PM_OFFER_IS_STALE ? PM_EVENT_OFFER_STALE : PM_EVENT_OFFER_WITHDRAWN, slot);
}

/* ---- Answers ---- */

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

/* May this actor answer this offer now? An answer at the deadline is in time. A broker may answer
 * for a provider who phones. */
static uint16_t may_answer(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                           uint32_t slot)
{
    if (slot == 0 || offer_at(core, slot)->market != market)
        return PM_UNKNOWN_OFFER;
    const struct offer *offer = offer_at(core, slot);
    if (actor.role == PM_PROVIDER &&
        !name_is(&provider_detail_at(core, offer->provider)->name, actor.name))
        return PM_NOT_YOURS;
    if (offer->state != PM_OFFER_OPEN)
        return status_when_over(offer);
    return core->header.time > offer->deadline ? PM_OFFER_EXPIRED : PM_OK;
}

/* Does the offer's service still pass every filter at the step it was asked at? The rules may since
 * have lost that step. */
static bool still_eligible(const struct pm_core *core, const struct offer *offer)
{
    const struct package *p = package_at(core, offer->package);
    return offer->step < kind_of(core, p->market, p->kind)->steps &&
           eligible(core, offer->package, offer->service, offer->step, FILTERS_AT_ANSWER).filter ==
               FILTER_NONE;
}

struct pm_result offer_accept(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_answer *answer)
{
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], answer->offer);
    uint16_t status = may_answer(core, market, actor, slot);
    if (status != PM_OK)
        return refused(status);
    if (!still_eligible(core, offer_at(core, slot)))
        return refused(PM_NO_LONGER_ELIGIBLE);
    if (!table_has_room(&core->table[TABLE_PLACEMENTS], 1))
        return refused(PM_FULL);
    settle(core, slot, PM_OFFER_ACCEPTED, 0);
    tell(core, PM_EVENT_OFFER_ACCEPTED, slot);
    uint32_t placement = placement_agree(core, slot);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, placement)};
}

struct pm_result offer_decline(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_answer *answer)
{
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], answer->offer);
    uint16_t status = may_answer(core, market, actor, slot);
    if (status != PM_OK)
        return refused(status);
    if (answer->code == 0 || answer->code >= PM_DECLINE_CODES)
        return refused(PM_BAD_VALUE);
    drop(core, slot, PM_OFFER_DECLINED, answer->code);
    tell(core, PM_EVENT_OFFER_DECLINED, slot);
    ladder_advance(core, offer_at(core, slot)->package);
    return (struct pm_result){PM_OK, id_of(core, TABLE_OFFERS, slot)};
}

/* ---- What an earlier answer means for asking again ---- */

/* Silence counts for its pass of the ladder; "no capacity" until capacity is stated anew, as does
 * silence; other refusals until the package's need changes. */
static bool stands(const struct pm_core *core, const struct package *package,
                   const struct offer *offer)
{
    bool restated = pool_at(core, *pool_of(core, offer))->stated > offer->answered;
    if (offer->state == PM_OFFER_IS_EXPIRED)
        return offer->pass == package->pass && offer->version >= package->need_version && !restated;
    if (offer->state != PM_OFFER_DECLINED || offer->version < package->need_version)
        return false;
    return offer->code != PM_NO_CAPACITY || !restated;
}

bool offer_blocks(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->first_offer; slot != 0; slot = offer_at(core, slot)->next_of_package) {
        const struct offer *offer = offer_at(core, slot);
        if (offer->service == service && (offer->state == PM_OFFER_OPEN || stands(core, p, offer)))
            return true;
    }
    return false;
}
