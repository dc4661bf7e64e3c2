/*
 * plain_door.c: see plain_door.h.
 *
 * A carrier is kept for the next connection when it is free, since an aio cannot be freed where it
 * calls back.
 */
#include "plain_door.h"

#include "daemon/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    LISTENERS = 32,
    RETRY_MS = 100, /* after a connection could not be taken */
};

struct plain {
    struct carrier carrier;
    struct plain_door *door;
    struct plain *next; /* free */
    nng_stream *stream;
    nng_aio *in, *out;
};

struct listener {
    struct plain_door *door;
    nng_stream_listener *listener;
    nng_aio *aio;
    bool ipc, pausing;
};

struct plain_door {
    struct streams *streams;
    struct listener listener[LISTENERS];
    int listeners;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of what follows */
    struct plain *first_free;
};

/* ---- A connection's carrier ---- */

static struct plain *plain_of(struct carrier *carrier)
{
    return (struct plain *)carrier; /* its first member */
}

static void set_bytes(nng_aio *aio, uint8_t *bytes, size_t size)
{
    nng_iov iov = {.iov_buf = bytes, .iov_len = size};
    nng_aio_set_iov(aio, 1, &iov);
}

static void plain_receive(struct carrier *carrier, uint8_t *bytes, size_t size)
{
    struct plain *plain = plain_of(carrier);
    set_bytes(plain->in, bytes, size);
    nng_stream_recv(plain->stream, plain->in);
}

static void plain_send(struct carrier *carrier, const uint8_t *bytes, size_t size)
{
    struct plain *plain = plain_of(carrier);
    set_bytes(plain->out, (uint8_t *)(uintptr_t)bytes, size); /* which are read alone */
    nng_stream_send(plain->stream, plain->out);
}

static void plain_close(struct carrier *carrier)
{
    nng_stream_close(plain_of(carrier)->stream);
}

static void plain_free(struct carrier *carrier)
{
    struct plain *plain = plain_of(carrier);
    nng_stream_free(plain->stream);
    plain->stream = NULL;
    pthread_mutex_lock(&plain->door->lock);
    plain->next = plain->door->first_free;
    plain->door->first_free = plain;
    pthread_mutex_unlock(&plain->door->lock);
}

static const struct carrier_kind plain_kind = {
    .receive = plain_receive, .send = plain_send, .close = plain_close, .free = plain_free};

static size_t count_of(nng_aio *aio)
{
    return nng_aio_result(aio) == 0 ? nng_aio_count(aio) : 0;
}

static void received(void *context)
{
    struct plain *plain = context;
    streams_received(plain->carrier.connection, count_of(plain->in));
}

static void sent(void *context)
{
    struct plain *plain = context;
    streams_sent(plain->carrier.connection, count_of(plain->out));
}

static void destroy_plain(struct plain *plain)
{
    nng_aio_free(plain->in);
    nng_aio_free(plain->out);
    free(plain);
}

static struct plain *new_plain(struct plain_door *door)
{
    struct plain *plain = calloc(1, sizeof *plain);
    if (plain == NULL)
        return NULL;
    plain->carrier.kind = &plain_kind;
    plain->door = door;
    if (nng_aio_alloc(&plain->in, received, plain) == 0 &&
        nng_aio_alloc(&plain->out, sent, plain) == 0)
        return plain;
    destroy_plain(plain);
    return NULL;
}

static struct plain *take_plain(struct plain_door *door)
{
    pthread_mutex_lock(&door->lock);
    struct plain *plain = door->first_free;
    if (plain != NULL)
        door->first_free = plain->next;
    pthread_mutex_unlock(&door->lock);
    return plain != NULL ? plain : new_plain(door);
}

/* ---- Connections that come ---- */

static void begin(struct listener *listener, nng_stream *stream)
{
    struct plain *plain = take_plain(listener->door);
    struct peer peer = peer_of(stream);
    if (plain == NULL) {
        nng_stream_free(stream);
        return;
    }
    plain->stream = stream;
    if (!listener->ipc)
        nng_stream_set_bool(stream, NNG_OPT_TCP_NODELAY, true);
    streams_begin(listener->door->streams, &plain->carrier, listener->ipc, &peer);
}

static void accept_next(struct listener *listener)
{
    nng_stream_listener_accept(listener->listener, listener->aio);
}

/* nng's thread: a connection has come, none could be taken, or a pause after that is over. */
static void accepted(void *context)
{
    struct listener *listener = context;
    int result = nng_aio_result(listener->aio);
    if (result == NNG_ECLOSED || result == NNG_ECANCELED ||
        atomic_load(&listener->door->stopping)) {
        if (result == 0 && !listener->pausing)
            nng_stream_free(nng_aio_get_output(listener->aio, 0));
        return;
    }
    bool pauses = result != 0 && !listener->pausing;
    if (pauses)
        log_warn("taking a connection: %s", nng_strerror(result));
    else if (!listener->pausing)
        begin(listener, nng_aio_get_output(listener->aio, 0));
    listener->pausing = pauses;
    if (pauses)
        nng_sleep_aio(RETRY_MS, listener->aio);
    else
        accept_next(listener);
}

/* ---- What is offered ---- */

struct plain_door *plain_door_create(struct streams *streams)
{
    struct plain_door *door = calloc(1, sizeof *door);
    if (door == NULL)
        return NULL;
    door->streams = streams;
    pthread_mutex_init(&door->lock, NULL);
    return door;
}

static int open_listener(struct listener *listener, const char *url, int ipc_mode, int *port)
{
    int result = nng_stream_listener_alloc(&listener->listener, url);
    *port = 0;
    if (result == 0)
        result = nng_aio_alloc(&listener->aio, accepted, listener);
    if (result == 0 && listener->ipc)
        result = nng_stream_listener_set_int(listener->listener, NNG_OPT_IPC_PERMISSIONS, ipc_mode);
    if (result == 0)
        result = nng_stream_listener_listen(listener->listener);
    if (result == 0 && !listener->ipc)
        result = nng_stream_listener_get_int(listener->listener, NNG_OPT_TCP_BOUND_PORT, port);
    return result;
}

static void close_listener(struct listener *listener)
{
    if (listener->aio != NULL)
        nng_aio_stop(listener->aio);
    if (listener->listener != NULL)
        nng_stream_listener_free(listener->listener);
    nng_aio_free(listener->aio);
    *listener = (struct listener){0};
}

int plain_door_listen(struct plain_door *door, const char *url, int ipc_mode, int *port)
{
    if (door->listeners == LISTENERS)
        return NNG_ENOMEM;
    struct listener *listener = &door->listener[door->listeners];
    listener->door = door;
    listener->ipc = strncmp(url, "ipc:", 4) == 0;
    int result = open_listener(listener, url, ipc_mode, port);
    if (result != 0) {
        close_listener(listener);
        return result;
    }
    door->listeners++;
    accept_next(listener);
    return 0;
}

void plain_door_stop(struct plain_door *door)
{
    atomic_store(&door->stopping, true);
    for (int i = 0; i < door->listeners; i++)
        close_listener(&door->listener[i]);
    door->listeners = 0;
}

void plain_door_destroy(struct plain_door *door)
{
    if (door == NULL)
        return;
    while (door->first_free != NULL) {
        struct plain *plain = door->first_free;
        door->first_free = plain->next;
        destroy_plain(plain);
    }
    pthread_mutex_destroy(&door->lock);
    free(door);
}
