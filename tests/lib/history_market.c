/* history_market.c - random small markets. */
#include "tests/lib/history.h"

#include <string.h>

#include "tests/lib/world.h"

static uint32_t below(struct history *h, uint32_t n)
{
    return random_below(&h->random, n);
}

static bool percent(struct history *h, uint32_t n)
{
    return random_percent(&h->random, n) != 0;
}

/* ---- Rules ---- */

static struct pm_step random_step(struct history *h)
{
    struct pm_step step = {.route = percent(h, 80) ? PM_CALL_OFF : PM_LAST_RESORT,
                           .where = (uint8_t)(PM_HOME + below(h, 3)),
                           .tiers = (uint8_t)(1 + below(h, 7))};
    if (step.route == PM_CALL_OFF)
        step.window = 15 + below(h, 300);
    return step;
}

/* Steps that differ in more than their window. */
static void random_ladder(struct history *h, struct pm_kind *kind)
{
    memset(kind->step, 0, sizeof kind->step);
    kind->steps = 0;
    for (unsigned tries = 1 + below(h, 4); tries > 0; tries--) {
        struct pm_step step = random_step(h);
        bool new = true;
        for (unsigned s = 0; s < kind->steps; s++)
            new &= kind->step[s].route != step.route || kind->step[s].where != step.where ||
                   kind->step[s].tiers != step.tiers;
        if (new)
            kind->step[kind->steps++] = step;
    }
    kind->passes = (uint8_t)(1 + below(h, 3));
}

static void random_weights(struct history *h, struct pm_kind *kind)
{
    static const int32_t floors[] = {0, 300, 400, 500};
    kind->weight_price = (int32_t)below(h, 3) * 50;
    kind->weight_quality = 100 - kind->weight_price;
    kind->quality_floor = floors[below(h, 4)];
    kind->ceiling = kind->reference_rate + (int32_t)below(h, 2) * (kind->reference_rate / 2);
    if (kind->ceiling > kind->rate_max)
        kind->ceiling = kind->rate_max;
}

/* One band for weekdays and one for weekends. */
static void coarse_bands(struct pm_kind *kind)
{
    struct pm_band weekday = kind->band[0], weekend = kind->band[4];
    memset(kind->band, 0, sizeof kind->band);
    weekday.from = weekend.from = 0;
    weekday.to = weekend.to = 1440;
    kind->band[0] = weekday;
    kind->band[1] = weekend;
    kind->bands = 2;
}

static void fewer_localities(struct history *h, struct pm_market *rules)
{
    unsigned prefixes = 0;
    rules->localities = (uint16_t)(1 + below(h, 3));
    for (unsigned l = 0; l < 3; l++) {
        rules->locality[l].neighbours &= (1u << rules->localities) - 1;
        if (l >= rules->localities)
            memset(&rules->locality[l], 0, sizeof rules->locality[l]);
    }
    for (unsigned p = 0; p < rules->prefixes; p++)
        if (rules->prefix[p].locality < rules->localities)
            rules->prefix[prefixes++] = rules->prefix[p];
    memset(&rules->prefix[prefixes], 0, (rules->prefixes - prefixes) * sizeof rules->prefix[0]);
    rules->prefixes = (uint16_t)prefixes;
}

struct pm_market *history_rules(struct history *h, const char *name)
{
    struct pm_market *rules = history_memory(h, 1, sizeof *rules);
    world_rules(rules);
    rules->name = model_name(pm_text(name));
    rules->salt = random_next(&h->random);
    rules->lapse = (uint8_t)(PM_LAPSE_ASK + below(h, 2));
    rules->keep_days = (int32_t)below(h, 3);
    bool coarse = percent(h, 50);
    unsigned kinds = 1 + below(h, 3);
    for (unsigned k = 0; k < 3; k++) {
        if (coarse && rules->kind[k].unit == PM_MINUTES)
            coarse_bands(&rules->kind[k]);
        random_ladder(h, &rules->kind[k]);
        random_weights(h, &rules->kind[k]);
        if (k >= kinds)
            memset(&rules->kind[k], 0, sizeof rules->kind[k]);
    }
    rules->kinds = (uint16_t)kinds;
    fewer_localities(h, rules);
    return rules;
}

void history_change(struct history *h, struct pm_market *rules)
{
    struct pm_kind *kind = &rules->kind[below(h, rules->kinds)];
    switch (below(h, 8)) {
    case 0:
        random_ladder(h, kind);
        break;
    case 1:
        random_weights(h, kind);
        break;
    case 2:
        rules->keep_days = (int32_t)below(h, 4);
        break;
    case 3:
        rules->lapse = (uint8_t)(PM_LAPSE_ASK + below(h, 2));
        break;
    case 4:
        if (rules->prefixes > 0)
            rules->prefix[below(h, rules->prefixes)].locality =
                (uint8_t)below(h, rules->localities);
        break;
    case 5:
        rules->quality[1 + below(h, 4)] = (int32_t)below(h, 11) * 100;
        break;
    case 6:
        rules->lot[below(h, 2)].to += (int32_t)below(h, 400) - 200;
        break;
    default: /* refused: another shape, or no sense */
        if (percent(h, 50))
            kind->band[0].name.text[0] = 'Z';
        else
            kind->passes = 0;
        break;
    }
}

/* ---- Supply ---- */

enum { PROVIDERS = 5, LOCATIONS = 6, POOLS = 7, SUPPLIES = 2 * HISTORY_MANY };

static uint8_t standing(struct history *h)
{
    return percent(h, 90) ? PM_ACTIVE : (uint8_t)(PM_SUSPENDED + below(h, 2));
}

static void put_provider(struct history *h, unsigned n, struct pm_command *out)
{
    *out = (struct pm_command){.verb = PM_PROVIDER_PUT};
    out->provider = (struct pm_provider_put){history_text(h, "p%u", n), {0}, standing(h)};
}

static void put_location(struct history *h, unsigned n, struct pm_command *out)
{
    *out = (struct pm_command){.verb = PM_LOCATION_PUT};
    out->location = (struct pm_location_put){
        .location = history_text(h, "l%u", n),
        .provider = history_text(h, "p%u", n % PROVIDERS),
        .standing = standing(h),
        .rating = (uint8_t)(percent(h, 70) ? PM_GOOD : below(h, PM_RATINGS)),
        .score = (int8_t)(percent(h, 60) ? -1 : (int)below(h, 101)),
    };
}

/* A pool's kind follows from its number, so that services can be given it. */
static unsigned kind_of_pool(const struct pm_market *rules, unsigned n)
{
    return n % rules->kinds;
}

static void put_pool(struct history *h, const struct pm_market *rules, unsigned n,
                     struct pm_command *out)
{
    *out = (struct pm_command){.verb = PM_POOL_PUT};
    out->pool = (struct pm_pool_put){
        .pool = history_text(h, "o%u", n),
        .location = history_text(h, "l%u", n % LOCATIONS),
        .kind = pm_text(rules->kind[kind_of_pool(rules, n)].name.text),
        .mode = percent(h, 75) ? PM_DECLARED : PM_ASK,
    };
}

static void put_capacity(struct history *h, const struct pm_market *rules, unsigned n, int64_t now,
                         struct pm_command *out)
{
    const struct pm_kind *kind = &rules->kind[kind_of_pool(rules, n)];
    *out = (struct pm_command){.verb = PM_CAPACITY_SET};
    out->capacity = (struct pm_capacity_set){
        .pool = history_text(h, "o%u", n), .bands = kind->bands, .as_of = now};
    for (unsigned b = 0; b < kind->bands; b++)
        out->capacity.spare[b] =
            kind->unit == PM_PLACES ? (int32_t)below(h, 3) : (int32_t)below(h, 12) * 75;
    if (percent(h, 40))
        out->capacity.valid_until = now + (int64_t)(1 + below(h, 2000)) * 60000;
    if (percent(h, 4))
        out->capacity.spare[0] = -1;
}

static void service_places(struct history *h, const struct pm_market *rules,
                           struct pm_service_put *put)
{
    static const char *const sectors[] = {"QX1 4", "QX1 9", "QX2 1", "QX3 1"};
    struct pm_text *locality = history_memory(h, 3, sizeof *locality);
    uint64_t *sector = history_memory(h, 2, sizeof *sector);
    for (unsigned l = 0; l < rules->localities; l++)
        if (percent(h, 50))
            locality[put->localities++] = pm_text(rules->locality[l].name.text);
    if (percent(h, 30))
        for (put->sectors = 0; put->sectors < 1 + below(h, 2); put->sectors++)
            sector[put->sectors] = pm_postcode_parse(pm_text(sectors[below(h, 4)]));
    if (put->localities == 0 && put->sectors == 0)
        locality[put->localities++] = pm_text(rules->locality[0].name.text);
    put->locality = locality;
    put->sector = sector;
}

static void service_rates(struct history *h, const struct pm_kind *kind, int64_t now,
                          struct pm_service_put *put)
{
    struct pm_rate *rate = history_memory(h, PM_RATES_MAX, sizeof *rate);
    int32_t from = percent(h, 85) ? 0 : pm_date_of(now) + 1;
    for (put->rates = 0; put->rates < 1 + below(h, 2); put->rates++) {
        rate[put->rates].from = from;
        rate[put->rates].pence = kind->reference_rate / 10 * (int32_t)(7 + below(h, 8));
        from = pm_date_of(now) + 1 + (int32_t)below(h, 3) + from / 1000;
    }
    put->rate = rate;
}

static void put_service(struct history *h, const struct pm_market *rules, unsigned n, int64_t now,
                        struct pm_command *out)
{
    unsigned pool = n % POOLS, kind = kind_of_pool(rules, pool);
    struct pm_text *can = history_memory(h, 3, sizeof *can);
    *out = (struct pm_command){.verb = PM_SERVICE_PUT};
    struct pm_service_put *put = &out->service;
    if (kind < 2 && rules->kinds > 1)
        kind = n / POOLS % 2; /* homecare and bridging have the same bands */
    *put = (struct pm_service_put){.service = history_text(h, "s%u", n),
                                   .pool = history_text(h, "o%u", pool),
                                   .kind = pm_text(rules->kind[kind].name.text),
                                   .lot = pm_text(rules->lot[percent(h, 90) ? 0 : 1].name.text),
                                   .tier = (uint8_t)(1 + below(h, 3)),
                                   .contract = (uint8_t)(PM_FRAMEWORK + below(h, 4)),
                                   .standing = standing(h),
                                   .capability = can};
    for (unsigned c = 0; c < rules->capabilities && c < 3; c++)
        if (percent(h, 60))
            can[put->capabilities++] = pm_text(rules->capability[c].text);
    service_places(h, rules, put);
    service_rates(h, &rules->kind[kind], now, put);
}

/* All of a small market; now and then with something in it that is wrong. */
struct pm_command *history_supply(struct history *h, const struct pm_market *rules, uint32_t *count)
{
    struct pm_command *all = history_memory(h, SUPPLIES, sizeof *all);
    unsigned services = 1 + below(h, h->services);
    uint32_t n = 0;
    for (unsigned i = 0; i < PROVIDERS; i++)
        put_provider(h, i, &all[n++]);
    for (unsigned i = 0; i < LOCATIONS; i++)
        put_location(h, i, &all[n++]);
    for (unsigned i = 0; i < POOLS; i++)
        put_pool(h, rules, i, &all[n++]);
    for (unsigned i = 0; i < services; i++)
        put_service(h, rules, i, WORLD_START, &all[n++]);
    for (unsigned i = 0; i < POOLS; i++)
        if (percent(h, 70))
            put_capacity(h, rules, i, WORLD_START, &all[n++]);
    if (percent(h, 10))
        all[below(h, n)].provider.provider = (struct pm_text){0}; /* of any of them its name */
    *count = n;
    return all;
}

void history_put(struct history *h, const struct pm_market *rules, const struct model *model,
                 struct pm_command *out)
{
    switch (below(h, 10)) {
    case 0:
        put_provider(h, below(h, PROVIDERS + 1), out);
        break;
    case 1:
        put_location(h, below(h, LOCATIONS + 1), out);
        break;
    case 2:
        put_pool(h, rules, below(h, POOLS + 1), out);
        break;
    case 3:
    case 4:
    case 5:
        put_service(h, rules, below(h, h->services + 2), model->time, out);
        break;
    default:
        put_capacity(h, rules, below(h, POOLS), model->time, out);
        break;
    }
}
