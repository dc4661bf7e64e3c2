/*
 * test_watch.c: events kept, cursors, who is told what, and when a watch is answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/watch.h"
#include "tests/lib/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 1 << 16 }; /* kept */

enum { MS = 1000000, ANSWERS_MAX = 256 };

/* What was answered: a copy of each reply. */
static struct {
    uint8_t bytes[1 << 19];
    size_t size;
    uint32_t connection;
} answered[ANSWERS_MAX];
static size_t answers;

static void keep_answer(void *context, nng_msg *message, uint32_t from)
{
    assert_null(context);
    assert_true(answers < ANSWERS_MAX && nng_msg_len(message) <= sizeof answered[0].bytes);
    memcpy(answered[answers].bytes, nng_msg_body(message), nng_msg_len(message));
    answered[answers].size = nng_msg_len(message);
    answered[answers++].connection = from;
    nng_msg_free(message);
}

static struct watch *make_watch(uint64_t floor)
{
    answers = 0;
    struct watch *watch = watch_create(EVENTS, floor, keep_answer, NULL, NULL);
    assert_non_null(watch);
    return watch;
}

/* The reply's one result: its status, and its body in *body. */
static unsigned result_of(size_t at, struct look *body)
{
    struct look reply = {answered[at].bytes, answered[at].size};
    assert_true(at < answers && look_is_whole(reply));
    assert_int_equal(look_number(reply, "2"), PM_OK);
    assert_int_equal(look_count(reply, "3"), 1);
    unsigned status = (unsigned)look_number(reply, "3/0/0");
    if (status == PM_OK) { /* the body is the last item of the reply */
        struct wire_reader reader = {.bytes = reply.bytes, .size = reply.size};
        struct wire_item item;
        for (int i = 0; i < 4; i++) /* array, version, sequence, status */
            assert_true(wire_next(&reader, &item));
        for (int i = 0; i < 3; i++) /* results, the result, its status */
            assert_true(wire_next(&reader, &item));
        *body = (struct look){reader.bytes + reader.at, reader.size - reader.at};
    }
    return status;
}

static uint64_t cursor_of(size_t at)
{
    struct look body = {0};
    assert_int_equal(result_of(at, &body), PM_OK);
    return (uint64_t)look_number(body, "cursor");
}

static size_t events_of(size_t at)
{
    struct look body = {0};
    assert_int_equal(result_of(at, &body), PM_OK);
    return look_count(body, "events");
}

/* Asks as `role` and `name`; the answer, if it comes at once, is the next. */
static void ask(struct watch *watch, uint32_t connection, enum pm_role role, const char *name,
                struct pm_watch asked, uint64_t now_ns)
{
    struct pm_command command = {.verb = PM_WATCH, .watch = asked};
    struct request request = {.from = connection};
    request.wire = (struct wire_request){.actor = {.role = (uint8_t)role, .name = pm_text(name)},
                                         .market = pm_text("little"),
                                         .count = 1,
                                         .command = &command};
    assert_int_equal(nng_msg_alloc(&request.message, 10), 0);
    watch_request(watch, &request, now_ns);
    assert_null(request.message);
}

static void set(struct pm_name *name, const char *text)
{
    snprintf(name->text, sizeof name->text, "%s", text);
}

static struct pm_event_record event(uint64_t sequence, uint32_t position, const char *provider,
                                    const char *referrer)
{
    struct pm_event_record record = {
        .sequence = sequence, .position = position, .kind = PM_EVENT_OFFER_MADE};
    set(&record.market, "little");
    set(&record.provider, provider);
    set(&record.referrer, referrer);
    return record;
}

static void tell(struct watch *watch, uint64_t sequence, const char *provider, const char *referrer)
{
    struct pm_event_record record = event(sequence, 0, provider, referrer);
    watch_tell(watch, &record, 1, sequence);
}

static void test_from_now(void **state)
{
    (void)state;
    struct watch *watch = make_watch(7);
    ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.wait = 1000}, 0);
    assert_int_equal(answers, 1);
    assert_int_equal(events_of(0), 0);
    assert_int_equal(cursor_of(0), 7 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1);
    assert_int_equal(watch_parked(watch), 0);
    watch_destroy(watch);
}

static void test_events_after_a_cursor(void **state)
{
    (void)state;
    struct watch *watch = make_watch(7);
    struct pm_event_record records[3] = {event(8, 0, "", ""), event(8, 1, "", ""),
                                         event(10, 0, "", "")};
    watch_tell(watch, records, 3, 11);
    static const struct {
        uint64_t cursor;
        uint32_t limit;
        size_t events;
        uint64_t next;
    } tries[] = {
        {8 * PM_EVENTS_MAX - 1, 0, 3, 11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1},
        {8 * PM_EVENTS_MAX - 1, 2, 2, 8 * PM_EVENTS_MAX + 1},
        {8 * PM_EVENTS_MAX, 0, 2, 11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1},
        {8 * PM_EVENTS_MAX + 1, 1, 1, 11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1},
        {10 * PM_EVENTS_MAX, 0, 0, 11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1},
        {11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1, 0, 0, 11 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        ask(watch, 1, PM_OPERATOR, "o",
            (struct pm_watch){.cursor = tries[i].cursor, .limit = tries[i].limit}, 0);
        assert_int_equal(answers, i + 1);
        assert_int_equal(events_of(i), tries[i].events);
        assert_int_equal(cursor_of(i), tries[i].next);
    }
    watch_destroy(watch);
}

static void test_resync(void **state)
{
    (void)state;
    struct watch *watch = make_watch(7);
    struct look body;
    static const uint64_t gone[] = {1, 7 * PM_EVENTS_MAX, 7 * PM_EVENTS_MAX + PM_EVENTS_MAX - 2,
                                    8 * PM_EVENTS_MAX, UINT64_MAX};
    for (size_t i = 0; i < 5; i++) {
        ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = gone[i], .wait = 1000}, 0);
        assert_int_equal(answers, i + 1);
        assert_int_equal(result_of(i, &body), PM_RESYNC);
    }
    watch_destroy(watch);
}

/* Once the ring is full each event pushes the oldest out. */
static void test_oldest_are_dropped(void **state)
{
    (void)state;
    struct watch *watch = make_watch(0);
    struct look body;
    for (uint64_t sequence = 1; sequence <= EVENTS + 2; sequence++)
        tell(watch, sequence, "", "");
    ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = 2 * PM_EVENTS_MAX - 1}, 0);
    assert_int_equal(result_of(0, &body), PM_RESYNC);
    ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = 2 * PM_EVENTS_MAX, .limit = 5}, 0);
    assert_int_equal(events_of(1), 5);
    assert_int_equal(cursor_of(1), 7 * PM_EVENTS_MAX);
    watch_destroy(watch);
}

static void test_who_sees_what(void **state)
{
    (void)state;
    static const struct {
        enum pm_role role;
        const char *name;
        size_t events;
    } who[] = {{PM_BROKER, "x", 4},       {PM_COMMISSIONER, "x", 4}, {PM_OPERATOR, "x", 4},
               {PM_PROVIDER, "amber", 2}, {PM_PROVIDER, "beryl", 1}, {PM_PROVIDER, "ward", 0},
               {PM_HOSPITAL, "ward", 2},  {PM_HOSPITAL, "amber", 0}};
    struct watch *watch = make_watch(1);
    tell(watch, 2, "amber", "ward");
    tell(watch, 3, "amber", "other");
    tell(watch, 4, "beryl", "ward");
    tell(watch, 5, "", "");
    struct pm_event_record elsewhere = event(6, 0, "amber", "ward");
    set(&elsewhere.market, "another");
    watch_tell(watch, &elsewhere, 1, 6);
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        ask(watch, 1, who[i].role, who[i].name,
            (struct pm_watch){.cursor = 1 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1}, 0);
        assert_int_equal(events_of(i), who[i].events);
    }
    watch_destroy(watch);
}

/* Parked watchers are woken by what they see, and by nothing else. */
static void test_woken(void **state)
{
    (void)state;
    struct watch *watch = make_watch(1);
    struct pm_watch wait = {.cursor = 1 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1, .wait = 1000};
    ask(watch, 1, PM_BROKER, "b", wait, 0);
    ask(watch, 2, PM_PROVIDER, "amber", wait, 0);
    ask(watch, 3, PM_PROVIDER, "beryl", wait, 0);
    ask(watch, 4, PM_HOSPITAL, "ward", wait, 0);
    ask(watch, 5, PM_PROVIDER, "amber", wait, 0);
    assert_int_equal(watch_parked(watch), 5);
    assert_int_equal(answers, 0);
    tell(watch, 2, "amber", "other");
    assert_int_equal(answers, 3);
    uint32_t woken = 0;
    for (size_t i = 0; i < answers; i++) {
        woken |= 1u << answered[i].connection;
        assert_int_equal(events_of(i), 1);
        assert_int_equal(cursor_of(i), 2 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1);
    }
    assert_int_equal(woken, 1u << 1 | 1u << 2 | 1u << 5);
    tell(watch, 3, "", "ward");
    assert_int_equal(answers, 4);
    assert_int_equal(answered[3].connection, 4);
    assert_int_equal(watch_parked(watch), 1);
    watch_release_all(watch);
    assert_int_equal(answers, 5);
    assert_int_equal(answered[4].connection, 3);
    assert_int_equal(events_of(4), 0);
    watch_destroy(watch);
}

/* All events of a batch reach a watcher in one answer, as many as it asked for. */
static void test_woken_once_a_batch(void **state)
{
    (void)state;
    struct watch *watch = make_watch(1);
    struct pm_event_record records[4] = {event(2, 0, "beryl", ""), event(2, 1, "amber", ""),
                                         event(3, 0, "amber", ""), event(4, 0, "amber", "")};
    ask(watch, 1, PM_PROVIDER, "amber",
        (struct pm_watch){.cursor = 1 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1, .wait = 9, .limit = 2},
        0);
    watch_tell(watch, records, 4, 4);
    assert_int_equal(answers, 1);
    assert_int_equal(events_of(0), 2);
    assert_int_equal(cursor_of(0), 3 * PM_EVENTS_MAX);
    ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = 3 * PM_EVENTS_MAX, .wait = 9},
        0);
    assert_int_equal(events_of(1), 1);
    watch_destroy(watch);
}

/* The events of the answer, one field of each. */
static void expect_each(size_t at, const char *field, const uint64_t *expected, size_t count)
{
    struct look body = {0};
    assert_int_equal(result_of(at, &body), PM_OK);
    assert_int_equal(look_count(body, "events"), count);
    for (size_t i = 0; i < count; i++) {
        char path[64];
        snprintf(path, sizeof path, "events/%zu/%s", i, field);
        assert_int_equal(look_number(body, path), expected[i]);
    }
}

/* Cursors tell a provider nothing of how many were told before it, and lead it on all the same. */
static void test_places_among_ones_own(void **state)
{
    (void)state;
    struct watch *watch = make_watch(1);
    struct pm_event_record records[6] = {event(2, 0, "beryl", ""), event(2, 1, "amber", ""),
                                         event(2, 2, "beryl", ""), event(2, 7, "amber", ""),
                                         event(3, 4, "amber", ""), event(3, 5, "beryl", "")};
    static const uint64_t provider[] = {2 * PM_EVENTS_MAX, 2 * PM_EVENTS_MAX + 1,
                                        3 * PM_EVENTS_MAX},
                          broker[] = {2 * PM_EVENTS_MAX + 1, 2 * PM_EVENTS_MAX + 7,
                                      3 * PM_EVENTS_MAX + 4};
    watch_tell(watch, records, 6, 3);
    ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = 2 * PM_EVENTS_MAX - 1}, 0);
    expect_each(0, "cursor", provider, 3);
    uint64_t cursor = 2 * PM_EVENTS_MAX - 1;
    for (size_t i = 0; i < 3; i++) { /* one at a time */
        ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = cursor, .limit = 1}, 0);
        expect_each(1 + i, "cursor", &provider[i], 1);
        cursor = cursor_of(1 + i);
        assert_int_equal(cursor, provider[i]);
    }
    ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = cursor}, 0);
    assert_int_equal(events_of(4), 0);
    assert_int_equal(cursor_of(4), 4 * PM_EVENTS_MAX - 1);
    ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = 2 * PM_EVENTS_MAX}, 0);
    struct look body = {0};
    assert_int_equal(result_of(5, &body), PM_OK);
    assert_int_equal(look_number(body, "events/0/cursor"), broker[0]);
    assert_int_equal(look_number(body, "events/2/cursor"), broker[1]);
    assert_int_equal(look_number(body, "events/3/cursor"), broker[2]);
    watch_destroy(watch);
}

/* Of a command whose first events are gone, nobody's place among the others is known. */
static void test_places_are_lost_with_the_first(void **state)
{
    (void)state;
    struct watch *watch = make_watch(0);
    struct look body;
    struct pm_event_record records[2] = {event(1, 0, "amber", ""), event(1, 1, "amber", "")};
    watch_tell(watch, records, 2, 1);
    for (uint64_t sequence = 2; sequence <= EVENTS; sequence++)
        tell(watch, sequence, "beryl", "");
    ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = 1 * PM_EVENTS_MAX, .limit = 1}, 0);
    assert_int_equal(cursor_of(0), 1 * PM_EVENTS_MAX + 1);
    ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = 1 * PM_EVENTS_MAX}, 0);
    assert_int_equal(result_of(1, &body), PM_RESYNC);
    ask(watch, 1, PM_PROVIDER, "amber", (struct pm_watch){.cursor = 2 * PM_EVENTS_MAX - 1}, 0);
    assert_int_equal(events_of(2), 0);
    watch_destroy(watch);
}

static void test_waits_end(void **state)
{
    (void)state;
    struct watch *watch = make_watch(1);
    struct pm_watch wait = {.cursor = 1 * PM_EVENTS_MAX + PM_EVENTS_MAX - 1, .wait = 30};
    ask(watch, 1, PM_BROKER, "b", wait, 100 * MS);
    wait.wait = 10;
    ask(watch, 2, PM_BROKER, "b", wait, 100 * MS);
    wait.wait = 3600000; /* a minute at most */
    ask(watch, 3, PM_BROKER, "b", wait, 100 * MS);
    assert_int_equal(watch_expire(watch, 110 * MS - 1), 110 * MS);
    assert_int_equal(answers, 0);
    assert_int_equal(watch_expire(watch, 110 * MS), 130 * MS);
    assert_int_equal(answers, 1);
    assert_int_equal(answered[0].connection, 2);
    assert_int_equal(events_of(0), 0);
    assert_int_equal(watch_expire(watch, 130 * MS), 100 * MS + UINT64_C(60000) * MS);
    assert_int_equal(answered[1].connection, 1);
    assert_true(watch_expire(watch, UINT64_C(70000) * MS) == UINT64_MAX);
    assert_int_equal(answers, 3);
    assert_int_equal(watch_parked(watch), 0);
    watch_destroy(watch);
}

/* However they come and however late one looks: each is answered at the first look after its wait
 * is over, none before, and the next look is said to be due no later, but for a moment. */
static void test_waits_of_many_end(void **state)
{
    (void)state;
    struct watch *watch = make_watch(1);
    uint64_t deadline[200], count = 0, random = 20261126, now = UINT64_C(5000000) * MS;
    for (int step = 0; step < 1000; step++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        uint32_t wait = 1 + (uint32_t)(random >> 40) % (random >> 63 ? 300 : 60000);
        if (count < 200) {
            struct pm_watch asked = {.cursor = 2 * PM_EVENTS_MAX - 1, .wait = wait};
            ask(watch, 1, PM_BROKER, "b", asked, now);
            deadline[count++] = now + (uint64_t)wait * MS;
        }
        /* Mostly a little later; now and then by more than the longest wait. */
        uint64_t on = random >> 32 & 63 ? 20 + (random >> 34) % 2000 : 20 + (random >> 34) % 200000;
        now += on * MS + random % MS;
        uint64_t left = 0, first = UINT64_MAX;
        answers = 0;
        uint64_t due = watch_expire(watch, now);
        for (uint64_t i = 0; i < count; i++) {
            if (deadline[i] <= now)
                continue;
            first = deadline[i] < first ? deadline[i] : first;
            deadline[left++] = deadline[i];
        }
        assert_int_equal(answers, count - left);
        assert_int_equal(watch_parked(watch), left);
        assert_true(due > now && due <= (first < now + 20 * MS ? now + 20 * MS : first));
        count = left;
    }
    watch_destroy(watch);
}

/* Whoever reads on, some at a time, is told each event of its market that is kept, in order,
 * whatever happens in others and however often the ring has gone round. */
static void test_each_market_by_itself(void **state)
{
    (void)state;
    static const char *const market[] = {"little", "other", "third"};
    struct watch *watch = make_watch(1);
    uint64_t mine[3 * EVENTS], count = 0, random = 20261126;
    for (uint64_t sequence = 2; sequence < 2 + 3 * EVENTS; sequence++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        struct pm_event_record record = event(sequence, 0, "", "");
        record.market = (struct pm_name){""};
        set(&record.market, market[(random >> 33) % 3]);
        watch_tell(watch, &record, 1, sequence);
        if (strcmp(record.market.text, "little") == 0)
            mine[count++] = sequence;
    }
    uint64_t first = 2 + 2 * EVENTS, at = 0, cursor = first * PM_EVENTS_MAX - 1;
    while (mine[at] < first)
        at++;
    assert_true(count - at > 1);
    for (uint32_t limit = 1; at < count; limit = limit % 500 + 97) {
        answers = 0;
        ask(watch, 1, PM_BROKER, "b", (struct pm_watch){.cursor = cursor, .limit = limit}, 0);
        struct look body = {0};
        assert_int_equal(result_of(0, &body), PM_OK);
        size_t told = look_count(body, "events");
        assert_int_equal(told, count - at < limit ? count - at : limit);
        for (size_t i = 0; i < told; i++) {
            char path[64];
            snprintf(path, sizeof path, "events/%zu/sequence", i);
            assert_int_equal(look_number(body, path), mine[at++]);
        }
        cursor = cursor_of(0);
    }
    watch_destroy(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_now),
        cmocka_unit_test(test_events_after_a_cursor),
        cmocka_unit_test(test_resync),
        cmocka_unit_test(test_oldest_are_dropped),
        cmocka_unit_test(test_who_sees_what),
        cmocka_unit_test(test_woken),
        cmocka_unit_test(test_woken_once_a_batch),
        cmocka_unit_test(test_places_among_ones_own),
        cmocka_unit_test(test_each_market_by_itself),
        cmocka_unit_test(test_places_are_lost_with_the_first),
        cmocka_unit_test(test_waits_end),
        cmocka_unit_test(test_waits_of_many_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
