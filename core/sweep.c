/* sweep.c - see sweep.h. */
#include "sweep.h"

#include "award.h"
#include "eligible.h"
#include "offer.h"
#include "placement.h"
#include "priority.h"
#include "round.h"

enum { LOOKS_A_STEP = 64 };

static enum sweep_list list_of(uint8_t purpose)
{
    if (purpose == SWEEP_SUSPENSION)
        return SWEEP_OFFERS;
    return purpose == SWEEP_ROUND ? SWEEP_GATHERED : SWEEP_PLACEMENTS;
}

void sweep_order(struct pm_core *core, const struct sweep *sweep)
{
    uint32_t slot = table_take(&core->table[TABLE_SWEEPS]);
    struct row row = sweep_at(core, slot)->row;
    *sweep_at(core, slot) = *sweep;
    sweep_at(core, slot)->row = row;
    sweep_at(core, slot)->sequence = core->header.sequence;
    if (core->header.sweep_last != 0)
        sweep_at(core, core->header.sweep_last)->next = slot;
    else
        core->header.sweep_first = slot;
    core->header.sweep_last = slot;
}

void sweep_take_back(struct pm_core *core, uint32_t market, uint32_t provider)
{
    sweep_order(
        core, &(struct sweep){.market = market, .provider = provider, .purpose = SWEEP_SUSPENSION});
}

void sweep_passes(struct pm_core *core, enum sweep_list list, uint32_t slot, uint32_t next)
{
    if (core->header.sweep_first == 0)
        return;
    struct sweep *sweep = sweep_at(core, core->header.sweep_first);
    if (sweep->begun && list_of(sweep->purpose) == list && sweep->cursor == slot)
        sweep->cursor = next;
}

/* ---- Along a list ---- */

static uint32_t first_of(const struct pm_core *core, const struct sweep *sweep)
{
    switch (list_of(sweep->purpose)) {
    case SWEEP_OFFERS:
        return provider_at(core, sweep->provider)->first_offer;
    case SWEEP_PLACEMENTS:
        return provider_at(core, sweep->provider)->first_placement;
    default:
        return market_at(core, sweep->market)->gathered_first[sweep->priority];
    }
}

static uint32_t after(const struct pm_core *core, const struct sweep *sweep, uint32_t slot)
{
    switch (list_of(sweep->purpose)) {
    case SWEEP_OFFERS:
        return offer_at(core, slot)->next_of_provider;
    case SWEEP_PLACEMENTS:
        return placement_at(core, slot)->next_of_provider;
    default:
        return package_at(core, slot)->wait_next;
    }
}

static bool has_classes(const struct sweep *sweep)
{
    return sweep->purpose == SWEEP_FAILURE || sweep->purpose == SWEEP_ROUND;
}

/* The list is at its end: on to the next class, if there is one. */
static bool next_class(struct pm_core *core, struct sweep *sweep)
{
    if (!has_classes(sweep) || sweep->priority + 1 == PM_PRIORITIES)
        return false;
    sweep->priority++;
    sweep->cursor = first_of(core, sweep);
    return true;
}

void sweep_returns(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    struct sweep *sweep =
        core->header.sweep_first == 0 ? NULL : sweep_at(core, core->header.sweep_first);
    if (sweep == NULL || sweep->purpose != SWEEP_ROUND || !sweep->begun ||
        sweep->market != p->market || sweep->priority <= p->priority)
        return;
    sweep->priority = p->priority;
    sweep->cursor = package;
}

static void leave_queue(struct pm_core *core)
{
    uint32_t slot = core->header.sweep_first;
    if (sweep_at(core, slot)->purpose == SWEEP_ROUND)
        round_applied(core, sweep_at(core, slot)->round);
    if (sweep_at(core, slot)->purpose == SWEEP_FAILURE)
        rounds_after_failure(core, sweep_at(core, slot));
    core->header.sweep_first = sweep_at(core, slot)->next;
    if (core->header.sweep_first == 0)
        core->header.sweep_last = 0;
    table_free(&core->table[TABLE_SWEEPS], slot);
}

/* ---- What is done with each; true when anything was ---- */

static bool sweep_offer(struct pm_core *core, uint32_t slot)
{
    const struct offer *offer = offer_at(core, slot);
    uint32_t package = offer->package;
    if (eligible(core, package, offer->service, offer->step, 1u << FILTER_STANDING).filter ==
        FILTER_NONE)
        return false;
    bool chosen = package_at(core, package)->chosen == slot;
    offer_over(core, slot, PM_OFFER_IS_WITHDRAWN, 0);
    if (chosen)
        award_reconsider(core, package);
    else
        award_answered(core, package);
    return true;
}

static bool is_failing(const struct pm_core *core, const struct sweep *sweep, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    bool here =
        sweep->location == 0 || service_at(core, placement->service)->location == sweep->location;
    bool last = sweep->priority + 1 == PM_PRIORITIES;
    return here && (last || priority_now(core, placement->package) == sweep->priority);
}

/* The day of a notice. A provider that is managed, and nobody says until when, keeps its word of
 * before, of a day to come. */
static int32_t last_day(const struct pm_core *core, const struct sweep *sweep,
                        const struct placement *placement)
{
    if (sweep->from != 0)
        return sweep->from;
    bool promised = placement->state == PM_NOTICE && placement->until > core->today;
    return promised ? placement->until : core->today;
}

/* Once on notice for this failure, and sought for, it is left: the last class goes over all of
 * them. */
static bool has_notice(const struct pm_core *core, const struct placement *placement,
                       const struct sweep *sweep, int32_t until)
{
    return placement->state == PM_NOTICE && placement->until == until &&
           placement->ceases == (sweep->mode == PM_FAIL_CEASED) &&
           package_at(core, placement->package)->state != PM_PAUSED;
}

static bool sweep_failure(struct pm_core *core, const struct sweep *sweep, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    bool ceased = sweep->mode == PM_FAIL_CEASED;
    int32_t until = last_day(core, sweep, placement);
    if (!is_failing(core, sweep, slot) || has_notice(core, placement, sweep, until) ||
        (sweep->late != 0 && placement->state == PM_NOTICE))
        return false;
    core->failing = true;
    if (placement->state == PM_AGREED || (ceased && sweep->from == 0))
        placement_lose(core, slot, PM_PROVIDER_FAILED);
    else
        placement_notice(core, slot, until, ceased);
    core->failing = false;
    return true;
}

/* Negotiated prices stay, and so do those agreed since. */
static bool sweep_uplift(struct pm_core *core, const struct sweep *sweep, uint32_t slot)
{
    const struct placement *placement = placement_at(core, slot);
    if (placement->service != sweep->service || placement->negotiated != 0 ||
        service_at(core, sweep->service)->rate == 0 || pm_date_of(placement->agreed) >= sweep->from)
        return false;
    placement_uplift(core, slot, service_at(core, sweep->service)->rate);
    return true;
}

static bool sweep_one(struct pm_core *core, const struct sweep *sweep, uint32_t slot)
{
    switch (sweep->purpose) {
    case SWEEP_SUSPENSION:
        return sweep_offer(core, slot);
    case SWEEP_FAILURE:
        return sweep_failure(core, sweep, slot);
    case SWEEP_TRANSFER:
        if (placement_at(core, slot)->service != sweep->service)
            return false;
        placement_move(core, slot, sweep->to);
        return true;
    case SWEEP_UPLIFT:
        return sweep_uplift(core, sweep, slot);
    default:
        return round_pass_on(core, sweep->round, slot);
    }
}

void sweep_step(struct pm_core *core)
{
    struct sweep *sweep = sweep_at(core, core->header.sweep_first);
    if (!sweep->begun) {
        sweep->begun = 1;
        sweep->cursor = first_of(core, sweep);
    }
    for (unsigned look = 0; look < LOOKS_A_STEP; look++) {
        uint32_t slot = sweep->cursor;
        if (slot == 0 && !next_class(core, sweep)) {
            leave_queue(core);
            return;
        }
        if (slot == 0)
            continue;
        sweep->cursor = after(core, sweep, slot);
        if (sweep_one(core, sweep, slot))
            return;
    }
}
