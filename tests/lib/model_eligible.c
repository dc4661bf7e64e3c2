/* model_eligible.c - who may be asked: the model's own reading of the filters. */
#include "tests/lib/model.h"

#include <string.h>

static const int64_t ANY = INT64_C(1) << 31; /* more than any package: an undeclared pool's room */

/* ---- Capacity ---- */

void model_taken(const struct model *model, int pool, struct model_taken *out)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *p = &model->package[i];
        if (p->gone)
            continue;
        for (int o = p->first_offer; o != MODEL_NONE; o = model->offer[o].older)
            if (model->offer[o].holds && model->service[model->offer[o].service].pool == pool)
                for (unsigned b = 0; b < PM_BANDS_MAX; b++)
                    out->held[b] += p->need.demand[b];
    }
    for (int i = 0; i < model->placements; i++) {
        const struct model_placement *l = &model->placement[i];
        if (l->state != PM_PLACEMENT_ENDED && model->service[l->service].pool == pool)
            for (unsigned b = 0; b < PM_BANDS_MAX; b++)
                out->committed[b] += l->demand[b];
    }
}

int64_t model_room(const struct model *model, int pool, unsigned band)
{
    struct model_taken taken;
    const struct model_pool *p = &model->pool[pool];
    if (p->capacity == MODEL_LAPSED)
        return 0;
    model_taken(model, pool, &taken);
    return (p->capacity == MODEL_ASK ? ANY : p->declared[band]) - taken.committed[band] -
           taken.held[band] - model->lent[pool][band];
}

/* What the package is placed with of the pool. */
static int64_t placed(const struct model *model, int package, int pool, unsigned band)
{
    const struct model_package *p = &model->package[package];
    bool here = p->state == PM_PLACED && p->placement != MODEL_NONE &&
                model->service[model->placement[p->placement].service].pool == pool;
    return here ? model->placement[p->placement].demand[band] : 0;
}

/* What the package itself has or holds of the pool is free for it. */
static int64_t own(const struct model *model, int package, int pool, unsigned band)
{
    const struct model_package *p = &model->package[package];
    int64_t sum = placed(model, package, pool, band);
    for (int o = p->first_offer; o != MODEL_NONE; o = model->offer[o].older)
        if (model->offer[o].holds && model->service[model->offer[o].service].pool == pool)
            sum += p->need.demand[band];
    return sum;
}

bool model_fits(const struct model *model, int package, int service)
{
    int pool = model->service[service].pool;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        int64_t needed = model->package[package].need.demand[b];
        if (needed > 0 && needed > model_room(model, pool, b) + own(model, package, pool, b))
            return false;
    }
    return true;
}

bool model_fits_beside(const struct model *model, int package, int service)
{
    int pool = model->service[service].pool;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        int64_t needed = model->package[package].need.demand[b];
        if (needed > 0 && needed > model_room(model, pool, b) + placed(model, package, pool, b))
            return false;
    }
    return true;
}

static bool has_capacity(const struct model *model, int package, int service)
{
    return model_introduces(model, package) || model_fits(model, package, service);
}

/* ---- Asked already ---- */

/* Does a refusal for want of capacity still count? */
static bool has_lapsed(const struct model *model, const struct model_offer *offer)
{
    unsigned kind = model->package[offer->package].kind;
    uint32_t again = model->rules.kind[kind].ask_again;
    return again != 0 && model->time > model_after(model, kind, offer->answered, again);
}

static bool stands_in_the_way(const struct model *model, const struct model_offer *offer)
{
    const struct model_package *p = &model->package[offer->package];
    bool old = offer->version < p->need_version;
    bool restated = model->pool[model->service[offer->service].pool].stated > offer->answered;
    if (offer->handed_back && p->placement != MODEL_NONE &&
        model->placement[p->placement].state == PM_NOTICE &&
        &model->offer[model->placement[p->placement].offer] == offer)
        return true;
    switch (offer->state) {
    case PM_OFFER_OPEN:
    case PM_OFFER_TENDERED:
        return true;
    case PM_OFFER_IS_EXPIRED:
    case PM_OFFER_LOST:
        return offer->pass == p->pass && !offer->before && !old && !restated;
    case PM_OFFER_DECLINED:
        return !old && (offer->code != PM_NO_CAPACITY || (!restated && !has_lapsed(model, offer)));
    case PM_OFFER_ACCEPTED:
    case PM_OFFER_WON:
        return offer->handed_back && !old;
    default:
        return false;
    }
}

static bool was_asked(const struct model *model, int package, int service)
{
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older)
        if (model->offer[o].service == service && stands_in_the_way(model, &model->offer[o]))
            return true;
    return false;
}

/* ---- Where it comes ---- */

static bool in_scope(const struct model *model, unsigned where, unsigned home, unsigned locality)
{
    return locality == home || where == PM_EVERYWHERE ||
           (where == PM_NEIGHBOURS &&
            (model->rules.locality[home].neighbours >> locality & 1) != 0);
}

/* At home its locality whole or the very sector; elsewhere in scope, wherever it goes at all. */
static bool comes(const struct model *model, const struct model_need *need,
                  const struct model_service *s, unsigned where)
{
    for (unsigned l = 0; l < model->rules.localities; l++)
        if ((s->localities >> l & 1) != 0 && in_scope(model, where, need->locality, l))
            return true;
    for (unsigned i = 0; i < s->sectors; i++) {
        int l = model_locality_of(model, s->sector[i]);
        if (l < 0)
            continue;
        if (l != need->locality && in_scope(model, where, need->locality, (unsigned)l))
            return true;
        if (l == need->locality)
            for (unsigned j = 0; j < s->sectors; j++)
                if (s->sector[j] == need->sector)
                    return true;
    }
    return false;
}

/* ---- The other filters ---- */

static int32_t quality_of(const struct model *model, int service)
{
    const struct model_location *l = &model->location[model_location_of(model, service)];
    int32_t rated = model->rules.quality[l->rating];
    return l->score < 0 ? rated : (rated + l->score * 10) / 2;
}

bool model_stands(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    const struct model_location *location = &model->location[model_location_of(model, service)];
    const struct model_provider *provider = &model->provider[location->provider];
    return model->service[service].standing == PM_ACTIVE && location->standing == PM_ACTIVE &&
           provider->standing == PM_ACTIVE && (provider->no_kinds >> p->kind & 1) == 0 &&
           (provider->no_localities >> p->need.locality & 1) == 0;
}

bool model_introduces(const struct model *model, int package)
{
    return model->package[package].arrangement == PM_DIRECT_PAYMENT;
}

bool model_rate_is_allowed(const struct model *model, int package, unsigned step, int32_t rate)
{
    unsigned route = model_step(model, package, step)->route;
    bool dearer = model_introduces(model, package) || route == PM_CHOICE || route == PM_SPOT_OFFER;
    return rate > 0 && (dearer || rate <= model->rules.kind[model->package[package].kind].ceiling);
}

static bool is_excluded(const struct model_need *need, int provider)
{
    for (unsigned e = 0; e < need->exclusions; e++)
        if (need->exclusion[e] == provider)
            return true;
    return false;
}

const struct pm_step *model_step(const struct model *model, int package, unsigned step)
{
    static const struct pm_step none;
    const struct pm_kind *kind = &model->rules.kind[model->package[package].kind];
    return step < kind->steps ? &kind->step[step] : &none;
}

int64_t model_awarded(const struct model *model, int provider, unsigned kind)
{
    int64_t units = 0;
    for (int i = 0; i < model->placements; i++) {
        const struct model_placement *l = &model->placement[i];
        if (l->counted && l->awarded_to == provider && model->package[l->package].kind == kind &&
            model_quarter(l->agreed) == model_quarter(model->time))
            units += l->awarded;
    }
    return units;
}

static bool has_share(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    int64_t cap = model->rules.kind[p->kind].share_cap;
    return cap == 0 ||
           model_awarded(model, model_provider_of(model, service), p->kind) + p->need.units <= cap;
}

/* What the service is, wherever and at whatever rate it would come. */
static bool is_fit(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    const struct model_service *s = &model->service[service];
    const struct pm_lot *lot = &model->rules.lot[s->lot];
    return s->kind == p->kind && lot->from <= model_today(model) && model_today(model) <= lot->to &&
           model_stands(model, package, service) &&
           (p->need.needs & s->capabilities) == p->need.needs &&
           !is_excluded(&p->need, model_provider_of(model, service));
}

bool model_eligible(const struct model *model, int package, int service, unsigned step,
                    unsigned look)
{
    const struct model_package *p = &model->package[package];
    const struct model_service *s = &model->service[service];
    const struct pm_step *at = model_step(model, package, step);
    if (!is_fit(model, package, service))
        return false;
    if ((look & MODEL_PLACE) != 0 &&
        (!comes(model, &p->need, s, at->where) || (at->tiers & 1u << (s->tier - 1)) == 0 ||
         quality_of(model, service) < model->rules.kind[p->kind].quality_floor))
        return false;
    if ((look & MODEL_RATE) != 0 &&
        !model_rate_is_allowed(model, package, step, model_rate(model, service)))
        return false;
    return ((look & MODEL_ASKED) == 0 || !was_asked(model, package, service)) &&
           ((look & MODEL_SHARE) == 0 || has_share(model, package, service)) &&
           ((look & MODEL_CAPACITY) == 0 || has_capacity(model, package, service));
}
