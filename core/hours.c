/* hours.c - see hours.h. */
#include "hours.h"

#include <string.h>

#include "hash.h"

static uint64_t hash_of(const struct pm_opening *opening, uint32_t openings)
{
    return pm_hash(opening, openings * sizeof *opening, MAP_HOURS);
}

uint64_t hours_hash(const struct hours *hours)
{
    return hash_of(hours->opening, hours->openings);
}

static uint32_t find(const struct pm_core *core, const struct pm_opening *opening,
                     uint32_t openings)
{
    const struct map *map = &core->map[MAP_HOURS];
    struct map_cursor c = map_first(map, hash_of(opening, openings));
    while (c.slot != 0 &&
           (hours_at(core, c.slot)->openings != openings ||
            memcmp(hours_at(core, c.slot)->opening, opening, openings * sizeof *opening) != 0))
        c = map_more(map, c);
    return c.slot;
}

uint32_t hours_take(struct pm_core *core, const struct pm_opening *opening, uint32_t openings)
{
    uint32_t slot = find(core, opening, openings);
    if (slot == 0) {
        slot = table_take(&core->table[TABLE_HOURS]);
        hours_at(core, slot)->openings = openings;
        memcpy(hours_at(core, slot)->opening, opening, openings * sizeof *opening);
        map_add(&core->map[MAP_HOURS], hash_of(opening, openings), slot);
    }
    hours_at(core, slot)->calendars++;
    return slot;
}

void hours_give_back(struct pm_core *core, uint32_t slot)
{
    if (--hours_at(core, slot)->calendars > 0)
        return;
    map_remove(&core->map[MAP_HOURS], hours_hash(hours_at(core, slot)), slot);
    table_free(&core->table[TABLE_HOURS], slot);
}
