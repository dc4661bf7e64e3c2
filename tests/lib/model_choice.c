/* model_choice.c - the model's own reading of eligibility, ranking and the ladder. */
#include "tests/lib/model.h"

#include <stdlib.h>
#include <string.h>

static const int64_t ANY = INT64_C(1) << 31; /* more than any package: an undeclared pool's room */

void model_taken(const struct model *model, int pool, struct model_taken *out)
{
    memset(out, 0, sizeof *out);
    for (int p = 0; p < model->packages; p++) {
        const struct model_package *package = &model->package[p];
        if (package->gone)
            continue;
        bool holds = package->open != MODEL_NONE &&
                     model->service[model->offer[package->open].service].pool == pool;
        bool has = package->placed_with != MODEL_NONE && package->placement != PM_PLACEMENT_ENDED &&
                   model->service[package->placed_with].pool == pool;
        for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
            out->held[b] += holds ? package->demand[b] : 0;
            out->committed[b] += has ? package->taken[b] : 0;
        }
    }
}

static bool has_capacity(const struct model *model, const struct model_package *package,
                         int service)
{
    struct model_taken taken;
    int pool = model->service[service].pool;
    const struct model_pool *p = &model->pool[pool];
    model_taken(model, pool, &taken);
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        int64_t room = p->capacity == MODEL_LAPSED ? 0
                       : p->capacity == MODEL_ASK  ? ANY
                                                   : p->declared[b];
        room -= p->capacity == MODEL_LAPSED ? 0 : taken.committed[b] + taken.held[b];
        if (package->demand[b] > 0 && package->demand[b] > room)
            return false;
    }
    return true;
}

static bool was_asked(const struct model *model, int package, int service)
{
    const struct model_package *p = &model->package[package];
    int64_t stated = model->pool[model->service[service].pool].stated;
    for (int o = 0; o < model->offers; o++) {
        const struct model_offer *offer = &model->offer[o];
        if (offer->package != package || offer->service != service)
            continue;
        bool old = offer->version<p->need_version, restated = stated> offer->answered;
        if (offer->state == PM_OFFER_OPEN)
            return true;
        if (offer->state == PM_OFFER_IS_EXPIRED && !old && !restated && offer->pass == p->pass)
            return true;
        if (offer->state == PM_OFFER_DECLINED && !old &&
            (offer->code != PM_NO_CAPACITY || !restated))
            return true;
    }
    return false;
}

static bool in_scope(const struct model *model, unsigned where, unsigned home, unsigned locality)
{
    return locality == home || where == PM_EVERYWHERE ||
           (where == PM_NEIGHBOURS &&
            (model->rules.locality[home].neighbours >> locality & 1) != 0);
}

/* At home its locality whole or the very sector; elsewhere in scope, wherever it goes at all. */
static bool comes(const struct model *model, const struct model_package *p,
                  const struct model_service *s, unsigned where)
{
    for (unsigned l = 0; l < model->rules.localities; l++)
        if ((s->localities >> l & 1) != 0 && in_scope(model, where, p->locality, l))
            return true;
    for (unsigned i = 0; i < s->sectors; i++) {
        int l = model_locality_of(model, s->sector[i]);
        if (l < 0)
            continue;
        if (l != p->locality && in_scope(model, where, p->locality, (unsigned)l))
            return true;
        if (l == p->locality)
            for (unsigned j = 0; j < s->sectors; j++)
                if (s->sector[j] == p->sector)
                    return true;
    }
    return false;
}

static int32_t rate_of(const struct model *model, const struct model_service *s)
{
    int32_t rate = 0;
    for (unsigned i = 0; i < s->rates; i++)
        if (s->rate[i].from <= pm_date_of(model->time))
            rate = s->rate[i].pence;
    return rate;
}

static int32_t quality_of(const struct model *model, const struct model_service *s)
{
    const struct model_location *l = &model->location[model->pool[s->pool].location];
    int32_t rated = model->rules.quality[l->rating];
    return l->score < 0 ? rated : (rated + l->score * 10) / 2;
}

static bool is_excluded(const struct model *model, const struct model_package *p,
                        const struct pm_name *provider)
{
    (void)model;
    for (unsigned e = 0; e < p->exclusions; e++)
        if (model_same(&p->exclusion[e], provider))
            return true;
    return false;
}

bool model_may_serve(const struct model *model, const struct model_package *p, int service,
                     unsigned step)
{
    const struct model_service *s = &model->service[service];
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    const struct model_location *location = &model->location[model->pool[s->pool].location];
    const struct model_provider *provider = &model->provider[location->provider];
    int32_t today = pm_date_of(model->time), rate = rate_of(model, s);
    return s->kind == p->kind && model->rules.lot[s->lot].from <= today &&
           today <= model->rules.lot[s->lot].to && s->standing == PM_ACTIVE &&
           location->standing == PM_ACTIVE && provider->standing == PM_ACTIVE &&
           comes(model, p, s, kind->step[step].where) &&
           (kind->step[step].tiers & 1u << (s->tier - 1)) != 0 &&
           (p->needs & s->capabilities) == p->needs &&
           quality_of(model, s) >= kind->quality_floor && rate > 0 && rate <= kind->ceiling &&
           !is_excluded(model, p, &provider->name);
}

int32_t model_quarter(int64_t time)
{
    char text[11];
    pm_date_text(pm_date_of(time), text);
    return (int32_t)(strtol(text, NULL, 10) * 4 + (strtol(text + 5, NULL, 10) - 1) / 3);
}

int64_t model_awarded(const struct model *model, int provider, uint8_t kind)
{
    int64_t units = 0;
    for (int a = 0; a < model->awards; a++)
        if (model->award[a].provider == provider && model->award[a].kind == kind &&
            model->award[a].quarter == model_quarter(model->time))
            units += model->award[a].units;
    return units;
}

static int64_t score(const struct model *model, int service)
{
    const struct model_service *s = &model->service[service];
    const struct pm_kind *kind = &model->rules.kind[s->kind];
    int64_t all = kind->weight_price + kind->weight_quality;
    int64_t price = (int64_t)kind->reference_rate * 10000 / rate_of(model, s);
    if (price > 20000)
        price = 20000;
    return price * kind->weight_price / all +
           (int64_t)quality_of(model, s) * 10 * kind->weight_quality / all;
}

/* Above 0 when a is better than b. */
static int compare(const struct model *model, int a, int b)
{
    int64_t x = score(model, a), y = score(model, b);
    if (model->canary) {
        int64_t kept = x;
        x = y;
        y = kept;
    }
    if (x != y)
        return x > y ? 1 : -1;
    const struct model_service *s = &model->service[a], *t = &model->service[b];
    x = model_awarded(model, model->location[model->pool[s->pool].location].provider, s->kind);
    y = model_awarded(model, model->location[model->pool[t->pool].location].provider, t->kind);
    return x == y ? 0 : x < y ? 1 : -1;
}

static void best_of_step(const struct model *model, int package, unsigned step,
                         struct model_choice *out)
{
    out->count = 0;
    for (int s = 0; s < model->services; s++) {
        if (!model_may_serve(model, &model->package[package], s, step) ||
            was_asked(model, package, s) || !has_capacity(model, &model->package[package], s))
            continue;
        int better = out->count == 0 ? 1 : compare(model, s, out->service[0]);
        if (better > 0)
            out->count = 0;
        if (better >= 0)
            out->service[out->count++] = s;
    }
}

void model_choose(struct model *model, int package, bool retry, struct model_choice *out)
{
    struct model_package *p = &model->package[package];
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    unsigned pass = p->pass;
    out->step = retry ? 0 : p->step;
    bool first = out->step == 0; /* nobody waits before all steps of a pass were gone through */
    out->pass = pass;
    out->count = 0;
    for (;;) {
        for (; out->step < kind->steps; out->step++) {
            best_of_step(model, package, out->step, out);
            if (out->count > 0)
                break;
        }
        if (out->count > 0)
            break;
        if (!retry && p->pass < kind->passes)
            out->pass = ++p->pass; /* whom silence bars depends on it */
        else if (first)
            break;
        out->step = 0;
        first = true;
    }
    p->pass = pass;
}
