/*
 * wire_encode.c - commands into bytes, by the table of wire_fields.c. What has its default is left
 * out, and decoding puts it back.
 */
#include <string.h>

#include "core/wire.h"
#include "core/wire_fields.h"

static void encode_shape(struct wire_writer *writer, const struct wire_shape *shape,
                         const void *from);

/* Text in `size` bytes, which ends at the first NUL if there is one. */
static void encode_kept(struct wire_writer *writer, const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);
    size_t length = end != NULL ? (size_t)(end - text) : size;
    wire_text(writer, (struct pm_text){.bytes = text, .length = (uint32_t)length});
}

/* A number that is no postcode at all must still be text: "?", which is read as PM_POSTCODE_BAD
 * again. */
static void encode_postcode(struct wire_writer *writer, uint64_t code)
{
    char text[9];
    bool ascii = (code & UINT64_C(0x8080808080808080)) == 0;
    wire_string(writer, pm_postcode_text(ascii ? code : PM_POSTCODE_BAD, text));
}

static void encode_value(struct wire_writer *writer, const struct wire_field *field,
                         const void *from)
{
    switch ((enum wire_form)field->form) {
    case FORM_TEXT:
    case FORM_LONG:
        wire_text(writer, *(const struct pm_text *)from);
        break;
    case FORM_NAME:
        encode_kept(writer, from, sizeof(struct pm_name));
        break;
    case FORM_TITLE:
        encode_kept(writer, from, sizeof(struct pm_title));
        break;
    case FORM_POSTCODE:
        encode_postcode(writer, *(const uint64_t *)from);
        break;
    case FORM_SHAPE:
        encode_shape(writer, field->shape, from);
        break;
    case FORM_COMMAND:
        wire_command_encode(writer, from);
        break;
    case FORM_U64:
        wire_uint(writer, *(const uint64_t *)from);
        break;
    default:
        wire_int(writer, wire_load((enum wire_form)field->form, from));
        break;
    }
}

/* How many elements a list has, bounded by its array; a list that is always full has none when all
 * are 0. */
static uint32_t count_of(const struct wire_field *field, const char *base)
{
    enum wire_form form = field->count_size == 1   ? FORM_U8
                          : field->count_size == 2 ? FORM_U16
                                                   : FORM_U32;
    if (field->count_size > 0) {
        int64_t count = wire_load(form, base + field->count_offset);
        return count < field->most ? (uint32_t)count : field->most;
    }
    size_t size = field->most * wire_form_size(field);
    for (size_t i = 0; i < size; i++) {
        if (base[field->offset + i] != 0)
            return field->most;
    }
    return 0;
}

static void encode_list(struct wire_writer *writer, const struct wire_field *field,
                        const char *base, uint32_t count)
{
    const char *element = base + field->offset;
    size_t size = wire_form_size(field);
    if (field->many == MANY_APART)
        memcpy(&element, base + field->offset, sizeof element);
    wire_array(writer, count);
    for (uint32_t i = 0; i < count; i++)
        encode_value(writer, field, element + i * size);
}

/* Has the value its default? */
static bool is_absent(const struct wire_field *field, const void *value)
{
    switch ((enum wire_form)field->form) {
    case FORM_TEXT:
    case FORM_LONG:
        return ((const struct pm_text *)value)->length == 0;
    case FORM_NAME:
    case FORM_TITLE:
        return *(const char *)value == '\0';
    case FORM_SHAPE:
    case FORM_COMMAND:
        return false;
    case FORM_POSTCODE:
        return *(const uint64_t *)value == 0;
    default:
        return wire_load((enum wire_form)field->form, value) == field->absent;
    }
}

static bool is_list(const struct wire_field *field)
{
    return field->many == MANY_INLINE || field->many == MANY_APART;
}

static const void *behind(const struct wire_field *field, const char *base)
{
    const void *at;
    memcpy(&at, base + field->offset, sizeof at);
    return at;
}

/* Is a field left out, because it has its default? */
static bool is_left_out(const struct wire_field *field, const char *base)
{
    if (is_list(field))
        return count_of(field, base) == 0;
    if (field->many == MANY_BEHIND)
        return behind(field, base) == NULL;
    return is_absent(field, base + field->offset);
}

static void encode_field(struct wire_writer *writer, const struct wire_field *field,
                         const char *base)
{
    wire_uint(writer, field->key);
    if (is_list(field))
        encode_list(writer, field, base, count_of(field, base));
    else if (field->many == MANY_BEHIND)
        encode_value(writer, field, behind(field, base));
    else
        encode_value(writer, field, base + field->offset);
}

static void encode_tuple(struct wire_writer *writer, const struct wire_shape *shape,
                         const char *from)
{
    wire_array(writer, shape->fields);
    for (uint32_t i = 0; i < shape->fields; i++)
        encode_value(writer, &shape->field[i], from + shape->field[i].offset);
}

static void encode_map(struct wire_writer *writer, const struct wire_shape *shape, const void *from)
{
    uint64_t given = 0; /* by field */
    for (uint32_t i = 0; i < shape->fields; i++)
        given |= (uint64_t)!is_left_out(&shape->field[i], from) << i;
    wire_map(writer, (size_t)__builtin_popcountll(given));
    for (; given != 0; given &= given - 1)
        encode_field(writer, &shape->field[__builtin_ctzll(given)], from);
}

static void encode_shape(struct wire_writer *writer, const struct wire_shape *shape,
                         const void *from)
{
    if (shape->tuple)
        encode_tuple(writer, shape, from);
    else
        encode_map(writer, shape, from);
}

void wire_command_encode(struct wire_writer *writer, const struct pm_command *command)
{
    const struct wire_shape *shape = wire_verb_shape(command->verb);
    wire_array(writer, 2);
    wire_string(writer,
                pm_verb_name(command->verb)); /* empty when there is none: it will be refused */
    if (shape != NULL)
        encode_shape(writer, shape, (const char *)command + WIRE_MEMBER);
    else
        wire_map(writer, 0);
}
