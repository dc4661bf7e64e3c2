/* script_command.c - a line of a script as a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli_parse.h"
#include "core/find.h"
#include "core/state.h"
#include "tests/lib/script_parts.h"

uint8_t script_named(struct script *script, const char *(*name_of)(unsigned), const char *word)
{
    int64_t number = pm_name_parse(name_of, pm_text(word));
    if (number < 0)
        script_number(script, word, &number);
    return (uint8_t)number;
}

uint8_t script_small(struct script *script, const char *word)
{
    int64_t number = 0;
    script_number(script, word, &number);
    return (uint8_t)number;
}

int32_t script_pence(struct script *script, const char *word)
{
    int64_t number = 0;
    script_number(script, word, &number);
    return (int32_t)number;
}

int32_t script_date(struct script *script, const char *word)
{
    struct pm_client_error error;
    int32_t out = 0;
    int64_t number;
    if (!cli_parse_date(pm_text(word), &out, &error) && script_number(script, word, &number))
        out = (int32_t)number;
    return out;
}

uint64_t script_postcode(struct pm_text text)
{
    if (pm_text_equal(text, pm_text("none")))
        return 0;
    uint64_t code = pm_postcode_parse(text);
    return code != 0 ? code : PM_POSTCODE_BAD;
}

struct pm_text script_name(const char *word)
{
    return strcmp(word, "none") == 0 ? (struct pm_text){0} : pm_text(word);
}

void script_reference(struct script *script, struct pm_text *out, struct pm_text *referrer)
{
    char *word = script_need(script, "a reference"), *colon = strchr(word, ':');
    if (colon != NULL) {
        *colon = '\0';
        *referrer = pm_text(colon + 1);
    }
    *out = pm_text(word);
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
        out->provider.standing = script_named(script, pm_standing_name, standing);
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
            put->rating = script_named(script, pm_rating_name, value);
        else if (strcmp(option, "score") == 0)
            put->score = (int8_t)script_small(script, value);
        else if (strcmp(option, "standing") == 0)
            put->standing = script_named(script, pm_standing_name, value);
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
    out->pool.mode = script_named(script, pm_pool_mode_name, script_need(script, "a mode"));
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
            (struct pm_rate){from != NULL ? script_date(script, from) : 0, (int32_t)pence};
}

static void add_sectors(struct script *script, struct pm_service_put *put, char *word)
{
    struct pm_text *list;
    put->sectors = (uint8_t)script_list(script, word, &list);
    uint64_t *sector = script_memory(script, put->sectors + 1u, sizeof *sector);
    for (unsigned i = 0; i < put->sectors; i++)
        sector[i] = script_postcode(list[i]);
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
        put->tier = script_small(script, value);
    else if (strcmp(option, "contract") == 0)
        put->contract = script_named(script, pm_contract_name, value);
    else if (strcmp(option, "standing") == 0)
        put->standing = script_named(script, pm_standing_name, value);
    else if (strcmp(option, "rate") == 0)
        add_rate(script, put, rates, value);
    else if (strcmp(option, "uplift") == 0)
        put->uplift = script_date(script, value);
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

/* ---- Providers as a whole ---- */

static void make_suspension(struct script *script, struct pm_command *out, uint8_t verb)
{
    out->verb = verb;
    out->suspension.provider = pm_text(script_need(script, "a provider"));
    for (char *option; (option = script_next(script)) != NULL;) {
        struct pm_text value = pm_text(script_need(script, option));
        if (strcmp(option, "location") == 0)
            out->suspension.location = value;
        else if (strcmp(option, "kind") == 0)
            out->suspension.kind = value;
        else if (strcmp(option, "locality") == 0)
            out->suspension.locality = value;
        else
            script_wrong(script, "a suspension has no \"%s\"", option);
    }
}

static void make_failure(struct script *script, struct pm_command *out)
{
    out->verb = PM_PROVIDER_FAIL;
    out->failure.provider = pm_text(script_need(script, "a provider"));
    out->failure.mode = script_named(script, pm_failure_mode_name, script_need(script, "a mode"));
    for (char *option; (option = script_next(script)) != NULL;) {
        char *value = script_need(script, option);
        if (strcmp(option, "location") == 0)
            out->failure.location = pm_text(value);
        else if (strcmp(option, "from") == 0)
            out->failure.from = script_date(script, value);
        else
            script_wrong(script, "a failure has no \"%s\"", option);
    }
}

static void make_transfer(struct script *script, struct pm_command *out)
{
    out->verb = PM_SERVICE_TRANSFER;
    out->transfer.service = pm_text(script_need(script, "a service"));
    out->transfer.to = pm_text(script_need(script, "a service"));
}

/* ---- The market ---- */

static void make_round(struct script *script, struct pm_command *out)
{
    out->verb = PM_ROUND_OPEN;
    char *kind = script_next(script);
    if (kind != NULL)
        out->round.kind = pm_text(kind);
}

/* "X1=a", "X1=none", "X1=a@2" of its version 2; the version is the package's own otherwise. */
static struct pm_assignment assignment(struct script *script, char *word)
{
    const struct pm_core *core = script->world.core;
    char *service = strchr(word, '='), *version = strchr(word, '@');
    int64_t number = 0;
    if (service == NULL) {
        script_wrong(script, "\"%s\" assigns nothing", word);
        return (struct pm_assignment){0};
    }
    *service++ = '\0';
    if (version != NULL) {
        *version++ = '\0';
        script_number(script, version, &number);
    }
    uint32_t package = script_package(script, word);
    uint32_t slot = find_service(core, script_market(script), pm_text(service));
    return (struct pm_assignment){.package = id_of(core, TABLE_PACKAGES, package),
                                  .service = id_of(core, TABLE_SERVICES, slot),
                                  .version = version != NULL ? (uint32_t)number
                                                             : package_at(core, package)->version};
}

static void make_apply(struct script *script, struct pm_command *out)
{
    struct pm_assignment *list = script_memory(script, SCRIPT_WORDS, sizeof *list);
    struct pm_round_result *result = script_memory(script, 1, sizeof *result);
    int64_t round = (int64_t)pm_core_round(script->world.core, 0, NULL);
    bool more = script_take(script, "more");
    out->verb = PM_ROUND_APPLY;
    result->abandoned = script_take(script, "abandoned");
    result->value[0] = script_take(script, "impossible") ? -1 : 0;
    if (script_take(script, "of"))
        script_number(script, script_need(script, "a round's id"), &round);
    for (char *word; (word = script_next(script)) != NULL;)
        list[out->apply.assignments++] = assignment(script, word);
    out->apply.round = (uint64_t)round;
    out->apply.assignment = list;
    out->apply.result = more ? NULL : result;
}

static void make_outage(struct script *script, struct pm_command *out)
{
    struct pm_client_error error;
    out->verb = PM_OUTAGE;
    if (!cli_parse_time(pm_text(script_need(script, "since when")), &out->tick.time, &error))
        script_wrong(script, "%s", error.text);
}

static void make_load(struct script *script, struct pm_command *out)
{
    out->verb = PM_MARKET_LOAD;
    struct pm_market *rules = script_memory(script, 1, sizeof *rules);
    *rules = script->rules;
    out->load = (struct pm_load){.market = rules,
                                 .calendar = script->calendar,
                                 .supply = script->supply,
                                 .calendars = script->calendars,
                                 .supplies = script->supplies};
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
    {"suspend", PM_PROVIDER_SUSPEND, NULL, make_suspension},
    {"unsuspend", PM_PROVIDER_RESUME, NULL, make_suspension},
    {"fail", PM_PROVIDER_FAIL, make_failure, NULL},
    {"transfer", PM_SERVICE_TRANSFER, make_transfer, NULL},
    {"post", PM_PACKAGE_POST, NULL, script_make_package},
    {"amend", PM_PACKAGE_AMEND, NULL, script_make_package},
    {"withdraw", PM_PACKAGE_WITHDRAW, NULL, script_make_id},
    {"pause", PM_PACKAGE_PAUSE, NULL, script_make_id},
    {"resume", PM_PACKAGE_RESUME, NULL, script_make_id},
    {"accept", PM_OFFER_ACCEPT, NULL, script_make_answer},
    {"decline", PM_OFFER_DECLINE, NULL, script_make_answer},
    {"tender", PM_OFFER_TENDER, script_make_tender, NULL},
    {"confirm", PM_AWARD_CONFIRM, NULL, script_make_id},
    {"override", PM_AWARD_OVERRIDE, script_make_override, NULL},
    {"choose", PM_CHOICE_RECORD, script_make_choice, NULL},
    {"start", PM_PLACEMENT_START, NULL, script_make_id},
    {"end", PM_PLACEMENT_END, NULL, script_make_id},
    {"handback", PM_PLACEMENT_HANDBACK, script_make_handback, NULL},
    {"stay", PM_PLACEMENT_IN_HOSPITAL, script_make_stay, NULL},
    {"restart", PM_PLACEMENT_RESTART, NULL, script_make_id},
    {"import", PM_PLACEMENT_IMPORT, script_make_import, NULL},
    {"round", PM_ROUND_OPEN, make_round, NULL},
    {"apply", PM_ROUND_APPLY, make_apply, NULL},
    {"outage", PM_OUTAGE, make_outage, NULL},
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
