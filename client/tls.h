/*
 * tls.h: what both ends of a connection over TLS share: certificates, a key and the authorities
 * that are trusted, read from PEM files, and connections made of them. OpenSSL does the rest.
 */
#ifndef PM_CLIENT_TLS_H
#define PM_CLIENT_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct tls_files {
    const char *cert; /* this end's certificate, then those between it and an authority; or NULL */
    const char *key;  /* its private key, without a passphrase; with cert, or NULL */
    const char *ca;   /* authorities whose word is taken for the other end, or NULL */
};

/* What a server needs, of its certificate and key. With authorities, only clients with a
 * certificate of theirs come in. To be freed with SSL_CTX_free(). NULL, with a sentence, when a
 * file cannot be used: the key must be its owner's alone, and that of the certificate. */
SSL_CTX *tls_server(const struct tls_files *files, char error[256]);

/* What a client needs: the server's certificate must be from one of the authorities, or from one of
 * the system's when files names none. As tls_server() otherwise; a certificate of its own is not
 * needed. */
SSL_CTX *tls_client(const struct tls_files *files, char error[256]);

/* A connection on a socket, which stays the caller's and is best non-blocking; it raises no
 * SIGPIPE. To be freed with SSL_free(). NULL when memory is short. */
SSL *tls_on(SSL_CTX *context, int socket);

/* From now on no more bytes than that are read from the socket, nor any after a read that came back
 * short: then it is drained. Either looks as if there were no more. Whoever sends records that hold
 * nothing is not read from for ever. */
void tls_allow(SSL *ssl, size_t bytes);
bool tls_is_drained(SSL *ssl);

/* Whether the certificate of a context is good by the system's clock. Words that go on after its
 * name, with the day, in note. */
bool tls_in_time(SSL_CTX *context, char note[64]);

#endif
