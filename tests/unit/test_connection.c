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
    struct connection_ref ref;
    assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_GONE);
    assert_true(connections_add(connections, 9));
    assert_int_equal(connections_count(connections), 1);
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_ADMITTED);
    for (int i = 0; i < CONNECTION_BUSY_MAX; i++)
        assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_BUSY);
    assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_FLOOD);
    /* One answered: there is room for one, and patience again. */
    connections_leave(connections, ref);
    assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_BUSY);
    connections_remove(connections, 9);
    connections_remove(connections, 9);
    assert_int_equal(connections_count(connections), 0);
    assert_int_equal(connections_enter(connections, 9, &ref), CONNECTION_GONE);
    connections_destroy(connections);
}

/* A late answer of one that has gone does not count for the one in its place. */
static void test_late_leave(void **state)
{
    (void)state;
    struct connections *connections = connections_create(64);
    struct connection_ref old, ref;
    assert_true(connections_add(connections, 5));
    assert_int_equal(connections_enter(connections, 5, &old), CONNECTION_ADMITTED);
    connections_remove(connections, 5);
    assert_true(connections_add(connections, 5 + 64)); /* the same place */
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 5 + 64, &ref), CONNECTION_ADMITTED);
    assert_int_equal(ref.slot, old.slot);
    connections_leave(connections, old);
    assert_int_equal(connections_enter(connections, 5 + 64, &ref), CONNECTION_BUSY);
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
    struct connection_ref three, four;
    assert_true(connections_add(connections, 3));
    expect_idle(connections, 0, 0); /* it has had no time yet */
    assert_true(connections_add(connections, 4));
    expect_idle(connections, 1, 3);
    assert_int_equal(connections_enter(connections, 3, &three), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(connections, 4, &four), CONNECTION_ADMITTED);
    expect_idle(connections, 0, 0); /* owed an answer, */
    expect_idle(connections, 0, 0); /* however long it takes */
    connections_leave(connections, three);
    expect_idle(connections, 0, 0);
    expect_idle(connections, 1, 3);
    /* Refused is said as well, and the counts are what they were. */
    for (int i = 1; i < CONNECTION_OUTSTANDING_MAX; i++)
        assert_int_equal(connections_enter(connections, 4, &four), CONNECTION_ADMITTED);
    for (int i = 0; i < CONNECTION_BUSY_MAX; i++)
        assert_int_equal(connections_enter(connections, 4, &four), CONNECTION_BUSY);
    expect_idle(connections, 1, 3);
    assert_int_equal(connections_outstanding(connections, four), CONNECTION_OUTSTANDING_MAX);
    assert_int_equal(connections_enter(connections, 4, &four), CONNECTION_FLOOD);
    connections_remove(connections, 3);
    expect_idle(connections, 0, 0);
    connections_destroy(connections);
}

/* Neighbours share a window; a full one refuses; removal from its middle loses nobody. */
static void test_full(void **state)
{
    (void)state;
    struct connections *connections = connections_create(32);
    struct connection_ref ref;
    for (uint32_t id = 1; id <= 32; id++)
        assert_true(connections_add(connections, id * 32)); /* all want the same place */
    assert_false(connections_add(connections, 33 * 32));
    assert_int_equal(connections_count(connections), 32);
    connections_remove(connections, 1 * 32);
    connections_remove(connections, 7 * 32);
    for (uint32_t id = 1; id <= 32; id++)
        assert_int_equal(connections_enter(connections, id * 32, &ref),
                         id == 1 || id == 7 ? CONNECTION_GONE : CONNECTION_ADMITTED);
    assert_true(connections_add(connections, 33 * 32));
    connections_destroy(connections);
}

/* What is kept with a connection is its own, also where another was before. */
static void test_marks(void **state)
{
    (void)state;
    struct connection_ref ref;
    struct connections *connections = connections_create(32);
    for (uint32_t id = 1; id <= 32; id++) {
        assert_true(connections_add(connections, id));
        connections_mark(connections, id, UINT64_MAX - id);
    }
    connections_remove(connections, 9);
    connections_mark(connections, 9, 1); /* it has gone */
    assert_true(connections_add(connections, 40));
    connections_mark(connections, 40, 40);
    for (uint32_t id = 1; id <= 40; id++) {
        if (connections_enter(connections, id, &ref) == CONNECTION_ADMITTED)
            assert_true(connections_marked(connections, ref) == (id == 40 ? 40 : UINT64_MAX - id));
        else
            assert_true(id == 9 || id > 32);
    }
    connections_destroy(connections);
}

/* ---- Several threads ---- */

enum { THREADS = 4, TURNS = 20000 };
static struct connections *shared;
static atomic_int inside, most;

static void *enter_and_leave(void *context)
{
    struct connection_ref ref;
    (void)context;
    for (int i = 0; i < TURNS; i++) {
        if (connections_enter(shared, 3, &ref) != CONNECTION_ADMITTED)
            continue;
        int now = atomic_fetch_add(&inside, 1) + 1, seen = atomic_load(&most);
        while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
            ;
        atomic_fetch_sub(&inside, 1);
        connections_leave(shared, ref);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct connection_ref ref;
    shared = connections_create(64);
    assert_true(connections_add(shared, 3));
    for (int i = 0; i < CONNECTION_OUTSTANDING_MAX - 2; i++) /* room for two of the threads */
        assert_int_equal(connections_enter(shared, 3, &ref), CONNECTION_ADMITTED);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, enter_and_leave, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&most), 1, 2);
    for (int i = 0; i < 2; i++) /* nothing was lost or counted twice */
        assert_int_equal(connections_enter(shared, 3, &ref), CONNECTION_ADMITTED);
    assert_int_equal(connections_enter(shared, 3, &ref), CONNECTION_BUSY);
    connections_destroy(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits), cmocka_unit_test(test_late_leave),
        cmocka_unit_test(test_idle),   cmocka_unit_test(test_full),
        cmocka_unit_test(test_marks),  cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
