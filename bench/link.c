/*
 * link.c: see link.h.
 *
 * A lane carries one request at a time; there are 48 for each connection (the daemon takes 64). The
 * id of a request in nng's header is its lane's number and how many times the lane was taken, so
 * that a reply that comes twice is known. Replies are taken by two aios on each connection, whose
 * callbacks run on nng's threads and only note what came; all else is done by the caller's thread.
 * Sockets are raw: with nng's contexts a request costs its threads twice as many turns. Requests
 * that find no lane free wait in a queue.
 */
#include "link.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "client/reply.h"
#include "core/wire.h"

enum {
    LANES = 48,        /* of a connection */
    RECEIVERS = 2,     /* likewise */
    BUFFER = 128,      /* messages within nng: all that a connection has in flight */
    SCRATCH = 4 << 20, /* the largest request */
    LANE_BITS = 18,    /* of an id; the other bits below the highest count */
    AT_ONCE = 256,     /* answers that are handed over before the caller looks at its clock */
};
#define LANES_MAX ((size_t)1 << LANE_BITS)
#define REQUEST_ID_BIT UINT32_C(0x80000000) /* the last of nng's header */
#define RESEND_NS UINT64_C(5000000000)      /* without an answer for so long it is sent again */

struct request {
    struct link_call call;
    nng_msg *message;
    struct request *next; /* in the queue */
};

struct lane {
    struct link *link;
    nng_socket socket;
    nng_aio *aio; /* for sending */
    struct request request;
    bool watches, repeated;
    uint64_t first;              /* what was answered before it was repeated */
    uint64_t again_ns;           /* when what was put off, or not answered, is sent again */
    struct lane *next;           /* of those free, put off, or done */
    struct lane *before, *after; /* of those that wait for an answer, the first sent first */
    uint32_t id;                 /* guarded by the link's lock, as is the reply: */
    nng_msg *reply;              /* NULL: it has not come, or has been taken */
};

struct receiver {
    struct link *link;
    nng_socket socket;
    nng_aio *aio;
};
struct connection {
    nng_socket socket;
    struct receiver receiver[RECEIVERS];
};

struct link {
    struct link_options options;
    struct connection *connection;
    size_t connections;
    struct lane *lane;
    size_t lanes;
    struct lane *free, *free_watch, *put_off, *oldest, *newest; /* that wait for an answer */
    struct request *queue, **queue_end;
    size_t in_flight;
    uint64_t *number; /* of the next command, of each market */
    uint64_t sent;
    uint8_t *scratch;
    struct link_counts counts;
    pthread_mutex_t lock; /* of what follows, and of ids and replies */
    pthread_cond_t came;
    struct lane *done, **done_end;
    bool lost; /* a connection is */
};

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "placemat-bench: %s: %s\n", what, why);
    return false;
}

/* ---- What nng's threads do ---- */

/* The reply of the request that the lane carries, unless it has it already. */
static void hand_over(struct link *link, uint32_t id, nng_msg *reply)
{
    pthread_mutex_lock(&link->lock);
    struct lane *lane = &link->lane[id & (LANES_MAX - 1)];
    bool wanted = (id & (LANES_MAX - 1)) < link->lanes && lane->id == id && lane->reply == NULL;
    if (wanted) {
        lane->reply = reply;
        lane->next = NULL;
        *link->done_end = lane;
        link->done_end = &lane->next;
        pthread_cond_signal(&link->came);
    }
    pthread_mutex_unlock(&link->lock);
    if (!wanted)
        nng_msg_free(reply);
}

static void received(void *context)
{
    struct receiver *receiver = context;
    if (nng_aio_result(receiver->aio) != 0)
        return; /* it is closing */
    nng_msg *reply = nng_aio_get_msg(receiver->aio);
    uint32_t id;
    if (nng_msg_header_trim_u32(reply, &id) == 0)
        hand_over(receiver->link, id, reply);
    else
        nng_msg_free(reply);
    nng_recv_aio(receiver->socket, receiver->aio);
}

static void lose(nng_pipe pipe, nng_pipe_ev event, void *context)
{
    struct link *link = context;
    (void)pipe;
    (void)event;
    pthread_mutex_lock(&link->lock);
    link->lost = true;
    pthread_cond_signal(&link->came);
    pthread_mutex_unlock(&link->lock);
}

/* ---- Opening ---- */

static int open_receiver(struct link *link, struct connection *connection, size_t at)
{
    struct receiver *receiver = &connection->receiver[at];
    *receiver = (struct receiver){.link = link, .socket = connection->socket};
    int failed = nng_aio_alloc(&receiver->aio, received, receiver);
    if (failed == 0)
        nng_recv_aio(receiver->socket, receiver->aio);
    return failed;
}

static int open_connection(struct link *link)
{
    struct connection *connection = &link->connection[link->connections];
    int failed = nng_req0_open_raw(&connection->socket);
    if (failed != 0)
        return failed;
    link->connections++;
    nng_socket socket = connection->socket;
    failed = nng_socket_set_int(socket, NNG_OPT_SENDBUF, BUFFER);
    if (failed == 0)
        failed = nng_socket_set_int(socket, NNG_OPT_RECVBUF, BUFFER);
    if (failed == 0)
        failed = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 0);
    if (failed == 0)
        failed = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, lose, link);
    for (size_t i = 0; i < RECEIVERS && failed == 0; i++)
        failed = open_receiver(link, connection, i);
    return failed != 0 ? failed : nng_dial(socket, link->options.url, NULL, 0);
}

static int open_lane(struct link *link, bool watches)
{
    struct lane *lane = &link->lane[link->lanes];
    struct lane **free = watches ? &link->free_watch : &link->free;
    *lane = (struct lane){.link = link,
                          .socket = link->connection[link->connections - 1].socket,
                          .watches = watches,
                          .id = REQUEST_ID_BIT | (uint32_t)link->lanes,
                          .next = *free};
    int failed = nng_aio_alloc(&lane->aio, NULL, NULL);
    if (failed != 0)
        return failed;
    link->lanes++;
    *free = lane;
    return 0;
}

/* Connections with lanes enough. */
static int open_lanes(struct link *link, size_t lanes, bool watches)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < lanes; i++) {
        if (i % LANES == 0)
            failed = open_connection(link);
        if (failed == 0)
            failed = open_lane(link, watches);
    }
    return failed;
}

static bool make_room(struct link *link)
{
    size_t lanes = link->options.markets + (size_t)link->options.connections * LANES;
    if (lanes > LANES_MAX)
        return false;
    link->connection = calloc(lanes / LANES + 2, sizeof *link->connection);
    link->lane = calloc(lanes, sizeof *link->lane);
    link->number = calloc(link->options.markets, sizeof *link->number);
    link->scratch = malloc(SCRATCH);
    return link->connection != NULL && link->lane != NULL && link->number != NULL &&
           link->scratch != NULL;
}

static void init_lock(struct link *link)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&link->lock, NULL);
    pthread_cond_init(&link->came, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct link *link_open(const struct link_options *options)
{
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        say(options->url, "out of memory");
        return NULL;
    }
    link->options = *options;
    link->queue_end = &link->queue;
    link->done_end = &link->done;
    init_lock(link);
    int failed = make_room(link) ? 0 : NNG_ENOMEM;
    if (failed == 0)
        failed = open_lanes(link, (size_t)options->connections * LANES, false);
    if (failed == 0)
        failed = open_lanes(link, options->markets, true);
    if (failed == 0)
        return link;
    say(options->url, nng_strerror(failed));
    link_close(link);
    return NULL;
}

static void free_queue(struct link *link)
{
    while (link->queue != NULL) {
        struct request *request = link->queue;
        link->queue = request->next;
        nng_msg_free(request->message);
        free(request);
    }
}

/* Receiving stops first: an aio that a callback hands to a socket while that closes may stay with
 * it, and nng then cannot free it. */
static void close_connection(struct connection *connection)
{
    for (size_t i = 0; i < RECEIVERS; i++)
        if (connection->receiver[i].aio != NULL)
            nng_aio_stop(connection->receiver[i].aio);
    nng_close(connection->socket);
    for (size_t i = 0; i < RECEIVERS; i++)
        if (connection->receiver[i].aio != NULL)
            nng_aio_free(connection->receiver[i].aio);
}

void link_close(struct link *link)
{
    if (link == NULL)
        return;
    for (size_t i = 0; i < link->connections; i++)
        close_connection(&link->connection[i]);
    for (size_t i = 0; i < link->lanes; i++) {
        nng_aio_free(link->lane[i].aio);
        nng_msg_free(link->lane[i].request.message);
        nng_msg_free(link->lane[i].reply);
    }
    free_queue(link);
    pthread_cond_destroy(&link->came);
    pthread_mutex_destroy(&link->lock);
    free(link->connection);
    free(link->lane);
    free(link->number);
    free(link->scratch);
    free(link);
}

/* ---- Sending ---- */

/* The call's commands as a request of its market's client; NULL when memory is short, or they are
 * too large. */
static nng_msg *make_message(struct link *link, const struct link_call *call,
                             const struct pm_command *command)
{
    struct pm_command *first = NULL;
    memcpy(&first, &command, sizeof first); /* encoding only reads them */
    struct wire_writer writer = {.bytes = link->scratch, .size = SCRATCH};
    struct wire_request request = {.actor = call->actor,
                                   .market = call->market,
                                   .client = call->at + 1,
                                   .first_number = link->number[call->at] + 1,
                                   .count = call->count,
                                   .command = first};
    nng_msg *message = NULL;
    link->number[call->at] += call->count;
    wire_request_encode(&writer, &request);
    if (writer.overflow || nng_msg_alloc(&message, 0) != 0)
        return NULL;
    if (nng_msg_append(message, link->scratch, writer.used) == 0)
        return message;
    nng_msg_free(message);
    return NULL;
}

/* ---- Lanes that wait for an answer, the first sent first ---- */

static void await_answer(struct lane *lane)
{
    struct link *link = lane->link;
    lane->again_ns = bench_now_ns() + RESEND_NS;
    lane->before = link->newest;
    lane->after = NULL;
    *(link->newest != NULL ? &link->newest->after : &link->oldest) = lane;
    link->newest = lane;
}

static void has_answer(struct lane *lane)
{
    struct link *link = lane->link;
    *(lane->before != NULL ? &lane->before->after : &link->oldest) = lane->after;
    *(lane->after != NULL ? &lane->after->before : &link->newest) = lane->before;
}

/* ---- Sending ---- */

/* The lane keeps its message, to send it again; what is sent has its id. */
static bool transmit(struct lane *lane)
{
    nng_msg *message;
    nng_aio_wait(lane->aio);
    if (nng_aio_result(lane->aio) != 0)
        return say(lane->link->options.url, nng_strerror(nng_aio_result(lane->aio)));
    if (nng_msg_dup(&message, lane->request.message) != 0)
        return say(lane->link->options.url, "out of memory");
    if (nng_msg_header_append_u32(message, lane->id) != 0) {
        nng_msg_free(message);
        return say(lane->link->options.url, "out of memory");
    }
    nng_aio_set_msg(lane->aio, message);
    nng_send_aio(lane->socket, lane->aio);
    return true;
}

/* A watch is not sent again: it is held by its own wish. */
static bool start(struct lane *lane)
{
    if (!lane->watches)
        await_answer(lane);
    return transmit(lane);
}

static bool enqueue(struct link *link, const struct request *request)
{
    struct request *waiting = malloc(sizeof *waiting);
    if (waiting == NULL) {
        nng_msg_free(request->message);
        return say(link->options.url, "out of memory");
    }
    *waiting = *request;
    *link->queue_end = waiting;
    link->queue_end = &waiting->next;
    return true;
}

bool link_send(struct link *link, const struct link_call *call, const struct pm_command *command,
               uint32_t count)
{
    bool watches = call->parks;
    struct lane **free = watches ? &link->free_watch : &link->free;
    struct request request = {.call = *call};
    request.call.count = count;
    request.message = make_message(link, &request.call, command);
    if (request.message == NULL)
        return say(link->options.url, "a request cannot be made");
    link->in_flight += watches ? 0 : count;
    if (link->in_flight > link->counts.in_flight_most)
        link->counts.in_flight_most = link->in_flight;
    if (*free == NULL)
        return enqueue(link, &request);
    struct lane *lane = *free;
    *free = lane->next;
    lane->request = request;
    lane->repeated = false;
    return start(lane);
}

/* ---- Answers ---- */

/* The lane takes the next request of the queue, or is free. */
static bool go_on(struct link *link, struct lane *lane)
{
    struct lane **free_lanes = lane->watches ? &link->free_watch : &link->free;
    nng_msg_free(lane->request.message);
    lane->request = (struct request){.message = NULL};
    if (lane->watches || link->queue == NULL) {
        lane->next = *free_lanes;
        *free_lanes = lane;
        return true;
    }
    struct request *waiting = link->queue;
    link->queue = waiting->next;
    if (link->queue == NULL)
        link->queue_end = &link->queue;
    lane->request = *waiting;
    lane->repeated = false;
    free(waiting);
    return start(lane);
}

/* All results in one number. */
static uint64_t digest(const struct pm_reply *reply)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < pm_reply_count(reply); i++) {
        struct pm_result result = pm_reply_result(reply, i);
        digest = (digest ^ result.status) * UINT64_C(0x9e3779b97f4a7c15);
        digest = (digest ^ result.id) * UINT64_C(0xd1342543de82ef95);
        digest ^= digest >> 32;
    }
    return digest;
}

/* Is it to be asked again as if its answer had been lost? Only what changes something. */
static bool is_to_be_repeated(struct link *link, struct lane *lane, const struct pm_reply *reply)
{
    size_t size;
    if (lane->watches || lane->repeated || pm_reply_body(reply, 0, &size) != NULL ||
        link->options.repeat == 0 || ++link->sent % link->options.repeat != 0)
        return false;
    lane->first = digest(reply);
    lane->repeated = true;
    link->counts.repeated++;
    return true;
}

static void compare(struct link *link, const struct lane *lane, const struct pm_reply *reply)
{
    if (lane->repeated && digest(reply) != lane->first)
        link->counts.unlike++;
}

/* An answer as it should be. */
static bool take_answer(struct link *link, struct lane *lane, const struct pm_reply *reply)
{
    struct link_call call = lane->request.call;
    if (call.answered_ns == 0)
        lane->request.call.answered_ns = call.answered_ns = bench_now_ns();
    if (is_to_be_repeated(link, lane, reply))
        return start(lane);
    compare(link, lane, reply);
    link->in_flight -= lane->watches ? 0 : call.count;
    bool good = go_on(link, lane);
    link->options.answered(link->options.context, &call, reply);
    return good;
}

/* Until the daemon says to come back. */
static void put_off(struct link *link, struct lane *lane, const struct pm_reply *reply)
{
    enum { MS_NS = 1000000, LEAST_MS = 1 };
    uint32_t after = reply_after(reply) > 0 ? reply_after(reply) : LEAST_MS;
    link->counts.busy++;
    lane->again_ns = bench_now_ns() + (uint64_t)after * MS_NS;
    lane->next = link->put_off;
    link->put_off = lane;
}

/* Sends again what is due; the rest stays put off, and `until_ns` comes no later than the next. */
static bool send_again(struct link *link, uint64_t *until_ns)
{
    uint64_t now = bench_now_ns();
    struct lane **at = &link->put_off;
    while (*at != NULL) {
        struct lane *lane = *at;
        if (lane->again_ns <= now) {
            *at = lane->next;
            if (!start(lane))
                return false;
            continue;
        }
        if (lane->again_ns < *until_ns)
            *until_ns = lane->again_ns;
        at = &lane->next;
    }
    return true;
}

/* Likewise what is not answered; the oldest waits longest. */
static bool send_unanswered(struct link *link, uint64_t *until_ns)
{
    uint64_t now = bench_now_ns();
    while (link->oldest != NULL && link->oldest->again_ns <= now) {
        struct lane *lane = link->oldest;
        has_answer(lane);
        if (!start(lane))
            return false;
    }
    if (link->oldest != NULL && link->oldest->again_ns < *until_ns)
        *until_ns = link->oldest->again_ns;
    return true;
}

static bool take(struct link *link, struct lane *lane, nng_msg *message)
{
    struct pm_reply *reply;
    struct pm_client_error error;
    if (!lane->watches)
        has_answer(lane);
    enum pm_client_outcome outcome = reply_read(nng_msg_body(message), nng_msg_len(message),
                                                lane->request.call.count, &reply, &error);
    nng_msg_free(message);
    if (outcome != PM_CALL_DONE)
        return say(link->options.url, error.text);
    unsigned status = pm_reply_status(reply);
    bool good = true;
    if (status == PM_BUSY) { /* nothing was done: the same again */
        put_off(link, lane, reply);
    } else if (status != PM_OK) {
        good = say(pm_status_name(status), pm_reply_detail(reply));
    } else {
        good = take_answer(link, lane, reply);
    }
    pm_reply_free(reply);
    return good;
}

/* Waits until an answer has come or the time has; false when a connection is lost. */
static bool await(struct link *link, uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                             .tv_nsec = (long)(until_ns % 1000000000)};
    int over = 0;
    pthread_mutex_lock(&link->lock);
    while (link->done == NULL && !link->lost && over == 0)
        over = pthread_cond_timedwait(&link->came, &link->lock, &until);
    bool lost = link->lost;
    pthread_mutex_unlock(&link->lock);
    return !lost || say(link->options.url, "a connection is lost");
}

/* The first lane that has a reply, and that; NULL when none has. What comes under its id from now
 * on was sent twice. */
static struct lane *take_done(struct link *link, nng_msg **reply)
{
    pthread_mutex_lock(&link->lock);
    struct lane *lane = link->done;
    if (lane != NULL) {
        link->done = lane->next;
        if (link->done == NULL)
            link->done_end = &link->done;
        *reply = lane->reply;
        lane->reply = NULL;
        lane->id = REQUEST_ID_BIT | (lane->id + (uint32_t)LANES_MAX);
    }
    pthread_mutex_unlock(&link->lock);
    return lane;
}

bool link_wait(struct link *link, uint64_t until_ns)
{
    nng_msg *reply;
    struct lane *lane;
    if (!send_again(link, &until_ns) || !send_unanswered(link, &until_ns) || !await(link, until_ns))
        return false;
    for (int count = 0; count < AT_ONCE && (lane = take_done(link, &reply)) != NULL; count++)
        if (!take(link, lane, reply))
            return false;
    return true;
}

size_t link_in_flight(const struct link *link)
{
    return link->in_flight;
}

struct link_counts link_counts(const struct link *link)
{
    return link->counts;
}
