/*
 * peer.h: who is at the other end of a connection, as far as the system tells: looked at once, when
 * it comes, since nng no longer tells when it has gone.
 */
#ifndef PM_DAEMON_PEER_H
#define PM_DAEMON_PEER_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Over ipc, is it a process of the daemon's own user? False when the system does not tell. */
bool peer_is_own(nng_pipe pipe);

/* A number for its address: a host's of IPv4, a network's of 64 bits of IPv6, over ipc a user. */
uint32_t peer_address(nng_pipe pipe);

/* A connection that is passed on (tls_relay.h) is told by the port of loopback from which it is:
 * the two above and below tell of its peer, from peer_relay() to peer_unrelay(). port is in network
 * order. Any thread. */
void peer_relay(uint16_t port, const struct sockaddr_storage *peer);
void peer_unrelay(uint16_t port);
bool peer_is_relayed(nng_pipe pipe);

/* The address for people, into out; returns out. */
const char *peer_text(nng_pipe pipe, char out[64]);

#endif
