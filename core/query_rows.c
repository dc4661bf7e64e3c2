/* query_rows.c - one row each of the lists, as maps. */
#include "dates.h"
#include "offer.h"
#include "placement.h"
#include "pool.h"
#include "query.h"
#include "visit.h"

/* ---- Sets ---- */

/* Arrays of the names at a mask's positions. */
static void put_capabilities(const struct query *q, enum wire_key key, uint64_t mask)
{
    if (!put_key(q, key))
        return;
    wire_array(q->out, (size_t)__builtin_popcountll(mask));
    for (; mask != 0; mask &= mask - 1)
        wire_name(q->out, &q->rules->capability[__builtin_ctzll(mask)]);
}

static void put_localities(const struct query *q, uint64_t mask)
{
    if (!put_key(q, KEY_LOCALITIES))
        return;
    wire_array(q->out, (size_t)__builtin_popcountll(mask));
    for (; mask != 0; mask &= mask - 1)
        wire_name(q->out, &q->rules->locality[__builtin_ctzll(mask)].name);
}

static void put_visits(const struct query *q, uint32_t package)
{
    struct pm_visit lines[PM_VISITS_MAX];
    if (!put_key(q, KEY_VISITS))
        return;
    unsigned count = package_detail_at(q->core, package)->visits;
    visits_read(q->core, package, lines);
    wire_array(q->out, count);
    for (unsigned i = 0; i < count; i++) {
        const struct pm_visit *visit = &lines[i];
        wire_array(q->out, 6);
        wire_uint(q->out, visit->days);
        wire_uint(q->out, visit->earliest);
        wire_uint(q->out, visit->latest);
        wire_uint(q->out, visit->minutes);
        wire_uint(q->out, visit->carers);
        wire_uint(q->out, visit->critical);
    }
}

/* ---- Packages ---- */

static uint32_t only_live(const struct pm_core *core, const struct package *package)
{
    uint32_t slot = package->first_offer;
    while (!offer_is_live(offer_at(core, slot)))
        slot = offer_at(core, slot)->next_of_package;
    return slot;
}

uint32_t query_standing_offer(const struct query *q, uint32_t package)
{
    const struct package *p = package_at(q->core, package);
    uint32_t placement = placement_newest(q->core, package);
    if (placement == 0)
        placement = package_detail_at(q->core, package)->last_placement;
    if (p->chosen != 0)
        return p->chosen;
    if (p->invited + p->tendered == 1)
        return only_live(q->core, p);
    bool sought = p->invited + p->tendered > 1 || p->state == PM_OPEN || p->state == PM_WAITING;
    return placement == 0 || sought ? 0 : placement_at(q->core, placement)->offer;
}

static void put_standing(const struct query *q, uint32_t slot)
{
    const struct offer *offer = offer_at(q->core, slot);
    put_id(q, KEY_OFFER, TABLE_OFFERS, slot);
    put_service(q, offer->service);
    put_number(q, KEY_RATE, offer->rate);
}

/* Which package, and what kind of care where: also of its offers. */
static void put_package(const struct query *q, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    put_name(q, KEY_REFERENCE, &package_detail_at(q->core, slot)->reference);
    put_kind(q, package->kind);
    put_name(q, KEY_LOCALITY, &q->rules->locality[package->locality].name);
    put_sector(q, package->sector);
    put_number(q, KEY_UNITS, package->units);
}

/* What one package itself needs, in visits or as a place. */
static void put_care(const struct query *q, uint32_t slot)
{
    const struct package_detail *detail = package_detail_at(q->core, slot);
    const struct pm_kind *kind = &q->rules->kind[package_at(q->core, slot)->kind];
    put_visits(q, slot);
    if (kind->unit == PM_PLACES)
        put_name(q, KEY_PLACE_TYPE, &kind->band[detail->place_type].name);
}

/* The others of a group that is asked for as one: its units and needs are those of all. */
static void put_parts(const struct query *q, uint32_t lead)
{
    uint32_t group = package_at(q->core, lead)->group;
    if (group == 0 || !group_at(q->core, group)->together ||
        group_at(q->core, group)->first != lead)
        return;
    uint32_t at = package_detail_at(q->core, lead)->next_in_group;
    wire_key(q->out, KEY_PARTS);
    wire_open_array(q->out);
    for (; at != 0; at = package_detail_at(q->core, at)->next_in_group) {
        wire_open_map(q->out);
        put_care(q, at);
        put_capabilities(q, KEY_NEEDS, package_detail_at(q->core, at)->needs);
        wire_break(q->out);
    }
    wire_break(q->out);
}

void query_care_keys(const struct query *q, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    const struct package_detail *detail = package_detail_at(q->core, slot);
    put_care(q, slot);
    put_capabilities(q, KEY_NEEDS, package->needs);
    put_parts(q, slot);
    put_if_any(q, KEY_START_FROM, detail->start_from);
    put_if_any(q, KEY_START_BY, detail->start_by);
}

void query_package_keys(const struct query *q, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    put_id(q, KEY_ID, TABLE_PACKAGES, slot);
    put_package(q, slot);
    put_name(q, KEY_REFERRER, &package_detail_at(q->core, slot)->referrer);
    put_string(q, KEY_STATE, pm_package_state_name(package->state));
    put_number(q, KEY_PRIORITY, package->priority);
    put_number(q, KEY_POSTED, package_detail_at(q->core, slot)->posted);
    uint32_t offer = query_standing_offer(q, slot);
    if (offer != 0)
        put_standing(q, offer);
    bool over = package->state == PM_ENDED || package->state == PM_WITHDRAWN;
    if (!over)
        put_if_any(q, KEY_DEADLINE, package->due);
    if (package->invited + package->tendered > 1)
        put_number(q, KEY_COUNT, package->invited + package->tendered);
}

void query_package_row(const struct query *q, uint32_t slot)
{
    wire_open_map(q->out);
    query_package_keys(q, slot);
    wire_break(q->out);
}

/* ---- Offers ---- */

/* The conditions of a tender, and what it is above the ceiling of a choice. */
static void put_tender(const struct query *q, uint32_t slot)
{
    const struct offer *offer = offer_at(q->core, slot);
    int32_t ceiling = q->rules->kind[package_at(q->core, offer->package)->kind].ceiling;
    put_if_any(q, KEY_START, offer_date(offer, offer->start_in));
    put_if_any(q, KEY_ASSESS_BY, offer_date(offer, offer->assess_in));
    put_if_any(q, KEY_SHIFT, offer->shift);
    if (offer->route == PM_CHOICE && offer->rate > ceiling)
        put_number(q, KEY_TOP_UP, offer->rate - ceiling);
}

void query_offer_keys(const struct query *q, uint32_t slot)
{
    const struct offer *offer = offer_at(q->core, slot);
    put_id(q, KEY_ID, TABLE_OFFERS, slot);
    put_package(q, offer->package);
    put_service(q, offer->service);
    put_number(q, KEY_RATE, offer->rate);
    put_string(q, KEY_STATE, pm_offer_state_name(offer->state));
    if (offer->state == PM_OFFER_DECLINED)
        put_string(q, KEY_CODE, pm_decline_code_name(offer->code));
    put_number(q, KEY_SCORE, offer->score);
    put_number(q, KEY_STEP, offer->step + 1);
    put_number(q, KEY_PASS, offer->pass + 1u);
    put_number(q, KEY_MADE, offer->made);
    put_string(q, KEY_ROUTE, pm_route_name(offer->route));
    if (offer_is_live(offer))
        put_if_any(q, KEY_DEADLINE, package_at(q->core, offer->package)->due);
    put_if_any(q, KEY_ANSWERED, offer->answered);
    put_tender(q, slot);
}

/* What the provider must know to answer: nothing of the person beyond what is needed, when and
 * whereabouts. */
void query_offer_row(const struct query *q, uint32_t slot)
{
    uint32_t package = offer_at(q->core, slot)->package;
    wire_open_map(q->out);
    query_offer_keys(q, slot);
    query_care_keys(q, package);
    wire_break(q->out);
}

/* ---- Placements ---- */

/* What frees a place that is meant for a time: the package that follows, and how it stands; or
 * nothing does. And by how many days it is overdue. */
static void put_release(const struct query *q, const struct placement *placement)
{
    const struct package_detail *detail = package_detail_at(q->core, placement->package);
    uint32_t next = detail->followed_by;
    if (!put_key(q, KEY_FREED_BY))
        return;
    if (next == 0) {
        wire_map(q->out, 0);
    } else {
        wire_map(q->out, 2);
        put_name(q, KEY_REFERENCE, &package_detail_at(q->core, next)->reference);
        put_string(q, KEY_STATE, pm_package_state_name(package_at(q->core, next)->state));
    }
    if (detail->planned_end != 0 && detail->planned_end < q->core->today)
        put_number(q, KEY_OVERDUE, q->core->today - detail->planned_end);
}

void query_placement_row(const struct query *q, uint32_t slot)
{
    const struct placement *placement = placement_at(q->core, slot);
    wire_open_map(q->out);
    put_id(q, KEY_ID, TABLE_PLACEMENTS, slot);
    put_name(q, KEY_REFERENCE, &package_detail_at(q->core, placement->package)->reference);
    put_kind(q, placement->kind);
    put_service(q, placement->service);
    put_number(q, KEY_RATE, placement->rate);
    put_number(q, KEY_UNITS, placement->units);
    put_number(q, KEY_COST,
               query_cost(&q->rules->kind[placement->kind], placement->units, placement->rate));
    put_string(q, KEY_STATE, pm_placement_state_name(placement->state));
    put_number(q, KEY_AGREED, placement->agreed);
    put_if_any(q, KEY_STARTED, placement->started);
    put_if_any(q, KEY_ENDED, placement->ended);
    if (placement->end_reason != 0)
        put_string(q, KEY_REASON, pm_end_reason_name(placement->end_reason));
    put_number(q, KEY_RULES, placement->rules);
    put_if_any(q, KEY_UNTIL, placement->until);
    if (placement->decided_by != 0)
        put_string(q, KEY_DECIDED_BY, pm_decider_name(placement->decided_by));
    if (placement_detail_at(q->core, slot)->note.text[0] != '\0')
        put_string(q, KEY_NOTE, placement_detail_at(q->core, slot)->note.text);
    if (q->rules->kind[placement->kind].short_term && placement_is_current(placement))
        put_release(q, placement);
    wire_break(q->out);
}

/* ---- Supply ---- */

static void put_sectors(const struct query *q, uint32_t slot)
{
    const struct service *service = service_at(q->core, slot);
    const struct service_detail *detail = service_detail_at(q->core, slot);
    char text[9];
    if (!put_key(q, KEY_SECTORS))
        return;
    wire_array(q->out, service->sectors);
    for (unsigned i = 0; i < service->sectors; i++)
        wire_string(q->out, pm_postcode_text(detail->sector[i], text));
}

static unsigned worse(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* Its own standing, its location's or its provider's, whichever is the worst; a kind that its
 * provider is given nothing new of is suspended, too. */
static unsigned standing_of(const struct query *q, const struct service *service)
{
    const struct provider *provider = provider_at(q->core, service->provider);
    bool embargo = (provider->embargo_kinds >> service->kind & 1) != 0;
    unsigned above = worse(location_at(q->core, service->location)->standing, provider->standing);
    return worse(worse(service->standing, above), embargo ? PM_SUSPENDED : PM_ACTIVE);
}

void query_service_row(const struct query *q, uint32_t slot)
{
    const struct service *service = service_at(q->core, slot);
    wire_open_map(q->out);
    put_id(q, KEY_ID, TABLE_SERVICES, slot);
    put_service(q, slot);
    put_name(q, KEY_LOCATION, &location_detail_at(q->core, service->location)->name);
    put_name(q, KEY_POOL, &pool_detail_at(q->core, service->pool)->name);
    put_kind(q, service->kind);
    put_name(q, KEY_LOT, &q->rules->lot[service->lot].name);
    put_number(q, KEY_TIER, service->tier);
    put_string(q, KEY_CONTRACT, pm_contract_name(service->contract));
    put_string(q, KEY_STANDING, pm_standing_name(standing_of(q, service)));
    put_number(q, KEY_RATE, service->rate);
    put_if_any(q, KEY_UPLIFT, service_detail_at(q->core, slot)->uplift);
    put_number(q, KEY_SCORE, service->score);
    put_localities(q, service->localities);
    put_sectors(q, slot);
    put_capabilities(q, KEY_CAPABILITIES, service->capabilities);
    wire_break(q->out);
}

static const char *mode_name(const struct pool *pool)
{
    if (pool->capacity == POOL_LAPSED)
        return "lapsed";
    return pm_pool_mode_name(pool->capacity == POOL_DECLARED ? PM_DECLARED : PM_ASK);
}

/* Of a pool that declares nothing only what is taken is known. */
static void put_band(const struct query *q, const struct pool *pool, unsigned band)
{
    bool declared = pool->capacity == POOL_DECLARED;
    wire_map(q->out, declared ? 5 : 3);
    put_name(q, KEY_NAME, &q->rules->kind[pool->kind].band[band].name);
    if (declared)
        put_number(q, KEY_DECLARED, pool->declared[band]);
    put_number(q, KEY_COMMITTED, pool->committed[band]);
    put_number(q, KEY_HELD, pool->held[band]);
    if (declared)
        put_number(q, KEY_FREE, pool_free(pool, band));
}

void query_capacity_row(const struct query *q, uint32_t slot)
{
    const struct pool *pool = pool_at(q->core, slot);
    bool overcommitted = false;
    wire_open_map(q->out);
    put_id(q, KEY_ID, TABLE_POOLS, slot);
    put_name(q, KEY_POOL, &pool_detail_at(q->core, slot)->name);
    put_name(q, KEY_PROVIDER, &provider_detail_at(q->core, pool->provider)->name);
    put_name(q, KEY_LOCATION, &location_detail_at(q->core, pool->location)->name);
    put_kind(q, pool->kind);
    put_string(q, KEY_MODE, mode_name(pool));
    put_if_any(q, KEY_AS_OF, pool->as_of);
    if (pool->valid_until != INT64_MAX)
        put_if_any(q, KEY_VALID_UNTIL, pool->valid_until);
    wire_key(q->out, KEY_BANDS);
    wire_array(q->out, pool->bands);
    for (unsigned b = 0; b < pool->bands; b++) {
        put_band(q, pool, b);
        overcommitted |= pool->capacity == POOL_DECLARED && pool_free(pool, b) < 0;
    }
    wire_key(q->out, KEY_OVERCOMMITTED);
    wire_bool(q->out, overcommitted);
    wire_break(q->out);
}
