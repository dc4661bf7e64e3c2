/*
 * tls_link.h: a client's connection over TLS, on which it asks and is answered, in nng's protocol:
 * what an nng REQ socket is over tcp. nng's own TLS is not used: below 1.6 its nng_close() waits
 * for ever when a connection ends while something is being sent on it.
 *
 * A link connects when something is to be sent, and again after it was closed. Calls are for one
 * thread, and take about as long as they may at most; only looking a name up takes what it takes.
 */
#ifndef PM_CLIENT_TLS_LINK_H
#define PM_CLIENT_TLS_LINK_H

#include "client/tls.h"

#include <nng/nng.h>

struct tls_link;

/* A link to a URL of TLS, whose certificate must be for the URL's host. Reads the files, and does
 * not connect yet. To be freed with tls_link_destroy(). NULL, with a sentence. */
struct tls_link *tls_link_create(const char *url, const struct tls_files *files, char error[256]);
void tls_link_destroy(struct tls_link *link); /* NULL is allowed */

/* Sends a request, within `wait` ms; connects first where need be. 0, and the message is the
 * link's; or one of nng's errors, and the link is closed: NNG_EPEERAUTH when the certificate at the
 * other end is not taken, which will not mend by itself. */
int tls_link_send(struct tls_link *link, nng_msg *message, nng_duration wait);

/* Receives the answer to the last request, within `wait` ms; other answers are passed over. 0, and
 * the message is the caller's; or one of nng's errors. */
int tls_link_receive(struct tls_link *link, nng_msg **message, nng_duration wait);

/* Ends the connection, if there is one. */
void tls_link_close(struct tls_link *link);

/* Why the last tls_link_send() brought no connection about, as far as it is TLS that did not: a
 * sentence, or "". */
const char *tls_link_why(const struct tls_link *link);

#endif
