/* text.c - sentences for people, put together in memory of a fixed size. */
#include "text.h"

#include <string.h>

struct text text_over(char *bytes, size_t size)
{
    bytes[0] = '\0';
    return (struct text){.bytes = bytes, .size = size};
}

static void add(struct text *text, const char *bytes, size_t length)
{
    if (text->full || length >= text->size - text->length) {
        text->full = true;
        return;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    add(text, string, strlen(string));
}

void text_add_number(struct text *text, int64_t number)
{
    char digits[20]; /* of 2^63, and a sign */
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        digits[--at] = '-';
    add(text, digits + at, sizeof digits - at);
}
