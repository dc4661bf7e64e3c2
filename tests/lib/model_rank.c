/* model_rank.c - which of those who may be asked is best. */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/hash.h"
#include "core/state.h"

enum { BLOCK = 100000, PRICE_MAX = 20000 };

static int64_t price(const struct pm_kind *kind, int32_t rate)
{
    int64_t value = rate > 0 ? (int64_t)kind->reference_rate * 10000 / rate : 0;
    return (value > PRICE_MAX ? PRICE_MAX : value) * kind->weight_price /
           (kind->weight_price + kind->weight_quality);
}

static int64_t quality(const struct model *model, const struct pm_kind *kind, int service)
{
    const struct model_location *l = &model->location[model_location_of(model, service)];
    int32_t rated = model->rules.quality[l->rating];
    int32_t all = l->score < 0 ? rated : (rated + l->score * 10) / 2;
    return (int64_t)all * 10 * kind->weight_quality / (kind->weight_price + kind->weight_quality);
}

static int64_t continuity(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    return p->need.continuity == model_provider_of(model, service)
               ? model->rules.kind[p->kind].bonus_continuity
               : 0;
}

/* Whom the provider sees nearby already. */
static int64_t cluster(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    int64_t bonus = 0;
    if (p->need.sector == 0)
        return 0;
    for (int i = 0; i < model->placements; i++) {
        const struct model_placement *l = &model->placement[i];
        if (l->state != PM_PLACEMENT_ENDED &&
            model_provider_of(model, l->service) == model_provider_of(model, service) &&
            model->package[l->package].need.sector == p->need.sector)
            bonus += kind->bonus_cluster;
    }
    return bonus > kind->bonus_cluster_most ? kind->bonus_cluster_most : bonus;
}

static int64_t preference(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    int32_t bonus = model->rules.kind[p->kind].bonus_preference;
    for (int i = 0; i < p->need.preferences; i++)
        if (p->need.preferred[i] == model_location_of(model, service))
            return (int64_t)bonus * (PM_PREFERENCES_MAX - i) / PM_PREFERENCES_MAX;
    return 0;
}

int64_t model_score(const struct model *model, int package, int service, int32_t rate, bool block)
{
    const struct pm_kind *kind = &model->rules.kind[model->service[service].kind];
    return (block && model->service[service].contract == PM_BLOCK ? BLOCK : 0) + price(kind, rate) +
           quality(model, kind, service) + continuity(model, package, service) +
           cluster(model, package, service) + preference(model, package, service);
}

/* Of equal scores the one who was awarded less this quarter. */
static int compare(const struct model *model, int64_t x, int64_t y, int a, int b)
{
    if (x != y)
        return (x > y) != model->canary ? 1 : -1;
    x = model_awarded(model, model_provider_of(model, a), model->service[a].kind);
    y = model_awarded(model, model_provider_of(model, b), model->service[b].kind);
    return x == y ? 0 : x < y ? 1 : -1;
}

int model_better(const struct model *model, int package, int a, int b)
{
    return compare(model, model_score(model, package, a, model_rate(model, a), true),
                   model_score(model, package, b, model_rate(model, b), true), a, b);
}

/* What it was worth when it was asked, or named its rate. */
int model_better_tender(const struct model *model, int a, int b)
{
    const struct model_offer *x = &model->offer[a], *y = &model->offer[b];
    return compare(model, x->score, y->score, x->service, y->service);
}

int model_ranked(const struct model *model, int package, unsigned step, int out[MODEL_SUPPLY])
{
    int count = 0;
    for (int s = 0; s < model->services; s++) {
        if (!model_eligible(model, package, s, step, MODEL_ALL))
            continue;
        int at = count++;
        for (; at > 0 && model_better(model, package, s, out[at - 1]) > 0; at--)
            out[at] = out[at - 1];
        out[at] = s;
    }
    return count;
}

/* The salted hash by which the core settles ties, where it does not tell how it did. */
uint64_t model_tie(const struct model *model, int package, int service)
{
    uint32_t market = find_market(model->core, pm_text(model->market.text));
    uint32_t slot = find_service(model->core, market, pm_text(model->service[service].name.text));
    uint64_t ids[2] = {model->package[package].id, id_of(model->core, TABLE_SERVICES, slot)};
    return pm_hash(ids, sizeof ids, model->rules.salt);
}
