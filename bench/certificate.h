/*
 * certificate.h: a certificate for a benchmark over TLS, which nobody is to trust.
 */
#ifndef PM_BENCH_CERTIFICATE_H
#define PM_BENCH_CERTIFICATE_H

#include <stdbool.h>

/* Makes a key of P-256 and a certificate for it, signed by itself and good for a day, and writes
 * both into a new file, PEM. False, having said why on stderr. */
bool certificate_make(const char *path);

#endif
