/*
 * event.h - what applying a command did, for whoever watches. Events are derived from the journal:
 * replaying it makes them again. A cursor is sequence * PM_EVENTS_MAX + position.
 */
#ifndef PM_EVENT_H
#define PM_EVENT_H

#include "placemat.h"

/* number, constant, name on the wire */
/* clang-format off */
#define PM_EVENTS(X)                                   \
    X(1, MARKET_LOADED, "market_loaded")               \
    X(2, SUPPLY_CHANGED, "supply_changed")             \
    X(3, CAPACITY_STATED, "capacity_stated")           \
    X(4, CAPACITY_LAPSED, "capacity_lapsed")           \
    X(5, PACKAGE_POSTED, "package_posted")             \
    X(6, PACKAGE_AMENDED, "package_amended")           \
    X(7, PACKAGE_WAITING, "package_waiting")           \
    X(8, PACKAGE_WITHDRAWN, "package_withdrawn")       \
    X(9, PACKAGE_PAUSED, "package_paused")             \
    X(10, PACKAGE_RESUMED, "package_resumed")          \
    X(11, OFFER_MADE, "offer_made")                    \
    X(12, OFFER_ACCEPTED, "offer_accepted")            \
    X(13, OFFER_DECLINED, "offer_declined")            \
    X(14, OFFER_EXPIRED, "offer_expired")              \
    X(15, OFFER_WITHDRAWN, "offer_withdrawn")          \
    X(16, OFFER_STALE, "offer_stale")                  \
    X(17, PLACEMENT_AGREED, "placement_agreed")        \
    X(18, PLACEMENT_STARTED, "placement_started")      \
    X(19, PLACEMENT_ENDED, "placement_ended")          \
    X(20, OFFER_TENDERED, "offer_tendered")            \
    X(21, OFFER_WON, "offer_won")                      \
    X(22, OFFER_LOST, "offer_lost")                    \
    X(23, PACKAGE_CHOOSING, "package_choosing")        \
    X(24, PACKAGE_TO_CONFIRM, "package_to_confirm")    \
    X(25, PACKAGE_GATHERED, "package_gathered")        \
    X(26, PACKAGE_TO_BROKER, "package_to_broker")      \
    X(27, PLACEMENT_NOTICE, "placement_notice")        \
    X(28, PLACEMENT_IN_HOSPITAL, "placement_in_hospital") \
    X(29, PLACEMENT_RESTARTED, "placement_restarted")  \
    X(30, PLACEMENT_CHANGED, "placement_changed")      \
    X(31, ROUND_OPENED, "round_opened")                \
    X(32, ROUND_DROPPED, "round_dropped")              \
    X(33, ROUND_SOLVED, "round_solved")                \
    X(34, ROUND_APPLIED, "round_applied")              \
    X(35, ROUND_ABANDONED, "round_abandoned")

enum pm_event_kind {
#define PM_EVENT_ENUM(number, constant, name) PM_EVENT_##constant = number,
    PM_EVENTS(PM_EVENT_ENUM)
#undef PM_EVENT_ENUM
    PM_EVENT_KINDS
};
/* clang-format on */

enum { PM_EVENTS_MAX = 2048 }; /* of one command: `continue` stops before it would pass this */

/* Small, so that making one costs nothing: names are looked up by pm_event_describe() when wanted.
 * Slots are positions in the core's tables, valid until the next command; 0 is none. */
struct pm_event {
    uint8_t kind; /* enum pm_event_kind */
    uint8_t code; /* decline code, end reason */
    uint8_t zero[2];
    uint32_t market, package, offer, placement, service, provider, pool, round;
};

/* The same with everything in it, to be kept. Unused names are empty, ids 0. */
struct pm_event_record {
    uint64_t sequence;
    int64_t time;
    uint64_t package, offer, placement, round; /* ids */
    int64_t deadline;                          /* of an offer made */
    struct pm_name market, reference, referrer, service, provider, pool;
    uint32_t position; /* in its command's events */
    int32_t rate;
    uint8_t kind, code;
    uint8_t zero[6];
};

struct pm_core;
/* Fills a record from one of pm_core_events(), at once after pm_core_apply(). */
void pm_event_describe(const struct pm_core *core, const struct pm_event *event, uint32_t position,
                       struct pm_event_record *out);
const char *pm_event_name(unsigned kind); /* NULL when there is none */

#endif
