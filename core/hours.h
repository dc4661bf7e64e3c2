/*
 * hours.h - opening hours, which calendars share: a region's councils close on the same days, and
 * four hundred days of openings take more room than a council's services do. Calendars whose
 * openings are the same refer to one record, which counts them.
 */
#ifndef PM_HOURS_H
#define PM_HOURS_H

#include "state.h"

/* The record of these openings, for one more calendar. There is room: each calendar has one at the
 * most, and the table is as large as that of calendars. */
uint32_t hours_take(struct pm_core *core, const struct pm_opening *opening, uint32_t openings);
/* A calendar has it no longer. */
void hours_give_back(struct pm_core *core, uint32_t hours);
/* The hash by which MAP_HOURS finds one. */
uint64_t hours_hash(const struct hours *hours);

#endif
