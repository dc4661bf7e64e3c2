/* amend.c - a package amended: what stands is kept where it can be. */
#include "package.h"

#include <string.h>

#include "calendar.h"
#include "draft.h"
#include "find.h"
#include "group.h"
#include "ladder.h"
#include "offer.h"
#include "placement.h"
#include "priority.h"
#include "visit.h"
#include "waitlist.h"

/* What may change once there is a placement: anything but where the care is, and by whom not. */
#define GIVEN_WHEN_PLACED \
    (PM_GIVEN_ALL & ~((uint32_t)PM_GIVEN_PLACE | (uint32_t)PM_GIVEN_EXCLUSIONS))

/* ---- What an amendment means ---- */

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

static uint16_t may_amend(const struct package *package, uint32_t given)
{
    if (package_is_over(package))
        return PM_WRONG_STATE;
    return package->placement != 0 && (given & ~GIVEN_WHEN_PLACED) != 0 ? PM_WRONG_STATE : PM_OK;
}

/* ---- Taking it up ---- */

static void follow(struct pm_core *core, uint32_t slot, uint32_t before, uint32_t after)
{
    if (before == after)
        return;
    if (before != 0)
        package_detail_at(core, before)->followed_by = 0;
    if (after != 0)
        package_detail_at(core, after)->followed_by = slot;
}

/* The fields that a draft changes, into the records. */
static void take_fields(struct pm_core *core, uint32_t slot, const struct draft *after,
                        const struct pm_package *sent)
{
    struct package *package = package_at(core, slot);
    const struct package *q = &after->package;
    follow(core, slot, package_detail_at(core, slot)->follows, after->detail.follows);
    uint32_t visits = package_detail_at(core, slot)->first_visits;
    package->needs = q->needs;
    package->sector = q->sector;
    memcpy(package->demand, q->demand, sizeof package->demand);
    package->units = q->units;
    package->locality = q->locality;
    package->exclusions = q->exclusions;
    package->preferences = q->preferences;
    package->knows = q->knows;
    *package_detail_at(core, slot) = after->detail;
    package_detail_at(core, slot)->first_visits = visits;
    if (after->visits)
        visits_keep(core, slot, sent->visit, sent->visits);
}

/* Care that was agreed for less: by the same service if it can, otherwise by another, while the
 * first goes on. */
static void amend_placed(struct pm_core *core, uint32_t slot, bool anew)
{
    struct package *package = package_at(core, slot);
    uint32_t placement = placement_newest(core, slot);
    if (placement_fits(core, placement)) {
        if (anew)
            package->need_version = package->version;
        placement_resize(core, placement);
        return;
    }
    package->need_version = package->version;
    if (!package->knows) {
        package_detail_at(core, slot)->continuity = placement_at(core, placement)->provider;
        package->knows = 1;
    }
    if (package->successor != 0)
        placement_close(core, package->successor, PM_REPLACED);
    ladder_start(core, slot);
}

/* It keeps its place on its list, unless it is more or less urgent now; and is tried again if it
 * has come to need less. */
static void wait_anew(struct pm_core *core, uint32_t slot, bool less)
{
    priority_refresh(core, slot);
    if (less && package_at(core, slot)->waits == WAITS_LISTED)
        ladder_retry(core, slot);
}

/* Care that goes on was amended to more than its provider has, others are sought, and now it fits.
 */
static bool fits_again(const struct pm_core *core, uint32_t package)
{
    uint32_t slot = package_at(core, package)->placement;
    if (slot == 0)
        return false;
    uint8_t state = placement_at(core, slot)->state;
    return (state == PM_AGREED || state == PM_STARTED || state == PM_IN_STAY) &&
           placement_fits(core, slot);
}

bool package_stays(struct pm_core *core, uint32_t slot)
{
    if (!fits_again(core, slot))
        return false;
    ladder_leave(core, slot);
    offers_over(core, slot, 0, PM_OFFER_IS_STALE, PM_OFFER_IS_STALE);
    package_at(core, slot)->need_version = package_at(core, slot)->version;
    package_at(core, slot)->state = PM_PLACED;
    placement_resize(core, package_at(core, slot)->placement);
    if (placement_at(core, package_at(core, slot)->placement)->started != 0)
        package_stop_following(core, slot); /* no start of it is to come */
    return true;
}

/* Takes the amended package's place in the world, once nothing can refuse it any more. */
static void amend(struct pm_core *core, uint32_t slot, const struct draft *before,
                  const struct draft *after, const struct pm_package *sent)
{
    struct package *package = package_at(core, slot);
    bool anew = changes_need(before, after), placed = package->state == PM_PLACED;
    bool waits = package->waits != WAITS_NOT;
    if (anew && !placed) {
        ladder_leave(core, slot);
        offers_over(core, slot, 0, PM_OFFER_IS_STALE, PM_OFFER_IS_STALE);
    }
    take_fields(core, slot, after, sent);
    package->version++;
    if (placed) {
        amend_placed(core, slot, anew);
        return;
    }
    if (!anew)
        offers_follow_demand(core, slot, before->package.demand);
    if (package->state != PM_PAUSED && package_stays(core, slot))
        return;
    if (!anew) {
        package->priority = waits ? package->priority : priority_now(core, slot);
        if (waits)
            wait_anew(core, slot, package->units < before->package.units);
        return;
    }
    package->need_version = package->version;
    if (package->state != PM_PAUSED && !group_is_incomplete(core, slot))
        group_seek_again(core, slot);
    group_unsettled(core, slot);
}

/* Of a group that is brokered as one: any change of its care begins it anew. */
static void amend_member(struct pm_core *core, uint32_t slot, const struct draft *before,
                         const struct draft *after, const struct pm_package *sent)
{
    struct package *package = package_at(core, slot);
    bool anew = changes_need(before, after) || before->package.units != after->package.units;
    if (anew)
        group_stop(core, slot);
    take_fields(core, slot, after, sent);
    package->version++;
    if (package->waits == WAITS_NOT)
        package->priority = priority_now(core, slot);
    priority_refresh(core, slot);
    group_go_on(core, slot, anew);
}

struct pm_result package_amend(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package *sent)
{
    struct found_package found = find_package(core, market, sent->reference, sent->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = found.package;
    uint16_t status = may_amend(package_at(core, slot), sent->given);
    struct draft before = {*package_at(core, slot), *package_detail_at(core, slot), slot, false};
    if (group_is_together(core, slot))
        group_own_need(core, slot, &before.package);
    struct draft after = before;
    if (status == PM_OK && !calendar_covers(core, market, before.package.kind))
        status = PM_CALENDAR_ENDS;
    if (status == PM_OK)
        status = draft_fields(core, market, actor, sent, sent->given, &after);
    if (status == PM_OK && after.visits && !visits_have_room(core, slot, sent->visits))
        status = PM_FULL;
    if (status == PM_OK)
        status = group_may_amend(core, &before, &after);
    if (status != PM_OK)
        return refused(status);
    struct pm_result result = package_done(core, slot, PM_EVENT_PACKAGE_AMENDED);
    if (group_is_together(core, slot))
        amend_member(core, slot, &before, &after, sent);
    else
        amend(core, slot, &before, &after, sent);
    return result;
}
