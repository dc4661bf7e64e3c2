/*
 * fuzz_wire.c - any bytes as a request and as a journal entry. What decodes must encode, decode to
 * the same again, and encode to the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/wire.h"
#include "tests/lib/fuzz.h"
#include "tests/lib/gen_command.h"

enum { SIZE_MAX_ENCODED = 1 << 18 };

static struct wire_arena arena_for(size_t size)
{
    struct wire_arena arena = {.size = wire_arena_bound(size)};
    arena.bytes = malloc(arena.size);
    must(arena.bytes != NULL, "no memory");
    return arena;
}

static void try_request(const uint8_t *data, size_t size)
{
    static uint8_t once[SIZE_MAX_ENCODED], twice[SIZE_MAX_ENCODED];
    struct wire_arena arena = arena_for(size), other = {0};
    struct wire_request request, again;
    struct wire_error error;
    struct wire_writer first = {.bytes = once, .size = sizeof once};
    struct wire_writer second = {.bytes = twice, .size = sizeof twice};
    if (wire_request_decode(data, size, &arena, &request, &error) == PM_OK) {
        wire_request_encode(&first, &request);
        must(!first.overflow, "a request grows too much");
        other = arena_for(first.used);
        must(wire_request_decode(once, first.used, &other, &again, &error) == PM_OK, error.text);
        must(request.count == again.count, "another count of commands");
        for (uint32_t i = 0; i < request.count; i++)
            must(gen_equal(&request.command[i], &again.command[i]), "another command");
        wire_request_encode(&second, &again);
        must(first.used == second.used && memcmp(once, twice, first.used) == 0, "other bytes");
    } else {
        must(error.text[0] != '\0', "refused without a sentence");
    }
    free(other.bytes);
    free(arena.bytes);
}

static void try_entry(const uint8_t *data, size_t size)
{
    static uint8_t once[SIZE_MAX_ENCODED], twice[SIZE_MAX_ENCODED];
    struct wire_arena arena = arena_for(size), other = {0};
    struct pm_entry entry, again;
    struct wire_error error;
    struct wire_reader reader = {.bytes = data, .size = size};
    struct wire_writer first = {.bytes = once, .size = sizeof once};
    struct wire_writer second = {.bytes = twice, .size = sizeof twice};
    if (wire_entry_decode(&reader, &arena, &entry, &error)) {
        wire_entry_encode(&first, &entry);
        must(!first.overflow, "an entry grows too much");
        other = arena_for(first.used);
        reader = (struct wire_reader){.bytes = once, .size = first.used};
        must(wire_entry_decode(&reader, &other, &again, &error), error.text);
        must(reader.at == first.used, "bytes left over");
        must(gen_equal(entry.command, again.command), "another command");
        wire_entry_encode(&second, &again);
        must(first.used == second.used && memcmp(once, twice, first.used) == 0, "other bytes");
    } else {
        must(error.text[0] != '\0', "refused without a sentence");
    }
    free(other.bytes);
    free(arena.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_reader reader = {.bytes = data, .size = size};
    while (wire_skip(&reader) && reader.at < size)
        ;
    must(reader.failed || reader.at == size, "skipped too far");
    try_request(data, size);
    try_entry(data, size);
    return 0;
}

/* A request or an entry of random commands. */
static size_t sample(uint8_t *data, size_t max, unsigned seed)
{
    static struct gen gen;
    struct pm_command commands[3];
    struct wire_writer writer = {.bytes = data, .size = max};
    gen_start(&gen, seed);
    uint32_t count = 1 + random_below(&gen.random, 3);
    for (uint32_t i = 0; i < count; i++)
        gen_command(&gen, 0, &commands[i]);
    struct wire_request request = {.actor = {.role = PM_BROKER, .name = gen_text(&gen, 0, 31)},
                                   .market = gen_text(&gen, 0, 31),
                                   .client = random_next(&gen.random),
                                   .first_number = 1 + random_below(&gen.random, 1000),
                                   .command = commands,
                                   .count = count};
    struct pm_entry entry = {.sequence = random_next(&gen.random),
                             .actor = request.actor,
                             .market = request.market,
                             .command = commands};
    if (random_percent(&gen.random, 30)) {
        request.session = gen_text(&gen, 0, PM_SESSION_MAX);
        request.actor = (struct pm_actor){.role = 0};
    }
    if (random_percent(&gen.random, 50))
        wire_request_encode(&writer, &request);
    else
        wire_entry_encode(&writer, &entry);
    return writer.overflow ? 0 : writer.used;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    if (size == 0 || seed % 64 == 0)
        size = sample(data, max, seed);
    return seed % 16 == 0 ? size : LLVMFuzzerMutate(data, size, max);
}
