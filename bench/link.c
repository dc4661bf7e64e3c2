/*
 * link.c: see link.h.
 *
 * A lane is an nng context that carries one request at a time, of 48 on each connection (the daemon
 * takes 64). Callbacks run on nng's threads and only note what came; all else is done by the
 * caller's thread. Requests that find no lane free wait in a queue.
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
    SCRATCH = 4 << 20, /* the largest request */
    RESEND_MS = 5000,  /* without an answer for so long a request is sent again; */
    NEVER_MS = -1,     /* not so a watch, which is held by its own wish: nng walks a list of all
                        * its timers for each that it sets, and there are as many as markets */
};

struct request {
    struct link_call call;
    nng_msg *message;
    struct request *next; /* in the queue */
};

struct lane {
    struct link *link;
    nng_ctx context;
    nng_aio *aio;
    struct request request;
    bool watches, sending, repeated;
    uint64_t first;    /* what was answered before it was repeated */
    nng_msg *reply;    /* NULL: it failed, */
    int failed;        /* with nng's error */
    uint64_t again_ns; /* when what was put off is sent again */
    struct lane *next; /* of those free, put off, or done */
};

struct link {
    struct link_options options;
    nng_socket *socket;
    unsigned sockets;
    struct lane *lane;
    size_t lanes;
    struct lane *free, *free_watch, *put_off;
    struct request *queue, **queue_end;
    size_t in_flight;
    uint64_t *number; /* of the next command, of each market */
    uint64_t sent;
    uint8_t *scratch;
    struct link_counts counts;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t came;
    struct lane *done;
};

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "placemat-bench: %s: %s\n", what, why);
    return false;
}

/* ---- Opening ---- */

/* nng's thread: a request has left, or its reply has come. */
static void moved(void *context)
{
    struct lane *lane = context;
    lane->failed = nng_aio_result(lane->aio);
    if (lane->sending && lane->failed == 0) {
        lane->sending = false;
        nng_ctx_recv(lane->context, lane->aio);
        return;
    }
    if (lane->failed != 0 && lane->sending)
        nng_msg_free(nng_aio_get_msg(lane->aio));
    lane->reply = lane->failed == 0 ? nng_aio_get_msg(lane->aio) : NULL;
    pthread_mutex_lock(&lane->link->lock);
    lane->next = lane->link->done;
    lane->link->done = lane;
    pthread_cond_signal(&lane->link->came);
    pthread_mutex_unlock(&lane->link->lock);
}

static int open_socket(const struct link *link, nng_socket *socket, nng_duration resend)
{
    int failed = nng_req0_open(socket);
    if (failed != 0)
        return failed;
    failed = nng_socket_set_ms(*socket, NNG_OPT_REQ_RESENDTIME, resend);
    if (failed == 0)
        failed = nng_socket_set_size(*socket, NNG_OPT_RECVMAXSZ, 0);
    return failed != 0 ? failed : nng_dial(*socket, link->options.url, NULL, 0);
}

static int open_lane(struct link *link, bool watches)
{
    struct lane *lane = &link->lane[link->lanes];
    struct lane **free = watches ? &link->free_watch : &link->free;
    *lane = (struct lane){.link = link, .watches = watches, .next = *free};
    int failed = nng_aio_alloc(&lane->aio, moved, lane);
    if (failed != 0)
        return failed;
    link->lanes++;
    *free = lane;
    return nng_ctx_open(&lane->context, link->socket[link->sockets - 1]);
}

/* Sockets with lanes enough. */
static int open_lanes(struct link *link, size_t lanes, bool watches)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < lanes; i++) {
        if (i % LANES == 0)
            failed =
                open_socket(link, &link->socket[link->sockets++], watches ? NEVER_MS : RESEND_MS);
        if (failed == 0)
            failed = open_lane(link, watches);
    }
    return failed;
}

static bool make_room(struct link *link)
{
    size_t lanes = link->options.markets + (size_t)link->options.connections * LANES;
    link->socket = calloc(lanes / LANES + 2, sizeof *link->socket);
    link->lane = calloc(lanes, sizeof *link->lane);
    link->number = calloc(link->options.markets, sizeof *link->number);
    link->scratch = malloc(SCRATCH);
    return link->socket != NULL && link->lane != NULL && link->number != NULL &&
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

void link_close(struct link *link)
{
    if (link == NULL)
        return;
    for (unsigned i = 0; i < link->sockets; i++)
        nng_close(link->socket[i]);
    for (size_t i = 0; i < link->lanes; i++)
        nng_aio_free(link->lane[i].aio); /* waits for its callback */
    for (size_t i = 0; i < link->lanes; i++) {
        nng_msg_free(link->lane[i].request.message);
        nng_msg_free(link->lane[i].reply);
    }
    free_queue(link);
    pthread_cond_destroy(&link->came);
    pthread_mutex_destroy(&link->lock);
    free(link->socket);
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

/* The lane keeps its message, to send it again. */
static bool start(struct lane *lane)
{
    nng_msg *message;
    if (nng_msg_dup(&message, lane->request.message) != 0)
        return say(lane->link->options.url, "out of memory");
    lane->sending = true;
    nng_aio_set_msg(lane->aio, message);
    nng_ctx_send(lane->context, lane->aio);
    return true;
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

static bool take(struct link *link, struct lane *lane)
{
    struct pm_reply *reply;
    struct pm_client_error error;
    if (lane->failed != 0)
        return say(link->options.url, nng_strerror(lane->failed));
    nng_msg *message = lane->reply;
    lane->reply = NULL;
    if (reply_read(message, lane->request.call.count, &reply, &error) != PM_CALL_DONE) {
        nng_msg_free(message);
        return say(link->options.url, error.text);
    }
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

/* All that is done, the first to come first; waits for the first until then. */
static struct lane *await(struct link *link, uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                             .tv_nsec = (long)(until_ns % 1000000000)};
    struct lane *first = NULL;
    int over = 0;
    pthread_mutex_lock(&link->lock);
    while (link->done == NULL && over == 0)
        over = pthread_cond_timedwait(&link->came, &link->lock, &until);
    struct lane *last = link->done;
    link->done = NULL;
    pthread_mutex_unlock(&link->lock);
    while (last != NULL) {
        struct lane *lane = last;
        last = lane->next;
        lane->next = first;
        first = lane;
    }
    return first;
}

bool link_wait(struct link *link, uint64_t until_ns)
{
    bool good = send_again(link, &until_ns);
    struct lane *lane = good ? await(link, until_ns) : NULL;
    while (lane != NULL && good) {
        struct lane *next = lane->next;
        good = take(link, lane);
        lane = next;
    }
    return good;
}

size_t link_in_flight(const struct link *link)
{
    return link->in_flight;
}

struct link_counts link_counts(const struct link *link)
{
    return link->counts;
}
