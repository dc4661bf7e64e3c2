/*
 * wire_decode.c - commands out of untrusted bytes, by the table of wire_fields.c. Counts, ranges
 * and types are checked against the C fields, so that nothing is cut to fit; what the values mean
 * is the core's to judge.
 */
#include "core/wire_decode.h"

#include <string.h>

#include "core/wire_fields.h"
#include "core/wire_read.h"

/* ---- Fields ---- */

static bool decode_shape(struct decoding *decoding, const struct wire_shape *shape, void *out);

/* Of the numbers' forms; of FORM_U64 as if it were signed. */
static const struct {
    int64_t least, most;
} bounds[] = {
    [FORM_U8] = {0, UINT8_MAX},          [FORM_U16] = {0, UINT16_MAX},
    [FORM_U32] = {0, UINT32_MAX},        [FORM_U64] = {0, (int64_t)UINT64_MAX},
    [FORM_I8] = {INT8_MIN, INT8_MAX},    [FORM_I32] = {INT32_MIN, INT32_MAX},
    [FORM_I64] = {INT64_MIN, INT64_MAX},
};

/* A number of 0 or more that its form can hold, which nearly all fields have. False, and nothing is
 * read, of anything else. */
static inline bool read_number(struct wire_reader *reader, const struct wire_field *field,
                               char *base)
{
    uint64_t value;
    enum wire_form form = (enum wire_form)field->form;
    if (form > FORM_I64 || field->many != MANY_ONE ||
        !wire_read_uint(reader, (uint64_t)bounds[form].most, &value))
        return false;
    wire_store(form, base + field->offset, (int64_t)value);
    return true;
}

static bool decode_number(struct decoding *decoding, enum wire_form form, void *out)
{
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
    decoding->lossy = true; /* spaces, or what is no postcode at all */
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
    if (read_number(decoding->reader, field, base))
        return true;
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

static const struct wire_field *find_between(const struct wire_shape *shape, uint32_t from,
                                             uint32_t to, uint64_t key)
{
    for (uint32_t i = from; i < to; i++) {
        if (shape->field[i].key == key)
            return &shape->field[i];
    }
    return NULL;
}

/* Keys mostly come in the table's order, so the search begins after the last one found. */
static const struct wire_field *find_field(const struct wire_shape *shape, uint64_t key,
                                           uint32_t after)
{
    const struct wire_field *found = find_between(shape, after, shape->fields, key);
    return found != NULL ? found : find_between(shape, 0, after, key);
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

/* `after` counts the fields up to the last one found. */
static bool decode_pair(struct decoding *decoding, const struct wire_shape *shape, void *out,
                        uint64_t key, uint32_t *after)
{
    const struct wire_field *field = find_field(shape, key, *after);
    if (field != NULL) {
        *after = (uint32_t)(field - shape->field) + 1;
        return decode_field(decoding, field, out);
    }
    decoding->lossy = true;
    return wire_skip(decoding->reader) || decode_refuse_bytes(decoding);
}

static bool decode_map(struct decoding *decoding, const struct wire_shape *shape, void *out)
{
    uint64_t seen[4] = {0};
    uint32_t after = 0;
    struct wire_item map = {.open = false}, key;
    if (!wire_read_count(decoding->reader, MAJOR_MAP, &map.value) &&
        !decode_item(decoding, WIRE_MAP, &map))
        return false;
    for (uint64_t i = 0; map.open || i < map.value; i++) {
        key.type = WIRE_UINT;
        if (!wire_read_uint(decoding->reader, UINT64_MAX, &key.value) &&
            !decode_any(decoding, &key))
            return false;
        if (map.open && key.type == WIRE_BREAK)
            break;
        if (key.type != WIRE_UINT)
            return decode_refuse_type(decoding, "a number as key", key.type);
        if (!mark_key(seen, key.value))
            return refuse_duplicate(decoding, key.value);
        if (!decode_pair(decoding, shape, out, key.value, &after))
            return false;
    }
    return true;
}

static void set_defaults(const struct wire_shape *shape, char *out)
{
    for (uint32_t i = 0; i < shape->fields; i++) {
        const struct wire_field *field = &shape->field[i];
        if (field->absent != 0)
            wire_store((enum wire_form)field->form, out + field->offset, field->absent);
    }
}

static bool decode_shape(struct decoding *decoding, const struct wire_shape *shape, void *out)
{
    if (shape->defaults)
        set_defaults(shape, out);
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

/* Could it be a command's name: nothing but letters, dots and underscores? */
static bool is_plain(struct pm_text name)
{
    for (uint32_t i = 0; i < name.length; i++) {
        char c = name.bytes[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '.' && c != '_')
            return false;
    }
    return true;
}

/* Only a plain name is repeated: the sentence may be kept where nothing personal must be. */
static bool refuse_name(struct decoding *decoding, uint16_t status, struct pm_text name,
                        const char *why)
{
    enum { SHOWN = 40 };
    decode_refuse(decoding, status);
    if (is_plain(name)) {
        decode_say(decoding, "\"");
        decode_say_text(decoding, decode_clip(name, SHOWN));
        decode_say(decoding, "\"");
    } else {
        decode_say(decoding, "what is named there");
    }
    decode_say(decoding, why);
    return false;
}

bool decode_command(struct decoding *decoding, struct pm_command *out)
{
    struct pm_text name;
    if (!decode_array(decoding, 2) || !decode_text(decoding, UINT32_MAX, &name))
        return false;
    unsigned verb = pm_verb_parse(name);
    bool own = verb == PM_CONTINUE || verb == PM_ROUND_APPLY || verb == PM_OUTAGE;
    if (verb == 0 || (own && decoding->from_client))
        return refuse_name(decoding, PM_UNKNOWN_COMMAND, name, " is no command");
    if (decoding->nested && !may_nest(verb))
        return refuse_name(decoding, PM_MALFORMED, name, " may not be in a market.load");
    bool nested = decoding->nested;
    decoding->path[decoding->depth - 1].verb = (uint8_t)verb;
    decoding->nested = true;
    out->verb = (uint8_t)verb;
    bool done = decode_shape(decoding, wire_verb_shape(verb), (char *)out + WIRE_MEMBER);
    decoding->nested = nested;
    return done;
}
