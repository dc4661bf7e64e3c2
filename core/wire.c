/*
 * wire.c - CBOR items to and from bytes: the writer, and the reader of untrusted bytes. Neither
 * allocates. Numbers, texts, arrays and maps of a stated length are nearly all that there is: they
 * are written and read here. The rest is libcbor's: to be called back for each item costs more than
 * to read it.
 */
#include "core/wire_read.h"

#include <cbor.h>
#include <string.h>

/* ---- Writing ---- */

static size_t room(const struct wire_writer *writer)
{
    return writer->overflow ? 0 : writer->size - writer->used;
}

static unsigned char *end(const struct wire_writer *writer)
{
    return writer->bytes + writer->used;
}

/* The head of an item with its number, which takes several bytes. */
static void put_long_head(struct wire_writer *writer, enum wire_major major, uint64_t value)
{
    unsigned low = value <= UINT8_MAX ? 0 : value <= UINT16_MAX ? 1 : value <= UINT32_MAX ? 2 : 3;
    size_t size = (size_t)1 << low;
    uint64_t ahead = __builtin_bswap64(value << (64 - 8 * size));
    if (room(writer) <= size) {
        writer->overflow = true;
        return;
    }
    uint8_t *at = end(writer);
    at[0] = (uint8_t)((unsigned)major << MAJOR_SHIFT | (LOW_BYTES + low));
    if (room(writer) > sizeof ahead) /* nearly always: what is beyond will be written over */
        memcpy(at + 1, &ahead, sizeof ahead);
    else
        memcpy(at + 1, &ahead, size);
    writer->used += 1 + size;
}

static inline void put_head(struct wire_writer *writer, enum wire_major major, uint64_t value)
{
    uint8_t first = (uint8_t)((unsigned)major << MAJOR_SHIFT);
    if (value < LOW_BYTES && room(writer) > 0) {
        writer->bytes[writer->used++] = (uint8_t)(first | value);
    } else if (value <= UINT8_MAX && room(writer) > 1) { /* keys, most of them */
        uint8_t *at = end(writer);
        at[0] = first | LOW_BYTES;
        at[1] = (uint8_t)value;
        writer->used += 2;
    } else {
        put_long_head(writer, major, value);
    }
}

void wire_uint(struct wire_writer *writer, uint64_t value)
{
    put_head(writer, MAJOR_UINT, value);
}

void wire_int(struct wire_writer *writer, int64_t value)
{
    if (value >= 0)
        put_head(writer, MAJOR_UINT, (uint64_t)value);
    else
        put_head(writer, MAJOR_NEGATIVE, ~(uint64_t)value);
}

/* Takes note of what one of libcbor's encoders wrote: it says 0 when there was not room enough. */
static void wrote(struct wire_writer *writer, size_t size)
{
    if (size == 0)
        writer->overflow = true;
    else
        writer->used += size;
}

void wire_bool(struct wire_writer *writer, bool value)
{
    wrote(writer, cbor_encode_bool(value, end(writer), room(writer)));
}

void wire_raw(struct wire_writer *writer, const void *cbor, size_t size)
{
    if (size > room(writer)) {
        writer->overflow = true;
        return;
    }
    if (size > 0)
        memcpy(end(writer), cbor, size);
    writer->used += size;
}

void wire_text(struct wire_writer *writer, struct pm_text text)
{
    put_head(writer, MAJOR_TEXT, text.length);
    wire_raw(writer, text.bytes, text.length);
}

/* All of its memory is copied, which takes a few moves, when there is room: what is beyond its
 * length will be written over. */
void wire_name(struct wire_writer *writer, const struct pm_name *name)
{
    size_t length = strlen(name->text);
    put_head(writer, MAJOR_TEXT, length);
    if (room(writer) < sizeof name->text) {
        wire_raw(writer, name->text, length);
        return;
    }
    memcpy(end(writer), name->text, sizeof name->text);
    writer->used += length;
}

void wire_string(struct wire_writer *writer, const char *string)
{
    wire_text(writer, pm_text(string));
}

void wire_bytes(struct wire_writer *writer, const void *bytes, size_t size)
{
    put_head(writer, MAJOR_BYTES, size);
    wire_raw(writer, bytes, size);
}

void wire_array(struct wire_writer *writer, size_t count)
{
    put_head(writer, MAJOR_ARRAY, count);
}

void wire_map(struct wire_writer *writer, size_t pairs)
{
    put_head(writer, MAJOR_MAP, pairs);
}

void wire_open_array(struct wire_writer *writer)
{
    wrote(writer, cbor_encode_indef_array_start(end(writer), room(writer)));
}

void wire_open_map(struct wire_writer *writer)
{
    wrote(writer, cbor_encode_indef_map_start(end(writer), room(writer)));
}

void wire_break(struct wire_writer *writer)
{
    wrote(writer, cbor_encode_break(end(writer), room(writer)));
}

const char *wire_key_name(uint64_t key)
{
#define KEY_NAME(number, constant, name) [number] = name,
    static const char *const names[] = {WIRE_KEYS(KEY_NAME)};
    return key < sizeof names / sizeof names[0] ? names[key] : NULL;
}

/* ---- Reading: each callback makes the item that libcbor saw ---- */

/* Beside enum wire_type: what the reader takes away itself. */
enum { ITEM_TAG = WIRE_OTHER + 1, ITEM_PIECES };

static void on_uint8(void *item, uint8_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_UINT, .value = value};
}

static void on_uint16(void *item, uint16_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_UINT, .value = value};
}

static void on_uint32(void *item, uint32_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_UINT, .value = value};
}

static void on_uint64(void *item, uint64_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_UINT, .value = value};
}

static void on_negative8(void *item, uint8_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_NEGATIVE, .value = value};
}

static void on_negative16(void *item, uint16_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_NEGATIVE, .value = value};
}

static void on_negative32(void *item, uint32_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_NEGATIVE, .value = value};
}

static void on_negative64(void *item, uint64_t value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_NEGATIVE, .value = value};
}

static void put_string(struct wire_item *item, enum wire_type type, cbor_data bytes, size_t size)
{
    *item = (struct wire_item){.type = type};
    if (size > UINT32_MAX)
        item->type = (enum wire_type)ITEM_PIECES;
    else
        item->text = (struct pm_text){.bytes = (const char *)bytes, .length = (uint32_t)size};
}

static void on_bytes(void *item, cbor_data bytes, size_t size)
{
    put_string(item, WIRE_BYTES, bytes, size);
}

static void on_text(void *item, cbor_data bytes, size_t size)
{
    put_string(item, WIRE_TEXT, bytes, size);
}

/* Strings in pieces, or longer than anything here may be, are not read. */
static void on_pieces(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = (enum wire_type)ITEM_PIECES};
}

static void on_array(void *item, size_t count)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_ARRAY, .value = count};
}

static void on_open_array(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_ARRAY, .open = true};
}

static void on_map(void *item, size_t pairs)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_MAP, .value = pairs};
}

static void on_open_map(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_MAP, .open = true};
}

static void on_tag(void *item, uint64_t value)
{
    *(struct wire_item *)item =
        (struct wire_item){.type = (enum wire_type)ITEM_TAG, .value = value};
}

static void on_float(void *item, float value)
{
    (void)value;
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_OTHER};
}

static void on_double(void *item, double value)
{
    (void)value;
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_OTHER};
}

static void on_undefined(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_OTHER};
}

static void on_null(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_NULL};
}

static void on_bool(void *item, bool value)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_BOOL, .value = value};
}

static void on_break(void *item)
{
    *(struct wire_item *)item = (struct wire_item){.type = WIRE_BREAK};
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negative8,
    .negint16 = on_negative16,
    .negint32 = on_negative32,
    .negint64 = on_negative64,
    .byte_string_start = on_pieces,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_pieces,
    .indef_array_start = on_open_array,
    .array_start = on_array,
    .indef_map_start = on_open_map,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_undefined,
    .null = on_null,
    .boolean = on_bool,
    .indef_break = on_break,
};

/* Length of the UTF-8 character at the start of `size` bytes, 0 when it is none: no overlong forms,
 * no surrogates, nothing above U+10FFFF. */
static size_t utf8_character(const uint8_t *at, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (length == 0 || length > size || at[0] > 0xf4)
        return 0;
    uint32_t code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[length] || surrogate || code > 0x10ffff ? 0 : length;
}

static bool is_utf8(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    if (wire_is_ascii(at, size))
        return true;
    while (size > 0) {
        size_t length = utf8_character(at, size);
        if (length == 0)
            return false;
        at += length;
        size -= length;
    }
    return true;
}

static bool fail(struct wire_reader *reader, const char *why)
{
    if (!reader->failed)
        reader->why = why;
    reader->failed = true;
    return false;
}

/* Of the next item; more than there are when there is none. */
static inline unsigned next_major(const struct wire_reader *reader)
{
    return reader->at < reader->size ? reader->bytes[reader->at] >> MAJOR_SHIFT : UINT8_MAX;
}

/* Do so many bytes follow a string's head, and is it text if it says so? */
static inline bool string_follows(const struct wire_reader *reader, size_t head, unsigned major,
                                  uint64_t size)
{
    const char *text = (const char *)reader->bytes + reader->at + head;
    return size <= reader->size - reader->at - head && size <= UINT32_MAX &&
           (major == MAJOR_BYTES || is_utf8(text, size));
}

/* Reads one of those kinds. False, and nothing is read, when it is of another, cut off, or not what
 * it says: text that is none, more items than can follow. */
static inline bool read_common(struct wire_reader *reader, struct wire_item *out)
{
    static const uint8_t types[] = {WIRE_UINT, WIRE_NEGATIVE, WIRE_BYTES,
                                    WIRE_TEXT, WIRE_ARRAY,    WIRE_MAP};
    unsigned major = next_major(reader);
    uint64_t value;
    size_t head = major > MAJOR_MAP ? 0 : wire_look_at_head(reader, major, &value);
    if (head == 0)
        return false;
    size_t left = reader->size - reader->at - head;
    *out = (struct wire_item){.type = (enum wire_type)types[major], .value = value};
    if (major == MAJOR_BYTES || major == MAJOR_TEXT) {
        if (!string_follows(reader, head, major, value))
            return false;
        out->value = 0;
        out->text.bytes = (const char *)reader->bytes + reader->at + head;
        out->text.length = (uint32_t)value;
        head += value;
    } else if (major >= MAJOR_ARRAY && value > (major == MAJOR_MAP ? left / 2 : left)) {
        return false;
    }
    reader->at += head;
    return true;
}

/* Reads whatever there is. Tags say nothing that the protocol asks for: they are passed over. */
static bool read_any(struct wire_reader *reader, struct wire_item *out)
{
    do {
        if (reader->at == reader->size)
            return fail(reader, "cut off");
        struct cbor_decoder_result result = cbor_stream_decode(
            reader->bytes + reader->at, reader->size - reader->at, &callbacks, out);
        if (result.status != CBOR_DECODER_FINISHED)
            return fail(reader,
                        result.status == CBOR_DECODER_NEDATA ? "cut off" : "not well-formed CBOR");
        reader->at += result.read;
        reader->passed |= (int)out->type == ITEM_TAG;
    } while ((int)out->type == ITEM_TAG);
    return true;
}

/* That text is text, and that a count of items can be true. */
static bool check_item(struct wire_reader *reader, const struct wire_item *item)
{
    size_t left = reader->size - reader->at;
    switch ((int)item->type) {
    case WIRE_TEXT:
        return is_utf8(item->text.bytes, item->text.length) || fail(reader, "text is not UTF-8");
    case WIRE_ARRAY:
        return item->value <= left || fail(reader, "an array has more items than bytes follow");
    case WIRE_MAP:
        return item->value <= left / 2 || fail(reader, "a map has more items than bytes follow");
    case ITEM_PIECES:
        return fail(reader, "text in pieces is not read");
    default:
        return true;
    }
}

bool wire_next(struct wire_reader *reader, struct wire_item *out)
{
    return !reader->failed &&
           (read_common(reader, out) || (read_any(reader, out) && check_item(reader, out)));
}

/* How many items come inside one, or: those of a map of indefinite length, an even number so far or
 * an odd one; those of an array; none, since it has no inside. */
enum { OPEN_EVEN = -1, OPEN_ODD = -2, OPEN_LIST = -3, LEAF = -4 };

static inline int64_t inside_of(const struct wire_item *item)
{
    bool map = item->type == WIRE_MAP;
    if (!map && item->type != WIRE_ARRAY)
        return LEAF;
    if (item->open)
        return map ? OPEN_EVEN : OPEN_LIST;
    return (int64_t)item->value * (map ? 2 : 1);
}

/* Passes over a number or string of a kind that is written above; false, and nothing is passed,
 * when it is anything else, or not what it says. */
static inline bool pass_leaf(struct wire_reader *reader)
{
    unsigned major = next_major(reader);
    uint64_t value;
    size_t head = major >= MAJOR_ARRAY ? 0 : wire_look_at_head(reader, major, &value);
    if (head == 0)
        return false;
    if (major >= MAJOR_BYTES) {
        if (!string_follows(reader, head, major, value))
            return false;
        head += value;
    }
    reader->at += head;
    return true;
}

/* Of a container that so many items are left of, when there has been one. */
static inline int64_t one_less(int64_t left)
{
    return left > 0            ? left - 1
           : left == OPEN_LIST ? left
           : left == OPEN_EVEN ? OPEN_ODD
                               : OPEN_EVEN;
}

/* Skips without recursion: `left` is of each container inside which the reader is. An open map may
 * end only after a value. */
bool wire_skip(struct wire_reader *reader)
{
    int64_t left[WIRE_DEPTH_MAX + 1] = {1};
    size_t depth = 0;
    struct wire_item item;
    if (reader->failed)
        return false;
    for (;;) {
        while (left[depth] == 0) {
            if (depth-- == 0)
                return true;
        }
        if (pass_leaf(reader)) { /* most are */
            left[depth] = one_less(left[depth]);
            continue;
        }
        if (!wire_next(reader, &item))
            return false;
        if (item.type == WIRE_BREAK) {
            if (left[depth] != OPEN_EVEN && left[depth] != OPEN_LIST)
                return fail(reader, "a break where none can be");
            left[depth] = 0;
            continue;
        }
        left[depth] = one_less(left[depth]);
        int64_t inside = inside_of(&item);
        if (inside == LEAF)
            continue;
        if (depth == WIRE_DEPTH_MAX)
            return fail(reader, "nested too deeply");
        left[++depth] = inside;
    }
}
