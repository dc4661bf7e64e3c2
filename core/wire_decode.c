/*
 * wire_decode.c - commands out of untrusted bytes, by the table of wire_fields.c. Counts, ranges
 * and types are checked against the C fields, so that nothing is cut to fit; what the values mean
 * is the core's to judge.
 */
#include "core/wire_decode.h"

#include <string.h>

#include "core/wire_fields.h"

/* ---- Saying what is wrong ---- */

static void say_text(struct wire_error *error, struct pm_text text)
{
    size_t used = strlen(error->text), room = sizeof error->text - 1 - used;
    size_t size = text.length < room ? text.length : room;
    while (size > 0 && size < text.length && (text.bytes[size] & 0xc0) == 0x80)
        size--; /* not through the middle of a character */
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        error->text[used + i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    error->text[used + size] = '\0';
}

void decode_say(struct decoding *decoding, const char *words)
{
    say_text(decoding->error, pm_text(words));
}

void decode_say_number(struct decoding *decoding, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say_text(decoding->error,
             (struct pm_text){.bytes = digits + at, .length = (uint32_t)(sizeof digits - at)});
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

static bool refuse_bytes(struct decoding *decoding)
{
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, decoding->reader->why);
    decode_say(decoding, ", at byte ");
    decode_say_number(decoding, decoding->reader->at);
    return false;
}

static bool refuse_type(struct decoding *decoding, const char *expected, enum wire_type given)
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
    return wire_next(decoding->reader, out) || refuse_bytes(decoding);
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
    return out->type == type || refuse_type(decoding, expected[type], out->type);
}

bool decode_array(struct decoding *decoding, uint64_t count)
{
    struct wire_item item;
    if (!decode_item(decoding, WIRE_ARRAY, &item))
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
    if (!decode_item(decoding, WIRE_UINT, &item))
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
    if (!decode_any(decoding, &item))
        return false;
    bool negative = item.type == WIRE_NEGATIVE;
    if (!negative && item.type != WIRE_UINT)
        return refuse_type(decoding, "a number", item.type);
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
            return refuse_bytes(decoding);
        }
        count++;
    }
    *out = count;
    return true;
}

bool decode_list(struct decoding *decoding, uint32_t most, size_t item_size_min, uint16_t status,
                 uint32_t *count, bool *closed)
{
    struct wire_item item;
    if (!decode_item(decoding, WIRE_ARRAY, &item))
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
           (item.type == WIRE_BREAK || refuse_type(decoding, "a break", item.type));
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

/* ---- Fields ---- */

static bool decode_shape(struct decoding *decoding, const struct wire_shape *shape, void *out);

static bool decode_number(struct decoding *decoding, enum wire_form form, void *out)
{
    static const struct {
        int64_t least, most;
    } bounds[] = {
        [FORM_U8] = {0, UINT8_MAX},          [FORM_U16] = {0, UINT16_MAX},
        [FORM_U32] = {0, UINT32_MAX},        [FORM_I8] = {INT8_MIN, INT8_MAX},
        [FORM_I32] = {INT32_MIN, INT32_MAX}, [FORM_I64] = {INT64_MIN, INT64_MAX},
    };
    int64_t value;
    if (form == FORM_U64)
        return decode_uint(decoding, 0, UINT64_MAX, out);
    if (!decode_int(decoding, bounds[form].least, bounds[form].most, &value))
        return false;
    wire_store(form, out, value);
    return true;
}

/* Text that is copied, to be NUL-terminated. */
static bool decode_kept(struct decoding *decoding, uint32_t most, char *out)
{
    struct pm_text text;
    if (!decode_text(decoding, most, &text))
        return false;
    if (text.length > 0 && memchr(text.bytes, '\0', text.length) != NULL) {
        decode_refuse(decoding, PM_MALFORMED);
        decode_say(decoding, "a NUL inside text");
        return false;
    }
    if (text.length > 0)
        memcpy(out, text.bytes, text.length);
    return true;
}

static bool decode_postcode(struct decoding *decoding, uint64_t *out)
{
    struct pm_text text;
    if (!decode_text(decoding, PM_NAME_MAX, &text))
        return false;
    *out = pm_postcode_parse(text);
    if (*out == 0)
        *out = PM_POSTCODE_BAD;
    return true;
}

static bool decode_value(struct decoding *decoding, const struct wire_field *field, void *out)
{
    switch ((enum wire_form)field->form) {
    case FORM_TEXT:
        return decode_text(decoding, PM_NAME_MAX, out);
    case FORM_LONG:
        return decode_text(decoding, PM_TITLE_MAX, out);
    case FORM_NAME:
        return decode_kept(decoding, PM_NAME_MAX, out);
    case FORM_TITLE:
        return decode_kept(decoding, PM_TITLE_MAX, out);
    case FORM_POSTCODE:
        return decode_postcode(decoding, out);
    case FORM_SHAPE:
        return decode_shape(decoding, field->shape, out);
    case FORM_COMMAND:
        return decode_command(decoding, out);
    default:
        return decode_number(decoding, (enum wire_form)field->form, out);
    }
}

static size_t wire_size_min(const struct wire_field *field)
{
    if (field->form == FORM_COMMAND)
        return DECODE_COMMAND_MIN;
    return field->form == FORM_SHAPE && field->shape->tuple ? 1u + field->shape->fields : 1;
}

/* The elements of a list, into the structure or the arena. */
static bool decode_elements(struct decoding *decoding, const struct wire_field *field, char *base)
{
    size_t size = wire_form_size(field);
    uint32_t count = 0;
    bool closed;
    void *element = base + field->offset;
    if (!decode_list(decoding, field->most, wire_size_min(field), PM_MALFORMED, &count, &closed))
        return false;
    if (field->many == MANY_APART && count > 0) {
        if (!decode_allocate(decoding, count, size, &element))
            return false;
        memcpy(base + field->offset, &element, sizeof element);
    }
    for (uint32_t i = 0; i < count; i++) {
        decoding->path[decoding->depth - 1].number = i + 1;
        decoding->path[decoding->depth - 1].verb = 0;
        if (!decode_value(decoding, field, (char *)element + i * size))
            return false;
    }
    decoding->path[decoding->depth - 1].number = 0;
    if (field->count_size > 0)
        wire_store(field->count_size == 1   ? FORM_U8
                   : field->count_size == 2 ? FORM_U16
                                            : FORM_U32,
                   base + field->count_offset, count);
    return decode_list_end(decoding, closed);
}

static bool decode_field(struct decoding *decoding, const struct wire_field *field, char *base)
{
    void *behind;
    decoding->path[decoding->depth].name = wire_key_name(field->key);
    decoding->path[decoding->depth].number = 0;
    decoding->path[decoding->depth].verb = 0;
    decoding->depth++;
    bool done;
    switch ((enum wire_many)field->many) {
    case MANY_ONE:
        done = decode_value(decoding, field, base + field->offset);
        break;
    case MANY_BEHIND:
        done = decode_allocate(decoding, 1, wire_form_size(field), &behind) &&
               decode_value(decoding, field, behind);
        if (done)
            memcpy(base + field->offset, &behind, sizeof behind);
        break;
    default:
        done = decode_elements(decoding, field, base);
        break;
    }
    decoding->depth--;
    return done;
}

/* Keys mostly come in the table's order, so the search begins after the last one found. */
static const struct wire_field *find_field(const struct wire_shape *shape, uint64_t key,
                                           uint32_t *next)
{
    for (uint32_t i = 0; i < shape->fields; i++) {
        uint32_t at = *next;
        *next = at + 1 < shape->fields ? at + 1 : 0;
        if (shape->field[at].key == key)
            return &shape->field[at];
    }
    return NULL;
}

/* Marks a key as met; false when it was before. Keys that are not known at all are told apart up to
 * 255. */
static bool mark_key(uint64_t seen[4], uint64_t key)
{
    if (key > UINT8_MAX)
        return true;
    uint64_t bit = UINT64_C(1) << (key & 63), *word = &seen[key >> 6];
    bool first = (*word & bit) == 0;
    *word |= bit;
    return first;
}

static bool refuse_duplicate(struct decoding *decoding, uint64_t key)
{
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, "key ");
    decode_say_number(decoding, key);
    if (wire_key_name(key) != NULL) {
        decode_say(decoding, " (");
        decode_say(decoding, wire_key_name(key));
        decode_say(decoding, ")");
    }
    decode_say(decoding, " is given twice");
    return false;
}

static bool decode_pair(struct decoding *decoding, const struct wire_shape *shape, void *out,
                        uint64_t key, uint32_t *next)
{
    const struct wire_field *field = find_field(shape, key, next);
    if (field != NULL)
        return decode_field(decoding, field, out);
    return wire_skip(decoding->reader) || refuse_bytes(decoding);
}

static bool decode_map(struct decoding *decoding, const struct wire_shape *shape, void *out)
{
    uint64_t seen[4] = {0};
    uint32_t next = 0;
    struct wire_item map, key;
    if (!decode_item(decoding, WIRE_MAP, &map))
        return false;
    for (uint64_t i = 0; map.open || i < map.value; i++) {
        if (!decode_any(decoding, &key))
            return false;
        if (map.open && key.type == WIRE_BREAK)
            break;
        if (key.type != WIRE_UINT)
            return refuse_type(decoding, "a number as key", key.type);
        if (!mark_key(seen, key.value))
            return refuse_duplicate(decoding, key.value);
        if (!decode_pair(decoding, shape, out, key.value, &next))
            return false;
    }
    return true;
}

static bool decode_shape(struct decoding *decoding, const struct wire_shape *shape, void *out)
{
    for (uint32_t i = 0; i < shape->fields; i++) {
        if (shape->field[i].absent != 0)
            wire_store((enum wire_form)shape->field[i].form, (char *)out + shape->field[i].offset,
                       shape->field[i].absent);
    }
    if (!shape->tuple)
        return decode_map(decoding, shape, out);
    if (!decode_array(decoding, shape->fields))
        return false;
    for (uint32_t i = 0; i < shape->fields; i++) {
        if (!decode_field(decoding, &shape->field[i], out))
            return false;
    }
    return true;
}

/* ---- Commands ---- */

static bool may_nest(unsigned verb)
{
    return verb >= PM_PROVIDER_PUT && verb <= PM_CAPACITY_SET;
}

static bool refuse_name(struct decoding *decoding, uint16_t status, struct pm_text name,
                        const char *why)
{
    enum { SHOWN = 40 };
    decode_refuse(decoding, status);
    name.length = name.length < SHOWN ? name.length : SHOWN;
    while (name.length == SHOWN && (name.bytes[name.length - 1] & 0x80) != 0)
        name.length--; /* it may be part of a character */
    decode_say(decoding, "\"");
    say_text(decoding->error, name);
    decode_say(decoding, why);
    return false;
}

bool decode_command(struct decoding *decoding, struct pm_command *out)
{
    struct wire_item name;
    if (!decode_array(decoding, 2) || !decode_item(decoding, WIRE_TEXT, &name))
        return false;
    unsigned verb = pm_verb_parse(name.text);
    if (verb == 0 || (verb == PM_CONTINUE && decoding->from_client))
        return refuse_name(decoding, PM_UNKNOWN_COMMAND, name.text, "\" is no command");
    if (decoding->nested && !may_nest(verb))
        return refuse_name(decoding, PM_MALFORMED, name.text, "\" may not be in a market.load");
    bool nested = decoding->nested;
    decoding->path[decoding->depth - 1].verb = (uint8_t)verb;
    decoding->nested = true;
    out->verb = (uint8_t)verb;
    bool done = decode_shape(decoding, wire_verb_shape(verb), (char *)out + WIRE_MEMBER);
    decoding->nested = nested;
    return done;
}
