/* model_supply.c - providers, locations, pools, services and capacity, as the model keeps them. */
#include "tests/lib/model.h"

#include <string.h>

/* ---- Providers and locations ---- */

static bool standing_is_good(unsigned standing)
{
    return standing >= PM_ACTIVE && standing <= PM_CEASED;
}

/* Whoever was active and is put as suspended or ceased has its offers taken back. */
static void take_back(struct model *model, int provider, unsigned before, unsigned now)
{
    if (before == PM_ACTIVE && now != PM_ACTIVE)
        model_order(model, PM_PROVIDER_SUSPEND)->provider = provider;
}

static int expect_provider(const struct pm_provider_put *put)
{
    if (!model_name_is_good(put->provider, PM_NAME_MAX))
        return PM_BAD_NAME;
    return standing_is_good(put->standing) ? PM_OK : PM_BAD_VALUE;
}

static void provider(struct model *model, const struct pm_provider_put *put)
{
    int at = model_find_provider(model, put->provider);
    if (at == MODEL_NONE) {
        at = model->providers++;
        model->provider[at] = (struct model_provider){.name = model_name(put->provider)};
    }
    take_back(model, at, model->provider[at].standing, put->standing);
    model->provider[at].standing = put->standing;
    if (put->standing == PM_ACTIVE)
        model->provider[at].failed = 0;
}

static int expect_location(const struct model *model, const struct pm_location_put *put)
{
    if (!model_name_is_good(put->location, PM_NAME_MAX) ||
        (put->cqc.length != 0 && !model_name_is_good(put->cqc, PM_NAME_MAX)))
        return PM_BAD_NAME;
    if (!standing_is_good(put->standing) || put->rating >= PM_RATINGS || put->score < -1 ||
        put->score > 100)
        return PM_BAD_VALUE;
    int of = model_find_provider(model, put->provider);
    int at = model_find_location(model, put->location);
    if (of == MODEL_NONE)
        return PM_UNKNOWN_PROVIDER;
    return at != MODEL_NONE && model->location[at].provider != of ? PM_MOVED : PM_OK;
}

static void location(struct model *model, const struct pm_location_put *put)
{
    int at = model_find_location(model, put->location);
    bool failed = at != MODEL_NONE && put->standing != PM_ACTIVE;
    uint8_t mode = failed ? model->location[at].failed : 0;
    int32_t from = failed ? model->location[at].failed_from : 0;
    if (at == MODEL_NONE)
        at = model->locations++;
    else
        take_back(model, model->location[at].provider, model->location[at].standing, put->standing);
    model->location[at] =
        (struct model_location){.name = model_name(put->location),
                                .provider = model_find_provider(model, put->provider),
                                .standing = put->standing,
                                .rating = put->rating,
                                .score = put->score,
                                .failed = mode,
                                .failed_from = from};
}

/* ---- Pools ---- */

static int expect_pool(const struct model *model, const struct pm_pool_put *put)
{
    int of = model_find_location(model, put->location), kind = model_kind(model, put->kind);
    int at = model_find_pool(model, put->pool);
    if (!model_name_is_good(put->pool, PM_NAME_MAX))
        return PM_BAD_NAME;
    if (of == MODEL_NONE)
        return PM_UNKNOWN_LOCATION;
    if (kind == MODEL_NONE)
        return PM_UNKNOWN_KIND;
    if (put->mode != PM_DECLARED && put->mode != PM_ASK)
        return PM_BAD_VALUE;
    return at != MODEL_NONE && (model->pool[at].location != of || model->pool[at].kind != kind)
               ? PM_MOVED
               : PM_OK;
}

static void pool(struct model *model, const struct pm_pool_put *put)
{
    int at = model_find_pool(model, put->pool);
    if (at == MODEL_NONE) {
        at = model->pools++;
        model->pool[at] = (struct model_pool){.name = model_name(put->pool),
                                              .location = model_find_location(model, put->location),
                                              .kind = (uint8_t)model_kind(model, put->kind),
                                              .valid_until = INT64_MAX};
    }
    struct model_pool *p = &model->pool[at];
    bool stands = p->stated != 0 && p->capacity == MODEL_DECLARED;
    if (p->mode != put->mode && !stands) {
        p->capacity = put->mode == PM_DECLARED ? MODEL_DECLARED : MODEL_ASK;
        memset(p->declared, 0, sizeof p->declared);
    }
    p->mode = put->mode;
}

/* ---- Services ---- */

int32_t model_rate(const struct model *model, int service)
{
    const struct model_service *s = &model->service[service];
    int32_t rate = 0;
    for (unsigned i = 0; i < s->rates; i++)
        if (s->rate[i].from <= model_today(model))
            rate = s->rate[i].pence;
    return rate;
}

static int expect_names(const struct model *model, const struct pm_service_put *put)
{
    int of = model_find_pool(model, put->pool), kind = model_kind(model, put->kind);
    if (!model_name_is_good(put->service, PM_NAME_MAX))
        return PM_BAD_NAME;
    if (of == MODEL_NONE)
        return PM_UNKNOWN_POOL;
    if (kind == MODEL_NONE)
        return PM_UNKNOWN_KIND;
    if (model_lot(model, put->lot) == MODEL_NONE)
        return PM_UNKNOWN_LOT;
    const struct pm_kind *a = &model->rules.kind[kind];
    const struct pm_kind *b = &model->rules.kind[model->pool[of].kind];
    return a->unit == b->unit && a->bands == b->bands &&
                   memcmp(a->band, b->band, sizeof a->band) == 0
               ? PM_OK
               : PM_BANDS_DIFFER;
}

static int expect_rates(const struct pm_kind *kind, const struct pm_service_put *put)
{
    if (put->rates == 0 || put->rates > PM_RATES_MAX)
        return PM_BAD_RATES;
    for (unsigned i = 0; i < put->rates; i++) {
        const struct pm_rate *rate = &put->rate[i];
        if (rate->pence < kind->rate_min || rate->pence > kind->rate_max)
            return PM_RATE_OUT_OF_BOUNDS;
        if (rate->from < 0 || rate->from > MODEL_DATE_MAX ||
            (i > 0 && rate->from <= put->rate[i - 1].from))
            return PM_BAD_RATES;
    }
    return PM_OK;
}

static int expect_places(const struct model *model, const struct pm_service_put *put)
{
    for (unsigned i = 0; i < put->localities; i++)
        if (model_locality(model, put->locality[i]) == MODEL_NONE)
            return PM_UNKNOWN_LOCALITY;
    for (unsigned i = 0; i < put->sectors; i++) {
        if (put->sector[i] == 0 || pm_postcode_sector(put->sector[i]) != put->sector[i])
            return PM_BAD_POSTCODE;
        if (model_locality_of(model, put->sector[i]) == MODEL_NONE)
            return PM_UNKNOWN_LOCALITY;
    }
    return put->localities + put->sectors > 0 ? PM_OK : PM_SERVES_NOWHERE;
}

static int expect_values(const struct pm_service_put *put)
{
    if (put->tier < 1 || put->tier > PM_TIERS_MAX)
        return PM_BAD_TIER;
    return put->contract < PM_FRAMEWORK || put->contract > PM_IN_HOUSE ||
                   !standing_is_good(put->standing) || put->sectors > PM_SECTORS_MAX
               ? PM_BAD_VALUE
               : PM_OK;
}

static int expect_service(const struct model *model, const struct pm_service_put *put)
{
    int status = expect_names(model, put);
    if (status == PM_OK)
        status = expect_values(put);
    if (status == PM_OK && (put->uplift < 0 || put->uplift > MODEL_DATE_MAX))
        status = MODEL_UNSURE; /* which of two faults is told first is not said */
    if (status == PM_OK)
        status = expect_rates(&model->rules.kind[model_kind(model, put->kind)], put);
    if (status == PM_OK)
        status = expect_places(model, put);
    for (unsigned i = 0; status == PM_OK && i < put->capabilities; i++)
        if (model_capability(model, put->capability[i]) == MODEL_NONE)
            status = PM_UNKNOWN_CAPABILITY;
    int at = model_find_service(model, put->service);
    return status == PM_OK && at != MODEL_NONE &&
                   (model->service[at].pool != model_find_pool(model, put->pool) ||
                    model->service[at].kind != model_kind(model, put->kind))
               ? PM_MOVED
               : status;
}

static void service(struct model *model, const struct pm_service_put *put)
{
    int at = model_find_service(model, put->service);
    int32_t uplifted = at == MODEL_NONE ? 0 : model->service[at].uplifted;
    if (at == MODEL_NONE)
        at = model->services++;
    else
        take_back(model, model_provider_of(model, at), model->service[at].standing, put->standing);
    struct model_service *s = &model->service[at];
    *s = (struct model_service){.name = model_name(put->service),
                                .pool = model_find_pool(model, put->pool),
                                .kind = (uint8_t)model_kind(model, put->kind),
                                .lot = (uint8_t)model_lot(model, put->lot),
                                .tier = put->tier,
                                .contract = put->contract,
                                .standing = put->standing,
                                .sectors = put->sectors,
                                .rates = put->rates,
                                .uplift = put->uplift,
                                .uplifted = uplifted};
    for (unsigned i = 0; i < put->localities; i++)
        s->localities |= model_bit(model_locality(model, put->locality[i]));
    for (unsigned i = 0; i < put->capabilities; i++)
        s->capabilities |= model_bit(model_capability(model, put->capability[i]));
    for (unsigned i = 0; i < put->sectors; i++)
        s->sector[i] = put->sector[i];
    for (unsigned i = 0; i < put->rates; i++)
        s->rate[i] = put->rate[i];
}

/* ---- Capacity ---- */

/* Spare today is what is free now: declared follows. */
static bool declare(const struct model *model, int at, const struct pm_capacity_set *set,
                    int64_t out[PM_BANDS_MAX])
{
    struct model_taken taken;
    model_taken(model, at, &taken);
    memset(out, 0, PM_BANDS_MAX * sizeof *out);
    for (unsigned b = 0; b < set->bands; b++) {
        out[b] = set->spare[b] + taken.committed[b] + taken.held[b];
        if (set->spare[b] < 0 || out[b] > INT32_MAX)
            return false;
    }
    return true;
}

static int expect_capacity(const struct model *model, const struct pm_capacity_set *set)
{
    int at = model_find_pool(model, set->pool);
    int64_t declared[PM_BANDS_MAX], as_of = set->as_of == 0 ? model->time : set->as_of;
    if (at == MODEL_NONE)
        return PM_UNKNOWN_POOL;
    const struct model_pool *p = &model->pool[at];
    int owner = model->location[p->location].provider;
    if (model->entry->actor.role == PM_PROVIDER &&
        !pm_text_equal(pm_text(model->provider[owner].name.text), model->entry->actor.name))
        return PM_NOT_ALLOWED;
    if (set->bands != model->rules.kind[p->kind].bands || as_of < p->as_of || as_of > model->time ||
        (set->valid_until != 0 && (set->valid_until <= as_of || set->valid_until <= model->time)))
        return PM_BAD_CAPACITY;
    return declare(model, at, set, declared) ? PM_OK : PM_BAD_CAPACITY;
}

static void capacity(struct model *model, const struct pm_capacity_set *set)
{
    struct model_pool *p = &model->pool[model_find_pool(model, set->pool)];
    declare(model, model_find_pool(model, set->pool), set, p->declared);
    p->as_of = set->as_of == 0 ? model->time : set->as_of;
    p->valid_until = set->valid_until == 0 ? INT64_MAX : set->valid_until;
    p->stated = model->time;
    p->capacity = MODEL_DECLARED;
}

/* ---- All ---- */

int model_expect_supply(const struct model *model, const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PROVIDER_PUT:
        return expect_provider(&command->provider);
    case PM_LOCATION_PUT:
        return expect_location(model, &command->location);
    case PM_POOL_PUT:
        return expect_pool(model, &command->pool);
    case PM_SERVICE_PUT:
        return expect_service(model, &command->service);
    default:
        return expect_capacity(model, &command->capacity);
    }
}

void model_supply(struct model *model, const struct pm_command *command)
{
    if (model->providers == MODEL_SUPPLY || model->locations == MODEL_SUPPLY ||
        model->pools == MODEL_SUPPLY || model->services == MODEL_SUPPLY)
        model_fail(model, "the model is full");
    else if (command->verb == PM_PROVIDER_PUT)
        provider(model, &command->provider);
    else if (command->verb == PM_LOCATION_PUT)
        location(model, &command->location);
    else if (command->verb == PM_POOL_PUT)
        pool(model, &command->pool);
    else if (command->verb == PM_SERVICE_PUT)
        service(model, &command->service);
    else if (command->verb == PM_CAPACITY_SET)
        capacity(model, &command->capacity);
}

static bool runs_rounds(const struct pm_market *rules, unsigned calendar)
{
    for (unsigned k = 0; k < rules->kinds; k++)
        if (rules->kind[k].rounds == calendar + 1)
            return true;
    return false;
}

static void take_calendars(struct model *model, const struct pm_load *load)
{
    uint32_t before = model->calendars;
    model->calendars = load->calendars;
    for (uint32_t c = 0; c < load->calendars; c++) {
        model->openings[c] = load->calendar[c].openings;
        memcpy(model->opening[c], load->calendar[c].opening,
               model->openings[c] * sizeof model->opening[c][0]);
        bool pending = c < before && model->opens[c] < model->time;
        if (!runs_rounds(load->market, c))
            model->opens[c] = INT64_MAX;
        else if (!pending)
            model->opens[c] = model_opens(model, c, model->time);
    }
}

void model_load(struct model *model, const struct pm_load *load)
{
    model->rules = *load->market;
    model->loaded = true;
    take_calendars(model, load);
    for (uint32_t i = 0; i < load->supplies; i++)
        model_supply(model, &load->supply[i]);
}
