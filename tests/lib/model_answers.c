/* model_answers.c - what providers say: offer.accept, offer.tender, offer.decline. */
#include "tests/lib/model.h"

enum { SHIFT_MAX = 240 };

/* An acceptance is a tender on no condition. */
static struct pm_tender tender_of(const struct pm_command *command)
{
    return command->verb == PM_OFFER_TENDER ? command->tender
                                            : (struct pm_tender){.offer = command->answer.offer};
}

/* ---- What it will be answered ---- */

bool model_offer_is_eligible(const struct model *model, int offer)
{
    const struct model_offer *o = &model->offer[offer];
    return o->step < model->rules.kind[model->package[o->package].kind].steps &&
           model_eligible(model, o->package, o->service, o->step, MODEL_AT_ANSWER) &&
           model_rate_is_allowed(model, o->package, o->step, o->rate);
}

static bool date_is_good(const struct model *model, int32_t date)
{
    return date == 0 || (date >= model_today(model) && date <= MODEL_DATE_MAX);
}

static bool tender_is_good(const struct model *model, const struct model_offer *o,
                           const struct pm_tender *tender)
{
    const struct pm_kind *kind = &model->rules.kind[model->package[o->package].kind];
    const struct pm_step *step = model_step(model, o->package, o->step);
    int32_t rate = tender->rate != 0 ? tender->rate : model_rate(model, o->service);
    bool good = o->route == PM_SPOT_OFFER
                    ? rate >= (step->floor != 0 ? step->floor : kind->rate_min) &&
                          rate <= (step->ceiling != 0 ? step->ceiling : kind->ceiling)
                    : tender->rate == 0;
    return good && date_is_good(model, tender->start) && date_is_good(model, tender->assess_by) &&
           tender->shift >= -SHIFT_MAX && tender->shift <= SHIFT_MAX;
}

static bool must_reserve(const struct model_offer *o)
{
    return !o->holds && (o->route == PM_OPEN_OFFER || o->route == PM_CHOICE);
}

static int expect_yes(const struct model *model, int offer)
{
    const struct model_offer *o = &model->offer[offer];
    struct pm_tender tender = tender_of(model->entry->command);
    if (!model_offer_is_eligible(model, offer))
        return PM_NO_LONGER_ELIGIBLE;
    if (!tender_is_good(model, o, &tender))
        return PM_BAD_TENDER;
    if (must_reserve(o) && !model_fits_beside(model, o->package, o->service))
        return PM_CAPACITY_GONE;
    return PM_OK;
}

/* Is it for an answer still: open and in time, or tendered and nobody has settled on it? */
static int expect_any(const struct model *model, int offer)
{
    static const int when_over[PM_OFFER_STATES] = {
        PM_OK,          PM_OFFER_ANSWERED, PM_OFFER_ANSWERED, PM_OFFER_EXPIRED,  PM_OFFER_WITHDRAWN,
        PM_OFFER_STALE, PM_OFFER_ANSWERED, PM_OFFER_ANSWERED, PM_OFFER_ANSWERED,
    };
    const struct model_offer *o = &model->offer[offer];
    const struct model_package *p = &model->package[o->package];
    unsigned verb = model->entry->command->verb;
    if (model->entry->actor.role == PM_PROVIDER &&
        !pm_text_equal(model->entry->actor.name,
                       pm_text(model->provider[model_provider_of(model, o->service)].name.text)))
        return PM_NOT_YOURS;
    if (o->state == PM_OFFER_TENDERED) {
        if (verb == PM_OFFER_ACCEPT || p->chosen == offer ||
            (verb == PM_OFFER_TENDER && p->state != PM_OFFERED))
            return PM_OFFER_ANSWERED;
        return verb == PM_OFFER_TENDER && model->time > p->due ? PM_OFFER_EXPIRED : PM_OK;
    }
    if (o->state == PM_OFFER_OPEN && model->time > p->due)
        return PM_OFFER_EXPIRED;
    return when_over[o->state];
}

int model_expect_answer(const struct model *model)
{
    const struct pm_command *command = model->entry->command;
    int offer = model_find_offer(model, tender_of(command).offer);
    if (offer == MODEL_NONE || model->package[model->offer[offer].package].gone)
        return PM_UNKNOWN_OFFER;
    int status = expect_any(model, offer);
    if (status != PM_OK)
        return status;
    if (command->verb != PM_OFFER_DECLINE)
        return expect_yes(model, offer);
    return command->answer.code > 0 && command->answer.code < PM_DECLINE_CODES ? PM_OK
                                                                               : PM_BAD_VALUE;
}

/* ---- What it does ---- */

/* Does the first yes close the step? */
static bool closes(const struct model *model, const struct model_offer *o)
{
    return o->route == PM_CALL_OFF ||
           (o->route == PM_OPEN_OFFER &&
            model_step(model, o->package, o->step)->close == PM_AT_FIRST);
}

static void yes(struct model *model, int offer)
{
    struct model_offer *o = &model->offer[offer];
    struct pm_tender tender = tender_of(model->entry->command);
    bool holds = o->holds || must_reserve(o);
    o->start = tender.start;
    o->assess_by = tender.assess_by;
    o->shift = tender.shift;
    if (o->route == PM_SPOT_OFFER) {
        o->rate = tender.rate != 0 ? tender.rate : model_rate(model, o->service);
        o->score = model_score(model, o->package, o->service, o->rate, false);
    }
    o->holds = holds;
    if (closes(model, o)) {
        model_settle(model, offer, false);
    } else {
        model_offer_over(model, offer, PM_OFFER_TENDERED);
        o->holds = holds;
        model_answered(model, o->package);
    }
    bool won = o->state == PM_OFFER_ACCEPTED || o->state == PM_OFFER_WON;
    model->id = won ? model_newest(model, o->package) : o->id;
}

void model_answer(struct model *model)
{
    const struct pm_command *command = model->entry->command;
    int offer = model_find_offer(model, tender_of(command).offer);
    if (command->verb != PM_OFFER_DECLINE) {
        yes(model, offer);
        return;
    }
    model->offer[offer].code = command->answer.code;
    model->id = model->offer[offer].id;
    model_offer_over(model, offer, PM_OFFER_DECLINED);
    model_answered(model, model->offer[offer].package);
}
