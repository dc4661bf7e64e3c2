/* look.c - looking into a CBOR body by path. */
#include "look.h"

#include "core/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Is there another item of this container? Passes over the break of an open one. */
static bool more(struct wire_reader *reader, const struct wire_item *container, uint64_t *left)
{
    struct wire_reader ahead = *reader;
    struct wire_item item;
    if (!container->open)
        return (*left)-- > 0;
    if (!wire_next(&ahead, &item) || item.type != WIRE_BREAK)
        return !ahead.failed;
    *reader = ahead;
    return false;
}

static bool key_is(const struct wire_item *key, const char *segment, size_t length)
{
    const char *name = key->type == WIRE_UINT ? wire_key_name(key->value) : NULL;
    return name != NULL && strlen(name) == length && memcmp(name, segment, length) == 0;
}

/* Moves from the start of a container to one of its values. */
static bool enter(struct wire_reader *reader, const char *segment, size_t length)
{
    struct wire_item container, key;
    if (!wire_next(reader, &container) ||
        (container.type != WIRE_MAP && container.type != WIRE_ARRAY))
        return false;
    uint64_t wanted = strtoull(segment, NULL, 10), at = 0;
    for (uint64_t left = container.value; more(reader, &container, &left); at++) {
        if (container.type == WIRE_MAP && !wire_next(reader, &key))
            return false;
        if (container.type == WIRE_MAP ? key_is(&key, segment, length) : at == wanted)
            return true;
        if (!wire_skip(reader))
            return false;
    }
    return false;
}

static bool go(struct look look, const char *path, struct wire_reader *out)
{
    *out = (struct wire_reader){.bytes = look.bytes, .size = look.size};
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        if (!enter(out, path, length))
            return false;
        path += length + (path[length] == '/');
    }
    return true;
}

bool look_has(struct look look, const char *path)
{
    struct wire_reader reader;
    return go(look, path, &reader);
}

static struct wire_item item_at(struct look look, const char *path, struct wire_reader *reader)
{
    struct wire_item item = {.type = WIRE_OTHER};
    if (!go(look, path, reader) || !wire_next(reader, &item))
        fail_msg("nothing at \"%s\"", path);
    return item;
}

int64_t look_number(struct look look, const char *path)
{
    struct wire_reader reader;
    struct wire_item item = item_at(look, path, &reader);
    if (item.type != WIRE_UINT && item.type != WIRE_NEGATIVE)
        fail_msg("no number at \"%s\"", path);
    return item.type == WIRE_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
}

bool look_bool(struct look look, const char *path)
{
    struct wire_reader reader;
    struct wire_item item = item_at(look, path, &reader);
    if (item.type != WIRE_BOOL)
        fail_msg("no truth value at \"%s\"", path);
    return item.value != 0;
}

const char *look_text(struct look look, const char *path)
{
    static char texts[4][2048];
    static unsigned next;
    struct wire_reader reader;
    struct wire_item item = item_at(look, path, &reader);
    char *text = texts[next++ % 4];
    if (item.type != WIRE_TEXT || item.text.length >= sizeof texts[0])
        fail_msg("no text at \"%s\"", path);
    if (item.text.length > 0)
        memcpy(text, item.text.bytes, item.text.length);
    text[item.text.length] = '\0';
    return text;
}

size_t look_count(struct look look, const char *path)
{
    struct wire_reader reader;
    struct wire_item container = item_at(look, path, &reader);
    size_t count = 0;
    if (container.type != WIRE_ARRAY && container.type != WIRE_MAP)
        fail_msg("no array or map at \"%s\"", path);
    for (uint64_t left = container.value; more(&reader, &container, &left); count++)
        if ((container.type == WIRE_MAP && !wire_skip(&reader)) || !wire_skip(&reader))
            fail_msg("malformed at \"%s\"", path);
    return count;
}

bool look_is_whole(struct look look)
{
    struct wire_reader reader = {.bytes = look.bytes, .size = look.size};
    return wire_skip(&reader) && reader.at == reader.size;
}
