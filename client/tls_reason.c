/*
 * tls_reason.c: see tls_reason.h. Whoever speaks nng's protocol sends a greeting as soon as TLS is
 * agreed on, so what came about is known by that.
 */
#include "client/tls_reason.h"

#include <nng/supplemental/util/platform.h>
#include <stdio.h>
#include <string.h>

enum { GREETING = 8, STEP_MS = 1000 };

/* One transfer of the rest of some bytes; how many, 0 when it failed. */
static size_t move(nng_stream *stream, nng_aio *aio, bool out, uint8_t *bytes, size_t size)
{
    nng_iov piece = {.iov_buf = bytes, .iov_len = size};
    nng_aio_set_iov(aio, 1, &piece);
    (out ? nng_stream_send : nng_stream_recv)(stream, aio);
    nng_aio_wait(aio);
    return nng_aio_result(aio) == 0 ? nng_aio_count(aio) : 0;
}

/* Whether greetings are exchanged: as a client of Placemat's. */
static bool greets(nng_stream *stream, nng_aio *aio)
{
    uint8_t ours[GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0}, theirs[GREETING];
    size_t used = 0, got = move(stream, aio, true, ours, sizeof ours);
    while (got > 0 && used < sizeof theirs) {
        got = move(stream, aio, false, theirs + used, sizeof theirs - used);
        used += got;
    }
    return used == sizeof theirs && memcmp(theirs, ours, 4) == 0;
}

enum came { NOTHING, CONNECTED, GREETED };

/* How far a connection gets; config is NULL for one without TLS. */
static enum came dial(const char *url, nng_tls_config *config)
{
    nng_stream_dialer *dialer = NULL;
    nng_aio *aio = NULL;
    enum came came = NOTHING;
    if (nng_aio_alloc(&aio, NULL, NULL) != 0)
        return NOTHING;
    nng_aio_set_timeout(aio, STEP_MS);
    if (nng_stream_dialer_alloc(&dialer, url) == 0 &&
        (config == NULL || nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config) == 0)) {
        nng_stream_dialer_dial(dialer, aio);
        nng_aio_wait(aio);
        nng_stream *stream = nng_aio_result(aio) == 0 ? nng_aio_get_output(aio, 0) : NULL;
        if (stream != NULL)
            came = greets(stream, aio) ? GREETED : CONNECTED;
        nng_stream_free(stream);
    }
    nng_stream_dialer_free(dialer);
    nng_aio_free(aio);
    return came;
}

/* Dials as a client that looks at less: at the certificate but not its name, or at nothing. */
static enum came dial_asking(const char *url, const struct tls_files *files, bool name,
                             bool certificate)
{
    char error[256];
    nng_tls_config *config = tls_client(name ? url : NULL, files, error);
    if (config == NULL)
        return NOTHING;
    if (!certificate)
        nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_NONE);
    enum came came = dial(url, config);
    nng_tls_config_free(config);
    return came;
}

static enum tls_reason refusal(const char *url, const struct tls_files *files, char why[256])
{
    snprintf(why, 256, "\"%.100s\" breaks off: it %s, or does not speak TLS.", url,
             files->cert != NULL ? "does not take this client's certificate"
                                 : "wants a client's certificate, and none is given");
    return TLS_REFUSED;
}

enum tls_reason tls_reason(const char *url, const struct tls_files *files, char why[256])
{
    enum came plain = dial(url + strlen("tls+"), NULL);
    enum tls_reason reason = TLS_DISTRUSTED;
    why[0] = '\0';
    if (plain == NOTHING || (plain == CONNECTED && dial_asking(url, files, true, true) == GREETED))
        return TLS_NO_REASON;
    if (plain == GREETED)
        snprintf(why, 256, "\"%.120s\" is served without TLS: its URL begins with tcp://.", url);
    else if (dial_asking(url, files, false, true) == GREETED)
        snprintf(why, 256,
                 "The certificate at \"%.120s\" is for another name: connect by the one it is for.",
                 url);
    else if (dial_asking(url, files, false, false) == GREETED)
        snprintf(
            why, 256,
            "The certificate at \"%.80s\" is not trusted: it is from none of the authorities in "
            "%.60s, or not good today.",
            url, files->ca != NULL ? files->ca : "the system's file");
    else
        reason = refusal(url, files, why);
    return reason;
}
