/*
 * round.h - packages gathered at a step until a round matches them. A market's gathered packages
 * stand in four lists, by how urgent they are.
 */
#ifndef PM_ROUND_H
#define PM_ROUND_H

#include "state.h"

/* The package stays at its step until a round. */
void round_gather(struct pm_core *core, uint32_t package);
/* It stands among the gathered, by how urgent it is now; and no longer. */
void round_stand(struct pm_core *core, uint32_t package);
void round_leave(struct pm_core *core, uint32_t package);

/* Matches, by and by, what is gathered now. */
struct pm_result round_open(struct pm_core *core, uint32_t market, const struct pm_round *round);
/* Matches one that was gathered before this sequence, if it is of the kind (1 + its position; 0:
 * any). False when it is not meant. */
bool round_match(struct pm_core *core, uint32_t package, uint8_t kind, uint64_t sequence);

#endif
