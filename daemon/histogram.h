/*
 * histogram.h: how often something took how long, by powers of two: for metrics, where a glance is
 * enough and one writing thread may not be held up. (The benchmarks measure finer.)
 */
#ifndef PM_DAEMON_HISTOGRAM_H
#define PM_DAEMON_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

/* Place 0 is of what took less than 16 microseconds, each next of up to twice as long as the one
 * before, the last of the rest: 17 s and more. */
enum { HISTOGRAM_PLACES = 22, HISTOGRAM_FIRST_BITS = 4 };

/* All zero is an empty one. One thread adds; any may read, and may see an addition in part. */
struct histogram {
    atomic_uint_fast64_t place[HISTOGRAM_PLACES];
    atomic_uint_fast64_t sum_ns;
};

/* The microseconds below which what is counted in a place lies, but the last. */
static inline uint64_t histogram_below_us(unsigned place)
{
    return (uint64_t)1 << (place + HISTOGRAM_FIRST_BITS);
}

static inline void histogram_more(atomic_uint_fast64_t *at, uint64_t more)
{
    atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

static inline void histogram_add(struct histogram *histogram, uint64_t ns)
{
    uint64_t us = (ns / 1000) >> HISTOGRAM_FIRST_BITS;
    unsigned place = us ? 64u - (unsigned)__builtin_clzll(us) : 0;
    if (place > HISTOGRAM_PLACES - 1)
        place = HISTOGRAM_PLACES - 1;
    histogram_more(&histogram->place[place], 1);
    histogram_more(&histogram->sum_ns, ns);
}

#endif
