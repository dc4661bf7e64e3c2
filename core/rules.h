/* rules.h - are a market's rules consistent? */
#ifndef PM_RULES_H
#define PM_RULES_H

#include "placemat.h"

/* The limits of placemat.h, names, ladders, bands, dates. */
bool rules_are_good(const struct pm_market *rules);

#endif
