/*
 * certificate_file.h: the file that proves what a round reached: DIRECTORY/rounds/<id>.cbor, a
 * certificate as placemat.cddl has it.
 */
#ifndef PM_DAEMON_CERTIFICATE_FILE_H
#define PM_DAEMON_CERTIFICATE_FILE_H

#include "core/wire_problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes it beside its place, neither synced nor under its name yet; and its BLAKE2b-256. The file,
 * for certificate_keep(); -1, which is logged, when that fails: then there is no hash either. */
int certificate_write(const char *directory, uint64_t round,
                      const struct wire_certificate *certificate, uint64_t hash[4]);
/* Syncs what was written, closes it, and gives it its name; then certificates_sync() makes the
 * names of all that were kept durable. False, which is logged, when that fails. */
bool certificate_keep(const char *directory, uint64_t round, int file);
bool certificates_sync(const char *directory);

/* Reads at most `size` bytes from an offset on. How many; -1 when there is no such file. *whole:
 * the file's size. */
long certificate_read(const char *directory, uint64_t round, uint64_t offset, void *bytes,
                      size_t size, uint64_t *whole);

/* Deletes those last written before a time, in seconds since 1970, but for the rounds of these ids,
 * which it sorts. */
void certificate_prune(const char *directory, uint64_t *kept, uint32_t count, int64_t before);

#endif
