/* answer.h - what providers say to offers: yes, yes on conditions, no. */
#ifndef PM_ANSWER_H
#define PM_ANSWER_H

#include "state.h"

/* An answer at the deadline is in time. A broker may answer for a provider who phones. The id of
 * the result is the placement's when the package is placed by it, otherwise the offer's. */
struct pm_result offer_accept(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_answer *answer);
struct pm_result offer_tender(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_tender *tender);
struct pm_result offer_decline(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_answer *answer);

#endif
