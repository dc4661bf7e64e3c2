/* provider.c - organisations, and their registered branches and homes. */
#include "provider.h"

#include <string.h>

#include "find.h"
#include "names.h"
#include "service.h"
#include "sweep.h"
#include "waitlist.h"

static bool standing_is_good(uint8_t standing)
{
    return standing >= PM_ACTIVE && standing <= PM_CEASED;
}

static struct pm_result changed(struct pm_core *core, uint32_t market, uint32_t provider,
                                uint64_t id)
{
    event_add(core, PM_EVENT_SUPPLY_CHANGED, market)->provider = provider;
    return (struct pm_result){PM_OK, id};
}

void provider_refresh(struct pm_core *core, uint32_t market, uint32_t provider, uint32_t location)
{
    uint32_t service = market_at(core, market)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_market) {
        const struct service *s = service_at(core, service);
        if (s->provider == provider && (location == 0 || s->location == location))
            service_refresh(core, service);
    }
}

/* ---- Providers ---- */

static uint32_t provider_create(struct pm_core *core, uint32_t market, struct pm_text name)
{
    uint32_t slot = table_take_for(&core->table[TABLE_PROVIDERS], market);
    if (slot == 0)
        return 0;
    provider_at(core, slot)->market = market;
    name_set(&provider_detail_at(core, slot)->name, name);
    map_add(&core->map[MAP_PROVIDERS], name_hash(market, MAP_PROVIDERS, name), slot);
    return slot;
}

struct pm_result provider_put(struct pm_core *core, uint32_t market,
                              const struct pm_provider_put *put)
{
    if (!name_is_good(put->provider))
        return refused(PM_BAD_NAME);
    if (!standing_is_good(put->standing))
        return refused(PM_BAD_VALUE);
    uint32_t slot = find_provider(core, market, put->provider);
    bool falls = slot != 0 && standing_falls(provider_at(core, slot)->standing, put->standing);
    if (falls && !sweep_has_room(core, 1))
        return refused(PM_FULL);
    if (slot == 0 && (slot = provider_create(core, market, put->provider)) == 0)
        return refused(PM_FULL);
    struct provider *provider = provider_at(core, slot);
    bool returns =
        provider->standing > PM_ACTIVE && put->standing == PM_ACTIVE; /* not a new one: 0 */
    provider->standing = put->standing;
    if (put->standing == PM_ACTIVE) {
        provider->failed = 0;
        provider->failed_from = 0;
    }
    title_set(&provider_detail_at(core, slot)->title, put->title);
    if (returns)
        provider_refresh(core, market, slot, 0);
    if (falls)
        sweep_take_back(core, market, slot);
    return changed(core, market, slot, id_of(core, TABLE_PROVIDERS, slot));
}

/* ---- Units placed this quarter ---- */

/* By the usual shift to years that begin in March, reckoned in fourths of a day: a century is
 * 146,097 / 4 days, a year 1,461 / 4. January and February come as a fifth quarter, which is the
 * next year's first. */
int32_t provider_quarter(int32_t date)
{
    int32_t fourths = 4 * (date + 719468) + 3; /* since 0000-03-01; dates are never before 1970 */
    int32_t of_century = fourths % 146097 | 3;
    int32_t year = 100 * (fourths / 146097) + of_century / 1461;
    int32_t month = (5 * (of_century % 1461 / 4) + 2) / 153; /* 0: March */
    return year * 4 + (month + 2) / 3;
}

void provider_award(struct pm_core *core, uint32_t slot, uint8_t kind, int32_t units)
{
    struct provider *provider = provider_at(core, slot);
    if (provider->quarter != core->quarter) {
        memset(provider->awarded, 0, sizeof provider->awarded);
        provider->quarter = core->quarter;
    }
    provider->awarded[kind] += units;
}

/* Where its share was what kept packages away, it may come again. */
static void wake_services(struct pm_core *core, uint32_t slot, uint8_t kind)
{
    uint32_t market = provider_at(core, slot)->market;
    uint32_t service =
        kind_of(core, market, kind)->share_cap == 0 ? 0 : market_at(core, market)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_market)
        if (service_at(core, service)->provider == slot && service_at(core, service)->kind == kind)
            agenda_add(core, service);
}

void provider_unaward(struct pm_core *core, uint32_t slot, uint8_t kind, int32_t units,
                      int64_t agreed)
{
    struct provider *provider = provider_at(core, slot);
    if (provider_quarter(pm_date_of(agreed)) != provider->quarter)
        return;
    provider->awarded[kind] -= units;
    wake_services(core, slot, kind);
}

/* The first day of the quarter after a date's: within 92 days. */
int32_t provider_next_quarter(int32_t date)
{
    int32_t next = date + 1;
    while (provider_quarter(next) == provider_quarter(date))
        next++;
    return next;
}

int64_t provider_awarded(const struct pm_core *core, uint32_t slot, uint8_t kind)
{
    const struct provider *provider = provider_at(core, slot);
    return provider->quarter == core->quarter ? provider->awarded[kind] : 0;
}

/* ---- Locations ---- */

int32_t quality_of(const struct pm_market *rules, uint8_t rating, int8_t score)
{
    int32_t rated = rules->quality[rating];
    return score < 0 ? rated : (rated + 10 * score) / 2;
}

static uint32_t location_create(struct pm_core *core, uint32_t market, uint32_t provider,
                                struct pm_text name)
{
    uint32_t slot = table_take_for(&core->table[TABLE_LOCATIONS], market);
    if (slot == 0)
        return 0;
    location_at(core, slot)->market = market;
    location_at(core, slot)->provider = provider;
    name_set(&location_detail_at(core, slot)->name, name);
    map_add(&core->map[MAP_LOCATIONS], name_hash(market, MAP_LOCATIONS, name), slot);
    return slot;
}

static uint16_t location_status(const struct pm_location_put *put)
{
    if (!name_is_good(put->location) || (put->cqc.length != 0 && !name_is_good(put->cqc)))
        return PM_BAD_NAME;
    if (!standing_is_good(put->standing) || put->rating >= PM_RATINGS || put->score < -1 ||
        put->score > 100)
        return PM_BAD_VALUE;
    return PM_OK;
}

static void location_fill(struct pm_core *core, uint32_t market, uint32_t slot,
                          const struct pm_location_put *put)
{
    struct location *location = location_at(core, slot);
    location->standing = put->standing;
    if (put->standing == PM_ACTIVE) {
        location->failed = 0;
        location->failed_from = 0;
    }
    location->rating = put->rating;
    location->score = put->score;
    location->quality = quality_of(&market_at(core, market)->rules, put->rating, put->score);
    name_set(&location_detail_at(core, slot)->cqc, put->cqc);
    title_set(&location_detail_at(core, slot)->title, put->title);
}

struct pm_result location_put(struct pm_core *core, uint32_t market,
                              const struct pm_location_put *put)
{
    uint16_t status = location_status(put);
    if (status != PM_OK)
        return refused(status);
    uint32_t provider = find_provider(core, market, put->provider);
    if (provider == 0)
        return refused(PM_UNKNOWN_PROVIDER);
    uint32_t slot = find_location(core, market, put->location);
    if (slot != 0 && location_at(core, slot)->provider != provider)
        return refused(PM_MOVED);
    bool is_new = slot == 0;
    bool falls = !is_new && standing_falls(location_at(core, slot)->standing, put->standing);
    if (falls && !sweep_has_room(core, 1))
        return refused(PM_FULL);
    if (is_new && (slot = location_create(core, market, provider, put->location)) == 0)
        return refused(PM_FULL);
    location_fill(core, market, slot, put);
    if (!is_new)
        provider_refresh(core, market, provider, slot);
    if (falls)
        sweep_take_back(core, market, provider);
    return changed(core, market, provider, id_of(core, TABLE_LOCATIONS, slot));
}
