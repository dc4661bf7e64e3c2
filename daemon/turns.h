/*
 * turns.h: whose request is next. Requests wait by the connection they came from, and connections
 * take turns: at each, one gets some commands done, or saves up for a request with more. So one
 * that asks for much waits for itself; another's request waits for a turn of each connection that
 * has something to do, whatever they have.
 *
 * The matcher's thread only.
 */
#ifndef PM_DAEMON_TURNS_H
#define PM_DAEMON_TURNS_H

#include "daemon/request.h"

enum { TURN_COMMANDS = 64 }; /* that a connection gets done at its turn */

struct turns;

/* For so many connections at a time, told apart by their numbers modulo that (connection.h). NULL
 * when memory is short. */
struct turns *turns_create(uint32_t connections);
/* Nothing may be waiting. NULL is allowed. */
void turns_destroy(struct turns *turns);

/* A request waits behind those of its connection. */
void turns_push(struct turns *turns, struct request *request);
/* Takes the next; NULL when none waits. */
struct request *turns_next(struct turns *turns);
/* How many wait. */
size_t turns_waiting(const struct turns *turns);

#endif
