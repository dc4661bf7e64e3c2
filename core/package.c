/* package.c - packages of care: posted, paused, withdrawn, over. What changes of one is in amend.c.
 */
#include "package.h"

#include "award.h"
#include "calendar.h"
#include "dates.h"
#include "draft.h"
#include "fetch.h"
#include "find.h"
#include "group.h"
#include "ladder.h"
#include "names.h"
#include "offer.h"
#include "placement.h"
#include "pool.h"
#include "priority.h"
#include "visit.h"
#include "waitlist.h"

struct pm_result package_done(struct pm_core *core, uint32_t slot, enum pm_event_kind kind)
{
    event_add(core, kind, package_at(core, slot)->market)->package = slot;
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, slot)};
}

/* ---- Post ---- */

static uint32_t package_create(struct pm_core *core, uint32_t market, struct draft *draft,
                               const struct pm_package *sent)
{
    uint32_t slot = table_take_for(&core->table[TABLE_PACKAGES], market);
    struct package *package = package_at(core, slot);
    draft->package.row = package->row;
    *package = draft->package;
    *package_detail_at(core, slot) = draft->detail;
    package->market = market;
    package->version = package->need_version = 1;
    package->pass = 1;
    if (draft->visits)
        visits_keep(core, slot, sent->visit, sent->visits);
    package_detail_at(core, slot)->posted = core->header.time;
    if (draft->detail.follows != 0)
        package_detail_at(core, draft->detail.follows)->followed_by = slot;
    package->priority = priority_now(core, slot);
    map_add(&core->map[MAP_PACKAGES], name_hash(market, MAP_PACKAGES, sent->reference), slot);
    return slot;
}

struct pm_result package_add(struct pm_core *core, uint32_t market, struct pm_actor actor, int kind,
                             const struct pm_package *sent)
{
    struct draft draft = {.slot = 0};
    uint16_t status = draft_names(actor, kind, sent, &draft);
    if (status != PM_OK)
        return refused(status);
    struct found_package found =
        find_package(core, market, sent->reference, draft_referrer(actor, sent), actor);
    if (found.status == PM_OK)
        return (struct pm_result){PM_DUPLICATE_REFERENCE,
                                  id_of(core, TABLE_PACKAGES, found.package)};
    status = draft_fields(core, market, actor, sent, PM_GIVEN_ALL, &draft);
    if (status != PM_OK)
        return refused(status);
    if (!table_has_room(&core->table[TABLE_PACKAGES], 1) || !ladder_has_room(core, 0) ||
        !visits_have_room(core, 0, sent->visits))
        return refused(PM_FULL);
    struct group_place place;
    status = group_find(core, market, &draft, sent, &place);
    if (status != PM_OK)
        return refused(status);
    uint32_t slot = package_create(core, market, &draft, sent);
    group_join(core, slot, &place);
    return package_done(core, slot, PM_EVENT_PACKAGE_POSTED);
}

/* Do the calendars go far enough for all that its search may come to? */
static bool may_begin(const struct pm_core *core, uint32_t market, uint8_t kind,
                      uint8_t arrangement)
{
    return calendar_covers(core, market, kind) &&
           (arrangement != PM_MANAGED || calendar_has_round(core, market, kind));
}

struct pm_result package_post(struct pm_core *core, uint32_t market, struct pm_actor actor,
                              const struct pm_package *sent)
{
    int kind = find_kind(&market_at(core, market)->rules, sent->kind);
    if (kind >= 0 && !may_begin(core, market, (uint8_t)kind, sent->arrangement))
        return refused(PM_CALENDAR_ENDS);
    struct pm_result result = package_add(core, market, actor, kind, sent);
    if (result.status == PM_OK)
        group_begin(core, table_find(&core->table[TABLE_PACKAGES], result.id));
    return result;
}

/* ---- Pause and resume ---- */

static void stop_matching(struct pm_core *core, uint32_t slot)
{
    ladder_leave(core, slot);
    offers_over(core, slot, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_IS_WITHDRAWN);
}

void package_pause_at(struct pm_core *core, uint32_t slot)
{
    stop_matching(core, slot);
    package_at(core, slot)->state = PM_PAUSED;
}

static bool is_sought(const struct package *package)
{
    return package->state == PM_OPEN || package->state == PM_OFFERED ||
           package->state == PM_WAITING || package->state == PM_CHOOSING ||
           package->state == PM_TO_CONFIRM;
}

struct pm_result package_pause(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    if (!is_sought(package_at(core, found.package)) || !group_may_pause(core, found.package))
        return refused(PM_WRONG_STATE);
    bool waited = package_at(core, found.package)->waits == WAITS_LISTED;
    package_pause_at(core, found.package);
    struct pm_result result = package_done(core, found.package, PM_EVENT_PACKAGE_PAUSED);
    group_unsettled(core, found.package);
    if (waited)
        group_retry(core, found.package);
    return result;
}

void package_resume_at(struct pm_core *core, uint32_t slot)
{
    package_done(core, slot, PM_EVENT_PACKAGE_RESUMED);
    if (package_stays(core, slot))
        return;
    offers_begin_anew(core, slot);
    group_seek_again(core, slot);
}

struct pm_result package_resume(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    const struct package *package = package_at(core, found.package);
    if (package->state != PM_PAUSED)
        return refused(PM_WRONG_STATE);
    if (!may_begin(core, market, package->kind, package->arrangement))
        return refused(PM_CALENDAR_ENDS);
    package_resume_at(core, found.package);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, found.package)};
}

/* ---- Withdraw ---- */

/* Agreed care that has not started may still be withdrawn; what has started is ended, not
 * withdrawn. */
static bool may_withdraw(const struct pm_core *core, const struct package *package)
{
    if (package->placement != 0)
        return placement_at(core, package->placement)->state == PM_AGREED;
    return package->state != PM_ENDED && package->state != PM_WITHDRAWN;
}

void package_withdraw_at(struct pm_core *core, uint32_t slot, uint8_t reason)
{
    package_finish(core, slot, PM_WITHDRAWN, reason);
    struct pm_event *event =
        event_add(core, PM_EVENT_PACKAGE_WITHDRAWN, package_at(core, slot)->market);
    event->package = slot;
    event->code = reason;
    group_leave(core, slot);
}

struct pm_result package_withdraw(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                  const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    if (!may_withdraw(core, package_at(core, found.package)))
        return refused(PM_WRONG_STATE);
    if (id->reason == 0 || id->reason >= PM_HANDED_BACK)
        return refused(PM_BAD_VALUE);
    package_withdraw_at(core, found.package, id->reason);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, found.package)};
}

/* ---- The end ---- */

void package_finish(struct pm_core *core, uint32_t slot, enum pm_package_state state,
                    uint8_t reason)
{
    struct package *package = package_at(core, slot);
    stop_matching(core, slot);
    if (package->successor != 0)
        placement_close(core, package->successor, reason);
    if (package->placement != 0)
        placement_close(core, package->placement, reason);
    package_end(core, slot, state, reason);
}

void package_stop_following(struct pm_core *core, uint32_t slot)
{
    struct package_detail *detail = package_detail_at(core, slot);
    if (detail->follows != 0)
        package_detail_at(core, detail->follows)->followed_by = 0;
    detail->follows = 0;
}

/* Who follows it follows what it followed, while that is there: a place is still to be freed. */
static void hand_on(struct pm_core *core, uint32_t slot)
{
    struct package_detail *detail = package_detail_at(core, slot);
    uint32_t before = detail->follows, after = detail->followed_by;
    if (before == 0 || after == 0 || package_is_over(package_at(core, before)))
        return;
    package_detail_at(core, after)->follows = before;
    package_detail_at(core, before)->followed_by = after;
    detail->follows = detail->followed_by = 0;
}

void package_end(struct pm_core *core, uint32_t slot, enum pm_package_state state, uint8_t reason)
{
    struct package *package = package_at(core, slot);
    package->state = (uint8_t)state;
    package_detail_at(core, slot)->ended = core->header.time;
    package_detail_at(core, slot)->end_reason = reason;
    if (reason != PM_REPLACED) /* or else the one that replaces it ends all it followed */
        hand_on(core, slot);
    package_stop_following(core, slot);
    /* It may well lapse next, when nothing is kept; its first offer has been read by now. */
    fetch(offer_at(core, offer_at(core, package->first_offer)->next_of_package),
          sizeof(struct offer));
    package_set_due(core, slot, package_lapse_time(core, slot));
}

int64_t package_lapse_time(const struct pm_core *core, uint32_t slot)
{
    int32_t days = market_at(core, package_at(core, slot)->market)->rules.keep_days;
    return package_detail_at(core, slot)->ended + days * DAY;
}

/* Those who wait because a table was full are looked at again, by all services. */
static void wake_all(struct pm_core *core)
{
    for (uint32_t service = 0; (service = table_next(&core->table[TABLE_SERVICES], service)) != 0;)
        agenda_add(core, service);
}

static void free_offers(struct pm_core *core, uint32_t slot)
{
    for (uint32_t offer = package_at(core, slot)->first_offer; offer != 0;) {
        uint32_t next = offer_at(core, offer)->next_of_package;
        table_free(&core->table[TABLE_OFFERS], offer);
        offer = next;
    }
}

static void free_placements(struct pm_core *core, uint32_t slot)
{
    for (uint32_t placement = package_detail_at(core, slot)->last_placement; placement != 0;) {
        uint32_t older = placement_at(core, placement)->older;
        table_free(&core->table[TABLE_PLACEMENTS], placement);
        placement = older;
    }
}

static void package_lapse(struct pm_core *core, uint32_t slot)
{
    uint32_t market = package_at(core, slot)->market;
    bool was_full = !table_has_room(&core->table[TABLE_OFFERS], PM_GROUP_MAX) ||
                    !table_has_room(&core->table[TABLE_PLACEMENTS], PM_GROUP_MAX);
    free_offers(core, slot);
    free_placements(core, slot);
    visits_free(core, slot);
    if (package_detail_at(core, slot)->followed_by != 0)
        package_stop_following(core, package_detail_at(core, slot)->followed_by);
    struct pm_text reference = name_text(&package_detail_at(core, slot)->reference);
    map_remove(&core->map[MAP_PACKAGES], name_hash(market, MAP_PACKAGES, reference), slot);
    table_free(&core->table[TABLE_PACKAGES], slot);
    if (was_full)
        wake_all(core);
}

/* At a step where a broker was to award, in time; or that newer rules have not, nor a round. */
static void leave_broker(struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    const struct pm_kind *kind = kind_of(core, package->market, package->kind);
    bool still = package->step < kind->steps && kind->step[package->step].route == PM_BROKER_AWARD;
    ladder_leave(core, slot);
    if (still)
        ladder_pass_on(core, slot);
    else
        ladder_advance(core, slot);
}

void package_fall_due(struct pm_core *core, uint32_t slot)
{
    switch (package_at(core, slot)->state) {
    case PM_ENDED:
    case PM_WITHDRAWN:
        package_lapse(core, slot);
        break;
    case PM_OFFERED:
        award_close(core, slot);
        break;
    case PM_CHOOSING:
    case PM_TO_CONFIRM:
        award_lapse(core, slot);
        break;
    case PM_WAITING:
        if (!ladder_retry(core, slot))
            package_set_due(core, slot, offers_lapse(core, slot));
        break;
    default:
        leave_broker(core, slot);
        break;
    }
}

/* Is somebody to answer, or decide? */
static bool is_awaited(const struct package *package)
{
    return package->state == PM_OFFERED || package->state == PM_CHOOSING ||
           package->state == PM_TO_CONFIRM || package->state == PM_OPEN;
}

struct pm_result package_outage(struct pm_core *core, struct pm_actor actor,
                                const struct pm_tick *since)
{
    if (actor.role != PM_DAEMON)
        return refused(PM_NOT_ALLOWED);
    if (since->time < 0 || since->time > core->header.time)
        return refused(PM_BAD_TIME);
    for (uint32_t slot = 0; (slot = table_next(&core->table[TABLE_PACKAGES], slot)) != 0;) {
        const struct package *p = package_at(core, slot);
        if (is_awaited(p) && p->due != 0 && p->due >= since->time)
            package_set_due(
                core, slot,
                calendar_extend(core, p->market, p->kind, p->due, since->time, core->header.time));
    }
    return (struct pm_result){.status = PM_OK};
}
