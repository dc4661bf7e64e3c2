/*
 * solver_room.h - the solver's workspace, of which it takes list after list. Included by
 * core/solver*.c alone.
 *
 * Who lays lists out does so twice by the same code: once without bytes, which says how many it
 * takes.
 */
#ifndef PM_SOLVER_ROOM_H
#define PM_SOLVER_ROOM_H

#include <stddef.h>
#include <stdint.h>

struct room {
    uint8_t *bytes; /* null: only counted */
    size_t used;
};

/* So many of that size, at a cache line's start; null where they are only counted. */
static inline void *room_take(struct room *room, size_t count, size_t size)
{
    enum { LINE = 64 };
    void *taken = room->bytes != NULL ? room->bytes + room->used : NULL;
    room->used += (count * size + LINE - 1) / LINE * LINE;
    return taken;
}

#define TAKE(list, count) ((list) = room_take(room, (count), sizeof *(list)))

#endif
