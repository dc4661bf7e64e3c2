/* script_expect_supply.c - what a script expects of providers, pools, services and tables. */
#include <string.h>

#include "core/eligible.h"
#include "core/find.h"
#include "core/pool.h"
#include "core/provider.h"
#include "core/state.h"
#include "tests/lib/script_parts.h"

uint8_t script_pool_bands(const struct script *script, struct pm_text name)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = core == NULL ? 0 : find_pool(core, script_market(script), name);
    return slot == 0 ? 1 : pool_at(core, slot)->bands;
}

/* expect standing hc1 suspended */
static bool expect_standing(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot =
        find_provider(core, script_market(script), pm_text(script_need(script, "a provider")));
    return slot != 0 ? script_is_name(script, "its standing",
                                      pm_standing_name(provider_at(core, slot)->standing),
                                      script_need(script, "a standing"))
                     : script_wrong(script, "there is no such provider");
}

/* expect awarded hc1 homecare 150: this quarter */
static bool expect_awarded(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t m = script_market(script),
             slot = find_provider(core, m, pm_text(script_need(script, "a provider")));
    int kind = find_kind(&market_at(core, m)->rules, pm_text(script_need(script, "a kind")));
    if (slot == 0 || kind < 0)
        return script_wrong(script, "there is no such provider or kind");
    return script_is_number(script, "awarded", provider_awarded(core, slot, (uint8_t)kind));
}

/* expect free hc1 morning 210, and so declared, committed, held */
static bool expect_amount(struct script *script, const char *what)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = find_pool(core, script_market(script), pm_text(script_need(script, "a pool")));
    if (slot == 0)
        return script_wrong(script, "there is no such pool");
    const struct pool *pool = pool_at(core, slot);
    int b = script_band(script, kind_of(core, pool->market, pool->kind));
    if (b < 0)
        return false;
    int64_t found = pool_free(pool, (unsigned)b);
    if (strcmp(what, "declared") == 0)
        found = pool->declared[b];
    else if (strcmp(what, "committed") == 0)
        found = pool->committed[b];
    else if (strcmp(what, "held") == 0)
        found = pool->held[b];
    return script_is_number(script, what, found);
}

/* expect filter X1 hc1 0 capacity [needed found] */
static bool expect_filter(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t p = script_package(script, script_need(script, "a reference"));
    uint32_t service =
        find_service(core, script_market(script), pm_text(script_need(script, "a service")));
    int64_t step = 0;
    if (p == 0 || service == 0 || !script_number(script, script_need(script, "a step"), &step))
        return script_wrong(script, "there is no such package or service");
    struct verdict v = eligible(core, p, service, (unsigned)step, FILTERS_ALL);
    if (!script_is_name(script, "the filter", filter_name(v.filter),
                        script_need(script, "a filter")))
        return false;
    if (script->at == script->words)
        return true;
    return script_is_number(script, "needed", v.needed) &&
           script_is_number(script, "found", v.found);
}

/* expect score hc1 6000 2800: price and quality part */
static bool expect_score(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot =
        find_service(core, script_market(script), pm_text(script_need(script, "a service")));
    return slot != 0
               ? script_is_number(script, "the price part", service_at(core, slot)->score_price) &&
                     script_is_number(script, "the quality part",
                                      service_at(core, slot)->score_quality)
               : script_wrong(script, "there is no such service");
}

/* expect count packages 2, by the tables of the core; also waiting */
static bool expect_count(struct script *script)
{
    const char *name = script_need(script, "a table");
    if (strcmp(name, "waiting") == 0)
        return script_is_number(script, name, pm_core_usage(script->world.core).waiting);
    for (unsigned t = 0; t < TABLES; t++)
        if (strcmp(script->world.core->table[t].name, name) == 0)
            return script_is_number(script, name, script->world.core->table[t].used);
    return script_wrong(script, "there is no table %s", name);
}

bool script_expect_supply(struct script *script, const char *what, bool *known)
{
    static const struct {
        const char *what;
        bool (*run)(struct script *);
    } all[] = {{"standing", expect_standing},
               {"awarded", expect_awarded},
               {"filter", expect_filter},
               {"score", expect_score},
               {"count", expect_count}};
    *known = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(what, all[i].what) == 0)
            return all[i].run(script);
    if (strcmp(what, "free") == 0 || strcmp(what, "declared") == 0 ||
        strcmp(what, "committed") == 0 || strcmp(what, "held") == 0)
        return expect_amount(script, what);
    *known = false;
    return false;
}
