/*
 * peer.c: see peer.h.
 */
#include "peer.h"

#include "core/hash.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NETWORK = 8 }; /* bytes of an IPv6 address that one subscriber has */

struct peer peer_of(nng_stream *stream)
{
    struct peer peer = {.known = false};
    peer.known = nng_stream_get_addr(stream, NNG_OPT_REMADDR, &peer.address) == 0;
    peer.has_uid = nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_UID, &peer.uid) == 0;
    return peer;
}

/* An address of IPv4 that came to one of IPv6 is what it is. */
struct peer peer_from(const struct sockaddr_storage *address)
{
    struct peer peer = {.known = true};
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (address->ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(six)) {
        peer.address.s_family = NNG_AF_INET6;
        memcpy(peer.address.s_in6.sa_addr, six, sizeof peer.address.s_in6.sa_addr);
        return peer;
    }
    peer.address.s_family = NNG_AF_INET;
    if (address->ss_family == AF_INET)
        peer.address.s_in.sa_addr = four->sin_addr.s_addr;
    else
        memcpy(&peer.address.s_in.sa_addr, &six->s6_addr[12], sizeof peer.address.s_in.sa_addr);
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
