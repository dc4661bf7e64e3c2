/*
 * server.h: takes requests: decodes and checks them, and pushes them to the matcher; what cannot be
 * taken is refused here. Runs on nng's threads, for several connections at once (streams.h).
 */
#ifndef PM_DAEMON_SERVER_H
#define PM_DAEMON_SERVER_H

#include "client/tls.h"
#include "daemon/connection.h"
#include "daemon/doorbell.h"
#include "daemon/gate.h"
#include "daemon/request.h"
#include "daemon/ring.h"
#include "daemon/stats.h"
#include "daemon/streams.h"

#include <stdbool.h>
#include <stddef.h>

struct server;

struct server_options {
    size_t message_max;    /* bytes; larger ones close their connection */
    uint32_t queue;        /* requests in work, a power of two */
    struct ring *ring;     /* to the matcher; holds `queue` */
    struct doorbell *bell; /* the matcher's */
    struct gate *gate;
    uint32_t ipc_mode;    /* of the sockets' files */
    struct tls_files tls; /* for tls+tcp; kept, and read again by server_renew_tls() */
    struct stats *stats;
};

/* Nobody can come yet, but by server_listen(). NULL, with a sentence, when that fails. */
struct server *server_open(const struct server_options *options, char error[256]);

/* Listens on one more URL. False, with a sentence. The URL that clients use is in out, port
 * included. */
bool server_listen(struct server *server, const char *url, char out[256], char error[256]);

/* Reads the certificate, key and authorities anew, and lets nobody in over TLS but by them: the
 * connections there are over TLS end, and their clients come again. What cannot be used is told in
 * the log, and all stays as it was. Waits for nobody. Of the thread that called server_listen(). */
void server_renew_tls(struct server *server);

/* From now on every request is refused with `stopping`. */
void server_refuse_all(struct server *server);

/* Ends receiving, refuses what is still in the ring, whose consumer must have ended, gives replies
 * on their way time to leave, and frees everything. NULL is allowed. False when nng did not close
 * connections in time: its threads may then go on using the server and its gate, which are kept. */
bool server_close(struct server *server);

struct streams *server_streams(const struct server *server);
struct connections *server_connections(struct server *server);

#endif
