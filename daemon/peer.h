/*
 * peer.h: who is at the other end of a connection, as far as the system tells: looked at once, when
 * it comes.
 */
#ifndef PM_DAEMON_PEER_H
#define PM_DAEMON_PEER_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct peer {
    nng_sockaddr address; /* the host's */
    uint64_t uid;         /* over ipc */
    bool known;           /* the address is */
    bool has_uid;
};

/* What the system tells of a connection's other end. */
struct peer peer_of(nng_stream *stream);

/* Of one that came from that address of IPv4 or IPv6. */
struct peer peer_from(const struct sockaddr_storage *address);

/* Over ipc, is it a process of the daemon's own user? False when the system does not tell. */
bool peer_is_own(const struct peer *peer);

/* A number for its address: a host's of IPv4, a network's of 64 bits of IPv6, over ipc a user. */
uint32_t peer_address(const struct peer *peer);

/* The address for people, into out; returns out. */
const char *peer_text(const struct peer *peer, char out[64]);

#endif
