/*
 * tls_relay.c: see tls_relay.h. All sockets are in one epoll. Those of a pair are edge-triggered:
 * whatever one of them becomes ready for, the pair goes on as far as it can.
 */
#include "tls_relay.h"

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/tls_pair.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LISTENERS = 16,
    PAIRS_MAX = 8192, /* connections at a time: 36 KiB each */
    AGREE_S = 10,     /* that agreeing on TLS may take */
    ACCEPT_MAX = 64,  /* connections taken before others have their turn */
    EVENTS = 64,
};

struct tls_relay {
    int epoll, wake;
    int listener[LISTENERS];
    atomic_int listeners;
    struct sockaddr_in near;
    pthread_t thread;
    _Atomic(SSL_CTX *) next; /* to be taken into use, NULL: none */
    atomic_bool stopping;
    /* The thread's: */
    SSL_CTX *context;
    struct tls_pairs agreeing, relayed, ended; /* the first in the order in which they came */
    size_t pairs;
    uint32_t full_s; /* since when nobody is accepted, by clock_steady_s(); 0: whoever comes is */
};

/* ---- Pairs ---- */

static void move_pair(struct tls_pair *pair, struct tls_pairs *from, struct tls_pairs *to)
{
    TAILQ_REMOVE(from, pair, entry);
    TAILQ_INSERT_TAIL(to, pair, entry);
}

static bool add_end(struct tls_relay *relay, int operation, struct tls_end *end)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = end};
    return epoll_ctl(relay->epoll, operation, end->fd, &event) == 0;
}

static void end_pair(struct tls_relay *relay, struct tls_pair *pair, struct tls_pairs *list)
{
    pair->over = true;
    move_pair(pair, list, &relay->ended);
}

/* Between two batches of events. */
static void end_all(struct tls_relay *relay)
{
    TAILQ_CONCAT(&relay->ended, &relay->agreeing, entry);
    TAILQ_CONCAT(&relay->ended, &relay->relayed, entry);
}

/* After a batch of events, in which one that has ended may come again. */
static void bury(struct tls_relay *relay)
{
    struct tls_pair *pair;
    while ((pair = TAILQ_FIRST(&relay->ended)) != NULL) {
        TAILQ_REMOVE(&relay->ended, pair, entry);
        tls_pair_destroy(pair);
        relay->pairs--;
    }
}

static void advance(struct tls_relay *relay, struct tls_pair *pair)
{
    if (pair->over)
        return;
    bool agreed = pair->agreed;
    enum tls_pair_state state = tls_pair_advance(pair, &relay->near);
    struct tls_pairs *list = agreed ? &relay->relayed : &relay->agreeing;
    if (state != TLS_PAIR_ENDED && pair->agreed && !agreed) {
        move_pair(pair, list, &relay->relayed);
        list = &relay->relayed;
        if (!add_end(relay, EPOLL_CTL_ADD, &pair->near))
            state = TLS_PAIR_ENDED;
    }
    if (state == TLS_PAIR_ENDED)
        end_pair(relay, pair, list);
    else if (state == TLS_PAIR_HAS_MORE)
        add_end(relay, EPOLL_CTL_MOD, &pair->far); /* tells of it again */
}

static void end_late(struct tls_relay *relay)
{
    struct tls_pair *pair;
    while ((pair = TAILQ_FIRST(&relay->agreeing)) != NULL &&
           clock_steady_s() > pair->begun_s + AGREE_S)
        end_pair(relay, pair, &relay->agreeing);
}

/* ---- Accepting ---- */

static void listen_or_not(struct tls_relay *relay, bool full)
{
    relay->full_s = full ? clock_steady_s() : 0;
    for (int i = 0; i < atomic_load(&relay->listeners); i++) {
        struct epoll_event event = {.events = full ? 0 : EPOLLIN, .data.ptr = &relay->listener[i]};
        epoll_ctl(relay->epoll, EPOLL_CTL_MOD, relay->listener[i], &event);
    }
}

static void take_connection(struct tls_relay *relay, int fd, const struct sockaddr_storage *peer)
{
    struct tls_pair *pair = tls_pair_create(relay->context, fd, peer);
    if (!pair)
        return;
    TAILQ_INSERT_TAIL(&relay->agreeing, pair, entry);
    relay->pairs++;
    if (!add_end(relay, EPOLL_CTL_ADD, &pair->far))
        end_pair(relay, pair, &relay->agreeing);
}

/* While there are too many, or no more files, those who come wait, and are looked at again after a
 * second. */
static void accept_from(struct tls_relay *relay, int listener)
{
    for (int i = 0; i < ACCEPT_MAX && relay->full_s == 0; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            take_connection(relay, fd, &peer);
        else if (errno == EAGAIN)
            return;
        bool failed = fd < 0 && errno != ECONNABORTED && errno != EINTR;
        if (failed)
            log_warn("who comes over tls+tcp waits: %s", strerror(errno));
        if (failed || relay->pairs == PAIRS_MAX)
            listen_or_not(relay, true);
    }
}

/* ---- The thread ---- */

static void take_context(struct tls_relay *relay)
{
    SSL_CTX *next = atomic_exchange(&relay->next, NULL);
    if (!next)
        return;
    SSL_CTX_free(relay->context);
    relay->context = next;
    log_info("over tls+tcp the new certificate serves; connections that end for it: %zu",
             relay->pairs);
    end_all(relay);
}

static void on_event(struct tls_relay *relay, const struct epoll_event *event)
{
    void *what = event->data.ptr;
    uint64_t times;
    uintptr_t at = (uintptr_t)what, first = (uintptr_t)relay->listener;
    if (what == relay)
        (void)!read(relay->wake, &times, sizeof times);
    else if (at >= first && at < first + sizeof relay->listener)
        accept_from(relay, *(int *)what);
    else {
        struct tls_end *end = what;
        tls_end_told(end, event->events);
        advance(relay, end->pair);
    }
}

static void *run(void *context)
{
    struct tls_relay *relay = context;
    while (!atomic_load(&relay->stopping)) {
        struct epoll_event event[EVENTS];
        bool timed = relay->full_s != 0 || !TAILQ_EMPTY(&relay->agreeing);
        int count = epoll_wait(relay->epoll, event, EVENTS, timed ? 1000 : -1);
        for (int i = 0; i < count; i++)
            on_event(relay, &event[i]);
        end_late(relay);
        take_context(relay);
        bury(relay);
        if (relay->full_s != 0 && clock_steady_s() > relay->full_s && relay->pairs < PAIRS_MAX)
            listen_or_not(relay, false);
    }
    end_all(relay);
    bury(relay);
    return NULL;
}

static void wake(struct tls_relay *relay)
{
    uint64_t once = 1;
    (void)!write(relay->wake, &once, sizeof once);
}

/* ---- What is offered ---- */

static void free_relay(struct tls_relay *relay)
{
    for (int i = 0; i < atomic_load(&relay->listeners); i++)
        close(relay->listener[i]);
    close(relay->wake);
    close(relay->epoll);
    SSL_CTX_free(atomic_load(&relay->next));
    SSL_CTX_free(relay->context);
    free(relay);
}

struct tls_relay *tls_relay_start(SSL_CTX *context, const struct sockaddr_in *near)
{
    struct tls_relay *relay = calloc(1, sizeof *relay);
    if (!relay) {
        SSL_CTX_free(context);
        return NULL;
    }
    relay->context = context;
    relay->near = *near;
    relay->epoll = epoll_create1(EPOLL_CLOEXEC);
    relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    TAILQ_INIT(&relay->agreeing);
    TAILQ_INIT(&relay->relayed);
    TAILQ_INIT(&relay->ended);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = relay};
    if (relay->epoll >= 0 && relay->wake >= 0 &&
        epoll_ctl(relay->epoll, EPOLL_CTL_ADD, relay->wake, &event) == 0 &&
        pthread_create(&relay->thread, NULL, run, relay) == 0) {
        pthread_setname_np(relay->thread, "tls");
        return relay;
    }
    free_relay(relay);
    return NULL;
}

/* A socket that listens at the first of the host's addresses; -1, with errno. */
static int listen_at(const struct tls_place *place)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    bool any = strcmp(place->host, "*") == 0;
    int one = 1;
    errno = EADDRNOTAVAIL;
    if (getaddrinfo(any ? NULL : place->host, place->port, &hints, &list) != 0)
        return -1;
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
                    bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0)) {
        int failure = errno;
        close(fd);
        errno = failure;
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

/* With the port that the system chose in place of a 0. */
static void name_listener(const char *url, int fd, char out[256])
{
    struct sockaddr_in6 own = {0}; /* an address of IPv4 has its port at the same place */
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *)&own, &size);
    snprintf(out, 256, "%.*s:%u", (int)(strrchr(url, ':') - url), url, ntohs(own.sin6_port));
}

bool tls_relay_listen(struct tls_relay *relay, const char *url, char out[256], char error[256])
{
    struct tls_place place;
    int count = atomic_load(&relay->listeners);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &relay->listener[count]};
    int fd = -1;
    errno = EINVAL;
    if (count < LISTENERS && tls_place(url, &place))
        fd = listen_at(&place);
    if (fd < 0) {
        snprintf(error, 256, "cannot listen on %.160s: %s", url, strerror(errno));
        return false;
    }
    name_listener(url, fd, out);
    relay->listener[count] = fd;
    atomic_store(&relay->listeners, count + 1);
    if (epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    snprintf(error, 256, "cannot listen on %.160s: %s", url, strerror(errno));
    return false;
}

void tls_relay_renew(struct tls_relay *relay, SSL_CTX *context)
{
    SSL_CTX_free(atomic_exchange(&relay->next, context));
    wake(relay);
}

void tls_relay_stop(struct tls_relay *relay)
{
    if (!relay)
        return;
    atomic_store(&relay->stopping, true);
    wake(relay);
    pthread_join(relay->thread, NULL);
    free_relay(relay);
}
