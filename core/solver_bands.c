/* solver_bands.c - all bands of a row at once: with vectors where there are any, and plainly. */
#include "solver_state.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

uint64_t solver_worth_plainly(const uint32_t price[BANDS], const int32_t amount[BANDS])
{
    uint64_t sum = 0;
    for (int band = 0; band < BANDS; band++)
        sum += (uint64_t)price[band] * (uint32_t)amount[band];
    return sum;
}

uint64_t solver_worth(const uint32_t price[BANDS], const int32_t amount[BANDS])
{
#ifdef __SSE2__
    const __m128i *p = (const __m128i *)(const void *)price;
    const __m128i *a = (const __m128i *)(const void *)amount;
    __m128i p0 = _mm_loadu_si128(p), p1 = _mm_loadu_si128(p + 1);
    __m128i a0 = _mm_loadu_si128(a), a1 = _mm_loadu_si128(a + 1);
    __m128i even = _mm_add_epi64(_mm_mul_epu32(p0, a0), _mm_mul_epu32(p1, a1));
    __m128i odd = _mm_add_epi64(_mm_mul_epu32(_mm_srli_epi64(p0, 32), _mm_srli_epi64(a0, 32)),
                                _mm_mul_epu32(_mm_srli_epi64(p1, 32), _mm_srli_epi64(a1, 32)));
    __m128i sum = _mm_add_epi64(even, odd);
    return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
#else
    return solver_worth_plainly(price, amount);
#endif
}

bool solver_shift_plainly(int32_t sum[BANDS], const int32_t amount[BANDS], bool add)
{
    bool any = false;
    for (int band = 0; band < BANDS; band++)
        any |= (sum[band] += add ? amount[band] : -amount[band]) > 0;
    return any;
}

bool solver_shift(int32_t sum[BANDS], const int32_t amount[BANDS], bool add)
{
#ifdef __SSE2__
    __m128i *s = (__m128i *)(void *)sum;
    const __m128i *a = (const __m128i *)(const void *)amount;
    __m128i s0 = _mm_loadu_si128(s), s1 = _mm_loadu_si128(s + 1);
    __m128i a0 = _mm_loadu_si128(a), a1 = _mm_loadu_si128(a + 1);
    s0 = add ? _mm_add_epi32(s0, a0) : _mm_sub_epi32(s0, a0);
    s1 = add ? _mm_add_epi32(s1, a1) : _mm_sub_epi32(s1, a1);
    _mm_storeu_si128(s, s0);
    _mm_storeu_si128(s + 1, s1);
    __m128i zero = _mm_setzero_si128();
    __m128i any = _mm_or_si128(_mm_cmpgt_epi32(s0, zero), _mm_cmpgt_epi32(s1, zero));
    return _mm_movemask_epi8(any) != 0;
#else
    return solver_shift_plainly(sum, amount, add);
#endif
}
