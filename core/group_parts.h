/* group_parts.h - what the files about groups share among themselves. */
#ifndef PM_GROUP_PARTS_H
#define PM_GROUP_PARTS_H

#include "group.h"
#include "placement.h"

/* The first posted of the package's group, and the next after one; 0: none. */
uint32_t group_first(const struct pm_core *core, uint32_t package);
uint32_t group_next(const struct pm_core *core, uint32_t package);
/* Agrees each of a group with the lead's offer, by an offer of its own, and ends the group. */
void group_agree_together(struct pm_core *core, uint32_t offer);
/* Those parts that wait try again, in the order of posting, from one on, but for one (0: none). */
void group_retry_from(struct pm_core *core, uint32_t first, uint32_t but);
void group_dissolve(struct pm_core *core, uint32_t package);

#endif
