/*
 * once.h - what clients were told, so that a command sent again is answered again and not done
 * again.
 *
 * Remembered for each actor (role and name) and client id: the last CLIENT_RING numbers. When the
 * table is full the client used least recently, or nearly, is forgotten: of the actor's own if
 * those are its share already, else of all. So who takes a client id for each command soon makes
 * nobody else forgotten.
 */
#ifndef PM_ONCE_H
#define PM_ONCE_H

#include "state.h"

/* The client an entry comes from, 0 when nothing of it is remembered. */
uint32_t once_client(const struct pm_core *core, const struct pm_entry *entry);

/*
 * Was this number of the client seen? True gives what to answer instead of applying the entry: what
 * was answered then, or PM_NUMBER_REUSED when the number came with another command, or PM_TOO_OLD
 * when a later number has taken its place. Changes nothing. Number 0 is never remembered, nor an
 * actor whose name is longer than names are.
 */
bool once_recall(const struct pm_core *core, uint32_t client, const struct pm_entry *entry,
                 struct pm_result *out);

/* Keeps what an entry is answered, which once_recall() did not know, and makes its client the
 * newest. */
void once_remember(struct pm_core *core, uint32_t client, const struct pm_entry *entry,
                   struct pm_result result);

/* The hashes by which MAP_CLIENTS finds a client, and MAP_ACTORS an actor. */
uint64_t once_hash(const struct pm_core *core, const struct client *client);
uint64_t once_actor_hash(const struct actor *actor);

#endif
