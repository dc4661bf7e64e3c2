/* test_wire_problem.c - problems and certificates of rounds, to bytes and back. */
#include "core/wire_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/diag.h"
#include "tests/lib/round_random.h"

enum { SAMPLES = 2000, BYTES_MAX = 1 << 16, MANY_PAIRS = 200000 };

static uint8_t bytes[BYTES_MAX], again[BYTES_MAX];

static struct wire_arena arena_of(size_t size)
{
    struct wire_arena arena = {.bytes = malloc(size > 0 ? size : 1), .size = size};
    assert_non_null(arena.bytes);
    return arena;
}

static size_t encode(const struct wire_problem *problem, const struct solver_result *result,
                     uint8_t *out, size_t size)
{
    struct wire_writer writer = {.bytes = out, .size = size};
    if (result == NULL)
        wire_problem_encode(&writer, problem);
    else
        wire_certificate_encode(&writer, &(struct wire_certificate){*problem, *result});
    assert_false(writer.overflow);
    return writer.used;
}

/* Decodes the bytes in just the memory they ask for; returns the size of what that encodes to. */
static size_t decode_and_encode(const uint8_t *in, size_t size, bool certificate, uint8_t *out)
{
    struct wire_error error;
    struct wire_certificate decoded;
    struct wire_arena arena = arena_of(certificate ? wire_certificate_memory(in, size, &error)
                                                   : wire_problem_memory(in, size, &error));
    bool good = certificate ? wire_certificate_decode(in, size, &arena, &decoded, &error)
                            : wire_problem_decode(in, size, &arena, &decoded.problem, &error);
    size_t used =
        good ? encode(&decoded.problem, certificate ? &decoded.result : NULL, out, BYTES_MAX) : 0;
    assert_true(good == (error.text[0] == '\0'));
    free(arena.bytes);
    return used;
}

static void come_back_the_same(void **state)
{
    (void)state;
    static struct round_sample sample;
    static struct round_result result;
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        struct random random = {seed};
        round_random(&random, &sample);
        round_random_result(&random, &sample.wire.problem, &result);
        assert_null(solver_flaw(&sample.wire.problem));
        for (int certificate = 0; certificate < 2; certificate++) {
            size_t size = encode(&sample.wire, certificate ? &result.result : NULL, bytes,
                                 certificate ? wire_certificate_bound(&sample.wire)
                                             : wire_problem_bound(&sample.wire));
            size_t twice = decode_and_encode(bytes, size, certificate, again);
            if (size != twice || memcmp(bytes, again, size) != 0)
                fail_msg("seed %llu comes back otherwise", (unsigned long long)seed);
            assert_int_equal(wire_document(bytes, size),
                             certificate ? WIRE_CERTIFICATE : WIRE_PROBLEM);
        }
    }
}

static void every_field_is_kept(void **state)
{
    (void)state;
    static struct round_sample sample;
    static struct round_result result;
    struct wire_certificate decoded;
    struct wire_error error;
    struct random random = {4};
    do {
        round_random(&random, &sample);
    } while (sample.wire.problem.parts < 4 || sample.wire.problem.caps == 0 ||
             sample.wire.kinds == 0 || sample.wire.problem.pairs == 0);
    round_random_result(&random, &sample.wire.problem, &result);
    size_t size = encode(&sample.wire, &result.result, bytes, BYTES_MAX);
    struct wire_arena arena = arena_of(wire_certificate_memory(bytes, size, &error));
    assert_true(wire_certificate_decode(bytes, size, &arena, &decoded, &error));
    const struct solver_problem *was = &sample.wire.problem, *is = &decoded.problem.problem;
    assert_memory_equal(is->pair, was->pair, was->pairs * sizeof *was->pair);
    assert_memory_equal(is->item, was->item, was->items * sizeof *was->item);
    assert_memory_equal(is->part, was->part, was->parts * sizeof *was->part);
    assert_memory_equal(is->service, was->service, was->services * sizeof *was->service);
    assert_memory_equal(is->demand, was->demand, was->demands * sizeof *was->demand);
    assert_memory_equal(is->pool, was->pool, was->pools * sizeof *was->pool);
    assert_memory_equal(is->cap, was->cap, was->caps * sizeof *was->cap);
    assert_memory_equal(decoded.result.choice, result.choice, was->parts * sizeof *result.choice);
    assert_int_equal(is->bands, was->bands);
    assert_string_equal(sample.wire.kind[0].name.bytes, "homecare");
    assert_memory_equal(decoded.problem.kind[0].name.bytes, "homecare", 8);
    assert_memory_equal(decoded.problem.part[1].bytes, "X2", 2);
    free(arena.bytes);
}

/* A byte less, or any byte changed, is refused or means just what it says. */
static void no_byte_is_believed(void **state)
{
    (void)state;
    static struct round_sample sample;
    static struct round_result result;
    struct random random = {11};
    do {
        round_random(&random, &sample);
    } while (sample.wire.problem.parts < 3 || sample.wire.problem.caps == 0);
    round_random_result(&random, &sample.wire.problem, &result);
    size_t size = encode(&sample.wire, &result.result, bytes, BYTES_MAX);
    assert_int_equal(decode_and_encode(bytes, size, true, again), size);
    assert_int_equal(decode_and_encode(bytes, size + 1, true, again), 0);
    for (size_t at = 0; at < size; at++) {
        assert_int_equal(decode_and_encode(bytes, at, true, again), 0);
        for (unsigned change = 1; change < 256; change++) {
            bytes[at] ^= (uint8_t)change;
            size_t used = decode_and_encode(bytes, size, true, again);
            if (used != 0 && (used != size || memcmp(bytes, again, size) != 0))
                fail_msg("byte %zu ^ %u is read as something else", at, change);
            bytes[at] ^= (uint8_t)change;
        }
    }
}

static void memory_must_suffice(void **state)
{
    (void)state;
    static struct round_sample sample;
    struct wire_problem decoded;
    struct wire_error error;
    struct random random = {5};
    round_random(&random, &sample);
    size_t size = encode(&sample.wire, NULL, bytes, BYTES_MAX);
    size_t memory = wire_problem_memory(bytes, size, &error);
    struct wire_arena arena = arena_of(memory - 32);
    assert_false(wire_problem_decode(bytes, size, &arena, &decoded, &error));
    assert_string_not_equal(error.text, "");
    free(arena.bytes);
}

/* ---- Refused ---- */

/* Two items of one part, two services, a pool, a cap; a certificate of them. */
static const char *const problem_fields[PROBLEM_KEYS] = {
    [PROBLEM_FORMAT] = "\"placemat problem\"",
    [PROBLEM_VERSION] = "2",
    [PROBLEM_TITLE] = "\"t\"",
    [PROBLEM_SIZES] = "[2, 2, 3, 2, 1, 1, 1, 2, 1]",
    [PROBLEM_KINDS] = "[[\"home\", 1, [\"a\", \"b\"]]]",
    [PROBLEM_ITEM_NAMES] = "[\"\", \"\"]",
    [PROBLEM_ITEMS] = "[0, 1, 3, 1]",
    [PROBLEM_PART_NAMES] = "[\"X\", \"Y\"]",
    [PROBLEM_PARTS] = "[30, 2, 60, 1]",
    [PROBLEM_PAIRS] = "[0, 0, 10, 1, 0, 20, 1, 0, 30]",
    [PROBLEM_SERVICE_NAMES] = "[\"s\", \"t\"]",
    [PROBLEM_SERVICES] = "[0, 1, 0, 0]",
    [PROBLEM_DEMANDS] = "[30, 0]",
    [PROBLEM_POOL_NAMES] = "[\"p\"]",
    [PROBLEM_LOCALITIES] = "[\"l\"]",
    [PROBLEM_POOL_KINDS] = "[0]",
    [PROBLEM_POOLS] = "[60, 60]",
    [PROBLEM_CAP_NAMES] = "[\"c\"]",
    [PROBLEM_CAPS] = "[100]",
};
#define STAGES_BUT_ONE                                                               \
    "[0, 0, true, 0, [0, 0, 0, 0], [], []], [0, 0, true, 0, [5, 0, 0, 0], [], []], " \
    "[0, 0, true, 0, [0, 0, 0, 0], [], []], [0, 0, true, 0, [0, 0, 0, 0], [], []], "
static const char good_stages[] =
    "[" STAGES_BUT_ONE "[50, -3, <f4>, 20, [1, 0, 0, 9], [1, 2], [3]]]";
static const char *const certificate_fields[CERTIFICATE_KEYS] = {
    [CERTIFICATE_FORMAT] = "\"placemat certificate\"",
    [CERTIFICATE_VERSION] = "2",
    [CERTIFICATE_PROBLEM] = "",
    [CERTIFICATE_CHOICES] = "[2, 1]",
    [CERTIFICATE_STAGES] = good_stages,
};

/* The map of the fields, with one of them otherwise, in diagnostic notation. */
static void write_map(char *out, size_t size, const char *const *fields, unsigned count,
                      unsigned key, const char *value)
{
    size_t used = 0;
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%u: %s", i == 0 ? "{" : ", ", i,
                                 i == key ? value : fields[i]);
    snprintf(out + used, size - used, "}");
}

static const char *decode_error(const char *notation, bool certificate)
{
    static struct wire_error error;
    struct wire_certificate decoded;
    size_t size = diag_encode(notation, bytes, BYTES_MAX);
    size_t memory = certificate ? wire_certificate_memory(bytes, size, &error)
                                : wire_problem_memory(bytes, size, &error);
    if (memory == 0)
        return error.text;
    struct wire_arena arena = arena_of(memory);
    bool good = certificate ? wire_certificate_decode(bytes, size, &arena, &decoded, &error)
                            : wire_problem_decode(bytes, size, &arena, &decoded.problem, &error);
    assert_true(good == (error.text[0] == '\0'));
    free(arena.bytes);
    return error.text;
}

static void problems_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        enum wire_problem_key key;
        const char *value, *error;
    } rows[] = {
        {PROBLEM_TITLE, "\"another\"", ""},
        {PROBLEM_FORMAT, "\"placemat certificate\"", "format: another document"},
        {PROBLEM_VERSION, "1", "version: not a version that is read here"},
        {PROBLEM_TITLE, "7", "title: text expected, a number given"},
        {PROBLEM_TITLE, "<780174>", "title: not in its shortest form"},
        {PROBLEM_TITLE, "32(\"t\")", "title: not in its shortest form"},
        {PROBLEM_SIZES, "[2, 2, 3, 2, 1, 1, 1, 2]", "sizes: an array of 9 expected"},
        {PROBLEM_SIZES, "[65537, 2, 3, 2, 1, 1, 1, 2, 1]", "sizes 1: 65537 given, 65536 at most"},
        {PROBLEM_SIZES, "[2, 2, 33554433, 2, 1, 1, 1, 2, 1]",
         "sizes 3: 33554433 given, 33554432 at most"},
        {PROBLEM_SIZES, "[2, 2, 3, 2, 1, 1, 1, 9, 1]", "sizes 8: 9 given, 8 at most"},
        {PROBLEM_SIZES, "[2, 2, 3, 2, 1, 1, 33554432, 0, 1]", "sizes 9: there are 1 to 8 bands"},
        {PROBLEM_SIZES, "[2, 2, 300, 2, 1, 1, 1, 2, 1]",
         "sizes 9: cut off: more records are announced than follow"},
        {PROBLEM_SIZES, "[2, 2, 3, 2, 1, 1, 1, 2, 17]", "sizes 9: 17 given, 16 at most"},
        {PROBLEM_KINDS, "[[\"home\", 1, [\"a\", \"b\", \"c\"]]]", "kinds 1: 3 given, 2 at most"},
        {PROBLEM_KINDS, "[[\"home\", 3, []]]", "kinds 1: 3 given, 2 at most"},
        {PROBLEM_KINDS, "[[\"home\", 1, [_ \"a\"]]]", "kinds 1: of no stated length"},
        {PROBLEM_ITEMS, "[0, 1, 4, 1]", "items 2: 4 given, 3 at most"},
        {PROBLEM_ITEMS, "[0, 2, 3, 1]", "items 2: 1 given, 0 at most"},
        {PROBLEM_ITEMS, "[0, 2, 3, 0]", "problem: An item has no part."},
        {PROBLEM_ITEMS, "[0, 1, 3, 0]", "problem: The items do not cover the parts."},
        {PROBLEM_PARTS, "[30, 2, 60, 0]", "problem: The parts do not cover the pairs."},
        {PROBLEM_PARTS, "[16777216, 2, 60, 1]", "parts 1: 16777216 given, 16777215 at most"},
        {PROBLEM_PARTS, "[30, 3, 60, 1]", "parts 2: 1 given, 0 at most"},
        {PROBLEM_PAIRS, "[0, 0, 10, 1, 0, 20, 2, 0, 30]",
         "problem: A pair's service is not there."},
        {PROBLEM_PAIRS, "[0, 0, 10, 1, 1, 20, 1, 0, 30]", "problem: A pair's demand is not there."},
        {PROBLEM_PAIRS, "[0, 0, 10, 0, 0, 20, 1, 0, 30]",
         "problem: A part has two pairs with one service."},
        {PROBLEM_PAIRS, "[0, 0, 268435456, 1, 0, 20, 1, 0, 30]",
         "pairs 1: 268435456 given, 268435455 at most"},
        {PROBLEM_PAIRS, "[0, 0, -1, 1, 0, 20, 1, 0, 30]",
         "pairs 1: a number of 0 or more expected, a number given"},
        {PROBLEM_SERVICES, "[1, 1, 0, 0]", "problem: A service's pool is not there."},
        {PROBLEM_SERVICES, "[0, 2, 0, 0]", "services 1: 2 given, 1 at most"},
        {PROBLEM_DEMANDS, "[16777216, 0]", "demands 1: 16777216 given, 16777215 at most"},
        {PROBLEM_DEMANDS, "[30]", "demands: an array of 2 expected"},
        {PROBLEM_POOL_KINDS, "[1]", "pool_kinds 1: 1 given, 0 at most"},
        {PROBLEM_POOLS, "[60, 1073741824]", "pools 1: 1073741824 given, 1073741823 at most"},
        {PROBLEM_CAPS, "[<190064>]", "caps 1: not in its shortest form"},
        {PROBLEM_CAPS, "[100], 19: 0", "document: another number of keys"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char notation[2048];
        write_map(notation, sizeof notation, problem_fields, PROBLEM_KEYS, rows[i].key,
                  rows[i].value);
        assert_string_equal(decode_error(notation, false), rows[i].error);
    }
}

static void certificates_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        enum wire_certificate_key key;
        const char *value, *error;
    } rows[] = {
        {CERTIFICATE_CHOICES, "[0, 0]", ""},
        {CERTIFICATE_FORMAT, "\"placemat problem\"", "format: another document"},
        {CERTIFICATE_CHOICES, "[3, 1]", "choices 1: 3 given, 2 at most"},
        {CERTIFICATE_CHOICES, "[1]", "choices: an array of 2 expected"},
        {CERTIFICATE_STAGES, "[]", "stages: an array of 5 expected"},
        {CERTIFICATE_STAGES, "[" STAGES_BUT_ONE "[50, -3, 1, 20, [1, 0, 0, 9], [], []]]",
         "stages 5: true or false expected, a number given"},
        {CERTIFICATE_STAGES, "[" STAGES_BUT_ONE "[50, -3, true, 21, [1, 0, 0, 9], [], []]]",
         "stages 5: 21 given, 20 at most"},
        {CERTIFICATE_STAGES, "[" STAGES_BUT_ONE "[-1, 0, true, 0, [1, 0, 0, 9], [], []]]",
         "stages 5: a number of 0 or more expected, a number given"},
        {CERTIFICATE_STAGES,
         "[" STAGES_BUT_ONE "[0, 0, true, 0, [72057594037927937, 0, 0, 0], [], []]]",
         "stages 5: 72057594037927937 given, 72057594037927936 at most"},
        {CERTIFICATE_STAGES, "[" STAGES_BUT_ONE "[0, 0, true, 0, [0, 0, 0, 0], [1], []]]",
         "stages 5: an array of 2 expected"},
        {CERTIFICATE_STAGES, "[" STAGES_BUT_ONE "[0, 0, true, 0, [0, 0, 0, 0], [], [2147483648]]]",
         "stages 5: 2147483648 given, 2147483647 at most"},
        {CERTIFICATE_STAGES, "[[0, 0, true, 0, [1, 0, 0, 0], [], []], 0, 0, 0, 0]",
         "stages 1: 1 given, 0 at most"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char notation[4096], problem[2048];
        const char *fields[CERTIFICATE_KEYS];
        memcpy(fields, certificate_fields, sizeof fields);
        write_map(problem, sizeof problem, problem_fields, PROBLEM_KEYS, PROBLEM_KEYS, NULL);
        fields[CERTIFICATE_PROBLEM] = problem;
        write_map(notation, sizeof notation, fields, CERTIFICATE_KEYS, rows[i].key, rows[i].value);
        assert_string_equal(decode_error(notation, true), rows[i].error);
    }
}

/* ---- Large ---- */

static void many_pairs_are_read(void **state)
{
    (void)state;
    enum { SERVICES = 100, PARTS = MANY_PAIRS / SERVICES };
    static struct solver_item item[PARTS + 1];
    static struct solver_part part[PARTS + 1];
    static struct solver_pair pair[MANY_PAIRS];
    static struct solver_service service[SERVICES];
    static struct solver_amounts row[1];
    static struct pm_text names[PARTS];
    for (uint32_t i = 0; i <= PARTS; i++) {
        item[i].first_part = i;
        part[i].first_pair = i * SERVICES;
    }
    for (uint32_t i = 0; i < MANY_PAIRS; i++)
        pair[i] = (struct solver_pair){.service = i % SERVICES, .cost = (int32_t)i};
    struct wire_problem decoded, problem = {.problem = {.items = PARTS,
                                                        .parts = PARTS,
                                                        .pairs = MANY_PAIRS,
                                                        .services = SERVICES,
                                                        .pools = 1,
                                                        .demands = 1,
                                                        .bands = 1,
                                                        .item = item,
                                                        .part = part,
                                                        .pair = pair,
                                                        .service = service,
                                                        .demand = row,
                                                        .pool = row},
                                            .item = names,
                                            .part = names,
                                            .service = names,
                                            .pool = names,
                                            .locality = names};
    struct wire_error error;
    size_t bound = wire_problem_bound(&problem);
    uint8_t *large = malloc(bound);
    size_t size = encode(&problem, NULL, large, bound);
    struct wire_arena arena = arena_of(wire_problem_memory(large, size, &error));
    assert_true(wire_problem_decode(large, size, &arena, &decoded, &error));
    assert_memory_equal(decoded.problem.pair, pair, sizeof pair);
    free(arena.bytes);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_back_the_same),
        cmocka_unit_test(every_field_is_kept),
        cmocka_unit_test(no_byte_is_believed),
        cmocka_unit_test(memory_must_suffice),
        cmocka_unit_test(problems_are_refused_by_name),
        cmocka_unit_test(certificates_are_refused_by_name),
        cmocka_unit_test(many_pairs_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
