/* script_rules.c - lines that change the rules of the next load, and the limits of the core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/script_parts.h"

static int64_t number(struct script *script)
{
    int64_t out = 0;
    script_number(script, script_need(script, "a number"), &out);
    return out;
}

static void set_name(struct pm_name *out, const char *text)
{
    memset(out, 0, sizeof *out);
    snprintf(out->text, sizeof out->text, "%s", text);
}

/* limits packages 2 offers 3 */
static void limits(struct script *script)
{
    struct pm_limits *l = &script->limits;
    if (script->world.core != NULL)
        script_wrong(script, "the core is open: limits come first");
    const struct {
        const char *name;
        uint32_t *limit;
    } all[] = {{"markets", &l->markets},     {"providers", &l->providers},
               {"locations", &l->locations}, {"pools", &l->pools},
               {"services", &l->services},   {"packages", &l->packages},
               {"offers", &l->offers},       {"placements", &l->placements},
               {"waitlists", &l->waitlists}, {"clients", &l->clients}};
    for (char *name; (name = script_next(script)) != NULL;) {
        uint32_t value = (uint32_t)number(script);
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            if (strcmp(name, all[i].name) == 0)
                *all[i].limit = value;
    }
}

/* rules name Other keep 10 lapse exclude salt 7 good 900 */
static void rules(struct script *script)
{
    struct pm_market *m = &script->rules;
    for (char *field; (field = script_next(script)) != NULL;) {
        if (strcmp(field, "name") == 0)
            set_name(&m->name, script_need(script, "a name"));
        else if (strcmp(field, "lapse") == 0)
            m->lapse =
                script_take(script, "exclude") ? PM_LAPSE_EXCLUDE : (script->at++, PM_LAPSE_ASK);
        else if (strcmp(field, "keep") == 0)
            m->keep_days = (int32_t)number(script);
        else if (strcmp(field, "salt") == 0)
            m->salt = (uint64_t)number(script);
        else if (pm_name_parse(pm_rating_name, pm_text(field)) >= 0)
            m->quality[pm_name_parse(pm_rating_name, pm_text(field))] = (int32_t)number(script);
        else
            script_wrong(script, "rules have no \"%s\"", field);
    }
}

static struct pm_kind *find(struct script *script)
{
    const char *name = script_need(script, "a kind");
    for (unsigned k = 0; k < script->rules.kinds; k++)
        if (strcmp(script->rules.kind[k].name.text, name) == 0)
            return &script->rules.kind[k];
    script_wrong(script, "there is no kind %s", name);
    return &script->rules.kind[0];
}

static void drop_bands(struct pm_kind *k, int64_t left)
{
    while (k->bands > left)
        memset(&k->band[--k->bands], 0, sizeof k->band[0]);
}

/* kind homecare ceiling 2500 passes 2; kind homecare like respite adds one of that name */
static void kind(struct script *script)
{
    struct pm_kind *k = find(script);
    for (char *field; (field = script_next(script)) != NULL;) {
        if (strcmp(field, "like") == 0) {
            script->rules.kind[script->rules.kinds] = *k;
            set_name(&script->rules.kind[script->rules.kinds++].name,
                     script_need(script, "a name"));
        } else if (strcmp(field, "bands") == 0)
            drop_bands(k, number(script));
        else if (strcmp(field, "passes") == 0)
            k->passes = (uint8_t)number(script);
        else if (strcmp(field, "ceiling") == 0)
            k->ceiling = (int32_t)number(script);
        else if (strcmp(field, "reference") == 0)
            k->reference_rate = (int32_t)number(script);
        else if (strcmp(field, "max") == 0)
            k->units_max = (int32_t)number(script);
        else if (strcmp(field, "floor") == 0)
            k->quality_floor = (int32_t)number(script);
        else if (strcmp(field, "price") == 0)
            k->weight_price = (int32_t)number(script);
        else if (strcmp(field, "quality") == 0)
            k->weight_quality = (int32_t)number(script);
        else
            script_wrong(script, "a kind has no \"%s\"", field);
    }
}

static uint8_t tiers_of(const char *word)
{
    unsigned low = (unsigned)strtoul(word, NULL, 10), high = low;
    const char *dash = strchr(word, '-');
    if (dash != NULL)
        high = (unsigned)strtoul(dash + 1, NULL, 10);
    unsigned mask = 0;
    for (unsigned tier = low; tier <= high && tier <= PM_TIERS_MAX; tier++)
        mask |= 1u << (tier - 1);
    return (uint8_t)mask;
}

/* "call_off/home/1-2/4h" */
static void step(struct script *script, struct pm_step *out, char *word)
{
    char *part[4] = {word, NULL, NULL, NULL};
    for (unsigned p = 1; p < 4; p++) {
        char *slash = strchr(part[p - 1], '/');
        if (slash == NULL) {
            script_wrong(script, "\"%s\" is no step", word);
            return;
        }
        *slash = '\0';
        part[p] = slash + 1;
    }
    int64_t window = 0;
    script_duration(script, part[3], &window);
    *out = (struct pm_step){.route = (uint8_t)pm_name_parse(pm_route_name, pm_text(part[0])),
                            .where = (uint8_t)pm_name_parse(pm_where_name, pm_text(part[1])),
                            .tiers = tiers_of(part[2]),
                            .window = (uint32_t)(window / 60000)};
}

/* ladder homecare call_off/home/1/4h last_resort/everywhere/3/0h */
static void ladder(struct script *script)
{
    struct pm_kind *k = find(script);
    memset(k->step, 0, sizeof k->step);
    k->steps = 0;
    for (char *word; (word = script_next(script)) != NULL && k->steps < PM_STEPS_MAX;)
        step(script, &k->step[k->steps++], word);
}

/* localities south,marsh: further ones, nobody's neighbours */
static void localities(struct script *script)
{
    struct pm_text *list;
    uint32_t count = script_list(script, script_need(script, "names"), &list);
    for (uint32_t i = 0; i < count && script->rules.localities < PM_LOCALITIES_MAX; i++) {
        struct pm_locality *l = &script->rules.locality[script->rules.localities++];
        snprintf(l->name.text, sizeof l->name.text, "%.*s", (int)list[i].length, list[i].bytes);
    }
}

static unsigned locality(struct script *script)
{
    const char *name = script_need(script, "a locality");
    for (unsigned l = 0; l < script->rules.localities; l++)
        if (strcmp(script->rules.locality[l].name.text, name) == 0)
            return l;
    script_wrong(script, "there is no locality %s", name);
    return 0;
}

/* neighbours east north */
static void neighbours(struct script *script)
{
    unsigned a = locality(script), b = locality(script);
    script->rules.locality[a].neighbours |= 1ull << b;
    script->rules.locality[b].neighbours |= 1ull << a;
}

/* lot main 2025-06-01 2026-03-31 */
static void lot(struct script *script)
{
    const char *name = script_need(script, "a lot");
    struct pm_market *m = &script->rules;
    unsigned at = 0;
    while (at < m->lots && strcmp(m->lot[at].name.text, name) != 0)
        at++;
    if (at == m->lots)
        set_name(&m->lot[m->lots++].name, name);
    m->lot[at].from = pm_date_parse(pm_text(script_need(script, "a date")));
    m->lot[at].to = pm_date_parse(pm_text(script_need(script, "a date")));
}

/* capability stairs */
static void capability(struct script *script)
{
    set_name(&script->rules.capability[script->rules.capabilities++],
             script_need(script, "a name"));
}

/* prefix "QX1 9" north */
static void prefix(struct script *script)
{
    uint64_t code = pm_postcode_parse(pm_text(script_need(script, "a postcode")));
    struct pm_market *m = &script->rules;
    unsigned at = 0;
    while (at < m->prefixes && m->prefix[at].code != code)
        at++;
    m->prefixes += at == m->prefixes;
    m->prefix[at] = (struct pm_prefix){.code = code, .locality = (uint8_t)locality(script)};
}

bool script_rule(struct script *script, const char *verb, bool *known)
{
    static const struct {
        const char *verb;
        void (*run)(struct script *);
    } all[] = {{"limits", limits}, {"rules", rules},           {"kind", kind},
               {"ladder", ladder}, {"localities", localities}, {"neighbours", neighbours},
               {"lot", lot},       {"capability", capability}, {"prefix", prefix}};
    *known = false;
    for (size_t i = 0; i < sizeof all / sizeof *all && !*known; i++)
        if (strcmp(verb, all[i].verb) == 0) {
            *known = true;
            all[i].run(script);
        }
    return *known && script->error[0] == '\0';
}
