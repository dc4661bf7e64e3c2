/*
 * tls_carrier.h: carries a connection over TLS: see carrier.h. It is of the thread of its door
 * (tls_door.h), which notes what epoll tells and what others ask of it, and then calls
 * tls_carrier_advance().
 */
#ifndef PM_DAEMON_TLS_CARRIER_H
#define PM_DAEMON_TLS_CARRIER_H

#include "client/tls.h"
#include "daemon/carrier.h"
#include "daemon/streams.h"

#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct tls_door;

/* What others ask of it. */
enum { TLS_ASK_SEND = 1, TLS_ASK_CLOSE = 2, TLS_ASK_FREE = 4 };

struct tls_carrier {
    struct carrier carrier;
    TAILQ_ENTRY(tls_carrier) entry; /* the door's */
    struct tls_door *door;
    SSL *ssl;
    int fd;
    struct peer peer;
    uint32_t begun_s; /* by clock_steady_s() */
    bool agreed;      /* on TLS: from then on it is the streams' */
    bool over;        /* is about to be destroyed */
    bool ready;       /* there may be something to read: told of, and not yet read to its end */
    bool ending;      /* the other side has ended, or it is broken, as epoll told */
    bool broken;      /* nothing comes or goes any more */
    uint8_t *room;    /* where to receive, so many bytes; NULL: nothing is to be */
    size_t room_size;
    const uint8_t *leaving; /* what is to be sent: TLS_ASK_SEND says whether, */
    size_t leaving_size;    /* so many bytes */
    unsigned due;           /* what is asked of it, as the thread has taken it from `asked` */
    struct tls_carrier *next_due;
    unsigned asked; /* what others have asked; of the door's lock, as is */
    struct tls_carrier *next_asked;
};

TAILQ_HEAD(tls_carriers, tls_carrier);

/* Takes a socket over, not blocking, by which somebody has connected; NULL when memory is short,
 * and the socket is closed. */
struct tls_carrier *tls_carrier_create(struct tls_door *door, SSL_CTX *context, int fd,
                                       const struct sockaddr_storage *peer);
void tls_carrier_destroy(struct tls_carrier *carrier);

/* Notes what epoll says, edge-triggered and with EPOLLRDHUP. */
void tls_carrier_told(struct tls_carrier *carrier, uint32_t events);

/* Nothing comes or goes any more, and what was under way has failed. */
void tls_carrier_break(struct tls_carrier *carrier);

enum tls_carrier_state {
    TLS_CARRIER_WAITS,    /* until epoll tells of it, or it is asked */
    TLS_CARRIER_HAS_MORE, /* it has had its turn */
    TLS_CARRIER_ENDED,    /* TLS was not agreed on: to be destroyed */
};

/* Goes on as far as the socket lets it, and not for too long. When TLS is agreed on, it is given to
 * the streams. */
enum tls_carrier_state tls_carrier_advance(struct tls_carrier *carrier, struct streams *streams);

#endif
