/*
 * limits.h: the sizes of a data directory's tables. Whether a command was refused because a table
 * was full depends on them, so a journal can be replayed only under the limits it was written
 * under: they are kept with it, and fixed when it is made.
 */
#ifndef PM_DAEMON_LIMITS_H
#define PM_DAEMON_LIMITS_H

#include "core/core.h"
#include "daemon/journal.h"

#include <stdbool.h>

/* The limits to open the core with: those kept with the journal; in a new one `given`, defaults in
 * place of its zeros, which are then kept. False with a sentence when `given` differs from what is
 * kept, or the journal cannot tell. */
bool limits_settle(struct journal *journal, const struct pm_limits *given, struct pm_limits *out,
                   char error[512]);

#endif
