/*
 * sweep.h - what a command orders for many offers, placements or packages: worked off one at a time
 * by `continue`, so that no command is unbounded. Sweeps stand in a queue; only the first is under
 * way.
 */
#ifndef PM_SWEEP_H
#define PM_SWEEP_H

#include "state.h"

enum sweep_purpose {
    SWEEP_SUSPENSION = 1, /* takes back what a provider may no longer be asked */
    SWEEP_FAILURE,        /* ends or gives notice of its placements, the most urgent first */
    SWEEP_TRANSFER,       /* moves a service's placements to another */
    SWEEP_UPLIFT,         /* pays a service's placements its rate in force */
    SWEEP_ROUND,          /* passes on whom a round gave nothing, the most urgent first */
    SWEEP_PURPOSES
};
/* The lists that sweeps go along. */
enum sweep_list { SWEEP_OFFERS, SWEEP_PLACEMENTS, SWEEP_GATHERED };

static inline bool sweep_has_room(const struct pm_core *core, uint32_t sweeps)
{
    return table_has_room(&core->table[TABLE_SWEEPS], sweeps);
}
/* Puts a sweep, whose row is not filled in, at the end of the queue. There must be room. */
void sweep_order(struct pm_core *core, const struct sweep *sweep);
/* What the provider was asked and may be asked no longer is taken back. There must be room. */
void sweep_take_back(struct pm_core *core, uint32_t market, uint32_t provider);
/* Is what was active (0: was not there) to be so no longer, so that offers are taken back? */
static inline bool standing_falls(uint8_t before, uint8_t after)
{
    return before == PM_ACTIVE && after != PM_ACTIVE;
}
static inline bool sweep_is_none(const struct pm_core *core)
{
    return core->header.sweep_first == 0;
}
/* Goes on until one thing is done, the sweep is over, or a bounded number has been looked at. */
void sweep_step(struct pm_core *core);
/* A gathered package has become more urgent than those that a round under way has come to: it comes
 * back, and goes over what lies between once more. */
void sweep_returns(struct pm_core *core, uint32_t package);
/* A record leaves a list: a sweep that would come to it next comes to the one behind it. */
void sweep_passes(struct pm_core *core, enum sweep_list list, uint32_t slot, uint32_t next);

#endif
