/* history_supply.c - random supply, and what befalls it. */
#include "tests/lib/history.h"

#include <string.h>

#include "tests/lib/world.h"

#define below history_below
#define percent history_percent

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
        out->capacity.spare[b] = kind->unit == PM_PLACES
                                     ? (int32_t)below(h, h->scarce ? 3 : 6)
                                     : (int32_t)below(h, 12) * (h->scarce ? 75 : 300);
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
        if (percent(h, h->scarce ? 50 : 75))
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
    if (percent(h, 25))
        put->uplift = pm_date_of(now) + (int32_t)below(h, 5) - 1;
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
    unsigned services = (h->scarce ? 1 : 5) + below(h, h->services - (h->scarce ? 0 : 4));
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

void history_put(struct history *h, const struct model *model, struct pm_command *out)
{
    const struct pm_market *rules = &model->rules;
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

/* ---- Trouble ---- */

static struct pm_text some_provider(struct history *h)
{
    return history_text(h, "p%u", below(h, percent(h, 97) ? PROVIDERS : PROVIDERS + 3));
}

static void suspend(struct history *h, const struct model *model, struct pm_suspension *out)
{
    const struct pm_market *rules = &model->rules;
    *out = (struct pm_suspension){.provider = some_provider(h), .note = pm_text("why")};
    switch (below(h, 5)) {
    case 0:
        out->kind = pm_text(rules->kind[below(h, rules->kinds)].name.text);
        break;
    case 1:
        out->locality = pm_text(rules->locality[below(h, rules->localities)].name.text);
        break;
    case 2:
    case 3:
        if (model->locations > 0)
            out->location =
                pm_text(model->location[below(h, (uint32_t)model->locations)].name.text);
        for (int l = 0; percent(h, 90) && l < model->locations; l++)
            if (pm_text_equal(pm_text(model->location[l].name.text), out->location))
                out->provider = pm_text(model->provider[model->location[l].provider].name.text);
        break;
    default:
        break;
    }
    if (percent(h, 2))
        out->kind = pm_text(percent(h, 50) ? "homecare" : "gardening");
}

static void fail(struct history *h, const struct model *model, struct pm_failure *out)
{
    struct pm_suspension scope;
    suspend(h, model, &scope);
    *out = (struct pm_failure){.provider = scope.provider,
                               .location = scope.location,
                               .mode = (uint8_t)(1 + below(h, percent(h, 97) ? 2 : 4)),
                               .note = pm_text("why")};
    if (percent(h, 50))
        out->from = pm_date_of(model->time) + (int32_t)below(h, 4) - (percent(h, 5) ? 2 : 0);
}

static void transfer(struct history *h, const struct model *model, struct pm_transfer *out)
{
    *out = (struct pm_transfer){pm_text("s0"), pm_text("s1"), pm_text("why")};
    if (model->services == 0)
        return;
    int from = (int)below(h, (uint32_t)model->services);
    if (model->placements > 0 && percent(h, 80))
        from = model->placement[below(h, (uint32_t)model->placements)].service;
    out->service = pm_text(model->service[from].name.text);
    for (unsigned tries = 0; tries < 6; tries++) {
        int to = (int)below(h, (uint32_t)model->services);
        out->to = pm_text(model->service[to].name.text);
        if (to != from && model->service[to].kind == model->service[from].kind)
            break;
    }
}

/* Half of it comes to an end soon, or there would be nobody left. */
void history_trouble(struct history *h, const struct model *model, struct pm_command *out)
{
    uint32_t dice = below(h, 100);
    if (dice < 45) {
        out->verb = PM_PROVIDER_RESUME;
        suspend(h, model, &out->suspension);
    } else if (dice < 70) {
        out->verb = PM_PROVIDER_SUSPEND;
        suspend(h, model, &out->suspension);
    } else if (dice < 83) {
        out->verb = PM_PROVIDER_FAIL;
        fail(h, model, &out->failure);
    } else {
        out->verb = PM_SERVICE_TRANSFER;
        transfer(h, model, &out->transfer);
    }
}
