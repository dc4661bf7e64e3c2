/* text.h - sentences for people, put together in memory of a fixed size, from strings and whole
 * numbers. */
#ifndef PM_TEXT_H
#define PM_TEXT_H

#include "placemat.h"

/* Always NUL-terminated. What does not fit as a whole is left out, and all that follows it, so that
 * no character is ever cut in two. */
struct text {
    char *bytes;
    size_t size, length; /* length without the NUL */
    bool full;           /* something was left out */
};

/* An empty text over `size` bytes of the caller's, at least 1. */
struct text text_over(char *bytes, size_t size);
void text_add(struct text *text, const char *string);
void text_add_number(struct text *text, int64_t number);

#endif
