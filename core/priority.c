/* priority.c - see priority.h. */
#include "priority.h"

#include "calendar.h"
#include "round.h"
#include "sweep.h"
#include "waitlist.h"

/* Milliseconds without care that make a package one class more urgent; 0: they do not. */
static int64_t raise_after(const struct pm_core *core, const struct package *package)
{
    const struct pm_market *rules = &market_at(core, package->market)->rules;
    return package->placement != 0 ? 0 : rules->raise_after * MINUTE;
}

/* Classes gained since it was posted, as long as it has no placement. */
static int64_t raised(const struct pm_core *core, uint32_t package)
{
    int64_t after = raise_after(core, package_at(core, package));
    int64_t waited = core->header.time - package_detail_at(core, package)->posted;
    return after == 0 ? 0 : waited / after;
}

uint8_t priority_now(const struct pm_core *core, uint32_t package)
{
    const struct package_detail *detail = package_detail_at(core, package);
    const struct pm_market *rules = &market_at(core, package_at(core, package)->market)->rules;
    int64_t now = detail->priority - rules->raise[detail->interim] - raised(core, package);
    return now < 0 ? 0 : (uint8_t)now;
}

/* By what the package's record says, so that it follows from the state alone: it stands in a class,
 * and has gained what parts that from the class it came with. */
int64_t priority_next(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    const struct package_detail *detail = package_detail_at(core, package);
    int64_t after = raise_after(core, p);
    if (p->waits == WAITS_NOT || after == 0 || p->priority == 0)
        return INT64_MAX;
    int32_t came_with = detail->priority - market_at(core, p->market)->rules.raise[detail->interim];
    int32_t gained = came_with > p->priority ? came_with - p->priority : 0;
    return detail->posted + (gained + INT64_C(1)) * after - 1;
}

void priority_raise(struct pm_core *core, uint32_t package)
{
    if (package_at(core, package)->waits == WAITS_GATHERED) {
        round_leave(core, package);
        round_stand(core, package);
        sweep_returns(core, package);
    } else {
        waitlist_remove(core, package);
        waitlist_add(core, package);
        agenda_again(core);
    }
}

void priority_refresh(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    if (p->waits != WAITS_NOT && p->priority != priority_now(core, package))
        priority_raise(core, package);
    deadline_set(&core->deadlines, DEADLINE_PRIORITY, package, priority_next(core, package));
}
