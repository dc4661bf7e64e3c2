/* package.c - packages of care: posted, amended, paused, withdrawn. */
#include "package.h"

#include <string.h>

#include "dates.h"
#include "demand.h"
#include "find.h"
#include "ladder.h"
#include "names.h"
#include "offer.h"
#include "placement.h"
#include "pool.h"
#include "waitlist.h"

/* Fields that may change while care is agreed or given: none of them changes what is needed. */
#define GIVEN_WHEN_PLACED                                                            \
    (PM_GIVEN_PRIORITY | PM_GIVEN_INTERIM | PM_GIVEN_PERSON | PM_GIVEN_PLANNED_END | \
     PM_GIVEN_CONTINUITY)
#define GIVEN_ALL UINT32_MAX

static struct pm_result done(struct pm_core *core, uint32_t slot, enum pm_event_kind kind)
{
    event_add(core, kind, package_at(core, slot)->market)->package = slot;
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, slot)};
}

/* ---- From what was sent to what is kept: a draft, checked before anything changes ---- */

struct draft {
    struct package package;
    struct package_detail detail;
};

static uint16_t draft_place(const struct pm_market *rules, const struct pm_package *sent,
                            struct draft *draft)
{
    if (sent->postcode == PM_POSTCODE_BAD || sent->sector == PM_POSTCODE_BAD ||
        pm_postcode_sector(sent->sector) != sent->sector)
        return PM_BAD_POSTCODE;
    int locality = sent->postcode != 0 ? -1 : find_locality(rules, sent->locality);
    if (locality < 0)
        return PM_UNKNOWN_LOCALITY;
    draft->package.locality = (uint8_t)locality;
    draft->package.sector = sent->sector;
    return PM_OK;
}

static void draft_demand(struct draft *draft, const struct demand *demand)
{
    memcpy(draft->package.demand, demand->band, sizeof demand->band);
    draft->package.units = demand->units;
}

static uint16_t draft_visits(const struct pm_kind *kind, const struct pm_package *sent,
                             struct draft *draft)
{
    struct demand demand;
    uint16_t status = demand_of_visits(kind, sent->visit, sent->visits, &demand);
    if (status != PM_OK)
        return status;
    memset(draft->detail.visit, 0, sizeof draft->detail.visit);
    for (unsigned v = 0; v < sent->visits; v++) {
        draft->detail.visit[v] = sent->visit[v];
        draft->detail.visit[v].zero = 0;
    }
    draft->detail.visits = sent->visits;
    draft_demand(draft, &demand);
    return PM_OK;
}

static uint16_t draft_place_type(const struct pm_kind *kind, const struct pm_package *sent,
                                 struct draft *draft)
{
    struct demand demand;
    unsigned band;
    uint16_t status = demand_of_place(kind, sent->place_type, &demand, &band);
    if (status != PM_OK)
        return status;
    draft->detail.place_type = (uint8_t)band;
    draft_demand(draft, &demand);
    return PM_OK;
}

/* Care is stated as the kind is counted, in visits or as a place; the other must not be given. */
static uint16_t draft_care(const struct pm_kind *kind, const struct pm_package *sent,
                           uint32_t given, struct draft *draft)
{
    bool minutes = kind->unit == PM_MINUTES;
    if (minutes ? sent->place_type.length != 0 : sent->visits != 0)
        return PM_NOTHING_NEEDED;
    if (minutes && (given & PM_GIVEN_VISITS) != 0)
        return draft_visits(kind, sent, draft);
    if (!minutes && (given & PM_GIVEN_PLACE_TYPE) != 0)
        return draft_place_type(kind, sent, draft);
    return PM_OK;
}

static uint16_t draft_needs(const struct pm_market *rules, const struct pm_package *sent,
                            struct draft *draft)
{
    uint64_t needs = 0;
    for (unsigned i = 0; i < sent->needs; i++) {
        int capability = find_capability(rules, sent->need[i]);
        if (capability < 0)
            return PM_UNKNOWN_CAPABILITY;
        needs |= 1ull << capability;
    }
    draft->package.needs = needs;
    return PM_OK;
}

static uint16_t draft_exclusions(const struct pm_core *core, uint32_t market,
                                 const struct pm_package *sent, struct draft *draft)
{
    if (sent->exclusions > PM_EXCLUSIONS_MAX)
        return PM_BAD_VALUE;
    memset(draft->detail.exclusion, 0, sizeof draft->detail.exclusion);
    for (unsigned i = 0; i < sent->exclusions; i++)
        if ((draft->detail.exclusion[i] = find_provider(core, market, sent->exclusion[i])) == 0)
            return PM_UNKNOWN_PROVIDER;
    draft->package.exclusions = sent->exclusions;
    return PM_OK;
}

static bool date_is_good(int32_t date)
{
    return date >= 0 && date <= DATE_MAX;
}

static uint16_t draft_dates(const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    struct package_detail *d = &draft->detail;
    if ((given & PM_GIVEN_START) != 0) {
        d->start_from = sent->start_from;
        d->start_by = sent->start_by;
    }
    if ((given & PM_GIVEN_PLANNED_END) != 0)
        d->planned_end = sent->planned_end;
    bool good =
        date_is_good(d->start_from) && date_is_good(d->start_by) && date_is_good(d->planned_end) &&
        (d->start_by == 0 || d->start_by >= d->start_from) &&
        (d->planned_end == 0 || (d->planned_end >= d->start_from && d->planned_end >= d->start_by));
    return good ? PM_OK : PM_BAD_DATES;
}

static uint16_t draft_person(const struct pm_core *core, uint32_t market,
                             const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    if ((given & PM_GIVEN_PERSON) != 0) {
        if (sent->person.length != 0 && !token_is_good(sent->person))
            return PM_BAD_NAME;
        title_set(&draft->detail.person, sent->person);
    }
    if ((given & PM_GIVEN_CONTINUITY) != 0) {
        draft->detail.continuity = find_provider(core, market, sent->continuity);
        if (sent->continuity.length != 0 && draft->detail.continuity == 0)
            return PM_UNKNOWN_PROVIDER;
    }
    return PM_OK;
}

static uint16_t draft_small(const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    if ((given & PM_GIVEN_PRIORITY) != 0)
        draft->package.priority = sent->priority;
    if ((given & PM_GIVEN_INTERIM) != 0)
        draft->detail.interim = sent->interim;
    if ((given & PM_GIVEN_PAYER) != 0)
        draft->detail.payer = sent->payer;
    if (draft->package.priority >= PM_PRIORITIES)
        return PM_BAD_PRIORITY;
    return draft->detail.interim < PM_INTERIMS && draft->detail.payer < PM_PAYERS ? PM_OK
                                                                                  : PM_BAD_VALUE;
}

/* Takes the given fields into the draft. Which status comes first follows the order here. */
static uint16_t draft_fields(const struct pm_core *core, uint32_t market,
                             const struct pm_package *sent, uint32_t given, struct draft *draft)
{
    const struct pm_market *rules = &market_at(core, market)->rules;
    uint16_t status = PM_OK;
    if ((given & PM_GIVEN_PLACE) != 0)
        status = draft_place(rules, sent, draft);
    if (status == PM_OK)
        status = draft_care(&rules->kind[draft->package.kind], sent, given, draft);
    if (status == PM_OK && (given & PM_GIVEN_NEEDS) != 0)
        status = draft_needs(rules, sent, draft);
    if (status == PM_OK)
        status = draft_dates(sent, given, draft);
    if (status == PM_OK)
        status = draft_small(sent, given, draft);
    if (status == PM_OK && (given & PM_GIVEN_EXCLUSIONS) != 0)
        status = draft_exclusions(core, market, sent, draft);
    return status == PM_OK ? draft_person(core, market, sent, given, draft) : status;
}

/* ---- Post ---- */

/* Whose reference it is: a hospital's own, or whom a broker names. */
static uint16_t draft_names(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                            const struct pm_package *sent, struct draft *draft)
{
    struct pm_text referrer = sent->referrer.length != 0 ? sent->referrer : actor.name;
    int kind = find_kind(&market_at(core, market)->rules, sent->kind);
    if (!name_is_good(sent->reference) || !name_is_good(referrer))
        return PM_BAD_NAME;
    if (actor.role == PM_HOSPITAL && !pm_text_equal(referrer, actor.name))
        return PM_NOT_ALLOWED;
    if (kind < 0)
        return PM_UNKNOWN_KIND;
    draft->package.kind = (uint8_t)kind;
    name_set(&draft->detail.reference, sent->reference);
    name_set(&draft->detail.referrer, referrer);
    return PM_OK;
}

static uint32_t package_create(struct pm_core *core, uint32_t market, struct draft *draft)
{
    uint32_t slot = table_take(&core->table[TABLE_PACKAGES]);
    struct package *package = package_at(core, slot);
    draft->package.row = package->row;
    *package = draft->package;
    *package_detail_at(core, slot) = draft->detail;
    package->market = market;
    package->version = package->need_version = 1;
    package->posted = core->header.time;
    map_add(&core->map[MAP_PACKAGES],
            name_hash(market, MAP_PACKAGES, name_text(&draft->detail.reference)), slot);
    return slot;
}

struct pm_result package_post(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_package *sent)
{
    struct draft draft;
    memset(&draft, 0, sizeof draft);
    uint16_t status = draft_names(core, market, actor, sent, &draft);
    if (status != PM_OK)
        return refused(status);
    struct found_package found =
        find_package(core, market, sent->reference, name_text(&draft.detail.referrer), actor);
    if (found.status == PM_OK)
        return (struct pm_result){PM_DUPLICATE_REFERENCE,
                                  id_of(core, TABLE_PACKAGES, found.package)};
    status = draft_fields(core, market, sent, GIVEN_ALL, &draft);
    if (status != PM_OK)
        return refused(status);
    if (!table_has_room(&core->table[TABLE_PACKAGES], 1) ||
        !table_has_room(&core->table[TABLE_OFFERS], 1) ||
        !table_has_room(&core->table[TABLE_PLACEMENTS], 1))
        return refused(PM_FULL);
    uint32_t slot = package_create(core, market, &draft);
    struct pm_result result = done(core, slot, PM_EVENT_PACKAGE_POSTED);
    ladder_start(core, slot);
    return result;
}

/* ---- Amend ---- */

static bool grows(const struct package *before, const struct package *after)
{
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if (after->demand[b] > before->demand[b])
            return true;
    return false;
}

/* Does the amendment change what was offered, so that the offer cannot stand? */
static bool changes_need(const struct draft *before, const struct draft *after)
{
    const struct package *p = &before->package, *q = &after->package;
    const struct package_detail *d = &before->detail, *e = &after->detail;
    return p->locality != q->locality || p->sector != q->sector || grows(p, q) ||
           p->needs != q->needs || d->start_from != e->start_from || d->start_by != e->start_by ||
           d->payer != e->payer || p->exclusions != q->exclusions ||
           memcmp(d->exclusion, e->exclusion, sizeof d->exclusion) != 0;
}

/* What stands is kept, for less care if need be: an open offer holds what the package now takes. */
static void amend_lightly(struct pm_core *core, uint32_t slot, const struct draft *before)
{
    struct package *package = package_at(core, slot);
    package->version++;
    if (package->open_offer == 0)
        return;
    uint32_t pool = service_at(core, offer_at(core, package->open_offer)->service)->pool;
    pool_hold(core, pool, package->demand);
    pool_unhold(core, pool, before->package.demand);
}

static uint16_t may_amend(const struct package *package, uint32_t given)
{
    if (package->state == PM_ENDED || package->state == PM_WITHDRAWN)
        return PM_WRONG_STATE;
    return package->state == PM_PLACED && (given & ~(uint32_t)GIVEN_WHEN_PLACED) != 0
               ? PM_WRONG_STATE
               : PM_OK;
}

/* Back onto its waitlist, by its priority now; it may have come to need less, so it is tried
 * again. */
static void wait_anew(struct pm_core *core, uint32_t slot)
{
    waitlist_add(core, slot);
    ladder_retry(core, slot);
}

/* Takes the amended package's place in the world, once nothing can refuse it any more. */
static void amend(struct pm_core *core, uint32_t slot, const struct draft *before,
                  const struct draft *after)
{
    struct package *package = package_at(core, slot);
    bool waits = package->waits != 0, anew = changes_need(before, after);
    if (waits)
        waitlist_remove(core, slot);
    if (anew)
        offer_take_back(core, slot, PM_OFFER_IS_STALE);
    struct package kept = *package;
    *package = after->package;
    package->open_offer = kept.open_offer;
    package->wait_next = package->wait_previous = 0;
    package->waits = 0;
    *package_detail_at(core, slot) = after->detail;
    if (!anew)
        amend_lightly(core, slot, before);
    else
        package->need_version = ++package->version;
    if (anew && package->state != PM_PAUSED)
        ladder_start(core, slot);
    else if (waits)
        wait_anew(core, slot);
}

struct pm_result package_amend(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package *sent)
{
    struct found_package found = find_package(core, market, sent->reference, sent->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = found.package;
    uint16_t status = may_amend(package_at(core, slot), sent->given);
    struct draft before = {*package_at(core, slot), *package_detail_at(core, slot)};
    struct draft after = before;
    if (status == PM_OK)
        status = draft_fields(core, market, sent, sent->given, &after);
    if (status != PM_OK)
        return refused(status);
    struct pm_result result = done(core, slot, PM_EVENT_PACKAGE_AMENDED);
    amend(core, slot, &before, &after);
    return result;
}

/* ---- Pause, resume, withdraw ---- */

/* Takes the package out of the matching: its offer back, off its waitlist. */
static void stop_matching(struct pm_core *core, uint32_t slot)
{
    if (package_at(core, slot)->waits)
        waitlist_remove(core, slot);
    offer_take_back(core, slot, PM_OFFER_IS_WITHDRAWN);
}

struct pm_result package_pause(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    struct package *package = package_at(core, found.package);
    if (package->state != PM_OFFERED && package->state != PM_WAITING)
        return refused(PM_WRONG_STATE);
    stop_matching(core, found.package);
    package->state = PM_PAUSED;
    return done(core, found.package, PM_EVENT_PACKAGE_PAUSED);
}

struct pm_result package_resume(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    if (package_at(core, found.package)->state != PM_PAUSED)
        return refused(PM_WRONG_STATE);
    struct pm_result result = done(core, found.package, PM_EVENT_PACKAGE_RESUMED);
    ladder_start(core, found.package);
    return result;
}

/* Agreed care that has not started may still be withdrawn; what has started is ended, not
 * withdrawn. */
static bool may_withdraw(const struct pm_core *core, const struct package *package)
{
    if (package->state == PM_PLACED)
        return placement_at(core, package->placement)->state == PM_AGREED;
    return package->state != PM_ENDED && package->state != PM_WITHDRAWN;
}

struct pm_result package_withdraw(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    const struct package *package = package_at(core, found.package);
    if (!may_withdraw(core, package))
        return refused(PM_WRONG_STATE);
    if (id->reason == 0 || id->reason >= PM_END_REASONS)
        return refused(PM_BAD_VALUE);
    if (package->state == PM_PLACED)
        placement_close(core, package->placement, id->reason);
    else
        stop_matching(core, found.package);
    package_end(core, found.package, PM_WITHDRAWN, id->reason);
    struct pm_result result = done(core, found.package, PM_EVENT_PACKAGE_WITHDRAWN);
    core->events[core->event_count - 1].code = id->reason;
    return result;
}

/* ---- The end ---- */

void package_end(struct pm_core *core, uint32_t slot, enum pm_package_state state, uint8_t reason)
{
    struct package *package = package_at(core, slot);
    package->state = (uint8_t)state;
    package->ended = core->header.time;
    package_detail_at(core, slot)->end_reason = reason;
    deadline_set(&core->deadlines, DEADLINE_PACKAGE, slot, package_lapse_time(core, slot));
}

int64_t package_lapse_time(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    return package->ended + market_at(core, package->market)->rules.keep_days * DAY;
}

/* Those who wait because a table was full are looked at again, by all services. */
static void wake_all(struct pm_core *core)
{
    for (uint32_t service = 0; (service = table_next(&core->table[TABLE_SERVICES], service)) != 0;)
        agenda_add(core, service);
}

void package_lapse(struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    bool was_full = !ladder_has_room(core);
    for (uint32_t offer = package->first_offer; offer != 0;) {
        uint32_t next = offer_at(core, offer)->next_of_package;
        table_free(&core->table[TABLE_OFFERS], offer);
        offer = next;
    }
    if (package->placement != 0)
        table_free(&core->table[TABLE_PLACEMENTS], package->placement);
    struct pm_text reference = name_text(&package_detail_at(core, slot)->reference);
    map_remove(&core->map[MAP_PACKAGES], name_hash(package->market, MAP_PACKAGES, reference), slot);
    table_free(&core->table[TABLE_PACKAGES], slot);
    if (was_full)
        wake_all(core);
}
