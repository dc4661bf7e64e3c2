/* test_gap_file.c - generalised assignment instances in the OR-Library's form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/gap_file.c" /* NOLINT: the benchmarks are in no library */

static bool read_text(const char *text, struct gap_file *out, char why[GAP_WHY])
{
    char *copy = strdup(text);
    FILE *file = fmemopen(copy, strlen(text), "r");
    assert_non_null(file);
    why[0] = '\0';
    bool done = gap_file_read(file, out, why);
    assert_int_equal(fclose(file), 0);
    free(copy);
    return done;
}

static void numbers_find_their_place(void **state)
{
    (void)state;
    struct gap_file gap;
    char why[GAP_WHY];
    assert_true(read_text("2 3\r\n 4 5 6\n7 8 9\n 10 11 12 13 14 15\n40 50", &gap, why));
    assert_int_equal(gap.problem.pairs, 6);
    assert_int_equal(gap.agents, 2);
    assert_int_equal(gap.jobs, 3);
    assert_null(solver_flaw(&gap.problem));
    static const int32_t cost[] = {4, 7, 5, 8, 6, 9}, demand[] = {10, 13, 11, 14, 12, 15};
    for (uint32_t at = 0; at < gap.problem.pairs; at++) {
        const struct solver_pair *pair = &gap.problem.pair[at];
        assert_int_equal(pair->service, at % 2);
        assert_int_equal(pair->cost, cost[at]);
        assert_int_equal(gap.problem.demand[pair->demand].band[0], demand[at]);
    }
    for (uint32_t i = 0; i < gap.problem.services; i++)
        assert_int_equal(gap.problem.pool[gap.problem.service[i].pool].band[0], 40 + 10 * i);
    for (uint32_t j = 0; j < gap.problem.parts; j++)
        assert_int_equal(gap.problem.part[j + 1].first_pair, 2 * (j + 1));
    gap_file_free(&gap);
    assert_null(gap.pair);
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {" ", "line 1: the file ends before its last number"},
        {"2", "line 1: the file ends before its last number"},
        {"0 3", "line 1: the number of agents is not 1 to 65536"},
        {"3 0", "line 1: the number of jobs is not 1 to 65536"},
        {"65537 1", "line 1: the number of agents is not 1 to 65536"},
        {"99999999999999999999999 1", "line 1: the number of agents is not 1 to 65536"},
        {"65536 513", "line 1: there are too many agents and jobs"},
        {"65536 512", "line 1: the file ends before its last number"},
        {"1 1\n-4\n1\n1", "line 2: not a whole number of 0 or more"},
        {"1 1\n4.5\n1\n1", "line 2: not a whole number of 0 or more"},
        {"1 1\n4x\n1\n1", "line 2: not a whole number of 0 or more"},
        {"1 1\n268435456\n1\n1", "line 2: a cost is not 0 to 268435455"},
        {"1 1\n1\n16777216\n1", "line 3: a demand is not 0 to 16777215"},
        {"1 1\n1\n1\n1073741824", "line 4: a capacity is not 0 to 1073741823"},
        {"1 1\n1\n1\n", "line 4: the file ends before its last number"},
        {"1 1\n1\n1\n1\n\n1", "line 6: more follows the last capacity"},
        {"agents", "line 1: not a whole number of 0 or more"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gap_file gap;
        char why[GAP_WHY];
        assert_false(read_text(rows[i].text, &gap, why));
        assert_string_equal(why, rows[i].why);
        assert_null(gap.item);
    }
}

/* The instances of the tree have the agents and jobs that their list says. */
static void the_collection_is_read(void **state)
{
    (void)state;
    char path[512], name[32], why[GAP_WHY];
    unsigned agents, jobs, count = 0;
    const char *tests = getenv("TESTS_DIR");
    (void)snprintf(path, sizeof path, "%s/../bench/data/gap/best_known.csv",
                   tests != NULL ? tests : "tests");
    FILE *list = fopen(path, "r");
    assert_non_null(list);
    assert_int_equal(fscanf(list, "%*[^\n]"), 0); /* NOLINT(cert-err34-c) */
    while (fscanf(list, " %31[^,],%u,%u,%*[^\n]", name, &agents, &jobs) == 3) { /* NOLINT */
        struct gap_file gap;
        (void)snprintf(path, sizeof path, "%s/../bench/data/gap/%s",
                       tests != NULL ? tests : "tests", name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            fail_msg("%s is not there", name);
        if (!gap_file_read(file, &gap, why))
            fail_msg("%s: %s", name, why);
        assert_int_equal(gap.agents, agents);
        assert_int_equal(gap.jobs, jobs);
        assert_null(solver_flaw(&gap.problem));
        gap_file_free(&gap);
        assert_int_equal(fclose(file), 0);
        count++;
    }
    assert_int_equal(fclose(list), 0);
    assert_int_equal(count, 71);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_find_their_place),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(the_collection_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
