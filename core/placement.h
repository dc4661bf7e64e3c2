/*
 * placement.h - packages agreed with a provider: agreed, begun, on notice, kept during a stay in
 * hospital, ended. However one ends, it gives its capacity back once, in placement_close().
 *
 * A package has at most one current placement (package.placement), and one successor that is agreed
 * and takes its place when it starts.
 */
#ifndef PM_PLACEMENT_H
#define PM_PLACEMENT_H

#include "state.h"

/* Agrees the offer's package with its service; the offer's hold becomes commitment. It is the
 * current placement, or the successor of the one there is. There must be room. */
uint32_t placement_agree(struct pm_core *core, uint32_t offer);
/* Ends it and gives the capacity back. A successor takes the place of a current one. The rest of
 * the package is left to the caller. */
void placement_close(struct pm_core *core, uint32_t placement, uint8_t reason);
/* Ended, but the need goes on: others are sought, if there is no successor. */
void placement_lose(struct pm_core *core, uint32_t placement, uint8_t reason);
/* On notice until the end of a date, and others are sought. `ceases`: nobody comes after it. */
void placement_notice(struct pm_core *core, uint32_t placement, int32_t until, bool ceases);

/* The package's successor, or else its current one; 0: neither. */
static inline uint32_t placement_newest(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    return p->successor != 0 ? p->successor : p->placement;
}
static inline bool placement_is_current(const struct placement *placement)
{
    return placement->state != PM_PLACEMENT_ENDED;
}

/* Can its service give what the package needs now? And: gives it from now on. */
bool placement_fits(const struct pm_core *core, uint32_t placement);
void placement_resize(struct pm_core *core, uint32_t placement);
/* Moves all it takes to another service, capacity and all. */
void placement_move(struct pm_core *core, uint32_t placement, uint32_t service);
/* What it is paid from now on. */
void placement_uplift(struct pm_core *core, uint32_t placement, int32_t rate);

/* When its time is over: a kept place, or carers who cease; INT64_MAX: never. */
int64_t placement_due(const struct pm_core *core, uint32_t placement);
void placement_fall_due(struct pm_core *core, uint32_t placement);

struct pm_result placement_start(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                 const struct pm_package_id *id);
struct pm_result placement_end(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id);
struct pm_result placement_handback(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                    const struct pm_handback *handback);
struct pm_result placement_in_hospital(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                       const struct pm_stay *stay);
struct pm_result placement_restart(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                   const struct pm_package_id *id);
struct pm_result placement_import(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_import *import);

#endif
