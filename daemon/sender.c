/*
 * sender.c: see sender.h. A few aios in turn, without callbacks: nng then wakes no thread for a
 * completion. An aio has long completed when its turn comes again; if it has not, nng is behind,
 * and waiting is right.
 */
#include "sender.h"

#include <stdlib.h>

enum { AIOS = 256 };

struct sender {
    nng_socket socket;
    unsigned turn;
    nng_aio *aio[AIOS];
};

struct sender *sender_create(nng_socket socket)
{
    struct sender *sender = calloc(1, sizeof *sender);
    if (!sender)
        return NULL;
    sender->socket = socket;
    for (int i = 0; i < AIOS; i++) {
        if (nng_aio_alloc(&sender->aio[i], NULL, NULL) != 0) {
            sender_destroy(sender);
            return NULL;
        }
    }
    return sender;
}

/* Waits for the aio's last send; a message that nng did not take is ours to free. */
static void settle(nng_aio *aio)
{
    nng_aio_wait(aio);
    if (nng_aio_result(aio) != 0) {
        nng_msg_free(nng_aio_get_msg(aio));
        nng_aio_set_msg(aio, NULL);
    }
}

void sender_destroy(struct sender *sender)
{
    if (!sender)
        return;
    for (int i = 0; i < AIOS && sender->aio[i]; i++) {
        settle(sender->aio[i]);
        nng_aio_free(sender->aio[i]);
    }
    free(sender);
}

void sender_send(struct sender *sender, nng_msg *message)
{
    nng_aio *aio = sender->aio[sender->turn++ % AIOS];
    settle(aio);
    nng_aio_set_msg(aio, message);
    nng_send_aio(sender->socket, aio);
}
