/* test_solver_bands.c - the solver's vectors against their plain twins, at the limits, too. */
#include "core/solver_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/random.h"

enum { ROWS = 100000 };

/* Often at a limit. */
static int32_t draw(struct random *random, int32_t most)
{
    uint32_t sort = random_below(random, 8);
    return sort == 0 ? 0 : sort == 1 ? most : (int32_t)random_below(random, (uint32_t)most);
}

static void worth_is_the_same(void **state)
{
    (void)state;
    struct random random = {1};
    for (int row = 0; row < ROWS; row++) {
        uint32_t price[BANDS];
        int32_t amount[BANDS];
        for (int band = 0; band < BANDS; band++) {
            price[band] = (uint32_t)draw(&random, INT32_MAX);
            amount[band] = draw(&random, SOLVER_DEMAND_MAX);
        }
        assert_true(solver_worth(price, amount) == solver_worth_plainly(price, amount));
    }
}

static void a_shift_is_the_same(void **state)
{
    (void)state;
    struct random random = {2};
    for (int row = 0; row < ROWS; row++) {
        int32_t sum[BANDS], twin[BANDS], amount[BANDS];
        bool add = random_below(&random, 2) == 0;
        for (int band = 0; band < BANDS; band++) {
            sum[band] = twin[band] =
                draw(&random, SOLVER_CAPACITY_MAX) - draw(&random, SOLVER_CAPACITY_MAX);
            amount[band] = draw(&random, SOLVER_DEMAND_MAX);
        }
        assert_int_equal(solver_shift(sum, amount, add), solver_shift_plainly(twin, amount, add));
        assert_memory_equal(sum, twin, sizeof sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worth_is_the_same),
        cmocka_unit_test(a_shift_is_the_same),
    };
    return cmocka_run_group_tests_name("solver_bands", tests, NULL, NULL);
}
