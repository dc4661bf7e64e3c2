/* offer.c - one question to one service. */
#include "offer.h"

#include "calendar.h"
#include "pool.h"
#include "sweep.h"

static void tell(struct pm_core *core, enum pm_event_kind kind, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    struct pm_event *event = event_add(core, kind, package_at(core, offer->package)->market);
    event->code = offer->code;
    event->package = offer->package;
    event->offer = slot;
    event->service = offer->service;
    event->provider = offer_provider(core, offer);
}

static uint32_t pool_of(const struct pm_core *core, const struct offer *offer)
{
    return service_at(core, offer->service)->pool;
}

/* ---- Making one ---- */

static uint32_t offer_create(struct pm_core *core, uint32_t package, uint32_t service)
{
    struct package *p = package_at(core, package);
    uint32_t slot = table_take(&core->table[TABLE_OFFERS]);
    struct offer *offer = offer_at(core, slot);
    offer->package = package;
    offer->service = service;
    offer->version = p->version;
    offer->made = core->header.time;
    offer->step = p->step;
    offer->pass = (p->pass - 1) & 7;
    offer->next_of_package = p->first_offer;
    p->first_offer = slot;
    return slot;
}

/* ---- The provider's live ones, the oldest first ---- */

static void link_live(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    struct provider *provider = provider_at(core, offer_provider(core, offer));
    offer->previous_of_provider = provider->last_offer;
    if (provider->last_offer != 0)
        offer_at(core, provider->last_offer)->next_of_provider = slot;
    else
        provider->first_offer = slot;
    provider->last_offer = slot;
}

static void unlink_live(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    struct provider *provider = provider_at(core, offer_provider(core, offer));
    sweep_passes(core, SWEEP_OFFERS, slot, offer->next_of_provider);
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

void offer_hold(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    offer->holds = 1;
    pool_hold(core, pool_of(core, offer), package_at(core, offer->package)->demand);
}

void offer_release(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    if (!offer->holds)
        return;
    offer->holds = 0;
    pool_unhold(core, pool_of(core, offer), package_at(core, offer->package)->demand);
}

uint32_t offer_make(struct pm_core *core, uint32_t package, struct ranked best, uint8_t route)
{
    uint32_t slot = offer_create(core, package, best.service);
    struct offer *offer = offer_at(core, slot);
    offer->rate = service_at(core, best.service)->rate;
    offer->score = best.score;
    offer->route = route;
    link_live(core, slot);
    package_at(core, package)->invited++;
    if (route == PM_CALL_OFF)
        offer_hold(core, slot);
    tell(core, PM_EVENT_OFFER_MADE, slot);
    return slot;
}

uint32_t offer_record(struct pm_core *core, uint32_t package, uint32_t service, int32_t rate,
                      uint8_t route)
{
    uint32_t slot = offer_create(core, package, service);
    struct offer *offer = offer_at(core, slot);
    offer->rate = rate;
    offer->score = service_at(core, service)->score;
    offer->route = route;
    offer->state = PM_OFFER_ACCEPTED;
    offer->answered = core->header.time;
    return slot;
}

uint32_t offer_instant(struct pm_core *core, uint32_t package, uint32_t service, int32_t rate,
                       uint8_t route)
{
    uint32_t slot = offer_record(core, package, service, rate, route);
    offer_hold(core, slot);
    return slot;
}

/* ---- Its answer and its end ---- */

void offer_takes(struct pm_core *core, uint32_t slot, const int32_t *before)
{
    const struct offer *offer = offer_at(core, slot);
    pool_hold(core, pool_of(core, offer), package_at(core, offer->package)->demand);
    pool_unhold(core, pool_of(core, offer), before);
}

void offers_follow_demand(struct pm_core *core, uint32_t package, const int32_t *before)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->invited + p->tendered > 0 ? p->first_offer : 0; slot != 0;
         slot = offer_at(core, slot)->next_of_package)
        if (offer_at(core, slot)->holds)
            offer_takes(core, slot, before);
}

void offer_tendered(struct pm_core *core, uint32_t slot)
{
    struct offer *offer = offer_at(core, slot);
    struct package *package = package_at(core, offer->package);
    if (offer->state == PM_OFFER_OPEN) {
        package->invited--;
        package->tendered++;
    }
    offer->state = PM_OFFER_TENDERED;
    offer->answered = core->header.time;
    tell(core, PM_EVENT_OFFER_TENDERED, slot);
}

void offer_over(struct pm_core *core, uint32_t slot, enum pm_offer_state state, uint8_t code)
{
    static const uint8_t events[PM_OFFER_STATES] = {
        [PM_OFFER_ACCEPTED] = PM_EVENT_OFFER_ACCEPTED,
        [PM_OFFER_DECLINED] = PM_EVENT_OFFER_DECLINED,
        [PM_OFFER_IS_EXPIRED] = PM_EVENT_OFFER_EXPIRED,
        [PM_OFFER_IS_WITHDRAWN] = PM_EVENT_OFFER_WITHDRAWN,
        [PM_OFFER_IS_STALE] = PM_EVENT_OFFER_STALE,
        [PM_OFFER_WON] = PM_EVENT_OFFER_WON,
        [PM_OFFER_LOST] = PM_EVENT_OFFER_LOST,
    };
    struct offer *offer = offer_at(core, slot);
    struct package *package = package_at(core, offer->package);
    unlink_live(core, slot);
    if (offer->state == PM_OFFER_OPEN)
        package->invited--;
    else
        package->tendered--;
    if (package->chosen == slot)
        package->chosen = 0;
    offer->state = (uint8_t)state;
    offer->code = code;
    offer->answered = core->header.time;
    if (state != PM_OFFER_ACCEPTED && state != PM_OFFER_WON)
        offer_release(core, slot);
    tell(core, (enum pm_event_kind)events[state], slot);
}

void offers_over(struct pm_core *core, uint32_t package, uint32_t but, enum pm_offer_state open,
                 enum pm_offer_state tendered)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->first_offer; slot != 0 && p->invited + p->tendered > 0;
         slot = offer_at(core, slot)->next_of_package) {
        const struct offer *offer = offer_at(core, slot);
        if (slot != but && offer_is_live(offer))
            offer_over(core, slot, offer->state == PM_OFFER_OPEN ? open : tendered, 0);
    }
}

/* ---- What an earlier answer means for asking again ---- */

/* When a "no capacity" lapses by itself; INT64_MAX: only when capacity is stated anew. */
static int64_t lapse_of(const struct pm_core *core, const struct offer *offer)
{
    const struct package *p = package_at(core, offer->package);
    uint32_t again = kind_of(core, p->market, p->kind)->ask_again;
    return again == 0 ? INT64_MAX
                      : calendar_after(core, p->market, p->kind, offer->answered, again);
}

/* Is it whose notice runs? While it does nothing makes up for it. */
static bool is_on_notice(const struct pm_core *core, const struct package *package,
                         const struct offer *offer)
{
    const struct placement *current = placement_at(core, package->placement);
    return offer->handed_back != 0 && package->placement != 0 && current->state == PM_NOTICE &&
           offer_at(core, current->offer) == offer;
}

/* Silence and a lost tender count for their pass of that search; "no capacity" until capacity is
 * stated anew, as do these, or until it lapses; other refusals, and a placement handed back, until
 * the package's need changes. */
static bool stands(const struct pm_core *core, const struct package *package,
                   const struct offer *offer)
{
    bool restated = pool_at(core, pool_of(core, offer))->stated > offer->answered;
    if (is_on_notice(core, package, offer))
        return true;
    if (offer->version < package->need_version)
        return false;
    switch (offer->state) {
    case PM_OFFER_IS_EXPIRED:
    case PM_OFFER_LOST:
        return offer->pass + 1 == package->pass && !offer->earlier && !restated;
    case PM_OFFER_DECLINED:
        return offer->code != PM_NO_CAPACITY ||
               (!restated && core->header.time <= lapse_of(core, offer));
    default:
        return offer->handed_back != 0;
    }
}

bool offer_blocks(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->first_offer; slot != 0; slot = offer_at(core, slot)->next_of_package) {
        const struct offer *offer = offer_at(core, slot);
        if (offer->service == service && (offer_is_live(offer) || stands(core, p, offer)))
            return true;
    }
    return false;
}

void offers_begin_anew(struct pm_core *core, uint32_t package)
{
    for (uint32_t slot = package_at(core, package)->first_offer; slot != 0;
         slot = offer_at(core, slot)->next_of_package)
        offer_at(core, slot)->earlier = 1;
}

int64_t offers_lapse(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    int64_t first = INT64_MAX;
    if (kind_of(core, p->market, p->kind)->ask_again == 0)
        return 0;
    for (uint32_t slot = p->first_offer; slot != 0; slot = offer_at(core, slot)->next_of_package) {
        const struct offer *offer = offer_at(core, slot);
        if (offer->state != PM_OFFER_DECLINED || offer->code != PM_NO_CAPACITY ||
            !stands(core, p, offer))
            continue;
        int64_t lapse = lapse_of(core, offer);
        first = lapse < first ? lapse : first;
    }
    return first == INT64_MAX ? 0 : first;
}
