/* script_expect.c - what a script expects of the state. Looks at the records themselves. */
#include <stdio.h>
#include <string.h>

#include "core/demand.h"
#include "core/eligible.h"
#include "core/find.h"
#include "core/pool.h"
#include "core/provider.h"
#include "core/state.h"
#include "tests/lib/script_parts.h"

static uint32_t market(const struct script *script)
{
    return find_market(script->world.core, script->world.market);
}

uint8_t script_pool_bands(const struct script *script, struct pm_text name)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = core == NULL ? 0 : find_pool(core, market(script), name);
    return slot == 0 ? 1 : pool_at(core, slot)->bands;
}

static bool is_name(struct script *script, const char *what, const char *found,
                    const char *expected)
{
    return strcmp(found, expected) == 0 || script_wrong(script, "%s is %s", what, found);
}

static bool is_number(struct script *script, const char *what, int64_t found)
{
    int64_t expected;
    if (!script_number(script, script_need(script, what), &expected))
        return false;
    return found == expected || script_wrong(script, "%s is %lld", what, (long long)found);
}

/* 0 when there is none; then an error is said. */
static uint32_t package_named(struct script *script, char *word)
{
    char *colon = strchr(word, ':');
    struct pm_text referrer = {0};
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    if (colon != NULL) {
        *colon = '\0';
        referrer = pm_text(colon + 1);
    }
    struct found_package found =
        find_package(script->world.core, market(script), pm_text(word), referrer, actor);
    if (found.status != PM_OK)
        script_wrong(script, "%s: %s", word, pm_status_name(found.status));
    return found.package;
}

static uint32_t package(struct script *script)
{
    return package_named(script, script_need(script, "a reference"));
}

uint64_t script_placement_id(struct script *script, char *word)
{
    const struct pm_core *core = script->world.core;
    int64_t number = 0;
    if (*word == '=')
        return script_number(script, word + 1, &number) ? (uint64_t)number : 0;
    uint32_t slot = package_named(script, word);
    uint32_t placement = slot == 0 ? 0 : package_at(core, slot)->placement;
    if (slot != 0 && placement == 0)
        script_wrong(script, "it has no such placement");
    return placement == 0 ? 0 : id_of(core, TABLE_PLACEMENTS, placement);
}

static const char *service_name(const struct pm_core *core, uint32_t service)
{
    return service_detail_at(core, service)->name.text;
}

/* expect package X1 offered [hc1] */
static bool expect_package(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = package(script);
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (!is_name(script, "its state", pm_package_state_name(p->state),
                 script_need(script, "a state")))
        return false;
    const char *service = script_next(script);
    if (service == NULL)
        return true;
    uint32_t found = 0;
    if (p->open_offer != 0)
        found = offer_at(core, p->open_offer)->service;
    else if (p->placement != 0)
        found = placement_at(core, p->placement)->service;
    return found != 0 ? is_name(script, "its service", service_name(core, found), service)
                      : script_wrong(script, "it has no service");
}

/* expect standing hc1 suspended */
static bool expect_standing(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = find_provider(core, market(script), pm_text(script_need(script, "a provider")));
    return slot != 0 ? is_name(script, "its standing",
                               pm_standing_name(provider_at(core, slot)->standing),
                               script_need(script, "a standing"))
                     : script_wrong(script, "there is no such provider");
}

/* expect awarded hc1 homecare 150: this quarter */
static bool expect_awarded(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t m = market(script),
             slot = find_provider(core, m, pm_text(script_need(script, "a provider")));
    int kind = find_kind(&market_at(core, m)->rules, pm_text(script_need(script, "a kind")));
    if (slot == 0 || kind < 0)
        return script_wrong(script, "there is no such provider or kind");
    return is_number(script, "awarded", provider_awarded(core, slot, (uint8_t)kind));
}

static bool expect_gone(struct script *script)
{
    const char *word = script_need(script, "a reference");
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    return find_package(script->world.core, market(script), pm_text(word), (struct pm_text){0},
                        actor)
                   .status == PM_UNKNOWN_PACKAGE ||
           script_wrong(script, "it is still there");
}

static const struct offer *offer(struct script *script)
{
    const struct script_offer *known;
    uint64_t id;
    if (!script_offer_id(script, script_need(script, "an offer"), &known, &id))
        return NULL;
    uint32_t slot = table_find(&script->world.core->table[TABLE_OFFERS], id);
    if (slot == 0)
        script_wrong(script, "the offer is gone");
    return slot == 0 ? NULL : offer_at(script->world.core, slot);
}

/* expect offer X1/2 hc1 open [deadline 2024-12-24T13:00] [rate 2000] */
static bool expect_offer(struct script *script)
{
    const struct pm_core *core = script->world.core;
    const struct offer *o = offer(script);
    if (o == NULL || !is_name(script, "its service", service_name(core, o->service),
                              script_need(script, "a service")))
        return false;
    bool good =
        is_name(script, "its state", pm_offer_state_name(o->state), script_need(script, "a state"));
    if (good && script_take(script, "deadline")) {
        int64_t deadline = 0;
        good = script_time(script, script_need(script, "a time"), &deadline) &&
               (o->deadline == deadline || script_wrong(script, "it is another"));
    }
    if (good && script_take(script, "rate"))
        good = is_number(script, "its rate", o->rate);
    return good;
}

static bool expect_offers(struct script *script)
{
    uint32_t slot = package(script);
    int64_t count = 0;
    if (slot == 0)
        return false;
    for (uint32_t o = package_at(script->world.core, slot)->first_offer; o != 0;
         o = offer_at(script->world.core, o)->next_of_package)
        count++;
    return is_number(script, "how many", count);
}

static int band(struct script *script, const struct pm_kind *kind)
{
    const char *name = script_need(script, "a band");
    for (int b = 0; b < kind->bands; b++)
        if (strcmp(kind->band[b].name.text, name) == 0)
            return b;
    script_wrong(script, "there is no band %s", name);
    return -1;
}

/* expect free hc1 morning 210, and so declared, committed, held */
static bool expect_amount(struct script *script, const char *what)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = find_pool(core, market(script), pm_text(script_need(script, "a pool")));
    if (slot == 0)
        return script_wrong(script, "there is no such pool");
    const struct pool *pool = pool_at(core, slot);
    int b = band(script, kind_of(core, pool->market, pool->kind));
    if (b < 0)
        return false;
    int64_t found = pool_free(pool, (unsigned)b);
    if (strcmp(what, "declared") == 0)
        found = pool->declared[b];
    else if (strcmp(what, "committed") == 0)
        found = pool->committed[b];
    else if (strcmp(what, "held") == 0)
        found = pool->held[b];
    return is_number(script, what, found);
}

/* expect demand X1 morning 210; with "all" its size */
static bool expect_demand(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = package(script);
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (script_take(script, "units"))
        return is_number(script, "its size", p->units);
    int b = band(script, kind_of(core, p->market, p->kind));
    return b >= 0 && is_number(script, "its demand", p->demand[b]);
}

/* expect filter X1 hc1 0 capacity [needed found] */
static bool expect_filter(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t p = package(script);
    uint32_t service =
        find_service(core, market(script), pm_text(script_need(script, "a service")));
    int64_t step = 0;
    if (p == 0 || service == 0 || !script_number(script, script_need(script, "a step"), &step))
        return script_wrong(script, "there is no such package or service");
    struct verdict v = eligible(core, p, service, (unsigned)step, FILTERS_ALL);
    if (!is_name(script, "the filter", filter_name(v.filter), script_need(script, "a filter")))
        return false;
    if (script->at == script->words)
        return true;
    return is_number(script, "needed", v.needed) && is_number(script, "found", v.found);
}

/* expect rules X1 2; expect step X1 1; expect pass X1 1; expect version X1 2 */
static bool expect_number_of(struct script *script, const char *what)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = package(script);
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (strcmp(what, "step") == 0)
        return is_number(script, what, p->step);
    if (strcmp(what, "pass") == 0)
        return is_number(script, what, p->pass);
    if (strcmp(what, "version") == 0)
        return is_number(script, what, p->version);
    if (p->placement == 0)
        return script_wrong(script, "it has no placement");
    return is_number(script, what, placement_at(core, p->placement)->rules);
}

/* expect place X1 west [QX1 9] */
static bool expect_place(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = package(script);
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    char sector[9];
    const struct pm_market *rules = &market_at(core, p->market)->rules;
    if (!is_name(script, "its locality", rules->locality[p->locality].name.text,
                 script_need(script, "a locality")))
        return false;
    const char *expected = script_next(script);
    return is_name(script, "its sector",
                   p->sector == 0 ? "none" : pm_postcode_text(p->sector, sector),
                   expected == NULL ? "none" : expected);
}

/* expect count packages 2, by the tables of the core; also waiting */
static bool expect_count(struct script *script)
{
    const char *name = script_need(script, "a table");
    if (strcmp(name, "waiting") == 0)
        return is_number(script, name, pm_core_usage(script->world.core).waiting);
    for (unsigned t = 0; t < TABLES; t++)
        if (strcmp(script->world.core->table[t].name, name) == 0)
            return is_number(script, name, script->world.core->table[t].used);
    return script_wrong(script, "there is no table %s", name);
}

/* expect score hc1 6000 2800: price and quality part */
static bool expect_score(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = find_service(core, market(script), pm_text(script_need(script, "a service")));
    return slot != 0
               ? is_number(script, "the price part", service_at(core, slot)->score_price) &&
                     is_number(script, "the quality part", service_at(core, slot)->score_quality)
               : script_wrong(script, "there is no such service");
}

/* expect events offer_expired offer_made: all of the last line that was no expectation */
static bool expect_events(struct script *script)
{
    for (uint32_t i = 0; i < script->events; i++) {
        const char *expected = script_next(script);
        if (expected == NULL || strcmp(pm_event_name(script->event[i]), expected) != 0)
            return script_wrong(script, "event %u is %s", i + 1, pm_event_name(script->event[i]));
    }
    return script->at == script->words ||
           script_wrong(script, "there are %u events", script->events);
}

bool script_expect(struct script *script)
{
    static const struct {
        const char *what;
        bool (*run)(struct script *);
    } all[] = {
        {"package", expect_package}, {"gone", expect_gone},         {"offer", expect_offer},
        {"offers", expect_offers},   {"demand", expect_demand},     {"filter", expect_filter},
        {"place", expect_place},     {"count", expect_count},       {"score", expect_score},
        {"events", expect_events},   {"standing", expect_standing}, {"awarded", expect_awarded}};
    const char *what = script_need(script, "what");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(what, all[i].what) == 0)
            return all[i].run(script);
    if (strcmp(what, "free") == 0 || strcmp(what, "declared") == 0 ||
        strcmp(what, "committed") == 0 || strcmp(what, "held") == 0)
        return expect_amount(script, what);
    if (strcmp(what, "rules") == 0 || strcmp(what, "step") == 0 || strcmp(what, "pass") == 0 ||
        strcmp(what, "version") == 0)
        return expect_number_of(script, what);
    return script_wrong(script, "nothing is known of \"%s\"", what);
}
