/*
 * query_list.c - the lists: packages, offers, placements, capacity, services, rounds. Rows come in
 * the order of their slots, so that a list goes on after a row's id even when that row is gone.
 */
#include "find.h"
#include "offer.h"
#include "query.h"

#include <string.h>

enum { LIMIT_DEFAULT = 100 };

/* Which rows are wanted. */
struct selection {
    uint32_t provider; /* slot; 0: any */
    int kind;          /* position; -1: any */
    unsigned state;    /* 1 + the state; 0: any */
    uint32_t after, limit;
};

static bool kind_and_state_match(const struct selection *wanted, uint8_t kind, uint8_t state)
{
    return (wanted->kind < 0 || wanted->kind == kind) &&
           (wanted->state == 0 || wanted->state == state + 1u);
}

static bool matches(const struct selection *wanted, uint32_t provider, uint8_t kind, uint8_t state)
{
    return (wanted->provider == 0 || wanted->provider == provider) &&
           kind_and_state_match(wanted, kind, state);
}

static bool package_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    if (package->market != q->market ||
        !kind_and_state_match(wanted, package->kind, package->state) || !query_may_see(q, slot))
        return false;
    if (wanted->provider == 0)
        return true;
    uint32_t offer = query_standing_offer(q, slot);
    return offer != 0 && offer_provider(q->core, offer_at(q->core, offer)) == wanted->provider;
}

/* May the actor know of something about this package? To providers the lists give only their own.
 */
static bool may_see_through(const struct query *q, uint32_t package)
{
    return q->provider != 0 || query_may_see(q, package);
}

static bool offer_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct offer *offer = offer_at(q->core, slot);
    return package_at(q->core, offer->package)->market == q->market &&
           matches(wanted, offer_provider(q->core, offer),
                   package_at(q->core, offer->package)->kind, offer->state) &&
           may_see_through(q, offer->package);
}

static bool placement_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct placement *placement = placement_at(q->core, slot);
    return placement->market == q->market &&
           matches(wanted, placement->provider, placement->kind, placement->state) &&
           may_see_through(q, placement->package);
}

static bool pool_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct pool *pool = pool_at(q->core, slot);
    return pool->market == q->market && matches(wanted, pool->provider, pool->kind, 0);
}

static bool service_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct service *service = service_at(q->core, slot);
    return service->market == q->market && matches(wanted, service->provider, service->kind, 0);
}

/* A round of every kind is of none. */
static bool round_matches(const struct query *q, const struct selection *wanted, uint32_t slot)
{
    const struct round *round = round_at(q->core, slot);
    return round->market == q->market && (wanted->kind < 0 || round->kind == wanted->kind + 1) &&
           (wanted->state == 0 || wanted->state == round->state + 1u);
}

/* What each list is of. */
struct form {
    enum table_of table;
    unsigned states; /* how many a row may be asked for by */
    bool (*matches)(const struct query *q, const struct selection *wanted, uint32_t slot);
    void (*row)(const struct query *q, uint32_t slot);
};

static const struct form *form_of(unsigned verb)
{
    static const struct form packages = {TABLE_PACKAGES, PM_PACKAGE_STATES, package_matches,
                                         query_package_row};
    static const struct form offers = {TABLE_OFFERS, PM_OFFER_STATES, offer_matches,
                                       query_offer_row};
    static const struct form placements = {TABLE_PLACEMENTS, PM_PLACEMENT_STATES, placement_matches,
                                           query_placement_row};
    static const struct form pools = {TABLE_POOLS, 0, pool_matches, query_capacity_row};
    static const struct form rounds = {TABLE_ROUNDS, PM_ROUND_STATES, round_matches,
                                       query_round_row};
    static const struct form services = {TABLE_SERVICES, 0, service_matches, query_service_row};
    switch (verb) {
    case PM_PACKAGE_LIST:
        return &packages;
    case PM_OFFERS:
        return &offers;
    case PM_PLACEMENTS:
        return &placements;
    case PM_CAPACITY:
        return &pools;
    case PM_ROUND_LIST:
        return &rounds;
    default:
        return &services;
    }
}

/* Whose rows: a provider's own, whoever it asks for, but it may not ask for another's. */
static uint16_t select_provider(const struct query *q, struct pm_text name, struct selection *out)
{
    out->provider = q->provider;
    if (name.length == 0)
        return PM_OK;
    uint32_t named = find_provider(q->core, q->market, name);
    if (q->provider != 0 && named != q->provider)
        return PM_NOT_ALLOWED;
    out->provider = named;
    return named == 0 ? PM_UNKNOWN_PROVIDER : PM_OK;
}

static uint16_t select_rows(const struct query *q, const struct form *form,
                            const struct pm_list *list, struct selection *out)
{
    *out = (struct selection){.kind = -1, .state = list->state};
    uint16_t status = select_provider(q, list->provider, out);
    if (status != PM_OK)
        return status;
    if (list->kind.length != 0 && (out->kind = find_kind(q->rules, list->kind)) < 0)
        return PM_UNKNOWN_KIND;
    if (list->state > form->states)
        return PM_BAD_VALUE;
    out->after = (uint32_t)(list->after & PM_SLOTS_MAX);
    out->limit = list->limit == 0 ? LIMIT_DEFAULT : list->limit;
    return out->limit > PM_ROWS_MAX ? PM_TOO_LARGE : PM_OK;
}

/* Slots of the rows to come: one more than are wanted, if there are so many, so that it shows. */
struct page {
    uint32_t slot[PM_ROWS_MAX + 1];
    uint32_t count;
};

static void scan(const struct query *q, const struct form *form, const struct selection *wanted,
                 struct page *out)
{
    const struct table *table = &q->core->table[form->table];
    uint32_t slot = wanted->after;
    while (out->count <= wanted->limit && (slot = table_next_of(table, q->market, slot)) != 0)
        if (form->matches(q, wanted, slot))
            out->slot[out->count++] = slot;
}

/* Puts a slot where it belongs, if it is among the lowest. */
static void insert(struct page *page, uint32_t slot, uint32_t limit)
{
    uint32_t at = page->count;
    while (at > 0 && page->slot[at - 1] > slot)
        at--;
    if (at > limit)
        return;
    if (page->count <= limit)
        page->count++;
    memmove(&page->slot[at + 1], &page->slot[at], (page->count - at - 1) * sizeof page->slot[0]);
    page->slot[at] = slot;
}

/* A provider's open offers are asked for often, and are few among all offers: live ones have a
 * list. */
static void open_offers(const struct query *q, const struct selection *wanted, struct page *out)
{
    uint32_t slot = provider_at(q->core, wanted->provider)->first_offer;
    for (; slot != 0; slot = offer_at(q->core, slot)->next_of_provider)
        if (slot > wanted->after && offer_matches(q, wanted, slot))
            insert(out, slot, wanted->limit);
}

uint16_t query_list(const struct query *q, unsigned verb, const struct pm_list *list)
{
    const struct form *form = form_of(verb);
    struct selection wanted;
    uint16_t status = select_rows(q, form, list, &wanted);
    if (status != PM_OK)
        return status;
    struct page page = {.count = 0};
    if (verb == PM_OFFERS && wanted.provider != 0 && wanted.state == 1 + PM_OFFER_OPEN)
        open_offers(q, &wanted, &page);
    else
        scan(q, form, &wanted, &page);
    uint32_t rows = page.count < wanted.limit ? page.count : wanted.limit;
    wire_map(q->out, 2);
    wire_key(q->out, KEY_ROWS);
    wire_array(q->out, rows);
    for (uint32_t i = 0; i < rows && !q->out->overflow; i++)
        form->row(q, page.slot[i]);
    put_id(q, KEY_NEXT, form->table, page.count > rows ? page.slot[rows - 1] : 0);
    return PM_OK;
}
