/* find.h - records by name, within a market. Slots; 0 when there is none. */
#ifndef PM_FIND_H
#define PM_FIND_H

#include <string.h>

#include "fetch.h"
#include "names.h"
#include "state.h"

/* 1 to 31 bytes (a token: to 63), printable, no space at either end. */
bool name_is_good(struct pm_text text);
bool token_is_good(struct pm_text text);
void name_set(struct pm_name *name, struct pm_text text); /* text is good, or empty */
/* What is too long is cut, at a character. */
void title_set(struct pm_title *title, struct pm_text text);

static inline uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}
static inline uint32_t half_word_at(const char *bytes)
{
    uint32_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

/* Are that many bytes, at most 31, the same? Compared by overlapping words: names are compared so
 * often that a call would be the most of it. */
static inline bool short_equal(const char *a, const char *b, uint32_t n)
{
    if (n >= 16)
        return ((word_at(a) ^ word_at(b)) | (word_at(a + 8) ^ word_at(b + 8)) |
                (word_at(a + n - 16) ^ word_at(b + n - 16)) |
                (word_at(a + n - 8) ^ word_at(b + n - 8))) == 0;
    if (n >= 8)
        return ((word_at(a) ^ word_at(b)) | (word_at(a + n - 8) ^ word_at(b + n - 8))) == 0;
    if (n >= 4)
        return ((half_word_at(a) ^ half_word_at(b)) |
                (half_word_at(a + n - 4) ^ half_word_at(b + n - 4))) == 0;
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

static inline bool name_is(const struct pm_name *name, struct pm_text text)
{
    return text.length <= PM_NAME_MAX && name->text[text.length] == '\0' &&
           short_equal(name->text, text.bytes, text.length);
}

uint32_t find_market(const struct pm_core *core, struct pm_text name);
uint32_t find_provider(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_location(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_pool(const struct pm_core *core, uint32_t market, struct pm_text name);
uint32_t find_service(const struct pm_core *core, uint32_t market, struct pm_text name);

/* A package by reference and referrer. For a hospital the referrer is always itself; for others an
 * empty referrer is whichever has that reference, when only one does. */
struct found_package {
    uint16_t status; /* PM_OK, PM_UNKNOWN_PACKAGE, PM_AMBIGUOUS_REFERENCE */
    uint32_t package;
};
struct found_package find_package(const struct pm_core *core, uint32_t market,
                                  struct pm_text reference, struct pm_text referrer,
                                  struct pm_actor actor);

/* Positions in the market's rules; -1 when there is none of that name. */
int find_kind(const struct pm_market *rules, struct pm_text name);
int find_locality(const struct pm_market *rules, struct pm_text name);
int find_capability(const struct pm_market *rules, struct pm_text name);
int find_lot(const struct pm_market *rules, struct pm_text name);
/* By longest prefix: unit, sector, district. */
int find_postcode(const struct pm_market *rules, uint64_t code);

#endif
