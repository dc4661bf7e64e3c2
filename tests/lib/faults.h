/*
 * faults.h - makes the n-th operation on files fail, in a program that is linked with it: opening,
 * making, writing, syncing and renaming, of the program's own and of the libraries it uses.
 * SQLite's in memory-mapped files and reads go on as before.
 */
#ifndef PM_TEST_FAULTS_H
#define PM_TEST_FAULTS_H

#include <stdbool.h>

/* From now on operations are counted, and the n-th (from 1) fails with this errno; with `for_good`
 * all after it as well, as on a disk that is full or gone. A write that fails for want of room
 * writes half before. 0: none fails. */
void faults_arm(unsigned n, int error, bool for_good);

/* No more. How many there were. */
unsigned faults_disarm(void);

#endif
