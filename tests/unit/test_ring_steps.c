/*
 * test_ring_steps.c: the ring and the doorbell under the interleavings of their steps.
 *
 * ring.c and doorbell.c are compiled into this program with a hook before each access to shared
 * memory. Producers and consumer are coroutines; the hook gives control to a scheduler, which
 * walks depth first through all the schedules there are, or all with at most so many pre-emptions
 * (switches away from a task that could have gone on) where there are too many. Memory is
 * sequentially consistent here: orderings are for test_ring.c under ThreadSanitizer and for the
 * comments in the code; this is for the algorithm. Everything is deterministic; a failure prints
 * its schedule, the task run at each step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

static void step(void);
static uint64_t now_ns(void);
static bool futex_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns);
static void futex_wake(_Atomic uint32_t *word);

#define RING_STEP() step()
#define DOORBELL_STEP() step()
#define DOORBELL_OWN_KERNEL 1

/* Names of their own, in case the daemon's objects are linked in too. */
#define ring_create stepped_ring_create
#define ring_create_at stepped_ring_create_at
#define ring_destroy stepped_ring_destroy
#define ring_push stepped_ring_push
#define ring_pop_many stepped_ring_pop_many
#define ring_depth stepped_ring_depth
#define ring_capacity stepped_ring_capacity
#define doorbell_create stepped_doorbell_create
#define doorbell_destroy stepped_doorbell_destroy
#define doorbell_ring stepped_doorbell_ring
#define doorbell_wait stepped_doorbell_wait
#include "../../daemon/doorbell.c" /* NOLINT: the code under test, with its hooks */
#include "../../daemon/ring.c"     /* NOLINT */

#define PRODUCERS_MAX 2
#define PUSHES_MAX 2
#define TASKS (PRODUCERS_MAX + 1) /* task 0 is the consumer */
#define DEPTH_MAX 256             /* steps of one schedule */
#define STACK_BYTES (64 * 1024)
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

struct task {
    ucontext_t context;
    char *stack;
    bool done;
    const void *asleep_on; /* the futex word, or NULL */
};

/* One choice of the walk: which of `options` was taken. */
struct choice {
    int taken;
    int options;
};

static struct {
    const struct scenario *scenario;
    struct ring *ring;
    struct doorbell *bell;
    struct task tasks[TASKS];
    int task_count;
    int current; /* the task running, or -1: the scheduler */
    ucontext_t scheduler;

    struct choice choices[DEPTH_MAX];
    int trace[DEPTH_MAX];
    int depth;

    int accepted[PRODUCERS_MAX][PUSHES_MAX]; /* what ring_push returned */
    bool was_full[PRODUCERS_MAX];            /* the ring, at some moment of the push */
    int got[ITEMS_MAX + 1];                  /* what came out, as indices into items */
    int got_count;
    bool wrongly_refused; /* a push, while there was room from its beginning to its end */
} run;

static char items[ITEMS_MAX];

static void step(void)
{
    if (run.current >= 0)
        swapcontext(&run.tasks[run.current].context, &run.scheduler);
}

static uint64_t now_ns(void)
{
    return 0; /* time stands still: nothing times out, so every lost wake-up is a deadlock */
}

/* As the kernel does: the look at the word and the falling asleep are one step. */
static bool futex_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
    assert_true(deadline_ns == DOORBELL_FOREVER);
    if (atomic_load(word) == value) {
        run.tasks[run.current].asleep_on = word;
        step();
    }
    return true;
}

static void futex_wake(_Atomic uint32_t *word)
{
    for (int i = 0; i < run.task_count; i++)
        if (run.tasks[i].asleep_on == word)
            run.tasks[i].asleep_on = NULL;
}

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

static void task_main(int id)
{
    if (id == 0)
        consumer();
    else
        producer(id - 1);
    run.tasks[id].done = true;
}

static bool able(int id)
{
    return !run.tasks[id].done && run.tasks[id].asleep_on == NULL;
}

static void fail_schedule(const char *what)
{
    run.current = -1;
    print_error("%s; schedule:", what);
    for (int i = 0; i < run.depth; i++)
        print_error(" %d", run.trace[i]);
    print_error("\n");
    fail();
}

/*
 * The task to run next: the one recorded in the walk, or the first option beyond it. The task
 * that ran last comes first among the options; the others are options only while pre-emptions
 * are left or when it cannot go on. Returns -1 if no task can.
 */
static int choose(int last, int *preemptions)
{
    int options[TASKS];
    int n = 0;
    bool goes_on = last >= 0 && able(last);
    if (goes_on)
        options[n++] = last;
    bool may_switch =
        !goes_on || run.scenario->preemptions < 0 || *preemptions < run.scenario->preemptions;
    for (int i = 0; i < run.task_count && may_switch; i++)
        if (i != last && able(i))
            options[n++] = i;
    if (n == 0)
        return -1;
    if (run.depth == DEPTH_MAX)
        fail_schedule("a schedule has no end");
    struct choice *choice = &run.choices[run.depth];
    choice->options = n;
    int task = options[choice->taken];
    *preemptions += goes_on && task != last;
    run.trace[run.depth++] = task;
    return task;
}

static void start(void)
{
    run.ring = ring_create_at(run.scenario->capacity, run.scenario->start);
    run.bell = doorbell_create(0);
    assert_non_null(run.ring);
    assert_non_null(run.bell);
    run.task_count = run.scenario->producers + 1;
    run.depth = run.got_count = 0;
    run.wrongly_refused = false;
    memset(run.accepted, 0, sizeof(run.accepted));
    for (int i = 0; i < run.task_count; i++) {
        struct task *task = &run.tasks[i];
        task->done = false;
        task->asleep_on = NULL;
        getcontext(&task->context);
        task->context.uc_stack.ss_sp = task->stack;
        task->context.uc_stack.ss_size = STACK_BYTES;
        task->context.uc_link = &run.scheduler;
        /* makecontext takes a function of no arguments and passes it ints, by its definition. */
        makecontext(&task->context, (void (*)(void))task_main, 1, i);
    }
}

/* Every accepted item came out once, in its producer's order, and nothing else did. */
static void check_items(void)
{
    int want = 0;
    int next[PRODUCERS_MAX] = {0};
    for (int p = 0; p < run.scenario->producers; p++)
        for (int i = 0; i < run.scenario->pushes; i++)
            want += run.accepted[p][i];
    if (run.got_count != want)
        fail_schedule("items lost or doubled");
    for (int i = 0; i < run.got_count; i++) {
        int p = run.got[i] / PUSHES_MAX, number = run.got[i] % PUSHES_MAX;
        while (next[p] < number && !run.accepted[p][next[p]])
            next[p]++;
        if (number != next[p] || !run.accepted[p][number])
            fail_schedule("an item out of its producer's order");
        next[p] = number + 1;
    }
    if (run.wrongly_refused)
        fail_schedule("refused by a ring that was not full");
}

/* Tells every push under way if the ring is full now: only then may it be refused. */
static void note_full(void)
{
    size_t held = atomic_load(&run.ring->tail) - atomic_load(&run.ring->head);
    for (int p = 0; p < PRODUCERS_MAX && held >= run.scenario->capacity; p++)
        run.was_full[p] = true;
}

/* Runs one schedule to its end and checks it. */
static void run_schedule(void)
{
    int last = -1, preemptions = 0, task;
    start();
    while ((task = choose(last, &preemptions)) >= 0) {
        run.current = last = task;
        swapcontext(&run.scheduler, &run.tasks[task].context);
        run.current = -1;
        note_full();
    }
    for (int i = 0; i < run.task_count; i++)
        if (!run.tasks[i].done)
            fail_schedule("a wake-up was lost");
    void *out[ITEMS_MAX];
    keep(out, ring_pop_many(run.ring, out, ITEMS_MAX));
    check_items();
    if (ring_depth(run.ring) != 0)
        fail_schedule("the ring is empty but does not say so");
    ring_destroy(run.ring);
    doorbell_destroy(run.bell);
}

/* Moves the walk to the next schedule; false when there is none. */
static bool advance(void)
{
    while (run.depth > 0) {
        struct choice *choice = &run.choices[run.depth - 1];
        if (choice->taken + 1 < choice->options) {
            choice->taken++;
            return true;
        }
        choice->taken = 0;
        run.depth--;
    }
    return false;
}

static void walk(void **state)
{
    size_t schedules = 0;
    run.scenario = *state;
    memset(run.choices, 0, sizeof(run.choices));
    run.current = -1;
    for (int i = 0; i < TASKS; i++) {
        run.tasks[i].stack = malloc(STACK_BYTES);
        assert_non_null(run.tasks[i].stack);
    }
    do {
        run_schedule();
        schedules++;
    } while (advance());
    for (int i = 0; i < TASKS; i++)
        free(run.tasks[i].stack);
    print_message("%zu schedules\n", schedules);
    assert_true(schedules > 1);
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

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define UNDER_TSAN true
#else
#define UNDER_TSAN false
#endif

int main(void)
{
    struct CMUnitTest tests[sizeof(scenarios) / sizeof(scenarios[0])] = {0};
    if (UNDER_TSAN) {
        puts("1..0 # skip one thread that changes stacks: ThreadSanitizer cannot follow");
        return 0;
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tests[i].name = scenarios[i].name;
        tests[i].test_func = walk;
        tests[i].initial_state = &scenarios[i];
    }
    return cmocka_run_group_tests_name("ring steps", tests, NULL, NULL);
}
