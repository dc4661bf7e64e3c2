/*
 * test_snapshot_file.c: snapshots are written, found, kept to two, and passed over when damaged.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../daemon/snapshot_file.h"
#include "../lib/scratch.h"

enum { OVERHEAD = 64 }; /* of a file over its snapshot's bytes */

static char directory[SCRATCH_PATH];

struct warnings {
    int count;
    char last[200];
};

static void take_warning(void *ctx, const char *sentence)
{
    struct warnings *warnings = ctx;
    warnings->count++;
    snprintf(warnings->last, sizeof warnings->last, "%s", sentence);
}

static void path_of(char path[128], uint64_t sequence)
{
    snprintf(path, 128, "%s/snapshot-%020llu.pms", directory, (unsigned long long)sequence);
}

/* The snapshot of a sequence number: its bytes follow from the number. */
static uint8_t *make_bytes(uint64_t sequence, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 131 + sequence);
    return bytes;
}

static void write_snapshot(uint64_t sequence, size_t size, size_t piece)
{
    struct journal_error err;
    struct snapshot_file *file;
    uint8_t *bytes = make_bytes(sequence, size);
    assert_int_equal(snapshot_file_begin(directory, sequence, &file, &err), 0);
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        assert_int_equal(snapshot_file_write(file, bytes + at, part, &err), 0);
    }
    assert_int_equal(snapshot_file_finish(file, &err), 0);
    assert_true(snapshot_file_size(file) > size);
    assert_int_equal(snapshot_file_publish(file, &err), 0);
    free(bytes);
}

static void expect_load(uint64_t limit, uint64_t sequence, size_t size, int warnings_expected)
{
    struct journal_error err;
    struct warnings warnings = {0};
    struct snapshot_image image;
    assert_int_equal(snapshot_file_load(directory, limit, take_warning, &warnings, &image, &err),
                     1);
    assert_int_equal(image.sequence, sequence);
    assert_int_equal(image.size, size);
    uint8_t *bytes = make_bytes(sequence, size);
    assert_memory_equal(image.bytes, bytes, size);
    assert_int_equal((uintptr_t)image.bytes % 16, 0);
    assert_int_equal(warnings.count, warnings_expected);
    snapshot_file_release(&image);
    assert_null(image.bytes);
    free(bytes);
}

/* Loads nothing; returns the last warning. */
static const char *expect_none(uint64_t limit, int warnings_expected)
{
    static struct warnings warnings;
    struct journal_error err;
    struct snapshot_image image;
    memset(&warnings, 0, sizeof warnings);
    assert_int_equal(snapshot_file_load(directory, limit, take_warning, &warnings, &image, &err),
                     0);
    assert_null(image.bytes);
    assert_int_equal(warnings.count, warnings_expected);
    return warnings.last;
}

static int count_files(void)
{
    DIR *listing = opendir(directory);
    assert_non_null(listing);
    int count = 0;
    const struct dirent *entry;
    while ((entry = readdir(listing)))
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

static void flip_byte(uint64_t sequence, off_t at)
{
    char path[128];
    path_of(path, sequence);
    int file = open(path, O_RDWR);
    uint8_t byte;
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static void test_sizes_and_pieces(void **state)
{
    (void)state;
    static const struct {
        size_t size, piece;
    } cases[] = {{0, 1}, {1, 1}, {5000, 7}, {1 << 18, 1 << 18}, {1000000, 300000}, {700001, 4096}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_snapshot(10 + i, cases[i].size, cases[i].piece);
        expect_load(UINT64_MAX, 10 + i, cases[i].size, 0);
    }
}

static void test_two_are_kept(void **state)
{
    (void)state;
    for (uint64_t sequence = 1; sequence <= 5; sequence++)
        write_snapshot(sequence * 100, 1000, 1000);
    assert_int_equal(count_files(), 2);
    expect_load(500, 500, 1000, 0);
    /* Written again, it is still one; and zero is a number too. */
    write_snapshot(500, 2000, 100);
    write_snapshot(0, 10, 10);
    assert_int_equal(count_files(), 3);
    expect_load(500, 500, 2000, 0);
}

static void test_beyond_the_journal(void **state)
{
    (void)state;
    assert_string_equal(expect_none(1000, 0), "");
    write_snapshot(100, 50, 50);
    write_snapshot(200, 60, 60);
    expect_load(200, 200, 60, 0);
    expect_load(199, 100, 50, 1);
    assert_string_equal(expect_none(99, 2), "passing over snapshot-00000000000000000100.pms: the "
                                            "journal ends before it");
}

static void test_any_damage_is_seen(void **state)
{
    (void)state;
    enum { SIZE = 100 };
    write_snapshot(100, 5000, 5000);
    write_snapshot(200, SIZE, SIZE);
    for (off_t at = 0; at < SIZE + OVERHEAD; at++) {
        flip_byte(200, at);
        expect_load(200, 100, 5000, 1);
        flip_byte(200, at);
    }
    expect_load(200, 200, SIZE, 0);
    char path[128];
    path_of(path, 200);
    for (off_t size = SIZE + OVERHEAD - 1; size >= 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        expect_load(200, 100, 5000, 1);
    }
    flip_byte(100, 17);
    assert_string_equal(expect_none(200, 2), "passing over snapshot-00000000000000000100.pms: its "
                                             "digest does not match its contents");
}

static void test_renamed_is_refused(void **state)
{
    (void)state;
    char from[128], to[128];
    write_snapshot(100, 10, 10);
    path_of(from, 100);
    path_of(to, 101);
    assert_int_equal(rename(from, to), 0);
    assert_string_equal(expect_none(200, 1),
                        "passing over snapshot-00000000000000000101.pms: it is "
                        "of another sequence number than its name says");
}

static void test_other_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"snapshot-1.pms", "snapshot-99999999999999999999.pms",
                                        "snapshot-0000000000000000001x.pms", "journal.db"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    path_of(path, 7);
    assert_int_equal(mkdir(path, 0700), 0); /* as good as a damaged one */
    expect_none(10, 1);
    for (uint64_t sequence = 8; sequence <= 10; sequence++)
        write_snapshot(sequence, 10, 10);
    expect_load(10, 10, 10, 0);
    assert_int_equal(count_files(), 7);
    assert_int_equal(rmdir(path), 0);
}

static void test_abandoned_leaves_nothing(void **state)
{
    (void)state;
    struct journal_error err;
    struct snapshot_file *file;
    assert_int_equal(snapshot_file_begin(directory, 5, &file, &err), 0);
    assert_int_equal(snapshot_file_write(file, "unfinished", 10, &err), 0);
    snapshot_file_abandon(file);
    snapshot_file_abandon(NULL);
    assert_int_equal(count_files(), 0);
    /* What a crash has left is removed at the next start, and before the next; it is not written
     * to, since who began it may still write. */
    char path[128];
    snprintf(path, sizeof path, "%s/snapshot.tmp", directory);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    expect_none(10, 0);
    assert_int_equal(count_files(), 0);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    write_snapshot(6, 3, 3);
    assert_int_equal(count_files(), 1);
    expect_load(10, 6, 3, 0);
}

static void test_errors_are_said(void **state)
{
    (void)state;
    struct journal_error err;
    struct snapshot_file *file;
    struct snapshot_image image;
    assert_int_equal(snapshot_file_begin("/nowhere/at/all", 5, &file, &err), -1);
    assert_null(file);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    assert_int_equal(snapshot_file_load("/nowhere/at/all", 5, NULL, NULL, &image, &err), -1);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    assert_int_equal(snapshot_file_begin(directory, 5, &file, &err), 0);
    char path[128];
    snprintf(path, sizeof path, "%s/snapshot.tmp", directory);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(snapshot_file_finish(file, &err), 0);
    assert_int_equal(snapshot_file_publish(file, &err), -1);
    assert_non_null(strstr(err.text, "snapshot-00000000000000000005.pms"));
}

/* A write that fails half way leaves the older snapshot, and its own name to be used again. */
static void test_full_disk(void **state)
{
    (void)state;
    struct journal_error err;
    struct snapshot_file *file;
    struct rlimit before, low;
    uint8_t *bytes = make_bytes(9, 1 << 20);
    write_snapshot(8, 100, 100);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){.rlim_cur = 300000, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_int_equal(snapshot_file_begin(directory, 9, &file, &err), 0);
    int wrote = snapshot_file_write(file, bytes, 1 << 20, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(wrote, -1);
    assert_non_null(strstr(err.text, "cannot write a snapshot"));
    snapshot_file_abandon(file);
    assert_int_equal(count_files(), 1);
    expect_load(9, 8, 100, 0);
    write_snapshot(9, 1 << 20, 5000);
    expect_load(9, 9, 1 << 20, 0);
    free(bytes);
}

/* In a child that writes one nothing else that was open still is. */
static void test_a_child_keeps_it_alone(void **state)
{
    (void)state;
    struct journal_error err;
    struct snapshot_file *file;
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(snapshot_file_begin(directory, 3, &file, &err), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        snapshot_file_keep_alone(file);
        bool closed = write(ends[1], "x", 1) < 0 && errno == EBADF && fcntl(1, F_GETFD) < 0 &&
                      fcntl(2, F_GETFD) < 0;
        bool written = snapshot_file_write(file, "whole", 5, &err) == 0 &&
                       snapshot_file_finish(file, &err) == 0;
        _exit(closed && written ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(snapshot_file_publish(file, &err), 0);
    struct snapshot_image image;
    assert_int_equal(snapshot_file_load(directory, 3, NULL, NULL, &image, &err), 1);
    assert_int_equal(image.size, 5);
    assert_memory_equal(image.bytes, "whole", 5);
    snapshot_file_release(&image);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sizes_and_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beyond_the_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_any_damage_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_renamed_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_files_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abandoned_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors_are_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_child_keeps_it_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
