/* ladder.c - a package's way through its kind's steps. */
#include "ladder.h"

#include "award.h"
#include "calendar.h"
#include "eligible.h"
#include "group.h"
#include "offer.h"
#include "rank.h"
#include "round.h"
#include "waitlist.h"

enum {
    WINDOW_RETURN = 240,        /* minutes, where the step has no window */
    WINDOW_INTRODUCTION = 1440, /* likewise */
};

static const struct pm_step *step_of(const struct pm_core *core, const struct package *package)
{
    return &kind_of(core, package->market, package->kind)->step[package->step];
}

static void tell(struct pm_core *core, enum pm_event_kind kind, uint32_t package)
{
    event_add(core, kind, package_at(core, package)->market)->package = package;
}

void package_set_due(struct pm_core *core, uint32_t package, int64_t due)
{
    package_at(core, package)->due = due;
    deadline_set(&core->deadlines, DEADLINE_PACKAGE, package, due == 0 ? INT64_MAX : due);
}

static void due_after(struct pm_core *core, uint32_t package, uint32_t minutes)
{
    const struct package *p = package_at(core, package);
    package_set_due(
        core, package,
        minutes == 0 ? 0 : calendar_after(core, p->market, p->kind, core->header.time, minutes));
}

bool ladder_has_room(const struct pm_core *core, uint32_t package)
{
    uint32_t parts = package == 0 ? 1 : group_parts(core, package);
    return table_has_room(&core->table[TABLE_OFFERS], parts) &&
           table_has_room(&core->table[TABLE_PLACEMENTS], parts);
}

bool ladder_asks(const struct package *package, const struct pm_step *step)
{
    return step->route != PM_BROKER_AWARD &&
           (step->route != PM_ROUND || package->arrangement == PM_MANAGED);
}

/* ---- Entering a step ---- */

/* Whom a step asks. */
struct asked {
    uint32_t count;
    struct ranked best[PM_INVITED_MAX];
};

static bool invites(const struct package *package, const struct pm_step *step)
{
    return package->arrangement == PM_DIRECT_PAYMENT || step->route == PM_OPEN_OFFER ||
           step->route == PM_SPOT_OFFER || step->route == PM_CHOICE;
}

/* How many a step may ask at once. */
static uint32_t most(const struct pm_core *core, const struct package *package,
                     const struct pm_step *step)
{
    if (!invites(package, step))
        return 1;
    uint32_t wanted = step->invite == 0 ? PM_INVITED_MAX : step->invite;
    const struct table *offers = &core->table[TABLE_OFFERS];
    uint32_t room = offers->capacity - offers->used;
    return wanted < room ? wanted : room;
}

/* Has the package's step somebody for it? `retry`: it waits, so only who can take it now counts. */
static bool has_somebody(struct pm_core *core, uint32_t package, bool retry, struct asked *asked)
{
    const struct package *p = package_at(core, package);
    const struct pm_step *step = step_of(core, p);
    asked->count = 0;
    if (step->route == PM_BROKER_AWARD)
        return !retry && p->arrangement == PM_MANAGED;
    if (!ladder_asks(p, step))
        return false;
    if (step->route == PM_ROUND && !retry)
        return true;
    asked->count = rank_best(core, package, p->step, most(core, p, step), asked->best);
    return asked->count > 0;
}

/* Moves the package to its step, or the next, that has somebody; false: none has. */
static bool seek(struct pm_core *core, uint32_t package, bool retry, struct asked *asked)
{
    struct package *p = package_at(core, package);
    unsigned steps = kind_of(core, p->market, p->kind)->steps;
    for (; p->step < steps; p->step++)
        if (has_somebody(core, package, retry, asked))
            return true;
    return false;
}

static void invite(struct pm_core *core, uint32_t package, const struct asked *asked)
{
    struct package *p = package_at(core, package);
    const struct pm_step *step = step_of(core, p);
    bool direct = p->arrangement == PM_DIRECT_PAYMENT;
    uint32_t window = step->window == 0 && direct ? WINDOW_INTRODUCTION : step->window;
    p->state = PM_OFFERED;
    due_after(core, package, window);
    for (uint32_t i = 0; i < asked->count; i++)
        offer_make(core, package, asked->best[i], direct ? PM_INTRODUCTION : step->route);
}

static void call_off(struct pm_core *core, uint32_t package, struct ranked best, uint32_t window)
{
    struct package *p = package_at(core, package);
    p->state = PM_OFFERED;
    due_after(core, package, window);
    offer_make(core, package, best, PM_CALL_OFF);
}

void ladder_call_off(struct pm_core *core, uint32_t package, struct ranked best)
{
    call_off(core, package, best, step_of(core, package_at(core, package))->window);
}

static void stop_at(struct pm_core *core, uint32_t package, uint32_t window)
{
    package_at(core, package)->state = PM_OPEN;
    due_after(core, package, window);
    tell(core, PM_EVENT_PACKAGE_TO_BROKER, package);
}

/* Does what the package's step does. */
static void enter(struct pm_core *core, uint32_t package, const struct asked *asked)
{
    const struct package *p = package_at(core, package);
    const struct pm_step *step = step_of(core, p);
    if (invites(p, step))
        invite(core, package, asked);
    else if (step->route == PM_CALL_OFF)
        call_off(core, package, asked->best[0], step->window);
    else if (step->route == PM_LAST_RESORT)
        award_oblige(core, package, asked->best[0].service, PM_LAST_RESORT);
    else if (step->route == PM_ROUND)
        round_gather(core, package);
    else
        stop_at(core, package, step->window);
}

/* ---- Going down ---- */

void ladder_leave(struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    if (p->waits == WAITS_LISTED)
        waitlist_remove(core, package);
    else if (p->waits == WAITS_GATHERED)
        round_leave(core, package);
    package_set_due(core, package, 0);
}

/* The ladder is spent. The step is left at the last, for whoever asks how far it came. */
void ladder_wait(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->step = (uint8_t)(kind_of(core, p->market, p->kind)->steps - 1);
    p->state = PM_WAITING;
    waitlist_add(core, package);
    package_set_due(core, package, offers_lapse(core, package));
    tell(core, PM_EVENT_PACKAGE_WAITING, package);
}

void ladder_advance(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct asked asked;
    p->state = PM_OPEN;
    package_set_due(core, package, 0);
    bool from_first = p->step == 0, found = false;
    while (ladder_has_room(core, package) && !(found = seek(core, package, false, &asked)) &&
           p->pass < kind_of(core, p->market, p->kind)->passes) {
        p->pass++;
        p->step = 0;
        from_first = true;
    }
    /* While a later step's offer was open, an earlier one may have come to have somebody. */
    if (!found && !from_first && ladder_has_room(core, package)) {
        p->step = 0;
        found = seek(core, package, true, &asked);
    }
    if (found)
        enter(core, package, &asked);
    else if (!group_is_spent(core, package))
        ladder_wait(core, package);
}

void ladder_pass_on(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->step++; /* at most one past the last, where a search ends at once */
    ladder_advance(core, package);
}

/* The service that the person is to return to is asked as at the first step that lets it be, if any
 * does. */
static bool ask_return(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    uint32_t service = package_detail_at(core, package)->return_to;
    package_detail_at(core, package)->return_to = 0;
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    if (service == 0 || !ladder_has_room(core, package) || p->arrangement != PM_MANAGED)
        return false;
    for (p->step = 0; p->step < kind->steps; p->step++)
        if (ladder_asks(p, &kind->step[p->step]) && may_be_asked(core, package, service, p->step))
            break;
    if (p->step == kind->steps) {
        p->step = 0;
        return false;
    }
    struct score score = score_for(core, package, service);
    uint32_t window = kind->step[p->step].window;
    call_off(core, package, (struct ranked){service, score_sum(&score)},
             window == 0 ? WINDOW_RETURN : window);
    p->step = 0; /* after a refusal the ladder is gone up from its foot */
    return true;
}

unsigned ladder_round(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    unsigned step = 0;
    while (step < kind->steps &&
           (kind->step[step].route != PM_ROUND || !ladder_asks(p, &kind->step[step])))
        step++;
    return step;
}

/* The first; or, for all whom a failure leaves without care, the first round there is, which sees
 * them together. */
static uint8_t first_step(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    unsigned round = core->failing ? ladder_round(core, package) : 0;
    return round < kind_of(core, p->market, p->kind)->steps ? (uint8_t)round : 0;
}

void ladder_start(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    p->pass = 1;
    p->step = 0;
    if (ask_return(core, package))
        return;
    p->step = first_step(core, package);
    ladder_advance(core, package);
}

bool ladder_retry(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct asked asked;
    uint8_t before = p->step;
    p->step = 0;
    if (!ladder_has_room(core, package) || !group_could_be_served(core, package) ||
        !seek(core, package, true, &asked)) {
        p->step = before;
        return false;
    }
    ladder_leave(core, package);
    enter(core, package, &asked);
    group_woken(core, package);
    return true;
}
