/*
 * test_ring.c: the ring and the doorbell, alone and between real threads. test_ring_steps.c tries
 * the interleavings one by one.
 *
 * A lost wake-up shows as a hang, which alarm() turns into a failure.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../daemon/doorbell.h"
#include "../../daemon/ring.h"

#define HANG_S 55 /* far beyond what any of this takes */
#define STRESS_PRODUCERS 4
#define STRESS_ITEMS 20000 /* of each producer */
#define PING_ROUNDS 10000

static void capacities_are_powers_of_two(void **state)
{
    (void)state;
    static const struct {
        size_t capacity;
        bool made;
    } cases[] = {
        {0, false},
        {1, true},
        {2, true},
        {3, false},
        {6, false},
        {1024, true},
        {1023, false},
        {SIZE_MAX, false},
        {SIZE_MAX / 2 + 1, false},
        {(size_t)1 << 61, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ring *ring = ring_create(cases[i].capacity);
        assert_int_equal(ring != NULL, cases[i].made);
        if (ring != NULL)
            assert_int_equal(ring_capacity(ring), cases[i].capacity);
        ring_destroy(ring);
    }
}

static void an_empty_ring_gives_nothing(void **state)
{
    (void)state;
    struct ring *ring = ring_create(4);
    void *out[4] = {NULL};
    assert_int_equal(ring_pop_many(ring, out, 4), 0);
    assert_int_equal(ring_pop_many(ring, out, 0), 0);
    assert_int_equal(ring_depth(ring), 0);
    assert_null(out[0]);
    ring_destroy(ring);
}

static void a_full_ring_refuses_until_popped(void **state)
{
    (void)state;
    int items[5];
    void *out[5];
    struct ring *ring = ring_create(4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(ring_push(ring, &items[i]));
        assert_int_equal(ring_depth(ring), i + 1);
    }
    assert_false(ring_push(ring, &items[4]));
    assert_int_equal(ring_depth(ring), 4);
    assert_int_equal(ring_pop_many(ring, out, 1), 1);
    assert_ptr_equal(out[0], &items[0]);
    assert_true(ring_push(ring, &items[4]));
    assert_false(ring_push(ring, &items[0]));
    assert_int_equal(ring_pop_many(ring, out, 5), 4);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(out[i], &items[i + 1]);
    assert_int_equal(ring_depth(ring), 0);
    ring_destroy(ring);
}

/* Pushes and pops in every batch size while the counters pass SIZE_MAX. */
static void counters_wrap(void **state)
{
    (void)state;
    static const size_t capacities[] = {1, 2, 8};
    static char items[64];
    for (size_t c = 0; c < sizeof(capacities) / sizeof(capacities[0]); c++) {
        for (size_t batch = 1; batch <= capacities[c]; batch++) {
            struct ring *ring = ring_create_at(capacities[c], SIZE_MAX - 20);
            size_t pushed = 0, popped = 0;
            while (popped < sizeof(items)) {
                while (pushed < sizeof(items) && ring_push(ring, &items[pushed]))
                    pushed++;
                size_t held = pushed - popped;
                assert_true(held == capacities[c] || pushed == sizeof(items));
                assert_int_equal(ring_depth(ring), held);
                void *out[8];
                size_t n = ring_pop_many(ring, out, batch);
                assert_int_equal(n, held < batch ? held : batch);
                for (size_t i = 0; i < n; i++)
                    assert_ptr_equal(out[i], &items[popped++]);
            }
            assert_int_equal(ring_depth(ring), 0);
            ring_destroy(ring);
        }
    }
}

/* One item of the stress: plain memory, so that ThreadSanitizer sees a missing publication. */
struct stress_item {
    unsigned producer;
    unsigned number;
};

struct stress_producer {
    pthread_t thread;
    struct ring *ring;
    struct doorbell *bell; /* NULL: the consumer polls */
    struct stress_item *items;
    unsigned id;
};

static void *stress_produce(void *arg)
{
    struct stress_producer *self = arg;
    for (unsigned i = 0; i < STRESS_ITEMS; i++) {
        self->items[i].producer = self->id;
        self->items[i].number = i;
        while (!ring_push(self->ring, &self->items[i]))
            sched_yield();
        if (self->bell != NULL)
            doorbell_ring(self->bell);
        if (i % 64 == 0) /* let the consumer run dry and fall asleep at times */
            sched_yield();
    }
    return NULL;
}

/*
 * Pops until every item of every producer has come, in its producer's order. Returns the number
 * of items out of place: lost, doubled and disordered ones all are.
 */
static size_t stress_consume(struct ring *ring, struct doorbell *bell)
{
    unsigned next[STRESS_PRODUCERS] = {0};
    size_t wrong = 0;
    for (size_t total = 0; total < (size_t)STRESS_PRODUCERS * STRESS_ITEMS;) {
        void *out[16];
        size_t n = ring_pop_many(ring, out, 1 + total % 16);
        for (size_t i = 0; i < n; i++) {
            const struct stress_item *item = out[i];
            wrong += item->number != next[item->producer];
            next[item->producer] = item->number + 1;
        }
        total += n;
        if (n == 0 && bell != NULL)
            doorbell_wait(bell, DOORBELL_FOREVER);
        else if (n == 0)
            sched_yield();
    }
    return wrong;
}

static void stress(size_t capacity, struct doorbell *bell)
{
    struct stress_producer producers[STRESS_PRODUCERS];
    struct ring *ring = ring_create_at(capacity, SIZE_MAX - STRESS_ITEMS);
    assert_non_null(ring);
    for (unsigned p = 0; p < STRESS_PRODUCERS; p++) {
        struct stress_item *items = calloc(STRESS_ITEMS, sizeof(*items));
        assert_non_null(items);
        producers[p] =
            (struct stress_producer){.ring = ring, .bell = bell, .items = items, .id = p};
        assert_int_equal(pthread_create(&producers[p].thread, NULL, stress_produce, &producers[p]),
                         0);
    }
    size_t wrong = stress_consume(ring, bell);
    for (unsigned p = 0; p < STRESS_PRODUCERS; p++) {
        pthread_join(producers[p].thread, NULL);
        free(producers[p].items);
    }
    void *out[1];
    assert_int_equal(wrong, 0);
    assert_int_equal(ring_pop_many(ring, out, 1), 0);
    assert_int_equal(ring_depth(ring), 0);
    ring_destroy(ring);
}

static void many_producers_lose_and_double_nothing(void **state)
{
    (void)state;
    stress(1, NULL);
    stress(8, NULL);
    stress(1024, NULL);
}

static void a_sleeping_consumer_misses_nothing(void **state)
{
    (void)state;
    static const uint64_t spins_ns[] = {0, DOORBELL_SPIN_NS};
    for (size_t i = 0; i < sizeof(spins_ns) / sizeof(spins_ns[0]); i++) {
        struct doorbell *bell = doorbell_create(spins_ns[i]);
        assert_non_null(bell);
        stress(8, bell);
        stress(1024, bell);
        doorbell_destroy(bell);
    }
}

static void a_ring_is_remembered_once(void **state)
{
    (void)state;
    struct doorbell *bell = doorbell_create(DOORBELL_SPIN_NS);
    assert_false(doorbell_wait(bell, 0));
    doorbell_ring(bell);
    assert_true(doorbell_wait(bell, 0));
    assert_false(doorbell_wait(bell, 0));
    doorbell_ring(bell);
    doorbell_ring(bell);
    assert_true(doorbell_wait(bell, DOORBELL_FOREVER));
    assert_false(doorbell_wait(bell, 0));
    doorbell_destroy(bell);
}

static void a_wait_ends_at_its_timeout(void **state)
{
    (void)state;
    static const uint64_t timeouts_ns[] = {1, 1000, 2000000};
    static const uint64_t spins_ns[] = {0, 1, DOORBELL_SPIN_NS, UINT64_MAX / 4};
    for (size_t t = 0; t < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); t++) {
        for (size_t s = 0; s < sizeof(spins_ns) / sizeof(spins_ns[0]); s++) {
            struct doorbell *bell = doorbell_create(spins_ns[s]);
            assert_false(doorbell_wait(bell, timeouts_ns[t]));
            doorbell_ring(bell);
            assert_true(doorbell_wait(bell, timeouts_ns[t]));
            doorbell_destroy(bell);
        }
    }
}

/* Timeouts that reach past the end of the clock must wait, not return at once or fail. */
static const uint64_t long_timeouts_ns[] = {DOORBELL_FOREVER, DOORBELL_FOREVER - 1, INT64_MAX,
                                            (uint64_t)INT64_MAX - 1000};

struct ping {
    struct doorbell *there;
    struct doorbell *back;
    size_t question; /* plain memory: ringing publishes it, as ThreadSanitizer checks */
    size_t answer;
};

static void *ping_answer(void *arg)
{
    struct ping *ping = arg;
    for (size_t i = 0; i < PING_ROUNDS; i++) {
        uint64_t timeout_ns =
            long_timeouts_ns[i % (sizeof(long_timeouts_ns) / sizeof(long_timeouts_ns[0]))];
        if (doorbell_wait(ping->there, timeout_ns))
            ping->answer = ping->question + 1;
        doorbell_ring(ping->back);
    }
    return NULL;
}

/* Each side sleeps until the other rings: one lost wake-up and both sleep for good. */
static void ping_pong(void **state)
{
    (void)state;
    static const uint64_t spins_ns[] = {0, 200, DOORBELL_SPIN_NS};
    for (size_t s = 0; s < sizeof(spins_ns) / sizeof(spins_ns[0]); s++) {
        struct ping ping = {.there = doorbell_create(spins_ns[s]),
                            .back = doorbell_create(spins_ns[s])};
        pthread_t thread;
        size_t answered = 0;
        assert_int_equal(pthread_create(&thread, NULL, ping_answer, &ping), 0);
        for (size_t i = 0; i < PING_ROUNDS; i++) {
            ping.question = i;
            doorbell_ring(ping.there);
            answered += doorbell_wait(ping.back, DOORBELL_FOREVER) && ping.answer == i + 1;
        }
        pthread_join(thread, NULL);
        assert_int_equal(answered, PING_ROUNDS);
        doorbell_destroy(ping.there);
        doorbell_destroy(ping.back);
    }
}

int main(void)
{
    alarm(HANG_S);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacities_are_powers_of_two),
        cmocka_unit_test(an_empty_ring_gives_nothing),
        cmocka_unit_test(a_full_ring_refuses_until_popped),
        cmocka_unit_test(counters_wrap),
        cmocka_unit_test(many_producers_lose_and_double_nothing),
        cmocka_unit_test(a_ring_is_remembered_once),
        cmocka_unit_test(a_wait_ends_at_its_timeout),
        cmocka_unit_test(ping_pong),
        cmocka_unit_test(a_sleeping_consumer_misses_nothing),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
