/* model_decisions.c - what brokers and persons decide: award.confirm, award.override,
 * choice.record. */
#include "tests/lib/model.h"

/* ---- What it will be answered ---- */

static int expect_confirm(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    if (p->state != PM_TO_CONFIRM)
        return PM_WRONG_STATE;
    if (model_is_split(model, package))
        return model_group_expect_confirm(model, package);
    return model_offer_is_eligible(model, p->chosen) ? PM_OK : PM_NO_LONGER_ELIGIBLE;
}

static bool has_tender_within(const struct model *model, int package, int32_t ceiling)
{
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older)
        if (model->offer[o].state == PM_OFFER_TENDERED && model->offer[o].rate <= ceiling &&
            model_offer_is_eligible(model, o))
            return true;
    return false;
}

static int expect_choice(const struct model *model, int package)
{
    const struct pm_choice *choice = &model->entry->command->choice;
    const struct model_package *p = &model->package[package];
    int offer = model_find_offer(model, choice->offer);
    int32_t ceiling = model->rules.kind[p->kind].ceiling;
    if (p->state != PM_CHOOSING)
        return PM_WRONG_STATE;
    if (offer == MODEL_NONE || model->offer[offer].package != package ||
        model->offer[offer].state != PM_OFFER_TENDERED)
        return PM_UNKNOWN_OFFER;
    if (choice->decided_by == 0 || choice->decided_by >= PM_DECIDERS || choice->top_up > 1)
        return PM_BAD_VALUE;
    if (!model_introduces(model, package) && model->offer[offer].rate > ceiling) {
        if (choice->top_up != 1)
            return PM_TOP_UP_NEEDED;
        if (!has_tender_within(model, package, ceiling))
            return PM_TOP_UP_REFUSED;
    }
    return model_offer_is_eligible(model, offer) ? PM_OK : PM_NO_LONGER_ELIGIBLE;
}

/* The rate of an override, 0 when it is none that may be. */
static int32_t override_rate(const struct model *model, int service, int32_t given)
{
    const struct pm_kind *kind = &model->rules.kind[model->service[service].kind];
    if (given == 0)
        return model_rate(model, service);
    return given >= kind->rate_min && given <= kind->rate_max ? given : 0;
}

static int expect_override(const struct model *model, int package)
{
    const struct pm_override *award = &model->entry->command->award;
    const struct model_package *p = &model->package[package];
    int service = model_find_service(model, award->service);
    if (model_is_over(p) || p->state == PM_PLACED || p->group != MODEL_NONE ||
        model_introduces(model, package))
        return PM_WRONG_STATE;
    if (award->note.length == 0 || award->note.length > PM_TITLE_MAX)
        return PM_REASON_NEEDED;
    if (service == MODEL_NONE)
        return PM_UNKNOWN_SERVICE;
    if (!model_eligible(model, package, service, 0, 0))
        return PM_NO_LONGER_ELIGIBLE;
    if (override_rate(model, service, award->rate) == 0)
        return PM_RATE_OUT_OF_BOUNDS;
    return model_fits(model, package, service) ? PM_OK : PM_CAPACITY_GONE;
}

static int decided(const struct model *model, int *status)
{
    const struct pm_command *c = model->entry->command;
    if (c->verb == PM_CHOICE_RECORD)
        return model_named(model, c->choice.reference, c->choice.referrer, status);
    if (c->verb == PM_AWARD_OVERRIDE)
        return model_named(model, c->award.reference, c->award.referrer, status);
    return model_named(model, c->id.reference, c->id.referrer, status);
}

int model_expect_decision(const struct model *model)
{
    int status, package = decided(model, &status);
    if (package == MODEL_NONE)
        return status;
    switch (model->entry->command->verb) {
    case PM_CHOICE_RECORD:
        return expect_choice(model, package);
    case PM_AWARD_OVERRIDE:
        return expect_override(model, package);
    default:
        return expect_confirm(model, package);
    }
}

/* ---- What it does ---- */

static void confirm(struct model *model, int package)
{
    if (model_is_split(model, package))
        model_group_place(model, package);
    else
        model_place(model, model->package[package].chosen);
    model->id = model_newest(model, package);
}

/* A person with a direct payment has arranged it: nothing is placed. */
static void introduced(struct model *model, int offer)
{
    int package = model->offer[offer].package;
    model_offer_over(model, offer, PM_OFFER_WON);
    model_offers_over(model, package, offer, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    model_package_end(model, package, PM_ENDED, PM_ARRANGED);
    model->id = model->package[package].id;
}

static void choose(struct model *model, int package)
{
    const struct pm_choice *choice = &model->entry->command->choice;
    int offer = model_find_offer(model, choice->offer);
    if (model_introduces(model, package)) {
        introduced(model, offer);
        return;
    }
    model->offer[offer].decided_by = choice->decided_by;
    model_settle(model, offer, true);
    model->id = model->package[package].id;
    if (model->package[package].state == PM_PLACED)
        model->id = model_newest(model, package);
}

static void override(struct model *model, int package)
{
    const struct pm_override *award = &model->entry->command->award;
    struct model_package *p = &model->package[package];
    int service = model_find_service(model, award->service);
    p->gathered = false;
    p->due = 0;
    model_offers_over(model, package, MODEL_NONE, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
    const struct pm_event_record *e =
        model_will_be_told(model, PM_EVENT_PLACEMENT_AGREED, p->id, 0);
    int offer = model_offer_new(model, package, service, PM_BROKER_AWARD, e == NULL ? 0 : e->offer);
    model->offer[offer].rate = override_rate(model, service, award->rate);
    model->offer[offer].state = PM_OFFER_ACCEPTED;
    model->offer[offer].answered = model->time;
    model_agree(model, offer, package);
    model->id = model_newest(model, package);
}

void model_decide(struct model *model)
{
    int status, package = decided(model, &status);
    if (model->entry->command->verb == PM_CHOICE_RECORD)
        choose(model, package);
    else if (model->entry->command->verb == PM_AWARD_OVERRIDE)
        override(model, package);
    else
        confirm(model, package);
}
