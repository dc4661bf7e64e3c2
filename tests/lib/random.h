/* random.h - numbers for tests: the same ones for the same seed, everywhere (splitmix64). */
#ifndef PM_TEST_RANDOM_H
#define PM_TEST_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state; /* begins as the seed */
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to n - 1; n is 1 or more. */
static inline uint32_t random_below(struct random *random, uint32_t n)
{
    return (uint32_t)(random_next(random) % n); /* NOLINT(clang-analyzer-core.DivideZero) */
}

/* True n times in a hundred. */
static inline int random_percent(struct random *random, uint32_t n)
{
    return random_below(random, 100) < n;
}

#endif
