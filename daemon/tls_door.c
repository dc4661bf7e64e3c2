/*
 * tls_door.c: see tls_door.h. All sockets are in one epoll, those of carriers edge-triggered:
 * whatever one of them becomes ready for, the carrier goes on as far as it can; so it does when it
 * is asked something. Carriers that are asked are in a list, and who finds it empty wakes the
 * thread.
 */
#include "tls_door.h"

#include "client/endpoint.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/tls_carrier.h"

#include <assert.h>
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
    CARRIERS_MAX = 8192, /* connections at a time */
    AGREE_S = 10,        /* that agreeing on TLS may take */
    ACCEPT_MAX = 64,     /* connections taken before others have their turn */
    EVENTS = 64,
};

struct tls_door {
    int epoll, wake;
    int listener[LISTENERS];
    atomic_int listeners;
    struct streams *streams;
    pthread_t thread;
    _Atomic(SSL_CTX *) next; /* to be taken into use, NULL: none */
    atomic_bool stopping;
    pthread_mutex_t lock;      /* of what follows, and of what is asked of carriers */
    struct tls_carrier *asked; /* those of which something is */
    /* The thread's: */
    pthread_t own;                 /* written before there are carriers, and read by who has one */
    struct tls_carrier *advancing; /* NULL: none is */
    SSL_CTX *context;
    struct tls_carriers agreeing, carrying, ended; /* the first in the order in which they came */
    size_t carriers;
    uint32_t full_s; /* since when nobody is accepted, by clock_steady_s(); 0: whoever comes is */
};

static void wake(struct tls_door *door)
{
    uint64_t once = 1;
    (void)!write(door->wake, &once, sizeof once);
}

/* ---- Carriers ---- */

static void move(struct tls_carrier *carrier, struct tls_carriers *from, struct tls_carriers *to)
{
    TAILQ_REMOVE(from, carrier, entry);
    TAILQ_INSERT_TAIL(to, carrier, entry);
}

/* Has epoll tell of it; by EPOLL_CTL_MOD again of what it has told. */
static bool await_events(struct tls_door *door, int operation, struct tls_carrier *carrier)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = carrier};
    return epoll_ctl(door->epoll, operation, carrier->fd, &event) == 0;
}

static void finish(struct tls_door *door, struct tls_carrier *carrier)
{
    carrier->over = true;
    move(carrier, carrier->agreed ? &door->carrying : &door->agreeing, &door->ended);
}

/* After a batch of events, in which one that has ended may come again. */
static void bury(struct tls_door *door)
{
    struct tls_carrier *carrier;
    while ((carrier = TAILQ_FIRST(&door->ended)) != NULL) {
        TAILQ_REMOVE(&door->ended, carrier, entry);
        tls_carrier_destroy(carrier);
        door->carriers--;
    }
}

static void advance(struct tls_door *door, struct tls_carrier *carrier)
{
    if (carrier->over)
        return;
    bool agreed = carrier->agreed;
    door->advancing = carrier;
    enum tls_carrier_state state = tls_carrier_advance(carrier, door->streams);
    door->advancing = NULL;
    if (carrier->agreed && !agreed)
        move(carrier, &door->agreeing, &door->carrying);
    if (state == TLS_CARRIER_ENDED)
        finish(door, carrier);
    else if (state == TLS_CARRIER_HAS_MORE)
        await_events(door, EPOLL_CTL_MOD, carrier);
}

/* What a carrier is to send while it goes on it sees by itself. */
void tls_door_ask(struct tls_carrier *carrier, unsigned what)
{
    struct tls_door *door = carrier->door;
    if (what == TLS_ASK_SEND && pthread_equal(door->own, pthread_self()) &&
        door->advancing == carrier) {
        carrier->due |= what;
        return;
    }
    pthread_mutex_lock(&door->lock);
    bool first = door->asked == NULL;
    if (carrier->asked == 0) {
        carrier->next_asked = door->asked;
        door->asked = carrier;
    }
    carrier->asked |= what;
    pthread_mutex_unlock(&door->lock);
    if (first)
        wake(door);
}

static struct tls_carrier *take_asked(struct tls_door *door)
{
    pthread_mutex_lock(&door->lock);
    struct tls_carrier *list = door->asked;
    door->asked = NULL;
    for (struct tls_carrier *carrier = list; carrier; carrier = carrier->next_asked) {
        carrier->due |= carrier->asked;
        carrier->asked = 0;
        carrier->next_due = carrier->next_asked;
    }
    pthread_mutex_unlock(&door->lock);
    return list;
}

static void do_asked(struct tls_door *door)
{
    for (struct tls_carrier *carrier = take_asked(door); carrier; carrier = carrier->next_due)
        if ((carrier->due & TLS_ASK_FREE) != 0)
            finish(door, carrier);
        else
            advance(door, carrier);
}

static void end_late(struct tls_door *door)
{
    struct tls_carrier *carrier;
    while ((carrier = TAILQ_FIRST(&door->agreeing)) != NULL &&
           clock_steady_s() > carrier->begun_s + AGREE_S)
        finish(door, carrier);
}

/* ---- Accepting ---- */

static void listen_or_not(struct tls_door *door, bool full)
{
    door->full_s = full ? clock_steady_s() : 0;
    for (int i = 0; i < atomic_load(&door->listeners); i++) {
        struct epoll_event event = {.events = full ? 0 : EPOLLIN, .data.ptr = &door->listener[i]};
        epoll_ctl(door->epoll, EPOLL_CTL_MOD, door->listener[i], &event);
    }
}

static void take_connection(struct tls_door *door, int fd, const struct sockaddr_storage *peer)
{
    struct tls_carrier *carrier = tls_carrier_create(door, door->context, fd, peer);
    if (!carrier)
        return;
    TAILQ_INSERT_TAIL(&door->agreeing, carrier, entry);
    door->carriers++;
    if (!await_events(door, EPOLL_CTL_ADD, carrier))
        finish(door, carrier);
}

/* While there are too many, or no more files, those who come wait, and are looked at again after a
 * second. */
static void accept_from(struct tls_door *door, int listener)
{
    for (int i = 0; i < ACCEPT_MAX && door->full_s == 0; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            take_connection(door, fd, &peer);
        else if (errno == EAGAIN)
            return;
        bool failed = fd < 0 && errno != ECONNABORTED && errno != EINTR;
        if (failed)
            log_warn("who comes over tls+tcp waits: %s", strerror(errno));
        if (failed || door->carriers == CARRIERS_MAX)
            listen_or_not(door, true);
    }
}

/* ---- The thread ---- */

static void break_all(struct tls_door *door)
{
    struct tls_carrier *carrier;
    while ((carrier = TAILQ_FIRST(&door->agreeing)) != NULL)
        finish(door, carrier);
    for (carrier = TAILQ_FIRST(&door->carrying); carrier; carrier = TAILQ_NEXT(carrier, entry))
        tls_carrier_break(carrier);
}

static void take_context(struct tls_door *door)
{
    SSL_CTX *next = atomic_exchange(&door->next, NULL);
    if (!next)
        return;
    SSL_CTX_free(door->context);
    door->context = next;
    log_info("over tls+tcp the new certificate serves; connections that end for it: %zu",
             door->carriers);
    break_all(door);
}

static void on_event(struct tls_door *door, const struct epoll_event *event)
{
    void *what = event->data.ptr;
    uint64_t times;
    uintptr_t at = (uintptr_t)what, first = (uintptr_t)door->listener;
    if (what == door) {
        (void)!read(door->wake, &times, sizeof times);
    } else if (at >= first && at < first + sizeof door->listener) {
        accept_from(door, *(int *)what);
    } else {
        struct tls_carrier *carrier = what;
        tls_carrier_told(carrier, event->events);
        advance(door, carrier);
    }
}

static void *run(void *context)
{
    struct tls_door *door = context;
    door->own = pthread_self();
    while (!atomic_load(&door->stopping)) {
        struct epoll_event event[EVENTS];
        bool timed = door->full_s != 0 || !TAILQ_EMPTY(&door->agreeing);
        int count = epoll_wait(door->epoll, event, EVENTS, timed ? 1000 : -1);
        for (int i = 0; i < count; i++)
            on_event(door, &event[i]);
        do_asked(door);
        end_late(door);
        take_context(door);
        bury(door);
        if (door->full_s != 0 && clock_steady_s() > door->full_s && door->carriers < CARRIERS_MAX)
            listen_or_not(door, false);
    }
    do_asked(door); /* of what the streams have given back */
    break_all(door);
    bury(door);
    assert(TAILQ_EMPTY(&door->carrying));
    return NULL;
}

/* ---- What is offered ---- */

static void free_door(struct tls_door *door)
{
    for (int i = 0; i < atomic_load(&door->listeners); i++)
        close(door->listener[i]);
    close(door->wake);
    close(door->epoll);
    SSL_CTX_free(atomic_load(&door->next));
    SSL_CTX_free(door->context);
    pthread_mutex_destroy(&door->lock);
    free(door);
}

struct tls_door *tls_door_start(SSL_CTX *context, struct streams *streams)
{
    struct tls_door *door = calloc(1, sizeof *door);
    if (!door) {
        SSL_CTX_free(context);
        return NULL;
    }
    door->context = context;
    door->streams = streams;
    pthread_mutex_init(&door->lock, NULL);
    door->epoll = epoll_create1(EPOLL_CLOEXEC);
    door->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    TAILQ_INIT(&door->agreeing);
    TAILQ_INIT(&door->carrying);
    TAILQ_INIT(&door->ended);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = door};
    if (door->epoll >= 0 && door->wake >= 0 &&
        epoll_ctl(door->epoll, EPOLL_CTL_ADD, door->wake, &event) == 0 &&
        pthread_create(&door->thread, NULL, run, door) == 0) {
        pthread_setname_np(door->thread, "tls");
        return door;
    }
    free_door(door);
    return NULL;
}

/* A socket that listens at the first of the host's addresses; -1, with errno. */
static int listen_at(const struct endpoint *endpoint)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    bool any = strcmp(endpoint->host, "*") == 0;
    int one = 1;
    errno = EADDRNOTAVAIL;
    if (getaddrinfo(any ? NULL : endpoint->host, endpoint->port, &hints, &list) != 0)
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

bool tls_door_listen(struct tls_door *door, const char *url, char out[256], char error[256])
{
    struct endpoint endpoint;
    int count = atomic_load(&door->listeners);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &door->listener[count]};
    int fd = -1;
    errno = EINVAL;
    if (count < LISTENERS && endpoint_of(url, &endpoint))
        fd = listen_at(&endpoint);
    if (fd < 0) {
        snprintf(error, 256, "cannot listen on %.160s: %s", url, strerror(errno));
        return false;
    }
    name_listener(url, fd, out);
    door->listener[count] = fd;
    atomic_store(&door->listeners, count + 1);
    if (epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    snprintf(error, 256, "cannot listen on %.160s: %s", url, strerror(errno));
    return false;
}

void tls_door_renew(struct tls_door *door, SSL_CTX *context)
{
    SSL_CTX_free(atomic_exchange(&door->next, context));
    wake(door);
}

void tls_door_stop(struct tls_door *door)
{
    if (!door)
        return;
    atomic_store(&door->stopping, true);
    wake(door);
    pthread_join(door->thread, NULL);
    free_door(door);
}
