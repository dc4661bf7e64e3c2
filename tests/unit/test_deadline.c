/* test_deadline.c - deadlines against an oracle: what is due first, in an order that nothing else
 * decides. */
#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/random.h"

enum { SLOTS = 60 };

struct world {
    struct deadline heap[DEADLINE_KINDS * (SLOTS + 1)];
    uint32_t position[DEADLINE_KINDS][SLOTS + 1];
    struct deadlines deadlines;
    int64_t at[DEADLINE_KINDS][SLOTS + 1]; /* the oracle; INT64_MAX: none */
};

static struct deadlines *fresh(struct world *world)
{
    memset(world, 0, sizeof *world);
    world->deadlines.heap = world->heap;
    for (int kind = 0; kind < DEADLINE_KINDS; kind++) {
        world->deadlines.position[kind] = world->position[kind];
        for (int slot = 0; slot <= SLOTS; slot++)
            world->at[kind][slot] = INT64_MAX;
    }
    return &world->deadlines;
}

/* The earliest by the oracle: by time, then kind, then slot. */
static struct deadline earliest(const struct world *world)
{
    struct deadline best = {.at = INT64_MAX};
    for (unsigned kind = 0; kind < DEADLINE_KINDS; kind++)
        for (uint32_t slot = 1; slot <= SLOTS; slot++)
            if (world->at[kind][slot] < best.at)
                best = (struct deadline){.at = world->at[kind][slot], .kind = kind, .slot = slot};
    return best;
}

static void pop_one(struct world *world, uint64_t seed)
{
    struct deadline best = earliest(world);
    if (deadline_next(&world->deadlines) != best.at)
        fail_msg("seed %llu: the next is wrong", (unsigned long long)seed);
    if (best.at == INT64_MAX)
        return;
    struct deadline popped = deadline_pop(&world->deadlines);
    if (popped.at != best.at || popped.kind != best.kind || popped.slot != best.slot)
        fail_msg("seed %llu: slot %u of kind %u came before %u of %u", (unsigned long long)seed,
                 popped.slot, popped.kind, best.slot, best.kind);
    world->at[best.kind][best.slot] = INT64_MAX;
}

static void step(struct world *world, struct random *random, uint64_t seed)
{
    enum deadline_kind kind = (enum deadline_kind)random_below(random, DEADLINE_KINDS);
    uint32_t slot = 1 + random_below(random, SLOTS);
    switch (random_below(random, 6)) {
    case 0:
        deadline_clear(&world->deadlines, kind, slot);
        world->at[kind][slot] = INT64_MAX;
        break;
    case 1:
        pop_one(world, seed);
        break;
    case 2:
        deadline_set(&world->deadlines, kind, slot, INT64_MAX);
        world->at[kind][slot] = INT64_MAX;
        break;
    default: /* few times, so that many are equal */
        world->at[kind][slot] = (int64_t)random_below(random, 12) - 6;
        deadline_set(&world->deadlines, kind, slot, world->at[kind][slot]);
    }
}

static void comes_in_order_through_random_changes(void **state)
{
    (void)state;
    static struct world world;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random random = {seed};
        fresh(&world);
        for (int i = 0; i < 600; i++)
            step(&world, &random, seed);
        while (earliest(&world).at != INT64_MAX)
            pop_one(&world, seed);
        assert_int_equal(world.deadlines.count, 0);
        assert_int_equal(deadline_next(&world.deadlines), INT64_MAX);
    }
}

static void takes_the_extremes_of_time(void **state)
{
    (void)state;
    static struct world world;
    struct deadlines *deadlines = fresh(&world);
    deadline_set(deadlines, DEADLINE_POOL, 1, INT64_MAX - 1);
    deadline_set(deadlines, DEADLINE_PLACEMENT, 2, INT64_MIN);
    deadline_set(deadlines, DEADLINE_PACKAGE, 3, 0);
    assert_int_equal(deadline_pop(deadlines).slot, 2);
    assert_int_equal(deadline_pop(deadlines).slot, 3);
    assert_int_equal(deadline_pop(deadlines).slot, 1);
}

static void an_owner_has_one_at_most(void **state)
{
    (void)state;
    static struct world world;
    struct deadlines *deadlines = fresh(&world);
    deadline_set(deadlines, DEADLINE_PLACEMENT, 1, 10);
    deadline_set(deadlines, DEADLINE_PLACEMENT, 1, 30);
    deadline_set(deadlines, DEADLINE_PLACEMENT, 1, 20);
    assert_int_equal(deadlines->count, 1);
    assert_int_equal(deadline_next(deadlines), 20);
    deadline_clear(deadlines, DEADLINE_PLACEMENT, 1);
    deadline_clear(deadlines, DEADLINE_PLACEMENT, 1);
    assert_int_equal(deadline_next(deadlines), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_in_order_through_random_changes),
        cmocka_unit_test(takes_the_extremes_of_time),
        cmocka_unit_test(an_owner_has_one_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
