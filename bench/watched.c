/* watched.c: see watched.h. */
#include "watched.h"

#include <string.h>

#include "core/wire.h"

bool watched_is(struct pm_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

/* Is there another element, of a list or map of so many? Goes past the break of an open one. */
static bool goes_on(struct wire_reader *reader, const struct wire_item *list, uint64_t done)
{
    if (!list->open)
        return done < list->value;
    struct wire_reader ahead = *reader;
    struct wire_item item;
    if (!wire_next(&ahead, &item) || item.type != WIRE_BREAK)
        return !ahead.failed;
    *reader = ahead;
    return false;
}

static void take_text(struct watched *event, uint64_t key, struct pm_text text)
{
    if (key == KEY_EVENT)
        event->event = text;
    else if (key == KEY_REFERENCE)
        event->reference = text;
    else if (key == KEY_SERVICE)
        event->service = text;
    else if (key == KEY_PROVIDER)
        event->provider = text;
}

static void take_number(struct watched *event, uint64_t key, uint64_t value)
{
    if (key == KEY_OFFER)
        event->offer = value;
    else if (key == KEY_PLACEMENT)
        event->placement = value;
    else if (key == KEY_TIME)
        event->time = (int64_t)value;
    else if (key == KEY_DEADLINE)
        event->deadline = (int64_t)value;
}

/* An event's values are texts and numbers. */
static bool read_event(struct wire_reader *reader, struct watched *out)
{
    struct wire_item map, key, value;
    *out = (struct watched){.offer = 0};
    if (!wire_next(reader, &map) || map.type != WIRE_MAP)
        return false;
    for (uint64_t i = 0; goes_on(reader, &map, i); i++) {
        if (!wire_next(reader, &key) || key.type != WIRE_UINT || !wire_next(reader, &value))
            return false;
        if (value.type == WIRE_TEXT)
            take_text(out, key.value, value.text);
        else if (value.type == WIRE_UINT)
            take_number(out, key.value, value.value);
        else
            return false;
    }
    return !reader->failed;
}

static bool read_events(struct wire_reader *reader, watched_each *each, void *context)
{
    struct wire_item list;
    struct watched event;
    if (!wire_next(reader, &list) || list.type != WIRE_ARRAY)
        return false;
    for (uint64_t i = 0; goes_on(reader, &list, i); i++)
        if (!read_event(reader, &event) || !each(context, &event))
            return false;
    return !reader->failed;
}

static bool read_pair(struct wire_reader *reader, watched_each *each, void *context,
                      uint64_t *cursor)
{
    struct wire_item key, value;
    if (!wire_next(reader, &key) || key.type != WIRE_UINT)
        return false;
    if (key.value == KEY_EVENTS)
        return read_events(reader, each, context);
    if (key.value != KEY_CURSOR)
        return wire_skip(reader);
    if (!wire_next(reader, &value) || value.type != WIRE_UINT)
        return false;
    *cursor = value.value;
    return true;
}

bool watched_read(const struct pm_reply *reply, watched_each *each, void *context, uint64_t *cursor)
{
    struct wire_reader reader = {.bytes = NULL};
    struct wire_item map;
    reader.bytes = pm_reply_body(reply, 0, &reader.size);
    if (reader.bytes == NULL || !wire_next(&reader, &map) || map.type != WIRE_MAP)
        return false;
    for (uint64_t i = 0; goes_on(&reader, &map, i); i++)
        if (!read_pair(&reader, each, context, cursor))
            return false;
    return !reader.failed;
}
