/*
 * peer.c: see peer.h.
 */
#include "peer.h"

#include "core/hash.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NETWORK = 8 }; /* bytes of an IPv6 address that one subscriber has */

bool peer_is_own(nng_pipe pipe)
{
    uint64_t uid;
    return nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid) == 0 && uid == geteuid();
}

uint32_t peer_address(nng_pipe pipe)
{
    nng_sockaddr address;
    uint64_t uid = 0;
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &address) != 0)
        return 0;
    if (address.s_family == NNG_AF_INET)
        return address.s_in.sa_addr;
    if (address.s_family == NNG_AF_INET6)
        return (uint32_t)pm_hash(address.s_in6.sa_addr, NETWORK, NNG_AF_INET6);
    nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid);
    return (uint32_t)pm_hash(&uid, sizeof uid, NNG_AF_IPC);
}

const char *peer_text(nng_pipe pipe, char out[64])
{
    nng_sockaddr address;
    uint64_t uid;
    snprintf(out, 64, "a connection that has gone");
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &address) != 0)
        return out;
    if (address.s_family == NNG_AF_INET)
        inet_ntop(AF_INET, &address.s_in.sa_addr, out, 64);
    else if (address.s_family == NNG_AF_INET6)
        inet_ntop(AF_INET6, address.s_in6.sa_addr, out, 64);
    else if (nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid) == 0)
        snprintf(out, 64, "user %" PRIu64, uid);
    return out;
}
