/*
 * script.h - tests of the core as lines of text. A line is a command ending in the status that it
 * must be answered with, or an expectation, or moves time:
 *
 *   supply hc1 homecare in east rate 2000 spare 420
 *   post X1 homecare at "QX1 4" visit "mon-sun 07:00-10:00 30m" needs dementia -> ok
 *   expect package X1 offered hc1
 *   accept X1 as provider:hc1 -> ok
 *   advance 4h
 *
 * What a line may say: tests/scripts/README. After every command every invariant is checked. The
 * market is world_rules(), as changed by the lines before `load`.
 */
#ifndef PM_TEST_SCRIPT_H
#define PM_TEST_SCRIPT_H

#include "tests/lib/world.h"

enum {
    SCRIPT_OFFERS = 1024,
    SCRIPT_SUPPLIES = 64,
    SCRIPT_EVENTS = 256,
    SCRIPT_WORDS = 80,
    SCRIPT_MEMORY = 1 << 20,
};

/* An offer that was made, in the order of making. */
struct script_offer {
    uint64_t id;
    struct pm_name reference, service, provider;
};

struct script {
    struct world world; /* open once a line needed it */
    struct pm_limits limits;
    struct pm_market rules;                        /* for the next load */
    struct pm_calendar calendar[PM_CALENDARS_MAX]; /* for every load from here on */
    uint32_t calendars;
    struct pm_command supply[SCRIPT_SUPPLIES];
    uint32_t supplies; /* for the next load */
    struct script_offer offer[SCRIPT_OFFERS];
    uint32_t offers;
    uint8_t event[SCRIPT_EVENTS]; /* of the last line that was no expectation */
    uint32_t events;
    uint32_t event_count[PM_EVENT_KINDS]; /* how many of each kind so far */
    uint32_t seen[PM_STATUS_COUNT];       /* how often each status was expected and given */
    char error[640];                      /* what was wrong, with the line */
    /* The line being run: its words, and what commands point to. */
    char *word[SCRIPT_WORDS];
    uint32_t words, at;
    size_t used;
    _Alignas(16) char memory[SCRIPT_MEMORY]; /* of all lines so far */
};

void script_open(struct script *script);
void script_close(struct script *script);
/* Runs lines, one after the other. False at the first that goes wrong: see error. */
bool script_run(struct script *script, const char *lines);

#endif
