/* script_expect.c - what a script expects of packages, offers and placements. Looks at the records
 * themselves. */
#include <stdio.h>
#include <string.h>

#include "core/find.h"
#include "core/offer.h"
#include "core/state.h"
#include "tests/lib/script_parts.h"

static const int64_t DAY = 24 * 60 * 60 * INT64_C(1000);

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

static bool is_time(struct script *script, int64_t found, int64_t expected)
{
    char date[11];
    return found == expected ||
           script_wrong(script, "it is %s and %lld minutes", pm_date_text(pm_date_of(found), date),
                        (long long)(found % DAY / 60000));
}

static bool is_date(struct script *script, const char *what, int32_t found)
{
    char date[11];
    return script_is_name(script, what, found == 0 ? "never" : pm_date_text(found, date),
                          script_need(script, what));
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

/* The current placement of a package, or its successor; 0 with an error said when there is none. */
static uint32_t placement_of(struct script *script, uint32_t package, bool successor)
{
    const struct package *p = package_at(script->world.core, package);
    uint32_t placement = package == 0 ? 0 : successor ? p->successor : p->placement;
    if (placement == 0)
        script_wrong(script, "it has no such placement");
    return placement;
}

uint64_t script_placement_id(struct script *script, char *word)
{
    int64_t number = 0;
    if (*word == '=')
        return script_number(script, word + 1, &number) ? (uint64_t)number : 0;
    char *slash = strchr(word, '/');
    if (slash != NULL)
        *slash = '\0';
    uint32_t placement = placement_of(script, script_package(script, word), slash != NULL);
    return placement == 0 ? 0 : id_of(script->world.core, TABLE_PLACEMENTS, placement);
}

static const char *service_name(const struct pm_core *core, uint32_t service)
{
    return service_detail_at(core, service)->name.text;
}

/* Whom a package has to do with in its state: those asked, those to choose among, the one chosen,
 * the one who cares. */
static bool has_to_do_with(const struct pm_core *core, const struct package *p, uint32_t offer)
{
    uint8_t state = offer_at(core, offer)->state;
    if (p->state == PM_TO_CONFIRM)
        return offer == p->chosen;
    return (p->state == PM_OFFERED && state == PM_OFFER_OPEN) ||
           (p->state == PM_CHOOSING && state == PM_OFFER_TENDERED);
}

static bool is_service(struct script *script, const struct package *p, uint32_t last,
                       const char *service)
{
    const struct pm_core *core = script->world.core;
    const char *other = NULL;
    for (uint32_t o = p->first_offer; o != 0; o = offer_at(core, o)->next_of_package) {
        if (!has_to_do_with(core, p, o))
            continue;
        other = service_name(core, offer_at(core, o)->service);
        if (strcmp(other, service) == 0)
            return true;
    }
    if (other == NULL && last != 0)
        other = service_name(core, placement_at(core, last)->service);
    return other != NULL ? script_is_name(script, "its service", other, service)
                         : script_wrong(script, "it has no service");
}

/* expect package X1 offered [hc1]; where several are asked, or may be chosen, one of them */
static bool expect_package(struct script *script)
{
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    if (slot == 0)
        return false;
    const struct package *p = package_at(script->world.core, slot);
    if (!script_is_name(script, "its state", pm_package_state_name(p->state),
                        script_need(script, "a state")))
        return false;
    const char *service = script_next(script);
    return service == NULL ||
           is_service(script, p, package_detail_at(script->world.core, slot)->last_placement,
                      service);
}

/* expect placement X1 current|successor started [hc1] [rate 2000] [until 2025-01-01] */
static bool expect_placement(struct script *script)
{
    const struct pm_core *core = script->world.core;
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    bool successor = script_take(script, "successor");
    if (slot == 0 || (!successor && !script_take(script, "current")))
        return script_wrong(script, "current or successor?");
    if ((slot = placement_of(script, slot, successor)) == 0)
        return false;
    const struct placement *found = placement_at(core, slot);
    bool good = script_is_name(script, "its state", pm_placement_state_name(found->state),
                               script_need(script, "a state"));
    for (char *word; good && (word = script_next(script)) != NULL;)
        if (strcmp(word, "rate") == 0)
            good = script_is_number(script, "its rate", found->rate);
        else if (strcmp(word, "until") == 0)
            good = is_date(script, "until", found->until);
        else
            good = script_is_name(script, "its service", service_name(core, found->service), word);
    return good;
}

/* expect due X1 2024-12-24T13:00; expect due X1 never */
static bool expect_due(struct script *script)
{
    uint32_t slot = script_package(script, script_need(script, "a reference"));
    int64_t expected = 0;
    if (slot == 0)
        return false;
    if (!script_take(script, "never") &&
        !script_time(script, script_need(script, "a time"), &expected))
        return false;
    return is_time(script, package_at(script->world.core, slot)->due, expected);
}

/* expect group G 2: how many of it there are */
static bool expect_group(struct script *script)
{
    const struct pm_core *core = script->world.core;
    const struct table *table = &core->table[TABLE_GROUPS];
    const char *name = script_need(script, "a group");
    for (uint32_t slot = 0; (slot = table_next(table, slot)) != 0;)
        if (strcmp(group_at(core, slot)->name.text, name) == 0)
            return script_is_number(script, "how many", group_at(core, slot)->posted);
    return script_is_number(script, "how many", 0);
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

/* expect offer X1/2 hc1 open [deadline 2024-12-24T13:00] [rate 2000] [start DATE] [assess DATE] */
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
               is_time(script, package_at(core, o->package)->due, deadline);
    }
    if (good && script_take(script, "rate"))
        good = script_is_number(script, "its rate", o->rate);
    if (good && script_take(script, "start"))
        good = is_date(script, "its start", offer_date(o, o->start_in));
    if (good && script_take(script, "assess"))
        good = is_date(script, "its assessment", offer_date(o, o->assess_in));
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
    } all[] = {{"package", expect_package}, {"gone", expect_gone},
               {"offer", expect_offer},     {"offers", expect_offers},
               {"demand", expect_demand},   {"place", expect_place},
               {"events", expect_events},   {"placement", expect_placement},
               {"due", expect_due},         {"group", expect_group}};
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
