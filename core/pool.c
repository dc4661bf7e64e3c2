/* pool.c - capacity: declared, committed, held. */
#include "pool.h"

#include <string.h>

#include "bands.h"
#include "find.h"
#include "names.h"
#include "waitlist.h"

/* A service on the rosters: their bounds may not be lower than what it has now. */
static void raise_rosters(struct pm_core *core, uint32_t service)
{
    const struct service *s = service_at(core, service);
    const struct market *market = market_at(core, s->market);
    for (uint64_t reach = s->listed ? s->reach : 0; reach != 0; reach &= reach - 1)
        roster_raise(core, market->waitlist[s->kind][__builtin_ctzll(reach)], service);
}

/* Tells whoever looks for capacity that there is more of it. */
static void grew(struct pm_core *core, uint32_t slot)
{
    uint32_t service = pool_at(core, slot)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_pool) {
        raise_rosters(core, service);
        if (service_at(core, service)->listed)
            agenda_add(core, service);
    }
}

void pool_hold(struct pm_core *core, uint32_t pool, const int32_t *demand)
{
    bands_add(pool_at(core, pool)->held, demand);
}

void pool_unhold(struct pm_core *core, uint32_t pool, const int32_t *demand)
{
    bands_subtract(pool_at(core, pool)->held, demand);
    grew(core, pool);
}

void pool_commit(struct pm_core *core, uint32_t pool, const int32_t *demand)
{
    bands_subtract(pool_at(core, pool)->held, demand);
    bands_add(pool_at(core, pool)->committed, demand);
}

void pool_uncommit(struct pm_core *core, uint32_t pool, const int32_t *demand)
{
    bands_subtract(pool_at(core, pool)->committed, demand);
    grew(core, pool);
}

void pool_release(struct pm_core *core, uint32_t pool, const int32_t *demand)
{
    uint32_t service = pool_at(core, pool)->first_service;
    bands_subtract(pool_at(core, pool)->held, demand);
    for (; service != 0; service = service_at(core, service)->next_in_pool)
        raise_rosters(core, service);
}

void pool_resize(struct pm_core *core, uint32_t pool, const int32_t *before, const int32_t *after)
{
    bands_add(pool_at(core, pool)->committed, after);
    bands_subtract(pool_at(core, pool)->committed, before);
    grew(core, pool);
}

bool pool_has_margin(const struct pm_core *core, uint32_t slot, int32_t amount)
{
    const struct pool *pool = pool_at(core, slot);
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if ((int64_t)pool->declared[b] + amount > INT32_MAX ||
            (int64_t)pool->committed[b] + pool->held[b] + amount > INT32_MAX)
            return false;
    return true;
}

void pool_bring(struct pm_core *core, uint32_t slot, const int32_t *demand)
{
    if (pool_at(core, slot)->capacity == POOL_DECLARED)
        bands_add(pool_at(core, slot)->declared, demand);
}

bool pool_hand_over(struct pm_core *core, uint32_t slot, uint32_t to, const int32_t *demand)
{
    struct pool *pool = pool_at(core, slot);
    if (slot == to)
        return true;
    int32_t most = 0;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        most = demand[b] > most ? demand[b] : most;
    if (!pool_has_margin(core, to, most))
        return false;
    pool_bring(core, to, demand);
    bands_add(pool_at(core, to)->committed, demand);
    bands_subtract(pool->committed, demand);
    for (unsigned b = 0; b < PM_BANDS_MAX && pool->capacity == POOL_DECLARED; b++)
        pool->declared[b] = pool->declared[b] > demand[b] ? pool->declared[b] - demand[b] : 0;
    grew(core, slot); /* an overcommitted one is so no longer */
    return true;
}

static struct pm_result changed(struct pm_core *core, uint32_t slot, enum pm_event_kind kind)
{
    struct pool *pool = pool_at(core, slot);
    struct pm_event *event = event_add(core, kind, pool->market);
    event->pool = slot;
    event->provider = pool->provider;
    return (struct pm_result){PM_OK, id_of(core, TABLE_POOLS, slot)};
}

static uint32_t pool_create(struct pm_core *core, uint32_t market, struct pm_text name,
                            uint32_t location)
{
    uint32_t slot = table_take_for(&core->table[TABLE_POOLS], market);
    if (slot == 0)
        return 0;
    struct pool *pool = pool_at(core, slot);
    pool->market = market;
    pool->location = location;
    pool->provider = location_at(core, location)->provider;
    pool->valid_until = INT64_MAX;
    name_set(&pool_detail_at(core, slot)->name, name);
    map_add(&core->map[MAP_POOLS], name_hash(market, MAP_POOLS, name), slot);
    return slot;
}

/* What counts follows from how the pool is put, unless a statement of its capacity stands. Put as
 * it was it stays as it is, so that a statement that lapsed does not come back. */
static void set_mode(struct pool *pool, uint8_t mode)
{
    bool stands = pool->stated != 0 && pool->capacity == POOL_DECLARED;
    if (mode != pool->mode && !stands) {
        pool->capacity = mode == PM_DECLARED ? POOL_DECLARED : POOL_ASK;
        memset(pool->declared, 0, sizeof pool->declared);
    }
    pool->mode = mode;
}

struct pm_result pool_put(struct pm_core *core, uint32_t market, const struct pm_pool_put *put)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    uint32_t location = find_location(core, market, put->location);
    int kind = find_kind(rules, put->kind);
    if (!name_is_good(put->pool))
        return refused(PM_BAD_NAME);
    if (location == 0)
        return refused(PM_UNKNOWN_LOCATION);
    if (kind < 0)
        return refused(PM_UNKNOWN_KIND);
    if (put->mode != PM_DECLARED && put->mode != PM_ASK)
        return refused(PM_BAD_VALUE);
    uint32_t slot = find_pool(core, market, put->pool);
    if (slot != 0 &&
        (pool_at(core, slot)->location != location || pool_at(core, slot)->kind != kind))
        return refused(PM_MOVED);
    if (slot == 0 && (slot = pool_create(core, market, put->pool, location)) == 0)
        return refused(PM_FULL);
    struct pool *pool = pool_at(core, slot);
    pool->kind = (uint8_t)kind;
    pool->bands = rules->kind[kind].bands;
    set_mode(pool, put->mode);
    grew(core, slot);
    return changed(core, slot, PM_EVENT_SUPPLY_CHANGED);
}

/* spare + committed + held, in every band, or false when that is out of range. */
static bool declare(const struct pool *pool, const struct pm_capacity_set *set,
                    int32_t declared[PM_BANDS_MAX])
{
    memset(declared, 0, PM_BANDS_MAX * sizeof *declared);
    for (unsigned b = 0; b < set->bands; b++) {
        int64_t sum = (int64_t)set->spare[b] + pool->committed[b] + pool->held[b];
        if (set->spare[b] < 0 || sum > INT32_MAX)
            return false;
        declared[b] = (int32_t)sum;
    }
    return true;
}

static bool times_are_good(const struct pm_core *core, const struct pool *pool, int64_t as_of,
                           int64_t valid_until)
{
    bool until_good = valid_until == 0 || (valid_until > as_of && valid_until > core->header.time);
    return until_good && as_of >= pool->as_of && as_of <= core->header.time;
}

struct pm_result capacity_set(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_capacity_set *set)
{
    uint32_t slot = find_pool(core, market, set->pool);
    if (slot == 0)
        return refused(PM_UNKNOWN_POOL);
    struct pool *pool = pool_at(core, slot);
    if (actor.role == PM_PROVIDER &&
        !name_is(&provider_detail_at(core, pool->provider)->name, actor.name))
        return refused(PM_NOT_ALLOWED);
    int32_t declared[PM_BANDS_MAX];
    int64_t as_of = set->as_of == 0 ? core->header.time : set->as_of;
    if (set->bands != pool->bands || !times_are_good(core, pool, as_of, set->valid_until) ||
        !declare(pool, set, declared))
        return refused(PM_BAD_CAPACITY);
    memcpy(pool->declared, declared, sizeof declared);
    pool->as_of = as_of;
    pool->stated = core->header.time;
    pool->valid_until = set->valid_until == 0 ? INT64_MAX : set->valid_until;
    pool->capacity = POOL_DECLARED;
    deadline_set(&core->deadlines, DEADLINE_POOL, slot, pool->valid_until);
    grew(core, slot);
    return changed(core, slot, PM_EVENT_CAPACITY_STATED);
}

void pool_lapse(struct pm_core *core, uint32_t slot)
{
    struct pool *pool = pool_at(core, slot);
    bool ask = pool->mode == PM_ASK || market_at(core, pool->market)->rules.lapse == PM_LAPSE_ASK;
    pool->capacity = ask ? POOL_ASK : POOL_LAPSED;
    pool->valid_until = INT64_MAX;
    grew(core, slot);
    changed(core, slot, PM_EVENT_CAPACITY_LAPSED);
}
