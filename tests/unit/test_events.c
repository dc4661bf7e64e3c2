/*
 * test_events.c: the events of a watch's answer, read by the client library without JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/reply.h"
#include "core/event.h"
#include "core/wire.h"
#include "tests/lib/diag.h"

enum { BYTES = 4096 };

static void assert_text(struct pm_text text, const char *want)
{
    assert_true(pm_text_equal(text, pm_text(want)));
}

/* The reply with this as its one query's body. */
static struct pm_reply *reply_with(const uint8_t *body, size_t size)
{
    static uint8_t bytes[BYTES];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    wire_reply_begin(&writer, 7, 1);
    wire_array(&writer, 2);
    wire_uint(&writer, PM_OK);
    wire_raw(&writer, body, size);
    assert_false(writer.overflow);
    assert_int_equal(reply_read(bytes, writer.used, 1, &reply, &error), PM_CALL_DONE);
    return reply;
}

static struct pm_reply *reply_saying(const char *notation)
{
    uint8_t body[BYTES];
    return reply_with(body, diag_encode(notation, body, sizeof body));
}

static const struct pm_event_record made = {.sequence = 12,
                                            .position = 3,
                                            .time = -5,
                                            .kind = PM_EVENT_OFFER_MADE,
                                            .package = 1,
                                            .offer = 2,
                                            .round = 4,
                                            .deadline = INT64_C(1735052640000),
                                            .rate = 2210,
                                            .market = {"thurrock"},
                                            .reference = {"P-1"},
                                            .referrer = {"ward-7"},
                                            .service = {"grays"},
                                            .provider = {"acorn"},
                                            .pool = {"run-1"}};
static const struct pm_event_record declined = {
    .sequence = 13, .kind = PM_EVENT_OFFER_DECLINED, .placement = 9, .code = PM_NO_CAPACITY};

static void assert_made(const struct pm_told_event *told)
{
    assert_text(told->event, "offer_made");
    assert_int_equal(told->sequence, 12);
    assert_int_equal(told->cursor, 12 * PM_EVENTS_MAX + 3);
    assert_int_equal(told->time, -5);
    assert_int_equal(told->deadline, made.deadline);
    assert_int_equal(told->package, 1);
    assert_int_equal(told->offer, 2);
    assert_int_equal(told->placement, 0);
    assert_int_equal(told->round, 4);
    assert_int_equal(told->rate, 2210);
    assert_text(told->market, "thurrock");
    assert_text(told->reference, "P-1");
    assert_text(told->referrer, "ward-7");
    assert_text(told->service, "grays");
    assert_text(told->provider, "acorn");
    assert_text(told->pool, "run-1");
    assert_int_equal(told->code.length, 0);
}

static void events_come_back_the_same(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    struct wire_writer body = {.bytes = bytes, .size = sizeof bytes};
    wire_map(&body, 2);
    wire_key(&body, KEY_CURSOR);
    wire_uint(&body, 99);
    wire_key(&body, KEY_EVENTS);
    wire_array(&body, 2);
    wire_event_encode(&body, &made);
    wire_event_encode(&body, &declined);
    struct pm_reply *reply = reply_with(bytes, body.used);
    struct pm_events events;
    struct pm_told_event told;
    assert_true(pm_events_begin(reply, 0, &events));
    assert_int_equal(events.cursor, 99);
    assert_int_equal(events.left, 2);
    assert_true(pm_events_next(&events, &told));
    assert_made(&told);
    assert_true(pm_events_next(&events, &told));
    assert_text(told.event, "offer_declined");
    assert_text(told.code, pm_decline_code_name(PM_NO_CAPACITY));
    assert_int_equal(told.placement, 9);
    assert_int_equal(told.offer, 0);
    assert_false(pm_events_next(&events, &told));
    assert_false(events.malformed);
    pm_reply_free(reply);
}

/* The keys may come in any order, and others between them; as may those of an event. */
static void what_is_not_known_is_passed_over(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    struct wire_writer body = {.bytes = bytes, .size = sizeof bytes};
    wire_map(&body, 3);
    wire_key(&body, KEY_EVENTS);
    wire_array(&body, 1);
    wire_map(&body, 3);
    wire_uint(&body, 70000);
    wire_array(&body, 1);
    wire_string(&body, "later");
    wire_key(&body, KEY_OFFER);
    wire_uint(&body, 5);
    wire_key(&body, KEY_EVENT);
    wire_string(&body, "offer_lent");
    wire_uint(&body, 70001);
    wire_map(&body, 0);
    wire_key(&body, KEY_CURSOR);
    wire_uint(&body, 8);
    struct pm_reply *reply = reply_with(bytes, body.used);
    struct pm_events events;
    struct pm_told_event told;
    assert_true(pm_events_begin(reply, 0, &events));
    assert_int_equal(events.cursor, 8);
    assert_true(pm_events_next(&events, &told));
    assert_text(told.event, "offer_lent");
    assert_int_equal(told.offer, 5);
    assert_false(pm_events_next(&events, &told));
    assert_false(events.malformed);
    pm_reply_free(reply);
}

/* A body of the two keys and one event with one key. */
static struct pm_reply *one_event(enum wire_key key, bool number)
{
    uint8_t bytes[BYTES];
    struct wire_writer body = {.bytes = bytes, .size = sizeof bytes};
    wire_map(&body, 2);
    wire_key(&body, KEY_CURSOR);
    wire_uint(&body, 8);
    wire_key(&body, KEY_EVENTS);
    wire_array(&body, 1);
    wire_map(&body, 1);
    wire_key(&body, key);
    if (number)
        wire_int(&body, -1);
    else
        wire_string(&body, "text");
    return reply_with(bytes, body.used);
}

static void an_event_of_other_types_is_malformed(void **state)
{
    (void)state;
    static const struct {
        enum wire_key key;
        bool number;
    } cases[] = {{KEY_OFFER, false}, {KEY_OFFER, true}, {KEY_TIME, false}, {KEY_EVENT, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_reply *reply = one_event(cases[i].key, cases[i].number);
        struct pm_events events;
        struct pm_told_event told;
        assert_true(pm_events_begin(reply, 0, &events));
        assert_false(pm_events_next(&events, &told));
        assert_true(events.malformed);
        assert_false(pm_events_next(&events, &told));
        pm_reply_free(reply);
    }
}

static void what_is_no_watchs_answer_is_not_begun(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[]", "{}", "\"text\"", "{1: 2}", "{\"a\": 1}"};
    struct pm_events events;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct pm_reply *reply = reply_saying(bodies[i]);
        assert_false(pm_events_begin(reply, 0, &events));
        assert_false(pm_events_begin(reply, 1, &events));
        pm_reply_free(reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_back_the_same),
        cmocka_unit_test(what_is_not_known_is_passed_over),
        cmocka_unit_test(an_event_of_other_types_is_malformed),
        cmocka_unit_test(what_is_no_watchs_answer_is_not_begun),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
