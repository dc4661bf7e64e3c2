/*
 * agenda.c: see agenda.h: a binary heap by time, then by the order of adding.
 */
#include "agenda.h"

#include <stdlib.h>

static bool before(const struct agenda_item *a, const struct agenda_item *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static bool make_room(struct agenda *agenda)
{
    if (agenda->count < agenda->room)
        return true;
    size_t room = agenda->room != 0 ? agenda->room * 2 : 256;
    struct agenda_item *heap = realloc(agenda->heap, room * sizeof *heap);
    if (heap == NULL)
        return false;
    agenda->heap = heap;
    agenda->room = room;
    return true;
}

bool agenda_add(struct agenda *agenda, int64_t at, unsigned deed, size_t index)
{
    if (!make_room(agenda))
        return false;
    struct agenda_item item = {.at = at, .order = agenda->added++, .index = index, .deed = deed};
    size_t hole = agenda->count++;
    for (; hole > 0 && before(&item, &agenda->heap[(hole - 1) / 2]); hole = (hole - 1) / 2)
        agenda->heap[hole] = agenda->heap[(hole - 1) / 2];
    agenda->heap[hole] = item;
    return true;
}

bool agenda_take(struct agenda *agenda, struct agenda_item *out)
{
    if (agenda->count == 0)
        return false;
    *out = agenda->heap[0];
    struct agenda_item last = agenda->heap[--agenda->count];
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < agenda->count; hole = child) {
        if (child + 1 < agenda->count && before(&agenda->heap[child + 1], &agenda->heap[child]))
            child++;
        if (!before(&agenda->heap[child], &last))
            break;
        agenda->heap[hole] = agenda->heap[child];
    }
    agenda->heap[hole] = last;
    return true;
}
