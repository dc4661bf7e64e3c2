/*
 * store.h: the state on disk and in memory: opens a data directory's journal, and brings a core to
 * where it ends, from the newest snapshot and what was journalled after it. Main's thread, before
 * others start and after they have ended.
 */
#ifndef PM_DAEMON_STORE_H
#define PM_DAEMON_STORE_H

#include "core/core.h"
#include "daemon/journal.h"
#include "daemon/options.h"

#include <stdbool.h>
#include <stdint.h>

struct store {
    struct journal *journal;
    struct pm_core *core;
    struct pm_limits limits; /* as fixed when the directory was made */
    bool resident;           /* all memory of the limits is taken when it opens */
    uint64_t snapshot_last;  /* sequence of the snapshot restored, 0: none */
};

struct store_error {
    char text[512];
};

/* Opens and recovers. False with a sentence, and nothing open: directory not writable or in use,
 * damaged journal, limits other than those of the directory, not enough memory. */
bool store_open(const struct options *options, struct store *out, struct store_error *error);
void store_close(struct store *store);

/* When nobody has been there for a minute or more, journals the outage: deadlines of answers are as
 * much later. False with a sentence: the journal failed. */
bool store_note_outage(struct store *store, const char *directory, struct store_error *error);

/* Loads a market file as a journalled command, unless a market of its name is there. False with a
 * sentence that names the file: it has a mistake, the core refused it, the journal failed. */
bool store_load_market(struct store *store, const char *path, bool manual_clock,
                       struct store_error *error);

#endif
