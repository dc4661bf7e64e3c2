/* model_check.c - the model's records held against the core's. */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/provider.h"
#include "core/state.h"

/* ---- Supply ---- */

static void compare_pool(struct model *model, uint32_t market, int at)
{
    struct model_taken taken;
    const struct model_pool *mine = &model->pool[at];
    uint32_t slot = find_pool(model->core, market, pm_text(mine->name.text));
    if (slot == 0) {
        model_fail(model, "pool %s is lost", mine->name.text);
        return;
    }
    const struct pool *pool = pool_at(model->core, slot);
    model_taken(model, at, &taken);
    if (pool->capacity != (unsigned)mine->capacity || pool->valid_until != mine->valid_until ||
        pool->stated != mine->stated)
        model_fail(model, "pool %s counts otherwise, or until another time", mine->name.text);
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

static void compare_provider(struct model *model, uint32_t market, int at)
{
    const struct model_provider *mine = &model->provider[at];
    uint32_t slot = find_provider(model->core, market, pm_text(mine->name.text));
    if (slot == 0) {
        model_fail(model, "provider %s is lost", mine->name.text);
        return;
    }
    const struct provider *provider = provider_at(model->core, slot);
    if (provider->standing != mine->standing || provider->embargo_kinds != mine->no_kinds ||
        provider->embargo_localities != mine->no_localities)
        model_fail(model, "provider %s has another standing", mine->name.text);
    for (unsigned k = 0; k < model->rules.kinds; k++) {
        int64_t units = provider_awarded(model->core, slot, (uint8_t)k);
        if (units != model_awarded(model, at, k))
            model_fail(model, "provider %s was awarded %lld of %s, not %lld", mine->name.text,
                       (long long)units, model->rules.kind[k].name.text,
                       (long long)model_awarded(model, at, k));
    }
}

/* ---- Offers and placements ---- */

static uint64_t offer_id(const struct model *model, int offer)
{
    return offer == MODEL_NONE ? 0 : model->offer[offer].id;
}

static uint64_t placement_id(const struct model *model, int placement)
{
    return placement == MODEL_NONE ? 0 : model->placement[placement].id;
}

static void differs(struct model *model, int package, const char *what, uint64_t id, const char *is,
                    const char *should)
{
    model_fail(model, "%s: %s %llu is %s, not %s", model->package[package].reference.text, what,
               (unsigned long long)id, is, should);
}

static void compare_offer(struct model *model, int at)
{
    const struct model_offer *mine = &model->offer[at];
    uint32_t slot = table_find(&model->core->table[TABLE_OFFERS], mine->id);
    if (slot == 0) {
        differs(model, mine->package, "offer", mine->id, "lost", "kept");
        return;
    }
    const struct offer *offer = offer_at(model->core, slot);
    if (offer->state != mine->state)
        differs(model, mine->package, "offer", mine->id, pm_offer_state_name(offer->state),
                pm_offer_state_name(mine->state));
    if (offer->route != mine->route)
        differs(model, mine->package, "offer", mine->id, pm_route_name(offer->route),
                pm_route_name(mine->route));
    if (offer->holds != mine->holds)
        differs(model, mine->package, "offer", mine->id, offer->holds ? "held" : "not held",
                mine->holds ? "held" : "not held");
    if (offer->rate != mine->rate || offer->code != mine->code)
        model_fail(model, "%s: offer %llu is at %d with code %u, not at %d with %u",
                   model->package[mine->package].reference.text, (unsigned long long)mine->id,
                   offer->rate, offer->code, mine->rate, mine->code);
    if (offer->version != mine->version || offer->pass + 1u != mine->pass ||
        offer->step != mine->step)
        model_fail(model, "%s: offer %llu is of version %u pass %u step %u, not %u %u %u",
                   model->package[mine->package].reference.text, (unsigned long long)mine->id,
                   offer->version, offer->pass + 1u, offer->step, mine->version, mine->pass,
                   mine->step);
    if (offer->answered != mine->answered)
        differs(model, mine->package, "offer", mine->id, "answered at another time", "so");
    if (offer->handed_back != mine->handed_back)
        differs(model, mine->package, "offer", mine->id,
                offer->handed_back ? "handed back" : "not handed back", "so");
}

static void compare_placement(struct model *model, int at)
{
    const struct model_placement *mine = &model->placement[at];
    uint32_t slot = table_find(&model->core->table[TABLE_PLACEMENTS], mine->id);
    if (slot == 0) {
        differs(model, mine->package, "placement", mine->id, "lost", "kept");
        return;
    }
    const struct placement *placement = placement_at(model->core, slot);
    if (placement->state != mine->state)
        differs(model, mine->package, "placement", mine->id,
                pm_placement_state_name(placement->state), pm_placement_state_name(mine->state));
    if (placement->rate != mine->rate)
        model_fail(model, "%s: is paid %d, not %d", model->package[mine->package].reference.text,
                   placement->rate, mine->rate);
    bool same = placement->until == mine->until && placement->units == mine->units &&
                placement->started == mine->started && placement->agreed == mine->agreed &&
                placement->end_reason == mine->reason && placement->decided_by == mine->decided_by;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        same &= placement->demand[b] == mine->demand[b];
    if (!same)
        differs(model, mine->package, "placement", mine->id, "another",
                "of that demand, time, reason, decider");
    if (!model_same(&service_detail_at(model->core, placement->service)->name,
                    &model->service[mine->service].name))
        differs(model, mine->package, "placement", mine->id, "elsewhere",
                model->service[mine->service].name.text);
}

/* ---- Packages ---- */

static void compare_sought(struct model *model, const struct package *package,
                           const struct model_package *p)
{
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if (package->demand[b] != p->need.demand[b])
            model_fail(model, "%s: band %u needs %d, not %lld", p->reference.text, b,
                       package->demand[b], (long long)p->need.demand[b]);
    if (package->units != p->need.units || package->needs != p->need.needs)
        model_fail(model, "%s: seeks %d units and needs %llx, not %lld and %llx", p->reference.text,
                   package->units, (unsigned long long)package->needs, (long long)p->need.units,
                   (unsigned long long)p->need.needs);
}

static void compare_links(struct model *model, const struct package *package,
                          const struct model_package *p)
{
    const struct pm_core *core = model->core;
    if (id_of(core, TABLE_OFFERS, package->chosen) != offer_id(model, p->chosen))
        model_fail(model, "%s: another offer is chosen", p->reference.text);
    if (id_of(core, TABLE_PLACEMENTS, package->placement) != placement_id(model, p->placement))
        model_fail(model, "%s: another placement is current", p->reference.text);
    if (id_of(core, TABLE_PLACEMENTS, package->successor) != placement_id(model, p->successor))
        model_fail(model, "%s: another placement is the successor", p->reference.text);
    if ((package->group != 0) != (p->group != MODEL_NONE))
        model_fail(model, "%s: is%s in a group", p->reference.text, package->group ? "" : " not");
}

static void compare_returns(struct model *model, const struct package_detail *detail,
                            const struct model_package *p)
{
    const struct pm_core *core = model->core;
    uint64_t follows = p->need.follows == MODEL_NONE ? 0 : model->package[p->need.follows].id;
    if (id_of(core, TABLE_PACKAGES, detail->follows) != follows)
        model_fail(model, "%s follows another", p->reference.text);
    if ((detail->return_to != 0) != (p->return_to != MODEL_NONE) ||
        (detail->return_to != 0 && !model_same(&service_detail_at(core, detail->return_to)->name,
                                               &model->service[p->return_to].name)))
        model_fail(model, "%s returns to another", p->reference.text);
}

static void compare_package(struct model *model, int at)
{
    struct model_package *p = &model->package[at];
    uint32_t slot = table_find(&model->core->table[TABLE_PACKAGES], p->id);
    if (slot == 0) {
        model_fail(model, "%s is lost", p->reference.text);
        return;
    }
    const struct package *package = package_at(model->core, slot);
    bool listed = p->state == PM_WAITING || p->gathered;
    if (package->state != p->state)
        model_fail(model, "%s is %s, not %s", p->reference.text,
                   pm_package_state_name(package->state), pm_package_state_name(p->state));
    if (!model_is_over(p) && (package->step != p->step || package->pass != p->pass))
        model_fail(model, "%s is at step %u of pass %u, not %u of %u", p->reference.text,
                   package->step, package->pass, p->step, p->pass);
    if (listed && package->priority != p->priority)
        model_fail(model, "%s has priority %u, not %u", p->reference.text, package->priority,
                   p->priority);
    if (!model_is_over(p) && package->due != p->due)
        model_fail(model, "%s is due at %+lld ms, not %+lld", p->reference.text,
                   (long long)(package->due == 0 ? 0 : package->due - model->time),
                   (long long)(p->due == 0 ? 0 : p->due - model->time));
    if (package_detail_at(model->core, slot)->interim != p->need.interim)
        model_fail(model, "%s has other interim cover", p->reference.text);
    compare_returns(model, package_detail_at(model->core, slot), p);
    compare_sought(model, package, p);
    compare_links(model, package, p);
}

/* With nothing due, nobody waits whom somebody could take, and nothing stays past its time. */
static void compare_settled(struct model *model, int at)
{
    struct model_package *p = &model->package[at];
    if (model_is_due(model, p))
        model_fail(model, "%s stays too long", p->reference.text);
    if (!model_is_over(p) && p->due != 0 && p->due < model->time)
        model_fail(model, "%s was not looked at when it was due", p->reference.text);
    if ((p->state == PM_WAITING || p->gathered) && p->priority != model_priority(model, at))
        model_fail(model, "%s has priority %u and should have %u", p->reference.text, p->priority,
                   model_priority(model, at));
    /* Whether all parts of a group can be served depends on which is tried first. */
    bool part = model_is_split(model, at);
    if (p->state == PM_WAITING && !part && model_ladder_would_retry(model, at))
        model_fail(model, "%s still waits, and could be asked for", p->reference.text);
}

/* Nor a place that was kept until now, nor a statement of capacity. */
static void compare_lapses(struct model *model)
{
    for (int i = 0; i < model->placements; i++)
        if (model_placement_due(&model->placement[i]) < model->time)
            differs(model, model->placement[i].package, "placement", model->placement[i].id, "kept",
                    "to lapse");
    for (int i = 0; i < model->pools; i++)
        if (model->pool[i].valid_until < model->time)
            model_fail(model, "pool %s should have lapsed", model->pool[i].name.text);
}

void model_compare(struct model *model, const struct pm_core *core, bool settled)
{
    model->core = core;
    if (!model->loaded || model->blind)
        return;
    uint32_t market = find_market(core, pm_text(model->market.text));
    for (int i = 0; i < model->packages && !model->failed; i++)
        if (!model->package[i].gone)
            compare_package(model, i);
    for (int i = 0; i < model->offers && !model->failed; i++)
        if (!model->package[model->offer[i].package].gone)
            compare_offer(model, i);
    for (int i = 0; i < model->placements && !model->failed; i++)
        if (!model->package[model->placement[i].package].gone)
            compare_placement(model, i);
    for (int i = 0; i < model->pools && !model->failed; i++)
        compare_pool(model, market, i);
    for (int i = 0; i < model->providers && !model->failed; i++)
        compare_provider(model, market, i);
    for (int i = 0; settled && i < model->packages && !model->failed; i++)
        if (!model->package[i].gone)
            compare_settled(model, i);
    if (!model->failed)
        model_compare_rounds(model);
    if (settled)
        compare_lapses(model);
}
