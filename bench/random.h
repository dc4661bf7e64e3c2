/*
 * random.h: numbers for benchmarks and the demonstration: the same ones for the same seed, on every
 * machine (splitmix64). A state begins as the seed, and every number advances it.
 */
#ifndef PM_BENCH_RANDOM_H
#define PM_BENCH_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

/* The position of one of `count` weights, each as often as it weighs; their sum is not 0. */
static inline unsigned random_pick(uint64_t *state, const uint16_t *weight, unsigned count)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += weight[i];
    uint32_t at = random_below(state, sum);
    unsigned picked = 0;
    while (picked + 1 < count && at >= weight[picked])
        at -= weight[picked++];
    return picked;
}

#endif
