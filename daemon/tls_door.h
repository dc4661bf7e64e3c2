/*
 * tls_door.h: where connections come in over tls+tcp: a thread that agrees on TLS with whoever
 * connects, and then carries what comes to the streams and back. nng's own TLS is not used: below
 * 1.6 a connection that ends while something is being sent on it stops the thread by which nng
 * clears up after all of them, for good.
 */
#ifndef PM_DAEMON_TLS_DOOR_H
#define PM_DAEMON_TLS_DOOR_H

#include "client/tls.h"
#include "daemon/streams.h"

struct tls_door;
struct tls_carrier;

/* Starts the thread. The context is the door's, also when it returns NULL: when memory, files or
 * threads are short. Whoever comes is given to the streams. */
struct tls_door *tls_door_start(SSL_CTX *context, struct streams *streams);

/* Listens at a URL as well, one of 16. False, with a sentence. The URL that clients use is in out,
 * port included. Of one thread. */
bool tls_door_listen(struct tls_door *door, const char *url, char out[256], char error[256]);

/* From now on connections come in by another context, which is the door's, and those that there
 * are end. Never waits; of one thread. */
void tls_door_renew(struct tls_door *door, SSL_CTX *context);

/* Ends everything: when the streams have given back all who came. NULL is allowed. */
void tls_door_stop(struct tls_door *door);

/* Has the thread do that (TLS_ASK_…) with a carrier of the door's, soon. Any thread; never waits.
 */
void tls_door_ask(struct tls_carrier *carrier, unsigned what);

#endif
