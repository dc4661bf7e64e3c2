/*
 * tls_pair.c: see tls_pair.h.
 *
 * A call of the kernel costs more than passing a message on, so none is made to learn that there is
 * nothing: an end is read when epoll has told of it, and until a read came back short. What comes
 * together, in one record of TLS or several, is passed on together.
 */
#include "tls_pair.h"

#include "daemon/clock.h"
#include "daemon/peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURN = 16 /* buffers each way, before others have theirs */ };

struct tls_pair *tls_pair_create(SSL_CTX *context, int far, const struct sockaddr_storage *peer)
{
    struct tls_pair *pair = malloc(sizeof *pair);
    SSL *ssl = pair ? tls_on(context, far) : NULL;
    int one = 1;
    if (!ssl) {
        free(pair);
        close(far);
        return NULL;
    }
    setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pair->begun_s = clock_steady_s();
    pair->far = (struct tls_end){.pair = pair, .fd = far};
    pair->near = (struct tls_end){.pair = pair, .fd = -1};
    pair->port = 0;
    pair->agreed = pair->over = false;
    pair->ssl = ssl;
    pair->peer = *peer;
    pair->in.begin = pair->in.end = pair->out.begin = pair->out.end = 0;
    return pair;
}

void tls_pair_destroy(struct tls_pair *pair)
{
    if (pair->agreed)
        SSL_shutdown(pair->ssl);
    ERR_clear_error();
    SSL_free(pair->ssl);
    close(pair->far.fd);
    if (pair->port)
        peer_unrelay(pair->port);
    if (pair->near.fd >= 0)
        close(pair->near.fd);
    free(pair);
}

void tls_end_told(struct tls_end *end, uint32_t events)
{
    end->ready = true;
    end->ending |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
}

/* ---- The way to nng ---- */

/* From a port that is known before anything can be seen of it, so that the peer is. */
static bool dial(struct tls_pair *pair, const struct sockaddr_in *near)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof own;
    int one = 1;
    int near_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    pair->near.fd = near_fd;
    if (near_fd < 0 || bind(near_fd, (struct sockaddr *)&own, size) != 0 ||
        getsockname(near_fd, (struct sockaddr *)&own, &size) != 0)
        return false;
    setsockopt(near_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pair->port = own.sin_port;
    peer_relay(pair->port, &pair->peer);
    return connect(near_fd, (const struct sockaddr *)near, sizeof *near) == 0 ||
           errno == EINPROGRESS;
}

/* ---- Passing on ---- */

enum step { NOTHING, MOVED, OVER };

/* What a call of OpenSSL's that did not do it means. */
static enum step not_done(struct tls_pair *pair, int result)
{
    int error = SSL_get_error(pair->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? NOTHING : OVER;
}

static enum step not_done_near(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EINTR) ? NOTHING : OVER;
}

/* Reads what has come over TLS, as much as there is and there is room for. */
static enum step read_far(struct tls_pair *pair)
{
    struct tls_flow *flow = &pair->in;
    size_t got;
    flow->begin = flow->end = 0;
    do {
        int result =
            SSL_read_ex(pair->ssl, flow->bytes + flow->end, sizeof flow->bytes - flow->end, &got);
        enum step step = result == 1 ? MOVED : not_done(pair, result);
        pair->far.ready = step != NOTHING;
        if (step != MOVED)
            return flow->end > 0 ? MOVED : step;
        flow->end += got;
    } while (flow->end < sizeof flow->bytes && SSL_has_pending(pair->ssl));
    return MOVED;
}

/* The same of what nng answers. After a short read there is no more, unless the end, of which epoll
 * has told already and will not again. */
static enum step read_near(struct tls_pair *pair)
{
    struct tls_flow *flow = &pair->out;
    ssize_t got = recv(pair->near.fd, flow->bytes, sizeof flow->bytes, 0);
    if (got <= 0) {
        enum step step = not_done_near(got);
        pair->near.ready = step != NOTHING;
        return step;
    }
    pair->near.ready = (size_t)got == sizeof flow->bytes || pair->near.ending;
    flow->begin = 0;
    flow->end = (size_t)got;
    return MOVED;
}

static enum step pass_in(struct tls_pair *pair)
{
    struct tls_flow *flow = &pair->in;
    if (flow->begin == flow->end) {
        enum step step = pair->far.ready ? read_far(pair) : NOTHING;
        if (step != MOVED)
            return step;
    }
    ssize_t sent =
        send(pair->near.fd, flow->bytes + flow->begin, flow->end - flow->begin, MSG_NOSIGNAL);
    if (sent <= 0)
        return not_done_near(sent);
    flow->begin += (size_t)sent;
    return MOVED;
}

static enum step pass_out(struct tls_pair *pair)
{
    struct tls_flow *flow = &pair->out;
    size_t sent;
    if (flow->begin == flow->end) {
        enum step step = pair->near.ready ? read_near(pair) : NOTHING;
        if (step != MOVED)
            return step;
    }
    int result = SSL_write_ex(pair->ssl, flow->bytes + flow->begin, flow->end - flow->begin, &sent);
    if (result != 1)
        return not_done(pair, result);
    flow->begin += sent;
    return MOVED;
}

static enum step agree(struct tls_pair *pair, const struct sockaddr_in *near)
{
    int result = SSL_accept(pair->ssl);
    if (result != 1)
        return not_done(pair, result);
    pair->agreed = true;
    return dial(pair, near) ? MOVED : OVER;
}

enum tls_pair_state tls_pair_advance(struct tls_pair *pair, const struct sockaddr_in *near)
{
    ERR_clear_error();
    enum step step = pair->agreed ? MOVED : agree(pair, near);
    for (int i = 0; i < TURN && step == MOVED; i++) {
        enum step in = pass_in(pair), out = in == OVER ? OVER : pass_out(pair);
        step = in == OVER || out == OVER ? OVER : in == MOVED || out == MOVED ? MOVED : NOTHING;
    }
    return step == OVER ? TLS_PAIR_ENDED : step == MOVED ? TLS_PAIR_HAS_MORE : TLS_PAIR_WAITS;
}
