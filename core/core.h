/*
 * core.h - the deterministic state machine of Placemat, as its users see it. The only header of
 * core/ that the daemon includes, beside wire*.h, event.h and what solves rounds.
 *
 * One core holds the markets of one shard and belongs to one thread. It has no clock, no I/O, no
 * threads, no randomness, and allocates only in pm_core_open(): time and everything else enters
 * inside the command. The same entries in the same order give the same state, bit for bit, on any
 * machine.
 */
#ifndef PM_CORE_H
#define PM_CORE_H

#include "event.h"
#include "placemat.h"
#include "wire.h"

struct pm_core;

/* Of the rules by which entries are applied. Raised by whoever changes what the same entries come
 * to, in answers, events or state: a journal says by which rules it was written, and a snapshot as
 * well. The simulation asks for it, where its histories meet the change. */
enum { PM_RULES = 3 };

/* How many of each the core can hold, at most 2^24 - 1 each. Memory is taken at open, and touched
 * as used. */
struct pm_limits {
    uint32_t markets, providers, locations, pools, services;
    uint32_t packages, offers, placements;
    uint32_t waitlists; /* kinds x localities, over all markets */
    uint32_t clients;   /* remembered for exactly-once, the least recent given up first */
};

/* Limits for one council or a small region. */
extern const struct pm_limits pm_limits_default;

/* One journalled command with all that it depends on. The texts need live only during the call. */
struct pm_entry {
    uint64_t sequence; /* 1, 2, 3, … */
    int64_t time;      /* never less than the one before */
    struct pm_text market;
    struct pm_actor actor;
    uint64_t client, number; /* number 0: not remembered (the daemon's own) */
    uint64_t hash; /* of the command as it was sent: tells a resend from a number used twice */
    const struct pm_command *command;
    /* The command as bytes that decode to it and say nothing else; size 0: it is to be encoded. */
    struct wire_piece sent;
};

/* Opens an empty core, or returns NULL when memory or limits do not allow it. */
struct pm_core *pm_core_open(const struct pm_limits *limits);
void pm_core_close(struct pm_core *core);
/* Where its state lies, for who wants that resident before it fills; its size in bytes. */
void *pm_core_memory(struct pm_core *core, size_t *bytes);

/* Makes what must not be kept disappear before an entry is journalled: resolves a package's
 * postcode to locality and sector, in place, and a sector without one to its locality where none is
 * named. A locality that is not the postcode's, or in which nothing of the sector is, makes the
 * postcode PM_POSTCODE_BAD. Call it on the matcher's thread for every command; of those without
 * either, and of unknown markets, nothing changes. */
void pm_core_resolve(const struct pm_core *core, struct pm_text market, struct pm_command *command);

/* Says which command is to be applied PM_EXPECT_AHEAD commands from now, so that what it will look
 * up is brought into the cache meanwhile: most likely in the market of the last. To be called at
 * most once before each command, while others are known to follow; it need not be true, and changes
 * nothing but the time things take. The command need live only during the call. */
enum { PM_EXPECT_AHEAD = 4 };
void pm_core_expect(struct pm_core *core, const struct pm_command *command);

/* Applies one entry whole or refuses it whole. Its events are at pm_core_events() until the next
 * call. */
struct pm_result pm_core_apply(struct pm_core *core, const struct pm_entry *entry);
const struct pm_event *pm_core_events(const struct pm_core *core, size_t *count);

/* From when a `continue` has something to do: INT64_MIN at once, INT64_MAX never, otherwise a time,
 * after which (strictly) it has. */
int64_t pm_core_next(const struct pm_core *core);

/* Answers a query (verbs from PM_QUERY_FIRST on, but watch and digest) with one CBOR item into the
 * writer, or of round.certificate and round.try, whose answers are the daemon's, with nothing; the
 * status tells why not. On overflow of the writer the answer is PM_TOO_LARGE. */
uint16_t pm_core_query(const struct pm_core *core, const struct pm_entry *entry,
                       struct wire_writer *out);

/* The rounds to be solved (see round_problem.h), in the order they were opened: the first, or the
 * one after another that is to be; 0: there is none. And its market's name, which lives until the
 * next command; NULL is allowed. */
uint64_t pm_core_round(const struct pm_core *core, uint64_t after, struct pm_text *market);

/* Ids of the rounds that have not lapsed, as many as there is room for; returns how many there are.
 * And the most days that a market keeps what is over. */
uint32_t pm_core_rounds(const struct pm_core *core, uint64_t *out, uint32_t room);
int32_t pm_core_keep_days(const struct pm_core *core);

/* Sequence and time of the last entry applied; 0 when none. */
uint64_t pm_core_sequence(const struct pm_core *core);
int64_t pm_core_time(const struct pm_core *core);

/* Is a market of that name loaded? */
bool pm_core_has_market(const struct pm_core *core, struct pm_text market);

/* BLAKE2b-256 of the canonical bytes of the whole state. */
#define PM_DIGEST_SIZE 32
void pm_core_digest(const struct pm_core *core, uint8_t out[PM_DIGEST_SIZE]);

/* Writes the canonical bytes of the state, in pieces, through put(); stops when it returns false
 * and returns what it returned. */
bool pm_core_save(const struct pm_core *core,
                  bool (*put)(void *context, const void *bytes, size_t size), void *context);
/* Restores into a core just opened. False, with a sentence, when the bytes are not a state of this
 * version or do not fit its limits; the core must then be closed. */
bool pm_core_restore(struct pm_core *core, const uint8_t *bytes, size_t size, char error[128]);

/* Checks every invariant of the whole state; false, with the first broken one in words. For
 * tests. */
bool pm_core_check(const struct pm_core *core, char error[256]);

/* What the records take, for bench and operators. */
struct pm_core_usage {
    uint32_t packages, offers, placements, services, waiting;
    uint64_t bytes; /* taken at open */
    /* Of one record. A package has one of visits for each six lines. */
    uint32_t package_bytes, visits_bytes, offer_bytes, placement_bytes;
};
struct pm_core_usage pm_core_usage(const struct pm_core *core);

/* How long the packages that wait have waited at `now` (ms) since they were posted: those below
 * pm_core_waited_hours[0], then below each next, then the rest; and the longest, in ms. Takes as
 * long as looking at each of them. */
enum { PM_WAITED_AGES = 7 };
extern const uint32_t pm_core_waited_hours[PM_WAITED_AGES - 1];
struct pm_core_waited {
    uint32_t packages[PM_WAITED_AGES];
    int64_t longest;
};
struct pm_core_waited pm_core_waited(const struct pm_core *core, int64_t now);

#endif
