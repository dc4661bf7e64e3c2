/* rank.c - which of those who may be asked is best. */
#include "rank.h"

#include "eligible.h"
#include "hash.h"
#include "provider.h"

enum { SCORE_ONE = 10000, SCORE_PRICE_MAX = 20000, QUALITY_ONE = 1000 };

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

static uint64_t tie_hash(const struct pm_core *core, uint32_t package, uint32_t service)
{
    uint64_t ids[2] = {id_of(core, TABLE_PACKAGES, package), id_of(core, TABLE_SERVICES, service)};
    return pm_hash(ids, sizeof ids, market_at(core, package_at(core, package)->market)->rules.salt);
}

bool rank_before(const struct pm_core *core, uint32_t package, uint32_t a, uint32_t b)
{
    const struct service *sa = service_at(core, a), *sb = service_at(core, b);
    int64_t units_a = provider_awarded(core, sa->provider, sa->kind);
    int64_t units_b = provider_awarded(core, sb->provider, sb->kind);
    if (units_a != units_b)
        return units_a < units_b;
    uint64_t hash_a = tie_hash(core, package, a), hash_b = tie_hash(core, package, b);
    return hash_a != hash_b ? hash_a < hash_b : a < b;
}

struct best {
    uint32_t service;
    int32_t score;
};

/* Betters *best from one roster. Scores only fall, so the search ends at the first that is
 * worse. */
static void search_roster(struct pm_core *core, uint32_t package, unsigned step, uint32_t roster,
                          struct best *best)
{
    const struct package *p = package_at(core, package);
    struct roster_search search;
    uint32_t service;
    roster_start(&search, core, roster, p->demand, p->needs,
                 kind_of(core, p->market, p->kind)->step[step].tiers);
    if (best->service != 0)
        search.floor = best->score;
    while ((service = roster_next(&search, core)) != 0) {
        int32_t score = search.score;
        if (eligible(core, package, service, step, FILTERS_ALL).filter != FILTER_NONE)
            continue;
        if (best->service == 0 || score > best->score ||
            rank_before(core, package, service, best->service))
            *best = (struct best){service, score};
        search.floor = best->score;
    }
}

uint32_t rank_best(struct pm_core *core, uint32_t package, unsigned step)
{
    const struct package *p = package_at(core, package);
    const struct market *market = market_at(core, p->market);
    uint64_t scope =
        step_scope(&market->rules, &market->rules.kind[p->kind].step[step], p->locality);
    struct best best = {0, 0};
    for (; scope != 0; scope &= scope - 1)
        search_roster(core, package, step, market->waitlist[p->kind][__builtin_ctzll(scope)],
                      &best);
    return best.service;
}
