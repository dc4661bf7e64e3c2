/*
 * reply.c - replies as they come from the wire, checked whole before the caller sees any of them.
 */
#include "client/reply.h"

#include "core/wire.h"

#include <stdlib.h>
#include <string.h>

struct reply_result {
    struct pm_result result;
    const uint8_t *body; /* in the message; NULL when there is none */
    size_t size;
};

struct pm_reply {
    uint8_t *bytes; /* as received; bodies point into them */
    uint64_t sequence;
    unsigned status;
    size_t count;
    char *detail;
    uint32_t after; /* ms to wait before it is sent again; 0: not said */
    struct reply_result *result;
};

/* Reads an unsigned number of at most `max`. */
static bool read_uint(struct wire_reader *reader, uint64_t max, uint64_t *out)
{
    struct wire_item item;
    if (!wire_next(reader, &item) || item.type != WIRE_UINT || item.value > max)
        return false;
    *out = item.value;
    return true;
}

/* Reads the head of an array of at least `least` items. */
static bool read_array(struct wire_reader *reader, uint64_t least, uint64_t *out)
{
    struct wire_item item;
    if (!wire_next(reader, &item) || item.type != WIRE_ARRAY || item.open || item.value < least)
        return false;
    *out = item.value;
    return true;
}

static bool skip_items(struct wire_reader *reader, uint64_t items)
{
    for (; items > 0; items--) {
        if (!wire_skip(reader))
            return false;
    }
    return true;
}

/* What follows a result's status: a number is an id, anything else a query's body. */
static bool read_second(struct wire_reader *reader, struct reply_result *out)
{
    struct wire_reader ahead = *reader;
    if (read_uint(&ahead, UINT64_MAX, &out->result.id)) {
        *reader = ahead;
        return true;
    }
    out->body = reader->bytes + reader->at;
    size_t from = reader->at;
    if (!wire_skip(reader))
        return false;
    out->size = reader->at - from;
    return true;
}

/* [status], [status, id] or [PM_OK, body] */
static bool read_result(struct wire_reader *reader, struct reply_result *out)
{
    uint64_t items;
    uint64_t status;
    if (!read_array(reader, 1, &items) || !read_uint(reader, UINT16_MAX, &status))
        return false;
    out->result.status = (uint16_t)status;
    if (items == 1)
        return true;
    return read_second(reader, out) && skip_items(reader, items - 2);
}

static bool read_detail(struct wire_reader *reader, struct pm_reply *reply)
{
    struct wire_item item;
    if (!wire_next(reader, &item) || item.type != WIRE_TEXT)
        return false;
    reply->detail = calloc(item.text.length + 1, 1);
    if (reply->detail != NULL && item.text.length > 0)
        memcpy(reply->detail, item.text.bytes, item.text.length);
    return reply->detail != NULL;
}

/* When to come back, if that is said. */
static bool read_after(struct wire_reader *reader, struct pm_reply *reply, uint64_t *left)
{
    uint64_t after;
    if (*left == 0)
        return true;
    if (!read_uint(reader, UINT32_MAX, &after))
        return false;
    reply->after = (uint32_t)after;
    --*left;
    return true;
}

static bool read_results(struct wire_reader *reader, struct pm_reply *reply, size_t count)
{
    uint64_t items;
    if (!read_array(reader, 0, &items) || items != count)
        return false;
    reply->count = count;
    reply->result = calloc(count, sizeof *reply->result);
    if (reply->result == NULL)
        return false;
    for (size_t at = 0; at < count; at++) {
        if (!read_result(reader, &reply->result[at]))
            return false;
    }
    return true;
}

/* Says why it is not a reply; NULL when it is. */
static const char *read_whole(struct wire_reader *reader, struct pm_reply *reply, size_t count)
{
    uint64_t items;
    uint64_t version;
    uint64_t status;
    if (!read_array(reader, 4, &items) || !read_uint(reader, UINT64_MAX, &version))
        return "it is not Placemat's protocol";
    if (version != PM_PROTOCOL)
        return "it is of another version of the protocol";
    if (!read_uint(reader, UINT64_MAX, &reply->sequence) || !read_uint(reader, UINT16_MAX, &status))
        return "its head is malformed";
    reply->status = (unsigned)status;
    items -= 4;
    bool well = reply->status == PM_OK
                    ? read_results(reader, reply, count)
                    : read_detail(reader, reply) && read_after(reader, reply, &items);
    if (!well || !skip_items(reader, items) || reader->at != reader->size)
        return "it is malformed, or not of this request";
    return NULL;
}

enum pm_client_outcome reply_read(const uint8_t *bytes, size_t size, size_t count,
                                  struct pm_reply **out, struct pm_client_error *error)
{
    struct pm_reply *reply = calloc(1, sizeof *reply);
    if (reply != NULL)
        reply->bytes = malloc(size + 1); /* something even for none */
    if (reply == NULL || reply->bytes == NULL) {
        pm_reply_free(reply);
        return PM_CALL_NO_MEMORY;
    }
    memcpy(reply->bytes, bytes, size);
    struct wire_reader reader = {.bytes = reply->bytes, .size = size};
    const char *why = read_whole(&reader, reply, count);
    if (why != NULL) {
        snprintf(error->text, sizeof error->text, "%s", why);
        pm_reply_free(reply);
        return PM_CALL_INVALID;
    }
    *out = reply;
    return PM_CALL_DONE;
}

void pm_reply_free(struct pm_reply *reply)
{
    if (reply == NULL)
        return;
    free(reply->bytes);
    free(reply->detail);
    free(reply->result);
    free(reply);
}

unsigned pm_reply_status(const struct pm_reply *reply)
{
    return reply->status;
}

uint32_t reply_after(const struct pm_reply *reply)
{
    return reply->after;
}

const char *pm_reply_detail(const struct pm_reply *reply)
{
    return reply->detail != NULL ? reply->detail : "";
}

uint64_t pm_reply_sequence(const struct pm_reply *reply)
{
    return reply->sequence;
}

size_t pm_reply_count(const struct pm_reply *reply)
{
    return reply->count;
}

struct pm_result pm_reply_result(const struct pm_reply *reply, size_t at)
{
    if (at >= reply->count)
        return (struct pm_result){.status = (uint16_t)reply->status};
    return reply->result[at].result;
}

const uint8_t *pm_reply_body(const struct pm_reply *reply, size_t at, size_t *size)
{
    if (at >= reply->count || reply->result[at].body == NULL) {
        *size = 0;
        return NULL;
    }
    *size = reply->result[at].size;
    return reply->result[at].body;
}
