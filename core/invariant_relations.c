/* invariant_relations.c - records that belong together agree: market, owner, place in the rules. */
#include "invariant.h"
#include "rank.h"

#include <string.h>

/* The lowest n bits. */
static uint64_t mask_of(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static bool check_waitlists(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_WAITLISTS], slot)) != 0;) {
        const struct waitlist *list = waitlist_at(core, slot);
        if (market_at(core, list->market)->waitlist[list->kind][list->locality] != slot)
            return broken(check, "waitlists", slot, "its market knows another for that place");
    }
    return true;
}

/* Every kind and locality of the rules has its waitlist, and no other has one. */
static bool market_is_good(const struct pm_core *core, uint32_t slot)
{
    const struct market *market = market_at(core, slot);
    const struct pm_market *rules = &market->rules;
    for (unsigned kind = 0; kind < PM_KINDS_MAX; kind++) {
        for (unsigned locality = 0; locality < PM_LOCALITIES_MAX; locality++) {
            uint32_t list = market->waitlist[kind][locality];
            bool known = kind < rules->kinds && locality < rules->localities;
            if (known != (list != 0) || (list != 0 && waitlist_at(core, list)->market != slot))
                return false;
            if (known && (waitlist_at(core, list)->reach & ~mask_of(rules->localities)) != 0)
                return false;
        }
    }
    return true;
}

static bool has_calendar(const struct pm_core *core, uint32_t market, uint8_t position)
{
    if (position == 0)
        return true;
    uint32_t calendar =
        position > PM_CALENDARS_MAX ? 0 : market_at(core, market)->calendar[position - 1];
    return calendar != 0 && calendar_at(core, calendar)->market == market;
}

/* Each kind's calendar is there, and this market's. */
static bool calendars_are_there(const struct pm_core *core, uint32_t slot)
{
    const struct market *market = market_at(core, slot);
    for (unsigned kind = 0; kind < market->rules.kinds; kind++) {
        if (!has_calendar(core, slot, market->rules.kind[kind].calendar) ||
            !has_calendar(core, slot, market->rules.kind[kind].rounds))
            return false;
    }
    return true;
}

/* Hours are few, as most calendars share them. */
static bool check_hours(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_HOURS], slot)) != 0;) {
        uint32_t calendars = 0;
        for (uint32_t at = 0; (at = table_next(&core->table[TABLE_CALENDARS], at)) != 0;)
            calendars += calendar_at(core, at)->hours == slot;
        if (calendars == 0 || calendars != hours_at(core, slot)->calendars)
            return broken(check, "hours", slot, "not as many calendars have it as it counts");
    }
    return true;
}

static bool check_markets(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_MARKETS], slot)) != 0;)
        if (!market_is_good(core, slot))
            return broken(check, "markets", slot, "its waitlists are not those of its rules");
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_MARKETS], slot)) != 0;)
        if (!calendars_are_there(core, slot))
            return broken(check, "markets", slot, "a kind counts in a calendar that is not there");
    return true;
}

static bool check_locations(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_LOCATIONS], slot)) != 0;) {
        const struct location *location = location_at(core, slot);
        if (provider_at(core, location->provider)->market != location->market)
            return broken(check, "locations", slot, "its provider is in another market");
    }
    return true;
}

static bool check_pools(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_POOLS], slot)) != 0;) {
        const struct pool *pool = pool_at(core, slot);
        const struct location *location = location_at(core, pool->location);
        const struct pm_market *rules = &market_at(core, pool->market)->rules;
        if (location->market != pool->market || location->provider != pool->provider)
            return broken(check, "pools", slot, "its location is another's");
        if (pool->kind >= rules->kinds || pool->bands != rules->kind[pool->kind].bands)
            return broken(check, "pools", slot, "its bands are not those of its kind");
    }
    return true;
}

static bool service_is_in_rules(const struct service *service, const struct pm_market *rules)
{
    return service->kind < rules->kinds && service->lot < rules->lots &&
           (service->reach & ~mask_of(rules->localities)) == 0 &&
           (service->localities & ~service->reach) == 0 &&
           (service->capabilities & ~mask_of(rules->capabilities)) == 0;
}

static bool check_services(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;) {
        const struct service *service = service_at(core, slot);
        const struct pool *pool = pool_at(core, service->pool);
        if (pool->market != service->market || pool->location != service->location ||
            pool->provider != service->provider)
            return broken(check, "services", slot, "its pool is another's");
        if (!service_is_in_rules(service, &market_at(core, service->market)->rules))
            return broken(check, "services", slot, "it offers what its market's rules do not know");
        int32_t block = service->contract == PM_BLOCK ? SCORE_BLOCK : 0;
        if (service->score != (int64_t)service->score_price + service->score_quality + block)
            return broken(check, "services", slot, "its score is not the sum of its parts");
    }
    return true;
}

static bool exclusions_are_good(const struct package *package, const struct package_detail *detail)
{
    for (unsigned i = 0; i < PM_EXCLUSIONS_MAX; i++)
        if ((i < package->exclusions) != (detail->exclusion[i] != 0))
            return false;
    return true;
}

static bool check_package_rules(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        const struct package *package = package_at(core, slot);
        const struct pm_market *rules = &market_at(core, package->market)->rules;
        if (package->kind >= rules->kinds || package->locality >= rules->localities ||
            (package->needs & ~mask_of(rules->capabilities)) != 0)
            return broken(check, "packages", slot, "it needs what its market's rules do not know");
        if (!exclusions_are_good(package, package_detail_at(core, slot)))
            return broken(check, "packages", slot, "its exclusions are not as many as counted");
    }
    return true;
}

static bool check_offers(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_OFFERS], slot)) != 0;) {
        const struct offer *offer = offer_at(core, slot);
        const struct service *service = service_at(core, offer->service);
        if (package_at(core, offer->package)->market != service->market)
            return broken(check, "offers", slot, "package and service do not belong together");
        if (service->kind != package_at(core, offer->package)->kind)
            return broken(check, "offers", slot, "its service is of another kind than its package");
    }
    return true;
}

static bool check_placements(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PLACEMENTS], slot)) != 0;) {
        const struct placement *placement = placement_at(core, slot);
        const struct offer *offer = offer_at(core, placement->offer);
        const struct service *service = service_at(core, placement->service);
        if (offer->package != placement->package || service->provider != placement->provider ||
            service->market != placement->market || offer->service != placement->service)
            return broken(check, "placements", slot, "it is not of its offer");
        if (offer->state != PM_OFFER_ACCEPTED && offer->state != PM_OFFER_WON)
            return broken(check, "placements", slot, "its offer does not know of it");
    }
    return true;
}

/* Each cluster has as many current placements as it counts. */
static uint32_t placements_in(const struct pm_core *core, const struct cluster *cluster)
{
    uint32_t count = 0, at = provider_at(core, cluster->provider)->first_placement;
    for (; at != 0 && count <= cluster->placements; at = placement_at(core, at)->next_of_provider)
        count += package_at(core, placement_at(core, at)->package)->sector == cluster->sector;
    return count;
}

bool check_clusters(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint64_t counted = 0, placed = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_CLUSTERS], slot)) != 0;) {
        const struct cluster *cluster = cluster_at(core, slot);
        counted += cluster->placements;
        if (cluster->placements == 0 || placements_in(core, cluster) != cluster->placements)
            return broken(check, "clusters", slot, "it has not as many placements as it counts");
    }
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PLACEMENTS], slot)) != 0;)
        placed += placement_at(core, slot)->state != PM_PLACEMENT_ENDED &&
                  package_at(core, placement_at(core, slot)->package)->sector != 0;
    return counted == placed || broken(check, "clusters", counted, "so many are counted, not all");
}

bool check_relations(const struct check *check)
{
    return check_markets(check) && check_hours(check) && check_waitlists(check) &&
           check_locations(check) && check_pools(check) && check_services(check) &&
           check_package_rules(check) && check_offers(check) && check_placements(check);
}
