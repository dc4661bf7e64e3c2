/*
 * tls_pair.h: one connection over TLS, and the one on loopback by which the streams are given
 * what comes over it. For one thread, which notes what epoll tells and then calls
 * tls_pair_advance().
 */
#ifndef PM_DAEMON_TLS_PAIR_H
#define PM_DAEMON_TLS_PAIR_H

#include "client/tls.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/queue.h>

enum { TLS_PAIR_BUFFER = 16384 }; /* bytes on their way, in each direction: a record of TLS */

/* One of a pair's two sockets, as the owner's epoll tells of it. */
struct tls_end {
    struct tls_pair *pair;
    int fd;
    bool ready;  /* there may be something to read: told of, and not yet read to its end */
    bool ending; /* the other side has ended, or it is broken */
};

struct tls_flow {
    size_t begin, end;
    uint8_t bytes[TLS_PAIR_BUFFER];
};

struct tls_pair {
    TAILQ_ENTRY(tls_pair) entry; /* the owner's */
    uint64_t begun_s;            /* by clock_steady_s() */
    struct tls_end far, near;    /* near is of loopback; fd -1: none yet */
    uint16_t port;               /* near's own, network order; 0: none */
    bool agreed;                 /* on TLS; only then there is a near */
    bool over;                   /* is about to be destroyed */
    SSL *ssl;
    struct sockaddr_storage peer;
    struct tls_flow in, out;
};

TAILQ_HEAD(tls_pairs, tls_pair);

/* Takes a socket over, not blocking, that somebody has connected by; NULL when memory is short, and
 * the socket is closed. */
struct tls_pair *tls_pair_create(SSL_CTX *context, int far, const struct sockaddr_storage *peer);

/* Ends both connections. */
void tls_pair_destroy(struct tls_pair *pair);

enum tls_pair_state {
    TLS_PAIR_WAITS,    /* until a socket is ready for more */
    TLS_PAIR_HAS_MORE, /* it has had its turn */
    TLS_PAIR_ENDED,    /* to be destroyed */
};

/* Notes what epoll says of an end, edge-triggered and with EPOLLRDHUP. */
void tls_end_told(struct tls_end *end, uint32_t events);

/* Goes on as far as the sockets let it, and not for too long. `near` is where the streams listen.
 */
enum tls_pair_state tls_pair_advance(struct tls_pair *pair, const struct sockaddr_in *near);

#endif
