/* round_prices.c - see round_prices.h. */
#include "client/round_prices.h"

#include <stdlib.h>
#include <string.h>

static int by_text(struct pm_text one, struct pm_text other)
{
    size_t length = one.length < other.length ? one.length : other.length;
    int order = length > 0 ? memcmp(one.bytes, other.bytes, length) : 0;
    return order != 0 ? order : (one.length > other.length) - (one.length < other.length);
}

static int by_place(const struct priced *one, const struct priced *other)
{
    const struct wire_problem *problem = one->problem;
    int order = by_text(problem->locality[one->pool], problem->locality[other->pool]);
    if (order == 0 && problem->kinds > 0)
        order = problem->pool_kind[one->pool] - problem->pool_kind[other->pool];
    return order != 0 ? order : (one->band > other->band) - (one->band < other->band);
}

static int by_pool(const struct priced *one, const struct priced *other)
{
    return (one->pool > other->pool) - (one->pool < other->pool);
}

static int by_price(const struct priced *one, const struct priced *other)
{
    return (one->price < other->price) - (one->price > other->price);
}

/* Places together, the dearest of each first. */
static int within_places(const void *a, const void *b)
{
    const struct priced *one = a, *other = b;
    int order = by_place(one, other);
    if (order == 0)
        order = by_price(one, other);
    return order != 0 ? order : by_pool(one, other);
}

static int dearest_first(const void *a, const void *b)
{
    const struct priced *one = a, *other = b;
    int order = by_price(one, other);
    return order != 0 ? order : within_places(one, other);
}

/* Those with a price, as they come. */
static size_t collect(const struct wire_certificate *certificate, struct priced *out)
{
    const struct wire_problem *problem = &certificate->problem;
    const int64_t *price = certificate->result.stage[SOLVER_COST].pool_price;
    size_t cells = (size_t)problem->problem.pools * SOLVER_BANDS, count = 0;
    for (size_t i = 0; i < cells && price != NULL; i++)
        if (price[i] > 0)
            out[count++] = (struct priced){problem, (uint32_t)(i / SOLVER_BANDS),
                                           (uint32_t)(i % SOLVER_BANDS), price[i]};
    return count;
}

bool round_prices(const struct wire_certificate *certificate, struct priced **out, size_t *count)
{
    size_t cells = (size_t)certificate->problem.problem.pools * SOLVER_BANDS, kept = 0;
    struct priced *row = calloc(cells + 1, sizeof *row);
    *out = row;
    if (row == NULL)
        return false;
    size_t rows = collect(certificate, row);
    qsort(row, rows, sizeof *row, within_places);
    for (size_t i = 0; i < rows; i++)
        if (i == 0 || by_place(&row[i - 1], &row[i]) != 0)
            row[kept++] = row[i];
    qsort(row, kept, sizeof *row, dearest_first);
    *count = kept;
    return true;
}
