/*
 * tls_carrier.c: see tls_carrier.h.
 *
 * A call of the kernel costs more than handing a message over, so none is made to learn that there
 * is nothing: the socket is read when epoll has told of it, and until a read came back short. What
 * comes together, in one record of TLS or several, is handed over together.
 */
#include "tls_carrier.h"

#include "daemon/clock.h"
#include "daemon/tls_door.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    TURN = 16,             /* times each way, before others have theirs, */
    TURN_BYTES = 64 << 10, /* and bytes read, whatever they hold */
    RECORD = 16384,        /* bytes of one record of TLS, at most */
};

/* ---- What the streams ask; of any thread but for receive ---- */

static struct tls_carrier *tls_of(struct carrier *carrier)
{
    return (struct tls_carrier *)carrier; /* its first member */
}

static void tls_receive(struct carrier *carrier, uint8_t *bytes, size_t size)
{
    tls_of(carrier)->room = bytes;
    tls_of(carrier)->room_size = size;
}

static void tls_send(struct carrier *carrier, const uint8_t *bytes, size_t size)
{
    tls_of(carrier)->leaving = bytes;
    tls_of(carrier)->leaving_size = size;
    tls_door_ask(tls_of(carrier), TLS_ASK_SEND);
}

static void tls_close(struct carrier *carrier)
{
    tls_door_ask(tls_of(carrier), TLS_ASK_CLOSE);
}

static void tls_free(struct carrier *carrier)
{
    tls_door_ask(tls_of(carrier), TLS_ASK_FREE);
}

static const struct carrier_kind tls_kind = {
    .receive = tls_receive, .send = tls_send, .close = tls_close, .free = tls_free};

/* ---- Its life ---- */

struct tls_carrier *tls_carrier_create(struct tls_door *door, SSL_CTX *context, int fd,
                                       const struct sockaddr_storage *peer)
{
    struct tls_carrier *carrier = calloc(1, sizeof *carrier);
    SSL *ssl = carrier ? tls_on(context, fd) : NULL;
    int one = 1;
    if (!ssl) {
        free(carrier);
        close(fd);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    carrier->carrier.kind = &tls_kind;
    carrier->door = door;
    carrier->ssl = ssl;
    carrier->fd = fd;
    carrier->peer = peer_from(peer);
    carrier->begun_s = clock_steady_s();
    return carrier;
}

void tls_carrier_destroy(struct tls_carrier *carrier)
{
    if (carrier->agreed)
        SSL_shutdown(carrier->ssl);
    ERR_clear_error();
    SSL_free(carrier->ssl);
    close(carrier->fd);
    free(carrier);
}

void tls_carrier_told(struct tls_carrier *carrier, uint32_t events)
{
    carrier->ready = true;
    carrier->ending |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
}

/* ---- Going on ---- */

enum step { NOTHING, MOVED, BROKEN };

/* What a call of OpenSSL's came to. */
static enum step step_of(struct tls_carrier *carrier, int result)
{
    if (result == 1)
        return MOVED;
    int error = SSL_get_error(carrier->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? NOTHING : BROKEN;
}

/* Nothing more could be read: because there is nothing, or because others have their turn. What is
 * drained may have its end behind, of which epoll has told already and will not again. */
static void note_readiness(struct tls_carrier *carrier)
{
    carrier->ready = carrier->ending || !tls_is_drained(carrier->ssl);
}

/* Receives what has come, as much as there is and there is room for. */
static enum step receive(struct tls_carrier *carrier)
{
    size_t have = 0, got;
    enum step step = carrier->room && carrier->ready ? MOVED : NOTHING;
    while (step == MOVED && have < carrier->room_size) {
        step = step_of(carrier, SSL_read_ex(carrier->ssl, carrier->room + have,
                                            carrier->room_size - have, &got));
        have += step == MOVED ? got : 0;
        if (step != MOVED)
            note_readiness(carrier);
    }
    carrier->broken |= step == BROKEN;
    if (have == 0)
        return step;
    carrier->room = NULL;
    streams_received(carrier->carrier.connection, have);
    return MOVED;
}

static enum step send_some(struct tls_carrier *carrier)
{
    size_t have = 0, sent;
    enum step step = (carrier->due & TLS_ASK_SEND) != 0 ? MOVED : NOTHING;
    while (step == MOVED && have < carrier->leaving_size && have < TURN_BYTES) {
        size_t left = carrier->leaving_size - have;
        step = step_of(carrier, SSL_write_ex(carrier->ssl, carrier->leaving + have,
                                             left < RECORD ? left : RECORD, &sent));
        have += step == MOVED ? sent : 0;
    }
    carrier->broken |= step == BROKEN;
    if (have == 0)
        return step;
    carrier->due &= ~(unsigned)TLS_ASK_SEND;
    streams_sent(carrier->carrier.connection, have);
    return MOVED;
}

void tls_carrier_break(struct tls_carrier *carrier)
{
    carrier->broken = true;
    if (carrier->room) {
        carrier->room = NULL;
        streams_received(carrier->carrier.connection, 0);
    }
    if ((carrier->due & TLS_ASK_SEND) != 0) {
        carrier->due &= ~(unsigned)TLS_ASK_SEND;
        streams_sent(carrier->carrier.connection, 0);
    }
}

static enum step agree(struct tls_carrier *carrier, struct streams *streams)
{
    enum step step = step_of(carrier, SSL_accept(carrier->ssl));
    carrier->agreed = step == MOVED;
    if (step == MOVED)
        streams_begin(streams, &carrier->carrier, false, &carrier->peer);
    else
        note_readiness(carrier);
    return step;
}

static bool has_more(const struct tls_carrier *carrier, enum step step)
{
    bool reads = carrier->ready && (carrier->room || !carrier->agreed);
    return !carrier->broken && (step == MOVED || reads);
}

enum tls_carrier_state tls_carrier_advance(struct tls_carrier *carrier, struct streams *streams)
{
    ERR_clear_error();
    if (carrier->ready)
        tls_allow(carrier->ssl, TURN_BYTES);
    enum step step = carrier->agreed ? MOVED : agree(carrier, streams);
    if (step == BROKEN)
        return TLS_CARRIER_ENDED;
    carrier->broken |= (carrier->due & TLS_ASK_CLOSE) != 0;
    for (int i = 0; i < TURN && step == MOVED && !carrier->broken; i++) {
        enum step out = send_some(carrier), in = receive(carrier);
        step = out == MOVED || in == MOVED ? MOVED : NOTHING;
    }
    if (carrier->broken)
        tls_carrier_break(carrier);
    return has_more(carrier, step) ? TLS_CARRIER_HAS_MORE : TLS_CARRIER_WAITS;
}
