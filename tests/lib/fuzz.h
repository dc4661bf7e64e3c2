/*
 * fuzz.h - what fuzz targets share. A target is written for libFuzzer: it defines the first of
 * these functions, and may define the second; the engine, or tests/fuzz/driver.c, has the third.
 */
#ifndef PM_TEST_FUZZ_H
#define PM_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* Ends the process where something is not as it must be. */
static inline void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

#endif
