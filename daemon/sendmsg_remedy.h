/*
 * sendmsg_remedy.h: see sendmsg_remedy.c.
 */
#ifndef PM_DAEMON_SENDMSG_REMEDY_H
#define PM_DAEMON_SENDMSG_REMEDY_H

#include <stdbool.h>

/* Whether this program replaces sendmsg() and epoll_wait(). Calling it is also what makes the
 * linker take the replacements out of their archive: the program that serves must. */
bool sendmsg_remedy_present(void);

#endif
