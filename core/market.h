/* market.h - a market's rules: loading, replacing. */
#ifndef PM_MARKET_H
#define PM_MARKET_H

#include "state.h"

/* Loads a new market whole, or nothing of it; or replaces the rules of one that is there. */
struct pm_result market_load(struct pm_core *core, struct pm_actor actor,
                             const struct pm_load *load);
/* Any of the supply commands: puts, and capacity.set. */
struct pm_result market_put(struct pm_core *core, uint32_t market, struct pm_actor actor,
                            const struct pm_command *command);

#endif
