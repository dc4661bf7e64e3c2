/*
 * echoing.h - connections (daemon/streams.h) whose owner answers each message by itself, so often,
 * and counts.
 */
#ifndef PM_TEST_ECHOING_H
#define PM_TEST_ECHOING_H

#include "daemon/streams.h"

#include <stdatomic.h>

struct echoing {
    struct streams *streams;
    int times;                              /* each message is answered */
    atomic_uint here, arrived;              /* connections, messages */
    _Atomic uint32_t heard;                 /* connection of the last message */
    _Atomic uint32_t last;                  /* connection that came, */
    void (*check)(const struct peer *peer); /* of whom this is asked */
};

/* With these limits. Never fails: the test does. `check` may fail it, too. */
void echoing_start(struct echoing *echoing, struct streams_options options,
                   void (*check)(const struct peer *peer));
/* Takes no more; then ends and frees everything. Between the two a carrier's owner may end. */
void echoing_close(struct echoing *echoing);
void echoing_end(struct echoing *echoing);

/* Until a number is that; the test fails when it is not in time. */
void echoing_wait(const atomic_uint *number, unsigned value);

#endif
