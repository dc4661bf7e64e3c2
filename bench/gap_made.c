/* gap_made.c: see gap_made.h. */
#include "bench/gap_made.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"

/* From `least` to `most`. */
static int32_t draw(uint64_t *random, int32_t least, int32_t most)
{
    return least + (int32_t)random_below(random, (uint32_t)(most - least + 1));
}

/* Above 0, up to 1. */
static double draw_fraction(uint64_t *random)
{
    return ((double)(random_next(random) >> 11) + 1) / 9007199254740992.0; /* 2^53 */
}

static int32_t draw_amount(uint64_t *random, char type)
{
    if (type == 'e')
        return (int32_t)(1 - 10 * log(draw_fraction(random)));
    return type == 'c' ? draw(random, 5, 25) : draw(random, 1, 100);
}

static int32_t draw_cost(uint64_t *random, char type, int32_t amount)
{
    if (type == 'c')
        return draw(random, 10, 50);
    if (type == 'd')
        return 111 - amount + draw(random, -10, 10);
    int32_t cost = (int32_t)(1000.0 / amount - 10 * draw_fraction(random));
    return cost > 0 ? cost : 0;
}

/* All costs, then all that is taken, then all capacities; agent by agent. */
static void draw_all(const struct gap_sizes *sizes, int32_t *number)
{
    uint64_t random = sizes->seed;
    size_t pairs = (size_t)sizes->agents * sizes->jobs, at = 0;
    for (uint32_t agent = 0; agent < sizes->agents; agent++) {
        int64_t all = 0;
        for (uint32_t job = 0; job < sizes->jobs; job++, at++) {
            int32_t amount = draw_amount(&random, sizes->type);
            number[pairs + at] = amount;
            number[at] = draw_cost(&random, sizes->type, amount);
            all += amount;
        }
        number[2 * pairs + agent] = (int32_t)(all * 8 / 10 / sizes->agents);
    }
}

bool gap_made(const struct gap_sizes *sizes, struct gap_file *out)
{
    size_t pairs = (size_t)sizes->agents * sizes->jobs;
    int32_t *number =
        pairs <= SOLVER_PAIRS_MAX ? calloc(2 * pairs + sizes->agents, sizeof *number) : NULL;
    if (number == NULL)
        return false;
    draw_all(sizes, number);
    bool made = gap_file_make(sizes->agents, sizes->jobs, number, out);
    free(number);
    return made;
}
