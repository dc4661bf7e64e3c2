/*
 * sendmsg_remedy.c: keeps nng below 1.6 serving when clients go at the wrong moment. Two faults:
 *
 * When a client connects and closes before its handshake is through, the kernel answers nng's
 * sendmsg() with EPIPE. nng 1.5 takes EPIPE for "this endpoint was closed", and the *listener*
 * stops accepting, for good, while the process stays up: one `ipc` connection opened and closed is
 * enough.
 *
 * When a client goes while replies are being sent to it, nng closes its connection on the sender's
 * side. It receives a message in two steps; if it is between the two, the second is dropped without
 * a word, and the one thread that clears up after closed connections waits for it for ever: from
 * then on none is cleared up, and each that comes takes a place for good. A client that goes with
 * requests under way does it within seconds.
 *
 * So the program brings its own sendmsg() and epoll_wait(), which libnng finds before the C
 * library's. The one says that all was sent to who has gone; the other, of a connection that hangs
 * up or fails, that it can be read and written. That the client has gone is then found by whoever
 * receives, who is between no two steps. nng 1.6 mended the first fault; from there on nothing is
 * replaced.
 */
#include "sendmsg_remedy.h"

#include <nng/nng.h>

#if NNG_MAJOR_VERSION == 1 && NNG_MINOR_VERSION < 6

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static ssize_t size_of(const struct msghdr *message)
{
    size_t size = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++)
        size += message->msg_iov[i].iov_len;
    return (ssize_t)size;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    long sent = syscall(SYS_sendmsg, fd, message, flags);
    return sent == -1 && (errno == EPIPE || errno == ECONNRESET) ? size_of(message) : (ssize_t)sent;
}

int epoll_wait(int epoll, struct epoll_event *events, int room, int timeout)
{
    const uint32_t over = EPOLLHUP | EPOLLERR;
    int count =
        epoll_pwait(epoll, events, room, timeout, NULL); /* the library's, which sanitizers see */
    for (int i = 0; i < count; i++) {
        if ((events[i].events & over) != 0)
            events[i].events = (events[i].events & ~over) | EPOLLIN | EPOLLOUT;
    }
    return count;
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
