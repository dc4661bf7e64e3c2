/*
 * diag.h - CBOR written as people read it, for tables of messages in tests. A subset of the
 * diagnostic notation of RFC 8949, and two things of our own:
 *
 *   12  -3  "text"  h'00ff' (bytes)  true  null  [1, 2]  {0: "a"}  32(1) (tagged)
 *   [_ 1, 2]  {_ 0: 1}   of indefinite length
 *   5*item               the item five times, in an array
 *   <1bff>               these bytes as they are, well-formed or not, counted as one item
 */
#ifndef PM_TEST_DIAG_H
#define PM_TEST_DIAG_H

#include <stddef.h>
#include <stdint.h>

/* Writes the bytes of the notation into `out`, and returns how many. Aborts on a mistake in the
 * notation or when they do not fit: it is the test that is wrong then. */
size_t diag_encode(const char *notation, uint8_t *out, size_t size);

#endif
