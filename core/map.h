/*
 * map.h - from a hash to the slots that have it: open addressing, linear probing, deletion by
 * shifting back, at most half full. The map holds no keys: the caller compares the records it is
 * given. Derived: built anew when a state is restored.
 */
#ifndef PM_MAP_H
#define PM_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "fetch.h"

struct map_cell {
    uint32_t hash, slot; /* slot 0: empty */
};
struct map {
    struct map_cell *cells;
    uint32_t mask; /* cells - 1 */
};

/* A cell keeps the upper half of the hash: enough to tell most others apart without looking at
 * them. */
static inline uint32_t map_hash(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}
/* Where a cell's entry belongs is needed when shifting back, so positions come from the cell's hash
 * alone. */
static inline uint32_t map_home(const struct map *map, uint32_t hash)
{
    return hash & map->mask;
}

/* Cells for a table of this many slots: a power of two, at least twice as many. */
uint32_t map_cells(uint32_t capacity);
void map_add(struct map *map, uint64_t hash, uint32_t slot);
void map_remove(struct map *map, uint64_t hash, uint32_t slot);

/* Has what map_first() will read brought into the cache. */
FETCHING void map_fetch(const struct map *map, uint64_t hash)
{
    fetch(&map->cells[map_home(map, map_hash(hash))], sizeof *map->cells);
}

/* Goes through the slots of a hash: for (c = map_first(…); c.slot != 0; c = map_more(…)). */
struct map_cursor {
    uint32_t at, hash, slot;
};
struct map_cursor map_first(const struct map *map, uint64_t hash);
struct map_cursor map_more(const struct map *map, struct map_cursor cursor);

#endif
