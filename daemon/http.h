/*
 * http.h: metrics and health over HTTP, for Prometheus and whoever watches over services: GET
 * /metrics and /health. It never serves the protocol: see client/ for that.
 *
 * One thread of its own, and at most HTTP_CONNECTIONS at a time, so that nobody who asks here can
 * hold up who asks there. It tells numbers only, but tells them to anybody who can connect.
 */
#ifndef PM_DAEMON_HTTP_H
#define PM_DAEMON_HTTP_H

#include "daemon/metrics.h"

enum {
    HTTP_CONNECTIONS = 16,
    HTTP_IDLE_S = 10,      /* after which a connection is closed */
    HTTP_ANSWER_MS = 2000, /* that the matcher has to answer */
    HTTP_FRESH_MS = 1000,  /* answers are given again so long */
};

struct http;

/* Listens on "PORT", "ADDRESS:PORT" or "[ADDRESS]:PORT", with a number as address, 127.0.0.1 when
 * there is none, and any free port for 0. NULL, with a sentence, when it cannot. sources must
 * outlive it. Close with http_close(), before the matcher ends; NULL is allowed there. */
struct http *http_open(const char *where, const struct metrics_sources *sources, char error[256]);
void http_close(struct http *http);

/* The URL of what it serves, as http://127.0.0.1:9464, while it is open. */
const char *http_url(const struct http *http);

/* Is `where` of that form? */
bool http_where(const char *where);

#endif
