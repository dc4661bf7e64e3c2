/*
 * look.h - looking into a CBOR body of the protocol by path: names of keys and positions from 0, as
 * in "services/0/rank". "" is the body itself. A cmocka failure, naming the path, when what is
 * asked for is not there or is something else.
 */
#ifndef PM_TEST_LOOK_H
#define PM_TEST_LOOK_H

#include "placemat.h"

struct look {
    const uint8_t *bytes;
    size_t size;
};

bool look_has(struct look look, const char *path);
int64_t look_number(struct look look, const char *path);
bool look_bool(struct look look, const char *path);
/* NUL-terminated; valid until the fourth look_text() after. */
const char *look_text(struct look look, const char *path);
/* Items of an array, or pairs of a map. */
size_t look_count(struct look look, const char *path);
/* Is the whole one well-formed item, with nothing after it? */
bool look_is_whole(struct look look);

#endif
