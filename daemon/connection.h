/*
 * connection.h: counts what each connection has outstanding, so that one client cannot take what
 * there is for all. Lock-free, for any thread.
 *
 * A connection is known by its number (streams.h), which does not soon come again: so a late leave
 * of one that has gone finds either its number or another one, and never harms the other.
 */
#ifndef PM_DAEMON_CONNECTION_H
#define PM_DAEMON_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONNECTION_OUTSTANDING_MAX = 64, /* requests of a connection in work */
    CONNECTION_BUSY_MAX = 64,        /* and refusals meanwhile, before it is told nothing more */
};

struct connections;

/* Where a connection is in the table: for leaving without a search. */
struct connection_ref {
    uint32_t id; /* its number, never 0 */
    uint32_t slot;
};

enum connection_verdict {
    CONNECTION_ADMITTED, /* and counted: connection_leave() must follow */
    CONNECTION_BUSY,     /* answer `busy`: it has too many outstanding */
    CONNECTION_FLOOD,    /* say nothing: it goes on although it was told so */
    CONNECTION_GONE,     /* its end has been notified already: nobody waits for an answer */
};

/* Makes a table for `capacity` connections, a power of two of 32 at least; NULL when memory is
 * short. Free it with connections_destroy(). */
struct connections *connections_create(uint32_t capacity);
void connections_destroy(struct connections *connections);

/* A connection has come. False when the table has no room near its place: refuse the connection. */
bool connections_add(struct connections *connections, uint32_t id);

/* Keeps a number of the caller's with a connection that has been added, from before its first
 * request; and gives it back for one that was admitted, 0 when that has gone: never another's. */
void connections_mark(struct connections *connections, uint32_t id, uint64_t mark);
uint64_t connections_marked(const struct connections *connections, struct connection_ref ref);

/* It has gone; nothing when it was never added. */
void connections_remove(struct connections *connections, uint32_t id);

/* It has sent a request. `ref` is filled when it was admitted. */
enum connection_verdict connections_enter(struct connections *connections, uint32_t id,
                                          struct connection_ref *ref);

/* An admitted request has been answered. */
void connections_leave(struct connections *connections, struct connection_ref ref);

/* Calls found() for each connection that has sent no message since the call before, and has nothing
 * outstanding. One thread at a time. */
typedef void connection_found(void *context, uint32_t id);
void connections_find_idle(struct connections *connections, connection_found *found, void *context);

/* How many requests of an admitted one's are in work. */
uint32_t connections_outstanding(const struct connections *connections, struct connection_ref ref);
/* How many there may be: slots are below it. */
uint32_t connections_capacity(const struct connections *connections);
/* How many there are now. */
uint32_t connections_count(const struct connections *connections);

#endif
