/* model_award.c - what follows from answers: the close of a step, settling, placing. */
#include "tests/lib/model.h"

#include "core/find.h"
#include "core/state.h"

/* ---- Settling ---- */

static bool has_conditions(const struct model_offer *offer)
{
    return offer->start != 0 || offer->assess_by != 0 || offer->shift != 0;
}

bool model_needs_confirming(const struct model *model, int offer)
{
    const struct model_offer *o = &model->offer[offer];
    return model_step(model, o->package, o->step)->award == PM_CONFIRMED || has_conditions(o);
}

/* The package stands until somebody decides. */
void model_due_to_decide(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    unsigned step = p->chosen != MODEL_NONE ? model->offer[p->chosen].step : p->step;
    uint32_t decide = model_step(model, package, step)->decide;
    p->due = decide == 0 ? 0 : model_after(model, p->kind, model->time, decide);
}

static void stand(struct model *model, int package, enum pm_package_state state)
{
    struct model_package *p = &model->package[package];
    p->state = (uint8_t)state;
    model_due_to_decide(model, package);
    model_told(model,
               state == PM_CHOOSING ? PM_EVENT_PACKAGE_CHOOSING : PM_EVENT_PACKAGE_TO_CONFIRM,
               p->id, 0);
}

/* All others are over: what holds goes to the placement. */
void model_place(struct model *model, int offer)
{
    struct model_offer *o = &model->offer[offer];
    model->package[o->package].due = 0;
    model_offer_over(model, offer, o->state == PM_OFFER_OPEN ? PM_OFFER_ACCEPTED : PM_OFFER_WON);
    model_offers_over(model, o->package, offer, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    model_group_agree(model, offer);
}

void model_settle(struct model *model, int offer, bool decided)
{
    struct model_offer *o = &model->offer[offer];
    bool split = model_is_split(model, o->package);
    if (!split && (decided || !model_needs_confirming(model, offer))) {
        model_place(model, offer);
        return;
    }
    if (o->state == PM_OFFER_OPEN) {
        bool holds = o->holds;
        model_offer_over(model, offer, PM_OFFER_TENDERED);
        o->holds = holds;
    }
    model_offers_over(model, o->package, offer, PM_OFFER_IS_WITHDRAWN, PM_OFFER_TENDERED);
    model->package[o->package].chosen = offer;
    stand(model, o->package, PM_TO_CONFIRM);
    if (split)
        model_group_settled(model, o->package);
}

/* ---- The close of a step with invitations ---- */

static bool will_do(const struct model *model, int offer)
{
    const struct model_offer *o = &model->offer[offer];
    return model_offer_is_eligible(model, offer) &&
           (o->holds || model_fits(model, o->package, o->service));
}

/* Of equally good tenders, the one that the core settled on, if it did on any of them. */
static bool core_took(const struct model *model, int offer)
{
    const struct model_offer *o = &model->offer[offer];
    uint64_t package = model->package[o->package].id;
    uint32_t slot = table_find(&model->core->table[TABLE_PACKAGES], package);
    uint32_t chosen = slot == 0 ? 0 : package_at(model->core, slot)->chosen;
    return model_will_be_told(model, PM_EVENT_OFFER_WON, package, o->id) != NULL ||
           id_of(model->core, TABLE_OFFERS, chosen) == o->id;
}

static int best_tender(const struct model *model, int package)
{
    int best = MODEL_NONE;
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older) {
        if (model->offer[o].state != PM_OFFER_TENDERED || !will_do(model, o))
            continue;
        int better = best == MODEL_NONE ? 1 : model_better_tender(model, o, best);
        if (better > 0 || (better == 0 && core_took(model, o)))
            best = o;
    }
    return best;
}

static void pick(struct model *model, int package)
{
    int best = best_tender(model, package);
    model->choices++;
    if (best != MODEL_NONE) {
        model->offer[best].holds = true;
        model_settle(model, best, false);
        return;
    }
    model_offers_over(model, package, MODEL_NONE, PM_OFFER_IS_EXPIRED, PM_OFFER_LOST);
    model_ladder_go_on(model, package);
}

/* By which way those were asked who have tendered; 0: nobody has. */
static unsigned route_of_tenders(const struct model *model, int package)
{
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older)
        if (model->offer[o].state == PM_OFFER_TENDERED)
            return model->offer[o].route;
    return 0;
}

static void decide(struct model *model, int package)
{
    unsigned route = route_of_tenders(model, package);
    if (route == 0)
        model_ladder_go_on(model, package);
    else if (route == PM_CHOICE || route == PM_INTRODUCTION)
        stand(model, package, PM_CHOOSING);
    else
        pick(model, package);
}

void model_close(struct model *model, int package)
{
    model_offers_over(model, package, MODEL_NONE, PM_OFFER_IS_EXPIRED, PM_OFFER_TENDERED);
    decide(model, package);
}

/* The one settled on is taken back: as at a close. */
void model_reconsider(struct model *model, int package)
{
    decide(model, package);
    model_group_unsettled(model, package);
}

/* Time to choose or to confirm is over: nobody won. */
void model_lapse(struct model *model, int package)
{
    if (model_is_split(model, package) && model->package[package].state == PM_TO_CONFIRM) {
        model_group_lapse(model, package);
        return;
    }
    model_offers_over(model, package, MODEL_NONE, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    model_ladder_go_on(model, package);
}

/* An answer came: a step closes early when nobody else can answer; a spot may be bettered until its
 * window is over. */
void model_answered(struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    unsigned route = route_of_tenders(model, package);
    if (p->state == PM_OFFERED && model_count(model, package, PM_OFFER_OPEN) == 0 &&
        route != PM_SPOT_OFFER)
        model_close(model, package);
    else if (p->state == PM_CHOOSING && route == 0)
        model_ladder_go_on(model, package);
}
