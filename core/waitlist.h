/*
 * waitlist.h - packages that wait, and what wakes them.
 *
 * When something that could serve them changes, the waitlists it can reach are put on the agenda. `continue`
 * then goes round each, the most urgent first, a bounded number of packages at a time.
 */
#ifndef PM_WAITLIST_H
#define PM_WAITLIST_H

#include "state.h"

void waitlist_add(struct pm_core *core, uint32_t package);
void waitlist_remove(struct pm_core *core, uint32_t package);

/* A service may now serve what it could not: stirs every waitlist whose packages may come to it. */
void waitlist_stir_for(struct pm_core *core, uint32_t service);
/* A waitlist's packages may find more than before. */
void waitlist_stir(struct pm_core *core, uint32_t waitlist);

/* Is anything on the agenda? */
static inline bool agenda_is_empty(const struct pm_core *core)
{
    return core->header.agenda_first == 0;
}
/* Tries one package of the agenda, or ends one waitlist's round. The agenda must not be empty. */
void agenda_step(struct pm_core *core);

#endif
