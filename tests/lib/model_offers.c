/* model_offers.c - one offer, and all of a package. */
#include "tests/lib/model.h"

int model_offer_new(struct model *model, int package, int service, unsigned route, uint64_t id)
{
    struct model_package *p = &model->package[package];
    if (model->offers == MODEL_OFFERS) {
        model_fail(model, "the model is full");
        return 0;
    }
    model->offer[model->offers] = (struct model_offer){
        .id = id,
        .package = package,
        .service = service,
        .older = p->first_offer,
        .route = (uint8_t)route,
        .version = p->version,
        .pass = p->pass,
        .step = p->step,
        .rate = model_rate(model, service),
        .score = model_score(model, package, service, model_rate(model, service), true)};
    p->first_offer = model->offers;
    return model->offers++;
}

void model_search_anew(struct model *model, int package)
{
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older)
        model->offer[o].before = true;
}

bool model_is_live(const struct model *model, int offer)
{
    return model->offer[offer].state == PM_OFFER_OPEN ||
           model->offer[offer].state == PM_OFFER_TENDERED;
}

void model_offer_over(struct model *model, int offer, enum pm_offer_state state)
{
    static const uint8_t told[PM_OFFER_STATES] = {
        [PM_OFFER_ACCEPTED] = PM_EVENT_OFFER_ACCEPTED,
        [PM_OFFER_DECLINED] = PM_EVENT_OFFER_DECLINED,
        [PM_OFFER_IS_EXPIRED] = PM_EVENT_OFFER_EXPIRED,
        [PM_OFFER_IS_WITHDRAWN] = PM_EVENT_OFFER_WITHDRAWN,
        [PM_OFFER_IS_STALE] = PM_EVENT_OFFER_STALE,
        [PM_OFFER_TENDERED] = PM_EVENT_OFFER_TENDERED,
        [PM_OFFER_WON] = PM_EVENT_OFFER_WON,
        [PM_OFFER_LOST] = PM_EVENT_OFFER_LOST,
    };
    struct model_offer *o = &model->offer[offer];
    o->state = (uint8_t)state;
    o->answered = model->time;
    if (state != PM_OFFER_TENDERED)
        o->holds = false;
    if (state != PM_OFFER_TENDERED && model->package[o->package].chosen == offer)
        model->package[o->package].chosen = MODEL_NONE;
    model_told(model, told[state], model->package[o->package].id, o->id);
}

void model_offers_over(struct model *model, int package, int but, enum pm_offer_state open,
                       enum pm_offer_state tendered)
{
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older) {
        if (o == but)
            continue;
        if (model->offer[o].state == PM_OFFER_OPEN && open != PM_OFFER_OPEN)
            model_offer_over(model, o, open);
        else if (model->offer[o].state == PM_OFFER_TENDERED && tendered != PM_OFFER_TENDERED)
            model_offer_over(model, o, tendered);
    }
}

int model_count(const struct model *model, int package, enum pm_offer_state state)
{
    int count = 0;
    for (int o = model->package[package].first_offer; o != MODEL_NONE; o = model->offer[o].older)
        count += model->offer[o].state == state;
    return count;
}
