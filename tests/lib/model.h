/*
 * model.h - one market as a naive reader of commands and events would keep it: lists searched from
 * end to end, amounts added up anew each time, rules applied as DESIGN tells them. It shares no
 * code with the core but names and postcodes, and says so when core and model differ.
 *
 * It follows the entries of one market in the order applied. It is told of refusals too, and
 * predicts the status of what it understands.
 */
#ifndef PM_TEST_MODEL_H
#define PM_TEST_MODEL_H

#include "core/core.h"

enum {
    MODEL_SUPPLY = 80, /* of each */
    MODEL_PACKAGES = 512,
    MODEL_OFFERS = 2048,
    MODEL_NONE = -1,
};

struct model_provider {
    struct pm_name name;
    uint8_t standing;
};
struct model_location {
    struct pm_name name;
    int provider;
    uint8_t standing, rating;
    int8_t score;
};
enum model_capacity { MODEL_DECLARED = 1, MODEL_ASK, MODEL_LAPSED };
struct model_pool {
    struct pm_name name;
    int location;
    uint8_t kind, mode;
    enum model_capacity capacity;
    int64_t declared[PM_BANDS_MAX], stated;
};
struct model_service {
    struct pm_name name;
    int pool;
    uint8_t kind, lot, tier, standing, sectors, rates;
    uint64_t localities, capabilities; /* masks by position */
    uint64_t sector[PM_SECTORS_MAX];
    struct pm_rate rate[PM_RATES_MAX];
};
struct model_package {
    struct pm_name reference, referrer;
    uint64_t id, sector, needs;
    uint8_t kind, locality, state, priority, payer;
    int32_t start_from, start_by, planned_end;
    int64_t demand[PM_BANDS_MAX], units, ended;
    struct pm_name exclusion[PM_EXCLUSIONS_MAX];
    unsigned exclusions, step, pass, version, need_version;
    int open;                    /* offer */
    int placed_with;             /* service */
    int64_t taken[PM_BANDS_MAX]; /* of its placement */
    uint8_t placement;           /* enum pm_placement_state, when placed_with is some */
    bool gone;                   /* lapsed */
};
struct model_offer {
    uint64_t id;
    int package, service;
    uint8_t state, code;
    unsigned version, pass, step;
    int64_t deadline, answered;
};
/* Units placed with a provider of a kind in a quarter. */
struct model_award {
    int provider;
    uint8_t kind;
    int32_t quarter;
    int64_t units;
};

struct model {
    struct pm_name market;
    bool loaded;
    struct pm_market rules;
    int64_t time;
    struct model_provider provider[MODEL_SUPPLY];
    struct model_location location[MODEL_SUPPLY];
    struct model_pool pool[MODEL_SUPPLY];
    struct model_service service[MODEL_SUPPLY];
    struct model_package package[MODEL_PACKAGES];
    struct model_offer offer[MODEL_OFFERS];
    struct model_award award[MODEL_OFFERS];
    int providers, locations, pools, services, packages, offers, awards;
    uint64_t choices; /* how many were compared */
    bool crowded;     /* the core's tables are near full: what is asked is not foretold */
    bool canary;      /* broken on purpose: takes the dearest */
    bool failed;
    char error[256];
};

void model_start(struct model *model, const char *market);

/* The status that an entry of this market will be given; -1 when the model does not say. */
int model_expect(struct model *model, const struct pm_entry *entry);
/* Follows an entry just applied, with its events. */
void model_follow(struct model *model, const struct pm_core *core, const struct pm_entry *entry,
                  struct pm_result result);
/* Compares everything with the core's records. `settled`: nothing is due. */
void model_compare(struct model *model, const struct pm_core *core, bool settled);

/* ---- For its parts ---- */

__attribute__((format(printf, 2, 3))) void model_fail(struct model *model, const char *format, ...);
struct pm_name model_name(struct pm_text text);
bool model_same(const struct pm_name *a, const struct pm_name *b);
int model_find_service(const struct model *model, const struct pm_name *name);
int model_find_offer(const struct model *model, uint64_t id);
int model_find_pool(const struct model *model, const struct pm_name *name);
int model_kind(const struct model *model, struct pm_text name);
int model_locality(const struct model *model, struct pm_text name);
int model_capability(const struct model *model, struct pm_text name);
int model_lot(const struct model *model, struct pm_text name);
/* The mask of a position; of none, nothing. */
static inline uint64_t model_bit(int position)
{
    return position < 0 ? 0 : UINT64_C(1) << position;
}
int model_locality_of(const struct model *model, uint64_t sector);

/* Has it ended; is the time it is kept for over, so that it may be gone? */
bool model_is_over(const struct model_package *package);
bool model_is_due(const struct model *model, const struct model_package *package);

/* model_supply.c: puts, capacity, rules. */
void model_supply(struct model *model, const struct pm_command *command);
void model_load(struct model *model, const struct pm_load *load);

/* model_choice.c: what is free, who may be asked, who is best. */
struct model_taken {
    int64_t committed[PM_BANDS_MAX], held[PM_BANDS_MAX];
};
void model_taken(const struct model *model, int pool, struct model_taken *out);
/* Everything but whether it was asked and has capacity. */
bool model_may_serve(const struct model *model, const struct model_package *package, int service,
                     unsigned step);
/* Quarters since the year 0. */
int32_t model_quarter(int64_t time);
int64_t model_awarded(const struct model *model, int provider, uint8_t kind);
/* Who may be asked next, with the step and pass that it comes to: all that are equally good. */
struct model_choice {
    unsigned step, pass;
    int count;
    int service[MODEL_SUPPLY];
};
/* Going on from the package's step, or (retry) from the first in the same pass. */
void model_choose(struct model *model, int package, bool retry, struct model_choice *out);

#endif
