/* test_table.c - tables: slots, generations, ids, the free list. */
#include "core/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/random.h"

enum { CAPACITY = 3 * TABLE_SPAN + 50 };

struct record {
    struct row row;
    uint64_t value;
};
struct memory {
    struct record rows[CAPACITY + 1];
    uint32_t details[CAPACITY + 1];
    uint32_t owner[CAPACITY + 1];
    struct span span[CAPACITY / TABLE_SPAN + 1];
    struct table table;
};

static struct table *fresh(struct memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->table = (struct table){
        .name = "records",
        .rows = (uint8_t *)memory->rows,
        .details = (uint8_t *)memory->details,
        .row_size = sizeof(struct record),
        .detail_size = sizeof(uint32_t),
        .capacity = CAPACITY,
    };
    return &memory->table;
}

/* Going through by owner gives what going through all and asking each would. */
static void goes_through_by_owner(void **state)
{
    enum { OWNERS = 4, STEPS = 4000 };
    (void)state;
    struct memory memory;
    struct table *table = fresh(&memory);
    struct random random = {.state = 5};
    table->owner = memory.owner;
    table->span = memory.span;
    for (int step = 0; step < STEPS; step++) {
        uint32_t slot = 1 + random_below(&random, CAPACITY);
        bool fills = step < CAPACITY; /* at first, each span with one owner's */
        uint32_t owner = 1 + (fills ? (uint32_t)step / TABLE_SPAN : random_below(&random, OWNERS));
        if (!fills && table_is_used(table, slot))
            table_free(table, slot);
        else if ((slot = table_take_for(table, owner)) != 0)
            memory.rows[slot].value = owner;
        for (owner = 1; owner <= OWNERS; owner++) {
            uint32_t all = 0, own = 0;
            do {
                do
                    all = table_next(table, all);
                while (all != 0 && memory.rows[all].value != owner);
                own = table_next_of(table, owner, own);
                assert_int_equal(own, all);
            } while (all != 0);
        }
    }
    assert_int_equal(table_next_of(table, 1, CAPACITY + 1), 0); /* whoever says so */
    assert_int_equal(table_next_of(table, 1, (1 << PM_SLOT_BITS) - 1), 0);
    table->owner = NULL;
    assert_int_equal(table_next_of(table, 1, 0), table_next(table, 0));
}

static void fills_to_its_capacity(void **state)
{
    (void)state;
    struct memory memory;
    struct table *table = fresh(&memory);
    for (uint32_t i = 1; i <= CAPACITY; i++) {
        assert_true(table_has_room(table, CAPACITY - i + 1));
        assert_false(table_has_room(table, CAPACITY - i + 2));
        assert_int_equal(table_take(table), i);
    }
    assert_int_equal(table_take(table), 0);
    table_free(table, 17);
    assert_int_equal(table_take(table), 17);
    assert_int_equal(table_take(table), 0);
}

static void blanks_what_is_freed(void **state)
{
    (void)state;
    struct memory memory;
    struct table *table = fresh(&memory);
    uint32_t slot = table_take(table);
    memory.rows[slot].value = 99;
    memory.details[slot] = 98;
    table_free(table, slot);
    assert_int_equal(memory.rows[slot].value, 0);
    assert_int_equal(memory.details[slot], 0);
    assert_false(table_is_used(table, slot));
}

static void takes_the_last_freed_first(void **state)
{
    (void)state;
    struct memory memory;
    struct table *table = fresh(&memory);
    for (int i = 0; i < 5; i++)
        table_take(table);
    table_free(table, 2);
    table_free(table, 4);
    assert_int_equal(table_take(table), 4);
    assert_int_equal(table_take(table), 2);
    assert_int_equal(table_take(table), 6);
}

static void an_id_never_means_another_record(void **state)
{
    (void)state;
    struct memory memory;
    struct table *table = fresh(&memory);
    uint32_t slot = table_take(table);
    uint64_t id = table_id(table, slot);
    assert_int_equal(table_find(table, id), slot);
    table_free(table, slot);
    assert_int_equal(table_find(table, id), 0);
    assert_int_equal(table_take(table), slot);
    assert_int_equal(table_find(table, id), 0);
    assert_int_equal(table_find(table, table_id(table, slot)), slot);
    assert_int_equal(table_id(table, 0), 0);
    static const uint64_t nobodys[] = {0, CAPACITY + 1, PM_SLOTS_MAX, UINT64_MAX,
                                       UINT64_C(1) << PM_SLOT_BITS};
    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++)
        assert_int_equal(table_find(table, nobodys[i]), 0);
}

#define MUST(seed, condition)                                                  \
    do {                                                                       \
        if (!(condition))                                                      \
            fail_msg("seed %llu: %s", (unsigned long long)(seed), #condition); \
    } while (0)

static void check_used(const struct table *table, const uint64_t *ids, uint64_t seed)
{
    uint32_t used = 0, next = 0;
    for (uint32_t slot = 1; slot <= CAPACITY; slot++) {
        MUST(seed, table_is_used(table, slot) == (ids[slot] != 0));
        if (ids[slot] == 0)
            continue;
        next = table_next(table, next);
        MUST(seed, next == slot);
        MUST(seed, table_find(table, ids[slot]) == slot);
        used++;
    }
    MUST(seed, table_next(table, next) == 0);
    MUST(seed, table->used == used);
}

static void holds_through_random_changes(void **state)
{
    (void)state;
    struct memory memory;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct random random = {seed};
        struct table *table = fresh(&memory);
        uint64_t ids[CAPACITY + 1] = {0};
        for (int i = 0; i < 500; i++) {
            uint32_t slot = 1 + random_below(&random, CAPACITY);
            if (ids[slot] != 0) {
                table_free(table, slot);
                MUST(seed, table_find(table, ids[slot]) == 0);
                ids[slot] = 0;
            } else if ((slot = table_take(table)) != 0) {
                MUST(seed, ids[slot] == 0);
                ids[slot] = table_id(table, slot);
            }
            check_used(table, ids, seed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_through_by_owner),
        cmocka_unit_test(fills_to_its_capacity),
        cmocka_unit_test(blanks_what_is_freed),
        cmocka_unit_test(takes_the_last_freed_first),
        cmocka_unit_test(an_id_never_means_another_record),
        cmocka_unit_test(holds_through_random_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
