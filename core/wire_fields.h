/*
 * wire_fields.h - what the fields of every command are on the wire: one description, by which
 * wire_decode.c reads them and wire_encode.c writes them, so that the two cannot differ.
 */
#ifndef PM_WIRE_FIELDS_H
#define PM_WIRE_FIELDS_H

#include <stddef.h>

#include "core/wire.h"

/* What a value is in its C structure and, where they differ, on the wire. */
enum wire_form {
    FORM_U8,
    FORM_U16,
    FORM_U32,
    FORM_U64,
    FORM_I8,
    FORM_I32,
    FORM_I64,
    FORM_TEXT,     /* struct pm_text of a name's length; text */
    FORM_LONG,     /* struct pm_text of a title's length; text */
    FORM_NAME,     /* struct pm_name; text */
    FORM_TITLE,    /* struct pm_title; text */
    FORM_POSTCODE, /* uint64_t, see pm_postcode_parse(); text */
    FORM_SHAPE,    /* a structure of its own */
    FORM_COMMAND,  /* struct pm_command, of those that a market.load may hold */
};

enum wire_many {
    MANY_ONE,    /* the value is in the structure */
    MANY_INLINE, /* an array in the structure; an array on the wire */
    MANY_APART,  /* an array that the structure points to; an array on the wire */
    MANY_BEHIND, /* one value that the structure points to, or NULL */
};

struct wire_field {
    uint8_t key;        /* enum wire_key */
    uint8_t form;       /* enum wire_form, of the value or of each element */
    uint8_t many;       /* enum wire_many */
    int8_t absent;      /* the number when the field is left out; 0 but for a number whose 0 means
                           something */
    bool free;          /* a text that whoever sends it words as they like, and not a name that the
                           market or its supply defines; or a structure with such texts in it */
    uint8_t count_size; /* bytes of the count of elements; 0 of a list that is always full */
    uint16_t count_offset;          /* of that count in the structure */
    uint16_t offset;                /* of the value, array or pointer in the structure */
    uint32_t most;                  /* elements at most */
    const struct wire_shape *shape; /* of FORM_SHAPE */
};

/* A structure: a map by the fields' keys, or as a tuple an array of all fields in this order. */
struct wire_shape {
    const struct wire_field *field;
    uint8_t fields; /* how many */
    bool tuple;
    bool defaults; /* a field is something else than 0 when it is left out */
    uint32_t size; /* bytes of the C structure */
};

/* The shape of a verb's member in struct pm_command; NULL when there is no such verb. */
const struct wire_shape *wire_verb_shape(unsigned verb);

/* Bytes of one value of a field in C. */
size_t wire_form_size(const struct wire_field *field);

/* Where the members of struct pm_command's union begin. */
enum { WIRE_MEMBER = offsetof(struct pm_command, load) };

/* An integer of one of the forms up to FORM_I64, from memory and to it. The value must fit. An
 * unsigned 64-bit number above INT64_MAX is the same bits. */
int64_t wire_load(enum wire_form form, const void *from);
void wire_store(enum wire_form form, void *to, int64_t value);

#endif
