/*
 * connection.c: the table of connection.h: one 64-bit word a connection, changed by
 * compare-and-swap:
 *
 *     63 … 32 id (0: free)   16 quiet: no message since the last look   15 … 0 outstanding
 *
 * The word carries the id, so a change meant for a connection that has gone fails instead of
 * hitting its successor.
 *
 * All accesses are relaxed, the counts guarding no other memory, but for the mark's.
 */
#include "connection.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Before each access to shared memory; a test defines it to try the interleavings. */
#ifndef CONNECTION_STEP
#define CONNECTION_STEP() ((void)0)
#endif

enum { ID_SHIFT = 32 };
#define COUNT_MASK UINT64_C(0xffff)
#define QUIET (UINT64_C(1) << 16)

struct place {
    _Atomic uint64_t word, mark;
};

struct connections {
    uint32_t capacity;
    _Atomic uint32_t count;
    struct place place[];
};

static_assert(CONNECTION_OUTSTANDING_MAX < COUNT_MASK, "fits its bits");

static uint32_t word_id(uint64_t word)
{
    return (uint32_t)(word >> ID_SHIFT);
}

static uint32_t place_of(const struct connections *connections, uint32_t id)
{
    return id & (connections->capacity - 1);
}

/* The word of its place, which may be another's. */
static uint64_t read_word(const struct connections *connections, uint32_t id)
{
    CONNECTION_STEP();
    return atomic_load_explicit(&connections->place[place_of(connections, id)].word,
                                memory_order_relaxed);
}

struct connections *connections_create(uint32_t capacity)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    struct connections *connections =
        calloc(1, sizeof *connections + capacity * sizeof connections->place[0]);
    if (connections)
        connections->capacity = capacity;
    return connections;
}

void connections_destroy(struct connections *connections)
{
    free(connections);
}

void connections_add(struct connections *connections, uint32_t id, uint64_t mark)
{
    struct place *place = &connections->place[place_of(connections, id)];
    CONNECTION_STEP();
    /* Release: whoever reads it sees that the one before has gone. */
    atomic_store_explicit(&place->mark, mark, memory_order_release);
    CONNECTION_STEP();
    atomic_store_explicit(&place->word, (uint64_t)id << ID_SHIFT, memory_order_relaxed);
    CONNECTION_STEP();
    atomic_fetch_add_explicit(&connections->count, 1, memory_order_relaxed);
}

uint64_t connections_marked(const struct connections *connections, uint32_t id)
{
    CONNECTION_STEP();
    /* Acquire: if the mark is a successor's, the word is not of this id any more. */
    uint64_t mark = atomic_load_explicit(&connections->place[place_of(connections, id)].mark,
                                         memory_order_acquire);
    return word_id(read_word(connections, id)) == id ? mark : 0;
}

void connections_remove(struct connections *connections, uint32_t id)
{
    uint64_t word = read_word(connections, id);
    while (word_id(word) == id) {
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak(&connections->place[place_of(connections, id)].word, &word,
                                         0)) {
            CONNECTION_STEP();
            atomic_fetch_sub_explicit(&connections->count, 1, memory_order_relaxed);
            return;
        }
    }
}

enum connection_verdict connections_enter(struct connections *connections, uint32_t id)
{
    uint64_t word = read_word(connections, id);
    while (word_id(word) == id) {
        bool admitted = (word & COUNT_MASK) < CONNECTION_OUTSTANDING_MAX;
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak_explicit(
                &connections->place[place_of(connections, id)].word, &word,
                (word & ~QUIET) + admitted, memory_order_relaxed, memory_order_relaxed))
            return admitted ? CONNECTION_ADMITTED : CONNECTION_BUSY;
    }
    return CONNECTION_GONE;
}

void connections_leave(struct connections *connections, uint32_t id)
{
    uint64_t word = read_word(connections, id);
    while (word_id(word) == id && (word & COUNT_MASK) > 0) {
        CONNECTION_STEP();
        if (atomic_compare_exchange_weak_explicit(
                &connections->place[place_of(connections, id)].word, &word, word - 1,
                memory_order_relaxed, memory_order_relaxed))
            return;
    }
}

uint32_t connections_count(const struct connections *connections)
{
    return atomic_load_explicit(&connections->count, memory_order_relaxed);
}

uint32_t connections_capacity(const struct connections *connections)
{
    return connections->capacity;
}

uint32_t connections_outstanding(const struct connections *connections, uint32_t id)
{
    uint64_t word = read_word(connections, id);
    return word_id(word) == id ? (uint32_t)(word & COUNT_MASK) : 0;
}

void connections_find_idle(struct connections *connections, connection_found *found, void *context)
{
    for (uint32_t at = 0; at < connections->capacity; at++) {
        uint64_t word = read_word(connections, at);
        if (word_id(word) == 0 || (word & COUNT_MASK) != 0)
            continue;
        CONNECTION_STEP();
        if ((word & QUIET) != 0)
            found(context, word_id(word));
        else /* one that has just said something is not quiet, and stays as it is */
            atomic_compare_exchange_strong_explicit(&connections->place[at].word, &word,
                                                    word | QUIET, memory_order_relaxed,
                                                    memory_order_relaxed);
    }
}
