/* raw.c - see raw.h. */
#include "tests/lib/raw.h"

#include <arpa/inet.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

const uint8_t raw_hello[RAW_HELLO] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};

int raw_connect_ipc(const char *url)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", url + strlen("ipc://"));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool raw_shake_hands(int fd)
{
    uint8_t theirs[RAW_HELLO];
    raw_put(fd, raw_hello, sizeof raw_hello);
    return raw_get(fd, theirs, sizeof theirs);
}

void raw_put(int fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t put_now = send(fd, at, size, MSG_NOSIGNAL);
        if (put_now <= 0)
            return;
        at += put_now;
        size -= (size_t)put_now;
    }
}

bool raw_get(int fd, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    struct pollfd in = {.fd = fd, .events = POLLIN};
    while (size > 0) {
        ssize_t got = poll(&in, 1, RAW_WAIT_MS) == 1 ? recv(fd, at, size, 0) : -1;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

size_t raw_frame(uint8_t *out, bool ipc, uint64_t size, uint32_t id)
{
    size_t used = 0;
    uint64_t length = htobe64(size);
    uint32_t request = htonl(id | 0x80000000u);
    if (ipc)
        out[used++] = 1;
    memcpy(out + used, &length, sizeof length);
    memcpy(out + used + 8, &request, sizeof request);
    return used + 12;
}

void raw_put_message(int fd, uint32_t id, const uint8_t *body, size_t size)
{
    uint8_t frame[RAW_FRAME];
    raw_put(fd, frame, raw_frame(frame, true, size + 4, id));
    raw_put(fd, body, size);
}

int64_t raw_get_message(int fd, uint32_t *id, uint8_t *body, size_t room)
{
    uint8_t head[13];
    uint64_t length;
    if (!raw_get(fd, head, sizeof head))
        return -1;
    memcpy(&length, head + 1, sizeof length);
    memcpy(id, head + 9, sizeof *id);
    *id = ntohl(*id) & 0x7fffffffu;
    length = be64toh(length);
    if (length < 4 || length - 4 > room || !raw_get(fd, body, length - 4))
        return -1;
    return (int64_t)length - 4;
}
