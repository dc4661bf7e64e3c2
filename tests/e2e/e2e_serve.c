/*
 * e2e_serve.c: what a running daemon promises beyond its core: the told clock, watching, stopping,
 * starting again, refusing to start, and giving up when the journal fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "daemon/snapshot_file.h"
#include "placemat.h"
#include "tests/lib/little_market.h"
#include "tests/lib/look.h"
#include "tests/lib/served.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 20000, HOUR = 3600000 };

static struct served served;

/* ---- Asking ---- */

/* One command on a connection of its own. The status; of a query the body, in *reply until freed.
 */
static unsigned ask_by(enum pm_role role, const struct pm_command *command, struct pm_reply **reply,
                       struct look *body)
{
    struct pm_client *client = served_client(served.ipc, role, "serve");
    struct pm_client_error error;
    if (pm_client_call(client, command, 1, reply, &error) != PM_CALL_DONE)
        fail_msg("%s", error.text);
    pm_client_close(client);
    assert_int_equal(pm_reply_status(*reply), PM_OK);
    body->bytes = pm_reply_body(*reply, 0, &body->size);
    return pm_reply_result(*reply, 0).status;
}

static unsigned status_by(enum pm_role role, const struct pm_command *command)
{
    struct pm_reply *reply = NULL;
    struct look body;
    unsigned status = ask_by(role, command, &reply, &body);
    pm_reply_free(reply);
    return status;
}

static unsigned post(const char *reference)
{
    struct pm_command command = little_package(reference);
    return status_by(PM_BROKER, &command);
}

static unsigned show(const char *reference)
{
    return status_by(PM_BROKER, &(struct pm_command){.verb = PM_PACKAGE_SHOW,
                                                     .id = {.reference = pm_text(reference)}});
}

static void load_market(void)
{
    struct pm_command load = little_market_load();
    assert_int_equal(status_by(PM_OPERATOR, &load), PM_OK);
}

static void start(const char *const *options)
{
    served_make(&served, options);
    assert_true(served_start(&served));
    load_market();
}

static void start_again(void)
{
    assert_true(served_start(&served));
}

/* ---- The told clock ---- */

/* Ticks to a time and works off all that is due; the status of the first tick. */
static unsigned tick(int64_t time)
{
    unsigned status;
    int64_t pending = 0;
    do {
        struct pm_reply *reply = NULL;
        struct look body;
        status = ask_by(PM_OPERATOR, &(struct pm_command){.verb = PM_TICK, .tick = {.time = time}},
                        &reply, &body);
        if (status == PM_OK) {
            assert_int_equal(look_number(body, "time"), time);
            pending = look_number(body, "pending");
        }
        pm_reply_free(reply);
    } while (status == PM_OK && pending);
    return status;
}

static size_t open_offers(void)
{
    struct pm_reply *reply = NULL;
    struct look body;
    struct pm_command list = {.verb = PM_OFFERS, .list = {.state = 1 + PM_OFFER_OPEN}};
    assert_int_equal(ask_by(PM_BROKER, &list, &reply, &body), PM_OK);
    size_t rows = look_count(body, "rows");
    pm_reply_free(reply);
    return rows;
}

static size_t expired_offers(void)
{
    struct pm_reply *reply = NULL;
    struct look body;
    struct pm_command list = {.verb = PM_OFFERS, .list = {.state = 1 + PM_OFFER_IS_EXPIRED}};
    assert_int_equal(ask_by(PM_BROKER, &list, &reply, &body), PM_OK);
    size_t rows = look_count(body, "rows");
    pm_reply_free(reply);
    return rows;
}

static void test_manual_clock(void **state)
{
    static const char *const options[] = {"--clock", "manual", NULL};
    (void)state;
    served_make(&served, options);
    assert_true(served_start(&served));
    assert_int_equal(tick(LITTLE_TIME), PM_OK);
    load_market();
    assert_int_equal(tick(LITTLE_TIME - 1), PM_BAD_TIME);
    assert_int_equal(tick(LITTLE_TIME), PM_OK);
    assert_int_equal(post("m1"), PM_OK);
    assert_int_equal(open_offers(), 1);
    assert_int_equal(tick(LITTLE_TIME + HOUR), PM_OK); /* at the deadline an answer is in time */
    assert_int_equal(expired_offers(), 0);
    assert_int_equal(tick(LITTLE_TIME + HOUR + 1), PM_OK);
    assert_int_equal(expired_offers(), 1);
    /* The time that was told outlives a restart. */
    assert_int_equal(served_end(&served, SIGKILL), -1);
    start_again();
    assert_int_equal(tick(LITTLE_TIME + HOUR), PM_BAD_TIME);
    assert_int_equal(expired_offers(), 1);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    served_remove(&served);
}

static void test_system_clock_is_not_told(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(tick(INT64_MAX), PM_BAD_TIME);
    served_remove(&served);
}

/* ---- Watching ---- */

struct watching {
    uint64_t cursor;
    uint32_t wait;
    size_t events; /* answered */
    uint64_t next;
    unsigned status;
};

static void *watch(void *context)
{
    struct watching *watching = context;
    struct pm_reply *reply = NULL;
    struct look body;
    watching->status =
        ask_by(PM_BROKER,
               &(struct pm_command){.verb = PM_WATCH,
                                    .watch = {.cursor = watching->cursor, .wait = watching->wait}},
               &reply, &body);
    if (watching->status == PM_OK) {
        watching->events = look_count(body, "events");
        watching->next = (uint64_t)look_number(body, "cursor");
    }
    pm_reply_free(reply);
    return NULL;
}

/* Until so many watchers are parked. */
static void wait_for_watchers(int64_t wanted)
{
    int64_t parked;
    do {
        struct pm_reply *reply = NULL;
        struct look body;
        assert_int_equal(ask_by(PM_BROKER, &(struct pm_command){.verb = PM_STATS}, &reply, &body),
                         PM_OK);
        parked = look_number(body, "watchers");
        pm_reply_free(reply);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    } while (parked != wanted);
}

static void test_watch(void **state)
{
    (void)state;
    pthread_t thread;
    struct watching now = {.cursor = 0, .wait = WAIT_MS};
    start(NULL);
    watch(&now); /* from now: at once */
    assert_int_equal(now.events, 0);
    struct watching parked = {.cursor = now.next, .wait = 60000};
    assert_int_equal(pthread_create(&thread, NULL, watch, &parked), 0);
    wait_for_watchers(1);
    assert_int_equal(post("w1"), PM_OK);
    pthread_join(thread, NULL);
    assert_true(parked.events >= 1);
    assert_true(parked.next > now.next);
    struct watching again = {.cursor = now.next}; /* the same events are still there */
    watch(&again);
    assert_true(again.events >= parked.events);
    struct watching over = {.cursor = again.next, .wait = 20};
    watch(&over);
    assert_int_equal(over.status, PM_OK);
    struct watching old = {.cursor = 1};
    watch(&old);
    assert_int_equal(old.status, PM_RESYNC);
    served_remove(&served);
}

/* A stop answers who waits. */
static void test_stop_releases_watchers(void **state)
{
    (void)state;
    pthread_t thread;
    struct watching now = {.cursor = 0};
    start(NULL);
    watch(&now);
    struct watching parked = {.cursor = now.next, .wait = 60000, .status = 99};
    assert_int_equal(pthread_create(&thread, NULL, watch, &parked), 0);
    wait_for_watchers(1);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    pthread_join(thread, NULL);
    assert_int_equal(parked.status, PM_OK);
    assert_int_equal(parked.events, 0);
    served_remove(&served);
}

/* ---- Starting ---- */

/* Runs the daemon with these arguments; its exit code. */
static int run(const char *const *arguments)
{
    char program[512];
    const char *argument[12] = {program};
    int status;
    const char *bin = getenv("BIN");
    snprintf(program, sizeof program, "%s/placematd", bin ? bin : "build/bin");
    for (size_t i = 0; arguments[i]; i++)
        argument[i + 1] = arguments[i];
    pid_t pid = fork();
    if (pid == 0) {
        char *const *exec_arguments;
        memcpy(&exec_arguments, &(const char **){argument}, sizeof exec_arguments);
        if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
            _exit(126);
        execv(program, exec_arguments);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_refuses_to_start(void **state)
{
    static const char *const options[] = {"--limit-packages", "1000", NULL};
    char data[128];
    (void)state;
    start(options);
    snprintf(data, sizeof data, "%s/data", served.directory);
    const char *const in_use[] = {"--data", data, "--listen", "tcp://127.0.0.1:0", NULL};
    assert_int_equal(run(in_use), 1);
    assert_int_equal(post("s1"), PM_OK); /* and the other one goes on */
    assert_int_equal(served_end(&served, SIGINT), 0);
    const char *const other_limits[] = {"--data", data, "--limit-packages", "2000", NULL};
    assert_int_equal(run(other_limits), 1);
    const char *const no_market[] = {"--data", data, "--market", "/nonexistent.yaml", NULL};
    assert_int_equal(run(no_market), 1);
    const char *const no_parent[] = {"--data", "/nonexistent/data", NULL};
    assert_int_equal(run(no_parent), 1);
    assert_int_equal(run((const char *const[]){"--dta", data, NULL}), 2);
    assert_int_equal(run((const char *const[]){"--version", NULL}), 0);
    start_again();
    assert_int_equal(show("s1"), PM_OK);
    served_remove(&served);
}

/* A snapshot whole as a file, but not a state that this version writes: the journal is replayed. */
static void test_unusable_snapshot(void **state)
{
    char data[SCRATCH_PATH + 8];
    struct snapshot_file *file = NULL;
    struct journal_error why = {""};
    (void)state;
    start(NULL);
    assert_int_equal(post("u1"), PM_OK);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    snprintf(data, sizeof data, "%s/data", served.directory);
    assert_int_equal(snapshot_file_begin(data, 2, &file, &why), 0);
    assert_int_equal(snapshot_file_write(file, "another version's", 17, &why), 0);
    assert_int_equal(snapshot_file_finish(file, &why), 0);
    assert_int_equal(snapshot_file_publish(file, &why), 0);
    start_again();
    assert_int_equal(show("u1"), PM_OK);
    assert_int_equal(post("u1"), PM_DUPLICATE_REFERENCE);
    served_remove(&served);
}

/* A journal that other rules answered is replayed once somebody has said that it may be. */
static void test_other_rules(void **state)
{
    char data[SCRATCH_PATH + 8], rules[16];
    struct journal *journal;
    struct journal_error why = {""};
    (void)state;
    start(NULL);
    assert_int_equal(post("r1"), PM_OK);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    snprintf(data, sizeof data, "%s/data", served.directory);
    struct journal_options options = {.backend = "sqlite", .directory = data};
    assert_int_equal(journal_open(&options, &journal, &why), 0);
    assert_int_equal(journal_meta_change(journal, "rules", "0", 1, &why), 0);
    journal_close(journal);
    assert_int_equal(run((const char *const[]){"--data", data, NULL}), 1);
    snprintf(rules, sizeof rules, "%d", PM_RULES);
    served.option[0] = "--accept-rules";
    served.option[1] = rules;
    start_again();
    assert_int_equal(show("r1"), PM_OK);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    served.option[0] = served.option[1] = NULL;
    start_again();
    assert_int_equal(show("r1"), PM_OK);
    served_remove(&served);
}

/* ---- The journal fails ---- */

/* Files may grow no further, as on a full disk: the daemon ends with 4 and has acknowledged nothing
 * that is not there afterwards. */
static void test_journal_fails(void **state)
{
    struct rlimit limit = {.rlim_cur = 256 << 10, .rlim_max = RLIM_INFINITY};
    struct pm_client_error error = {""};
    enum pm_client_outcome outcome;
    unsigned acknowledged = 0;
    char reference[32];
    (void)state;
    start(NULL);
    assert_int_equal(prlimit(served.pid, RLIMIT_FSIZE, &limit, NULL), 0);
    struct pm_client_options options = {.url = served.ipc,
                                        .market = "little",
                                        .actor = {.role = PM_BROKER, .name = pm_text("serve")},
                                        .timeout = 1000};
    struct pm_client *client = NULL;
    assert_int_equal(pm_client_open(&options, &client, &error), PM_CALL_DONE);
    do {
        struct pm_reply *reply = NULL;
        snprintf(reference, sizeof reference, "j%u", acknowledged);
        struct pm_command command = little_package(reference);
        outcome = pm_client_call(client, &command, 1, &reply, &error);
        if (outcome == PM_CALL_DONE) {
            assert_int_equal(pm_reply_result(reply, 0).status, PM_OK);
            acknowledged++;
        }
        pm_reply_free(reply);
    } while (outcome == PM_CALL_DONE && acknowledged < 20000);
    pm_client_close(client);
    assert_int_equal(outcome, PM_CALL_UNREACHABLE);
    assert_int_equal(served_end(&served, SIGCONT), 4);
    start_again();
    for (unsigned i = 0; i < acknowledged; i++) {
        snprintf(reference, sizeof reference, "j%u", i);
        assert_int_equal(show(reference), PM_OK);
    }
    served_remove(&served);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual_clock),
        cmocka_unit_test(test_system_clock_is_not_told),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_stop_releases_watchers),
        cmocka_unit_test(test_refuses_to_start),
        cmocka_unit_test(test_unusable_snapshot),
        cmocka_unit_test(test_other_rules),
        cmocka_unit_test(test_journal_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
