/*
 * e2e_tokens.c: a daemon that people log in to: who is let in over which transport, what a token
 * may do, that its sessions end with it, and that a command is done once though the session is
 * another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/look.h"
#include "tests/lib/served.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { WAIT_MS = 20000 };

static struct served served;

/* ---- Asking ---- */

/* The status of a request whole, or of its one command; its reply, to be freed. */
static unsigned ask(struct pm_client *client, struct pm_command command, struct pm_reply **reply)
{
    struct pm_client_error error = {""};
    if (pm_client_call(client, &command, 1, reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    unsigned status = pm_reply_status(*reply);
    return status != PM_OK ? status : pm_reply_result(*reply, 0).status;
}

static unsigned status_of(struct pm_client *client, struct pm_command command)
{
    struct pm_reply *reply = NULL;
    unsigned status = ask(client, command, &reply);
    pm_reply_free(reply);
    return status;
}

/* The same on a connection of its own, by a token. */
static unsigned login_status(const char *url, const char *token, struct pm_command command)
{
    struct pm_client *client = served_login(url, token);
    unsigned status = status_of(client, command);
    pm_client_close(client);
    return status;
}

static unsigned stated_status(const char *url, enum pm_role role, struct pm_command command)
{
    struct pm_client *client = served_client(url, role, "stated");
    unsigned status = status_of(client, command);
    pm_client_close(client);
    return status;
}

static void make_token(const char *name, enum pm_role role, const char *provider,
                       const char *market, char out[SERVED_TOKEN])
{
    served_token(&served,
                 &(struct pm_token){.name = pm_text(name),
                                    .role = (uint8_t)role,
                                    .provider = pm_text(provider),
                                    .market = pm_text(market)},
                 out);
}

static unsigned revoke_token(const char *name)
{
    return stated_status(
        served.ipc, PM_OPERATOR,
        (struct pm_command){.verb = PM_TOKEN_REVOKE, .token_name = {.name = pm_text(name)}});
}

static const struct pm_command packages = {.verb = PM_PACKAGE_LIST}, offers = {.verb = PM_OFFERS},
                               stats = {.verb = PM_STATS}, tokens = {.verb = PM_TOKEN_LIST};

/* ---- Who is let in ---- */

static void test_tcp_needs_a_token(void **state)
{
    (void)state;
    char token[SERVED_TOKEN];
    make_token("tara", PM_BROKER, "", "", token);
    for (unsigned role = PM_BROKER; role <= PM_OPERATOR; role++)
        assert_int_equal(stated_status(served.tcp, role, stats), PM_UNAUTHENTICATED);
    assert_int_equal(login_status(served.tcp, token, packages), PM_OK);
    assert_int_equal(login_status(served.ipc, token, packages), PM_OK);
    token[SERVED_TOKEN / 2] ^= 1;
    assert_int_equal(login_status(served.tcp, token, packages), PM_UNAUTHENTICATED);
    assert_int_equal(login_status(served.tcp, "pmt_", packages), PM_UNAUTHENTICATED);
    assert_int_equal(stated_status(served.ipc, PM_BROKER, packages), PM_OK);
}

static void test_roles(void **state)
{
    (void)state;
    char broker[SERVED_TOKEN], provider[SERVED_TOKEN], hospital[SERVED_TOKEN],
        commissioner[SERVED_TOKEN], operator_token[SERVED_TOKEN];
    make_token("rose", PM_BROKER, "", "", broker);
    make_token("anna", PM_PROVIDER, "amber", "little", provider);
    make_token("hub", PM_HOSPITAL, "", "", hospital);
    make_token("cora", PM_COMMISSIONER, "", "", commissioner);
    make_token("olive", PM_OPERATOR, "", "", operator_token);
    struct pm_command post = little_package("r1");
    assert_int_equal(login_status(served.tcp, commissioner, post), PM_NOT_ALLOWED);
    assert_int_equal(login_status(served.tcp, provider, post), PM_NOT_ALLOWED);
    assert_int_equal(login_status(served.tcp, operator_token, post), PM_NOT_ALLOWED);
    assert_int_equal(login_status(served.tcp, hospital, post), PM_OK);
    assert_int_equal(login_status(served.tcp, commissioner, packages), PM_OK);
    assert_int_equal(login_status(served.tcp, provider, packages), PM_NOT_ALLOWED);
    assert_int_equal(login_status(served.tcp, provider, offers), PM_OK);
    assert_int_equal(login_status(served.tcp, broker, tokens), PM_NOT_ALLOWED);
    assert_int_equal(login_status(served.tcp, operator_token, tokens), PM_OK);
    /* It acts by its own name: another referrer's package is none of its own. */
    struct pm_command show = {.verb = PM_PACKAGE_SHOW, .id = {.reference = pm_text("r1")}};
    assert_int_equal(login_status(served.tcp, hospital, show), PM_OK);
    show.id.referrer = pm_text("ward");
    assert_int_equal(login_status(served.tcp, hospital, show), PM_NOT_ALLOWED);
}

static void test_one_market(void **state)
{
    (void)state;
    char here[SERVED_TOKEN], elsewhere[SERVED_TOKEN];
    make_token("one market", PM_BROKER, "", "little", here);
    make_token("other market", PM_BROKER, "", "another", elsewhere);
    assert_int_equal(login_status(served.tcp, here, packages), PM_OK);
    assert_int_equal(login_status(served.tcp, elsewhere, packages), PM_NOT_ALLOWED);
}

/* What hello tells, in the words of the token. */
static void test_hello(void **state)
{
    (void)state;
    char token[SERVED_TOKEN];
    struct pm_reply *reply = NULL;
    struct look body;
    make_token("hetty", PM_PROVIDER, "beryl", "little", token);
    struct pm_client *client = served_client(served.tcp, (enum pm_role)0, "");
    assert_int_equal(ask(client,
                         (struct pm_command){.verb = PM_HELLO, .hello = {.token = pm_text(token)}},
                         &reply),
                     PM_OK);
    body.bytes = pm_reply_body(reply, 0, &body.size);
    assert_string_equal(look_text(body, "name"), "hetty");
    assert_string_equal(look_text(body, "role"), "provider");
    assert_string_equal(look_text(body, "provider"), "beryl");
    assert_string_equal(look_text(body, "market"), "little");
    assert_string_equal(look_text(body, "server"), "placematd " PM_VERSION);
    assert_int_equal(look_number(body, "commands_max"), PM_COMMANDS_MAX);
    assert_int_equal(look_number(body, "rows_max"), PM_ROWS_MAX);
    assert_true(look_number(body, "message_max") >= 4096);
    assert_true(look_has(body, "session"));
    pm_reply_free(reply);
    assert_int_equal(status_of(client, stats), PM_UNAUTHENTICATED); /* nobody says who asks */
    pm_client_close(client);
}

/* ---- Sessions ---- */

static void test_revoked(void **state)
{
    (void)state;
    char one[SERVED_TOKEN], other[SERVED_TOKEN];
    make_token("rita", PM_BROKER, "", "", one);
    make_token("sita", PM_BROKER, "", "", other);
    struct pm_client *rita = served_login(served.tcp, one), *sita = served_login(served.tcp, other);
    assert_int_equal(status_of(rita, packages), PM_OK);
    assert_int_equal(status_of(sita, packages), PM_OK);
    assert_int_equal(revoke_token("rita"), PM_OK);
    assert_int_equal(status_of(rita, packages), PM_UNAUTHENTICATED);
    assert_int_equal(status_of(sita, packages), PM_OK);
    assert_int_equal(revoke_token("rita"), PM_UNKNOWN_TOKEN);
    pm_client_close(rita);
    pm_client_close(sita);
}

/* ---- Watching ---- */

struct watching {
    struct pm_client *client;
    uint64_t cursor;
    unsigned status;
};

static void *watch(void *context)
{
    struct watching *watching = context;
    struct pm_reply *reply = NULL;
    struct look body;
    watching->status = ask(
        watching->client,
        (struct pm_command){.verb = PM_WATCH, .watch = {.cursor = watching->cursor, .wait = 30000}},
        &reply);
    body.bytes = pm_reply_body(reply, 0, &body.size);
    if (watching->status == PM_OK)
        watching->cursor = (uint64_t)look_number(body, "cursor");
    pm_reply_free(reply);
    return NULL;
}

static void wait_for_watchers(int64_t wanted)
{
    for (int64_t parked = -1; parked != wanted;) {
        struct pm_client *client = served_client(served.ipc, PM_BROKER, "count");
        struct pm_reply *reply = NULL;
        struct look body;
        assert_int_equal(ask(client, stats, &reply), PM_OK);
        body.bytes = pm_reply_body(reply, 0, &body.size);
        parked = look_number(body, "watchers");
        pm_reply_free(reply);
        pm_client_close(client);
    }
}

/* Who is revoked while it waits for events is not told of the next. */
static void test_revoked_watcher(void **state)
{
    (void)state;
    char token[SERVED_TOKEN];
    pthread_t thread;
    make_token("wanda", PM_BROKER, "", "", token);
    struct watching watching = {.client = served_login(served.tcp, token)};
    watch(&watching); /* from now */
    assert_int_equal(watching.status, PM_OK);
    assert_int_equal(pthread_create(&thread, NULL, watch, &watching), 0);
    wait_for_watchers(1);
    assert_int_equal(revoke_token("wanda"), PM_OK);
    assert_int_equal(stated_status(served.ipc, PM_BROKER, little_package("w1")), PM_OK);
    pthread_join(thread, NULL);
    assert_int_equal(watching.status, PM_UNAUTHENTICATED);
    pm_client_close(watching.client);
}

/* ---- Numbers ---- */

static struct pm_client *numbered(const char *token, uint64_t id, uint64_t number)
{
    struct pm_client_options options = {.url = served.tcp,
                                        .market = "little",
                                        .token = token,
                                        .client = id,
                                        .first_number = number,
                                        .timeout = WAIT_MS};
    struct pm_client *client = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(&options, &client, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    return client;
}

static unsigned numbered_status(const char *token, uint64_t id, uint64_t number,
                                struct pm_command command)
{
    struct pm_client *client = numbered(token, id, number);
    unsigned status = status_of(client, command);
    pm_client_close(client);
    return status;
}

/* The daemon is killed and forgets its sessions, but not its tokens, nor what it was asked. */
static void test_restart(void **state)
{
    (void)state;
    char token[SERVED_TOKEN];
    make_token("rene", PM_BROKER, "", "", token);
    struct pm_client *ipc = NULL;
    struct pm_client_error error = {""};
    struct pm_client_options options = {
        .url = served.ipc, .market = "little", .token = token, .timeout = WAIT_MS};
    assert_int_equal(pm_client_open(&options, &ipc, &error), PM_CALL_DONE);
    assert_int_equal(status_of(ipc, packages), PM_OK);
    assert_int_equal(numbered_status(token, 5, 1, little_package("e1")), PM_OK);
    served_end(&served, SIGKILL);
    assert_true(served_start(&served));
    assert_int_equal(status_of(ipc, packages), PM_OK); /* logged in again by itself */
    assert_int_equal(numbered_status(token, 5, 1, little_package("e1")), PM_OK);
    assert_int_equal(numbered_status(token, 5, 1, little_package("e2")), PM_NUMBER_REUSED);
    assert_int_equal(numbered_status(token, 6, 1, little_package("e1")), PM_DUPLICATE_REFERENCE);
    pm_client_close(ipc);
}

/* Two who act for one provider number their commands each by itself. */
static void test_numbers_of_colleagues(void **state)
{
    (void)state;
    char one[SERVED_TOKEN], two[SERVED_TOKEN];
    make_token("bert", PM_PROVIDER, "beryl", "little", one);
    make_token("bess", PM_PROVIDER, "beryl", "little", two);
    struct pm_command first = {.verb = PM_OFFER_DECLINE,
                               .answer = {.offer = 999, .code = PM_NO_CAPACITY}};
    struct pm_command second = first;
    second.answer.offer = 998;
    assert_int_equal(numbered_status(one, 1, 1, first), PM_UNKNOWN_OFFER);
    assert_int_equal(numbered_status(one, 1, 1, second), PM_NUMBER_REUSED);
    assert_int_equal(numbered_status(two, 1, 1, second), PM_UNKNOWN_OFFER);
}

/* ---- Failed logins ---- */

/* A client that gives up at once, and states nobody. */
static struct pm_client *hasty(const char *url)
{
    struct pm_client_options options = {.url = url, .market = "little", .timeout = 500};
    struct pm_client *client = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(&options, &client, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    return client;
}

static unsigned guess(struct pm_client *client)
{
    const struct pm_command hello = {.verb = PM_HELLO, .hello = {.token = pm_text("pmt_guess")}};
    unsigned status = status_of(client, hello);
    assert_true(status == PM_UNAUTHENTICATED || status == PM_LOGIN_PAUSED);
    return status;
}

/* Is one of so many told to wait? On one connection, or each on its own. */
static bool is_paused(const char *url, unsigned guesses, bool each)
{
    struct pm_client *client = hasty(url);
    unsigned status = PM_UNAUTHENTICATED;
    for (unsigned i = 0; i < guesses && status == PM_UNAUTHENTICATED; i++) {
        if (each) {
            pm_client_close(client);
            client = hasty(url);
        }
        status = guess(client);
    }
    pm_client_close(client);
    return status == PM_LOGIN_PAUSED;
}

/* After some that fail, others are told to wait; who is in stays in, and whose token is good comes
 * in; and the daemon's own user is not slowed down. */
static void test_slowed_down(void **state)
{
    (void)state;
    char token[SERVED_TOKEN];
    make_token("sloane", PM_BROKER, "", "", token);
    struct pm_client *in = served_login(served.tcp, token);
    assert_int_equal(status_of(in, packages), PM_OK);
    assert_true(is_paused(served.tcp, 30, false));
    assert_true(is_paused(served.tcp, 300, true));
    assert_false(is_paused(served.ipc, 30, false));
    assert_int_equal(status_of(in, packages), PM_OK);
    assert_int_equal(login_status(served.tcp, token, packages), PM_OK);
    pm_client_close(in);
}

/* ---- */

static int set_up(void **state)
{
    (void)state;
    served_make(&served, NULL);
    if (!served_start(&served))
        return -1;
    return stated_status(served.ipc, PM_OPERATOR, little_market_load()) == PM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    int code = served_end(&served, SIGTERM);
    served_remove(&served);
    return code == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_needs_a_token), cmocka_unit_test(test_roles),
        cmocka_unit_test(test_one_market),        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_revoked),           cmocka_unit_test(test_revoked_watcher),
        cmocka_unit_test(test_restart),           cmocka_unit_test(test_numbers_of_colleagues),
        cmocka_unit_test(test_slowed_down),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
