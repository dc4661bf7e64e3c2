/*
 * model.h - one market as a naive reader of the rules would keep it: lists searched from end to
 * end, amounts added up anew each time, rules applied as they are told. It shares no code with the
 * core but names, postcodes and dates.
 *
 * It is a second implementation: told an entry, it works out the answer and the new state by
 * itself, and both are compared with the core's. From the core's events it takes only what is free:
 * the ids of what is made, which of equally good services was taken, and in which order what had
 * become due was worked off. Each event must be one that the model foresees, and each that it
 * foresees must be there.
 */
#ifndef PM_TEST_MODEL_H
#define PM_TEST_MODEL_H

#include "core/core.h"

enum {
    MODEL_SUPPLY = 80, /* of each */
    MODEL_PACKAGES = 512,
    MODEL_OFFERS = 8192,
    MODEL_PLACEMENTS = 1024,
    MODEL_GROUPS = 256,
    MODEL_SWEEPS = 256,
    MODEL_ROUNDS = 256,
    MODEL_NONE = -1,
    MODEL_UNSURE = -1, /* a status that the model does not foretell */
};

struct model_provider {
    struct pm_name name;
    uint8_t standing, failed; /* failed: the mode */
    int32_t failed_from;
    uint64_t no_kinds, no_localities; /* masks: nothing new of them */
};
struct model_location {
    struct pm_name name;
    int provider;
    uint8_t standing, rating;
    int8_t score;
    uint8_t failed;
    int32_t failed_from;
};
enum model_capacity { MODEL_DECLARED = 1, MODEL_ASK, MODEL_LAPSED };
struct model_pool {
    struct pm_name name;
    int location;
    uint8_t kind, mode;
    enum model_capacity capacity;
    int64_t declared[PM_BANDS_MAX], stated, as_of, valid_until;
};
struct model_service {
    struct pm_name name;
    uint64_t id;
    int pool;
    uint8_t kind, lot, tier, contract, standing, sectors, rates;
    uint64_t localities, capabilities; /* masks by position */
    uint64_t sector[PM_SECTORS_MAX];
    struct pm_rate rate[PM_RATES_MAX];
    int32_t uplift, uplifted;
};

/* What a package asks for: what its post and its amendments say. The first of a couple seeks what
 * both need. */
struct model_need {
    uint64_t sector, own_needs, needs;
    int64_t own[PM_BANDS_MAX], own_units, demand[PM_BANDS_MAX], units;
    int exclusion[PM_EXCLUSIONS_MAX];  /* providers */
    int preferred[PM_PREFERENCES_MAX]; /* locations */
    int continuity, follows;           /* provider; package */
    int32_t start_from, start_by, planned_end;
    uint8_t locality, exclusions, preferences, given, interim, payer; /* given: the priority */
};
struct model_package {
    struct pm_name reference, referrer;
    uint64_t id;
    struct model_need need;
    uint8_t kind, state, priority, arrangement; /* priority: effective */
    bool gathered, gone;                        /* gone: lapsed */
    int64_t posted, ended, due, gathered_on;
    unsigned step, pass, version, need_version;
    int first_offer, chosen, placement, successor, return_to, group;
    int round;                   /* the last that came to it */
    uint64_t gathered_at, place; /* sequences: when it was, and came to its place of its class */
};
struct model_offer {
    uint64_t id;
    int package, service, older; /* older: offer of the same package */
    uint8_t state, code, route, decided_by;
    bool holds, handed_back;
    bool before; /* of an earlier search */
    unsigned version, pass, step;
    int32_t rate, start, assess_by, shift;
    int64_t score, answered; /* score: when it was made; of a spot, when it was tendered */
};
struct model_placement {
    uint64_t id;
    int package, service, offer, awarded_to; /* awarded_to: provider */
    uint8_t state, reason, decided_by;
    bool counted, ceases, moved, negotiated;
    int32_t rate, until;
    int64_t demand[PM_BANDS_MAX], units, awarded, agreed, started, ended;
    uint64_t sequence; /* at which it was agreed */
};
struct model_group {
    struct pm_name name, referrer;
    unsigned size, members; /* members 0: it is none any more */
    bool together;
    int member[PM_GROUP_MAX]; /* packages that are in it, in the order posted */
};
/* Something ordered that `continue` works off: who may still be as before. */
struct model_sweep {
    uint8_t verb, mode;
    bool late; /* for those without notice alone */
    int provider, location, service, to;
    int32_t from;
    uint64_t sequence, kinds; /* kinds: whose it gathered for a round, a mask */
};

struct model_round {
    uint64_t id, sequence; /* at which it was opened */
    int kind;
    uint8_t state;
    uint64_t placed, asked, dropped, passed_on;
};

struct model {
    struct pm_name market;
    bool loaded;
    struct pm_market rules;
    struct pm_opening opening[PM_CALENDARS_MAX][PM_OPENINGS_MAX];
    uint32_t openings[PM_CALENDARS_MAX], calendars;
    int64_t opens[PM_CALENDARS_MAX]; /* when rounds that run at its openings are due next */
    int64_t time;
    struct model_provider provider[MODEL_SUPPLY];
    struct model_location location[MODEL_SUPPLY];
    struct model_pool pool[MODEL_SUPPLY];
    struct model_service service[MODEL_SUPPLY];
    struct model_package package[MODEL_PACKAGES];
    struct model_offer offer[MODEL_OFFERS];
    struct model_placement placement[MODEL_PLACEMENTS];
    struct model_group group[MODEL_GROUPS];
    struct model_sweep sweep[MODEL_SWEEPS];
    struct model_round round[MODEL_ROUNDS];
    int providers, locations, pools, services, packages, offers, placements, groups, sweeps, rounds;
    int64_t lent[MODEL_SUPPLY][PM_BANDS_MAX]; /* of pools, while a group is tried */
    /* The entry at hand, and what the core told of it. */
    const struct pm_core *core;
    const struct pm_entry *entry;
    struct pm_event_record event[PM_EVENTS_MAX];
    bool told[PM_EVENTS_MAX]; /* has been foreseen */
    uint32_t events;
    uint64_t id;                 /* that the result should have; 0: not said */
    uint64_t choices;            /* how many were compared */
    bool blind;                  /* the core's tables are near full: it only copies what is there */
    bool canary;                 /* broken on purpose: takes the dearest */
    struct model_sweep *failing; /* whose failure is reopening packages; NULL: none */
    /* The calendar that opened last, at which entry, and for what kinds rounds were opened then. */
    unsigned opened_by;
    uint64_t opened_at, opened_kinds;
    bool failed;
    char error[256];
};

void model_start(struct model *model, const char *market);

/* The status that an entry of this market will be given; MODEL_UNSURE when the model does not say.
 */
int model_expect(struct model *model, const struct pm_entry *entry);
/* Does an entry just applied, and compares what the core told of it. */
void model_follow(struct model *model, const struct pm_core *core, const struct pm_entry *entry,
                  struct pm_result result);
/* Compares everything with the core's records. `settled`: nothing is due. */
void model_compare(struct model *model, const struct pm_core *core, bool settled);

/* ---- For its parts ---- */

#define MODEL_DAY INT64_C(86400000)
enum { MODEL_DATE_MAX = 84006 }; /* 2200-01-01 */

__attribute__((format(printf, 2, 3))) void model_fail(struct model *model, const char *format, ...);
struct pm_name model_name(struct pm_text text);
bool model_same(const struct pm_name *a, const struct pm_name *b);
bool model_name_is_good(struct pm_text text, uint32_t most);

/* model_events.c: what the core told. The next event of that kind about the package, about the
 * offer or placement (ids; 0: any), taken as foreseen; when there is none the model fails and gets
 * an empty one. */
const struct pm_event_record *model_told(struct model *model, enum pm_event_kind kind,
                                         uint64_t package, uint64_t about);
/* The same, or NULL, without taking it. */
const struct pm_event_record *model_will_be_told(const struct model *model, enum pm_event_kind kind,
                                                 uint64_t package, uint64_t about);
void model_hear(struct model *model, const struct pm_core *core);

/* model_find.c: by name or id; MODEL_NONE. */
int model_find_provider(const struct model *model, struct pm_text name);
int model_find_location(const struct model *model, struct pm_text name);
int model_find_pool(const struct model *model, struct pm_text name);
int model_find_service(const struct model *model, struct pm_text name);
int model_find_offer(const struct model *model, uint64_t id);
int model_find_placement(const struct model *model, uint64_t id);
int model_find_package(const struct model *model, uint64_t id);
int model_kind(const struct model *model, struct pm_text name);
int model_locality(const struct model *model, struct pm_text name);
int model_capability(const struct model *model, struct pm_text name);
int model_lot(const struct model *model, struct pm_text name);
/* The locality of a postcode of any precision: by unit, sector or district, the longest first. */
int model_locality_of(const struct model *model, uint64_t postcode);
/* The package that the entry's actor means; MODEL_NONE with a status. */
int model_named(const struct model *model, struct pm_text reference, struct pm_text referrer,
                int *status);
/* The mask of a position; of none, nothing. */
static inline uint64_t model_bit(int position)
{
    return position < 0 ? 0 : UINT64_C(1) << position;
}
int model_location_of(const struct model *model, int service);
int model_provider_of(const struct model *model, int service);

/* model_calendar.c */
int32_t model_today(const struct model *model);
int64_t model_after(const struct model *model, unsigned kind, int64_t from, uint32_t minutes);
/* A deadline later by the opening time since then. */
int64_t model_extended(const struct model *model, unsigned kind, int64_t due, int64_t from);
/* When a calendar opens next; INT64_MAX: never. */
int64_t model_opens(const struct model *model, unsigned calendar, int64_t after);
/* Does the kind's calendar reach far enough for a package to begin? */
bool model_calendar_covers(const struct model *model, unsigned kind);
bool model_may_begin(const struct model *model, unsigned kind, unsigned arrangement);
/* Quarters since the year 0. */
int32_t model_quarter(int64_t time);

/* model_supply.c, model_rules.c: puts, capacity, rules. */
int model_expect_load(struct model *model, const struct pm_load *load);
int model_expect_supply(const struct model *model, const struct pm_command *command);
void model_supply(struct model *model, const struct pm_command *command);
void model_load(struct model *model, const struct pm_load *load);
int32_t model_rate(const struct model *model, int service); /* in force; 0: none */

/* model_eligible.c: who may be asked. */
enum model_look {
    MODEL_ASKED = 1 << 0,
    MODEL_SHARE = 1 << 1,
    MODEL_CAPACITY = 1 << 2,
    MODEL_PLACE = 1 << 3, /* locality, tier, quality */
    MODEL_RATE = 1 << 4,
    MODEL_ALL = MODEL_ASKED | MODEL_SHARE | MODEL_CAPACITY | MODEL_PLACE | MODEL_RATE,
    MODEL_AT_ANSWER = MODEL_PLACE,
};
bool model_eligible(const struct model *model, int package, int service, unsigned step,
                    unsigned look);
/* Are service, location and provider active, and not under an embargo for such a package? */
bool model_stands(const struct model *model, int package, int service);
struct model_taken {
    int64_t committed[PM_BANDS_MAX], held[PM_BANDS_MAX];
};
void model_taken(const struct model *model, int pool, struct model_taken *out);
/* What a pool can still take in a band. */
int64_t model_room(const struct model *model, int pool, unsigned band);
/* Has the service's pool room for the package in every band? */
bool model_fits(const struct model *model, int package, int service);
/* The same, beside what its own tenders hold. */
bool model_fits_beside(const struct model *model, int package, int service);
/* Units awarded to a provider of a kind this quarter. */
int64_t model_awarded(const struct model *model, int provider, unsigned kind);
/* A step of the package's kind; one that says nothing when the rules have no such step. */
const struct pm_step *model_step(const struct model *model, int package, unsigned step);
/* Does the step allow such a rate? */
bool model_rate_is_allowed(const struct model *model, int package, unsigned step, int32_t rate);
/* Is it a direct payment, for which services are only introduced? */
bool model_introduces(const struct model *model, int package);

/* model_rank.c: who is best. Above 0 when a is better than b, 0 when they are equally good. */
int model_better(const struct model *model, int package, int a, int b);
int model_better_tender(const struct model *model, int a, int b); /* of two offers */
int64_t model_score(const struct model *model, int package, int service, int32_t rate, bool block);
/* All that are eligible at the step, the best first. */
int model_ranked(const struct model *model, int package, unsigned step, int out[MODEL_SUPPLY]);
uint64_t model_tie(const struct model *model, int package, int service);

/* model_ladder.c */
void model_ladder_start(struct model *model, int package);
void model_ladder_go_on(struct model *model, int package);
bool model_ladder_would_retry(struct model *model, int package);
void model_ladder_retry(struct model *model, int package);
/* A round gives it a service; it has none for it. */
void model_ladder_give(struct model *model, int package, int service);
void model_ladder_pass_on(struct model *model, int package);
bool model_would_come(const struct model *model, int package, bool woken, int *service);
uint8_t model_priority(const struct model *model, int package); /* how urgent it is now */
void model_classify(struct model *model, int package);          /* makes it so urgent */
void model_wait(struct model *model, int package);
int64_t model_wait_due(const struct model *model, int package);

/* model_offers.c: one offer, and all of a package. */
/* Another search: whatever stood for a pass of the one before does no longer. */
void model_search_anew(struct model *model, int package);
int model_offer_new(struct model *model, int package, int service, unsigned route, uint64_t id);
bool model_is_live(const struct model *model, int offer);
void model_offer_over(struct model *model, int offer, enum pm_offer_state state);
/* Live offers of a package but one get these states: the open ones, the tendered ones. */
void model_offers_over(struct model *model, int package, int but, enum pm_offer_state open,
                       enum pm_offer_state tendered);
int model_count(const struct model *model, int package, enum pm_offer_state state);

/* model_award.c: closing, settling. */
void model_close(struct model *model, int package);
void model_answered(struct model *model, int package);
void model_reconsider(struct model *model, int package);
void model_lapse(struct model *model, int package);
void model_settle(struct model *model, int offer, bool decided);
void model_place(struct model *model, int offer);
void model_due_to_decide(struct model *model, int package);
bool model_needs_confirming(const struct model *model, int offer);

/* model_answers.c, model_decisions.c */
int model_expect_answer(const struct model *model);
void model_answer(struct model *model);
bool model_offer_is_eligible(const struct model *model, int offer);
int model_expect_decision(const struct model *model);
void model_decide(struct model *model);

/* model_fields.c, model_packages.c */
int model_take_fields(const struct model *model, int package, unsigned kind,
                      const struct pm_package *sent, uint32_t given, struct model_need *need);
int model_expect_package(const struct model *model);
void model_package(struct model *model, struct pm_result result);
int model_expect_new(const struct model *model, const struct pm_package *sent);
int model_new(struct model *model, const struct pm_package *sent, uint64_t id);
void model_stop(struct model *model, int package, enum pm_offer_state state);
void model_package_end(struct model *model, int package, enum pm_package_state state,
                       unsigned reason);
void model_finish(struct model *model, int package, enum pm_package_state state, unsigned reason);
void model_withdraw(struct model *model, int package, unsigned reason);
void model_forget(struct model *model, int package);

/* model_groups.c, model_parts.c */
bool model_is_split(const struct model *model, int package);
bool model_is_together(const struct model *model, int package);
int model_group_expect(const struct model *model, const struct pm_package *sent,
                       const struct model_need *need);
void model_group_join(struct model *model, int package, const struct pm_package *sent);
void model_sought_alone(struct model_need *need);
void model_group_begin(struct model *model, int package);
bool model_group_may_pause(const struct model *model, int package);
bool model_group_may_begin(const struct model *model, int package);
int model_group_expect_amend(const struct model *model, int package,
                             const struct model_need *after);
void model_group_amend(struct model *model, int package, const struct model_need *after, bool anew);
void model_group_leave(struct model *model, int package);
void model_group_agree(struct model *model, int offer);
int model_group_expect_confirm(const struct model *model, int package);
void model_group_place(struct model *model, int package);
void model_group_unsettled(struct model *model, int package);
void model_group_settled(struct model *model, int package);
void model_group_lapse(struct model *model, int package);
bool model_group_is_spent(struct model *model, int package);
bool model_group_could_be_served(struct model *model, int package);
void model_group_retry(struct model *model, int package);
void model_group_retry_all(struct model *model, int package);
void model_group_seek_again(struct model *model, int package);
void model_group_woken(struct model *model, int package);
/* Lends what a package takes to its service's pool, or (-1) gives it back. */
void model_lend(struct model *model, int service, int package, int sign);

/* model_placements.c */
int model_expect_placement(const struct model *model);
void model_do_placement(struct model *model, struct pm_result result);
int model_agree(struct model *model, int offer, int package);
uint64_t model_newest(const struct model *model, int package); /* id of its last placement */
void model_placement_end(struct model *model, int placement, unsigned reason);
void model_care_ends(struct model *model, int placement, unsigned reason);
void model_notice(struct model *model, int placement, int32_t until, bool ceases);
void model_stay_lapses(struct model *model, int placement);

/* model_rounds.c */
int model_expect_round(const struct model *model);
void model_do_round(struct model *model, struct pm_result result);
bool model_is_in_round(const struct model *model, int round, int package);
bool model_round_explains(struct model *model, const struct pm_event_record *event);
void model_compare_rounds(struct model *model);
void model_open_round(struct model *model, uint64_t id, int kind);

/* model_openings.c: rounds that nobody opens by hand. */
bool model_opening_explains(struct model *model, const struct pm_event_record *event);
/* Nothing is due: has any been passed over? */
void model_openings_end(struct model *model);
/* The failure is over: has it had its rounds? */
void model_failure_ends(struct model *model, const struct model_sweep *failure);

/* model_failure.c, model_sweeps.c */
struct model_sweep *model_order(struct model *model, unsigned verb);
int model_expect_failure(const struct model *model);
void model_do_failure(struct model *model);
/* Care was imported there: a failure of before reaches it. */
void model_import_failed(struct model *model, int service);
/* Has the core yet to do some of it; whole: all of it? */
bool model_is_queued(const struct model *model, const struct model_sweep *sweep, bool whole);
bool model_sweep_explains(struct model *model, const struct pm_event_record *event);
void model_sweeps_end(struct model *model);

/* model_copy.c: follows blindly, by copying what the core has, so that histories can be made of it.
 */
void model_copy(struct model *model, struct pm_result result);

/* model_due.c: `continue`. */
void model_continue(struct model *model);
/* The last millisecond of a kept place, or of carers who cease; INT64_MAX: of none. */
int64_t model_placement_due(const struct model_placement *placement);

/* Has it ended; is the time it is kept for over, so that it may be gone? */
bool model_is_over(const struct model_package *package);
bool model_is_due(const struct model *model, const struct model_package *package);

#endif
