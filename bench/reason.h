/*
 * reason.h: why a package waits, in a few words: what stood in the way of the services that came
 * nearest to taking it.
 */
#ifndef PM_BENCH_REASON_H
#define PM_BENCH_REASON_H

#include <jansson.h>
#include <stddef.h>

enum { REASON_SIZE = 128 };

/* Of the answer to `explain`, as JSON; into out[size], cut off when it is longer. The same words
 * for packages that wait for the same. */
void reason_of(const json_t *explanation, char *out, size_t size);

#endif
