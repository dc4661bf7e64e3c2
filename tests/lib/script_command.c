/* script_command.c - a line of a script as a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli_parse.h"
#include "tests/lib/script_parts.h"

/* The number of a name in one of the vocabulary's lists; a number stands for itself. */
static uint8_t named(struct script *script, const char *(*name_of)(unsigned), const char *word)
{
    int64_t number = pm_name_parse(name_of, pm_text(word));
    if (number < 0)
        script_number(script, word, &number);
    return (uint8_t)number;
}

static uint8_t small(struct script *script, const char *word)
{
    int64_t number = 0;
    script_number(script, word, &number);
    return (uint8_t)number;
}

static int32_t date(struct script *script, const char *word)
{
    struct pm_client_error error;
    int32_t out = 0;
    int64_t number;
    if (!cli_parse_date(pm_text(word), &out, &error) && script_number(script, word, &number))
        out = (int32_t)number;
    return out;
}

/* "none" is 0; what cannot be read is what decoding makes of it. */
static uint64_t postcode(struct pm_text text)
{
    if (pm_text_equal(text, pm_text("none")))
        return 0;
    uint64_t code = pm_postcode_parse(text);
    return code != 0 ? code : PM_POSTCODE_BAD;
}

static struct pm_text name_or_none(const char *word)
{
    return strcmp(word, "none") == 0 ? (struct pm_text){0} : pm_text(word);
}

/* ---- Supply ---- */

static void make_provider(struct script *script, struct pm_command *out)
{
    out->verb = PM_PROVIDER_PUT;
    out->provider.provider = pm_text(script_need(script, "a name"));
    out->provider.title = pm_text("An Invented Provider");
    out->provider.standing = PM_ACTIVE;
    char *standing = script_next(script);
    if (standing != NULL)
        out->provider.standing = named(script, pm_standing_name, standing);
}

static void make_location(struct script *script, struct pm_command *out)
{
    out->verb = PM_LOCATION_PUT;
    struct pm_location_put *put = &out->location;
    put->location = pm_text(script_need(script, "a name"));
    put->provider = pm_text(script_need(script, "a provider"));
    put->standing = PM_ACTIVE;
    put->rating = PM_GOOD;
    put->score = -1;
    for (char *option; (option = script_next(script)) != NULL;) {
        char *value = script_need(script, option);
        if (strcmp(option, "rating") == 0)
            put->rating = named(script, pm_rating_name, value);
        else if (strcmp(option, "score") == 0)
            put->score = (int8_t)small(script, value);
        else if (strcmp(option, "standing") == 0)
            put->standing = named(script, pm_standing_name, value);
        else if (strcmp(option, "cqc") == 0)
            put->cqc = pm_text(value);
        else
            script_wrong(script, "a location has no \"%s\"", option);
    }
}

static void make_pool(struct script *script, struct pm_command *out)
{
    out->verb = PM_POOL_PUT;
    out->pool.pool = pm_text(script_need(script, "a name"));
    out->pool.location = pm_text(script_need(script, "a location"));
    out->pool.kind = pm_text(script_need(script, "a kind"));
    out->pool.mode = named(script, pm_pool_mode_name, script_need(script, "a mode"));
}

static void add_rate(struct script *script, struct pm_service_put *put, struct pm_rate *rates,
                     char *word)
{
    char *from = strchr(word, '@');
    int64_t pence = 0;
    if (from != NULL)
        *from++ = '\0';
    script_number(script, word, &pence);
    if (put->rates < 8)
        rates[put->rates++] =
            (struct pm_rate){from != NULL ? date(script, from) : 0, (int32_t)pence};
}

static void add_sectors(struct script *script, struct pm_service_put *put, char *word)
{
    struct pm_text *list;
    put->sectors = (uint8_t)script_list(script, word, &list);
    uint64_t *sector = script_memory(script, put->sectors + 1u, sizeof *sector);
    for (unsigned i = 0; i < put->sectors; i++)
        sector[i] = postcode(list[i]);
    put->sector = sector;
}

static void service_option(struct script *script, struct pm_service_put *put, struct pm_rate *rates,
                           const char *option, char *value)
{
    struct pm_text *list;
    if (strcmp(option, "in") == 0) {
        put->localities = (uint8_t)script_list(script, value, &list);
        put->locality = list;
    } else if (strcmp(option, "can") == 0) {
        put->capabilities = (uint8_t)script_list(script, value, &list);
        put->capability = list;
    } else if (strcmp(option, "sectors") == 0)
        add_sectors(script, put, value);
    else if (strcmp(option, "lot") == 0)
        put->lot = pm_text(value);
    else if (strcmp(option, "tier") == 0)
        put->tier = small(script, value);
    else if (strcmp(option, "contract") == 0)
        put->contract = named(script, pm_contract_name, value);
    else if (strcmp(option, "standing") == 0)
        put->standing = named(script, pm_standing_name, value);
    else if (strcmp(option, "rate") == 0)
        add_rate(script, put, rates, value);
    else
        script_wrong(script, "a service has no \"%s\"", option);
}

static void make_service(struct script *script, struct pm_command *out)
{
    out->verb = PM_SERVICE_PUT;
    struct pm_service_put *put = &out->service;
    struct pm_rate *rates = script_memory(script, 8, sizeof *rates);
    *put = (struct pm_service_put){.lot = pm_text("main"),
                                   .tier = 1,
                                   .contract = PM_FRAMEWORK,
                                   .standing = PM_ACTIVE,
                                   .rate = rates};
    put->service = pm_text(script_need(script, "a name"));
    put->pool = pm_text(script_need(script, "a pool"));
    put->kind = pm_text(script_need(script, "a kind"));
    for (char *option; (option = script_next(script)) != NULL;)
        service_option(script, put, rates, option, script_need(script, option));
}

/* One amount alone stands for every band. */
static void make_capacity(struct script *script, struct pm_command *out)
{
    out->verb = PM_CAPACITY_SET;
    struct pm_capacity_set *set = &out->capacity;
    set->pool = pm_text(script_need(script, "a pool"));
    set->as_of = script->world.time;
    int64_t amount = 0;
    struct pm_text *list;
    uint32_t count = script_list(script, script_need(script, "amounts"), &list);
    set->bands = (uint8_t)(count == 1 ? script_pool_bands(script, set->pool) : count);
    for (unsigned b = 0; b < set->bands && b < PM_BANDS_MAX; b++) {
        if (b < count)
            amount = strtoll(list[b].bytes, NULL, 10); /* ends at the comma */
        set->spare[b] = (int32_t)amount;
    }
    for (char *option; (option = script_next(script)) != NULL;)
        script_time(script, script_need(script, option),
                    strcmp(option, "until") == 0 ? &set->valid_until : &set->as_of);
}

/* ---- Packages ---- */

static void add_visit(struct script *script, struct pm_package *package, const char *word)
{
    struct pm_client_error error;
    struct pm_visit *visits = script_memory(script, package->visits + 1u, sizeof *visits);
    if (package->visits > 0)
        memcpy(visits, package->visit, package->visits * sizeof *visits);
    package->visit = visits;
    if (strcmp(word, "none") != 0 && !cli_parse_visit(word, &visits[package->visits++], &error))
        script_wrong(script, "%s", error.text);
}

static bool package_place(struct script *script, struct pm_package *p, const char *option,
                          const char *value)
{
    (void)script;
    if (strcmp(option, "at") == 0)
        p->postcode = postcode(pm_text(value));
    else if (strcmp(option, "in") == 0)
        p->locality = name_or_none(value);
    else if (strcmp(option, "sector") == 0)
        p->sector = postcode(pm_text(value));
    else
        return false;
    p->given |= PM_GIVEN_PLACE;
    return true;
}

static bool package_care(struct script *script, struct pm_package *p, const char *option,
                         char *value)
{
    struct pm_text *list;
    if (strcmp(option, "visit") == 0) {
        add_visit(script, p, value);
        p->given |= PM_GIVEN_VISITS;
    } else if (strcmp(option, "type") == 0) {
        p->place_type = name_or_none(value);
        p->given |= PM_GIVEN_PLACE_TYPE;
    } else if (strcmp(option, "needs") == 0) {
        p->needs = (uint8_t)script_list(script, value, &list);
        p->need = list;
        p->given |= PM_GIVEN_NEEDS;
    } else if (strcmp(option, "exclude") == 0) {
        p->exclusions = (uint8_t)script_list(script, value, &list);
        p->exclusion = list;
        p->given |= PM_GIVEN_EXCLUSIONS;
    } else
        return false;
    return true;
}

static bool package_dates(struct script *script, struct pm_package *p, const char *option,
                          const char *value)
{
    if (strcmp(option, "from") == 0) {
        p->start_from = date(script, value);
        p->given |= PM_GIVEN_START;
    } else if (strcmp(option, "by") == 0) {
        p->start_by = date(script, value);
        p->given |= PM_GIVEN_START;
    } else if (strcmp(option, "end") == 0) {
        p->planned_end = date(script, value);
        p->given |= PM_GIVEN_PLANNED_END;
    } else
        return false;
    return true;
}

static bool package_person(struct script *script, struct pm_package *p, const char *option,
                           const char *value)
{
    if (strcmp(option, "person") == 0) {
        p->person = name_or_none(value);
        p->given |= PM_GIVEN_PERSON;
    } else if (strcmp(option, "continuity") == 0) {
        p->continuity = name_or_none(value);
        p->given |= PM_GIVEN_CONTINUITY;
    } else if (strcmp(option, "priority") == 0) {
        p->priority = small(script, value);
        p->given |= PM_GIVEN_PRIORITY;
    } else if (strcmp(option, "payer") == 0) {
        p->payer = named(script, pm_payer_name, value);
        p->given |= PM_GIVEN_PAYER;
    } else if (strcmp(option, "interim") == 0) {
        p->interim = named(script, pm_interim_name, value);
        p->given |= PM_GIVEN_INTERIM;
    } else
        return false;
    return true;
}

/* "X1", or "X1:ward" of that referrer. */
static void reference(struct script *script, struct pm_text *out, struct pm_text *referrer)
{
    char *word = script_need(script, "a reference"), *colon = strchr(word, ':');
    if (colon != NULL) {
        *colon = '\0';
        *referrer = pm_text(colon + 1);
    }
    *out = pm_text(word);
}

static void make_package(struct script *script, struct pm_command *out, uint8_t verb)
{
    out->verb = verb;
    struct pm_package *p = &out->package;
    reference(script, &p->reference, &p->referrer);
    if (verb == PM_PACKAGE_POST)
        p->kind = pm_text(script_need(script, "a kind"));
    for (char *option; (option = script_next(script)) != NULL;) {
        char *value = script_need(script, option);
        if (!package_place(script, p, option, value) && !package_care(script, p, option, value) &&
            !package_dates(script, p, option, value) && !package_person(script, p, option, value))
            script_wrong(script, "a package has no \"%s\"", option);
    }
    if (verb == PM_PACKAGE_POST)
        p->given = 0;
}

static void make_id(struct script *script, struct pm_command *out, uint8_t verb)
{
    out->verb = verb;
    reference(script, &out->id.reference, &out->id.referrer);
    char *reason = script_next(script);
    if (reason != NULL)
        out->id.reason = named(script, pm_end_reason_name, reason);
}

/* ---- Answers ---- */

static const struct script_offer *nth_offer(const struct script *script, struct pm_text reference,
                                            int64_t nth)
{
    const struct script_offer *found = NULL;
    int64_t count = 0;
    for (uint32_t i = 0; i < script->offers; i++)
        if (pm_text_equal(pm_text(script->offer[i].reference.text), reference) &&
            (++count == nth || nth == 0))
            found = &script->offer[i];
    return found;
}

bool script_offer_id(struct script *script, const char *word, const struct script_offer **offer,
                     uint64_t *id)
{
    const char *slash = strchr(word, '/');
    int64_t number = 0;
    *offer = NULL;
    if (*word == '=') {
        script_number(script, word + 1, &number);
        *id = (uint64_t)number;
        return true;
    }
    struct pm_text name = pm_text(word);
    if (slash != NULL) {
        name.length = (uint32_t)(slash - word);
        script_number(script, slash + 1, &number);
    }
    *offer = nth_offer(script, name, number);
    *id = *offer != NULL ? (*offer)->id : 0;
    return *offer != NULL || script_wrong(script, "no such offer was made: %s", word);
}

static void make_answer(struct script *script, struct pm_command *out, uint8_t verb)
{
    const struct script_offer *offer;
    out->verb = verb;
    script_offer_id(script, script_need(script, "an offer"), &offer, &out->answer.offer);
    char *code = verb == PM_OFFER_DECLINE ? script_next(script) : NULL;
    if (code != NULL)
        out->answer.code = named(script, pm_decline_code_name, code);
}

static void make_load(struct script *script, struct pm_command *out)
{
    out->verb = PM_MARKET_LOAD;
    struct pm_market *rules = script_memory(script, 1, sizeof *rules);
    *rules = script->rules;
    out->load =
        (struct pm_load){.market = rules, .supply = script->supply, .supplies = script->supplies};
}

/* ---- All ---- */

static const struct {
    const char *verb;
    uint8_t number;
    void (*make)(struct script *, struct pm_command *);
    void (*make_of)(struct script *, struct pm_command *, uint8_t);
} verbs[] = {
    {"load", PM_MARKET_LOAD, make_load, NULL},
    {"provider", PM_PROVIDER_PUT, make_provider, NULL},
    {"location", PM_LOCATION_PUT, make_location, NULL},
    {"pool", PM_POOL_PUT, make_pool, NULL},
    {"service", PM_SERVICE_PUT, make_service, NULL},
    {"capacity", PM_CAPACITY_SET, make_capacity, NULL},
    {"post", PM_PACKAGE_POST, NULL, make_package},
    {"amend", PM_PACKAGE_AMEND, NULL, make_package},
    {"withdraw", PM_PACKAGE_WITHDRAW, NULL, make_id},
    {"pause", PM_PACKAGE_PAUSE, NULL, make_id},
    {"resume", PM_PACKAGE_RESUME, NULL, make_id},
    {"accept", PM_OFFER_ACCEPT, NULL, make_answer},
    {"decline", PM_OFFER_DECLINE, NULL, make_answer},
    {"start", PM_PLACEMENT_START, NULL, make_id},
    {"end", PM_PLACEMENT_END, NULL, make_id},
};

bool script_command(struct script *script, const char *verb, struct pm_command *out)
{
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++) {
        if (strcmp(verb, verbs[v].verb) != 0)
            continue;
        if (verbs[v].make != NULL)
            verbs[v].make(script, out);
        else
            verbs[v].make_of(script, out, verbs[v].number);
        return true;
    }
    if (strcmp(verb, "continue") == 0 || strcmp(verb, "tick") == 0 || strcmp(verb, "watch") == 0) {
        out->verb = (uint8_t)pm_verb_parse(pm_text(verb));
        return true;
    }
    return false;
}
