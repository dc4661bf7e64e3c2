/*
 * wire_take.c - items of a round's document, in the one form that each may have.
 */
#include "core/wire_take.h"

#include <string.h>

/* Bytes of the head of an item that says this number. */
static size_t head_size(uint64_t value)
{
    return value < 24            ? 1
           : value <= UINT8_MAX  ? 2
           : value <= UINT16_MAX ? 3
           : value <= UINT32_MAX ? 5
                                 : 9;
}

bool take_refuse(struct decoding *decoding, const char *words)
{
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, words);
    return false;
}

/* Did the item read since `at` take just so many bytes? Otherwise it had a tag, or a longer form.
 */
static bool is_short(struct decoding *decoding, size_t at, size_t size)
{
    return decoding->reader->at - at == size || take_refuse(decoding, "not in its shortest form");
}

bool take_number(struct decoding *decoding, uint64_t most, uint64_t *out)
{
    size_t at = decoding->reader->at;
    return decode_uint(decoding, 0, most, out) && is_short(decoding, at, head_size(*out));
}

bool take_u32(struct decoding *decoding, uint32_t most, uint32_t *out)
{
    uint64_t value;
    if (!take_number(decoding, most, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

bool take_i32(struct decoding *decoding, int32_t most, int32_t *out)
{
    uint32_t value;
    if (!take_u32(decoding, (uint32_t)most, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

bool take_signed(struct decoding *decoding, int64_t *out)
{
    size_t at = decoding->reader->at;
    return decode_int(decoding, INT64_MIN, INT64_MAX, out) &&
           is_short(decoding, at, head_size(*out < 0 ? ~(uint64_t)*out : (uint64_t)*out));
}

bool take_text(struct decoding *decoding, struct pm_text *out)
{
    size_t at = decoding->reader->at;
    return decode_text(decoding, WIRE_LABEL_MAX, out) &&
           is_short(decoding, at, head_size(out->length) + out->length);
}

bool take_array(struct decoding *decoding, size_t count)
{
    size_t at = decoding->reader->at;
    return decode_array(decoding, count) && is_short(decoding, at, head_size(count));
}

bool take_bool(struct decoding *decoding, bool *out)
{
    struct wire_item item;
    size_t at = decoding->reader->at;
    if (!decode_any(decoding, &item))
        return false;
    *out = item.value != 0;
    return item.type == WIRE_BOOL ? is_short(decoding, at, 1)
                                  : decode_refuse_type(decoding, "true or false", item.type);
}

/* An array of at most so many items. */
bool take_list(struct decoding *decoding, uint32_t most, uint32_t *count)
{
    size_t at = decoding->reader->at;
    bool closed;
    if (!decode_list(decoding, most, 1, PM_MALFORMED, count, &closed))
        return false;
    return closed ? is_short(decoding, at, head_size(*count))
                  : take_refuse(decoding, "of no stated length");
}

static bool take_map(struct decoding *decoding, uint64_t pairs)
{
    struct wire_item map;
    size_t at = decoding->reader->at;
    if (!decode_item(decoding, WIRE_MAP, &map))
        return false;
    if (map.open || map.value != pairs)
        return take_refuse(decoding, "another number of keys");
    return is_short(decoding, at, head_size(pairs));
}

/* ---- Keys ---- */

/* From here on, errors are about this. */
void take_enter(struct decoding *decoding, const char *name)
{
    decoding->path[decoding->depth - 1].name = name;
    decoding->path[decoding->depth - 1].number = 0;
}

void take_count_on(struct decoding *decoding, uint32_t position)
{
    decoding->path[decoding->depth - 1].number = position + 1;
}

static bool take_key(struct decoding *decoding, unsigned key, const char *name)
{
    uint64_t given;
    take_enter(decoding, name);
    return take_number(decoding, UINT64_MAX, &given) &&
           (given == key || take_refuse(decoding, "another key"));
}

bool take_problem_key(struct decoding *decoding, enum wire_problem_key key)
{
#define KEY_NAME(number, constant, name) name,
    static const char *const names[] = {WIRE_PROBLEM_KEYS(KEY_NAME)};
    return take_key(decoding, key, names[key]);
}

bool take_certificate_key(struct decoding *decoding, enum wire_certificate_key key)
{
    static const char *const names[] = {WIRE_CERTIFICATE_KEYS(KEY_NAME)};
    return take_key(decoding, key, names[key]);
}

bool take_problem_list(struct decoding *decoding, enum wire_problem_key key, size_t count)
{
    return take_problem_key(decoding, key) && take_array(decoding, count);
}

/* The map's beginning, the format and the version. */
bool take_format(struct decoding *decoding, unsigned keys, const char *format)
{
    struct pm_text given;
    uint64_t version;
    take_enter(decoding, "document");
    if (!take_map(decoding, keys) || !take_problem_key(decoding, PROBLEM_FORMAT) ||
        !take_text(decoding, &given))
        return false;
    if (given.length != strlen(format) || memcmp(given.bytes, format, given.length) != 0)
        return take_refuse(decoding, "another document");
    if (!take_problem_key(decoding, PROBLEM_VERSION) ||
        !take_number(decoding, UINT64_MAX, &version))
        return false;
    return version == WIRE_DOCUMENT_VERSION ||
           take_refuse(decoding, "not a version that is read here");
}
