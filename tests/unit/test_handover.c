/*
 * test_handover.c: two batches between two threads: each is whole when it arrives, in order, and
 * none is lost, whether the matcher publishes small ones or has to exchange full ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/batch.h"
#include "daemon/doorbell.h"
#include "daemon/handover.h"
#include "tests/lib/random.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LAST = 300000, FULL = 64 };

static struct handover *handover;
static atomic_bool ended;
static uint64_t committed, batches, broken; /* the consumer's */

static struct handover *make(void)
{
    struct batch *one = batch_create(4), *other = batch_create(4);
    assert_true(one && other);
    struct handover *made = handover_create(one, other);
    assert_non_null(made);
    return made;
}

/* Commits nothing, but checks the order, as the journal would. */
static void *consume(void *context)
{
    (void)context;
    for (;;) {
        bool last = atomic_load(&ended);
        struct batch *batch = handover_take(handover);
        if (batch) {
            broken += batch->first != committed + 1 || batch->last < batch->first;
            committed = batch->last;
            batches++;
            batch_reset(batch);
            handover_return(handover, batch);
        } else if (last) {
            return NULL;
        } else {
            handover_wait(handover, DOORBELL_FOREVER);
        }
    }
}

static void test_order(void **state)
{
    (void)state;
    struct random random = {.state = 3};
    pthread_t thread;
    uint64_t sequence = 0;
    struct batch *batch = NULL;
    handover = make();
    assert_int_equal(pthread_create(&thread, NULL, consume, NULL), 0);
    while (sequence < LAST) {
        if (!batch)
            batch = handover_open(handover);
        if (batch->first && batch->last - batch->first + 1 >= FULL)
            batch = handover_exchange(handover, batch);
        batch->last = ++sequence;
        if (batch->first == 0)
            batch->first = sequence;
        if (sequence == LAST || random_below(&random, 20) == 0) {
            handover_publish(handover, batch);
            batch = NULL;
        }
    }
    atomic_store(&ended, true);
    handover_call(handover);
    pthread_join(thread, NULL);
    assert_int_equal(broken, 0);
    assert_int_equal(committed, LAST);
    assert_true(batches >= LAST / FULL);
    handover_destroy(handover);
}

/* What is published and not yet taken is filled further; what is taken is not seen again. */
static void test_taken_back(void **state)
{
    (void)state;
    struct handover *both = make();
    assert_null(handover_take(both));
    struct batch *batch = handover_open(both);
    batch->first = 1;
    batch->last = 2;
    handover_publish(both, batch);
    assert_ptr_equal(handover_open(both), batch);
    batch->last = 3;
    handover_publish(both, batch);
    assert_ptr_equal(handover_take(both), batch);
    struct batch *other = handover_open(both);
    assert_ptr_not_equal(other, batch);
    assert_int_equal(other->first, 0);
    assert_int_equal(batch->last, 3);
    batch_reset(batch);
    handover_return(both, batch);
    handover_publish(both, other);
    handover_destroy(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
