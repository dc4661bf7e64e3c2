/*
 * channel.h: a connected socket, plain or under TLS, over which bytes are moved within a time. Used
 * by one thread.
 */
#ifndef PM_CLIENT_CHANNEL_H
#define PM_CLIENT_CHANNEL_H

#include "client/endpoint.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

/* How it went. */
enum channel_result {
    CHANNEL_DONE,
    CHANNEL_BROKEN,     /* nobody is there, the time was over, or what came is not nng's protocol */
    CHANNEL_DISTRUSTED, /* the other end's certificate is not taken, which will not mend by itself
                         */
    CHANNEL_NO_MEMORY,
};

struct channel {
    int socket; /* non-blocking; -1: not connected */
    SSL *ssl;   /* NULL: plain, or not agreed yet */
};

/* Milliseconds on the monotonic clock, by which every `until` goes. */
int64_t channel_clock(void);

/* Connects an unconnected channel, without TLS yet. Looking a name up may take longer. */
enum channel_result channel_connect(struct channel *channel, const struct endpoint *endpoint,
                                    int64_t until);

/* Waits for POLLIN or POLLOUT. */
enum channel_result channel_wait(const struct channel *channel, short events, int64_t until);

/* After a call of OpenSSL's that did not do it: waits until it may be made again. */
enum channel_result channel_wait_for_tls(const struct channel *channel, int result, int64_t until);

/* Sends, or receives, so many bytes: all, or the channel is of no more use. */
enum channel_result channel_put(struct channel *channel, const void *bytes, size_t size,
                                int64_t until);
enum channel_result channel_take(struct channel *channel, void *bytes, size_t size, int64_t until);

/* Whether the other end has ended it. */
bool channel_has_ended(struct channel *channel);

/* Ends the connection, if there is one. */
void channel_close(struct channel *channel);

#endif
