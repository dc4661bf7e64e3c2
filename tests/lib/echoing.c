/*
 * echoing.c - see echoing.h.
 */
#include "tests/lib/echoing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 20000 };

static void came(void *context, uint32_t connection, const struct peer *peer)
{
    struct echoing *echoing = context;
    echoing->check(peer);
    atomic_store(&echoing->last, connection);
    atomic_fetch_add(&echoing->here, 1);
}

static void gone(void *context, uint32_t connection)
{
    struct echoing *echoing = context;
    (void)connection;
    atomic_fetch_sub(&echoing->here, 1);
}

static void received(void *context, uint32_t connection, nng_msg *message)
{
    struct echoing *echoing = context;
    atomic_store(&echoing->heard, connection);
    atomic_fetch_add(&echoing->arrived, 1);
    for (int i = 0; i < echoing->times; i++) {
        nng_msg *answer;
        assert_int_equal(nng_msg_dup(&answer, message), 0);
        streams_put(echoing->streams, connection, answer);
    }
    streams_flush(echoing->streams, connection);
    nng_msg_free(message);
}

void echoing_start(struct echoing *echoing, struct streams_options options,
                   void (*check)(const struct peer *peer))
{
    atomic_store(&echoing->here, 0);
    atomic_store(&echoing->arrived, 0);
    echoing->times = 1;
    echoing->check = check;
    options.context = echoing;
    options.came = came;
    options.received = received;
    options.gone = gone;
    echoing->streams = streams_create(&options);
    assert_non_null(echoing->streams);
}

void echoing_close(struct echoing *echoing)
{
    streams_stop(echoing->streams);
    assert_true(streams_close(echoing->streams));
}

void echoing_end(struct echoing *echoing)
{
    streams_destroy(echoing->streams);
    echoing->streams = NULL;
}

void echoing_wait(const atomic_uint *number, unsigned value)
{
    for (int ms = 0; atomic_load(number) != value; ms++) {
        assert_in_range(ms, 0, WAIT_MS);
        usleep(1000);
    }
}
