/*
 * turns.c: see turns.h. A queue for each connection, and a circle of those that have something in
 * theirs: deficit round robin, counted in commands.
 */
#include "turns.h"

#include <stdlib.h>

struct queue {
    struct request *first, *last;
    uint32_t next;   /* 1 + place of the next in the circle */
    uint32_t credit; /* commands that it may yet have done */
};

struct turns {
    uint32_t connections;
    uint32_t first, last; /* 1 + places of the circle's ends; 0: it is empty */
    size_t waiting;
    struct queue queue[];
};

struct turns *turns_create(uint32_t connections)
{
    struct turns *turns = calloc(1, sizeof *turns + connections * sizeof turns->queue[0]);
    if (turns)
        turns->connections = connections;
    return turns;
}

void turns_destroy(struct turns *turns)
{
    free(turns);
}

/* To the circle's end, for its next turn. */
static void enter(struct turns *turns, uint32_t place)
{
    turns->queue[place].next = 0;
    turns->queue[place].credit += TURN_COMMANDS;
    if (turns->last != 0)
        turns->queue[turns->last - 1].next = place + 1;
    else
        turns->first = place + 1;
    turns->last = place + 1;
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
    uint32_t place = request->from % turns->connections;
    struct queue *queue = &turns->queue[place];
    request->next = NULL;
    turns->waiting++;
    if (queue->first != NULL) {
        queue->last->next = request;
        queue->last = request;
        return;
    }
    queue->first = queue->last = request;
    queue->credit = 0; /* nobody saves up while there is nothing to do */
    enter(turns, place);
}

struct request *turns_next(struct turns *turns)
{
    while (turns->first != 0) {
        uint32_t place = turns->first - 1;
        struct queue *queue = &turns->queue[place];
        struct request *request = queue->first;
        if (request->wire.count > queue->credit) {
            leave(turns);
            enter(turns, place);
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
