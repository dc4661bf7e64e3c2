/*
 * test_ring_steps.c: the ring and the doorbell under the interleavings of their steps (see
 * tests/lib/steps.h). Task 0 is the consumer, the others are producers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/stepped_ring.h"

#define PRODUCERS_MAX 2
#define PUSHES_MAX 2
#define ITEMS_MAX (PRODUCERS_MAX * PUSHES_MAX)

/* What is tried: the parameters of one test, a row of the table at the end. */
struct scenario {
    const char *name;
    size_t capacity;
    size_t start; /* of the counters */
    int producers;
    int pushes;      /* of each producer, one attempt each */
    int polls;       /* pops of the consumer; 0: waits at the doorbell until it has them all */
    int preemptions; /* at most; -1: every schedule */
};

static struct {
    const struct scenario *scenario;
    struct ring *ring;
    struct doorbell *bell;
    int accepted[PRODUCERS_MAX][PUSHES_MAX]; /* what ring_push returned */
    bool was_full[PRODUCERS_MAX];            /* the ring, at some moment of the push */
    int got[ITEMS_MAX + 1];                  /* what came out, as indices into items */
    int got_count;
    bool wrongly_refused; /* a push, while there was room from its beginning to its end */
} run;

static char items[ITEMS_MAX];

static void keep(void *const *out, size_t n)
{
    for (size_t i = 0; i < n && run.got_count <= ITEMS_MAX; i++)
        run.got[run.got_count++] = (int)((char *)out[i] - items);
}

static void consumer(void)
{
    void *out[ITEMS_MAX];
    if (run.scenario->polls > 0) {
        for (int i = 0; i < run.scenario->polls; i++)
            keep(out, ring_pop_many(run.ring, out, ITEMS_MAX));
        return;
    }
    while (run.got_count < run.scenario->producers * run.scenario->pushes) {
        size_t n = ring_pop_many(run.ring, out, ITEMS_MAX);
        keep(out, n);
        if (n == 0)
            doorbell_wait(run.bell, DOORBELL_FOREVER);
    }
}

static void producer(int id)
{
    for (int i = 0; i < run.scenario->pushes; i++) {
        run.was_full[id] = false;
        run.accepted[id][i] = ring_push(run.ring, &items[id * PUSHES_MAX + i]);
        if (!run.accepted[id][i] && !run.was_full[id])
            run.wrongly_refused = true;
        if (run.scenario->polls == 0)
            doorbell_ring(run.bell);
    }
}

static void task(int id)
{
    if (id == 0)
        consumer();
    else
        producer(id - 1);
}

static void begin(void)
{
    run.ring = ring_create_at(run.scenario->capacity, run.scenario->start);
    run.bell = doorbell_create(0);
    assert_non_null(run.ring);
    assert_non_null(run.bell);
    run.got_count = 0;
    run.wrongly_refused = false;
    memset(run.accepted, 0, sizeof(run.accepted));
}

/* Every accepted item came out once, in its producer's order, and nothing else did. */
static void check_items(void)
{
    int want = 0;
    int next[PRODUCERS_MAX] = {0};
    for (int p = 0; p < run.scenario->producers; p++)
        for (int i = 0; i < run.scenario->pushes; i++)
            want += run.accepted[p][i];
    steps_check(run.got_count == want, "items lost or doubled");
    for (int i = 0; i < run.got_count; i++) {
        int p = run.got[i] / PUSHES_MAX, number = run.got[i] % PUSHES_MAX;
        while (next[p] < number && !run.accepted[p][next[p]])
            next[p]++;
        steps_check(number == next[p] && run.accepted[p][number],
                    "an item out of its producer's order");
        next[p] = number + 1;
    }
    steps_check(!run.wrongly_refused, "refused by a ring that was not full");
}

/* Tells every push under way if the ring is full now: only then may it be refused. */
static void note_full(void)
{
    size_t held = atomic_load(&run.ring->tail) - atomic_load(&run.ring->head);
    for (int p = 0; p < PRODUCERS_MAX && held >= run.scenario->capacity; p++)
        run.was_full[p] = true;
}

static void end(void)
{
    void *out[ITEMS_MAX];
    keep(out, ring_pop_many(run.ring, out, ITEMS_MAX));
    check_items();
    steps_check(ring_depth(run.ring) == 0, "the ring is empty but does not say so");
    ring_destroy(run.ring);
    doorbell_destroy(run.bell);
}

static void walk(void **state)
{
    run.scenario = *state;
    const struct steps steps = {.tasks = run.scenario->producers + 1,
                                .preemptions = run.scenario->preemptions,
                                .begin = begin,
                                .task = task,
                                .after_step = note_full,
                                .end = end};
    assert_true(steps_walk(&steps) > 1);
}

/* The numbers of pre-emptions keep the whole to a few seconds. */
static struct scenario scenarios[] = {
    {"one place, two producers", .capacity = 1, .producers = 2, .pushes = 1, .polls = 1,
     .preemptions = -1},
    {"two places, two producers", .capacity = 2, .start = SIZE_MAX, .producers = 2, .pushes = 1,
     .polls = 1, .preemptions = -1},
    {"one place, two pushes", .capacity = 1, .producers = 1, .pushes = 2, .polls = 2,
     .preemptions = -1},
    {"two places, two pushes each", .capacity = 2, .start = SIZE_MAX, .producers = 2, .pushes = 2,
     .polls = 3, .preemptions = 3},
    {"one place, two pushes each", .capacity = 1, .start = SIZE_MAX, .producers = 2, .pushes = 2,
     .polls = 3, .preemptions = 3},
    {"doorbell, one push", .capacity = 2, .producers = 1, .pushes = 1, .preemptions = -1},
    {"doorbell, two pushes", .capacity = 2, .producers = 1, .pushes = 2, .preemptions = 5},
    {"doorbell, two producers", .capacity = 2, .producers = 2, .pushes = 1, .preemptions = 4},
    {"doorbell, two pushes each", .capacity = 4, .start = SIZE_MAX, .producers = 2, .pushes = 2,
     .preemptions = 2},
};

int main(void)
{
    struct CMUnitTest tests[sizeof(scenarios) / sizeof(scenarios[0])] = {0};
    if (!steps_possible())
        return 0;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tests[i].name = scenarios[i].name;
        tests[i].test_func = walk;
        tests[i].initial_state = &scenarios[i];
    }
    return cmocka_run_group_tests_name("ring steps", tests, NULL, NULL);
}
