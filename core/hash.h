/*
 * hash.h - XXH3, 64 bits, inlined. Fast, the same on every machine, and not for secrets: whoever
 * chooses the bytes can choose the hash.
 */
#ifndef PM_HASH_H
#define PM_HASH_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wshadow"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#define XXH_INLINE_ALL
#define XXH_NO_STDLIB
#include <xxhash.h>
#pragma GCC diagnostic pop

static inline uint64_t pm_hash(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, size, seed);
}

#endif
