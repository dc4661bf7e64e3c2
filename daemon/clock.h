/*
 * clock.h: the only place of the daemon where time comes from.
 */
#ifndef PM_DAEMON_CLOCK_H
#define PM_DAEMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC, by the system's clock, which may step. */
int64_t clock_wall_ms(void);

/* Nanoseconds since some moment, never going back: for measuring and waiting. */
uint64_t clock_steady_ns(void);

/* The same in seconds, some milliseconds late, at the cost of a few instructions. Begins at 1 or
 * more. */
uint32_t clock_steady_s(void);

/* ---- The time that is believed ---- */

enum {
    CLOCK_JUMP_MS = 600000, /* that the system's clock may run ahead of the steady one at once */
    CLOCK_BEHIND_MS = 1000, /* going back by more than this is worth a word */
};

/* Follows the system's clock and never goes back. A jump of more than ten minutes may be a mistake
 * that would have every deadline pass: it is not believed until it is accepted, or is over; until
 * then time goes on by the steady clock. Belongs to one thread; the functions are pure. */
struct clock_watch {
    int64_t time;    /* what is believed, milliseconds since 1970 */
    int64_t wall;    /* the system's clock as last believed */
    uint64_t steady; /* the steady one then */
    int64_t ahead;   /* by how much the system's clock is, milliseconds; 0: it is believed */
    bool behind;     /* it has gone back, and time stands still until it has caught up */
};

enum clock_news { CLOCK_AS_EVER, CLOCK_JUMPED, CLOCK_BELIEVED_AGAIN, CLOCK_WENT_BACK };

/* Begins at the system's clock, and not before `least`. */
void clock_watch_begin(struct clock_watch *watch, int64_t least, int64_t wall, uint64_t steady);
/* Goes on to what the two clocks say now. */
enum clock_news clock_watch_read(struct clock_watch *watch, int64_t wall, uint64_t steady);
/* The system's clock is right: believes it. */
void clock_watch_accept(struct clock_watch *watch, int64_t wall, uint64_t steady);

#endif
