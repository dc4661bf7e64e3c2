/* suspend.h - providers suspended, back, failed; and their caseloads handed over. */
#ifndef PM_SUSPEND_H
#define PM_SUSPEND_H

#include "state.h"

struct pm_result provider_suspend(struct pm_core *core, uint32_t market,
                                  const struct pm_suspension *suspension);
struct pm_result provider_resume(struct pm_core *core, uint32_t market,
                                 const struct pm_suspension *suspension);
struct pm_result provider_fail(struct pm_core *core, uint32_t market,
                               const struct pm_failure *failure);
/* Care is brought to a service: may it be, and it was. Where the provider or location has failed
 * and is not active again, that is swept for it alone. */
bool failure_may_reach(const struct pm_core *core, uint32_t service);
void failure_reaches(struct pm_core *core, uint32_t service);
struct pm_result service_transfer(struct pm_core *core, uint32_t market,
                                  const struct pm_transfer *transfer);

#endif
