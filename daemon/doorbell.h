/*
 * doorbell.h: lets the one consumer of one or more rings sleep while they are empty.
 *
 * A producer pushes, then rings; the consumer pops until there is nothing, then waits, then pops
 * again. A ring that comes between the consumer's last pop and its wait is remembered, so nothing
 * need be checked again in between and no push goes unnoticed. Ringing is one atomic operation,
 * and a system call only if the consumer is asleep. There is no mutex.
 */
#ifndef PM_DAEMON_DOORBELL_H
#define PM_DAEMON_DOORBELL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A spin for doorbell_create: about what going to sleep and being woken costs, so that spinning
 * never costs much more than it could have saved.
 */
#define DOORBELL_SPIN_NS 5000

/* A timeout for doorbell_wait: none. */
#define DOORBELL_FOREVER UINT64_MAX

struct doorbell;

/*
 * Makes a doorbell, or returns NULL if memory is short. The consumer spins for at most `spin_ns`
 * nanoseconds a wait before it sleeps, less after spins that came to nothing; 0 never spins. The
 * caller frees it with doorbell_destroy.
 */
struct doorbell *doorbell_create(uint64_t spin_ns);

/* Frees it. No thread may be in, or later enter, any of its functions. NULL is allowed. */
void doorbell_destroy(struct doorbell *bell);

/* Any thread, after a push: the consumer's present or next wait returns true. Never blocks. */
void doorbell_ring(struct doorbell *bell);

/*
 * The consumer's thread only: returns true as soon as the bell has been rung since the last wait
 * that returned true, or false when `timeout_ns` nanoseconds (of CLOCK_MONOTONIC, from now) are
 * over; 0 asks without waiting. What ringing threads wrote before they rang is visible after
 * true. Rings do not add up: one true may stand for many, and the items of a ring may have been
 * popped before its true, so an empty ring after true is no error.
 */
bool doorbell_wait(struct doorbell *bell, uint64_t timeout_ns);

#endif
