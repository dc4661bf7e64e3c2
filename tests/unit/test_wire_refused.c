/*
 * test_wire_refused.c: requests that are not the protocol, each with its status and what the
 * sentence says; and those that are, though written in another way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/wire.h"
#include "tests/lib/diag.h"
#include "tests/lib/gen_command.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
enum { MESSAGE_MAX = 1 << 16 };

static uint8_t message[MESSAGE_MAX];

/* Decodes with an arena of just the stated size, so that a sanitizer sees any byte beyond. The
 * caller frees *memory. */
static uint16_t decode(const uint8_t *bytes, size_t size, struct wire_request *out,
                       struct wire_error *error, void **memory)
{
    struct wire_arena arena = {.size = wire_arena_bound(size)};
    *memory = arena.bytes = malloc(arena.size);
    assert_non_null(*memory);
    return wire_request_decode(bytes, size, &arena, out, error);
}

/* What is around one command, and around one package.post. */
#define REQUEST(commands) "[1, [1, \"bo\"], \"thurrock\", 7, 1, [" commands "]]"
#define POST(fields) REQUEST("[\"package.post\", {" fields "}]")
#define LOAD(fields) REQUEST("[\"market.load\", {" fields "}]")
#define KIND(fields) LOAD("51: {60: [{}, {" fields "}]}")

struct refused {
    const char *notation;
    uint16_t status;
    const char *says;
};

static const struct refused around[] = {
    {"1", PM_MALFORMED, "request: an array expected, a number given"},
    {"{}", PM_MALFORMED, "request: an array expected, a map given"},
    {"[]", PM_MALFORMED, "version: cut off"},
    {"[\"1\"]", PM_MALFORMED, "version: a number of 0 or more expected, text given"},
    {"[-1]", PM_MALFORMED, "version: a number of 0 or more expected"},
    {"[0]", PM_UNSUPPORTED_VERSION, "version: 0 given, the daemon speaks 1"},
    {"[2, \"whatever\", {}]", PM_UNSUPPORTED_VERSION, "version: 2 given"},
    {"[1, [1, \"bo\"], \"m\", 7, 1]", PM_MALFORMED, "request: an array of 6 expected"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, [], 0]", PM_MALFORMED, "request: an array of 6 expected"},
    {"[_ 1, [1, \"bo\"], \"m\", 7, 1, []]", PM_MALFORMED, "request: an array of 6 expected"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, []] 0", PM_MALFORMED, "request: bytes follow its end"},
    {"[1, \"bo\", \"m\", 7, 1, []]", PM_MALFORMED, "actor: an array expected, text given"},
    {"[1, [1], \"m\", 7, 1, []]", PM_MALFORMED, "actor: an array of 2 expected"},
    {"[1, [256, \"bo\"], \"m\", 7, 1, []]", PM_MALFORMED, "actor: 256 given, 255 at most"},
    {"[1, [1, 2], \"m\", 7, 1, []]", PM_MALFORMED, "actor: text expected, a number given"},
    {"[1, [1, \"a name of thirty-two bytes, see?!\"], \"m\", 7, 1, []]", PM_MALFORMED,
     "actor: 33 bytes given, 31 at most"},
    {"[1, [1, \"bo\"], null, 7, 1, []]", PM_MALFORMED, "market: text expected, null given"},
    {"[1, [1, \"bo\"], <61ff>, 7, 1, []]", PM_MALFORMED, "market: text is not UTF-8"},
    {"[1, [1, \"bo\"], \"m\", -7, 1, []]", PM_MALFORMED, "client: a number of 0 or more"},
    {"[1, [1, \"bo\"], \"m\", 7, 0, []]", PM_MALFORMED, "first number: 0 given, 1 at least"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, 1]", PM_MALFORMED, "commands: an array expected"},
    {"[1, [1, \"bo\"], \"m\", 7, 18446744073709551615, [[\"stats\", {}]]]", PM_MALFORMED,
     "commands: their numbers go beyond 64 bits"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, [1001*[\"stats\", {}]]]", PM_TOO_LARGE,
     "commands: 1001 given, 1000 at most"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, [_ 1001*[\"stats\", {}]]]", PM_TOO_LARGE,
     "commands: 1001 given, 1000 at most"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, <9b7fffffffffffffff>]", PM_MALFORMED,
     "commands: an array has more items than bytes follow"},
    {"[1, [1, \"bo\"], \"m\", 7, 1, [8*0]]", PM_MALFORMED, "commands: cut off"},
    {REQUEST("1"), PM_MALFORMED, "commands: cut off"},
    {REQUEST("12345678901"), PM_MALFORMED, "command 1: an array expected, a number given"},
    {REQUEST("[\"stats\"]"), PM_MALFORMED, "command 1: an array of 2 expected"},
    {REQUEST("[\"stats\", {}, 1]"), PM_MALFORMED, "command 1: an array of 2 expected"},
    {REQUEST("[h'7374617473', {}]"), PM_MALFORMED, "command 1: text expected, bytes given"},
    {REQUEST("[\"stats\", []]"), PM_MALFORMED, "command 1 (stats): a map expected, an array given"},
    {REQUEST("[\"stats\", {}], [\"package.past\", {}]"), PM_UNKNOWN_COMMAND,
     "command 2: \"package.past\" is no command"},
    {REQUEST("[\"\", 0, 0, 0, 0, 0]"), PM_MALFORMED, "command 1: an array of 2 expected"},
    {REQUEST("[\"\", {0:0, 1:1}]"), PM_UNKNOWN_COMMAND, "command 1: \"\" is no command"},
    {REQUEST("[\"stats\nand a\x1b[31m name that is longer than any that there is\", {}]"),
     PM_UNKNOWN_COMMAND, "command 1: what is named there is no command"},
    {REQUEST("[\"a_name_that_is_longer_than_any_that_there_is\", {}]"), PM_UNKNOWN_COMMAND,
     "command 1: \"a_name_that_is_longer_than_any_that_ther\" is no command"},
    {REQUEST("[\"\xf0\x9f\x98\x80\", {}]"), PM_UNKNOWN_COMMAND,
     "what is named there is no command"},
    {REQUEST("[\"999 765 4323\", {}]"), PM_UNKNOWN_COMMAND, "what is named there is no command"},
    {REQUEST("[\"continue\", {}]"), PM_UNKNOWN_COMMAND, "\"continue\" is no command"},
    {REQUEST("[\"stats\", {}], [\"market.load\", {}]"), PM_MALFORMED,
     "command 2 (market.load): it needs a request of its own"},
};

static const struct refused fields[] = {
    {POST("6: [40*[127, 0, 60, 30, 1, 0]]"), PM_MALFORMED,
     "command 1 (package.post): visits: 40 given, 32 at most"},
    {POST("6: [_ 40*[127, 0, 60, 30, 1, 0]]"), PM_MALFORMED, "visits: 40 given, 32 at most"},
    {POST("6: <9b0fffffffffffffff>"), PM_MALFORMED, "visits: an array has more items than bytes"},
    {POST("6: <980a>"), PM_MALFORMED, "visits: an array has more items than bytes"},
    {POST("6: [10*1]"), PM_MALFORMED, "visits: cut off: more items are announced than follow"},
    {POST("6: {}"), PM_MALFORMED, "visits: an array expected, a map given"},
    {POST("6: [\"an hour each morning\"]"), PM_MALFORMED,
     "visits 1: an array expected, text given"},
    {POST("6: [[127, 0, 60, 30, 1, 0], [127, 0, 60, 30, 1, 0, 9]]"), PM_MALFORMED,
     "visits 2: an array of 6 expected"},
    {POST("6: [[127, 0, 60, 30, 1, 0], [256, 0, 60, 30, 1, 0]]"), PM_MALFORMED,
     "command 1 (package.post): visits 2: days: 256 given, 255 at most"},
    {POST("6: [[1, 65536, 60, 30, 1, 0]]"), PM_MALFORMED, "visits 1: earliest: 65536 given, 65535"},
    {POST("6: [[1, 0, -5, 30, 1, 0]]"), PM_MALFORMED, "visits 1: latest: -5 given, 0 at least"},
    {POST("6: [[1, 0, 60, 4294967326, 1, 0]]"), PM_MALFORMED, "minutes: 4294967326 given, 65535"},
    {POST("6: [[1, 0, 60, 30, true, 0]]"), PM_MALFORMED,
     "carers: a number expected, true or false given"},
    {POST("6: [[1, 0, 60, 30, 1, <fb4000000000000000>]]"), PM_MALFORMED,
     "critical: a number expected, something else given"},
    {POST("6: [[1, 0, 60, 30, 1, <ff>]]"), PM_MALFORMED, "a number expected, a break given"},
    {POST("7: [17*\"peg\"]"), PM_MALFORMED, "needs: 17 given, 16 at most"},
    {POST("7: [\"peg\", 5]"), PM_MALFORMED, "needs 2: text expected, a number given"},
    {POST("28: [9*\"x\"]"), PM_MALFORMED, "exclusions: 9 given, 8 at most"},
    {POST("1: \"a reference of thirty-two bytes!\""), PM_MALFORMED,
     "reference: 32 bytes given, 31 at most"},
    {POST("1: h'0102'"), PM_MALFORMED, "reference: text expected, bytes given"},
    {POST("1: <7f6161ff>"), PM_MALFORMED, "reference: text in pieces is not read"},
    {POST("1: <62c328>"), PM_MALFORMED, "reference: text is not UTF-8"},
    {POST("1: <62c080>"), PM_MALFORMED, "not UTF-8"},
    {POST("1: <63eda080>"), PM_MALFORMED, "not UTF-8"},
    {POST("1: <64f4908080>"), PM_MALFORMED, "not UTF-8"},
    {POST("1: <6a4142434445464748c3e9>"), PM_MALFORMED, "not UTF-8"},
    {POST("3: \"a postcode longer than anyone's is\""), PM_MALFORMED, "postcode: 34 bytes given"},
    {POST("3: 188"), PM_MALFORMED, "postcode: text expected, a number given"},
    {POST("8: 2147483648"), PM_MALFORMED, "start_from: 2147483648 given, 2147483647 at most"},
    {POST("8: -2147483649"), PM_MALFORMED, "start_from: -2147483649 given, -2147483648 at least"},
    {POST("9: <3bffffffffffffffff>"), PM_MALFORMED, "start_by: -18446744073709551615 given"},
    {POST("9: <1bffffffffffffffff>"), PM_MALFORMED, "start_by: 18446744073709551615 given"},
    {POST("10: -1"), PM_MALFORMED, "priority: -1 given, 0 at least"},
    {POST("10: 256"), PM_MALFORMED, "priority: 256 given, 255 at most"},
    {POST("10: \"urgent\""), PM_MALFORMED, "priority: a number expected, text given"},
    {POST("1: \"a\", 1: \"b\""), PM_MALFORMED, "key 1 (reference) is given twice"},
    {POST("255: 0, 255: 0"), PM_MALFORMED, "key 255 is given twice"},
    {POST("_ 1: \"a\", 2: \"b\", 1: \"a\""), PM_MALFORMED, "key 1 (reference) is given twice"},
    {POST("\"reference\": \"a\""), PM_MALFORMED, "a number as key expected, text given"},
    {POST("-1: 0"), PM_MALFORMED, "a number as key expected"},
    {REQUEST("[\"package.post\", <bf01ff>]"), PM_MALFORMED, "reference: text expected, a break"},
    {REQUEST("[\"package.post\", <bf18c8ff>]"), PM_MALFORMED, "a break where none can be"},
    {REQUEST("[\"package.post\", <bb7fffffffffffffff>]"), PM_MALFORMED,
     "a map has more items than bytes follow"},
    {REQUEST("[\"package.post\", <bf>]"), PM_MALFORMED, "cut off"},
    {POST("255: <818181818181818181818181818181818100>"), PM_MALFORMED, "nested too deeply"},
    {POST("255: <ff>"), PM_MALFORMED, "a break where none can be"},
    {POST("255: <bf00ff>"), PM_MALFORMED, "a break where none can be"},
    {POST("255: <1c>"), PM_MALFORMED, "not well-formed CBOR, at byte"},
    {REQUEST("[\"offer.accept\", {11: 1}], [\"offer.decline\", {11: 1, 12: 300}]"), PM_MALFORMED,
     "command 2 (offer.decline): code: 300 given, 255 at most"},
    {REQUEST("[\"offer.accept\", {11: -1}]"), PM_MALFORMED,
     "offer: a number of 0 or more expected"},
    {REQUEST("[\"capacity.set\", {48: [9*1]}]"), PM_MALFORMED, "spare: 9 given, 8 at most"},
    {REQUEST("[\"capacity.set\", {48: [1, 2147483648]}]"), PM_MALFORMED, "spare 2: 2147483648"},
    {REQUEST("[\"capacity.set\", {49: 9223372036854775808}]"), PM_MALFORMED, "as_of: 92233720368"},
    {REQUEST("[\"service.put\", {44: [65*\"x\"]}]"), PM_MALFORMED, "localities: 65 given, 64"},
    {REQUEST("[\"service.put\", {45: [9*\"RM18 8\"]}]"), PM_MALFORMED, "sectors: 9 given, 8"},
    {REQUEST("[\"service.put\", {46: [65*\"x\"]}]"), PM_MALFORMED, "capabilities: 65 given"},
    {REQUEST("[\"service.put\", {47: [5*[0, 1]]}]"), PM_MALFORMED, "rates: 5 given, 4 at most"},
    {REQUEST("[\"service.put\", {47: [[0]]}]"), PM_MALFORMED, "rates"},
    {REQUEST("[\"service.put\", {47: [[0, \"24.50\"]]}]"), PM_MALFORMED,
     "rates 1: rate: a number expected, text given"},
    {REQUEST("[\"location.put\", {39: 128}]"), PM_MALFORMED, "score: 128 given, 127 at most"},
    {REQUEST("[\"location.put\", {39: -129}]"), PM_MALFORMED, "score: -129 given, -128 at least"},
    {REQUEST("[\"provider.put\", {34: "
             "\"0123456789012345678901234567890123456789012345678901234567890123\"}]"),
     PM_MALFORMED, "title: 64 bytes given, 63 at most"},
    {REQUEST("[\"tick\", {18: 9223372036854775808}]"), PM_MALFORMED, "time: 9223372036854775808"},
    {REQUEST("[\"watch\", {56: 4294967296}]"), PM_MALFORMED, "wait: 4294967296 given, 4294967295"},
};

static const struct refused loads[] = {
    {LOAD("51: []"), PM_MALFORMED, "market: a map expected, an array given"},
    {LOAD("51: {60: [17*{}]}"), PM_MALFORMED, "market: kinds: 17 given, 16 at most"},
    {LOAD("51: {44: [65*{}]}"), PM_MALFORMED, "market: localities: 65 given, 64 at most"},
    {LOAD("51: {61: [257*[\"RM18\", 0]]}"), PM_MALFORMED, "prefixes: 257 given, 256 at most"},
    {LOAD("51: {46: [65*\"x\"]}"), PM_MALFORMED, "capabilities: 65 given, 64 at most"},
    {LOAD("51: {62: [33*{}]}"), PM_MALFORMED, "lots: 33 given, 32 at most"},
    {LOAD("51: {65: [6*0]}"), PM_MALFORMED, "quality: 6 given, 5 at most"},
    {LOAD("51: {66: <63610062>}"), PM_MALFORMED, "market: name: a NUL inside text"},
    {KIND("69: [9*{}]"), PM_MALFORMED, "market: kinds 2: bands: 9 given, 8 at most"},
    {KIND("70: [9*{}]"), PM_MALFORMED, "market: kinds 2: steps: 9 given, 8 at most"},
    {KIND("69: [{}, {}, {81: 65536}]"), PM_MALFORMED,
     "command 1 (market.load): market: kinds 2: bands 3: from: 65536 given, 65535 at most"},
    {KIND("70: [{86: 256}]"), PM_MALFORMED, "kinds 2: steps 1: tiers: 256 given, 255 at most"},
    {LOAD("52: [[\"package.post\", {}]]"), PM_MALFORMED,
     "supply 1: \"package.post\" may not be in a market.load"},
    {LOAD("52: [[\"pool.put\", {}], [\"market.load\", {}]]"), PM_MALFORMED,
     "command 1 (market.load): supply 2: \"market.load\" may not be in a market.load"},
    {LOAD("52: [[\"pool.putt\", {}]]"), PM_UNKNOWN_COMMAND,
     "supply 1: \"pool.putt\" is no command"},
    {LOAD("52: [[\"pool.put\", {}], [\"pool.put\", {17: 5}]]"), PM_MALFORMED,
     "command 1 (market.load): supply 2 (pool.put): pool: text expected, a number given"},
    {LOAD("52: [200*0]"), PM_MALFORMED, "supply: cut off: more items are announced than follow"},
    {LOAD("52: [_ 200*0]"), PM_MALFORMED, "supply: cut off: more items are announced than follow"},
};

static void check_refused(const struct refused *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_request request;
        struct wire_error error;
        void *memory;
        size_t size = diag_encode(rows[i].notation, message, sizeof message);
        uint16_t status = decode(message, size, &request, &error, &memory);
        free(memory);
        if (status != rows[i].status || strstr(error.text, rows[i].says) == NULL)
            fail_msg("%s\n  gave %s: %s\n  not  %s: %s", rows[i].notation, pm_status_name(status),
                     error.text, pm_status_name(rows[i].status), rows[i].says);
    }
}

static void what_is_around_commands_is_checked(void **state)
{
    (void)state;
    check_refused(around, COUNT(around));
}

static void fields_are_checked(void **state)
{
    (void)state;
    check_refused(fields, COUNT(fields));
}

static void market_loads_are_checked(void **state)
{
    (void)state;
    check_refused(loads, COUNT(loads));
}

/* ---- The same, said in another way ---- */

static void other_ways_to_write_it_are_read(void **state)
{
    static const char *const plain = POST("1: \"X1\", 7: [\"peg\", \"hoist\"], 10: 2");
    static const char *const rows[] = {
        POST("_ 1: \"X1\", 7: [\"peg\", \"hoist\"], 10: 2"),
        POST("1: \"X1\", 7: [_ \"peg\", \"hoist\"], 10: 2"),
        POST("10: 2, 7: [\"peg\", \"hoist\"], 1: \"X1\""),
        POST("1: \"X1\", 7: [\"peg\", 32(\"hoist\")], 10: 2"),
        POST("1: \"X1\", 7: [\"peg\", \"hoist\"], 10: <1b0000000000000002>"),
        POST("1: \"X1\", 7: [\"peg\", \"hoist\"], 10: 2, 8: 0, 28: []"),
        POST(
            "1: \"X1\", 255: [1, {2: [_ 3, {_ 4: 5}], -1: h'00'}], 7: [\"peg\", \"hoist\"], 10: 2, "
            "18446744073709551615: <fb3ff199999999999a>, 1000: 1(1), 4095: \"\""),
        ("[1, [1, \"bo\"], \"thurrock\", 7, 1, [_ [\"package.post\", {1: \"X1\", 7: [\"peg\", "
         "\"hoist\"], 10: 2}]]]"),
    };
    struct wire_request want, got;
    struct wire_error error;
    void *memory, *other;
    uint8_t bytes[512];
    (void)state;
    size_t size = diag_encode(plain, bytes, sizeof bytes);
    assert_int_equal(decode(bytes, size, &want, &error, &memory), PM_OK);
    assert_int_equal(want.command[0].package.needs, 2);
    for (size_t i = 0; i < COUNT(rows); i++) {
        size = diag_encode(rows[i], message, sizeof message);
        uint16_t status = decode(message, size, &got, &error, &other);
        if (status != PM_OK || !gen_equal(&got.command[0], &want.command[0]))
            fail_msg("%s: %s", rows[i], error.text);
        free(other);
    }
    free(memory);
}

static void values_that_mean_something_are_kept(void **state)
{
    struct wire_request request;
    struct wire_error error;
    void *memory;
    char text[9];
    size_t size =
        diag_encode("[1, [3, \"Invented Care\"], \"thurrock\", 18446744073709551615, 42, ["
                    "[\"package.post\", {1: \"X1\", 3: \"rm18 8ab\", 5: \"no sector\", 8: -1}],"
                    "[\"location.put\", {36: \"L\"}], [\"location.put\", {36: \"L\", 39: 0}],"
                    "[\"package.amend\", {3: \"\"}]]]",
                    message, sizeof message);
    (void)state;
    assert_int_equal(decode(message, size, &request, &error, &memory), PM_OK);
    assert_int_equal(request.actor.role, PM_PROVIDER);
    assert_true(pm_text_equal(request.actor.name, pm_text("Invented Care")));
    assert_true(pm_text_equal(request.market, pm_text("thurrock")));
    assert_true(request.client == UINT64_MAX && request.first_number == 42);
    assert_int_equal(request.count, 4);
    const struct pm_package *package = &request.command[0].package;
    assert_string_equal(pm_postcode_text(package->postcode, text), "RM18 8AB");
    assert_true(package->sector == PM_POSTCODE_BAD);
    assert_int_equal(package->start_from, -1);
    assert_int_equal(request.command[1].location.score, -1);
    assert_int_equal(request.command[2].location.score, 0);
    assert_true(request.command[3].package.postcode == PM_POSTCODE_BAD);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_around_commands_is_checked),
        cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(market_loads_are_checked),
        cmocka_unit_test(other_ways_to_write_it_are_read),
        cmocka_unit_test(values_that_mean_something_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
