/* waitlist.c - packages that wait, and what wakes them. */
#include "waitlist.h"

#include "ladder.h"

static uint32_t waitlist_of(const struct pm_core *core, const struct package *package)
{
    return market_at(core, package->market)->waitlist[package->kind][package->locality];
}

/* The first package of this priority or a lesser one. */
static uint32_t first_from(const struct waitlist *list, unsigned priority)
{
    for (; priority < PM_PRIORITIES; priority++)
        if (list->first[priority] != 0)
            return list->first[priority];
    return 0;
}

static uint32_t after(const struct pm_core *core, const struct waitlist *list, uint32_t package)
{
    const struct package *p = package_at(core, package);
    return p->wait_next != 0 ? p->wait_next : first_from(list, p->priority + 1u);
}

void waitlist_add(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct waitlist *list = waitlist_at(core, waitlist_of(core, p));
    uint32_t last = list->last[p->priority];
    p->wait_previous = last;
    p->wait_next = 0;
    p->waits = 1;
    if (last != 0)
        package_at(core, last)->wait_next = package;
    else
        list->first[p->priority] = package;
    list->last[p->priority] = package;
    list->waiting++;
}

void waitlist_remove(struct pm_core *core, uint32_t package)
{
    struct package *p = package_at(core, package);
    struct waitlist *list = waitlist_at(core, waitlist_of(core, p));
    if (list->cursor == package)
        list->cursor = after(core, list, package);
    if (p->wait_previous != 0)
        package_at(core, p->wait_previous)->wait_next = p->wait_next;
    else
        list->first[p->priority] = p->wait_next;
    if (p->wait_next != 0)
        package_at(core, p->wait_next)->wait_previous = p->wait_previous;
    else
        list->last[p->priority] = p->wait_previous;
    p->wait_next = p->wait_previous = 0;
    p->waits = 0;
    list->waiting--;
}

void waitlist_stir(struct pm_core *core, uint32_t slot)
{
    struct waitlist *list = waitlist_at(core, slot);
    if (list->on_agenda) {
        list->again = 1;
        return;
    }
    if (list->waiting == 0)
        return;
    list->on_agenda = 1;
    list->cursor = first_from(list, 0);
    if (core->header.agenda_last != 0)
        waitlist_at(core, core->header.agenda_last)->agenda_next = slot;
    else
        core->header.agenda_first = slot;
    core->header.agenda_last = slot;
}

void waitlist_stir_for(struct pm_core *core, uint32_t service)
{
    const struct service *s = service_at(core, service);
    const struct market *market = market_at(core, s->market);
    uint64_t from = 0;
    for (uint64_t reach = s->reach; reach != 0; reach &= reach - 1)
        from |= market->reach[s->kind][__builtin_ctzll(reach)];
    for (; from != 0; from &= from - 1)
        waitlist_stir(core, market->waitlist[s->kind][__builtin_ctzll(from)]);
}

static void leave_agenda(struct pm_core *core, struct waitlist *list)
{
    core->header.agenda_first = list->agenda_next;
    if (list->agenda_next == 0)
        core->header.agenda_last = 0;
    list->agenda_next = 0;
    list->on_agenda = 0;
    list->again = 0;
}

void agenda_step(struct pm_core *core)
{
    uint32_t slot = core->header.agenda_first;
    struct waitlist *list = waitlist_at(core, slot);
    uint32_t package = list->cursor;
    if (package != 0) {
        list->cursor = after(core, list, package);
        ladder_retry(core, package);
        return;
    }
    bool again = list->again != 0;
    leave_agenda(core, list);
    if (again)
        waitlist_stir(core, slot);
}
