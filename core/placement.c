/* placement.c - packages agreed with a provider. */
#include "placement.h"

#include <string.h>

#include "find.h"
#include "package.h"
#include "pool.h"
#include "provider.h"

static void tell(struct pm_core *core, enum pm_event_kind kind, uint32_t slot)
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

uint32_t placement_agree(struct pm_core *core, uint32_t offer_slot)
{
    const struct offer *offer = offer_at(core, offer_slot);
    struct package *package = package_at(core, offer->package);
    uint32_t slot = table_take(&core->table[TABLE_PLACEMENTS]);
    struct placement *placement = placement_at(core, slot);
    placement->market = offer->market;
    placement->package = offer->package;
    placement->offer = offer_slot;
    placement->service = offer->service;
    placement->provider = offer->provider;
    placement->rules = market_at(core, offer->market)->version;
    placement->rate = offer->rate;
    placement->units = package->units;
    memcpy(placement->demand, package->demand, sizeof placement->demand);
    placement->agreed = core->header.time;
    placement->state = PM_AGREED;
    placement->kind = package->kind;
    package->placement = slot;
    package->state = PM_PLACED;
    pool_commit(core, service_at(core, offer->service)->pool, placement->demand);
    provider_award(core, offer->provider, package->kind, package->units);
    tell(core, PM_EVENT_PLACEMENT_AGREED, slot);
    return slot;
}

void placement_close(struct pm_core *core, uint32_t slot, uint8_t reason)
{
    struct placement *placement = placement_at(core, slot);
    placement->state = PM_PLACEMENT_ENDED;
    placement->end_reason = reason;
    placement->ended = core->header.time;
    tell(core, PM_EVENT_PLACEMENT_ENDED, slot);
    pool_uncommit(core, service_at(core, placement->service)->pool, placement->demand);
}

/* The placement that a command names by its package. */
static struct found_package find_placed(const struct pm_core *core, uint32_t market,
                                        struct pm_actor actor, const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status == PM_OK && package_at(core, found.package)->state != PM_PLACED)
        found.status = PM_WRONG_STATE;
    return found;
}

struct pm_result placement_start(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                 const struct pm_package_id *id)
{
    struct found_package found = find_placed(core, market, actor, id);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = package_at(core, found.package)->placement;
    struct placement *placement = placement_at(core, slot);
    if (placement->state != PM_AGREED)
        return refused(PM_WRONG_STATE);
    placement->state = PM_STARTED;
    placement->started = core->header.time;
    tell(core, PM_EVENT_PLACEMENT_STARTED, slot);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, slot)};
}

struct pm_result placement_end(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id)
{
    struct found_package found = find_placed(core, market, actor, id);
    if (found.status != PM_OK)
        return refused(found.status);
    if (id->reason == 0 || id->reason >= PM_END_REASONS)
        return refused(PM_BAD_VALUE);
    uint32_t slot = package_at(core, found.package)->placement;
    placement_close(core, slot, id->reason);
    package_end(core, found.package, PM_ENDED, id->reason);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, slot)};
}
