/*
 * streams.h: the connections of clients: the server's end of nng's REQ/REP protocol, on streams of
 * bytes instead of nng's sockets. A socket's threads take several turns for each message, and it
 * drops replies without a word; here what has come together is read together, replies that wait for
 * a connection leave together, and who does not read them is not read from.
 */
#ifndef PM_DAEMON_STREAMS_H
#define PM_DAEMON_STREAMS_H

#include "daemon/carrier.h"
#include "daemon/peer.h"

#include <nng/nng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAMS_MAX = 1 << 15 /* connections at a time */ };

struct streams;

/* What their owner is told, on threads of the carriers'; of one connection one thing after the
 * other. */
struct streams_options {
    size_t message_max; /* bytes; a longer one ends its connection */
    size_t owed_max;    /* bytes of all replies that wait, beyond which each connection may be owed
                         * its share of that and no more, or it ends; 0: 128 MiB */
    uint32_t greet_s;   /* until when a client must say what it is; 0: 10 */
    void *context;
    /* A connection has come. */
    void (*came)(void *context, uint32_t connection, const struct peer *peer);
    /* A message of its; the callee's. */
    void (*received)(void *context, uint32_t connection, nng_msg *message);
    /* It has gone. */
    void (*gone)(void *context, uint32_t connection);
};

/* NULL when memory is short. */
struct streams *streams_create(const struct streams_options *options);

/* Takes connections at one more URL, ipc:// or tcp://, whose socket gets the mode over ipc. 0 or
 * nng's error; *port is what the system chose, over tcp. */
int streams_listen(struct streams *streams, const char *url, int ipc_mode, int *port);

/* Takes a reply over, with the header of its request, to leave by streams_flush() at the latest;
 * nothing when its connection has gone. Any thread; never waits. */
void streams_put(struct streams *streams, uint32_t connection, nng_msg *reply);
void streams_flush(struct streams *streams, uint32_t connection);
/* Both. */
void streams_send(struct streams *streams, uint32_t connection, nng_msg *reply);

/* Ends a connection; nothing when it has gone. Any thread. */
void streams_end(struct streams *streams, uint32_t connection);

/* Takes no more connections or messages: when it returns, none is being handed over. */
void streams_stop(struct streams *streams);
/* Waits until all replies have left, but no longer than so many milliseconds. */
void streams_drain(struct streams *streams, unsigned ms);

/* After streams_stop(): ends all connections. False when a carrier did not give something back in
 * time: it may still use the streams. */
bool streams_close(struct streams *streams);
/* After streams_close(), and when no carrier begins any more. Both take NULL. */
void streams_destroy(struct streams *streams);

/* ---- For carriers ---- */

/* A connection has come, which begins at once; framed as over ipc, or as over tcp. The carrier is
 * the streams' from here on, also when there is no room for it. */
void streams_begin(struct streams *streams, struct carrier *carrier, bool ipc,
                   const struct peer *peer);

/* So many bytes have been received, or sent; 0: no more will be, the connection is over. */
void streams_received(struct connection *connection, size_t count);
void streams_sent(struct connection *connection, size_t count);

#endif
