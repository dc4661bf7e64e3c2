/*
 * placemat.h - the words of Placemat and its C client library.
 *
 * Part 1, the vocabulary: every command, query, status and limit, as plain data. The daemon's core,
 * the codec, the client library and the tools all use these same structures; include/placemat.cddl
 * is their form on the wire.
 *
 * Part 2, the client: connect, call, read the answer.
 *
 * Units, everywhere: money in pence; a rate in pence an hour (kinds counted in minutes) or pence a
 * week (kinds counted in places); amounts of care in minutes a week or places; a time in
 * milliseconds since 1970-01-01 UTC; a date in days since 1970-01-01; a time of day in minutes
 * after midnight, local.
 */
#ifndef PLACEMAT_H
#define PLACEMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Part 1: the vocabulary ------------------------------------------------------------------ */

#define PM_VERSION "0.1.0"
#define PM_PROTOCOL 1 /* first element of every request and reply */

/* Limits. Each is a shape that a real market stays well inside; a bitmask or a byte depends on
 * most. */
enum {
    PM_NAME_MAX = 31,         /* bytes of a name or reference */
    PM_TITLE_MAX = 63,        /* bytes of a title, the form people read */
    PM_BANDS_MAX = 8,         /* bands of a kind */
    PM_KINDS_MAX = 16,        /* kinds of a market */
    PM_LOCALITIES_MAX = 64,   /* localities of a market: a set of them is a 64-bit mask */
    PM_CAPABILITIES_MAX = 64, /* capabilities of a market: a set of them is a 64-bit mask */
    PM_TIERS_MAX = 8,         /* tiers 1..8: a set is an 8-bit mask, tier 1 the lowest bit */
    PM_STEPS_MAX = 8,         /* steps of a ladder, */
    PM_PASSES_MAX = 8,        /* and how often it is gone through */
    PM_PREFIXES_MAX = 256,    /* postcode prefixes of a market */
    PM_LOTS_MAX = 32,         /* lots of a market */
    PM_VISITS_MAX = 32,       /* visit lines of a package */
    PM_NEEDS_MAX = 16,        /* needs of a package */
    PM_EXCLUSIONS_MAX = 8,    /* providers a package excludes */
    PM_RATES_MAX = 4,         /* dated rates of a service */
    PM_SECTORS_MAX = 8,       /* sectors a service lists beside its localities */
    PM_PRIORITIES = 4,        /* priority 0 is the most urgent, 3 the least */
    PM_CALENDARS_MAX = 4,     /* calendars of a market */
    PM_OPENINGS_MAX = 1024,   /* opening intervals of a calendar */
    PM_INVITED_MAX = 64,      /* providers a step invites at once: their events fit one command's */
    PM_PREFERENCES_MAX = 4,   /* locations a person ranks */
    PM_GROUP_MAX = 4,         /* packages placed all or none */
    PM_ASSIGNMENTS_MAX = 128, /* of one round.apply: their events fit one command's */
    PM_SCARCE_MAX = 10,       /* bands that a round names as scarce */
    PM_ROUND_STAGES = 5,      /* what a round makes least: see struct pm_round_result */
    PM_CHAIN_MAX = 16,        /* packages that one comes after, each following the one before */
    PM_COMMANDS_MAX = 1000,   /* commands of a request */
    PM_ROWS_MAX = 1000,       /* rows of one query's answer */
    PM_SESSION_MAX = 32,      /* bytes of a session's key */
};

/* Text somebody else owns: not NUL-terminated, valid as long as what it points into; length 0:
 * none. */
struct pm_text {
    const char *bytes;
    uint32_t length;
};

/* A name kept: NUL-terminated and zero-filled, so that names compare by memcmp. */
struct pm_name {
    char text[PM_NAME_MAX + 1];
};
struct pm_title {
    char text[PM_TITLE_MAX + 1];
};

/*
 * Statuses. A result carries one; PM_OK is the only success. The sentence tells the sender what to
 * do. Numbers are part of the protocol: add at the end, never renumber.
 */
/* clang-format off */
#define PM_STATUSES(X)                                                                              \
    X(0, OK, "ok", "Done.")                                                                         \
    /* The whole request is refused, by these and by personal_data: nothing of it was applied, and   \
     * nothing of it is remembered. */                                                               \
    X(1, BUSY, "busy", "The daemon is at its limit: send the same request again shortly.")          \
    X(2, MALFORMED, "malformed", "The request is not the protocol's form: see placemat.cddl.")      \
    X(3, UNSUPPORTED_VERSION, "unsupported_version", "Speak the version of the daemon: update the client.") \
    X(4, TOO_LARGE, "too_large", "Split the request: it has too many commands or rows.")            \
    X(5, UNKNOWN_COMMAND, "unknown_command", "The daemon has no command of that name: update it, or correct the name.") \
    X(6, NOT_ALLOWED, "not_allowed", "This actor may not do that: use an account with the right role.") \
    X(7, STOPPING, "stopping", "The daemon is stopping: send the same request again when it is back.") \
    /* Exactly once. */                                                                             \
    X(8, NUMBER_REUSED, "number_reused", "That number was used for another command: number on from the last.") \
    X(9, TOO_OLD, "too_old", "That number is too far behind to be remembered: look whether it was done, then number on.") \
    /* Any command. */                                                                              \
    X(10, FULL, "full", "A table of the daemon is full: raise its limit, or let ended packages lapse.") \
    X(11, BAD_NAME, "bad_name", "A name is 1 to 31 bytes (a person's token to 63) of printable text without spaces at its ends.") \
    X(12, WRONG_STATE, "wrong_state", "Its state does not allow that: look at it first.")           \
    X(13, UNKNOWN_MARKET, "unknown_market", "No market of that name is loaded: load it, or correct the name.") \
    X(14, UNKNOWN_PROVIDER, "unknown_provider", "The market has no provider of that name.")         \
    X(15, UNKNOWN_LOCATION, "unknown_location", "The market has no location of that name.")         \
    X(16, UNKNOWN_POOL, "unknown_pool", "The market has no pool of that name.")                     \
    X(17, UNKNOWN_SERVICE, "unknown_service", "The market has no service of that name, or it is of another kind.") \
    X(18, UNKNOWN_KIND, "unknown_kind", "The market has no kind of that name.")                     \
    X(19, UNKNOWN_LOT, "unknown_lot", "The market has no lot of that name.")                        \
    X(20, UNKNOWN_LOCALITY, "unknown_locality", "That place is in no locality of the market: correct the postcode, or name the locality.") \
    X(21, UNKNOWN_CAPABILITY, "unknown_capability", "The market has no capability of that name.")   \
    X(22, UNKNOWN_PACKAGE, "unknown_package", "No package has that reference.")                     \
    X(23, UNKNOWN_OFFER, "unknown_offer", "There is no such offer, or it has lapsed from the daemon.") \
    X(24, AMBIGUOUS_REFERENCE, "ambiguous_reference", "Several referrers use that reference: name the referrer too.") \
    /* Packages. */                                                                                 \
    X(25, DUPLICATE_REFERENCE, "duplicate_reference", "This referrer has a package of that reference: amend it, or choose another.") \
    X(26, BAD_POSTCODE, "bad_postcode", "A postcode is a unit (RM18 8AB), a sector (RM18 8) or a district (RM18), and in the locality that is named with it.") \
    X(27, BAD_VISIT, "bad_visit", "A visit needs days, a window within one day, 5 to 720 minutes that fit in it, and 1 or 2 carers.") \
    X(28, NO_BAND, "no_band", "A visit falls at a time for which the kind has no band.")            \
    X(29, BAD_PLACE, "bad_place", "Name the type of place, one of the kind's sub-limits.")          \
    X(30, NOTHING_NEEDED, "nothing_needed", "A package needs visits, or a place, as its kind is counted.") \
    X(31, TOO_MUCH, "too_much", "The package is larger than the kind allows: check minutes, days and carers.") \
    X(32, BAD_DATES, "bad_dates", "The dates are out of order or out of range.")                    \
    X(33, BAD_PRIORITY, "bad_priority", "Priority is 0 (most urgent) to 3.")                        \
    X(34, BAD_VALUE, "bad_value", "A field has a value outside its range or list.")                 \
    /* Offers. */                                                                                   \
    X(35, NOT_YOURS, "not_yours", "That offer was made to another provider.")                       \
    X(36, OFFER_EXPIRED, "offer_expired", "The answer came after the offer's deadline.")            \
    X(37, OFFER_STALE, "offer_stale", "The package was amended since: a new offer follows where it still fits.") \
    X(38, OFFER_ANSWERED, "offer_answered", "That offer has been answered already.")                \
    X(39, OFFER_WITHDRAWN, "offer_withdrawn", "The offer was withdrawn.")                           \
    X(40, NO_LONGER_ELIGIBLE, "no_longer_eligible", "The service can no longer take this package: explain says why.") \
    /* Supply. */                                                                                   \
    X(41, RATE_OUT_OF_BOUNDS, "rate_out_of_bounds", "The rate is outside the bounds that the market's rules give its kind.") \
    X(42, BAD_RATES, "bad_rates", "A service needs 1 to 4 rates with rising dates.")                \
    X(43, BANDS_DIFFER, "bands_differ", "A service's kind must have the bands of its pool's kind.") \
    X(44, BAD_CAPACITY, "bad_capacity", "Capacity needs one amount, 0 or more, for each band, and a valid-until after as-of and after now.") \
    X(45, BAD_TIER, "bad_tier", "A tier is 1 to 8.")                                                \
    X(46, SERVES_NOWHERE, "serves_nowhere", "A service needs at least one locality or sector.")     \
    X(47, MOVED, "moved", "A location, pool or service keeps its owner, and a service its kind: make a new one.") \
    /* The market itself. */                                                                        \
    X(48, MARKET_EXISTS, "market_exists", "That market is loaded: send its rules alone, and supply by its own commands.") \
    X(49, BAD_MARKET, "bad_market", "The market's rules are not consistent.")                       \
    X(50, SHAPE_CHANGED, "shape_changed", "Kinds, bands, localities, capabilities and lots may be added at the end, not changed or removed.") \
    X(51, BAD_TIME, "bad_time", "Time cannot go back, nor this daemon's clock be set.")             \
    X(52, RESYNC, "resync", "Events since that cursor are gone: watch anew, without a cursor, and read the lists.") \
    X(53, PERSONAL_DATA, "personal_data", "A text holds what looks like an NHS number, e-mail, telephone number or full postcode: leave it out.") \
    X(54, CALENDAR_ENDS, "calendar_ends", "The market's calendar ends before the answer would be due: load rules with a longer one.") \
    X(55, CAPACITY_GONE, "capacity_gone", "The service has no longer enough free capacity for this package.") \
    X(56, BAD_TENDER, "bad_tender", "A tender's rate, start, assessment date or shift is outside what the package and the step allow.") \
    X(57, TOP_UP_NEEDED, "top_up_needed", "That home is dearer than the ceiling: say that the top-up is agreed, or choose another.") \
    X(58, TOP_UP_REFUSED, "top_up_refused", "A top-up must be a choice: no home within the ceiling has tendered.") \
    X(59, REASON_NEEDED, "reason_needed", "Say why, in 1 to 63 bytes.")                             \
    X(60, BAD_GROUP, "bad_group", "The packages of a group are 2 to 4, of one referrer and arrangement, posted with the same size; if together, of one kind and place.") \
    X(61, BAD_FOLLOWS, "bad_follows", "A package can follow another one that is not over, that no other follows, and that does not come after it.") \
    X(62, UNKNOWN_PLACEMENT, "unknown_placement", "There is no such placement, or it has lapsed from the daemon.") \
    X(63, UNKNOWN_ROUND, "unknown_round", "There is no such round, or it has lapsed from the daemon.") \
    /* Who acts. */                                                                                 \
    X(67, UNAUTHENTICATED, "unauthenticated", "Say who you are: log in with a token (placemat --token-file FILE); an operator makes one by token create.") \
    X(68, LOGIN_PAUSED, "login_paused", "Too many logins have failed from there: wait as long as it says, and use a token that is valid.") \
    X(69, TOKEN_EXISTS, "token_exists", "There is a token of that name: revoke it first, or choose another name.") \
    X(70, UNKNOWN_TOKEN, "unknown_token", "There is no token of that name.")

enum pm_status {
#define PM_STATUS_ENUM(number, constant, name, sentence) PM_##constant = number,
    PM_STATUSES(PM_STATUS_ENUM)
#undef PM_STATUS_ENUM
    PM_STATUS_COUNT
};
/* clang-format on */

/*
 * Who acts, which the journal keeps. Of a session it is what its token says; a peer that the daemon
 * trusts (a process of its own user, on its own machine) states it. Role 0: nobody.
 */
enum pm_role { PM_BROKER = 1, PM_HOSPITAL, PM_PROVIDER, PM_COMMISSIONER, PM_OPERATOR, PM_DAEMON };
struct pm_actor {
    uint8_t role;        /* enum pm_role */
    struct pm_text name; /* the person or system; for a provider, the provider's name; for a
                            hospital, the referrer's */
};

/* ---- The market: its rules, as data ---- */

enum pm_unit { PM_MINUTES = 1, PM_PLACES };
/* How a step asks, and how an offer came about. */
enum pm_route {
    PM_CALL_OFF = 1, /* the best is asked, then the next; its capacity is held meanwhile */
    PM_LAST_RESORT,  /* the best is obliged: placed at once */
    PM_OPEN_OFFER,   /* all are invited at their rates */
    PM_SPOT_OFFER,   /* all are invited to name a rate, sealed */
    PM_CHOICE,       /* all are invited; the person chooses among those who tender */
    PM_ROUND,        /* gathered until a round matches all that are gathered together */
    PM_BROKER_AWARD, /* waits for a broker's award; of an offer: awarded by a broker */
    PM_STEP_ROUTES,
    /* Of offers alone. */
    PM_INTRODUCTION = PM_STEP_ROUTES, /* of a direct payment: the person arranges it */
    PM_IMPORTED,                      /* care that was not brokered here */
    PM_TRANSFERRED,                   /* it came over from another service */
    PM_ROUTES
};
/* What becomes of the best answer. */
enum pm_award_mode { PM_AUTOMATIC = 0, PM_CONFIRMED, PM_AWARD_MODES };
/* When an open offer closes. */
enum pm_close { PM_AT_WINDOW = 0, PM_AT_FIRST, PM_CLOSES };
enum pm_where { PM_HOME = 1, PM_NEIGHBOURS, PM_EVERYWHERE };
/* What a pool becomes when its declaration lapses. */
enum pm_lapse { PM_LAPSE_ASK = 1, PM_LAPSE_EXCLUDE };
enum pm_rating {
    PM_UNRATED = 0,
    PM_INADEQUATE,
    PM_REQUIRES_IMPROVEMENT,
    PM_GOOD,
    PM_OUTSTANDING,
    PM_RATINGS
};

enum pm_interim {
    PM_NO_COVER = 0,
    PM_FAMILY,
    PM_IN_HOSPITAL,
    PM_BRIDGED,
    PM_ON_NOTICE,
    PM_INTERIMS
};

#define PM_EVERY_DAY 0x7f /* days are bits, Monday the lowest */

/* A band of a kind. In minutes: the visits whose middle falls on these days in [from, to). In
 * places: the first band is all vacancies of the home, the others its sub-limits; days, from and to
 * are 0. */
struct pm_band {
    struct pm_name name;
    uint16_t from, to; /* minutes after midnight, from < to <= 1440 */
    uint8_t days;
    uint8_t zero[3];
};

/* A step of a ladder: who is asked, where, how, and for how long. Minutes are of opening hours. */
struct pm_step {
    uint8_t route;   /* enum pm_route, below PM_STEP_ROUTES */
    uint8_t where;   /* enum pm_where */
    uint8_t tiers;   /* mask */
    uint8_t award;   /* enum pm_award_mode; automatic for last_resort, choice and broker_award */
    uint8_t close;   /* enum pm_close; at_window but for open_offer */
    uint8_t invite;  /* how many are invited at once, the best; 0: PM_INVITED_MAX */
    uint8_t binding; /* round: 1: its result is agreed at once, 0: it becomes call-off offers */
    uint8_t zero;
    /* Minutes an offer stays open; 0 for last_resort, and for a binding round; broker_award:
     * minutes until the package goes on without one, 0: never. */
    uint32_t window;
    uint32_t decide; /* minutes to confirm or choose, then the ladder goes on; 0: any time */
    /* spot_offer: the rates that may be tendered; 0: the kind's rate_min and ceiling */
    int32_t floor, ceiling;
};

/* An opening interval, [from, to): minutes since 1970-01-01 UTC. */
struct pm_opening {
    int32_t from, to;
};
/* When offices are open: intervals in order, that do not touch. */
struct pm_calendar {
    struct pm_name name;
    const struct pm_opening *opening;
    uint32_t openings;
};

/* A kind of care. */
struct pm_kind {
    struct pm_name name;
    uint8_t unit;       /* enum pm_unit */
    uint8_t short_term; /* 0 or 1 */
    uint8_t bands;      /* how many, 1..8 */
    uint8_t steps;      /* how many, 1..8 */
    uint8_t passes;     /* how often the ladder is gone through before the package waits: from 1 */
    uint8_t calendar;   /* whose opening hours its windows count in: from 1; 0: always open */
    uint8_t rounds;     /* the calendar whenever which opens a round of it runs: from 1; 0: none */
    uint8_t zero;
    int32_t rate_min, rate_max; /* a rate outside these is a mistake, not an offer */
    int32_t ceiling;            /* the dearest rate that may be offered */
    int32_t reference_rate;     /* the price score compares with this */
    int32_t units_max;          /* the largest package: minutes a week; 1 for places */
    int32_t quality_floor;      /* 0..1000 */
    int32_t weight_price;       /* 0..100, the weights not both 0 */
    int32_t weight_quality;
    int32_t share_cap; /* units a provider may be awarded in a quarter; 0: no cap */
    /* Added to the score, each 0..20000: for the provider who knows the person; for each current
     * placement of the provider in the same sector, up to a most; for the first of the preferred
     * locations, less for the next. */
    int32_t bonus_continuity, bonus_cluster, bonus_cluster_most, bonus_preference;
    uint32_t ask_again; /* minutes after which "no capacity" may be asked again; 0: when restated */
    struct pm_band band[PM_BANDS_MAX];
    struct pm_step step[PM_STEPS_MAX];
};

struct pm_locality {
    struct pm_name name;
    uint64_t neighbours; /* mask by position; symmetric, without itself */
};

/* A postcode unit, sector or district as text in 8 bytes: see pm_postcode_parse(). 0 is none. */
struct pm_prefix {
    uint64_t code;
    uint8_t locality; /* position */
    uint8_t zero[7];
};

struct pm_lot {
    struct pm_name name;
    int32_t from, to; /* dates, both included */
};

/* The rules of one market. Everything unused is zero. */
struct pm_market {
    struct pm_name name;
    struct pm_title title;
    uint64_t salt; /* settles ties, so that no provider can choose to win them */
    /* how many of each */
    uint16_t kinds, localities, prefixes, capabilities, lots;
    uint8_t lapse;               /* enum pm_lapse */
    uint8_t raise[PM_INTERIMS];  /* classes, 0..3, by which interim cover raises priority */
    int32_t keep_days;           /* days a package stays in the daemon after it ended */
    int32_t quality[PM_RATINGS]; /* 0..1000 for each rating, by enum pm_rating */
    uint32_t raise_after; /* minutes; as often as they have passed since it was posted, a package
                             without a placement is more urgent by one class; 0: never */
    uint32_t zero;
    struct pm_kind kind[PM_KINDS_MAX];
    struct pm_locality locality[PM_LOCALITIES_MAX];
    struct pm_prefix prefix[PM_PREFIXES_MAX];
    struct pm_name capability[PM_CAPABILITIES_MAX];
    struct pm_lot lot[PM_LOTS_MAX];
};

/* ---- Supply ---- */

enum pm_standing { PM_ACTIVE = 1, PM_SUSPENDED, PM_CEASED };
enum pm_pool_mode { PM_DECLARED = 1, PM_ASK };
enum pm_contract { PM_FRAMEWORK = 1, PM_BLOCK, PM_SPOT, PM_IN_HOUSE };

/* Puts create or replace, whole: what is not given is its default. */
struct pm_provider_put {
    struct pm_text provider, title;
    uint8_t standing; /* enum pm_standing */
};
struct pm_location_put {
    struct pm_text location, provider, title;
    struct pm_text cqc;       /* the register's location id, may be empty */
    uint8_t standing, rating; /* enum pm_standing, enum pm_rating */
    int8_t score;             /* the council's inspection, 0..100, or -1: none */
};
struct pm_pool_put {
    struct pm_text pool, location, kind; /* the kind whose bands its capacity is stated in */
    uint8_t mode;                        /* enum pm_pool_mode */
};
struct pm_rate {
    int32_t from; /* date */
    int32_t pence;
};
struct pm_service_put {
    struct pm_text service, pool, kind, lot;
    uint8_t tier, contract, standing; /* 1..8, enum pm_contract, enum pm_standing */
    int32_t
        uplift; /* date from which placements agreed before are paid the rate in force; 0: none */
    uint8_t localities, sectors, capabilities, rates; /* how many of each */
    const struct pm_text *locality;                   /* names */
    const uint64_t *sector;                           /* postcode sectors */
    const struct pm_text *capability;                 /* names */
    const struct pm_rate *rate;                       /* rising dates */
};
/* "Spare today": for each band of the pool's kind what is free now. */
struct pm_capacity_set {
    struct pm_text pool;
    uint8_t bands; /* how many are given: all of the kind's */
    int32_t spare[PM_BANDS_MAX];
    int64_t as_of, valid_until; /* times; as_of 0: now; valid_until 0: until the next statement */
};

/* provider.suspend, provider.resume: the provider, or of it one location, one kind, or one
 * locality. */
struct pm_suspension {
    struct pm_text provider, location, kind, locality; /* one at most beside the provider */
    struct pm_text note;                               /* why; the journal keeps it */
};
/* How a provider ends: its carers stop, or somebody keeps them working until others start. */
enum pm_failure_mode { PM_FAIL_CEASED = 1, PM_FAIL_MANAGED, PM_FAILURE_MODES };
struct pm_failure { /* provider.fail: the provider, or one location of it */
    struct pm_text provider, location;
    int32_t from; /* date; 0: now */
    uint8_t mode; /* enum pm_failure_mode */
    struct pm_text note;
};
/* service.transfer: all placements of a service go over to another, with the carers. */
struct pm_transfer {
    struct pm_text service, to;
    struct pm_text note;
};

/* ---- Demand ---- */

enum pm_payer { PM_COUNCIL = 0, PM_HEALTH, PM_SECTION_117, PM_SELF_FUNDER, PM_PAYERS };

struct pm_visit {
    uint16_t earliest, latest; /* minutes after midnight: the visit lies within */
    uint16_t minutes;          /* of one carer, each day */
    uint8_t days, carers;      /* mask; 1 or 2 */
    uint8_t critical;          /* 1: time-critical */
    uint8_t zero;
};

/* Which fields an amendment gives; a post ignores it. */
enum pm_given {
    PM_GIVEN_PLACE = 1 << 0, /* postcode, locality, sector */
    PM_GIVEN_VISITS = 1 << 1,
    PM_GIVEN_PLACE_TYPE = 1 << 2,
    PM_GIVEN_NEEDS = 1 << 3,
    PM_GIVEN_START = 1 << 4, /* start_from, start_by */
    PM_GIVEN_PRIORITY = 1 << 5,
    PM_GIVEN_INTERIM = 1 << 6,
    PM_GIVEN_PAYER = 1 << 7,
    PM_GIVEN_EXCLUSIONS = 1 << 8,
    PM_GIVEN_PERSON = 1 << 9,
    PM_GIVEN_PLANNED_END = 1 << 10,
    PM_GIVEN_CONTINUITY = 1 << 11,
    PM_GIVEN_PREFERRED = 1 << 12,
    PM_GIVEN_FOLLOWS = 1 << 13,
    PM_GIVEN_ALL = (1 << 14) - 1,
};

/* Who arranges the care: the council, or the person with a direct payment, who is introduced to
 * those who can. */
enum pm_arrangement { PM_MANAGED = 0, PM_DIRECT_PAYMENT, PM_ARRANGEMENTS };

/* A package posted or amended. Where care is needed is a postcode of any precision, or a locality's
 * name; the daemon resolves it on receipt to locality and sector and keeps no more than those. */
struct pm_package {
    struct pm_text reference, referrer; /* referrer empty: the actor */
    struct pm_text kind;                /* post only */
    uint64_t postcode;                  /* see pm_postcode_parse(); 0: none */
    struct pm_text locality;            /* when there is no postcode; with one, its own */
    uint64_t sector;                    /* set by the daemon, or beside a locality; 0: none */
    struct pm_text place_type;          /* for kinds counted in places: a band's name */
    struct pm_text continuity;          /* the provider who knows the person; may be empty */
    struct pm_text person; /* opaque token made outside, 63 bytes at most; may be empty */
    const struct pm_visit *visit;
    const struct pm_text *need;      /* capabilities */
    const struct pm_text *exclusion; /* providers */
    const struct pm_text *preferred; /* locations, the dearest to the person first */
    struct pm_text follows;          /* reference of the package this one follows; may be empty */
    struct pm_text group;            /* post only: name of the group it is placed with, or empty */
    uint8_t visits, needs, exclusions, preferences;
    uint8_t priority, interim, payer;
    uint8_t arrangement; /* enum pm_arrangement; post only */
    uint8_t group_size;  /* how many packages the group has, 2..PM_GROUP_MAX; 0 without a group */
    uint8_t together;    /* 1: the group is placed with one service */
    uint32_t given;      /* enum pm_given; amend only */
    int32_t start_from, start_by; /* dates; 0: as soon as can be */
    int32_t planned_end;          /* date; 0: none */
};
/* withdraw, pause, resume, award.confirm, start, restart, end, show, explain */
struct pm_package_id {
    struct pm_text reference, referrer;
    uint8_t reason; /* enum pm_end_reason: withdraw and placement.end */
};

enum pm_decline_code {
    PM_NO_CAPACITY = 1,
    PM_CANNOT_MEET_NEED,
    PM_TIMES_UNSUITABLE,
    PM_TOO_FAR,
    PM_RATE_TOO_LOW,
    PM_OTHER,
    PM_DECLINE_CODES
};
struct pm_answer { /* offer.accept, offer.decline */
    uint64_t offer;
    uint8_t code; /* enum pm_decline_code: decline only */
};
/* offer.tender: yes, on conditions. Sent again before the close, it takes the place of the first.
 */
struct pm_tender {
    uint64_t offer;
    int32_t rate;      /* spot_offer: the rate tendered; 0: the service's own */
    int32_t start;     /* date from which care can start; 0: as asked */
    int32_t assess_by; /* date by which the person will have been assessed; 0: no condition */
    int32_t shift;     /* minutes by which every visit would be later (or earlier), -240..240 */
};
struct pm_handback { /* placement.handback */
    uint64_t placement;
    int32_t until; /* the last date of care given; 0: none, it ends now */
    uint8_t code;  /* enum pm_decline_code */
    struct pm_text note;
};

/* ---- Awards ---- */

/* Who decided which home. */
enum pm_decider {
    PM_THE_PERSON = 1,
    PM_THE_FAMILY,
    PM_AN_ADVOCATE,
    PM_AN_ATTORNEY,
    PM_BEST_INTERESTS,
    PM_DECIDERS
};
struct pm_choice { /* choice.record */
    struct pm_text reference, referrer;
    uint64_t offer;     /* one that tendered */
    uint8_t decided_by; /* enum pm_decider */
    uint8_t top_up;     /* 1: what it costs above the ceiling is agreed */
};
struct pm_override { /* award.override */
    struct pm_text reference, referrer;
    struct pm_text service;
    int32_t rate;        /* 0: the rate in force */
    struct pm_text note; /* why: must be given */
};
struct pm_stay { /* placement.in_hospital */
    struct pm_text reference, referrer;
    int32_t until; /* the last date for which the place is kept */
};
struct pm_import { /* placement.import: care that goes on already */
    const struct pm_package *package;
    struct pm_text service;
    int32_t rate;    /* 0: the rate in force */
    int32_t started; /* date; 0: today */
};

/* ---- Rounds ---- */

struct pm_round {        /* round.open */
    struct pm_text kind; /* empty: every kind */
};
/* round.try: a round that is solved and shown, of which nothing is done. Of those gathered; or,
 * with a provider or location, of all whose care that gives or has agreed to, were it to fail now.
 */
struct pm_round_try {
    struct pm_text kind;     /* empty: every kind */
    struct pm_text provider; /* empty: nobody fails */
    struct pm_text location; /* only it fails; its provider may be left out */
};
/* What a round gives one package. Ids; a service of 0: none. The packages of a group that are in
 * the round stand side by side, in the order they were posted. */
struct pm_assignment {
    uint64_t package;
    uint64_t service;
    uint64_t alone;   /* the service it would have been given, were they matched one at a time */
    uint32_t version; /* of the package, as it was solved */
    uint32_t zero;
};
/* A pool's band of which there was too little. */
struct pm_scarce {
    uint64_t pool; /* id */
    int64_t
        price; /* what one unit more a week would have been worth at most: hundredths of a penny */
    uint8_t band; /* position */
    uint8_t zero[7];
};
/* What a round reached, stage by stage: packages and groups of priority 0, 1, 2 and 3 that it could
 * not place, and then the weekly cost of the others, in pence. */
struct pm_round_result {
    int64_t value[PM_ROUND_STAGES];
    int64_t bound[PM_ROUND_STAGES]; /* proven: less is not possible */
    int64_t alone[PM_ROUND_STAGES]; /* of the same packages matched one at a time */
    uint64_t hash[4];               /* BLAKE2b-256 of the certificate's file; 0: there is none */
    struct pm_scarce scarce[PM_SCARCE_MAX]; /* the dearest first, one for a locality, kind, band */
    uint8_t optimal;                        /* mask of stages: nothing less is possible */
    uint8_t abandoned; /* 1: it could not be solved, and nobody is placed by it */
    uint8_t scarces;   /* how many of `scarce` there are */
    uint8_t zero[5];
};
struct pm_round_apply { /* round.apply: the daemon's own */
    uint64_t round;
    const struct pm_assignment *assignment; /* the most urgent first */
    const struct pm_round_result *result;   /* of the last piece; NULL: more follow */
    uint16_t assignments;
};

enum pm_end_reason {
    PM_COMPLETED = 1,
    PM_DIED,
    PM_READMITTED,
    PM_CHOSE_OTHERWISE,
    PM_MOVED_AWAY,
    PM_MISTAKE,
    PM_HANDED_BACK, /* from here on the care ended, the need for it did not */
    PM_PROVIDER_FAILED,
    PM_REASONS_GIVEN,               /* what a broker may say ends here; the rest comes about */
    PM_REPLACED = PM_REASONS_GIVEN, /* those who follow have started */
    PM_STAY_LAPSED,                 /* the place was kept until the end of its time */
    PM_ARRANGED,                    /* a direct payment: the person has arranged it */
    PM_END_REASONS
};

/* ---- Queries ---- */

/* package.list, offers, placements, capacity, service.list, round.list */
struct pm_list {
    struct pm_text provider; /* only theirs; may be empty */
    struct pm_text kind;     /* may be empty */
    /* package.list: 1 + enum pm_package_state; offers: 1 + enum pm_offer_state; placements: 1 +
     * enum pm_placement_state; round.list: 1 + enum pm_round_state; 0: all */
    uint8_t state;
    uint64_t after; /* rows after this id; 0 from the start */
    uint32_t limit; /* 0: 100; PM_ROWS_MAX at most */
};
struct pm_round_query { /* round.show, round.certificate */
    uint64_t round;
    uint64_t after;  /* round.show: packages after this id; 0 from the start */
    uint64_t offset; /* round.certificate: of the first byte wanted */
    uint32_t limit;  /* of packages, as for lists */
};
struct pm_hello {
    struct pm_text token; /* as it was shown when it was made */
};
/* token.create. A broker's, commissioner's or operator's acts by its own name, in the journal too;
 * a provider's for its organisation, a hospital's for its referrer. */
struct pm_token {
    struct pm_text name;     /* of the person or system that has it; no other token's */
    uint8_t role;            /* enum pm_role, up to PM_OPERATOR */
    struct pm_text provider; /* of a provider's: whom it acts for */
    struct pm_text referrer; /* of a hospital's: whose packages; empty: as the token's name */
    struct pm_text market; /* the only one it is for; empty: any. Providers of one name are not the
                              same in two markets, so a provider's names one; an operator's none */
    int32_t expires;       /* its last day, by UTC; 0: none */
};
struct pm_token_name { /* token.revoke */
    struct pm_text name;
};
struct pm_watch {
    uint64_t cursor; /* from the last answer; 0: from now */
    uint32_t wait;   /* milliseconds to wait when there is nothing, 60,000 at most */
    uint32_t limit;  /* events, as for lists */
};

/* ---- States ---- */

enum pm_package_state {
    PM_OPEN = 0,
    PM_OFFERED,
    PM_PLACED,
    PM_ENDED,
    PM_PAUSED,
    PM_WAITING,
    PM_WITHDRAWN,
    PM_CHOOSING,   /* somebody tendered: the person chooses */
    PM_TO_CONFIRM, /* somebody is found: a broker confirms, or the group is not complete */
    PM_PACKAGE_STATES
};
enum pm_offer_state {
    PM_OFFER_OPEN = 0,
    PM_OFFER_ACCEPTED,
    PM_OFFER_DECLINED,
    PM_OFFER_IS_EXPIRED,
    PM_OFFER_IS_WITHDRAWN,
    PM_OFFER_IS_STALE,
    PM_OFFER_TENDERED,
    PM_OFFER_WON,
    PM_OFFER_LOST,
    PM_OFFER_STATES
};
enum pm_placement_state {
    PM_AGREED = 0,
    PM_STARTED,
    PM_PLACEMENT_ENDED,
    PM_NOTICE,  /* care goes on while others are sought */
    PM_IN_STAY, /* the person is in hospital, the place is kept */
    PM_PLACEMENT_STATES
};

enum pm_round_state {
    PM_SOLVING = 0,
    PM_PASSING_ON, /* solved: those who got nothing are passed on */
    PM_APPLIED,
    PM_ABANDONED,
    PM_ROUND_STATES
};
/* What the last round that a package was in did with it. */
enum pm_round_fate {
    PM_NOT_MATCHED = 0,
    PM_MATCHED,     /* placed */
    PM_MATCH_ASKED, /* its service was asked; or is held until the rest of its group is settled */
    PM_DROPPED,     /* what it was given fits no longer: it is gathered for the next */
    PM_PASSED_ON,   /* there was nobody for it: it goes on at its next step */
    PM_ROUND_FATES
};

/* ---- Commands and queries ---- */

/* number in the core's tables, constant, name on the wire, member of the union below */
/* clang-format off */
#define PM_VERBS(X)                                     \
    X(1, MARKET_LOAD, "market.load", load)              \
    X(2, PROVIDER_PUT, "provider.put", provider)        \
    X(3, LOCATION_PUT, "location.put", location)        \
    X(4, POOL_PUT, "pool.put", pool)                    \
    X(5, SERVICE_PUT, "service.put", service)           \
    X(6, CAPACITY_SET, "capacity.set", capacity)        \
    X(7, PACKAGE_POST, "package.post", package)         \
    X(8, PACKAGE_AMEND, "package.amend", package)       \
    X(9, PACKAGE_WITHDRAW, "package.withdraw", id)      \
    X(10, PACKAGE_PAUSE, "package.pause", id)           \
    X(11, PACKAGE_RESUME, "package.resume", id)         \
    X(12, OFFER_ACCEPT, "offer.accept", answer)         \
    X(13, OFFER_DECLINE, "offer.decline", answer)       \
    X(14, PLACEMENT_START, "placement.start", id)       \
    X(15, PLACEMENT_END, "placement.end", id)           \
    X(16, CONTINUE, "continue", tick)                   \
    X(17, TICK, "tick", tick)                           \
    X(18, PROVIDER_SUSPEND, "provider.suspend", suspension) \
    X(19, PROVIDER_RESUME, "provider.resume", suspension) \
    X(20, PROVIDER_FAIL, "provider.fail", failure)      \
    X(21, SERVICE_TRANSFER, "service.transfer", transfer) \
    X(22, OFFER_TENDER, "offer.tender", tender)         \
    X(23, AWARD_CONFIRM, "award.confirm", id)           \
    X(24, AWARD_OVERRIDE, "award.override", award)      \
    X(25, CHOICE_RECORD, "choice.record", choice)       \
    X(26, PLACEMENT_HANDBACK, "placement.handback", handback) \
    X(27, PLACEMENT_IN_HOSPITAL, "placement.in_hospital", stay) \
    X(28, PLACEMENT_RESTART, "placement.restart", id)   \
    X(29, PLACEMENT_IMPORT, "placement.import", import) \
    X(30, ROUND_OPEN, "round.open", round)              \
    X(31, ROUND_APPLY, "round.apply", apply)            \
    X(32, OUTAGE, "outage", tick)                       \
    X(64, PACKAGE_LIST, "package.list", list)           \
    X(65, PACKAGE_SHOW, "package.show", id)             \
    X(66, EXPLAIN, "explain", id)                       \
    X(67, OFFERS, "offers", list)                       \
    X(68, PLACEMENTS, "placements", list)               \
    X(69, CAPACITY, "capacity", list)                   \
    X(70, SERVICE_LIST, "service.list", list)           \
    X(71, MARKET_REPORT, "market.report", none)         \
    X(72, DIGEST, "digest", none)                       \
    X(73, STATS, "stats", none)                         \
    X(74, WATCH, "watch", watch)                        \
    X(75, ROUND_LIST, "round.list", list)               \
    X(76, ROUND_SHOW, "round.show", matched)            \
    X(77, ROUND_CERTIFICATE, "round.certificate", matched) \
    X(78, ROUND_TRY, "round.try", tried)                \
    X(80, HELLO, "hello", hello)                        \
    X(81, TOKEN_CREATE, "token.create", token)          \
    X(82, TOKEN_REVOKE, "token.revoke", token_name)     \
    X(83, TOKEN_LIST, "token.list", list)               \
    X(84, CLOCK_ACCEPT, "clock.accept", none)

enum pm_verb {
#define PM_VERB_ENUM(number, constant, name, member) PM_##constant = number,
    PM_VERBS(PM_VERB_ENUM)
#undef PM_VERB_ENUM
    PM_COMMAND_LAST = PM_OUTAGE,
    PM_QUERY_FIRST = 64, /* verbs from here on change nothing of the market, nor are journalled */
};
/* clang-format on */

struct pm_load { /* market.load: a new market whole, or an existing one's rules alone */
    const struct pm_market *market;
    const struct pm_calendar *calendar; /* of the rules: kinds name them by position */
    const struct pm_command *supply;    /* puts and capacity.set, naming before they use */
    uint32_t calendars, supplies;
};
struct pm_tick {
    /* tick: the new time of a daemon whose clock is told (see placematd --clock). outage: since
     * when nobody could answer. */
    int64_t time;
};

struct pm_command {
    uint8_t verb; /* enum pm_verb */
    union {
        struct pm_load load;
        struct pm_provider_put provider;
        struct pm_location_put location;
        struct pm_pool_put pool;
        struct pm_service_put service;
        struct pm_capacity_set capacity;
        struct pm_suspension suspension;
        struct pm_failure failure;
        struct pm_transfer transfer;
        struct pm_package package;
        struct pm_package_id id;
        struct pm_answer answer;
        struct pm_tender tender;
        struct pm_handback handback;
        struct pm_choice choice;
        struct pm_override award;
        struct pm_stay stay;
        struct pm_import import;
        struct pm_round round;
        struct pm_round_apply apply;
        struct pm_tick tick;
        struct pm_list list;
        struct pm_watch watch;
        struct pm_round_query matched;
        struct pm_round_try tried;
        struct pm_hello hello;
        struct pm_token token;
        struct pm_token_name token_name;
        char none;
    };
};

/* The result of a command. id: the package (post, amend, withdraw, a choice that waits for the rest
 * of its group), the round (round.open, round.apply), the offer (decline; accept and tender, unless
 * it is placed by them), the placement (whatever agreed or changed one) or, of a market.load
 * refused, the position from 1 of the supply item at fault. */
struct pm_result {
    uint16_t status;
    uint64_t id;
};

/* A status's name ("offer_expired") and sentence; never NULL, "unknown_status" for what is none. */
const char *pm_status_name(unsigned status);
const char *pm_status_sentence(unsigned status);

/* A verb's name on the wire, NULL when there is none; and back, 0 when there is none. */
const char *pm_verb_name(unsigned verb);
unsigned pm_verb_parse(struct pm_text name);

/*
 * Names of the lists above as answers carry them and people type them: the constant in small
 * letters ("call_off", "requires_improvement"); NULL when there is none of that number.
 */
const char *pm_role_name(unsigned role);
const char *pm_unit_name(unsigned unit);
const char *pm_route_name(unsigned route);
const char *pm_where_name(unsigned where);
const char *pm_lapse_name(unsigned lapse);
const char *pm_rating_name(unsigned rating);
const char *pm_standing_name(unsigned standing);
const char *pm_pool_mode_name(unsigned mode);
const char *pm_contract_name(unsigned contract);
const char *pm_interim_name(unsigned interim);
const char *pm_payer_name(unsigned payer);
const char *pm_decline_code_name(unsigned code);
const char *pm_end_reason_name(unsigned reason);
const char *pm_award_mode_name(unsigned mode);
const char *pm_close_name(unsigned close);
const char *pm_failure_mode_name(unsigned mode);
const char *pm_arrangement_name(unsigned arrangement);
const char *pm_decider_name(unsigned decider);
const char *pm_package_state_name(unsigned state);
const char *pm_offer_state_name(unsigned state);
const char *pm_placement_state_name(unsigned state);
const char *pm_round_state_name(unsigned state);
const char *pm_round_fate_name(unsigned fate);
/* And back, for any of them: pm_name_parse(pm_role_name, text) is the number of that name, -1 when
 * there is none. */
int pm_name_parse(const char *(*name_of)(unsigned), struct pm_text name);

/* Text of a C string; of a name. The text points into its argument. */
struct pm_text pm_text(const char *string);
bool pm_text_equal(struct pm_text a, struct pm_text b);

/*
 * A postcode, in any case and spacing, of unit ("RM18 8AB"), sector ("RM18 8") or district ("RM18")
 * precision, as a number: its canonical text, left-aligned in 8 bytes, the first character highest.
 * A sector or district alone needs its space ("RM1 8" is a sector, "RM18" a district). 0 when
 * malformed.
 */
uint64_t pm_postcode_parse(struct pm_text text);
/* Where a postcode or sector was given but could not be read: what decoding makes of it, so that
 * the core refuses it as PM_BAD_POSTCODE (0 would be "none given"). No postcode has this number. */
#define PM_POSTCODE_BAD UINT64_MAX
/* The text of a postcode number, NUL-terminated, into out[9]; returns out. "?" of
 * PM_POSTCODE_BAD. */
char *pm_postcode_text(uint64_t code, char out[9]);
/* The sector of a unit or sector, 0 of a district; the district of any. */
uint64_t pm_postcode_sector(uint64_t code);
uint64_t pm_postcode_district(uint64_t code);

/* Civil date: days since 1970-01-01 of "2026-12-01" (years 1970 to 2200), INT32_MIN when malformed.
 * And its text, into out[11]; returns out. pm_date_of() gives the date of a time, by UTC. */
int32_t pm_date_parse(struct pm_text text);
char *pm_date_text(int32_t date, char out[11]);
int32_t pm_date_of(int64_t time);

/* ---- Part 2: the client ---------------------------------------------------------------------- */

/*
 * One connection to a daemon, for one thread at a time. Calls block. A request that gets no answer
 * is sent again under the same numbers, over a new connection when the old one is gone, until the
 * timeout: the daemon applies each numbered command once, however often it arrives.
 */
struct pm_client;

struct pm_client_options {
    const char *url;       /* "ipc:///path", "tcp://127.0.0.1:port" or "tls+tcp://host:port" */
    const char *market;    /* the market every call is for */
    struct pm_actor actor; /* who acts, where the daemon believes it; the name must outlive the
                              client */
    const char *token;     /* logs in with it instead, and again by itself when its session is over;
                              NULL: states the actor */
    uint64_t client;       /* this client's id for exactly-once; 0: a random one */
    uint64_t first_number; /* number of the first command; 0: 1. A client id that is used again must
                              go on from where it was */
    uint32_t timeout;      /* milliseconds a call may take in all, resends included, but for those
                              in which the daemon holds it by right: a watch as long as it says, a
                              round.try two minutes, and once more as long by a daemon that was
                              started anew meanwhile; 0: 10,000 */
    uint32_t resend;       /* milliseconds until an unanswered request is sent again; 0: 2,000 */
    /* For tls+tcp alone: PEM files, read once, when the client is opened. The daemon's certificate
     * must be for the URL's host. */
    const char *tls_ca;   /* the authorities it may be from; NULL: the system's */
    const char *tls_cert; /* the client's own certificate, if the daemon wants one; or NULL */
    const char *tls_key;  /* its private key, which nobody else may read; with tls_cert, or NULL */
};

enum pm_client_outcome {
    PM_CALL_DONE = 0,    /* the daemon answered: look at the reply's status and results */
    PM_CALL_UNREACHABLE, /* no answer in time: whether it was applied is not known; calling
                            pm_client_resend() later, or another client with the same id and number,
                            is safe */
    PM_CALL_INVALID,     /* the arguments cannot be sent (too many commands, a name too long) */
    PM_CALL_NO_MEMORY,
};

struct pm_client_error {
    char text[256]; /* a sentence for people */
};

/* The answer to one call. Belongs to the caller, who frees it with pm_reply_free(). */
struct pm_reply;

/* Opens a client; the daemon need not be there yet. Close with pm_client_close(). */
enum pm_client_outcome pm_client_open(const struct pm_client_options *options,
                                      struct pm_client **out, struct pm_client_error *error);
void pm_client_close(struct pm_client *client);

/* Sends commands, in order, as one request, and waits for its answer. Commands are numbered on from
 * the last call. Each is applied whole or refused whole, independently of the others. *reply is set
 * only when DONE. */
enum pm_client_outcome pm_client_call(struct pm_client *client, const struct pm_command *commands,
                                      size_t count, struct pm_reply **reply,
                                      struct pm_client_error *error);
/* Sends the last request once more, under its old numbers. PM_CALL_INVALID when there is none. */
enum pm_client_outcome pm_client_resend(struct pm_client *client, struct pm_reply **reply,
                                        struct pm_client_error *error);
/* Changes who acts in later calls of a client without a token. The name must outlive the client. */
void pm_client_act_as(struct pm_client *client, struct pm_actor actor);
/* The number the next command will have. */
uint64_t pm_client_next_number(const struct pm_client *client);

/* Status of the request as a whole; when not PM_OK it has no results and detail says what was
 * wrong. */
unsigned pm_reply_status(const struct pm_reply *reply);
const char *pm_reply_detail(const struct pm_reply *reply);
/* Sequence of the market's journal that the answer saw. */
uint64_t pm_reply_sequence(const struct pm_reply *reply);
/* How many results: one a command. */
size_t pm_reply_count(const struct pm_reply *reply);
struct pm_result pm_reply_result(const struct pm_reply *reply, size_t at);
/* The body of a query's result: CBOR as placemat.cddl describes; valid until the reply is freed. */
const uint8_t *pm_reply_body(const struct pm_reply *reply, size_t at, size_t *size);
/* The same as one JSON document, keys by name, NUL-terminated; the caller frees it with free().
 * NULL when out of memory. A command's result gives {"status":…,"id":…}. */
char *pm_reply_json(const struct pm_reply *reply, size_t at);
void pm_reply_free(struct pm_reply *reply);

/*
 * The events of a watch's answer, without the detour of JSON. What an event does not say is 0 or
 * empty; its texts point into the reply.
 */
struct pm_told_event {
    struct pm_text event; /* its name: "offer_made" */
    struct pm_text code;  /* why: of a decline, or of what ended */
    struct pm_text market, reference, referrer, service, provider, pool;
    uint64_t cursor, sequence;
    int64_t time, deadline;
    uint64_t package, offer, placement, round; /* ids */
    uint64_t rate;
};
struct pm_events {
    uint64_t cursor; /* for the next watch */
    size_t left;     /* events to come */
    bool malformed;  /* that is why there are no more */
    const uint8_t *bytes;
    size_t size, at;
};
/* Begins with the first. False when that result is not a watch's answer. */
bool pm_events_begin(const struct pm_reply *reply, size_t at, struct pm_events *out);
/* The next event; false when there is none, or it is malformed. */
bool pm_events_next(struct pm_events *events, struct pm_told_event *out);

/*
 * Reads a market file (YAML) and the CSV files it names beside it into one market.load command. The
 * command and all it points to belong to *out; free with pm_market_file_free(). On a mistake
 * returns false and the error says file, line and field, and what is expected. While it works out a
 * calendar's opening hours it sets the process's TZ, and sets it back: not for two threads at once.
 */
struct pm_market_file;
bool pm_market_file_read(const char *path, struct pm_market_file **out,
                         struct pm_client_error *error);
const struct pm_command *pm_market_file_command(const struct pm_market_file *file);
void pm_market_file_free(struct pm_market_file *file);

#ifdef __cplusplus
}
#endif
#endif
