/* demand.h - what a package takes of each band, derived from its visit lines or its place; never
 * typed. */
#ifndef PM_DEMAND_H
#define PM_DEMAND_H

#include "placemat.h"

struct demand {
    int32_t band[PM_BANDS_MAX]; /* minutes a week, or places */
    int32_t units;              /* the package's size: all minutes, or 1 place */
};

/* PM_OK, or PM_BAD_VISIT, PM_NO_BAND, PM_NOTHING_NEEDED, PM_TOO_MUCH. A visit belongs to the band
 * in which the middle of its window falls. */
uint16_t demand_of_visits(const struct pm_kind *kind, const struct pm_visit *visit, unsigned visits,
                          struct demand *out);
/* A place takes the first band and its own. type is the band's name; empty: the first alone, where
 * the kind has no other. PM_OK or PM_BAD_PLACE; *band is set to its position. */
uint16_t demand_of_place(const struct pm_kind *kind, struct pm_text type, struct demand *out,
                         unsigned *band);

#endif
