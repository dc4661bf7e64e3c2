/*
 * test_clock.c: which time is believed: clocks that go back, jump, and are put right again; and the
 * file that says when a daemon was last there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/alive.h"
#include "daemon/clock.h"
#include "tests/lib/scratch.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };
static const int64_t BEGAN = INT64_C(1735030800000);

/* What the two clocks say, in seconds since the beginning; what is believed then, and said. */
struct reading {
    int64_t wall, steady, believed;
    enum clock_news news;
};

static void expect_readings(const struct reading *reading, size_t count)
{
    struct clock_watch watch;
    clock_watch_begin(&watch, 0, BEGAN, 5);
    for (size_t i = 0; i < count; i++) {
        enum clock_news news = clock_watch_read(&watch, BEGAN + reading[i].wall * SECOND,
                                                5 + (uint64_t)reading[i].steady * 1000000000u);
        assert_int_equal(watch.time - BEGAN, reading[i].believed * SECOND);
        assert_int_equal(news, reading[i].news);
    }
}
#define EXPECT(list) expect_readings(list, sizeof(list) / sizeof *(list))

static void time_follows_the_systems_clock(void **state)
{
    static const struct reading readings[] = {
        {0, 0, 0, CLOCK_AS_EVER},          {10, 10, 10, CLOCK_AS_EVER},
        {75, 70, 75, CLOCK_AS_EVER},       /* it may run a little fast, */
        {670, 70, 670, CLOCK_AS_EVER},     /* or be set, by ten minutes less than nothing */
        {7870, 7270, 7870, CLOCK_AS_EVER}, /* however long nobody looked */
    };
    (void)state;
    EXPECT(readings);
}

static void it_never_goes_back(void **state)
{
    static const struct reading readings[] = {
        {100, 100, 100, CLOCK_AS_EVER},
        {99, 100, 100, CLOCK_AS_EVER}, /* a second is no news */
        {40, 101, 100, CLOCK_WENT_BACK},
        {60, 121, 100, CLOCK_AS_EVER}, /* said once */
        {101, 162, 101, CLOCK_AS_EVER},
        {50, 163, 101, CLOCK_WENT_BACK}, /* and again when it is so again */
    };
    (void)state;
    EXPECT(readings);
}

static void a_jump_is_not_believed(void **state)
{
    static const struct reading readings[] = {
        {100, 100, 100, CLOCK_AS_EVER},  {710, 110, 710, CLOCK_AS_EVER}, /* ten minutes are */
        {1321, 120, 720, CLOCK_JUMPED},  /* more are not: it goes on by the steady clock */
        {1331, 130, 730, CLOCK_AS_EVER}, /* said once */
        {9000, 140, 740, CLOCK_AS_EVER}, {750, 150, 750, CLOCK_BELIEVED_AGAIN},
        {760, 160, 760, CLOCK_AS_EVER},
    };
    (void)state;
    EXPECT(readings);
}

static void until_it_is_accepted(void **state)
{
    struct clock_watch watch;
    (void)state;
    clock_watch_begin(&watch, 0, BEGAN, 0);
    assert_int_equal(clock_watch_read(&watch, BEGAN + 60 * MINUTE, 1000000000), CLOCK_JUMPED);
    assert_int_equal(watch.time, BEGAN + SECOND);
    assert_int_equal(watch.ahead, 60 * MINUTE - SECOND);
    clock_watch_accept(&watch, BEGAN + 60 * MINUTE, 1000000000);
    assert_int_equal(watch.time, BEGAN + 60 * MINUTE);
    assert_int_equal(watch.ahead, 0);
    assert_int_equal(clock_watch_read(&watch, BEGAN + 60 * MINUTE + 5, 1005000000), CLOCK_AS_EVER);
    assert_int_equal(watch.time, BEGAN + 60 * MINUTE + 5);
}

static void it_begins_no_earlier_than_the_journal_ends(void **state)
{
    struct clock_watch watch;
    (void)state;
    clock_watch_begin(&watch, BEGAN + MINUTE, BEGAN, 0);
    assert_int_equal(watch.time, BEGAN + MINUTE);
    assert_int_equal(clock_watch_read(&watch, BEGAN, 0), CLOCK_WENT_BACK);
    assert_int_equal(clock_watch_read(&watch, BEGAN + 2 * MINUTE, 120000000000), CLOCK_AS_EVER);
    assert_int_equal(watch.time, BEGAN + 2 * MINUTE);
}

/* Parts of a millisecond are not lost, however often it is read. */
static void time_that_is_not_believed_goes_on_as_fast(void **state)
{
    struct clock_watch watch;
    (void)state;
    clock_watch_begin(&watch, 0, BEGAN, 0);
    for (uint64_t steady = 0; steady <= 1000000000; steady += 400000)
        (void)clock_watch_read(&watch, BEGAN + 24 * 60 * MINUTE, steady);
    assert_int_equal(watch.time, BEGAN + SECOND);
}

static void a_sign_of_life_is_read_again(void **state)
{
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 8];
    (void)state;
    scratch_make(directory);
    assert_int_equal(alive_read(directory), 0);
    alive_write(directory, BEGAN);
    assert_int_equal(alive_read(directory), BEGAN);
    alive_write(directory, BEGAN + 1);
    assert_int_equal(alive_read(directory), BEGAN + 1);
    (void)snprintf(path, sizeof path, "%s/alive", directory);
    static const char *const spoilt[] = {"", "12", "x\n", "-5\n", "99999999999999999999999\n1"};
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fputs(spoilt[i], file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(alive_read(directory), 0);
    }
    assert_int_equal(scratch_remove(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_follows_the_systems_clock),
        cmocka_unit_test(it_never_goes_back),
        cmocka_unit_test(a_jump_is_not_believed),
        cmocka_unit_test(until_it_is_accepted),
        cmocka_unit_test(it_begins_no_earlier_than_the_journal_ends),
        cmocka_unit_test(time_that_is_not_believed_goes_on_as_fast),
        cmocka_unit_test(a_sign_of_life_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
