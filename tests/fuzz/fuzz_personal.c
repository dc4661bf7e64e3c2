/*
 * fuzz_personal.c - any bytes as a text that is looked through for personal data: nothing beyond it
 * is read, and words before and after it that are none of it change nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/personal.h"
#include "tests/lib/fuzz.h"

/* What is found in these bytes between two others, in memory of just their size, so that a
 * sanitizer sees its ends. */
static enum personal find_between(const char *before, const uint8_t *data, size_t size,
                                  const char *after)
{
    size_t front = strlen(before), back = strlen(after), length = front + size + back;
    char *text = malloc(length + (length == 0));
    must(text != NULL, "no memory");
    memcpy(text, before, front);
    if (size > 0)
        memcpy(text + front, data, size);
    memcpy(text + front + size, after, back);
    enum personal found = personal_find((struct pm_text){text, (uint32_t)length});
    free(text);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum personal alone = find_between("", data, size, "");
    must(alone < PERSONAL_SORTS, "no sort");
    must(find_between("a ", data, size, " a") == alone, "words around it change it");
    return 0;
}

/* Mostly by pieces of what is looked for. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    static const char *const pieces[] = {"9",  "999", "7654323",  "0", "01632", "960123",   "+44",
                                         " ",  "-",   "(",        ")", "RM18",  "8AB",      "e1",
                                         "jo", "@",   ".example", "_", "x",     "\xc2\xa0", "0044"};
    const char *piece = pieces[seed % (sizeof pieces / sizeof pieces[0])];
    size_t length = strlen(piece), at = size == 0 ? 0 : seed / 64 % (size + 1);
    if (seed % 5 == 0 || size + length > max)
        return LLVMFuzzerMutate(data, size, max);
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, piece, length);
    return size + length;
}
