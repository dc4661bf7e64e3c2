/*
 * request.h: one request on its way through the pipeline.
 *
 * A request belongs to one thread at a time: a receiving thread decodes it and pushes it to the
 * matcher, which replaces its message's body by the reply and puts it into a batch, from which the
 * journal thread takes it, sends the message and releases the request to the receiver it came from.
 * The message keeps nng's header all the way, so it goes back to where it came from without a copy.
 */
#ifndef PM_DAEMON_REQUEST_H
#define PM_DAEMON_REQUEST_H

#include "core/wire.h"
#include "daemon/connection.h"
#include "daemon/ring.h"
#include "daemon/sessions.h"

#include <nng/nng.h>
#include <stdatomic.h>

/*
 * Memory for decoded commands is reserved for the worst that a message of its size could hold, some
 * 70 times its size, and touched as used. Up to REQUEST_SMALL bytes a request keeps it always;
 * beyond, all requests together may have REQUEST_LARGE_MAX, or clients are told `busy`, and keep
 * half of that.
 */
#define REQUEST_SMALL ((size_t)64 << 10)
#define REQUEST_LARGE_MAX ((size_t)1 << 30)

struct request {
    nng_msg *message;         /* as received; then the reply; NULL when handed on */
    uint32_t from;            /* its connection: connection.h */
    uint64_t came_ns;         /* steady clock */
    struct request *next;     /* of its connection, while it waits for the matcher: see turns.h */
    struct wire_request wire; /* into arena, message, principal: gone once the reply is in place */
    struct principal principal; /* of its session */
    struct wire_arena arena;
    bool watch;           /* no reply yet: it waits for events */
    struct ring *home;    /* where it is pushed when it is free again */
    atomic_size_t *large; /* bytes of all requests' arenas beyond REQUEST_SMALL each */
    size_t charged;       /* of those, this one's */
};

/* Makes room to decode `size` bytes. False when memory is short, or large requests have taken all
 * they may together. */
bool request_reserve(struct request *request, size_t size);

/* Gives back what was reserved. */
void request_drop_memory(struct request *request);

/* The request is done: to its home. Its message must have been handed on. Any thread. */
void request_release(struct request *request);

/* Replaces the message's body: `head` then `rest`. False when memory is short: the body is then
 * empty. */
bool request_set_reply(nng_msg *message, const struct wire_writer *head,
                       const struct wire_writer *rest);

#endif
