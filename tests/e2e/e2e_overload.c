/*
 * e2e_overload.c - many more requests than the daemon has room for, from clients that do not wait:
 * each is answered, or told to come back; nobody is disconnected, and afterwards all is as before.
 * And clients that go with requests under way: of them nothing stays.
 */
#include "client/reply.h"
#include "core/wire.h"
#include "tests/lib/random.h"
#include "tests/lib/raw.h"
#include "tests/lib/served.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENTS = 32, DEPTH = 48, SECONDS = 4, BODY_MAX = 256, REPLY_MAX = 1 << 16 };

static struct served served;
static uint8_t body[BODY_MAX]; /* of the request that all send */
static size_t body_size;

/* What one client met. */
struct met {
    uint64_t done, busy, other;
    bool lost; /* its connection */
};

static void make_request(void)
{
    struct pm_command stats = {.verb = PM_STATS};
    const struct wire_request request = {.actor = {.role = PM_BROKER, .name = pm_text("crowd")},
                                         .market = pm_text("little"),
                                         .client = 1,
                                         .first_number = 1,
                                         .count = 1,
                                         .command = &stats};
    struct wire_writer writer = {.bytes = body, .size = sizeof body};
    wire_request_encode(&writer, &request);
    assert_false(writer.overflow);
    body_size = writer.used;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* [version, sequence, status, … */
static void take_reply(const uint8_t *reply, size_t size, struct met *met)
{
    struct wire_reader reader = {.bytes = reply, .size = size};
    struct wire_item item = {.value = 0};
    for (int i = 0; i < 4; i++)
        if (!wire_next(&reader, &item))
            item.value = UINT64_MAX;
    met->done += item.value == PM_OK;
    met->busy += item.value == PM_BUSY;
    met->other += item.value != PM_OK && item.value != PM_BUSY;
}

/* Keeps so many requests outstanding, whatever it is told. */
static void *crowd(void *context)
{
    struct met *met = context;
    uint8_t *reply = malloc(REPLY_MAX);
    int64_t end = now_ms() + SECONDS * 1000;
    int fd = raw_connect_ipc(served.ipc);
    met->lost = reply == NULL || fd < 0 || !raw_shake_hands(fd);
    for (uint32_t id = 1; id <= DEPTH && !met->lost; id++)
        raw_put_message(fd, id, body, body_size);
    while (!met->lost && now_ms() < end) {
        uint32_t id;
        int64_t size = raw_get_message(fd, &id, reply, REPLY_MAX);
        met->lost = size < 0;
        if (met->lost)
            break;
        take_reply(reply, (size_t)size, met);
        raw_put_message(fd, id, body, body_size);
    }
    if (fd >= 0)
        close(fd);
    free(reply);
    return NULL;
}

static void test_crowd(void **state)
{
    static struct met met[CLIENTS];
    pthread_t thread[CLIENTS];
    struct met all = {.lost = false};
    (void)state;
    make_request();
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, crowd, &met[i]), 0);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(thread[i], NULL);
        all.done += met[i].done;
        all.busy += met[i].busy;
        all.other += met[i].other;
        all.lost |= met[i].lost;
    }
    print_message("# %llu answered, %llu told to come back\n", (unsigned long long)all.done,
                  (unsigned long long)all.busy);
    assert_false(all.lost);
    assert_int_equal(all.other, 0);
    assert_true(all.done > 0 && all.busy > 0);
}

/* ---- Who goes in the middle ---- */

enum { GOERS = 16, MANY = 400 };

/* Sends many, hears a few, and is gone, again and again. */
static void *come_and_go(void *context)
{
    struct met *met = context;
    struct random random = {.state = (uint64_t)(uintptr_t)context};
    uint8_t *reply = malloc(REPLY_MAX);
    int64_t end = now_ms() + SECONDS * 1000;
    while (reply != NULL && now_ms() < end) {
        uint32_t id;
        int fd = raw_connect_ipc(served.ipc);
        met->lost = fd < 0 || !raw_shake_hands(fd);
        if (met->lost)
            break;
        for (uint32_t i = 1; i <= MANY; i++)
            raw_put_message(fd, i, body, body_size);
        for (uint32_t few = random_below(&random, MANY / 2); few > 0; few--) {
            int64_t size = raw_get_message(fd, &id, reply, REPLY_MAX);
            if (size >= 0)
                take_reply(reply, (size_t)size, met);
            else
                break;
        }
        close(fd);
    }
    free(reply);
    return NULL;
}

static uint64_t connections(struct pm_client *client)
{
    const struct pm_command stats = {.verb = PM_STATS};
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    if (pm_client_call(client, &stats, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    json_t *value = reply_value(reply, 0);
    uint64_t count = (uint64_t)json_integer_value(json_object_get(value, "connections"));
    json_decref(value);
    pm_reply_free(reply);
    return count;
}

/* Of connections that have gone nothing is left. */
static void test_come_and_go(void **state)
{
    enum { WAIT_MS = 20000 };
    static struct met met[GOERS];
    pthread_t thread[GOERS];
    uint64_t heard = 0;
    (void)state;
    make_request();
    for (int i = 0; i < GOERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, come_and_go, &met[i]), 0);
    for (int i = 0; i < GOERS; i++) {
        pthread_join(thread[i], NULL);
        heard += met[i].done + met[i].busy;
        assert_false(met[i].lost);
    }
    assert_true(heard > 0);
    struct pm_client *client = served_client(served.ipc, PM_BROKER, "good");
    int64_t end = now_ms() + WAIT_MS;
    while (connections(client) > 1) {
        if (now_ms() > end)
            fail_msg("%llu connections have gone, and are not cleared up",
                     (unsigned long long)connections(client) - 1);
        usleep(10000);
    }
    pm_client_close(client);
}

static void test_served_after_it(void **state)
{
    (void)state;
    const struct pm_command stats = {.verb = PM_STATS};
    struct pm_client *client = served_client(served.ipc, PM_BROKER, "good");
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {""};
    for (int i = 0; i < 100; i++) {
        if (pm_client_call(client, &stats, 1, &reply, &error) != PM_CALL_DONE)
            fail_msg("%s", error.text);
        assert_int_equal(pm_reply_status(reply), PM_OK);
        pm_reply_free(reply);
    }
    pm_client_close(client);
    assert_int_equal(served_end(&served, SIGTERM), 0);
}

static int set_up(void **state)
{
    static const char *const options[] = {"--queue", "16", "--log", "error", NULL};
    (void)state;
    served_make(&served, options);
    served_expect_hang_ups();
    return served_start(&served) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    served_remove(&served);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_crowd),
                                       cmocka_unit_test(test_come_and_go),
                                       cmocka_unit_test(test_served_after_it)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
