/* rank.c - which of those who may be asked are best. */
#include "rank.h"

#include "cluster.h"
#include "eligible.h"
#include "hash.h"
#include "provider.h"

enum { SCORE_ONE = 10000, SCORE_PRICE_MAX = 20000, QUALITY_ONE = 1000 };

/* ---- Scores ---- */

struct score score_of(const struct pm_kind *kind, int32_t rate, int32_t quality)
{
    int64_t weights = kind->weight_price + kind->weight_quality;
    int64_t price = rate > 0 ? (int64_t)kind->reference_rate * SCORE_ONE / rate : 0;
    if (price > SCORE_PRICE_MAX)
        price = SCORE_PRICE_MAX;
    return (struct score){
        .price = (int32_t)(kind->weight_price * price / weights),
        .quality = (int32_t)((int64_t)kind->weight_quality * quality * (SCORE_ONE / QUALITY_ONE) /
                             weights),
    };
}

int32_t score_sum(const struct score *score)
{
    return score->block + score->price + score->quality + score->continuity + score->cluster +
           score->preference;
}

static int32_t cluster_bonus(const struct pm_core *core, const struct pm_kind *kind,
                             const struct package *package, uint32_t provider)
{
    if (kind->bonus_cluster == 0)
        return 0;
    int64_t bonus = (int64_t)kind->bonus_cluster * cluster_count(core, provider, package->sector);
    return bonus < kind->bonus_cluster_most ? (int32_t)bonus : kind->bonus_cluster_most;
}

static int32_t preference_bonus(const struct pm_core *core, const struct pm_kind *kind,
                                uint32_t package, uint32_t location)
{
    const struct package_detail *detail = package_detail_at(core, package);
    for (unsigned i = 0; i < package_at(core, package)->preferences; i++)
        if (detail->preferred[i] == location)
            return (int32_t)((int64_t)kind->bonus_preference * (PM_PREFERENCES_MAX - (int)i) /
                             PM_PREFERENCES_MAX);
    return 0;
}

struct score score_for(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    const struct service *s = service_at(core, service);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    struct score score = {
        .block = s->contract == PM_BLOCK ? SCORE_BLOCK : 0,
        .price = s->score_price,
        .quality = s->score_quality,
        .cluster = cluster_bonus(core, kind, p, s->provider),
    };
    if (p->knows && package_detail_at(core, package)->continuity == s->provider)
        score.continuity = kind->bonus_continuity;
    if (p->preferences > 0)
        score.preference = preference_bonus(core, kind, package, s->location);
    return score;
}

int32_t score_at_rate(const struct pm_core *core, uint32_t package, uint32_t service, int32_t rate)
{
    struct score score = score_for(core, package, service);
    const struct service *s = service_at(core, service);
    score.block = 0;
    score.price = score_of(kind_of(core, s->market, s->kind), rate, 0).price;
    return score_sum(&score);
}

/* Has the package anything by which services get more than their base score? */
static bool has_bonus(const struct package *package, const struct pm_kind *kind)
{
    return package->knows || package->preferences > 0 ||
           (kind->bonus_cluster > 0 && package->sector != 0);
}

/* The most by which a service's score for the package can be above its base score. */
static int32_t bonus_most(const struct package *package, const struct pm_kind *kind)
{
    int32_t most = package->knows ? kind->bonus_continuity : 0;
    if (package->preferences > 0)
        most += kind->bonus_preference;
    if (kind->bonus_cluster > 0 && package->sector != 0)
        most += kind->bonus_cluster_most;
    return most;
}

/* ---- Order ---- */

static uint64_t tie_hash(const struct pm_core *core, uint32_t package, uint32_t service)
{
    uint64_t ids[2] = {id_of(core, TABLE_PACKAGES, package), id_of(core, TABLE_SERVICES, service)};
    return pm_hash(ids, sizeof ids, market_at(core, package_at(core, package)->market)->rules.salt);
}

bool rank_before(const struct pm_core *core, uint32_t package, struct ranked a, struct ranked b)
{
    if (a.score != b.score)
        return a.score > b.score;
    const struct service *sa = service_at(core, a.service), *sb = service_at(core, b.service);
    int64_t units_a = provider_awarded(core, sa->provider, sa->kind);
    int64_t units_b = provider_awarded(core, sb->provider, sb->kind);
    if (units_a != units_b)
        return units_a < units_b;
    uint64_t hash_a = tie_hash(core, package, a.service),
             hash_b = tie_hash(core, package, b.service);
    return hash_a != hash_b ? hash_a < hash_b : a.service < b.service;
}

/* ---- Search ---- */

/* The best found so far, in order. */
struct best {
    struct ranked *at;
    uint32_t count, most;
};

static bool is_among(const struct best *best, uint32_t service)
{
    for (uint32_t i = 0; i < best->count; i++)
        if (best->at[i].service == service)
            return true;
    return false;
}

static void insert(const struct pm_core *core, uint32_t package, struct best *best,
                   struct ranked found)
{
    uint32_t at = best->count;
    while (at > 0 && rank_before(core, package, found, best->at[at - 1]))
        at--;
    if (at == best->most)
        return;
    if (best->count < best->most)
        best->count++;
    for (uint32_t i = best->count - 1; i > at; i--)
        best->at[i] = best->at[i - 1];
    best->at[at] = found;
}

/* Betters *best from one roster. Base scores only fall, so the search ends at the first that could
 * not come among the best even with every bonus. */
static void search_roster(struct pm_core *core, uint32_t package, unsigned step, uint32_t roster,
                          struct best *best)
{
    /* To an introduction no capacity is too little. */
    static const int32_t nothing[PM_BANDS_MAX] = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN,
                                                  INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    bool bonus = has_bonus(p, kind);
    int32_t most = bonus ? bonus_most(p, kind) : 0;
    struct roster_search search;
    uint32_t service;
    roster_start(&search, core, roster, p->arrangement == PM_MANAGED ? p->demand : nothing,
                 p->needs, kind->step[step].tiers);
    do {
        if (best->count == best->most)
            search.floor = best->at[best->count - 1].score - most;
        service = roster_next(&search, core);
        if (service == 0 || is_among(best, service) || !may_be_asked(core, package, service, step))
            continue;
        struct ranked found = {service, search.score};
        if (bonus) {
            struct score score = score_for(core, package, service);
            found.score = score_sum(&score);
        }
        insert(core, package, best, found);
    } while (service != 0);
}

uint32_t rank_best(struct pm_core *core, uint32_t package, unsigned step, uint32_t most,
                   struct ranked *out)
{
    const struct package *p = package_at(core, package);
    const struct market *market = market_at(core, p->market);
    uint64_t scope =
        step_scope(&market->rules, &market->rules.kind[p->kind].step[step], p->locality);
    struct best best = {.at = out, .most = most};
    for (; scope != 0; scope &= scope - 1)
        search_roster(core, package, step, market->waitlist[p->kind][__builtin_ctzll(scope)],
                      &best);
    return best.count;
}
