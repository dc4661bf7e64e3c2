/*
 * test_turns.c: whose request is next: each connection's own in their order, and none kept waiting
 * by what another has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/turns.h"
#include "tests/lib/random.h"

enum { CONNECTIONS = 64, REQUESTS = 4096 };

static struct request *request_of(struct request *all, size_t at, uint32_t place, uint32_t commands)
{
    all[at].from = CONNECTIONS + place;
    all[at].wire.count = commands;
    return &all[at];
}

static void one_after_the_other(void **state)
{
    (void)state;
    struct request all[6] = {{0}};
    struct turns *turns = turns_create(CONNECTIONS);
    assert_non_null(turns);
    assert_null(turns_next(turns));
    for (size_t i = 0; i < 3; i++)
        turns_push(turns, request_of(all, i, 5, 40));
    turns_push(turns, request_of(all, 3, 9, 1));
    turns_push(turns, request_of(all, 4, 9, 1));
    turns_push(turns, request_of(all, 5, 0, 64));
    assert_int_equal(turns_waiting(turns), 6);
    static const size_t order[] = {0, 3, 4, 5, 1, 2}; /* 40 of 64; then 24 and 64 more suffice */
    for (size_t i = 0; i < 6; i++)
        assert_ptr_equal(turns_next(turns), &all[order[i]]);
    assert_null(turns_next(turns));
    assert_int_equal(turns_waiting(turns), 0);
    turns_destroy(turns);
}

/* A small request waits for a turn of each other connection, and no more, however much those have
 * waiting. */
static void none_waits_for_all_that_another_has(void **state)
{
    (void)state;
    enum { GREEDY = 8, EACH = 64 };
    struct request *all = calloc(GREEDY * EACH + 1, sizeof *all);
    struct turns *turns = turns_create(CONNECTIONS);
    assert_true(all != NULL && turns != NULL);
    size_t at = 0;
    for (uint32_t place = 0; place < GREEDY; place++)
        for (int i = 0; i < EACH; i++)
            turns_push(turns, request_of(all, at++, place, PM_COMMANDS_MAX));
    struct request *small = request_of(all, at, 40, 1);
    turns_push(turns, small);
    uint32_t before = 0;
    for (struct request *next; (next = turns_next(turns)) != small; before += next->wire.count)
        assert_non_null(next);
    assert_in_range(before, 0, GREEDY * TURN_COMMANDS);
    while (turns_next(turns) != NULL)
        continue;
    assert_int_equal(turns_waiting(turns), 0);
    turns_destroy(turns);
    free(all);
}

/* Pushed and taken at random: each connection's come in their order, all of them, and while two
 * have something to do throughout neither gets ahead by more than a turn and the largest request.
 */
static void shares_are_even(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct random random = {seed};
        struct request *all = calloc(REQUESTS, sizeof *all);
        struct turns *turns = turns_create(CONNECTIONS);
        assert_true(all != NULL && turns != NULL);
        int64_t done[4] = {0}, last[4] = {-1, -1, -1, -1}, largest = 0;
        for (size_t i = 0; i < REQUESTS; i++) {
            uint32_t commands = 1 + random_below(&random, random_percent(&random, 20) ? 500 : 4);
            largest = commands > largest ? commands : largest;
            turns_push(turns, request_of(all, i, (uint32_t)(i % 4), commands));
        }
        for (size_t taken = 0; taken < REQUESTS / 4; taken++) {
            struct request *next = turns_next(turns);
            uint32_t place = next->from % CONNECTIONS;
            if (next - all <= last[place])
                fail_msg("seed %llu: out of order", (unsigned long long)seed);
            last[place] = next - all;
            done[place] += next->wire.count;
        }
        for (int place = 1; place < 4; place++) {
            int64_t ahead = done[place] > done[0] ? done[place] - done[0] : done[0] - done[place];
            if (ahead > 2 * (TURN_COMMANDS + largest))
                fail_msg("seed %llu: ahead by %lld", (unsigned long long)seed, (long long)ahead);
        }
        size_t left = 0;
        while (turns_next(turns) != NULL)
            left++;
        assert_int_equal(left, REQUESTS - REQUESTS / 4);
        turns_destroy(turns);
        free(all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(none_waits_for_all_that_another_has),
        cmocka_unit_test(shares_are_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
