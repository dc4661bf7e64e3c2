/*
 * endpoint.h: where a daemon's URL leads.
 */
#ifndef PM_CLIENT_ENDPOINT_H
#define PM_CLIENT_ENDPOINT_H

#include <stdbool.h>

enum endpoint_kind { ENDPOINT_IPC, ENDPOINT_TCP, ENDPOINT_TLS };

struct endpoint {
    enum endpoint_kind kind;
    char host[256]; /* a name or an address, without brackets; of ENDPOINT_IPC the socket's path */
    char port[8];   /* decimal digits; "" of ENDPOINT_IPC */
};

/* Whether a URL is of TLS. */
bool endpoint_is_tls(const char *url);

/* Takes a URL apart: ipc://PATH, tcp://HOST:PORT or tls+tcp://HOST:PORT. False when it is none, or
 * longer than such may be. */
bool endpoint_of(const char *url, struct endpoint *out);

#endif
