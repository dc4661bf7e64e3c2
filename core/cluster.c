/* cluster.c - see cluster.h. */
#include "cluster.h"

#include "hash.h"

static uint64_t hash_of(uint32_t provider, uint64_t sector)
{
    uint64_t key[2] = {provider, sector};
    return pm_hash(key, sizeof key, MAP_CLUSTERS);
}

uint64_t cluster_hash(const struct cluster *cluster)
{
    return hash_of(cluster->provider, cluster->sector);
}

static uint32_t find(const struct pm_core *core, uint32_t provider, uint64_t sector)
{
    const struct map *map = &core->map[MAP_CLUSTERS];
    struct map_cursor c = map_first(map, hash_of(provider, sector));
    while (c.slot != 0 && (cluster_at(core, c.slot)->provider != provider ||
                           cluster_at(core, c.slot)->sector != sector))
        c = map_more(map, c);
    return c.slot;
}

void cluster_add(struct pm_core *core, uint32_t provider, uint64_t sector)
{
    if (sector == 0)
        return;
    uint32_t slot = find(core, provider, sector);
    if (slot == 0) {
        slot = table_take(&core->table[TABLE_CLUSTERS]);
        cluster_at(core, slot)->provider = provider;
        cluster_at(core, slot)->sector = sector;
        map_add(&core->map[MAP_CLUSTERS], hash_of(provider, sector), slot);
    }
    cluster_at(core, slot)->placements++;
}

void cluster_remove(struct pm_core *core, uint32_t provider, uint64_t sector)
{
    if (sector == 0)
        return;
    uint32_t slot = find(core, provider, sector);
    if (--cluster_at(core, slot)->placements > 0)
        return;
    map_remove(&core->map[MAP_CLUSTERS], hash_of(provider, sector), slot);
    table_free(&core->table[TABLE_CLUSTERS], slot);
}

uint32_t cluster_count(const struct pm_core *core, uint32_t provider, uint64_t sector)
{
    uint32_t slot = sector == 0 ? 0 : find(core, provider, sector);
    return slot == 0 ? 0 : cluster_at(core, slot)->placements;
}
