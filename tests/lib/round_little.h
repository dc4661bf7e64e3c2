/*
 * round_little.h - a small round with a certificate of which all is known, for tests.
 *
 * X1, of class 0, needs all of amber's mornings. A couple (X2 and X3) and X4, of class 1, both need
 * beryl's: X4 gets it, since that is cheaper. Reached: 0, 1, 0, 0 not placed, 1600 pence a week,
 * all proven.
 */
#ifndef PM_TEST_ROUND_LITTLE_H
#define PM_TEST_ROUND_LITTLE_H

#include "tests/lib/round_random.h"

/* To be made in place: the certificate points into the rest, which may be changed under it. */
struct round_little {
    struct round_sample sample;
    struct round_result made;
    struct wire_certificate certificate;
};

void round_little(struct round_little *out);
/* Takes what was changed in `sample.wire` and `made.result` over into the certificate. */
void round_little_renew(struct round_little *little);

#endif
