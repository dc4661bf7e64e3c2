/*
 * notify.h: tells the service manager that started the daemon, if one did, how it is: see
 * sd_notify(3), whose protocol is one datagram.
 */
#ifndef PM_DAEMON_NOTIFY_H
#define PM_DAEMON_NOTIFY_H

/* Sends assignments, as "READY=1", to the socket that NOTIFY_SOCKET names; nothing without one.
 * Never waits, and what goes wrong is only logged. */
void notify(const char *assignments);

#endif
