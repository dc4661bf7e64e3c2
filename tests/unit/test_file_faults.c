/*
 * test_file_faults.c: what is written beside the journal, when an operation on files fails: each in
 * turn, once and for good, with an error of the disk and with a full one. What was there before is
 * there still, what is there now is whole, no descriptor stays open, and it is said what went
 * wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "daemon/alive.h"
#include "daemon/backup.h"
#include "daemon/certificate_file.h"
#include "daemon/journal.h"
#include "daemon/log.h"
#include "daemon/snapshot_file.h"
#include "tests/lib/faults.h"
#include "tests/lib/round_little.h"
#include "tests/lib/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SNAPSHOT_SIZE = 600000, MOST_OPERATIONS = 10000 };

static char directory[SCRATCH_PATH];

/* What is tried: how each operation fails, in turn. */
static const struct {
    int error;
    bool for_good;
} ways[] = {{EIO, false}, {EIO, true}, {ENOSPC, false}, {ENOSPC, true}};
enum { WAYS = sizeof ways / sizeof *ways };

static unsigned open_files(void)
{
    unsigned files = 0;
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    while (readdir(list) != NULL)
        files++;
    closedir(list);
    return files;
}

/* Does it with each operation failing in each way, until it is done before the one to fail. */
static void with_each_fault(bool (*act)(void), void (*check)(bool done))
{
    for (unsigned way = 0; way < WAYS; way++) {
        unsigned n = 0, operations;
        do {
            unsigned files = open_files();
            faults_arm(++n, ways[way].error, ways[way].for_good);
            bool done = act();
            operations = faults_disarm();
            if (!done && n > operations)
                fail_msg("%s of operation %u: fails without a fault", strerror(ways[way].error), n);
            if (open_files() != files)
                fail_msg("%s of operation %u: a file stays open", strerror(ways[way].error), n);
            check(done);
        } while (n <= operations);
        assert_in_range(n, 4, MOST_OPERATIONS);
        print_message("# %s%s: each of %u operations\n", strerror(ways[way].error),
                      ways[way].for_good ? " from then on" : "", n - 1);
    }
}

/* ---- Snapshots ---- */

static uint8_t snapshot[SNAPSHOT_SIZE];
static uint64_t next_sequence;
static char said[256];

static bool write_snapshot(void)
{
    struct journal_error error = {""};
    struct snapshot_file *file;
    snapshot[0] = (uint8_t)next_sequence;
    bool done = snapshot_file_begin(directory, next_sequence, &file, &error) == 0;
    if (done && (snapshot_file_write(file, snapshot, SNAPSHOT_SIZE, &error) < 0 ||
                 snapshot_file_finish(file, &error) < 0)) {
        snapshot_file_abandon(file);
        done = false;
    } else if (done) {
        done = snapshot_file_publish(file, &error) == 0;
    }
    snprintf(said, sizeof said, "%s", error.text);
    return done;
}

static void no_warning(void *context, const char *sentence)
{
    (void)context;
    fail_msg("%s", sentence);
}

/* The newest that there is, is whole, and it is this one if that was said. */
static void check_snapshot(bool done)
{
    struct snapshot_image image;
    struct journal_error error;
    assert_int_equal(snapshot_file_load(directory, UINT64_MAX, no_warning, NULL, &image, &error),
                     1);
    assert_true(image.sequence == next_sequence || image.sequence == next_sequence - 1);
    if (done)
        assert_int_equal(image.sequence, next_sequence);
    else
        assert_string_not_equal(said, "");
    assert_int_equal(image.size, SNAPSHOT_SIZE);
    assert_int_equal(image.bytes[0], (uint8_t)image.sequence);
    assert_memory_equal(image.bytes + 1, snapshot + 1, SNAPSHOT_SIZE - 1);
    next_sequence = image.sequence + 1;
    snapshot_file_release(&image);
}

static void test_snapshots(void **state)
{
    (void)state;
    for (size_t i = 0; i < SNAPSHOT_SIZE; i++)
        snapshot[i] = (uint8_t)(i * 131);
    next_sequence = 1;
    assert_true(write_snapshot());
    next_sequence++;
    with_each_fault(write_snapshot, check_snapshot);
}

/* ---- Certificates ---- */

static struct round_little little;
static uint64_t round_id;
static long certificate_size;

static bool write_certificate(void)
{
    uint64_t hash[4];
    int file = certificate_write(directory, ++round_id, &little.certificate, hash);
    return file >= 0 && certificate_keep(directory, round_id, file) && certificates_sync(directory);
}

static void check_certificate(bool done)
{
    static uint8_t bytes[1 << 16];
    uint64_t whole = 0;
    long got = certificate_read(directory, round_id, 0, bytes, sizeof bytes, &whole);
    if (done || got >= 0) {
        assert_int_equal(got, certificate_size);
        assert_int_equal(whole, certificate_size);
    }
    /* The one before is there as well, once one has been written. */
    assert_int_equal(certificate_read(directory, 1, 0, bytes, sizeof bytes, &whole),
                     certificate_size);
}

static void test_certificates(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 16];
    uint64_t whole;
    round_little(&little);
    round_id = 0;
    assert_true(write_certificate());
    certificate_size = certificate_read(directory, 1, 0, bytes, sizeof bytes, &whole);
    assert_true(certificate_size > 0);
    log_set(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT); /* each failure is a warning */
    with_each_fault(write_certificate, check_certificate);
    log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
}

/* ---- Backups ---- */

enum { COMMANDS = 3000, BYTES = 1 << 20 };

static char from[SCRATCH_PATH + 16], to[SCRATCH_PATH + 16], part[SCRATCH_PATH + 24];
static uint64_t last;

static bool copy(void)
{
    struct journal_error error = {""};
    bool done = backup_copy(from, to, NULL, &last, &error) == 0;
    snprintf(said, sizeof said, "%s", error.text);
    return done;
}

static void check_copy(bool done)
{
    struct stat about;
    struct journal_error error = {""};
    char path[SCRATCH_PATH + 32];
    if (!done)
        assert_string_not_equal(said, "");
    bool there = stat(to, &about) == 0;
    assert_true(there || !done);
    if (there) { /* also when it could not be said for sure that it will stay */
        snprintf(path, sizeof path, "%s/journal.db", to);
        assert_int_equal(backup_verify(path, NULL, &last, &error), 0);
        assert_int_equal(last, COMMANDS);
        assert_int_equal(scratch_remove(to), 0);
    }
    assert_true(stat(part, &about) < 0);
}

/* A journal of so many commands, in one batch. */
static void fill(struct journal *journal)
{
    struct wire_writer writer = {.bytes = malloc(BYTES), .size = BYTES};
    assert_non_null(writer.bytes);
    for (uint64_t sequence = 1; sequence <= COMMANDS; sequence++) {
        const struct pm_command command = {.verb = PM_CONTINUE};
        const struct pm_entry entry = {.sequence = sequence,
                                       .time = (int64_t)sequence,
                                       .actor = {.role = PM_DAEMON, .name = pm_text("an example")},
                                       .command = &command};
        wire_entry_encode(&writer, &entry);
    }
    assert_false(writer.overflow);
    const struct journal_batch batch = {
        .first = 1, .last = COMMANDS, .bytes = writer.bytes, .size = writer.used};
    assert_int_equal(journal_append(journal, &batch), JOURNAL_OK);
    free(writer.bytes);
}

static void test_backups(void **state)
{
    (void)state;
    struct journal *journal;
    struct journal_error error;
    snprintf(from, sizeof from, "%s/data", directory);
    snprintf(to, sizeof to, "%s/copy", directory);
    snprintf(part, sizeof part, "%s.part", to);
    const struct journal_options options = {.backend = "sqlite", .directory = from};
    assert_int_equal(journal_open(&options, &journal, &error), 0);
    fill(journal);
    journal_close(journal); /* for SQLite keeps files open while the process has locks on them */
    with_each_fault(copy, check_copy);
}

/* ---- The file that says that somebody was there ---- */

static bool say_alive(void)
{
    alive_write(directory, 1234567890123);
    return alive_read(directory) == 1234567890123;
}

static void check_alive(bool done)
{
    int64_t read = alive_read(directory);
    assert_true(read == 1234567890123 || (!done && read == 0));
}

static void test_alive(void **state)
{
    (void)state;
    assert_true(say_alive());
    for (unsigned n = 1; n < 4; n++) {
        faults_arm(n, ENOSPC, true);
        bool done = say_alive();
        faults_disarm();
        check_alive(done);
    }
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
    return scratch_remove(directory);
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_snapshots),
        IN_DIRECTORY(test_certificates),
        IN_DIRECTORY(test_backups),
        IN_DIRECTORY(test_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
