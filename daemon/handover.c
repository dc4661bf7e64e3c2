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

/* Before each access to shared memory; a test defines it to try the interleavings. */
#ifndef HANDOVER_STEP
#define HANDOVER_STEP() ((void)0)
#endif

struct handover {
    struct doorbell *published_bell, *taken_bell;
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
        .taken_bell = doorbell_create(DOORBELL_SPIN_NS),
        .returned = ring_create(2),
    };
    if (handover->published_bell && handover->taken_bell && handover->returned) {
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
    doorbell_destroy(handover->taken_bell);
    ring_destroy(handover->returned);
    batch_destroy(handover->both[0]);
    batch_destroy(handover->both[1]);
    free(handover);
}

/* The journal thread returns one batch before it takes the other, so while nothing is published and
 * the matcher has none, one is there. */
static struct batch *pop_returned(struct handover *handover)
{
    void *batch = NULL;
    size_t count = ring_pop_many(handover->returned, &batch, 1);
    assert(count == 1);
    (void)count;
    return batch;
}

struct batch *handover_open(struct handover *handover)
{
    HANDOVER_STEP();
    /* Acquire: when the journal thread has taken it, we see the other returned. */
    struct batch *batch =
        atomic_exchange_explicit(&handover->published, NULL, memory_order_acquire);
    return batch ? batch : pop_returned(handover);
}

void handover_publish(struct handover *handover, struct batch *batch)
{
    HANDOVER_STEP();
    /* Release: the journal thread's acquire in take sees what the batch holds. */
    struct batch *before =
        atomic_exchange_explicit(&handover->published, batch, memory_order_release);
    assert(!before); /* the matcher has one batch at a time, and this is it */
    (void)before;
    doorbell_ring(handover->published_bell);
}

struct batch *handover_exchange(struct handover *handover, struct batch *full)
{
    handover_publish(handover, full);
    HANDOVER_STEP();
    /* Acquire: as in open. */
    while (atomic_load_explicit(&handover->published, memory_order_acquire)) {
        doorbell_wait(handover->taken_bell, DOORBELL_FOREVER);
        HANDOVER_STEP();
    }
    return pop_returned(handover);
}

struct batch *handover_take(struct handover *handover)
{
    HANDOVER_STEP();
    /* Acquire: we see what the batch holds. Release: the matcher, finding it gone, sees the batch
     * that was returned before. */
    struct batch *batch =
        atomic_exchange_explicit(&handover->published, NULL, memory_order_acq_rel);
    if (batch)
        doorbell_ring(handover->taken_bell);
    return batch;
}

void handover_return(struct handover *handover, struct batch *batch)
{
    bool pushed = ring_push(handover->returned, batch);
    assert(pushed); /* there are two batches, and room for two */
    (void)pushed;
}

void handover_wait(struct handover *handover, uint64_t timeout_ns)
{
    doorbell_wait(handover->published_bell, timeout_ns);
}

void handover_call(struct handover *handover)
{
    doorbell_ring(handover->published_bell);
}
