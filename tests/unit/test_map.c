/* test_map.c - maps against an oracle, with hashes that collide in every way they can. */
#include "core/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/random.h"

enum { CAPACITY = 100, CELLS_MAX = 512 };

struct world {
    struct map_cell cells[CELLS_MAX];
    struct map map;
    uint64_t hash[CAPACITY + 1]; /* by slot */
    bool in[CAPACITY + 1];
};

static void fresh(struct world *world, uint32_t capacity)
{
    memset(world, 0, sizeof *world);
    uint32_t cells = map_cells(capacity);
    assert_in_range(cells, 2 * (capacity + 1), CELLS_MAX);
    assert_int_equal(cells & (cells - 1), 0);
    world->map = (struct map){world->cells, cells - 1};
}

static uint32_t times_found(const struct world *world, uint64_t hash, uint32_t slot)
{
    uint32_t found = 0;
    struct map_cursor c = map_first(&world->map, hash);
    for (; c.slot != 0; c = map_more(&world->map, c))
        found += c.slot == slot;
    return found;
}

static uint32_t filled(const struct world *world)
{
    uint32_t count = 0;
    for (uint32_t cell = 0; cell <= world->map.mask; cell++)
        count += world->cells[cell].slot != 0;
    return count;
}

static void check(const struct world *world, uint32_t capacity, uint64_t seed)
{
    uint32_t in = 0;
    for (uint32_t slot = 1; slot <= capacity; slot++) {
        if (times_found(world, world->hash[slot], slot) != world->in[slot])
            fail_msg("seed %llu: slot %u", (unsigned long long)seed, slot);
        in += world->in[slot];
    }
    if (filled(world) != in)
        fail_msg("seed %llu: %u cells filled for %u", (unsigned long long)seed, filled(world), in);
}

/* Few homes, the last cell among them, so that runs are long and wrap; and few hashes, so that many
 * are equal. */
static uint64_t crowded(struct random *random, const struct map *map)
{
    uint32_t home = (map->mask - 2 + random_below(random, 5)) & map->mask;
    uint32_t more = random_below(random, 3) * (map->mask + 1);
    return (uint64_t)(home + more) << 32 | random_below(random, 2);
}

static void toggle(struct world *world, uint32_t slot, struct random *random, bool crowd)
{
    if (world->in[slot]) {
        map_remove(&world->map, world->hash[slot], slot);
    } else {
        world->hash[slot] = crowd ? crowded(random, &world->map) : random_next(random);
        map_add(&world->map, world->hash[slot], slot);
    }
    world->in[slot] = !world->in[slot];
}

static void holds_through_random_changes(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {1, 7, 30, CAPACITY};
    struct world world;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random random = {seed};
        uint32_t capacity = capacities[seed % 4];
        fresh(&world, capacity);
        for (int i = 0; i < 400; i++) {
            toggle(&world, 1 + random_below(&random, capacity), &random, seed % 8 < 4);
            check(&world, capacity, seed);
        }
    }
}

static void removing_what_is_not_there_changes_nothing(void **state)
{
    (void)state;
    struct world world, before;
    fresh(&world, 10);
    map_add(&world.map, UINT64_C(5) << 32, 1);
    map_add(&world.map, UINT64_C(5) << 32, 2);
    before = world;
    map_remove(&world.map, UINT64_C(5) << 32, 3);
    map_remove(&world.map, UINT64_C(9) << 32, 1);
    assert_memory_equal(world.cells, before.cells, sizeof world.cells);
}

static void finds_nothing_in_an_empty_map(void **state)
{
    (void)state;
    struct world world;
    fresh(&world, 10);
    assert_int_equal(map_first(&world.map, 0).slot, 0);
    assert_int_equal(map_first(&world.map, UINT64_MAX).slot, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_through_random_changes),
        cmocka_unit_test(removing_what_is_not_there_changes_nothing),
        cmocka_unit_test(finds_nothing_in_an_empty_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
