/*
 * e2e_crash.c: the daemon is killed under load, again and again, and started again over what it
 * left.
 *
 * Several clients post packages without pause and go on across the crashes, sending again what was
 * not answered. Nothing that was acknowledged may be missing, nothing may be there twice, and where
 * the clients were at rest the state after a crash is, by its digest, the state before it.
 *
 * SEED replays a run; ROUNDS and TEST_FULL make it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/wire.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/look.h"
#include "tests/lib/random.h"
#include "tests/lib/served.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    POSTERS = 3,
    CALL_MAX = 8,         /* packages of a call */
    POSTED_MAX = 1 << 16, /* by one poster in all */
    ROUNDS = 15,
    ROUNDS_FULL = 100,
    KILL_AFTER_MS = 250, /* at most */
    CALL_TIMEOUT_MS = 30000,
};

/* One client, and what it was told. Its own thread's, but while it is at rest. */
struct poster {
    unsigned index;
    uint64_t client, next_number;
    struct random random;
    uint64_t *id; /* of package n, as acknowledged */
    size_t posted;
    char problem[400]; /* the first thing that was wrong */
    pthread_t thread;
};

static struct served served;
static struct poster posters[POSTERS];
static atomic_bool resting;
static uint64_t seed;

static void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

static struct pm_client *open_client(const char *url, enum pm_role role, const char *name,
                                     uint64_t client, uint64_t number)
{
    struct pm_client_options options = {
        .url = url,
        .market = "little",
        .actor = {.role = (uint8_t)role, .name = pm_text(name)},
        .client = client,
        .first_number = number,
        .timeout = CALL_TIMEOUT_MS,
        .resend = 200,
    };
    struct pm_client *opened = NULL;
    struct pm_client_error error = {""};
    if (pm_client_open(&options, &opened, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    return opened;
}

/* ---- Posting ---- */

static void write_reference(char out[24], const struct poster *poster, size_t number)
{
    snprintf(out, 24, "P%u-%zu", poster->index, number);
}

static void note(struct poster *poster, const char *what, size_t number, unsigned long long value)
{
    if (poster->problem[0] == '\0')
        snprintf(poster->problem, sizeof poster->problem, "poster %u, package %zu: %s (%llu)",
                 poster->index, number, what, value);
}

static void keep_answers(struct poster *poster, const struct pm_reply *reply, size_t count)
{
    if (pm_reply_status(reply) != PM_OK || pm_reply_count(reply) != count) {
        note(poster, "the request was refused", poster->posted, pm_reply_status(reply));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct pm_result result = pm_reply_result(reply, i);
        if (result.status != PM_OK)
            note(poster, pm_status_name(result.status), poster->posted, result.status);
        poster->id[poster->posted++] = result.id;
    }
}

/* The same request again must bring the same answers. */
static void ask_again(struct poster *poster, struct pm_client *client, size_t count)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    if (pm_client_resend(client, &reply, &error) != PM_CALL_DONE) {
        note(poster, error.text, poster->posted, 0);
        return;
    }
    for (size_t i = 0; i < count && i < pm_reply_count(reply); i++) {
        struct pm_result result = pm_reply_result(reply, i);
        if (result.id != poster->id[poster->posted - count + i])
            note(poster, "sent again, another answer", poster->posted - count + i, result.id);
    }
    pm_reply_free(reply);
}

static void post(struct poster *poster, struct pm_client *client)
{
    struct pm_command command[CALL_MAX];
    char reference[CALL_MAX][24];
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    size_t count = 1 + random_below(&poster->random, CALL_MAX);
    for (size_t i = 0; i < count; i++) {
        write_reference(reference[i], poster, poster->posted + i);
        command[i] = little_package(reference[i]);
        if (!random_percent(&poster->random, 50))
            command[i].package.locality = pm_text("Birch");
    }
    if (pm_client_call(client, command, count, &reply, &error) != PM_CALL_DONE) {
        note(poster, error.text, poster->posted, 0);
        return;
    }
    keep_answers(poster, reply, count);
    pm_reply_free(reply);
    if (random_percent(&poster->random, 10))
        ask_again(poster, client, count);
}

/* The tcp port changes with each start, so all use the socket, which does not. */
static void *run_poster(void *context)
{
    struct poster *poster = context;
    struct pm_client *client =
        open_client(served.ipc, PM_BROKER, "crash", poster->client, poster->next_number);
    while (!atomic_load(&resting) && !poster->problem[0] && poster->posted + CALL_MAX < POSTED_MAX)
        post(poster, client);
    poster->next_number = pm_client_next_number(client);
    pm_client_close(client);
    return NULL;
}

static void start_posters(void)
{
    atomic_store(&resting, false);
    for (int i = 0; i < POSTERS; i++)
        assert_int_equal(pthread_create(&posters[i].thread, NULL, run_poster, &posters[i]), 0);
}

static void rest_posters(void)
{
    atomic_store(&resting, true);
    for (int i = 0; i < POSTERS; i++)
        pthread_join(posters[i].thread, NULL);
    for (int i = 0; i < POSTERS; i++) {
        if (posters[i].problem[0])
            fail_msg("seed %" PRIu64 ": %s", seed, posters[i].problem);
    }
}

/* ---- Checking ---- */

/* One query; the reply is the caller's. */
static struct pm_reply *ask(struct pm_client *client, const struct pm_command *command,
                            struct look *body)
{
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    if (pm_client_call(client, command, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("seed %" PRIu64 ": %s", seed, error.text);
    assert_int_equal(pm_reply_status(reply), PM_OK);
    assert_int_equal(pm_reply_result(reply, 0).status, PM_OK);
    body->bytes = pm_reply_body(reply, 0, &body->size);
    return reply;
}

struct digest {
    uint64_t sequence;
    uint8_t body[64]; /* as answered */
    size_t size;
};

static struct digest read_digest(void)
{
    struct pm_client *client = open_client(served.ipc, PM_OPERATOR, "check", 0, 0);
    struct look body;
    struct pm_reply *reply = ask(client, &(struct pm_command){.verb = PM_DIGEST}, &body);
    struct digest digest = {.sequence = (uint64_t)look_number(body, "sequence"), .size = body.size};
    assert_true(look_has(body, "digest") && body.size <= sizeof digest.body);
    memcpy(digest.body, body.bytes, body.size);
    pm_reply_free(reply);
    pm_client_close(client);
    return digest;
}

/* A row of package.list, against what its poster was told. Counts it in `seen`. */
static void check_row(const char *reference, uint64_t id, size_t seen[POSTERS])
{
    char *end;
    size_t index = strtoul(reference[0] == 'P' ? reference + 1 : "?", &end, 10);
    size_t number = *end == '-' ? strtoul(end + 1, &end, 10) : 0;
    if (*end != '\0' || index >= POSTERS)
        fail_msg("seed %" PRIu64 ": nobody posted %s", seed, reference);
    if (number >= posters[index].posted)
        fail_msg("seed %" PRIu64 ": %s is there, never acknowledged to a client at rest", seed,
                 reference);
    if (posters[index].id[number] != id)
        fail_msg("seed %" PRIu64 ": %s has id %" PRIu64 ", acknowledged was %" PRIu64, seed,
                 reference, id, posters[index].id[number]);
    seen[index]++;
}

/* Steps into the map or array at the reader; how many pairs or items, UINT64_MAX: until a break. */
static uint64_t step_into(struct wire_reader *reader, enum wire_type type)
{
    struct wire_item item;
    assert_true(wire_next(reader, &item));
    assert_int_equal(item.type, type);
    return item.open ? UINT64_MAX : item.value;
}

/* Whether another item follows in a container of which `left` are left. */
static bool more(struct wire_reader *reader, uint64_t *left)
{
    struct wire_item item;
    struct wire_reader ahead = *reader;
    if (*left == 0)
        return false;
    if (*left == UINT64_MAX && wire_next(&ahead, &item) && item.type == WIRE_BREAK) {
        *reader = ahead;
        return false;
    }
    if (*left != UINT64_MAX)
        --*left;
    return true;
}

static struct wire_item next_item(struct wire_reader *reader)
{
    struct wire_item item;
    assert_true(wire_next(reader, &item));
    return item;
}

/* One row; returns its id. */
static uint64_t check_next_row(struct wire_reader *reader, size_t seen[POSTERS])
{
    char reference[PM_NAME_MAX + 1] = "";
    uint64_t id = 0, left = step_into(reader, WIRE_MAP);
    while (more(reader, &left)) {
        uint64_t key = next_item(reader).value;
        struct wire_reader value = *reader;
        if (key == KEY_ID)
            id = next_item(&value).value;
        if (key == KEY_REFERENCE) {
            struct pm_text text = next_item(&value).text;
            snprintf(reference, sizeof reference, "%.*s", (int)text.length, text.bytes);
        }
        assert_true(wire_skip(reader));
    }
    check_row(reference, id, seen);
    return id;
}

/* The rows of one answer; returns the last id, 0 when there were none. */
static uint64_t check_rows(struct look body, size_t seen[POSTERS])
{
    struct wire_reader reader = {.bytes = body.bytes, .size = body.size};
    uint64_t last = 0, fields = step_into(&reader, WIRE_MAP);
    while (more(&reader, &fields)) {
        if (next_item(&reader).value != KEY_ROWS) {
            assert_true(wire_skip(&reader));
            continue;
        }
        uint64_t rows = step_into(&reader, WIRE_ARRAY);
        while (more(&reader, &rows))
            last = check_next_row(&reader, seen);
    }
    return last;
}

/* Every acknowledged package is there under its id, once, and nothing else is. */
static void check_packages(void)
{
    struct pm_client *client = open_client(served.ipc, PM_BROKER, "crash", 0, 0);
    struct pm_command list = {.verb = PM_PACKAGE_LIST, .list = {.limit = PM_ROWS_MAX}};
    size_t seen[POSTERS] = {0};
    uint64_t last;
    do {
        struct look body;
        struct pm_reply *reply = ask(client, &list, &body);
        last = check_rows(body, seen);
        pm_reply_free(reply);
        assert_true(last == 0 || last > list.list.after);
        list.list.after = last;
    } while (last != 0);
    for (int i = 0; i < POSTERS; i++) {
        if (seen[i] != posters[i].posted)
            fail_msg("seed %" PRIu64 ": %zu packages of poster %d acknowledged, %zu there", seed,
                     posters[i].posted, i, seen[i]);
    }
    pm_client_close(client);
}

/* ---- Rounds ---- */

static void load_market(void)
{
    struct pm_command load = little_market_load();
    struct pm_client *client = open_client(served.ipc, PM_OPERATOR, "check", 0, 0);
    struct pm_reply *reply = NULL;
    struct pm_client_error error;
    assert_int_equal(pm_client_call(client, &load, 1, &reply, &error), PM_CALL_DONE);
    assert_int_equal(pm_reply_status(reply), PM_OK);
    assert_int_equal(pm_reply_result(reply, 0).status, PM_OK);
    pm_reply_free(reply);
    pm_client_close(client);
}

static void crash_and_start(void)
{
    served_end(&served, SIGKILL);
    if (!served_start(&served))
        fail_msg("seed %" PRIu64 ": it does not start after the crash", seed);
}

/* Killed while everybody is at rest, it comes back as it was. */
static void crash_at_rest(void)
{
    check_packages();
    struct digest before = read_digest();
    crash_and_start();
    struct digest after = read_digest();
    assert_int_equal(before.sequence, after.sequence);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.body, after.body, before.size);
    check_packages();
}

static void test_killed_under_load(void **state)
{
    (void)state;
    struct random random = {.state = seed};
    const char *rounds_text = getenv("ROUNDS");
    int rounds = rounds_text           ? (int)strtol(rounds_text, NULL, 10)
                 : getenv("TEST_FULL") ? ROUNDS_FULL
                                       : ROUNDS;
    assert_true(served_start(&served));
    load_market();
    for (int round = 0; round < rounds; round++) {
        start_posters();
        for (int kills = 1 + (int)random_below(&random, 2); kills > 0; kills--) {
            sleep_ms(random_below(&random, KILL_AFTER_MS));
            crash_and_start();
        }
        rest_posters();
        crash_at_rest();
    }
    assert_true(posters[0].posted > 0);
    print_message("# seed %" PRIu64 ": %zu packages acknowledged, %d rounds\n", seed,
                  posters[0].posted + posters[1].posted + posters[2].posted, rounds);
}

/* A stop by SIGTERM drains, saves and comes back the same, whatever was in flight. */
static void test_stopped_under_load(void **state)
{
    (void)state;
    start_posters();
    sleep_ms(100);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    assert_true(served_start(&served));
    rest_posters();
    check_packages();
    assert_int_equal(served_end(&served, SIGTERM), 0);
}

static int set_up(void **state)
{
    static const char *const options[] = {
        "--snapshot-every", "3000", "--limit-clients", "64", "--limit-packages", "262144", NULL};
    (void)state;
    const char *text = getenv("SEED");
    seed = text ? strtoull(text, NULL, 10) : 20241224;
    for (unsigned i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.index = i,
                                     .client = 1000 + i,
                                     .next_number = 1,
                                     .random = {.state = seed + i + 1},
                                     .id = calloc(POSTED_MAX, sizeof(uint64_t))};
    }
    served_make(&served, options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    served_remove(&served);
    for (int i = 0; i < POSTERS; i++)
        free(posters[i].id);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_under_load),
        cmocka_unit_test(test_stopped_under_load),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
