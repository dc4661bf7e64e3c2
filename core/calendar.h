/*
 * calendar.h - windows counted in opening hours. A market's calendars are intervals of UTC minutes,
 * worked out outside from local times; a kind names the one that its windows count in, or none,
 * which is always open.
 */
#ifndef PM_CALENDAR_H
#define PM_CALENDAR_H

#include "state.h"

static const int64_t MINUTE = 60000; /* milliseconds */

/* Are a load's calendars in order, and does every kind name one that is there? */
bool calendars_are_good(const struct pm_load *load);
/* Replaces the calendars of a market. There must be room: see calendars_missing(). */
void calendars_take_up(struct pm_core *core, uint32_t market, const struct pm_load *load);
/* How many more records that takes. */
uint32_t calendars_missing(const struct market *market, const struct pm_load *load);
void calendars_free(struct pm_core *core, uint32_t market);

/* The time so many opening minutes after another one. Past the calendar's end all time is open, so
 * that what is due is due some time. */
int64_t calendar_after(const struct pm_core *core, uint32_t market, uint8_t kind, int64_t from,
                       uint32_t minutes);
/* A deadline, later by the opening time that there was between two times. */
int64_t calendar_extend(const struct pm_core *core, uint32_t market, uint8_t kind, int64_t deadline,
                        int64_t from, int64_t to);
/* When a calendar opens next after a time; INT64_MAX: never again. */
int64_t calendar_opens(const struct pm_core *core, uint32_t calendar, int64_t time);
/* Would the longest window of the kind, begun now, end within the calendar? */
bool calendar_covers(const struct pm_core *core, uint32_t market, uint8_t kind);
/* Is a round to come for packages of this kind that are gathered? True where none are. */
bool calendar_has_round(const struct pm_core *core, uint32_t market, uint8_t kind);

#endif
