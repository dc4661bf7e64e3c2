/*
 * sendmsg_remedy.c: keeps a listener of nng below 1.6 alive.
 *
 * When a client connects and closes before its handshake is through, the kernel answers nng's
 * sendmsg() with EPIPE. nng 1.5 takes EPIPE for "this endpoint was closed", and the *listener*
 * stops accepting, for good, while the process stays up: one `ipc` connection opened and closed is
 * enough. ECONNRESET, which says the same of the one connection, it takes rightly. So the program
 * brings its own sendmsg() and readv(), which libnng finds before the C library's, and which make
 * the system call and turn EPIPE into ECONNRESET. nng 1.6 mended it; there nothing is replaced.
 */
#include "sendmsg_remedy.h"

#include <nng/nng.h>

#if NNG_MAJOR_VERSION == 1 && NNG_MINOR_VERSION < 6

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t as_reset(long result)
{
    if (result == -1 && errno == EPIPE)
        errno = ECONNRESET;
    return (ssize_t)result;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    return as_reset(syscall(SYS_sendmsg, fd, message, flags));
}

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    return as_reset(syscall(SYS_readv, fd, pieces, count));
}

bool sendmsg_remedy_present(void)
{
    return true;
}

#else

bool sendmsg_remedy_present(void)
{
    return false;
}

#endif
