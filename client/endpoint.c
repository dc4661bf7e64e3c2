/*
 * endpoint.c: see endpoint.h.
 */
#include "client/endpoint.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static const char *const scheme[] = {
    [ENDPOINT_IPC] = "ipc://", [ENDPOINT_TCP] = "tcp://", [ENDPOINT_TLS] = "tls+tcp://"};

static bool begins_with(const char *url, enum endpoint_kind kind)
{
    return strncmp(url, scheme[kind], strlen(scheme[kind])) == 0;
}

bool endpoint_is_tls(const char *url)
{
    return begins_with(url, ENDPOINT_TLS);
}

static bool path_of(const char *path, struct endpoint *out)
{
    struct sockaddr_un address;
    if (path[0] == '\0' || strlen(path) >= sizeof address.sun_path)
        return false;
    snprintf(out->host, sizeof out->host, "%s", path);
    return true;
}

static bool host_and_port_of(const char *host, struct endpoint *out)
{
    const char *colon = strrchr(host, ':');
    size_t length = colon != NULL ? (size_t)(colon - host) : 0;
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    if (length == 0 || length >= sizeof out->host || strlen(colon + 1) >= sizeof out->port ||
        colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    snprintf(out->host, sizeof out->host, "%.*s", (int)length, host);
    snprintf(out->port, sizeof out->port, "%s", colon + 1);
    return true;
}

bool endpoint_of(const char *url, struct endpoint *out)
{
    *out = (struct endpoint){.kind = ENDPOINT_IPC};
    while (!begins_with(url, out->kind)) {
        if (out->kind == ENDPOINT_TLS)
            return false;
        out->kind++;
    }
    const char *rest = url + strlen(scheme[out->kind]);
    return out->kind == ENDPOINT_IPC ? path_of(rest, out) : host_and_port_of(rest, out);
}
