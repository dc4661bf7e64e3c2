/*
 * handover.h: how the matcher and the journal thread pass the two batches to and fro.
 *
 * The matcher publishes a batch whenever it has nothing more to do, and takes it back to go on
 * filling it if the journal thread, busy with the other, has not taken it meanwhile. So a commit
 * takes everything that came during the one before, without either thread waking the other
 * needlessly. Lock-free.
 */
#ifndef PM_DAEMON_HANDOVER_H
#define PM_DAEMON_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct handover;

/* Owns the two batches, until handover_destroy(), which needs both threads to have ended. NULL when
 * memory is short (the batches are then still the caller's). */
struct handover *handover_create(struct batch *one, struct batch *other);
void handover_destroy(struct handover *handover);

/* ---- The matcher's thread ---- */

/* The batch to fill: the published one taken back, or an empty one. After a publish or at the start
 * there is always one to have, so it does not wait. */
struct batch *handover_open(struct handover *handover);

/* Offers it to the journal thread: the matcher must not touch it until handover_open() returns it.
 */
void handover_publish(struct handover *handover, struct batch *batch);

/* Publishes a full batch and returns another, empty one, waiting for it if need be. */
struct batch *handover_exchange(struct handover *handover, struct batch *full);

/* ---- The journal thread ---- */

/* The published batch, or NULL when there is none. */
struct batch *handover_take(struct handover *handover);

/* Gives back a batch that has been dealt with and reset. */
void handover_return(struct handover *handover, struct batch *batch);

/* Waits until a batch is published, something else calls, or `timeout_ns` is over (see
 * doorbell_wait). */
void handover_wait(struct handover *handover, uint64_t timeout_ns);

/* ---- Any thread ---- */

/* Ends the journal thread's wait. */
void handover_call(struct handover *handover);

#endif
