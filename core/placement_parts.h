/* placement_parts.h - what the files about placements share among themselves. */
#ifndef PM_PLACEMENT_PARTS_H
#define PM_PLACEMENT_PARTS_H

#include "find.h"
#include "placement.h"

void placement_tell(struct pm_core *core, enum pm_event_kind kind, uint32_t placement);
/* A package by name that has a current placement; PM_WRONG_STATE when it has none. */
struct found_package placement_find(const struct pm_core *core, uint32_t market,
                                    struct pm_actor actor, struct pm_text reference,
                                    struct pm_text referrer);
/* Its service gives the care back: it is not asked again until something else is needed than now.
 */
void placement_not_again(struct pm_core *core, uint32_t placement);
/* Care begins: an agreed placement becomes the current one, and ends what it follows. */
void placement_begin(struct pm_core *core, uint32_t placement, int64_t started);

#endif
