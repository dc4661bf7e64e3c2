/*
 * req_tls.c: see req_tls.h.
 */
#include "client/req_tls.h"

#include "client/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

/* Whose certificate must come; only read, but OpenSSL's macro takes it otherwise. */
static bool expect_host(SSL *ssl, char *host)
{
    struct in6_addr number;
    if (inet_pton(AF_INET, host, &number) == 1 || inet_pton(AF_INET6, host, &number) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

enum channel_result req_tls_agree(struct channel *channel, SSL_CTX *context, char *host,
                                  int64_t until)
{
    enum channel_result result = CHANNEL_DONE;
    int done = 0;
    ERR_clear_error();
    channel->ssl = tls_on(context, channel->socket);
    if (channel->ssl == NULL || !expect_host(channel->ssl, host))
        return CHANNEL_NO_MEMORY;
    while (result == CHANNEL_DONE && (done = SSL_connect(channel->ssl)) != 1)
        result = channel_wait_for_tls(channel, done, until);
    return result;
}

/* ---- Why not ---- */

/* The certificate was looked at and is not taken. */
static void distrust(long verdict, const char *url, const char *ca, char out[256])
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
                 ca != NULL ? ca : "the system's files");
        why = authorities;
        break;
    }
    snprintf(out, 256, "The certificate at \"%.80s\" %s: %.99s.", url, what, why);
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

enum channel_result req_tls_explain(const struct channel *channel, enum channel_result result,
                                    const char *url, const char *ca, char why[256])
{
    unsigned long error = ERR_peek_error();
    long verdict = SSL_get_verify_result(channel->ssl);
    if (verdict != X509_V_OK) {
        distrust(verdict, url, ca, why);
        return CHANNEL_DISTRUSTED;
    }
    if (error != 0)
        snprintf(why, 256, "\"%.100s\" breaks off: %.100s.", url, refusal(error));
    return result;
}
