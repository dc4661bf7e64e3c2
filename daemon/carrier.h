/*
 * carrier.h: what carries the bytes of a connection: one of nng's streams (plain_door.h), or TLS
 * (tls_carrier.h). The streams (streams.h) have it receive and send, one of each at a time; it
 * tells how that ended by streams_received() and streams_sent(), on a thread of its own and never
 * within the call.
 */
#ifndef PM_DAEMON_CARRIER_H
#define PM_DAEMON_CARRIER_H

#include <stddef.h>
#include <stdint.h>

struct carrier;

struct carrier_kind {
    /* Receives some bytes, `size` at most. Within streams_begin(), streams_received() or
     * streams_sent() alone. */
    void (*receive)(struct carrier *carrier, uint8_t *bytes, size_t size);
    /* Sends some of the bytes, which stay as they are until that has ended. Any thread. */
    void (*send)(struct carrier *carrier, const uint8_t *bytes, size_t size);
    /* Ends the connection: what is under way ends soon, nothing more is begun. Any thread. */
    void (*close)(struct carrier *carrier);
    /* It is not needed any more: nothing is under way. Any thread. */
    void (*free)(struct carrier *carrier);
};

struct carrier {
    const struct carrier_kind *kind;
    struct connection *connection; /* the streams', from streams_begin() on */
};

#endif
