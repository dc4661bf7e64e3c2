/*
 * visit.h - the visit lines of packages, a few to a record, since most packages have a few and some
 * have many. Only showing a package reads them: what matching needs is its demand.
 */
#ifndef PM_VISIT_H
#define PM_VISIT_H

#include "state.h"

/* Is there room for so many lines instead of those that the package (0: a new one) has? */
bool visits_have_room(const struct pm_core *core, uint32_t package, unsigned visits);
/* Keeps these lines instead of those that the package has. There must be room. */
void visits_keep(struct pm_core *core, uint32_t package, const struct pm_visit *visit,
                 unsigned visits);
void visits_free(struct pm_core *core, uint32_t package);
/* The package's lines, as many as package_detail.visits says. */
void visits_read(const struct pm_core *core, uint32_t package, struct pm_visit out[PM_VISITS_MAX]);

#endif
