/*
 * test_tls_door.c - connections over TLS: all that is sent comes, with its answers, a little or
 * more than fits while nobody reads; nobody holds up others or stays longer than is wanted; and all
 * of it ends cleanly whoever ends it.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/tls_door.h"
#include "tests/lib/echoing.h"
#include "tests/lib/raw.h"
#include "tests/lib/scratch.h"

enum {
    MESSAGE_MAX = 100000,
    LONG = 90000,  /* bytes: several records */
    BODY = 1000,   /* bytes of a request otherwise */
    MANY = 64,     /* connections */
    AHEAD = 30000, /* requests sent before an answer is read, each answered */
    TIMES = 4,     /* times */
    WAIT_MS = 20000,
};

static char directory[SCRATCH_PATH];
static SSL_CTX *client;
static struct echoing owner;
static struct tls_door *door;
static struct sockaddr_in address;

static SSL_CTX *server_context(void)
{
    char cert[SCRATCH_PATH + 16], key[SCRATCH_PATH + 16], error[256];
    snprintf(cert, sizeof cert, "%s/server.pem", directory);
    snprintf(key, sizeof key, "%s/server.key", directory);
    SSL_CTX *context = tls_server(&(struct tls_files){.cert = cert, .key = key}, error);
    assert_non_null(context);
    return context;
}

static atomic_bool holds; /* the door's thread, when somebody comes */

static void is_of_loopback(const struct peer *peer)
{
    while (atomic_load(&holds))
        usleep(1000);
    assert_true(peer->known);
    assert_int_equal(peer->address.s_in.sa_addr, htonl(INADDR_LOOPBACK));
}

/* ---- A client ---- */

struct link {
    int fd;
    SSL *ssl;
};

static struct link connect_plain(void)
{
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};
    int one = 1;
    struct link link = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(link.fd >= 0);
    setsockopt(link.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(link.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    assert_int_equal(connect(link.fd, (const struct sockaddr *)&address, sizeof address), 0);
    return link;
}

static struct link connect_tls(void)
{
    struct link link = connect_plain();
    link.ssl = tls_on(client, link.fd);
    assert_non_null(link.ssl);
    assert_int_equal(SSL_connect(link.ssl), 1);
    return link;
}

static void hang_up(struct link *link)
{
    SSL_free(link->ssl);
    close(link->fd);
}

static bool put(const struct link *link, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    size_t sent;
    for (; size > 0; at += sent, size -= sent)
        if (SSL_write_ex(link->ssl, at, size, &sent) != 1)
            return false;
    return true;
}

static bool get(const struct link *link, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    size_t got;
    for (; size > 0; at += got, size -= got)
        if (SSL_read_ex(link->ssl, at, size, &got) != 1)
            return false;
    return true;
}

static struct link connect_client(void)
{
    struct link link = connect_tls();
    uint8_t hello[RAW_HELLO];
    assert_true(put(&link, raw_hello, RAW_HELLO));
    assert_true(get(&link, hello, RAW_HELLO));
    return link;
}

static bool put_message(const struct link *link, uint32_t id, const uint8_t *body, size_t size)
{
    uint8_t frame[RAW_FRAME];
    return put(link, frame, raw_frame(frame, false, size + 4, id)) && put(link, body, size);
}

static void expect_message(const struct link *link, uint32_t id, const uint8_t *body, size_t size)
{
    static uint8_t back[LONG];
    uint8_t frame[RAW_FRAME], expected[RAW_FRAME];
    size_t head = raw_frame(expected, false, size + 4, id);
    assert_true(get(link, frame, head));
    assert_memory_equal(frame, expected, head);
    assert_true(get(link, back, size));
    assert_memory_equal(back, body, size);
}

/* ---- */

static void all_comes_and_is_answered(void **state)
{
    (void)state;
    static uint8_t body[LONG];
    struct link link = connect_client();
    for (uint32_t i = 0; i < MANY; i++) {
        size_t size = i % 8 == 0 ? LONG : i;
        memset(body, (int)i, size);
        assert_true(put_message(&link, i, body, size));
        expect_message(&link, i, body, size);
    }
    hang_up(&link);
    echoing_wait(&owner.here, 0);
    assert_int_equal(atomic_load(&owner.arrived), MANY);
}

/* A client that sends far ahead, and reads when it is told to; of one thread, and never waiting. */
struct ahead {
    struct link link;
    uint8_t *requests; /* all of them, */
    size_t size, sent; /* so many bytes */
    size_t got;        /* of the answers, which are as they should be */
};

static struct ahead send_ahead(void)
{
    struct ahead ahead = {.link = connect_client()};
    uint8_t *at = ahead.requests = malloc((size_t)AHEAD * (RAW_FRAME + BODY));
    assert_non_null(at);
    for (uint32_t i = 0; i < AHEAD; i++) {
        at += raw_frame(at, false, BODY + 4, i);
        memset(at, (int)i, BODY);
        at += BODY;
    }
    ahead.size = (size_t)(at - ahead.requests);
    assert_int_equal(fcntl(ahead.link.fd, F_SETFL, O_NONBLOCK), 0);
    return ahead;
}

/* Whether it could. */
static bool send_on(struct ahead *ahead)
{
    size_t sent, left = ahead->size - ahead->sent;
    bool some = left > 0 && SSL_write_ex(ahead->link.ssl, ahead->requests + ahead->sent,
                                         left < BODY ? left : BODY, &sent) == 1;
    ahead->sent += some ? sent : 0;
    return some;
}

/* Until it could not for a tenth of a second. */
static void send_until_stuck(struct ahead *ahead)
{
    for (int stuck = 0; stuck < 100 && ahead->sent < ahead->size;) {
        stuck = send_on(ahead) ? 0 : stuck + 1;
        if (stuck > 0)
            usleep(1000);
    }
}

static bool read_on(struct ahead *ahead)
{
    static uint8_t bytes[16384];
    size_t got, message = ahead->size / AHEAD;
    if (SSL_read_ex(ahead->link.ssl, bytes, sizeof bytes, &got) != 1)
        return false;
    for (size_t i = 0, part; i < got; i += part, ahead->got += part) {
        size_t request = ahead->got / message / TIMES, at = ahead->got % message;
        part = got - i < message - at ? got - i : message - at;
        assert_memory_equal(bytes + i, ahead->requests + request * message + at, part);
    }
    return true;
}

static void forget(struct ahead *ahead)
{
    hang_up(&ahead->link);
    free(ahead->requests);
}

static void who_does_not_read_is_not_read_from(void **state)
{
    (void)state;
    owner.times = TIMES;
    struct ahead ahead = send_ahead();
    send_until_stuck(&ahead);
    assert_true(ahead.sent < ahead.size);
    assert_in_range(atomic_load(&owner.arrived), 1, AHEAD - 1);
    for (int stuck = 0; ahead.got < ahead.size * TIMES;) {
        bool sent = send_on(&ahead), read = read_on(&ahead);
        stuck = sent || read ? 0 : stuck + 1;
        assert_in_range(stuck, 0, WAIT_MS);
        if (stuck > 0)
            usleep(1000);
    }
    assert_int_equal(atomic_load(&owner.arrived), AHEAD);
    forget(&ahead);
    echoing_wait(&owner.here, 0);
}

/* Nothing of it stays, although nothing moves. */
static void who_does_not_read_can_be_ended(void **state)
{
    (void)state;
    uint8_t byte;
    owner.times = TIMES;
    struct ahead ahead = send_ahead();
    send_until_stuck(&ahead);
    assert_true(ahead.sent < ahead.size);
    streams_end(owner.streams, atomic_load(&owner.last));
    echoing_wait(&owner.here, 0);
    for (int ms = 0; recv(ahead.link.fd, &byte, 1, MSG_PEEK) > 0 && ms < WAIT_MS; ms++)
        while (read_on(&ahead))
            ;
    assert_true(recv(ahead.link.fd, &byte, 1, 0) <= 0);
    forget(&ahead);
}

static void many_come_and_go(void **state)
{
    (void)state;
    struct link link[MANY];
    for (int i = 0; i < MANY; i++) {
        link[i] = connect_client();
        assert_true(put_message(&link[i], (uint32_t)i, (const uint8_t *)"x", 1));
    }
    for (int i = 0; i < MANY; i++)
        expect_message(&link[i], (uint32_t)i, (const uint8_t *)"x", 1);
    echoing_wait(&owner.here, MANY);
    for (int i = 0; i < MANY; i += 2)
        hang_up(&link[i]);
    echoing_wait(&owner.here, MANY / 2);
    tls_door_renew(door, server_context()); /* which ends the others */
    echoing_wait(&owner.here, 0);
    for (int i = 1; i < MANY; i += 2)
        hang_up(&link[i]);
    link[0] = connect_client();
    echoing_wait(&owner.here, 1); /* and is not ended before all is */
    close(link[0].fd);
    SSL_free(link[0].ssl);
}

static void what_is_not_tls_is_ended(void **state)
{
    (void)state;
    static const char http[] = "GET / HTTP/1.1\r\n\r\n";
    uint8_t bytes[64];
    struct link link = connect_plain();
    raw_put(link.fd, http, sizeof http - 1);
    while (recv(link.fd, bytes, sizeof bytes, 0) > 0) /* why, in an alert */
        ;
    close(link.fd);
    link = connect_tls();
    assert_true(put(&link, http, sizeof http - 1)); /* TLS, but not nng's */
    while (SSL_read(link.ssl, bytes, sizeof bytes) > 0)
        ;
    hang_up(&link);
    echoing_wait(&owner.here, 0);
    assert_int_equal(atomic_load(&owner.arrived), 0);
}

struct flood {
    int fd;
    char *bytes;
    size_t size;
};

static void *put_flood(void *context)
{
    const struct flood *flood = context;
    raw_put(flood->fd, flood->bytes, flood->size);
    return NULL;
}

/* Many records that hold nothing, and a request behind them. */
static struct flood make_flood(const struct link *link)
{
    enum { UPDATES = 4000 }; /* of 27 bytes: more than a turn, and no more than the kernel keeps */
    BIO *records = BIO_new(BIO_s_mem());
    struct flood flood = {.fd = link->fd};
    SSL_set0_wbio(link->ssl, records); /* instead of being sent */
    for (int i = 0; i < UPDATES; i++) {
        assert_int_equal(SSL_key_update(link->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        assert_int_equal(SSL_do_handshake(link->ssl), 1);
    }
    assert_true(put_message(link, 2, (const uint8_t *)"y", 1));
    flood.size = (size_t)BIO_get_mem_data(records, &flood.bytes);
    return flood;
}

/* While the door's thread stands still one connection sends those, and another a request: that does
 * not wait for all of them. */
static void nobody_is_held_up_by_empty_records(void **state)
{
    (void)state;
    struct link busy = connect_client();
    uint32_t of_busy = atomic_load(&owner.last);
    struct link good = connect_client();
    struct flood flood = make_flood(&busy);
    pthread_t sender;
    atomic_store(&holds, true);
    struct link third = connect_tls(); /* over which the thread stands still */
    assert_int_equal(pthread_create(&sender, NULL, put_flood, &flood), 0);
    usleep(50000); /* for the flood to come first, as far as the kernel takes it */
    assert_true(put_message(&good, 1, (const uint8_t *)"x", 1));
    atomic_store(&holds, false);
    expect_message(&good, 1, (const uint8_t *)"x", 1);
    expect_message(&busy, 2, (const uint8_t *)"y", 1);
    assert_int_equal(atomic_load(&owner.heard), of_busy);
    pthread_join(sender, NULL);
    hang_up(&third);
    hang_up(&good);
    hang_up(&busy);
    echoing_wait(&owner.here, 0);
}

/* Both ends of a connection in one thread. */
static void shake_hands(SSL *one, SSL *other)
{
    for (int done = 0, i = 0; done != 3; i++) {
        assert_in_range(i, 0, 100);
        done |= SSL_connect(one) == 1 ? 1 : 0;
        done |= SSL_accept(other) == 1 ? 2 : 0;
    }
}

/* Records that hold nothing for us are read as far as is allowed, and no further. */
static void nothing_is_read_for_ever(void **state)
{
    (void)state;
    enum { UPDATES = 200, ALLOWED = 1000 };
    int fd[2], before, after;
    size_t got;
    uint8_t byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd), 0);
    SSL_CTX *context = server_context();
    struct link far = {fd[0], tls_on(client, fd[0])}, near = {fd[1], tls_on(context, fd[1])};
    shake_hands(far.ssl, near.ssl);
    for (int i = 0; i < UPDATES; i++) {
        assert_int_equal(SSL_key_update(far.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        assert_int_equal(SSL_do_handshake(far.ssl), 1);
    }
    assert_int_equal(ioctl(near.fd, FIONREAD, &before), 0);
    assert_in_range(before, 2 * ALLOWED, INT32_MAX);
    tls_allow(near.ssl, ALLOWED);
    assert_int_equal(SSL_read_ex(near.ssl, &byte, 1, &got), 0);
    assert_false(tls_is_drained(near.ssl));
    assert_int_equal(ioctl(near.fd, FIONREAD, &after), 0);
    assert_int_equal(after, before - ALLOWED);
    tls_allow(near.ssl, (size_t)before);
    assert_int_equal(SSL_read_ex(near.ssl, &byte, 1, &got), 0);
    assert_true(tls_is_drained(near.ssl));
    hang_up(&near);
    hang_up(&far);
    SSL_CTX_free(context);
}

/* ---- */

static void open_door(void)
{
    char url[256], error[256];
    door = tls_door_start(server_context(), owner.streams);
    assert_non_null(door);
    assert_true(tls_door_listen(door, "tls+tcp://127.0.0.1:0", url, error));
    address =
        (struct sockaddr_in){.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10))};
}

static int set_up(void **state)
{
    (void)state;
    echoing_start(&owner, (struct streams_options){.message_max = MESSAGE_MAX}, is_of_loopback);
    open_door();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    echoing_close(&owner);
    tls_door_stop(door);
    echoing_end(&owner);
    return 0;
}

static int make_certificates(void **state)
{
    const char *tests = getenv("TESTS_DIR");
    char command[512], error[256], ca[SCRATCH_PATH + 16];
    (void)state;
    scratch_make(directory);
    snprintf(command, sizeof command, "%s/lib/certificates.sh %s", tests ? tests : "tests",
             directory);
    if (system(command) != 0) /* NOLINT(cert-env33-c): our own script */
        return -1;
    snprintf(ca, sizeof ca, "%s/ca.pem", directory);
    client = tls_client(&(struct tls_files){.ca = ca}, error);
    return client != NULL ? 0 : -1;
}

static int end_all(void **state)
{
    (void)state;
    SSL_CTX_free(client);
    nng_fini();
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_comes_and_is_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_read_is_not_read_from, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_read_can_be_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_tls_is_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_held_up_by_empty_records, set_up, tear_down),
        cmocka_unit_test(nothing_is_read_for_ever),
    };
    return cmocka_run_group_tests(tests, make_certificates, end_all);
}
