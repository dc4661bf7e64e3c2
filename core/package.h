/* package.h - packages of care: posted, amended, paused, withdrawn, and gone some days after their
 * end. */
#ifndef PM_PACKAGE_H
#define PM_PACKAGE_H

#include "state.h"

struct pm_result package_post(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_package *post);
struct pm_result package_amend(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package *amend);
struct pm_result package_withdraw(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_package_id *id);
struct pm_result package_pause(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id);
struct pm_result package_resume(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_package_id *id);

/* The package is over: it stays for the market's keep_days, then package_lapse() frees it and all
 * of its offers and placements. */
void package_end(struct pm_core *core, uint32_t package, enum pm_package_state state,
                 uint8_t reason);
int64_t package_lapse_time(const struct pm_core *core, uint32_t package);
void package_lapse(struct pm_core *core, uint32_t package);

#endif
