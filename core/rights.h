/*
 * rights.h - which role may do what, and which keys of answers and events it is shown: two tables.
 * Whose records they are (a provider's own offers, a hospital's own packages) is decided where they
 * are found: the core's commands, query.c, query_list.c, and of events daemon/watch.c.
 *
 * Commands are held to the first table before they are journalled, not when they are applied: a
 * journal of before replays to the state it had.
 */
#ifndef PM_RIGHTS_H
#define PM_RIGHTS_H

#include <stddef.h>

#include "wire.h"

/* May that role, an enum pm_role or 0 for nobody, send that command or query? Any thread. */
bool rights_do(unsigned role, unsigned verb);

/* The roles that may, as "broker or hospital", into out[size], cut to it; returns out. Any thread.
 */
const char *rights_say(unsigned verb, char *out, size_t size);

/* Is that key shown to that role, an enum pm_role? To one that is none nothing is. Any thread. */
bool rights_show(unsigned role, enum wire_key key);

#endif
