/*
 * priority.h - how urgent a package is now: as given, raised by its interim cover and by how long
 * it has been without care. Lists are in this order; package.priority is what it was when the
 * package last came onto one, and a deadline brings it up to date while it stands there.
 */
#ifndef PM_PRIORITY_H
#define PM_PRIORITY_H

#include "state.h"

/* The class, 0 the most urgent, as of the core's time. */
uint8_t priority_now(const struct pm_core *core, uint32_t package);
/* When it will next be raised, if it goes on waiting; INT64_MAX: never. */
int64_t priority_next(const struct pm_core *core, uint32_t package);

/* Something changed by which a package may be more or less urgent: if it stands on a list, in the
 * place that follows. */
void priority_refresh(struct pm_core *core, uint32_t package);
/* Puts a package onto the list it belongs to again, at the end of the class it is in now. */
void priority_raise(struct pm_core *core, uint32_t package);

#endif
