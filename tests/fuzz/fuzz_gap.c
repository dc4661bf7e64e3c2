/*
 * fuzz_gap.c: any bytes as a generalised assignment instance. What is read is a problem without
 * flaw, and what is refused says why.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bench/gap_file.c" /* NOLINT: the benchmarks are in no library */
#include "tests/lib/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gap_file gap;
    char why[GAP_WHY] = "", *copy = malloc(size + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    FILE *file = fmemopen(copy, size + (size == 0), "r");
    if (file == NULL)
        abort();
    if (gap_file_read(file, &gap, why)) {
        if (solver_flaw(&gap.problem) != NULL || gap.agents == 0 || gap.jobs == 0)
            abort();
        gap_file_free(&gap);
    } else if (strlen(why) < strlen("line 1: x") || gap.item != NULL || gap.pool != NULL) {
        abort();
    }
    (void)fclose(file);
    free(copy);
    return 0;
}
