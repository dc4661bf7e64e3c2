/*
 * memory.h: pages: those that the core's memory is in (what is in them is the core's, and stays),
 * and those of which the process that writes a snapshot needs nothing.
 */
#ifndef PM_DAEMON_MEMORY_H
#define PM_DAEMON_MEMORY_H

#include "core/core.h"

#include <stdbool.h>
#include <stddef.h>

/* Has the system find and clear all pages now. False with errno set when it cannot; else how much
 * that is. */
bool memory_take(struct pm_core *core, size_t *bytes);

/* Makes huge pages again of those that have come apart, as happens to what is changed while a
 * forked process has it, too. Any thread. Nothing happens where the system has no such call (it
 * does so by itself, in time) or is told to have no huge pages. */
void memory_mend(struct pm_core *core);

/* Zeroed memory that a forked process does not have, so that whoever writes to it while a snapshot
 * is written does not wait until a page is copied. NULL when memory is short. Free with
 * memory_free_apart() and the same size; NULL is nothing. Any thread. */
void *memory_take_apart(size_t bytes);
void memory_free_apart(void *memory, size_t bytes);

#endif
