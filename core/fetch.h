/*
 * fetch.h - has memory brought into the cache that will be read soon. What has not been touched for
 * long is waited for some hundred cycles; asked for beforehand, several things are waited for at
 * once. Changes nothing but the time things take.
 */
#ifndef PM_FETCH_H
#define PM_FETCH_H

#include <stddef.h>

enum { CACHE_LINE = 64 };

/* A function that only fetches gcc takes for one that does nothing, and leaves out calls of it:
 * such a function must become part of its caller. */
#define FETCHING static inline __attribute__((always_inline))

/* Any address will do, that of a record in slot 0 too. */
FETCHING void fetch(const void *at, size_t bytes)
{
    for (size_t line = 0; line < bytes; line += CACHE_LINE)
        __builtin_prefetch((const char *)at + line);
}

#endif
