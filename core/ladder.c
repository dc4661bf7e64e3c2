/* ladder.c - a package's way through its kind's steps. */
#include "ladder.h"

#include "offer.h"
#include "rank.h"
#include "waitlist.h"

static void ask(struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    if (kind_of(core, p->market, p->kind)->step[p->step].route == PM_LAST_RESORT)
        offer_place(core, package, service);
    else
        offer_make(core, package, service);
}

bool ladder_has_room(const struct pm_core *core)
{
    return table_has_room(&core->table[TABLE_OFFERS], 1) &&
           table_has_room(&core->table[TABLE_PLACEMENTS], 1);
}

/* The best to ask at the package's step or the next that has anybody; moves the package there. 0:
 * nobody. */
static uint32_t seek(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    unsigned steps = kind_of(core, p->market, p->kind)->steps;
    for (; p->step < steps; p->step++) {
        uint32_t service = rank_best(core, package, p->step);
        if (service != 0)
            return service;
    }
    return 0;
}

/* The ladder is spent. The step is left at the last, for whoever asks how far it came. */
static void wait(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->step = (uint8_t)(kind_of(core, p->market, p->kind)->steps - 1);
    p->state = PM_WAITING;
    waitlist_add(core, package);
    event_add(core, PM_EVENT_PACKAGE_WAITING, p->market)->package = package;
}

void ladder_advance(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->state = PM_OPEN;
    bool from_first = p->step == 0;
    uint32_t service = 0;
    while (ladder_has_room(core) && (service = seek(core, package)) == 0 &&
           p->pass < kind_of(core, p->market, p->kind)->passes) {
        p->pass++;
        p->step = 0;
        from_first = true;
    }
    /* While a later step's offer was open, an earlier one may have come to have somebody. */
    if (service == 0 && !from_first && ladder_has_room(core)) {
        p->step = 0;
        service = seek(core, package);
    }
    if (service != 0)
        ask(core, package, service);
    else
        wait(core, package);
}

void ladder_start(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->pass = 1;
    p->step = 0;
    ladder_advance(core, package);
}

bool ladder_retry(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    uint8_t before = p->step;
    p->step = 0;
    uint32_t service = ladder_has_room(core) ? seek(core, package) : 0;
    if (service == 0) {
        p->step = before;
        return false;
    }
    waitlist_remove(core, package);
    ask(core, package, service);
    return true;
}
