/*
 * test_housekeeper.c - a snapshot whose process does not go on: its operator is told, others wait,
 * it can be killed, and the daemon ends without it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/housekeeper.h"
#include "daemon/saver.h"
#include "tests/lib/busy.h"
#include "tests/lib/caught.h"
#include "tests/lib/scratch.h"

#define MILLISECOND_NS UINT64_C(1000000)
enum { STEPS = 400, SEED = 43, WAIT_MS = 20000 };

static char directory[SCRATCH_PATH];
static struct little little;
static struct busy busy;
static struct journal *journal;
static struct stats stats;

static struct housekeeper *start(uint64_t late_ns, uint64_t farewell_ns)
{
    struct housekeeper *housekeeper =
        housekeeper_start(&(struct housekeeper_options){.directory = directory,
                                                        .journal = journal,
                                                        .core = little.core,
                                                        .stats = &stats,
                                                        .late_ns = late_ns,
                                                        .farewell_ns = farewell_ns});
    assert_non_null(housekeeper);
    return housekeeper;
}

static struct saver *begin_snapshot(struct housekeeper *housekeeper)
{
    struct journal_error error = {""};
    assert_true(housekeeper_begin_snapshot(housekeeper));
    struct saver *saver = saver_start(directory, little.core, &error);
    assert_non_null(saver);
    return saver;
}

/* One whose process is stopped before it is done; the process. */
static pid_t give_stopped(struct housekeeper *housekeeper)
{
    for (;;) {
        struct saver *saver = begin_snapshot(housekeeper);
        pid_t process = saver_process(saver);
        assert_int_equal(kill(process, SIGSTOP), 0);
        siginfo_t how = {0};
        assert_int_equal(waitid(P_PID, (id_t)process, &how, WSTOPPED | WEXITED | WNOWAIT), 0);
        if (how.si_code == CLD_STOPPED) {
            housekeeper_snapshot(housekeeper, saver);
            return process;
        }
        saver_abandon(saver); /* it was quicker */
        housekeeper_snapshot(housekeeper, NULL);
    }
}

static void wait_until_begun_again(struct housekeeper *housekeeper)
{
    for (int ms = 0; !housekeeper_begin_snapshot(housekeeper); ms++) {
        assert_in_range(ms, 0, WAIT_MS);
        usleep(1000);
    }
    housekeeper_snapshot(housekeeper, NULL);
}

static void one_that_is_late_is_told_of_and_can_be_killed(void **state)
{
    (void)state;
    struct housekeeper *housekeeper = start(MILLISECOND_NS, 0);
    char process[32];
    caught_begin();
    pid_t stopped = give_stopped(housekeeper);
    usleep(300000); /* several looks, and more than one warning */
    bool another = housekeeper_begin_snapshot(housekeeper);
    int killed = kill(stopped, SIGKILL);
    wait_until_begun_again(housekeeper);
    housekeeper_stop(housekeeper);
    const char *said = caught_end();
    snprintf(process, sizeof process, "by process %d,", (int)stopped);
    assert_false(another);
    assert_int_equal(killed, 0);
    assert_non_null(strstr(said, process));
    assert_non_null(strstr(said, "ended by signal 9"));
    assert_int_equal(atomic_load(&stats.snapshot), 0);
}

static void one_that_does_not_end_is_left_out_at_the_end(void **state)
{
    (void)state;
    struct housekeeper *housekeeper = start(0, MILLISECOND_NS);
    caught_begin();
    give_stopped(housekeeper);
    housekeeper_stop(housekeeper);
    const char *said = caught_end();
    assert_non_null(strstr(said, "left out"));
    assert_null(strstr(said, "by process")); /* not late yet */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(atomic_load(&stats.snapshot), 0);
}

static void one_that_ends_is_published(void **state)
{
    (void)state;
    struct housekeeper *housekeeper = start(0, 0);
    caught_begin();
    housekeeper_snapshot(housekeeper, begin_snapshot(housekeeper));
    housekeeper_stop(housekeeper);
    assert_non_null(strstr(caught_end(), "snapshot at"));
    assert_int_equal(atomic_load(&stats.snapshot), pm_core_sequence(little.core));
}

static int set_up(void **state)
{
    struct journal_error error = {""};
    (void)state;
    memset(&stats, 0, sizeof stats);
    scratch_make(directory);
    little_open(&little);
    busy_start(&busy, &little, SEED);
    for (int step = 0; step < STEPS; step++)
        busy_step(&busy);
    return journal_open(&(struct journal_options){.backend = "memory"}, &journal, &error);
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(journal);
    little_close(&little);
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_is_late_is_told_of_and_can_be_killed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_that_does_not_end_is_left_out_at_the_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_that_ends_is_published, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
