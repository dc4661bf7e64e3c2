/*
 * e2e_metrics.c - what an operator's tools see of a running daemon: metrics and health over HTTP,
 * also beside clients that misbehave there, and what the service manager is told.
 */
#include "tests/lib/served.h"

#include "tests/lib/little_market.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 20000, ANSWER_SIZE = 1 << 16, CROWD = 40 };

static struct served served;
static char answer[ANSWER_SIZE];

/* ---- HTTP, as little as is needed ---- */

static int connect_http(void)
{
    unsigned port;
    struct sockaddr_in address = {.sin_family = AF_INET};
    assert_int_equal(sscanf(served.http, "http://127.0.0.1:%u", &port), 1);
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    return file;
}

static void say(int file, const char *text)
{
    assert_int_equal(send(file, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

/* All that comes until the other side closes, in `answer`. */
static void hear(int file)
{
    size_t used = 0;
    ssize_t got = 1;
    struct pollfd in = {.fd = file, .events = POLLIN};
    while (got > 0 && used + 1 < sizeof answer && poll(&in, 1, WAIT_MS) == 1) {
        got = recv(file, answer + used, sizeof answer - 1 - used, 0);
        used += got > 0 ? (size_t)got : 0;
    }
    answer[used] = '\0';
    assert_true(got <= 0); /* closed, and no timeout */
    close(file);
}

static void ask(const char *method, const char *path)
{
    char request[256];
    int file = connect_http();
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
             method, path);
    say(file, request);
    hear(file);
}

static void expect_status(int status)
{
    int got = 0;
    assert_int_equal(sscanf(answer, "HTTP/1.1 %d ", &got), 1);
    assert_int_equal(got, status);
}

static uint64_t metric(const char *name)
{
    char line[128];
    unsigned long long value = 0;
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(answer, line);
    if (!at || sscanf(at + strlen(line), "%llu", &value) != 1)
        fail_msg("no %s in:\n%s", name, answer);
    return value;
}

/* ---- The daemon ---- */

/* A command that is refused, as there is no such package. */
static void withdraw_none(void)
{
    const struct pm_command command = {.verb = PM_PACKAGE_WITHDRAW,
                                       .id = {.reference = pm_text("NONE"), .reason = PM_MISTAKE}};
    struct pm_client *client = served_client(served.ipc, PM_BROKER, "an example");
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    assert_int_equal(pm_client_call(client, &command, 1, &reply, &error), PM_CALL_DONE);
    assert_int_equal(pm_reply_result(reply, 0).status, PM_UNKNOWN_PACKAGE);
    pm_reply_free(reply);
    pm_client_close(client);
}

static void test_metrics(void **state)
{
    (void)state;
    served_load_little(&served);
    ask("GET", "/metrics");
    expect_status(200);
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    assert_int_equal(metric("placemat_up"), 1);
    uint64_t requests = metric("placemat_requests_total");
    uint64_t commands = metric("placemat_commands_total");
    assert_int_equal(metric("placemat_committed_sequence"), commands);
    withdraw_none();
    ask("GET", "/metrics");
    assert_int_equal(metric("placemat_requests_total"), requests + 1);
    assert_int_equal(metric("placemat_commands_total"), commands + 1);
    assert_int_equal(metric("placemat_reply_seconds_count"), requests + 1);
    assert_int_equal(metric("placemat_commit_seconds_count"), metric("placemat_batches_total"));
    assert_int_equal(metric("placemat_commands_refused_total{status=\"unknown_package\"}"), 1);
    assert_true(metric("placemat_resident_bytes") > 1 << 20);
    assert_true(metric("placemat_records{table=\"services\"}") > 0);
}

static void test_health(void **state)
{
    (void)state;
    ask("GET", "/health");
    expect_status(200);
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\nok\n");
    ask("HEAD", "/health");
    expect_status(200);
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void test_nothing_else(void **state)
{
    (void)state;
    static const char *const others[] = {"/", "/metrics/", "/healthy", "/../etc/passwd", "/%41"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ask("GET", others[i]);
        expect_status(404);
    }
    ask("DELETE", "/metrics");
    expect_status(405);
    ask("POST", "/health");
    expect_status(405);
}

/* More than may be connected at a time, saying nothing, nonsense, or half a request: the protocol
 * is served all the same, and HTTP again when they have gone. */
static void test_crowd(void **state)
{
    (void)state;
    int file[CROWD];
    char much[5000];
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    for (int i = 0; i < CROWD; i++) {
        static const char *const starts[] = {"", "\1\2\3",
                                             "GET /metrics HTTP/1.1\r\nHost: ", "GET "};
        file[i] = connect_http();
        (void)send(file[i], starts[i % 4], strlen(starts[i % 4]), MSG_NOSIGNAL);
        if (i % 4 == 3)
            (void)send(file[i], much, sizeof much - 1, MSG_NOSIGNAL);
    }
    withdraw_none();
    for (int i = 0; i < CROWD; i++)
        close(file[i]);
    for (int tries = 0; tries < 100; tries++) {
        ask("GET", "/health");
        if (answer[0] != '\0')
            break;
        usleep(20000);
    }
    expect_status(200);
}

/* The address is taken: a sentence, and no daemon. */
static void test_taken(void **state)
{
    (void)state;
    const char *options[] = {"--metrics", served.http + strlen("http://"), NULL};
    struct served other;
    served_make(&other, options);
    assert_false(served_start(&other));
    assert_int_equal(served_end(&other, SIGCONT), 1); /* it has ended by itself */
    served_remove(&other);
}

/* ---- The service manager ---- */

static int open_manager(char path[128])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(path, 128, "%s/manager", served.directory);
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
    int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(file, (struct sockaddr *)&address, sizeof address), 0);
    return file;
}

static void expect_told(int manager, const char *expected)
{
    char told[256] = "";
    struct pollfd in = {.fd = manager, .events = POLLIN};
    assert_int_equal(poll(&in, 1, WAIT_MS), 1);
    assert_true(recv(manager, told, sizeof told - 1, 0) > 0);
    assert_memory_equal(told, expected, strlen(expected));
}

static void test_service_manager(void **state)
{
    (void)state;
    char path[128];
    int manager = open_manager(path);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    setenv("NOTIFY_SOCKET", path, 1);
    assert_true(served_start(&served));
    expect_told(manager, "READY=1\n");
    int idle = connect_http(); /* holds nobody up */
    assert_int_equal(served_end(&served, SIGTERM), 0);
    expect_told(manager, "STOPPING=1\n");
    close(idle);
    close(manager);
    /* Nobody there, or nonsense: it serves all the same. */
    for (int i = 0; i < 2; i++) {
        setenv("NOTIFY_SOCKET", i ? "nonsense" : path, 1);
        assert_true(served_start(&served));
        assert_int_equal(served_end(&served, SIGTERM), 0);
    }
    unsetenv("NOTIFY_SOCKET");
}

static int set_up(void **state)
{
    static const char *const options[] = {"--metrics", "0", "--log", "error", NULL};
    (void)state;
    served_make(&served, options);
    return served_start(&served) && served.http[0] != '\0' ? 0 : -1;
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
        cmocka_unit_test(test_metrics),      cmocka_unit_test(test_health),
        cmocka_unit_test(test_nothing_else), cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_taken),        cmocka_unit_test(test_service_manager),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
