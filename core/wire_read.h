/*
 * wire_read.h - the items of which nearly all messages consist, read in line: numbers, texts of
 * ASCII, arrays of a stated length. Each of these functions reads an item if it is just that, and
 * otherwise reads nothing and returns false: wire_next() then reads what it is, or says what is
 * wrong with it. Of a reader that has not failed.
 */
#ifndef PM_WIRE_READ_H
#define PM_WIRE_READ_H

#include <string.h>

#include "core/wire.h"

/* The kinds of items, as in the three highest bits of their first byte. */
enum wire_major { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP };
/* In the other five: a number below LOW_BYTES, or that 1, 2, 4 or 8 bytes of it follow. */
enum { MAJOR_SHIFT = 5, LOW_BYTES = 24, LOW_LAST = 27 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are turned round for the wire");

/* The number of so many bytes here, of `left` that there are. */
static inline uint64_t wire_number_at(const uint8_t *at, size_t size, size_t left)
{
    uint64_t value = 0;
    if (left >= sizeof value) { /* nearly always: what is beyond is shifted out */
        memcpy(&value, at, sizeof value);
        return __builtin_bswap64(value) >> (64 - 8 * size);
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

/* Looks at the head of an item of that kind, with its number: how many bytes it has. 0 when the
 * item is of another kind or cut off. */
static inline size_t wire_look_at_head(const struct wire_reader *reader, enum wire_major major,
                                       uint64_t *value)
{
    size_t left = reader->size - reader->at;
    if (left == 0)
        return 0;
    const uint8_t *at = reader->bytes + reader->at;
    unsigned low = *at - ((unsigned)major << MAJOR_SHIFT); /* of another kind it is far above */
    *value = low;
    if (low < LOW_BYTES)
        return 1;
    size_t size = (size_t)1 << (low & 3);
    if (low > LOW_LAST || size >= left)
        return 0;
    *value = wire_number_at(at + 1, size, left - 1);
    return 1 + size;
}

/* Nearly all text is, and so need not be looked at by the character. */
static inline bool wire_is_ascii(const uint8_t *at, size_t size)
{
    uint64_t eight, all = 0;
    if (size < sizeof eight) {
        for (size_t i = 0; i < size; i++)
            all |= at[i];
        return all < 0x80;
    }
    for (size_t i = 0; i + sizeof eight < size; i += sizeof eight) {
        memcpy(&eight, at + i, sizeof eight);
        all |= eight;
    }
    memcpy(&eight, at + size - sizeof eight, sizeof eight);
    return ((all | eight) & UINT64_C(0x8080808080808080)) == 0;
}

/* A number of 0 to `most`. */
static inline bool wire_read_uint(struct wire_reader *reader, uint64_t most, uint64_t *out)
{
    size_t head = wire_look_at_head(reader, MAJOR_UINT, out);
    if (head == 0 || *out > most)
        return false;
    reader->at += head;
    return true;
}

/* A text of ASCII, of so many bytes at most. */
static inline bool wire_read_text(struct wire_reader *reader, uint32_t most, struct pm_text *out)
{
    uint64_t size;
    size_t head = wire_look_at_head(reader, MAJOR_TEXT, &size);
    const uint8_t *at = reader->bytes + reader->at + head;
    if (head == 0 || size > most || size > reader->size - reader->at - head ||
        !wire_is_ascii(at, size))
        return false;
    *out = (struct pm_text){.bytes = (const char *)at, .length = (uint32_t)size};
    reader->at += head + size;
    return true;
}

/* The head of an array or map that says how many items or pairs it has, and may be right. */
static inline bool wire_read_count(struct wire_reader *reader, enum wire_major major, uint64_t *out)
{
    size_t head = wire_look_at_head(reader, major, out);
    size_t left = reader->size - reader->at - head;
    if (head == 0 || *out > (major == MAJOR_MAP ? left / 2 : left))
        return false;
    reader->at += head;
    return true;
}

#endif
