/*
 * idle.h: closes connections that say nothing, or half a message for ever, which nng does not. Who
 * has something to say later connects again, as the client library does by itself.
 */
#ifndef PM_DAEMON_IDLE_H
#define PM_DAEMON_IDLE_H

#include "daemon/connection.h"
#include "daemon/streams.h"

struct idle;

/* Looks every `seconds` (from 1): a connection from which no whole message came since the last
 * look, and that is owed no reply, is closed; so after once to twice that time. NULL when it
 * cannot. Both must outlive it. */
struct idle *idle_start(struct connections *connections, struct streams *streams, unsigned seconds);
/* NULL is allowed. */
void idle_stop(struct idle *idle);

#endif
