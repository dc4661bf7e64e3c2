/*
 * idle.c: see idle.h. Runs on nng's threads, now and then.
 */
#include "idle.h"

#include "daemon/log.h"

#include <nng/nng.h>
#include <stdlib.h>

struct idle {
    struct connections *connections;
    struct streams *streams;
    nng_duration every; /* ms */
    nng_aio *aio;
};

static void close_connection(void *context, uint32_t connection)
{
    struct idle *idle = context;
    log_debug("connection %u is closed: it says nothing", (unsigned)connection);
    streams_end(idle->streams, connection);
}

static void look(void *context)
{
    struct idle *idle = context;
    if (nng_aio_result(idle->aio) != 0)
        return; /* stopped */
    connections_find_idle(idle->connections, close_connection, idle);
    nng_sleep_aio(idle->every, idle->aio);
}

struct idle *idle_start(struct connections *connections, struct streams *streams, unsigned seconds)
{
    struct idle *idle = calloc(1, sizeof *idle);
    if (!idle)
        return NULL;
    idle->connections = connections;
    idle->streams = streams;
    idle->every = (nng_duration)(seconds * 1000);
    if (nng_aio_alloc(&idle->aio, look, idle) != 0) {
        free(idle);
        return NULL;
    }
    nng_sleep_aio(idle->every, idle->aio);
    return idle;
}

void idle_stop(struct idle *idle)
{
    if (!idle)
        return;
    nng_aio_stop(idle->aio);
    nng_aio_free(idle->aio);
    free(idle);
}
