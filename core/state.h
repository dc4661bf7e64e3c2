/*
 * state.h - all that the core knows: the records, their tables, and what is derived from them.
 * Included by core/ alone.
 *
 * Records refer to each other by slot, 0 for none, so the state is the same bytes wherever it lies.
 * A record has no padding. What is derived (maps, rosters, deadlines) is built anew when a state is
 * restored, and never decides anything by its layout.
 */
#ifndef PM_STATE_H
#define PM_STATE_H

#include "core.h"
#include "deadline.h"
#include "map.h"
#include "placemat.h"
#include "roster.h"
#include "table.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* ---- Records ---- */

/* A market's rules as loaded, and what hangs on them. */
struct market {
    struct row row;
    uint32_t version;       /* of the rules: 1 when first loaded */
    uint32_t first_service; /* list by service.next_in_market, the newest first */
    uint32_t calendar[PM_CALENDARS_MAX];
    /* Packages gathered for a round, by effective priority, then in the order they came: the first
     * and the last of each list. */
    uint32_t gathered_first[PM_PRIORITIES], gathered_last[PM_PRIORITIES];
    struct pm_market rules;
    uint32_t gathered[PM_KINDS_MAX]; /* how many there are of each kind */
    uint32_t waitlist[PM_KINDS_MAX][PM_LOCALITIES_MAX];
};

/* When offices are open: see struct pm_calendar. */
struct calendar {
    struct row row;
    uint32_t market, hours;
    int64_t due; /* when the rounds that run as it opens are next; INT64_MAX: never */
    struct pm_name name;
};

/* What calendars that open at the same times share: see hours.h. */
struct hours {
    struct row row;
    uint32_t calendars, openings; /* how many have it; how many there are */
    struct pm_opening opening[PM_OPENINGS_MAX];
};

struct provider {
    struct row row;
    uint32_t market;
    uint32_t first_offer, last_offer; /* live offers, by offer.next_of_provider, the oldest first */
    uint32_t first_placement, last_placement; /* current, by placement.next_of_provider, likewise */
    int32_t quarter;                          /* years * 4 + quarter that `awarded` is of */
    int64_t awarded[PM_KINDS_MAX];            /* units placed in that quarter */
    uint64_t embargo_localities;              /* where nothing new may go to it, a mask */
    uint16_t embargo_kinds;                   /* of which nothing new may go to it, a mask */
    uint8_t standing;                         /* enum pm_standing */
    uint8_t failed;      /* enum pm_failure_mode, until it is active again; 0: it has not */
    int32_t failed_from; /* date from which it has; 0: at once */
};
struct provider_detail {
    struct pm_name name;
    struct pm_title title;
};

/* A registered branch or home. */
struct location {
    struct row row;
    uint32_t market, provider;
    int32_t quality; /* 0..1000, from rating and inspection */
    uint8_t standing, rating;
    int8_t score;
    uint8_t failed; /* this and the next: as a provider's, and apart from those */
    int32_t failed_from;
};
struct location_detail {
    struct pm_name name, cqc;
    struct pm_title title;
};

/* One body of capacity. Only pool.c changes the amounts. free = declared - committed - held. */
struct pool {
    struct row row;
    uint32_t market, location, provider;
    uint32_t first_service; /* by service.next_in_pool */
    int32_t declared[PM_BANDS_MAX], committed[PM_BANDS_MAX], held[PM_BANDS_MAX];
    int64_t as_of, valid_until; /* times; valid_until INT64_MAX: until the next statement */
    int64_t stated;             /* when capacity was last stated to us; 0: never */
    uint8_t kind, bands;        /* whose bands, how many */
    uint8_t mode;               /* enum pm_pool_mode as put */
    uint8_t capacity;           /* enum pool_capacity: what counts now */
    uint8_t zero[4];
};
struct pool_detail {
    struct pm_name name;
};
enum pool_capacity {
    POOL_DECLARED = 1, /* its free amounts count */
    POOL_ASK,          /* nothing declared: ask */
    POOL_LAPSED,       /* declared once, lapsed, and the market excludes such */
};

/* What is offered: the part that matching reads. */
struct service {
    struct row row;
    uint32_t market, pool, location, provider;
    uint32_t next_in_pool, next_in_market;
    uint64_t localities; /* served whole */
    uint64_t reach;      /* served whole or in part: it stands on their rosters */
    uint64_t capabilities;
    int32_t score; /* the next two, and more for a block (rank.h); also on the rosters */
    int32_t score_price, score_quality;
    int32_t rate; /* in force; 0: none yet */
    uint8_t kind, lot, tier, contract, standing, sectors;
    uint8_t listed;    /* 1: on the rosters */
    uint8_t on_agenda; /* 1: may serve who waits: see waitlist.h */
    uint8_t again;     /* 1: grew since its round began: go round once more */
    uint8_t zero[3];
    uint32_t agenda_next; /* service, while on the agenda */
};
struct service_detail {
    struct pm_name name;
    uint64_t sector[PM_SECTORS_MAX];
    struct pm_rate rate[PM_RATES_MAX];
    uint32_t rates;
    int32_t refreshed; /* date as of which rate and score are */
    int32_t uplift;    /* date from which placements agreed before are paid the rate in force */
    int32_t uplifted;  /* the last such date that was taken up */
};

/* A package: the part that matching reads. */
struct package {
    struct row row;
    uint32_t market, version;
    uint32_t need_version;         /* the version that last changed what is needed */
    uint32_t first_offer;          /* by offer.next_of_package, the newest first */
    uint32_t chosen;               /* offer: the one settled on, until it is a placement */
    uint32_t placement, successor; /* current; agreed, and to take its place when it starts */
    uint32_t group;
    uint32_t wait_next, wait_previous; /* on its waitlist or among the gathered */
    uint64_t needs, sector;
    int64_t
        due; /* when something about it falls due, by its state: see package_fall_due(); 0: never */
    int32_t
        demand[PM_BANDS_MAX]; /* what is sought for it; for the lead of a group, all its members' */
    int32_t units;            /* minutes a week, or places */
    uint8_t kind, locality, state, step;
    uint8_t pass;     /* from 1 */
    uint8_t priority; /* effective, since it last came onto a list: see priority.h */
    uint8_t waits;    /* enum package_waits */
    uint8_t exclusions, preferences;
    uint8_t invited, tendered; /* offers that are open; that are tendered */
    uint8_t arrangement;       /* enum pm_arrangement */
    uint8_t knows;             /* 1: it has a continuity provider */
    uint8_t zero[7];           /* two cache lines in all */
};
_Static_assert(sizeof(struct package) == 128, "a package is two cache lines");
enum package_waits {
    WAITS_NOT,
    WAITS_LISTED,   /* on its waitlist */
    WAITS_GATHERED, /* for a round */
};
struct package_detail {
    struct pm_name reference, referrer;
    struct pm_title person;                 /* opaque token */
    uint32_t exclusion[PM_EXCLUSIONS_MAX];  /* providers */
    uint32_t preferred[PM_PREFERENCES_MAX]; /* locations, the first choice first */
    uint32_t continuity;                    /* provider */
    uint32_t return_to;                     /* service to be asked first, once */
    uint32_t follows, followed_by;          /* packages */
    uint32_t next_in_group;                 /* package posted next */
    uint32_t last_placement;                /* by placement.older: all there were */
    uint32_t first_visits;                  /* by visits.next: see visit.h */
    int32_t start_from, start_by, planned_end;
    uint8_t visits, interim, payer, place_type; /* place_type: the band */
    uint8_t end_reason;
    uint8_t priority; /* as given */
    uint8_t fate;     /* enum pm_round_fate: what `round` did with it */
    uint8_t zero;
    int64_t posted, ended; /* times; ended 0: not */
    uint64_t needs;        /* its own; package.needs is what is sought */
    uint64_t gathered;     /* sequence at which it was, while it is */
    uint64_t round;        /* id of the last round that came to it; 0: none */
    /* Services and weekly costs in pence, as they were then: what the round gave it, and what it
     * would have been given alone; 0: none. */
    uint32_t matched, alone;
    int32_t matched_cost, alone_cost;
};

/* Visit lines of a package, and the record with more of them. */
struct visit_line {
    uint16_t earliest, latest, minutes;
    uint8_t days;
    uint8_t carers : 2, critical : 1, zero : 5;
};
enum { VISITS_A_RECORD = 6 };
struct visits {
    struct row row;
    uint32_t next;
    uint32_t zero;
    struct visit_line line[VISITS_A_RECORD];
};
_Static_assert(sizeof(struct visits) == 64, "the visits of most packages are one cache line");

/* One question to a service, and the answer. An open one is due when its package is. */
struct offer {
    struct row row;
    uint32_t package, service;
    uint32_t next_of_package;                        /* older */
    uint32_t next_of_provider, previous_of_provider; /* while live: open or tendered */
    uint32_t version;                                /* of the package */
    int32_t rate, score;    /* frozen when made; of a spot, when tendered */
    int64_t made, answered; /* answered: or over otherwise; 0: not yet */
    /* Conditions of a tender: dates, as days after the one it was made on, from 1; minutes. 0:
     * none. */
    uint16_t start_in, assess_in;
    int32_t shift : 9;
    uint32_t state : 4, code : 3, route : 4;
    uint32_t step : 3, pass : 3; /* pass: from 0 */
    uint32_t holds : 1;          /* its package's demand is held in its pool */
    uint32_t handed_back : 1;    /* its placement was: it is not asked again */
    uint32_t decided_by : 3;     /* enum pm_decider of the choice that it won by; 0: none */
    uint32_t earlier : 1;        /* of an earlier search: passes have been counted anew since */
};
_Static_assert(sizeof(struct offer) == 64, "an offer is one cache line: there are most of them");
_Static_assert((int)PM_OFFER_STATES <= 16 && (int)PM_DECLINE_CODES <= 8 && (int)PM_ROUTES <= 16 &&
                   (int)PM_STEPS_MAX <= 8 && (int)PM_PASSES_MAX <= 8 && (int)PM_DECIDERS <= 8,
               "an offer's numbers have room in its bits");

struct placement {
    struct row row;
    uint32_t market, package, offer, service, provider;
    uint32_t older;                                  /* the package's placement before it */
    uint32_t next_of_provider, previous_of_provider; /* while it has not ended */
    uint32_t rules; /* version of the market's rules it was made under */
    int32_t rate;
    int32_t units;
    int32_t awarded; /* units that its agreement counts for, in the quarter of that date */
    int32_t demand[PM_BANDS_MAX]; /* what it takes of the pool */
    int64_t agreed, started, ended;
    int32_t until; /* last date: of a notice, of a kept place */
    uint8_t state, end_reason, kind;
    uint8_t ceases;     /* 1: on notice, and its carers stop at the end of `until` */
    uint8_t decided_by; /* enum pm_decider of a choice; 0: none was made */
    uint8_t negotiated; /* 1: its rate is its own, which no uplift of the service's changes */
    uint8_t zero[6];
};
struct placement_detail {
    struct pm_title note; /* why a broker awarded it otherwise */
};

/* Packages of one kind and locality that wait, by priority, then in the order they came. */
struct waitlist {
    struct row row;
    uint32_t market;
    uint32_t first[PM_PRIORITIES], last[PM_PRIORITIES]; /* packages */
    uint32_t waiting;
    uint8_t kind, locality;
    uint8_t zero[6];
    uint64_t reach; /* localities whose packages some step brings here */
};

/* How many current placements a provider has in a sector. */
struct cluster {
    struct row row;
    uint32_t provider, placements;
    uint64_t sector;
};

/* Packages of one referrer placed all or none. */
struct group {
    struct row row;
    uint32_t market;
    uint32_t first; /* package, the first posted, by package_detail.next_in_group; if together, the
                       one by which all are brokered */
    struct pm_name name, referrer;
    uint8_t size, posted;
    uint8_t together;
    uint8_t zero[5];
};

/* Something that goes over many offers or placements of a provider, or over the packages gathered,
 * a few at a time; in the order of a queue. */
struct sweep {
    struct row row;
    uint32_t market, provider;
    uint32_t next;        /* sweep */
    uint32_t location;    /* only what is there; 0: everything */
    uint32_t service, to; /* of a transfer or an uplift: whose placements; where they go */
    uint32_t cursor;      /* offer, placement or package that comes next, once begun */
    int32_t from;         /* date of a failure or uplift */
    uint64_t sequence;    /* at which it was ordered */
    uint64_t kinds;       /* of packages that a failure's gathered, for a round: a mask */
    uint32_t round;       /* whose packages are passed on */
    uint8_t purpose;      /* enum sweep_purpose */
    uint8_t begun;
    uint8_t priority; /* class that a failure's sweep, or a round's, has come to */
    uint8_t mode;     /* enum pm_failure_mode */
    uint8_t late;     /* 1: a failure's for those alone who came after it, who have no notice */
    uint8_t zero[7];
};

/* Packages that are matched together. */
struct round {
    struct row row;
    uint32_t market;
    uint32_t next_open; /* of those to be solved, in the order in which they were opened */
    uint64_t sequence;  /* at which it was opened: who was gathered until then is in it */
    int64_t opened, closed;
    uint64_t placed, asked, dropped, passed_on; /* packages */
    struct pm_round_result result;
    uint32_t previous_open;
    uint8_t state; /* enum pm_round_state */
    uint8_t kind;  /* 1 + the kind; 0: every kind */
    uint8_t none[2];
};

/* Clients by last use: the ends of a list, and neighbours in it. */
struct uses {
    uint32_t newest, oldest;
};
struct use {
    uint32_t newer, older;
};
enum { CLIENTS_OF_ALL, CLIENTS_OF_ACTOR, CLIENT_LISTS };

/* Who acts through clients that are remembered. */
struct actor {
    struct row row;
    struct pm_name name;
    uint64_t role;
    struct uses clients;
    uint32_t count; /* of them */
    uint32_t none;
};

/* What an actor's client was told, for resends. */
struct client {
    struct row row;
    uint64_t client;
    uint32_t actor;
    uint32_t moved; /* when it was last made the newest: the entry's sequence, its lower half */
    struct use in[CLIENT_LISTS];
};
enum { CLIENTS_NOTED = 64 };
enum { CLIENT_RING = 1024 }; /* at least PM_COMMANDS_MAX: a whole request can be sent again */
struct client_answer {
    uint64_t number, hash, id;
    uint64_t status;
};
struct client_ring { /* the client's detail; a number's place is number % CLIENT_RING */
    struct client_answer answer[CLIENT_RING];
};
_Static_assert((int)CLIENT_RING >= (int)PM_COMMANDS_MAX, "a request's commands are all remembered");

/* What is not in a table. */
struct header {
    uint64_t sequence;
    int64_t time;
    uint32_t agenda_first, agenda_last; /* services that may serve who waits */
    uint32_t agenda_cursor; /* package the first of them is held against next; 0: none left */
    uint32_t agenda_begun;  /* 1: the first's round has begun */
    struct uses clients;    /* of all */
    uint32_t waiting;       /* packages, on all waitlists */
    uint32_t sweep_first, sweep_last;
    uint32_t rounds_open; /* how many are to be solved; the first and the last of them */
    uint32_t round_first, round_last;
};

#pragma GCC diagnostic pop

/* ---- The whole ---- */

/* In the order of the canonical bytes. */
enum table_of {
    TABLE_MARKETS,
    TABLE_PROVIDERS,
    TABLE_LOCATIONS,
    TABLE_POOLS,
    TABLE_SERVICES,
    TABLE_PACKAGES,
    TABLE_OFFERS,
    TABLE_PLACEMENTS,
    TABLE_WAITLISTS,
    TABLE_CLIENTS,
    TABLE_ACTORS,
    TABLE_VISITS,
    TABLE_CALENDARS,
    TABLE_CLUSTERS,
    TABLE_GROUPS,
    TABLE_SWEEPS,
    TABLE_ROUNDS,
    TABLE_HOURS,
    TABLES
};
/* From names or references to slots. */
enum map_of {
    MAP_MARKETS,
    MAP_PROVIDERS,
    MAP_LOCATIONS,
    MAP_POOLS,
    MAP_SERVICES,
    MAP_PACKAGES,
    MAP_CLIENTS,
    MAP_ACTORS,
    MAP_CLUSTERS,
    MAP_GROUPS,
    MAP_HOURS,
    MAPS
};

/* Where a command that is expected will begin: see expect.c. */
enum { EXPECTED = PM_EXPECT_AHEAD / 2 };
struct expected {
    uint64_t reference; /* its hash; 0: none */
    uint32_t offer;     /* a slot that has been used at some time; 0: none */
};

struct pm_core {
    struct header header;
    struct table table[TABLES];
    /* derived */
    struct map map[MAPS];
    struct deadlines deadlines;
    struct rosters rosters; /* the services of each waitlist's kind and locality, best first */
    /* where to look first, before the maps: hints that may be wrong */
    uint32_t client_noted[CLIENTS_NOTED]; /* by the client's number: see once.c */
    uint32_t market_noted;                /* of the last command */
    struct expected expected[EXPECTED];   /* the last told of, the newest first */
    /* of the current command */
    struct pm_event events[PM_EVENTS_MAX];
    size_t event_count;
    int32_t today, quarter; /* that header.time is in: see derive_day() */
    bool failing;           /* what starts its ladder does so because a provider failed */
    struct pm_limits limits;
    uint64_t bytes;    /* taken at open */
    uint32_t *scratch; /* one entry a service: for explain */
    void *memory;
};

#define RECORD(record, TABLE)                                                           \
    static inline struct record *record##_at(const struct pm_core *core, uint32_t slot) \
    {                                                                                   \
        return (struct record *)core->table[TABLE].rows + slot;                         \
    }
#define DETAIL(record, TABLE)                                                            \
    static inline struct record##_detail *record##_detail_at(const struct pm_core *core, \
                                                             uint32_t slot)              \
    {                                                                                    \
        return (struct record##_detail *)core->table[TABLE].details + slot;              \
    }
RECORD(market, TABLE_MARKETS)
RECORD(provider, TABLE_PROVIDERS)
DETAIL(provider, TABLE_PROVIDERS)
RECORD(location, TABLE_LOCATIONS)
DETAIL(location, TABLE_LOCATIONS)
RECORD(pool, TABLE_POOLS)
DETAIL(pool, TABLE_POOLS)
RECORD(service, TABLE_SERVICES)
DETAIL(service, TABLE_SERVICES)
RECORD(package, TABLE_PACKAGES)
DETAIL(package, TABLE_PACKAGES)
RECORD(offer, TABLE_OFFERS)
RECORD(placement, TABLE_PLACEMENTS)
DETAIL(placement, TABLE_PLACEMENTS)
RECORD(visits, TABLE_VISITS)
RECORD(calendar, TABLE_CALENDARS)
RECORD(hours, TABLE_HOURS)
RECORD(cluster, TABLE_CLUSTERS)
RECORD(group, TABLE_GROUPS)
RECORD(sweep, TABLE_SWEEPS)
RECORD(round, TABLE_ROUNDS)
RECORD(waitlist, TABLE_WAITLISTS)
RECORD(client, TABLE_CLIENTS)
RECORD(actor, TABLE_ACTORS)
#undef RECORD
#undef DETAIL

static inline struct pm_kind *kind_of(const struct pm_core *core, uint32_t market, uint8_t kind)
{
    return &market_at(core, market)->rules.kind[kind];
}
static inline uint64_t id_of(const struct pm_core *core, enum table_of table, uint32_t slot)
{
    return table_id(&core->table[table], slot);
}

/* The result of a command that is refused: nothing of it was applied. Few are: what leads here is
 * laid out apart from what is done again and again; core.c. */
struct pm_result refused(uint16_t status) __attribute__((cold));

/* Of one step, at the most: each part of a group loses all that were invited, and invites as many.
 */
enum { EVENTS_A_STEP = PM_GROUP_MAX * (3 * PM_INVITED_MAX + 8) };
_Static_assert(2 * EVENTS_A_STEP <= PM_EVENTS_MAX, "a step's events have room beside another's");

/* Adds an event of the current command; event.c. There is always room: `continue` counts. */
struct pm_event *event_add(struct pm_core *core, enum pm_event_kind kind, uint32_t market);

#endif
