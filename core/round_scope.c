/* round_scope.c - see round_scope.h. */
#include "round_scope.h"

#include "find.h"
#include "placement.h"
#include "priority.h"
#include "round.h"

static uint16_t scope_of_open(const struct pm_core *core, uint64_t id, struct round_scope *out)
{
    uint32_t slot = table_find(&core->table[TABLE_ROUNDS], id);
    if (slot == 0 || round_at(core, slot)->state != PM_SOLVING)
        return PM_UNKNOWN_ROUND;
    out->round = *round_at(core, slot);
    return PM_OK;
}

static uint16_t find_failing(const struct pm_core *core, const struct pm_round_try *tried,
                             struct round_scope *out)
{
    uint32_t market = out->round.market;
    if (tried->location.length != 0) {
        out->location = find_location(core, market, tried->location);
        if (out->location == 0)
            return PM_UNKNOWN_LOCATION;
        out->provider = location_at(core, out->location)->provider;
    }
    if (tried->provider.length == 0)
        return PM_OK;
    uint32_t provider = find_provider(core, market, tried->provider);
    if (provider == 0)
        return PM_UNKNOWN_PROVIDER;
    if (out->location != 0 && out->provider != provider)
        return PM_UNKNOWN_LOCATION;
    out->provider = provider;
    return PM_OK;
}

uint16_t round_scope_of(const struct pm_core *core, const struct round_source *source,
                        struct round_scope *out)
{
    *out = (struct round_scope){.round = {.sequence = core->header.sequence}};
    if (source->round != 0)
        return scope_of_open(core, source->round, out);
    out->round.market = find_market(core, source->market);
    if (out->round.market == 0)
        return PM_UNKNOWN_MARKET;
    struct pm_text name = source->tried.kind;
    int kind = -1;
    if (name.length != 0 &&
        (kind = find_kind(&market_at(core, out->round.market)->rules, name)) < 0)
        return PM_UNKNOWN_KIND;
    out->round.kind = (uint8_t)(kind + 1);
    return find_failing(core, &source->tried, out);
}

static bool is_of_kind(const struct round_scope *scope, uint8_t kind)
{
    return scope->round.kind == 0 || scope->round.kind == kind + 1;
}

/* Is the service among what fails? */
static bool fails(const struct pm_core *core, const struct round_scope *scope, uint32_t service)
{
    const struct service *s = service_at(core, service);
    return scope->provider == s->provider &&
           (scope->location == 0 || scope->location == s->location);
}

bool round_may_serve(const struct pm_core *core, const struct round_scope *scope, uint32_t service)
{
    return is_of_kind(scope, service_at(core, service)->kind) && !fails(core, scope, service);
}

/* Would its package need another, as urgently as that? */
static bool is_left(const struct pm_core *core, const struct round_scope *scope, uint32_t placement,
                    unsigned priority)
{
    const struct placement *p = placement_at(core, placement);
    return is_of_kind(scope, p->kind) && fails(core, scope, p->service) &&
           placement_newest(core, p->package) == placement &&
           priority_now(core, p->package) == priority;
}

static uint32_t first_of(const struct pm_core *core, const struct round_scope *scope,
                         unsigned priority)
{
    return scope->provider != 0 ? provider_at(core, scope->provider)->first_placement
                                : market_at(core, scope->round.market)->gathered_first[priority];
}

static uint32_t after(const struct pm_core *core, const struct round_scope *scope, uint32_t at)
{
    return scope->provider != 0 ? placement_at(core, at)->next_of_provider
                                : package_at(core, at)->wait_next;
}

/* The package there, if it is in the round; 0: it is not. */
static uint32_t package_in(const struct pm_core *core, const struct round_scope *scope,
                           const struct round_walk *walk)
{
    if (scope->provider == 0)
        return round_has(core, &scope->round, walk->at) ? walk->at : 0;
    return is_left(core, scope, walk->at, walk->priority) ? placement_at(core, walk->at)->package
                                                          : 0;
}

uint32_t round_next(const struct pm_core *core, const struct round_scope *scope,
                    struct round_walk *walk)
{
    for (; walk->priority < PM_PRIORITIES; walk->priority++, walk->at = 0)
        while ((walk->at = walk->at == 0 ? first_of(core, scope, walk->priority)
                                         : after(core, scope, walk->at)) != 0) {
            uint32_t package = package_in(core, scope, walk);
            if (package != 0)
                return package;
        }
    return 0;
}
