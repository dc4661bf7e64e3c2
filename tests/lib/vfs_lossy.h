/*
 * A SQLite file system in memory that can lose power: whatever was not synced is thrown away, or
 * some of it. Everything about it is deterministic, so an operation number and a seed replay a
 * failure.
 *
 * Its model of a disk:
 *
 * - A write reaches the disk for certain only by a sync of its file, after it.
 * - In a crash each unsynced sector of 512 bytes is, by the seed, there, not there, or torn (its
 *   beginning there, the rest not), in no order; a file grown without a sync has any length between
 *   and zeros where data did not arrive. Bytes outside of what was written do not change.
 * - Names made or removed last from the next sync of the directory. As in SQLite's unix VFS that is
 *   part of the first sync of a new rollback journal or log, and of a removal that asks for it.
 * (The journal's own sync of its directory, outside of SQLite, is not seen here: the model is
 * stricter.)
 * - After a sync that failed the kernel takes the unsynced sectors for clean: they read well, but
 * no later sync writes them, until they are written again.
 *
 * Shared memory and locks work between connections of this process, and end with a crash. One
 * thread uses it at a time.
 */
#ifndef PLACEMAT_TESTS_LIB_VFS_LOSSY_H
#define PLACEMAT_TESTS_LIB_VFS_LOSSY_H

#include <stdint.h>

#define VFS_LOSSY_NAME "lossy"

enum vfs_lossy_fault {
    VFS_LOSSY_NONE,
    VFS_LOSSY_CRASH,    /* the machine stops: this operation and all later ones fail, undone */
    VFS_LOSSY_IO_ERROR, /* this operation fails; later ones succeed */
    VFS_LOSSY_BROKEN,   /* this operation and all later ones fail */
    VFS_LOSSY_FULL,     /* from this operation on, no file can grow */
};

/* Registers the file system with SQLite, once, and empties the disk. */
void vfs_lossy_start(void);

/* Frees everything. No file may be open, here and below. */
void vfs_lossy_stop(void);

/* Operations since start, crash or arming: reads, writes, truncations, syncs, removals, and opens
 * that make a file. */
uint64_t vfs_lossy_operations(void);

/* Counts operations from 0 again; the fault comes at number `at`, from 1. NONE disarms. */
void vfs_lossy_arm(enum vfs_lossy_fault fault, uint64_t at);

/* Makes of every file what the disk may hold after a power cut, and disarms. Seed 0 keeps nothing
 * that was not synced; of the others, some keep everything (a process killed, the machine alive).
 */
void vfs_lossy_crash(uint64_t seed);

#endif
