/*
 * events.c - the events of a watch's answer, one after the other, out of the reply's own bytes.
 */
#include "client/reply.h"
#include "core/wire.h"

#include <stddef.h>
#include <string.h>

static struct wire_reader reader_of(const struct pm_events *events)
{
    return (struct wire_reader){.bytes = events->bytes, .size = events->size, .at = events->at};
}

static bool read_as(struct wire_reader *reader, enum wire_type type, struct wire_item *out)
{
    return wire_next(reader, out) && out->type == type && !out->open;
}

static bool skip_events(struct wire_reader *reader, size_t count)
{
    while (count > 0 && wire_skip(reader))
        count--;
    return count == 0;
}

/* The value of one key of the answer; `last`: nothing that is looked for follows. */
static bool read_part(struct wire_reader *reader, uint64_t key, bool last, struct pm_events *out)
{
    struct wire_item value;
    if (key == KEY_CURSOR && read_as(reader, WIRE_UINT, &value)) {
        out->cursor = value.value;
        return true;
    }
    if (key == KEY_EVENTS && read_as(reader, WIRE_ARRAY, &value)) {
        out->at = reader->at;
        out->left = (size_t)value.value;
        return last || skip_events(reader, out->left);
    }
    return key != KEY_CURSOR && key != KEY_EVENTS && wire_skip(reader);
}

bool pm_events_begin(const struct pm_reply *reply, size_t at, struct pm_events *out)
{
    struct wire_item map, key;
    *out = (struct pm_events){0};
    out->bytes = pm_reply_body(reply, at, &out->size);
    struct wire_reader reader = reader_of(out);
    if (out->bytes == NULL || !read_as(&reader, WIRE_MAP, &map))
        return false;
    for (uint64_t left = map.value; left > 0; left--)
        if (!read_as(&reader, WIRE_UINT, &key) || !read_part(&reader, key.value, left == 1, out))
            return false;
    return out->cursor != 0 && out->at != 0;
}

/* ---- One event ---- */

enum form { UNKNOWN, NUMBER, TIME, TEXT };

/* Where a key's value goes. */
static const struct {
    uint8_t form, offset;
} fields[UINT8_MAX + 1] = {
#define FIELD(key, form, member) [KEY_##key] = {form, offsetof(struct pm_told_event, member)}
    FIELD(EVENT, TEXT, event),         FIELD(CURSOR, NUMBER, cursor),
    FIELD(SEQUENCE, NUMBER, sequence), FIELD(TIME, TIME, time),
    FIELD(MARKET, TEXT, market),       FIELD(PACKAGE, NUMBER, package),
    FIELD(REFERENCE, TEXT, reference), FIELD(REFERRER, TEXT, referrer),
    FIELD(OFFER, NUMBER, offer),       FIELD(PLACEMENT, NUMBER, placement),
    FIELD(ROUND, NUMBER, round),       FIELD(SERVICE, TEXT, service),
    FIELD(PROVIDER, TEXT, provider),   FIELD(POOL, TEXT, pool),
    FIELD(RATE, NUMBER, rate),         FIELD(DEADLINE, TIME, deadline),
    FIELD(CODE, TEXT, code),           FIELD(REASON, TEXT, code),
#undef FIELD
};
_Static_assert(sizeof(struct pm_told_event) <= UINT8_MAX, "offsets fit");

/* Of a time, the bits of the signed number. */
static bool read_number(struct wire_reader *reader, bool time, char *to)
{
    struct wire_item item;
    if (!wire_next(reader, &item) ||
        (item.type != WIRE_UINT && !(time && item.type == WIRE_NEGATIVE)))
        return false;
    uint64_t number = item.type == WIRE_UINT ? item.value : ~item.value;
    memcpy(to, &number, sizeof number);
    return true;
}

static bool read_text(struct wire_reader *reader, char *to)
{
    struct wire_item item;
    if (!read_as(reader, WIRE_TEXT, &item))
        return false;
    memcpy(to, &item.text, sizeof item.text);
    return true;
}

static bool read_field(struct wire_reader *reader, uint64_t key, struct pm_told_event *out)
{
    unsigned form = key <= UINT8_MAX ? fields[key].form : UNKNOWN;
    if (form == UNKNOWN)
        return wire_skip(reader);
    char *to = (char *)out + fields[key].offset;
    return form == TEXT ? read_text(reader, to) : read_number(reader, form == TIME, to);
}

bool pm_events_next(struct pm_events *events, struct pm_told_event *out)
{
    struct wire_reader reader = reader_of(events);
    struct wire_item map, key;
    *out = (struct pm_told_event){0};
    if (events->left == 0)
        return false;
    bool good = read_as(&reader, WIRE_MAP, &map);
    for (uint64_t left = good ? map.value : 0; good && left > 0; left--)
        good = read_as(&reader, WIRE_UINT, &key) && read_field(&reader, key.value, out);
    events->malformed = !good;
    events->left = good ? events->left - 1 : 0;
    events->at = reader.at;
    return good;
}
