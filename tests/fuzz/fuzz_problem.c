/*
 * fuzz_problem.c - any bytes as a round's problem and as a certificate. What decodes is without
 * flaw, can be valued and bounded, and encodes to the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire_problem.h"
#include "tests/lib/fuzz.h"
#include "tests/lib/round_random.h"

static struct wire_arena arena_of(size_t size)
{
    struct wire_arena arena = {.bytes = malloc(size), .size = size};
    must(arena.bytes != NULL, "no memory");
    return arena;
}

/* Encodes into just the room that the bound says, and compares. */
static void encode_again(const uint8_t *data, size_t size, const struct wire_certificate *decoded,
                         bool certificate)
{
    struct wire_writer writer = {.size = certificate ? wire_certificate_bound(&decoded->problem)
                                                     : wire_problem_bound(&decoded->problem)};
    writer.bytes = malloc(writer.size);
    must(writer.bytes != NULL, "no memory");
    if (certificate)
        wire_certificate_encode(&writer, decoded);
    else
        wire_problem_encode(&writer, &decoded->problem);
    must(!writer.overflow, "larger than its bound");
    must(writer.used == size && memcmp(writer.bytes, data, size) == 0, "other bytes");
    free(writer.bytes);
}

static void evaluate(const struct wire_certificate *decoded)
{
    const struct solver_problem *problem = &decoded->problem.problem;
    int64_t value[SOLVER_STAGES];
    (void)solver_values(problem, decoded->result.choice, value);
    for (int i = 0; i < SOLVER_STAGES; i++)
        (void)solver_bound(problem, i, &decoded->result.stage[i], value);
}

static void try(const uint8_t *data, size_t size, bool certificate)
{
    struct wire_error error;
    struct wire_certificate decoded;
    size_t memory = certificate ? wire_certificate_memory(data, size, &error)
                                : wire_problem_memory(data, size, &error);
    must((memory == 0) == (error.text[0] != '\0'), "refused without a sentence");
    if (memory == 0)
        return;
    must(memory < 4096 + size * 1024, "more memory than the size deserves");
    struct wire_arena arena = arena_of(memory);
    bool good = certificate ? wire_certificate_decode(data, size, &arena, &decoded, &error)
                            : wire_problem_decode(data, size, &arena, &decoded.problem, &error);
    must(good == (error.text[0] == '\0'), "refused without a sentence");
    if (good) {
        must(solver_flaw(&decoded.problem.problem) == NULL, "flawed");
        encode_again(data, size, &decoded, certificate);
    }
    if (good && certificate)
        evaluate(&decoded);
    free(arena.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try(data, size, false);
    try(data, size, true);
    return 0;
}

static size_t sample(uint8_t *data, size_t max, unsigned seed)
{
    static struct round_sample sample;
    static struct round_result result;
    struct random random = {seed};
    struct wire_writer writer = {.bytes = data, .size = max};
    round_random(&random, &sample);
    round_random_result(&random, &sample.wire.problem, &result);
    if (random_percent(&random, 50))
        wire_problem_encode(&writer, &sample.wire);
    else
        wire_certificate_encode(&writer, &(struct wire_certificate){sample.wire, result.result});
    return writer.overflow ? 0 : writer.used;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    if (size == 0 || seed % 8 == 0)
        size = sample(data, max, seed);
    return seed % 32 == 0 ? size : LLVMFuzzerMutate(data, size, max);
}
