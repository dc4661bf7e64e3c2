/* dates.h - the length of a day, and the range of dates the core takes. */
#ifndef PM_DATES_H
#define PM_DATES_H

#include <stdint.h>

enum {
    DAY_MINUTES = 24 * 60,
    DATE_MAX = 84006, /* 2200-01-01 */
};
static const int64_t DAY = DAY_MINUTES * INT64_C(60000); /* milliseconds */

#endif
