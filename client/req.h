/*
 * req.h: a client's connection, on which it asks and is answered in nng's protocol: what an nng
 * REQ socket is, which is not used, since below 1.6 its nng_close() waits for ever when the
 * connection ends while something is being sent on it, as with a daemon that goes.
 *
 * A req connects when something is to be sent, and again after it was closed. Calls are for one
 * thread, and take about as long as they may at most; only looking a name up takes what it takes.
 */
#ifndef PM_CLIENT_REQ_H
#define PM_CLIENT_REQ_H

#include "client/channel.h"
#include "client/tls.h"

struct req;

struct req_part {
    const void *bytes; /* NULL: of size 0 */
    size_t size;
};

/* A req to a URL of endpoint.h; over TLS, to who has a certificate for the URL's host. Reads the
 * files, which are for TLS alone, and does not connect yet. To be freed with req_destroy(). NULL,
 * with a sentence. */
struct req *req_create(const char *url, const struct tls_files *files, char error[256]);
void req_destroy(struct req *req); /* NULL is allowed */

/* Sends a request, which is the two parts one after the other, within `wait` ms; connects first
 * where need be. When that fails the connection is closed, and the request has not arrived whole.
 */
enum channel_result req_send(struct req *req, const struct req_part part[2], int64_t wait);

/* Receives the answer to the last request, within `wait` ms; other answers are passed over. What
 * was received is the caller's, to be freed with free(). */
enum channel_result req_receive(struct req *req, uint8_t **out, size_t *size, int64_t wait);

/* Ends the connection, if there is one. */
void req_close(struct req *req);

/* Why the last req_send() brought no connection about, as far as it is TLS that did not: a
 * sentence, or "". */
const char *req_why(const struct req *req);

#endif
