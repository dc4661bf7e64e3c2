/*
 * watched.h: what a watch brought, read event by event out of its bytes: a client that follows
 * thousands of markets has no time to make JSON of what it throws away.
 */
#ifndef PM_BENCH_WATCHED_H
#define PM_BENCH_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "placemat.h"

/* What is not in an event is empty, or 0. Texts lie in the reply. */
struct watched {
    struct pm_text event, reference, service, provider;
    uint64_t offer, placement;
    int64_t time, deadline; /* ms since 1970 */
};
/* Called for each event, the oldest first; false ends it. */
typedef bool watched_each(void *context, const struct watched *event);

/* Reads the reply to one watch. *cursor is where to go on. False when it is none, or somebody ended
 * it. */
bool watched_read(const struct pm_reply *reply, watched_each *each, void *context,
                  uint64_t *cursor);
/* Is a text this one? */
bool watched_is(struct pm_text text, const char *word);

#endif
