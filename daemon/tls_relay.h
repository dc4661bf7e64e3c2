/*
 * tls_relay.h: serves tls+tcp: a thread that agrees on TLS with whoever connects, and passes on
 * what comes to a port of loopback, where the streams listen, and back. nng's own TLS is not used:
 * below 1.6 a connection that ends while something is being sent on it stops the thread by which
 * nng clears up after all of them, for good.
 *
 * Nobody else should come by that port: see peer.h.
 */
#ifndef PM_DAEMON_TLS_RELAY_H
#define PM_DAEMON_TLS_RELAY_H

#include "client/tls.h"

#include <netinet/in.h>

struct tls_relay;

/* Starts the thread. The context is the relay's, also when it returns NULL: when memory, files or
 * threads are short. near is where the streams listen. */
struct tls_relay *tls_relay_start(SSL_CTX *context, const struct sockaddr_in *near);

/* Listens at a URL as well, one of 16. False, with a sentence. The URL that clients use is in out,
 * port included. Of one thread. */
bool tls_relay_listen(struct tls_relay *relay, const char *url, char out[256], char error[256]);

/* From now on connections come in by another context, which is the relay's, and those that there
 * are end. Never waits; of one thread. */
void tls_relay_renew(struct tls_relay *relay, SSL_CTX *context);

/* Ends everything. NULL is allowed. */
void tls_relay_stop(struct tls_relay *relay);

#endif
