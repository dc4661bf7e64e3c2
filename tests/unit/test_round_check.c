/* test_round_check.c - the checker of rounds' certificates: nothing that is not so gets past it. */
#include "client/round_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/round_little.h"

enum { SAMPLES = 40, BYTES_MAX = 1 << 14 };

static void check_little(const struct round_little *little, const char *fault)
{
    struct round_check check;
    assert_true(round_check(&little->certificate, &check));
    assert_string_equal(check.fault, fault);
}

static void what_is_true_holds(void **state)
{
    (void)state;
    static struct round_little little;
    static const int64_t values[SOLVER_STAGES] = {0, 1, 0, 0, 1600};
    struct round_check check;
    round_little(&little);
    assert_null(solver_flaw(&little.sample.wire.problem));
    assert_true(round_check(&little.certificate, &check));
    assert_string_equal(check.fault, "");
    for (int i = 0; i < SOLVER_STAGES; i++) {
        assert_int_equal(check.stage[i].value, values[i]);
        assert_int_equal(check.stage[i].bound, values[i]);
        assert_true(check.stage[i].proven);
    }
}

/* A claim to be optimal is not a thing to prove: without prices nothing is proven, and all holds.
 */
static void a_claim_is_no_proof(void **state)
{
    (void)state;
    static struct round_little little;
    struct round_check check;
    round_little(&little);
    little.made.result.stage[SOLVER_COST].pool_price = NULL;
    little.made.result.stage[SOLVER_COST].bound = 1450;
    round_little_renew(&little);
    assert_true(round_check(&little.certificate, &check));
    assert_string_equal(check.fault, "");
    assert_int_equal(check.stage[SOLVER_COST].bound, 1450);
    assert_false(check.stage[SOLVER_COST].proven);
}

/* Each changes one thing in the little round. */
static void choose_half(struct round_little *little)
{
    little->made.choice[1] = 3;
}
static void choose_other(struct round_little *little)
{
    little->made.choice[0] = 2;
}
static void choose_beyond(struct round_little *little)
{
    little->made.choice[3] = 7;
}
static void choose_full(struct round_little *little)
{
    little->made.choice[3] = 5;
}
static void take_from_pool(struct round_little *little)
{
    little->sample.pool[0].band[0] = 59;
}
static void take_from_other(struct round_little *little)
{
    little->sample.pool[1].band[0] = 29;
    little->sample.pool_name[1] = pm_text("");
    little->sample.wire.kinds = 0;
}
static void take_from_cap(struct round_little *little)
{
    little->sample.cap[0] = 59;
}
static void claim_less(struct round_little *little)
{
    little->made.result.stage[1].value = 0;
}
static void claim_cost(struct round_little *little)
{
    little->sample.pair[5].cost = 601;
}
static void claim_bound(struct round_little *little)
{
    little->made.result.stage[SOLVER_COST].bound = 1599;
}
static void raise_price(struct round_little *little)
{
    little->made.pool_price[SOLVER_COST][0] = 27;
    little->made.result.stage[SOLVER_COST].class_price[0] = 3201;
}
static void price_the_cap(struct round_little *little)
{
    little->made.cap_price[SOLVER_COST][0] = 1;
    little->made.result.stage[SOLVER_COST].cap_price = little->made.cap_price[SOLVER_COST];
}
static void change_class(struct round_little *little)
{
    little->sample.item[2].class = 2;
}
static void nothing(struct round_little *little)
{
    (void)little;
}

static void what_is_not_so_is_named(void **state)
{
    (void)state;
    static struct round_little little;
    static const struct {
        void (*spoil)(struct round_little *little);
        const char *fault;
    } rows[] = {
        {nothing, ""},
        {choose_half, "couple is placed in part: 1 of 2"},
        {choose_other, "part 1 has a pair that is not its own"},
        {choose_beyond, "part 4 has a pair that is not its own"},
        {choose_full, "amber-run, morning: 90 is taken, 60 is free"},
        {take_from_pool, "amber-run, morning: 60 is taken, 59 is free"},
        {take_from_other, "pool 2, band 1: 30 is taken, 29 is free"},
        {take_from_cap, "amber homecare: 60 is taken of the share cap, 59 is left"},
        {claim_less, "class 1: the value is claimed to be 0 and is 1"},
        {claim_cost, "cost: the value is claimed to be 1600 and is 1601"},
        {claim_bound, "cost: the bound is claimed to be 1599, and the prices prove 1600"},
        {raise_price, "cost: the bound is claimed to be 1600, and the prices prove 1391"},
        {price_the_cap, "cost: the bound is claimed to be 1600, and the prices prove 1550"},
        {change_class, "class 1: the bound is claimed to be 1, and the prices prove 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        round_little(&little);
        rows[i].spoil(&little);
        round_little_renew(&little);
        check_little(&little, rows[i].fault);
    }
}

/* ---- Any byte ---- */

/* Does all that the certificate says hold, by the solver's own reckoning? */
static bool is_true(const struct wire_certificate *certificate)
{
    const struct solver_problem *problem = &certificate->problem.problem;
    int64_t value[SOLVER_STAGES];
    if (!solver_values(problem, certificate->result.choice, value))
        return false;
    for (int i = 0; i < SOLVER_STAGES; i++) {
        const struct solver_stage *stage = &certificate->result.stage[i];
        if (stage->value != value[i] || stage->bound != solver_bound(problem, i, stage, value))
            return false;
    }
    return true;
}

/* 1 when the bytes are a certificate that holds, 0 when they are one that does not, else -1; fails
 * when the checker takes it otherwise. */
static int judge(const uint8_t *bytes, size_t size)
{
    struct wire_error error;
    struct wire_certificate certificate;
    struct round_check check;
    struct wire_arena arena = {.size = wire_certificate_memory(bytes, size, &error)};
    int holds = -1;
    arena.bytes = malloc(arena.size + 1);
    assert_non_null(arena.bytes);
    if (arena.size > 0 && wire_certificate_decode(bytes, size, &arena, &certificate, &error)) {
        holds = is_true(&certificate);
        assert_true(round_check(&certificate, &check));
        if (holds != (check.fault[0] == '\0'))
            fail_msg("the checker says \"%s\" of what is %s", check.fault, holds ? "so" : "not so");
    }
    free(arena.bytes);
    return holds;
}

static size_t solve_and_encode(struct round_sample *sample, uint8_t *out)
{
    struct solver_result result;
    const struct solver_options options = {0};
    struct wire_writer writer = {.bytes = out, .size = BYTES_MAX};
    void *workspace =
        aligned_alloc(64, (solver_workspace(&sample->wire.problem) + 127) & ~(size_t)63);
    assert_non_null(workspace);
    solver_solve(&sample->wire.problem, &options, workspace, &result);
    wire_certificate_encode(&writer, &(struct wire_certificate){sample->wire, result});
    free(workspace);
    assert_false(writer.overflow);
    return writer.used;
}

static void no_byte_changes_unseen(void **state)
{
    (void)state;
    static struct round_sample sample;
    static uint8_t bytes[BYTES_MAX];
    uint64_t seen = 0, held = 0;
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        struct random random = {seed};
        round_random(&random, &sample);
        size_t size = solve_and_encode(&sample, bytes);
        assert_int_equal(judge(bytes, size), 1);
        for (size_t at = 0; at < size; at++) {
            uint8_t was = bytes[at];
            bytes[at] = (uint8_t)(was + 1 + random_below(&random, 255));
            int holds = judge(bytes, size);
            seen += holds == 0;
            held += holds == 1;
            bytes[at] = was;
        }
    }
    /* Both come about: a changed name is no lie. */
    assert_true(seen > SAMPLES && held > SAMPLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_true_holds),
        cmocka_unit_test(a_claim_is_no_proof),
        cmocka_unit_test(what_is_not_so_is_named),
        cmocka_unit_test(no_byte_changes_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
