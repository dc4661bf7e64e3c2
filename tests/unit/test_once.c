/* test_once.c - what clients were told: resends, numbers used twice, numbers too old, clients
 * forgotten. */
#include "core/once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { CLIENTS = 16, SHARE = 2 }; /* a share is an eighth */
enum { MANY = 256, STAYS = 8 };   /* entries within which a client keeps its place */

static struct pm_core *core;

static int open_core(void **state)
{
    (void)state;
    static const struct pm_limits limits = {
        .markets = 1,
        .providers = 1,
        .locations = 1,
        .pools = 1,
        .services = 1,
        .packages = 1,
        .offers = 1,
        .placements = 1,
        .waitlists = 1,
        .clients = CLIENTS,
    };
    core = pm_core_open(&limits);
    return core == NULL;
}

/* So many that who acts again at once keeps its place. */
static int open_many(void **state)
{
    (void)state;
    struct pm_limits limits = pm_limits_default;
    limits.clients = MANY;
    core = pm_core_open(&limits);
    return core == NULL;
}

static int close_core(void **state)
{
    (void)state;
    pm_core_close(core);
    return 0;
}

static struct pm_entry entry_of(const char *actor, uint64_t client, uint64_t number)
{
    return (struct pm_entry){
        .actor = {PM_BROKER, pm_text(actor)},
        .client = client,
        .number = number,
        .hash = number * 31,
    };
}

static void tell(uint64_t client, uint64_t number)
{
    struct pm_entry entry = entry_of("broker", client, number);
    once_remember(core, once_client(core, &entry), &entry,
                  (struct pm_result){PM_WRONG_STATE, number + 1000});
}

static void must_know(uint64_t client, uint64_t number)
{
    struct pm_entry entry = entry_of("broker", client, number);
    struct pm_result result;
    assert_true(once_recall(core, once_client(core, &entry), &entry, &result));
    assert_int_equal(result.status, PM_WRONG_STATE);
    assert_int_equal(result.id, number + 1000);
}

static void must_not_know(struct pm_entry entry)
{
    struct pm_result result;
    assert_false(once_recall(core, once_client(core, &entry), &entry, &result));
}

static void must_refuse(struct pm_entry entry, unsigned status)
{
    struct pm_result result;
    assert_true(once_recall(core, once_client(core, &entry), &entry, &result));
    assert_int_equal(result.status, status);
    assert_int_equal(result.id, 0);
}

static void answers_a_resend_as_before(void **state)
{
    (void)state;
    must_not_know(entry_of("broker", 1, 5));
    tell(1, 5);
    must_know(1, 5);
    must_not_know(entry_of("broker", 1, 4));
    must_not_know(entry_of("broker", 1, 6));
}

static void refuses_a_number_used_for_another_command(void **state)
{
    (void)state;
    tell(1, 5);
    struct pm_entry entry = entry_of("broker", 1, 5);
    entry.hash++;
    must_refuse(entry, PM_NUMBER_REUSED);
}

static void refuses_a_number_too_far_behind(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= CLIENT_RING + 10; number++)
        tell(1, number);
    must_refuse(entry_of("broker", 1, 10), PM_TOO_OLD);
    must_know(1, 11);
    must_know(1, CLIENT_RING + 10);
    must_not_know(entry_of("broker", 1, CLIENT_RING + 11));
}

/* A whole request can be sent again. */
static void remembers_a_request_of_any_length(void **state)
{
    (void)state;
    for (uint64_t number = UINT64_MAX - PM_COMMANDS_MAX + 1; number != 0; number++)
        tell(1, number);
    for (uint64_t number = UINT64_MAX - PM_COMMANDS_MAX + 1; number != 0; number++)
        must_know(1, number);
}

static void tells_principals_and_clients_apart(void **state)
{
    (void)state;
    tell(1, 5);
    must_not_know(entry_of("broker", 2, 5));
    must_not_know(entry_of("brokers", 1, 5));
    must_not_know(entry_of("", 1, 5));
    struct pm_entry other_role = entry_of("broker", 1, 5);
    other_role.actor.role = PM_HOSPITAL;
    must_not_know(other_role);
    must_know(1, 5);
}

static void takes_an_actor_without_a_name(void **state)
{
    (void)state;
    struct pm_entry entry = {.actor = {.role = PM_DAEMON}, .number = 3, .hash = 4};
    struct pm_result result = {.status = PM_FULL};
    once_remember(core, once_client(core, &entry), &entry, result);
    assert_true(once_recall(core, once_client(core, &entry), &entry, &result));
    assert_int_equal(result.status, PM_FULL);
}

static void never_remembers_number_zero(void **state)
{
    (void)state;
    tell(1, 0);
    must_not_know(entry_of("broker", 1, 0));
    assert_int_equal(core->table[TABLE_CLIENTS].used, 0);
}

static void never_remembers_too_long_a_name(void **state)
{
    (void)state;
    struct pm_entry entry = entry_of("a name of more than thirty-one bytes", 1, 5);
    once_remember(core, once_client(core, &entry), &entry, (struct pm_result){0});
    must_not_know(entry);
    assert_int_equal(core->table[TABLE_CLIENTS].used, 0);
}

static void forgets_the_client_used_least_recently(void **state)
{
    (void)state;
    char error[256];
    for (uint64_t client = 1; client <= CLIENTS; client++)
        tell(client, 1);
    tell(1, 2);      /* so that 2 is the oldest */
    must_know(2, 1); /* a recall is no use */
    tell(CLIENTS + 1, 1);
    must_not_know(entry_of("broker", 2, 1));
    must_know(1, 1);
    must_know(1, 2);
    for (uint64_t client = 3; client <= CLIENTS + 1; client++)
        must_know(client, 1);
    if (!pm_core_check(core, error))
        fail_msg("%s", error);
}

static void tell_as(const char *actor, uint64_t client)
{
    struct pm_entry entry = entry_of(actor, client, 1);
    once_remember(core, once_client(core, &entry), &entry, (struct pm_result){PM_WRONG_STATE, 1});
}

static bool is_known(const char *actor, uint64_t client)
{
    struct pm_entry entry = entry_of(actor, client, 1);
    struct pm_result result;
    return once_recall(core, once_client(core, &entry), &entry, &result);
}

/* One that takes a client id for each command makes its own forgotten, be they older or not. */
static void a_greedy_actor_makes_only_itself_forgotten(void **state)
{
    (void)state;
    char error[256];
    for (uint64_t client = 1; client <= CLIENTS - SHARE; client++)
        tell_as("modest", client);
    for (uint64_t client = 1; client <= 100; client++)
        tell_as("greedy", client);
    for (uint64_t client = 1; client <= CLIENTS - SHARE; client++)
        assert_true(is_known("modest", client));
    assert_true(is_known("greedy", 99) && is_known("greedy", 100) && !is_known("greedy", 98));
    if (!pm_core_check(core, error))
        fail_msg("%s", error);
}

/* Who has less than a share takes the place of whoever was used least recently. */
static void newcomers_take_the_oldest_place_of_all(void **state)
{
    (void)state;
    char error[256];
    for (uint64_t client = 1; client <= CLIENTS; client++)
        tell_as("first", client);
    tell_as("second", 1);
    tell_as("third", 1);
    assert_true(is_known("second", 1) && is_known("third", 1));
    assert_true(!is_known("first", 1) && !is_known("first", 2) && is_known("first", 3));
    if (!pm_core_check(core, error))
        fail_msg("%s", error);
}

/* Among clients that come but once, of the same actor or of another. */
static void who_acts_again_at_once_is_kept(void **state)
{
    (void)state;
    char error[256];
    for (uint64_t n = 1; n <= 40 * MANY; n++) {
        bool again = n % 5 == 1, alone = n < 20 * MANY;
        core->header.sequence++;
        tell_as(again || alone ? "one" : "others", again ? 1 : 1000 + n);
        assert_true(is_known("one", 1));
    }
    if (!pm_core_check(core, error))
        fail_msg("%s", error);
}

static void who_is_silent_longer_goes_first(void **state)
{
    (void)state;
    for (uint64_t client = 1; client <= MANY; client++, core->header.sequence++)
        tell(client, 1);
    core->header.sequence += STAYS;
    tell(1, 2); /* moved */
    core->header.sequence++;
    tell(1, 3); /* not */
    for (uint64_t client = 1001; client < 1000 + MANY; client++)
        tell(client, 1);
    must_know(1, 3);
    assert_false(is_known("broker", 2));
    tell(2000, 1);
    assert_false(is_known("broker", 1));
}

static void an_actor_goes_with_its_last_client(void **state)
{
    (void)state;
    char error[256], name[16];
    for (int actor = 0; actor < 3 * CLIENTS; actor++) {
        snprintf(name, sizeof name, "actor %d", actor);
        tell_as(name, 7);
    }
    assert_false(is_known("actor 0", 7));
    assert_true(is_known(name, 7));
    assert_int_equal(core->table[TABLE_ACTORS].used, CLIENTS);
    if (!pm_core_check(core, error))
        fail_msg("%s", error);
}

static void what_is_forgotten_is_gone(void **state)
{
    (void)state;
    tell(1, 7);
    for (uint64_t client = 2; client <= CLIENTS + 1; client++)
        tell(client, 1);
    tell(1, 8); /* again, in a slot used before */
    must_not_know(entry_of("broker", 1, 7));
    must_know(1, 8);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_core, close_core)
#define TEST_MANY(f) cmocka_unit_test_setup_teardown(f, open_many, close_core)
    const struct CMUnitTest tests[] = {
        TEST(answers_a_resend_as_before),
        TEST(refuses_a_number_used_for_another_command),
        TEST(refuses_a_number_too_far_behind),
        TEST(remembers_a_request_of_any_length),
        TEST(tells_principals_and_clients_apart),
        TEST(takes_an_actor_without_a_name),
        TEST(never_remembers_number_zero),
        TEST(never_remembers_too_long_a_name),
        TEST(forgets_the_client_used_least_recently),
        TEST(a_greedy_actor_makes_only_itself_forgotten),
        TEST(newcomers_take_the_oldest_place_of_all),
        TEST_MANY(who_acts_again_at_once_is_kept),
        TEST_MANY(who_is_silent_longer_goes_first),
        TEST(an_actor_goes_with_its_last_client),
        TEST(what_is_forgotten_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
