/*
 * handover.c: see handover.h. One atomic pointer holds the published batch; whoever exchanges it
 * for NULL has it. Empty batches come back through a ring of two, with a doorbell of its own on
 * which the matcher sleeps only when both batches are away.
 */
#include "handover.h"

#include "batch.h"
#include "doorbell.h"
#include "ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

struct handover {
    struct doorbell *published_bell, *returned_bell;
    struct ring *returned;
    struct batch *both[2];
    alignas(128) _Atomic(struct batch *) published;
};

struct handover *handover_create(struct batch *one, struct batch *other)
{
    struct handover *handover = aligned_alloc(128, sizeof *handover);
    if (!handover)
        return NULL;
    *handover = (struct handover){
        .published_bell = doorbell_create(DOORBELL_SPIN_NS),
        .returned_bell = doorbell_create(DOORBELL_SPIN_NS),
        .returned = ring_create(2),
    };
    if (handover->published_bell && handover->returned_bell && handover->returned) {
        handover->both[0] = one;
        handover->both[1] = other;
        ring_push(handover->returned, one);
        ring_push(handover->returned, other);
        return handover;
    }
    handover_destroy(handover);
    return NULL;
}

void handover_destroy(struct handover *handover)
{
    if (!handover)
        return;
    doorbell_destroy(handover->published_bell);
    doorbell_destroy(handover->returned_bell);
    ring_destroy(handover->returned);
    batch_destroy(handover->both[0]);
    batch_destroy(handover->both[1]);
    free(handover);
}

static struct batch *wait_returned(struct handover *handover)
{
    void *batch;
    while (ring_pop_many(handover->returned, &batch, 1) == 0)
        doorbell_wait(handover->returned_bell, DOORBELL_FOREVER);
    return batch;
}

struct batch *handover_open(struct handover *handover)
{
    /* Relaxed would do: only this thread ever puts a batch there. */
    struct batch *batch =
        atomic_exchange_explicit(&handover->published, NULL, memory_order_acquire);
    return batch ? batch : wait_returned(handover);
}

void handover_publish(struct handover *handover, struct batch *batch)
{
    /* Release: the journal thread's acquire in take sees what the batch holds. */
    struct batch *before =
        atomic_exchange_explicit(&handover->published, batch, memory_order_release);
    assert(
        !before); /* the matcher has one batch at a time, and took that one back if it was there */
    (void)before;
    doorbell_ring(handover->published_bell);
}

struct batch *handover_exchange(struct handover *handover, struct batch *full)
{
    handover_publish(handover, full);
    return wait_returned(handover);
}

struct batch *handover_take(struct handover *handover)
{
    return atomic_exchange_explicit(&handover->published, NULL, memory_order_acquire);
}

void handover_return(struct handover *handover, struct batch *batch)
{
    ring_push(handover->returned, batch); /* there are two batches, and room for two */
    doorbell_ring(handover->returned_bell);
}

void handover_wait(struct handover *handover, uint64_t timeout_ns)
{
    doorbell_wait(handover->published_bell, timeout_ns);
}

void handover_call(struct handover *handover)
{
    doorbell_ring(handover->published_bell);
}
