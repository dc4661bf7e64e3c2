/* model.c - see model.h: following entries and their events. */
#include "tests/lib/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int64_t DAY = 24 * 60 * 60 * INT64_C(1000);

void model_fail(struct model *model, const char *format, ...)
{
    if (model->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(model->error, sizeof model->error, format, arguments);
    va_end(arguments);
    model->failed = true;
}

struct pm_name model_name(struct pm_text text)
{
    struct pm_name name = {{0}};
    if (text.length > 0 && text.length <= PM_NAME_MAX)
        memcpy(name.text, text.bytes, text.length);
    return name;
}

bool model_same(const struct pm_name *a, const struct pm_name *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

void model_start(struct model *model, const char *market)
{
    model->market = model_name(pm_text(market));
    model->loaded = model->failed = model->canary = model->crowded = false;
    model->choices = 0;
    model->providers = model->locations = model->pools = model->services = 0;
    model->packages = model->offers = model->awards = 0;
}

/* ---- Packages ---- */

static void derive_demand(struct model *model, struct model_package *p,
                          const struct pm_package *sent)
{
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    memset(p->demand, 0, sizeof p->demand);
    p->units = 0;
    for (unsigned b = 0; kind->unit == PM_PLACES && b < kind->bands; b++)
        if (b == 0 || pm_text_equal(pm_text(kind->band[b].name.text), sent->place_type))
            p->demand[b] = p->units = 1;
    for (unsigned v = 0; kind->unit == PM_MINUTES && v < sent->visits; v++)
        for (unsigned day = 0; day < 7; day++)
            for (unsigned b = 0; b < kind->bands; b++) {
                const struct pm_visit *visit = &sent->visit[v];
                const struct pm_band *band = &kind->band[b];
                int middle = (visit->earliest + visit->latest) / 2;
                if ((visit->days & band->days & 1u << day) != 0 && middle >= band->from &&
                    middle < band->to) {
                    p->demand[b] += visit->minutes * visit->carers;
                    p->units += visit->minutes * visit->carers;
                }
            }
}

static void take_fields(struct model *model, struct model_package *p, const struct pm_package *sent,
                        uint32_t given)
{
    if ((given & PM_GIVEN_PLACE) != 0) {
        p->locality = (uint8_t)model_locality(model, sent->locality);
        p->sector = sent->sector;
    }
    if ((given & (model->rules.kind[p->kind].unit == PM_MINUTES ? (uint32_t)PM_GIVEN_VISITS
                                                                : (uint32_t)PM_GIVEN_PLACE_TYPE)) !=
        0)
        derive_demand(model, p, sent);
    if ((given & PM_GIVEN_NEEDS) != 0) {
        p->needs = 0;
        for (unsigned i = 0; i < sent->needs; i++)
            p->needs |= model_bit(model_capability(model, sent->need[i]));
    }
    if ((given & PM_GIVEN_START) != 0) {
        p->start_from = sent->start_from;
        p->start_by = sent->start_by;
    }
    if ((given & PM_GIVEN_PRIORITY) != 0)
        p->priority = sent->priority;
    if ((given & PM_GIVEN_PAYER) != 0)
        p->payer = sent->payer;
    if ((given & PM_GIVEN_EXCLUSIONS) != 0) {
        memset(p->exclusion, 0, sizeof p->exclusion);
        p->exclusions = sent->exclusions;
        for (unsigned i = 0; i < sent->exclusions; i++)
            p->exclusion[i] = model_name(sent->exclusion[i]);
    }
}

bool model_is_due(const struct model *model, const struct model_package *p)
{
    return p->ended != 0 && p->ended + model->rules.keep_days * DAY < model->time;
}

bool model_is_over(const struct model_package *p)
{
    return p->state == PM_ENDED || p->state == PM_WITHDRAWN;
}

static int find_id(const struct model *model, uint64_t id)
{
    for (int p = 0; p < model->packages; p++)
        if (!model->package[p].gone && model->package[p].id == id)
            return p;
    return MODEL_NONE;
}

/* A slot is used again only once what had it is gone. */
static void forget_same(struct model *model, const struct pm_name *reference,
                        const struct pm_name *referrer)
{
    for (int i = 0; i < model->packages; i++) {
        struct model_package *p = &model->package[i];
        if (p->gone || !model_same(&p->reference, reference) || !model_same(&p->referrer, referrer))
            continue;
        if (!model_is_over(p) || !model_is_due(model, p))
            model_fail(model, "%s was posted twice", reference->text);
        p->gone = true;
    }
}

static void posted(struct model *model, const struct pm_entry *entry,
                   const struct pm_event_record *record)
{
    const struct pm_package *sent = &entry->command->package;
    if (model->packages == MODEL_PACKAGES) {
        model_fail(model, "the model is full");
        return;
    }
    forget_same(model, &record->reference, &record->referrer);
    struct model_package *p = &model->package[model->packages++];
    *p = (struct model_package){
        .reference = model_name(sent->reference),
        .referrer = model_name(sent->referrer.length != 0 ? sent->referrer : entry->actor.name),
        .id = record->package,
        .kind = (uint8_t)model_kind(model, sent->kind),
        .pass = 1,
        .version = 1,
        .need_version = 1,
        .open = MODEL_NONE,
        .placed_with = MODEL_NONE};
    take_fields(model, p, sent, UINT32_MAX);
}

static void amended(struct model *model, const struct pm_entry *entry, struct model_package *p)
{
    struct model_package before = *p;
    take_fields(model, p, &entry->command->package, entry->command->package.given);
    bool anew = p->locality != before.locality || p->sector != before.sector ||
                p->needs != before.needs || p->start_from != before.start_from ||
                p->start_by != before.start_by || p->payer != before.payer ||
                p->exclusions != before.exclusions ||
                memcmp(p->exclusion, before.exclusion, sizeof p->exclusion) != 0;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        anew |= p->demand[b] > before.demand[b];
    p->version++;
    if (!anew)
        return;
    p->need_version = p->version;
    if (p->state != PM_PAUSED) {
        p->state = PM_OPEN;
        p->pass = 1;
        p->step = 0;
    }
}

/* ---- Choices ---- */

static bool is_among(const struct model_choice *choice, int service)
{
    for (int i = 0; i < choice->count; i++)
        if (choice->service[i] == service)
            return true;
    return false;
}

/* A service was chosen for the package: is it what the model would choose, in the way of that step?
 */
static void chosen(struct model *model, int package, int service, unsigned route)
{
    struct model_package *p = &model->package[package];
    struct model_choice choice;
    model_choose(model, package, p->state == PM_WAITING, &choice);
    model->choices++;
    p->step = choice.step;
    p->pass = choice.pass;
    if (model->crowded)
        return;
    if (choice.count == 0)
        model_fail(model, "%s: %s was chosen, nobody should be", p->reference.text,
                   model->service[service].name.text);
    else if (!is_among(&choice, service))
        model_fail(model, "%s: %s was chosen, not %s", p->reference.text,
                   model->service[service].name.text, model->service[choice.service[0]].name.text);
    else if (model->rules.kind[p->kind].step[choice.step].route != route)
        model_fail(model, "%s: chosen at step %u, of another route", p->reference.text,
                   choice.step);
}

static int new_offer(struct model *model, const struct pm_event_record *record, int package,
                     int service)
{
    const struct model_package *p = &model->package[package];
    if (model->offers == MODEL_OFFERS) {
        model_fail(model, "the model is full");
        return 0;
    }
    model->offer[model->offers] = (struct model_offer){.id = record->offer,
                                                       .package = package,
                                                       .service = service,
                                                       .version = p->version,
                                                       .pass = p->pass,
                                                       .step = p->step,
                                                       .deadline = record->deadline};
    return model->offers++;
}

static void made(struct model *model, const struct pm_event_record *record, int package)
{
    struct model_package *p = &model->package[package];
    int service = model_find_service(model, &record->service);
    if (p->open != MODEL_NONE || p->state == PM_PAUSED || model_is_over(p))
        model_fail(model, "%s: offered in the wrong state", p->reference.text);
    chosen(model, package, service, PM_CALL_OFF);
    p->open = new_offer(model, record, package, service);
    p->state = PM_OFFERED;
    if (model->crowded)
        return;
    int64_t window = (int64_t)model->rules.kind[p->kind].step[p->step].window * 60000;
    if (record->deadline != model->time + window)
        model_fail(model, "%s: its deadline is wrong", p->reference.text);
}

static void waits(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    struct model_choice choice;
    model_choose(model, package, false, &choice);
    model->choices++;
    if (choice.count != 0 && !model->crowded)
        model_fail(model, "%s waits, %s could be asked", p->reference.text,
                   model->service[choice.service[0]].name.text);
    p->pass = choice.pass;
    p->state = PM_WAITING;
}

/* ---- Offers and placements ---- */

int model_find_offer(const struct model *model, uint64_t id)
{
    for (int o = model->offers - 1; o >= 0; o--)
        if (model->offer[o].id == id)
            return o;
    return MODEL_NONE;
}

static void over(struct model *model, const struct pm_event_record *record, int package,
                 enum pm_offer_state state)
{
    struct model_package *p = &model->package[package];
    int o = model_find_offer(model, record->offer);
    if (o == MODEL_NONE || o != p->open) {
        model_fail(model, "%s: an offer ends that was not open", p->reference.text);
        return;
    }
    if (state == PM_OFFER_IS_EXPIRED && model->time <= model->offer[o].deadline)
        model_fail(model, "%s: its offer expired too early", p->reference.text);
    model->offer[o].state = (uint8_t)state;
    model->offer[o].code = record->code;
    model->offer[o].answered = model->time;
    p->open = MODEL_NONE;
    if (state != PM_OFFER_ACCEPTED)
        p->state = PM_OPEN;
}

static void agreed(struct model *model, const struct pm_event_record *record, int package)
{
    struct model_package *p = &model->package[package];
    int service = model_find_service(model, &record->service),
        o = model_find_offer(model, record->offer);
    if (o == MODEL_NONE || model->package[model->offer[o].package].gone) {
        chosen(model, package, service, PM_LAST_RESORT);
        o = new_offer(model, record, package, service);
        model->offer[o].state = PM_OFFER_ACCEPTED;
        model->offer[o].answered = model->time;
    }
    if (model->offer[o].state != PM_OFFER_ACCEPTED || model->offer[o].service != service ||
        p->placed_with != MODEL_NONE)
        model_fail(model, "%s: agreed with whom it was not offered", p->reference.text);
    p->placed_with = service;
    p->placement = PM_AGREED;
    p->state = PM_PLACED;
    memcpy(p->taken, p->demand, sizeof p->taken);
    if (model->awards < MODEL_OFFERS)
        model->award[model->awards++] = (struct model_award){
            model->location[model->pool[model->service[service].pool].location].provider, p->kind,
            model_quarter(model->time), p->units};
}

static void finished(struct model *model, struct model_package *p, enum pm_package_state state)
{
    p->state = (uint8_t)state;
    p->ended = model->time;
}

static void lapsed(struct model *model, const struct pm_event_record *record)
{
    int pool = model_find_pool(model, &record->pool);
    bool ask = model->pool[pool].mode == PM_ASK || model->rules.lapse == PM_LAPSE_ASK;
    model->pool[pool].capacity = ask ? MODEL_ASK : MODEL_LAPSED;
}

static void package_event(struct model *model, const struct pm_entry *entry,
                          const struct pm_event_record *record)
{
    int package = find_id(model, record->package);
    if (package == MODEL_NONE) {
        model_fail(model, "%s of a package that is not there", pm_event_name(record->kind));
        return;
    }
    struct model_package *p = &model->package[package];
    switch (record->kind) {
    case PM_EVENT_PACKAGE_AMENDED:
        amended(model, entry, p);
        break;
    case PM_EVENT_PACKAGE_WAITING:
        waits(model, package);
        break;
    case PM_EVENT_PACKAGE_WITHDRAWN:
        finished(model, p, PM_WITHDRAWN);
        break;
    case PM_EVENT_PACKAGE_PAUSED:
        p->state = PM_PAUSED;
        break;
    case PM_EVENT_PACKAGE_RESUMED:
        p->state = PM_OPEN;
        p->pass = 1;
        p->step = 0;
        break;
    case PM_EVENT_OFFER_MADE:
        made(model, record, package);
        break;
    case PM_EVENT_OFFER_ACCEPTED:
        over(model, record, package, PM_OFFER_ACCEPTED);
        break;
    case PM_EVENT_OFFER_DECLINED:
        over(model, record, package, PM_OFFER_DECLINED);
        break;
    case PM_EVENT_OFFER_EXPIRED:
        over(model, record, package, PM_OFFER_IS_EXPIRED);
        break;
    case PM_EVENT_OFFER_WITHDRAWN:
        over(model, record, package, PM_OFFER_IS_WITHDRAWN);
        break;
    case PM_EVENT_OFFER_STALE:
        over(model, record, package, PM_OFFER_IS_STALE);
        break;
    case PM_EVENT_PLACEMENT_AGREED:
        agreed(model, record, package);
        break;
    case PM_EVENT_PLACEMENT_STARTED:
        p->placement = PM_STARTED;
        break;
    default: /* PLACEMENT_ENDED, by itself or before a withdrawal */
        p->placement = PM_PLACEMENT_ENDED;
        finished(model, p, PM_ENDED);
        break;
    }
}

static void follow_event(struct model *model, const struct pm_entry *entry,
                         const struct pm_event_record *record)
{
    if (record->kind == PM_EVENT_CAPACITY_LAPSED)
        lapsed(model, record);
    else if (record->kind == PM_EVENT_PACKAGE_POSTED)
        posted(model, entry, record);
    else if (record->kind != PM_EVENT_MARKET_LOADED && record->kind != PM_EVENT_SUPPLY_CHANGED &&
             record->kind != PM_EVENT_CAPACITY_STATED)
        package_event(model, entry, record);
}

void model_follow(struct model *model, const struct pm_core *core, const struct pm_entry *entry,
                  struct pm_result result)
{
    size_t count;
    const struct pm_event *events = pm_core_events(core, &count);
    struct pm_event_record record;
    model->time = entry->time;
    bool mine = pm_text_equal(entry->market, pm_text(model->market.text));
    if (entry->command->verb == PM_MARKET_LOAD)
        mine =
            result.status == PM_OK && pm_text_equal(pm_text(entry->command->load.market->name.text),
                                                    pm_text(model->market.text));
    if (mine && count > 0 && result.status == PM_OK) {
        if (entry->command->verb == PM_MARKET_LOAD)
            model_load(model, &entry->command->load);
        else
            model_supply(model, entry->command);
    }
    if (result.status != PM_OK && count > 0)
        model_fail(model, "refused, but something happened");
    for (uint32_t i = 0; i < count && !model->failed; i++) {
        pm_event_describe(core, &events[i], i, &record);
        if (model_same(&record.market, &model->market))
            follow_event(model, entry, &record);
    }
}
