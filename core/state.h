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
    struct pm_market rules;
    /* localities whose packages some step brings here */
    uint64_t reach[PM_KINDS_MAX][PM_LOCALITIES_MAX];
    uint32_t waitlist[PM_KINDS_MAX][PM_LOCALITIES_MAX];
};

struct provider {
    struct row row;
    uint32_t market;
    uint32_t first_offer, last_offer; /* open offers, by offer.next_of_provider, the oldest first */
    int32_t quarter;                  /* years * 4 + quarter that `awarded` is of */
    int64_t awarded[PM_KINDS_MAX];    /* units placed in that quarter */
    uint8_t standing;                 /* enum pm_standing */
    uint8_t zero[7];
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
    uint8_t zero;
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
    int32_t score; /* the sum of the next two; also on the rosters */
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
};

/* A package: the part that matching reads. */
struct package {
    struct row row;
    uint32_t market, version;
    uint32_t need_version; /* the version that last changed what is needed */
    uint32_t first_offer;  /* by offer.next_of_package, the newest first */
    uint32_t open_offer, placement;
    uint32_t wait_next, wait_previous; /* in its waitlist, by priority then arrival */
    uint64_t needs, sector;
    int64_t posted, ended; /* times; ended 0: not */
    int32_t demand[PM_BANDS_MAX];
    int32_t units; /* minutes a week, or 1 place */
    uint8_t kind, locality, state, step;
    uint8_t pass, priority, exclusions, waits; /* pass from 1; waits 1: stands on its waitlist */
    uint32_t zero[3];                          /* two cache lines in all */
};
_Static_assert(sizeof(struct package) == 128, "a package is two cache lines");
struct package_detail {
    struct pm_name reference, referrer;
    struct pm_title person; /* opaque token */
    struct pm_visit visit[PM_VISITS_MAX];
    uint32_t exclusion[PM_EXCLUSIONS_MAX]; /* providers */
    uint32_t continuity;                   /* provider */
    int32_t start_from, start_by, planned_end;
    uint8_t visits, interim, payer, place_type; /* place_type: the band */
    uint8_t end_reason;
    uint8_t zero[3];
};

struct offer {
    struct row row;
    uint32_t market, package, service, provider;
    uint32_t next_of_package;                        /* older */
    uint32_t next_of_provider, previous_of_provider; /* while open */
    uint32_t version;                                /* of the package */
    int32_t rate, score;                             /* frozen when made */
    int64_t made, deadline;
    int64_t answered; /* or over otherwise; 0: not yet */
    uint8_t state, code, step, pass;
    uint8_t route;
    uint8_t zero[3];
};

struct placement {
    struct row row;
    uint32_t market, package, offer, service, provider;
    uint32_t rules; /* version of the market's rules it was made under */
    int32_t rate;
    int32_t units;
    int32_t demand[PM_BANDS_MAX]; /* what it takes of the pool */
    int64_t agreed, started, ended;
    uint8_t state, end_reason, kind;
    uint8_t zero[5];
};

/* Packages of one kind and locality that wait, by priority, then in the order they came. */
struct waitlist {
    struct row row;
    uint32_t market;
    uint32_t first[PM_PRIORITIES], last[PM_PRIORITIES]; /* packages */
    uint32_t waiting;
    uint8_t kind, locality;
    uint8_t zero[6];
};

/* What a principal's client was told, for resends. */
struct client {
    struct row row;
    uint64_t client;
    uint32_t newer, older; /* by last use */
    struct pm_name actor;
    uint64_t role;
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
    uint32_t client_newest, client_oldest;
    uint32_t waiting; /* packages, on all waitlists */
    uint32_t zero;
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
    MAPS
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
    /* of the current command */
    struct pm_event events[PM_EVENTS_MAX];
    size_t event_count;
    int32_t today; /* date of header.time */
    struct pm_limits limits;
    uint64_t bytes;    /* taken at open */
    uint32_t *scratch; /* one entry a service: for explain */
    void *memory;
};

#define RECORD(record, TABLE)                                                           \
    static inline struct record *record##_at(const struct pm_core *core, uint32_t slot) \
    {                                                                                   \
        return (struct record *)table_row(&core->table[TABLE], slot);                   \
    }
#define DETAIL(record, TABLE)                                                            \
    static inline struct record##_detail *record##_detail_at(const struct pm_core *core, \
                                                             uint32_t slot)              \
    {                                                                                    \
        return (struct record##_detail *)table_detail(&core->table[TABLE], slot);        \
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
RECORD(waitlist, TABLE_WAITLISTS)
RECORD(client, TABLE_CLIENTS)
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

/* The result of a command that is refused: nothing of it was applied. */
static inline struct pm_result refused(uint16_t status)
{
    return (struct pm_result){.status = status};
}

/* Adds an event of the current command; event.c. There is always room: `continue` counts. */
struct pm_event *event_add(struct pm_core *core, enum pm_event_kind kind, uint32_t market);

#endif
