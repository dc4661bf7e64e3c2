/*
 * rounds.h: the thread that solves rounds, while the matcher serves on.
 *
 * The matcher makes the problem of the round that the core has to be solved, which is a copy; the
 * thread solves it, writes the certificate to DIRECTORY/rounds/<id>.cbor, and rings; the matcher
 * takes what was found piece by piece and applies it. What is not applied when the daemon stops is
 * solved anew after the start.
 *
 * A round that is tried is made, solved and answered in the same way, after those that are open,
 * and nothing is done with it: its request is parked here meanwhile.
 */
#ifndef PM_DAEMON_ROUNDS_H
#define PM_DAEMON_ROUNDS_H

#include "core/core.h"
#include "core/round_problem.h"
#include "daemon/doorbell.h"
#include "daemon/request.h"

enum { ROUNDS_PARKED_MAX = 4 }; /* tried at once: each holds its problem */

struct rounds;

/* Starts the thread, which solves for at most so many milliseconds a round. The directory, and the
 * bell, which is the matcher's, must outlive it. NULL when it cannot. */
struct rounds *rounds_start(const char *directory, struct doorbell *bell, uint32_t limit_ms);
/* Ends the solving under way. The matcher must have ended. NULL is allowed. */
void rounds_stop(struct rounds *rounds);

/* ---- The matcher's thread ---- */

/* Begins with the rounds that are to be solved now, if there are any and the thread is free. */
void rounds_begin(struct rounds *rounds, const struct pm_core *core);
/* The next round.apply of what was found, and its market; false: there is none yet. They live until
 * the next call. */
bool rounds_next(struct rounds *rounds, struct pm_command *out, struct pm_text *market);

/* Parks the request until its round has been tried: one that the core finds PM_OK, as it is now.
 * False when too many are parked. */
bool rounds_try(struct rounds *rounds, const struct pm_core *core,
                const struct round_source *source, struct request *request);
/* The request of a round that has been tried, its result (PM_BUSY: memory was short) into the
 * writer, and the sequence of the state it was tried on; NULL: there is none yet. */
struct request *rounds_tried(struct rounds *rounds, struct wire_writer *out, uint64_t *sequence);
/* The request that is parked longest, which is so no longer, unanswered; NULL: there is none. For
 * the end: no round may begin any more. */
struct request *rounds_leave(struct rounds *rounds);

/* Adds to the answer of a round.show, which is written, how far its solving is. */
void rounds_put_progress(const struct rounds *rounds, uint64_t round, struct wire_writer *out);
/* Answers round.certificate: bytes of the file from an offset on. PM_UNKNOWN_ROUND: there is no
 * such file. */
uint16_t rounds_certificate(const struct rounds *rounds, const struct pm_round_query *asked,
                            struct wire_writer *out);

#endif
