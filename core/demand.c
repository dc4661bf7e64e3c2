/* demand.c - what a package takes of each band. */
#include "demand.h"

#include <string.h>

#include "dates.h"
#include "find.h"

enum { VISIT_MINUTES_MIN = 5, VISIT_MINUTES_MAX = 720 };

static bool visit_is_good(const struct pm_visit *visit)
{
    return visit->days != 0 && visit->days <= PM_EVERY_DAY && visit->latest <= DAY_MINUTES &&
           visit->minutes >= VISIT_MINUTES_MIN && visit->minutes <= VISIT_MINUTES_MAX &&
           visit->minutes <= visit->latest - visit->earliest &&
           (visit->carers == 1 || visit->carers == 2) && visit->critical <= 1;
}

/* How many days a mask has. */
static int days_of(unsigned days)
{
    static const uint8_t bits[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    return bits[days & 15] + bits[days >> 4 & 15];
}

/* Adds a visit's minutes to its bands. False when some day has no band at that time; bands of one
 * day do not overlap, so no day is counted twice. */
static bool add_visit(const struct pm_kind *kind, const struct pm_visit *visit, struct demand *out)
{
    unsigned middle = (visit->earliest + visit->latest) / 2u, left = visit->days;
    int minutes = visit->minutes * visit->carers;
    for (unsigned b = 0; left != 0 && b < kind->bands; b++) {
        const struct pm_band *band = &kind->band[b];
        if (middle < band->from || middle >= band->to)
            continue;
        unsigned days = left & band->days;
        int taken = days_of(days) * minutes;
        out->band[b] += taken;
        out->units += taken;
        left &= ~days;
    }
    return left == 0;
}

uint16_t demand_of_visits(const struct pm_kind *kind, const struct pm_visit *visit, unsigned visits,
                          struct demand *out)
{
    memset(out, 0, sizeof *out);
    if (kind->unit != PM_MINUTES || visits == 0)
        return PM_NOTHING_NEEDED;
    if (visits > PM_VISITS_MAX)
        return PM_BAD_VISIT;
    for (unsigned v = 0; v < visits; v++) {
        if (!visit_is_good(&visit[v]))
            return PM_BAD_VISIT;
        if (!add_visit(kind, &visit[v], out))
            return PM_NO_BAND;
    }
    return out->units > kind->units_max ? PM_TOO_MUCH : PM_OK;
}

/* The band of a place's type, -1 when there is none. The first band, all vacancies, is no type by
 * itself. */
static int place_band(const struct pm_kind *kind, struct pm_text type)
{
    for (int b = 1; b < kind->bands; b++)
        if (name_is(&kind->band[b].name, type))
            return b;
    return type.length == 0 && kind->bands == 1 ? 0 : -1;
}

uint16_t demand_of_place(const struct pm_kind *kind, struct pm_text type, struct demand *out,
                         unsigned *band)
{
    memset(out, 0, sizeof *out);
    int place = kind->unit == PM_PLACES ? place_band(kind, type) : -1;
    if (place < 0)
        return PM_BAD_PLACE;
    out->band[0] = 1;
    out->band[place] = 1;
    out->units = 1;
    *band = (unsigned)place;
    return PM_OK;
}
