/*
 * fake_daemon.c - a scripted peer for tests of the client: see fake_daemon.h.
 */
#include "tests/lib/fake_daemon.h"

#include "daemon/streams.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { REQUESTS_MAX = 256, REPLY_SIZE = 1 << 20 };

struct fake_request {
    uint8_t *bytes;
    size_t size;
};

struct fake_daemon {
    char path[200];
    char url[220];
    const struct fake_step *steps;
    size_t count;
    unsigned delay;
    struct streams *streams;
    pthread_t thread;     /* when it listens late */
    pthread_mutex_t lock; /* of what follows: one request is taken at a time */
    struct fake_request request[REQUESTS_MAX];
    size_t requests;
    uint8_t reply[REPLY_SIZE];
    uint8_t *arena; /* of the request decoded last */
};

static void sleep_ms(unsigned ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static uint8_t *copy_of(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    return copy;
}

static struct wire_request decode(const uint8_t *bytes, size_t size, uint8_t **memory)
{
    struct wire_request request = {0};
    struct wire_error error;
    struct wire_arena arena = {.size = wire_arena_bound(size)};
    if (posix_memalign((void **)memory, 16, arena.size) != 0)
        abort();
    arena.bytes = *memory;
    if (wire_request_decode(bytes, size, &arena, &request, &error) != PM_OK) {
        fprintf(stderr, "the fake daemon was sent what it cannot read: %s\n", error.text);
        request.count = 0;
    }
    return request;
}

/* ---- Answers ---- */

static void write_results(const struct fake_step *step, uint32_t count, struct wire_writer *out)
{
    wire_reply_begin(out, 77, count);
    for (uint32_t at = 0; at < count; at++) {
        if (step->body != NULL) {
            wire_array(out, 2);
            wire_uint(out, PM_OK);
            step->body(out);
        } else {
            struct pm_result result = {.status = step->status};
            if (step->id != 0)
                result.id = step->id + at;
            wire_reply_result(out, result);
        }
    }
}

/* Writes the reply that a step gives to a request. */
static void write_reply(const struct fake_step *step, const uint8_t *bytes, size_t size,
                        struct wire_writer *out)
{
    uint8_t *memory;
    if (step->act == FAKE_REFUSE) {
        wire_reply_refused(out, 77, step->status, "said the fake", step->after);
    } else if (step->act == FAKE_RAW) {
        wire_raw(out, step->raw, step->raw_size);
    } else if (step->act != FAKE_EMPTY) {
        write_results(step, decode(bytes, size, &memory).count, out);
        free(memory);
    }
    if (out->overflow)
        abort();
}

/* Sends a reply to where the request came from. */
static void fake_send_reply(struct fake_daemon *fake, uint32_t connection, nng_msg *request,
                            const struct wire_writer *reply)
{
    nng_msg *message;
    if (nng_msg_alloc(&message, 0) != 0 ||
        nng_msg_header_append(message, nng_msg_header(request), nng_msg_header_len(request)) != 0 ||
        nng_msg_append(message, reply->bytes, reply->used) != 0)
        abort();
    streams_send(fake->streams, connection, message);
}

static void take_step(struct fake_daemon *fake, const struct fake_step *step, uint32_t connection,
                      nng_msg *request)
{
    struct wire_writer reply = {.bytes = fake->reply, .size = sizeof fake->reply};
    if (step->act == FAKE_DROP)
        streams_end(fake->streams, connection);
    if (step->act == FAKE_DROP || step->act == FAKE_SILENT)
        return;
    write_reply(step, nng_msg_body(request), nng_msg_len(request), &reply);
    if (step->act == FAKE_LATE)
        sleep_ms(step->ms);
    fake_send_reply(fake, connection, request, &reply);
    if (step->act == FAKE_TWICE)
        fake_send_reply(fake, connection, request, &reply);
}

static void came(void *context, uint32_t connection, const struct peer *peer)
{
    (void)context;
    (void)connection;
    (void)peer;
}

static void gone(void *context, uint32_t connection)
{
    (void)context;
    (void)connection;
}

static void received(void *context, uint32_t connection, nng_msg *message)
{
    struct fake_daemon *fake = context;
    pthread_mutex_lock(&fake->lock);
    if (fake->requests < REQUESTS_MAX) {
        size_t at = fake->requests++;
        fake->request[at].size = nng_msg_len(message);
        fake->request[at].bytes = copy_of(nng_msg_body(message), nng_msg_len(message));
        take_step(fake, &fake->steps[at < fake->count ? at : fake->count - 1], connection, message);
    }
    pthread_mutex_unlock(&fake->lock);
    nng_msg_free(message);
}

static int begin_to_listen(struct fake_daemon *fake)
{
    int port;
    return streams_listen(fake->streams, fake->url, 0600, &port);
}

static void *listen_late(void *context)
{
    struct fake_daemon *fake = context;
    sleep_ms(fake->delay);
    if (begin_to_listen(fake) != 0)
        abort();
    return NULL;
}

/* ---- Its life ---- */

struct fake_daemon *fake_daemon_start(const struct fake_step *steps, size_t count, unsigned delay)
{
    static unsigned number;
    const char *directory = getenv("TMPDIR");
    struct fake_daemon *fake = calloc(1, sizeof *fake);
    assert_non_null(fake);
    fake->steps = steps;
    fake->count = count;
    fake->delay = delay;
    snprintf(fake->path, sizeof fake->path, "%s/fake-%ld-%u.ipc",
             directory != NULL ? directory : "/tmp", (long)getpid(), number++);
    snprintf(fake->url, sizeof fake->url, "ipc://%s", fake->path);
    pthread_mutex_init(&fake->lock, NULL);
    fake->streams = streams_create(&(struct streams_options){.message_max = REPLY_SIZE,
                                                             .context = fake,
                                                             .came = came,
                                                             .received = received,
                                                             .gone = gone});
    assert_non_null(fake->streams);
    if (delay == 0)
        assert_int_equal(begin_to_listen(fake), 0);
    else
        assert_int_equal(pthread_create(&fake->thread, NULL, listen_late, fake), 0);
    return fake;
}

const char *fake_daemon_url(const struct fake_daemon *fake)
{
    return fake->url;
}

void fake_daemon_stop(struct fake_daemon *fake)
{
    if (fake->delay > 0)
        pthread_join(fake->thread, NULL);
    streams_stop(fake->streams);
    assert_true(streams_close(fake->streams));
    streams_destroy(fake->streams);
    unlink(fake->path);
}

size_t fake_daemon_requests(const struct fake_daemon *fake)
{
    return fake->requests;
}

const uint8_t *fake_daemon_request(const struct fake_daemon *fake, size_t at, size_t *size)
{
    assert_true(at < fake->requests);
    *size = fake->request[at].size;
    return fake->request[at].bytes;
}

struct wire_request fake_daemon_decoded(struct fake_daemon *fake, size_t at)
{
    assert_true(at < fake->requests);
    free(fake->arena);
    return decode(fake->request[at].bytes, fake->request[at].size, &fake->arena);
}

void fake_daemon_free(struct fake_daemon *fake)
{
    for (size_t at = 0; at < fake->requests; at++)
        free(fake->request[at].bytes);
    free(fake->arena);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

int fake_daemon_end_all(void **state)
{
    (void)state;
    nng_fini();
    return 0;
}
