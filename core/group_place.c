/* group_place.c - groups of packages: settled, confirmed and placed, all or none. */
#include "award.h"
#include "group_parts.h"
#include "ladder.h"
#include "offer.h"
#include "pool.h"
#include "rank.h"

void group_agree(struct pm_core *core, uint32_t offer)
{
    if (group_is_together(core, offer_at(core, offer)->package))
        group_agree_together(core, offer);
    else
        placement_agree(core, offer);
}

/* ---- A split group, settled ---- */

static bool all_settled(const struct pm_core *core, uint32_t package)
{
    if (group_is_incomplete(core, package))
        return false;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (package_at(core, at)->state != PM_TO_CONFIRM)
            return false;
    return true;
}

static bool waits_for_broker(const struct pm_core *core, uint32_t package)
{
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (award_waits_for_broker(core, package_at(core, at)->chosen))
            return true;
    return false;
}

/* Will all that are chosen do, and is there room for all? */
static uint16_t status_of_all(const struct pm_core *core, uint32_t package)
{
    uint32_t count = 0;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at), count++) {
        uint16_t status = award_status(core, package_at(core, at)->chosen);
        if (status != PM_OK)
            return status;
    }
    return table_has_room(&core->table[TABLE_PLACEMENTS], count) ? PM_OK : PM_FULL;
}

static void place_all(struct pm_core *core, uint32_t package)
{
    uint32_t part[PM_GROUP_MAX], parts = 0;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        part[parts++] = at;
    group_dissolve(core, package);
    for (uint32_t i = 0; i < parts; i++)
        award_place(core, package_at(core, part[i])->chosen);
}

void group_settled(struct pm_core *core, uint32_t package)
{
    if (!all_settled(core, package)) {
        group_unsettled(core, package);
        return;
    }
    uint16_t status = waits_for_broker(core, package) ? PM_FULL : status_of_all(core, package);
    if (status == PM_OK)
        place_all(core, package);
    else if (status != PM_FULL)
        group_lapse(core, package);
    for (uint32_t at = status == PM_FULL ? group_first(core, package) : 0; at != 0;
         at = group_next(core, at))
        award_due(core, at); /* a broker confirms them */
}

void group_unsettled(struct pm_core *core, uint32_t package)
{
    uint32_t at = group_is_split(core, package) ? group_first(core, package) : 0;
    for (; at != 0; at = group_next(core, at))
        if (package_at(core, at)->state == PM_TO_CONFIRM && !all_settled(core, package))
            package_set_due(core, at, 0);
}

uint16_t group_confirm(struct pm_core *core, uint32_t package)
{
    if (!all_settled(core, package))
        return PM_WRONG_STATE;
    uint16_t status = status_of_all(core, package);
    if (status == PM_OK)
        place_all(core, package);
    return status;
}

/* ---- None of them ---- */

static bool is_sought(const struct package *package)
{
    return package->state == PM_OFFERED || package->state == PM_CHOOSING ||
           package->state == PM_TO_CONFIRM || package->state == PM_OPEN;
}

static void give_up(struct pm_core *core, uint32_t package)
{
    ladder_leave(core, package);
    offers_over(core, package, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    package_at(core, package)->state = PM_OPEN;
}

void group_lapse(struct pm_core *core, uint32_t package)
{
    uint32_t part[PM_GROUP_MAX], parts = 0;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (package_at(core, at)->state == PM_TO_CONFIRM)
            part[parts++] = at;
    for (uint32_t i = 0; i < parts; i++)
        give_up(core, part[i]);
    for (uint32_t i = 0; i < parts; i++)
        if (package_at(core, part[i])->state == PM_OPEN &&
            package_at(core, part[i])->waits == WAITS_NOT)
            ladder_advance(core, part[i]);
}

bool group_is_spent(struct pm_core *core, uint32_t package)
{
    if (!group_is_split(core, package))
        return false;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at)) {
        if (at != package && !is_sought(package_at(core, at)))
            continue;
        give_up(core, at);
        ladder_wait(core, at);
    }
    return true;
}

/* ---- Waking ---- */

/* Where a part would come to, were its ladder begun now: the service that is held for it, 0 when
 * nothing is held; false: nobody could take it. The woken one is on a retry. */
static bool find_server(struct pm_core *core, uint32_t package, bool woken, uint32_t *service)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    struct ranked best;
    *service = 0;
    for (unsigned step = 0; step < kind->steps; step++) {
        uint8_t route = kind->step[step].route;
        if (!woken && (route == PM_BROKER_AWARD || route == PM_ROUND))
            return true;
        if (!ladder_asks(p, &kind->step[step]) || rank_best(core, package, step, 1, &best) == 0)
            continue;
        if (route == PM_CALL_OFF || route == PM_LAST_RESORT)
            *service = best.service;
        return true;
    }
    return false;
}

/* Serves one after the other for a moment, each beside those before it. */
bool group_could_be_served(struct pm_core *core, uint32_t package)
{
    uint32_t part[PM_GROUP_MAX], pool[PM_GROUP_MAX], parts = 0;
    bool all = true;
    if (!group_is_split(core, package))
        return true;
    part[parts++] = package;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (at != package && package_at(core, at)->state == PM_WAITING)
            part[parts++] = at;
    uint32_t served = 0;
    for (; served < parts && all; served++) {
        uint32_t service;
        all = find_server(core, part[served], served == 0, &service);
        pool[served] = service != 0 ? service_at(core, service)->pool : 0;
        if (service != 0)
            pool_hold(core, pool[served], package_at(core, part[served])->demand);
    }
    for (uint32_t i = 0; i < served; i++)
        if (pool[i] != 0)
            pool_release(core, pool[i], package_at(core, part[i])->demand);
    return all;
}

void group_woken(struct pm_core *core, uint32_t package)
{
    uint32_t part[PM_GROUP_MAX], parts = 0;
    if (!group_is_split(core, package))
        return;
    for (uint32_t at = group_first(core, package); at != 0; at = group_next(core, at))
        if (at != package && package_at(core, at)->state == PM_WAITING)
            part[parts++] = at;
    for (uint32_t i = 0; i < parts; i++)
        ladder_leave(core, part[i]);
    for (uint32_t i = 0; i < parts; i++)
        if (package_at(core, package)->state == PM_WAITING) /* one of them is spent again */
            ladder_wait(core, part[i]);
        else if (package_at(core, part[i])->waits == WAITS_NOT)
            ladder_start(core, part[i]);
}

void group_retry_from(struct pm_core *core, uint32_t first, uint32_t but)
{
    uint32_t part[PM_GROUP_MAX], parts = 0;
    for (uint32_t at = first; at != 0; at = group_next(core, at))
        if (at != but)
            part[parts++] = at;
    for (uint32_t i = 0; i < parts; i++)
        if (package_at(core, part[i])->waits == WAITS_LISTED)
            ladder_retry(core, part[i]);
}

void group_retry(struct pm_core *core, uint32_t package)
{
    if (group_is_split(core, package))
        group_retry_from(core, group_first(core, package), package);
}

static bool another_waits(const struct pm_core *core, uint32_t package)
{
    uint32_t at = group_is_split(core, package) ? group_first(core, package) : 0;
    while (at != 0 && (at == package || package_at(core, at)->state != PM_WAITING))
        at = group_next(core, at);
    return at != 0;
}

void group_seek_again(struct pm_core *core, uint32_t package)
{
    if (!another_waits(core, package)) {
        ladder_start(core, package);
        return;
    }
    package_at(core, package)->pass = 1;
    ladder_wait(core, package);
    group_retry_from(core, group_first(core, package), 0);
}
