/*
 * rights.h - which role is shown which keys of answers and events: one table. Of which records
 * there are answers at all (a provider its own offers, a hospital its own packages) is decided in
 * query.c and query_list.c, and of which events in daemon/watch.c; what they say is decided here.
 */
#ifndef PM_RIGHTS_H
#define PM_RIGHTS_H

#include "wire.h"

/* Is that key shown to that role, an enum pm_role? To one that is none nothing is. Any thread. */
bool rights_show(unsigned role, enum wire_key key);

#endif
