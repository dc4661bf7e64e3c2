/*
 * test_journal.c: one contract, tried on every backend it applies to; and what is the sqlite
 * backend's own: damage seen, foreign files refused, one opener, checkpoints beside appends.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>
#include <cmocka.h>

#include "../../daemon/journal.h"
#include "../lib/scratch.h"

enum { BATCHES = 20, SIZE_MAX_USED = 30000 };

static char parent[SCRATCH_PATH], directory[SCRATCH_PATH + 8];
static uint8_t noise[SIZE_MAX_USED + 256];

static struct journal_options options(const char *backend)
{
    return (struct journal_options){.backend = backend, .directory = directory};
}

static struct journal *open_journal(const char *backend)
{
    struct journal_options how = options(backend);
    struct journal_error err;
    struct journal *journal;
    if (journal_open(&how, &journal, &err) < 0)
        fail_msg("%s: %s", backend, err.text);
    return journal;
}

/* The sentence with which an open is refused. */
static const char *refused(const struct journal_options *how)
{
    static struct journal_error err;
    struct journal *journal;
    assert_int_equal(journal_open(how, &journal, &err), -1);
    assert_null(journal);
    return err.text;
}

/* Batch number `index`, from 0: of one to four sequence numbers. */
static struct journal_batch make_batch(int index)
{
    static const size_t sizes[] = {10, 0, 4096, 300, SIZE_MAX_USED, 1};
    uint64_t first = 1;
    for (int i = 0; i < index; i++)
        first += 1 + (uint64_t)i % 4;
    return (struct journal_batch){first, first + (uint64_t)index % 4, noise + index,
                                  sizes[(size_t)index % (sizeof sizes / sizeof *sizes)]};
}

static void append_batches(struct journal *journal, int from, int until)
{
    for (int i = from; i < until; i++) {
        struct journal_batch batch = make_batch(i);
        assert_int_equal(journal_append(journal, &batch), JOURNAL_OK);
        assert_int_equal(journal_last(journal), batch.last);
    }
}

struct reading {
    int next; /* the number of the batch that comes next */
    int stop_at;
};

static int read_batch(void *ctx, const struct journal_batch *batch)
{
    struct reading *reading = ctx;
    if (reading->next == reading->stop_at)
        return 7;
    struct journal_batch expected = make_batch(reading->next++);
    assert_int_equal(batch->first, expected.first);
    assert_int_equal(batch->last, expected.last);
    assert_int_equal(batch->size, expected.size);
    if (batch->size)
        assert_memory_equal(batch->bytes, expected.bytes, batch->size);
    return 0;
}

/* Replays from a sequence number; expects the batches [first, until). */
static void expect_replay(struct journal *journal, uint64_t from, int first, int until)
{
    struct journal_error err;
    struct reading reading = {.next = first, .stop_at = -1};
    if (journal_replay(journal, from, read_batch, &reading, &err) != 0)
        fail_msg("replay: %s", err.text);
    assert_int_equal(reading.next, until);
}

static const char *expect_broken_replay(struct journal *journal, uint64_t from)
{
    static struct journal_error err;
    struct reading reading = {.next = 0, .stop_at = -1};
    if (from > 1)
        while (make_batch(reading.next).last < from)
            reading.next++;
    assert_int_equal(journal_replay(journal, from, read_batch, &reading, &err), -1);
    return err.text;
}

/* ---- the contract ---- */

static void test_appends_in_order(void **state)
{
    struct journal *journal = open_journal(*state);
    assert_int_equal(journal_last(journal), 0);
    assert_string_equal(journal_problem(journal), "");
    append_batches(journal, 0, BATCHES);
    journal_close(journal);
}

static void test_refuses_what_does_not_follow(void **state)
{
    static const struct {
        uint64_t first, last;
        size_t size;
    } wrong[] = {
        {0, 0, 1},
        {1, 1, 1},
        {5, 6, 1}, /* journal_last() + 2 */
        {3, 3, 1}, /* journal_last() */
        {4, 3, 1}, /* ends before it begins */
        {4, 0, 1},
        {4, JOURNAL_SEQUENCE_MAX + 1, 1},
        {4, UINT64_MAX, 1},
        {UINT64_MAX, UINT64_MAX, 1},
        {4, 4, JOURNAL_BATCH_SIZE_MAX + 1},
    };
    struct journal *journal = open_journal(*state);
    append_batches(journal, 0, 2);
    assert_int_equal(journal_last(journal), 3);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct journal_batch batch = {wrong[i].first, wrong[i].last, noise, wrong[i].size};
        assert_int_equal(journal_append(journal, &batch), JOURNAL_REFUSED);
        assert_true(strlen(journal_problem(journal)) > 0);
        assert_int_equal(journal_last(journal), 3);
    }
    append_batches(journal, 2, 4); /* and it goes on */
    journal_close(journal);
}

static void test_replays_from_the_middle(void **state)
{
    struct journal *journal = open_journal(*state);
    expect_replay(journal, 0, 0, 0);
    append_batches(journal, 0, BATCHES);
    expect_replay(journal, 0, 0, BATCHES);
    for (int i = 0; i < BATCHES; i++) {
        struct journal_batch batch = make_batch(i);
        for (uint64_t from = batch.first; from <= batch.last; from++)
            expect_replay(journal, from, i, BATCHES);
    }
    expect_replay(journal, journal_last(journal) + 1, BATCHES, BATCHES);
    expect_replay(journal, UINT64_MAX, BATCHES, BATCHES);
    struct journal_error err;
    struct reading reading = {.next = 0, .stop_at = 3};
    assert_int_equal(journal_replay(journal, 0, read_batch, &reading, &err), 7);
    assert_int_equal(reading.next, 3);
    append_batches(journal, BATCHES, BATCHES + 2);
    expect_replay(journal, 0, 0, BATCHES + 2);
    journal_close(journal);
}

static void test_keeps_named_values(void **state)
{
    struct journal *journal = open_journal(*state);
    struct journal_error err;
    uint8_t value[JOURNAL_META_SIZE_MAX];
    size_t size = 1;
    char name[JOURNAL_META_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    name[JOURNAL_META_NAME_MAX + 1] = '\0';
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), 0);
    assert_int_equal(size, 0);
    assert_int_equal(journal_meta_set(journal, "store", "abc", 3, &err), 0);
    assert_int_equal(journal_meta_set(journal, "store", "abc", 3, &err), 0);
    assert_int_equal(journal_meta_set(journal, "store", "abd", 3, &err), -1);
    assert_non_null(strstr(err.text, "'store' is set already"));
    assert_int_equal(journal_meta_set(journal, "store", "ab", 2, &err), -1);
    assert_int_equal(journal_meta_change(journal, "changed", "x", 1, &err), 0);
    assert_int_equal(journal_meta_change(journal, "changed", "yz", 2, &err), 0);
    assert_int_equal(journal_meta_get(journal, "changed", value, &size, &err), 1);
    assert_int_equal(size, 2);
    assert_memory_equal(value, "yz", 2);
    assert_int_equal(journal_meta_change(journal, name, "x", 1, &err), -1);
    assert_int_equal(journal_meta_set(journal, "empty", NULL, 0, &err), 0);
    assert_int_equal(journal_meta_set(journal, "large", noise, JOURNAL_META_SIZE_MAX, &err), 0);
    assert_int_equal(journal_meta_set(journal, "x", noise, JOURNAL_META_SIZE_MAX + 1, &err), -1);
    assert_int_equal(journal_meta_set(journal, name, "x", 1, &err), -1);
    assert_int_equal(journal_meta_set(journal, "", "x", 1, &err), -1);
    assert_int_equal(journal_meta_get(journal, "", value, &size, &err), -1);
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), 1);
    assert_int_equal(size, 3);
    assert_memory_equal(value, "abc", 3);
    assert_int_equal(journal_meta_get(journal, "empty", value, &size, &err), 1);
    assert_int_equal(size, 0);
    assert_int_equal(journal_meta_get(journal, "large", value, &size, &err), 1);
    assert_int_equal(size, JOURNAL_META_SIZE_MAX);
    assert_memory_equal(value, noise, JOURNAL_META_SIZE_MAX);
    journal_close(journal);
}

static void test_checkpoint_changes_nothing(void **state)
{
    struct journal *journal = open_journal(*state);
    struct journal_error err;
    assert_false(journal_checkpoint_due(journal));
    for (int i = 0; i < BATCHES; i++) {
        append_batches(journal, i, i + 1);
        assert_int_equal(journal_checkpoint(journal, &err), 0);
    }
    assert_false(journal_checkpoint_due(journal));
    if (strcmp(*state, "null") != 0)
        expect_replay(journal, 0, 0, BATCHES);
    journal_close(journal);
}

static void test_null_keeps_nothing(void **state)
{
    (void)state;
    struct journal *journal = open_journal("null");
    struct journal_error err;
    uint8_t value[JOURNAL_META_SIZE_MAX];
    size_t size;
    append_batches(journal, 0, 3);
    expect_replay(journal, 0, 0, 0);
    assert_int_equal(journal_meta_set(journal, "store", "abc", 3, &err), 0);
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), 0);
    journal_close(journal);
}

static void test_memory_fails_when_told(void **state)
{
    (void)state;
    struct journal_options how = options("memory");
    how.refuse_append = 3;
    how.fail_append = 5;
    struct journal_error err;
    struct journal *journal;
    assert_int_equal(journal_open(&how, &journal, &err), 0);
    append_batches(journal, 0, 2);
    struct journal_batch batch = make_batch(2);
    assert_int_equal(journal_append(journal, &batch), JOURNAL_REFUSED);
    append_batches(journal, 2, 3);
    batch = make_batch(3);
    for (int i = 0; i < 3; i++) { /* tainted: it stays so */
        assert_int_equal(journal_append(journal, &batch), JOURNAL_FAILED);
        assert_string_equal(journal_problem(journal), "the storage failed (injected)");
    }
    assert_int_equal(journal_last(journal), make_batch(2).last);
    expect_replay(journal, 0, 0, 3);
    journal_close(journal);
}

static void test_options_are_checked(void **state)
{
    (void)state;
    struct journal_options how = options("papyrus");
    assert_string_equal(refused(&how), "there is no journal backend 'papyrus'");
    how = options(NULL);
    assert_string_equal(refused(&how), "no journal backend was named");
    how = options("sqlite");
    how.synchronous = "NORMAL";
    assert_non_null(strstr(refused(&how), "FULL or OFF, not 'NORMAL'"));
    how = options("sqlite");
    how.directory = NULL;
    assert_non_null(strstr(refused(&how), "needs a directory"));
    how.directory = "/nowhere/at/all";
    assert_non_null(strstr(refused(&how), "/nowhere/at/all"));
    how = options("sqlite");
    how.vfs = "none such";
    assert_non_null(strstr(refused(&how), "no such vfs"));
    journal_close(NULL);
}

/* ---- sqlite ---- */

/* Runs SQL on the journal's file as any other program could. */
static void run_sql(const char *sql)
{
    char path[128], *problem = NULL;
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/journal.db", directory);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &problem);
    if (problem)
        fail_msg("%s: %s", sql, problem);
    sqlite3_close(db);
}

static void test_reopens(void **state)
{
    (void)state;
    struct journal_error err;
    uint8_t value[JOURNAL_META_SIZE_MAX];
    size_t size;
    for (int i = 0; i < 6; i++) {
        struct journal *journal = open_journal("sqlite");
        assert_int_equal(journal_last(journal), i ? make_batch(3 * i - 1).last : 0);
        assert_int_equal(journal_meta_set(journal, "store", "abc", 3, &err), 0);
        append_batches(journal, 3 * i, 3 * i + 3);
        expect_replay(journal, 0, 0, 3 * i + 3);
        journal_close(journal);
    }
    struct journal *journal = open_journal("sqlite");
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), 1);
    assert_memory_equal(value, "abc", 3);
    journal_close(journal);
}

static void test_files_are_for_the_owner(void **state)
{
    (void)state;
    static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock"};
    mode_t mask = umask(0);
    struct journal *journal = open_journal("sqlite");
    append_batches(journal, 0, 1);
    struct stat now;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        assert_int_equal(stat(path, &now), 0);
        assert_int_equal(now.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(directory, &now), 0);
    assert_int_equal(now.st_mode & 0777, 0700);
    journal_close(journal);
    umask(mask);
}

static void refusal_by(char sentence[200], pid_t pid)
{
    snprintf(sentence, 200, "the journal in %s is already open, by process %ld", directory,
             (long)pid);
}

/* Waits until the parent has the journal open, then tries; returns an exit status. */
static int try_in_child(int opened, pid_t parent_id)
{
    struct journal_options how = options("sqlite");
    struct journal_error err;
    struct journal *journal;
    char byte, expected[200];
    refusal_by(expected, parent_id);
    if (read(opened, &byte, 1) != 1 || journal_open(&how, &journal, &err) != -1)
        return 1;
    return strcmp(err.text, expected) == 0 ? 0 : 2;
}

static void test_one_opener(void **state)
{
    (void)state;
    int opened[2], status;
    pid_t self = getpid();
    assert_int_equal(pipe(opened), 0);
    pid_t child = fork(); /* before anything is open, so that the child has nothing to free */
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_in_child(opened[0], self));
    struct journal_options how = options("sqlite");
    struct journal *journal = open_journal("sqlite");
    append_batches(journal, 0, 2);
    assert_int_equal(write(opened[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    char expected[200];
    refusal_by(expected, self);
    assert_string_equal(refused(&how), expected);
    append_batches(journal, 2, 4);
    assert_string_equal(refused(&how), expected); /* the refusals have not dropped a lock */
    journal_close(journal);
    journal_close(open_journal("sqlite"));
    close(opened[0]);
    close(opened[1]);
}

/* What a killed daemon leaves, a child that has its files for a moment yet, is waited for. */
static void test_what_a_killed_opener_leaves(void **state)
{
    (void)state;
    struct journal *journal = open_journal("sqlite");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        poll(NULL, 0, 100);
        _exit(0);
    }
    journal_close(journal);
    journal_close(open_journal("sqlite"));
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* A writer that went past the lock: the primary key is the last defence. */
static void test_another_writer(void **state)
{
    (void)state;
    struct journal *journal = open_journal("sqlite");
    append_batches(journal, 0, 2);
    run_sql("INSERT INTO batch VALUES(4, 9, zeroblob(32), x'00')");
    struct journal_batch batch = make_batch(2);
    assert_int_equal(journal_append(journal, &batch), JOURNAL_REFUSED);
    assert_non_null(strstr(journal_problem(journal), "another writer"));
    assert_int_equal(journal_last(journal), 3);
    run_sql("DELETE FROM batch WHERE first=4");
    append_batches(journal, 2, 4);
    journal_close(journal);
}

static void test_damage_is_seen(void **state)
{
    (void)state;
    /* Batch 4 begins at 11 and has 30,000 bytes; batch 5, of one byte, begins at 12. */
    static const struct {
        const char *damage, *undo, *sentence;
    } cases[] = {
        {"UPDATE batch SET bytes=substr(bytes,1,777)||x'55'||substr(bytes,779) WHERE first=11",
         "UPDATE batch SET bytes=(SELECT bytes FROM kept) WHERE first=11",
         "batch row 11 is damaged: its chain hash does not match"},
        {"UPDATE batch SET chain=zeroblob(32) WHERE first=11",
         "UPDATE batch SET chain=(SELECT chain FROM kept) WHERE first=11",
         "batch row 11 is damaged: its chain hash does not match"},
        {"UPDATE batch SET chain=zeroblob(31) WHERE first=11",
         "UPDATE batch SET chain=(SELECT chain FROM kept) WHERE first=11",
         "batch row 11 is damaged: it is not a valid row"},
        {"UPDATE batch SET last=10 WHERE first=11", "UPDATE batch SET last=11 WHERE first=11",
         "batch row 11 is damaged: it is not a valid row"},
        {"UPDATE batch SET last=12 WHERE first=11", "UPDATE batch SET last=11 WHERE first=11",
         "batch row 11 is damaged: its chain hash does not match"},
        {"DELETE FROM batch WHERE first=11", "INSERT INTO batch SELECT * FROM kept",
         "batch row 12 does not follow the row before it, which ends at 10"},
        {"UPDATE batch SET first=-11 WHERE first=11", "UPDATE batch SET first=11 WHERE first=-11",
         "batch row -11 is damaged: it is not a valid row"},
    };
    struct journal *journal = open_journal("sqlite");
    append_batches(journal, 0, BATCHES);
    journal_close(journal);
    run_sql("CREATE TABLE kept AS SELECT * FROM batch WHERE first=11");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_sql(cases[i].damage);
        journal = open_journal("sqlite");
        const char *sentence = expect_broken_replay(journal, 0);
        if (!strstr(sentence, cases[i].sentence))
            fail_msg("'%s' is not in '%s'", cases[i].sentence, sentence);
        journal_close(journal);
        run_sql(cases[i].undo);
    }
    journal = open_journal("sqlite");
    expect_replay(journal, 0, 0, BATCHES);
    journal_close(journal);
}

static void test_damage_before_and_after(void **state)
{
    (void)state;
    struct journal *journal = open_journal("sqlite");
    append_batches(journal, 0, BATCHES);
    journal_close(journal);
    run_sql("UPDATE batch SET bytes=x'00' WHERE first=12");
    journal = open_journal("sqlite");
    assert_non_null(strstr(expect_broken_replay(journal, 12), "batch row 12 is damaged"));
    assert_non_null(strstr(expect_broken_replay(journal, 5), "batch row 12 is damaged"));
    expect_replay(journal, 14, 6, BATCHES); /* what is before is not read again */
    journal_close(journal);
}

static void test_damaged_value_is_seen(void **state)
{
    (void)state;
    struct journal_error err;
    uint8_t value[JOURNAL_META_SIZE_MAX];
    size_t size;
    struct journal *journal = open_journal("sqlite");
    assert_int_equal(journal_meta_set(journal, "store", "abc", 3, &err), 0);
    journal_close(journal);
    run_sql("UPDATE meta SET value=x'616264' WHERE name='store'");
    journal = open_journal("sqlite");
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), -1);
    assert_non_null(strstr(err.text, "value 'store' is damaged"));
    journal_close(journal);
    run_sql("UPDATE meta SET value=zeroblob(5000)");
    journal = open_journal("sqlite");
    assert_int_equal(journal_meta_get(journal, "store", value, &size, &err), -1);
    journal_close(journal);
}

static void test_foreign_files_are_refused(void **state)
{
    (void)state;
    struct journal_options how = options("sqlite");
    assert_int_equal(mkdir(directory, 0700), 0);
    run_sql("CREATE TABLE recipes(name)");
    assert_non_null(strstr(refused(&how), "not a journal of Placemat"));
    run_sql("DROP TABLE recipes; PRAGMA application_id=5");
    assert_non_null(strstr(refused(&how), "not a journal of Placemat"));
    run_sql("PRAGMA application_id=0; VACUUM");
    struct journal *journal = open_journal("sqlite"); /* empty again */
    append_batches(journal, 0, 2);
    journal_close(journal);
    run_sql("PRAGMA user_version=2");
    assert_non_null(strstr(refused(&how), "has journal format 2; this program reads format 1"));
    char path[128];
    snprintf(path, sizeof path, "%s/journal.db", directory);
    int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, "Not a database at all", 21, 0), 21);
    close(file);
    assert_non_null(strstr(refused(&how), "file is not a database"));
}

struct mover {
    struct journal *journal;
    atomic_bool stop;
    int checkpoints, failures;
};

static void *move(void *ctx)
{
    struct mover *mover = ctx;
    struct journal_error err;
    while (!atomic_load(&mover->stop)) {
        if (!journal_checkpoint_due(mover->journal)) {
            usleep(200);
            continue;
        }
        mover->failures += journal_checkpoint(mover->journal, &err) != 0;
        mover->checkpoints++;
    }
    return NULL;
}

static int count_bytes(void *ctx, const struct journal_batch *batch)
{
    *(uint64_t *)ctx += batch->size;
    return 0;
}

/* Enough to let the log grow too large and begin again, with a reader from outside now and then. A
 * checkpoint that is due for ever is a hang, which alarm() turns into a failure. */
static void test_checkpoints_beside_appends(void **state)
{
    (void)state;
    enum { COUNT = 160, SIZE = 1 << 19 };
    struct journal_options how = options("sqlite");
    how.synchronous = "OFF"; /* the disk's speed is not the subject */
    struct journal_error err;
    struct mover mover = {0};
    alarm(120);
    assert_int_equal(journal_open(&how, &mover.journal, &err), 0);
    pthread_t thread;
    uint8_t *bytes = calloc(1, SIZE);
    assert_non_null(bytes);
    assert_int_equal(pthread_create(&thread, NULL, move, &mover), 0);
    for (uint64_t i = 1; i <= COUNT; i++) {
        struct journal_batch batch = {i, i, bytes, SIZE};
        assert_int_equal(journal_append(mover.journal, &batch), JOURNAL_OK);
        if (i % 40 == 0)
            run_sql("SELECT count(*) FROM batch");
    }
    while (journal_checkpoint_due(mover.journal))
        usleep(200);
    atomic_store(&mover.stop, true);
    pthread_join(thread, NULL);
    assert_true(mover.checkpoints > 0);
    assert_int_equal(mover.failures, 0);
    uint64_t total = 0;
    assert_int_equal(journal_replay(mover.journal, 0, count_bytes, &total, &err), 0);
    assert_int_equal(total, (uint64_t)COUNT * SIZE);
    journal_close(mover.journal);
    free(bytes);
    alarm(0);
}

/* ---- */

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
    return scratch_remove(parent);
}

#define ON(test, backend)                                                         \
    {                                                                             \
#test " on " backend, test, set_up, tear_down, (void *)(uintptr_t)backend \
    }
#define ALONE(test)                          \
    {                                        \
#test, test, set_up, tear_down, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_appends_in_order, "sqlite"),
        ON(test_appends_in_order, "memory"),
        ON(test_appends_in_order, "null"),
        ON(test_refuses_what_does_not_follow, "sqlite"),
        ON(test_refuses_what_does_not_follow, "memory"),
        ON(test_refuses_what_does_not_follow, "null"),
        ON(test_replays_from_the_middle, "sqlite"),
        ON(test_replays_from_the_middle, "memory"),
        ON(test_keeps_named_values, "sqlite"),
        ON(test_keeps_named_values, "memory"),
        ON(test_checkpoint_changes_nothing, "sqlite"),
        ON(test_checkpoint_changes_nothing, "memory"),
        ON(test_checkpoint_changes_nothing, "null"),
        ALONE(test_null_keeps_nothing),
        ALONE(test_memory_fails_when_told),
        ALONE(test_options_are_checked),
        ALONE(test_reopens),
        ALONE(test_files_are_for_the_owner),
        ALONE(test_one_opener),
        ALONE(test_what_a_killed_opener_leaves),
        ALONE(test_another_writer),
        ALONE(test_damage_is_seen),
        ALONE(test_damage_before_and_after),
        ALONE(test_damaged_value_is_seen),
        ALONE(test_foreign_files_are_refused),
        ALONE(test_checkpoints_beside_appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
