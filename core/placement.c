/* placement.c - packages agreed with a provider: their records, start and end. */
#include "placement.h"

#include <string.h>

#include "cluster.h"
#include "dates.h"
#include "offer.h"
#include "package.h"
#include "placement_parts.h"
#include "pool.h"
#include "provider.h"
#include "sweep.h"

void placement_tell(struct pm_core *core, enum pm_event_kind kind, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    struct pm_event *event = event_add(core, kind, placement->market);
    event->code = placement->end_reason;
    event->package = placement->package;
    event->offer = placement->offer;
    event->placement = slot;
    event->service = placement->service;
    event->provider = placement->provider;
}

static uint32_t pool_of(const struct pm_core *core, const struct placement *placement)
{
    return service_at(core, placement->service)->pool;
}

/* ---- The provider's current ones, the oldest first ---- */

static void link_current(struct pm_core *core, uint32_t slot)
{
    struct placement *placement = placement_at(core, slot);
    struct provider *provider = provider_at(core, placement->provider);
    placement->previous_of_provider = provider->last_placement;
    placement->next_of_provider = 0;
    if (provider->last_placement != 0)
        placement_at(core, provider->last_placement)->next_of_provider = slot;
    else
        provider->first_placement = slot;
    provider->last_placement = slot;
    cluster_add(core, placement->provider, package_at(core, placement->package)->sector);
}

static void unlink_current(struct pm_core *core, uint32_t slot)
{
    struct placement *placement = placement_at(core, slot);
    struct provider *provider = provider_at(core, placement->provider);
    uint32_t previous = placement->previous_of_provider, next = placement->next_of_provider;
    sweep_passes(core, SWEEP_PLACEMENTS, slot, next);
    if (previous != 0)
        placement_at(core, previous)->next_of_provider = next;
    else
        provider->first_placement = next;
    if (next != 0)
        placement_at(core, next)->previous_of_provider = previous;
    else
        provider->last_placement = previous;
    placement->next_of_provider = placement->previous_of_provider = 0;
    cluster_remove(core, placement->provider, package_at(core, placement->package)->sector);
}

/* ---- Agreeing ---- */

/* What was brokered counts as awarded; what was imported does not. */
static void count(struct pm_core *core, uint32_t slot)
{
    struct placement *placement = placement_at(core, slot);
    if (offer_at(core, placement->offer)->route == PM_IMPORTED)
        return;
    placement->awarded = placement->units;
    provider_award(core, placement->provider, placement->kind, placement->units);
}

static void attach(struct pm_core *core, uint32_t package, uint32_t slot)
{
    struct package *p = package_at(core, package);
    placement_at(core, slot)->older = package_detail_at(core, package)->last_placement;
    package_detail_at(core, package)->last_placement = slot;
    package_detail_at(core, package)->return_to = 0;
    if (p->placement == 0)
        p->placement = slot;
    else
        p->successor = slot;
    p->state = PM_PLACED;
}

uint32_t placement_agree(struct pm_core *core, uint32_t offer_slot)
{
    struct offer *offer = offer_at(core, offer_slot);
    const struct package *p = package_at(core, offer->package);
    uint32_t slot = table_take_for(&core->table[TABLE_PLACEMENTS], p->market);
    struct placement *placement = placement_at(core, slot);
    placement->market = p->market;
    placement->package = offer->package;
    placement->offer = offer_slot;
    placement->service = offer->service;
    placement->provider = offer_provider(core, offer);
    placement->rules = market_at(core, p->market)->version;
    placement->rate = offer->rate;
    placement->units = p->units;
    memcpy(placement->demand, p->demand, sizeof placement->demand);
    placement->agreed = core->header.time;
    placement->state = PM_AGREED;
    placement->kind = p->kind;
    placement->decided_by = offer->decided_by;
    placement->negotiated = offer->route == PM_SPOT_OFFER || offer->route == PM_BROKER_AWARD ||
                            offer->route == PM_IMPORTED;
    offer->holds = 0;
    attach(core, offer->package, slot);
    pool_commit(core, pool_of(core, placement), placement->demand);
    link_current(core, slot);
    count(core, slot);
    placement_tell(core, PM_EVENT_PLACEMENT_AGREED, slot);
    return slot;
}

/* ---- To another service ---- */

void placement_move(struct pm_core *core, uint32_t slot, uint32_t service)
{
    struct placement *placement = placement_at(core, slot);
    if (!table_has_room(&core->table[TABLE_OFFERS], 1) ||
        !pool_hand_over(core, pool_of(core, placement), service_at(core, service)->pool,
                        placement->demand))
        return;
    unlink_current(core, slot);
    placement->service = service;
    placement->provider = service_at(core, service)->provider;
    if (placement->ceases != 0) { /* who was to stop on a day has it no longer */
        placement->ceases = 0;
        deadline_clear(&core->deadlines, DEADLINE_PLACEMENT, slot);
    }
    placement->offer =
        offer_record(core, placement->package, service, placement->rate, PM_TRANSFERRED);
    link_current(core, slot);
    placement_tell(core, PM_EVENT_PLACEMENT_CHANGED, slot);
}

/* ---- Ending ---- */

/* Units awarded for care that never began count no longer, if they still would. */
static void count_no_more(struct pm_core *core, uint32_t slot)
{
    struct placement *placement = placement_at(core, slot);
    bool moved = offer_at(core, placement->offer)->route == PM_TRANSFERRED;
    if (placement->awarded != 0 && placement->started == 0 && !moved)
        provider_unaward(core, placement->provider, placement->kind, placement->awarded,
                         placement->agreed);
}

static void detach(struct pm_core *core, uint32_t slot)
{
    struct package *p = package_at(core, placement_at(core, slot)->package);
    if (p->placement == slot)
        p->placement = p->successor;
    p->successor = 0;
}

void placement_not_again(struct pm_core *core, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    struct offer *offer = offer_at(core, placement->offer);
    offer->handed_back = 1;
    offer->version = package_at(core, placement->package)->version;
}

void placement_close(struct pm_core *core, uint32_t slot, uint8_t reason)
{
    struct placement *placement = placement_at(core, slot);
    detach(core, slot);
    unlink_current(core, slot);
    count_no_more(core, slot);
    placement->state = PM_PLACEMENT_ENDED;
    placement->end_reason = reason;
    placement->ended = core->header.time;
    deadline_clear(&core->deadlines, DEADLINE_PLACEMENT, slot);
    if (reason == PM_HANDED_BACK || reason == PM_PROVIDER_FAILED)
        placement_not_again(core, slot);
    placement_tell(core, PM_EVENT_PLACEMENT_ENDED, slot);
    pool_uncommit(core, pool_of(core, placement), placement->demand);
}

/* ---- Start and end, as a broker says ---- */

struct found_package placement_find(const struct pm_core *core, uint32_t market,
                                    struct pm_actor actor, struct pm_text reference,
                                    struct pm_text referrer)
{
    struct found_package found = find_package(core, market, reference, referrer, actor);
    if (found.status == PM_OK && package_at(core, found.package)->placement == 0)
        found.status = PM_WRONG_STATE;
    return found;
}

/* What a started package follows, directly or through others, has done what it was for; or is
 * needed no more, where nobody gives the care. */
static void end_followed(struct pm_core *core, uint32_t package)
{
    uint32_t followed = package_detail_at(core, package)->follows;
    while (followed != 0 && core->event_count + EVENTS_A_STEP <= PM_EVENTS_MAX) {
        uint32_t before = package_detail_at(core, followed)->follows;
        if (package_is_over(package_at(core, followed)))
            return;
        if (package_at(core, followed)->placement != 0)
            package_finish(core, followed, PM_ENDED, PM_REPLACED);
        else
            package_withdraw_at(core, followed, PM_REPLACED);
        followed = before;
    }
}

void placement_begin(struct pm_core *core, uint32_t slot, int64_t started)
{
    struct placement *placement = placement_at(core, slot);
    uint32_t current = package_at(core, placement->package)->placement;
    placement->state = PM_STARTED;
    placement->started = started;
    placement_tell(core, PM_EVENT_PLACEMENT_STARTED, slot);
    if (current != slot)
        placement_close(core, current, PM_REPLACED);
    end_followed(core, placement->package);
}

struct pm_result placement_start(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                 const struct pm_package_id *id)
{
    struct found_package found = placement_find(core, market, actor, id->reference, id->referrer);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = placement_newest(core, found.package);
    if (placement_at(core, slot)->state != PM_AGREED)
        return refused(PM_WRONG_STATE);
    placement_begin(core, slot, core->header.time);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, slot)};
}

struct pm_result placement_end(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id)
{
    struct found_package found = placement_find(core, market, actor, id->reference, id->referrer);
    if (found.status != PM_OK)
        return refused(found.status);
    if (id->reason == 0 || id->reason >= PM_REASONS_GIVEN)
        return refused(PM_BAD_VALUE);
    uint32_t slot = package_at(core, found.package)->placement;
    if (id->reason == PM_HANDED_BACK || id->reason == PM_PROVIDER_FAILED)
        placement_lose(core, slot, id->reason);
    else
        package_finish(core, found.package, PM_ENDED, id->reason);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, slot)};
}
