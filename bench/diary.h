/*
 * diary.h: what happens next in a replay: things to be done at a time, the earliest first.
 */
#ifndef PM_BENCH_DIARY_H
#define PM_BENCH_DIARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diary_item {
    int64_t at;
    uint64_t order; /* settles what comes at the same time: as it was added */
    size_t index;   /* of whatever it is done to */
    unsigned deed;
};

/* All zero is an empty one. The caller frees `heap` in the end. */
struct diary {
    struct diary_item *heap; /* the first is the earliest */
    size_t count, room;
    uint64_t added;
};

/* False when out of memory. */
bool diary_add(struct diary *diary, int64_t at, unsigned deed, size_t index);
/* Takes the earliest; false when there is none. */
bool diary_take(struct diary *diary, struct diary_item *out);

#endif
