/*
 * round_file.c - a round's problem or certificate read from a file.
 */
#include "client/round_file.h"

#include <stdlib.h>

enum { FIRST = 1 << 16, FILE_MAX = 1 << 30 };

static bool refuse(struct wire_error *error, const char *why)
{
    (void)snprintf(error->text, sizeof error->text, "%s", why);
    return false;
}

/* All bytes of a file, to be freed even when that fails. */
static bool read_bytes(FILE *file, uint8_t **bytes, size_t *size, struct wire_error *error)
{
    size_t room = 0;
    *bytes = NULL;
    *size = 0;
    do {
        room = room > 0 ? 2 * room : FIRST;
        uint8_t *more = room <= FILE_MAX ? realloc(*bytes, room) : NULL;
        if (more == NULL)
            return refuse(error, "the file is too large");
        *bytes = more;
        *size += fread(*bytes + *size, 1, room - *size, file);
    } while (*size == room);
    return !ferror(file) || refuse(error, "the file cannot be read");
}

static bool decode(struct round_file *file, size_t size, struct wire_error *error)
{
    bool certificate = file->document == WIRE_CERTIFICATE;
    size_t memory = certificate ? wire_certificate_memory(file->bytes, size, error)
                                : wire_problem_memory(file->bytes, size, error);
    if (memory == 0)
        return false;
    struct wire_arena arena = {.bytes = malloc(memory), .size = memory};
    file->arena = arena.bytes;
    if (arena.bytes == NULL)
        return refuse(error, "there is no memory for so much");
    return certificate
               ? wire_certificate_decode(file->bytes, size, &arena, &file->certificate, error)
               : wire_problem_decode(file->bytes, size, &arena, &file->certificate.problem, error);
}

bool round_file_read(FILE *file, struct round_file *out, struct wire_error *error)
{
    size_t size;
    *out = (struct round_file){0};
    bool done = read_bytes(file, &out->bytes, &size, error);
    if (done) {
        out->document = wire_document(out->bytes, size);
        done = out->document != WIRE_NO_DOCUMENT ? decode(out, size, error)
                                                 : refuse(error, "it is no document of a round");
    }
    if (!done)
        round_file_free(out);
    return done;
}

void round_file_free(struct round_file *file)
{
    free(file->bytes);
    free(file->arena);
    *file = (struct round_file){0};
}
