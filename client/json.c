/*
 * json.c - results as JSON: any body of the protocol, its integer keys by their names.
 */
#include "client/reply.h"
#include "core/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *read_value(struct wire_reader *reader);

static json_t *of_number(uint64_t value)
{
    char digits[24];
    if (value <= INT64_MAX)
        return json_integer((json_int_t)value);
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    return json_string(digits);
}

static json_t *of_negative(uint64_t value)
{
    /* The item stands for -1 - value. */
    return value <= INT64_MAX ? json_integer(-1 - (json_int_t)value) : json_string("too small");
}

static json_t *of_bytes(struct pm_text bytes)
{
    static const char digit[] = "0123456789abcdef";
    char *text = malloc(2 * (size_t)bytes.length + 1);
    if (text == NULL)
        return NULL;
    for (uint32_t at = 0; at < bytes.length; at++) {
        unsigned char byte = (unsigned char)bytes.bytes[at];
        text[2 * (size_t)at] = digit[byte >> 4];
        text[2 * (size_t)at + 1] = digit[byte & 15];
    }
    json_t *value = json_stringn(text, 2 * (size_t)bytes.length);
    free(text);
    return value;
}

/* Is there another of the `left` items, or, of an open container, one before its break? */
static bool more(struct wire_reader *reader, const struct wire_item *container, uint64_t *left)
{
    if (!container->open)
        return (*left)-- > 0;
    struct wire_reader ahead = *reader;
    struct wire_item item;
    if (!wire_next(&ahead, &item) || item.type != WIRE_BREAK)
        return true; /* when broken off, reading the item will say so */
    *reader = ahead;
    return false;
}

static json_t *read_array(struct wire_reader *reader, const struct wire_item *head)
{
    json_t *array = json_array();
    for (uint64_t left = head->value; array != NULL && more(reader, head, &left);) {
        if (json_array_append_new(array, read_value(reader)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* A key's text into out[]: its name, or its number when it has none; text stays. */
static bool read_key(struct wire_reader *reader, char out[64])
{
    struct wire_item item;
    if (!wire_next(reader, &item))
        return false;
    if (item.type == WIRE_TEXT) {
        snprintf(out, 64, "%.*s", (int)(item.text.length < 63 ? item.text.length : 63),
                 item.text.length > 0 ? item.text.bytes : "");
        return true;
    }
    if (item.type != WIRE_UINT)
        return false;
    const char *name = wire_key_name(item.value);
    if (name != NULL)
        snprintf(out, 64, "%s", name);
    else
        snprintf(out, 64, "%" PRIu64, item.value);
    return true;
}

static json_t *read_map(struct wire_reader *reader, const struct wire_item *head)
{
    char key[64];
    json_t *map = json_object();
    for (uint64_t left = head->value; map != NULL && more(reader, head, &left);) {
        if (!read_key(reader, key) || json_object_set_new(map, key, read_value(reader)) != 0) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

/* NULL when malformed or out of memory. */
static json_t *read_value(struct wire_reader *reader)
{
    struct wire_item item;
    if (!wire_next(reader, &item))
        return NULL;
    switch (item.type) {
    case WIRE_UINT:
        return of_number(item.value);
    case WIRE_NEGATIVE:
        return of_negative(item.value);
    case WIRE_BYTES:
        return of_bytes(item.text);
    case WIRE_TEXT:
        return json_stringn(item.text.length > 0 ? item.text.bytes : "", item.text.length);
    case WIRE_ARRAY:
        return read_array(reader, &item);
    case WIRE_MAP:
        return read_map(reader, &item);
    case WIRE_BOOL:
        return json_boolean(item.value != 0);
    case WIRE_NULL:
    case WIRE_OTHER:
        return json_null();
    case WIRE_BREAK:
        break;
    }
    return NULL;
}

json_t *json_of_cbor(const uint8_t *cbor, size_t size)
{
    struct wire_reader whole = {.bytes = cbor, .size = size};
    struct wire_reader reader = whole;
    return wire_skip(&whole) ? read_value(&reader) : NULL; /* so that the depth is bounded */
}

static json_t *of_result(struct pm_result result)
{
    json_t *value = json_pack("{s:s}", "status", pm_status_name(result.status));
    if (value == NULL)
        return NULL;
    if (result.id != 0)
        json_object_set_new(value, "id", of_number(result.id));
    if (result.status != PM_OK)
        json_object_set_new(value, "sentence", json_string(pm_status_sentence(result.status)));
    return value;
}

json_t *reply_value(const struct pm_reply *reply, size_t at)
{
    size_t size;
    const uint8_t *body = pm_reply_body(reply, at, &size);
    if (at >= pm_reply_count(reply))
        return NULL;
    return body != NULL ? json_of_cbor(body, size) : of_result(pm_reply_result(reply, at));
}

char *pm_reply_json(const struct pm_reply *reply, size_t at)
{
    json_t *value = reply_value(reply, at);
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(value);
    return text;
}
