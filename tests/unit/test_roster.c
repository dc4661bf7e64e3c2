/*
 * test_roster.c - rosters against an oracle: whatever comes, goes and changes, a search gives all
 * that could serve, in order, and passes over blocks that have nothing. The rosters stand in a core
 * of their own, with nothing but services and pools in it.
 */
#include "core/state.h"
#include "tests/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SERVICES = 3000, ROSTERS = 4 };

struct world {
    struct pm_core core;
    struct random random;
    uint32_t blocks, chapters;
    uint32_t services; /* how many of them take part */
    bool on[ROSTERS + 1][SERVICES + 1];
    uint32_t order[SERVICES]; /* of the roster under check */
    uint64_t seed;
};

static void *zeros(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    assert_non_null(memory);
    return memory;
}

static void make_table(struct table *table, uint32_t row_size)
{
    table->rows = zeros(SERVICES + 1, row_size);
    table->row_size = row_size;
    table->capacity = table->high = table->used = SERVICES;
}

static struct world *world_new(uint64_t seed, uint32_t services)
{
    struct world *world = zeros(1, sizeof *world);
    world->seed = world->random.state = seed;
    world->services = services;
    make_table(&world->core.table[TABLE_SERVICES], sizeof(struct service));
    make_table(&world->core.table[TABLE_POOLS], sizeof(struct pool));
    world->blocks = roster_blocks_needed(ROSTERS * services, ROSTERS);
    world->chapters = roster_chapters_needed(ROSTERS * services, ROSTERS);
    struct rosters *rosters = &world->core.rosters;
    rosters->notes = zeros((services + 1) * ROSTER_NOTES, sizeof *rosters->notes);
    rosters->first = zeros(ROSTERS + 1, sizeof *rosters->first);
    rosters->chapters = zeros(world->chapters, sizeof *rosters->chapters);
    rosters->blocks = zeros(world->blocks, sizeof *rosters->blocks);
    rosters->free_blocks = zeros(world->blocks, sizeof *rosters->free_blocks);
    rosters_open(rosters, ROSTERS * services);
    for (uint32_t slot = 1; slot <= services; slot++) {
        struct service *service = service_at(&world->core, slot);
        service->pool = 1 + random_below(&world->random, services); /* some share a pool */
        service->score = (int32_t)random_below(&world->random, 200) - 100;
        service->capabilities = random_next(&world->random) | random_next(&world->random);
        service->tier = (uint8_t)(1 + random_below(&world->random, PM_TIERS_MAX));
        struct pool *pool = pool_at(&world->core, slot);
        pool->capacity = POOL_DECLARED;
        pool->bands = PM_BANDS_MAX;
    }
    return world;
}

static void world_free(struct world *world)
{
    free(world->core.table[TABLE_SERVICES].rows);
    free(world->core.table[TABLE_POOLS].rows);
    free(world->core.rosters.notes);
    free(world->core.rosters.first);
    free(world->core.rosters.chapters);
    free(world->core.rosters.blocks);
    free(world->core.rosters.free_blocks);
    free(world);
}

#define MUST(world, condition)                                                        \
    do {                                                                              \
        if (!(condition))                                                             \
            fail_msg("seed %llu: %s", (unsigned long long)(world)->seed, #condition); \
    } while (0)

/* ---- What must hold of a roster ---- */

static const struct world *sorting;

static int by_score_then_slot(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int32_t score_x = service_at(&sorting->core, x)->score;
    int32_t score_y = service_at(&sorting->core, y)->score;
    if (score_x != score_y)
        return score_x > score_y ? -1 : 1;
    return x < y ? -1 : x > y;
}

static uint32_t sort_roster(struct world *world, uint32_t roster)
{
    uint32_t count = 0;
    for (uint32_t slot = 1; slot <= world->services; slot++)
        if (world->on[roster][slot])
            world->order[count++] = slot;
    sorting = world;
    qsort(world->order, count, sizeof world->order[0], by_score_then_slot);
    return count;
}

static bool covers(const struct roster_bounds *bounds, const struct roster_bounds *least)
{
    for (int band = 0; band < PM_BANDS_MAX; band++)
        if (bounds->free[band] < least->free[band])
            return false;
    return (least->capabilities & ~bounds->capabilities) == 0;
}

struct census {
    uint32_t chapters, blocks, entries;
};

static void check_block(struct world *world, const struct roster_chapter *chapter, uint32_t at,
                        struct census *census)
{
    const struct roster_block *block = &world->core.rosters.blocks[chapter->blocks[at]];
    MUST(world, block->count >= 1 && block->count <= ROSTER_BLOCK);
    MUST(world, chapter->first[at] == block->key[0]);
    MUST(world, covers(&chapter->bounds, &chapter->block[at]));
    for (uint32_t entry = 0; entry < block->count; entry++) {
        uint32_t slot = world->order[census->entries++];
        MUST(world, roster_key_service(block->key[entry]) == slot);
        MUST(world, roster_key_score(block->key[entry]) == service_at(&world->core, slot)->score);
        struct roster_bounds own = roster_bounds_of(&world->core, slot);
        struct roster_bounds kept = roster_bounds_at(block, entry);
        MUST(world, covers(&kept, &own) && covers(&chapter->block[at], &kept));
        MUST(world, covers(&chapter->block[at], &own));
    }
    census->blocks++;
}

/* Order, completeness, bounds; and that neighbours are not small together. */
static void check_roster(struct world *world, uint32_t roster, struct census *census)
{
    const struct rosters *rosters = &world->core.rosters;
    uint32_t count = sort_roster(world, roster), before = 0;
    census->entries = 0;
    for (uint32_t at = rosters->first[roster]; at != 0; at = rosters->chapters[at].next) {
        const struct roster_chapter *chapter = &rosters->chapters[at];
        MUST(world, chapter->count >= 1 && chapter->count <= ROSTER_CHAPTER);
        MUST(world, before == 0 || before + chapter->count > ROSTER_CHAPTER / 2);
        before = chapter->count;
        for (uint32_t block = 0; block < chapter->count; block++) {
            check_block(world, chapter, block, census);
            MUST(world, block == 0 || rosters->blocks[chapter->blocks[block - 1]].count +
                                              rosters->blocks[chapter->blocks[block]].count >
                                          ROSTER_BLOCK / 2);
        }
        census->chapters++;
    }
    MUST(world, census->entries == count);
}

static void check_all(struct world *world)
{
    struct census census = {0, 0, 0};
    for (uint32_t roster = 1; roster <= ROSTERS; roster++)
        check_roster(world, roster, &census);
    const struct rosters *rosters = &world->core.rosters;
    MUST(world, census.blocks + rosters->free_block_count == rosters->fresh_block);
    MUST(world, census.chapters + rosters->free_chapter_count == rosters->fresh_chapter - 1);
    MUST(world, census.blocks < world->blocks && census.chapters < world->chapters - 1);
    MUST(world, rosters->fresh_block <= world->blocks && rosters->fresh_chapter <= world->chapters);
}

/* ---- Searching ---- */

static bool is_able(const struct world *world, uint32_t slot, const int32_t *demand, uint64_t needs,
                    uint8_t tiers)
{
    const struct service *service = service_at(&world->core, slot);
    const struct pool *pool = pool_at(&world->core, service->pool);
    if ((needs & ~service->capabilities) != 0 || (tiers >> (service->tier - 1) & 1) == 0 ||
        pool->capacity == POOL_LAPSED)
        return false;
    for (int band = 0; band < PM_BANDS_MAX && pool->capacity == POOL_DECLARED; band++)
        if (demand[band] > 0 &&
            demand[band] > pool->declared[band] - pool->committed[band] - pool->held[band])
            return false;
    return true;
}

/* A search to its end: how many it gave. All that are able are among them, and all in order. */
static uint32_t search_tiers(struct world *world, uint32_t roster, const int32_t *demand,
                             uint64_t needs, uint8_t tiers)
{
    uint32_t count = sort_roster(world, roster), at = 0, given = 0, slot;
    struct roster_search search;
    roster_start(&search, &world->core, roster, demand, needs, tiers);
    while ((slot = roster_next(&search, &world->core)) != 0) {
        for (; at < count && world->order[at] != slot; at++)
            MUST(world, !is_able(world, world->order[at], demand, needs, tiers));
        MUST(world, at < count);
        MUST(world, search.score == service_at(&world->core, slot)->score);
        at++;
        given++;
    }
    for (; at < count; at++)
        MUST(world, !is_able(world, world->order[at], demand, needs, tiers));
    MUST(world, roster_next(&search, &world->core) == 0);
    return given;
}

static uint32_t search(struct world *world, uint32_t roster, const int32_t *demand, uint64_t needs)
{
    return search_tiers(world, roster, demand, needs, UINT8_MAX);
}

/* A search with a floor gives the same, down to that score and no further. */
static void search_to_floor(struct world *world, uint32_t roster, const int32_t *demand,
                            int32_t score)
{
    uint32_t count = sort_roster(world, roster), slot;
    struct roster_search search;
    roster_start(&search, &world->core, roster, demand, 0, UINT8_MAX);
    search.floor = score;
    uint32_t at = 0;
    for (; (slot = roster_next(&search, &world->core)) != 0; at++) {
        MUST(world, search.score >= score);
        for (; at < count && world->order[at] != slot; at++)
            MUST(world, !is_able(world, world->order[at], demand, 0, UINT8_MAX));
        MUST(world, at < count);
    }
    for (; at < count && service_at(&world->core, world->order[at])->score >= score; at++)
        MUST(world, !is_able(world, world->order[at], demand, 0, UINT8_MAX));
}

/* ---- What happens to services ---- */

static void raise_all_of(struct world *world, uint32_t pool)
{
    for (uint32_t slot = 1; slot <= world->services; slot++)
        for (uint32_t roster = 1; roster <= ROSTERS; roster++)
            if (world->on[roster][slot] && service_at(&world->core, slot)->pool == pool)
                roster_raise(&world->core, roster, slot);
}

static void toggle(struct world *world, uint32_t roster, uint32_t slot)
{
    if (world->on[roster][slot])
        roster_remove(&world->core, roster, slot);
    else
        roster_add(&world->core, roster, slot);
    world->on[roster][slot] = !world->on[roster][slot];
}

static void change_capacity(struct world *world, uint32_t slot)
{
    struct pool *pool = pool_at(&world->core, slot);
    for (int band = 0; band < PM_BANDS_MAX; band++) {
        pool->declared[band] = (int32_t)random_below(&world->random, 300);
        pool->committed[band] = (int32_t)random_below(&world->random, 200);
        pool->held[band] = (int32_t)random_below(&world->random, 100);
    }
    pool->capacity = random_percent(&world->random, 80)   ? POOL_DECLARED
                     : random_percent(&world->random, 50) ? POOL_ASK
                                                          : POOL_LAPSED;
    raise_all_of(world, slot);
}

static void shrink(struct world *world, uint32_t slot)
{
    struct pool *pool = pool_at(&world->core, slot);
    for (int band = 0; band < PM_BANDS_MAX; band++)
        pool->held[band] += (int32_t)random_below(&world->random, 200);
}

static void change_score(struct world *world, uint32_t slot)
{
    for (uint32_t roster = 1; roster <= ROSTERS; roster++)
        if (world->on[roster][slot])
            roster_remove(&world->core, roster, slot);
    service_at(&world->core, slot)->score = (int32_t)random_next(&world->random);
    for (uint32_t roster = 1; roster <= ROSTERS; roster++)
        if (world->on[roster][slot])
            roster_add(&world->core, roster, slot);
}

static void search_at_random(struct world *world)
{
    int32_t demand[PM_BANDS_MAX] = {0};
    for (int band = 0; band < 3; band++)
        demand[random_below(&world->random, PM_BANDS_MAX)] =
            (int32_t)random_below(&world->random, 250);
    uint64_t needs = random_next(&world->random) & random_next(&world->random) &
                     random_next(&world->random) & random_next(&world->random);
    uint32_t roster = 1 + random_below(&world->random, ROSTERS);
    search_tiers(world, roster, demand, needs, random_next(&world->random) & 0xff);
    search_to_floor(world, roster, demand, (int32_t)random_below(&world->random, 200) - 100);
}

/* `grow` is how much likelier a service comes than goes, in a hundred. */
static void step(struct world *world, uint32_t grow)
{
    uint32_t slot = 1 + random_below(&world->random, world->services);
    uint32_t roster = 1 + random_below(&world->random, ROSTERS);
    switch (random_below(&world->random, 8)) {
    case 0:
        change_capacity(world, slot);
        break;
    case 1:
        shrink(world, slot);
        break;
    case 2:
        change_score(world, slot);
        break;
    case 3:
        search_at_random(world);
        break;
    default:
        if (world->on[roster][slot] != (random_percent(&world->random, grow) != 0))
            toggle(world, roster, slot);
    }
}

static void holds_through_random_changes(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 17, 60, 700};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world *world = world_new(seed, sizes[seed % 5]);
        for (int wave = 0; wave < 6; wave++) {
            for (uint32_t i = 0; i < 300 + 8 * world->services; i++)
                step(world, wave % 2 ? 10 : 90);
            check_all(world);
        }
        world_free(world);
    }
}

static void gives_all_memory_back(void **state)
{
    (void)state;
    struct world *world = world_new(7, 2000);
    for (uint32_t slot = 1; slot <= world->services; slot++)
        toggle(world, 1, slot);
    check_all(world);
    for (uint32_t i = world->services; i > 0; i--) {
        uint32_t slot = 1 + (i * 7919u) % world->services; /* all, in a scattered order */
        if (world->on[1][slot])
            toggle(world, 1, slot);
        if (i % 100 == 0)
            check_all(world);
    }
    for (uint32_t slot = 1; slot <= world->services; slot++)
        if (world->on[1][slot])
            toggle(world, 1, slot);
    check_all(world);
    assert_int_equal(world->core.rosters.first[1], 0);
    assert_int_equal(world->core.rosters.free_block_count, world->core.rosters.fresh_block);
    world_free(world);
}

/* Entries that leave their neighbours as small as they may be: the reckoned memory is still enough.
 */
static void needs_no_more_than_reckoned(void **state)
{
    (void)state;
    struct world *world = world_new(11, SERVICES);
    for (uint32_t roster = 1; roster <= ROSTERS; roster++)
        for (uint32_t slot = 1; slot <= SERVICES; slot++)
            toggle(world, roster, slot);
    for (uint32_t roster = 1; roster <= ROSTERS; roster++) {
        uint32_t count = sort_roster(world, roster);
        for (uint32_t at = 0; at < count; at++)
            if (at % 7 != 0 && (at / 40) % 2 == 0)
                toggle(world, roster, world->order[at]);
    }
    check_all(world);
    world_free(world);
}

static const int32_t one_hour[PM_BANDS_MAX] = {60};

static void free_everywhere(struct world *world, int32_t amount)
{
    for (uint32_t slot = 1; slot <= world->services; slot++)
        pool_at(&world->core, slot)->declared[0] = amount;
}

static void passes_over_what_is_full(void **state)
{
    (void)state;
    struct world *world = world_new(3, SERVICES);
    free_everywhere(world, 100);
    for (uint32_t slot = 1; slot <= SERVICES; slot++)
        toggle(world, 1, slot);
    free_everywhere(world, 59);
    assert_int_equal(search(world, 1, one_hour, 0), SERVICES); /* promised, so looked at: once */
    assert_int_equal(search(world, 1, one_hour, 0), 0);
    check_all(world);

    pool_at(&world->core, 1500)->declared[0] = 60;
    raise_all_of(world, 1500);
    uint32_t able = 0;
    for (uint32_t slot = 1; slot <= SERVICES; slot++)
        able += service_at(&world->core, slot)->pool == 1500;
    uint32_t given = search(world, 1, one_hour, 0);
    assert_in_range(given, able, able * ROSTER_BLOCK);
    world_free(world);
}

static void passes_over_what_lacks_a_capability(void **state)
{
    (void)state;
    struct world *world = world_new(4, 500);
    free_everywhere(world, 100);
    uint64_t rare = UINT64_C(1) << 63;
    for (uint32_t slot = 1; slot <= world->services; slot++) {
        service_at(&world->core, slot)->capabilities &= ~rare;
        toggle(world, 1, slot);
    }
    assert_int_equal(search(world, 1, one_hour, rare), 0);
    service_at(&world->core, 250)->capabilities |= rare;
    roster_raise(&world->core, 1, 250);
    assert_in_range(search(world, 1, one_hour, rare), 1, ROSTER_BLOCK);
    world_free(world);
}

static void looks_at_what_is_more_than_bounds_tell(void **state)
{
    (void)state;
    static const int32_t demand[PM_BANDS_MAX] = {INT16_MAX + 2};
    struct world *world = world_new(6, 1);
    toggle(world, 1, 1);
    pool_at(&world->core, 1)->declared[0] = INT16_MAX - 1;
    roster_raise(&world->core, 1, 1);
    assert_int_equal(search(world, 1, demand, 0), 0);
    pool_at(&world->core, 1)->declared[0] = INT16_MAX + 2;
    roster_raise(&world->core, 1, 1);
    assert_int_equal(search(world, 1, demand, 0), 1);
    pool_at(&world->core, 1)->declared[0] = INT16_MAX + 1; /* as much, for all a bound can tell */
    assert_int_equal(search(world, 1, demand, 0), 1);
    world_free(world);
}

static void knows_lapsed_from_not_declared(void **state)
{
    (void)state;
    static const int32_t anything[PM_BANDS_MAX] = {0}, vast[PM_BANDS_MAX] = {INT32_MAX, INT32_MAX};
    struct world *world = world_new(5, 1);
    struct pool *pool = pool_at(&world->core, 1);
    toggle(world, 1, 1);
    pool->declared[0] =
        -500; /* overcommitted: no bound says that it cannot take what needs none of it */
    assert_int_equal(search(world, 1, anything, 0), 1);
    pool->capacity = POOL_LAPSED;
    assert_int_equal(search(world, 1, anything, 0), 1); /* found to be so */
    assert_int_equal(search(world, 1, anything, 0), 0);
    pool->capacity = POOL_ASK;
    roster_raise(&world->core, 1, 1);
    assert_int_equal(search(world, 1, vast, 0), 1);
    world_free(world);
}

static void orders_by_score_then_slot(void **state)
{
    (void)state;
    static const int32_t scores[] = {INT32_MIN, -1, 0, 1, INT32_MAX};
    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        uint64_t key = roster_key(scores[i], 77);
        assert_int_equal(roster_key_score(key), scores[i]);
        assert_int_equal(roster_key_service(key), 77);
        assert_true(roster_key(scores[i], 78) > key);
        assert_true(i == 0 || roster_key(scores[i - 1], 1) > key);
    }
}

static void promises_no_more_than_it_has(void **state)
{
    (void)state;
    struct world *world = world_new(8, 10);
    assert_true(roster_has_room(&world->core, ROSTERS * 10));
    assert_false(roster_has_room(&world->core, ROSTERS * 10 + 1));
    roster_promise(&world->core, 30);
    assert_true(roster_has_room(&world->core, ROSTERS * 10 - 30));
    assert_false(roster_has_room(&world->core, ROSTERS * 10 - 29));
    roster_promise(&world->core, -30);
    assert_true(roster_has_room(&world->core, ROSTERS * 10));
    world_free(world);
}

static void takes_an_empty_roster(void **state)
{
    (void)state;
    struct world *world = world_new(6, 10);
    roster_remove(&world->core, 2, 3);
    roster_raise(&world->core, 2, 3);
    assert_int_equal(search(world, 2, one_hour, 0), 0);
    toggle(world, 2, 3);
    roster_remove(&world->core, 2, 4); /* not on it */
    check_all(world);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_through_random_changes),
        cmocka_unit_test(gives_all_memory_back),
        cmocka_unit_test(needs_no_more_than_reckoned),
        cmocka_unit_test(passes_over_what_is_full),
        cmocka_unit_test(passes_over_what_lacks_a_capability),
        cmocka_unit_test(looks_at_what_is_more_than_bounds_tell),
        cmocka_unit_test(knows_lapsed_from_not_declared),
        cmocka_unit_test(orders_by_score_then_slot),
        cmocka_unit_test(promises_no_more_than_it_has),
        cmocka_unit_test(takes_an_empty_roster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
