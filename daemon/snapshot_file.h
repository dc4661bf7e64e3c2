/*
 * Snapshot files: the state at a sequence number, in one file each, beside the journal.
 *
 * DIRECTORY/snapshot-<sequence, 20 digits>.pms. A snapshot that has its name is whole and synced;
 * the newest two are kept. Its bytes are opaque here. Format: see snapshot_file.c.
 *
 * Any thread, one at a time for a directory; the journal's lock keeps other processes out of it,
 * but a child that a daemon killed meanwhile has left may still be writing: what it began is not
 * ours.
 */
#ifndef PLACEMAT_DAEMON_SNAPSHOT_FILE_H
#define PLACEMAT_DAEMON_SNAPSHOT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "journal.h"

/* One snapshot being written. */
struct snapshot_file;

/* Begins the snapshot of the state after command number `sequence`. Returns 0 and *out, for exactly
 * one commit or abandon; or -1 with err filled and *out NULL. */
int snapshot_file_begin(const char *directory, uint64_t sequence, struct snapshot_file **out,
                        struct journal_error *err);

/* Adds bytes, in pieces of any size. Returns 0; or -1 with err filled, then abandon it. */
int snapshot_file_write(struct snapshot_file *file, const void *bytes, size_t size,
                        struct journal_error *err);

/* Writes the end and syncs. Returns 0; or -1 with err filled, then abandon it. */
int snapshot_file_finish(struct snapshot_file *file, struct journal_error *err);

/* Gives a finished file its name, and removes all but it and the newest before it. Frees `file` in
 * any case. Returns 0 when it will be there after a power cut; or -1 with err filled. */
int snapshot_file_publish(struct snapshot_file *file, struct journal_error *err);

/* In a process forked to write it: closes all that it has inherited but this file. */
void snapshot_file_keep_alone(struct snapshot_file *file);

/* Bytes in the file so far, whoever wrote them; 0 when that cannot be told. */
uint64_t snapshot_file_size(const struct snapshot_file *file);

/* Gives up and frees. NULL is allowed. */
void snapshot_file_abandon(struct snapshot_file *file);

/* A loaded snapshot; zero it before the first use. */
struct snapshot_image {
    uint64_t sequence;
    const uint8_t *bytes; /* read only, valid until release; aligned to 16 bytes */
    size_t size;
    void *map; /* private */
    size_t map_size;
};

/* A sentence about a snapshot that had to be passed over; valid during the call. */
typedef void snapshot_warn(void *ctx, const char *sentence);

/* Loads, from the directory, the newest valid snapshot of a sequence <= `limit`, the journal's
 * last. Each newer one that is damaged, or lies beyond the limit (the journal has lost its end), is
 * passed over with a call of warn, which may be NULL. Returns 1 and *image, to be released; 0 when
 * there is none; -1 with err filled when the directory cannot be read. Removes what a crash has
 * left unfinished. */
int snapshot_file_load(const char *directory, uint64_t limit, snapshot_warn *warn, void *ctx,
                       struct snapshot_image *image, struct journal_error *err);

/* Frees what load gave and zeroes it. A zeroed image is allowed. */
void snapshot_file_release(struct snapshot_image *image);

#endif
