/*
 * e2e_hostile.c: what must not hurt the daemon: connections that break off anywhere, bytes that are
 * no protocol, requests that are none, floods. After each of them a good client is served as
 * before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/reply.h"
#include "core/wire.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/random.h"
#include "tests/lib/raw.h"
#include "tests/lib/served.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_MAX = 1 << 16,  /* of a request */
    REPLY_MAX = 1 << 20, /* its body */
    OUTSTANDING = 64,
};

static struct served served;
static struct pm_client *good;

/* ---- Raw connections ---- */

static int connect_ipc(void)
{
    int fd = raw_connect_ipc(served.ipc);
    assert_true(fd >= 0);
    return fd;
}

static int connect_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)strtoul(strrchr(served.tcp, ':') + 1, NULL, 10));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void shake_hands(int fd)
{
    assert_true(raw_shake_hands(fd));
}

static int greet_ipc(void)
{
    int fd = connect_ipc();
    shake_hands(fd);
    return fd;
}

static void put_message(int fd, const uint8_t *body, size_t size)
{
    raw_put_message(fd, 1, body, size);
}

/* The status of the next reply, -1 when the connection ends. */
static int get_status(int fd)
{
    static uint8_t body[REPLY_MAX];
    uint32_t id;
    struct wire_item item = {.value = 0};
    int64_t size = raw_get_message(fd, &id, body, sizeof body);
    if (size < 0)
        return -1;
    struct wire_reader reader = {.bytes = body, .size = (size_t)size};
    for (int i = 0; i < 4; i++) /* [version, sequence, status, … */
        assert_true(wire_next(&reader, &item));
    return (int)item.value;
}

/* Sends one body over a connection of its own, and returns the status it is answered with. */
static int status_of(const uint8_t *body, size_t size)
{
    int fd = greet_ipc();
    put_message(fd, body, size);
    int status = get_status(fd);
    close(fd);
    return status;
}

/* ---- A good client ---- */

static unsigned good_status(const struct pm_command *command)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    if (pm_client_call(good, command, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("a good client is not served: %s", error.text);
    assert_int_equal(pm_reply_status(reply), PM_OK);
    unsigned status = pm_reply_result(reply, 0).status;
    pm_reply_free(reply);
    return status;
}

static char token[SERVED_TOKEN]; /* of a broker */

/* Old connection, new connection, both transports: commands and queries still work. */
static void check_served(void)
{
    static unsigned number;
    char reference[32];
    struct pm_visit visit = {
        .earliest = 420, .latest = 600, .minutes = 30, .days = 0x1f, .carers = 1};
    struct pm_command post = {.verb = PM_PACKAGE_POST};
    snprintf(reference, sizeof reference, "good-%u", ++number);
    post.package.reference = pm_text(reference);
    post.package.kind = pm_text("homecare");
    post.package.locality = pm_text("Alder");
    post.package.visit = &visit;
    post.package.visits = 1;
    assert_int_equal(good_status(&post), PM_OK);
    for (int i = 0; i < 2; i++) {
        struct pm_client *old = good;
        struct pm_command show = {.verb = PM_PACKAGE_SHOW,
                                  .id = {.reference = post.package.reference}};
        good =
            i == 0 ? served_client(served.ipc, PM_BROKER, "good") : served_login(served.tcp, token);
        assert_int_equal(good_status(&show), PM_OK);
        pm_client_close(good);
        good = old;
    }
}

/* ---- Making requests, good and bad ---- */

struct made {
    uint8_t bytes[BODY_MAX];
    size_t size;
};

static struct made make(struct wire_request request, const struct pm_command *command,
                        uint32_t count)
{
    static struct pm_command copy[PM_COMMANDS_MAX + 1];
    static struct made made;
    struct wire_writer writer = {.bytes = made.bytes, .size = sizeof made.bytes};
    for (uint32_t i = 0; i < count; i++)
        copy[i] = command[0];
    request.command = copy;
    request.count = count;
    wire_request_encode(&writer, &request);
    assert_false(writer.overflow);
    made.size = writer.used;
    return made;
}

static struct wire_request request_by(uint8_t role)
{
    return (struct wire_request){.actor = {.role = role, .name = pm_text("hostile")},
                                 .market = pm_text("little"),
                                 .client = 77,
                                 .first_number = 1};
}

static const struct pm_command stats = {.verb = PM_STATS};

/* ---- Tests ---- */

static void test_connect_and_close(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        int ipc = connect_ipc(), tcp = connect_tcp();
        if (i % 2)
            setsockopt(tcp, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (i % 3 == 1) {
            raw_put(ipc, raw_hello, (size_t)i % RAW_HELLO);
            raw_put(tcp, raw_hello, (size_t)i % RAW_HELLO);
        }
        close(ipc);
        close(tcp);
    }
    check_served();
}

static void test_no_protocol(void **state)
{
    enum { GREETING = 16 };
    static const char greetings[4][GREETING + 1] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02",
                                                    "\0SP\0\0\x31\0\0 wrong",
                                                    "\0SP\1\0\x30\0\0 wrong"};
    struct random random = {.state = 7};
    (void)state;
    for (int i = 0; i < 40; i++) {
        uint8_t noise[200];
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (uint8_t)random_next(&random);
        int fd = i % 2 ? connect_ipc() : connect_tcp();
        raw_put(fd, greetings[i % 4], GREETING);
        raw_put(fd, noise, sizeof noise);
        close(fd);
        fd = i % 2 ? connect_ipc() : connect_tcp();
        raw_put(fd, raw_hello, sizeof raw_hello);
        raw_put(fd, noise, sizeof noise);
        close(fd);
    }
    check_served();
}

static void test_oversize(void **state)
{
    static const uint64_t sizes[] = {UINT64_C(8) << 30, UINT64_MAX, (UINT64_C(4) << 20) + 1, 0, 3};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t frame[RAW_FRAME];
        int ipc = greet_ipc(), tcp = connect_tcp();
        shake_hands(tcp);
        raw_put(ipc, frame, raw_frame(frame, true, sizes[i], 1));
        raw_put(tcp, frame, raw_frame(frame, false, sizes[i], 1));
        check_served();
        close(ipc);
        close(tcp);
    }
}

static void test_half_messages(void **state)
{
    struct made made = make(request_by(PM_BROKER), &stats, 1);
    int open_ones[20];
    (void)state;
    for (int i = 0; i < 20; i++) {
        uint8_t frame[RAW_FRAME];
        open_ones[i] = greet_ipc();
        size_t size = raw_frame(frame, true, made.size + 4, 1);
        raw_put(open_ones[i], frame, i < 10 ? (size_t)i + 1 : size);
        if (i >= 10)
            raw_put(open_ones[i], made.bytes, made.size - 1);
    }
    check_served();
    for (int i = 0; i < 20; i++)
        close(open_ones[i]);
    check_served();
}

static void test_no_request(void **state)
{
    struct made made = make(request_by(PM_BROKER), &stats, 1);
    struct random random = {.state = 11};
    uint8_t deep[20000];
    (void)state;
    assert_int_equal(status_of(made.bytes, made.size), PM_OK);
    for (size_t size = 0; size < made.size; size++) /* cut off anywhere */
        assert_int_equal(status_of(made.bytes, size), PM_MALFORMED);
    memset(deep, 0x81, sizeof deep); /* arrays in arrays */
    assert_int_equal(status_of(deep, sizeof deep), PM_MALFORMED);
    memset(deep, 0x9f, sizeof deep);
    assert_int_equal(status_of(deep, sizeof deep), PM_MALFORMED);
    memset(deep, 0xff, sizeof deep);
    assert_int_equal(status_of(deep, sizeof deep), PM_MALFORMED);
    for (int i = 0; i < 300; i++) { /* one byte another */
        struct made changed = made;
        changed.bytes[random_below(&random, (uint32_t)made.size)] ^=
            (uint8_t)(1 + random_below(&random, 255));
        assert_true(status_of(changed.bytes, changed.size) >= 0);
    }
    check_served();
}

static void test_refused_requests(void **state)
{
    struct pm_command tick = {.verb = PM_TICK}, go_on = {.verb = PM_CONTINUE},
                      load = little_market_load(), watch = {.verb = PM_WATCH};
    (void)state;
    struct made made = make(request_by(PM_BROKER), &stats, 1);
    made.bytes[1] = PM_PROTOCOL + 1; /* after the head of the array */
    assert_int_equal(status_of(made.bytes, made.size), PM_UNSUPPORTED_VERSION);
    const struct {
        uint8_t role;
        const struct pm_command *command;
        uint32_t count;
        int status;
    } tries[] = {
        {PM_BROKER, &stats, PM_COMMANDS_MAX + 1, PM_TOO_LARGE},
        {PM_BROKER, &stats, 0, PM_MALFORMED},
        {0, &stats, 1, PM_UNAUTHENTICATED},
        {PM_DAEMON, &stats, 1, PM_NOT_ALLOWED},
        {PM_OPERATOR, &go_on, 1, PM_UNKNOWN_COMMAND},
        {PM_BROKER, &tick, 1, PM_NOT_ALLOWED},
        {PM_COMMISSIONER, &load, 1, PM_NOT_ALLOWED},
        {PM_BROKER, &watch, 2, PM_MALFORMED},
        {PM_BROKER, &stats, PM_COMMANDS_MAX, PM_OK},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        made = make(request_by(tries[i].role), tries[i].command, tries[i].count);
        int status = status_of(made.bytes, made.size);
        if (status != tries[i].status)
            fail_msg("try %zu: status %d, not %d", i, status, tries[i].status);
    }
    check_served();
}

static void test_unknown_command(void **state)
{
    struct pm_command digest = {.verb = PM_DIGEST};
    struct made made = make(request_by(PM_BROKER), &digest, 1);
    uint8_t *name = memmem(made.bytes, made.size, "digest", 6);
    (void)state;
    assert_non_null(name);
    memcpy(name, "divest", 6);
    assert_int_equal(status_of(made.bytes, made.size), PM_UNKNOWN_COMMAND);
    check_served();
}

/* The cursor of now, in a watch that waits a minute for events. A provider of that name sees none.
 */
static struct made make_parked_watch(uint8_t role)
{
    struct pm_command watch = {.verb = PM_WATCH, .watch = {.wait = 60000}};
    struct wire_request request = request_by(role);
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    assert_int_equal(pm_client_call(good, &watch, 1, &reply, &error), PM_CALL_DONE);
    size_t size;
    const uint8_t *body = pm_reply_body(reply, 0, &size);
    struct wire_reader reader = {.bytes = body, .size = size};
    struct wire_item item;
    for (int i = 0; i < 3; i++) /* {cursor: value, … */
        assert_true(wire_next(&reader, &item));
    watch.watch.cursor = item.value;
    pm_reply_free(reply);
    return make(request, &watch, 1);
}

/* A connection with 64 requests outstanding is told so, however often it goes on, and what it had
 * asked before is answered all the same. */
static void test_flood(void **state)
{
    struct made made = make_parked_watch(PM_BROKER);
    int fd = greet_ipc();
    (void)state;
    for (int i = 0; i < 4 * OUTSTANDING; i++)
        put_message(fd, made.bytes, made.size);
    for (int i = 0; i < 3 * OUTSTANDING; i++)
        assert_int_equal(get_status(fd), PM_BUSY);
    check_served(); /* something happens, so the watches end */
    for (int i = 0; i < OUTSTANDING; i++)
        assert_int_equal(get_status(fd), PM_OK);
    close(fd);
    check_served();
}

/* One that never reads keeps nobody waiting. */
static void test_never_reads(void **state)
{
    struct made made = make(request_by(PM_BROKER), &stats, PM_COMMANDS_MAX);
    int fd[4];
    (void)state;
    for (int i = 0; i < 4; i++) {
        fd[i] = greet_ipc();
        for (int k = 0; k < 48; k++)
            put_message(fd[i], made.bytes, made.size);
    }
    check_served();
    for (int i = 0; i < 4; i++)
        close(fd[i]);
    check_served();
}

/* ---- */

static int set_up(void **state)
{
    struct pm_command load = little_market_load();
    (void)state;
    static const char *const options[] = {"--idle-seconds", "1", NULL};
    served_make(&served, options);
    served_expect_hang_ups();
    if (!served_start(&served))
        return -1;
    good = served_client(served.ipc, PM_OPERATOR, "good");
    unsigned status = good_status(&load);
    pm_client_act_as(good, (struct pm_actor){.role = PM_BROKER, .name = pm_text("good")});
    served_token(&served, &(struct pm_token){.name = pm_text("good"), .role = PM_BROKER}, token);
    return status == PM_OK ? 0 : -1;
}

/* It stops as it should, after all that. */
static int tear_down(void **state)
{
    (void)state;
    pm_client_close(good);
    int exit_code = served_end(&served, SIGTERM);
    served_remove(&served);
    return exit_code == 0 ? 0 : -1;
}

/* ---- Many ---- */

enum { WATCHING = 200, WATCHES = 50 }; /* connections, and watches parked on each */

static uint64_t resident(void)
{
    char path[64];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)served.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %llu", &pages), 1);
    assert_int_equal(fclose(file), 0);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t watchers(void)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    assert_int_equal(pm_client_call(good, &stats, 1, &reply, &error), PM_CALL_DONE);
    json_t *body = reply_value(reply, 0);
    uint64_t count = (uint64_t)json_integer_value(json_object_get(body, "watchers"));
    json_decref(body);
    pm_reply_free(reply);
    return count;
}

/* Ten thousand watch at once; something happens, and all are told. */
static void test_many_watchers(void **state)
{
    static int fd[WATCHING];
    struct made made = make_parked_watch(PM_BROKER);
    uint64_t before = resident();
    (void)state;
    for (int i = 0; i < WATCHING; i++) {
        fd[i] = greet_ipc();
        for (int w = 0; w < WATCHES; w++)
            put_message(fd[i], made.bytes, made.size);
    }
    for (int wait = 0; watchers() < WATCHING * WATCHES; wait++) {
        assert_in_range(wait, 0, RAW_WAIT_MS / 10);
        usleep(10000);
    }
    print_message("%llu bytes resident for each of %d watchers, nng's included\n",
                  (unsigned long long)((resident() - before) / (WATCHING * WATCHES)),
                  WATCHING * WATCHES);
    check_served();
    for (int i = 0; i < WATCHING; i++) {
        for (int w = 0; w < WATCHES; w++)
            assert_int_equal(get_status(fd[i]), PM_OK);
        close(fd[i]);
    }
    check_served();
}

/* Two thousand that say nothing are in nobody's way. */
static void test_idle_connections(void **state)
{
    enum { IDLE = 2000 };
    static int fd[IDLE];
    (void)state;
    for (int i = 0; i < IDLE; i++)
        fd[i] = greet_ipc();
    check_served();
    for (int i = 0; i < IDLE; i++)
        close(fd[i]);
    check_served();
}

/* Whoever says nothing, or half of something, is disconnected; who waits for an answer is not. */
static void test_who_says_nothing(void **state)
{
    struct made watch = make_parked_watch(PM_BROKER), half = make(request_by(PM_BROKER), &stats, 1);
    uint8_t frame[RAW_FRAME];
    int silent = greet_ipc(), halting = greet_ipc(), waiting = greet_ipc();
    struct pollfd in = {.fd = waiting, .events = POLLIN};
    (void)state;
    put_message(waiting, watch.bytes, watch.size);
    raw_put(halting, frame, raw_frame(frame, true, half.size + 4, 1));
    raw_put(halting, half.bytes, half.size - 1);
    assert_int_equal(get_status(silent), -1); /* each ends, in less than RAW_WAIT_MS */
    assert_int_equal(get_status(halting), -1);
    assert_int_equal(poll(&in, 1, 0), 0); /* neither an answer nor an end */
    check_served();                       /* something happens */
    assert_int_equal(get_status(waiting), PM_OK);
    close(silent);
    close(halting);
    close(waiting);
}

/* ---- After all that ---- */

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* How long a query takes the good client, the quickest of many: which no neighbour on the machine
 * makes slower. */
static uint64_t quickest_ns(void)
{
    enum { TRIES = 500 };
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = now_ns();
        assert_int_equal(good_status(&stats), PM_OK);
        uint64_t took = now_ns() - before;
        least = took < least ? took : least;
    }
    return least;
}

static uint64_t fresh_ns; /* before anybody was hostile */

static void test_begin(void **state)
{
    (void)state;
    fresh_ns = quickest_ns();
    assert_true(fresh_ns > 0 && fresh_ns < UINT64_MAX);
}

static void test_as_quick_as_before(void **state)
{
    (void)state;
    uint64_t now = quickest_ns();
    print_message("# a good client's query took %llu us before, %llu us after\n",
                  (unsigned long long)fresh_ns / 1000, (unsigned long long)now / 1000);
    assert_true(now < 4 * fresh_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begin),
        cmocka_unit_test(test_connect_and_close),
        cmocka_unit_test(test_no_protocol),
        cmocka_unit_test(test_oversize),
        cmocka_unit_test(test_half_messages),
        cmocka_unit_test(test_no_request),
        cmocka_unit_test(test_refused_requests),
        cmocka_unit_test(test_unknown_command),
        cmocka_unit_test(test_many_watchers),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_never_reads),
        cmocka_unit_test(test_who_says_nothing),
        cmocka_unit_test(test_as_quick_as_before),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
