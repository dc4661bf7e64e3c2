/*
 * sendmsg_remedy.h: see sendmsg_remedy.c.
 */
#ifndef PM_DAEMON_SENDMSG_REMEDY_H
#define PM_DAEMON_SENDMSG_REMEDY_H

#include <stdbool.h>

/* Whether this program replaces sendmsg(). Calling it is also what makes the linker
 * take the replacement out of its archive: the program that serves must. */
bool sendmsg_remedy_present(void);

#endif
