/*
 * replay.h: brings a core to where its journal ends. One thread reads, verifies and decodes while
 * the caller's applies what was decoded before.
 */
#ifndef PM_DAEMON_REPLAY_H
#define PM_DAEMON_REPLAY_H

#include "core/core.h"
#include "daemon/journal.h"

#include <stdbool.h>
#include <stdint.h>

struct replay_error {
    char text[400];
};

/* Applies to the core, which is the caller's, all entries of the journal after the core's sequence.
 * Logs how far it is when that takes long. `applied` is set to how many there were. False with a
 * sentence; the core is then somewhere before the journal's end. */
bool replay(struct journal *journal, struct pm_core *core, uint64_t *applied,
            struct replay_error *error);

#endif
