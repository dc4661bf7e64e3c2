/*
 * test_client.c - libplacemat against a peer that answers late, twice, badly or not at all.
 */
#include "client/reply.h"
#include "tests/lib/fake_daemon.h"
#include "tests/lib/random.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- A fake daemon and a client of it ---- */

struct pair {
    struct fake_daemon *fake;
    struct pm_client *client;
    struct pm_client_error error;
    struct pm_reply *reply;
};

/* Patient enough for the slowest machine, but quick to send again. */
static const struct pm_client_options usual = {
    .market = "thurrock",
    .actor = {.role = PM_BROKER, .name = {"ann", 3}},
    .client = 4711,
    .first_number = 31,
    .timeout = 20000,
    .resend = 100,
};

static void open_pair(struct pair *pair, const struct fake_step *steps, size_t count,
                      unsigned delay, struct pm_client_options options)
{
    *pair = (struct pair){.fake = fake_daemon_start(steps, count, delay)};
    options.url = fake_daemon_url(pair->fake);
    assert_int_equal(pm_client_open(&options, &pair->client, &pair->error), PM_CALL_DONE);
}

/* The client goes first, while its peer is there. */
static void stop_pair(struct pair *pair)
{
    pm_client_close(pair->client);
    pair->client = NULL;
    fake_daemon_stop(pair->fake);
}

static void free_pair(struct pair *pair)
{
    pm_reply_free(pair->reply);
    fake_daemon_free(pair->fake);
}

static struct pm_command withdraw_command(const char *reference)
{
    struct pm_command command = {.verb = PM_PACKAGE_WITHDRAW};
    command.id.reference = pm_text(reference);
    return command;
}

static enum pm_client_outcome call(struct pair *pair)
{
    const struct pm_command commands[] = {withdraw_command("X1"), withdraw_command("X2")};
    return pm_client_call(pair->client, commands, COUNT(commands), &pair->reply, &pair->error);
}

/* Every request that arrived is the first one over again, and carries the numbers it should. */
static void check_same_requests(const struct pair *pair, size_t least)
{
    size_t size;
    size_t first_size;
    const uint8_t *first = fake_daemon_request(pair->fake, 0, &first_size);
    struct wire_request decoded = fake_daemon_decoded(pair->fake, 0);
    assert_int_equal(decoded.client, 4711);
    assert_int_equal(decoded.first_number, 31);
    assert_int_equal(decoded.count, 2);
    assert_true(fake_daemon_requests(pair->fake) >= least);
    for (size_t at = 1; at < fake_daemon_requests(pair->fake); at++) {
        const uint8_t *bytes = fake_daemon_request(pair->fake, at, &size);
        assert_int_equal(size, first_size);
        assert_memory_equal(bytes, first, size);
    }
}

/* ---- Calls that end well ---- */

static void test_answer(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 900}};
    struct pair pair;
    size_t size;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(pm_client_next_number(pair.client), 31);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_client_next_number(pair.client), 33);
    assert_int_equal(pm_reply_status(pair.reply), PM_OK);
    assert_string_equal(pm_reply_detail(pair.reply), "");
    assert_int_equal(pm_reply_sequence(pair.reply), 77);
    assert_int_equal(pm_reply_count(pair.reply), 2);
    assert_int_equal(pm_reply_result(pair.reply, 0).id, 900);
    assert_int_equal(pm_reply_result(pair.reply, 1).id, 901);
    assert_int_equal(pm_reply_result(pair.reply, 1).status, PM_OK);
    assert_null(pm_reply_body(pair.reply, 0, &size));
    stop_pair(&pair);
    check_same_requests(&pair, 1);
    struct wire_request decoded = fake_daemon_decoded(pair.fake, 0);
    assert_int_equal(decoded.command[1].verb, PM_PACKAGE_WITHDRAW);
    assert_true(pm_text_equal(decoded.command[1].id.reference, pm_text("X2")));
    assert_true(pm_text_equal(decoded.actor.name, pm_text("ann")));
    assert_true(pm_text_equal(decoded.market, pm_text("thurrock")));
    free_pair(&pair);
}

/* Scripts after which the client has its answer in the end, by sending the same again. */
static void test_mended(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct fake_step steps[4];
        size_t count, requests;
        unsigned delay;
    } cases[] = {
        {"late",
         {{.act = FAKE_LATE, .id = 5, .ms = 400}, {.act = FAKE_ANSWER, .id = 900}},
         2,
         2,
         0},
        {"silent", {{.act = FAKE_SILENT}, {.act = FAKE_ANSWER, .id = 900}}, 2, 2, 0},
        {"dropped",
         {{.act = FAKE_DROP}, {.act = FAKE_DROP}, {.act = FAKE_ANSWER, .id = 900}},
         3,
         3,
         0},
        {"empty", {{.act = FAKE_EMPTY}, {.act = FAKE_ANSWER, .id = 900}}, 2, 2, 0},
        {"busy",
         {{.act = FAKE_REFUSE, .status = PM_BUSY},
          {.act = FAKE_REFUSE, .status = PM_BUSY},
          {.act = FAKE_ANSWER, .id = 900}},
         3,
         3,
         0},
        {"stopping",
         {{.act = FAKE_REFUSE, .status = PM_STOPPING}, {.act = FAKE_ANSWER, .id = 900}},
         2,
         2,
         0},
        {"not there yet", {{.act = FAKE_ANSWER, .id = 900}}, 1, 1, 250}, /* between two resends */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pair;
        print_message("case: %s\n", cases[i].name);
        open_pair(&pair, cases[i].steps, cases[i].count, cases[i].delay, usual);
        assert_int_equal(call(&pair), PM_CALL_DONE);
        assert_int_equal(pm_reply_status(pair.reply), PM_OK);
        assert_int_equal(pm_reply_result(pair.reply, 0).id, 900);
        stop_pair(&pair);
        check_same_requests(&pair, cases[i].requests);
        free_pair(&pair);
    }
}

/* Told when to come back, it does not come sooner, and sends the same. */
static void test_comes_back_when_told(void **state)
{
    (void)state;
    enum { AFTER = 300 };
    const struct fake_step steps[] = {{.act = FAKE_REFUSE, .status = PM_BUSY, .after = AFTER},
                                      {.act = FAKE_ANSWER, .id = 900}};
    struct timespec before, now;
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_int_equal(pm_reply_result(pair.reply, 0).id, 900);
    assert_true((now.tv_sec - before.tv_sec) * 1000 + (now.tv_nsec - before.tv_nsec) / 1000000 >=
                AFTER - 1);
    stop_pair(&pair);
    check_same_requests(&pair, 2);
    free_pair(&pair);
}

/* A second answer to the first call is not taken for the second call's. */
static void test_answered_twice(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_TWICE, .id = 100},
                                      {.act = FAKE_ANSWER, .id = 200}};
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_result(pair.reply, 0).id, 100);
    pm_reply_free(pair.reply);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_result(pair.reply, 0).id, 200);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_decoded(pair.fake, 1).first_number, 33);
    free_pair(&pair);
}

/* A watch may be held as long as it asked to be: it is not sent again meanwhile. */
static void test_watch_is_waited_for(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_LATE, .id = 1, .ms = 400}};
    const struct pm_command command = {.verb = PM_WATCH, .watch = {.wait = 30000}};
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(pm_client_call(pair.client, &command, 1, &pair.reply, &pair.error),
                     PM_CALL_DONE);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_requests(pair.fake), 1);
    free_pair(&pair);
}

/* ---- Calls that end otherwise ---- */

static void test_refused_whole(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_REFUSE, .status = PM_MALFORMED}};
    struct pair pair;
    size_t size;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_status(pair.reply), PM_MALFORMED);
    assert_string_equal(pm_reply_detail(pair.reply), "said the fake");
    assert_int_equal(pm_reply_count(pair.reply), 0);
    assert_int_equal(pm_reply_result(pair.reply, 0).status, PM_MALFORMED);
    assert_null(pm_reply_body(pair.reply, 0, &size));
    assert_null(pm_reply_json(pair.reply, 0));
    stop_pair(&pair);
    free_pair(&pair);
}

/* Scripts that last beyond the timeout. `outcome` is what is then known. */
static void test_time_is_over(void **state)
{
    (void)state;
    static const struct {
        struct fake_step steps[2];
        size_t count;
        enum pm_client_outcome outcome;
        const char *says;
    } cases[] = {
        {{{.act = FAKE_REFUSE, .status = PM_BUSY}}, 1, PM_CALL_DONE, NULL},
        {{{.act = FAKE_SILENT}}, 1, PM_CALL_UNREACHABLE, "may have been done"},
        {{{.act = FAKE_DROP}, {.act = FAKE_REFUSE, .status = PM_BUSY}},
         2,
         PM_CALL_UNREACHABLE,
         "may have been done"},
    };
    struct pm_client_options hasty = usual;
    hasty.timeout = 500;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pair;
        open_pair(&pair, cases[i].steps, cases[i].count, 0, hasty);
        assert_int_equal(call(&pair), cases[i].outcome);
        if (cases[i].says != NULL) {
            assert_null(pair.reply);
            assert_non_null(strstr(pair.error.text, cases[i].says));
        } else {
            assert_int_equal(pm_reply_status(pair.reply), PM_BUSY);
        }
        stop_pair(&pair);
        check_same_requests(&pair, 1);
        free_pair(&pair);
    }
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct pm_client_options options = usual;
    struct pair pair = {0};
    options.url = "ipc:///tmp/placemat-nobody-listens-here.ipc";
    options.timeout = 100;
    assert_int_equal(pm_client_open(&options, &pair.client, &pair.error), PM_CALL_DONE);
    assert_int_equal(call(&pair), PM_CALL_UNREACHABLE);
    assert_null(pair.reply);
    assert_non_null(strstr(pair.error.text, "is placematd running there"));
    pm_client_close(pair.client);
}

/* A socket in a directory that is closed to us, as root too closes it to itself. */
static void test_forbidden_socket(void **state)
{
    (void)state;
    char directory[] = "/tmp/placemat-closed-XXXXXX", url[64];
    struct pm_client_options options = usual;
    struct pair pair = {0};
    const uid_t self = geteuid(), nobody = 65534;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0), 0);
    snprintf(url, sizeof url, "ipc://%s/socket", directory);
    options.url = url;
    options.timeout = 100;
    if (self == 0 && seteuid(nobody) != 0) { /* where root is the only user there is */
        rmdir(directory);
        skip();
    }
    enum pm_client_outcome opened = pm_client_open(&options, &pair.client, &pair.error);
    enum pm_client_outcome called = opened == PM_CALL_DONE ? call(&pair) : opened;
    assert_int_equal(self == 0 ? seteuid(self) : 0, 0);
    rmdir(directory);
    assert_int_equal(called, PM_CALL_UNREACHABLE);
    assert_non_null(strstr(pair.error.text, "This account may not use"));
    pm_client_close(pair.client);
}

/* The daemon may take long over one, but has to be there. */
static void test_nobody_there_for_what_takes_long(void **state)
{
    (void)state;
    static const struct pm_command commands[] = {
        {.verb = PM_WATCH, .watch = {.cursor = 1, .wait = 60000}}, {.verb = PM_ROUND_TRY}};
    for (size_t i = 0; i < COUNT(commands); i++) {
        struct pm_client_options options = usual;
        struct pair pair = {0};
        options.url = "ipc:///tmp/placemat-nobody-listens-here.ipc";
        options.timeout = 100;
        assert_int_equal(pm_client_open(&options, &pair.client, &pair.error), PM_CALL_DONE);
        assert_int_equal(pm_client_call(pair.client, &commands[i], 1, &pair.reply, &pair.error),
                         PM_CALL_UNREACHABLE);
        assert_non_null(strstr(pair.error.text, "within 100 ms"));
        pm_client_close(pair.client);
    }
}

/* A watch of so many ms, which each time comes to `act`, is given up by a client that waits for
 * 500; what is said of it then. */
static void expect_watch_given_up(enum fake_act act, uint32_t wait, const char *says)
{
    const struct fake_step steps[] = {{.act = act}};
    const struct pm_command command = {.verb = PM_WATCH, .watch = {.wait = wait}};
    struct pm_client_options hasty = usual;
    hasty.timeout = 500;
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, hasty);
    assert_int_equal(pm_client_call(pair.client, &command, 1, &pair.reply, &pair.error),
                     PM_CALL_UNREACHABLE);
    assert_non_null(strstr(pair.error.text, says));
    stop_pair(&pair);
    free_pair(&pair);
}

/* What may be held for ten minutes is given up once the daemon has gone from it for as long as the
 * client waits: or this would take those ten minutes. */
static void test_gone_from_a_watch(void **state)
{
    (void)state;
    expect_watch_given_up(FAKE_DROP, 600000, "may have been done");
}

/* Who takes a watch and says nothing when it is over holds it once, not with each attempt. */
static void test_held_once(void **state)
{
    (void)state;
    expect_watch_given_up(FAKE_SILENT, 300, "within 800 ms");
}

/* Bytes and how many, the literal's own end left out. */
#define RAW(bytes, says)               \
    {                                  \
        bytes, sizeof(bytes) - 1, says \
    }

/* Replies that are none: the call ends at once, and can be taken up again under the same numbers.
 */
static void test_no_reply_of_ours(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        size_t size;
        const char *says;
    } cases[] = {
        RAW("HTTP/1.1 200 OK\r\n\r\n", "not Placemat's protocol"),
        RAW("\x84\x02\x00\x00\x80", "another version"),
        RAW("\x83\x01\x00\x00", "not Placemat's protocol"),
        RAW("\x84\x01\x00\x00", "not Placemat's protocol"),
        RAW("\x84\x01\x20\x00\x80", "head is malformed"),
        RAW("\x84\x01\x00\x00\x81\x81\x00", "not of this request"),
        RAW("\x84\x01\x00\x00\x82\x81\x00\x81\x00\x00", "malformed"),
        RAW("\x84\x01\x00\x00\x82\x81\x00\x80", "malformed"),
        RAW("\x84\x01\x00\x00\x82\x81\x00\x82\x00\xa1\x01", "malformed"),
        RAW("\x84\x01\x00\x02\x00", "malformed"),
        RAW("\x84\x01\x00\x1a\x7f\xff\xff\xff\x60", "head is malformed"),
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {
            {.act = FAKE_RAW, .raw = cases[i].raw, .raw_size = cases[i].size},
            {.act = FAKE_ANSWER, .id = 900}};
        struct pair pair;
        open_pair(&pair, steps, COUNT(steps), 0, usual);
        assert_int_equal(call(&pair), PM_CALL_UNREACHABLE);
        assert_null(pair.reply);
        if (strstr(pair.error.text, cases[i].says) == NULL)
            fail_msg("case %zu: \"%s\"", i, pair.error.text);
        assert_int_equal(pm_client_resend(pair.client, &pair.reply, &pair.error), PM_CALL_DONE);
        assert_int_equal(pm_reply_result(pair.reply, 1).id, 901);
        stop_pair(&pair);
        check_same_requests(&pair, 2);
        free_pair(&pair);
    }
}

/* ---- What cannot be sent ---- */

static void test_options_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *market;
    } cases[] = {
        {NULL, "m"},
        {"ipc:///tmp/x", NULL},
        {"nonsense", "m"},
        {"gopher://x", "m"},
        {"ipc://", "m"},
        {"ipc:///a path that is by some bytes longer than the address of a socket has room for, "
         "which is one "
         "hundred"
         " and seven bytes",
         "m"},
        {"tcp://127.0.0.1", "m"},
        {"tcp://:7001", "m"},
        {"tcp://127.0.0.1:http", "m"},
        {"tls+tcp://127.0.0.1:", "m"},
        {"ipc:///tmp/x", "a name that is longer than names may be"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pm_client *client;
        struct pm_client_error error = {""};
        struct pm_client_options options = usual;
        options.url = cases[i].url;
        options.market = cases[i].market;
        assert_int_equal(pm_client_open(&options, &client, &error), PM_CALL_INVALID);
        assert_null(client);
        assert_true(error.text[0] != '\0');
    }
}

static void test_calls_refused(void **state)
{
    (void)state;
    static struct pm_command many[PM_COMMANDS_MAX + 1];
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(pm_client_resend(pair.client, &pair.reply, &pair.error), PM_CALL_INVALID);
    assert_int_equal(pm_client_call(pair.client, many, 0, &pair.reply, &pair.error),
                     PM_CALL_INVALID);
    assert_int_equal(pm_client_call(pair.client, many, COUNT(many), &pair.reply, &pair.error),
                     PM_CALL_INVALID);
    assert_non_null(strstr(pair.error.text, "1001"));
    const struct pm_actor actor = {.role = PM_BROKER,
                                   .name = pm_text("somebody of a name beyond all bounds")};
    pm_client_act_as(pair.client, actor);
    assert_int_equal(call(&pair), PM_CALL_INVALID);
    assert_int_equal(pm_client_next_number(pair.client), 31);
    pm_client_act_as(pair.client, usual.actor);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_requests(pair.fake), 1); /* nothing of what was refused */
    free_pair(&pair);
}

/* Each client without an id has one of its own. */
static void test_random_ids(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    struct pm_client_options options = usual;
    struct pair pair;
    uint64_t ids[2];
    options.client = 0;
    options.first_number = 0;
    for (size_t i = 0; i < 2; i++) {
        open_pair(&pair, steps, COUNT(steps), 0, options);
        assert_int_equal(call(&pair), PM_CALL_DONE);
        stop_pair(&pair);
        ids[i] = fake_daemon_decoded(pair.fake, 0).client;
        assert_int_equal(fake_daemon_decoded(pair.fake, 0).first_number, 1);
        free_pair(&pair);
    }
    assert_true(ids[0] != 0 && ids[1] != 0 && ids[0] != ids[1]);
    assert_true(ids[0] <= INT64_MAX && ids[1] <= INT64_MAX);
}

/* A market of many records is larger than the first buffer. */
static void test_large_request(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 1}};
    static struct pm_command commands[PM_COMMANDS_MAX];
    struct pair pair;
    for (size_t i = 0; i < COUNT(commands); i++)
        commands[i] = withdraw_command("a reference of thirty-one bytes");
    open_pair(&pair, steps, COUNT(steps), 0, usual);
    assert_int_equal(
        pm_client_call(pair.client, commands, COUNT(commands), &pair.reply, &pair.error),
        PM_CALL_DONE);
    assert_int_equal(pm_reply_count(pair.reply), PM_COMMANDS_MAX);
    assert_int_equal(pm_reply_result(pair.reply, PM_COMMANDS_MAX - 1).id, PM_COMMANDS_MAX);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_decoded(pair.fake, 0).count, PM_COMMANDS_MAX);
    free_pair(&pair);
}

/* ---- JSON ---- */

static void write_body(struct wire_writer *out)
{
    static const uint8_t bytes[] = {0x00, 0xff, 0x1a};
    wire_open_map(out);
    wire_key(out, KEY_REFERENCE);
    wire_string(out, "X\"1");
    wire_key(out, KEY_DEADLINE);
    wire_int(out, 1735052640000);
    wire_key(out, KEY_FREE);
    wire_int(out, -60);
    wire_key(out, KEY_DIGEST);
    wire_bytes(out, bytes, sizeof bytes);
    wire_key(out, KEY_NEEDS);
    wire_open_array(out);
    wire_string(out, "peg");
    wire_bool(out, true);
    wire_array(out, 0);
    wire_break(out);
    wire_uint(out, 99999);
    wire_uint(out, UINT64_MAX);
    wire_string(out, "own key");
    wire_map(out, 0);
    wire_break(out);
}

static void check_json(struct pair *pair, const char *expected)
{
    char *json = pm_reply_json(pair->reply, 0);
    assert_non_null(json);
    assert_string_equal(json, expected);
    free(json);
}

static void test_json(void **state)
{
    (void)state;
    static const struct {
        struct fake_step step;
        const char *json;
    } cases[] = {
        {{.act = FAKE_ANSWER, .body = write_body},
         "{\"reference\":\"X\\\"1\",\"deadline\":1735052640000,\"free\":-60,\"digest\":\"00ff1a\","
         "\"needs\":[\"peg\",true,[]],\"99999\":\"18446744073709551615\",\"own key\":{}}"},
        {{.act = FAKE_ANSWER, .id = 12}, "{\"status\":\"ok\",\"id\":12}"},
        {{.act = FAKE_RESULT, .status = PM_OFFER_EXPIRED},
         "{\"status\":\"offer_expired\",\"sentence\":\"The answer came after the offer's "
         "deadline.\"}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pair;
        open_pair(&pair, &cases[i].step, 1, 0, usual);
        assert_int_equal(call(&pair), PM_CALL_DONE);
        check_json(&pair, cases[i].json);
        stop_pair(&pair);
        free_pair(&pair);
    }
}

/* ---- Logging in ---- */

static void write_session(struct wire_writer *out, const char *key)
{
    wire_open_map(out);
    wire_key(out, KEY_ROLE);
    wire_string(out, "broker");
    wire_key(out, KEY_SESSION);
    wire_bytes(out, key, strlen(key));
    wire_break(out);
}

static void first_session(struct wire_writer *out)
{
    write_session(out, "first");
}

static void second_session(struct wire_writer *out)
{
    write_session(out, "second");
}

static void no_session(struct wire_writer *out)
{
    wire_map(out, 0);
}

static struct pm_client_options with_token(void)
{
    struct pm_client_options options = usual;
    options.token = "pmt_invented";
    return options;
}

/* What came: hello, or a request in the session of that name under its number. */
static void check_request(struct pair *pair, size_t at, const char *session, uint64_t number)
{
    struct wire_request request = fake_daemon_decoded(pair->fake, at);
    assert_int_equal(request.actor.role, 0);
    assert_true(pm_text_equal(request.session, pm_text(session)));
    if (session[0] == '\0') {
        assert_int_equal(request.command->verb, PM_HELLO);
        assert_true(pm_text_equal(request.command->hello.token, pm_text("pmt_invented")));
        return;
    }
    assert_int_equal(request.command->verb, PM_PACKAGE_WITHDRAW);
    assert_int_equal(request.first_number, number);
    assert_int_equal(request.client, 4711);
}

/* The daemon forgets the session, as by a restart: the same is asked again in a new one. */
static void test_logs_in_again(void **state)
{
    (void)state;
    const struct fake_step steps[] = {
        {.act = FAKE_ANSWER, .body = first_session},
        {.act = FAKE_ANSWER, .id = 900},
        {.act = FAKE_REFUSE, .status = PM_UNAUTHENTICATED},
        {.act = FAKE_SILENT},
        {.act = FAKE_REFUSE, .status = PM_LOGIN_PAUSED},
        {.act = FAKE_ANSWER, .body = second_session},
        {.act = FAKE_ANSWER, .id = 902},
    };
    static const char *const sessions[] = {"", "first", "first", "", "", "", "second"};
    struct pair pair;
    open_pair(&pair, steps, COUNT(steps), 0, with_token());
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_result(pair.reply, 1).id, 901);
    pm_reply_free(pair.reply);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_result(pair.reply, 0).id, 902);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_requests(pair.fake), COUNT(steps));
    for (size_t at = 0; at < COUNT(steps); at++)
        check_request(&pair, at, sessions[at], at < 2 ? 31 : 33);
    free_pair(&pair);
}

/* A token that is none is told of at once; a peer that is no daemon is unreachable. */
static void test_login_refused(void **state)
{
    (void)state;
    const struct fake_step refuses = {.act = FAKE_REFUSE, .status = PM_UNAUTHENTICATED};
    const struct fake_step senseless = {.act = FAKE_ANSWER, .body = no_session};
    struct pair pair;
    open_pair(&pair, &refuses, 1, 0, with_token());
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_status(pair.reply), PM_UNAUTHENTICATED);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_requests(pair.fake), 1);
    free_pair(&pair);
    open_pair(&pair, &senseless, 1, 0, with_token());
    assert_int_equal(call(&pair), PM_CALL_UNREACHABLE);
    stop_pair(&pair);
    free_pair(&pair);
}

/* Without a token there is no session that could be over. */
static void test_stated_and_refused(void **state)
{
    (void)state;
    const struct fake_step refuses = {.act = FAKE_REFUSE, .status = PM_UNAUTHENTICATED};
    struct pair pair;
    open_pair(&pair, &refuses, 1, 0, usual);
    assert_int_equal(call(&pair), PM_CALL_DONE);
    assert_int_equal(pm_reply_status(pair.reply), PM_UNAUTHENTICATED);
    stop_pair(&pair);
    assert_int_equal(fake_daemon_requests(pair.fake), 1);
    free_pair(&pair);
}

/* ---- Hostile replies ---- */

/* Reads bytes as a reply; what is taken for one must bear being looked at whole. */
static void read_as_reply(const uint8_t *bytes, size_t size)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    enum pm_client_outcome outcome = reply_read(bytes, size, 2, &reply, &error);
    if (outcome == PM_CALL_DONE) {
        for (size_t at = 0; at < pm_reply_count(reply); at++)
            free(pm_reply_json(reply, at));
        pm_reply_free(reply);
    } else {
        assert_int_equal(outcome, PM_CALL_INVALID);
    }
}

static void test_mutated_replies(void **state)
{
    (void)state;
    const uint64_t seed = 20241224;
    struct random random = {.state = seed};
    uint8_t whole[512];
    uint8_t bytes[512];
    struct wire_writer writer = {.bytes = whole, .size = sizeof whole};
    wire_reply_begin(&writer, 5, 2);
    wire_array(&writer, 2);
    wire_uint(&writer, PM_OK);
    write_body(&writer);
    wire_reply_result(&writer, (struct pm_result){.status = PM_OK, .id = 3});
    assert_true(writer.used > 0 && !writer.overflow);
    for (size_t size = 0; size <= writer.used; size++)
        read_as_reply(whole, size);
    print_message("seed: %" PRIu64 "\n", seed);
    for (unsigned round = 0; round < 20000; round++) {
        memcpy(bytes, whole, writer.used);
        for (unsigned changes = 1 + random_below(&random, 4); changes > 0; changes--)
            bytes[random_below(&random, (uint32_t)writer.used)] = (uint8_t)random_next(&random);
        read_as_reply(bytes, writer.used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_mended),
        cmocka_unit_test(test_answered_twice),
        cmocka_unit_test(test_watch_is_waited_for),
        cmocka_unit_test(test_refused_whole),
        cmocka_unit_test(test_time_is_over),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_forbidden_socket),
        cmocka_unit_test(test_nobody_there_for_what_takes_long),
        cmocka_unit_test(test_gone_from_a_watch),
        cmocka_unit_test(test_held_once),
        cmocka_unit_test(test_no_reply_of_ours),
        cmocka_unit_test(test_options_refused),
        cmocka_unit_test(test_calls_refused),
        cmocka_unit_test(test_random_ids),
        cmocka_unit_test(test_large_request),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_logs_in_again),
        cmocka_unit_test(test_login_refused),
        cmocka_unit_test(test_stated_and_refused),
        cmocka_unit_test(test_mutated_replies),
        cmocka_unit_test(test_comes_back_when_told),
    };
    return cmocka_run_group_tests_name("client", tests, NULL, fake_daemon_end_all);
}
