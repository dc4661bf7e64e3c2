/*
 * server.c: see server.h.
 *
 * Free requests lie with receivers, among which connections are divided, so that threads seldom
 * meet at one. The stack keeps the requests used last on top, so that as few as are really in work
 * go round, and stay in cache.
 */
#include "server.h"

#include "client/endpoint.h"
#include "daemon/clock.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "daemon/refusals.h"
#include "daemon/streams.h"
#include "daemon/tls_door.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    RECEIVERS = 8,      /* a power of two, so that the requests divide evenly */
    FAREWELL_MS = 200,  /* for the last replies to leave */
    REFUSAL_SIZE = 512, /* bytes of a refusal: its detail is at most a wire_error */
    REPLY_HEAD_SIZE = 32,
};

struct receiver {
    pthread_mutex_t lock;    /* of the stack */
    struct request *request; /* all of them, `count` */
    struct ring *returned;   /* free again, pushed by whoever released them */
    void **stack;            /* free, the last used on top */
    size_t count, depth;
};

struct server {
    struct server_options options;
    struct streams *streams;
    struct connections *connections;
    struct peer *peer;         /* of each connection, by its place */
    struct tls_door *tls_door; /* NULL: no certificate was given */
    atomic_size_t large;       /* see request.h */
    atomic_bool refusing;
    struct receiver receiver[RECEIVERS];
};

struct streams *server_streams(const struct server *server)
{
    return server->streams;
}

struct connections *server_connections(struct server *server)
{
    return server->connections;
}

/* ---- Refusing ---- */

/* When there may be room again: once about half of what is in work now is done. */
static uint32_t when_to_come_back(const struct server *server)
{
    enum { LEAST_MS = 2, MOST_MS = 1000 };
    const struct stats *stats = server->options.stats;
    uint64_t in_work = ring_depth(server->options.ring) + stats_read(&stats->queued);
    uint64_t ms = in_work * stats_read(&stats->request_ns) / 2 / 1000000;
    return ms < LEAST_MS ? LEAST_MS : ms > MOST_MS ? MOST_MS : (uint32_t)ms;
}

/* Answers with a refusal and gives the message up. wire: what was decoded of it, or NULL. */
static void refuse(struct server *server, uint32_t connection, nng_msg *message, uint16_t status,
                   const char *detail, const struct wire_request *wire)
{
    uint8_t bytes[REFUSAL_SIZE];
    struct wire_writer head = {.bytes = bytes, .size = sizeof bytes};
    struct wire_writer nothing = {0};
    wire_reply_refused(&head, stats_read(&server->options.stats->committed), status, detail,
                       status == PM_BUSY ? when_to_come_back(server) : 0);
    refusals_of_request(server->options.stats, status, detail, wire);
    if (!head.overflow && request_set_reply(message, &head, &nothing))
        streams_send(server->streams, connection, message);
    else
        nng_msg_free(message);
}

/* ---- Receiving ---- */

/* While few are left, none is for a connection that has several in work: the last are for others.
 */
static struct request *take_request(struct receiver *receiver, uint32_t outstanding)
{
    enum { FEW = 8 /* th part of all */, SEVERAL = 4 };
    struct request *request = NULL;
    pthread_mutex_lock(&receiver->lock);
    receiver->depth += ring_pop_many(receiver->returned, receiver->stack + receiver->depth,
                                     receiver->count - receiver->depth);
    if (receiver->depth > 0 && (receiver->depth >= receiver->count / FEW || outstanding <= SEVERAL))
        request = receiver->stack[--receiver->depth];
    pthread_mutex_unlock(&receiver->lock);
    return request;
}

static void put_back(struct receiver *receiver, struct request *request)
{
    pthread_mutex_lock(&receiver->lock);
    receiver->stack[receiver->depth++] = request;
    pthread_mutex_unlock(&receiver->lock);
}

/* ---- Who may come in ---- */

/* What is kept of a connection: whether its peer is trusted, and its address. */
#define MARK_TRUSTED (UINT64_C(1) << 32)

static struct peer *peer_at(const struct server *server, uint32_t connection)
{
    return &server->peer[connection % STREAMS_MAX];
}

static uint64_t mark_of(const struct server *server, const struct peer *peer)
{
    return peer_address(peer) | (gate_trusts(server->options.gate, peer) ? MARK_TRUSTED : 0);
}

static struct gate_peer peer_for_gate(const struct server *server, const struct request *request)
{
    uint64_t mark = connections_marked(server->connections, request->from);
    return (struct gate_peer){.connection = request->from,
                              .trusted = (mark & MARK_TRUSTED) != 0,
                              .peer = peer_at(server, request->from)};
}

/* Sends what the gate answers to a request, whose message it takes. PM_OK, or why it is refused,
 * with the message left. */
static uint16_t answer_entry(struct server *server, struct request *request,
                             struct wire_error *error)
{
    uint8_t head_bytes[REPLY_HEAD_SIZE];
    struct wire_writer head = {.bytes = head_bytes, .size = sizeof head_bytes};
    struct wire_writer body = {.bytes = malloc(gate_answer_size()), .size = gate_answer_size()};
    struct gate_peer peer = peer_for_gate(server, request);
    uint16_t status = PM_BUSY;
    if (body.bytes)
        status = gate_answer(server->options.gate, &peer, &request->wire, &body, error);
    if (status == PM_OK) {
        wire_reply_begin(&head, stats_read(&server->options.stats->committed), 1);
        assert(!head.overflow && !body.overflow);
        connections_leave(server->connections, request->from);
        if (request_set_reply(request->message, &head, &body))
            streams_send(server->streams, request->from, request->message);
        else
            nng_msg_free(request->message);
    }
    free(body.bytes);
    return status;
}

/* ---- Taking requests ---- */

/* Decodes and checks; PM_OK when it may go to the matcher. */
static uint16_t decode(const struct server *server, struct request *request,
                       struct wire_error *error)
{
    bool trusted = (connections_marked(server->connections, request->from) & MARK_TRUSTED) != 0;
    const uint8_t *bytes = nng_msg_body(request->message);
    size_t size = nng_msg_len(request->message);
    if (!request_reserve(request, size)) {
        snprintf(error->text, sizeof error->text, "too many large requests are in work");
        return PM_BUSY;
    }
    uint16_t status = wire_request_decode(bytes, size, &request->arena, &request->wire, error);
    if (status == PM_OK)
        status = gate_identify(server->options.gate, trusted, &request->wire, &request->principal,
                               error);
    return status == PM_OK ? intake_check(&request->wire, error) : status;
}

/* A message of an admitted connection: on to the matcher, or refused and the connection left. */
static void admit(struct server *server, nng_msg *message, uint32_t from)
{
    struct receiver *receiver = &server->receiver[from % RECEIVERS];
    struct wire_error error = {"as many requests are in work as there may be"};
    uint16_t status = PM_BUSY;
    struct request *request =
        take_request(receiver, connections_outstanding(server->connections, from));
    if (request) {
        request->message = message;
        request->from = from;
        request->came_ns = clock_steady_ns();
        request->wire = (struct wire_request){.count = 0};
        status = decode(server, request, &error);
        bool entry = status == PM_OK && gate_answers(request->wire.command->verb);
        if (status == PM_OK && !entry && ring_push(server->options.ring, request)) {
            doorbell_ring(server->options.bell);
            return;
        }
        if (entry)
            status = answer_entry(server, request, &error);
        request->message = NULL;
        put_back(receiver, request); /* and taken no sooner than the next message comes */
        if (entry && status == PM_OK)
            return;
    }
    connections_leave(server->connections, from);
    refuse(server, from, message, status, error.text, request ? &request->wire : NULL);
}

/* Of one connection, one after the other. */
static void received(void *context, uint32_t from, nng_msg *message)
{
    struct server *server = context;
    if (atomic_load_explicit(&server->refusing, memory_order_relaxed)) {
        refuse(server, from, message, PM_STOPPING, "", NULL);
        return;
    }
    switch (connections_enter(server->connections, from)) {
    case CONNECTION_ADMITTED:
        admit(server, message, from);
        return;
    case CONNECTION_BUSY:
        refuse(server, from, message, PM_BUSY, "64 requests of this connection are outstanding",
               NULL);
        return;
    case CONNECTION_GONE:
        nng_msg_free(message);
        return;
    }
}

static void came(void *context, uint32_t connection, const struct peer *peer)
{
    struct server *server = context;
    *peer_at(server, connection) = *peer;
    connections_add(server->connections, connection, mark_of(server, peer));
}

static void gone(void *context, uint32_t connection)
{
    struct server *server = context;
    connections_remove(server->connections, connection);
}

/* ---- Opening and closing ---- */

static bool open_receiver(struct server *server, struct receiver *receiver)
{
    receiver->count = server->options.queue / RECEIVERS;
    receiver->request = calloc(receiver->count, sizeof *receiver->request);
    receiver->stack = calloc(receiver->count, sizeof *receiver->stack);
    receiver->returned = ring_create(receiver->count);
    pthread_mutex_init(&receiver->lock, NULL);
    if (!receiver->request || !receiver->stack || !receiver->returned)
        return false;
    for (size_t i = 0; i < receiver->count; i++) {
        receiver->request[i].home = receiver->returned;
        receiver->request[i].large = &server->large;
        put_back(receiver, &receiver->request[i]);
    }
    return true;
}

static void close_receiver(struct receiver *receiver)
{
    /* All who had one have ended: a request that is not home took its message along. */
    assert(!receiver->returned ||
           receiver->depth + ring_depth(receiver->returned) == receiver->count);
    for (size_t i = 0; receiver->request && i < receiver->count; i++)
        request_drop_memory(&receiver->request[i]);
    free(receiver->request);
    free(receiver->stack);
    ring_destroy(receiver->returned);
    pthread_mutex_destroy(&receiver->lock);
}

/* What is served over TLS from now on; says until when its certificate is good. NULL, with a
 * sentence. */
static SSL_CTX *load_tls(const struct server *server, char error[256])
{
    char note[64];
    const char *cert = server->options.tls.cert;
    SSL_CTX *context = tls_server(&server->options.tls, error);
    if (context && tls_in_time(context, note))
        log_info("the certificate in %s %s", cert, note);
    else if (context)
        log_warn("the certificate in %s %s: clients will not take it", cert, note);
    return context;
}

static bool open_tls_door(struct server *server, char error[256])
{
    SSL_CTX *context = load_tls(server, error);
    if (!context)
        return false;
    server->tls_door = tls_door_start(context, server->streams);
    snprintf(error, 256, "cannot start the thread that serves over TLS");
    return server->tls_door != NULL;
}

struct server *server_open(const struct server_options *options, char error[256])
{
    struct server *server = calloc(1, sizeof *server);
    snprintf(error, 256, "out of memory");
    if (!server)
        return NULL;
    server->options = *options;
    log_debug("nng %s", nng_version());
    server->streams = streams_create(&(struct streams_options){.message_max = options->message_max,
                                                               .context = server,
                                                               .came = came,
                                                               .received = received,
                                                               .gone = gone});
    server->connections = connections_create(STREAMS_MAX);
    server->peer = calloc(STREAMS_MAX, sizeof *server->peer);
    bool ready = server->streams != NULL && server->connections != NULL && server->peer != NULL;
    for (int i = 0; i < RECEIVERS && ready; i++)
        ready = open_receiver(server, &server->receiver[i]);
    if (ready && options->tls.cert)
        ready = open_tls_door(server, error);
    if (ready)
        return server;
    (void)server_close(server);
    return NULL;
}

/* The port that the system chose for tcp://…:0 in place of the 0. */
static void name_listener(int port, const char *url, char out[256])
{
    const char *colon = strrchr(url, ':');
    if (port != 0 && strcmp(colon, ":0") == 0)
        snprintf(out, 256, "%.*s:%d", (int)(colon - url), url, port);
    else
        snprintf(out, 256, "%s", url);
}

bool server_listen(struct server *server, const char *url, char out[256], char error[256])
{
    int port = 0;
    if (endpoint_is_tls(url))
        return tls_door_listen(server->tls_door, url, out, error);
    /* nng sets the mode after it has bound the socket: until then, too, it is the owner's alone. */
    mode_t before = umask(S_IRWXG | S_IRWXO);
    int result = streams_listen(server->streams, url, (int)server->options.ipc_mode, &port);
    umask(before);
    if (result != 0) {
        snprintf(error, 256, "cannot listen on %s: %s", url, nng_strerror(result));
        return false;
    }
    name_listener(port, url, out);
    return true;
}

void server_renew_tls(struct server *server)
{
    char error[256];
    if (!server->tls_door) {
        log_info("there is no certificate to be read anew");
        return;
    }
    SSL_CTX *context = load_tls(server, error);
    if (context)
        tls_door_renew(server->tls_door, context);
    else
        log_error("the certificate stays as it was: %s", error);
}

void server_refuse_all(struct server *server)
{
    atomic_store(&server->refusing, true);
}

/* What the matcher left in the ring: pushed by callbacks that were under way when it ended. */
static void refuse_left_over(struct server *server)
{
    void *item;
    while (ring_pop_many(server->options.ring, &item, 1) == 1) {
        struct request *request = item;
        nng_msg *message = request->message;
        uint32_t from = request->from;
        request->message = NULL;
        request_release(request);
        refuse(server, from, message, PM_STOPPING, "", NULL);
    }
}

bool server_close(struct server *server)
{
    if (!server)
        return true;
    if (server->streams)
        streams_stop(server->streams);
    refuse_left_over(server);
    if (server->streams)
        streams_drain(server->streams, FAREWELL_MS);
    if (!streams_close(server->streams)) {
        log_warn("some connections do not close; left to the end of the process");
        return false;
    }
    tls_door_stop(server->tls_door);
    streams_destroy(server->streams);
    for (int i = 0; i < RECEIVERS; i++)
        close_receiver(&server->receiver[i]);
    connections_destroy(server->connections);
    free(server->peer);
    free(server);
    return true;
}
