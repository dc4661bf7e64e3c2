/* deadline.c - a 4-ary heap that knows where each owner's entry is. */
#include "deadline.h"

#include <stdbool.h>

enum { CHILDREN = 4 }; /* shallower than a binary heap, and four entries are one cache line */

static bool before(const struct deadline *a, const struct deadline *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->slot < b->slot;
}

static void put(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
    deadlines->heap[at] = deadline;
    deadlines->position[deadline.kind][deadline.slot] = at + 1;
}

static void rise(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / CHILDREN;
        if (!before(&deadline, &deadlines->heap[parent]))
            break;
        put(deadlines, at, deadlines->heap[parent]);
        at = parent;
    }
    put(deadlines, at, deadline);
}

static uint32_t earliest_child(const struct deadlines *deadlines, uint32_t at)
{
    uint32_t first = at * CHILDREN + 1, best = first;
    for (uint32_t child = first + 1; child < first + CHILDREN && child < deadlines->count; child++)
        if (before(&deadlines->heap[child], &deadlines->heap[best]))
            best = child;
    return best;
}

static void sink(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
    while (at * CHILDREN + 1 < deadlines->count) {
        uint32_t child = earliest_child(deadlines, at);
        if (!before(&deadlines->heap[child], &deadline))
            break;
        put(deadlines, at, deadlines->heap[child]);
        at = child;
    }
    put(deadlines, at, deadline);
}

static void settle(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
    if (at > 0 && before(&deadline, &deadlines->heap[(at - 1) / CHILDREN]))
        rise(deadlines, at, deadline);
    else
        sink(deadlines, at, deadline);
}

static void remove_at(struct deadlines *deadlines, uint32_t at)
{
    struct deadline gone = deadlines->heap[at];
    deadlines->position[gone.kind][gone.slot] = 0;
    struct deadline last = deadlines->heap[--deadlines->count];
    if (at < deadlines->count)
        settle(deadlines, at, last);
}

void deadline_set(struct deadlines *deadlines, enum deadline_kind kind, uint32_t slot, int64_t at)
{
    if (at == INT64_MAX) {
        deadline_clear(deadlines, kind, slot);
        return;
    }
    struct deadline deadline = {.at = at, .kind = (uint8_t)kind, .slot = slot};
    uint32_t position = deadlines->position[kind][slot];
    if (position != 0)
        settle(deadlines, position - 1, deadline);
    else
        rise(deadlines, deadlines->count++, deadline);
}

void deadline_clear(struct deadlines *deadlines, enum deadline_kind kind, uint32_t slot)
{
    uint32_t position = deadlines->position[kind][slot];
    if (position != 0)
        remove_at(deadlines, position - 1);
}

int64_t deadline_next(const struct deadlines *deadlines)
{
    return deadlines->count == 0 ? INT64_MAX : deadlines->heap[0].at;
}

struct deadline deadline_pop(struct deadlines *deadlines)
{
    struct deadline first = deadlines->heap[0];
    remove_at(deadlines, 0);
    return first;
}
