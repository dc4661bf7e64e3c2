/*
 * intake.h: whether a request is taken: what is checked of a decoded request before it reaches the
 * core.
 */
#ifndef PM_DAEMON_INTAKE_H
#define PM_DAEMON_INTAKE_H

#include "core/wire.h"

/* PM_OK, or why the whole request is refused, with details in error: they name the place and never
 * repeat what was sent, since they may be kept where the text must not be. Any thread. */
uint16_t intake_check(const struct wire_request *request, struct wire_error *error);

#endif
