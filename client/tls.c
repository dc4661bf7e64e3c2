/*
 * tls.c: see tls.h. nng takes any key for any certificate and fails each handshake later, so that
 * they fit is looked at here.
 */
#include "client/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 }; /* bytes; a system's authorities are a fifth of it */

#define SCHEME "tls+tcp://"
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

bool tls_is_url(const char *url)
{
    return strncmp(url, SCHEME, strlen(SCHEME)) == 0;
}

/* ---- Files ---- */

/* Opens a file to read; one that is private must be its owner's alone. -1, with a sentence. */
static int open_file(const char *path, bool private, char error[256])
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        snprintf(error, 256, "cannot open %.160s: %s", path, strerror(errno));
        return -1;
    }
    if (!private || (fstat(file, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0))
        return file;
    snprintf(error, 256, "%.160s can be opened by others than its owner: chmod 600 it", path);
    close(file);
    return -1;
}

static void forget(char *text)
{
    if (text != NULL)
        explicit_bzero(text, FILE_MAX + 1);
    free(text);
}

/* The whole text, in a buffer of FILE_MAX + 1, for forget(). NULL, with a sentence. */
static char *read_text(const char *path, bool private, char error[256])
{
    int file = open_file(path, private, error);
    if (file < 0)
        return NULL;
    char *text = calloc(1, FILE_MAX + 1);
    size_t used = 0;
    ssize_t got = 1;
    while (text != NULL && used < FILE_MAX && got > 0) {
        got = read(file, text + used, FILE_MAX - used);
        used += got > 0 ? (size_t)got : 0;
    }
    close(file);
    if (text != NULL && got == 0)
        return text;
    snprintf(error, 256, "cannot read %.160s: %s", path,
             got < 0 ? strerror(errno) : "it is too large");
    forget(text);
    return NULL;
}

/* ---- A certificate and its key ---- */

#if MBEDTLS_VERSION_MAJOR >= 3
static int take_random(void *context, unsigned char *out, size_t size)
{
    (void)context;
    return getrandom(out, size, 0) == (ssize_t)size ? 0 : -1;
}
#define RANDOM , take_random, NULL
#else
#define RANDOM
#endif

static bool pair_fits(const struct tls_files *files, const char *cert, const char *key,
                      char error[256])
{
    mbedtls_x509_crt own;
    mbedtls_pk_context pair;
    mbedtls_x509_crt_init(&own);
    mbedtls_pk_init(&pair);
    bool fits = false;
    if (mbedtls_x509_crt_parse(&own, (const unsigned char *)cert, strlen(cert) + 1) != 0)
        snprintf(error, 256, "%.160s holds no certificate in PEM", files->cert);
    else if (mbedtls_pk_parse_key(&pair, (const unsigned char *)key, strlen(key) + 1, NULL,
                                  0 RANDOM) != 0)
        snprintf(error, 256, "%.160s holds no private key in PEM without a passphrase", files->key);
    else if (mbedtls_pk_check_pair(&own.pk, &pair RANDOM) != 0)
        snprintf(error, 256, "the key in %.100s is not that of the certificate in %.100s",
                 files->key, files->cert);
    else
        fits = true;
    mbedtls_pk_free(&pair);
    mbedtls_x509_crt_free(&own);
    return fits;
}

static bool set_own(nng_tls_config *config, const struct tls_files *files, char error[256])
{
    char *cert = read_text(files->cert, false, error);
    char *key = cert != NULL ? read_text(files->key, true, error) : NULL;
    bool done = key != NULL && pair_fits(files, cert, key, error);
    int failed = done ? nng_tls_config_own_cert(config, cert, key, NULL) : 0;
    if (failed != 0)
        snprintf(error, 256, "%.160s: %s", files->cert, nng_strerror(failed));
    forget(key);
    forget(cert);
    return done && failed == 0;
}

static bool set_authorities(nng_tls_config *config, const char *ca, char error[256])
{
    char *text = read_text(ca, false, error);
    if (text == NULL)
        return false;
    int failed = nng_tls_config_ca_chain(config, text, NULL);
    forget(text);
    if (failed != 0)
        snprintf(error, 256, "%.160s holds no certificates of authorities in PEM", ca);
    return failed == 0;
}

/* ---- The two ends ---- */

static nng_tls_config *start_config(nng_tls_mode mode, char error[256])
{
    nng_tls_config *config = NULL;
    int failed = nng_tls_config_alloc(&config, mode);
    if (failed != 0)
        snprintf(error, 256, "TLS: %s", nng_strerror(failed));
    return failed == 0 ? config : NULL;
}

/* REQUIRED, since OPTIONAL lets in whoever has a certificate of anybody's. */
nng_tls_config *tls_server(const struct tls_files *files, char error[256])
{
    nng_tls_config *config = start_config(NNG_TLS_MODE_SERVER, error);
    if (config == NULL)
        return NULL;
    if (set_own(config, files, error) &&
        (files->ca == NULL || (set_authorities(config, files->ca, error) &&
                               nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED) == 0)))
        return config;
    nng_tls_config_free(config);
    return NULL;
}

static bool set_name(nng_tls_config *config, const char *text, char error[256])
{
    nng_url *url;
    int failed = nng_url_parse(&url, text);
    if (failed == 0) {
        failed = nng_tls_config_server_name(config, url->u_hostname);
        nng_url_free(url);
    }
    if (failed != 0)
        snprintf(error, 256, "\"%.120s\": %s", text, nng_strerror(failed));
    return failed == 0;
}

nng_tls_config *tls_client(const char *url, const struct tls_files *files, char error[256])
{
    nng_tls_config *config = start_config(NNG_TLS_MODE_CLIENT, error);
    if (config == NULL)
        return NULL;
    if ((url == NULL || set_name(config, url, error)) &&
        set_authorities(config, files->ca != NULL ? files->ca : SYSTEM_CA, error) &&
        nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED) == 0 &&
        (files->cert == NULL || set_own(config, files, error)))
        return config;
    nng_tls_config_free(config);
    return NULL;
}

bool tls_in_time(const char *cert, char note[64])
{
    mbedtls_x509_crt own;
    mbedtls_x509_crt_init(&own);
    bool there = mbedtls_x509_crt_parse_file(&own, cert) == 0;
    bool past = mbedtls_x509_time_is_past(&own.valid_to) != 0;
    bool future = mbedtls_x509_time_is_future(&own.valid_from) != 0;
    const mbedtls_x509_time *day = future ? &own.valid_from : &own.valid_to;
    snprintf(note, 64, "%s %04d-%02d-%02d",
             future ? "is good only from"
             : past ? "has expired on"
                    : "is good until",
             day->year, day->mon, day->day);
    mbedtls_x509_crt_free(&own);
    return there && !past && !future;
}
