/*
 * sender.h: sends replies, for the journal thread alone.
 */
#ifndef PM_DAEMON_SENDER_H
#define PM_DAEMON_SENDER_H

#include <nng/nng.h>

struct sender;

/* NULL when memory is short. */
struct sender *sender_create(nng_socket socket);

/* Ends what is under way, and frees. Before the socket is closed. NULL is allowed. */
void sender_destroy(struct sender *sender);

/* Sends a reply, which must still have its request's header. The message is nng's from here on; one
 * whose client has gone is dropped without an error. Waits only while nng's own queue is full. */
void sender_send(struct sender *sender, nng_msg *message);

#endif
