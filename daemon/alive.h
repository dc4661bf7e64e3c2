/*
 * alive.h: the file `alive` of a data directory, which says when a daemon was last there. After a
 * stop of whatever kind the next one learns from it for how long nobody could answer.
 */
#ifndef PM_DAEMON_ALIVE_H
#define PM_DAEMON_ALIVE_H

#include <stdint.h>

enum { ALIVE_EVERY_S = 5 }; /* how often it is written */

/* Writes it. What goes wrong is let be: the time will be taken from the journal, and be earlier. */
void alive_write(const char *directory, int64_t ms);
/* When a daemon was last there, milliseconds since 1970; 0: it is not known. */
int64_t alive_read(const char *directory);

#endif
