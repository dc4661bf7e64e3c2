/* map.c - from a hash to the slots that have it. */
#include "map.h"

uint32_t map_cells(uint32_t capacity)
{
    uint32_t cells = 16;
    while (cells < 2 * (capacity + 1))
        cells *= 2;
    return cells;
}

/* A cell keeps the upper half of the hash: enough to tell most others apart without looking at
 * them. */
static uint32_t cell_hash(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* Where a cell's entry belongs is needed when shifting back, so positions come from the cell's hash
 * alone. */
static uint32_t home(const struct map *map, uint32_t hash)
{
    return hash & map->mask;
}

void map_add(struct map *map, uint64_t hash, uint32_t slot)
{
    uint32_t at = home(map, cell_hash(hash));
    while (map->cells[at].slot != 0)
        at = (at + 1) & map->mask;
    map->cells[at] = (struct map_cell){cell_hash(hash), slot};
}

/* Moves what follows a hole back into it, as far as it may go, so that no search ends at the
 * hole. */
static void close_hole(struct map *map, uint32_t hole)
{
    for (uint32_t at = (hole + 1) & map->mask; map->cells[at].slot != 0;
         at = (at + 1) & map->mask) {
        uint32_t from_home = (at - home(map, map->cells[at].hash)) & map->mask;
        if (from_home >= ((at - hole) & map->mask)) {
            map->cells[hole] = map->cells[at];
            hole = at;
        }
    }
    map->cells[hole] = (struct map_cell){0, 0};
}

void map_remove(struct map *map, uint64_t hash, uint32_t slot)
{
    uint32_t at = home(map, cell_hash(hash));
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
    return search(map, home(map, cell_hash(hash)), cell_hash(hash));
}

struct map_cursor map_more(const struct map *map, struct map_cursor cursor)
{
    return search(map, (cursor.at + 1) & map->mask, cursor.hash);
}
