/*
 * test_streams.c - connections of clients: what they send comes in order, what is put for them
 * leaves together, who does not read is not read from and comes to no harm, and all of it ends
 * cleanly whoever ends it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/echoing.h"
#include "tests/lib/raw.h"
#include "tests/lib/scratch.h"

enum { MESSAGE_MAX = 100000, LONG = 50000, MANY = 64, EIGHT = 8, WAIT_MS = 20000 };

static char directory[SCRATCH_PATH], url[SCRATCH_PATH + 16];
static struct echoing owner;

static void is_own(const struct peer *peer)
{
    assert_true(peer_is_own(peer));
}

static int connect_client(void)
{
    int fd = raw_connect_ipc(url);
    assert_true(fd >= 0);
    assert_true(raw_shake_hands(fd));
    return fd;
}

/* ---- */

static void many_are_answered_in_order(void **state)
{
    (void)state;
    static uint8_t body[LONG], back[LONG];
    int fd = connect_client();
    uint32_t id;
    for (uint32_t first = 0; first < MANY; first += EIGHT) { /* more would fill both ways */
        for (uint32_t i = first; i < first + EIGHT; i++) {
            memset(body, (int)i, sizeof body);
            raw_put_message(fd, i, body, i == first ? LONG : i);
        }
        for (uint32_t i = first; i < first + EIGHT; i++) {
            int64_t size = i == first ? LONG : i;
            memset(body, (int)i, sizeof body);
            assert_int_equal(raw_get_message(fd, &id, back, sizeof back), size);
            assert_int_equal(id, i);
            assert_memory_equal(body, back, (size_t)size);
        }
    }
    close(fd);
    echoing_wait(&owner.here, 0);
}

/* Answers a hundred times as long as its requests, of which it reads none until it has sent all
 * that is taken of it. */
static void who_does_not_read_is_not_read_from(void **state)
{
    (void)state;
    enum { SIZE = 1000, ENOUGH = 200000 };
    static uint8_t body[SIZE], back[SIZE];
    uint8_t frame[RAW_FRAME];
    uint32_t id, sent = 0;
    owner.times = 100;
    int fd = connect_client();
    size_t head = raw_frame(frame, true, SIZE + 4, 7);
    for (int full = 0; full < 100 && sent < ENOUGH;) { /* a tenth of a second without room */
        ssize_t put = send(fd, frame, head, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put == (ssize_t)head) {
            raw_put(fd, body, SIZE);
            sent++;
            full = 0;
        } else {
            assert_int_equal(put, -1);
            usleep(1000);
            full++;
        }
    }
    assert_in_range(sent, 1, ENOUGH - 1);
    for (uint32_t i = 0; i < sent * (uint32_t)owner.times; i++)
        assert_int_equal(raw_get_message(fd, &id, back, sizeof back), SIZE);
    assert_int_equal(atomic_load(&owner.arrived), sent);
    close(fd);
    echoing_wait(&owner.here, 0);
}

static void what_is_no_request_ends_its_connection(void **state)
{
    (void)state;
    static const uint8_t http[] = "GET / HTTP/1.1\r\n\r\n";
    uint8_t frame[RAW_FRAME], byte;
    int fd = raw_connect_ipc(url);
    raw_put(fd, http, sizeof http - 1);
    assert_true(raw_get(fd, (uint8_t[8]){0}, 8)); /* our greeting comes first */
    assert_false(raw_get(fd, &byte, 1));
    close(fd);
    fd = connect_client();
    raw_put(fd, frame, raw_frame(frame, true, MESSAGE_MAX + 1, 1));
    assert_false(raw_get(fd, &byte, 1));
    close(fd);
    echoing_wait(&owner.here, 0);
    assert_int_equal(atomic_load(&owner.arrived), 0);
}

static void an_end_is_of_one_connection_alone(void **state)
{
    (void)state;
    uint8_t byte;
    int first = connect_client();
    uint32_t number = atomic_load(&owner.last);
    int other = connect_client();
    assert_int_not_equal(atomic_load(&owner.last), number);
    streams_end(owner.streams, number);
    assert_false(raw_get(first, &byte, 1));
    echoing_wait(&owner.here, 1);
    close(first);
    first = connect_client(); /* in the place of the first, under another number */
    assert_int_not_equal(atomic_load(&owner.last), number);
    nng_msg *late;
    assert_int_equal(nng_msg_alloc(&late, 4), 0);
    streams_send(owner.streams, number, late); /* for nobody */
    streams_end(owner.streams, number);
    streams_flush(owner.streams, number);
    for (int i = 0; i < 2; i++) {
        uint32_t id;
        raw_put_message(i == 0 ? first : other, 5, &byte, 1);
        assert_int_equal(raw_get_message(i == 0 ? first : other, &id, &byte, 1), 1);
    }
    close(first);
    close(other);
    echoing_wait(&owner.here, 0);
}

/* Those who come and go meanwhile, and one who sends and does not read. */
static void all_ends_with_who_is_there(void **state)
{
    (void)state;
    int fd[MANY];
    owner.times = 1000;
    for (int i = 0; i < MANY; i++) {
        fd[i] = raw_connect_ipc(url);
        if (i % 4 != 0 && raw_shake_hands(fd[i]))
            raw_put_message(fd[i], 1, (const uint8_t *)url, (size_t)i);
        if (i % 3 == 0)
            close(fd[i]);
    }
    streams_stop(owner.streams);
    unsigned before = atomic_load(&owner.arrived);
    streams_drain(owner.streams, 1);
    assert_true(streams_close(owner.streams));
    echoing_end(&owner);
    assert_int_equal(atomic_load(&owner.here), 0);
    assert_int_equal(atomic_load(&owner.arrived), before);
    for (int i = 0; i < MANY; i++)
        if (i % 3 != 0)
            close(fd[i]);
}

/* With a limit that one who does not read comes to at once: it is ended, and nobody else. */
static void who_is_owed_too_much_is_ended(void **state)
{
    (void)state;
    enum { SIZE = 1000, REQUESTS = 20 };
    static uint8_t body[SIZE];
    uint32_t id;
    int good = connect_client(), greedy = connect_client();
    owner.times = 100;
    for (uint32_t i = 0; i < REQUESTS; i++) /* two megabytes of answers */
        raw_put_message(greedy, i, body, SIZE);
    echoing_wait(&owner.here, 1);
    owner.times = 1;
    raw_put_message(good, 5, body, 1);
    assert_int_equal(raw_get_message(good, &id, body, SIZE), 1);
    close(greedy);
    close(good);
    echoing_wait(&owner.here, 0);
}

static void who_does_not_greet_is_ended(void **state)
{
    (void)state;
    uint8_t byte[RAW_HELLO];
    uint32_t id;
    int good = connect_client(), silent = raw_connect_ipc(url), slow = raw_connect_ipc(url);
    raw_put(slow, raw_hello, RAW_HELLO - 1);
    for (int i = 0; i < 2; i++) {
        assert_true(raw_get(i == 0 ? silent : slow, byte, RAW_HELLO));
        assert_false(raw_get(i == 0 ? silent : slow, byte, 1));
    }
    echoing_wait(&owner.here, 1);
    raw_put_message(good, 5, byte, 1);
    assert_int_equal(raw_get_message(good, &id, byte, 1), 1);
    close(good);
    close(silent);
    close(slow);
    echoing_wait(&owner.here, 0);
}

static int set_up_with(struct streams_options options)
{
    int port;
    scratch_make(directory);
    snprintf(url, sizeof url, "ipc://%s/s", directory);
    options.message_max = MESSAGE_MAX;
    echoing_start(&owner, options, is_own);
    return streams_listen(owner.streams, url, 0600, &port);
}

static int set_up(void **state)
{
    (void)state;
    return set_up_with((struct streams_options){0});
}

static int set_up_narrow(void **state)
{
    (void)state;
    return set_up_with((struct streams_options){.owed_max = 100000, .greet_s = 1});
}

static int tear_down(void **state)
{
    (void)state;
    if (owner.streams) {
        echoing_close(&owner);
        echoing_end(&owner);
    }
    return scratch_remove(directory);
}

/* Ends nng's threads, so that nothing is left that looks lost. */
static int end_all(void **state)
{
    (void)state;
    nng_fini();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_are_answered_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_read_is_not_read_from, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_request_ends_its_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_end_is_of_one_connection_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_ends_with_who_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_owed_too_much_is_ended, set_up_narrow, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_greet_is_ended, set_up_narrow, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, end_all);
}
