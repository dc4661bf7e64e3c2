/*
 * test_handover_steps.c: the handover under the interleavings of its steps (see tests/lib/steps.h),
 * with the ring and the doorbells it is made of. Task 0 is the journal thread, task 1 the matcher.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/stepped_ring.h"

#define HANDOVER_STEP() steps_step()
#define handover_create stepped_handover_create
#define handover_destroy stepped_handover_destroy
#define handover_open stepped_handover_open
#define handover_publish stepped_handover_publish
#define handover_exchange stepped_handover_exchange
#define handover_take stepped_handover_take
#define handover_return stepped_handover_return
#define handover_wait stepped_handover_wait
#define handover_call stepped_handover_call
#define batch_destroy stepped_batch_destroy
#include "../../daemon/handover.c" /* NOLINT: the code under test, with its hooks */

/* What is tried: the parameters of one test, a row of the table at the end. What the matcher does,
 * a letter an act: `e` adds an entry to its batch, `x` exchanges it, `p` publishes it. */
struct scenario {
    const char *name;
    const char *acts;
    int preemptions; /* at most; -1: every schedule */
};

enum { NOBODY, MATCHER, BETWEEN, JOURNAL };

static struct {
    const struct scenario *scenario;
    struct handover *handover;
    struct batch batch[2];
    int holder[2]; /* who may touch it */
    atomic_bool stopping;
    uint64_t added, committed;
} run;

/* The batches are the test's. */
void batch_destroy(struct batch *batch)
{
    (void)batch;
}

/* Passes from one holder to another; that it was there is what this is all about. */
static void pass(const struct batch *batch, unsigned from, int to)
{
    int *holder = &run.holder[batch - run.batch];
    steps_check((from >> *holder & 1) != 0, "a batch is had by two");
    *holder = to;
}

static struct batch *to_matcher(struct batch *batch)
{
    pass(batch, 1U << NOBODY | 1U << BETWEEN, MATCHER);
    return batch;
}

/* With the batch that the matcher has, or NULL; returns what it has then. */
static struct batch *act(char what, struct batch *batch)
{
    if (!batch)
        batch = to_matcher(handover_open(run.handover));
    if (what == 'e') {
        batch->last = ++run.added;
        if (batch->first == 0)
            batch->first = batch->last;
        return batch;
    }
    pass(batch, 1U << MATCHER, BETWEEN);
    if (what == 'p') {
        handover_publish(run.handover, batch);
        return NULL;
    }
    batch = to_matcher(handover_exchange(run.handover, batch));
    steps_check(batch->first == 0, "a full batch comes back");
    return batch;
}

static void matcher(void)
{
    struct batch *batch = NULL;
    for (const char *what = run.scenario->acts; *what; what++)
        batch = act(*what, batch);
    steps_step();
    atomic_store(&run.stopping, true);
    handover_call(run.handover);
}

static void commit(struct batch *batch)
{
    pass(batch, 1U << BETWEEN, JOURNAL);
    steps_check(batch->first == run.committed + 1, "entries are lost or out of order");
    run.committed = batch->last;
    batch->first = batch->last = 0;
    pass(batch, 1U << JOURNAL, NOBODY);
    handover_return(run.handover, batch);
}

/* As in committer.c. */
static void journal(void)
{
    for (;;) {
        steps_step();
        bool last = atomic_load(&run.stopping);
        struct batch *batch = handover_take(run.handover);
        if (batch)
            commit(batch);
        else if (last)
            return;
        else
            handover_wait(run.handover, DOORBELL_FOREVER);
    }
}

static void task(int id)
{
    if (id == 0)
        journal();
    else
        matcher();
}

static void begin(void)
{
    run.handover = handover_create(&run.batch[0], &run.batch[1]);
    assert_non_null(run.handover);
    memset(run.batch, 0, sizeof run.batch);
    memset(run.holder, 0, sizeof run.holder);
    atomic_init(&run.stopping, false);
    run.added = run.committed = 0;
}

static void end(void)
{
    steps_check(run.committed == run.added, "entries were not committed");
    handover_destroy(run.handover);
}

static void walk(void **state)
{
    run.scenario = *state;
    const struct steps steps = {.tasks = 2,
                                .preemptions = run.scenario->preemptions,
                                .begin = begin,
                                .task = task,
                                .end = end};
    assert_true(steps_walk(&steps) > 1);
}

/* The numbers of pre-emptions keep the whole to a few seconds. */
static struct scenario scenarios[] = {
    {"published once", "ep", 6},
    {"taken back or not", "epep", 5},
    {"three times", "epepep", 3},
    {"exchanged", "exep", 4},
    {"exchanged twice", "exexep", 3},
    {"published, then exchanged", "epexep", 3},
    {"exchanged, then published twice", "exepep", 3},
};

int main(void)
{
    struct CMUnitTest tests[sizeof scenarios / sizeof scenarios[0]] = {0};
    if (!steps_possible())
        return 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tests[i].name = scenarios[i].name;
        tests[i].test_func = walk;
        tests[i].initial_state = &scenarios[i];
    }
    return cmocka_run_group_tests_name("handover steps", tests, NULL, NULL);
}
