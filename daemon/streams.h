/*
 * streams.h: the connections of clients: the server's end of nng's REQ/REP protocol, on nng's
 * streams of bytes instead of its sockets. A socket's threads take several turns for each message,
 * and it drops replies without a word; here what has come together is read together, replies that
 * wait for a connection leave together, and who does not read them is not read from.
 */
#ifndef PM_DAEMON_STREAMS_H
#define PM_DAEMON_STREAMS_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAMS_MAX = 1 << 15 /* connections at a time */ };

struct streams;

/* What their owner is told, on nng's threads; of one connection one thing after the other. */
struct streams_options {
    size_t message_max; /* bytes; a longer one ends its connection */
    void *context;
    /* A connection has come to this port (0: over ipc); false: it is not taken. */
    bool (*came)(void *context, uint32_t connection, nng_stream *stream, int port);
    /* A message of one that was taken; the callee's. */
    void (*received)(void *context, uint32_t connection, nng_msg *message);
    /* One that was taken has gone. */
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

/* After streams_stop(): ends all connections and frees everything. NULL is allowed. False when nng
 * did not give something back in time, and nothing is freed: nng may still use it. */
bool streams_destroy(struct streams *streams);

#endif
