/*
 * market_file_zone.h - local times of a named time zone as UTC, by the system's time-zone data.
 *
 * There is no way in POSIX to ask about a zone but to make it the process's own. So between
 * mf_zone_enter() and mf_zone_leave() the environment's TZ is another: nothing else in the process
 * may look at local time or at its environment meanwhile, and two threads may not read market files
 * with calendars at once. Nothing may fail and return between the two without leaving.
 *
 * Times are minutes: those of UTC since 1970-01-01 UTC, local ones since 1970-01-01 00:00 on the
 * clocks there, as though that clock had never been changed.
 */
#ifndef PM_MARKET_FILE_ZONE_H
#define PM_MARKET_FILE_ZONE_H

#include "placemat.h"

/* TZ as it was. */
struct zone {
    char *before; /* NULL: there was none */
};

enum zone_outcome { ZONE_ENTERED, ZONE_UNKNOWN, ZONE_NO_MEMORY };

/* Enters the zone of a name, as in "Europe/London". Unless ZONE_ENTERED nothing was changed. The C
 * library takes UTC for a zone that it does not know, so the zone's file is looked for first. */
enum zone_outcome mf_zone_enter(struct zone *zone, struct pm_text name);
void mf_zone_leave(struct zone *zone);

/*
 * Hours from one local time to another, as UTC in the zone entered: from the first minute in which
 * clocks show a time within them to the end of the last. So where clocks go back over the beginning
 * or the end, hours begin with the first time that it is shown, and end with the second; where
 * clocks go forward over it, they begin or end as they do, and hours that are never shown end when
 * they begin. Later local times never have earlier UTC ones. Years 1970 to 2200.
 */
int32_t mf_zone_opens(int32_t local);
int32_t mf_zone_closes(int32_t local);

#endif
