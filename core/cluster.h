/*
 * cluster.h - how many current placements a provider has in a sector: where its carers go already,
 * one more is a shorter journey.
 */
#ifndef PM_CLUSTER_H
#define PM_CLUSTER_H

#include "state.h"

/* One placement more, or one less. Of care whose sector is not known (0) nothing is counted. There
 * is room: a cluster has a placement. */
void cluster_add(struct pm_core *core, uint32_t provider, uint64_t sector);
void cluster_remove(struct pm_core *core, uint32_t provider, uint64_t sector);
uint32_t cluster_count(const struct pm_core *core, uint32_t provider, uint64_t sector);

/* The hash by which MAP_CLUSTERS finds one. */
uint64_t cluster_hash(const struct cluster *cluster);

#endif
