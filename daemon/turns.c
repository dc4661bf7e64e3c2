/*
 * turns.c: see turns.h. A queue for each connection, and a circle of those that have something in
 * theirs: deficit round robin, counted in commands.
 */
#include "turns.h"

#include <stdlib.h>

struct queue {
    struct request *first, *last;
    uint32_t next;   /* 1 + slot of the next in the circle */
    uint32_t credit; /* commands that it may yet have done */
};

struct turns {
    size_t waiting;
    uint32_t first, last; /* 1 + slots of the circle's ends; 0: it is empty */
    struct queue queue[];
};

struct turns *turns_create(uint32_t slots)
{
    return calloc(1, sizeof(struct turns) + slots * sizeof(struct queue));
}

void turns_destroy(struct turns *turns)
{
    free(turns);
}

/* To the circle's end, for its next turn. */
static void enter(struct turns *turns, uint32_t slot)
{
    turns->queue[slot].next = 0;
    turns->queue[slot].credit += TURN_COMMANDS;
    if (turns->last != 0)
        turns->queue[turns->last - 1].next = slot + 1;
    else
        turns->first = slot + 1;
    turns->last = slot + 1;
}

/* The first leaves the circle. */
static void leave(struct turns *turns)
{
    turns->first = turns->queue[turns->first - 1].next;
    if (turns->first == 0)
        turns->last = 0;
}

void turns_push(struct turns *turns, struct request *request)
{
    struct queue *queue = &turns->queue[request->from.slot];
    request->next = NULL;
    turns->waiting++;
    if (queue->first != NULL) {
        queue->last->next = request;
        queue->last = request;
        return;
    }
    queue->first = queue->last = request;
    queue->credit = 0; /* nobody saves up while there is nothing to do */
    enter(turns, request->from.slot);
}

struct request *turns_next(struct turns *turns)
{
    while (turns->first != 0) {
        uint32_t slot = turns->first - 1;
        struct queue *queue = &turns->queue[slot];
        struct request *request = queue->first;
        if (request->wire.count > queue->credit) {
            leave(turns);
            enter(turns, slot);
            continue;
        }
        queue->credit -= request->wire.count;
        queue->first = request->next;
        turns->waiting--;
        if (queue->first == NULL)
            leave(turns);
        return request;
    }
    return NULL;
}

size_t turns_waiting(const struct turns *turns)
{
    return turns->waiting;
}
