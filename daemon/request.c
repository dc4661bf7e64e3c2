/*
 * request.c: see request.h.
 */
#include "request.h"

#include "memory.h"

#include <assert.h>

void request_drop_memory(struct request *request)
{
    memory_free_apart(request->arena.bytes, request->arena.size);
    request->arena = (struct wire_arena){0};
    if (request->charged > 0)
        atomic_fetch_sub_explicit(request->large, request->charged, memory_order_relaxed);
    request->charged = 0;
}

/* Counts a large arena; false when that would be too much. */
static bool charge(struct request *request, size_t size)
{
    size_t before = atomic_fetch_add_explicit(request->large, size, memory_order_relaxed);
    request->charged = size;
    return before + size <= REQUEST_LARGE_MAX;
}

static size_t round_up(size_t size)
{
    size_t rounded = 1024;
    while (rounded < size)
        rounded *= 2;
    return rounded;
}

bool request_reserve(struct request *request, size_t size)
{
    size_t need = wire_arena_bound(size);
    request->arena.used = 0;
    if (need <= request->arena.size)
        return true;
    request_drop_memory(request);
    need = round_up(need);
    if (need > REQUEST_SMALL && !charge(request, need)) {
        request_drop_memory(request);
        return false;
    }
    request->arena.bytes = memory_take_apart(need);
    if (!request->arena.bytes) {
        request_drop_memory(request);
        return false;
    }
    request->arena.size = need;
    return true;
}

void request_release(struct request *request)
{
    assert(!request->message);
    if (request->charged &&
        atomic_load_explicit(request->large, memory_order_relaxed) > REQUEST_LARGE_MAX / 2)
        request_drop_memory(request);
    bool pushed = ring_push(request->home, request);
    assert(pushed); /* its home has a place for each of its requests */
    (void)pushed;
}

bool request_set_reply(nng_msg *message, const struct wire_writer *head,
                       const struct wire_writer *rest)
{
    nng_msg_clear(message);
    if (nng_msg_append(message, head->bytes, head->used) == 0 &&
        nng_msg_append(message, rest->bytes, rest->used) == 0)
        return true;
    nng_msg_clear(message);
    return false;
}
