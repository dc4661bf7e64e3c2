/*
 * steps.h - code of several threads under the interleavings of its steps.
 *
 * The code under test is compiled into the test with a hook, steps_step(), before each access to
 * shared memory. Its threads are coroutines here; the hook gives control to a scheduler, which
 * walks depth first through all the schedules there are, or all with at most so many pre-emptions
 * (switches away from a task that could have gone on) where there are too many. Memory is
 * sequentially consistent: orderings are for ThreadSanitizer and for the comments in the code;
 * this is for the algorithm. Everything is deterministic; a failure prints its schedule, the task
 * run at each step.
 */
#ifndef PM_TEST_STEPS_H
#define PM_TEST_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_TASKS_MAX = 4 };

struct steps {
    int tasks;                /* how many, STEPS_TASKS_MAX at most */
    int preemptions;          /* at most; -1: every schedule */
    void (*begin)(void);      /* before each schedule: makes what is tested */
    void (*task)(int id);     /* what task `id`, from 0, does */
    void (*after_step)(void); /* NULL: nothing */
    void (*end)(void);        /* after each schedule, when all tasks are through: checks, frees */
};

/* Runs every schedule; fails the test at the first that goes wrong or in which all tasks sleep.
 * How many there were. */
size_t steps_walk(const struct steps *steps);

/* The hook. Does nothing outside tasks. */
void steps_step(void);

/* What is wrong with this schedule, when `good` is false; from anywhere, tasks included, which go
 * on to their next step. */
void steps_check(bool good, const char *what);

/* As the kernel's futex does: looks at the word and, if it is `value`, sleeps until woken, in one
 * step. Called by a task. */
void steps_sleep(_Atomic uint32_t *word, uint32_t value);
void steps_wake(_Atomic uint32_t *word);

/* Whether the program can do this: ThreadSanitizer cannot follow a thread that changes stacks. If
 * not, says so in TAP. */
bool steps_possible(void);

#endif
