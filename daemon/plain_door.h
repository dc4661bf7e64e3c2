/*
 * plain_door.h: where connections come in over ipc and tcp, by nng's streams; streams.c has it.
 */
#ifndef PM_DAEMON_PLAIN_DOOR_H
#define PM_DAEMON_PLAIN_DOOR_H

#include "daemon/streams.h"

struct plain_door;

/* Whoever comes is given to these streams. NULL when memory is short. */
struct plain_door *plain_door_create(struct streams *streams);

/* Listens at one more URL, one of 32: see streams_listen(). */
int plain_door_listen(struct plain_door *door, const char *url, int ipc_mode, int *port);

/* Nobody comes any more: when it returns, nobody is being given to the streams. */
void plain_door_stop(struct plain_door *door);

/* After that, and when the streams have given back all who came. NULL is allowed. */
void plain_door_destroy(struct plain_door *door);

#endif
