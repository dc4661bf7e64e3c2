/*
 * served_load.c: see served_load.h.
 *
 * Replies are taken by a few aios on each connection, whose callbacks run on nng's threads, and
 * which send the lane's next request. A lane belongs to whoever has its reply: there is one at a
 * time. The id of a request in nng's header is the lane's number.
 */
#include "served_load.h"

#include <inttypes.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core/wire.h"

enum {
    RECEIVERS = 2, /* of a connection */
    BUFFER = 128,  /* messages within nng: all that a connection has in flight */
    HEAD_SIZE = 128,
    ANSWER_S = 20, /* without an answer for so long a run has failed */
};
#define REQUEST_ID_BIT UINT32_C(0x80000000) /* the last of nng's header */
#define FIRST_CLIENT UINT64_C(1000)

struct lane {
    struct script script;
    uint64_t client, number; /* of the next command */
    uint32_t connection;
    uint32_t count;    /* commands in flight */
    uint64_t sent_ns;  /* or, paced, when it was to be sent */
    nng_aio *aio;      /* for sending */
    struct lane *next; /* of those that are free */
};

/* What one aio has received; written by its callback alone. */
struct receiver {
    alignas(128) struct load *load;
    nng_socket socket;
    nng_aio *aio;
    atomic_uint_fast64_t messages, commands, reply_bytes, refused, busy;
    atomic_uint status;
    struct hist latency;
};

struct load {
    struct load_options options;
    nng_socket socket[LOAD_CONNECTIONS_MAX];
    struct receiver *receiver;
    struct lane *lane;
    uint32_t opened; /* connections */
    atomic_bool stopping, filling, paced, failed;
    pthread_mutex_t lock; /* of what follows; paced alone */
    struct lane *free;
    alignas(128) atomic_uint in_flight;
};

/* ---- Counting ---- */

static uint64_t read_counter(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* For the counter's one writer. */
static void add(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_store_explicit(counter, read_counter(counter) + more, memory_order_relaxed);
}

void load_totals(const struct load *load, struct load_figures *out)
{
    *out = (struct load_figures){0};
    for (uint32_t i = 0; i < load->opened * RECEIVERS; i++) {
        const struct receiver *receiver = &load->receiver[i];
        out->messages += read_counter(&receiver->messages);
        out->commands += read_counter(&receiver->commands);
        out->reply_bytes += read_counter(&receiver->reply_bytes);
        out->refused += read_counter(&receiver->refused);
        out->busy += read_counter(&receiver->busy);
        if (atomic_load(&receiver->status) != 0)
            out->status = atomic_load(&receiver->status);
    }
}

void load_latency(const struct load *load, struct hist *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < load->opened * RECEIVERS; i++)
        hist_merge(out, &load->receiver[i].latency);
}

void load_clear_latency(struct load *load)
{
    for (uint32_t i = 0; i < load->opened * RECEIVERS; i++)
        memset(&load->receiver[i].latency, 0, sizeof load->receiver[i].latency);
}

void load_count(const struct load *load, struct script_totals *out)
{
    *out = (struct script_totals){0};
    for (uint32_t i = 0; i < load->options.in_flight; i++)
        script_add_totals(&load->lane[i].script, out);
}

/* ---- Sending ---- */

/* A lane's next request, whole; NULL when memory is short. */
static nng_msg *make_request(struct load *load, struct lane *lane)
{
    uint8_t head[HEAD_SIZE];
    struct wire_writer writer = {.bytes = head, .size = sizeof head};
    struct wire_request request = {.session = load->options.session,
                                   .market = {"council", 7},
                                   .client = lane->client,
                                   .first_number = lane->number};
    const uint8_t *commands;
    size_t size;
    nng_msg *message;
    lane->count = script_message(&lane->script, &commands, &size);
    wire_request_encode(&writer, &request);
    writer.used--; /* the empty array of commands, its last byte */
    wire_array(&writer, lane->count);
    if (writer.overflow || nng_msg_alloc(&message, writer.used + size) != 0)
        return NULL;
    uint8_t *body = nng_msg_body(message);
    memcpy(body, head, writer.used);
    memcpy(body + writer.used, commands, size);
    uint32_t id = REQUEST_ID_BIT | (uint32_t)(lane - load->lane);
    if (nng_msg_header_append_u32(message, id) == 0)
        return message;
    nng_msg_free(message);
    return NULL;
}

static void give_up(struct load *load, const char *why)
{
    if (!atomic_exchange(&load->failed, true))
        fprintf(stderr, "placemat-bench: %s: %s\n", load->options.url, why);
}

/* The lane may be taken for another request, if they are paced. */
static void end_lane(struct load *load, struct lane *lane)
{
    pthread_mutex_lock(&load->lock);
    lane->next = load->free;
    load->free = lane;
    pthread_mutex_unlock(&load->lock);
    atomic_fetch_sub(&load->in_flight, 1);
}

/* NULL when all are in flight. */
static struct lane *take_lane(struct load *load)
{
    pthread_mutex_lock(&load->lock);
    struct lane *lane = load->free;
    if (lane != NULL)
        load->free = lane->next;
    pthread_mutex_unlock(&load->lock);
    if (lane != NULL)
        atomic_fetch_add(&load->in_flight, 1);
    return lane;
}

/* Afterwards the lane is no longer the caller's: its reply may be there at once. */
static void send_next(struct load *load, struct lane *lane, uint64_t now)
{
    nng_aio_wait(lane->aio);
    nng_msg *message = make_request(load, lane);
    if (message == NULL || nng_aio_result(lane->aio) != 0) {
        give_up(load, "cannot send");
        end_lane(load, lane);
        return;
    }
    lane->sent_ns = now;
    nng_aio_set_msg(lane->aio, message);
    nng_send_aio(load->socket[lane->connection], lane->aio);
}

/* ---- Receiving ---- */

/* The head of a CBOR item of a major type; false when it is another, or bytes are missing. */
static inline bool take_head(const uint8_t **at, const uint8_t *end, unsigned major,
                             uint64_t *value)
{
    if (*at == end || **at >> 5 != major)
        return false;
    unsigned low = *(*at)++ & 31;
    size_t size = low < 24 ? 0 : (size_t)1 << (low - 24);
    if (low > 27 || (size_t)(end - *at) < size)
        return false;
    *value = low;
    for (size_t i = 0; i < size; i++)
        *value = (i == 0 ? 0 : *value << 8) | *(*at)++;
    return true;
}

/* A reply's status, and the results: their number, how many are refused, the last such status.
 * False when it is no reply. Not the protocol's whole decoder, which the client library has: what
 * is timed is the server, and this shares its processors. */
static bool read_reply(const uint8_t *at, const uint8_t *end, uint64_t *status, uint64_t *results,
                       uint64_t *refused, uint64_t *refusal)
{
    uint64_t value, items, id;
    *results = *refused = *refusal = 0;
    if (!take_head(&at, end, 4, &items) || items != 4 || !take_head(&at, end, 0, &value) ||
        !take_head(&at, end, 0, &value) || !take_head(&at, end, 0, status))
        return false;
    if (*status != PM_OK)
        return true;
    if (!take_head(&at, end, 4, results))
        return false;
    for (uint64_t i = 0; i < *results; i++) {
        if (!take_head(&at, end, 4, &items) || items < 1 || items > 2 ||
            !take_head(&at, end, 0, &value) || (items == 2 && !take_head(&at, end, 0, &id)))
            return false;
        *refused += value != PM_OK;
        *refusal = value != PM_OK ? value : *refusal;
    }
    return at == end;
}

/* A whole reply to a lane's request: counts it. False when the run must not go on. */
static bool take_reply(struct receiver *receiver, struct lane *lane, nng_msg *reply, uint64_t now)
{
    const uint8_t *bytes = nng_msg_body(reply);
    size_t size = nng_msg_len(reply);
    uint64_t status, results, refused, refusal;
    if (!read_reply(bytes, bytes + size, &status, &results, &refused, &refusal) ||
        (status == PM_OK && results != lane->count)) {
        give_up(receiver->load, "its reply is none");
        return false;
    }
    if (status == PM_BUSY) { /* nothing of it was applied: the same again */
        add(&receiver->busy, 1);
        if (atomic_load_explicit(&receiver->load->paced, memory_order_relaxed))
            give_up(receiver->load, "busy, although paced");
        return true;
    }
    if (status != PM_OK) {
        give_up(receiver->load, pm_status_name((unsigned)status));
        return false;
    }
    hist_add(&receiver->latency, now - lane->sent_ns);
    add(&receiver->messages, 1);
    add(&receiver->commands, lane->count);
    add(&receiver->reply_bytes, size);
    if (refused > 0) {
        add(&receiver->refused, refused);
        atomic_store(&receiver->status, (unsigned)refusal);
    }
    lane->number += lane->count;
    script_advance(&lane->script);
    return true;
}

static bool goes_on(struct load *load, const struct lane *lane)
{
    if (atomic_load_explicit(&load->stopping, memory_order_relaxed) ||
        atomic_load_explicit(&load->paced, memory_order_relaxed))
        return false;
    return !atomic_load_explicit(&load->filling, memory_order_relaxed) ||
           !script_is_filled(&lane->script);
}

/* nng's thread: a reply has come, or the socket is closing. */
static void received(void *context)
{
    struct receiver *receiver = context;
    struct load *load = receiver->load;
    if (nng_aio_result(receiver->aio) != 0)
        return;
    nng_msg *reply = nng_aio_get_msg(receiver->aio);
    uint32_t id;
    if (nng_msg_header_trim_u32(reply, &id) == 0 &&
        (id & ~REQUEST_ID_BIT) < load->options.in_flight) {
        struct lane *lane = &load->lane[id & ~REQUEST_ID_BIT];
        uint64_t now = bench_now_ns();
        if (take_reply(receiver, lane, reply, now) && goes_on(load, lane))
            send_next(load, lane, now);
        else
            end_lane(load, lane);
    } else {
        give_up(load, "a reply to nobody");
    }
    nng_msg_free(reply);
    nng_recv_aio(receiver->socket, receiver->aio);
}

/* ---- Running ---- */

static void sleep_ns(uint64_t ns)
{
    bench_sleep_until(bench_now_ns() + ns);
}

/* Until nothing is in flight. */
static bool drain(struct load *load)
{
    struct load_figures last, now;
    uint64_t limit = bench_now_ns() + ANSWER_S * UINT64_C(1000000000);
    load_totals(load, &last);
    while (atomic_load(&load->in_flight) > 0 && !atomic_load(&load->failed)) {
        sleep_ns(200000);
        load_totals(load, &now);
        if (now.messages != last.messages)
            limit = bench_now_ns() + ANSWER_S * UINT64_C(1000000000);
        last = now;
        if (bench_now_ns() > limit)
            give_up(load, "no answer");
    }
    return !atomic_load(&load->failed);
}

static void start_lanes(struct load *load, bool filling)
{
    load->free = NULL; /* nothing is in flight, so nobody else looks */
    atomic_store(&load->stopping, false);
    atomic_store(&load->filling, filling);
    atomic_store(&load->in_flight, load->options.in_flight);
    for (uint32_t i = 0; i < load->options.in_flight; i++)
        send_next(load, &load->lane[i], bench_now_ns());
}

bool load_fill(struct load *load)
{
    start_lanes(load, true);
    return drain(load);
}

bool load_run(struct load *load, double seconds, struct load_figures *out)
{
    struct load_figures before;
    load_totals(load, &before);
    uint64_t start = bench_now_ns();
    start_lanes(load, false);
    bench_sleep_until(start + (uint64_t)(seconds * 1e9));
    load_totals(load, out);
    out->seconds = (double)(bench_now_ns() - start) / 1e9;
    atomic_store(&load->stopping, true);
    out->messages -= before.messages;
    out->commands -= before.commands;
    out->reply_bytes -= before.reply_bytes;
    out->refused -= before.refused;
    out->busy -= before.busy;
    return drain(load);
}

/* Sends what is due, as far as lanes are free; returns when the next is due. */
static uint64_t send_due(struct load *load, uint64_t due, uint64_t every)
{
    struct lane *lane;
    while (due <= bench_now_ns() && (lane = take_lane(load)) != NULL) {
        send_next(load, lane, due);
        due += every;
    }
    return due;
}

bool load_run_paced(struct load *load, double seconds, double rate, struct load_figures *out)
{
    enum { NAP_NS = 20000 };
    struct load_figures before;
    uint64_t every = (uint64_t)(1e9 / rate), start = bench_now_ns(), due = start;
    uint64_t end = start + (uint64_t)(seconds * 1e9);
    load_totals(load, &before);
    atomic_store(&load->stopping, false);
    atomic_store(&load->filling, false);
    atomic_store(&load->paced, true);
    while (due < end && !atomic_load(&load->failed)) {
        due = send_due(load, due, every);
        uint64_t now = bench_now_ns();
        bench_sleep_until(due > now + NAP_NS ? due : now + NAP_NS);
    }
    bool good = drain(load);
    atomic_store(&load->paced, false);
    load_totals(load, out);
    out->messages -= before.messages;
    out->seconds = (double)(bench_now_ns() - start) / 1e9;
    return good;
}

/* ---- Opening and closing ---- */

/* Over TLS whatever certificate there is will do. */
static int dial(nng_socket socket, const char *url)
{
    nng_dialer dialer;
    nng_tls_config *config;
    int result = nng_dialer_create(&dialer, socket, url);
    if (result == 0 && strncmp(url, "tls+", 4) == 0) {
        result = nng_tls_config_alloc(&config, NNG_TLS_MODE_CLIENT);
        if (result != 0)
            return result;
        result = nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_NONE);
        if (result == 0)
            result = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
        nng_tls_config_free(config);
    }
    return result == 0 ? nng_dialer_start(dialer, 0) : result;
}

static int open_connection(struct load *load)
{
    uint32_t at = load->opened;
    int result = nng_req0_open_raw(&load->socket[at]);
    if (result != 0)
        return result;
    load->opened++;
    for (uint32_t i = 0; i < RECEIVERS && result == 0; i++) {
        struct receiver *receiver = &load->receiver[at * RECEIVERS + i];
        receiver->load = load;
        receiver->socket = load->socket[at];
        result = nng_aio_alloc(&receiver->aio, received, receiver);
    }
    if (result == 0)
        result = nng_socket_set_int(load->socket[at], NNG_OPT_SENDBUF, BUFFER);
    if (result == 0)
        result = nng_socket_set_int(load->socket[at], NNG_OPT_RECVBUF, BUFFER);
    if (result == 0)
        result = dial(load->socket[at], load->options.url);
    for (uint32_t i = 0; i < RECEIVERS && result == 0; i++)
        nng_recv_aio(load->socket[at], load->receiver[at * RECEIVERS + i].aio);
    return result;
}

/* The live packages are shared as evenly as can be; a lane has one at least. */
static bool open_lane(struct load *load, uint32_t n)
{
    struct lane *lane = &load->lane[n];
    uint32_t lanes = load->options.in_flight;
    uint32_t live = load->options.live / lanes + (n < load->options.live % lanes);
    struct script_options options = {.council = load->options.council,
                                     .lane = n,
                                     .batch = load->options.batch,
                                     .live = live > 0 ? live : 1};
    lane->client = FIRST_CLIENT + n;
    lane->number = 1;
    lane->connection = n % load->options.connections;
    if (nng_aio_alloc(&lane->aio, NULL, NULL) != 0 || !script_open(&lane->script, &options))
        return false;
    if (load->options.filled)
        script_skip_fill(&lane->script);
    return true;
}

struct load *load_open(const struct load_options *options)
{
    struct load *load = aligned_alloc(128, (sizeof *load + 127) / 128 * 128);
    if (load == NULL)
        return NULL;
    memset(load, 0, sizeof *load);
    pthread_mutex_init(&load->lock, NULL);
    load->options = *options;
    size_t receivers = (size_t)options->connections * RECEIVERS * sizeof *load->receiver;
    load->receiver = aligned_alloc(128, receivers);
    load->lane = calloc(options->in_flight, sizeof *load->lane);
    bool good = load->receiver != NULL && load->lane != NULL;
    if (good)
        memset(load->receiver, 0, receivers);
    for (uint32_t i = 0; i < options->in_flight && good; i++)
        good = open_lane(load, i);
    if (!good)
        fputs("placemat-bench: out of memory\n", stderr);
    for (uint32_t i = 0; i < options->connections && good; i++) {
        int result = open_connection(load);
        if (result != 0)
            fprintf(stderr, "placemat-bench: %s: %s\n", options->url, nng_strerror(result));
        good = result == 0;
    }
    if (good)
        return load;
    load_close(load);
    return NULL;
}

void load_close(struct load *load)
{
    if (load == NULL)
        return;
    /* Before sockets close: an aio handed to one meanwhile may stay with it, and cannot be freed.
     */
    for (uint32_t i = 0; i < load->opened * RECEIVERS; i++) {
        /* Opened, so there: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        if (load->receiver[i].aio != NULL)
            nng_aio_stop(load->receiver[i].aio);
    }
    for (uint32_t i = 0; i < load->opened; i++)
        nng_close(load->socket[i]);
    for (uint32_t i = 0; i < load->opened * RECEIVERS; i++) {
        /* Opened, so there: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        if (load->receiver[i].aio != NULL)
            nng_aio_free(load->receiver[i].aio);
    }
    for (uint32_t i = 0; load->lane != NULL && i < load->options.in_flight; i++) {
        if (load->lane[i].aio != NULL)
            nng_aio_free(load->lane[i].aio);
        script_close(&load->lane[i].script);
    }
    free(load->lane);
    free(load->receiver);
    free(load);
}
