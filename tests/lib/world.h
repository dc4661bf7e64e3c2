/*
 * world.h - a core of its own for a test: time that the test moves, a market to start from, and the
 * checks that follow every command. After each, every invariant of the state must hold, and what
 * was refused must have changed nothing.
 */
#ifndef PM_TEST_WORLD_H
#define PM_TEST_WORLD_H

#include "core/core.h"

struct world;

/* Is told of each entry once it is applied and the state was checked; events can still be read. */
typedef void world_witness(void *context, const struct pm_entry *entry, struct pm_result result);

struct world {
    struct pm_core *core;
    struct pm_text market; /* that commands are for */
    uint64_t sequence;     /* of the last entry */
    int64_t time;
    world_witness *witness; /* may be NULL */
    void *context;
    uint32_t print_each; /* refusals are compared by digest once in so many; 1: all; 0: none */
    bool failed;         /* stays set */
    char error[320];     /* once failed: what was wrong */
};

/* 2024-12-24 09:00, a Tuesday. */
#define WORLD_START INT64_C(1735030800000)
/* Small enough that a check of everything takes no time. */
extern const struct pm_limits world_limits;

/* Opens with the time at WORLD_START. False when the core cannot be opened. Close in any case. */
bool world_open(struct world *world, const struct pm_limits *limits);
void world_close(struct world *world);

/* Applies an entry; its sequence, time and (if it has none) market are filled in here. */
struct pm_result world_apply(struct world *world, struct pm_entry entry);
/* The same as the world's own daemon: nothing to be remembered. */
struct pm_result world_do(struct world *world, const struct pm_command *command);

/* Runs `continue` until nothing is due. False when that does not end, or a check failed. */
bool world_settle(struct world *world);
/* Moves time on to `to`, doing on the way what falls due when it does. */
bool world_advance(struct world *world, int64_t to);

/* Digest of the state but for its sequence and time. */
void world_print(const struct world *world, uint8_t out[PM_DIGEST_SIZE]);

/*
 * The rules of an invented market. Localities: east and west are neighbours, and west and north.
 * Postcodes: QX1 east, but QX1 9 west; QX2 west; QX3 north, but QX3 1AA east. Capabilities:
 * dementia, hoist, peg. Lots: main (2024 and 2025), later (from 2025-02-01), old (to 2023-12-31).
 *
 *   homecare     06:00 to 11:00 to 15:00 to 19:00 to 23:00, weekdays (morning, lunch, tea, bed) and
 *                weekends (sat_morning, …); tier 1 at home for 4 hours, then tiers 1 and 2 with
 *                neighbours for 2; once
 *   bridging     the same bands; tiers 1 and 2 at home for 1 hour, then tier 3 as last resort
 *   residential  places: all, of which residential, dementia, nursing; tier 1 everywhere for 24
 * hours
 *
 * An hour costs 1000 to 5000 pence, at most 3000 to be asked, compared with 2000; a week 50000 to
 * 200000, at most 120000, compared with 90000. Price weighs 60 and quality 40; the floor is 300.
 */
void world_rules(struct pm_market *out);

/* Does only the daemon give this status: before a command reaches the core, or of queries? */
bool world_only_daemon_says(unsigned status);

#endif
