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

/* ---- The instances of the tree, as their list has them ---- */

struct known {
    char name[32];
    unsigned agents, jobs;
    long best; /* the least cost known */
    bool proven;
};

static FILE *open_instance(const char *name)
{
    char path[512];
    const char *tests = getenv("TESTS_DIR");
    (void)snprintf(path, sizeof path, "%s/../bench/data/gap/%s", tests != NULL ? tests : "tests",
                   name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is not there", name);
    return file;
}

static void read_instance(const struct known *known, struct gap_file *out)
{
    char why[GAP_WHY];
    FILE *file = open_instance(known->name);
    if (!gap_file_read(file, out, why))
        fail_msg("%s: %s", known->name, why);
    assert_int_equal(fclose(file), 0);
}

/* Calls for each; returns how many there are. */
static unsigned each_instance(void (*each)(const struct known *known, struct gap_file *gap))
{
    struct known known;
    struct gap_file gap;
    char proven[8];
    unsigned count = 0;
    FILE *list = open_instance("best_known.csv");
    assert_int_equal(fscanf(list, "%*[^\n]"), 0); /* NOLINT(cert-err34-c) */
    while (fscanf(list, " %31[^,],%u,%u,%ld,%7s", known.name, &known.agents, /* NOLINT */
                  &known.jobs, &known.best, proven) == 5) {
        known.proven = strcmp(proven, "yes") == 0;
        read_instance(&known, &gap);
        each(&known, &gap);
        gap_file_free(&gap);
        count++;
    }
    assert_int_equal(fclose(list), 0);
    return count;
}

static void check_read(const struct known *known, struct gap_file *gap)
{
    assert_int_equal(gap->agents, known->agents);
    assert_int_equal(gap->jobs, known->jobs);
    assert_null(solver_flaw(&gap->problem));
}

static void the_collection_is_read(void **state)
{
    (void)state;
    assert_int_equal(each_instance(check_read), 71);
}

/* The solver stays within a hundredth of the best known, and claims nothing that is not so. Of the
 * small ones, gap1 to gap12, it shows that nothing is better. */
static void check_solved(const struct known *known, struct gap_file *gap)
{
    const struct solver_options options = {0};
    struct solver_result result;
    int64_t value[SOLVER_STAGES];
    void *workspace = aligned_alloc(64, (solver_workspace(&gap->problem) + 63) & ~(size_t)63);
    assert_non_null(workspace);
    solver_solve(&gap->problem, &options, workspace, &result);
    const struct solver_stage *cost = &result.stage[SOLVER_COST];
    bool good = solver_values(&gap->problem, result.choice, value) && value[0] == 0 &&
                value[SOLVER_COST] == cost->value && cost->bound <= known->best &&
                cost->value <= known->best + known->best / 100 &&
                (!known->proven || cost->value >= known->best) &&
                (!cost->optimal || cost->value <= known->best) &&
                (cost->optimal || strncmp(known->name, "gap", 3) != 0);
    if (!good)
        fail_msg("%s: %lld, bound %lld, optimal %d, not placed %lld; best known %ld", known->name,
                 (long long)cost->value, (long long)cost->bound, (int)cost->optimal,
                 (long long)value[0], known->best);
    free(workspace);
}

static void the_collection_is_solved(void **state)
{
    (void)state;
    assert_int_equal(each_instance(check_solved), 71);
}

/* FNV-1a of the numbers of the pairs taken. */
static uint64_t digest_of(const struct solver_problem *problem, const uint32_t *choice)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    for (uint32_t part = 0; part < problem->parts; part++)
        digest = (digest ^ choice[part]) * UINT64_C(0x100000001b3);
    return digest;
}

/* Whatever compiler, optimisation, sanitizer or vectors: the same assignment. A change of the
 * solver changes the digests, and has to be looked at then. */
static void one_budget_gives_one_result(void **state)
{
    (void)state;
    static const struct {
        struct known known;
        uint64_t digest;
    } cases[] = {
        {{.name = "c10100"}, UINT64_C(0x79a3e4e0459cd520)},
        {{.name = "d05100"}, UINT64_C(0xa2eb8dd387d41a1e)},
        {{.name = "gap9-2"}, UINT64_C(0x5e9bfe8452264f29)},
    };
    const struct solver_options options = {.budget = 1000000};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gap_file gap;
        struct solver_result result;
        read_instance(&cases[i].known, &gap);
        void *workspace = aligned_alloc(64, (solver_workspace(&gap.problem) + 63) & ~(size_t)63);
        assert_non_null(workspace);
        solver_solve(&gap.problem, &options, workspace, &result);
        uint64_t digest = digest_of(&gap.problem, result.choice);
        if (digest != cases[i].digest)
            print_message("%s: 0x%016llx\n", cases[i].known.name, (unsigned long long)digest);
        assert_true(digest == cases[i].digest);
        free(workspace);
        gap_file_free(&gap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_find_their_place),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(the_collection_is_read),
        cmocka_unit_test(the_collection_is_solved),
        cmocka_unit_test(one_budget_gives_one_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
