/*
 * aside.c: see aside.h. As many aios as replies may be on their way to nng's queue; who wants to
 * send takes one that is free, by a flag of its own, which its callback gives back.
 */
#include "aside.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PLACES = 256, TRIES = 4 /* places looked at for a free one */ };

struct place {
    nng_aio *aio;
    atomic_bool taken;
};

struct aside {
    nng_socket socket;
    atomic_uint turn;
    struct place place[PLACES];
};

/* nng's thread, or the sender's: the message has gone, or nng did not take it. */
static void sent(void *context)
{
    struct place *place = context;
    if (nng_aio_result(place->aio) != 0)
        nng_msg_free(nng_aio_get_msg(place->aio));
    nng_aio_set_msg(place->aio, NULL);
    /* Release: the next who takes it finds the aio as we left it. */
    atomic_store_explicit(&place->taken, false, memory_order_release);
}

struct aside *aside_create(nng_socket socket)
{
    struct aside *aside = calloc(1, sizeof *aside);
    if (!aside)
        return NULL;
    aside->socket = socket;
    for (int i = 0; i < PLACES; i++) {
        if (nng_aio_alloc(&aside->place[i].aio, sent, &aside->place[i]) != 0) {
            aside_destroy(aside);
            return NULL;
        }
    }
    return aside;
}

void aside_destroy(struct aside *aside)
{
    if (!aside)
        return;
    for (int i = 0; i < PLACES && aside->place[i].aio; i++) {
        nng_aio_wait(aside->place[i].aio);
        nng_aio_free(aside->place[i].aio);
    }
    free(aside);
}

/* NULL when none is free nearby: then nearly all are on their way, and nng is far behind. */
static struct place *take(struct aside *aside)
{
    for (int i = 0; i < TRIES; i++) {
        unsigned turn = atomic_fetch_add_explicit(&aside->turn, 1, memory_order_relaxed);
        struct place *place = &aside->place[turn % PLACES];
        /* Acquire: as in sent(). */
        if (!atomic_exchange_explicit(&place->taken, true, memory_order_acquire))
            return place;
    }
    return NULL;
}

void aside_send(struct aside *aside, nng_msg *message)
{
    struct place *place = take(aside);
    if (!place) {
        nng_msg_free(message);
        return;
    }
    nng_aio_set_msg(place->aio, message);
    nng_send_aio(aside->socket, place->aio);
}
