/* model_due.c - `continue`: what has become due, in the order in which the core worked it off. */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/state.h"

/* ---- A package's own time ---- */

static void fall_due(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    switch (p->state) {
    case PM_OFFERED:
        model_close(model, package);
        break;
    case PM_CHOOSING:
    case PM_TO_CONFIRM:
        model_lapse(model, package);
        break;
    case PM_WAITING:
        model_ladder_retry(model, package);
        break;
    default: /* a broker was to award */
        if (model_step(model, package, p->step)->route == PM_BROKER_AWARD)
            p->step++;
        model_ladder_go_on(model, package);
        break;
    }
}

static bool is_due(const struct model *model, const struct model_package *p)
{
    return !model_is_over(p) && p->due != 0 && p->due < model->time;
}

/* Of those due at the same time the one that stands first in the core's table comes first. */
static bool comes_before(const struct model_package *a, const struct model_package *b)
{
    const uint64_t slot = (1 << 24) - 1;
    return a->due != b->due ? a->due < b->due : (a->id & slot) < (b->id & slot);
}

/* What happens to a package may come of another of its group: of those that are due, the first. */
static bool falls_due(struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    int first = MODEL_NONE;
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *other = &model->package[i];
        bool with = i == package || (p->group != MODEL_NONE && other->group == p->group);
        if (!with || other->gone || !is_due(model, other) ||
            (other->state == PM_WAITING && !model_ladder_would_retry(model, i)))
            continue;
        if (first == MODEL_NONE || comes_before(other, &model->package[first]))
            first = i;
    }
    if (first != MODEL_NONE)
        fall_due(model, first);
    return first != MODEL_NONE;
}

/* ---- A placement's ---- */

int64_t model_placement_due(const struct model_placement *l)
{
    return l->state == PM_IN_STAY || (l->state == PM_NOTICE && l->ceases)
               ? (l->until + 1) * MODEL_DAY - 1
               : INT64_MAX;
}

static bool placement_falls_due(struct model *model, const struct pm_event_record *event)
{
    int placement = model_find_placement(model, event->placement);
    if (event->kind != PM_EVENT_PLACEMENT_ENDED || placement == MODEL_NONE ||
        model_placement_due(&model->placement[placement]) >= model->time)
        return false;
    if (model->placement[placement].state == PM_IN_STAY)
        model_stay_lapses(model, placement);
    else
        model_care_ends(model, placement, PM_PROVIDER_FAILED);
    return true;
}

/* ---- Prices and capacity ---- */

/* On the day of an uplift those agreed before at the service's own rate are paid the rate in force.
 */
static bool is_uplifted(const struct model *model, const struct model_placement *l)
{
    const struct model_service *s = &model->service[l->service];
    return l->state != PM_PLACEMENT_ENDED && model_rate(model, l->service) > 0 && s->uplift != 0 &&
           s->uplift <= model_today(model) && pm_date_of(l->agreed) < s->uplift && !l->negotiated;
}

static bool uplift(struct model *model, const struct pm_event_record *event)
{
    int placement = model_find_placement(model, event->placement);
    if (event->kind != PM_EVENT_PLACEMENT_CHANGED || placement == MODEL_NONE ||
        !is_uplifted(model, &model->placement[placement]))
        return false;
    struct model_placement *l = &model->placement[placement];
    if (model->service[l->service].uplifted == model->service[l->service].uplift)
        return false;
    l->rate = model_rate(model, l->service);
    model_told(model, PM_EVENT_PLACEMENT_CHANGED, model->package[l->package].id, l->id);
    return true;
}

/* With nothing due, all uplifts whose day has come are done. */
static void uplifts_end(struct model *model)
{
    for (int i = 0; i < model->services; i++) {
        struct model_service *s = &model->service[i];
        if (s->uplift == 0 || s->uplift > model_today(model) || s->uplifted == s->uplift ||
            model_rate(model, i) == 0)
            continue;
        for (int l = 0; l < model->placements; l++)
            if (model->placement[l].service == i && !model->placement[l].moved &&
                is_uplifted(model, &model->placement[l]) &&
                model->placement[l].rate != model_rate(model, i))
                model_fail(model, "%s: its uplift was passed over",
                           model->package[model->placement[l].package].reference.text);
        s->uplifted = s->uplift;
    }
}

static bool lapse(struct model *model, const struct pm_event_record *event, uint32_t at)
{
    if (event->kind != PM_EVENT_CAPACITY_LAPSED)
        return false;
    struct model_pool *pool = &model->pool[model_find_pool(model, pm_text(event->pool.text))];
    bool ask = pool->mode == PM_ASK || model->rules.lapse == PM_LAPSE_ASK;
    if (pool->capacity != MODEL_DECLARED || pool->valid_until >= model->time)
        model_fail(model, "pool %s lapsed too early", pool->name.text);
    pool->capacity = ask ? MODEL_ASK : MODEL_LAPSED;
    pool->valid_until = INT64_MAX;
    model->told[at] = true;
    return true;
}

/* ---- Whoever waits ---- */

static bool wakes(struct model *model, int package)
{
    if (model->package[package].state != PM_WAITING || !model_ladder_would_retry(model, package))
        return false;
    model_ladder_retry(model, package);
    return true;
}

/* ---- All ---- */

static void explain(struct model *model, uint32_t at)
{
    const struct pm_event_record *event = &model->event[at];
    int package = model_find_package(model, event->package);
    if (lapse(model, event, at) || placement_falls_due(model, event) ||
        (package != MODEL_NONE && falls_due(model, package)) ||
        model_opening_explains(model, event) || model_sweep_explains(model, event) ||
        model_round_explains(model, event) || uplift(model, event) ||
        (package != MODEL_NONE && wakes(model, package)))
        return;
    model_fail(model, "%s: %s came about, though nothing was due", event->reference.text,
               pm_event_name(event->kind));
}

/* What happens without an event: packages leave, urgency grows, a refusal lapses in vain. */
static void follow_silently(struct model *model)
{
    for (int i = 0; i < model->packages; i++) {
        struct model_package *p = &model->package[i];
        if (p->gone)
            continue;
        uint32_t slot = table_find(&model->core->table[TABLE_PACKAGES], p->id);
        if (slot == 0 && model_is_over(p) && model_is_due(model, p)) {
            model_forget(model, i);
            continue;
        }
        if (slot != 0 && (p->state == PM_WAITING || p->gathered) &&
            package_at(model->core, slot)->priority == model_priority(model, i))
            model_classify(model, i);
        if (slot != 0 && p->state == PM_WAITING && is_due(model, p) &&
            package_at(model->core, slot)->due != p->due)
            p->due = model_wait_due(model, i);
    }
}

void model_continue(struct model *model)
{
    for (uint32_t i = 0; i < model->events; i++)
        while (!model->told[i] && !model->failed)
            explain(model, i);
    follow_silently(model);
    model_sweeps_end(model);
    if (pm_core_next(model->core) < model->time)
        return;
    uplifts_end(model);
    model_openings_end(model);
}
