/* waitlist.c - packages that wait, and what wakes them. */
#include "waitlist.h"

#include "eligible.h"
#include "ladder.h"
#include "priority.h"

enum { LOOKS_A_STEP = 64 };

/* ---- The lists ---- */

static struct waitlist *waitlist_of(const struct pm_core *core, const struct package *package)
{
    return waitlist_at(
        core, market_at(core, package->market)->waitlist[package->kind][package->locality]);
}

void waitlist_add(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct waitlist *list = waitlist_of(core, p);
    p->priority = priority_now(core, package);
    uint32_t last = list->last[p->priority];
    p->wait_previous = last;
    p->wait_next = 0;
    p->waits = WAITS_LISTED;
    if (last != 0)
        package_at(core, last)->wait_next = package;
    else
        list->first[p->priority] = package;
    list->last[p->priority] = package;
    list->waiting++;
    core->header.waiting++;
    deadline_set(&core->deadlines, DEADLINE_PRIORITY, package, priority_next(core, package));
}

/* From where packages may come to a service, as a mask of localities. */
static uint64_t comes_from(const struct pm_core *core, const struct service *service)
{
    const struct market *market = market_at(core, service->market);
    uint64_t from = 0;
    for (uint64_t reach = service->reach; reach != 0; reach &= reach - 1)
        from |= waitlist_at(core, market->waitlist[service->kind][__builtin_ctzll(reach)])->reach;
    return from;
}

/* The first who waits for the service, of this priority from this locality on, or of a lesser
 * priority. */
static uint32_t first_from(const struct pm_core *core, uint32_t service, unsigned priority,
                           unsigned locality)
{
    const struct service *s = service_at(core, service);
    const struct market *market = market_at(core, s->market);
    uint64_t all = comes_from(core, s);
    uint64_t from = locality < PM_LOCALITIES_MAX ? all & UINT64_MAX << locality : 0;
    for (; priority < PM_PRIORITIES; priority++, from = all)
        for (; from != 0; from &= from - 1) {
            uint32_t list = market->waitlist[s->kind][__builtin_ctzll(from)];
            if (waitlist_at(core, list)->first[priority] != 0)
                return waitlist_at(core, list)->first[priority];
        }
    return 0;
}

static uint32_t after(const struct pm_core *core, uint32_t package)
{
    const struct package *p = package_at(core, package);
    if (p->wait_next != 0)
        return p->wait_next;
    return first_from(core, core->header.agenda_first, p->priority, p->locality + 1u);
}

void waitlist_remove(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct waitlist *list = waitlist_of(core, p);
    if (core->header.agenda_cursor == package)
        core->header.agenda_cursor = after(core, package);
    if (p->wait_previous != 0)
        package_at(core, p->wait_previous)->wait_next = p->wait_next;
    else
        list->first[p->priority] = p->wait_next;
    if (p->wait_next != 0)
        package_at(core, p->wait_next)->wait_previous = p->wait_previous;
    else
        list->last[p->priority] = p->wait_previous;
    p->wait_next = p->wait_previous = 0;
    p->waits = WAITS_NOT;
    list->waiting--;
    core->header.waiting--;
    deadline_clear(&core->deadlines, DEADLINE_PRIORITY, package);
}

/* ---- The agenda ---- */

static void append(struct pm_core *core, uint32_t service)
{
    service_at(core, service)->on_agenda = 1;
    if (core->header.agenda_last != 0)
        service_at(core, core->header.agenda_last)->agenda_next = service;
    else
        core->header.agenda_first = service;
    core->header.agenda_last = service;
}

void agenda_add(struct pm_core *core, uint32_t service)
{
    struct service *s = service_at(core, service);
    if (s->on_agenda)
        s->again = core->header.agenda_begun != 0 && core->header.agenda_first == service;
    else if (core->header.waiting != 0 && first_from(core, service, 0, 0) != 0)
        append(core, service);
}

void agenda_again(struct pm_core *core)
{
    if (core->header.agenda_begun)
        service_at(core, core->header.agenda_first)->again = 1;
}

static void leave_agenda(struct pm_core *core, uint32_t service)
{
    struct service *s = service_at(core, service);
    bool again = s->again != 0;
    core->header.agenda_first = s->agenda_next;
    if (s->agenda_next == 0)
        core->header.agenda_last = 0;
    core->header.agenda_begun = 0;
    s->agenda_next = 0;
    s->on_agenda = s->again = 0;
    if (again)
        agenda_add(core, service);
}

/* Could the service take the package at any step of its ladder? */
static bool may_serve(const struct pm_core *core, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(core, package);
    const struct pm_kind *kind = kind_of(core, p->market, p->kind);
    if (!has_room_for(core, package, service))
        return false;
    for (unsigned step = 0; step < kind->steps; step++)
        if (ladder_asks(p, &kind->step[step]) && may_be_asked(core, package, service, step))
            return true;
    return false;
}

void agenda_step(struct pm_core *core)
{
    uint32_t service = core->header.agenda_first;
    if (!core->header.agenda_begun) {
        core->header.agenda_begun = 1;
        core->header.agenda_cursor = first_from(core, service, 0, 0);
    }
    for (unsigned look = 0; look < LOOKS_A_STEP && core->header.agenda_cursor != 0; look++) {
        uint32_t package = core->header.agenda_cursor;
        core->header.agenda_cursor = after(core, package);
        if (may_serve(core, package, service) && ladder_retry(core, package))
            return;
    }
    if (core->header.agenda_cursor == 0)
        leave_agenda(core, service);
}
