/* history.c - see history.h. */
#include "tests/lib/history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCES = 16, ENTRY_NUMBERED = 70 };

static uint32_t below(struct history *h, uint32_t n)
{
    return random_below(&h->random, n);
}

static bool percent(struct history *h, uint32_t n)
{
    return random_percent(&h->random, n) != 0;
}

void history_start(struct history *h, uint64_t seed)
{
    h->random = (struct random){.state = seed};
    memset(h->number, 0, sizeof h->number);
    h->services = percent(h, 90) ? HISTORY_FEW : HISTORY_MANY;
    h->used = 0;
    gen_start(&h->garbage, seed);
}

void *history_memory(struct history *h, size_t count, size_t size)
{
    size_t at = (h->used + 15) & ~(size_t)15;
    if (at + count * size > sizeof h->memory)
        abort(); /* an entry is smaller */
    h->used = at + count * size;
    return memset(h->memory + at, 0, count * size);
}

struct pm_text history_text(struct history *h, const char *format, ...)
{
    char *text = history_memory(h, 1, PM_NAME_MAX + 2);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, PM_NAME_MAX + 2, format, arguments);
    va_end(arguments);
    return pm_text(text);
}

/* ---- Packages ---- */

static const struct model_package *some_package(struct history *h, const struct model *model)
{
    if (model->packages == 0)
        return NULL;
    int recent = model->packages < 12 ? model->packages : 12;
    return &model->package[model->packages - 1 - (int)below(h, (uint32_t)recent)];
}

/* Times that fall into every band, their edges, and sometimes none. */
static struct pm_visit some_visit(struct history *h)
{
    static const uint16_t from[] = {360, 420, 480, 600, 660, 720, 900, 1020, 1140, 1200, 1320};
    static const uint8_t days[] = {0x7f, 0x1f, 0x60, 0x01, 0x15, 0x40};
    struct pm_visit visit = {.earliest = from[below(h, 11)],
                             .minutes = (uint16_t)(15 * (1 + below(h, 4))),
                             .days = days[below(h, 6)],
                             .carers = (uint8_t)(percent(h, 85) ? 1 : 2),
                             .critical = percent(h, 20)};
    visit.latest = (uint16_t)(visit.earliest + 60 + 30 * below(h, 5));
    if (visit.latest > 1440)
        visit.latest = 1440;
    return visit;
}

static void care(struct history *h, const struct pm_kind *kind, struct pm_package *p)
{
    struct pm_visit *visit = history_memory(h, 3, sizeof *visit);
    p->visit = visit;
    if (kind->unit == PM_PLACES) {
        p->place_type = pm_text(kind->band[1 + below(h, kind->bands - 1u)].name.text);
        return;
    }
    for (p->visits = 0; p->visits < 1 + below(h, 3); p->visits++)
        visit[p->visits] = some_visit(h);
}

static void place(struct history *h, const struct pm_market *rules, struct pm_package *p)
{
    static const char *const codes[] = {"QX1 4AB", "QX1 9", "QX1 4", "QX2 1AA",
                                        "QX3 1",   "QX3",   "QX9 1", "QX1"};
    static const char *const sectors[] = {"QX1 4", "QX1 9", "QX2 1"};
    if (percent(h, 40)) {
        p->postcode = pm_postcode_parse(pm_text(codes[below(h, 8)]));
        return;
    }
    p->locality = pm_text(rules->locality[below(h, rules->localities)].name.text);
    if (percent(h, 30))
        p->sector = pm_postcode_parse(pm_text(sectors[below(h, 3)]));
}

static void wishes(struct history *h, const struct model *model, struct pm_package *p)
{
    struct pm_text *need = history_memory(h, 2, sizeof *need);
    struct pm_text *exclusion = history_memory(h, 2, sizeof *exclusion);
    if (percent(h, 30))
        need[p->needs++] = pm_text(model->rules.capability[below(h, 3)].text);
    if (percent(h, 20) && model->providers > 0)
        exclusion[p->exclusions++] =
            pm_text(model->provider[below(h, (uint32_t)model->providers)].name.text);
    p->need = need;
    p->exclusion = exclusion;
    p->priority = (uint8_t)below(h, PM_PRIORITIES);
    p->payer = (uint8_t)below(h, percent(h, 97) ? PM_PAYERS : PM_PAYERS + 1);
    p->interim = (uint8_t)below(h, PM_INTERIMS);
    if (percent(h, 30))
        p->start_from = p->start_by = pm_date_of(model->time) + (int32_t)below(h, 5);
    if (percent(h, 3))
        p->start_by = 1;
}

static void post(struct history *h, const struct model *model, struct pm_command *out)
{
    const struct pm_market *rules = &model->rules;
    const struct pm_kind *kind = &rules->kind[below(h, rules->kinds)];
    out->verb = PM_PACKAGE_POST;
    out->package.reference = history_text(h, "X%u", below(h, REFERENCES));
    out->package.kind = pm_text(kind->name.text);
    care(h, kind, &out->package);
    place(h, rules, &out->package);
    wishes(h, model, &out->package);
}

static void amend(struct history *h, const struct model *model, const struct model_package *about,
                  struct pm_command *out)
{
    out->verb = PM_PACKAGE_AMEND;
    struct pm_package *p = &out->package;
    p->reference = pm_text(about->reference.text);
    p->referrer = pm_text(about->referrer.text);
    for (unsigned field = 1 + below(h, 2); field > 0; field--)
        p->given |= 1u << below(h, 12);
    if (percent(h, 30))
        p->given = PM_GIVEN_PRIORITY;
    if ((p->given & (PM_GIVEN_VISITS | PM_GIVEN_PLACE_TYPE)) != 0)
        care(h, &model->rules.kind[about->kind], p);
    place(h, &model->rules, p);
    wishes(h, model, p);
}

static void about(struct history *h, const struct model_package *p, struct pm_command *out)
{
    static const uint8_t verbs[] = {PM_PACKAGE_WITHDRAW, PM_PACKAGE_PAUSE,  PM_PACKAGE_PAUSE,
                                    PM_PACKAGE_RESUME,   PM_PACKAGE_RESUME, PM_PLACEMENT_START,
                                    PM_PLACEMENT_START,  PM_PLACEMENT_END,  PM_PLACEMENT_END};
    out->verb = verbs[below(h, sizeof verbs)];
    out->id.reference = percent(h, 95) ? pm_text(p->reference.text) : history_text(h, "nobody");
    if (percent(h, 60))
        out->id.referrer = pm_text(p->referrer.text);
    out->id.reason =
        (uint8_t)(percent(h, 95) ? 1 + below(h, PM_END_REASONS - 1) : below(h, PM_END_REASONS + 2));
}

/* ---- Answers ---- */

static void answer(struct history *h, const struct model *model, struct pm_entry *entry,
                   struct pm_command *out)
{
    int recent = model->offers < 10 ? model->offers : 10;
    out->verb = percent(h, 60) ? PM_OFFER_ACCEPT : PM_OFFER_DECLINE;
    out->answer.code = (uint8_t)(percent(h, 96) ? 1 + below(h, PM_DECLINE_CODES - 1)
                                                : below(h, PM_DECLINE_CODES + 1));
    if (recent == 0 || percent(h, 2)) {
        out->answer.offer = below(h, 50);
        return;
    }
    const struct model_offer *offer =
        &model->offer[model->offers - 1 - (int)below(h, (uint32_t)recent)];
    const struct model_service *s = &model->service[offer->service];
    int provider = model->location[model->pool[s->pool].location].provider;
    out->answer.offer = offer->id;
    if (percent(h, 80))
        entry->actor = (struct pm_actor){PM_PROVIDER, pm_text(model->provider[provider].name.text)};
    if (percent(h, 3))
        entry->actor = (struct pm_actor){PM_PROVIDER, pm_text("p0")};
}

/* ---- Entries ---- */

static void envelope(struct history *h, const struct model *model, struct pm_entry *out)
{
    static const char *const names[] = {"desk", "ward", "clinic"};
    unsigned who = below(h, 3), client = below(h, HISTORY_CLIENTS);
    h->used = 0;
    gen_reset(&h->garbage);
    *out = (struct pm_entry){.market = pm_text(model->market.text)};
    out->actor.role = who == 0 ? PM_BROKER : PM_HOSPITAL;
    out->actor.name = pm_text(names[who]);
    if (!percent(h, ENTRY_NUMBERED))
        return;
    h->number[client] += percent(h, 2) ? 1020 + below(h, 8) : 1;
    out->client = client;
    out->number = h->number[client];
    out->hash = random_next(&h->random);
}

void history_load(struct history *h, struct model *model, struct pm_entry *out,
                  struct pm_command *command)
{
    envelope(h, model, out);
    memset(command, 0, sizeof *command);
    command->verb = PM_MARKET_LOAD;
    command->load.market = history_rules(h, model->market.text);
    command->load.supply = history_supply(h, command->load.market, &command->load.supplies);
    out->actor = (struct pm_actor){PM_OPERATOR, pm_text("keeper")};
    out->command = command;
}

static void reload(struct history *h, const struct model *model, struct pm_command *out)
{
    struct pm_market *rules = history_memory(h, 1, sizeof *rules);
    *rules = model->rules;
    history_change(h, rules);
    out->verb = PM_MARKET_LOAD;
    out->load.market = rules;
    if (percent(h, 3))
        out->load.supply = history_supply(h, rules, &out->load.supplies);
}

/* Anything the wire can carry. */
static void garbage(struct history *h, struct pm_command *out)
{
    gen_command(&h->garbage, PM_MARKET_LOAD + below(h, PM_COMMAND_LAST), out);
}

void history_next(struct history *h, struct model *model, struct pm_entry *out,
                  struct pm_command *command)
{
    envelope(h, model, out);
    memset(command, 0, sizeof *command);
    out->command = command;
    const struct model_package *p = some_package(h, model);
    uint32_t dice = below(h, 100);
    if (dice < 2)
        garbage(h, command);
    else if (dice < 4 && model->loaded)
        reload(h, model, command);
    else if (dice < 16 && model->loaded)
        history_put(h, &model->rules, model, command);
    else if (dice < 50 && p != NULL)
        answer(h, model, out, command);
    else if (dice < 60 && p != NULL)
        amend(h, model, p, command);
    else if (dice < 75 && p != NULL)
        about(h, p, command);
    else if (model->loaded)
        post(h, model, command);
    else
        history_load(h, model, out, command);
}
