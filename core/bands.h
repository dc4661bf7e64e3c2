/*
 * bands.h - amounts in every band of a kind, reckoned four bands at a time where the machine can.
 * All wraps: no state, however wrong, makes it undefined.
 */
#ifndef PM_BANDS_H
#define PM_BANDS_H

#include <string.h>

#include "placemat.h"

typedef int32_t four_bands __attribute__((vector_size(16)));
typedef uint32_t four_wrapping __attribute__((vector_size(16)));
enum { FOURS = PM_BANDS_MAX / 4 };
_Static_assert(PM_BANDS_MAX % 4 == 0, "bands come in fours");

/* Arguments are PM_BANDS_MAX amounts each, which may lie anywhere. */
static inline void bands_add(int32_t *amounts, const int32_t *more)
{
    four_wrapping a[FOURS], b[FOURS];
    memcpy(a, amounts, sizeof a);
    memcpy(b, more, sizeof b);
    for (int i = 0; i < FOURS; i++)
        a[i] += b[i];
    memcpy(amounts, a, sizeof a);
}

static inline void bands_subtract(int32_t *amounts, const int32_t *less)
{
    four_wrapping a[FOURS], b[FOURS];
    memcpy(a, amounts, sizeof a);
    memcpy(b, less, sizeof b);
    for (int i = 0; i < FOURS; i++)
        a[i] -= b[i];
    memcpy(amounts, a, sizeof a);
}

static inline four_bands bands_greater(four_bands a, four_bands b)
{
    four_bands a_is = a > b;
    return (a & a_is) | (b & ~a_is);
}

/* Raises amounts that are less than these to them. */
static inline void bands_raise(int32_t *amounts, const int32_t *to)
{
    four_bands a[FOURS], b[FOURS];
    memcpy(a, amounts, sizeof a);
    memcpy(b, to, sizeof b);
    for (int i = 0; i < FOURS; i++)
        a[i] = bands_greater(a[i], b[i]);
    memcpy(amounts, a, sizeof a);
}

/* Is no amount less than is demanded in its band? */
static inline bool bands_suffice(const int32_t *amounts, const int32_t *demand)
{
    typedef uint64_t two_words __attribute__((vector_size(16)));
    four_bands a[FOURS], b[FOURS], lacking = {0};
    memcpy(a, amounts, sizeof a);
    memcpy(b, demand, sizeof b);
    for (int i = 0; i < FOURS; i++)
        lacking |= a[i] < b[i];
    two_words words = (two_words)lacking;
    return (words[0] | words[1]) == 0;
}

#endif
