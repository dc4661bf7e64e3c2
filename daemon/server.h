/*
 * server.h: the daemon's sockets. Receives requests, decodes and checks them, and pushes them to
 * the matcher; what cannot be taken is refused here. One raw REP socket of nng's serves all
 * listeners.
 *
 * Raw, because replies leave when they are durable, in any order, and a client that does not read
 * must not keep others waiting. Receiving runs on nng's threads, in as many callbacks as there are
 * receivers.
 */
#ifndef PM_DAEMON_SERVER_H
#define PM_DAEMON_SERVER_H

#include "daemon/connection.h"
#include "daemon/doorbell.h"
#include "daemon/gate.h"
#include "daemon/request.h"
#include "daemon/ring.h"
#include "daemon/stats.h"

#include <nng/nng.h>
#include <stdbool.h>
#include <stddef.h>

struct server;

struct server_options {
    size_t message_max;    /* bytes; larger ones close their connection */
    uint32_t queue;        /* requests in work, a power of two */
    struct ring *ring;     /* to the matcher; holds `queue` */
    struct doorbell *bell; /* the matcher's */
    struct gate *gate;
    uint32_t ipc_mode; /* of the sockets' files */
    struct stats *stats;
};

/* Opens the socket; nothing is received yet. NULL, with a sentence, when that fails. */
struct server *server_open(const struct server_options *options, char error[256]);

/* Listens on one more URL. False, with a sentence. The URL that clients use is in out, port
 * included. */
bool server_listen(struct server *server, const char *url, char out[256], char error[256]);

/* Begins to receive; after that, requests come into the ring. */
void server_start(struct server *server);

/* From now on every request is refused with `stopping`. */
void server_refuse_all(struct server *server);

/* Ends receiving, refuses what is still in the ring, whose consumer must have ended, gives replies
 * on their way time to leave, and frees everything. NULL is allowed. False when nng did not close
 * its socket in time: its threads may then go on using the server and its gate, which are kept. */
bool server_close(struct server *server);

nng_socket server_socket(const struct server *server);
struct connections *server_connections(struct server *server);

#endif
