/* placement.h - packages agreed with a provider: their start and end. */
#ifndef PM_PLACEMENT_H
#define PM_PLACEMENT_H

#include "state.h"

/* Agrees the package with the offer's service; the offer's hold becomes commitment. There must be
 * room. */
uint32_t placement_agree(struct pm_core *core, uint32_t offer);
/* Ends it and gives the capacity back. The package is left to the caller. */
void placement_close(struct pm_core *core, uint32_t placement, uint8_t reason);

struct pm_result placement_start(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                 const struct pm_package_id *id);
struct pm_result placement_end(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id);

#endif
