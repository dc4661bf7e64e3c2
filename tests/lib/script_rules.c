/* script_rules.c - lines that change the rules of the next load, and the limits of the core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli_parse.h"
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

static uint32_t minutes(struct script *script)
{
    int64_t out = 0;
    script_duration(script, script_need(script, "a duration"), &out);
    return (uint32_t)(out / 60000);
}

/* by classes, for an interim cover */
static void raise_priority(struct script *script)
{
    unsigned interim = script_named(script, pm_interim_name, script_need(script, "an interim"));
    if (interim < PM_INTERIMS)
        script->rules.raise[interim] = (uint8_t)number(script);
}

/* rules name Other keep 10 lapse exclude salt 7 good 900 raise no_cover 1 raise-after 2d */
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
        else if (strcmp(field, "raise") == 0)
            raise_priority(script);
        else if (strcmp(field, "raise-after") == 0)
            m->raise_after = minutes(script);
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

static bool kind_amount(struct script *script, struct pm_kind *k, const char *field)
{
    const struct {
        const char *name;
        int32_t *amount;
    } all[] = {{"ceiling", &k->ceiling},
               {"reference", &k->reference_rate},
               {"max", &k->units_max},
               {"floor", &k->quality_floor},
               {"price", &k->weight_price},
               {"quality", &k->weight_quality},
               {"cap", &k->share_cap},
               {"continuity", &k->bonus_continuity},
               {"cluster", &k->bonus_cluster},
               {"cluster-most", &k->bonus_cluster_most},
               {"preference", &k->bonus_preference}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(field, all[i].name) == 0) {
            *all[i].amount = (int32_t)number(script);
            return true;
        }
    return false;
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
        else if (strcmp(field, "calendar") == 0)
            k->calendar = (uint8_t)number(script);
        else if (strcmp(field, "rounds") == 0)
            k->rounds = (uint8_t)number(script);
        else if (strcmp(field, "again") == 0)
            k->ask_again = minutes(script);
        else if (!kind_amount(script, k, field))
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

/* "first", "confirmed", "binding", "invite=3", "decide=2h", "floor=1500", "ceiling=4000" */
static void step_option(struct script *script, struct pm_step *out, struct pm_text option)
{
    char text[32], *value;
    int64_t amount = 0;
    snprintf(text, sizeof text, "%.*s", (int)option.length, option.bytes);
    if ((value = strchr(text, '=')) != NULL)
        *value++ = '\0';
    if (value != NULL && !(strcmp(text, "decide") == 0 ? script_duration(script, value, &amount)
                                                       : script_number(script, value, &amount)))
        return;
    if (strcmp(text, "first") == 0)
        out->close = PM_AT_FIRST;
    else if (strcmp(text, "confirmed") == 0)
        out->award = PM_CONFIRMED;
    else if (strcmp(text, "binding") == 0)
        out->binding = 1;
    else if (strcmp(text, "invite") == 0)
        out->invite = (uint8_t)amount;
    else if (strcmp(text, "decide") == 0)
        out->decide = (uint32_t)(amount / 60000);
    else if (strcmp(text, "floor") == 0)
        out->floor = (int32_t)amount;
    else if (strcmp(text, "ceiling") == 0)
        out->ceiling = (int32_t)amount;
    else
        script_wrong(script, "a step has no \"%s\"", text);
}

/* "call_off/home/1-2/4h", then options, each after a comma */
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
    char *options = strchr(part[3], ',');
    if (options != NULL)
        *options++ = '\0';
    int64_t window = 0;
    script_duration(script, part[3], &window);
    *out = (struct pm_step){.route = script_named(script, pm_route_name, part[0]),
                            .where = script_named(script, pm_where_name, part[1]),
                            .tiers = tiers_of(part[2]),
                            .window = (uint32_t)(window / 60000)};
    struct pm_text rest = pm_text(options), option;
    while (options != NULL && cli_next_part(&rest, ',', &option))
        step_option(script, out, option);
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

static int32_t minute(struct script *script, struct pm_text word)
{
    struct pm_client_error error;
    int64_t time = 0;
    if (!cli_parse_time(word, &time, &error))
        script_wrong(script, "%s", error.text);
    return (int32_t)(time / 60000);
}

/* calendar 1 "2024-12-24T09:00/2024-12-24T17:00 2024-12-27T09:00/2024-12-27T17:00" */
static void calendar(struct script *script)
{
    int64_t position = number(script);
    char *word = script_need(script, "its openings");
    struct pm_text rest = pm_text(word), part, from;
    struct pm_opening *opening = script_memory(script, strlen(word) / 2 + 1, sizeof *opening);
    if (position < 1 || position > PM_CALENDARS_MAX) {
        script_wrong(script, "calendars are numbered 1 to %d", PM_CALENDARS_MAX);
        return;
    }
    struct pm_calendar *c = &script->calendar[position - 1];
    snprintf(c->name.text, sizeof c->name.text, "calendar %u", (unsigned)position);
    c->opening = opening;
    for (c->openings = 0; cli_next_part(&rest, ' ', &part); c->openings++)
        if (cli_next_part(&part, '/', &from))
            opening[c->openings] = (struct pm_opening){minute(script, from), minute(script, part)};
    if (script->calendars < position)
        script->calendars = (uint32_t)position;
}

bool script_rule(struct script *script, const char *verb, bool *known)
{
    static const struct {
        const char *verb;
        void (*run)(struct script *);
    } all[] = {{"limits", limits},    {"rules", rules},           {"kind", kind},
               {"ladder", ladder},    {"localities", localities}, {"neighbours", neighbours},
               {"lot", lot},          {"capability", capability}, {"prefix", prefix},
               {"calendar", calendar}};
    *known = false;
    for (size_t i = 0; i < sizeof all / sizeof *all && !*known; i++)
        if (strcmp(verb, all[i].verb) == 0) {
            *known = true;
            all[i].run(script);
        }
    return *known && script->error[0] == '\0';
}
