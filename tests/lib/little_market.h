/*
 * little_market.h - a market small enough to know by heart, and a core with it to try things in.
 *
 * Market "little": localities Alder (postcodes ZZ1) and Birch (ZZ2), which are neighbours.
 * Capabilities dementia, peg. One lot, "main".
 *
 *   kind         unit     bands                       ladder
 *   homecare     minutes  morning, evening (weekdays) 1 call off, home, tier 1, 60 minutes
 *                         weekend                     2 call off, neighbours, tiers 1 and 2, 60
 * minutes bridging     minutes  the same                    1 call off, home, tier 1, 30 minutes 2
 * last resort, everywhere, tier 8 residential  places   all, nursing                1 call off,
 * everywhere, tier 1, one day
 *
 *   service   provider  serves        tier  rate    quality  score  pool        free
 *   hc-amber  amber     Alder         1     2000     800      9800  amber-run   600 600 300
 *   hc-beryl  beryl     Alder, Birch  1     2200    1000     10000  beryl-run   420 420 168
 *   hc-coral  coral     Birch         2     1900     800     10146  coral-run   not declared
 *   hc-dusk   dusk      Birch         1     2500     300      6480  dusk-run    300 300 120
 *   br-dusk   dusk      both          8     3000     300      4000  dusk-run    (the same)
 *   rs-coral  coral     Alder         1   100000     800      7000  coral-home  2 1
 *
 * hc-amber can do dementia; hc-beryl dementia and peg; the others neither.
 */
#ifndef PM_TEST_LITTLE_MARKET_H
#define PM_TEST_LITTLE_MARKET_H

#include "core/core.h"
#include "tests/lib/look.h"

enum { LITTLE_HOMECARE, LITTLE_BRIDGING, LITTLE_RESIDENTIAL };

/* When it begins: 2026-11-02, a Monday, 09:00 UTC. */
#define LITTLE_TIME INT64_C(1793610000000)

struct little {
    struct pm_core *core;
    uint64_t sequence;
    int64_t time; /* move it on, never back */
    uint8_t answer[1 << 18];
    struct look body; /* of the last query that was answered */
};

/* The market.load command; it and all it points to are constant. */
struct pm_command little_market_load(void);

/* Opens a core with room for a few hundred of everything, and loads the market. */
void little_open(struct little *little);
void little_close(struct little *little);

/* Applies a command in the market by the named actor. */
struct pm_result little_apply(struct little *little, enum pm_role role, const char *name,
                              const struct pm_command *command);
/* Continues until nothing is due. */
void little_settle(struct little *little);
/* Asks; the answer is in little->body. */
uint16_t little_ask(struct little *little, enum pm_role role, const char *name,
                    const struct pm_command *command);

/* A homecare package by the ward: one visit of so many minutes, 07:00 to 10:00, on these days. */
struct pm_result little_post(struct little *little, const char *reference, const char *locality,
                             uint8_t days, uint16_t minutes, const char *need);
/* The post of a homecare package in Alder: half an hour in the morning, Monday to Friday. Valid as
 * long as the reference. */
struct pm_command little_package(const char *reference);
/* The open offer of a provider, of which there must be just one. */
uint64_t little_offer(struct little *little, const char *provider);
struct pm_result little_accept(struct little *little, const char *provider);
struct pm_result little_decline(struct little *little, const char *provider,
                                enum pm_decline_code code);

#endif
