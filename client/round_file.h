/*
 * round_file.h - a round's problem or certificate read from a file.
 */
#ifndef PM_ROUND_FILE_H
#define PM_ROUND_FILE_H

#include <stdio.h>

#include "core/wire_problem.h"

/* What a file holds, decoded; it owns the memory that the rest points to. */
struct round_file {
    enum wire_document document;         /* which of the two it is */
    struct wire_certificate certificate; /* of a problem, only `problem` */
    uint8_t *bytes, *arena;
};

/* Reads all of a file. False when it is neither document, or cannot be read, or memory fails: the
 * error says why, and there is nothing to free. Takes memory in proportion to the file. */
bool round_file_read(FILE *file, struct round_file *out, struct wire_error *error);

/* Gives back what it owns. */
void round_file_free(struct round_file *file);

#endif
