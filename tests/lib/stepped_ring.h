/*
 * stepped_ring.h - the ring and the doorbell with the hooks of steps.h, compiled into the test that
 * includes this, once, before anything else of the daemon's.
 */
#ifndef PM_TEST_STEPPED_RING_H
#define PM_TEST_STEPPED_RING_H

#include "tests/lib/steps.h"

static uint64_t now_ns(void);
static bool futex_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns);
static void futex_wake(_Atomic uint32_t *word);

#define RING_STEP() steps_step()
#define DOORBELL_STEP() steps_step()
#define DOORBELL_OWN_KERNEL 1

/* Names of their own, in case the daemon's objects are linked in too. */
#define ring_create stepped_ring_create
#define ring_create_at stepped_ring_create_at
#define ring_destroy stepped_ring_destroy
#define ring_push stepped_ring_push
#define ring_pop_many stepped_ring_pop_many
#define ring_depth stepped_ring_depth
#define ring_capacity stepped_ring_capacity
#define doorbell_create stepped_doorbell_create
#define doorbell_destroy stepped_doorbell_destroy
#define doorbell_ring stepped_doorbell_ring
#define doorbell_wait stepped_doorbell_wait
#include "../../daemon/doorbell.c" /* NOLINT: the code under test, with its hooks */
#include "../../daemon/ring.c"     /* NOLINT */

/* A spin would never end, since time stands still: nothing times out, so every lost wake-up leaves
 * all tasks asleep. */
#undef DOORBELL_SPIN_NS
#define DOORBELL_SPIN_NS 0

static uint64_t now_ns(void)
{
    return 0;
}

static bool futex_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
    steps_check(deadline_ns == DOORBELL_FOREVER, "a wait has a deadline");
    steps_sleep(word, value);
    return true;
}

static void futex_wake(_Atomic uint32_t *word)
{
    steps_wake(word);
}

#endif
