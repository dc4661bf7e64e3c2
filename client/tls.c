/*
 * tls.c: see tls.h.
 */
#include "client/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Files ---- */

/* Opens a file to read; one that is private must be its owner's alone. NULL, with a sentence. */
static FILE *open_file(const char *path, bool private, char error[256])
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    FILE *stream = file >= 0 ? fdopen(file, "r") : NULL;
    if (stream == NULL) {
        snprintf(error, 256, "cannot open %.160s: %s", path, strerror(errno));
        if (file >= 0)
            close(file);
        return NULL;
    }
    if (!private || (fstat(file, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0))
        return stream;
    snprintf(error, 256, "%.160s can be opened by others than its owner: chmod 600 it", path);
    fclose(stream);
    return NULL;
}

/* For OpenSSL, which would ask for a passphrase at the terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static bool set_key(SSL_CTX *context, const struct tls_files *files, char error[256])
{
    FILE *file = open_file(files->key, true, error);
    if (file == NULL)
        return false;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    bool done = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
    if (key == NULL)
        snprintf(error, 256, "%.160s holds no private key in PEM without a passphrase", files->key);
    else if (!done)
        snprintf(error, 256, "the key in %.100s is not that of the certificate in %.100s",
                 files->key, files->cert);
    EVP_PKEY_free(key);
    return done;
}

static bool set_own(SSL_CTX *context, const struct tls_files *files, char error[256])
{
    FILE *file = open_file(files->cert, false, error);
    if (file == NULL)
        return false;
    fclose(file);
    if (SSL_CTX_use_certificate_chain_file(context, files->cert) == 1)
        return set_key(context, files, error);
    snprintf(error, 256, "%.160s holds no certificate in PEM", files->cert);
    return false;
}

static bool set_authorities(SSL_CTX *context, const char *ca, char error[256])
{
    FILE *file = open_file(ca, false, error);
    if (file == NULL)
        return false;
    fclose(file);
    if (SSL_CTX_load_verify_file(context, ca) == 1)
        return true;
    snprintf(error, 256, "%.160s holds no certificates of authorities in PEM", ca);
    return false;
}

/* ---- The two ends ---- */

/* Nothing of a connection is kept for the next: who is let in is looked at each time. */
static SSL_CTX *start_context(const SSL_METHOD *method, char error[256])
{
    SSL_CTX *context = SSL_CTX_new(method);
    snprintf(error, 256, "out of memory");
    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    return context;
}

/* The context if it is ready; what went wrong is in the sentence, not in OpenSSL's queue. */
static SSL_CTX *finish_context(SSL_CTX *context, bool ready)
{
    ERR_clear_error();
    if (ready)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

SSL_CTX *tls_server(const struct tls_files *files, char error[256])
{
    SSL_CTX *context = start_context(TLS_server_method(), error);
    if (context == NULL)
        return NULL;
    SSL_CTX_set_read_ahead(context, 1); /* what comes together is read together */
    if (files->ca != NULL)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return finish_context(context,
                          set_own(context, files, error) &&
                              (files->ca == NULL || set_authorities(context, files->ca, error)));
}

SSL_CTX *tls_client(const struct tls_files *files, char error[256])
{
    SSL_CTX *context = start_context(TLS_client_method(), error);
    if (context == NULL)
        return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    bool ready = files->ca != NULL ? set_authorities(context, files->ca, error)
                                   : SSL_CTX_set_default_verify_paths(context) == 1;
    return finish_context(context,
                          ready && (files->cert == NULL || set_own(context, files, error)));
}

bool tls_in_time(SSL_CTX *context, char note[64])
{
    const X509 *own = SSL_CTX_get0_certificate(context);
    const ASN1_TIME *from = X509_get0_notBefore(own), *to = X509_get0_notAfter(own);
    bool future = X509_cmp_current_time(from) > 0, past = X509_cmp_current_time(to) < 0;
    struct tm day = {.tm_mday = 1};
    ASN1_TIME_to_tm(future ? from : to, &day);
    snprintf(note, 64, "%s %04d-%02d-%02d",
             future ? "is good only from"
             : past ? "has expired on"
                    : "is good until",
             day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
    return !past && !future;
}

/* ---- A connection on a socket: as OpenSSL's own, but for SIGPIPE and what may be read ---- */

struct tls_socket {
    int fd;
    bool metered, drained;
    size_t left; /* bytes that may be read yet, if it is metered */
};

static int socket_write(BIO *bio, const char *bytes, int size)
{
    const struct tls_socket *tls = BIO_get_data(bio);
    ssize_t sent = send(tls->fd, bytes, (size_t)size, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)sent;
}

static int socket_read(BIO *bio, char *bytes, int size)
{
    struct tls_socket *tls = BIO_get_data(bio);
    size_t most = tls->metered && tls->left < (size_t)size ? tls->left : (size_t)size;
    BIO_clear_retry_flags(bio);
    if (most == 0 || tls->drained) {
        BIO_set_retry_read(bio);
        return -1;
    }
    ssize_t got = recv(tls->fd, bytes, most, 0);
    tls->drained = tls->metered && got != 0 && got < (ssize_t)most;
    tls->left -= tls->metered && got > 0 ? (size_t)got : 0;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    return (int)got;
}

static int socket_free(BIO *bio)
{
    free(BIO_get_data(bio));
    return 1;
}

static long socket_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* nothing is kept back */
}

static BIO_METHOD *method; /* once made, kept */

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (method == NULL)
        return;
    BIO_meth_set_write(method, socket_write);
    BIO_meth_set_read(method, socket_read);
    BIO_meth_set_ctrl(method, socket_control);
    BIO_meth_set_destroy(method, socket_free);
}

SSL *tls_on(SSL_CTX *context, int socket)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_method);
    SSL *ssl = SSL_new(context);
    BIO *bio = method != NULL ? BIO_new(method) : NULL;
    struct tls_socket *tls = calloc(1, sizeof *tls);
    if (ssl == NULL || bio == NULL || tls == NULL) {
        SSL_free(ssl);
        BIO_free(bio);
        free(tls);
        return NULL;
    }
    tls->fd = socket;
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

void tls_allow(SSL *ssl, size_t bytes)
{
    struct tls_socket *tls = BIO_get_data(SSL_get_rbio(ssl));
    *tls = (struct tls_socket){.fd = tls->fd, .metered = true, .left = bytes};
}

bool tls_is_drained(SSL *ssl)
{
    const struct tls_socket *tls = BIO_get_data(SSL_get_rbio(ssl));
    return tls->drained;
}
