/*
 * test_saver.c - a snapshot written by a child: it has the state of the moment it was begun,
 * whatever happens to that meanwhile; a child that fails is told with its reason, and leaves
 * nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/saver.h"
#include "daemon/snapshot_file.h"
#include "tests/lib/busy.h"
#include "tests/lib/scratch.h"

enum { STEPS = 400, SEED = 41 };

static char directory[SCRATCH_PATH];
static struct little little;
static struct busy busy;

static void live(int steps)
{
    for (int step = 0; step < steps; step++)
        busy_step(&busy);
}

static struct saver *begin(void)
{
    struct journal_error error = {""};
    struct saver *saver = saver_start(directory, little.core, &error);
    if (saver == NULL)
        fail_msg("%s", error.text);
    return saver;
}

static int files(void)
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    int count = 0;
    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

static void digest_of_file(uint64_t sequence, uint8_t out[PM_DIGEST_SIZE])
{
    struct snapshot_image image = {0};
    struct journal_error error = {""};
    char why[128];
    struct pm_core *core = pm_core_open(&little.core->limits);
    assert_non_null(core);
    assert_int_equal(snapshot_file_load(directory, UINT64_MAX, NULL, NULL, &image, &error), 1);
    assert_true(image.sequence == sequence);
    assert_true(pm_core_restore(core, image.bytes, image.size, why));
    pm_core_digest(core, out);
    snapshot_file_release(&image);
    pm_core_close(core);
}

static void wait_for(struct saver *saver)
{
    while (!saver_ended(saver))
        usleep(1000);
}

static void a_state_is_written_as_it_was(void **state)
{
    (void)state;
    uint8_t before[PM_DIGEST_SIZE], after[PM_DIGEST_SIZE], written[PM_DIGEST_SIZE];
    struct journal_error error = {""};
    uint64_t bytes = 0;
    live(STEPS);
    uint64_t sequence = pm_core_sequence(little.core);
    pm_core_digest(little.core, before);
    struct saver *saver = begin();
    live(STEPS);
    pm_core_digest(little.core, after);
    assert_memory_not_equal(before, after, PM_DIGEST_SIZE);
    wait_for(saver);
    assert_int_equal(saver_process(saver), 0);
    assert_true(saver_sequence(saver) == sequence);
    if (saver_publish(saver, &bytes, &error) < 0)
        fail_msg("%s", error.text);
    assert_true(bytes > 0);
    digest_of_file(sequence, written);
    assert_memory_equal(written, before, PM_DIGEST_SIZE);
    assert_int_equal(files(), 1);
}

static void a_child_that_fails_says_why(void **state)
{
    (void)state;
    struct journal_error error = {""};
    struct rlimit before, low;
    uint64_t bytes;
    live(STEPS);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    struct saver *saver = begin();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    wait_for(saver);
    assert_int_equal(saver_publish(saver, &bytes, &error), -1);
    assert_non_null(strstr(error.text, strerror(EFBIG)));
    assert_int_equal(files(), 0);
}

static void an_abandoned_child_is_gone(void **state)
{
    (void)state;
    live(STEPS);
    saver_abandon(begin());
    struct saver *stopped = begin();
    assert_int_equal(kill(saver_process(stopped), SIGSTOP), 0);
    saver_abandon(stopped);
    saver_abandon(NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(files(), 0);
}

static void a_directory_that_is_none_is_told(void **state)
{
    (void)state;
    struct journal_error error = {""};
    assert_null(saver_start("/nowhere/at/all", little.core, &error));
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
}

static int set_up(void **state)
{
    (void)state;
    scratch_make(directory);
    little_open(&little);
    busy_start(&busy, &little, SEED);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    little_close(&little);
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_state_is_written_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_child_that_fails_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_abandoned_child_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_is_none_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
