/*
 * aside.h: sends replies that do not go by way of the journal: refusals, and what the gate answers.
 * Never waits: when nng has no room a reply is dropped, and its client sends again.
 *
 * Not by nng_sendmsg() with NNG_FLAG_NONBLOCK: nng 1.5 gives such a send up as timed out,
 * but leaves it in its queue if others wait there before it; then its aio is freed in the queue.
 */
#ifndef PM_DAEMON_ASIDE_H
#define PM_DAEMON_ASIDE_H

#include <nng/nng.h>

struct aside;

/* For a socket that is open. NULL when memory is short. */
struct aside *aside_create(nng_socket socket);
/* The socket must be closed: what is on its way is given up then. NULL is allowed. */
void aside_destroy(struct aside *aside);

/* Any thread: sends the message, and takes it over. */
void aside_send(struct aside *aside, nng_msg *message);

#endif
