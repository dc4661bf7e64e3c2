/* script_expect.c - what a script expects of packages, offers and placements. Looks at the records
 * themselves. */
#include <stdio.h>
#include <string.h>

#include "core/find.h"
#include "core/offer.h"
#include "core/state.h"
#include "tests/lib/script_parts.h"

uint32_t script_market(const struct script *script)
{
    return find_market(script->world.core, script->world.market);
}

bool script_is_name(struct script *script, const char *what, const char *found,
                    const char *expected)
{
    return strcmp(found, expected) == 0 || script_wrong(script, "%s is %s", what, found);
}

bool script_is_number(struct script *script, const char *what, int64_t found)
{
    int64_t expected;
    if (!script_number(script, script_need(script, what), &expected))
        return false;
    return found == expected || script_wrong(script, "%s is %lld", what, (long long)found);
}

/* 0 when there is none; then an error is said. */
uint32_t script_package(struct script *script, char *word)
{
    char *colon = strchr(word, ':');
    struct pm_text referrer = {0};
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    if (colon != NULL) {
        *colon = '\0';
        referrer = pm_text(colon + 1);
    }
    struct found_package found =
        find_package(script->world.core, script_market(script), pm_text(word), referrer, actor);
    if (found.status != PM_OK)
        script_wrong(script, "%s: %s", word, pm_status_name(found.status));
    return found.package;
}

uint64_t script_placement_id(struct script *script, char *word)
{
    const struct pm_core *core = script->world.core;
    int64_t number = 0;
    if (*word == '=')
        return script_number(script, word + 1, &number) ? (uint64_t)number : 0;
    uint32_t slot = script_package(script, word);
    uint32_t placement = slot == 0 ? 0 : package_at(core, slot)->placement;
    if (slot != 0 && placement == 0)
        script_wrong(script, "it has no such placement");
    return placement == 0 ? 0 : id_of(core, TABLE_PLACEMENTS, placement);
}

static const char *service_name(const struct pm_core *core, uint32_t service)
{
    return service_detail_at(core, service)->name.text;
}

/* The newest offer of a package that is open or tendered. */
static uint32_t live_offer(const struct pm_core *core, const struct package *p)
{
    uint32_t slot = p->first_offer;
    while (!offer_is_live(offer_at(core, slot)))
        slot = offer_at(core, slot)->next_of_package;
    return slot;
}

/* expect package X1 offered [hc1] */
static bool expect_package(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (!script_is_name(script, "its state", pm_package_state_name(p->state),
                        script_need(script, "a state")))
        return false;
    const char *service = script_next(script);
    if (service == NULL)
        return true;
    uint32_t found = 0;
    uint32_t last = package_detail_at(core, slot)->last_placement;
    if (p->invited + p->tendered > 0)
        found = offer_at(core, p->chosen != 0 ? p->chosen : live_offer(core, p))->service;
    else if (last != 0)
        found = placement_at(core, last)->service;
    return found != 0 ? script_is_name(script, "its service", service_name(core, found), service)
                      : script_wrong(script, "it has no service");
}

static bool expect_gone(struct script *script)
{
    const char *word = script_need(script, "a reference");
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    return find_package(script->world.core, script_market(script), pm_text(word),
                        (struct pm_text){0}, actor)
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
    if (o == NULL || !script_is_name(script, "its service", service_name(core, o->service),
                                     script_need(script, "a service")))
        return false;
    bool good = script_is_name(script, "its state", pm_offer_state_name(o->state),
                               script_need(script, "a state"));
    if (good && script_take(script, "deadline")) {
        int64_t deadline = 0;
        good = script_time(script, script_need(script, "a time"), &deadline) &&
               (package_at(core, o->package)->due == deadline ||
                script_wrong(script, "it is another"));
    }
    if (good && script_take(script, "rate"))
        good = script_is_number(script, "its rate", o->rate);
    return good;
}

static bool expect_offers(struct script *script)
{
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    int64_t count = 0;
    if (slot == 0)
        return false;
    for (uint32_t o = package_at(script->world.core, slot)->first_offer; o != 0;
         o = offer_at(script->world.core, o)->next_of_package)
        count++;
    return script_is_number(script, "how many", count);
}

int script_band(struct script *script, const struct pm_kind *kind)
{
    const char *name = script_need(script, "a band");
    for (int b = 0; b < kind->bands; b++)
        if (strcmp(kind->band[b].name.text, name) == 0)
            return b;
    script_wrong(script, "there is no band %s", name);
    return -1;
}

/* expect demand X1 morning 210; with "all" its size */
static bool expect_demand(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (script_take(script, "units"))
        return script_is_number(script, "its size", p->units);
    int b = script_band(script, kind_of(core, p->market, p->kind));
    return b >= 0 && script_is_number(script, "its demand", p->demand[b]);
}

/* expect rules X1 2; expect step X1 1; expect pass X1 1; expect version X1 2 */
static bool expect_number_of(struct script *script, const char *what)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    if (strcmp(what, "step") == 0)
        return script_is_number(script, what, p->step);
    if (strcmp(what, "pass") == 0)
        return script_is_number(script, what, p->pass);
    if (strcmp(what, "version") == 0)
        return script_is_number(script, what, p->version);
    if (p->placement == 0)
        return script_wrong(script, "it has no placement");
    return script_is_number(script, what, placement_at(core, p->placement)->rules);
}

/* expect place X1 west [QX1 9] */
static bool expect_place(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    if (slot == 0)
        return false;
    const struct package *p = package_at(core, slot);
    char sector[9];
    const struct pm_market *rules = &market_at(core, p->market)->rules;
    if (!script_is_name(script, "its locality", rules->locality[p->locality].name.text,
                        script_need(script, "a locality")))
        return false;
    const char *expected = script_next(script);
    return script_is_name(script, "its sector",
                          p->sector == 0 ? "none" : pm_postcode_text(p->sector, sector),
                          expected == NULL ? "none" : expected);
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
    } all[] = {{"package", expect_package}, {"gone", expect_gone},     {"offer", expect_offer},
               {"offers", expect_offers},   {"demand", expect_demand}, {"place", expect_place},
               {"events", expect_events}};
    const char *what = script_need(script, "what");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(what, all[i].what) == 0)
            return all[i].run(script);
    if (strcmp(what, "rules") == 0 || strcmp(what, "step") == 0 || strcmp(what, "pass") == 0 ||
        strcmp(what, "version") == 0)
        return expect_number_of(script, what);
    bool known, good = script_expect_supply(script, what, &known);
    return known ? good : script_wrong(script, "nothing is known of \"%s\"", what);
}
