/*
 * channel.c: see channel.h.
 */
#include "client/channel.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t channel_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Waiting ---- */

enum channel_result channel_wait(const struct channel *channel, short events, int64_t until)
{
    struct pollfd one = {.fd = channel->socket, .events = events};
    int result;
    do {
        int64_t now = channel_clock();
        int64_t left = until - now < INT_MAX ? until - now : INT_MAX;
        result = left > 0 ? poll(&one, 1, (int)left) : 0;
    } while (result < 0 && errno == EINTR);
    return result > 0 ? CHANNEL_DONE : CHANNEL_BROKEN;
}

/* What OpenSSL waits for; 0: nothing, it has failed. */
static short events_of(const struct channel *channel, int result)
{
    switch (SSL_get_error(channel->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return POLLIN;
    case SSL_ERROR_WANT_WRITE:
        return POLLOUT;
    default:
        return 0;
    }
}

enum channel_result channel_wait_for_tls(const struct channel *channel, int result, int64_t until)
{
    short events = events_of(channel, result);
    return events != 0 ? channel_wait(channel, events, until) : CHANNEL_BROKEN;
}

/* ---- Bytes ---- */

/* How many could be sent now, of bytes that are only read; when none, what to wait for is in
 * *events, or 0. */
static size_t put_some(struct channel *channel, uint8_t *bytes, size_t size, short *events)
{
    size_t done = 0;
    if (channel->ssl != NULL) {
        int result = SSL_write_ex(channel->ssl, bytes, size, &done);
        *events = result == 1 ? 0 : events_of(channel, result);
        return result == 1 ? done : 0;
    }
    ssize_t sent = send(channel->socket, bytes, size, MSG_NOSIGNAL);
    *events = sent < 0 && (errno == EAGAIN || errno == EINTR) ? POLLOUT : 0;
    return sent > 0 ? (size_t)sent : 0;
}

/* Likewise how many have come. */
static size_t take_some(struct channel *channel, uint8_t *bytes, size_t size, short *events)
{
    size_t done = 0;
    if (channel->ssl != NULL) {
        int result = SSL_read_ex(channel->ssl, bytes, size, &done);
        *events = result == 1 ? 0 : events_of(channel, result);
        return result == 1 ? done : 0;
    }
    ssize_t got = recv(channel->socket, bytes, size, 0);
    *events = got < 0 && (errno == EAGAIN || errno == EINTR) ? POLLIN : 0;
    return got > 0 ? (size_t)got : 0;
}

typedef size_t some(struct channel *channel, uint8_t *bytes, size_t size, short *events);

static enum channel_result all(some *move_some, struct channel *channel, uint8_t *bytes,
                               size_t size, int64_t until)
{
    enum channel_result result = CHANNEL_DONE;
    size_t used = 0;
    ERR_clear_error();
    while (result == CHANNEL_DONE && used < size) {
        short events;
        size_t done = move_some(channel, bytes + used, size - used, &events);
        used += done;
        if (done == 0)
            result = events != 0 ? channel_wait(channel, events, until) : CHANNEL_BROKEN;
    }
    return result;
}

enum channel_result channel_put(struct channel *channel, const void *bytes, size_t size,
                                int64_t until)
{
    return all(put_some, channel, (uint8_t *)(uintptr_t)bytes, size, until);
}

enum channel_result channel_take(struct channel *channel, void *bytes, size_t size, int64_t until)
{
    return all(take_some, channel, bytes, size, until);
}

bool channel_has_ended(struct channel *channel)
{
    uint8_t byte;
    if (channel->ssl == NULL) {
        ssize_t got = recv(channel->socket, &byte, 1, MSG_PEEK);
        return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    ERR_clear_error();
    int result = SSL_peek(channel->ssl, &byte, 1);
    return result <= 0 && SSL_get_error(channel->ssl, result) != SSL_ERROR_WANT_READ;
}

/* ---- Connecting ---- */

static enum channel_result connect_to(struct channel *channel, const struct sockaddr *address,
                                      socklen_t length, int64_t until)
{
    int one = 1, failure = 0;
    socklen_t size = sizeof failure;
    channel->socket = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (channel->socket < 0)
        return CHANNEL_BROKEN;
    if (address->sa_family != AF_UNIX)
        setsockopt(channel->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    enum channel_result result = connect(channel->socket, address, length) == 0 ? CHANNEL_DONE
                                 : errno == EINPROGRESS ? channel_wait(channel, POLLOUT, until)
                                                        : CHANNEL_BROKEN;
    if (result == CHANNEL_DONE &&
        (getsockopt(channel->socket, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0))
        result = CHANNEL_BROKEN;
    if (result != CHANNEL_DONE)
        channel_close(channel);
    return result;
}

static enum channel_result connect_to_path(struct channel *channel, const char *path, int64_t until)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1)); /* ends with a 0 */
    return connect_to(channel, (const struct sockaddr *)&address, sizeof address, until);
}

/* Until when this address may take: one that swallows what is sent leaves time for those after it.
 */
static int64_t share_of(const struct addrinfo *address, int64_t until)
{
    int64_t now = channel_clock(), addresses = 0;
    for (; address != NULL; address = address->ai_next)
        addresses++;
    return now + (until - now) / addresses;
}

enum channel_result channel_connect(struct channel *channel, const struct endpoint *endpoint,
                                    int64_t until)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    enum channel_result result = CHANNEL_BROKEN;
    if (endpoint->kind == ENDPOINT_IPC)
        return connect_to_path(channel, endpoint->host, until);
    if (getaddrinfo(endpoint->host, endpoint->port, &hints, &list) != 0)
        return result;
    for (struct addrinfo *at = list; at != NULL && result != CHANNEL_DONE; at = at->ai_next)
        result = connect_to(channel, at->ai_addr, at->ai_addrlen, share_of(at, until));
    freeaddrinfo(list);
    return result;
}

void channel_close(struct channel *channel)
{
    SSL_free(channel->ssl);
    channel->ssl = NULL;
    ERR_clear_error();
    if (channel->socket >= 0)
        close(channel->socket);
    channel->socket = -1;
}
