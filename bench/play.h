/*
 * play.h: commands for a core of its own, the same each time they are played.
 *
 * The mix, of twenty commands: 4 posts, 4 accepts, 5 declines, 4 ends of the oldest placement, 3
 * statements of capacity, at a steady number of live packages. It is first played once, to learn
 * which offers each command will be about; then as often as wanted to a new, equal core. A play is
 * one thread's.
 */
#ifndef PM_BENCH_PLAY_H
#define PM_BENCH_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"
#include "hist.h"

#define PLAY_MIX "20% post, 20% accept, 25% decline, 20% end, 15% capacity"

struct play_options {
    uint64_t markets;  /* each with 4 localities; a request's commands are for one of them */
    uint64_t services; /* of a locality */
    uint64_t packages; /* live, of all markets */
    uint64_t commands; /* once they are live */
    uint64_t room;     /* see council.h */
};

struct play;
/* Learns. NULL, having said why on stderr. Free with play_free(), which takes NULL. */
struct play *play_new(const struct play_options *options);
void play_free(struct play *play);

/* Begins again with a core where the packages are live. False, having said why on stderr. */
bool play_rewind(struct play *play);
/* Plays the commands, and says how many nanoseconds applying them took. They lie decoded when the
 * clock starts, as they do when the matcher takes a request from its ring: a request of them is
 * made at a time, which is not timed, then applied, which is. The daemon's own `continue` commands
 * are applied as the daemon would; their time counts, they themselves do not. */
uint64_t play_apply(struct play *play);
/* The same, each command timed by itself, with what fell due before it. A clock is read in between,
 * so they take longer here. */
void play_apply_timed(struct play *play, struct hist *out);
/* Did the commands leave the state that they left when they were learnt? False, having said so on
 * stderr. */
bool play_is_same(const struct play *play);

/* The play's core; it lives until it is begun again. */
const struct pm_core *play_core(const struct play *play);
/* Commands refused while learning. */
uint64_t play_refused(const struct play *play);

#endif
