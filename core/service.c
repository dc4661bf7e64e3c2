/* service.c - what a provider offers. */
#include "service.h"

#include <string.h>

#include "dates.h"
#include "find.h"
#include "names.h"
#include "provider.h"
#include "rank.h"
#include "sweep.h"
#include "waitlist.h"

/* ---- On the rosters ---- */

void service_unlist(struct pm_core *core, uint32_t slot)
{
    struct service *service = service_at(core, slot);
    const struct market *market = market_at(core, service->market);
    if (!service->listed)
        return;
    for (uint64_t reach = service->reach; reach != 0; reach &= reach - 1)
        roster_remove(core, market->waitlist[service->kind][__builtin_ctzll(reach)], slot);
    service->listed = 0;
}

static void list(struct pm_core *core, uint32_t slot)
{
    struct service *service = service_at(core, slot);
    const struct market *market = market_at(core, service->market);
    for (uint64_t reach = service->reach; reach != 0; reach &= reach - 1)
        roster_add(core, market->waitlist[service->kind][__builtin_ctzll(reach)], slot);
    service->listed = 1;
}

/* The rate in force today: the last whose date has come; 0 when none has. */
static int32_t rate_today(const struct pm_core *core, uint32_t slot)
{
    const struct service_detail *detail = service_detail_at(core, slot);
    int32_t rate = 0;
    for (uint32_t i = 0; i < detail->rates && detail->rate[i].from <= core->today; i++)
        rate = detail->rate[i].pence;
    return rate;
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

int64_t service_next_change(const struct pm_core *core, uint32_t slot)
{
    const struct service *service = service_at(core, slot);
    const struct service_detail *detail = service_detail_at(core, slot);
    int32_t lot = market_at(core, service->market)->rules.lot[service->lot].from;
    int32_t next = lot > detail->refreshed ? lot : INT32_MAX;
    if (kind_of(core, service->market, service->kind)->share_cap != 0)
        next = earlier(next, provider_next_quarter(detail->refreshed));
    if (detail->uplift > detail->refreshed)
        next = earlier(next, detail->uplift);
    for (uint32_t i = 0; i < detail->rates; i++)
        if (detail->rate[i].from > detail->refreshed)
            next = earlier(next, detail->rate[i].from);
    return next == INT32_MAX ? INT64_MAX : next * DAY - 1;
}

/* New rules may put a sector into another locality; the rosters may have no room for one more. */
static void refresh_reach(struct pm_core *core, uint32_t slot)
{
    struct service *service = service_at(core, slot);
    const struct service_detail *detail = service_detail_at(core, slot);
    uint64_t reach = service->localities;
    for (unsigned i = 0; i < service->sectors; i++) {
        int locality = find_postcode(&market_at(core, service->market)->rules, detail->sector[i]);
        if (locality >= 0)
            reach |= 1ull << locality;
    }
    int more = __builtin_popcountll(reach) - __builtin_popcountll(service->reach);
    if (more > 0 && !roster_has_room(core, (uint32_t)more))
        return;
    roster_promise(core, more);
    service->reach = reach;
}

/* Placements agreed before the day of an uplift are paid the rate in force from then on. Without
 * room for the sweep it is taken up at the next occasion. */
static void take_up_uplift(struct pm_core *core, uint32_t slot)
{
    struct service_detail *detail = service_detail_at(core, slot);
    const struct service *service = service_at(core, slot);
    if (detail->uplift == 0 || detail->uplift > core->today || service->rate == 0 ||
        detail->uplift == detail->uplifted || !sweep_has_room(core, 1))
        return;
    detail->uplifted = detail->uplift;
    sweep_order(core, &(struct sweep){.market = service->market,
                                      .provider = service->provider,
                                      .service = slot,
                                      .from = detail->uplift,
                                      .purpose = SWEEP_UPLIFT});
}

void service_refresh(struct pm_core *core, uint32_t slot)
{
    struct service *service = service_at(core, slot);
    service_unlist(core, slot);
    refresh_reach(core, slot);
    service->rate = rate_today(core, slot);
    service_detail_at(core, slot)->refreshed = core->today;
    struct score score = score_of(kind_of(core, service->market, service->kind), service->rate,
                                  location_at(core, service->location)->quality);
    service->score_price = score.price;
    service->score_quality = score.quality;
    service->score =
        score.price + score.quality + (service->contract == PM_BLOCK ? SCORE_BLOCK : 0);
    if (service->rate > 0)
        list(core, slot);
    deadline_set(&core->deadlines, DEADLINE_SERVICE, slot, service_next_change(core, slot));
    take_up_uplift(core, slot);
    agenda_add(core, slot);
}

void services_refresh(struct pm_core *core, uint32_t market)
{
    uint32_t service = market_at(core, market)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_market)
        service_refresh(core, service);
}

/* ---- Putting ---- */

/* What a put comes to, once everything in it has been found. */
struct draft {
    uint32_t pool;
    uint8_t kind, lot;
    uint64_t localities, reach, capabilities;
};

static uint16_t draft_places(const struct pm_market *rules, const struct pm_service_put *put,
                             struct draft *draft)
{
    for (unsigned i = 0; i < put->localities; i++) {
        int locality = find_locality(rules, put->locality[i]);
        if (locality < 0)
            return PM_UNKNOWN_LOCALITY;
        draft->localities |= 1ull << locality;
    }
    draft->reach = draft->localities;
    for (unsigned i = 0; i < put->sectors; i++) {
        if (put->sector[i] == 0 || pm_postcode_sector(put->sector[i]) != put->sector[i])
            return PM_BAD_POSTCODE;
        int locality = find_postcode(rules, put->sector[i]);
        if (locality < 0)
            return PM_UNKNOWN_LOCALITY;
        draft->reach |= 1ull << locality;
    }
    return draft->reach != 0 ? PM_OK : PM_SERVES_NOWHERE;
}

static uint16_t draft_capabilities(const struct pm_market *rules, const struct pm_service_put *put,
                                   struct draft *draft)
{
    for (unsigned i = 0; i < put->capabilities; i++) {
        int capability = find_capability(rules, put->capability[i]);
        if (capability < 0)
            return PM_UNKNOWN_CAPABILITY;
        draft->capabilities |= 1ull << capability;
    }
    return PM_OK;
}

static uint16_t rates_status(const struct pm_kind *kind, const struct pm_service_put *put)
{
    if (put->rates == 0 || put->rates > PM_RATES_MAX)
        return PM_BAD_RATES;
    for (unsigned i = 0; i < put->rates; i++) {
        if (put->rate[i].pence < kind->rate_min || put->rate[i].pence > kind->rate_max)
            return PM_RATE_OUT_OF_BOUNDS;
        if (put->rate[i].from < 0 || put->rate[i].from > DATE_MAX ||
            (i > 0 && put->rate[i].from <= put->rate[i - 1].from))
            return PM_BAD_RATES;
    }
    return PM_OK;
}

static bool same_bands(const struct pm_kind *a, const struct pm_kind *b)
{
    return a->unit == b->unit && a->bands == b->bands &&
           memcmp(a->band, b->band, a->bands * sizeof *a->band) == 0;
}

static uint16_t draft_names(const struct pm_core *core, uint32_t market,
                            const struct pm_service_put *put, struct draft *draft)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    int kind = find_kind(rules, put->kind), lot = find_lot(rules, put->lot);
    draft->pool = find_pool(core, market, put->pool);
    if (!name_is_good(put->service))
        return PM_BAD_NAME;
    if (draft->pool == 0)
        return PM_UNKNOWN_POOL;
    if (kind < 0)
        return PM_UNKNOWN_KIND;
    if (lot < 0)
        return PM_UNKNOWN_LOT;
    draft->kind = (uint8_t)kind;
    draft->lot = (uint8_t)lot;
    if (!same_bands(&rules->kind[kind], &rules->kind[pool_at(core, draft->pool)->kind]))
        return PM_BANDS_DIFFER;
    return PM_OK;
}

static uint16_t draft_service(const struct pm_core *core, uint32_t market,
                              const struct pm_service_put *put, struct draft *draft)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    uint16_t status = draft_names(core, market, put, draft);
    if (status == PM_OK && (put->tier < 1 || put->tier > PM_TIERS_MAX))
        status = PM_BAD_TIER;
    if (status == PM_OK && (put->contract < PM_FRAMEWORK || put->contract > PM_IN_HOUSE ||
                            put->standing < PM_ACTIVE || put->standing > PM_CEASED))
        status = PM_BAD_VALUE;
    if (status == PM_OK && put->sectors > PM_SECTORS_MAX)
        status = PM_BAD_VALUE;
    if (status == PM_OK && (put->uplift < 0 || put->uplift > DATE_MAX))
        status = PM_BAD_DATES;
    if (status == PM_OK)
        status = rates_status(&rules->kind[draft->kind], put);
    if (status == PM_OK)
        status = draft_places(rules, put, draft);
    return status == PM_OK ? draft_capabilities(rules, put, draft) : status;
}

static uint32_t service_create(struct pm_core *core, uint32_t market, struct pm_text name,
                               const struct draft *draft)
{
    uint32_t slot = table_take_for(&core->table[TABLE_SERVICES], market);
    struct service *service = service_at(core, slot);
    struct pool *pool = pool_at(core, draft->pool);
    service->market = market;
    service->pool = draft->pool;
    service->location = pool->location;
    service->provider = pool->provider;
    service->kind = draft->kind;
    service->next_in_pool = pool->first_service;
    pool->first_service = slot;
    service->next_in_market = market_at(core, market)->first_service;
    market_at(core, market)->first_service = slot;
    name_set(&service_detail_at(core, slot)->name, name);
    map_add(&core->map[MAP_SERVICES], name_hash(market, MAP_SERVICES, name), slot);
    return slot;
}

static void fill(struct pm_core *core, uint32_t slot, const struct pm_service_put *put,
                 const struct draft *draft)
{
    struct service *service = service_at(core, slot);
    struct service_detail *detail = service_detail_at(core, slot);
    service->localities = draft->localities;
    service->capabilities = draft->capabilities;
    service->lot = draft->lot;
    service->tier = put->tier;
    service->contract = put->contract;
    service->standing = put->standing;
    service->sectors = put->sectors;
    memset(detail->sector, 0, sizeof detail->sector);
    memset(detail->rate, 0, sizeof detail->rate);
    if (put->sectors > 0)
        memcpy(detail->sector, put->sector, put->sectors * sizeof *put->sector);
    memcpy(detail->rate, put->rate, put->rates * sizeof *put->rate);
    detail->rates = put->rates;
    detail->uplift = put->uplift;
}

/* Is there room on the rosters for the service as it will be, beside what it gives up? */
static bool fits_rosters(const struct pm_core *core, uint32_t slot, const struct draft *draft)
{
    unsigned more = (unsigned)__builtin_popcountll(draft->reach);
    unsigned less = slot == 0 ? 0 : (unsigned)__builtin_popcountll(service_at(core, slot)->reach);
    return more <= less || roster_has_room(core, more - less);
}

struct pm_result service_put(struct pm_core *core, uint32_t market,
                             const struct pm_service_put *put)
{
    struct draft draft = {0};
    uint16_t status = draft_service(core, market, put, &draft);
    if (status != PM_OK)
        return refused(status);
    uint32_t slot = find_service(core, market, put->service);
    if (slot != 0 &&
        (service_at(core, slot)->pool != draft.pool || service_at(core, slot)->kind != draft.kind))
        return refused(PM_MOVED);
    bool falls = slot != 0 && standing_falls(service_at(core, slot)->standing, put->standing);
    if (!fits_rosters(core, slot, &draft) || (falls && !sweep_has_room(core, 1)) ||
        (slot == 0 && !table_has_room(&core->table[TABLE_SERVICES], 1)))
        return refused(PM_FULL);
    if (slot == 0)
        slot = service_create(core, market, put->service, &draft);
    if (falls)
        sweep_take_back(core, market, service_at(core, slot)->provider);
    service_unlist(core, slot);
    fill(core, slot, put, &draft);
    service_refresh(core, slot);
    struct pm_event *event = event_add(core, PM_EVENT_SUPPLY_CHANGED, market);
    event->service = slot;
    event->provider = service_at(core, slot)->provider;
    return (struct pm_result){PM_OK, id_of(core, TABLE_SERVICES, slot)};
}
