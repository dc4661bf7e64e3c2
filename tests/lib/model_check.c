/* model_check.c - what the model expects: of an entry before it is applied, of the records after.
 */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/state.h"

/* ---- Predicting ---- */

/* The package that a command names: MODEL_NONE with the status, or with 0 when the model cannot
 * say. */
static int named(const struct model *model, const struct pm_entry *entry, struct pm_text reference,
                 struct pm_text referrer, int *status)
{
    int found = MODEL_NONE;
    struct pm_name name = model_name(reference);
    if (entry->actor.role == PM_HOSPITAL)
        referrer = entry->actor.name;
    struct pm_name of = model_name(referrer);
    *status = PM_UNKNOWN_PACKAGE;
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *p = &model->package[i];
        if (p->gone || !model_same(&p->reference, &name) ||
            (referrer.length != 0 && !model_same(&p->referrer, &of)))
            continue;
        bool unsure = model_is_due(model, p);
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
        if (model_is_over(p) || (placed && p->placement == PM_STARTED))
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
    static const int when_over[PM_OFFER_STATES] = {
        PM_OK,         PM_OFFER_ANSWERED, PM_OFFER_ANSWERED, PM_OFFER_EXPIRED, PM_OFFER_WITHDRAWN,
        PM_OFFER_STALE};
    int o = model_find_offer(model, entry->command->answer.offer);
    if (o == MODEL_NONE)
        return -1;
    const struct model_offer *offer = &model->offer[o];
    const struct model_package *p = &model->package[offer->package];
    if (p->gone || model_is_due(model, p))
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
    return model->crowded ? -1 : PM_OK;
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
        if (!model_is_over(p) || !model_is_due(model, p))
            model_fail(model, "%s is lost", p->reference.text);
        p->gone = true;
        return;
    }
    const struct package *package = package_at(core, slot);
    if (model->crowded) {
        p->pass = package->pass;
        p->step = package->step;
    }
    if (package->state != p->state)
        model_fail(model, "%s is %s, not %s", p->reference.text,
                   pm_package_state_name(package->state), pm_package_state_name(p->state));
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if (package->demand[b] != p->demand[b])
            model_fail(model, "%s: band %u needs %d, not %lld", p->reference.text, b,
                       package->demand[b], (long long)p->demand[b]);
    uint64_t open = p->open == MODEL_NONE ? 0 : model->offer[p->open].id;
    uint32_t mine = package->invited > 0 ? package->first_offer : 0;
    if (id_of(core, TABLE_OFFERS, mine) != open)
        model_fail(model, "%s: another offer is open", p->reference.text);
}

/* With nothing due, nobody waits whom somebody could take, and nothing stays past its time. */
static void compare_settled(struct model *model, int at)
{
    struct model_package *p = &model->package[at];
    struct model_choice choice;
    if (model_is_due(model, p))
        model_fail(model, "%s stays too long", p->reference.text);
    if (p->open != MODEL_NONE && model->offer[p->open].deadline < model->time)
        model_fail(model, "%s: its offer should have expired", p->reference.text);
    if (p->state != PM_WAITING || model->crowded)
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
