/*
 * small_market.h - a small good market on disk, for the tests of market files: what it says is in
 * small_market.c, each line with its number. Tests change it in one place and look at what is read
 * of it, or at the sentence that says why not.
 */
#ifndef PM_TEST_SMALL_MARKET_H
#define PM_TEST_SMALL_MARKET_H

#include <stddef.h>

#include "placemat.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { YAML, PROVIDERS, LOCATIONS, POOLS, SERVICES, FILES };

extern const char *const small_names[FILES];
extern const char *const small[FILES]; /* their text */

/* A directory for one test. Setup and teardown of cmocka: the state becomes the scratch. */
struct scratch {
    char directory[64];
    char path[128]; /* of the market file */
};
int scratch_open(void **state);
int scratch_close(void **state);
void path_of(const struct scratch *scratch, int file, char out[128]);

void write_file(const struct scratch *scratch, int file, const char *bytes, size_t size);
void write_small(const struct scratch *scratch);
/* The small market with `old` of one file, its first occurrence, replaced by `new`. */
void write_changed(const struct scratch *scratch, int file, const char *old, const char *new);

/* Reads a market, and fails the test when it is not good. The caller frees it. */
struct pm_market_file *expect_read(const char *path);
/* Fails the test unless what was written is refused with just this sentence. */
void expect_sentence(const struct scratch *scratch, const char *sentence);
void expect_written(struct pm_text text, const char *expected);

struct mistake {
    int file;
    const char *old, *new; /* one change to the small market */
    const char *sentence;
};
/* Each by itself. */
void expect_mistakes(const struct scratch *scratch, const struct mistake *mistakes, size_t count);

#endif
