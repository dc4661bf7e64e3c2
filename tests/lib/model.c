/* model.c - see model.h: following entries and events, and comparing with the core. */
#include "tests/lib/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/find.h"
#include "core/state.h"

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

void model_start(struct model *model, const char *market, const struct pm_limits *limits)
{
    model->market = model_name(pm_text(market));
    model->loaded = model->failed = model->canary = false;
    model->limits = *limits;
    model->choices = 0;
    model->providers = model->locations = model->pools = model->services = 0;
    model->packages = model->offers = model->awards = 0;
}

/* ---- Packages ---- */

static void derive_demand(struct model *model, struct model_package *p, const struct pm_package *sent)
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
                                                                : (uint32_t)PM_GIVEN_PLACE_TYPE)) != 0)
        derive_demand(model, p, sent);
    if ((given & PM_GIVEN_NEEDS) != 0) {
        p->needs = 0;
        for (unsigned i = 0; i < sent->needs; i++)
            p->needs |= 1ull << model_capability(model, sent->need[i]);
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

static bool is_due(const struct model *model, const struct model_package *p)
{
    return p->ended != 0 && p->ended + model->rules.keep_days * DAY < model->time;
}

static bool is_over(const struct model_package *p)
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
        if (!is_over(p) || !is_due(model, p))
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
    *p = (struct model_package){.reference = model_name(sent->reference),
                                .referrer = model_name(sent->referrer.length != 0
                                                           ? sent->referrer
                                                           : entry->actor.name),
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

/* A service was chosen for the package: is it what the model would choose, in the way of that step? */
static void chosen(struct model *model, int package, int service, unsigned route)
{
    struct model_package *p = &model->package[package];
    struct model_choice choice;
    model_choose(model, package, p->state == PM_WAITING, &choice);
    model->choices++;
    if (choice.count == 0)
        model_fail(model, "%s: %s was chosen, nobody should be", p->reference.text,
                   model->service[service].name.text);
    else if (!is_among(&choice, service))
        model_fail(model, "%s: %s was chosen, not %s", p->reference.text,
                   model->service[service].name.text, model->service[choice.service[0]].name.text);
    else if (model->rules.kind[p->kind].step[choice.step].route != route)
        model_fail(model, "%s: chosen at step %u, of another route", p->reference.text, choice.step);
    p->step = choice.step;
    p->pass = choice.pass;
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
    if (p->open != MODEL_NONE || p->state == PM_PAUSED || is_over(p))
        model_fail(model, "%s: offered in the wrong state", p->reference.text);
    chosen(model, package, service, PM_CALL_OFF);
    p->open = new_offer(model, record, package, service);
    p->state = PM_OFFERED;
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
    if (choice.count != 0 && model_has_room(model))
        model_fail(model, "%s waits, %s could be asked", p->reference.text,
                   model->service[choice.service[0]].name.text);
    p->pass = choice.pass;
    p->state = PM_WAITING;
}

/* ---- Offers and placements ---- */

static int find_offer(const struct model *model, uint64_t id)
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
    int o = find_offer(model, record->offer);
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

static int32_t quarter_now(const struct model *model)
{
    char text[11];
    int year = 0, month = 0;
    sscanf(pm_date_text(pm_date_of(model->time), text), "%d-%d", &year, &month);
    return year * 4 + (month - 1) / 3;
}

static void agreed(struct model *model, const struct pm_event_record *record, int package)
{
    struct model_package *p = &model->package[package];
    int service = model_find_service(model, &record->service), o = find_offer(model, record->offer);
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
            quarter_now(model), p->units};
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
        mine = pm_text_equal(pm_text(entry->command->load.market->name.text),
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

/* ---- Predicting ---- */

/* The package that a command names: MODEL_NONE with the status, or with 0 when the model cannot say. */
static int named(const struct model *model, const struct pm_entry *entry, struct pm_text reference,
                 struct pm_text referrer, int *status)
{
    int found = MODEL_NONE;
    struct pm_name name = model_name(reference);
    if (referrer.length == 0 && entry->actor.role == PM_HOSPITAL)
        referrer = entry->actor.name;
    struct pm_name of = model_name(referrer);
    *status = PM_UNKNOWN_PACKAGE;
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *p = &model->package[i];
        if (p->gone || !model_same(&p->reference, &name) ||
            (referrer.length != 0 && !model_same(&p->referrer, &of)))
            continue;
        bool unsure = is_due(model, p);
        if (unsure || found != MODEL_NONE) {
            *status = unsure || *status < 0 ? -1 : PM_AMBIGUOUS_REFERENCE;
            if (*status < 0)
                return MODEL_NONE;
        }
        found = i;
        if (*status == PM_UNKNOWN_PACKAGE)
            *status = PM_OK;
    }
    return *status == PM_OK ? found : MODEL_NONE;
}

static int expect_id(const struct model *model, const struct pm_entry *entry)
{
    int status;
    const struct pm_package_id *id = &entry->command->id;
    int found = named(model, entry, id->reference, id->referrer, &status);
    if (found == MODEL_NONE)
        return status;
    const struct model_package *p = &model->package[found];
    bool reason = id->reason > 0 && id->reason < PM_END_REASONS;
    bool placed = p->state == PM_PLACED;
    switch (entry->command->verb) {
    case PM_PACKAGE_WITHDRAW:
        if (is_over(p) || (placed && p->placement == PM_STARTED))
            return PM_WRONG_STATE;
        return reason ? PM_OK : PM_BAD_VALUE;
    case PM_PACKAGE_PAUSE:
        return p->state == PM_OFFERED || p->state == PM_WAITING ? PM_OK : PM_WRONG_STATE;
    case PM_PACKAGE_RESUME:
        return p->state == PM_PAUSED ? PM_OK : PM_WRONG_STATE;
    case PM_PLACEMENT_START:
        return placed && p->placement == PM_AGREED ? PM_OK : PM_WRONG_STATE;
    default: /* PM_PLACEMENT_END */
        return !placed ? PM_WRONG_STATE : reason ? PM_OK : PM_BAD_VALUE;
    }
}

static int expect_answer(const struct model *model, const struct pm_entry *entry)
{
    static const int when_over[PM_OFFER_STATES] = {PM_OK,          PM_OFFER_ANSWERED,
                                                   PM_OFFER_ANSWERED, PM_OFFER_EXPIRED,
                                                   PM_OFFER_WITHDRAWN, PM_OFFER_STALE};
    int o = find_offer(model, entry->command->answer.offer);
    if (o == MODEL_NONE)
        return -1;
    const struct model_offer *offer = &model->offer[o];
    const struct model_package *p = &model->package[offer->package];
    if (p->gone || is_due(model, p))
        return -1;
    const struct model_service *s = &model->service[offer->service];
    int provider = model->location[model->pool[s->pool].location].provider;
    if (entry->actor.role == PM_PROVIDER &&
        !pm_text_equal(entry->actor.name, pm_text(model->provider[provider].name.text)))
        return PM_NOT_YOURS;
    if (offer->state != PM_OFFER_OPEN)
        return when_over[offer->state];
    if (entry->time > offer->deadline)
        return PM_OFFER_EXPIRED;
    if (entry->command->verb == PM_OFFER_DECLINE)
        return entry->command->answer.code > 0 && entry->command->answer.code < PM_DECLINE_CODES
                   ? PM_OK
                   : PM_BAD_VALUE;
    if (offer->step >= model->rules.kind[p->kind].steps ||
        !model_may_serve(model, p, offer->service, offer->step))
        return PM_NO_LONGER_ELIGIBLE;
    return model_has_room(model) ? PM_OK : -1;
}

int model_expect(struct model *model, const struct pm_entry *entry)
{
    model->time = entry->time;
    if (!model->loaded)
        return entry->command->verb == PM_MARKET_LOAD || entry->command->verb == PM_CONTINUE
                   ? -1
                   : PM_UNKNOWN_MARKET;
    switch (entry->command->verb) {
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
    case PM_PLACEMENT_START:
    case PM_PLACEMENT_END:
        return expect_id(model, entry);
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
        return expect_answer(model, entry);
    default:
        return -1;
    }
}

/* ---- Comparing ---- */

static void compare_pool(struct model *model, const struct pm_core *core, uint32_t market, int at)
{
    struct model_taken taken;
    const struct model_pool *mine = &model->pool[at];
    uint32_t slot = find_pool(core, market, pm_text(mine->name.text));
    if (slot == 0) {
        model_fail(model, "pool %s is lost", mine->name.text);
        return;
    }
    const struct pool *pool = pool_at(core, slot);
    model_taken(model, at, &taken);
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        if (pool->committed[b] != taken.committed[b] || pool->held[b] != taken.held[b])
            model_fail(model, "pool %s band %u: committed %d held %d, not %lld and %lld",
                       mine->name.text, b, pool->committed[b], pool->held[b],
                       (long long)taken.committed[b], (long long)taken.held[b]);
        if (pool->declared[b] != mine->declared[b])
            model_fail(model, "pool %s band %u: declared %d, not %lld", mine->name.text, b,
                       pool->declared[b], (long long)mine->declared[b]);
    }
}

static void compare_package(struct model *model, const struct pm_core *core, int at)
{
    struct model_package *p = &model->package[at];
    uint32_t slot = table_find(&core->table[TABLE_PACKAGES], p->id);
    if (slot == 0) {
        if (!is_over(p) || !is_due(model, p))
            model_fail(model, "%s is lost", p->reference.text);
        p->gone = true;
        return;
    }
    const struct package *package = package_at(core, slot);
    if (package->state != p->state)
        model_fail(model, "%s is %s, not %s", p->reference.text,
                   pm_package_state_name(package->state), pm_package_state_name(p->state));
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if (package->demand[b] != p->demand[b])
            model_fail(model, "%s: band %u needs %d, not %lld", p->reference.text, b,
                       package->demand[b], (long long)p->demand[b]);
    uint64_t open = p->open == MODEL_NONE ? 0 : model->offer[p->open].id;
    if (id_of(core, TABLE_OFFERS, package->open_offer) != open)
        model_fail(model, "%s: another offer is open", p->reference.text);
}

/* With nothing due, nobody waits whom somebody could take, and nothing stays past its time. */
static void compare_settled(struct model *model, int at)
{
    struct model_package *p = &model->package[at];
    struct model_choice choice;
    if (is_due(model, p))
        model_fail(model, "%s stays too long", p->reference.text);
    if (p->open != MODEL_NONE && model->offer[p->open].deadline < model->time)
        model_fail(model, "%s: its offer should have expired", p->reference.text);
    if (p->state != PM_WAITING || !model_has_room(model))
        return;
    model_choose(model, at, true, &choice);
    if (choice.count > 0)
        model_fail(model, "%s still waits, %s could be asked", p->reference.text,
                   model->service[choice.service[0]].name.text);
}

void model_compare(struct model *model, const struct pm_core *core, bool settled)
{
    if (!model->loaded)
        return;
    uint32_t market = find_market(core, pm_text(model->market.text));
    for (int i = 0; i < model->pools && !model->failed; i++)
        compare_pool(model, core, market, i);
    for (int i = 0; i < model->packages && !model->failed; i++)
        if (!model->package[i].gone)
            compare_package(model, core, i);
    for (int i = 0; settled && i < model->packages && !model->failed; i++)
        if (!model->package[i].gone)
            compare_settled(model, i);
}
