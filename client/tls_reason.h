/*
 * tls_reason.h: why a connection over TLS does not come about. nng dials in the background and says
 * nothing; so it is tried again, each time asking for less.
 */
#ifndef PM_CLIENT_TLS_REASON_H
#define PM_CLIENT_TLS_REASON_H

#include "client/tls.h"

enum tls_reason {
    TLS_NO_REASON, /* it comes about, or nobody is there */
    TLS_REFUSED,   /* the other end breaks off; it may just be ending */
    TLS_DISTRUSTED /* this end does not take the other's certificate; it will not by itself */
};

/* Connects to a URL of TLS, at most four times, and waits up to a second for each step. A sentence
 * in why, but for TLS_NO_REASON. */
enum tls_reason tls_reason(const char *url, const struct tls_files *files, char why[256]);

#endif
