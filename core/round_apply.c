/* round_apply.c - what a round found, taken up: each assignment is looked at again, and placed,
 * asked or dropped. */
#include "award.h"
#include "eligible.h"
#include "group_parts.h"
#include "ladder.h"
#include "pool.h"
#include "provider.h"
#include "query.h"
#include "rank.h"
#include "round.h"
#include "sweep.h"

/* What is matched as one, and what it is given. */
struct unit {
    uint32_t round;
    uint32_t parts;
    uint32_t part[PM_GROUP_MAX];    /* packages */
    uint32_t service[PM_GROUP_MAX]; /* 0: none */
    uint32_t listed;                /* how many of its parts' assignments stand side by side */
    const struct pm_assignment *assignment;
};

static const struct pm_step *step_of(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    return &kind_of(core, p->market, p->kind)->step[p->step];
}

static uint32_t find_service_of(const struct pm_core *core, uint32_t market, uint64_t id)
{
    uint32_t service = table_find(&core->table[TABLE_SERVICES], id);
    return service != 0 && service_at(core, service)->market == market ? service : 0;
}

/* ---- Does it fit? ---- */

/* A provider's share is left for this part beside those before it. */
static bool share_suffices(const struct pm_core *core, const struct unit *unit, uint32_t at)
{
    const struct service *s = service_at(core, unit->service[at]);
    const struct pm_kind *kind = kind_of(core, s->market, s->kind);
    int64_t units = 0;
    for (uint32_t i = 0; i <= at; i++) {
        const struct service *t = service_at(core, unit->service[i]);
        if (t->provider == s->provider && t->kind == s->kind)
            units += package_at(core, unit->part[i])->units;
    }
    return kind->share_cap == 0 ||
           units + provider_awarded(core, s->provider, s->kind) <= kind->share_cap;
}

/* Has its need stayed as it was solved, and may this service have it? */
static bool part_fits(const struct pm_core *core, const struct unit *unit, uint32_t at)
{
    uint32_t package = unit->part[at];
    const struct package *p = package_at(core, package);
    return p->need_version <= unit->assignment[at].version && unit->service[at] != 0 &&
           eligible(core, package, unit->service[at], p->step, FILTERS_ALL).filter == FILTER_NONE &&
           share_suffices(core, unit, at);
}

/* Offers for all, and placements for all of the group, if this settles it. */
static bool has_room(const struct pm_core *core, const struct unit *unit)
{
    uint32_t offers = unit->parts > 1 ? unit->parts : group_parts(core, unit->part[0]);
    return table_has_room(&core->table[TABLE_OFFERS], offers) &&
           table_has_room(&core->table[TABLE_PLACEMENTS], PM_GROUP_MAX);
}

static uint32_t pool_of(const struct pm_core *core, const struct unit *unit, uint32_t at)
{
    return service_at(core, unit->service[at])->pool;
}

/* Each part is held for a moment, so that the next is looked at beside it. */
static bool fits(struct pm_core *core, const struct unit *unit)
{
    bool all = unit->listed == unit->parts && has_room(core, unit);
    uint32_t held = 0;
    for (; held < unit->parts && all; held++) {
        all = part_fits(core, unit, held);
        if (!all)
            break;
        pool_hold(core, pool_of(core, unit, held), package_at(core, unit->part[held])->demand);
    }
    for (uint32_t i = 0; i < held; i++)
        pool_release(core, pool_of(core, unit, i), package_at(core, unit->part[i])->demand);
    return all;
}

/* ---- What becomes of it ---- */

static int32_t cost_of(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    if (service == 0)
        return 0;
    int64_t cost =
        query_cost(kind_of(core, p->market, p->kind), p->units, service_at(core, service)->rate);
    return cost < INT32_MAX ? (int32_t)cost : INT32_MAX;
}

static void note(struct pm_core *core, uint32_t round, uint32_t package, uint8_t fate,
                 uint32_t service)
{
    struct package_detail *detail = package_detail_at(core, package);
    detail->round = id_of(core, TABLE_ROUNDS, round);
    detail->fate = fate;
    detail->matched = service;
    detail->matched_cost = cost_of(core, package, service);
}

/* A couple's second is noted with the first. */
static void note_matched(struct pm_core *core, uint32_t round, uint32_t package, uint32_t service)
{
    bool placed = package_at(core, package)->state == PM_PLACED;
    note(core, round, package, placed ? PM_MATCHED : PM_MATCH_ASKED, service);
    if (placed)
        round_at(core, round)->placed++;
    else
        round_at(core, round)->asked++;
}

/* What it would have been given alone is kept to be explained. */
static void note_alone(struct pm_core *core, uint32_t package, uint32_t service)
{
    struct package_detail *detail = package_detail_at(core, package);
    detail->alone = service;
    detail->alone_cost = cost_of(core, package, service);
    detail->matched = 0;
    detail->matched_cost = 0;
}

/* Its package stays gathered, if it is so still, for the next round. */
static void drop(struct pm_core *core, uint32_t round, uint32_t package, uint32_t service)
{
    if (round_has(core, round_at(core, round), package))
        package_detail_at(core, package)->gathered = core->header.sequence;
    note(core, round, package, PM_DROPPED, service);
    round_at(core, round)->dropped++;
    struct pm_event *event =
        event_add(core, PM_EVENT_ROUND_DROPPED, package_at(core, package)->market);
    event->round = round;
    event->package = package;
    event->service = service;
}

static void give(struct pm_core *core, uint32_t package, uint32_t service)
{
    bool binding = step_of(core, package)->binding != 0;
    struct score score = score_for(core, package, service);
    ladder_leave(core, package);
    if (binding)
        award_oblige(core, package, service, PM_ROUND);
    else
        ladder_call_off(core, package, (struct ranked){service, score_sum(&score)});
}

static void take_up(struct pm_core *core, const struct unit *unit)
{
    uint32_t mate[PM_GROUP_MAX], mates = 0;
    bool together = group_is_together(core, unit->part[0]);
    for (uint32_t at = together ? group_next(core, unit->part[0]) : 0; at != 0;
         at = group_next(core, at))
        mate[mates++] = at;
    for (uint32_t i = 0; i < unit->parts; i++)
        give(core, unit->part[i], unit->service[i]);
    for (uint32_t i = 0; i < unit->parts; i++)
        note_matched(core, unit->round, unit->part[i], unit->service[i]);
    for (uint32_t i = 0; i < mates; i++)
        note_matched(core, unit->round, mate[i], unit->service[0]);
}

/* ---- The list ---- */

/* Has this round come to the package already? */
static bool is_done(const struct pm_core *core, uint32_t round, uint32_t package)
{
    const struct package_detail *detail = package_detail_at(core, package);
    return detail->round == id_of(core, TABLE_ROUNDS, round);
}

static struct unit unit_of(const struct pm_core *core, uint32_t round, uint32_t package,
                           const struct pm_assignment *assignment, uint32_t left)
{
    struct unit unit = {.round = round, .assignment = assignment};
    uint32_t market = round_at(core, round)->market;
    unit.parts = round_unit(core, round_at(core, round), package, unit.part);
    while (unit.listed < unit.parts && unit.listed < left &&
           assignment[unit.listed].package == id_of(core, TABLE_PACKAGES, unit.part[unit.listed])) {
        unit.service[unit.listed] = find_service_of(core, market, assignment[unit.listed].service);
        unit.listed++;
    }
    return unit;
}

/* Nobody for it: it is passed on with the others. */
static bool is_given_nothing(const struct unit *unit)
{
    for (uint32_t i = 0; i < unit->listed; i++)
        if (unit->assignment[i].service != 0)
            return false;
    return unit->listed == unit->parts;
}

/* One settled earlier may fail with the rest of its group, and then all of them ask others. */
static bool has_room_for_events(const struct pm_core *core)
{
    return core->event_count + EVENTS_A_STEP <= PM_EVENTS_MAX;
}

static void assign_unit(struct pm_core *core, struct unit *unit)
{
    uint32_t market = round_at(core, unit->round)->market;
    for (uint32_t i = 0; i < unit->listed; i++)
        note_alone(core, unit->part[i], find_service_of(core, market, unit->assignment[i].alone));
    if (is_given_nothing(unit))
        return;
    if (has_room_for_events(core) && fits(core, unit)) {
        take_up(core, unit);
        return;
    }
    for (uint32_t i = 0; i < unit->parts; i++)
        drop(core, unit->round, unit->part[i], unit->service[i]);
}

/* Takes up the assignment that comes next, and those of the same unit after it. Returns how many.
 */
static uint32_t assign(struct pm_core *core, uint32_t round, const struct pm_assignment *assignment,
                       uint32_t left)
{
    uint32_t package = table_find(&core->table[TABLE_PACKAGES], assignment->package);
    uint32_t market = round_at(core, round)->market;
    if (package == 0 || package_at(core, package)->market != market ||
        is_done(core, round, package))
        return 1;
    struct unit unit = unit_of(core, round, package, assignment, left);
    if (unit.parts > 0)
        assign_unit(core, &unit);
    else if (assignment->service != 0) /* amended, paused or placed otherwise since */
        drop(core, round, package, find_service_of(core, market, assignment->service));
    return unit.listed > 0 ? unit.listed : 1;
}

/* ---- The command ---- */

static bool result_is_good(const struct pm_round_result *result)
{
    bool good = result->abandoned <= 1 && result->optimal < 1u << PM_ROUND_STAGES;
    for (unsigned i = 0; i < result->scarces; i++)
        good &= result->scarce[i].band < PM_BANDS_MAX && result->scarce[i].price > 0;
    for (unsigned i = 0; i < PM_ROUND_STAGES; i++)
        good &= result->value[i] >= 0 && result->bound[i] >= 0 && result->alone[i] >= 0;
    return good;
}

static void close(struct pm_core *core, uint32_t slot, const struct pm_round_result *result)
{
    struct round *round = round_at(core, slot);
    round_unqueue(core, slot);
    round->result = *result;
    round->state = result->abandoned ? PM_ABANDONED : PM_PASSING_ON;
    round->closed = core->header.time;
    event_add(core, result->abandoned ? PM_EVENT_ROUND_ABANDONED : PM_EVENT_ROUND_SOLVED,
              round->market)
        ->round = slot;
    if (!result->abandoned)
        sweep_order(
            core, &(struct sweep){.market = round->market, .purpose = SWEEP_ROUND, .round = slot});
}

static uint16_t apply_status(const struct pm_core *core, uint32_t market, uint32_t round,
                             const struct pm_round_apply *apply)
{
    if (round == 0 || round_at(core, round)->market != market)
        return PM_UNKNOWN_ROUND;
    if (round_at(core, round)->state != PM_SOLVING)
        return PM_WRONG_STATE;
    if (apply->result != NULL && !result_is_good(apply->result))
        return PM_BAD_VALUE;
    return apply->result == NULL || sweep_has_room(core, 1) ? PM_OK : PM_FULL;
}

struct pm_result round_apply(struct pm_core *core, uint32_t market, struct pm_actor actor,
                             const struct pm_round_apply *apply)
{
    if (actor.role != PM_DAEMON)
        return refused(PM_NOT_ALLOWED);
    uint32_t round = table_find(&core->table[TABLE_ROUNDS], apply->round);
    uint16_t status = apply_status(core, market, round, apply);
    if (status != PM_OK)
        return refused(status);
    for (uint32_t i = 0; i < apply->assignments;)
        i += assign(core, round, apply->assignment + i, apply->assignments - i);
    if (apply->result != NULL)
        close(core, round, apply->result);
    return (struct pm_result){PM_OK, apply->round};
}
