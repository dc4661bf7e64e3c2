/*
 * rules.h: by which of the core's rules (PM_RULES) a journal was written. Another program's rules
 * may answer the same commands otherwise than people were told, so it does not replay them unasked.
 * Main's thread, before others start.
 */
#ifndef PM_DAEMON_RULES_H
#define PM_DAEMON_RULES_H

#include "daemon/journal.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the journal may be replayed: it is empty, and these rules are then noted in it, or was
 * written by them, or by others and these are `accepted` for it: *others is then true. False with a
 * sentence when it may not, or the journal cannot tell. */
bool rules_check(struct journal *journal, uint32_t accepted, bool *others, char error[512]);

/* Notes that from now on the journal is one of these rules, as it was replayed by them. False with
 * a sentence: the journal failed. */
bool rules_note(struct journal *journal, char error[512]);

#endif
