/*
 * test_wire_items.c: the items that core/wire.c writes and reads itself, held against libcbor,
 * which it leaves the others to: the same bytes, and the same ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cbor.h>
#include <cmocka.h>

#include "core/wire.h"
#include "core/wire_fields.h"
#include "core/wire_read.h"

enum { ITEM_MAX = 16, TAIL = 12, TRIES = 400 };

/* Numbers on both sides of where their form changes, and some within. */
static const uint64_t numbers[] = {0,          1,          23,         24,        25,
                                   UINT8_MAX,  256,        UINT16_MAX, 65536,     1000000,
                                   UINT32_MAX, 4294967296, INT64_MAX,  UINT64_MAX};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void assert_same(const struct wire_writer *writer, const uint8_t *want, size_t size)
{
    assert_false(writer->overflow);
    assert_int_equal(writer->used, size);
    assert_memory_equal(writer->bytes, want, size);
}

static void heads_are_the_bytes_of_libcbor(void **state)
{
    (void)state;
    uint8_t want[ITEM_MAX], bytes[ITEM_MAX];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t number = numbers[i];
        struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
        wire_uint(&writer, number);
        assert_same(&writer, want, cbor_encode_uint(number, want, sizeof want));
        writer.used = 0;
        wire_int(&writer, -1 - (int64_t)(number >> 1));
        assert_same(&writer, want, cbor_encode_negint(number >> 1, want, sizeof want));
        writer.used = 0;
        wire_array(&writer, number);
        assert_same(&writer, want, cbor_encode_array_start(number, want, sizeof want));
        writer.used = 0;
        wire_map(&writer, number);
        assert_same(&writer, want, cbor_encode_map_start(number, want, sizeof want));
    }
}

static void heads_of_texts_are_the_bytes_of_libcbor(void **state)
{
    (void)state;
    static uint8_t bytes[70000], letters[70000];
    uint8_t want[ITEM_MAX];
    static const uint32_t sizes[] = {0, 23, 24, UINT8_MAX, 256, UINT16_MAX, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct pm_text text = {.bytes = (const char *)letters, .length = sizes[i]};
        struct wire_writer writer = {.bytes = bytes, .size = sizeof bytes};
        wire_text(&writer, text);
        size_t head = cbor_encode_string_start(text.length, want, sizeof want);
        assert_int_equal(writer.used, head + text.length);
        assert_memory_equal(bytes, want, head);
        writer.used = 0;
        wire_bytes(&writer, letters, text.length);
        head = cbor_encode_bytestring_start(text.length, want, sizeof want);
        assert_int_equal(writer.used, head + text.length);
        assert_memory_equal(bytes, want, head);
    }
}

/* Every room that is too little overflows, and nothing is written beyond it. */
static void a_head_needs_all_its_room(void **state)
{
    (void)state;
    uint8_t bytes[ITEM_MAX], want[ITEM_MAX];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        size_t size = cbor_encode_uint(numbers[i], want, sizeof want);
        for (size_t room = 0; room <= size; room++) {
            struct wire_writer writer = {.bytes = bytes, .size = room};
            memset(bytes, 0xee, sizeof bytes);
            wire_uint(&writer, numbers[i]);
            assert_int_equal(writer.overflow, room < size);
            assert_int_equal(writer.used, room < size ? 0 : size);
            assert_int_equal(bytes[room], 0xee);
        }
    }
}

/* Passes over tags, as the reader does. */
static struct cbor_decoder_result libcbor_reads(const uint8_t *bytes, size_t size, size_t *at)
{
    struct cbor_decoder_result result;
    bool tag;
    do {
        tag = *at < size && bytes[*at] >> 5 == 6;
        result = cbor_stream_decode(bytes + *at, size - *at, &cbor_empty_callbacks, NULL);
        *at += result.read;
    } while (tag && result.status == CBOR_DECODER_FINISHED);
    return result;
}

static void hold_against_libcbor(const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct wire_item item;
    size_t at = 0;
    struct cbor_decoder_result result = libcbor_reads(bytes, size, &at);
    bool read = wire_next(&reader, &item);
    if (result.status != CBOR_DECODER_FINISHED) {
        assert_false(read);
        assert_string_equal(
            reader.why, result.status == CBOR_DECODER_NEDATA ? "cut off" : "not well-formed CBOR");
    } else if (read) {
        assert_int_equal(reader.at, at);
    } else { /* well-formed, and refused for what it says */
        assert_string_not_equal(reader.why, "cut off");
        assert_string_not_equal(reader.why, "not well-formed CBOR");
    }
}

/* Each first byte, with what is random behind it, as much of it as there may be. */
static void items_end_where_libcbor_says(void **state)
{
    (void)state;
    uint8_t bytes[1 + TAIL];
    uint64_t seed = 1;
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        for (unsigned try = 0; try < TRIES; try++) {
            bytes[0] = (uint8_t)first;
            for (size_t i = 1; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)(next_random(&seed) % 5 == 0 ? next_random(&seed) : 0);
            hold_against_libcbor(bytes, 1 + try % (TAIL + 1));
        }
    }
}

/* Whether what was read in line is what wire_next() reads; what was not must be of another kind. */
static void assert_read_alike(bool read, const struct wire_reader *reader, bool wanted,
                              const struct wire_reader *general)
{
    assert_int_equal(read, wanted && !general->failed && !general->passed);
    assert_int_equal(reader->at, read ? general->at : 0);
}

static void hold_readers_together(const uint8_t *bytes, size_t size, uint64_t most)
{
    const struct wire_reader start = {.bytes = bytes, .size = size};
    struct wire_reader general = start, reader = start;
    struct wire_item item = {.type = WIRE_OTHER};
    struct pm_text text = {.length = 0};
    uint64_t number;
    (void)wire_next(&general, &item);
    bool read = wire_read_uint(&reader, most, &number);
    assert_read_alike(read, &reader, item.type == WIRE_UINT && item.value <= most, &general);
    assert_true(!read || number == item.value);
    reader = start;
    read = wire_read_text(&reader, (uint32_t)most, &text);
    assert_read_alike(read, &reader,
                      item.type == WIRE_TEXT && item.text.length <= (uint32_t)most &&
                          wire_is_ascii((const uint8_t *)item.text.bytes, item.text.length),
                      &general);
    assert_true(!read || (text.bytes == item.text.bytes && text.length == item.text.length));
    for (unsigned map = 0; map <= 1; map++) {
        reader = start;
        read = wire_read_count(&reader, map ? MAJOR_MAP : MAJOR_ARRAY, &number);
        assert_read_alike(read, &reader, item.type == (map ? WIRE_MAP : WIRE_ARRAY) && !item.open,
                          &general);
        assert_true(!read || number == item.value);
    }
}

static void items_read_in_line_are_what_is_read_otherwise(void **state)
{
    (void)state;
    uint8_t bytes[1 + TAIL];
    uint64_t seed = 2;
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        for (unsigned try = 0; try < TRIES; try++) {
            bytes[0] = (uint8_t)first;
            for (size_t i = 1; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)(next_random(&seed) % 3 == 0 ? next_random(&seed) : try % 128);
            hold_readers_together(bytes, try % (TAIL + 2),
                                  numbers[try % (sizeof numbers / sizeof numbers[0])]);
        }
    }
}

static void ascii_is_told_wherever_a_byte_is_not(void **state)
{
    (void)state;
    uint8_t bytes[40];
    for (size_t size = 0; size <= sizeof bytes; size++) {
        memset(bytes, 0x7f, sizeof bytes);
        assert_true(wire_is_ascii(bytes, size));
        for (size_t at = 0; at < sizeof bytes; at++) {
            bytes[at] = 0x80;
            assert_int_equal(wire_is_ascii(bytes, size), at >= size);
            bytes[at] = 0x7f;
        }
    }
}

/* ---- Shapes ---- */

static void check_shape(const struct wire_shape *shape, unsigned depth)
{
    bool defaults = false;
    assert_in_range(depth, 0, WIRE_DEPTH_MAX);
    for (uint32_t i = 0; i < shape->fields; i++) {
        defaults |= shape->field[i].absent != 0;
        if (shape->field[i].form == FORM_SHAPE)
            check_shape(shape->field[i].shape, depth + 1);
    }
    assert_int_equal(shape->defaults, defaults);
}

static void a_shape_says_whether_it_has_defaults(void **state)
{
    (void)state;
    for (unsigned verb = 0; verb <= UINT8_MAX; verb++)
        if (wire_verb_shape(verb) != NULL)
            check_shape(wire_verb_shape(verb), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_the_bytes_of_libcbor),
        cmocka_unit_test(heads_of_texts_are_the_bytes_of_libcbor),
        cmocka_unit_test(a_head_needs_all_its_room),
        cmocka_unit_test(items_end_where_libcbor_says),
        cmocka_unit_test(items_read_in_line_are_what_is_read_otherwise),
        cmocka_unit_test(ascii_is_told_wherever_a_byte_is_not),
        cmocka_unit_test(a_shape_says_whether_it_has_defaults),
    };
    return cmocka_run_group_tests_name("wire items", tests, NULL, NULL);
}
