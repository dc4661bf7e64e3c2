/*
 * test_wire.c: CBOR items, and commands, requests, entries, replies and events there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/hash.h"
#include "core/wire.h"
#include "tests/lib/diag.h"
#include "tests/lib/gen_command.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
enum { MESSAGE_MAX = 1 << 18 };

static uint8_t message[MESSAGE_MAX];
static struct gen gen;

/* A copy that ends where its bytes end, so that a sanitizer sees any read beyond. The caller frees
 * it. */
static uint8_t *exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

static struct wire_arena new_arena(size_t message_size)
{
    struct wire_arena arena = {.size = wire_arena_bound(message_size)};
    arena.bytes = malloc(arena.size);
    assert_non_null(arena.bytes);
    return arena;
}

static void assert_bytes(const struct wire_writer *writer, const char *notation)
{
    static uint8_t want[MESSAGE_MAX];
    size_t size = diag_encode(notation, want, sizeof want);
    assert_false(writer->overflow);
    if (writer->used != size || memcmp(writer->bytes, want, size) != 0)
        fail_msg("not the bytes of %s", notation);
}

/* ---- Items ---- */

static void write_some(struct wire_writer *writer)
{
    wire_open_array(writer);
    wire_uint(writer, 0);
    wire_uint(writer, UINT64_MAX);
    wire_int(writer, INT64_MIN);
    wire_int(writer, -1);
    wire_int(writer, INT64_MAX);
    wire_bool(writer, true);
    wire_string(writer, "caf\xc3\xa9");
    wire_string(writer, NULL);
    wire_bytes(writer, "\x01\x02", 2);
    wire_open_map(writer);
    wire_key(writer, KEY_VALID_UNTIL);
    wire_array(writer, 300);
    wire_raw(writer, message, 300); /* zeros: 300 times the number 0 */
    wire_break(writer);
    wire_map(writer, 1);
    wire_text(writer, (struct pm_text){.bytes = "key", .length = 3});
    wire_uint(writer, 23);
    wire_break(writer);
}

static void items_are_written(void **state)
{
    uint8_t bytes[512];
    struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
    (void)state;
    memset(message, 0, 300);
    write_some(&writer);
    assert_bytes(&writer,
                 "[_ 0, 18446744073709551615, <3b7fffffffffffffff>, -1, 9223372036854775807, true, "
                 "\"caf\xc3\xa9\", \"\", h'0102', {_ 50: [300*0]}, {\"key\": 23}]");
}

static void a_full_buffer_is_not_overrun(void **state)
{
    uint8_t whole[512];
    struct wire_writer writer = {.bytes = whole, .size = sizeof whole};
    (void)state;
    memset(message, 0, 300);
    write_some(&writer);
    for (size_t size = 0; size < writer.used; size++) {
        struct wire_writer small = {.bytes = exact(whole, size), .size = size};
        write_some(&small);
        assert_true(small.overflow);
        assert_true(small.used <= size);
        assert_memory_equal(small.bytes, whole, small.used);
        free(small.bytes);
    }
}

static void items_are_read(void **state)
{
    static const struct {
        const char *notation;
        uint64_t value;
        enum wire_type type;
        bool open;
    } rows[] = {
        {"0", 0, WIRE_UINT, false},
        {"23", 23, WIRE_UINT, false},
        {"24", 24, WIRE_UINT, false},
        {"256", 256, WIRE_UINT, false},
        {"65536", 65536, WIRE_UINT, false},
        {"18446744073709551615", UINT64_MAX, WIRE_UINT, false},
        {"-1", 0, WIRE_NEGATIVE, false},
        {"-257", 256, WIRE_NEGATIVE, false},
        {"-70000", 69999, WIRE_NEGATIVE, false},
        {"<3bffffffffffffffff>", UINT64_MAX, WIRE_NEGATIVE, false},
        {"h'00ff'", 0, WIRE_BYTES, false},
        {"\"text\"", 0, WIRE_TEXT, false},
        {"[0, 0]", 2, WIRE_ARRAY, false},
        {"[_ 0, 0]", 0, WIRE_ARRAY, true},
        {"{0: 0}", 1, WIRE_MAP, false},
        {"{_ 0: 0}", 0, WIRE_MAP, true},
        {"<f4>", 0, WIRE_BOOL, false},
        {"true", 1, WIRE_BOOL, false},
        {"null", 0, WIRE_NULL, false},
        {"<f7>", 0, WIRE_OTHER, false},
        {"<f93c00>", 0, WIRE_OTHER, false},
        {"<fa3f800000>", 0, WIRE_OTHER, false},
        {"<fb3ff0000000000000>", 0, WIRE_OTHER, false},
        {"<ff>", 0, WIRE_BREAK, false},
        {"1(5)", 5, WIRE_UINT, false},
        {"1(1000(true))", 1, WIRE_BOOL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wire_item item;
        size_t size = diag_encode(rows[i].notation, message, sizeof message);
        uint8_t *bytes = exact(message, size);
        struct wire_reader reader = {.bytes = bytes, .size = size};
        if (!wire_next(&reader, &item) || item.type != rows[i].type ||
            item.value != rows[i].value || item.open != rows[i].open)
            fail_msg("%s is read wrongly", rows[i].notation);
        free(bytes);
    }
}

static void text_points_into_the_message(void **state)
{
    struct wire_item item;
    size_t size = diag_encode("\"abc\" h'0102'", message, sizeof message);
    struct wire_reader reader = {.bytes = message, .size = size};
    (void)state;
    assert_true(wire_next(&reader, &item));
    assert_true(pm_text_equal(item.text, pm_text("abc")));
    assert_ptr_equal(item.text.bytes, message + 1);
    assert_true(wire_next(&reader, &item));
    assert_int_equal(item.text.length, 2);
    assert_ptr_equal(item.text.bytes, message + 5);
    assert_int_equal(reader.at, size);
}

static void whole_items_are_skipped(void **state)
{
    static const char *const rows[] = {
        "0",
        "\"text\"",
        "[]",
        "{}",
        "[_ ]",
        "{_ }",
        "[1, [2, [3, 4], 5], 6]",
        "{1: {2: [_ 3, {_ 4: 5}]}, \"a\": -1, [1]: null}",
        "1(2([3(4)]))",
        "[500*[1, {}]]",

    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t size = diag_encode(rows[i], message, sizeof message);
        struct wire_reader reader = {.bytes = message, .size = size + 1};
        message[size] = 7;
        if (!wire_skip(&reader) || reader.at != size)
            fail_msg("%s is not skipped", rows[i]);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *bytes = exact(message, cut);
            reader = (struct wire_reader){.bytes = bytes, .size = cut};
            assert_false(wire_skip(&reader));
            assert_true(reader.failed && reader.why != NULL);
            free(bytes);
        }
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    for (size_t depth = 0; depth < 5000; depth += depth < 20 ? 1 : 1000) {
        memset(message, 0x81, depth);
        message[depth] = 0;
        struct wire_reader reader = {.bytes = message, .size = depth + 1};
        assert_int_equal(wire_skip(&reader), depth <= WIRE_DEPTH_MAX);
        if (depth > WIRE_DEPTH_MAX)
            assert_string_equal(reader.why, "nested too deeply");
    }
}

static void a_failed_reader_stays_failed(void **state)
{
    static const char *const rows[] = {
        "<1c>",
        "<fc>",
        "<f800>",
        "<5f>",
        "<7f>",
        "<61ff>",
        "<18>",
        "<9b1000000000000000>",
        "<bb7fffffffffffffff>",
        "<bbffffffffffffffff>",
        "<5bffffffffffffffff>",
        "<a1>",
        "<c1>",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wire_item item;
        size_t size = diag_encode(rows[i], message, sizeof message);
        struct wire_reader reader = {.bytes = message, .size = size};
        if (wire_next(&reader, &item))
            fail_msg("%s was read", rows[i]);
        reader.size += 8;
        assert_false(wire_next(&reader, &item));
        assert_false(wire_skip(&reader));
        assert_true(reader.failed);
    }
}

/* ---- Commands ---- */

static void make_entry(struct pm_entry *out, const struct pm_command *command)
{
    *out = (struct pm_entry){.sequence = random_next(&gen.random),
                             .time = (int64_t)random_next(&gen.random),
                             .market = gen_text(&gen, 0, PM_NAME_MAX),
                             .actor = {.role = (uint8_t)random_below(&gen.random, 256),
                                       .name = gen_text(&gen, 0, PM_NAME_MAX)},
                             .client = random_next(&gen.random),
                             .number = random_next(&gen.random),
                             .hash = random_next(&gen.random),
                             .command = command};
}

static bool same_entry(const struct pm_entry *a, const struct pm_entry *b)
{
    return a->sequence == b->sequence && a->time == b->time &&
           pm_text_equal(a->market, b->market) && a->actor.role == b->actor.role &&
           pm_text_equal(a->actor.name, b->actor.name) && a->client == b->client &&
           a->number == b->number && a->hash == b->hash && gen_equal(a->command, b->command);
}

static void check_entry(uint64_t seed, unsigned verb)
{
    struct pm_command command;
    struct pm_entry entry, decoded;
    struct wire_error error;
    struct wire_writer writer = {.bytes = message, .size = sizeof message};
    gen_start(&gen, seed);
    gen_command(&gen, verb, &command);
    make_entry(&entry, &command);
    wire_entry_encode(&writer, &entry);
    assert_false(writer.overflow);
    uint8_t *bytes = exact(message, writer.used);
    struct wire_arena arena = new_arena(writer.used);
    struct wire_reader reader = {.bytes = bytes, .size = writer.used};
    if (!wire_entry_decode(&reader, &arena, &decoded, &error))
        fail_msg("seed %llu, %s: %s", (unsigned long long)seed, pm_verb_name(command.verb),
                 error.text);
    if (reader.at != writer.used || !same_entry(&entry, &decoded))
        fail_msg("seed %llu, %s: not the same again", (unsigned long long)seed,
                 pm_verb_name(command.verb));
    free(arena.bytes);
    free(bytes);
}

static void entries_come_back_the_same(void **state)
{
    uint64_t runs = getenv("TEST_FULL") != NULL ? 10000 : 300;
    (void)state;
    for (size_t i = 0; i < gen_verb_count; i++) {
        for (uint64_t run = 0; run < runs; run++)
            check_entry(run << 8 | i, gen_verbs[i]);
    }
}

static void a_package_already_resolved_comes_back_the_same(void **state)
{
    struct pm_command command = {.verb = PM_PACKAGE_POST,
                                 .package = {.reference = pm_text("X1"),
                                             .referrer = pm_text("Ward 7"),
                                             .locality = pm_text("tilbury_and_chadwell"),
                                             .sector = pm_postcode_parse(pm_text("RM18 8"))}};
    struct pm_entry entry = {.sequence = 1, .market = pm_text("thurrock"), .command = &command};
    struct wire_writer writer = {.bytes = message, .size = sizeof message};
    (void)state;
    wire_entry_encode(&writer, &entry);
    assert_bytes(&writer, "[1, 0, \"thurrock\", 0, \"\", 0, 0, 0, [\"package.post\", {1: \"X1\", "
                          "24: \"Ward 7\", 4: \"tilbury_and_chadwell\", 5: \"RM18 8\"}]]");
}

/* A request of random commands, which the generator holds. */
static void make_request(struct wire_request *out, struct pm_command *commands, uint32_t count)
{
    *out = (struct wire_request){.actor = {.role = (uint8_t)random_below(&gen.random, 256),
                                           .name = gen_text(&gen, 0, PM_NAME_MAX)},
                                 .market = gen_text(&gen, 0, PM_NAME_MAX),
                                 .client = random_next(&gen.random),
                                 .first_number = 1 + random_next(&gen.random) / 2,
                                 .count = count,
                                 .command = commands};
    if (random_percent(&gen.random, 30)) { /* a session instead */
        out->session = gen_text(&gen, 0, PM_SESSION_MAX);
        out->actor = (struct pm_actor){.role = 0};
    }
    for (uint32_t i = 0; i < count; i++) {
        do
            gen_command(&gen, 0, &commands[i]);
        while (gen_is_daemons(commands[i].verb) ||
               (commands[i].verb == PM_MARKET_LOAD && count > 1));
    }
}

static void requests_come_back_the_same(void **state)
{
    enum { MOST = 6 };
    struct pm_command commands[MOST];
    struct wire_request request, decoded;
    struct wire_error error;
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct wire_writer writer = {.bytes = message, .size = sizeof message};
        gen_start(&gen, seed);
        make_request(&request, commands, random_below(&gen.random, MOST + 1));
        wire_request_encode(&writer, &request);
        assert_false(writer.overflow);
        struct wire_arena arena = new_arena(writer.used);
        if (wire_request_decode(message, writer.used, &arena, &decoded, &error) != PM_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
        assert_int_equal(decoded.count, request.count);
        assert_int_equal(decoded.actor.role, request.actor.role);
        assert_true(pm_text_equal(decoded.actor.name, request.actor.name));
        assert_true(pm_text_equal(decoded.session, request.session));
        assert_true(pm_text_equal(decoded.market, request.market));
        assert_true(decoded.client == request.client);
        assert_true(decoded.first_number == request.first_number);
        for (uint32_t i = 0; i < request.count; i++) {
            if (!gen_equal(&decoded.command[i], &commands[i]))
                fail_msg("seed %llu: command %u differs", (unsigned long long)seed, i + 1);
        }
        free(arena.bytes);
    }
}

static void hashes_are_of_each_commands_bytes(void **state)
{
    const char *const commands[] = {"[\"offer.accept\", {11: 7}]", "[\"offer.accept\", {11: 8}]",
                                    "[\"offer.accept\", {11: 7}]",
                                    "[\"offer.accept\", {11: <1807>}]"};
    struct wire_request request;
    struct wire_error error;
    struct wire_arena arena = new_arena(sizeof message);
    size_t size = diag_encode("[1, [3, \"p\"], \"m\", 7, 1, [[\"offer.accept\", {11: 7}], "
                              "[\"offer.accept\", {11: 8}], [\"offer.accept\", {11: 7}], "
                              "[\"offer.accept\", {11: <1807>}]]]",
                              message, sizeof message);
    (void)state;
    assert_int_equal(wire_request_decode(message, size, &arena, &request, &error), PM_OK);
    for (size_t i = 0; i < COUNT(commands); i++) {
        uint8_t bytes[64];
        size = diag_encode(commands[i], bytes, sizeof bytes);
        assert_true(request.sent[i].hash == pm_hash(bytes, size, 0));
        assert_int_equal(request.sent[i].piece.size, size);
        assert_memory_equal(request.sent[i].piece.bytes, bytes, size);
    }
    assert_true(request.sent[0].hash == request.sent[2].hash &&
                request.sent[0].hash != request.sent[1].hash);
    /* The same command, but not the same bytes. */
    assert_true(request.sent[0].hash != request.sent[3].hash);
    free(arena.bytes);
}

/* What a command does not say of its bytes must not be journalled with them. */
static void what_was_not_understood_is_not_kept(void **state)
{
    static const char *const lossy[] = {"[\"offer.accept\", {11: 7, 9999: \"a name\"}]",
                                        "[\"offer.accept\", {9999: [1, {2: 3}], 11: 7}]",
                                        "[\"offer.accept\", {11: 447700900123(7)}]",
                                        "[\"package.post\", {1: \"X1\", 3: \"RM18 8AB\"}]"};
    (void)state;
    for (size_t i = 0; i < COUNT(lossy); i++) {
        char text[200];
        struct wire_request request;
        struct wire_error error;
        struct wire_arena arena = new_arena(sizeof message);
        snprintf(text, sizeof text,
                 "[1, [3, \"p\"], \"m\", 7, 1, [%s, [\"offer.accept\", {11: 8}]]]", lossy[i]);
        size_t size = diag_encode(text, message, sizeof message);
        assert_int_equal(wire_request_decode(message, size, &arena, &request, &error), PM_OK);
        assert_int_equal(request.sent[0].piece.size, 0);
        assert_int_not_equal(request.sent[1].piece.size, 0); /* of each command by itself */
        free(arena.bytes);
    }
}

/* ---- What can go wrong with it ---- */

static size_t encode_of_verb(uint64_t seed, unsigned verb)
{
    struct pm_command command;
    struct wire_request request = {.actor = {.role = PM_BROKER, .name = pm_text("bo")},
                                   .market = pm_text("thurrock"),
                                   .client = 7,
                                   .first_number = 1,
                                   .count = 1,
                                   .command = &command};
    struct wire_writer writer = {.bytes = message, .size = sizeof message};
    gen_start(&gen, seed);
    gen_command(&gen, verb, &command);
    wire_request_encode(&writer, &request);
    assert_false(writer.overflow);
    return writer.used;
}

static void what_is_cut_off_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < gen_verb_count; i++) {
        if (gen_is_daemons(gen_verbs[i]))
            continue;
        size_t size = encode_of_verb(i, gen_verbs[i]);
        struct wire_arena arena = new_arena(size);
        for (size_t cut = 0; cut < size; cut += 1 + cut / 400) {
            struct wire_request request;
            struct wire_error error;
            uint8_t *bytes = exact(message, cut);
            arena.used = 0;
            if (wire_request_decode(bytes, cut, &arena, &request, &error) != PM_MALFORMED)
                fail_msg("%s cut to %zu bytes was not malformed", pm_verb_name(gen_verbs[i]), cut);
            assert_true(strlen(error.text) > 10);
            free(bytes);
        }
        free(arena.bytes);
    }
}

/* Bytes changed at random: any answer is right but a crash, or what cannot be encoded again. */
static void what_is_damaged_does_no_damage(void **state)
{
    uint64_t runs = getenv("TEST_FULL") != NULL ? 3000000 : 60000;
    (void)state;
    for (uint64_t seed = 0; seed < runs; seed++) {
        static uint8_t again[MESSAGE_MAX];
        struct wire_request request;
        struct wire_error error;
        struct wire_writer writer = {.bytes = again, .size = sizeof again};
        size_t size = encode_of_verb(seed, 0);
        if (size > 4096 && seed % 32 != 0)
            continue;
        for (uint32_t n = random_below(&gen.random, 4); n > 0; n--)
            message[random_below(&gen.random, (uint32_t)size)] = (uint8_t)random_next(&gen.random);
        struct wire_arena arena = new_arena(size);
        uint16_t status = wire_request_decode(message, size, &arena, &request, &error);
        assert_true(status <= PM_UNKNOWN_COMMAND && status != PM_BUSY);
        assert_int_equal(status == PM_OK, error.text[0] == '\0');
        if (status == PM_OK)
            wire_request_encode(&writer, &request);
        assert_false(writer.overflow);
        free(arena.bytes);
    }
}

static void an_arena_too_small_is_too_large_a_request(void **state)
{
    struct wire_request request;
    struct wire_error error;
    size_t size = encode_of_verb(3, PM_SERVICE_PUT);
    (void)state;
    for (size_t room = 0;; room++) {
        struct wire_arena arena = {.bytes = malloc(room + 1), .size = room};
        assert_non_null(arena.bytes);
        uint16_t status = wire_request_decode(message, size, &arena, &request, &error);
        free(arena.bytes);
        if (status == PM_OK)
            break;
        assert_int_equal(status, PM_TOO_LARGE);
        assert_true(room < wire_arena_bound(size));
    }
}

static void an_arena_may_begin_anywhere(void **state)
{
    struct wire_request request;
    struct wire_error error;
    size_t size = encode_of_verb(3, PM_SERVICE_PUT);
    struct wire_arena whole = new_arena(size + 16);
    (void)state;
    for (size_t offset = 0; offset < 16; offset++) {
        struct wire_arena arena = {.bytes = whole.bytes + offset, .size = whole.size - offset};
        assert_int_equal(wire_request_decode(message, size, &arena, &request, &error), PM_OK);
        assert_int_equal((uintptr_t)request.command % 16, 0);
        assert_int_equal((uintptr_t)request.command[0].service.locality % 16, 0);
    }
    assert_true(wire_arena_bound(SIZE_MAX) == SIZE_MAX);
    free(whole.bytes);
}

static void entries_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *notation, *says;
    } rows[] = {
        {"0", "entry: an array expected"},
        {"[1, 0, \"m\", 1, \"a\", 0, 0, 0]", "entry: an array of 9 expected"},
        {"[-1, 0, \"m\", 1, \"a\", 0, 0, 0, 0]", "sequence: a number of 0 or more"},
        {"[1, \"now\", \"m\", 1, \"a\", 0, 0, 0, 0]", "time: a number expected"},
        {"[1, 0, 5, 1, \"a\", 0, 0, 0, 0]", "market: text expected"},
        {"[1, 0, \"m\", 256, \"a\", 0, 0, 0, 0]", "role: 256 given"},
        {"[1, 0, \"m\", 1, 2, 0, 0, 0, 0]", "actor: text expected"},
        {"[1, 0, \"m\", 1, \"a\", \"c\", 0, 0, 0]", "client: a number"},
        {"[1, 0, \"m\", 1, \"a\", 0, -1, 0, 0]", "number: a number of 0 or more"},
        {"[1, 0, \"m\", 1, \"a\", 0, 0, true, 0]", "hash: a number"},
        {"[1, 0, \"m\", 1, \"a\", 0, 0, 0, 0]", "command: an array expected"},
        {"[1, 0, \"m\", 1, \"a\", 0, 0, 0, [\"go\", {}]]", "command: \"go\" is no command"},
        {"[1, 0, \"m\", 1, \"a\", 0, 0, 0, [\"tick\", {18: \"\"}]]", "command (tick): time: a num"},
    };
    struct wire_arena arena = new_arena(1000);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pm_entry entry;
        struct wire_error error;
        size_t size = diag_encode(rows[i].notation, message, sizeof message);
        struct wire_reader reader = {.bytes = message, .size = size};
        arena.used = 0;
        assert_false(wire_entry_decode(&reader, &arena, &entry, &error));
        if (strstr(error.text, rows[i].says) == NULL)
            fail_msg("%s gave: %s", rows[i].notation, error.text);
    }
    free(arena.bytes);
}

/* ---- Replies and events ---- */

static void replies_are_written(void **state)
{
    struct wire_writer writer = {.bytes = message, .size = sizeof message};
    (void)state;
    wire_reply_begin(&writer, 77, 2);
    wire_reply_result(&writer, (struct pm_result){.status = PM_OK, .id = 12});
    wire_reply_result(&writer, (struct pm_result){.status = PM_OFFER_EXPIRED});
    assert_bytes(&writer, "[1, 77, 0, [[0, 12], [36]]]");
    writer.used = 0;
    wire_reply_refused(&writer, 0, PM_BUSY, "full", 0);
    assert_bytes(&writer, "[1, 0, 1, \"full\"]");
    writer.used = 0;
    wire_reply_refused(&writer, 9, PM_BUSY, "full", 250);
    assert_bytes(&writer, "[1, 9, 1, \"full\", 250]");
}

static void events_are_written(void **state)
{
    static const struct pm_event_record declined = {.sequence = 5,
                                                    .time = 1000,
                                                    .package = 3,
                                                    .offer = 4,
                                                    .market = {"thurrock"},
                                                    .reference = {"X1"},
                                                    .service = {"s"},
                                                    .provider = {"p"},
                                                    .position = 2,
                                                    .rate = 2400,
                                                    .kind = PM_EVENT_OFFER_DECLINED,
                                                    .code = PM_TOO_FAR};
    static const struct pm_event_record ended = {.sequence = 6,
                                                 .time = -1,
                                                 .placement = 9,
                                                 .kind = PM_EVENT_PLACEMENT_ENDED,
                                                 .code = PM_DIED};
    struct wire_writer writer = {.bytes = message, .size = sizeof message};
    (void)state;
    wire_event_encode(&writer, &declined);
    assert_bytes(&writer,
                 "{23: \"offer_declined\", 55: 10242, 22: 5, 18: 1000, 51: \"thurrock\", "
                 "20: 3, 1: \"X1\", 11: 4, 13: \"s\", 14: \"p\", 15: 2400, 12: \"too_far\"}");
    writer.used = 0;
    wire_event_encode(&writer, &ended);
    assert_bytes(&writer,
                 "{23: \"placement_ended\", 55: 12288, 22: 6, 18: -1, 21: 9, 33: \"died\"}");
    writer = (struct wire_writer){.bytes = message, .size = 10};
    wire_event_encode(&writer, &ended);
    assert_true(writer.overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_written),
        cmocka_unit_test(a_full_buffer_is_not_overrun),
        cmocka_unit_test(items_are_read),
        cmocka_unit_test(text_points_into_the_message),
        cmocka_unit_test(whole_items_are_skipped),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_failed_reader_stays_failed),
        cmocka_unit_test(entries_come_back_the_same),
        cmocka_unit_test(a_package_already_resolved_comes_back_the_same),
        cmocka_unit_test(requests_come_back_the_same),
        cmocka_unit_test(hashes_are_of_each_commands_bytes),
        cmocka_unit_test(what_was_not_understood_is_not_kept),
        cmocka_unit_test(what_is_cut_off_is_malformed),
        cmocka_unit_test(what_is_damaged_does_no_damage),
        cmocka_unit_test(an_arena_too_small_is_too_large_a_request),
        cmocka_unit_test(an_arena_may_begin_anywhere),
        cmocka_unit_test(entries_that_are_none_are_refused),
        cmocka_unit_test(replies_are_written),
        cmocka_unit_test(events_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
