/* derive.c - owners, maps, deadlines and rosters, from the records. */
#include "derive.h"

#include "cluster.h"
#include "group.h"
#include "hours.h"
#include "names.h"
#include "once.h"
#include "placement.h"
#include "priority.h"
#include "provider.h"
#include "service.h"

#include <string.h>

const uint8_t derive_map_table[MAPS] = {
    [MAP_MARKETS] = TABLE_MARKETS,     [MAP_PROVIDERS] = TABLE_PROVIDERS,
    [MAP_LOCATIONS] = TABLE_LOCATIONS, [MAP_POOLS] = TABLE_POOLS,
    [MAP_SERVICES] = TABLE_SERVICES,   [MAP_PACKAGES] = TABLE_PACKAGES,
    [MAP_CLIENTS] = TABLE_CLIENTS,     [MAP_CLUSTERS] = TABLE_CLUSTERS,
    [MAP_GROUPS] = TABLE_GROUPS,       [MAP_HOURS] = TABLE_HOURS,
    [MAP_ACTORS] = TABLE_ACTORS,
};
const uint8_t derive_deadline_table[DEADLINE_KINDS] = {
    [DEADLINE_PACKAGE] = TABLE_PACKAGES,     [DEADLINE_PRIORITY] = TABLE_PACKAGES,
    [DEADLINE_PLACEMENT] = TABLE_PLACEMENTS, [DEADLINE_POOL] = TABLE_POOLS,
    [DEADLINE_SERVICE] = TABLE_SERVICES,     [DEADLINE_ROUNDS] = TABLE_CALENDARS,
};

const uint8_t derive_owned_table[DERIVE_OWNED] = {
    TABLE_PROVIDERS, TABLE_LOCATIONS,  TABLE_POOLS,  TABLE_SERVICES,
    TABLE_PACKAGES,  TABLE_PLACEMENTS, TABLE_ROUNDS,
};

/* Each of these records has its market first. */
#define OWNED(record) offsetof(struct record, market) == sizeof(struct row)
_Static_assert(OWNED(provider) && OWNED(location) && OWNED(pool) && OWNED(service) &&
                   OWNED(package) && OWNED(placement) && OWNED(round),
               "a record's market is found in the same place");

uint32_t derive_owner(const struct table *table, uint32_t slot)
{
    uint32_t market;
    memcpy(&market, (const uint8_t *)table_row(table, slot) + sizeof(struct row), sizeof market);
    return market;
}

static void derive_owners(struct table *table)
{
    for (uint32_t slot = 0; (slot = table_next(table, slot)) != 0;)
        table_own(table, slot, derive_owner(table, slot));
}

static uint64_t hash_in(uint32_t market, enum map_of map, const struct pm_name *name)
{
    return name_hash(market, map, name_text(name));
}

uint64_t derive_hash(const struct pm_core *core, enum map_of map, uint32_t slot)
{
    switch (map) {
    case MAP_MARKETS:
        return hash_in(0, map, &market_at(core, slot)->rules.name);
    case MAP_PROVIDERS:
        return hash_in(provider_at(core, slot)->market, map, &provider_detail_at(core, slot)->name);
    case MAP_LOCATIONS:
        return hash_in(location_at(core, slot)->market, map, &location_detail_at(core, slot)->name);
    case MAP_POOLS:
        return hash_in(pool_at(core, slot)->market, map, &pool_detail_at(core, slot)->name);
    case MAP_SERVICES:
        return hash_in(service_at(core, slot)->market, map, &service_detail_at(core, slot)->name);
    case MAP_PACKAGES:
        return hash_in(package_at(core, slot)->market, map,
                       &package_detail_at(core, slot)->reference);
    case MAP_CLUSTERS:
        return cluster_hash(cluster_at(core, slot));
    case MAP_GROUPS:
        return group_hash(group_at(core, slot));
    case MAP_HOURS:
        return hours_hash(hours_at(core, slot));
    case MAP_ACTORS:
        return once_actor_hash(actor_at(core, slot));
    default:
        return once_hash(core, client_at(core, slot));
    }
}

int64_t derive_due(const struct pm_core *core, enum deadline_kind kind, uint32_t slot)
{
    switch (kind) {
    case DEADLINE_PACKAGE:
        return package_at(core, slot)->due == 0 ? INT64_MAX : package_at(core, slot)->due;
    case DEADLINE_PRIORITY:
        return priority_next(core, slot);
    case DEADLINE_PLACEMENT:
        return placement_due(core, slot);
    case DEADLINE_ROUNDS:
        return calendar_at(core, slot)->due;
    case DEADLINE_POOL:
        return pool_at(core, slot)->capacity == POOL_DECLARED ? pool_at(core, slot)->valid_until
                                                              : INT64_MAX;
    default:
        return service_next_change(core, slot);
    }
}

uint64_t derive_promised(const struct pm_core *core)
{
    uint64_t promised = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;)
        promised += (uint64_t)__builtin_popcountll(service_at(core, slot)->reach);
    return promised;
}

static void derive_map(struct pm_core *core, enum map_of map)
{
    const struct table *table = &core->table[derive_map_table[map]];
    for (uint32_t slot = 0; (slot = table_next(table, slot)) != 0;)
        map_add(&core->map[map], derive_hash(core, map, slot), slot);
}

static void derive_deadlines(struct pm_core *core, enum deadline_kind kind)
{
    const struct table *table = &core->table[derive_deadline_table[kind]];
    for (uint32_t slot = 0; (slot = table_next(table, slot)) != 0;)
        deadline_set(&core->deadlines, kind, slot, derive_due(core, kind, slot));
}

static bool derive_rosters(struct pm_core *core)
{
    uint64_t promised = derive_promised(core);
    if (promised > core->rosters.capacity)
        return false;
    roster_promise(core, (int)promised);
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;) {
        const struct service *service = service_at(core, slot);
        const struct market *market = market_at(core, service->market);
        for (uint64_t reach = service->listed ? service->reach : 0; reach != 0; reach &= reach - 1)
            roster_add(core, market->waitlist[service->kind][__builtin_ctzll(reach)], slot);
    }
    return true;
}

void derive_day(struct pm_core *core)
{
    core->today = pm_date_of(core->header.time);
    core->quarter = provider_quarter(core->today);
}

bool derive_all(struct pm_core *core)
{
    derive_day(core);
    for (int o = 0; o < DERIVE_OWNED; o++)
        derive_owners(&core->table[derive_owned_table[o]]);
    for (int map = 0; map < MAPS; map++)
        derive_map(core, (enum map_of)map);
    for (int kind = 0; kind < DEADLINE_KINDS; kind++)
        derive_deadlines(core, (enum deadline_kind)kind);
    return derive_rosters(core);
}
