/*
 * steps.c - see steps.h.
 */
#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

enum { DEPTH_MAX = 256 /* steps of one schedule */, STACK_BYTES = 64 * 1024 };

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
    const struct steps *steps;
    struct task tasks[STEPS_TASKS_MAX];
    int current; /* the task running, or -1: the scheduler */
    ucontext_t scheduler;
    const char *wrong; /* the first that was */

    struct choice choices[DEPTH_MAX];
    int trace[DEPTH_MAX];
    int depth;
} run = {.current = -1};

void steps_step(void)
{
    if (run.current >= 0)
        swapcontext(&run.tasks[run.current].context, &run.scheduler);
}

void steps_check(bool good, const char *what)
{
    if (!good && !run.wrong)
        run.wrong = what;
}

void steps_sleep(_Atomic uint32_t *word, uint32_t value)
{
    if (atomic_load(word) == value) {
        run.tasks[run.current].asleep_on = word;
        steps_step();
    }
}

void steps_wake(_Atomic uint32_t *word)
{
    for (int i = 0; i < run.steps->tasks; i++)
        if (run.tasks[i].asleep_on == word)
            run.tasks[i].asleep_on = NULL;
}

static void task_main(int id)
{
    run.steps->task(id);
    run.tasks[id].done = true;
}

static bool able(int id)
{
    return !run.tasks[id].done && run.tasks[id].asleep_on == NULL;
}

static void fail_if_wrong(void)
{
    if (!run.wrong)
        return;
    print_error("%s; schedule:", run.wrong);
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
    int options[STEPS_TASKS_MAX];
    int n = 0;
    bool goes_on = last >= 0 && able(last);
    if (goes_on)
        options[n++] = last;
    bool may_switch =
        !goes_on || run.steps->preemptions < 0 || *preemptions < run.steps->preemptions;
    for (int i = 0; i < run.steps->tasks && may_switch; i++)
        if (i != last && able(i))
            options[n++] = i;
    if (n == 0)
        return -1;
    steps_check(run.depth < DEPTH_MAX, "a schedule has no end");
    fail_if_wrong();
    struct choice *choice = &run.choices[run.depth];
    choice->options = n;
    int task = options[choice->taken];
    *preemptions += goes_on && task != last;
    run.trace[run.depth++] = task;
    return task;
}

static void start(void)
{
    run.depth = 0;
    run.steps->begin();
    for (int i = 0; i < run.steps->tasks; i++) {
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

/* Runs one schedule to its end and checks it. */
static void run_schedule(void)
{
    int last = -1, preemptions = 0, task;
    start();
    while ((task = choose(last, &preemptions)) >= 0) {
        run.current = last = task;
        swapcontext(&run.scheduler, &run.tasks[task].context);
        run.current = -1;
        if (run.steps->after_step)
            run.steps->after_step();
        fail_if_wrong();
    }
    for (int i = 0; i < run.steps->tasks; i++)
        steps_check(run.tasks[i].done, "a wake-up was lost");
    fail_if_wrong();
    run.steps->end();
    fail_if_wrong();
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

size_t steps_walk(const struct steps *steps)
{
    size_t schedules = 0;
    run.steps = steps;
    run.wrong = NULL;
    run.current = -1;
    memset(run.choices, 0, sizeof(run.choices));
    for (int i = 0; i < steps->tasks; i++) {
        run.tasks[i].stack = malloc(STACK_BYTES);
        assert_non_null(run.tasks[i].stack);
    }
    do {
        run_schedule();
        schedules++;
    } while (advance());
    for (int i = 0; i < steps->tasks; i++)
        free(run.tasks[i].stack);
    print_message("%zu schedules\n", schedules);
    return schedules;
}

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif

bool steps_possible(void)
{
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
    puts("1..0 # skip one thread that changes stacks: ThreadSanitizer cannot follow");
    return false;
#else
    return true;
#endif
}
