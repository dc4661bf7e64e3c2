/*
 * narrow.h - amounts in every band in 16 bits, so that all of them are one vector, and those of
 * sixteen services are compared without a branch. For bounds that may be too high: the most that
 * fits stands for as much or more.
 */
#ifndef PM_NARROW_H
#define PM_NARROW_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "placemat.h"

typedef int16_t narrow __attribute__((vector_size(16)));
enum { SIXTEEN = 16 };
_Static_assert(sizeof(narrow) == PM_BANDS_MAX * sizeof(int16_t), "a vector has every band");

static inline narrow narrow_all(int16_t amount)
{
    return (narrow){amount, amount, amount, amount, amount, amount, amount, amount};
}

#ifdef __SSE2__

/* Amounts in every band; what does not fit becomes the least or the most that does. */
static inline narrow narrow_of(const int32_t *amounts)
{
    __m128i low, high;
    memcpy(&low, amounts, sizeof low);
    memcpy(&high, amounts + 4, sizeof high);
    return (narrow)_mm_packs_epi32(low, high);
}

static inline narrow narrow_greater(narrow a, narrow b)
{
    return (narrow)_mm_max_epi16((__m128i)a, (__m128i)b);
}

/* Is no amount less than is demanded in its band? */
static inline bool narrow_suffices(narrow amounts, narrow demand)
{
    return _mm_movemask_epi8((__m128i)(amounts < demand)) == 0;
}

/* Which of sixteen suffice, as a mask. Packing keeps apart from zero what is not zero. */
static inline uint32_t narrow_which_suffice(const narrow amounts[SIXTEEN], narrow demand)
{
    __m128i lacking[SIXTEEN];
    for (int i = 0; i < SIXTEEN; i++)
        lacking[i] = (__m128i)(amounts[i] < demand);
    for (int n = SIXTEEN / 2; n > 0; n /= 2)
        for (int i = 0; i < n; i++)
            lacking[i] = _mm_packs_epi16(lacking[2 * i], lacking[2 * i + 1]);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(lacking[0], _mm_setzero_si128()));
}

/* Which of sixteen bytes have a bit in common with this one, as a mask. */
static inline uint32_t bytes_which_meet(const uint8_t bytes[SIXTEEN], uint8_t with)
{
    __m128i all;
    memcpy(&all, bytes, sizeof all);
    all = _mm_and_si128(all, _mm_set1_epi8((char)with));
    return ~(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_setzero_si128())) & 0xffff;
}

#else /* the same, one by one */

static inline narrow narrow_of(const int32_t *amounts)
{
    narrow out;
    for (int b = 0; b < PM_BANDS_MAX; b++)
        out[b] = (int16_t)(amounts[b] < INT16_MIN   ? INT16_MIN
                           : amounts[b] > INT16_MAX ? INT16_MAX
                                                    : amounts[b]);
    return out;
}

static inline narrow narrow_greater(narrow a, narrow b)
{
    narrow a_is = a > b;
    return (a & a_is) | (b & ~a_is);
}

static inline bool narrow_suffices(narrow amounts, narrow demand)
{
    bool suffices = true;
    for (int b = 0; b < PM_BANDS_MAX; b++)
        suffices &= amounts[b] >= demand[b];
    return suffices;
}

static inline uint32_t narrow_which_suffice(const narrow amounts[SIXTEEN], narrow demand)
{
    uint32_t which = 0;
    for (int i = 0; i < SIXTEEN; i++)
        which |= (uint32_t)narrow_suffices(amounts[i], demand) << i;
    return which;
}

static inline uint32_t bytes_which_meet(const uint8_t bytes[SIXTEEN], uint8_t with)
{
    uint32_t which = 0;
    for (int i = 0; i < SIXTEEN; i++)
        which |= (uint32_t)((bytes[i] & with) != 0) << i;
    return which;
}

#endif
#endif
