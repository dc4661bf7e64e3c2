/*
 * notify.c: see notify.h. libsystemd would do it as well, and bring ten times the code.
 */
#include "notify.h"

#include "daemon/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or with '@' an abstract name; 0 when it is neither, or too long. */
static socklen_t address_of(const char *name, struct sockaddr_un *out)
{
    size_t length = strlen(name);
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof out->sun_path)
        return 0;
    memcpy(out->sun_path, name, length);
    if (name[0] == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void notify(const char *assignments)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    if (!name)
        return;
    socklen_t size = address_of(name, &address);
    int file = size ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (file < 0 || sendto(file, assignments, strlen(assignments), MSG_NOSIGNAL,
                           (struct sockaddr *)&address, size) < 0)
        log_warn("the service manager is not told %s: %s", assignments,
                 size ? strerror(errno) : "NOTIFY_SOCKET makes no sense");
    if (file >= 0)
        close(file);
}
