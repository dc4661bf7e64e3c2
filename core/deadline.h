/*
 * deadline.h - what is due when: a heap of (time, owner), at most one entry an owner, the earliest
 * first and among equals the lowest owner, so that the order of what falls due depends on nothing
 * else. Derived: built anew when a state is restored.
 */
#ifndef PM_DEADLINE_H
#define PM_DEADLINE_H

#include <stdint.h>

/* Of what is due at the same time supply comes first: a new day's rate is in force before anybody
 * is asked that day. */
enum deadline_kind {
    DEADLINE_SERVICE,   /* another rate, an uplift, or the lot, takes effect */
    DEADLINE_POOL,      /* a capacity statement lapses */
    DEADLINE_PACKAGE,   /* whatever comes next for it: see package_fall_due() */
    DEADLINE_PRIORITY,  /* a package that waits becomes more urgent */
    DEADLINE_PLACEMENT, /* a kept place lapses; carers who were to stop, stop */
    DEADLINE_ROUNDS,    /* a calendar opens: rounds run */
    DEADLINE_KINDS
};

struct deadline {
    int64_t at;
    uint64_t slot : 32, kind : 32; /* enum deadline_kind; one word, so that it is moved as one */
};

struct deadlines {
    struct deadline *heap; /* [0, count) */
    uint32_t count;
    uint32_t *position[DEADLINE_KINDS]; /* by slot: place in the heap + 1, 0: none */
};

/* Sets or moves an owner's deadline; INT64_MAX takes it away. */
void deadline_set(struct deadlines *deadlines, enum deadline_kind kind, uint32_t slot, int64_t at);
void deadline_clear(struct deadlines *deadlines, enum deadline_kind kind, uint32_t slot);
/* The earliest time, INT64_MAX when there is none. */
int64_t deadline_next(const struct deadlines *deadlines);
/* Takes the earliest away and returns it. There must be one. */
struct deadline deadline_pop(struct deadlines *deadlines);

#endif
