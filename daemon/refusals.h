/*
 * refusals.h: what was refused, counted by status and written into the log with its reason: whole
 * requests, which are in no journal, and commands that the core refused, which are.
 *
 * No more than some lines a second are written, so that who sends nonsense cannot fill a disk; the
 * next line says how many were left out. Neither does the log hold anybody up.
 */
#ifndef PM_DAEMON_REFUSALS_H
#define PM_DAEMON_REFUSALS_H

#include "core/core.h"
#include "core/wire.h"
#include "daemon/stats.h"

enum { REFUSALS_A_SECOND = 100 }; /* lines, of all threads together */

/* Any thread: a whole request. `wire`: as far as it was decoded, its texts still there; NULL: not
 * at all. detail: what its sender is told beside the status. */
void refusals_of_request(struct stats *stats, uint16_t status, const char *detail,
                         const struct wire_request *wire);

/* The matcher's thread: a command that the core refused. */
void refusals_of_command(struct stats *stats, uint16_t status, const struct pm_entry *entry);

#endif
