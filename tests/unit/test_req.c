/*
 * test_req.c: a client's connection, beside a peer that keeps to the protocol and to nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/req.h"
#include "tests/lib/raw.h"
#include "tests/lib/scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const uint8_t answers[RAW_HELLO] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};
static char directory[SCRATCH_PATH], url[SCRATCH_PATH + 16];
static int listener;
static struct req *req;

static int open_both(void **state)
{
    (void)state;
    char error[256];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    scratch_make(directory);
    snprintf(url, sizeof url, "ipc://%s/s", directory);
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s/s", directory);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    req = req_create(url, &(struct tls_files){0}, error);
    return req == NULL || bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
           listen(listener, 4) != 0;
}

static int close_both(void **state)
{
    (void)state;
    req_destroy(req);
    close(listener);
    return scratch_remove(directory);
}

/* Accepts one, and shakes hands. */
static int accept_one(void)
{
    uint8_t hello[RAW_HELLO];
    int fd = accept(listener, NULL, NULL);
    raw_put(fd, answers, sizeof answers);
    assert_true(raw_get(fd, hello, sizeof hello));
    return fd;
}

static enum channel_result ask(void)
{
    const struct req_part part[2] = {{"who", 3}, {"what", 4}};
    return req_send(req, part, RAW_WAIT_MS);
}

/* Answers much that was never asked, before what was. */
static void *ramble(void *context)
{
    enum { OTHERS = 1000 }; /* for which the socket has room */
    static uint8_t messages[(OTHERS + 1) * RAW_FRAME];
    uint8_t body[16];
    uint32_t id;
    size_t size = 0;
    int *fd = context;
    *fd = accept_one();
    assert_true(raw_get_message(*fd, &id, body, sizeof body) == 7);
    for (int i = 0; i < OTHERS; i++)
        size += raw_frame(messages + size, true, 4, id + 1);
    size += raw_frame(messages + size, true, 4, id);
    raw_put(*fd, messages, size);
    return NULL;
}

/* All of it is there to be read, and none of it in time. */
static void test_other_answers_take_no_more_than_the_time(void **state)
{
    (void)state;
    pthread_t thread;
    uint8_t *answer;
    size_t size;
    int fd = -1;
    assert_int_equal(pthread_create(&thread, NULL, ramble, &fd), 0);
    assert_int_equal(ask(), CHANNEL_DONE);
    pthread_join(thread, NULL);
    assert_int_equal(req_receive(req, &answer, &size, 0), CHANNEL_BROKEN);
    close(fd);
}

/* What comes late is another's, over the same connection. */
static void *answer_late(void *context)
{
    uint8_t body[16];
    uint32_t first, second;
    int fd = accept_one();
    assert_true(raw_get_message(fd, &first, body, sizeof body) == 7);
    assert_true(raw_get_message(fd, &second, body, sizeof body) == 7);
    assert_memory_equal(body, "whowhat", 7);
    assert_int_not_equal(first, second);
    raw_put_message(fd, first, (const uint8_t *)"late", 4);
    raw_put_message(fd, second, (const uint8_t *)"", 0);
    (void)context;
    close(fd);
    return NULL;
}

static void test_a_late_answer_is_not_the_next_ones(void **state)
{
    (void)state;
    pthread_t thread;
    uint8_t *answer;
    size_t size = 1;
    assert_int_equal(pthread_create(&thread, NULL, answer_late, NULL), 0);
    assert_int_equal(ask(), CHANNEL_DONE);
    assert_int_equal(ask(), CHANNEL_DONE);
    assert_int_equal(req_receive(req, &answer, &size, RAW_WAIT_MS), CHANNEL_DONE);
    assert_int_equal(size, 0);
    free(answer);
    pthread_join(thread, NULL);
}

/* Lengths that no answer has, and a peer that ends in the middle. */
static void *say_badly(void *context)
{
    const uint64_t *length = context;
    uint8_t message[RAW_FRAME];
    int fd = accept_one();
    size_t size = raw_frame(message, true, *length, 1);
    raw_put(fd, message, size);
    shutdown(fd, SHUT_WR);
    while (recv(fd, message, sizeof message, 0) > 0)
        continue;
    close(fd);
    return NULL;
}

static void test_lengths_that_no_answer_has(void **state)
{
    (void)state;
    uint64_t lengths[] = {0, 3, 5, (64u << 20) + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        pthread_t thread;
        uint8_t *answer;
        size_t size;
        assert_int_equal(pthread_create(&thread, NULL, say_badly, &lengths[i]), 0);
        assert_int_equal(ask(), CHANNEL_DONE);
        assert_int_equal(req_receive(req, &answer, &size, RAW_WAIT_MS), CHANNEL_BROKEN);
        req_close(req);
        pthread_join(thread, NULL);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)
    const struct CMUnitTest tests[] = {
        TEST(test_other_answers_take_no_more_than_the_time),
        TEST(test_a_late_answer_is_not_the_next_ones),
        TEST(test_lengths_that_no_answer_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
