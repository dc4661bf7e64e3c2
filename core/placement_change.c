/* placement_change.c - placements that go on otherwise: notice, a stay in hospital, more or less
 * care, another service, another price; and care that others arranged. */
#include <string.h>

#include "dates.h"
#include "eligible.h"
#include "ladder.h"
#include "offer.h"
#include "package.h"
#include "placement_parts.h"
#include "pool.h"
#include "priority.h"
#include "suspend.h"

static struct pm_result done(const struct pm_core *core, uint32_t slot)
{
    return (struct pm_result){PM_OK, id_of(core, TABLE_PLACEMENTS, slot)};
}

/* ---- Ended, while the need goes on ---- */

/* Others are sought, unless they are already, or are found. Who paused that has care, for which no
 * others need be sought yet: the pause ends with the care, and when the provider fails, so that
 * nobody is without and missed. */
static void seek_others(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    bool paused = p->state == PM_PAUSED && (p->placement == 0 || core->failing);
    if (p->successor != 0)
        return;
    if (paused) {
        package_resume_at(core, package);
    } else if (p->state == PM_PLACED) {
        offers_begin_anew(core, package);
        ladder_start(core, package);
    }
}

void placement_lose(struct pm_core *core, uint32_t slot, uint8_t reason)
{
    uint32_t package = placement_at(core, slot)->package;
    struct package *p = package_at(core, package);
    bool begun = placement_at(core, slot)->started != 0, was_current = p->placement == slot;
    bool has_successor = p->successor != 0;
    placement_close(core, slot, reason);
    if (begun)
        package_detail_at(core, package)->interim = PM_NO_COVER;
    if (was_current && has_successor)
        return;
    priority_refresh(core, package);
    seek_others(core, package);
}

/* ---- Notice ---- */

int64_t placement_due(const struct pm_core *core, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    bool lapses =
        placement->state == PM_IN_STAY || (placement->state == PM_NOTICE && placement->ceases != 0);
    return lapses ? (placement->until + INT64_C(1)) * DAY - 1 : INT64_MAX;
}

static void set_until(struct pm_core *core, uint32_t slot, enum pm_placement_state state,
                      int32_t until)
{
    placement_at(core, slot)->state = (uint8_t)state;
    placement_at(core, slot)->until = until;
    deadline_set(&core->deadlines, DEADLINE_PLACEMENT, slot, placement_due(core, slot));
}

void placement_notice(struct pm_core *core, uint32_t slot, int32_t until, bool ceases)
{
    uint32_t package = placement_at(core, slot)->package;
    placement_at(core, slot)->ceases = ceases;
    placement_not_again(core, slot);
    set_until(core, slot, PM_NOTICE, until);
    placement_tell(core, PM_EVENT_PLACEMENT_NOTICE, slot);
    if (package_at(core, package)->successor == 0)
        package_detail_at(core, package)->interim = PM_ON_NOTICE;
    priority_refresh(core, package);
    seek_others(core, package);
}

static uint16_t handback_status(const struct pm_core *core, uint32_t market, struct pm_actor actor,
                                uint32_t slot, const struct pm_handback *handback)
{
    if (slot == 0 || placement_at(core, slot)->market != market)
        return PM_UNKNOWN_PLACEMENT;
    const struct placement *placement = placement_at(core, slot);
    if (actor.role == PM_PROVIDER &&
        !name_is(&provider_detail_at(core, placement->provider)->name, actor.name))
        return PM_NOT_YOURS;
    if (placement->state == PM_PLACEMENT_ENDED)
        return PM_WRONG_STATE;
    if (handback->code == 0 || handback->code >= PM_DECLINE_CODES)
        return PM_BAD_VALUE;
    int32_t last = placement->ceases ? placement->until : DATE_MAX; /* they stop then in any case */
    bool until =
        handback->until == 0 || (handback->until >= core->today && handback->until <= last);
    return until ? PM_OK : PM_BAD_DATES;
}

struct pm_result placement_handback(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                    const struct pm_handback *handback)
{
    uint32_t slot = table_find(&core->table[TABLE_PLACEMENTS], handback->placement);
    uint16_t status = handback_status(core, market, actor, slot, handback);
    if (status != PM_OK)
        return refused(status);
    if (placement_at(core, slot)->state == PM_AGREED || handback->until == 0)
        placement_lose(core, slot, PM_HANDED_BACK);
    else
        placement_notice(core, slot, handback->until, placement_at(core, slot)->ceases != 0);
    return done(core, slot);
}

/* ---- A stay in hospital ---- */

struct pm_result placement_in_hospital(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                       const struct pm_stay *stay)
{
    struct found_package found =
        placement_find(core, market, actor, stay->reference, stay->referrer);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = package_at(core, found.package)->placement;
    if (placement_at(core, slot)->state != PM_STARTED)
        return refused(PM_WRONG_STATE);
    if (stay->until < core->today || stay->until > DATE_MAX)
        return refused(PM_BAD_DATES);
    set_until(core, slot, PM_IN_STAY, stay->until);
    placement_tell(core, PM_EVENT_PLACEMENT_IN_HOSPITAL, slot);
    return done(core, slot);
}

/* The place is kept no longer. Once the person is well again, its service is asked first. */
static void lapse_stay(struct pm_core *core, uint32_t slot)
{
    uint32_t package = placement_at(core, slot)->package;
    uint32_t service = placement_at(core, slot)->service;
    placement_close(core, slot, PM_STAY_LAPSED);
    if (package_at(core, package)->placement != 0)
        return;
    package_detail_at(core, package)->interim = PM_IN_HOSPITAL;
    package_detail_at(core, package)->return_to = service;
    package_pause_at(core, package);
    package_done(core, package, PM_EVENT_PACKAGE_PAUSED);
}

void placement_fall_due(struct pm_core *core, uint32_t slot)
{
    if (placement_at(core, slot)->state == PM_IN_STAY)
        lapse_stay(core, slot);
    else
        placement_lose(core, slot, PM_PROVIDER_FAILED);
}

struct pm_result placement_restart(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                   const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    const struct package *package = package_at(core, found.package);
    uint32_t slot = package->placement;
    if (slot != 0 && placement_at(core, slot)->state == PM_IN_STAY) {
        set_until(core, slot, PM_STARTED, 0);
        placement_tell(core, PM_EVENT_PLACEMENT_RESTARTED, slot);
        return done(core, slot);
    }
    if (package->state != PM_PAUSED || package_detail_at(core, found.package)->return_to == 0)
        return refused(PM_WRONG_STATE);
    package_resume_at(core, found.package);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, found.package)};
}

/* ---- More or less care, elsewhere, at another price ---- */

bool placement_fits(const struct pm_core *core, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    const struct package *p = package_at(core, placement->package);
    const struct service *service = service_at(core, placement->service);
    const struct pool *pool = pool_at(core, service->pool);
    if ((p->needs & ~service->capabilities) != 0)
        return false;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        int32_t growth = p->demand[b] - placement->demand[b];
        if (growth > 0 && growth > pool_room(pool, b))
            return false;
    }
    return true;
}

void placement_resize(struct pm_core *core, uint32_t slot)
{
    struct placement *placement = placement_at(core, slot);
    const struct package *p = package_at(core, placement->package);
    if (placement->units == p->units && memcmp(placement->demand, p->demand, sizeof p->demand) == 0)
        return;
    pool_resize(core, service_at(core, placement->service)->pool, placement->demand, p->demand);
    memcpy(placement->demand, p->demand, sizeof placement->demand);
    placement->units = p->units;
    placement_tell(core, PM_EVENT_PLACEMENT_CHANGED, slot);
}

void placement_uplift(struct pm_core *core, uint32_t slot, int32_t rate)
{
    if (placement_at(core, slot)->rate == rate)
        return;
    placement_at(core, slot)->rate = rate;
    placement_tell(core, PM_EVENT_PLACEMENT_CHANGED, slot);
}

/* ---- Care that goes on already ---- */

static uint16_t import_status(const struct pm_core *core, uint32_t market, uint32_t service,
                              const struct pm_import *import)
{
    if (import->package == NULL)
        return PM_NOTHING_NEEDED;
    int kind = find_kind(&market_at(core, market)->rules, import->package->kind);
    if (service == 0)
        return PM_UNKNOWN_SERVICE;
    if (kind >= 0 && service_at(core, service)->kind != kind)
        return PM_UNKNOWN_SERVICE;
    if (import->package->group.length != 0 || import->package->arrangement != PM_MANAGED)
        return PM_BAD_VALUE;
    if (import->started < 0 || import->started > core->today)
        return PM_BAD_DATES;
    const struct pm_kind *rules = kind_of(core, market, service_at(core, service)->kind);
    int32_t rate = import->rate != 0 ? import->rate : service_at(core, service)->rate;
    if (!pool_has_margin(core, service_at(core, service)->pool, rules->units_max))
        return PM_BAD_CAPACITY;
    if (rate < rules->rate_min || rate > rules->rate_max)
        return PM_RATE_OUT_OF_BOUNDS;
    return failure_may_reach(core, service) ? PM_OK : PM_FULL;
}

struct pm_result placement_import(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_import *import)
{
    uint32_t service = find_service(core, market, import->service);
    uint16_t status = import_status(core, market, service, import);
    if (status != PM_OK)
        return refused(status);
    int kind = find_kind(&market_at(core, market)->rules, import->package->kind);
    struct pm_result result = package_add(core, market, actor, kind, import->package);
    if (result.status != PM_OK)
        return result;
    uint32_t package = table_find(&core->table[TABLE_PACKAGES], result.id);
    int32_t rate = import->rate != 0 ? import->rate : service_at(core, service)->rate;
    pool_bring(core, service_at(core, service)->pool, package_at(core, package)->demand);
    uint32_t slot = placement_agree(core, offer_instant(core, package, service, rate, PM_IMPORTED));
    placement_begin(core, slot, import->started == 0 ? core->header.time : import->started * DAY);
    failure_reaches(core, service); /* whoever comes to light too late is not missed */
    return done(core, slot);
}
