/*
 * test_round_lp.c - stages of rounds in the LP format: as it should be, and, where CBC is
 * installed, solved by it to the same values.
 */
#include "client/round_lp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/round_brute.h"
#include "tests/lib/round_little.h"
#include "tests/lib/scratch.h"

enum { SAMPLES = 40, SAMPLES_FULL = 1000 };

static char *lp_text(const struct wire_problem *problem, int stage, const int64_t *pinned)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_true(round_lp_write(out, problem, stage, pinned));
    assert_int_equal(fclose(out), 0);
    return text;
}

#define ROWS                                                                       \
    " part0: x0_0 + u0 = 1\n part1: x1_0 + x1_1 + u1 = 1\n part2: x2_0 + u1 = 1\n" \
    " part3: x3_0 + x3_1 + u2 = 1\n"                                               \
    " pool0_0: 60 x0_0 + 30 x1_0 + 30 x3_0 <= 60\n"                                \
    " pool0_1: 30 x1_0 + 30 x2_0 + 30 x3_0 <= 60\n"                                \
    " pool1_0: 30 x1_1 + 30 x3_1 <= 30\n pool1_1: 0 none <= 0\n"                   \
    " cap0: 60 x0_0 + 30 x1_0 + 30 x2_0 + 30 x3_0 <= 100\n"
#define NAMES "\\ x3_1: part 3 takes its pair with service 1; u2: item 2 is not placed\n"
#define VARIABLES "Binary\n u0\n u1\n u2\n x0_0\n x1_0\n x1_1\n x2_0\n x3_0\n x3_1\nEnd\n"

static void stages_are_written(void **state)
{
    (void)state;
    static struct round_little little;
    static const int64_t pinned[SOLVER_CLASSES] = {0, 1, 0, 0};
    round_little(&little);
    char *text = lp_text(&little.sample.wire, SOLVER_COST, pinned);
    assert_string_equal(text,
                        "\\ little, round 3, stage of cost\n" NAMES "Minimize\n value: 1000 x0_0 + "
                        "500 x1_0 + 700 x1_1 + 400 x2_0 + 450 x3_0 + 600 x3_1\nSubject To\n" ROWS
                        " class0: u0 <= 0\n class1: u1 + u2 <= 1\n class2: 0 none <= 0\n"
                        " class3: 0 none <= 0\n" VARIABLES);
    free(text);
    little.sample.wire.title = pm_text("a\nb");
    text = lp_text(&little.sample.wire, 1, pinned);
    assert_string_equal(text, "\\ a?b, stage of class 1\n" NAMES
                              "Minimize\n value: u1 + u2\nSubject To\n" ROWS
                              " class0: u0 <= 0\n" VARIABLES);
    free(text);
}

static void lines_are_short(void **state)
{
    (void)state;
    static struct round_sample sample;
    static const int64_t pinned[SOLVER_CLASSES] = {9, 9, 9, 9};
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        struct random random = {seed};
        round_random(&random, &sample);
        char *text = lp_text(&sample.wire, SOLVER_COST, pinned), *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest))
            assert_in_range(strlen(line), 1, 255);
        free(text);
    }
}

/* ---- By CBC ---- */

/* Runs a program found by PATH, silently; its exit code, 127 when there is none. */
static int run(const char *const *words)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *argv[8] = {0};
        for (size_t i = 0; words[i] != NULL; i++)
            memcpy(&argv[i], &words[i], sizeof argv[i]);
        if (freopen("/dev/null", "w", stdout) != NULL)
            execvp(argv[0], argv);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What CBC finds to be the least, -1 when it finds nothing. */
static int64_t least_by_cbc(const char *directory, const struct round_sample *sample, int stage,
                            const int64_t *pinned)
{
    char path[SCRATCH_PATH + 16], solution[SCRATCH_PATH + 16];
    double value = -1;
    (void)snprintf(path, sizeof path, "%s/stage.lp", directory);
    (void)snprintf(solution, sizeof solution, "%s/solution", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(round_lp_write(file, &sample->wire, stage, pinned));
    assert_int_equal(fclose(file), 0);
    (void)remove(solution);
    assert_int_equal(run((const char *const[]){"cbc", path, "-ratio", "0", "-solve", "-solution",
                                               solution, NULL}),
                     0);
    file = fopen(solution, "r");
    assert_non_null(file);
    if (fscanf(file, "Optimal - objective value %lf", &value) != 1) /* NOLINT(cert-err34-c) */
        value = -1;
    assert_int_equal(fclose(file), 0);
    return (int64_t)(value + 0.5);
}

static void cbc_finds_the_same(void **state)
{
    (void)state;
    static struct round_sample sample;
    char directory[SCRATCH_PATH];
    uint64_t samples = getenv("TEST_FULL") != NULL ? SAMPLES_FULL : SAMPLES;
    if (run((const char *const[]){"cbc", "-quit", NULL}) == 127)
        skip();
    scratch_make(directory);
    for (uint64_t seed = 0; seed < samples; seed++) {
        struct random random = {seed};
        int64_t best[SOLVER_STAGES];
        round_random(&random, &sample);
        if (sample.sort == ROUND_LIMITS) /* beyond what its doubles can tell apart */
            continue;
        round_brute(&sample.wire.problem, best);
        int stage = seed % 2 == 0 ? SOLVER_COST : (int)random_below(&random, SOLVER_CLASSES);
        int64_t least = least_by_cbc(directory, &sample, stage, best);
        if (least != best[stage])
            fail_msg("seed %llu, stage %d: %lld by CBC, %lld by trying", (unsigned long long)seed,
                     stage, (long long)least, (long long)best[stage]);
    }
    assert_int_equal(scratch_remove(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_are_written),
        cmocka_unit_test(lines_are_short),
        cmocka_unit_test(cbc_finds_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
