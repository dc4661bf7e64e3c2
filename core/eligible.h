/*
 * eligible.h - who may be asked: the one ordered list of filters, the same for matcher, round and
 * explanation. The first that a service fails is the reason, with its numbers.
 */
#ifndef PM_ELIGIBLE_H
#define PM_ELIGIBLE_H

#include "state.h"

/* number, constant, name on the wire, what people read */
/* clang-format off */
#define PM_FILTERS(X)                                                       \
    X(0, NONE, "eligible", "eligible")                                      \
    X(1, KIND, "kind", "offers another kind")                               \
    X(2, LOT, "lot", "its lot is not in date")                              \
    X(3, STANDING, "standing", "suspended or ceased")                       \
    X(4, LOCALITY, "locality", "does not serve the place at this step")     \
    X(5, TIER, "tier", "not in a tier of this step")                        \
    X(6, NEEDS, "needs", "lacks a capability")                              \
    X(7, QUALITY, "quality", "below the quality floor")                     \
    X(8, RATE, "rate", "no rate in force, or dearer than the ceiling")      \
    X(9, EXCLUDED, "excluded", "excluded by the package")                   \
    X(10, ASKED, "asked", "asked already")                                  \
    X(11, SHARE, "share", "at its share of the quarter")                   \
    X(12, CAPACITY, "capacity", "not enough free capacity")

enum filter {
#define FILTER_ENUM(number, constant, name, sentence) FILTER_##constant = number,
    PM_FILTERS(FILTER_ENUM)
#undef FILTER_ENUM
    FILTERS
};
/* clang-format on */
const char *filter_name(enum filter filter);
const char *filter_sentence(enum filter filter);

/* What a filter found. The numbers by filter: lot: today and its last day; tier: 0 and the tier;
 * needs: how many are needed and how many of them it has; quality: floor and its own; rate:
 * ceiling and its own (0: none in force); share: units and how many more it may be awarded;
 * capacity: what the band needs and what it has free; otherwise 0. */
struct verdict {
    uint8_t filter; /* enum filter; FILTER_NONE: eligible */
    uint8_t band;   /* capacity: the first band that is short */
    int64_t needed, found;
};

/* Which of the filters to apply, as a mask by number. */
#define FILTERS_ALL ((1u << FILTERS) - 1)
/* At an answer: it was asked, at a rate that is the offer's, and its capacity is held. */
#define FILTERS_AT_ANSWER                                                                 \
    (FILTERS_ALL & ~(1u << FILTER_ASKED) & ~(1u << FILTER_RATE) & ~(1u << FILTER_SHARE) & \
     ~(1u << FILTER_CAPACITY))

/* Judges a service for a package at a step of its kind's ladder (the position). What the package
 * itself holds or has of the service's pool counts as free for it. Of another market's service it
 * must not be asked. */
struct verdict eligible(const struct pm_core *core, uint32_t package, uint32_t service,
                        unsigned step, unsigned filters);

/* The same, yes or no, and quicker: by all filters; by those of an answer, the
 * offer's rate among them. */
bool may_be_asked(const struct pm_core *core, uint32_t package, uint32_t service, unsigned step);
bool may_still_serve(const struct pm_core *core, const struct offer *offer);

/* Has the service's pool room for the package beside all that is held, the package's own tenders
 * included? */
bool has_room_beside(const struct pm_core *core, uint32_t package, uint32_t service);
/* The needs and capacity filters alone, which most fail who fail: a cheap first look. */
bool has_room_for(const struct pm_core *core, uint32_t package, uint32_t service);

/* Localities a step asks for a package of this one, as a mask. */
uint64_t step_scope(const struct pm_market *rules, const struct pm_step *step, unsigned locality);

#endif
