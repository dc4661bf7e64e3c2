/* round.c - see round.h. One after the other, the most urgent first, each gets the best there is.
 */
#include "round.h"

#include "award.h"
#include "find.h"
#include "ladder.h"
#include "priority.h"
#include "rank.h"
#include "sweep.h"

void round_gather(struct pm_core *core, uint32_t package)
{
    package_at(core, package)->state = PM_OPEN;
    package_detail_at(core, package)->gathered = core->header.sequence;
    round_stand(core, package);
    event_add(core, PM_EVENT_PACKAGE_GATHERED, package_at(core, package)->market)->package =
        package;
}

void round_stand(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct market *market = market_at(core, p->market);
    p->waits = WAITS_GATHERED;
    p->priority = priority_now(core, package);
    uint32_t last = market->gathered_last[p->priority];
    p->wait_previous = last;
    p->wait_next = 0;
    if (last != 0)
        package_at(core, last)->wait_next = package;
    else
        market->gathered_first[p->priority] = package;
    market->gathered_last[p->priority] = package;
    deadline_set(&core->deadlines, DEADLINE_PRIORITY, package, priority_next(core, package));
}

void round_leave(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct market *market = market_at(core, p->market);
    sweep_passes(core, SWEEP_GATHERED, package, p->wait_next);
    if (p->wait_previous != 0)
        package_at(core, p->wait_previous)->wait_next = p->wait_next;
    else
        market->gathered_first[p->priority] = p->wait_next;
    if (p->wait_next != 0)
        package_at(core, p->wait_next)->wait_previous = p->wait_previous;
    else
        market->gathered_last[p->priority] = p->wait_previous;
    p->wait_next = p->wait_previous = 0;
    p->waits = WAITS_NOT;
    deadline_clear(&core->deadlines, DEADLINE_PRIORITY, package);
}

struct pm_result round_open(struct pm_core *core, uint32_t market, const struct pm_round *round)
{
    int kind = -1;
    if (round->kind.length != 0 &&
        (kind = find_kind(&market_at(core, market)->rules, round->kind)) < 0)
        return refused(PM_UNKNOWN_KIND);
    if (!sweep_has_room(core, 1))
        return refused(PM_FULL);
    sweep_order(core, &(struct sweep){
                          .market = market, .purpose = SWEEP_ROUND, .kind = (uint8_t)(kind + 1)});
    event_add(core, PM_EVENT_ROUND_OPENED, market);
    return (struct pm_result){.status = PM_OK};
}

bool round_match(struct pm_core *core, uint32_t package, uint8_t kind, uint64_t sequence)
{
    const struct package *p = package_at(core, package);
    if ((kind != 0 && p->kind + 1 != kind) ||
        package_detail_at(core, package)->gathered >= sequence)
        return false;
    const struct pm_kind *rules = kind_of(core, p->market, p->kind);
    const struct pm_step *step = p->step < rules->steps ? &rules->step[p->step] : NULL;
    struct ranked best;
    ladder_leave(core, package);
    if (step == NULL || step->route != PM_ROUND) /* newer rules have no round here */
        ladder_advance(core, package);
    else if (!ladder_has_room(core, package) || rank_best(core, package, p->step, 1, &best) == 0)
        ladder_pass_on(core, package);
    else if (step->binding)
        award_oblige(core, package, best.service, PM_ROUND);
    else
        ladder_call_off(core, package, best);
    return true;
}
