/*
 * council.h - an invented market of any size for benchmarks: localities in a row, homecare alone,
 * providers with one service each, and packages like those of a real week. A seed fixes all of it.
 */
#ifndef PM_BENCH_COUNCIL_H
#define PM_BENCH_COUNCIL_H

#include "placemat.h"

struct council_options {
    uint64_t seed;
    unsigned localities;            /* at most 64 */
    unsigned services_per_locality; /* one provider, location, pool and service each */
    unsigned packages;              /* that the capacity is for, with a sixth to spare */
    unsigned
        room; /* minutes a week more in each band of each pool; 1200 take the largest package */
    unsigned invite; /* above 0: the first step is an open offer to so many at once */
};

struct council;
/* NULL when out of memory. Free with council_free(). */
struct council *council_new(const struct council_options *options);
void council_free(struct council *council);

/* The market and its supply, as one market.load; lives as long as the council. */
const struct pm_command *council_load(const struct council *council);
/* The n-th package of the council: a package.post, resolved to locality and sector, under this
 * reference. */
struct pm_command council_post(const struct council *council, uint32_t n, struct pm_text reference);
/* What the n-th pool, modulo their number, states as spare. */
struct pm_command council_capacity(const struct council *council, uint32_t n, int64_t now);

/* A random number from a state that it advances (splitmix64). */
uint64_t council_random(uint64_t *state);

#endif
