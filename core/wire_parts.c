/*
 * wire_parts.c - the parts of which untrusted messages are decoded: single items of a type and
 * within bounds, lists, memory for them; and the sentence that says where and what is wrong.
 */
#include "core/wire_decode.h"

#include <string.h>

#include "core/wire_read.h"

/* ---- Saying what is wrong ---- */

/* At most so many bytes of it, not through the middle of a character. */
struct pm_text decode_clip(struct pm_text text, size_t most)
{
    if (text.length <= most)
        return text;
    text.length = (uint32_t)most;
    while (text.length > 0 && (text.bytes[text.length] & 0xc0) == 0x80)
        text.length--;
    return text;
}

/* Adds text, control characters made visible. */
void decode_say_text(struct decoding *decoding, struct pm_text text)
{
    struct wire_error *error = decoding->error;
    size_t used = strlen(error->text);
    text = decode_clip(text, sizeof error->text - 1 - used);
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        error->text[used++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    error->text[used] = '\0';
}

void decode_say(struct decoding *decoding, const char *words)
{
    decode_say_text(decoding, pm_text(words));
}

void decode_say_number(struct decoding *decoding, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    decode_say_text(
        decoding, (struct pm_text){.bytes = digits + at, .length = (uint32_t)(sizeof digits - at)});
}

static void say_step(struct decoding *decoding, uint32_t at)
{
    if (decoding->path[at].name == NULL)
        return;
    decode_say(decoding, decoding->path[at].name);
    if (decoding->path[at].number > 0) {
        decode_say(decoding, " ");
        decode_say_number(decoding, decoding->path[at].number);
    }
    if (decoding->path[at].verb > 0) {
        decode_say(decoding, " (");
        decode_say(decoding, pm_verb_name(decoding->path[at].verb));
        decode_say(decoding, ")");
    }
    decode_say(decoding, ": ");
}

void decode_refuse(struct decoding *decoding, uint16_t status)
{
    decoding->status = status;
    decoding->error->text[0] = '\0';
    for (uint32_t i = 0; i < decoding->depth; i++)
        say_step(decoding, i);
}

bool decode_refuse_bytes(struct decoding *decoding)
{
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, decoding->reader->why);
    decode_say(decoding, ", at byte ");
    decode_say_number(decoding, decoding->reader->at);
    return false;
}

bool decode_refuse_type(struct decoding *decoding, const char *expected, enum wire_type given)
{
    static const char *const names[] = {
        [WIRE_UINT] = "a number",      [WIRE_NEGATIVE] = "a number",
        [WIRE_BYTES] = "bytes",        [WIRE_TEXT] = "text",
        [WIRE_ARRAY] = "an array",     [WIRE_MAP] = "a map",
        [WIRE_BOOL] = "true or false", [WIRE_NULL] = "null",
        [WIRE_BREAK] = "a break",      [WIRE_OTHER] = "something else",
    };
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, expected);
    decode_say(decoding, " expected, ");
    decode_say(decoding, names[given]);
    decode_say(decoding, " given");
    return false;
}

/* "40 given, 32 at most" */
static bool refuse_amount(struct decoding *decoding, uint16_t status, const char *sign,
                          uint64_t given, const char *unit, const char *bound_sign, uint64_t bound,
                          const char *which)
{
    decode_refuse(decoding, status);
    decode_say(decoding, sign);
    decode_say_number(decoding, given);
    decode_say(decoding, unit);
    decode_say(decoding, " given, ");
    decode_say(decoding, bound_sign);
    decode_say_number(decoding, bound);
    decode_say(decoding, which);
    return false;
}

/* ---- Single items ---- */

bool decode_any(struct decoding *decoding, struct wire_item *out)
{
    return wire_next(decoding->reader, out) || decode_refuse_bytes(decoding);
}

bool decode_item(struct decoding *decoding, enum wire_type type, struct wire_item *out)
{
    static const char *const expected[] = {
        [WIRE_UINT] = "a number of 0 or more",
        [WIRE_TEXT] = "text",
        [WIRE_ARRAY] = "an array",
        [WIRE_MAP] = "a map",
    };
    if (!decode_any(decoding, out))
        return false;
    return out->type == type || decode_refuse_type(decoding, expected[type], out->type);
}

bool decode_array(struct decoding *decoding, uint64_t count)
{
    struct wire_item item = {.open = false};
    if (!wire_read_count(decoding->reader, MAJOR_ARRAY, &item.value) &&
        !decode_item(decoding, WIRE_ARRAY, &item))
        return false;
    if (item.value == count && !item.open)
        return true;
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, "an array of ");
    decode_say_number(decoding, count);
    decode_say(decoding, " expected");
    return false;
}

bool decode_uint(struct decoding *decoding, uint64_t least, uint64_t most, uint64_t *out)
{
    struct wire_item item;
    if (!wire_read_uint(decoding->reader, most, &item.value) &&
        !decode_item(decoding, WIRE_UINT, &item))
        return false;
    *out = item.value;
    if (item.value > most)
        return refuse_amount(decoding, PM_MALFORMED, "", item.value, "", "", most, " at most");
    if (item.value < least)
        return refuse_amount(decoding, PM_MALFORMED, "", item.value, "", "", least, " at least");
    return true;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value;
}

static const char *sign(int64_t value)
{
    return value < 0 ? "-" : "";
}

bool decode_int(struct decoding *decoding, int64_t least, int64_t most, int64_t *out)
{
    struct wire_item item;
    if (wire_read_uint(decoding->reader, (uint64_t)most, &item.value)) {
        *out = (int64_t)item.value;
        return true;
    }
    if (!decode_any(decoding, &item))
        return false;
    bool negative = item.type == WIRE_NEGATIVE;
    if (!negative && item.type != WIRE_UINT)
        return decode_refuse_type(decoding, "a number", item.type);
    /* The number is -1 - value when negative: -1 - least is how far that may go. */
    if (negative && (least >= 0 || item.value > ~(uint64_t)least))
        return refuse_amount(decoding, PM_MALFORMED, "-",
                             item.value == UINT64_MAX ? item.value : item.value + 1, "",
                             sign(least), magnitude(least), " at least");
    if (!negative && item.value > (uint64_t)most)
        return refuse_amount(decoding, PM_MALFORMED, "", item.value, "", "", (uint64_t)most,
                             " at most");
    *out = negative ? -1 - (int64_t)item.value : (int64_t)item.value;
    return true;
}

bool decode_text(struct decoding *decoding, uint32_t most, struct pm_text *out)
{
    struct wire_item item;
    if (wire_read_text(decoding->reader, most, out))
        return true;
    if (!decode_item(decoding, WIRE_TEXT, &item))
        return false;
    if (item.text.length > most)
        return refuse_amount(decoding, PM_MALFORMED, "", item.text.length, " bytes", "", most,
                             " at most");
    *out = item.text;
    return true;
}

/* ---- Lists and memory ---- */

/* Items of an open array before its break; the reader stays where it is. */
static bool count_items(struct decoding *decoding, uint64_t *out)
{
    struct wire_reader ahead = *decoding->reader;
    uint64_t count = 0;
    while (ahead.at == ahead.size || ahead.bytes[ahead.at] != 0xff) {
        if (!wire_skip(&ahead)) {
            *decoding->reader = ahead;
            return decode_refuse_bytes(decoding);
        }
        count++;
    }
    *out = count;
    return true;
}

bool decode_list(struct decoding *decoding, uint32_t most, size_t item_size_min, uint16_t status,
                 uint32_t *count, bool *closed)
{
    struct wire_item item = {.open = false};
    if (!wire_read_count(decoding->reader, MAJOR_ARRAY, &item.value) &&
        !decode_item(decoding, WIRE_ARRAY, &item))
        return false;
    *closed = !item.open;
    uint64_t items = item.value;
    if (item.open && !count_items(decoding, &items))
        return false;
    if (items > most)
        return refuse_amount(decoding, status, "", items, "", "", most, " at most");
    if (items > (decoding->reader->size - decoding->reader->at) / item_size_min) {
        decode_refuse(decoding, PM_MALFORMED);
        decode_say(decoding, "cut off: more items are announced than follow");
        return false;
    }
    *count = (uint32_t)items;
    return true;
}

bool decode_list_end(struct decoding *decoding, bool closed)
{
    struct wire_item item;
    if (closed)
        return true;
    return decode_any(decoding, &item) &&
           (item.type == WIRE_BREAK || decode_refuse_type(decoding, "a break", item.type));
}

bool decode_allocate(struct decoding *decoding, size_t count, size_t size, void **out)
{
    struct wire_arena *arena = decoding->arena;
    size_t padding = (size_t)(-(uintptr_t)(arena->bytes + arena->used) & 15u);
    size_t room = arena->size - arena->used;
    if (padding > room || count > (room - padding) / size) {
        decode_refuse(decoding, PM_TOO_LARGE);
        decode_say(decoding, "there is no memory for so much in one request");
        return false;
    }
    *out = memset(arena->bytes + arena->used + padding, 0, count * size);
    arena->used += padding + count * size;
    return true;
}
