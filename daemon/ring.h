/*
 * ring.h: a bounded queue of pointers between threads: any number of producers, one consumer.
 *
 * Nothing here takes a mutex, makes a system call or allocates after ring_create. Items come out
 * in the order in which producers claimed their places, so each producer's own items keep their
 * order. A producer that is descheduled between claiming its place and filling it hides what was
 * pushed behind it until it runs again: the consumer then sees an empty ring, never a gap. That
 * producer rings the doorbell (doorbell.h) after its push, so the consumer may sleep meanwhile.
 */
#ifndef PM_DAEMON_RING_H
#define PM_DAEMON_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring;

/*
 * Makes a ring that holds `capacity` pointers, a power of two, at least 1. Returns NULL if
 * capacity is not such a number or memory is short. The caller owns the ring and frees it with
 * ring_destroy.
 */
struct ring *ring_create(size_t capacity);

/*
 * The same with the free-running counters starting at `start` instead of 0, so that a test can
 * watch them wrap round.
 */
struct ring *ring_create_at(size_t capacity, size_t start);

/*
 * Frees the ring, not what its pointers point to: pop until empty first. No other thread may be
 * using the ring. NULL is allowed.
 */
void ring_destroy(struct ring *ring);

/*
 * Any thread: appends `item`, which must not be NULL. Returns false, having done nothing, if the
 * ring was full; never waits for the consumer. What the caller wrote before is visible to the
 * consumer once it has popped the item.
 */
bool ring_push(struct ring *ring, void *item);

/*
 * The consumer's thread only: moves up to `max` items to `out`, oldest first, and returns how
 * many; 0 if there is nothing to take. Their places are free for producers when it returns.
 */
size_t ring_pop_many(struct ring *ring, void **out, size_t max);

/*
 * Any thread: about how many items are in the ring, claimed but not yet filled places included;
 * exact when nobody is pushing or popping, between 0 and the capacity always.
 */
size_t ring_depth(const struct ring *ring);

/* Any thread: the capacity given to ring_create. */
size_t ring_capacity(const struct ring *ring);

#endif
