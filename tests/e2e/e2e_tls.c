/*
 * e2e_tls.c: a daemon that serves over TLS: its certificate renewed again and again while clients
 * work and watch, of which nothing is lost and nothing done twice; and connections that are no TLS,
 * or break off half way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/reply.h"
#include "client/tls.h"
#include "core/wire.h"
#include "daemon/logins.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/look.h"
#include "tests/lib/random.h"
#include "tests/lib/raw.h"
#include "tests/lib/served.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    WORKERS = 4,
    RENEWALS = 20,
    BETWEEN = 3, /* commands of each worker from one renewal to the next */
    POSTS_MAX = 16384,
    WAIT_MS = 20000,
    STUCK_S = 60, /* after which something that should come never will */
    HALF = 40,    /* handshakes left half way */
};

static struct served served;
static char token[SERVED_TOKEN], path[3][SCRATCH_PATH + 16]; /* of ca, certificate and key */

/* ---- Asking ---- */

static struct pm_client *tls_client_of(const char *url)
{
    struct pm_client *client = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(&(struct pm_client_options){.url = url,
                                                   .market = "little",
                                                   .token = token,
                                                   .timeout = 3 * WAIT_MS,
                                                   .tls_ca = path[0]},
                       &client, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    return client;
}

/* The status of one command; its reply, to be freed. UINT32_MAX when there is no answer. */
static unsigned ask(struct pm_client *client, const struct pm_command *command,
                    struct pm_reply **reply)
{
    struct pm_client_error error = {""};
    if (pm_client_call(client, command, 1, reply, &error) != PM_CALL_DONE) {
        fprintf(stderr, "%s\n", error.text);
        return UINT32_MAX;
    }
    unsigned status = pm_reply_status(*reply);
    return status != PM_OK ? status : pm_reply_result(*reply, 0).status;
}

static void check_served(void)
{
    struct pm_client *client = tls_client_of(served.tls);
    struct pm_reply *reply = NULL;
    assert_int_equal(ask(client, &(struct pm_command){.verb = PM_STATS}, &reply), PM_OK);
    pm_reply_free(reply);
    pm_client_close(client);
}

/* ---- Renewals under load ---- */

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void join(pthread_t thread, const char *who)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STUCK_S;
    if (pthread_timedjoin_np(thread, NULL, &until) != 0)
        fail_msg("%s has not ended within %d s", who, STUCK_S);
}

struct worker {
    struct pm_client *client;
    pthread_t thread;
    unsigned number;
    atomic_uint posted;
    unsigned refused;
};

static struct worker worker[WORKERS];
static atomic_bool ending;

/* Posts packages, each once, until told to end. */
static void *work(void *context)
{
    struct worker *own = context;
    while (!atomic_load(&ending) && atomic_load(&own->posted) < POSTS_MAX / WORKERS) {
        char reference[PM_NAME_MAX];
        struct pm_reply *reply = NULL;
        snprintf(reference, sizeof reference, "w%u-%u", own->number, atomic_load(&own->posted));
        struct pm_command post = little_package(reference);
        own->refused += ask(own->client, &post, &reply) != PM_OK;
        pm_reply_free(reply);
        atomic_fetch_add(&own->posted, 1);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

struct watcher {
    struct pm_client *client;
    pthread_t thread;
    uint64_t cursor;
    unsigned posted; /* packages it was told of, */
    bool in_order;   /* each after the last */
    bool answered;
};

static atomic_uint wanted; /* what the watcher ends with; 0: not known yet */

/* What one answer tells. */
static void take_events(struct watcher *watcher, struct look body)
{
    size_t count = look_count(body, "events");
    for (size_t i = 0; i < count; i++) {
        char at[48];
        snprintf(at, sizeof at, "events/%zu/cursor", i);
        uint64_t cursor = (uint64_t)look_number(body, at);
        watcher->in_order = watcher->in_order && cursor > watcher->cursor;
        watcher->cursor = cursor;
        snprintf(at, sizeof at, "events/%zu/event", i);
        watcher->posted += strcmp(look_text(body, at), "package_posted") == 0;
    }
    watcher->cursor = (uint64_t)look_number(body, "cursor");
}

/* Watches, parked for as long as it takes, until it was told of all that was posted, or of nothing
 * for long. */
static void *watch(void *context)
{
    struct watcher *watcher = context;
    time_t last = seconds();
    while (watcher->answered && seconds() < last + STUCK_S / 2 &&
           (atomic_load(&wanted) == 0 || watcher->posted < wanted)) {
        unsigned before = watcher->posted;
        struct pm_command command = {.verb = PM_WATCH,
                                     .watch = {.cursor = watcher->cursor, .wait = 1000}};
        struct pm_reply *reply = NULL;
        watcher->answered = ask(watcher->client, &command, &reply) == PM_OK;
        struct look body = {.bytes = NULL};
        if (watcher->answered) {
            body.bytes = pm_reply_body(reply, 0, &body.size);
            take_events(watcher, body);
        }
        if (watcher->posted > before)
            last = seconds();
        pm_reply_free(reply);
    }
    return NULL;
}

/* Until every worker has got some way further. */
static void wait_for_work(void)
{
    unsigned before[WORKERS];
    time_t until = seconds() + STUCK_S;
    for (int i = 0; i < WORKERS; i++)
        before[i] = atomic_load(&worker[i].posted);
    for (int i = 0; i < WORKERS; i++) {
        while (atomic_load(&worker[i].posted) < before[i] + BETWEEN &&
               atomic_load(&worker[i].posted) < POSTS_MAX / WORKERS) {
            if (seconds() > until)
                fail_msg("worker %d has posted %u, and no more for %d s", i,
                         atomic_load(&worker[i].posted), STUCK_S);
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
    }
}

/* Packages that live, as the market's report counts them. */
static unsigned packages_there(void)
{
    struct pm_client *client = served_client(served.ipc, PM_BROKER, "counter");
    struct pm_reply *reply = NULL;
    unsigned count = 0;
    assert_int_equal(ask(client, &(struct pm_command){.verb = PM_MARKET_REPORT}, &reply), PM_OK);
    struct look body;
    body.bytes = pm_reply_body(reply, 0, &body.size);
    for (size_t i = 0; i < look_count(body, "packages"); i++) {
        char at[48];
        snprintf(at, sizeof at, "packages/%zu/count", i);
        count += (unsigned)look_number(body, at);
    }
    pm_reply_free(reply);
    pm_client_close(client);
    return count;
}

static void start_all(struct watcher *watcher)
{
    struct pm_reply *reply = NULL;
    *watcher = (struct watcher){.client = tls_client_of(served.tls), .in_order = true};
    assert_int_equal(ask(watcher->client, &(struct pm_command){.verb = PM_WATCH}, &reply), PM_OK);
    struct look body;
    body.bytes = pm_reply_body(reply, 0, &body.size);
    watcher->cursor = (uint64_t)look_number(body, "cursor");
    watcher->answered = true;
    pm_reply_free(reply);
    assert_int_equal(pthread_create(&watcher->thread, NULL, watch, watcher), 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        worker[i].number = i;
        worker[i].client = tls_client_of(served.tls);
        assert_int_equal(pthread_create(&worker[i].thread, NULL, work, &worker[i]), 0);
    }
}

static void test_renewals(void **state)
{
    struct watcher watcher;
    unsigned posted = 0;
    (void)state;
    start_all(&watcher);
    for (int i = 0; i < RENEWALS; i++) {
        wait_for_work();
        assert_int_equal(kill(served.pid, SIGHUP), 0);
    }
    wait_for_work();
    atomic_store(&ending, true);
    for (int i = 0; i < WORKERS; i++) {
        join(worker[i].thread, "a worker");
        pm_client_close(worker[i].client);
        assert_int_equal(worker[i].refused, 0);
        posted += atomic_load(&worker[i].posted);
    }
    assert_true(posted < POSTS_MAX);
    atomic_store(&wanted, posted);
    join(watcher.thread, "the watcher");
    pm_client_close(watcher.client);
    assert_true(watcher.answered);
    assert_true(watcher.in_order);
    assert_int_equal(watcher.posted, posted);
    assert_int_equal(packages_there(), posted);
}

/* ---- What is no TLS ---- */

static int connect_raw(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)strtoul(strrchr(served.tls, ':') + 1, NULL, 10));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A record of TLS 1.2 with a client's greeting: one cipher, one curve, one way to sign. */
static const uint8_t client_hello[] = {
    0x16, 3,  1, 0,  69, 1, 0, 0, 65, 3,  3, 1,  2, 3, 4, 5, 6, 7, 8, 1,  2, 3,    4,    5, 6,
    7,    8,  1, 2,  3,  4, 5, 6, 7,  8,  1, 2,  3, 4, 5, 6, 7, 8, 0, 0,  2, 0xc0, 0x2b, 1, 0,
    0,    22, 0, 10, 0,  4, 0, 2, 0,  23, 0, 13, 0, 4, 0, 2, 4, 3, 0, 11, 0, 2,    1,    0,
};

static void put(int fd, const void *bytes, size_t size)
{
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    assert_true(sent <= (ssize_t)size); /* the daemon may have hung up already */
}

static void test_no_tls(void **state)
{
    struct random random = {.state = 17};
    (void)state;
    for (int i = 0; i < 100; i++) {
        uint8_t noise[200];
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        int fd = connect_raw();
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (uint8_t)random_next(&random);
        if (i % 4 == 1)
            put(fd, "\0SP\0\0\x30\0\0", 8);
        if (i % 4 == 2)
            put(fd, client_hello, (size_t)i % sizeof client_hello);
        if (i % 4 != 3)
            put(fd, noise, sizeof noise);
        if (i % 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    check_served();
}

/* The daemon ends the connection, whatever came on it before. */
static void check_ended(int fd)
{
    uint8_t bytes[4096];
    struct pollfd in = {.fd = fd, .events = POLLIN};
    ssize_t got = 1;
    for (int i = 0; i < 100 && got > 0; i++) {
        assert_int_equal(poll(&in, 1, WAIT_MS), 1);
        got = recv(fd, bytes, sizeof bytes, 0);
    }
    assert_true(got <= 0);
}

/* Handshakes that stop where it is the client's turn, or in the middle of its greeting; a renewal
 * ends them. */
static void test_half_handshakes(void **state)
{
    int fd[HALF];
    (void)state;
    for (int i = 0; i < HALF; i++) {
        uint8_t answer[6] = {0};
        struct pollfd in = {.events = POLLIN};
        fd[i] = in.fd = connect_raw();
        if (i % 2) {
            put(fd[i], client_hello, (size_t)i);
            continue;
        }
        put(fd[i], client_hello, sizeof client_hello);
        assert_int_equal(poll(&in, 1, WAIT_MS), 1);
        assert_int_equal(recv(fd[i], answer, sizeof answer, MSG_WAITALL), sizeof answer);
        assert_int_equal(answer[0], 0x16); /* a handshake goes on: */
        assert_int_equal(answer[5], 2);    /* with the server's greeting */
    }
    check_served();
    assert_int_equal(kill(served.pid, SIGHUP), 0);
    for (int i = 0; i < HALF; i++) {
        check_ended(fd[i]);
        close(fd[i]);
    }
    check_served();
}

/* ---- Who it is that comes over TLS ---- */

static SSL *connect_from(SSL_CTX *context, const char *address, int *fd)
{
    struct sockaddr_in near = {.sin_family = AF_INET}, far = {.sin_family = AF_INET};
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, address, &near.sin_addr);
    far.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    far.sin_port = htons((uint16_t)strtoul(strrchr(served.tls, ':') + 1, NULL, 10));
    assert_int_equal(bind(*fd, (struct sockaddr *)&near, sizeof near), 0);
    assert_int_equal(connect(*fd, (struct sockaddr *)&far, sizeof far), 0);
    SSL *ssl = tls_on(context, *fd);
    assert_non_null(ssl);
    assert_int_equal(SSL_connect(ssl), 1);
    return ssl;
}

static void read_all(SSL *ssl, void *bytes, size_t size)
{
    size_t done;
    for (size_t used = 0; used < size; used += done)
        assert_int_equal(SSL_read_ex(ssl, (uint8_t *)bytes + used, size - used, &done), 1);
}

/* Sends a request and takes the status of its reply. */
static unsigned ask_raw(SSL *ssl, const struct wire_writer *request)
{
    uint8_t frame[RAW_FRAME], head[8 + 4], hello[RAW_HELLO], bytes[1024];
    struct pm_reply *reply;
    struct pm_client_error error;
    assert_int_equal(SSL_write(ssl, raw_hello, RAW_HELLO), RAW_HELLO);
    read_all(ssl, hello, sizeof hello);
    size_t size = raw_frame(frame, false, request->used + 4, 1);
    assert_int_equal(SSL_write(ssl, frame, (int)size), size);
    assert_int_equal(SSL_write(ssl, request->bytes, (int)request->used), request->used);
    read_all(ssl, head, sizeof head);
    size = (size_t)(head[6] << 8 | head[7]) - 4;
    assert_true(size <= sizeof bytes);
    read_all(ssl, bytes, size);
    assert_int_equal(reply_read(bytes, size, 1, &reply, &error), PM_CALL_DONE);
    unsigned status = pm_reply_status(reply);
    pm_reply_free(reply);
    return status;
}

/* What becomes of a login by a token that is none. */
static unsigned log_in_from(SSL_CTX *context, const char *address)
{
    uint8_t bytes[256];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    struct pm_command hello = {.verb = PM_HELLO, .hello = {.token = pm_text("pmt_guess")}};
    const struct wire_request request = {
        .client = 1, .first_number = 1, .count = 1, .command = &hello};
    int fd;
    SSL *ssl = connect_from(context, address, &fd);
    wire_request_encode(&writer, &request);
    unsigned status = ask_raw(ssl, &writer);
    SSL_free(ssl);
    close(fd);
    return status;
}

/* The daemon knows their addresses: who tries many tokens is told to wait, and nobody else is. */
static void test_addresses(void **state)
{
    char error[256];
    SSL_CTX *context = tls_client(&(struct tls_files){.ca = path[0]}, error);
    unsigned status = PM_UNAUTHENTICATED;
    (void)state;
    assert_non_null(context);
    for (int i = 0; i < 10 * LOGINS_OF_ADDRESS && status == PM_UNAUTHENTICATED; i++)
        status = log_in_from(context, "127.0.0.9");
    assert_int_equal(status, PM_LOGIN_PAUSED);
    assert_int_equal(log_in_from(context, "127.0.0.8"), PM_UNAUTHENTICATED);
    SSL_CTX_free(context);
}

/* Last: after all that, and in the middle of a renewal. */
static void test_stops(void **state)
{
    (void)state;
    assert_int_equal(kill(served.pid, SIGHUP), 0);
    assert_int_equal(served_end(&served, SIGTERM), 0);
}

/* ---- */

static int set_up(void **state)
{
    static const char *options[] = {
        "--listen", "tls+tcp://127.0.0.1:0", "--tls-cert", path[1], "--tls-key", path[2], NULL};
    static const char *const names[] = {"ca.pem", "server.pem", "server.key"};
    const char *tests = getenv("TESTS_DIR");
    char command[512];
    struct pm_command load = little_market_load();
    struct pm_reply *reply = NULL;
    (void)state;
    served_expect_hang_ups(); /* at each renewal */
    served_make(&served, options);
    for (int i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", served.directory, names[i]);
    snprintf(command, sizeof command, "%s/lib/certificates.sh %s", tests ? tests : "tests",
             served.directory);
    if (system(command) != 0 || !served_start(&served)) /* NOLINT(cert-env33-c): our own script */
        return -1;
    struct pm_client *client = served_client(served.ipc, PM_OPERATOR, "tls");
    unsigned status = ask(client, &load, &reply);
    pm_reply_free(reply);
    pm_client_close(client);
    served_token(&served, &(struct pm_token){.name = pm_text("tls"), .role = PM_BROKER}, token);
    return status == PM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    served_remove(&served);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renewals),        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_half_handshakes), cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_stops),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
