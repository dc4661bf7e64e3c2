/*
 * clock.h: the only place of the daemon where time comes from.
 */
#ifndef PM_DAEMON_CLOCK_H
#define PM_DAEMON_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC, by the system's clock, which may step. */
int64_t clock_wall_ms(void);

/* Nanoseconds since some moment, never going back: for measuring and waiting. */
uint64_t clock_steady_ns(void);

/* The same in seconds, some milliseconds late, at the cost of a few instructions. Begins at 1 or
 * more. */
uint32_t clock_steady_s(void);

#endif
