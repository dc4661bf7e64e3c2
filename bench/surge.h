/*
 * surge.h: real discharge days posted to a daemon of the bench's own, of one trust or of all, many
 * times over: a market for each trust, providers who answer, rounds, one provider that fails at the
 * peak. In open loop: everything has a time at which it is to be sent, and latency counts from it,
 * whether or not it could be sent by then.
 *
 *     surge.c         the command line and the result
 *     surge_market.c  trusts, markets, supply and packages
 *     link.c          requests in flight
 *     surge_run.c     the replay: who does what, and when
 *     surge_follow.c  what the daemon's events say came of it
 *     surge_check.c   whether everything is accounted for
 *     surge_figures.c one replay as JSON
 */
#ifndef PM_BENCH_SURGE_H
#define PM_BENCH_SURGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "diary.h"
#include "hist.h"
#include "link.h"
#include "placemat.h"
#include "served_process.h"
#include "workload.h"

struct surge_options {
    const char *market, *data, *trust; /* of argv, or constant; trust empty: all */
    const char *directory, *journal;
    bool keep; /* the directory stays */
    int32_t date;
    unsigned days, after; /* replayed, and then let pass without new packages */
    uint32_t scale;       /* copies of each trust's market */
    uint32_t times;       /* as many people, and as much capacity, in each */
    uint64_t seed;
    double day_seconds; /* of the machine's, for a day of the daemon's */
};

/* ---- Markets and packages ---- */

struct surge_market {
    struct pm_name name;
    const struct workload_trust *trust;
    struct workload *workload[WORKLOAD_DAYS_MAX];
    size_t first[WORKLOAD_DAYS_MAX + 1]; /* of each day's packages among all */
};

struct surge_plan {
    const struct surge_options *options;
    struct pm_market_file *file;
    struct workload_trust *trust;
    struct surge_market *market;
    size_t trusts, markets, packages;
    uint64_t discharges;
};

/* Reads the files and draws the packages. False, with a sentence in *error; close it then too. */
bool surge_plan_open(const struct surge_options *options, struct surge_plan *out,
                     struct pm_client_error *error);
void surge_plan_close(struct surge_plan *plan);
/* The market.load of the file. */
const struct pm_load *surge_plan_load(const struct surge_plan *plan);
/* Sends a market to the daemon, with homecare gathered for rounds first or without, its supply in
 * proportion to what the trust discharges on a usual day. */
bool surge_market_load(const struct surge_plan *plan, size_t market, bool rounds,
                       struct link *link);
/* What a pool of that market has spare of what the file says. */
int32_t surge_spare(const struct surge_market *market, int32_t spare);
/* Starts a daemon with room for all of it. */
bool surge_daemon_start(const struct surge_plan *plan, const struct directory *directory,
                        struct process *daemon);
/* The position among all packages of a market's reference; -1: it is none. */
long surge_find(const struct surge_market *market, unsigned days, struct pm_text reference);

/* ---- One replay ---- */

struct surge_package {
    const struct workload_arrival *arrival;
    uint32_t market;
    uint16_t posted; /* status of its post; 0 before too, so: */
    bool known;      /* posted and not refused */
    uint8_t state;   /* enum pm_package_state, as the events have it */
    bool gathered;   /* for a round */
    uint8_t rows;    /* of the daemon's list of packages that are this one */
    uint8_t live;    /* of its list of placements, current ones */
    uint8_t again;   /* how often it lost a placement: its provider failed */
    int64_t arrived, asked,
        placed;         /* times of its post, first offer and first placement; 0: none */
    uint64_t placement; /* its current one, as the events have it; 0: none */
    uint64_t told;      /* the placement that a provider was told of on accepting; 0: none */
    bool told_found;    /* and which the daemon lists, current or ended */
    size_t offer;       /* position + 1 of its newest; 0: none */
};

struct surge_offer {
    uint64_t id;
    size_t package, previous; /* previous: of the package, position + 1 */
    int64_t deadline;
    struct pm_name service, provider;
    struct workload_answer answer;
    uint64_t learned_ns; /* the machine's time when its provider heard of it */
    uint8_t state;       /* enum pm_offer_state */
};

/* What must all be 0 in the end. */
struct surge_faults {
    uint64_t missing;    /* packages of the days that the daemon does not list */
    uint64_t doubled;    /* packages it lists twice, or with two current placements */
    uint64_t strange;    /* that nobody posted */
    uint64_t differing;  /* packages or placements that are otherwise than the events told */
    uint64_t lost;       /* placements that a provider was told of, and are in no list */
    uint64_t overfull;   /* bands with more committed than declared: sold twice */
    uint64_t overheld;   /* bands with more held for offers than is free */
    uint64_t miscounted; /* states that the daemon's own report counts otherwise */
    uint64_t unlike;     /* commands answered otherwise when they came again */
    uint64_t refused;    /* commands refused for no good reason */
    uint64_t unfinished; /* rounds opened that came to no end */
};

struct surge_reason {
    char text[128];
    uint64_t count;
};

struct surge_run {
    const struct surge_plan *plan;
    bool rounds;
    struct directory directory;
    struct process daemon;
    struct link *link;
    struct diary diary;
    struct surge_package *package;
    struct surge_offer *offer;
    size_t offers, offers_room;
    uint64_t *cursor;               /* of each market's events */
    uint32_t *gathered;             /* packages of each market that wait for a round */
    bool broken;                    /* a sentence is on stderr */
    bool closing;                   /* watches that come back are not parked again */
    size_t parked;                  /* watches that are not answered */
    uint64_t followed;              /* events */
    int64_t begin, clock;           /* the daemon's, as last told */
    uint64_t begin_ns, measured_ns; /* the machine's: of the replay, and when figures end */
    uint64_t started_ns, told_ns;   /* of all, and when it was last said how far it is */
    bool ticking;
    int64_t pending; /* of the last tick */
    uint64_t rounds_opened, rounds_done, failed;
    uint64_t status[PM_STATUS_COUNT];    /* answers, while measured or not */
    uint64_t answered;                   /* while measured */
    double seconds;                      /* that took */
    struct hist latency, posts, accepts; /* ns */
    uint64_t states[PM_PACKAGE_STATES];  /* of the daemon's list */
    int64_t cost;
    struct surge_reason *reason;
    size_t reasons;
    struct surge_faults faults;
    uint64_t cpu_ns, memory; /* of the daemon: processor time, and bytes resident at the end */
};

/* Replays the days on a new daemon. False, having said why. Close it in any case. */
bool surge_run(struct surge_run *run);
void surge_run_close(struct surge_run *run);

/* Deeds of the diary; index: of the package, offer or market. */
enum surge_deed {
    SURGE_ARRIVAL,
    SURGE_ANSWER,
    SURGE_CHOICE,
    SURGE_CAPACITY,
    SURGE_ROUND,
    SURGE_FAILURE,
    SURGE_DEEDS,
    SURGE_TICK = SURGE_DEEDS,
    SURGE_LOAD,
    SURGE_WATCH, /* it waits */
    SURGE_LOOK,  /* likewise, and does not */
    SURGE_ASK,
    SURGE_LIST,
};

/* Says something on stderr. Returns false. */
bool surge_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says how far it is, at most once a second. */
void surge_progress(struct surge_run *run, const char *doing, size_t done, size_t of);

/* The moment of the machine's clock at which that time of the daemon's is due. */
uint64_t surge_due_ns(const struct surge_run *run, int64_t time);
/* Who does what no ward and no provider does. */
struct pm_actor surge_broker(void);
/* Sends commands to a market, or one, as that actor: for what deed, to what, and when they were to
 * be. False, having said why. */
bool surge_send_all(struct surge_run *run, uint32_t market, struct pm_actor actor, unsigned deed,
                    size_t index, uint64_t intended_ns, const struct pm_command *command,
                    uint32_t count);
bool surge_send(struct surge_run *run, uint32_t market, struct pm_actor actor, unsigned deed,
                size_t index, uint64_t intended_ns, const struct pm_command *command);
/* Does what stood on the diary. False, having said why. */
bool surge_do(struct surge_run *run, const struct diary_item *item);
/* Takes in what a watch of a market brought. */
bool surge_follow(struct surge_run *run, uint32_t market, const struct pm_reply *reply);
/* Asks, as a broker of the market, and waits. NULL, having said why. A new reference. */
json_t *surge_ask(struct surge_run *run, uint32_t market, const struct pm_command *command);
/* Asks, as a broker of the market, for its list from a row on, and does not wait: what comes is
 * given to surge_rows(), which asks for the rest. False, having said why. */
bool surge_list(struct surge_run *run, uint32_t market, enum pm_verb verb, uint64_t after);
bool surge_rows(struct surge_run *run, uint32_t market, enum pm_verb verb, const json_t *body);
/* Waits until few commands are in flight, before more are sent; or until none is, but watches.
 * False, having said why. */
bool surge_let_catch_up(struct surge_run *run);
bool surge_settle(struct surge_run *run);
/* Counts everything, and what does not add up. False when it could not ask. */
bool surge_check(struct surge_run *run);
/* Did everything add up? */
bool surge_adds_up(const struct surge_run *run);
/* A new reference; NULL when out of memory. */
json_t *surge_figures(const struct surge_run *run);

#endif
