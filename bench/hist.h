/*
 * hist.h: a histogram of times for percentiles: fixed memory, adding is a few instructions.
 *
 * Values below 64 are kept exactly; above, each power of two is divided into 64 buckets, so a
 * percentile is at most 1/64 too high. One thread at a time: keep one a thread and merge.
 */
#ifndef PM_BENCH_HIST_H
#define PM_BENCH_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB_BITS 6
#define HIST_SUB (1u << HIST_SUB_BITS)
/* The exact ones, then HIST_SUB for each leading bit from HIST_SUB_BITS to 63. */
#define HIST_BUCKETS ((64 - HIST_SUB_BITS + 1) * HIST_SUB)

/* All zero is an empty histogram; about 30 KiB. */
struct hist {
    uint64_t count; /* of values added */
    uint64_t max;   /* the greatest value, exactly; 0 when empty */
    uint64_t buckets[HIST_BUCKETS];
};

/* Adds one value, of any unit; the benchmarks use nanoseconds. */
void hist_add(struct hist *hist, uint64_t value);

/* Adds to `into` all that was added to `from`. */
void hist_merge(struct hist *into, const struct hist *from);

/*
 * The value that a share of `share` (0 to 1: 0.99 for p99) of those added do not exceed, rounded
 * up to the end of its bucket but never above the greatest; 0 when empty.
 */
uint64_t hist_percentile(const struct hist *hist, double share);

#endif
