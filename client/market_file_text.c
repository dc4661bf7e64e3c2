/*
 * market_file_text.c - text as such: is it UTF-8, cutting lists, and what a misspelt word may have
 * meant.
 */
#include "market_file.h"

#include <string.h>

/* Bytes of the UTF-8 character at the front, 0 when malformed (overlong and surrogates included).
 */
static size_t utf8_length(const unsigned char *bytes, size_t size)
{
    if (bytes[0] < 0x80)
        return 1;
    size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f))
        return 0;
    if ((bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return length;
}

bool mf_check_text(struct reader *reader, const char *file, const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    struct field here = {.file = file, .line = 1};
    for (size_t i = 0; i < size;) {
        size_t length = utf8_length(at + i, size - i);
        if (length == 0)
            return mf_mistake(reader, &here, "not UTF-8: save the file as UTF-8");
        bool line_end = at[i] == '\n' || (at[i] == '\r' && i + 1 < size && at[i + 1] == '\n');
        bool control = at[i] < 0x20 || at[i] == 0x7f || (at[i] == 0xc2 && at[i + 1] < 0xa0);
        if (control && !line_end && at[i] != '\t')
            return mf_mistake(reader, &here, "a control character (0x%02x)", at[i + length - 1]);
        here.line += at[i] == '\n';
        i += length;
    }
    return true;
}

struct pm_text mf_trimmed(struct pm_text text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 &&
           (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

bool mf_next_item(struct pm_text *rest, struct pm_text *item)
{
    if (rest->length == 0)
        return false;
    const char *end = memchr(rest->bytes, ';', rest->length);
    uint32_t length = end != NULL ? (uint32_t)(end - rest->bytes) : rest->length;
    *item = mf_trimmed((struct pm_text){.bytes = rest->bytes, .length = length});
    uint32_t used = end != NULL ? length + 1 : length;
    rest->bytes += used;
    rest->length -= used;
    return true;
}

/* Edits (insert, drop, change, swap neighbours) from a to b, both at most 31 bytes. */
static size_t edits(struct pm_text a, struct pm_text b)
{
    size_t row[3][PM_NAME_MAX + 1];
    for (size_t j = 0; j <= b.length; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        size_t *now = row[i % 3];
        const size_t *last = row[(i + 2) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t best = last[j - 1] + (a.bytes[i - 1] != b.bytes[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] &&
                           a.bytes[i - 2] == b.bytes[j - 1];
            if (swapped && row[(i + 1) % 3][j - 2] + 1 < best)
                best = row[(i + 1) % 3][j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.length % 3][b.length];
}

void mf_suggest(struct suggestion *suggestion, struct pm_text text, struct pm_text candidate)
{
    static const char before[] = ", did you mean \"";
    if (text.length == 0 || text.length > PM_NAME_MAX || candidate.length > PM_NAME_MAX)
        return;
    size_t distance = edits(text, candidate);
    size_t limit = text.length < 6 ? 2 : 3;
    bool better = suggestion->distance == 0 || distance < suggestion->distance;
    if (distance == 0 || distance > limit || distance >= candidate.length || !better)
        return;
    suggestion->distance = distance;
    char *at = suggestion->text;
    memcpy(at, before, sizeof before - 1);
    at += sizeof before - 1;
    memcpy(at, candidate.bytes, candidate.length);
    at += candidate.length;
    memcpy(at, "\"?", sizeof "\"?");
}
