/*
 * streams.c: see streams.h.
 *
 * A connection's place is kept for the next when it has gone, and never freed before the end, so
 * that whoever has its number can look at it; the number says which connection of the place it was.
 * Its two aios are in use or not: when it is ending, whichever is given back last frees the stream.
 *
 *     reading   received() alone, which runs again when what it began is done
 *     writing   whoever finds it idle swaps the waiting bytes for the leaving ones and sends them;
 *               sent() goes on until nothing waits
 *
 * nng 1.5 forgets what is begun on a stream that was closed, and never gives its aio back. So each
 * beginning, and the closing, is under the connection's lock.
 */
#include "streams.h"

#include "daemon/frames.h"
#include "daemon/log.h"

#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    LISTENERS = 32,
    GREET_MS = 10000,  /* a client says what it is by then */
    RETRY_MS = 100,    /* after a connection could not be taken */
    PAUSE = 256 << 10, /* bytes of replies that wait: its requests are not read meanwhile */
    KEEP = 64 << 10,   /* bytes of a buffer that is kept when it is empty */
    OUT_FIRST = 1024,
    STOP_MS = 2000,
};

struct bytes {
    uint8_t *at;
    size_t size, used;
};

struct connection {
    struct streams *streams;
    struct connection *next_free;
    nng_aio *in, *out;
    struct frames frames; /* received()'s own */
    struct bytes leaving; /* the sender's own: */
    size_t left;          /* so many have */
    pthread_mutex_t lock; /* of what follows */
    uint32_t id;          /* of the connection that is there; the next one's otherwise */
    nng_stream *stream;   /* NULL: none is there */
    struct bytes waiting; /* replies */
    unsigned busy;        /* aios in use */
    bool sending, paused, ending;
    bool stopped; /* nothing more is read */
};

struct listener {
    struct streams *streams;
    nng_stream_listener *listener;
    nng_aio *aio;
    int port; /* 0: over ipc */
    bool pausing;
};

struct streams {
    struct streams_options options;
    struct listener listener[LISTENERS];
    int listeners;
    atomic_bool stopping;
    atomic_uint count;    /* connections that are there */
    pthread_mutex_t lock; /* of what follows */
    struct connection *place[STREAMS_MAX];
    uint32_t places;
    struct connection *first_free, **last_free; /* the one that went first is taken first */
};

/* ---- Bytes ---- */

/* Room for so many more; NULL when memory is short. */
static uint8_t *extend(struct bytes *bytes, size_t more)
{
    size_t size = bytes->size == 0 ? OUT_FIRST : bytes->size;
    while (size - bytes->used < more)
        size *= 2;
    if (size != bytes->size) {
        uint8_t *at = realloc(bytes->at, size);
        if (at == NULL)
            return NULL;
        bytes->at = at;
        bytes->size = size;
    }
    bytes->used += more;
    return bytes->at + bytes->used - more;
}

static void empty(struct bytes *bytes)
{
    bytes->used = 0;
    if (bytes->size <= KEEP)
        return;
    free(bytes->at);
    *bytes = (struct bytes){0};
}

static bool put_message(struct bytes *bytes, bool ipc, nng_msg *message)
{
    uint8_t head[FRAMES_HEAD];
    size_t header = nng_msg_header_len(message), body = nng_msg_len(message);
    size_t size = frames_head(ipc, header + body, head);
    uint8_t *at = extend(bytes, size + header + body);
    if (at == NULL)
        return false;
    memcpy(at, head, size);
    memcpy(at + size, nng_msg_header(message), header);
    memcpy(at + size + header, nng_msg_body(message), body);
    return true;
}

/* ---- Places ---- */

static void received(void *context);
static void sent(void *context);

static struct connection *new_place(struct streams *streams)
{
    if (streams->places == STREAMS_MAX)
        return NULL;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->streams = streams;
    connection->frames.most = streams->options.message_max;
    connection->id = STREAMS_MAX + streams->places; /* never 0 */
    pthread_mutex_init(&connection->lock, NULL);
    if (nng_aio_alloc(&connection->in, received, connection) != 0 ||
        nng_aio_alloc(&connection->out, sent, connection) != 0) {
        nng_aio_free(connection->in);
        free(connection);
        return NULL;
    }
    return streams->place[streams->places++] = connection;
}

static struct connection *take_place(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    struct connection *connection = streams->first_free;
    if (connection == NULL) {
        connection = new_place(streams);
    } else {
        streams->first_free = connection->next_free;
        if (streams->first_free == NULL)
            streams->last_free = &streams->first_free;
    }
    pthread_mutex_unlock(&streams->lock);
    return connection;
}

static void give_place(struct connection *connection)
{
    struct streams *streams = connection->streams;
    pthread_mutex_lock(&streams->lock);
    connection->next_free = NULL;
    *streams->last_free = connection;
    streams->last_free = &connection->next_free;
    pthread_mutex_unlock(&streams->lock);
}

/* Locks the connection of that number; NULL when it has gone. */
static struct connection *find(struct streams *streams, uint32_t id)
{
    struct connection *connection = streams->place[id % STREAMS_MAX];
    pthread_mutex_lock(&connection->lock);
    if (connection->id == id && connection->stream != NULL && !connection->ending)
        return connection;
    pthread_mutex_unlock(&connection->lock);
    return NULL;
}

/* ---- The end of a connection ---- */

/* No aio is in use any more. */
static void bury(struct connection *connection)
{
    struct streams *streams = connection->streams;
    nng_stream *stream = connection->stream;
    streams->options.gone(streams->options.context, connection->id);
    frames_reset(&connection->frames);
    pthread_mutex_lock(&connection->lock);
    connection->stream = NULL;
    connection->id += STREAMS_MAX;
    if (connection->id < STREAMS_MAX) /* once in 130,000 connections of the place */
        connection->id += STREAMS_MAX;
    empty(&connection->waiting);
    empty(&connection->leaving);
    pthread_mutex_unlock(&connection->lock);
    nng_stream_free(stream);
    give_place(connection);
    atomic_fetch_sub(&streams->count, 1);
}

/* The lock is held. */
static void end(struct connection *connection)
{
    if (connection->ending)
        return;
    connection->ending = true;
    nng_stream_close(connection->stream);
}

/* An aio is given back; the lock is held, and let go. */
static void put_down(struct connection *connection)
{
    bool over = --connection->busy == 0 && connection->ending;
    pthread_mutex_unlock(&connection->lock);
    if (over)
        bury(connection);
}

/* Ends it, whoever uses it; the lock is held, and let go. */
static void break_off(struct connection *connection)
{
    connection->busy++; /* as an aio: the last to be given back */
    end(connection);
    put_down(connection);
}

/* ---- Writing ---- */

/* The lock is held. */
static void send_rest(struct connection *connection)
{
    nng_iov rest = {.iov_buf = connection->leaving.at + connection->left,
                    .iov_len = connection->leaving.used - connection->left};
    nng_aio_set_iov(connection->out, 1, &rest);
    nng_stream_send(connection->stream, connection->out);
}

/* Sends what waits; the lock is held. */
static void send_waiting(struct connection *connection)
{
    struct bytes emptied = connection->leaving;
    connection->leaving = connection->waiting;
    connection->waiting = emptied;
    connection->left = 0;
    send_rest(connection);
}

static bool read_on(struct connection *connection);

/* All of it has left, or cannot; the lock is held, and let go. */
static void end_sending(struct connection *connection)
{
    bool resumes = connection->paused && !connection->ending;
    connection->sending = connection->paused = false;
    if (resumes && read_on(connection))
        connection->busy++;
    put_down(connection);
}

/* nng's thread: some has left. */
static void sent(void *context)
{
    struct connection *connection = context;
    pthread_mutex_lock(&connection->lock);
    if (nng_aio_result(connection->out) != 0)
        end(connection);
    else
        connection->left += nng_aio_count(connection->out);
    bool all = connection->left == connection->leaving.used;
    if (all || connection->ending)
        empty(&connection->leaving);
    if (connection->ending || (all && connection->waiting.used == 0)) {
        end_sending(connection);
        return;
    }
    if (all)
        send_waiting(connection);
    else
        send_rest(connection);
    pthread_mutex_unlock(&connection->lock);
}

/* Sends what waits, unless that is being done; the lock is held, and let go. */
static void start_sending(struct connection *connection)
{
    if (!connection->sending && !connection->ending && connection->waiting.used > 0) {
        connection->sending = true;
        connection->busy++;
        send_waiting(connection);
    }
    pthread_mutex_unlock(&connection->lock);
}

void streams_put(struct streams *streams, uint32_t id, nng_msg *reply)
{
    struct connection *connection = find(streams, id);
    if (connection != NULL && put_message(&connection->waiting, connection->frames.ipc, reply))
        pthread_mutex_unlock(&connection->lock);
    else if (connection != NULL)
        break_off(connection); /* memory is short: its client asks again */
    nng_msg_free(reply);
}

void streams_flush(struct streams *streams, uint32_t id)
{
    struct connection *connection = find(streams, id);
    if (connection != NULL)
        start_sending(connection);
}

void streams_send(struct streams *streams, uint32_t id, nng_msg *reply)
{
    streams_put(streams, id, reply);
    streams_flush(streams, id);
}

/* ---- Reading ---- */

/* Begins the next reading; the lock is held. False when there is to be none. */
static bool read_on(struct connection *connection)
{
    struct frames *frames = &connection->frames;
    nng_iov room;
    room.iov_buf = frames_room(frames, &room.iov_len);
    if (room.iov_buf == NULL)
        end(connection);
    if (connection->ending || connection->stopped)
        return false;
    nng_aio_set_timeout(connection->in, frames->greeted ? NNG_DURATION_INFINITE : GREET_MS);
    nng_aio_set_iov(connection->in, 1, &room);
    nng_stream_recv(connection->stream, connection->in);
    return true;
}

/* Hands over what has come; false when the connection is to end. */
static bool hand_over(struct connection *connection)
{
    const struct streams_options *options = &connection->streams->options;
    enum frames_result result;
    nng_msg *message;
    while ((result = frames_next(&connection->frames, &message)) == FRAMES_MESSAGE)
        options->received(options->context, connection->id, message);
    return result == FRAMES_MORE;
}

/* nng's thread: some has come, or the connection has ended. */
static void received(void *context)
{
    struct connection *connection = context;
    bool good = nng_aio_result(connection->in) == 0;
    if (good) {
        frames_came(&connection->frames, nng_aio_count(connection->in));
        good = hand_over(connection);
    }
    pthread_mutex_lock(&connection->lock);
    if (!good && !connection->stopped)
        end(connection);
    connection->paused = connection->sending && connection->waiting.used > PAUSE;
    if (connection->paused || !read_on(connection))
        put_down(connection);
    else
        pthread_mutex_unlock(&connection->lock);
}

/* ---- Connections that come ---- */

static void begin(struct listener *listener, nng_stream *stream)
{
    struct streams *streams = listener->streams;
    struct connection *connection = take_place(streams);
    if (connection == NULL) {
        log_warn("a connection is refused: there are as many as there may be");
        nng_stream_free(stream);
        return;
    }
    atomic_fetch_add(&streams->count, 1);
    if (listener->port != 0)
        nng_stream_set_bool(stream, NNG_OPT_TCP_NODELAY, true);
    pthread_mutex_lock(&connection->lock);
    connection->stream = stream;
    connection->ending = connection->sending = connection->paused = false;
    connection->frames.ipc = listener->port == 0;
    connection->busy = 1; /* reading */
    uint8_t *greeting = extend(&connection->waiting, FRAMES_GREETING);
    if (greeting != NULL)
        memcpy(greeting, frames_greeting, FRAMES_GREETING);
    pthread_mutex_unlock(&connection->lock);
    bool taken = greeting != NULL && streams->options.came(streams->options.context, connection->id,
                                                           stream, listener->port);
    pthread_mutex_lock(&connection->lock);
    if (!taken)
        end(connection);
    start_sending(connection);
    pthread_mutex_lock(&connection->lock);
    if (read_on(connection))
        pthread_mutex_unlock(&connection->lock);
    else
        put_down(connection);
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
        atomic_load(&listener->streams->stopping)) {
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

struct streams *streams_create(const struct streams_options *options)
{
    struct streams *streams = calloc(1, sizeof *streams);
    if (streams == NULL)
        return NULL;
    streams->options = *options;
    streams->last_free = &streams->first_free;
    pthread_mutex_init(&streams->lock, NULL);
    return streams;
}

static int open_listener(struct listener *listener, const char *url, int ipc_mode)
{
    bool ipc = strncmp(url, "ipc:", 4) == 0;
    int result = nng_stream_listener_alloc(&listener->listener, url);
    if (result == 0)
        result = nng_aio_alloc(&listener->aio, accepted, listener);
    if (result == 0 && ipc)
        result = nng_stream_listener_set_int(listener->listener, NNG_OPT_IPC_PERMISSIONS, ipc_mode);
    if (result == 0)
        result = nng_stream_listener_listen(listener->listener);
    if (result == 0 && !ipc)
        result = nng_stream_listener_get_int(listener->listener, NNG_OPT_TCP_BOUND_PORT,
                                             &listener->port);
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

int streams_listen(struct streams *streams, const char *url, int ipc_mode, int *port)
{
    if (streams->listeners == LISTENERS)
        return NNG_ENOMEM;
    struct listener *listener = &streams->listener[streams->listeners];
    listener->streams = streams;
    int result = open_listener(listener, url, ipc_mode);
    if (result != 0) {
        close_listener(listener);
        return result;
    }
    streams->listeners++;
    *port = listener->port;
    accept_next(listener);
    return 0;
}

void streams_end(struct streams *streams, uint32_t id)
{
    struct connection *connection = find(streams, id);
    if (connection != NULL)
        break_off(connection);
}

static bool is_sending(struct streams *streams)
{
    bool sending = false;
    for (uint32_t i = 0; i < streams->places && !sending; i++) {
        pthread_mutex_lock(&streams->place[i]->lock);
        sending = streams->place[i]->sending;
        pthread_mutex_unlock(&streams->place[i]->lock);
    }
    return sending;
}

static void stop_reading(struct connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    connection->stopped = true;
    pthread_mutex_unlock(&connection->lock);
    nng_aio_abort(connection->in, NNG_ECANCELED);
    nng_aio_wait(connection->in);
}

void streams_stop(struct streams *streams)
{
    atomic_store(&streams->stopping, true);
    for (int i = 0; i < streams->listeners; i++)
        close_listener(&streams->listener[i]);
    streams->listeners = 0;
    for (uint32_t i = 0; i < streams->places; i++)
        stop_reading(streams->place[i]);
}

void streams_drain(struct streams *streams, unsigned ms)
{
    for (unsigned waited = 0; waited < ms && is_sending(streams); waited++)
        nng_msleep(1);
}

/* The number of the connection that is, or will be, at a place. */
static uint32_t number_of(struct connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    uint32_t id = connection->id;
    pthread_mutex_unlock(&connection->lock);
    return id;
}

bool streams_destroy(struct streams *streams)
{
    if (streams == NULL)
        return true;
    for (uint32_t i = 0; i < streams->places; i++)
        streams_end(streams, number_of(streams->place[i]));
    for (unsigned waited = 0; atomic_load(&streams->count) > 0; waited++) {
        if (waited == STOP_MS)
            return false;
        nng_msleep(1);
    }
    for (uint32_t i = 0; i < streams->places; i++) {
        struct connection *connection = streams->place[i];
        nng_aio_free(connection->in);
        nng_aio_free(connection->out);
        frames_reset(&connection->frames);
        free(connection->waiting.at);
        free(connection->leaving.at);
        pthread_mutex_destroy(&connection->lock);
        free(connection);
    }
    pthread_mutex_destroy(&streams->lock);
    free(streams);
    return true;
}
