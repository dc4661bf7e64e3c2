/* award.c - see award.h. */
#include "award.h"

#include "calendar.h"
#include "eligible.h"
#include "find.h"
#include "group.h"
#include "ladder.h"
#include "offer.h"
#include "package.h"
#include "placement.h"

/* ---- What a step says of its answers ---- */

/* The step an offer was made at; NULL when the rules have lost it since. */
static const struct pm_step *step_of(const struct pm_core *core, const struct offer *offer)
{
    const struct package *p = package_at(core, offer->package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    return offer->step < kind->steps ? &kind->step[offer->step] : NULL;
}

static bool has_conditions(const struct pm_core *core, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    return offer->start_in != 0 || offer->assess_in != 0 || offer->shift != 0;
}

bool award_waits_for_broker(const struct pm_core *core, uint32_t slot)
{
    const struct pm_step *step = step_of(core, offer_at(core, slot));
    return has_conditions(core, slot) || (step != NULL && step->award == PM_CONFIRMED);
}

void award_due(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    unsigned step = p->chosen != 0 ? offer_at(core, p->chosen)->step : p->step;
    uint32_t minutes = step < kind->steps ? kind->step[step].decide : 0;
    package_set_due(
        core, package,
        minutes == 0 ? 0 : calendar_after(core, p->market, p->kind, core->header.time, minutes));
}

static void stand(struct pm_core *core, uint32_t package, enum pm_package_state state,
                  enum pm_event_kind event)
{
    struct package *p = package_at(core, package);
    p->state = (uint8_t)state;
    award_due(core, package);
    event_add(core, event, p->market)->package = package;
}

/* ---- Placing ---- */

static bool has_room(const struct pm_core *core, uint32_t package)
{
    uint32_t placements = group_parts(core, package);
    return table_has_room(&core->table[TABLE_PLACEMENTS], placements) &&
           table_has_room(&core->table[TABLE_OFFERS], placements - 1); /* the others' own */
}

uint16_t award_status(const struct pm_core *core, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    if (step_of(core, offer) == NULL || !may_still_serve(core, offer))
        return PM_NO_LONGER_ELIGIBLE;
    return has_room(core, offer->package) ? PM_OK : PM_FULL;
}

void award_place(struct pm_core *core, uint32_t slot)
{
    uint32_t package = offer_at(core, slot)->package;
    bool open = offer_at(core, slot)->state == PM_OFFER_OPEN;
    package_set_due(core, package, 0);
    offer_over(core, slot, open ? PM_OFFER_ACCEPTED : PM_OFFER_WON, 0);
    offers_over(core, package, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    group_agree(core, slot);
}

void award_oblige(struct pm_core *core, uint32_t package, uint32_t service, uint8_t route)
{
    struct score score = score_for(core, package, service);
    if (!group_is_split(core, package)) {
        group_agree(core,
                    offer_instant(core, package, service, service_at(core, service)->rate, route));
        return;
    }
    uint32_t slot = offer_make(core, package, (struct ranked){service, score_sum(&score)}, route);
    offer_hold(core, slot);
    award_settle(core, slot, true);
}

/* Nobody else is asked any more; who has tendered still may win. */
static void withdraw_open(struct pm_core *core, uint32_t package, uint32_t but)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->first_offer; slot != 0 && p->invited > 0;
         slot = offer_at(core, slot)->next_of_package)
        if (slot != but && offer_at(core, slot)->state == PM_OFFER_OPEN)
            offer_over(core, slot, PM_OFFER_IS_WITHDRAWN, 0);
}

void award_settle(struct pm_core *core, uint32_t slot, bool decided)
{
    uint32_t package = offer_at(core, slot)->package;
    bool split = group_is_split(core, package);
    bool placed = !split && (decided || !award_waits_for_broker(core, slot));
    if (placed && has_room(core, package)) { /* or a broker confirms, when there is */
        award_place(core, slot);
        return;
    }
    if (offer_at(core, slot)->state == PM_OFFER_OPEN)
        offer_tendered(core, slot);
    withdraw_open(core, package, slot);
    package_at(core, package)->chosen = slot;
    stand(core, package, PM_TO_CONFIRM, PM_EVENT_PACKAGE_TO_CONFIRM);
    if (split)
        group_settled(core, package);
}

/* ---- The close of a step ---- */

/* Tenders of a package, the best first. */
struct tenders {
    uint32_t count;
    uint32_t offer[PM_INVITED_MAX];
};

static struct ranked ranked_of(const struct pm_core *core, uint32_t slot)
{
    return (struct ranked){offer_at(core, slot)->service, offer_at(core, slot)->score};
}

static void gather(const struct pm_core *core, uint32_t package, struct tenders *out)
{
    uint32_t slot = package_at(core, package)->first_offer;
    out->count = 0;
    for (; slot != 0 && out->count < PM_INVITED_MAX; slot = offer_at(core, slot)->next_of_package) {
        if (offer_at(core, slot)->state != PM_OFFER_TENDERED)
            continue;
        uint32_t at = out->count++;
        for (; at > 0 && rank_before(core, package, ranked_of(core, slot),
                                     ranked_of(core, out->offer[at - 1]));
             at--)
            out->offer[at] = out->offer[at - 1];
        out->offer[at] = slot;
    }
}

static bool fits(const struct pm_core *core, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    return offer->holds ||
           eligible(core, offer->package, offer->service, offer->step, 1u << FILTER_CAPACITY)
                   .filter == FILTER_NONE;
}

/* Settles on the best tender that still will do; spot tenders reserve now. */
static void pick(struct pm_core *core, uint32_t package)
{
    struct tenders tenders;
    gather(core, package, &tenders);
    for (uint32_t i = 0; i < tenders.count; i++) {
        uint32_t slot = tenders.offer[i];
        if (award_status(core, slot) == PM_NO_LONGER_ELIGIBLE || !fits(core, slot))
            continue;
        if (!offer_at(core, slot)->holds)
            offer_hold(core, slot);
        award_settle(core, slot, false);
        return;
    }
    offers_over(core, package, 0, PM_OFFER_IS_EXPIRED, PM_OFFER_LOST);
    ladder_advance(core, package);
}

/* By which route the package's tenders were invited. */
static uint8_t route_of(const struct pm_core *core, const struct package *package)
{
    uint32_t slot = package->first_offer;
    while (slot != 0 && offer_at(core, slot)->state != PM_OFFER_TENDERED)
        slot = offer_at(core, slot)->next_of_package;
    return slot == 0 ? 0 : offer_at(core, slot)->route;
}

static bool is_chosen_from(uint8_t route)
{
    return route == PM_CHOICE || route == PM_INTRODUCTION;
}

static void decide(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    if (p->tendered == 0)
        ladder_advance(core, package);
    else if (is_chosen_from(route_of(core, p)))
        stand(core, package, PM_CHOOSING, PM_EVENT_PACKAGE_CHOOSING);
    else
        pick(core, package);
}

void award_reconsider(struct pm_core *core, uint32_t package)
{
    decide(core, package);
    group_unsettled(core, package);
}

void award_close(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    for (uint32_t slot = p->first_offer; slot != 0 && p->invited > 0;
         slot = offer_at(core, slot)->next_of_package)
        if (offer_at(core, slot)->state == PM_OFFER_OPEN)
            offer_over(core, slot, PM_OFFER_IS_EXPIRED, 0);
    decide(core, package);
}

/* A spot's tenders may be bettered until its close. */
void award_answered(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    bool over = p->tendered == 0 || route_of(core, p) != PM_SPOT_OFFER;
    if (p->state == PM_OFFERED && p->invited == 0 && over)
        decide(core, package);
    else if (p->state == PM_CHOOSING && p->tendered == 0)
        ladder_advance(core, package);
}

void award_lapse(struct pm_core *core, uint32_t package)
{
    if (group_is_split(core, package) && package_at(core, package)->state == PM_TO_CONFIRM) {
        group_lapse(core, package);
        return;
    }
    offers_over(core, package, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    ladder_advance(core, package);
}

/* ---- Commands ---- */

static struct pm_result placed(const struct pm_core *core, uint32_t package)
{
    return (struct pm_result){PM_OK,
                              id_of(core, TABLE_PLACEMENTS, placement_newest(core, package))};
}

struct pm_result award_confirm(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_package_id *id)
{
    struct found_package found = find_package(core, market, id->reference, id->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    const struct package *package = package_at(core, found.package);
    if (package->state != PM_TO_CONFIRM)
        return refused(PM_WRONG_STATE);
    bool split = group_is_split(core, found.package);
    uint16_t status =
        split ? group_confirm(core, found.package) : award_status(core, package->chosen);
    if (status != PM_OK)
        return refused(status);
    if (!split)
        award_place(core, package->chosen);
    return placed(core, found.package);
}

/* The tenders of a package at or under its kind's ceiling. */
static bool has_tender_within(const struct pm_core *core, const struct package *package,
                              int32_t ceiling)
{
    for (uint32_t slot = package->first_offer; slot != 0;
         slot = offer_at(core, slot)->next_of_package)
        if (offer_at(core, slot)->state == PM_OFFER_TENDERED &&
            offer_at(core, slot)->rate <= ceiling &&
            award_status(core, slot) != PM_NO_LONGER_ELIGIBLE)
            return true;
    return false;
}

static uint16_t choice_status(const struct pm_core *core, uint32_t package, uint32_t slot,
                              const struct pm_choice *choice)
{
    const struct package *p = package_at(core, package);
    if (p->state != PM_CHOOSING)
        return PM_WRONG_STATE;
    if (slot == 0 || offer_at(core, slot)->package != package ||
        offer_at(core, slot)->state != PM_OFFER_TENDERED)
        return PM_UNKNOWN_OFFER;
    if (choice->decided_by == 0 || choice->decided_by >= PM_DECIDERS || choice->top_up > 1)
        return PM_BAD_VALUE;
    int32_t ceiling = kind_of(core, p->market, p->kind)->ceiling;
    if (p->arrangement == PM_MANAGED && offer_at(core, slot)->rate > ceiling) {
        if (!choice->top_up)
            return PM_TOP_UP_NEEDED;
        if (!has_tender_within(core, p, ceiling))
            return PM_TOP_UP_REFUSED;
    }
    return award_status(core, slot);
}

/* A person with a direct payment has arranged it: the council places nothing. */
static struct pm_result introduced(struct pm_core *core, uint32_t package, uint32_t slot)
{
    offer_over(core, slot, PM_OFFER_WON, 0);
    offers_over(core, package, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    package_end(core, package, PM_ENDED, PM_ARRANGED);
    return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, package)};
}

struct pm_result choice_record(struct pm_core *core, uint32_t market, struct pm_actor actor,
                               const struct pm_choice *choice)
{
    struct found_package found =
        find_package(core, market, choice->reference, choice->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t slot = table_find(&core->table[TABLE_OFFERS], choice->offer);
    uint16_t status = choice_status(core, found.package, slot, choice);
    if (status != PM_OK)
        return refused(status);
    if (package_at(core, found.package)->arrangement == PM_DIRECT_PAYMENT)
        return introduced(core, found.package, slot);
    offer_at(core, slot)->decided_by = choice->decided_by & 7;
    award_settle(core, slot, true);
    if (package_at(core, found.package)->state != PM_PLACED)
        return (struct pm_result){PM_OK, id_of(core, TABLE_PACKAGES, found.package)};
    return placed(core, found.package);
}

/* ---- A broker's own decision ---- */

#define FILTERS_FOR_BROKER                                                               \
    (1u << FILTER_KIND | 1u << FILTER_LOT | 1u << FILTER_STANDING | 1u << FILTER_NEEDS | \
     1u << FILTER_EXCLUDED)

static bool may_override(const struct package *package)
{
    static const bool states[PM_PACKAGE_STATES] = {
        [PM_OPEN] = true,       [PM_OFFERED] = true, [PM_CHOOSING] = true,
        [PM_TO_CONFIRM] = true, [PM_WAITING] = true, [PM_PAUSED] = true,
    };
    return states[package->state] && package->group == 0 && package->arrangement == PM_MANAGED;
}

/* The rate it is awarded at, 0 when it cannot be. */
static int32_t override_rate(const struct pm_core *core, uint32_t service, int32_t asked)
{
    const struct service *s = service_at(core, service);
    const struct pm_kind *kind = kind_of(core, s->market, s->kind);
    if (asked == 0)
        return s->rate;
    return asked >= kind->rate_min && asked <= kind->rate_max ? asked : 0;
}

static uint16_t override_status(const struct pm_core *core, uint32_t package, uint32_t service,
                                const struct pm_override *award)
{
    const struct package *p = package_at(core, package);
    if (!may_override(p))
        return PM_WRONG_STATE;
    if (award->note.length == 0 || award->note.length > PM_TITLE_MAX)
        return PM_REASON_NEEDED;
    if (service == 0)
        return PM_UNKNOWN_SERVICE;
    if (eligible(core, package, service, 0, FILTERS_FOR_BROKER).filter != FILTER_NONE)
        return PM_NO_LONGER_ELIGIBLE;
    if (override_rate(core, service, award->rate) <= 0)
        return PM_RATE_OUT_OF_BOUNDS;
    if (eligible(core, package, service, 0, 1u << FILTER_CAPACITY).filter != FILTER_NONE)
        return PM_CAPACITY_GONE;
    return ladder_has_room(core, package) ? PM_OK : PM_FULL;
}

struct pm_result award_override(struct pm_core *core, uint32_t market, struct pm_actor actor,
                                const struct pm_override *award)
{
    struct found_package found =
        find_package(core, market, award->reference, award->referrer, actor);
    if (found.status != PM_OK)
        return refused(found.status);
    uint32_t service = find_service(core, market, award->service);
    uint16_t status = override_status(core, found.package, service, award);
    if (status != PM_OK)
        return refused(status);
    ladder_leave(core, found.package);
    offers_over(core, found.package, 0, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    uint32_t placement = placement_agree(
        core, offer_instant(core, found.package, service, override_rate(core, service, award->rate),
                            PM_BROKER_AWARD));
    title_set(&placement_detail_at(core, placement)->note, award->note);
    return placed(core, found.package);
}
