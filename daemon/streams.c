/*
 * streams.c: see streams.h.
 *
 * A connection's place is kept for the next when it has gone, and never freed before the end, so
 * that whoever has its number can look at it; the number says which connection of the place it was.
 * Its carrier is receiving or not, and sending or not; when the connection is ending, whichever is
 * over last frees the carrier.
 *
 *     reading   streams_received() alone, which runs again when what it began is done
 *     writing   whoever finds it idle swaps the waiting bytes for the leaving ones and sends them;
 *               streams_sent() goes on until nothing waits
 *
 * nng 1.5 forgets what is begun on a stream that was closed, and never gives its aio back. So each
 * beginning, and the closing, is under the connection's lock.
 */
#include "streams.h"

#include "daemon/clock.h"
#include "daemon/frames.h"
#include "daemon/log.h"
#include "daemon/plain_door.h"

#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    GREET_S = 10,         /* a client says what it is by then, unless told otherwise; */
    LOOK_MS = 1000,       /* who did not is looked for so often */
    PAUSE = 256 << 10,    /* bytes of replies that wait: its requests are not read meanwhile */
    KEEP = 64 << 10,      /* bytes of a buffer that is kept when it is empty */
    OWED_MAX = 128 << 20, /* bytes of replies that wait, unless told otherwise: see is_greedy() */
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
    struct frames frames;    /* streams_received()'s own */
    struct bytes leaving;    /* the sender's own: */
    size_t left;             /* so many have */
    pthread_mutex_t lock;    /* of what follows */
    uint32_t id;             /* of the connection that is there; the next one's otherwise */
    struct carrier *carrier; /* NULL: none is there */
    uint32_t came_s;         /* by clock_steady_s() */
    struct bytes waiting;    /* replies */
    unsigned busy;           /* what the carrier does: receiving, sending */
    bool greeted, handing, sending, paused, ending;
    bool stopped; /* nothing more is read */
};

struct streams {
    struct streams_options options;
    struct plain_door *door;
    nng_aio *look; /* for those that do not greet */
    atomic_bool stopping;
    atomic_uint count;    /* connections that are there */
    atomic_size_t owed;   /* bytes of replies that have not left */
    atomic_uint full_s;   /* when it was last said that there is no room */
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

static void release(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){0};
}

static void empty(struct bytes *bytes)
{
    bytes->used = 0;
    if (bytes->size > KEEP)
        release(bytes);
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
    return streams->place[streams->places++] = connection;
}

/* At most once a second, however many come. */
static void say_full(struct streams *streams)
{
    uint32_t now = clock_steady_s();
    if (atomic_exchange(&streams->full_s, now) != now)
        log_warn("connections are refused: there are as many as there may be");
}

/* NULL: there are as many as there may be, or no more are to come. */
static struct connection *take_place(struct streams *streams)
{
    struct connection *connection = NULL;
    pthread_mutex_lock(&streams->lock);
    bool stopping = atomic_load(&streams->stopping);
    if (!stopping && streams->first_free == NULL) {
        connection = new_place(streams);
    } else if (!stopping) {
        connection = streams->first_free;
        streams->first_free = connection->next_free;
        if (streams->first_free == NULL)
            streams->last_free = &streams->first_free;
    }
    pthread_mutex_unlock(&streams->lock);
    if (connection == NULL && !stopping)
        say_full(streams);
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
    if (connection->id == id && connection->carrier != NULL && !connection->ending)
        return connection;
    pthread_mutex_unlock(&connection->lock);
    return NULL;
}

/* ---- The end of a connection ---- */

/* The carrier has nothing to do any more. */
static void bury(struct connection *connection)
{
    struct streams *streams = connection->streams;
    struct carrier *carrier = connection->carrier;
    streams->options.gone(streams->options.context, connection->id);
    frames_reset(&connection->frames);
    pthread_mutex_lock(&connection->lock);
    connection->carrier = NULL;
    connection->id += STREAMS_MAX;
    if (connection->id < STREAMS_MAX) /* once in 130,000 connections of the place */
        connection->id += STREAMS_MAX;
    atomic_fetch_sub(&streams->owed,
                     connection->waiting.used + connection->leaving.used - connection->left);
    release(&connection->waiting);
    release(&connection->leaving);
    connection->left = 0;
    pthread_mutex_unlock(&connection->lock);
    carrier->kind->free(carrier);
    give_place(connection);
    atomic_fetch_sub(&streams->count, 1);
}

/* The lock is held. */
static void end(struct connection *connection)
{
    if (connection->ending)
        return;
    connection->ending = true;
    connection->carrier->kind->close(connection->carrier);
}

/* The carrier has ended one thing; the lock is held, and let go. */
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
    connection->busy++; /* as one more thing that ends: the last buries it */
    end(connection);
    put_down(connection);
}

/* ---- Writing ---- */

/* The lock is held. */
static void send_rest(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    carrier->kind->send(carrier, connection->leaving.at + connection->left,
                        connection->leaving.used - connection->left);
}

/* Sends what waits; the lock is held. */
static void send_waiting(struct connection *connection)
{
    struct bytes emptied = connection->leaving;
    connection->leaving = connection->waiting;
    connection->waiting = emptied;
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

void streams_sent(struct connection *connection, size_t count)
{
    pthread_mutex_lock(&connection->lock);
    atomic_fetch_sub_explicit(&connection->streams->owed, count, memory_order_relaxed);
    connection->left += count;
    if (count == 0)
        end(connection);
    bool all = connection->left == connection->leaving.used;
    if (all) {
        empty(&connection->leaving);
        connection->left = 0;
    }
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

/* Whether so much waits for it that others come short: there is only so much memory for those who
 * ask and do not read. */
static bool is_greedy(const struct connection *connection)
{
    const struct streams *streams = connection->streams;
    size_t most = streams->options.owed_max;
    return atomic_load_explicit(&streams->owed, memory_order_relaxed) > most &&
           connection->waiting.used > most / atomic_load(&streams->count);
}

void streams_put(struct streams *streams, uint32_t id, nng_msg *reply)
{
    struct connection *connection = find(streams, id);
    if (connection != NULL) {
        size_t before = connection->waiting.used;
        bool put = put_message(&connection->waiting, connection->frames.ipc, reply);
        atomic_fetch_add_explicit(&streams->owed, connection->waiting.used - before,
                                  memory_order_relaxed);
        if (put && !is_greedy(connection))
            pthread_mutex_unlock(&connection->lock);
        else
            break_off(connection); /* memory is short: its client asks again */
    }
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
    struct carrier *carrier = connection->carrier;
    size_t size;
    uint8_t *room = frames_room(&connection->frames, &size);
    if (room == NULL)
        end(connection);
    if (connection->ending || connection->stopped)
        return false;
    carrier->kind->receive(carrier, room, size);
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

/* Whether what comes is still wanted: until it has been handed over, streams_stop() waits. */
static bool begin_handing(struct connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    connection->handing = !connection->stopped;
    pthread_mutex_unlock(&connection->lock);
    return connection->handing;
}

void streams_received(struct connection *connection, size_t count)
{
    bool good = count > 0;
    if (good && begin_handing(connection)) {
        frames_came(&connection->frames, count);
        good = hand_over(connection);
    }
    pthread_mutex_lock(&connection->lock);
    connection->handing = false;
    connection->greeted = connection->frames.greeted;
    if (!good && !connection->stopped)
        end(connection);
    connection->paused = connection->sending && connection->waiting.used > PAUSE;
    if (connection->paused || !read_on(connection))
        put_down(connection);
    else
        pthread_mutex_unlock(&connection->lock);
}

/* ---- Connections that come ---- */

/* One that is there now, with what is to be told to it first; the lock is held. False when memory
 * is short. */
static bool take(struct connection *connection, struct carrier *carrier, bool ipc)
{
    carrier->connection = connection;
    connection->carrier = carrier;
    connection->came_s = clock_steady_s();
    connection->greeted = connection->sending = connection->paused = connection->ending = false;
    connection->frames.ipc = ipc;
    connection->busy = 1; /* receiving */
    uint8_t *greeting = extend(&connection->waiting, FRAMES_GREETING);
    if (greeting == NULL)
        return false;
    memcpy(greeting, frames_greeting, FRAMES_GREETING);
    atomic_fetch_add_explicit(&connection->streams->owed, FRAMES_GREETING, memory_order_relaxed);
    return true;
}

void streams_begin(struct streams *streams, struct carrier *carrier, bool ipc,
                   const struct peer *peer)
{
    struct connection *connection = take_place(streams);
    if (connection == NULL) {
        carrier->kind->free(carrier);
        return;
    }
    atomic_fetch_add(&streams->count, 1);
    pthread_mutex_lock(&connection->lock);
    bool taken = take(connection, carrier, ipc);
    pthread_mutex_unlock(&connection->lock);
    streams->options.came(streams->options.context, connection->id, peer);
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

static uint32_t count_places(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    uint32_t places = streams->places;
    pthread_mutex_unlock(&streams->lock);
    return places;
}

/* nng's thread, now and then: who has not said in time what it is goes. */
static void look(void *context)
{
    struct streams *streams = context;
    if (nng_aio_result(streams->look) != 0)
        return; /* stopped */
    uint32_t places = count_places(streams), now = clock_steady_s();
    for (uint32_t i = 0; i < places; i++) {
        struct connection *connection = streams->place[i];
        pthread_mutex_lock(&connection->lock);
        if (connection->carrier != NULL && !connection->greeted && !connection->ending &&
            now > connection->came_s + streams->options.greet_s)
            break_off(connection);
        else
            pthread_mutex_unlock(&connection->lock);
    }
    nng_sleep_aio(LOOK_MS, streams->look);
}

/* ---- What is offered ---- */

struct streams *streams_create(const struct streams_options *options)
{
    struct streams *streams = calloc(1, sizeof *streams);
    if (streams == NULL)
        return NULL;
    streams->options = *options;
    if (options->owed_max == 0)
        streams->options.owed_max = OWED_MAX;
    if (options->greet_s == 0)
        streams->options.greet_s = GREET_S;
    streams->last_free = &streams->first_free;
    pthread_mutex_init(&streams->lock, NULL);
    streams->door = plain_door_create(streams);
    if (streams->door == NULL || nng_aio_alloc(&streams->look, look, streams) != 0) {
        plain_door_destroy(streams->door);
        pthread_mutex_destroy(&streams->lock);
        free(streams);
        return NULL;
    }
    nng_sleep_aio(LOOK_MS, streams->look);
    return streams;
}

int streams_listen(struct streams *streams, const char *url, int ipc_mode, int *port)
{
    return plain_door_listen(streams->door, url, ipc_mode, port);
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
    for (uint32_t i = 0, places = count_places(streams); i < places && !sending; i++) {
        pthread_mutex_lock(&streams->place[i]->lock);
        sending = streams->place[i]->sending;
        pthread_mutex_unlock(&streams->place[i]->lock);
    }
    return sending;
}

/* When it returns, nothing is handed over, and nothing will be. */
static void stop_reading(struct connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    connection->stopped = true;
    while (connection->handing) {
        pthread_mutex_unlock(&connection->lock);
        nng_msleep(1);
        pthread_mutex_lock(&connection->lock);
    }
    pthread_mutex_unlock(&connection->lock);
}

/* A connection that begins meanwhile is at a place that is stopped, or sees that it is to be. */
void streams_stop(struct streams *streams)
{
    atomic_store(&streams->stopping, true);
    nng_aio_stop(streams->look);
    plain_door_stop(streams->door);
    uint32_t places = count_places(streams);
    for (uint32_t i = 0; i < places; i++)
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

bool streams_close(struct streams *streams)
{
    unsigned waited = 0;
    while (streams != NULL && atomic_load(&streams->count) > 0) {
        if (waited++ == STOP_MS)
            return false;
        uint32_t places = count_places(streams);
        for (uint32_t i = 0; i < places; i++) /* also what had only just come */
            streams_end(streams, number_of(streams->place[i]));
        nng_msleep(1);
    }
    return true;
}

void streams_destroy(struct streams *streams)
{
    if (streams == NULL)
        return;
    for (uint32_t i = 0; i < streams->places; i++) {
        struct connection *connection = streams->place[i];
        frames_reset(&connection->frames);
        pthread_mutex_destroy(&connection->lock);
        free(connection);
    }
    plain_door_destroy(streams->door);
    nng_aio_free(streams->look);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}
