/* scratch.h - a directory for one test, below TMPDIR. */
#ifndef PM_TEST_SCRATCH_H
#define PM_TEST_SCRATCH_H

enum { SCRATCH_PATH = 80 }; /* bytes of its path: short, since paths of sockets go below it */

/* Makes a new empty directory and puts its path into out; aborts when there can be none. */
void scratch_make(char out[SCRATCH_PATH]);
/* Removes a directory with all that is in it; 0, or -1 when something stays. */
int scratch_remove(const char *path);

#endif
