/* map.c - from a hash to the slots that have it. */
#include "map.h"

uint32_t map_cells(uint32_t capacity)
{
    uint32_t cells = 16;
    while (cells < 2 * (capacity + 1))
        cells *= 2;
    return cells;
}

void map_add(struct map *map, uint64_t hash, uint32_t slot)
{
    uint32_t at = map_home(map, map_hash(hash));
    while (map->cells[at].slot != 0)
        at = (at + 1) & map->mask;
    map->cells[at] = (struct map_cell){map_hash(hash), slot};
}

/* Moves what follows a hole back into it, as far as it may go, so that no search ends at the
 * hole. */
static void close_hole(struct map *map, uint32_t hole)
{
    for (uint32_t at = (hole + 1) & map->mask; map->cells[at].slot != 0;
         at = (at + 1) & map->mask) {
        uint32_t from_home = (at - map_home(map, map->cells[at].hash)) & map->mask;
        if (from_home >= ((at - hole) & map->mask)) {
            map->cells[hole] = map->cells[at];
            hole = at;
        }
    }
    map->cells[hole] = (struct map_cell){0, 0};
}

void map_remove(struct map *map, uint64_t hash, uint32_t slot)
{
    uint32_t at = map_home(map, map_hash(hash));
    while (map->cells[at].slot != slot) {
        if (map->cells[at].slot == 0)
            return;
        at = (at + 1) & map->mask;
    }
    close_hole(map, at);
}

static struct map_cursor search(const struct map *map, uint32_t at, uint32_t hash)
{
    while (map->cells[at].slot != 0 && map->cells[at].hash != hash)
        at = (at + 1) & map->mask;
    return (struct map_cursor){at, hash, map->cells[at].slot};
}

struct map_cursor map_first(const struct map *map, uint64_t hash)
{
    return search(map, map_home(map, map_hash(hash)), map_hash(hash));
}

struct map_cursor map_more(const struct map *map, struct map_cursor cursor)
{
    return search(map, (cursor.at + 1) & map->mask, cursor.hash);
}
