/*
 * e2e_once.c: exactly once. Requests are sent once, twice, three times, over several connections
 * and out of order; connections are broken off with requests on their way, and the daemon is
 * killed. At the end the journal is gone through from its start, as it would be after another
 * crash: every answer that was ever given to a command is what the journal says, the same each
 * time; and what was done is done once.
 *
 * SEED replays the choices, though not the timing; SECONDS and TEST_FULL make it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/wire.h"
#include "daemon/journal_entries.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/random.h"
#include "tests/lib/raw.h"
#include "tests/lib/served.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = 4,
    COMMANDS = 4, /* of a request, at most */
    REQUESTS_MAX = 1 << 14,
    RECENT = 12, /* requests that may be sent again */
    BODY_MAX = 4096,
    SECONDS = 8,
    SECONDS_FULL = 180,
    KILL_AFTER_MS = 900, /* at most */
    CLIENT = 4711,
};

/* What was told of a command. */
struct told {
    bool any;
    uint16_t status;
    uint64_t id;
};
struct sent {
    uint8_t body[BODY_MAX];
    size_t size;
    uint64_t first; /* number */
    uint32_t count;
    bool answered;
};

static struct served served;
static struct sent *sent;
static uint32_t requests;
static uint64_t numbers; /* given out */
static struct told told[REQUESTS_MAX * COMMANDS + 1];
static int connection[CONNECTIONS];
static struct random choices;
static uint64_t seed, answers, posts;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Sending ---- */

/* A package of a new reference; or one of before paused, resumed, withdrawn: all of which would say
 * something else a second time. */
static struct pm_command some_command(char reference[24])
{
    static const uint8_t verbs[] = {PM_PACKAGE_PAUSE, PM_PACKAGE_RESUME, PM_PACKAGE_WITHDRAW};
    struct pm_command command = {0};
    if (posts == 0 || random_percent(&choices, 50)) {
        (void)snprintf(reference, 24, "C%" PRIu64, ++posts);
        return little_package(reference);
    }
    (void)snprintf(reference, 24, "C%" PRIu64,
                   UINT64_C(1) + random_below(&choices, (uint32_t)posts));
    command.verb = verbs[random_below(&choices, 3)];
    command.id.reference = pm_text(reference);
    command.id.reason = command.verb == PM_PACKAGE_WITHDRAW ? PM_MISTAKE : 0;
    return command;
}

static void make_request(void)
{
    struct pm_command command[COMMANDS];
    char reference[COMMANDS][24];
    struct sent *made = &sent[requests];
    made->count = 1 + random_below(&choices, COMMANDS);
    made->first = numbers + 1;
    for (uint32_t i = 0; i < made->count; i++)
        command[i] = some_command(reference[i]);
    struct wire_request request = {
        .actor = {.role = PM_BROKER, .name = pm_text("courier")},
        .market = pm_text("little"),
        .client = CLIENT,
        .first_number = made->first,
        .command = command,
        .count = made->count,
    };
    struct wire_writer writer = {.bytes = made->body, .size = sizeof made->body};
    wire_request_encode(&writer, &request);
    assert_false(writer.overflow);
    made->size = writer.used;
    numbers += made->count;
    requests++;
}

static void hang_up(int at)
{
    if (connection[at] >= 0)
        close(connection[at]);
    connection[at] = -1;
}

static void send_request(uint32_t request)
{
    int at = (int)random_below(&choices, CONNECTIONS);
    if (connection[at] < 0) {
        connection[at] = raw_connect_ipc(served.ipc);
        if (connection[at] >= 0 && !raw_shake_hands(connection[at]))
            hang_up(at);
    }
    if (connection[at] >= 0)
        raw_put_message(connection[at], request, sent[request].body, sent[request].size);
}

/* One of the last few; of those not answered by preference. */
static uint32_t some_recent(void)
{
    uint32_t first = requests > RECENT ? requests - RECENT : 0;
    for (uint32_t request = first; request < requests; request++)
        if (!sent[request].answered && random_percent(&choices, 60))
            return request;
    return first + random_below(&choices, requests - first);
}

static bool oldest_is_answered(void)
{
    return requests < RECENT || sent[requests - RECENT].answered;
}

/* ---- Hearing ---- */

static uint64_t next_value(struct wire_reader *reader)
{
    struct wire_item item;
    assert_true(wire_next(reader, &item));
    return item.value;
}

static void note(uint64_t number, uint16_t status, uint64_t id)
{
    struct told *was = &told[number];
    if (was->any && (was->status != status || was->id != id))
        fail_msg("seed %" PRIu64 ": command %" PRIu64 " was told %s, and now %s", seed, number,
                 pm_status_name(was->status), pm_status_name(status));
    *was = (struct told){true, status, id};
    answers++;
}

/* [version, sequence, status, [[status, id], …]] */
static void hear(uint32_t request, const uint8_t *body, size_t size)
{
    struct wire_reader reader = {.bytes = body, .size = size};
    (void)next_value(&reader);
    (void)next_value(&reader);
    (void)next_value(&reader);
    uint64_t status = next_value(&reader);
    if (status == PM_BUSY || status == PM_STOPPING)
        return; /* nothing was done */
    assert_int_equal(status, PM_OK);
    assert_int_equal(next_value(&reader), sent[request].count);
    for (uint32_t i = 0; i < sent[request].count; i++) {
        uint64_t parts = next_value(&reader);
        uint16_t result = (uint16_t)next_value(&reader);
        note(sent[request].first + i, result, parts > 1 ? next_value(&reader) : 0);
    }
    sent[request].answered = true;
}

/* All that has come, or comes within so many milliseconds. */
static void listen_for(int ms)
{
    static uint8_t body[1 << 16];
    struct pollfd in[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++)
        in[i] = (struct pollfd){.fd = connection[i], .events = POLLIN};
    if (poll(in, CONNECTIONS, ms) <= 0)
        return;
    for (int i = 0; i < CONNECTIONS; i++) {
        uint32_t request;
        if (in[i].revents == 0)
            continue;
        int64_t size = raw_get_message(connection[i], &request, body, sizeof body);
        if (size < 0)
            hang_up(i);
        else if (request < requests)
            hear(request, body, (size_t)size);
    }
}

/* ---- The whole ---- */

static void kill_and_start(void)
{
    served_end(&served, SIGKILL);
    for (int i = 0; i < CONNECTIONS; i++)
        hang_up(i);
    if (!served_start(&served))
        fail_msg("seed %" PRIu64 ": it does not start after the crash", seed);
}

static void one_step(void)
{
    uint32_t dice = random_below(&choices, 100);
    if (dice < 2)
        hang_up((int)random_below(&choices, CONNECTIONS));
    else if (dice < 45 && requests < REQUESTS_MAX && oldest_is_answered())
        make_request();
    if (requests == 0)
        return;
    if (dice < 35)
        send_request(requests - 1);
    else if (dice < 80)
        send_request(some_recent());
    listen_for(dice % 4 == 0);
}

/* Until every request has been answered once. */
static void settle(void)
{
    int64_t until = now_ms() + RAW_WAIT_MS;
    uint32_t first = requests > RECENT ? requests - RECENT : 0;
    for (uint32_t request = first; request < requests; request++) {
        while (!sent[request].answered) {
            assert_true(now_ms() < until);
            send_request(request);
            listen_for(20);
        }
    }
}

/* ---- The journal ---- */

struct replaying {
    struct pm_core *core;
    uint64_t entries, posted;
};

/* Applies it, and holds what comes of it against what was told. */
static bool check_entry(void *context, const struct pm_entry *entry, const uint8_t *bytes,
                        size_t size)
{
    struct replaying *replaying = context;
    (void)bytes;
    (void)size;
    uint64_t packages = pm_core_usage(replaying->core).packages;
    struct pm_result result = pm_core_apply(replaying->core, entry);
    if (entry->client != CLIENT)
        return true;
    replaying->entries++;
    replaying->posted += pm_core_usage(replaying->core).packages > packages;
    const struct told *was = &told[entry->number];
    if (was->any && (was->status != result.status || was->id != result.id))
        fail_msg("seed %" PRIu64 ": command %" PRIu64 " was told %s, and the journal says %s", seed,
                 entry->number, pm_status_name(was->status), pm_status_name(result.status));
    return true;
}

static void check_journal(void)
{
    char path[SCRATCH_PATH + 32];
    const struct pm_limits limits = {.markets = 4,
                                     .providers = 256,
                                     .locations = 256,
                                     .pools = 256,
                                     .services = 256,
                                     .packages = 1 << 17,
                                     .offers = 1 << 17,
                                     .placements = 1 << 14,
                                     .waitlists = 256,
                                     .clients = 64};
    struct journal *journal;
    struct journal_error error = {""};
    struct replaying replaying = {.core = pm_core_open(&limits)};
    (void)snprintf(path, sizeof path, "%s/data/journal.db", served.directory);
    assert_non_null(replaying.core);
    if (journal_open_file(path, &journal, &error) < 0)
        fail_msg("%s", error.text);
    if (journal_entries(journal, 1, UINT64_MAX, check_entry, &replaying, &error) != 0)
        fail_msg("%s", error.text);
    assert_true(replaying.entries >= numbers);
    uint64_t posted = 0;
    for (uint64_t number = 1; number <= numbers; number++) {
        assert_true(told[number].any);
        posted += told[number].status == PM_OK;
    }
    assert_in_range(posted, 1, numbers);
    assert_int_equal(replaying.posted, posts); /* each once, under a reference of its own */
    print_message("# seed %" PRIu64 ": %" PRIu64 " commands, %" PRIu64 " answers, %" PRIu64
                  " entries\n",
                  seed, numbers, answers, replaying.entries);
    journal_close(journal);
    pm_core_close(replaying.core);
}

static void test_each_is_done_once(void **state)
{
    (void)state;
    const char *text = getenv("SECONDS");
    int64_t seconds = text != NULL                  ? strtol(text, NULL, 10)
                      : getenv("TEST_FULL") != NULL ? SECONDS_FULL
                                                    : SECONDS;
    served_load_little(&served);
    int64_t end = now_ms() + seconds * 1000, kill = end;
    for (int64_t now; (now = now_ms()) < end;) {
        if (now >= kill || kill == end) {
            if (kill != end)
                kill_and_start();
            kill = now_ms() + 1 + random_below(&choices, KILL_AFTER_MS);
        }
        one_step();
    }
    settle();
    assert_int_equal(served_end(&served, SIGTERM), 0);
    check_journal();
}

static int set_up(void **state)
{
    static const char *const options[] = {"--snapshot-every",
                                          "500",
                                          "--limit-markets",
                                          "4",
                                          "--limit-providers",
                                          "256",
                                          "--limit-locations",
                                          "256",
                                          "--limit-pools",
                                          "256",
                                          "--limit-services",
                                          "256",
                                          "--limit-packages",
                                          "131072",
                                          "--limit-offers",
                                          "131072",
                                          "--limit-placements",
                                          "16384",
                                          "--limit-waitlists",
                                          "256",
                                          "--limit-clients",
                                          "64",
                                          NULL};
    (void)state;
    const char *text = getenv("SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : 20241224;
    choices = (struct random){seed};
    sent = calloc(REQUESTS_MAX, sizeof *sent);
    for (int i = 0; i < CONNECTIONS; i++)
        connection[i] = -1;
    served_make(&served, options);
    served_expect_hang_ups();
    return sent != NULL && served_start(&served) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < CONNECTIONS; i++)
        hang_up(i);
    served_remove(&served);
    free(sent);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_is_done_once)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
