/*
 * hist.c: the histogram of hist.h.
 */
#include "hist.h"

static size_t bucket_of(uint64_t value)
{
    if (value < HIST_SUB)
        return (size_t)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HIST_SUB_BITS;
    /* value >> shift is HIST_SUB to 2 × HIST_SUB − 1: its leading bit adds the one row more. */
    return (size_t)shift * HIST_SUB + (size_t)(value >> shift);
}

/* The greatest value that falls into the bucket. */
static uint64_t bucket_end(size_t bucket)
{
    if (bucket < HIST_SUB)
        return bucket;
    unsigned shift = (unsigned)(bucket / HIST_SUB) - 1;
    uint64_t first = (bucket % HIST_SUB + HIST_SUB) << shift;
    return first + (((uint64_t)1 << shift) - 1);
}

void hist_add(struct hist *hist, uint64_t value)
{
    hist->buckets[bucket_of(value)]++;
    hist->count++;
    if (value > hist->max)
        hist->max = value;
}

void hist_merge(struct hist *into, const struct hist *from)
{
    for (size_t i = 0; i < HIST_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    if (from->max > into->max)
        into->max = from->max;
}

uint64_t hist_percentile(const struct hist *hist, double share)
{
    if (hist->count == 0)
        return 0;
    double exact = share * (double)hist->count;
    uint64_t rank = (uint64_t)exact; /* how many values must lie at or below the answer */
    if ((double)rank < exact || rank == 0)
        rank++;
    uint64_t below = 0;
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        below += hist->buckets[i];
        if (below >= rank)
            return bucket_end(i) < hist->max ? bucket_end(i) : hist->max;
    }
    return hist->max;
}
