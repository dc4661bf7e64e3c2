/*
 * diary.c: see diary.h: a binary heap by time, then by the order of adding.
 */
#include "diary.h"

#include <stdlib.h>

static bool before(const struct diary_item *a, const struct diary_item *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static bool make_room(struct diary *diary)
{
    if (diary->count < diary->room)
        return true;
    size_t room = diary->room != 0 ? diary->room * 2 : 256;
    struct diary_item *heap = realloc(diary->heap, room * sizeof *heap);
    if (heap == NULL)
        return false;
    diary->heap = heap;
    diary->room = room;
    return true;
}

bool diary_add(struct diary *diary, int64_t at, unsigned deed, size_t index)
{
    if (!make_room(diary))
        return false;
    struct diary_item item = {.at = at, .order = diary->added++, .index = index, .deed = deed};
    size_t hole = diary->count++;
    for (; hole > 0 && before(&item, &diary->heap[(hole - 1) / 2]); hole = (hole - 1) / 2)
        diary->heap[hole] = diary->heap[(hole - 1) / 2];
    diary->heap[hole] = item;
    return true;
}

bool diary_take(struct diary *diary, struct diary_item *out)
{
    if (diary->count == 0)
        return false;
    *out = diary->heap[0];
    struct diary_item last = diary->heap[--diary->count];
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < diary->count; hole = child) {
        if (child + 1 < diary->count && before(&diary->heap[child + 1], &diary->heap[child]))
            child++;
        if (!before(&diary->heap[child], &last))
            break;
        diary->heap[hole] = diary->heap[child];
    }
    diary->heap[hole] = last;
    return true;
}
