/* market.c - a market's rules: loaded whole with its supply, or replaced. */
#include "market.h"

#include <string.h>

#include "calendar.h"
#include "dates.h"
#include "find.h"
#include "group.h"
#include "ladder.h"
#include "names.h"
#include "offer.h"
#include "package.h"
#include "pool.h"
#include "priority.h"
#include "provider.h"
#include "rules.h"
#include "service.h"
#include "suspend.h"
#include "waitlist.h"

/* ---- Taking rules up ---- */

/* Longest-prefix search wants them by code. */
static void sort_prefixes(struct pm_market *rules)
{
    for (unsigned i = 1; i < rules->prefixes; i++) {
        struct pm_prefix prefix = rules->prefix[i];
        unsigned at = i;
        for (; at > 0 && rules->prefix[at - 1].code > prefix.code; at--)
            rules->prefix[at] = rules->prefix[at - 1];
        rules->prefix[at] = prefix;
    }
}

/* From where packages may come to each locality, over all steps. Neighbourhood is mutual. */
static uint64_t reach_of(const struct pm_market *rules, const struct pm_kind *kind,
                         unsigned locality)
{
    uint64_t reach = 0;
    for (unsigned s = 0; s < kind->steps; s++) {
        if (kind->step[s].where == PM_EVERYWHERE)
            return UINT64_MAX >> (PM_LOCALITIES_MAX - rules->localities);
        reach |= 1ull << locality;
        if (kind->step[s].where == PM_NEIGHBOURS)
            reach |= rules->locality[locality].neighbours;
    }
    return reach;
}

static unsigned waitlists_missing(const struct market *market, const struct pm_market *rules)
{
    unsigned missing = 0;
    for (unsigned k = 0; k < rules->kinds; k++)
        for (unsigned l = 0; l < rules->localities; l++)
            missing += market->waitlist[k][l] == 0;
    return missing;
}

static void waitlist_create(struct pm_core *core, uint32_t market, unsigned kind, unsigned locality)
{
    uint32_t slot = table_take(&core->table[TABLE_WAITLISTS]);
    struct waitlist *list = waitlist_at(core, slot);
    list->market = market;
    list->kind = (uint8_t)kind;
    list->locality = (uint8_t)locality;
    market_at(core, market)->waitlist[kind][locality] = slot;
}

/* There must be room for the waitlists that are missing. */
static void take_up(struct pm_core *core, uint32_t slot, const struct pm_market *rules)
{
    struct market *market = market_at(core, slot);
    market->rules = *rules;
    market->version++;
    sort_prefixes(&market->rules);
    for (unsigned k = 0; k < rules->kinds; k++)
        for (unsigned l = 0; l < rules->localities; l++) {
            if (market->waitlist[k][l] == 0)
                waitlist_create(core, slot, k, l);
            waitlist_at(core, market->waitlist[k][l])->reach = reach_of(rules, &rules->kind[k], l);
        }
}

/* ---- A new market, with its supply ---- */

struct pm_result market_put(struct pm_core *core, uint32_t market, struct pm_actor actor,
                            const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PROVIDER_PUT:
        return provider_put(core, market, &command->provider);
    case PM_LOCATION_PUT:
        return location_put(core, market, &command->location);
    case PM_POOL_PUT:
        return pool_put(core, market, &command->pool);
    case PM_SERVICE_PUT:
        return service_put(core, market, &command->service);
    case PM_CAPACITY_SET:
        return capacity_set(core, market, actor, &command->capacity);
    case PM_PROVIDER_SUSPEND:
        return provider_suspend(core, market, &command->suspension);
    case PM_PROVIDER_RESUME:
        return provider_resume(core, market, &command->suspension);
    case PM_PROVIDER_FAIL:
        return provider_fail(core, market, &command->failure);
    case PM_SERVICE_TRANSFER:
        return service_transfer(core, market, &command->transfer);
    default:
        return refused(PM_UNKNOWN_COMMAND);
    }
}

/* Frees the records of one table that belong to a market; forget() takes each out of what is
 * derived. */
static void free_all(struct pm_core *core, enum table_of table, uint32_t market,
                     uint32_t (*market_of)(const struct pm_core *, uint32_t),
                     void (*forget)(struct pm_core *, uint32_t market, uint32_t slot))
{
    for (uint32_t slot = 0; (slot = table_next(&core->table[table], slot)) != 0;)
        if (market_of(core, slot) == market) {
            if (forget != NULL)
                forget(core, market, slot);
            table_free(&core->table[table], slot);
        }
}

#define MARKET_OF(record)                                                      \
    static uint32_t record##_market(const struct pm_core *core, uint32_t slot) \
    {                                                                          \
        return record##_at(core, slot)->market;                                \
    }
MARKET_OF(provider)
MARKET_OF(location)
MARKET_OF(pool)
MARKET_OF(service)
MARKET_OF(waitlist)
#undef MARKET_OF

static void forget_name(struct pm_core *core, enum map_of map, uint32_t market,
                        const struct pm_name *name, uint32_t slot)
{
    map_remove(&core->map[map], name_hash(market, map, name_text(name)), slot);
}

static void forget_provider(struct pm_core *core, uint32_t market, uint32_t slot)
{
    forget_name(core, MAP_PROVIDERS, market, &provider_detail_at(core, slot)->name, slot);
}

static void forget_location(struct pm_core *core, uint32_t market, uint32_t slot)
{
    forget_name(core, MAP_LOCATIONS, market, &location_detail_at(core, slot)->name, slot);
}

static void forget_pool(struct pm_core *core, uint32_t market, uint32_t slot)
{
    deadline_clear(&core->deadlines, DEADLINE_POOL, slot);
    forget_name(core, MAP_POOLS, market, &pool_detail_at(core, slot)->name, slot);
}

static void forget_service(struct pm_core *core, uint32_t market, uint32_t slot)
{
    service_unlist(core, slot);
    roster_promise(core, -__builtin_popcountll(service_at(core, slot)->reach));
    deadline_clear(&core->deadlines, DEADLINE_SERVICE, slot);
    forget_name(core, MAP_SERVICES, market, &service_detail_at(core, slot)->name, slot);
}

/* An uplift already due may have ordered one. Those of a market that is being loaded are the last
 * of the queue. */
static void forget_sweeps(struct pm_core *core, uint32_t market)
{
    uint32_t last = 0, at = core->header.sweep_first;
    while (at != 0 && sweep_at(core, at)->market != market) {
        last = at;
        at = sweep_at(core, at)->next;
    }
    while (at != 0) {
        uint32_t next = sweep_at(core, at)->next;
        table_free(&core->table[TABLE_SWEEPS], at);
        at = next;
    }
    if (last != 0)
        sweep_at(core, last)->next = 0;
    else
        core->header.sweep_first = 0;
    core->header.sweep_last = last;
}

/* Takes back a market whose supply was refused: it has no packages yet. */
static void unload(struct pm_core *core, uint32_t slot)
{
    free_all(core, TABLE_SERVICES, slot, service_market, forget_service);
    free_all(core, TABLE_POOLS, slot, pool_market, forget_pool);
    free_all(core, TABLE_LOCATIONS, slot, location_market, forget_location);
    free_all(core, TABLE_PROVIDERS, slot, provider_market, forget_provider);
    free_all(core, TABLE_WAITLISTS, slot, waitlist_market, NULL);
    calendars_free(core, slot);
    forget_sweeps(core, slot);
    map_remove(&core->map[MAP_MARKETS],
               name_hash(0, MAP_MARKETS, name_text(&market_at(core, slot)->rules.name)), slot);
    table_free(&core->table[TABLE_MARKETS], slot);
    core->event_count = 0;
}

static struct pm_result loaded(struct pm_core *core, uint32_t slot)
{
    event_add(core, PM_EVENT_MARKET_LOADED, slot);
    return (struct pm_result){PM_OK, id_of(core, TABLE_MARKETS, slot)};
}

static struct pm_result load_new(struct pm_core *core, struct pm_actor actor,
                                 const struct pm_load *load)
{
    const struct pm_market *rules = load->market;
    if (!table_has_room(&core->table[TABLE_MARKETS], 1) ||
        !table_has_room(&core->table[TABLE_WAITLISTS],
                        (uint32_t)rules->kinds * rules->localities) ||
        !table_has_room(&core->table[TABLE_CALENDARS], calendars_missing(NULL, load)))
        return refused(PM_FULL);
    uint32_t slot = table_take(&core->table[TABLE_MARKETS]);
    take_up(core, slot, rules);
    calendars_take_up(core, slot, load);
    map_add(&core->map[MAP_MARKETS], name_hash(0, MAP_MARKETS, name_text(&rules->name)), slot);
    for (uint32_t i = 0; i < load->supplies; i++) {
        struct pm_result result = market_put(core, slot, actor, &load->supply[i]);
        if (result.status != PM_OK) {
            unload(core, slot);
            return (struct pm_result){result.status, i + 1};
        }
        core->event_count = 0; /* watchers are told of the market, not of each of its parts */
    }
    return loaded(core, slot);
}

/* ---- New rules for a market that is there ---- */

/* Records point into the rules by position: what is there must stay where it is. */
static bool keeps_shape(const struct pm_market *old, const struct pm_market *new)
{
    if (new->kinds < old->kinds || new->localities < old->localities ||
        new->capabilities < old->capabilities || new->lots < old->lots)
        return false;
    for (unsigned i = 0; i < old->kinds; i++) {
        const struct pm_kind *a = &old->kind[i], *b = &new->kind[i];
        if (memcmp(&a->name, &b->name, sizeof a->name) != 0 || a->unit != b->unit ||
            a->bands != b->bands || memcmp(a->band, b->band, sizeof a->band) != 0)
            return false;
    }
    for (unsigned i = 0; i < old->localities; i++)
        if (memcmp(&old->locality[i].name, &new->locality[i].name, sizeof old->locality[i].name) !=
            0)
            return false;
    for (unsigned i = 0; i < old->lots; i++)
        if (memcmp(&old->lot[i].name, &new->lot[i].name, sizeof old->lot[i].name) != 0)
            return false;
    return memcmp(old->capability, new->capability, old->capabilities * sizeof *old->capability) ==
           0;
}

/* Is an open package at a step that the rules have no longer, or have as another? Those who wait
 * for the rest of their group are at none. */
static bool has_lost_its_step(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    const struct pm_kind *kind = kind_of(core, package->market, package->kind);
    uint8_t route = package->step < kind->steps ? kind->step[package->step].route : 0;
    if (package->state != PM_OPEN || group_is_incomplete(core, slot) ||
        !group_may_pause(core, slot))
        return false;
    return route != (package->waits == WAITS_GATHERED ? PM_ROUND : PM_BROKER_AWARD);
}

/* How long ended packages stay may have changed, when refusals lapse, and how waiting raises. */
static void take_up_deadlines(struct pm_core *core, uint32_t market)
{
    for (uint32_t p = 0; (p = table_next_of(&core->table[TABLE_PACKAGES], market, p)) != 0;) {
        const struct package *package = package_at(core, p);
        if (package_detail_at(core, p)->ended != 0)
            package_set_due(core, p, package_lapse_time(core, p));
        else if (package->state == PM_WAITING)
            package_set_due(core, p, offers_lapse(core, p));
        else if (has_lost_its_step(core, p))
            package_set_due(core, p, core->header.time - 1);
        priority_refresh(core, p);
    }
}

static struct pm_result load_rules(struct pm_core *core, uint32_t slot, const struct pm_load *load)
{
    struct market *market = market_at(core, slot);
    if (load->supplies > 0)
        return refused(PM_MARKET_EXISTS);
    if (!keeps_shape(&market->rules, load->market))
        return refused(PM_SHAPE_CHANGED);
    if (!table_has_room(&core->table[TABLE_WAITLISTS], waitlists_missing(market, load->market)))
        return refused(PM_FULL);
    if (!table_has_room(&core->table[TABLE_CALENDARS], calendars_missing(market, load)))
        return refused(PM_FULL);
    take_up(core, slot, load->market);
    calendars_take_up(core, slot, load);
    for (uint32_t l = 0; (l = table_next_of(&core->table[TABLE_LOCATIONS], slot, l)) != 0;) {
        struct location *location = location_at(core, l);
        location->quality = quality_of(&market->rules, location->rating, location->score);
    }
    services_refresh(core, slot);
    take_up_deadlines(core, slot);
    return loaded(core, slot);
}

struct pm_result market_load(struct pm_core *core, struct pm_actor actor,
                             const struct pm_load *load)
{
    if (load->market == NULL || !rules_are_good(load->market) || !calendars_are_good(load))
        return refused(PM_BAD_MARKET);
    uint32_t slot = find_market(core, name_text(&load->market->name));
    return slot == 0 ? load_new(core, actor, load) : load_rules(core, slot, load);
}
