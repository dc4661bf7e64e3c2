/*
 * connection.c: the table of connection.h: one 64-bit word a connection, changed by
 * compare-and-swap:
 *
 *     63 … 32 id (0: free)   31 quiet: no message since the last look
 *     30 … 16 refusals since it was last below the limit   15 … 0 outstanding
 *
 * The word carries the id, so a change meant for a connection that has gone fails instead of
 * hitting its successor. A connection sits within WINDOW places from its id modulo the capacity;
 * the window is always searched whole, so removing needs no tombstones. The ids that streams.h
 * gives are each of another place, in a table of that size.
 *
 * All accesses are relaxed but for the id's publication, the counts guarding no other memory, and
 * but for the mark's.
 */
#include "connection.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Before each access to shared memory; a test defines it to try the interleavings. */
#ifndef CONNECTION_STEP
#define CONNECTION_STEP() ((void)0)
#endif

enum { WINDOW = 32, BUSY_SHIFT = 16, ID_SHIFT = 32 };
#define COUNT_MASK UINT64_C(0xffff)
#define BUSY_MASK UINT64_C(0x7fff)
#define QUIET (UINT64_C(1) << 31)

struct connections {
    uint32_t mask;
    _Atomic uint32_t count;
    _Atomic uint64_t *mark; /* of each word's connection; after the words */
    _Atomic uint64_t word[];
};

static_assert(CONNECTION_OUTSTANDING_MAX < 0xffff && CONNECTION_BUSY_MAX < 0x7fff,
              "fit their bits");

static uint32_t word_id(uint64_t word)
{
    return (uint32_t)(word >> ID_SHIFT);
}

struct connections *connections_create(uint32_t capacity)
{
    assert(capacity >= WINDOW && (capacity & (capacity - 1)) == 0);
    struct connections *connections =
        calloc(1, sizeof *connections + 2 * (size_t)capacity * sizeof connections->word[0]);
    if (!connections)
        return NULL;
    connections->mask = capacity - 1;
    connections->mark = connections->word + capacity;
    return connections;
}

void connections_destroy(struct connections *connections)
{
    free(connections);
}

bool connections_add(struct connections *connections, uint32_t id)
{
    for (uint32_t i = 0; i < WINDOW; i++) {
        _Atomic uint64_t *word = &connections->word[(id + i) & connections->mask];
        uint64_t empty = 0;
        CONNECTION_STEP();
        if (atomic_compare_exchange_strong(word, &empty, (uint64_t)id << ID_SHIFT)) {
            CONNECTION_STEP();
            atomic_fetch_add_explicit(&connections->count, 1, memory_order_relaxed);
            return true;
        }
    }
    return false;
}

/* The slot of a id, or -1. */
static int64_t find(const struct connections *connections, uint32_t id)
{
    for (uint32_t i = 0; i < WINDOW; i++) {
        uint32_t slot = (id + i) & connections->mask;
        CONNECTION_STEP();
        if (word_id(atomic_load_explicit(&connections->word[slot], memory_order_relaxed)) == id)
            return slot;
    }
    return -1;
}

void connections_mark(struct connections *connections, uint32_t id, uint64_t mark)
{
    int64_t slot = find(connections, id);
    CONNECTION_STEP();
    /* Release: whoever reads it sees the id that it is of. */
    if (slot >= 0)
        atomic_store_explicit(&connections->mark[slot], mark, memory_order_release);
}

uint64_t connections_marked(const struct connections *connections, struct connection_ref ref)
{
    CONNECTION_STEP();
    /* Acquire: if the mark is a successor's, so is the id now. */
    uint64_t mark = atomic_load_explicit(&connections->mark[ref.slot], memory_order_acquire);
    CONNECTION_STEP();
    uint64_t word = atomic_load_explicit(&connections->word[ref.slot], memory_order_relaxed);
    return word_id(word) == ref.id ? mark : 0;
}

void connections_remove(struct connections *connections, uint32_t id)
{
    int64_t slot = find(connections, id);
    if (slot < 0)
        return;
    CONNECTION_STEP();
    uint64_t word = atomic_load_explicit(&connections->word[slot], memory_order_relaxed);
    while (word_id(word) == id) {
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak(&connections->word[slot], &word, 0)) {
            CONNECTION_STEP();
            atomic_fetch_sub_explicit(&connections->count, 1, memory_order_relaxed);
            return;
        }
    }
}

/* What a word becomes when its connection sends another request. */
static enum connection_verdict admit(uint64_t word, uint64_t *changed)
{
    uint64_t outstanding = word & COUNT_MASK;
    uint64_t busy = word >> BUSY_SHIFT & BUSY_MASK;
    *changed = word & ~QUIET;
    if (outstanding < CONNECTION_OUTSTANDING_MAX) {
        *changed = (*changed & ~(BUSY_MASK << BUSY_SHIFT)) + 1;
        return CONNECTION_ADMITTED;
    }
    if (busy < CONNECTION_BUSY_MAX) {
        *changed += UINT64_C(1) << BUSY_SHIFT;
        return CONNECTION_BUSY;
    }
    return CONNECTION_FLOOD;
}

enum connection_verdict connections_enter(struct connections *connections, uint32_t id,
                                          struct connection_ref *ref)
{
    int64_t slot = find(connections, id);
    if (slot < 0)
        return CONNECTION_GONE;
    CONNECTION_STEP();
    uint64_t word = atomic_load_explicit(&connections->word[slot], memory_order_relaxed);
    while (word_id(word) == id) {
        uint64_t changed;
        enum connection_verdict verdict = admit(word, &changed);
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak_explicit(&connections->word[slot], &word, changed,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            *ref = (struct connection_ref){.id = id, .slot = (uint32_t)slot};
            return verdict;
        }
    }
    return CONNECTION_GONE;
}

void connections_leave(struct connections *connections, struct connection_ref ref)
{
    _Atomic uint64_t *place = &connections->word[ref.slot];
    CONNECTION_STEP();
    uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
    while (word_id(word) == ref.id && (word & COUNT_MASK) > 0) {
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak_explicit(place, &word, word - 1, memory_order_relaxed,
                                                  memory_order_relaxed))
            return;
    }
}

uint32_t connections_count(const struct connections *connections)
{
    return atomic_load_explicit(&connections->count, memory_order_relaxed);
}

uint32_t connections_capacity(const struct connections *connections)
{
    return connections->mask + 1;
}

uint32_t connections_outstanding(const struct connections *connections, struct connection_ref ref)
{
    uint64_t word = atomic_load_explicit(&connections->word[ref.slot], memory_order_relaxed);
    return word_id(word) == ref.id ? (uint32_t)(word & COUNT_MASK) : 0;
}

void connections_find_idle(struct connections *connections, connection_found *found, void *context)
{
    for (uint32_t slot = 0; slot <= connections->mask; slot++) {
        _Atomic uint64_t *place = &connections->word[slot];
        CONNECTION_STEP();
        uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
        if (word_id(word) == 0 || (word & COUNT_MASK) != 0)
            continue;
        CONNECTION_STEP();
        if ((word & QUIET) != 0)
            found(context, word_id(word));
        else /* one that has just said something is not quiet, and stays as it is */
            atomic_compare_exchange_strong_explicit(place, &word, word | QUIET,
                                                    memory_order_relaxed, memory_order_relaxed);
    }
}
