/*
 * journal_entries.h: a journal command by command, for whoever reads it and does not apply it. Any
 * thread.
 */
#ifndef PM_DAEMON_JOURNAL_ENTRIES_H
#define PM_DAEMON_JOURNAL_ENTRIES_H

#include "core/core.h"
#include "daemon/journal.h"

/* Called for each entry, with its bytes, which are valid during the call. False: no more. */
typedef bool journal_each_entry(void *context, const struct pm_entry *entry, const uint8_t *bytes,
                                size_t size);

/* Calls for the entries whose sequences are from `from` to `to`, in order; verifies the chain of
 * the batches that they are in, and that each entry decodes and follows the one before it.
 * `context` is passed on. Returns 0 at the end, 1 when the call wanted no more, or -1 with err
 * filled, naming the batch. */
int journal_entries(struct journal *journal, uint64_t from, uint64_t to, journal_each_entry *each,
                    void *context, struct journal_error *err);

#endif
