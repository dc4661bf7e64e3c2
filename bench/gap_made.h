/*
 * gap_made.h: generalised assignment instances made from a seed, of the types c, d and e by which
 * the literature's larger ones were made. In c costs have nothing to do with what is taken; in d
 * and e what takes little costs much, in e with a few that stand out. Each agent has four fifths of
 * what an even share of all jobs would take of it.
 */
#ifndef PM_BENCH_GAP_MADE_H
#define PM_BENCH_GAP_MADE_H

#include "bench/gap_file.h"

struct gap_sizes {
    char type; /* c, d or e */
    uint32_t agents, jobs;
    uint64_t seed;
};

/* False when memory fails or there would be more pairs than solver.h allows; then there is nothing
 * to free. */
bool gap_made(const struct gap_sizes *sizes, struct gap_file *out);

#endif
