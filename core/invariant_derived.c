/*
 * invariant_derived.c - maps, deadlines and rosters are those that derive_all() would make; but for
 * the bounds of rosters, which may be too high, and their layout.
 */
#include "derive.h"
#include "invariant.h"
#include "provider.h"

#include <string.h>

/* ---- Maps ---- */

/* Have two records of a map the same name? */
static bool same_name(const struct pm_core *core, enum map_of map, uint32_t a, uint32_t b)
{
    if (derive_hash(core, map, a) != derive_hash(core, map, b))
        return false;
    return map != MAP_PACKAGES ||
           memcmp(&package_detail_at(core, a)->referrer, &package_detail_at(core, b)->referrer,
                  sizeof(struct pm_name)) == 0;
}

static bool is_found_alone(const struct pm_core *core, enum map_of map, uint32_t slot)
{
    const struct table *table = &core->table[derive_map_table[map]];
    struct map_cursor c = map_first(&core->map[map], derive_hash(core, map, slot));
    uint32_t found = 0;
    for (; c.slot != 0; c = map_more(&core->map[map], c))
        if (!table_is_used(table, c.slot) || same_name(core, map, slot, c.slot))
            found += c.slot == slot ? 1 : 2;
    return found == 1;
}

static bool check_map(const struct check *check, enum map_of map)
{
    const struct pm_core *core = check->core;
    const struct table *table = &core->table[derive_map_table[map]];
    uint32_t filled = 0;
    for (uint32_t cell = 0; cell <= core->map[map].mask; cell++)
        filled += core->map[map].cells[cell].slot != 0;
    if (filled != table->used)
        return broken(check, table->name, filled,
                      "so many names are in the map, not all or too many");
    for (uint32_t slot = 0; (slot = table_next(table, slot)) != 0;)
        if (!is_found_alone(core, map, slot))
            return broken(check, table->name, slot,
                          "the map does not find it, or another of its name");
    return true;
}

/* ---- Deadlines ---- */

static bool deadline_is(const struct deadlines *deadlines, enum deadline_kind kind, uint32_t slot,
                        int64_t at)
{
    uint32_t position = deadlines->position[kind][slot];
    if (at == INT64_MAX || position == 0)
        return at == INT64_MAX && position == 0;
    if (position > deadlines->count)
        return false;
    const struct deadline *deadline = &deadlines->heap[position - 1];
    return deadline->at == at && deadline->kind == kind && deadline->slot == slot;
}

static bool check_deadlines(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint32_t due = 0;
    for (int kind = 0; kind < DEADLINE_KINDS; kind++) {
        const struct table *table = &core->table[derive_deadline_table[kind]];
        for (uint32_t slot = 1; slot <= table->high; slot++) {
            int64_t at = INT64_MAX;
            if (table_is_used(table, slot))
                at = derive_due(core, (enum deadline_kind)kind, slot);
            if (!deadline_is(&core->deadlines, (enum deadline_kind)kind, slot, at))
                return broken(check, table->name, slot, "its deadline is not what follows from it");
            due += at != INT64_MAX;
        }
    }
    return due == core->deadlines.count ||
           broken(check, "deadlines", core->deadlines.count, "they are not all somebody's");
}

/* ---- Rosters ---- */

static bool covers(const struct roster_bounds *bounds, const struct roster_bounds *least)
{
    for (int band = 0; band < PM_BANDS_MAX; band++)
        if (bounds->free[band] < least->free[band])
            return false;
    return (least->capabilities & ~bounds->capabilities) == 0 &&
           (least->tiers & ~bounds->tiers) == 0;
}

/* Does the service belong on this waitlist's roster, at this place in its order? */
static bool entry_is_good(const struct pm_core *core, uint32_t roster, uint64_t key)
{
    const struct waitlist *list = waitlist_at(core, roster);
    uint32_t slot = roster_key_service(key);
    if (!table_is_used(&core->table[TABLE_SERVICES], slot))
        return false;
    const struct service *service = service_at(core, slot);
    return service->listed && service->market == list->market && service->kind == list->kind &&
           (service->reach >> list->locality & 1) != 0 && service->score == roster_key_score(key);
}

static bool block_is_good(const struct pm_core *core, uint32_t roster,
                          const struct roster_chapter *chapter, uint32_t at, uint64_t *last)
{
    const struct roster_block *block = &core->rosters.blocks[chapter->blocks[at]];
    if (block->count == 0 || block->count > ROSTER_BLOCK || chapter->first[at] != block->key[0] ||
        !covers(&chapter->bounds, &chapter->block[at]))
        return false;
    for (uint32_t entry = 0; entry < block->count; entry++) {
        if (block->key[entry] <= *last || !entry_is_good(core, roster, block->key[entry]))
            return false;
        struct roster_bounds own = roster_bounds_of(core, roster_key_service(block->key[entry]));
        struct roster_bounds kept = roster_bounds_at(block, entry);
        if (!covers(&kept, &own) || !covers(&chapter->block[at], &kept))
            return false;
        *last = block->key[entry];
    }
    return true;
}

/* Keys only rise, so no service is there twice; *entries is how many there are. */
static bool roster_is_good(const struct pm_core *core, uint32_t roster, uint64_t *entries)
{
    const struct rosters *rosters = &core->rosters;
    uint64_t last = 0;
    for (uint32_t at = rosters->first[roster]; at != 0; at = rosters->chapters[at].next) {
        const struct roster_chapter *chapter = &rosters->chapters[at];
        if (chapter->count == 0 || chapter->count > ROSTER_CHAPTER)
            return false;
        for (uint32_t block = 0; block < chapter->count; block++) {
            if (!block_is_good(core, roster, chapter, block, &last))
                return false;
            *entries += rosters->blocks[chapter->blocks[block]].count;
        }
    }
    return true;
}

static uint64_t listed_entries(const struct pm_core *core)
{
    uint64_t entries = 0;
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_SERVICES], slot)) != 0;)
        if (service_at(core, slot)->listed)
            entries += (uint64_t)__builtin_popcountll(service_at(core, slot)->reach);
    return entries;
}

static bool check_rosters(const struct check *check)
{
    const struct pm_core *core = check->core;
    uint64_t entries = 0;
    for (uint32_t slot = 1; slot <= core->table[TABLE_WAITLISTS].high; slot++) {
        bool used = table_is_used(&core->table[TABLE_WAITLISTS], slot);
        if (used ? !roster_is_good(core, slot, &entries) : core->rosters.first[slot] != 0)
            return broken(check, "waitlists", slot, "its roster is wrong");
    }
    if (entries != listed_entries(core))
        return broken(check, "services", entries, "so many are on rosters, but others are listed");
    return core->rosters.promised == derive_promised(core) ||
           broken(check, "services", core->rosters.promised,
                  "so many entries are promised to them");
}

static bool check_owners(const struct check *check, const struct table *table)
{
    for (uint32_t slot = 1; slot <= table->high; slot++) {
        uint32_t owner = table_is_used(table, slot) ? derive_owner(table, slot) : 0;
        const struct span *span = &table->span[slot / TABLE_SPAN];
        if (table->owner[slot] != owner)
            return broken(check, table->name, slot, "it is listed as another market's");
        if (owner != 0 && (owner < span->least || owner > span->most))
            return broken(check, table->name, slot, "its span knows nothing of its market");
    }
    return true;
}

bool check_derived(const struct check *check)
{
    const struct pm_core *core = check->core;
    for (int o = 0; o < DERIVE_OWNED; o++)
        if (!check_owners(check, &core->table[derive_owned_table[o]]))
            return false;
    for (int map = 0; map < MAPS; map++)
        if (!check_map(check, (enum map_of)map))
            return false;
    if (core->today != pm_date_of(core->header.time) ||
        core->quarter != provider_quarter(core->today))
        return broken(check, "sequence", core->header.sequence,
                      "today is not the date of its time");
    return check_deadlines(check) && check_rosters(check);
}
