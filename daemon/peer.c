/*
 * peer.c: see peer.h.
 */
#include "peer.h"

#include "core/hash.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NETWORK = 8 }; /* bytes of an IPv6 address that one subscriber has */

/* ---- Those that are passed on ---- */

/* Their peers' addresses, of IPv4 as IPv6 has them, in halves; 0: nobody is passed on. */
static struct {
    _Atomic uint64_t high, low;
} relayed[1 << 16];

void peer_relay(uint16_t port, const struct sockaddr_storage *peer)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
    struct in6_addr address = ((const struct sockaddr_in6 *)peer)->sin6_addr;
    uint64_t half[2];
    if (peer->ss_family == AF_INET) {
        address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
        memcpy(&address.s6_addr[12], &four->sin_addr, sizeof four->sin_addr);
    }
    memcpy(half, &address, sizeof half);
    atomic_store(&relayed[port].high, half[0]);
    atomic_store(&relayed[port].low, half[1]);
}

void peer_unrelay(uint16_t port)
{
    atomic_store(&relayed[port].high, 0);
    atomic_store(&relayed[port].low, 0);
}

/* Makes of the relay's address the peer's; false when it is not the relay's. */
static bool far_of(nng_sockaddr *address)
{
    if (address->s_family != NNG_AF_INET || address->s_in.sa_addr != htonl(INADDR_LOOPBACK))
        return false;
    uint16_t port = address->s_in.sa_port;
    uint64_t half[2] = {atomic_load(&relayed[port].high), atomic_load(&relayed[port].low)};
    struct in6_addr peer;
    memcpy(&peer, half, sizeof peer);
    if (IN6_IS_ADDR_UNSPECIFIED(&peer))
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&peer)) {
        memcpy(&address->s_in.sa_addr, &peer.s6_addr[12], sizeof address->s_in.sa_addr);
        return true;
    }
    address->s_family = NNG_AF_INET6;
    memcpy(address->s_in6.sa_addr, &peer, sizeof address->s_in6.sa_addr);
    return true;
}

/* ---- Who it is ---- */

struct peer peer_of(nng_stream *stream)
{
    struct peer peer = {.known = false};
    peer.known = nng_stream_get_addr(stream, NNG_OPT_REMADDR, &peer.address) == 0;
    peer.has_uid = nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_UID, &peer.uid) == 0;
    peer.relayed = peer.known && far_of(&peer.address);
    return peer;
}

bool peer_is_own(const struct peer *peer)
{
    return peer->has_uid && peer->uid == geteuid();
}

uint32_t peer_address(const struct peer *peer)
{
    const nng_sockaddr *address = &peer->address;
    if (peer->known && address->s_family == NNG_AF_INET)
        return address->s_in.sa_addr;
    if (peer->known && address->s_family == NNG_AF_INET6)
        return (uint32_t)pm_hash(address->s_in6.sa_addr, NETWORK, NNG_AF_INET6);
    return (uint32_t)pm_hash(&peer->uid, sizeof peer->uid, NNG_AF_IPC);
}

const char *peer_text(const struct peer *peer, char out[64])
{
    const nng_sockaddr *address = &peer->address;
    snprintf(out, 64, "somewhere that the system does not tell");
    if (peer->known && address->s_family == NNG_AF_INET)
        inet_ntop(AF_INET, &address->s_in.sa_addr, out, 64);
    else if (peer->known && address->s_family == NNG_AF_INET6)
        inet_ntop(AF_INET6, address->s_in6.sa_addr, out, 64);
    else if (peer->has_uid)
        snprintf(out, 64, "user %" PRIu64, peer->uid);
    return out;
}
