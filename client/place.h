/*
 * place.h: where a daemon's URL leads.
 */
#ifndef PM_CLIENT_PLACE_H
#define PM_CLIENT_PLACE_H

#include <stdbool.h>

enum place_kind { PLACE_IPC, PLACE_TCP, PLACE_TLS };

struct place {
    enum place_kind kind;
    char host[256]; /* a name or an address, without brackets; of PLACE_IPC the socket's path */
    char port[8];   /* decimal digits; "" of PLACE_IPC */
};

/* Whether a URL is of TLS. */
bool place_is_tls(const char *url);

/* Takes a URL apart: ipc://PATH, tcp://HOST:PORT or tls+tcp://HOST:PORT. False when it is none, or
 * longer than such may be. */
bool place_of(const char *url, struct place *out);

#endif
