/*
 * test_durability.c: what the sqlite journal acknowledged survives a power cut, an I/O error or a
 * full disk at every single operation on the disk; with synchronous=OFF it does not, and the same
 * test sees that.
 *
 * The journal runs on vfs_lossy. A failure prints the operation and the seed; both are loop
 * counters here, so a run with them alone replays it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../daemon/journal.h"
#include "../lib/scratch.h"
#include "../lib/vfs_lossy.h"

enum { BATCHES = 8, MORE = 3, BATCH_SIZE_MAX = 70000 };

/* Holds the lock file; everything else is in vfs_lossy. A directory of its own above it, since the
 * journal syncs that too and others are slow to sync. */
static char parent[SCRATCH_PATH], directory[SCRATCH_PATH + 8];
static uint8_t noise[BATCH_SIZE_MAX + 256];

/* What a journal has been told. */
struct history {
    int acknowledged; /* batches [0, acknowledged) */
};

static struct journal_options options(const char *synchronous)
{
    return (struct journal_options){.backend = "sqlite",
                                    .directory = directory,
                                    .vfs = VFS_LOSSY_NAME,
                                    .synchronous = synchronous};
}

/* Batch number `index`, from 0: of one to three sequence numbers, of small and large sizes. */
static struct journal_batch make_batch(int index)
{
    static const size_t sizes[] = {100, 9000, 0, 300, 20000, 5000, 1, BATCH_SIZE_MAX};
    uint64_t first = 1;
    for (int i = 0; i < index; i++)
        first += 1 + (uint64_t)i % 3;
    return (struct journal_batch){first, first + (uint64_t)index % 3, noise + index,
                                  sizes[(size_t)index % (sizeof sizes / sizeof *sizes)]};
}

/* How many batches a journal holds that ends at this sequence number. */
static int batches_until(uint64_t last)
{
    int count = 0;
    while (count < 100 && make_batch(count).first <= last)
        count++;
    return count;
}

enum ending { CLOSED, KILLED };

/* Opens and appends batches up to number `until`, a checkpoint now and then; stops at the first
 * failure. What open finds counts as acknowledged, as a daemon answers for what it replays. A
 * killed process writes nothing more. */
static void append_batches(struct history *history, const char *synchronous, int until,
                           enum ending ending)
{
    struct journal_options how = options(synchronous);
    struct journal *journal;
    struct journal_error err;
    if (journal_open(&how, &journal, &err) < 0)
        return;
    if (history->acknowledged < batches_until(journal_last(journal)))
        history->acknowledged = batches_until(journal_last(journal));
    enum journal_result result = JOURNAL_OK;
    for (int i = history->acknowledged; i < until && result == JOURNAL_OK; i++) {
        struct journal_batch batch = make_batch(i);
        if (i == 0)
            journal_meta_set(journal, "store", "a", 1, &err);
        result = journal_append(journal, &batch);
        if (result == JOURNAL_OK)
            history->acknowledged = i + 1;
        if (i % 3 == 2)
            journal_checkpoint(journal, &err);
    }
    if (result != JOURNAL_OK) { /* tainted: not even the right batch is taken */
        struct journal_batch batch = make_batch(history->acknowledged);
        assert_int_equal(result, JOURNAL_FAILED);
        assert_int_equal(journal_append(journal, &batch), JOURNAL_FAILED);
        assert_true(strlen(journal_problem(journal)) > 0);
    }
    if (ending == KILLED)
        vfs_lossy_arm(VFS_LOSSY_CRASH, 1);
    journal_close(journal);
}

struct reading {
    int found;
    const char *wrong; /* what is wrong with a batch that was found, or NULL */
};

static int read_batch(void *ctx, const struct journal_batch *batch)
{
    struct reading *reading = ctx;
    struct journal_batch expected = make_batch(reading->found);
    if (batch->first != expected.first || batch->last != expected.last)
        reading->wrong = "another range";
    else if (batch->size != expected.size ||
             (batch->size && memcmp(batch->bytes, expected.bytes, batch->size) != 0))
        reading->wrong = "other bytes";
    reading->found++;
    return reading->wrong ? 1 : 0;
}

/* Opens the journal and compares all of it with the history. Returns NULL when every acknowledged
 * batch is there once, in order, and at most one more, which counts as acknowledged from now on;
 * otherwise what is wrong. */
static const char *check(struct history *history, const char *synchronous)
{
    static struct journal_error err; /* returned */
    struct journal_options how = options(synchronous);
    struct journal *journal;
    if (journal_open(&how, &journal, &err) < 0)
        return err.text;
    struct reading reading = {0};
    int result = journal_replay(journal, 0, read_batch, &reading, &err);
    uint64_t last = reading.found ? make_batch(reading.found - 1).last : 0;
    const char *wrong = reading.wrong;
    if (result < 0)
        wrong = err.text;
    else if (!wrong && journal_last(journal) != last)
        wrong = "journal_last() is another";
    journal_close(journal);
    if (!wrong && reading.found < history->acknowledged)
        wrong = "an acknowledged batch is lost";
    if (!wrong && reading.found > history->acknowledged + 1)
        wrong = "a batch is there that was not sent";
    history->acknowledged = reading.found;
    return wrong;
}

static void must(const char *wrong, const char *when, uint64_t at, uint64_t seed)
{
    if (wrong)
        fail_msg("%s, operation %llu, seed %llu: %s", when, (unsigned long long)at,
                 (unsigned long long)seed, wrong);
}

/* How many operations the whole run takes without a fault. */
static uint64_t count_operations(void)
{
    struct history history = {0};
    vfs_lossy_start();
    append_batches(&history, "FULL", BATCHES, CLOSED);
    assert_int_equal(history.acknowledged, BATCHES);
    uint64_t operations = vfs_lossy_operations();
    assert_null(check(&history, "FULL"));
    vfs_lossy_stop();
    return operations;
}

/* A run with a crash at an operation, and what is wrong after it. */
static const char *crash_once(struct history *history, const char *synchronous, uint64_t at,
                              uint64_t seed)
{
    *history = (struct history){0};
    vfs_lossy_start();
    vfs_lossy_arm(VFS_LOSSY_CRASH, at);
    append_batches(history, synchronous, BATCHES, CLOSED);
    vfs_lossy_crash(seed);
    return check(history, synchronous);
}

static uint64_t seeds(void)
{
    return getenv("TEST_FULL") ? 40 : 5;
}

static void test_crash_everywhere(void **state)
{
    (void)state;
    uint64_t operations = count_operations();
    for (uint64_t at = 1; at <= operations; at++) {
        for (uint64_t seed = 0; seed < seeds(); seed++) {
            struct history history;
            must(crash_once(&history, "FULL", at, seed), "crash", at, seed);
            /* Life goes on, and that lasts as well. */
            append_batches(&history, "FULL", history.acknowledged + MORE, KILLED);
            vfs_lossy_crash(0);
            must(check(&history, "FULL"), "crash after a crash", at, seed);
            vfs_lossy_stop();
        }
    }
}

/* The second crash comes while the first is being recovered from. */
static void test_crash_in_recovery(void **state)
{
    (void)state;
    uint64_t operations = count_operations(), step = getenv("TEST_FULL") ? 1 : 11;
    for (uint64_t at = 1; at <= operations; at += step) {
        for (uint64_t again = 1; again < 60; again += 1 + at % 3) {
            struct history history = {0};
            vfs_lossy_start();
            vfs_lossy_arm(VFS_LOSSY_CRASH, at);
            append_batches(&history, "FULL", BATCHES, CLOSED);
            vfs_lossy_crash(at + again);
            vfs_lossy_arm(VFS_LOSSY_CRASH, again);
            struct history recovering = history;
            append_batches(&recovering, "FULL", history.acknowledged, CLOSED);
            vfs_lossy_crash(at * again);
            must(check(&history, "FULL"), "crash in recovery", at, again);
            vfs_lossy_stop();
        }
    }
}

/* The canary: without syncs the very same test must see acknowledged batches lost. */
static void test_unsynced_is_lost(void **state)
{
    (void)state;
    uint64_t operations = count_operations();
    int lost = 0;
    for (uint64_t at = 1; at <= operations; at++) {
        struct history history;
        const char *wrong = crash_once(&history, "OFF", at, 0);
        lost += wrong && strcmp(wrong, "an acknowledged batch is lost") == 0;
        vfs_lossy_stop();
    }
    assert_true(lost > 0);
}

/* A fault at an operation; the daemon starts anew on the same machine, with what the kernel has in
 * its cache, appends more, and then the power goes. */
static void try_fault(enum vfs_lossy_fault fault, uint64_t at, enum ending ending)
{
    static const char *const names[] = {"", "", "I/O error", "broken disk", "full disk"};
    struct history history = {0};
    vfs_lossy_start();
    vfs_lossy_arm(fault, at);
    append_batches(&history, "FULL", BATCHES, ending);
    vfs_lossy_arm(VFS_LOSSY_NONE, 0);
    append_batches(&history, "FULL", history.acknowledged + MORE, KILLED);
    vfs_lossy_crash(0);
    must(check(&history, "FULL"), names[fault], at, 0);
    vfs_lossy_stop();
}

static void test_faults_everywhere(void **state)
{
    (void)state;
    uint64_t operations = count_operations();
    for (uint64_t at = 1; at <= operations; at++) {
        for (int fault = VFS_LOSSY_IO_ERROR; fault <= VFS_LOSSY_FULL; fault++) {
            try_fault((enum vfs_lossy_fault)fault, at, CLOSED);
            try_fault((enum vfs_lossy_fault)fault, at, KILLED);
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((i * 2654435761u) >> 13);
    scratch_make(parent);
    snprintf(directory, sizeof directory, "%s/data", parent);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char lock[96];
    snprintf(lock, sizeof lock, "%s/lock", directory);
    unlink(lock);
    rmdir(directory);
    return rmdir(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_everywhere),
        cmocka_unit_test(test_crash_in_recovery),
        cmocka_unit_test(test_unsynced_is_lost),
        cmocka_unit_test(test_faults_everywhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
