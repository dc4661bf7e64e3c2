/*
 * tls.h: what both ends of a connection over TLS read from files: certificates, a key, and the
 * authorities that are trusted. All files are PEM. nng does the rest, by Mbed TLS.
 */
#ifndef PM_CLIENT_TLS_H
#define PM_CLIENT_TLS_H

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <stdbool.h>

struct tls_files {
    const char *cert; /* this end's certificate, then those between it and an authority; or NULL */
    const char *key;  /* its private key, without a passphrase; with cert, or NULL */
    const char *ca;   /* authorities whose word is taken for the other end, or NULL */
};

/* Whether a URL is of TLS. */
bool tls_is_url(const char *url);

/* What a listener needs, of its certificate and key. With authorities, only clients with a
 * certificate of theirs come in. To be freed with nng_tls_config_free(). NULL, with a sentence,
 * when a file cannot be used: the key must be its owner's alone, and that of the certificate. */
nng_tls_config *tls_server(const struct tls_files *files, char error[256]);

/* What a client needs to dial a URL: the server must have a certificate for the URL's host (NULL:
 * for any), from one of the authorities, or from one of the system's when files names none. As
 * tls_server() otherwise; a certificate of its own is not needed. */
nng_tls_config *tls_client(const char *url, const struct tls_files *files, char error[256]);

/* Whether the certificate in a file is good by the system's clock. Words that go on after its name,
 * with the day, in note. False, too, when there is none. */
bool tls_in_time(const char *cert, char note[64]);

#endif
