/*
 * fake_daemon.c - a scripted peer for tests of the client: see fake_daemon.h.
 */
#include "tests/lib/fake_daemon.h"

#include "daemon/sendmsg_remedy.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
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
    nng_socket socket;
    atomic_bool
        stop; /* looked at now and then: closing a socket that another thread waits on is a race */
    pthread_t thread;
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
static void fake_send_reply(struct fake_daemon *fake, nng_msg *request,
                            const struct wire_writer *reply)
{
    nng_msg *message;
    if (nng_msg_alloc(&message, 0) != 0 ||
        nng_msg_header_append(message, nng_msg_header(request), nng_msg_header_len(request)) != 0 ||
        nng_msg_append(message, reply->bytes, reply->used) != 0)
        abort();
    if (nng_sendmsg(fake->socket, message, 0) != 0)
        nng_msg_free(message);
}

static void take_step(struct fake_daemon *fake, const struct fake_step *step, nng_msg *request)
{
    struct wire_writer reply = {.bytes = fake->reply, .size = sizeof fake->reply};
    if (step->act == FAKE_DROP)
        nng_pipe_close(nng_msg_get_pipe(request));
    if (step->act == FAKE_DROP || step->act == FAKE_SILENT)
        return;
    write_reply(step, nng_msg_body(request), nng_msg_len(request), &reply);
    if (step->act == FAKE_LATE)
        sleep_ms(step->ms);
    fake_send_reply(fake, request, &reply);
    if (step->act == FAKE_TWICE)
        fake_send_reply(fake, request, &reply);
}

static void *serve(void *context)
{
    struct fake_daemon *fake = context;
    nng_msg *message;
    if (fake->delay > 0) {
        sleep_ms(fake->delay);
        if (nng_listen(fake->socket, fake->url, NULL, 0) != 0)
            return NULL;
    }
    while (!atomic_load(&fake->stop) && fake->requests < REQUESTS_MAX) {
        if (nng_recvmsg(fake->socket, &message, 0) != 0)
            continue;
        size_t at = fake->requests++;
        fake->request[at].size = nng_msg_len(message);
        fake->request[at].bytes = copy_of(nng_msg_body(message), nng_msg_len(message));
        take_step(fake, &fake->steps[at < fake->count ? at : fake->count - 1], message);
        nng_msg_free(message);
    }
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
    sendmsg_remedy_present(); /* or a client that breaks off ends nng's listening: it must be linked
                               */
    assert_int_equal(nng_rep0_open_raw(&fake->socket), 0);
    assert_int_equal(nng_socket_set_ms(fake->socket, NNG_OPT_RECVTIMEO, 20), 0);
    if (delay == 0)
        assert_int_equal(nng_listen(fake->socket, fake->url, NULL, 0), 0);
    assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
    return fake;
}

const char *fake_daemon_url(const struct fake_daemon *fake)
{
    return fake->url;
}

void fake_daemon_stop(struct fake_daemon *fake)
{
    atomic_store(&fake->stop, true);
    pthread_join(fake->thread, NULL);
    nng_close(fake->socket);
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
    free(fake);
}

int fake_daemon_end_all(void **state)
{
    (void)state;
    nng_fini();
    return 0;
}
