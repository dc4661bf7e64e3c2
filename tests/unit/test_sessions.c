/*
 * test_sessions.c - sessions opened, found, over, ended; too many of them; and found by other
 * threads while they come and go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/sessions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { CAPACITY = 2 * SESSIONS_OF_TOKEN_MAX };

static struct principal principal_of(uint64_t token)
{
    struct principal principal = {.token = token, .salt = token * 7, .role = PM_BROKER};
    snprintf(principal.name.text, sizeof principal.name.text, "name of %u", (unsigned)token);
    snprintf(principal.market.text, sizeof principal.market.text, "market of %u", (unsigned)token);
    return principal;
}

struct key {
    uint8_t bytes[SESSION_KEY];
};

static struct key open_session(struct sessions *sessions, uint64_t token, uint32_t now,
                               uint32_t ends)
{
    struct key key;
    struct principal principal = principal_of(token);
    sessions_open(sessions, &principal, now, ends, key.bytes);
    return key;
}

static bool find(struct sessions *sessions, const struct key *key, size_t size, uint32_t now,
                 struct principal *out)
{
    struct pm_text text = {(const char *)key->bytes, (uint32_t)size};
    return sessions_find(sessions, text, now, out);
}

static bool is_there(struct sessions *sessions, const struct key *key, uint32_t now)
{
    struct principal found;
    return find(sessions, key, SESSION_KEY, now, &found);
}

static void test_found(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key keys[100];
    struct principal found;
    for (unsigned i = 0; i < 100; i++)
        keys[i] = open_session(sessions, i + 1, 10, 1000);
    for (unsigned i = 0; i < 100; i++) {
        struct principal expected = principal_of(i + 1);
        assert_true(find(sessions, &keys[i], SESSION_KEY, 11, &found));
        assert_memory_equal(&found, &expected, sizeof found);
        assert_int_equal(sessions_count(sessions, i + 1, 11), 1);
    }
    sessions_destroy(sessions);
}

/* Every bit of the key counts, and its length. */
static void test_other_keys(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key key = open_session(sessions, 1, 10, 1000), none = {{0}};
    struct principal found;
    for (unsigned bit = 0; bit < 8 * SESSION_KEY; bit++) {
        struct key other = key;
        other.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(is_there(sessions, &other, 10));
    }
    for (size_t size = 0; size < SESSION_KEY; size++)
        assert_false(find(sessions, &key, size, 10, &found));
    assert_false(is_there(sessions, &none, 10)); /* as an empty place has */
    sessions_end(sessions, 1);
    assert_false(is_there(sessions, &none, 0));
    sessions_destroy(sessions);
}

static void test_over(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key used = open_session(sessions, 1, 10, 100000),
               idle = open_session(sessions, 2, 10, 100000),
               brief = open_session(sessions, 3, 10, 20);
    assert_true(is_there(sessions, &brief, 19));
    assert_false(is_there(sessions, &brief, 20));
    assert_true(is_there(sessions, &used, 3000));
    assert_true(is_there(sessions, &idle, 10 + SESSION_IDLE));
    assert_true(is_there(sessions, &used, 3000 + SESSION_IDLE));
    assert_false(is_there(sessions, &idle, 11 + 2 * SESSION_IDLE));
    assert_int_equal(sessions_count(sessions, 1, 3000 + SESSION_IDLE), 1);
    assert_false(is_there(sessions, &used, 100000));
    assert_int_equal(sessions_count(sessions, 1, 100000), 0);
    sessions_destroy(sessions);
}

static void test_ended(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key one = open_session(sessions, 1, 10, 1000), two = open_session(sessions, 1, 10, 1000),
               other = open_session(sessions, 2, 10, 1000);
    sessions_end(sessions, 1);
    assert_false(is_there(sessions, &one, 10));
    assert_false(is_there(sessions, &two, 10));
    assert_true(is_there(sessions, &other, 10));
    sessions_destroy(sessions);
}

/* Of one token: the one longest unused gives way, and nobody else's. */
static void test_too_many_of_one(void **state)
{
    (void)state;
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key other = open_session(sessions, 2, 5, 100000),
               first = open_session(sessions, 1, 10, 100000),
               second = open_session(sessions, 1, 11, 100000);
    for (unsigned i = 2; i < SESSIONS_OF_TOKEN_MAX; i++)
        open_session(sessions, 1, 12, 100000);
    assert_true(is_there(sessions, &first, 13));
    open_session(sessions, 1, 14, 100000);
    assert_true(is_there(sessions, &first, 14));
    assert_false(is_there(sessions, &second, 14));
    assert_true(is_there(sessions, &other, 14));
    assert_int_equal(sessions_count(sessions, 1, 14), SESSIONS_OF_TOKEN_MAX);
    sessions_destroy(sessions);
}

static void test_too_many_of_all(void **state)
{
    (void)state;
    enum { TOKENS = CAPACITY / 64 };
    struct sessions *sessions = sessions_create(CAPACITY);
    struct key oldest = open_session(sessions, 1, 10, 100000), newest;
    uint32_t count = 0;
    for (unsigned i = 0; i < CAPACITY; i++)
        newest = open_session(sessions, 1 + i % TOKENS, 11, 100000);
    assert_false(is_there(sessions, &oldest, 11));
    assert_true(is_there(sessions, &newest, 11));
    for (unsigned i = 0; i < TOKENS; i++)
        count += sessions_count(sessions, 1 + i, 11);
    assert_int_equal(count, CAPACITY);
    sessions_destroy(sessions);
}

/* ---- Several threads ---- */

/* Whoever finds a session finds a whole one, of the token that its key was given for. */
static struct sessions *shared;
static struct key known[2]; /* of tokens 1 and 2; the second comes and goes */
static atomic_bool done;
static atomic_uint torn, found_often;

static void *look(void *context)
{
    (void)context;
    struct principal found, first = principal_of(1);
    while (!atomic_load(&done)) {
        if (!find(shared, &known[0], SESSION_KEY, 10, &found) ||
            memcmp(&found, &first, sizeof found) != 0)
            atomic_fetch_add(&torn, 1);
        if (find(shared, &known[1], SESSION_KEY, 10, &found))
            atomic_fetch_add(found.token == 2 && found.salt == 14 ? &found_often : &torn, 1);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 2, TURNS = 60 };
    pthread_t threads[THREADS];
    shared = sessions_create(CAPACITY);
    known[0] = open_session(shared, 1, 10, 1000);
    known[1] = open_session(shared, 2, 10, 1000);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look, NULL), 0);
    while (atomic_load(&found_often) == 0)
        continue;
    for (unsigned i = 0; i < TURNS; i++) { /* its place goes from hand to hand */
        sessions_end(shared, i == 0 ? 2 : 2 + i);
        open_session(shared, 3 + i, 10, 1000);
    }
    atomic_store(&done, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&torn), 0);
    assert_false(is_there(shared, &known[1], 10));
    sessions_destroy(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_over),
        cmocka_unit_test(test_ended),
        cmocka_unit_test(test_too_many_of_one),
        cmocka_unit_test(test_too_many_of_all),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
