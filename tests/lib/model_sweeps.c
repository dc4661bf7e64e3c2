/* model_sweeps.c - what commands have ordered for many offers or placements: what an
 * event of a `continue` means if one of them made it, and what must be so once they are over. */
#include "tests/lib/model.h"

#include "core/state.h"
#include "core/sweep.h"

/* ---- What becomes of one ---- */

static bool is_standing(const struct model *model, const struct model_offer *o)
{
    return model_stands(model, o->package, o->service);
}

/* An offer that its provider may no longer be made is taken back. */
static bool take_back(struct model *model, const struct model_sweep *sweep,
                      const struct pm_event_record *event)
{
    int offer = model_find_offer(model, event->offer);
    if (event->kind != PM_EVENT_OFFER_WITHDRAWN || offer == MODEL_NONE ||
        !model_is_live(model, offer))
        return false;
    struct model_offer *o = &model->offer[offer];
    if (model_provider_of(model, o->service) != sweep->provider || is_standing(model, o))
        return false;
    bool chosen = model->package[o->package].chosen == offer;
    model_offer_over(model, offer, PM_OFFER_IS_WITHDRAWN);
    if (chosen)
        model_reconsider(model, o->package);
    else
        model_answered(model, o->package);
    return true;
}

static bool is_failing(const struct model *model, const struct model_sweep *sweep,
                       const struct model_placement *l)
{
    return l->state != PM_PLACEMENT_ENDED &&
           model_provider_of(model, l->service) == sweep->provider &&
           (sweep->location == MODEL_NONE ||
            model_location_of(model, l->service) == sweep->location);
}

/* Without a date the day is today, or that of an earlier notice if it is later. */
static int32_t day_of(const struct model *model, const struct model_sweep *sweep,
                      const struct model_placement *l)
{
    if (sweep->from != 0)
        return sweep->from;
    int32_t today = model_today(model);
    return l->state == PM_NOTICE && l->until > today ? l->until : today;
}

static bool fail(struct model *model, struct model_sweep *sweep,
                 const struct pm_event_record *event)
{
    int placement = model_find_placement(model, event->placement);
    if ((event->kind != PM_EVENT_PLACEMENT_ENDED && event->kind != PM_EVENT_PLACEMENT_NOTICE) ||
        placement == MODEL_NONE || !is_failing(model, sweep, &model->placement[placement]))
        return false;
    struct model_placement *l = &model->placement[placement];
    bool ceased = sweep->mode == PM_FAIL_CEASED;
    if (sweep->late && l->state == PM_NOTICE)
        return false;
    model->failing = sweep;
    if (l->state == PM_AGREED || (ceased && sweep->from == 0))
        model_care_ends(model, placement, PM_PROVIDER_FAILED);
    else
        model_notice(model, placement, day_of(model, sweep, l), ceased);
    model->failing = NULL;
    return true;
}

/* What it takes goes along: free capacity is the same at both. */
static bool move(struct model *model, const struct model_sweep *sweep,
                 const struct pm_event_record *event)
{
    int placement = model_find_placement(model, event->placement);
    if (event->kind != PM_EVENT_PLACEMENT_CHANGED || placement == MODEL_NONE ||
        model->placement[placement].service != sweep->service)
        return false;
    struct model_placement *l = &model->placement[placement];
    int from = model->service[sweep->service].pool, to = model->service[sweep->to].pool;
    for (unsigned b = 0; b < PM_BANDS_MAX && from != to; b++) {
        int64_t *less = &model->pool[from].declared[b];
        if (model->pool[from].capacity == MODEL_DECLARED)
            *less = *less > l->demand[b] ? *less - l->demand[b] : 0;
        if (model->pool[to].capacity == MODEL_DECLARED)
            model->pool[to].declared[b] += l->demand[b];
    }
    l->service = sweep->to;
    l->moved = true;
    l->ceases = false;
    l->offer = model_offer_new(model, l->package, sweep->to, PM_TRANSFERRED, event->offer);
    model->offer[l->offer].rate = l->rate;
    model->offer[l->offer].state = PM_OFFER_ACCEPTED;
    model->offer[l->offer].answered = model->time;
    model_told(model, PM_EVENT_PLACEMENT_CHANGED, model->package[l->package].id, l->id);
    return true;
}

bool model_sweep_explains(struct model *model, const struct pm_event_record *event)
{
    for (int i = 0; i < model->sweeps; i++) {
        struct model_sweep *sweep = &model->sweep[i];
        if ((sweep->verb == PM_PROVIDER_SUSPEND && take_back(model, sweep, event)) ||
            (sweep->verb == PM_PROVIDER_FAIL && fail(model, sweep, event)) ||
            (sweep->verb == PM_SERVICE_TRANSFER && move(model, sweep, event)))
            return true;
    }
    return false;
}

/* ---- Once it is over ---- */

static void check_offers(struct model *model, const struct model_sweep *sweep)
{
    for (int o = 0; o < model->offers; o++)
        if (model_is_live(model, o) &&
            model_provider_of(model, model->offer[o].service) == sweep->provider &&
            !is_standing(model, &model->offer[o]))
            model_fail(model, "%s: an offer stands that should have been taken back",
                       model->package[model->offer[o].package].reference.text);
}

static void check_placements(struct model *model, const struct model_sweep *sweep)
{
    for (int i = 0; i < model->placements; i++) {
        const struct model_placement *l = &model->placement[i];
        bool left = sweep->verb == PM_PROVIDER_FAIL
                        ? is_failing(model, sweep, l) && l->state != PM_NOTICE
                        : l->state != PM_PLACEMENT_ENDED && l->service == sweep->service;
        if (left && l->sequence <= sweep->sequence)
            model_fail(model, "%s: its placement was passed over",
                       model->package[l->package].reference.text);
    }
}

static void check_done(struct model *model, const struct model_sweep *sweep)
{
    switch (sweep->verb) {
    case PM_PROVIDER_SUSPEND:
        check_offers(model, sweep);
        break;
    case PM_PROVIDER_FAIL:
        check_placements(model, sweep);
        model_failure_ends(model, sweep);
        break;
    default:
        check_placements(model, sweep);
        break;
    }
}

bool model_is_queued(const struct model *model, const struct model_sweep *sweep, bool whole)
{
    static const uint8_t purposes[] = {[PM_PROVIDER_SUSPEND] = SWEEP_SUSPENSION,
                                       [PM_PROVIDER_FAIL] = SWEEP_FAILURE,
                                       [PM_SERVICE_TRANSFER] = SWEEP_TRANSFER};
    uint32_t slot = model->core->header.sweep_first;
    for (; slot != 0; slot = sweep_at(model->core, slot)->next)
        if (sweep_at(model->core, slot)->sequence == sweep->sequence &&
            sweep_at(model->core, slot)->purpose == purposes[sweep->verb])
            return !whole || !sweep_at(model->core, slot)->begun;
    return false;
}

void model_sweeps_end(struct model *model)
{
    int left = 0;
    for (int i = 0; i < model->sweeps; i++) {
        if (model_is_queued(model, &model->sweep[i], false))
            model->sweep[left++] = model->sweep[i];
        else if (!model->failed)
            check_done(model, &model->sweep[i]);
    }
    model->sweeps = left;
}
