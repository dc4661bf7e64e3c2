/*
 * test_tls_pair.c - a pair passes on all that comes from either end, with the end right behind it:
 * a few bytes, or more than fits while the other end does not read. The test's own thread is the
 * relay's; the client, and what listens on loopback in place of nng, have a thread each.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/tls_pair.h"
#include "tests/lib/scratch.h"

enum {
    RECORD = 1000, /* bytes */
    LITTLE = 1,
    MUCH = 3000,         /* records, */
    SMALL_BUFFER = 8192, /* beside what the kernel keeps of them */
    WAIT_MS = 20000,
};

static char directory[SCRATCH_PATH];
static SSL_CTX *server, *client;
static int listener;
static struct sockaddr_in near;

/* One of the two ends: it sends so many records, ends, and reads until the other has. */
struct party {
    pthread_t thread;
    int fd, records;
    SSL *ssl; /* NULL: the near one */
    size_t got;
    bool as_sent; /* what it got */
};

static uint8_t byte_at(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

static bool give(const struct party *party, size_t at)
{
    uint8_t bytes[RECORD];
    for (size_t i = 0; i < RECORD; i++)
        bytes[i] = byte_at(at + i);
    return party->ssl ? SSL_write(party->ssl, bytes, RECORD) == RECORD
                      : send(party->fd, bytes, RECORD, MSG_NOSIGNAL) == RECORD;
}

static ssize_t take(const struct party *party, uint8_t *bytes, size_t size)
{
    return party->ssl ? SSL_read(party->ssl, bytes, (int)size) : recv(party->fd, bytes, size, 0);
}

static void play(struct party *party)
{
    uint8_t bytes[RECORD];
    ssize_t got;
    bool sent = true;
    for (int i = 0; i < party->records && sent; i++)
        sent = give(party, (size_t)i * RECORD);
    if (party->records > 0)
        shutdown(party->fd, SHUT_WR);
    party->as_sent = true;
    while ((got = take(party, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++)
            party->as_sent &= bytes[i] == byte_at(party->got++);
}

static void *be_client(void *context)
{
    struct party *party = context;
    if (SSL_connect(party->ssl) == 1)
        play(party);
    return NULL;
}

static void *be_near(void *context)
{
    struct party *party = context;
    party->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (party->fd < 0)
        return NULL;
    play(party);
    close(party->fd);
    return NULL;
}

/* ---- The relay's part ---- */

static void add_end(int epoll, struct tls_end *end)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = end};
    assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event), 0);
}

/* Until the pair has ended. */
static void relay(struct tls_pair *pair)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    enum tls_pair_state state = TLS_PAIR_WAITS;
    struct epoll_event event;
    bool agreed = false;
    add_end(epoll, &pair->far);
    while (state != TLS_PAIR_ENDED) {
        if (state == TLS_PAIR_WAITS) {
            assert_int_equal(epoll_wait(epoll, &event, 1, WAIT_MS), 1);
            tls_end_told(event.data.ptr, event.events);
        }
        state = tls_pair_advance(pair, &near);
        if (pair->agreed && !agreed && state != TLS_PAIR_ENDED)
            add_end(epoll, &pair->near);
        agreed = pair->agreed;
    }
    close(epoll);
}

/* The client's end of a connection, and the pair that has the other. */
static struct tls_pair *connect_pair(struct party *of_client)
{
    int fd[2];
    struct sockaddr_storage peer = {.ss_family = AF_INET};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
    of_client->fd = fd[0];
    of_client->ssl = tls_on(client, fd[0]);
    struct tls_pair *pair = tls_pair_create(server, fd[1], &peer);
    assert_non_null(of_client->ssl);
    assert_non_null(pair);
    return pair;
}

static void check_passed(int from_client, int from_near)
{
    struct party far = {.records = from_client}, other = {.records = from_near};
    struct tls_pair *pair = connect_pair(&far);
    assert_int_equal(pthread_create(&far.thread, NULL, be_client, &far), 0);
    assert_int_equal(pthread_create(&other.thread, NULL, be_near, &other), 0);
    relay(pair);
    tls_pair_destroy(pair);
    pthread_join(far.thread, NULL);
    pthread_join(other.thread, NULL);
    SSL_free(far.ssl);
    close(far.fd);
    assert_int_equal(other.got, from_client * RECORD);
    assert_int_equal(far.got, from_near * RECORD);
    assert_true(far.as_sent && other.as_sent);
}

static void test_from_the_client(void **state)
{
    (void)state;
    check_passed(LITTLE, 0);
    check_passed(MUCH, 0);
}

static void test_from_nng(void **state)
{
    (void)state;
    check_passed(0, LITTLE);
    check_passed(0, MUCH);
}

/* ---- */

static void listen_near(void)
{
    socklen_t size = sizeof near;
    int small = SMALL_BUFFER;
    near = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&near, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&near, &size), 0);
}

static int set_up(void **state)
{
    static char path[3][SCRATCH_PATH + 16];
    static const char *const names[] = {"ca.pem", "server.pem", "server.key"};
    const char *tests = getenv("TESTS_DIR");
    char command[512], error[256];
    (void)state;
    scratch_make(directory);
    for (int i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", directory, names[i]);
    snprintf(command, sizeof command, "%s/lib/certificates.sh %s", tests ? tests : "tests",
             directory);
    if (system(command) != 0) /* NOLINT(cert-env33-c): our own script */
        return -1;
    server = tls_server(&(struct tls_files){.cert = path[1], .key = path[2]}, error);
    client = tls_client(&(struct tls_files){.ca = path[0]}, error);
    listen_near();
    return server != NULL && client != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    SSL_CTX_free(server);
    SSL_CTX_free(client);
    close(listener);
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_the_client),
        cmocka_unit_test(test_from_nng),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
