/*
 * listener.c: see listener.h.
 */
#include "listener.h"

#include "client/tls.h"

#include <nng/supplemental/util/platform.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { REOPEN_TRIES = 500, REOPEN_PAUSE = 10 /* ms */ };

/* nng sets the mode of a socket's file after it has bound the socket: until then, too, it is the
 * owner's alone. */
static int start(nng_listener listener)
{
    mode_t before = umask(S_IRWXG | S_IRWXO);
    int failed = nng_listener_start(listener, 0);
    umask(before);
    return failed;
}

static int listen_on(struct listener *listener, const char *url,
                     const struct listener_options *options)
{
    int failed = nng_listener_create(&listener->nng, options->socket, url);
    if (failed != 0)
        return failed;
    if (strncmp(url, "ipc:", 4) == 0)
        failed =
            nng_listener_set_int(listener->nng, NNG_OPT_IPC_PERMISSIONS, (int)options->ipc_mode);
    else if (tls_is_url(url))
        failed = nng_listener_set_ptr(listener->nng, NNG_OPT_TLS_CONFIG, options->tls);
    if (failed == 0)
        failed = start(listener->nng);
    listener->open = failed == 0;
    if (failed != 0)
        nng_listener_close(listener->nng);
    return failed;
}

/* The port that nng chose for tcp://…:0 in place of the 0. */
static void name_listener(struct listener *listener, const char *url)
{
    int port;
    const char *colon = strrchr(url, ':');
    if ((strncmp(url, "tcp://", 6) == 0 || tls_is_url(url)) && strcmp(colon, ":0") == 0 &&
        nng_listener_get_int(listener->nng, NNG_OPT_TCP_BOUND_PORT, &port) == 0)
        snprintf(listener->url, sizeof listener->url, "%.*s:%d", (int)(colon - url), url, port);
    else
        snprintf(listener->url, sizeof listener->url, "%s", url);
}

static bool report(int failed, const char *url, char error[256])
{
    if (failed != 0)
        snprintf(error, 256, "cannot listen on %.160s: %s", url, nng_strerror(failed));
    return failed == 0;
}

bool listener_open(struct listener *listener, const char *url,
                   const struct listener_options *options, char error[256])
{
    int failed = listen_on(listener, url, options);
    if (failed == 0)
        name_listener(listener, url);
    return report(failed, url, error);
}

bool listener_reopen(struct listener *listener, const struct listener_options *options,
                     char error[256])
{
    if (listener->open)
        nng_listener_close(listener->nng);
    int failed = listen_on(listener, listener->url, options);
    for (int i = 0; failed == NNG_EADDRINUSE && i < REOPEN_TRIES; i++) {
        nng_msleep(REOPEN_PAUSE); /* nng closes in the background */
        failed = listen_on(listener, listener->url, options);
    }
    return report(failed, listener->url, error);
}
