/*
 * tls_link.c: see tls_link.h. Over the connection goes what nng sends over any stream: at the
 * beginning a greeting of eight bytes each way, then messages: a length of eight bytes, big-endian,
 * four bytes by which the answer is known, and the body.
 */
#include "client/tls_link.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <nng/supplemental/util/platform.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    GREETING = 8,
    ID = 4,                /* bytes of the request's id */
    HEAD = 8 + ID,         /* of a message */
    ANSWER_MAX = 64 << 20, /* bytes */
};

/* nng knows the id by its highest bit from what else may stand before it. */
#define ID_MARK UINT32_C(0x80000000)

static const uint8_t ours[GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};   /* asks */
static const uint8_t theirs[GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0}; /* answers */

struct tls_link {
    SSL_CTX *context;
    char *url;
    struct tls_place place;
    char *ca; /* the file of the authorities, to name it; NULL: the system's */
    int socket;
    SSL *ssl;         /* NULL: not connected */
    uint32_t request; /* id of the last, as it goes over the wire */
    char why[256];
};

/* ---- Waiting ---- */

static int ready(int socket, short events, nng_time until)
{
    struct pollfd one = {.fd = socket, .events = events};
    int result;
    do {
        nng_time now = nng_clock();
        result = now < until ? poll(&one, 1, (int)(until - now)) : 0;
    } while (result < 0 && errno == EINTR);
    return result > 0 ? 0 : NNG_ETIMEDOUT;
}

/* After a call of OpenSSL's that did not do it: waits until it may be made again. */
static int wait_for(struct tls_link *link, int result, nng_time until)
{
    switch (SSL_get_error(link->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return ready(link->socket, POLLIN, until);
    case SSL_ERROR_WANT_WRITE:
        return ready(link->socket, POLLOUT, until);
    default:
        return NNG_ECLOSED;
    }
}

static int put(struct tls_link *link, const void *bytes, size_t size, nng_time until)
{
    size_t used = 0, done;
    int failed = 0;
    while (failed == 0 && used < size) {
        int result = SSL_write_ex(link->ssl, (const uint8_t *)bytes + used, size - used, &done);
        if (result == 1)
            used += done;
        else
            failed = wait_for(link, result, until);
    }
    return failed;
}

static int take(struct tls_link *link, void *bytes, size_t size, nng_time until)
{
    size_t used = 0, done;
    int failed = 0;
    while (failed == 0 && used < size) {
        int result = SSL_read_ex(link->ssl, (uint8_t *)bytes + used, size - used, &done);
        if (result == 1)
            used += done;
        else
            failed = wait_for(link, result, until);
    }
    return failed;
}

/* ---- Connecting ---- */

static int connect_to(struct tls_link *link, const struct addrinfo *address, nng_time until)
{
    int one = 1, failure = 0;
    socklen_t size = sizeof failure;
    link->socket = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->socket < 0)
        return NNG_ENOFILES;
    setsockopt(link->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int failed = connect(link->socket, address->ai_addr, address->ai_addrlen) == 0 ? 0
                 : errno == EINPROGRESS ? ready(link->socket, POLLOUT, until)
                                        : NNG_ECONNREFUSED;
    if (failed == 0 && getsockopt(link->socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 &&
        failure != 0)
        failed = NNG_ECONNREFUSED;
    if (failed != 0)
        close(link->socket);
    return failed;
}

static int connect_socket(struct tls_link *link, nng_time until)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int failed = NNG_EADDRINVAL;
    if (getaddrinfo(link->place.host, link->place.port, &hints, &list) != 0)
        return failed;
    for (struct addrinfo *at = list; at != NULL && failed != 0; at = at->ai_next)
        failed = connect_to(link, at, until);
    freeaddrinfo(list);
    return failed;
}

/* Whose certificate must come; only read, but OpenSSL's macro takes it otherwise. */
static bool expect_host(SSL *ssl, char *host)
{
    struct in6_addr number;
    if (inet_pton(AF_INET, host, &number) == 1 || inet_pton(AF_INET6, host, &number) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* The certificate was looked at and is not taken. */
static int distrust(struct tls_link *link, long verdict)
{
    const char *what = "is not trusted", *why = X509_verify_cert_error_string(verdict);
    char authorities[100];
    switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        what = "is for another name";
        why = "connect by the one it is for";
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(authorities, sizeof authorities, "it is from none of the authorities in %.60s",
                 link->ca != NULL ? link->ca : "the system's files");
        why = authorities;
        break;
    }
    snprintf(link->why, sizeof link->why, "The certificate at \"%.80s\" %s: %.99s.", link->url,
             what, why);
    return NNG_EPEERAUTH;
}

/* What the other end says when it breaks off, in our words where they are plainer. */
static const char *refusal(unsigned long error)
{
    switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
        return "it is served without TLS: then its URL begins with tcp://";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "it wants a client's certificate, and none is given";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        return "it does not take this client's certificate";
    default:
        return ERR_reason_error_string(error);
    }
}

/* Says why it came to nothing, for what OpenSSL knows of it. */
static int explain(struct tls_link *link, int failed)
{
    unsigned long error = ERR_peek_error();
    long verdict = SSL_get_verify_result(link->ssl);
    if (verdict != X509_V_OK)
        return distrust(link, verdict);
    if (error != 0)
        snprintf(link->why, sizeof link->why, "\"%.100s\" breaks off: %.100s.", link->url,
                 refusal(error));
    return failed;
}

/* Agrees on TLS and greets. Who does not take this end's certificate says so instead of a greeting,
 * and who sends first may not hear it. */
static int agree(struct tls_link *link, nng_time until)
{
    uint8_t greeting[GREETING];
    int failed = 0, result = 0;
    ERR_clear_error();
    while (failed == 0 && (result = SSL_connect(link->ssl)) != 1)
        failed = wait_for(link, result, until);
    if (failed == 0)
        failed = take(link, greeting, sizeof greeting, until);
    if (failed == 0)
        failed = put(link, ours, sizeof ours, until);
    if (failed != 0)
        return explain(link, failed);
    return memcmp(greeting, theirs, sizeof theirs) == 0 ? 0 : NNG_EPROTO;
}

static int open_link(struct tls_link *link, nng_time until)
{
    int failed = connect_socket(link, until);
    if (failed != 0)
        return failed;
    link->ssl = tls_on(link->context, link->socket);
    if (link->ssl == NULL) {
        close(link->socket);
        return NNG_ENOMEM;
    }
    failed = expect_host(link->ssl, link->place.host) ? agree(link, until) : NNG_ENOMEM;
    if (failed != 0)
        tls_link_close(link);
    return failed;
}

/* Whether the other end has ended the connection meanwhile: nothing else comes unasked. */
static bool has_ended(struct tls_link *link)
{
    uint8_t byte;
    ERR_clear_error();
    int result = SSL_peek(link->ssl, &byte, 1);
    return result <= 0 && SSL_get_error(link->ssl, result) != SSL_ERROR_WANT_READ;
}

/* ---- What is offered ---- */

struct tls_link *tls_link_create(const char *url, const struct tls_files *files, char error[256])
{
    struct tls_link *link = calloc(1, sizeof *link);
    snprintf(error, 256, "out of memory");
    if (link == NULL)
        return NULL;
    link->url = strdup(url);
    link->ca = files->ca != NULL ? strdup(files->ca) : NULL;
    if (!tls_place(url, &link->place))
        snprintf(error, 256, "\"%.120s\" is not tls+tcp://HOST:PORT", url);
    else if (link->url != NULL)
        link->context = tls_client(files, error);
    if (link->context != NULL)
        return link;
    tls_link_destroy(link);
    return NULL;
}

void tls_link_destroy(struct tls_link *link)
{
    if (link == NULL)
        return;
    tls_link_close(link);
    SSL_CTX_free(link->context);
    free(link->url);
    free(link->ca);
    free(link);
}

void tls_link_close(struct tls_link *link)
{
    if (link->ssl == NULL)
        return;
    SSL_free(link->ssl);
    ERR_clear_error();
    close(link->socket);
    link->ssl = NULL;
}

/* A message in one piece, so that it goes out in one record where it fits. */
static int put_message(struct tls_link *link, nng_msg *message, nng_time until)
{
    size_t body = nng_msg_len(message);
    uint8_t *bytes = malloc(HEAD + body);
    if (bytes == NULL)
        return NNG_ENOMEM;
    uint64_t length = htobe64(ID + body);
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + sizeof length, &link->request, ID);
    memcpy(bytes + HEAD, nng_msg_body(message), body);
    int failed = put(link, bytes, HEAD + body, until);
    free(bytes);
    return failed;
}

int tls_link_send(struct tls_link *link, nng_msg *message, nng_duration wait)
{
    nng_time until = nng_clock() + (nng_time)wait;
    link->why[0] = '\0';
    if (link->ssl != NULL && has_ended(link))
        tls_link_close(link);
    int failed = link->ssl == NULL ? open_link(link, until) : 0;
    if (failed != 0)
        return failed;
    link->request = htobe32(ID_MARK | (be32toh(link->request) + 1));
    ERR_clear_error();
    failed = put_message(link, message, until);
    if (failed == 0)
        nng_msg_free(message);
    else
        tls_link_close(link);
    return failed;
}

/* The next message, without its head. Its id in id. */
static int take_message(struct tls_link *link, nng_msg **out, uint32_t *id, nng_time until)
{
    uint8_t head[HEAD];
    uint64_t length;
    int failed = take(link, head, sizeof head, until);
    if (failed != 0)
        return failed;
    memcpy(&length, head, sizeof length);
    memcpy(id, head + sizeof length, ID);
    length = be64toh(length);
    if (length < ID || length > ANSWER_MAX)
        return NNG_EPROTO;
    failed = nng_msg_alloc(out, (size_t)length - ID);
    if (failed == 0)
        failed = take(link, nng_msg_body(*out), (size_t)length - ID, until);
    else
        *out = NULL;
    if (failed != 0)
        nng_msg_free(*out);
    return failed;
}

int tls_link_receive(struct tls_link *link, nng_msg **message, nng_duration wait)
{
    nng_time until = nng_clock() + (nng_time)wait;
    uint32_t id = 0;
    ERR_clear_error();
    if (link->ssl == NULL)
        return NNG_ECLOSED;
    int failed = take_message(link, message, &id, until);
    while (failed == 0 && id != link->request) {
        nng_msg_free(*message);
        failed = take_message(link, message, &id, until);
    }
    return failed;
}

const char *tls_link_why(const struct tls_link *link)
{
    return link->why;
}
