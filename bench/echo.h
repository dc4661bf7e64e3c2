/*
 * echo.h: the bare echo that the served benchmark compares with: a raw REP socket of nng's that
 * answers in the receive callback, with a reply that was made beforehand. It does nothing else.
 */
#ifndef PM_BENCH_ECHO_H
#define PM_BENCH_ECHO_H

#include <stddef.h>
#include <stdint.h>

/* Serves on the URL until killed, having said `ready` and the URL on stdout; over TLS by nng's own,
 * with the certificate and key in that file, else NULL. Every reply has so
 * many results, and is as near to so many bytes as a reply with them can be. The return value is
 * an exit status. */
int echo_serve(const char *url, const char *certificate, uint32_t results, size_t reply_size);

#endif
