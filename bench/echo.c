/*
 * echo.c: see echo.h. As many receivers and the same buffers as the daemon has.
 */
#include "echo.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/tls/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "core/wire.h"

enum { RECEIVERS = 8, BUFFER = 1024, REPLY_MAX = 32 << 10 };

struct echo {
    nng_socket socket;
    uint8_t bytes[REPLY_MAX];
    size_t size;
};

struct echo_receiver {
    struct echo *echo;
    nng_aio *aio;
};

/* nng's thread. */
static void received(void *context)
{
    struct echo_receiver *receiver = context;
    struct echo *echo = receiver->echo;
    if (nng_aio_result(receiver->aio) != 0)
        return;
    nng_msg *message = nng_aio_get_msg(receiver->aio);
    nng_msg_clear(message);
    if (nng_msg_append(message, echo->bytes, echo->size) != 0 ||
        nng_sendmsg(echo->socket, message, NNG_FLAG_NONBLOCK) != 0)
        nng_msg_free(message);
    nng_recv_aio(echo->socket, receiver->aio);
}

/* Ids of the lengths that CBOR has, the longest first, and what a result with one takes. */
static const struct {
    uint64_t id;
    size_t size;
} forms[] = {{UINT64_MAX, 11}, {UINT32_MAX, 7}, {UINT16_MAX, 5}, {UINT8_MAX, 4}, {1, 3}, {0, 2}};

/* A reply that a client takes for real. */
static bool make_reply(struct echo *echo, uint32_t results, size_t size)
{
    struct wire_writer writer = {.bytes = echo->bytes, .size = sizeof echo->bytes};
    wire_reply_begin(&writer, UINT32_MAX, results);
    for (uint32_t left = results; left > 0; left--) {
        size_t room = size > writer.used ? size - writer.used : 0, others = 2 * (left - 1);
        size_t form = 0;
        while (forms[form].size > 2 && forms[form].size + others > room)
            form++;
        wire_reply_result(&writer, (struct pm_result){.status = PM_OK, .id = forms[form].id});
    }
    echo->size = writer.used;
    return !writer.overflow;
}

/* The configuration is the listener's then. */
static int give_certificate(nng_listener listener, const char *certificate)
{
    nng_tls_config *config;
    int result = nng_tls_config_alloc(&config, NNG_TLS_MODE_SERVER);
    if (result != 0)
        return result;
    result = nng_tls_config_cert_key_file(config, certificate, NULL);
    if (result == 0)
        result = nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config);
    nng_tls_config_free(config);
    return result;
}

static int open_echo(struct echo *echo, const char *url, const char *certificate)
{
    static struct echo_receiver receiver[RECEIVERS];
    int result = nng_rep0_open_raw(&echo->socket);
    if (result == 0)
        result = nng_socket_set_int(echo->socket, NNG_OPT_RECVBUF, BUFFER);
    if (result == 0)
        result = nng_socket_set_int(echo->socket, NNG_OPT_SENDBUF, BUFFER);
    for (int i = 0; i < RECEIVERS && result == 0; i++) {
        receiver[i].echo = echo;
        result = nng_aio_alloc(&receiver[i].aio, received, &receiver[i]);
        if (result == 0)
            nng_recv_aio(echo->socket, receiver[i].aio);
    }
    nng_listener listener;
    if (result == 0)
        result = nng_listener_create(&listener, echo->socket, url);
    if (result == 0 && certificate != NULL)
        result = give_certificate(listener, certificate);
    if (result == 0)
        result = nng_listener_start(listener, 0);
    int port;
    if (result == 0 && nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0)
        printf("ready %stcp://127.0.0.1:%d\n", certificate != NULL ? "tls+" : "", port);
    else
        printf("ready %s\n", url);
    return result;
}

int echo_serve(const char *url, const char *certificate, uint32_t results, size_t reply_size)
{
    static struct echo echo;
    if (!make_reply(&echo, results, reply_size))
        return BENCH_FAILED;
    int result = open_echo(&echo, url, certificate);
    if (result != 0) {
        fprintf(stderr, "placemat-bench: %s: %s\n", url, nng_strerror(result));
        return BENCH_FAILED;
    }
    fflush(stdout);
    for (;;)
        pause();
}
