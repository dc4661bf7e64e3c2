/*
 * server.c: see server.h.
 *
 * Each receiver owns an aio, and a ring and a stack of free requests. Only its callback uses the
 * stack, and only one callback of a receiver runs at a time, so taking a request needs no atomics
 * but the ring's. The stack keeps the requests used last on top, so that as few as are really in
 * work go round, and stay in cache.
 */
#include "server.h"

#include "daemon/aside.h"
#include "daemon/clock.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "daemon/refusals.h"
#include "daemon/sendmsg_remedy.h"
#include "daemon/tls_relay.h"

#include <assert.h>
#include <errno.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    RECEIVERS = 8,         /* a power of two, so that the requests divide evenly */
    CONNECTIONS = 1 << 15, /* table of connections: 256 KiB */
    SOCKET_BUFFER = 1024,  /* messages that wait inside nng, each way */
    CLOSE_SECONDS = 2,
    FAREWELL_MS = 200,  /* for the last replies to leave nng */
    REFUSAL_SIZE = 512, /* bytes of a refusal: its detail is at most a wire_error */
    REPLY_HEAD_SIZE = 32,
};

struct receiver {
    struct server *server;
    nng_aio *aio;
    struct request *request; /* all of them, `count` */
    struct ring *returned;   /* free again, pushed by whoever released them */
    void **stack;            /* free, the last used on top */
    size_t count, depth;
};

struct server {
    struct server_options options;
    nng_socket socket;
    struct connections *connections;
    struct aside *aside;
    struct tls_relay *relay; /* NULL: no certificate was given */
    int near;                /* nng's id of the listener to which it passes on; 0: none */
    atomic_size_t large;     /* see request.h */
    atomic_bool refusing;
    sem_t closed;
    struct receiver receiver[RECEIVERS];
};

nng_socket server_socket(const struct server *server)
{
    return server->socket;
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

/* Answers with a refusal and gives the message up. Never waits: when nng's own queue is full the
 * client gets nothing and sends again. wire: what was decoded of it, or NULL. */
static void refuse(struct server *server, nng_msg *message, uint16_t status, const char *detail,
                   const struct wire_request *wire)
{
    uint8_t bytes[REFUSAL_SIZE];
    struct wire_writer head = {.bytes = bytes, .size = sizeof bytes};
    struct wire_writer nothing = {0};
    wire_reply_refused(&head, stats_read(&server->options.stats->committed), status, detail,
                       status == PM_BUSY ? when_to_come_back(server) : 0);
    refusals_of_request(server->options.stats, status, detail, wire);
    if (!head.overflow && request_set_reply(message, &head, &nothing))
        aside_send(server->aside, message);
    else
        nng_msg_free(message);
}

/* ---- Receiving ---- */

/* While few are left, none is for a connection that has several in work: the last are for others.
 */
static struct request *take_request(struct receiver *receiver, uint32_t outstanding)
{
    enum { FEW = 8 /* th part of all */, SEVERAL = 4 };
    receiver->depth += ring_pop_many(receiver->returned, receiver->stack + receiver->depth,
                                     receiver->count - receiver->depth);
    if (receiver->depth == 0 || (receiver->depth < receiver->count / FEW && outstanding > SEVERAL))
        return NULL;
    return receiver->stack[--receiver->depth];
}

static void put_back(struct receiver *receiver, struct request *request)
{
    receiver->stack[receiver->depth++] = request;
}

/* ---- Who may come in ---- */

/* What is kept of a connection: whether its peer is trusted, and its address. */
#define MARK_TRUSTED (UINT64_C(1) << 32)

static uint64_t mark_of(const struct server *server, nng_pipe pipe)
{
    return peer_address(pipe) | (gate_trusts(server->options.gate, pipe) ? MARK_TRUSTED : 0);
}

static struct gate_peer peer_of(const struct server *server, const struct request *request)
{
    uint64_t mark = connections_marked(server->connections, request->from);
    return (struct gate_peer){.pipe = nng_msg_get_pipe(request->message),
                              .trusted = (mark & MARK_TRUSTED) != 0,
                              .address = (uint32_t)mark};
}

/* Sends what the gate answers to a request, whose message it takes. PM_OK, or why it is refused,
 * with the message left. */
static uint16_t answer_entry(struct server *server, struct request *request,
                             struct wire_error *error)
{
    uint8_t head_bytes[REPLY_HEAD_SIZE];
    struct wire_writer head = {.bytes = head_bytes, .size = sizeof head_bytes};
    struct wire_writer body = {.bytes = malloc(gate_answer_size()), .size = gate_answer_size()};
    struct gate_peer peer = peer_of(server, request);
    uint16_t status = PM_BUSY;
    if (body.bytes)
        status = gate_answer(server->options.gate, &peer, &request->wire, &body, error);
    if (status == PM_OK) {
        wire_reply_begin(&head, stats_read(&server->options.stats->committed), 1);
        assert(!head.overflow && !body.overflow);
        connections_leave(server->connections, request->from);
        if (request_set_reply(request->message, &head, &body))
            aside_send(server->aside, request->message);
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
static void admit(struct receiver *receiver, nng_msg *message, struct connection_ref from)
{
    struct server *server = receiver->server;
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
    refuse(server, message, status, error.text, request ? &request->wire : NULL);
}

static void take_message(struct receiver *receiver, nng_msg *message)
{
    struct server *server = receiver->server;
    nng_pipe pipe = nng_msg_get_pipe(message);
    struct connection_ref from;
    if (atomic_load_explicit(&server->refusing, memory_order_relaxed)) {
        refuse(server, message, PM_STOPPING, "", NULL);
        return;
    }
    switch (connections_enter(server->connections, (uint32_t)nng_pipe_id(pipe), &from)) {
    case CONNECTION_ADMITTED:
        admit(receiver, message, from);
        return;
    case CONNECTION_BUSY:
        refuse(server, message, PM_BUSY, "64 requests of this connection are outstanding", NULL);
        return;
    case CONNECTION_FLOOD: /* closed it would come again, and see sendmsg_remedy.c */
    case CONNECTION_GONE:
        nng_msg_free(message);
        return;
    }
}

/* nng's thread: a message has come, or the socket is closing. */
static void received(void *context)
{
    struct receiver *receiver = context;
    int result = nng_aio_result(receiver->aio);
    if (result == NNG_ECLOSED || result == NNG_ECANCELED)
        return;
    if (result == 0)
        take_message(receiver, nng_aio_get_msg(receiver->aio));
    else
        log_warn("receiving: %s", nng_strerror(result));
    nng_recv_aio(receiver->server->socket, receiver->aio);
}

/* Whether a connection comes where only the relay should. */
static bool strays(const struct server *server, nng_pipe pipe)
{
    return server->near != 0 && nng_listener_id(nng_pipe_listener(pipe)) == server->near &&
           !peer_is_relayed(pipe);
}

/* nng's thread. A connection comes (and may still be refused) or has gone. */
static void connection_changed(nng_pipe pipe, nng_pipe_ev event, void *context)
{
    struct server *server = context;
    uint32_t id = (uint32_t)nng_pipe_id(pipe);
    if (event == NNG_PIPE_EV_REM_POST) {
        connections_remove(server->connections, id);
    } else if (strays(server, pipe)) {
        nng_pipe_close(pipe);
    } else if (!connections_add(server->connections, id)) {
        log_warn("a connection is refused: the table of connections is full");
        nng_pipe_close(pipe);
    } else {
        connections_mark(server->connections, id, mark_of(server, pipe));
    }
}

/* ---- Opening and closing ---- */

static bool open_receiver(struct server *server, struct receiver *receiver)
{
    receiver->server = server;
    receiver->count = server->options.queue / RECEIVERS;
    receiver->request = calloc(receiver->count, sizeof *receiver->request);
    receiver->stack = calloc(receiver->count, sizeof *receiver->stack);
    receiver->returned = ring_create(receiver->count);
    if (!receiver->request || !receiver->stack || !receiver->returned ||
        nng_aio_alloc(&receiver->aio, received, receiver) != 0)
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
    if (receiver->aio) {
        nng_aio_free(receiver->aio);
        /* All who had one have ended: a request that is not home took its message along. */
        assert(receiver->depth + ring_depth(receiver->returned) == receiver->count);
    }
    for (size_t i = 0; receiver->request && i < receiver->count; i++)
        free(receiver->request[i].arena.bytes);
    free(receiver->request);
    free(receiver->stack);
    ring_destroy(receiver->returned);
}

/* Every size is set before anything listens: by default nng believes any length a client states. */
static int open_socket(struct server *server)
{
    int result = nng_rep0_open_raw(&server->socket);
    if (result == 0)
        result =
            nng_socket_set_size(server->socket, NNG_OPT_RECVMAXSZ, server->options.message_max);
    if (result == 0)
        result = nng_socket_set_int(server->socket, NNG_OPT_RECVBUF, SOCKET_BUFFER);
    if (result == 0)
        result = nng_socket_set_int(server->socket, NNG_OPT_SENDBUF, SOCKET_BUFFER);
    if (result == 0)
        result = nng_pipe_notify(server->socket, NNG_PIPE_EV_ADD_PRE, connection_changed, server);
    if (result == 0)
        result = nng_pipe_notify(server->socket, NNG_PIPE_EV_REM_POST, connection_changed, server);
    return result;
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

/* Has nng listen on loopback, at any port, for what comes over TLS. */
static bool open_relay(struct server *server, char error[256])
{
    nng_listener listener;
    int port = 0;
    SSL_CTX *context = load_tls(server, error);
    if (!context)
        return false;
    int result = nng_listen(server->socket, "tcp://127.0.0.1:0", &listener, 0);
    if (result == 0)
        result = nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port);
    if (result != 0) {
        snprintf(error, 256, "nng: %s", nng_strerror(result));
        SSL_CTX_free(context);
        return false;
    }
    server->near = nng_listener_id(listener);
    server->relay =
        tls_relay_start(context, &(struct sockaddr_in){.sin_family = AF_INET,
                                                       .sin_port = htons((uint16_t)port),
                                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)});
    snprintf(error, 256, "cannot start the thread that serves over TLS");
    return server->relay != NULL;
}

struct server *server_open(const struct server_options *options, char error[256])
{
    struct server *server = calloc(1, sizeof *server);
    snprintf(error, 256, "out of memory");
    if (!server)
        return NULL;
    server->options = *options;
    log_debug("nng %s, %s", nng_version(),
              sendmsg_remedy_present() ? "kept from the faults of clients that go" : "unaided");
    int result = open_socket(server);
    if (result != 0) {
        snprintf(error, 256, "nng: %s", nng_strerror(result));
        free(server);
        return NULL;
    }
    server->connections = connections_create(CONNECTIONS);
    server->aside = aside_create(server->socket);
    bool ready = server->connections != NULL && server->aside != NULL;
    for (int i = 0; i < RECEIVERS && ready; i++)
        ready = open_receiver(server, &server->receiver[i]);
    if (ready && options->tls.cert)
        ready = open_relay(server, error);
    if (ready)
        return server;
    (void)server_close(server);
    return NULL;
}

/* The port that nng chose for tcp://…:0 in place of the 0. */
static void name_listener(nng_listener listener, const char *url, char out[256])
{
    int port;
    const char *colon = strrchr(url, ':');
    if (strncmp(url, "tcp://", 6) == 0 && strcmp(colon, ":0") == 0 &&
        nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0)
        snprintf(out, 256, "%.*s:%d", (int)(colon - url), url, port);
    else
        snprintf(out, 256, "%s", url);
}

bool server_listen(struct server *server, const char *url, char out[256], char error[256])
{
    nng_listener listener;
    if (tls_is_url(url))
        return tls_relay_listen(server->relay, url, out, error);
    int result = nng_listener_create(&listener, server->socket, url);
    if (result == 0 && strncmp(url, "ipc:", 4) == 0)
        result =
            nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, (int)server->options.ipc_mode);
    /* nng sets the mode after it has bound the socket: until then, too, it is the owner's alone. */
    mode_t before = umask(S_IRWXG | S_IRWXO);
    if (result == 0)
        result = nng_listener_start(listener, 0);
    umask(before);
    if (result != 0) {
        snprintf(error, 256, "cannot listen on %s: %s", url, nng_strerror(result));
        return false;
    }
    name_listener(listener, url, out);
    return true;
}

void server_renew_tls(struct server *server)
{
    char error[256];
    if (!server->relay) {
        log_info("there is no certificate to be read anew");
        return;
    }
    SSL_CTX *context = load_tls(server, error);
    if (context)
        tls_relay_renew(server->relay, context);
    else
        log_error("the certificate stays as it was: %s", error);
}

void server_start(struct server *server)
{
    for (int i = 0; i < RECEIVERS; i++)
        nng_recv_aio(server->socket, server->receiver[i].aio);
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
        request->message = NULL;
        request_release(request);
        refuse(server, message, PM_STOPPING, "", NULL);
    }
}

static void *close_socket(void *context)
{
    struct server *server = context;
    nng_close(server->socket);
    sem_post(&server->closed);
    return NULL;
}

/* nng below 1.6 can wait for ever in nng_close() when connections break off meanwhile, so the
 * daemon, which has nothing left to lose, waits only so long. False when it gave up: nng may still
 * use what it has. */
static bool close_in_time(struct server *server)
{
    pthread_t thread;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_SECONDS;
    if (sem_init(&server->closed, 0, 0) != 0 ||
        pthread_create(&thread, NULL, close_socket, server) != 0)
        return false;
    int result;
    do {
        result = sem_timedwait(&server->closed, &until);
    } while (result != 0 && errno == EINTR);
    if (result == 0)
        pthread_join(thread, NULL);
    else
        pthread_detach(thread);
    return result == 0;
}

bool server_close(struct server *server)
{
    if (!server)
        return true;
    for (int i = 0; i < RECEIVERS; i++) {
        if (server->receiver[i].aio)
            nng_aio_stop(server->receiver[i].aio);
    }
    refuse_left_over(server);
    if (server->connections && connections_count(server->connections) > 0)
        nng_msleep(FAREWELL_MS); /* nng drops on close what it has not written yet */
    tls_relay_stop(server->relay);
    if (!close_in_time(server)) {
        log_warn("nng does not close its socket; left to the end of the process");
        return false;
    }
    for (int i = 0; i < RECEIVERS; i++)
        close_receiver(&server->receiver[i]);
    aside_destroy(server->aside);
    connections_destroy(server->connections);
    sem_destroy(&server->closed);
    free(server);
    return true;
}
