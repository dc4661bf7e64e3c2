/*
 * connection.h: counts what each connection has outstanding, so that one client cannot take what
 * there is for all. Lock-free, for any thread.
 *
 * A connection is known by its number (streams.h), which does not soon come again. Its place in the
 * table is that number modulo the table's capacity, and is another's only when it has gone: so a
 * late leave finds either its number or another one, and never harms the other.
 */
#ifndef PM_DAEMON_CONNECTION_H
#define PM_DAEMON_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONNECTION_OUTSTANDING_MAX = 64, /* requests of a connection in work */
};

struct connections;

enum connection_verdict {
    CONNECTION_ADMITTED, /* and counted: connections_leave() must follow */
    CONNECTION_BUSY,     /* answer `busy`: it has too many outstanding */
    CONNECTION_GONE,     /* its end has been notified already: nobody waits for an answer */
};

/* Makes a table for `capacity` connections, a power of two; NULL when memory is short. Free it with
 * connections_destroy(). */
struct connections *connections_create(uint32_t capacity);
void connections_destroy(struct connections *connections);

/* A connection has come, whose number is not 0, and the one that had its place has been removed. A
 * number of the caller's is kept with it. */
void connections_add(struct connections *connections, uint32_t id, uint64_t mark);

/* The number kept; 0 when it has gone: never another's. */
uint64_t connections_marked(const struct connections *connections, uint32_t id);

/* It has gone; nothing when it was never added, or has been removed. */
void connections_remove(struct connections *connections, uint32_t id);

/* It has sent a request. */
enum connection_verdict connections_enter(struct connections *connections, uint32_t id);

/* An admitted request of its has been answered. */
void connections_leave(struct connections *connections, uint32_t id);

/* Calls found() for each connection that has sent no message since the call before, and has nothing
 * outstanding. One thread at a time. */
typedef void connection_found(void *context, uint32_t id);
void connections_find_idle(struct connections *connections, connection_found *found, void *context);

/* How many requests of its are in work. */
uint32_t connections_outstanding(const struct connections *connections, uint32_t id);
/* How many there may be. */
uint32_t connections_capacity(const struct connections *connections);
/* How many there are now. */
uint32_t connections_count(const struct connections *connections);

#endif
