/*
 * busy.h - random life in the little market: the same commands for the same seed. It looks into the
 * state to know what can be answered, so that most of what it does is accepted and every state is
 * come by.
 */
#ifndef PM_TEST_BUSY_H
#define PM_TEST_BUSY_H

#include "core/state.h"
#include "tests/lib/little_market.h"
#include "tests/lib/random.h"

struct busy {
    struct little *little;
    struct random random;
    uint32_t posted;
    uint64_t number; /* of the last command */
    char name[4][16];
};

void busy_start(struct busy *busy, struct little *little, uint64_t seed);
/* Does one thing; time may go on, and what is due may stay so. */
void busy_step(struct busy *busy);

#endif
