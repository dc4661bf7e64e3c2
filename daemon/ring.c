/*
 * ring.c: the bounded many-producer, one-consumer ring of ring.h.
 *
 * `tail` counts places claimed by producers, `head` places emptied by the consumer. Both run
 * freely and wrap with size_t; only their unsigned difference means anything, and it stays within
 * the capacity. A place is its counter modulo the capacity.
 *
 * A slot is its own flag: NULL is empty, anything else is an item ready to be taken. With one
 * consumer no sequence number a slot is needed: the consumer empties slots in order, and `head`
 * tells producers, once a batch and not once an item, how far it has come.
 */
#include "ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Bytes kept between what producers write and what the consumer writes. Two lines of 64, for
 * x86 fetches lines in pairs and some arm64 have lines of 128.
 */
#define RING_LINE 128

/* Before each access to shared memory; a test defines it to try the interleavings. */
#ifndef RING_STEP
#define RING_STEP() ((void)0)
#endif

struct ring {
    size_t capacity; /* these two never change after ring_create_at */
    size_t mask;

    /* Written by producers. */
    alignas(RING_LINE) atomic_size_t tail;
    /*
     * A head some producer has seen: never ahead of `head`, maybe behind. While it shows room,
     * producers need not touch the consumer's line.
     */
    atomic_size_t head_seen;

    /* Written by the consumer. */
    alignas(RING_LINE) atomic_size_t head;

    alignas(RING_LINE) _Atomic(void *) slots[];
};

struct ring *ring_create(size_t capacity)
{
    return ring_create_at(capacity, 0);
}

struct ring *ring_create_at(size_t capacity, size_t start)
{
    if (capacity == 0 || (capacity & (capacity - 1)) != 0)
        return NULL;
    if (capacity > (SIZE_MAX / 2) / sizeof(void *))
        return NULL;
    size_t bytes = sizeof(struct ring) + capacity * sizeof(_Atomic(void *));
    bytes = (bytes + RING_LINE - 1) / RING_LINE * RING_LINE; /* as aligned_alloc requires */
    struct ring *ring = aligned_alloc(RING_LINE, bytes);
    if (ring == NULL)
        return NULL;
    ring->capacity = capacity;
    ring->mask = capacity - 1;
    atomic_init(&ring->tail, start);
    atomic_init(&ring->head_seen, start);
    atomic_init(&ring->head, start);
    for (size_t i = 0; i < capacity; i++)
        atomic_init(&ring->slots[i], NULL);
    return ring;
}

void ring_destroy(struct ring *ring)
{
    free(ring);
}

/*
 * Claims the next place for the calling producer. Returns false if the ring was full.
 *
 * `head` is always read before `tail`. Whoever reads a head of h with acquire has seen, through
 * the consumer, the claims of all places below h, so the tail read next is h or more and the
 * difference never wraps below zero.
 */
static bool claim(struct ring *ring, size_t *place)
{
    RING_STEP();
    /*
     * Acquire, for the same reason as the read of `head` below: the producer that stored this
     * value had it from `head`, and passes on with its release what it acquired there.
     */
    size_t head = atomic_load_explicit(&ring->head_seen, memory_order_acquire);
    RING_STEP();
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    for (;;) {
        if (tail - head >= ring->capacity) {
            RING_STEP();
            /*
             * Acquire, pairs with the release in ring_pop_many: the consumer's emptying of the
             * slot comes before our filling of it.
             */
            size_t fresh = atomic_load_explicit(&ring->head, memory_order_acquire);
            /*
             * head ≤ the true head when we read tail ≤ fresh. All equal: it was full then.
             * Otherwise the consumer has moved, and we look again.
             */
            if (fresh == head)
                return false;
            head = fresh;
            RING_STEP();
            /*
             * Release: passes on what we acquired. A slower producer may put back an older value
             * after us; that only sends the next one to `head` again.
             */
            atomic_store_explicit(&ring->head_seen, head, memory_order_release);
            RING_STEP();
            tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
            continue;
        }
        RING_STEP();
        /*
         * Relaxed: winning a place says nothing about what is in it. The item is published by
         * the release store into the slot, and the slot is ours by the acquire of `head`: it is
         * no older now than when we read it. On failure `tail` is the newer value.
         */
        if (atomic_compare_exchange_weak_explicit(&ring->tail, &tail, tail + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            *place = tail;
            return true;
        }
    }
}

bool ring_push(struct ring *ring, void *item)
{
    assert(item != NULL);
    size_t place;
    if (!claim(ring, &place))
        return false;
    RING_STEP();
    /*
     * Release, pairs with the acquire in ring_pop_many: what the caller wrote behind the pointer,
     * and our claim on `tail`, are seen by a consumer that sees the pointer.
     */
    atomic_store_explicit(&ring->slots[place & ring->mask], item, memory_order_release);
    return true;
}

size_t ring_pop_many(struct ring *ring, void **out, size_t max)
{
    /* Relaxed: only this thread writes head. */
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t taken = 0;
    while (taken < max) {
        _Atomic(void *) *slot = &ring->slots[(head + taken) & ring->mask];
        RING_STEP();
        /* Acquire, pairs with the release in ring_push: the item's contents are ours to read. */
        void *item = atomic_load_explicit(slot, memory_order_acquire);
        if (item == NULL)
            break;
        RING_STEP();
        /* Relaxed: no producer touches the slot before the release of `head` below. */
        atomic_store_explicit(slot, NULL, memory_order_relaxed);
        out[taken++] = item;
    }
    if (taken == 0)
        return 0;
    RING_STEP();
    /*
     * Release, pairs with the acquire in claim: this is the producers' licence to fill the slots
     * emptied above, so the emptying must be seen no later than the new head.
     */
    atomic_store_explicit(&ring->head, head + taken, memory_order_release);
    return taken;
}

size_t ring_depth(const struct ring *ring)
{
    /* Acquire, and head first, as in claim: the difference does not wrap below zero. */
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    size_t depth = tail - head;
    /* The consumer and producers may have moved on between the reads, past the capacity. */
    return depth < ring->capacity ? depth : ring->capacity;
}

size_t ring_capacity(const struct ring *ring)
{
    return ring->capacity;
}
