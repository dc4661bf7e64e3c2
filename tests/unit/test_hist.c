/*
 * test_hist.c: the benchmarks' histogram.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../bench/hist.c" /* NOLINT: the benchmarks are in no library */

static struct hist *empty(void)
{
    struct hist *hist = calloc(1, sizeof(*hist));
    assert_non_null(hist);
    return hist;
}

/* Every bucket's end falls into it, the value after into the next: no gap, no overlap. */
static void buckets_are_contiguous(void **state)
{
    (void)state;
    assert_int_equal(bucket_of(0), 0);
    for (size_t i = 0; i + 1 < HIST_BUCKETS; i++) {
        assert_int_equal(bucket_of(bucket_end(i)), i);
        assert_int_equal(bucket_of(bucket_end(i) + 1), i + 1);
    }
    assert_true(bucket_end(HIST_BUCKETS - 1) == UINT64_MAX);
}

static void percentiles_are_a_64th_too_high_at_most(void **state)
{
    (void)state;
    static const struct {
        double share;
        uint64_t exact;
    } cases[] = {{0, 1},        {0.000001, 1}, {0.0625, 6250}, {0.5, 50000},
                 {0.75, 75000}, {0.99, 99000}, {1, 100000}};
    struct hist *hist = empty();
    for (uint64_t i = 100000; i > 0; i--)
        hist_add(hist, i);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t got = hist_percentile(hist, cases[i].share);
        assert_in_range(got, cases[i].exact, cases[i].exact + cases[i].exact / 64);
    }
    assert_int_equal(hist_percentile(hist, 1), 100000);
    free(hist);
}

static void an_empty_one_says_nought(void **state)
{
    (void)state;
    struct hist *hist = empty();
    assert_int_equal(hist_percentile(hist, 0.99), 0);
    free(hist);
}

static void extremes_are_kept(void **state)
{
    (void)state;
    struct hist *hist = empty();
    hist_add(hist, 0);
    assert_int_equal(hist_percentile(hist, 1), 0);
    hist_add(hist, UINT64_MAX);
    assert_int_equal(hist_percentile(hist, 0.5), 0);
    assert_true(hist_percentile(hist, 1) == UINT64_MAX);
    free(hist);
}

static void merging_adds_up(void **state)
{
    (void)state;
    struct hist *low = empty(), *high = empty();
    for (uint64_t i = 0; i < 10; i++) {
        hist_add(low, i);
        hist_add(high, 1000 + i);
    }
    hist_merge(low, high);
    assert_int_equal(low->count, 20);
    assert_int_equal(low->max, 1009);
    assert_int_equal(hist_percentile(low, 0.5), 9);
    assert_int_equal(hist_percentile(low, 1), 1009);
    free(low);
    free(high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_contiguous),
        cmocka_unit_test(percentiles_are_a_64th_too_high_at_most),
        cmocka_unit_test(an_empty_one_says_nought),
        cmocka_unit_test(extremes_are_kept),
        cmocka_unit_test(merging_adds_up),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
