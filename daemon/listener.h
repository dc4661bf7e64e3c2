/*
 * listener.h: one URL that the daemon serves at. All calls are for one thread.
 */
#ifndef PM_DAEMON_LISTENER_H
#define PM_DAEMON_LISTENER_H

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <stdbool.h>
#include <stdint.h>

struct listener {
    nng_listener nng;
    char url[256]; /* as clients use it, port included */
    bool open;
};

struct listener_options {
    nng_socket socket;
    uint32_t ipc_mode;   /* of a socket's file */
    nng_tls_config *tls; /* for tls+tcp; is the caller's, and may be freed when this returns */
};

/* Listens on a URL. False, with a sentence. */
bool listener_open(struct listener *listener, const char *url,
                   const struct listener_options *options, char error[256]);

/* Listens on the same URL anew, with other options: nng's cannot be changed while it listens. The
 * connections that came in by it end. False, with a sentence, when the port is not to be had again
 * within five seconds; it may then be tried once more. */
bool listener_reopen(struct listener *listener, const struct listener_options *options,
                     char error[256]);

#endif
