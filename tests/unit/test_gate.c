/*
 * test_gate.c - the gate by itself: tokens whose last day is over, lists of the longest rows, and
 * who is found to act. What it does behind a daemon's sockets, tests/e2e/e2e_tokens.c has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/clock.h"
#include "daemon/gate.h"
#include "daemon/tokens.h"
#include "tests/lib/look.h"
#include "tests/lib/scratch.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char directory[SCRATCH_PATH], why[256];
static struct wire_error error;

/* The body of what a command is answered with; its status. The body lives until the next. */
static uint16_t ask(struct gate *gate, struct pm_command command, struct look *body)
{
    static uint8_t *bytes;
    struct wire_request request = {
        .actor = {.role = PM_OPERATOR, .name = pm_text("op")}, .count = 1, .command = &command};
    static const struct peer nobody;
    const struct gate_peer peer = {.trusted = true, .peer = &nobody};
    free(bytes);
    bytes = malloc(gate_answer_size());
    struct wire_writer out = {.bytes = bytes, .size = gate_answer_size()};
    error.text[0] = '\0';
    uint16_t status = gate_answer(gate, &peer, &request, &out, &error);
    assert_false(out.overflow);
    if (status == PM_OK) /* after [0, */
        *body = (struct look){bytes + 2, out.used - 2};
    return status;
}

static struct gate *open_gate(const char *where)
{
    struct gate *gate =
        gate_open(&(struct gate_options){.directory = where, .message_max = 4096}, why);
    if (!gate)
        fail_msg("%s", why);
    return gate;
}

static uint16_t hello(struct gate *gate, const char *text, struct look *body)
{
    return ask(gate, (struct pm_command){.verb = PM_HELLO, .hello = {.token = pm_text(text)}},
               body);
}

/* Puts a token with that last day into the file, as a daemon of before did. */
static void keep_token(int32_t expires, char text[TOKEN_TEXT])
{
    uint8_t bytes[TOKEN_BYTES] = {7, 11, 13};
    struct token token = {.role = PM_BROKER, .created = 1, .expires = expires};
    struct token_file *file = token_file_open(directory, why);
    snprintf(token.name.text, sizeof token.name.text, "until %d", (int)expires);
    token.acts_for = token.name;
    memcpy(bytes + 4, &expires, sizeof expires);
    crypto_generichash(token.hash, TOKEN_HASH, bytes, sizeof bytes, NULL, 0);
    assert_true(token_file_add(file, &token));
    token_file_close(file);
    memcpy(text, "pmt_", 4);
    sodium_bin2base64(text + 4, TOKEN_TEXT - 4, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void test_last_day(void **state)
{
    (void)state;
    char over[TOKEN_TEXT], lasts[TOKEN_TEXT];
    struct look body = {0};
    int32_t today = pm_date_of(clock_wall_ms());
    keep_token(today - 1, over);
    keep_token(today + 1, lasts);
    struct gate *gate = open_gate(directory);
    assert_int_equal(hello(gate, over, &body), PM_UNAUTHENTICATED);
    assert_string_equal(error.text, "the token's last day is over");
    assert_int_equal(hello(gate, lasts, &body), PM_OK);
    assert_int_equal(look_number(body, "expires"), today + 1);
    assert_int_equal(hello(gate, "pmt_", &body), PM_UNAUTHENTICATED);
    assert_string_equal(error.text, "no such token: mistyped, or revoked");
    gate_close(gate);
}

/* A thousand rows with names as long as they can be. */
static void test_longest_list(void **state)
{
    (void)state;
    struct look body = {0};
    struct gate *gate = open_gate(NULL);
    for (unsigned i = 0; i < PM_ROWS_MAX + 1; i++) {
        char name[PM_NAME_MAX + 1];
        snprintf(name, sizeof name, "%031u", i);
        struct pm_command create = {.verb = PM_TOKEN_CREATE,
                                    .token = {.name = pm_text(name),
                                              .role = PM_PROVIDER,
                                              .provider = pm_text(name),
                                              .market = pm_text(name),
                                              .expires = INT32_MAX}};
        assert_int_equal(ask(gate, create, &body), PM_OK);
    }
    struct pm_command list = {.verb = PM_TOKEN_LIST, .list = {.limit = PM_ROWS_MAX}};
    assert_int_equal(ask(gate, list, &body), PM_OK);
    assert_true(look_is_whole(body));
    assert_int_equal(look_count(body, "rows"), PM_ROWS_MAX);
    list.list.after = (uint64_t)look_number(body, "next");
    assert_int_equal(ask(gate, list, &body), PM_OK);
    assert_int_equal(look_count(body, "rows"), 1);
    assert_int_equal(look_number(body, "next"), 0);
    list.list.limit++;
    assert_int_equal(ask(gate, list, &body), PM_TOO_LARGE);
    gate_close(gate);
}

static void test_who_acts(void **state)
{
    (void)state;
    struct principal kept;
    struct gate *gate = open_gate(NULL);
    struct wire_request stated = {.actor = {.role = PM_BROKER, .name = pm_text("bo")}},
                        nobody = {.actor = {.role = 0}}, strange = {.session = pm_text("strange")};
    assert_int_equal(gate_identify(gate, true, &stated, &kept, &error), PM_OK);
    assert_int_equal(stated.actor.role, PM_BROKER);
    assert_int_equal(gate_identify(gate, false, &stated, &kept, &error), PM_UNAUTHENTICATED);
    assert_int_equal(gate_identify(gate, false, &nobody, &kept, &error), PM_OK);
    assert_int_equal(nobody.actor.role, 0);
    assert_int_equal(gate_identify(gate, true, &strange, &kept, &error), PM_UNAUTHENTICATED);
    gate_close(gate);
}

/* The key in what hello is answered: its head says that 24 bytes follow. */
static struct pm_text session_in(struct look body)
{
    const char *key = body.bytes != NULL ? memmem(body.bytes, body.size, "\x58\x18", 2) : NULL;
    if (key != NULL)
        return (struct pm_text){key + 2, SESSION_KEY};
    fail_msg("no session");
    return (struct pm_text){0};
}

/* A session acts by the name its token is for; two that act by one name, by numbers of their own.
 */
static void test_sessions_act(void **state)
{
    (void)state;
    static const char *const names[] = {"anna", "anton"};
    struct gate *gate = open_gate(NULL);
    uint64_t client[2];
    for (unsigned i = 0; i < 2; i++) {
        struct look body = {0};
        struct principal kept;
        char text[TOKEN_TEXT];
        struct pm_command create = {.verb = PM_TOKEN_CREATE,
                                    .token = {.name = pm_text(names[i]),
                                              .role = PM_HOSPITAL,
                                              .referrer = pm_text("ward"),
                                              .market = pm_text("little")}};
        assert_int_equal(ask(gate, create, &body), PM_OK);
        snprintf(text, sizeof text, "%s", look_text(body, "token"));
        assert_int_equal(hello(gate, text, &body), PM_OK);
        struct wire_request request = {
            .session = session_in(body), .client = 5, .market = pm_text("little")};
        assert_true(gate_is_open(gate, request.session));
        assert_int_equal(gate_identify(gate, false, &request, &kept, &error), PM_OK);
        assert_int_equal(request.actor.role, PM_HOSPITAL);
        assert_true(pm_text_equal(request.actor.name, pm_text("ward")));
        client[i] = request.client;
        request.market = pm_text("large");
        assert_int_equal(gate_identify(gate, false, &request, &kept, &error), PM_NOT_ALLOWED);
        assert_string_equal(error.text, "the token is for the market little alone");
    }
    assert_true(client[0] != client[1] && client[0] != 5);
    gate_close(gate);
}

static int set_up(void **state)
{
    (void)state;
    scratch_make(directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    nng_fini();
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_day),
        cmocka_unit_test(test_longest_list),
        cmocka_unit_test(test_who_acts),
        cmocka_unit_test(test_sessions_act),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
