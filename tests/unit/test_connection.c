/*
 * test_connection.c: what a connection may have outstanding, and that connections do not mix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/connection.h"

#include <pthread.h>
#include <stdatomic.h>

static void test_limits(void **state)
{
    (void)state;
    struct connections *connections = connections_create(64);
    assert_int_equal(connections_enter(connections, 9), CONNECTION_GONE);
    connections_add(connections, 9, 0);
    assert_int_equal(connections_count(connections), 1);
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 9), CONNECTION_ADMITTED);
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 9), CONNECTION_BUSY);
    /* One answered: there is room for one. */
    connections_leave(connections, 9);
    assert_int_equal(connections_enter(connections, 9), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(connections, 9), CONNECTION_BUSY);
    connections_remove(connections, 9);
    connections_remove(connections, 9);
    assert_int_equal(connections_count(connections), 0);
    assert_int_equal(connections_enter(connections, 9), CONNECTION_GONE);
    connections_destroy(connections);
}

/* A late answer of one that has gone does not count for the one in its place. */
static void test_late_leave(void **state)
{
    (void)state;
    struct connections *connections = connections_create(64);
    connections_add(connections, 5, 0);
    assert_int_equal(connections_enter(connections, 5), CONNECTION_ADMITTED);
    connections_remove(connections, 5);
    connections_leave(connections, 5);
    connections_add(connections, 5 + 64, 0); /* the same place */
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 5 + 64), CONNECTION_ADMITTED);
    connections_leave(connections, 5);
    connections_remove(connections, 5);
    assert_int_equal(connections_outstanding(connections, 5), 0);
    assert_int_equal(connections_enter(connections, 5), CONNECTION_GONE);
    assert_int_equal(connections_enter(connections, 5 + 64), CONNECTION_BUSY);
    assert_int_equal(connections_count(connections), 1);
    connections_destroy(connections);
}

static void count_idle(void *context, uint32_t id)
{
    uint32_t *found = context;
    found[0]++;
    found[1] = id;
}

static void expect_idle(struct connections *connections, uint32_t count, uint32_t id)
{
    uint32_t found[2] = {0, 0};
    connections_find_idle(connections, count_idle, found);
    assert_int_equal(found[0], count);
    assert_int_equal(found[1], id);
}

/* Idle is who has said nothing since the last look and is owed nothing. */
static void test_idle(void **state)
{
    (void)state;
    struct connections *connections = connections_create(64);
    connections_add(connections, 3, 0);
    expect_idle(connections, 0, 0); /* it has had no time yet */
    connections_add(connections, 4, 0);
    expect_idle(connections, 1, 3);
    assert_int_equal(connections_enter(connections, 3), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(connections, 4), CONNECTION_ADMITTED);
    expect_idle(connections, 0, 0); /* owed an answer, */
    expect_idle(connections, 0, 0); /* however long it takes */
    connections_leave(connections, 3);
    expect_idle(connections, 0, 0);
    expect_idle(connections, 1, 3);
    /* Refused is said as well, and the counts are what they were. */
    for (int i = 1; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 4), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(connections, 4), CONNECTION_BUSY);
    expect_idle(connections, 1, 3);
    assert_int_equal(connections_outstanding(connections, 4), CONNECTION_OUTSTANDING_MAX);
    connections_remove(connections, 3);
    expect_idle(connections, 0, 0);
    connections_destroy(connections);
}

/* A full table has each in its place, with its own mark, also where another was before. */
static void test_full(void **state)
{
    (void)state;
    struct connections *connections = connections_create(32);
    for (uint32_t id = 1; id <= 32; id++)
        connections_add(connections, id, UINT64_MAX - id);
    assert_int_equal(connections_count(connections), 32);
    connections_remove(connections, 9);
    assert_int_equal(connections_marked(connections, 9), 0);
    connections_add(connections, 41, 41);
    for (uint32_t id = 1; id <= 41; id++) {
        bool there = id == 41 || (id <= 32 && id != 9);
        assert_int_equal(connections_marked(connections, id), !there     ? 0
                                                              : id == 41 ? 41
                                                                         : UINT64_MAX - id);
        assert_int_equal(connections_enter(connections, id),
                         there ? CONNECTION_ADMITTED : CONNECTION_GONE);
        assert_int_equal(connections_outstanding(connections, id), there);
    }
    connections_destroy(connections);
}

/* ---- Several threads ---- */

enum { THREADS = 4, TURNS = 20000 };
static struct connections *shared;
static atomic_int inside, most;

static void *enter_and_leave(void *context)
{
    (void)context;
    for (int i = 0; i < TURNS; i++) {
        if (connections_enter(shared, 3) != CONNECTION_ADMITTED)
            continue;
        int now = atomic_fetch_add(&inside, 1) + 1, seen = atomic_load(&most);
        while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
            ;
        atomic_fetch_sub(&inside, 1);
        connections_leave(shared, 3);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    shared = connections_create(64);
    connections_add(shared, 3, 0);
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX - 2; i++) /* room for two of the threads */
        assert_int_equal(connections_enter(shared, 3), CONNECTION_ADMITTED);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, enter_and_leave, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&most), 1, 2);
    for (int i = 0; i < 2; i++) /* nothing was lost or counted twice */
        assert_int_equal(connections_enter(shared, 3), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(shared, 3), CONNECTION_BUSY);
    connections_destroy(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_late_leave),
        cmocka_unit_test(test_idle),    cmocka_unit_test(test_full),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
