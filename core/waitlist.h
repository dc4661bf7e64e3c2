/*
 * waitlist.h - packages that wait, and what wakes them.
 *
 * A package waits because no service could take it. When a service may have become able to (its
 * capacity grew, a rate took effect, it came back from suspension) it is put on the agenda, and
 * `continue` holds it against those who wait where it may come, the most urgent first, a bounded
 * number at a time. So, with the agenda empty, nobody waits whom some service could take.
 */
#ifndef PM_WAITLIST_H
#define PM_WAITLIST_H

#include "state.h"

void waitlist_add(struct pm_core *core, uint32_t package);
void waitlist_remove(struct pm_core *core, uint32_t package);

/* A service may now take what it could not: puts it on the agenda if anybody waits where it may
 * come. */
void agenda_add(struct pm_core *core, uint32_t service);
/* Somebody changed places among those who wait: the round that is under way may have passed over
 * them, and is done once more. */
void agenda_again(struct pm_core *core);
static inline bool agenda_is_empty(const struct pm_core *core)
{
    return core->header.agenda_first == 0;
}
/* Goes on with the agenda until one package is served, one service's round is over, or a bounded
 * number of packages has been looked at. The agenda must not be empty. */
void agenda_step(struct pm_core *core);

#endif
