/*
 * req_tls.h: how a client agrees on TLS, and what it says when that comes to nothing.
 */
#ifndef PM_CLIENT_REQ_TLS_H
#define PM_CLIENT_REQ_TLS_H

#include "client/channel.h"

/* Puts a connected channel under TLS, with who has a certificate for the host, which is only read.
 * On failure the channel is to be closed, and may be explained first. */
enum channel_result req_tls_agree(struct channel *channel, SSL_CTX *context, char *host,
                                  int64_t until);

/* What became of a channel that was to be under TLS and failed with `result`, there or in greeting:
 * who does not take this end's certificate says so instead of a greeting. `ca` is the file of the
 * authorities, NULL: the system's. A sentence in `why`, as far as OpenSSL knows; the result as it
 * is with that knowledge. channel->ssl must not be NULL. */
enum channel_result req_tls_explain(const struct channel *channel, enum channel_result result,
                                    const char *url, const char *ca, char why[256]);

#endif
