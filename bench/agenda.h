/*
 * agenda.h: what happens next in a replay: things to be done at a time, the earliest first.
 */
#ifndef PM_BENCH_AGENDA_H
#define PM_BENCH_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda_item {
    int64_t at;
    uint64_t order; /* settles what comes at the same time: as it was added */
    size_t index;   /* of whatever it is done to */
    unsigned deed;
};

/* All zero is an empty one. The caller frees `heap` in the end. */
struct agenda {
    struct agenda_item *heap; /* the first is the earliest */
    size_t count, room;
    uint64_t added;
};

/* False when out of memory. */
bool agenda_add(struct agenda *agenda, int64_t at, unsigned deed, size_t index);
/* Takes the earliest; false when there is none. */
bool agenda_take(struct agenda *agenda, struct agenda_item *out);

#endif
