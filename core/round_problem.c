/* round_problem.c - see round_problem.h. */
#include "round_problem.h"

#include <string.h>

#include "eligible.h"
#include "hash.h"
#include "ladder.h"
#include "plan.h"
#include "pool.h"
#include "priority.h"
#include "provider.h"
#include "query.h"
#include "round.h"
#include "round_alone.h"
#include "round_scope.h"
#include "text.h"

/* ---- How much there is ---- */

struct size {
    uint32_t parts, services;
    uint64_t pairs;
};

static struct size size_of(const struct pm_core *core, const struct round_scope *scope)
{
    const struct market *market = market_at(core, scope->round.market);
    uint32_t services[PM_KINDS_MAX] = {0};
    struct size size = {0};
    struct round_walk walk = {0};
    for (uint32_t s = market->first_service; s != 0; s = service_at(core, s)->next_in_market)
        if (round_may_serve(core, scope, s)) {
            services[service_at(core, s)->kind]++;
            size.services++;
        }
    for (uint32_t p; (p = round_next(core, scope, &walk)) != 0; size.parts++)
        size.pairs += services[package_at(core, p)->kind];
    if (size.parts > SOLVER_PARTS_MAX)
        size.parts = SOLVER_PARTS_MAX;
    if (size.services > SOLVER_SERVICES_MAX)
        size.services = SOLVER_SERVICES_MAX;
    if (size.pairs > SOLVER_PAIRS_MAX)
        size.pairs = SOLVER_PAIRS_MAX;
    return size;
}

/* ---- Where it lies ---- */

struct builder {
    const struct pm_core *core;
    uint64_t round; /* id */
    struct round_scope scope;
    struct size size;
    /* What becomes the problem. */
    struct solver_item *item;
    struct solver_part *part;
    struct solver_pair *pair;
    struct solver_service *service;
    struct solver_amounts *demand, *pool;
    int32_t *cap;
    struct round_part *part_name;
    struct round_service *service_name;
    struct round_pool *pool_name;
    struct round_cap *cap_name;
    uint32_t items, parts, pairs, services, pools, caps, bands;
    /* What is needed meanwhile: slots by position, and the way back. */
    uint32_t *package_slot, *service_slot, *pool_slot, *cap_service;
    struct map pool_at, cap_at;
    uint32_t first_of_kind[PM_KINDS_MAX + 1]; /* service */
    struct alone alone;
};

static void lay_out_map(struct map *map, struct plan *plan, uint32_t slots)
{
    uint32_t cells = map_cells(slots);
    map->mask = cells - 1;
    map->cells = plan_take(plan, cells, sizeof *map->cells);
}

static void lay_out(struct builder *b, struct plan *plan)
{
    size_t parts = b->size.parts, services = b->size.services;
    b->item = plan_take(plan, parts + 1, sizeof *b->item);
    b->part = plan_take(plan, parts + 1, sizeof *b->part);
    b->demand = plan_take(plan, parts, sizeof *b->demand);
    b->part_name = plan_take(plan, parts, sizeof *b->part_name);
    b->service = plan_take(plan, services, sizeof *b->service);
    b->service_name = plan_take(plan, services, sizeof *b->service_name);
    b->pool = plan_take(plan, services, sizeof *b->pool);
    b->pool_name = plan_take(plan, services, sizeof *b->pool_name);
    b->cap = plan_take(plan, services, sizeof *b->cap);
    b->cap_name = plan_take(plan, services, sizeof *b->cap_name);
    b->package_slot = plan_take(plan, parts, sizeof *b->package_slot);
    b->service_slot = plan_take(plan, services, sizeof *b->service_slot);
    b->pool_slot = plan_take(plan, services, sizeof *b->pool_slot);
    b->cap_service = plan_take(plan, services, sizeof *b->cap_service);
    lay_out_map(&b->pool_at, plan, b->size.services);
    lay_out_map(&b->cap_at, plan, b->size.services);
    b->alone.choice = plan_take(plan, parts, sizeof *b->alone.choice);
    b->alone.pool = plan_take(plan, services, sizeof *b->alone.pool);
    b->alone.cap = plan_take(plan, services, sizeof *b->alone.cap);
    b->pair = plan_take(plan, b->size.pairs, sizeof *b->pair);
}

uint16_t round_source_status(const struct pm_core *core, const struct round_source *source)
{
    struct round_scope scope;
    return round_scope_of(core, source, &scope);
}

size_t round_problem_bound(const struct pm_core *core, const struct round_source *source)
{
    struct plan plan = {.base = NULL};
    struct builder b = {.core = core};
    if (round_scope_of(core, source, &b.scope) != PM_OK)
        return 0;
    b.size = size_of(core, &b.scope);
    lay_out(&b, &plan);
    return plan.used;
}

/* ---- Supply ---- */

static int32_t within(int64_t amount, int32_t most)
{
    return amount < 0 ? 0 : amount < most ? (int32_t)amount : most;
}

struct round_pool round_pool_of(const struct pm_core *core, uint32_t slot)
{
    const struct pool *pool = pool_at(core, slot);
    const struct pm_market *rules = &market_at(core, pool->market)->rules;
    uint64_t served = pool->first_service != 0 ? service_at(core, pool->first_service)->reach : 0;
    struct round_pool named = {.pool = id_of(core, TABLE_POOLS, slot),
                               .name = pool_detail_at(core, slot)->name,
                               .kind = pool->kind};
    if (served != 0)
        named.locality = rules->locality[__builtin_ctzll(served)].name;
    return named;
}

static uint32_t add_pool(struct builder *b, uint32_t slot)
{
    const struct pool *pool = pool_at(b->core, slot);
    uint64_t hash = pm_hash(&slot, sizeof slot, TABLE_POOLS);
    for (struct map_cursor c = map_first(&b->pool_at, hash); c.slot != 0;
         c = map_more(&b->pool_at, c))
        if (b->pool_slot[c.slot - 1] == slot)
            return c.slot - 1;
    uint32_t at = b->pools++;
    map_add(&b->pool_at, hash, at + 1);
    b->pool_slot[at] = slot;
    b->pool_name[at] = round_pool_of(b->core, slot);
    b->pool[at] = (struct solver_amounts){{0}};
    for (unsigned band = 0; band < pool->bands; band++)
        b->pool[at].band[band] = within(pool_room(pool, band), SOLVER_CAPACITY_MAX);
    b->bands = pool->bands > b->bands ? pool->bands : b->bands;
    return at;
}

static void name_cap(const struct builder *b, const struct service *s, struct round_cap *out)
{
    *out = (struct round_cap){{{0}}};
    struct text text = text_over(out->name.text, sizeof out->name.text);
    text_add(&text, provider_detail_at(b->core, s->provider)->name.text);
    text_add(&text, " ");
    text_add(&text, kind_of(b->core, s->market, s->kind)->name.text);
}

/* What a provider may still be awarded of a kind, from 1; 0: any amount. */
static uint32_t add_cap(struct builder *b, uint32_t slot)
{
    const struct service *s = service_at(b->core, slot);
    const struct pm_kind *kind = kind_of(b->core, s->market, s->kind);
    if (kind->share_cap == 0)
        return 0;
    uint64_t hash = pm_hash(&s->provider, sizeof s->provider, s->kind);
    for (struct map_cursor c = map_first(&b->cap_at, hash); c.slot != 0;
         c = map_more(&b->cap_at, c)) {
        const struct service *same = service_at(b->core, b->cap_service[c.slot - 1]);
        if (same->provider == s->provider && same->kind == s->kind)
            return c.slot;
    }
    b->cap[b->caps] =
        within(kind->share_cap - provider_awarded(b->core, s->provider, s->kind), INT32_MAX);
    b->cap_service[b->caps] = slot;
    name_cap(b, s, &b->cap_name[b->caps]);
    map_add(&b->cap_at, hash, ++b->caps);
    return b->caps;
}

static void add_service(struct builder *b, uint32_t slot)
{
    const struct service *s = service_at(b->core, slot);
    uint32_t at = b->services++;
    b->service_slot[at] = slot;
    b->service_name[at] = (struct round_service){id_of(b->core, TABLE_SERVICES, slot),
                                                 service_detail_at(b->core, slot)->name,
                                                 provider_detail_at(b->core, s->provider)->name};
    b->service[at] = (struct solver_service){.pool = add_pool(b, s->pool), .cap = add_cap(b, slot)};
}

/* Kind by kind, so that a package looks at those of its own alone. */
static void add_services(struct builder *b)
{
    uint32_t first = market_at(b->core, b->scope.round.market)->first_service;
    memset(b->pool_at.cells, 0, (b->pool_at.mask + 1ull) * sizeof *b->pool_at.cells);
    memset(b->cap_at.cells, 0, (b->cap_at.mask + 1ull) * sizeof *b->cap_at.cells);
    for (unsigned kind = 0; kind < PM_KINDS_MAX; kind++) {
        b->first_of_kind[kind] = b->services;
        for (uint32_t s = first; s != 0; s = service_at(b->core, s)->next_in_market)
            if (service_at(b->core, s)->kind == kind && round_may_serve(b->core, &b->scope, s) &&
                b->services < b->size.services)
                add_service(b, s);
    }
    b->first_of_kind[PM_KINDS_MAX] = b->services;
}

/* ---- Demand ---- */

/* A package of a round stands at its step; one whose care fails begins its ladder anew: at its
 * round, or it may be served at any. */
static bool may_have(const struct builder *b, uint32_t package, uint32_t service)
{
    const struct package *p = package_at(b->core, package);
    unsigned step = p->step, last = p->step;
    if (!has_room_for(b->core, package, service))
        return false;
    if (b->scope.provider != 0) {
        last = kind_of(b->core, p->market, p->kind)->steps - 1u;
        unsigned round = ladder_round(b->core, package);
        step = round <= last ? round : 0;
        last = round <= last ? round : last;
    }
    for (; step <= last; step++)
        if (may_be_asked(b->core, package, service, step))
            return true;
    return false;
}

static void add_pairs(struct builder *b, uint32_t package)
{
    const struct package *p = package_at(b->core, package);
    const struct pm_kind *kind = kind_of(b->core, p->market, p->kind);
    for (uint32_t s = b->first_of_kind[p->kind]; s < b->first_of_kind[p->kind + 1]; s++) {
        uint32_t slot = b->service_slot[s];
        if (!may_have(b, package, slot))
            continue;
        int64_t cost = query_cost(kind, p->units, service_at(b->core, slot)->rate);
        b->pair[b->pairs++] = (struct solver_pair){
            .service = s, .demand = b->parts, .cost = within(cost, SOLVER_COST_MAX)};
    }
}

static void add_part(struct builder *b, uint32_t package)
{
    const struct package *p = package_at(b->core, package);
    uint32_t at = b->parts;
    b->package_slot[at] = package;
    b->part[at] = (struct solver_part){b->pairs, within(p->units, SOLVER_DEMAND_MAX)};
    b->part_name[at] = (struct round_part){
        .package = id_of(b->core, TABLE_PACKAGES, package),
        .version = p->version,
        .reference = package_detail_at(b->core, package)->reference,
        .referrer = package_detail_at(b->core, package)->referrer,
    };
    for (unsigned band = 0; band < PM_BANDS_MAX; band++)
        b->demand[at].band[band] = within(p->demand[band], SOLVER_DEMAND_MAX);
    add_pairs(b, package);
    b->parts++;
}

/* Is there room for the parts, were every service to serve them? */
static bool has_room(const struct builder *b, const uint32_t *part, uint32_t parts)
{
    uint64_t pairs = b->pairs;
    for (uint32_t i = 0; i < parts; i++) {
        uint8_t kind = package_at(b->core, part[i])->kind;
        pairs += b->first_of_kind[kind + 1] - b->first_of_kind[kind];
    }
    return parts <= b->size.parts - b->parts && pairs <= b->size.pairs;
}

static uint32_t unit_of(const struct builder *b, uint32_t package, uint32_t part[PM_GROUP_MAX])
{
    if (b->scope.provider == 0)
        return round_unit(b->core, &b->scope.round, package, part);
    part[0] = package;
    return 1;
}

/* What is matched as one, once: with the first of its parts. */
static void add_item(struct builder *b, uint32_t package)
{
    uint32_t part[PM_GROUP_MAX], parts = unit_of(b, package, part);
    if (parts == 0 || part[0] != package || !has_room(b, part, parts))
        return;
    struct solver_item *item = &b->item[b->items++];
    *item = (struct solver_item){.first_part = b->parts, .class = PM_PRIORITIES - 1};
    for (uint32_t i = 0; i < parts; i++) {
        uint8_t priority = b->scope.provider == 0 ? package_at(b->core, part[i])->priority
                                                  : priority_now(b->core, part[i]);
        item->class = priority < item->class ? priority : item->class;
        add_part(b, part[i]);
    }
}

static void add_items(struct builder *b)
{
    struct round_walk walk = {0};
    for (uint32_t package; (package = round_next(b->core, &b->scope, &walk)) != 0;)
        add_item(b, package);
    b->item[b->items] = (struct solver_item){.first_part = b->parts};
    b->part[b->parts] = (struct solver_part){.first_pair = b->pairs};
}

/* ---- The whole ---- */

static struct solver_problem problem_of(const struct builder *b)
{
    return (struct solver_problem){
        .items = b->items,
        .parts = b->parts,
        .pairs = b->pairs,
        .services = b->services,
        .pools = b->pools,
        .caps = b->caps,
        .demands = b->parts,
        .bands = b->bands == 0 ? 1 : b->bands,
        .item = b->item,
        .part = b->part,
        .pair = b->pair,
        .service = b->service,
        .demand = b->demand,
        .pool = b->pool,
        .cap = b->cap,
    };
}

struct round_kind round_kind_of(const struct pm_kind *kind)
{
    struct round_kind named = {.name = kind->name, .unit = kind->unit, .bands = kind->bands};
    for (unsigned band = 0; band < kind->bands; band++)
        named.band[band] = kind->band[band].name;
    return named;
}

static void name_all(const struct builder *b, struct round_problem *out)
{
    const struct pm_market *rules = &market_at(b->core, b->scope.round.market)->rules;
    out->round = b->round;
    out->market = rules->name;
    out->kinds = rules->kinds;
    for (unsigned kind = 0; kind < rules->kinds; kind++)
        out->kind[kind] = round_kind_of(&rules->kind[kind]);
    out->part = b->part_name;
    out->service = b->service_name;
    out->pool = b->pool_name;
    out->cap = b->cap_name;
}

void round_problem_build(const struct pm_core *core, const struct round_source *source,
                         void *memory, struct round_problem *out)
{
    struct plan plan = {.base = memory};
    struct builder b = {.core = core, .round = source->round};
    round_scope_of(core, source, &b.scope);
    b.size = size_of(core, &b.scope);
    lay_out(&b, &plan);
    add_services(&b);
    add_items(&b);
    *out = (struct round_problem){.solver = problem_of(&b)};
    name_all(&b, out);
    b.alone.package = b.package_slot;
    b.alone.service = b.service_slot;
    match_alone(core, &out->solver, &b.alone);
    out->alone = b.alone.choice;
    solver_values(&out->solver, out->alone, out->alone_value);
}

/* ---- What was found ---- */

static uint64_t service_of(const struct round_problem *problem, uint32_t choice)
{
    return choice == 0 ? 0 : problem->service[problem->solver.pair[choice - 1].service].service;
}

static struct pm_assignment assignment_of(const struct round_problem *problem,
                                          const uint32_t *choice, uint32_t at)
{
    return (struct pm_assignment){
        .package = problem->part[at].package,
        .version = problem->part[at].version,
        .service = service_of(problem, choice[at]),
        .alone = service_of(problem, problem->alone[at]),
    };
}

uint16_t round_problem_piece(const struct round_problem *problem, const uint32_t *choice,
                             uint32_t *next, struct pm_assignment out[PM_ASSIGNMENTS_MAX])
{
    const struct solver_item *item = problem->solver.item;
    uint16_t count = 0;
    for (; *next < problem->solver.items && item[*next + 1].first_part - item[*next].first_part <=
                                                PM_ASSIGNMENTS_MAX - (uint32_t)count;
         ++*next)
        for (uint32_t at = item[*next].first_part; at < item[*next + 1].first_part; at++)
            out[count++] = assignment_of(problem, choice, at);
    return count;
}
