/* service.h - what a provider offers: where, under which lot, at which rate. */
#ifndef PM_SERVICE_H
#define PM_SERVICE_H

#include "state.h"

/* Creates or replaces, whole or not at all. The id of the result is the record's. */
struct pm_result service_put(struct pm_core *core, uint32_t market,
                             const struct pm_service_put *put);

/* Takes up what took effect by today, or changed: rate, location's quality, rules. Puts the service
 * where it now belongs on its rosters, and stirs who may come to it. */
void service_refresh(struct pm_core *core, uint32_t service);
void services_refresh(struct pm_core *core, uint32_t market);

/* When a later rate or the lot takes effect: the last millisecond before that day; INT64_MAX:
 * never. */
int64_t service_next_change(const struct pm_core *core, uint32_t service);

/* Takes the service off its rosters. */
void service_unlist(struct pm_core *core, uint32_t service);

#endif
