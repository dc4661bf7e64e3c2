/*
 * round_prices.h - what one unit more would have been worth at most, from the prices that prove the
 * bound of a round's cost: of each locality, kind and band, in the pool where it was dearest.
 */
#ifndef PM_ROUND_PRICES_H
#define PM_ROUND_PRICES_H

#include "core/wire_problem.h"

/* A pool's band that has a price. */
struct priced {
    const struct wire_problem *problem;
    uint32_t pool, band; /* positions in the problem */
    int64_t price;       /* scaled as the stage of cost is */
};

/* Those of a certificate, the dearest first; free() them. They point into the certificate. False
 * when there is no memory. */
bool round_prices(const struct wire_certificate *certificate, struct priced **out, size_t *count);

#endif
