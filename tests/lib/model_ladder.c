/* model_ladder.c - a package's way through the steps of its kind, and how long it waits. */
#include "tests/lib/model.h"

enum { RETURN_WINDOW = 240, INTRODUCTION_WINDOW = 1440, INVITED = 64 }; /* minutes; offers */

/* ---- Priority ---- */

uint8_t model_priority(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    int64_t after = model->rules.raise_after * INT64_C(60000);
    int64_t raised =
        after == 0 || p->placement != MODEL_NONE ? 0 : (model->time - p->posted) / after;
    int64_t now = p->need.given - model->rules.raise[p->need.interim] - raised;
    return (uint8_t)(now < 0 ? 0 : now);
}

void model_classify(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    uint8_t now = model_priority(model, package);
    if (p->priority != now)
        p->place = model->entry->sequence;
    p->priority = now;
}

/* ---- Whom a step asks ---- */

static bool invites(const struct model *model, int package, const struct pm_step *step)
{
    return model_introduces(model, package) || step->route == PM_OPEN_OFFER ||
           step->route == PM_SPOT_OFFER || step->route == PM_CHOICE;
}

static bool anybody(const struct model *model, int package, unsigned step)
{
    for (int s = 0; s < model->services; s++)
        if (model_eligible(model, package, s, step, MODEL_ALL))
            return true;
    return false;
}

static bool has_somebody(const struct model *model, int package, unsigned step, bool retry)
{
    unsigned route = model_step(model, package, step)->route;
    if (model_introduces(model, package) && (route == PM_ROUND || route == PM_BROKER_AWARD))
        return false;
    if (route == PM_BROKER_AWARD || (route == PM_ROUND && !retry))
        return !retry;
    return anybody(model, package, step);
}

/* The first step from here on that has somebody; as many as there are when none has. */
static unsigned seek(const struct model *model, int package, unsigned step, bool retry)
{
    const struct pm_kind *kind = &model->rules.kind[model->package[package].kind];
    while (step < kind->steps && !has_somebody(model, package, step, retry))
        step++;
    return step;
}

/* ---- Asking ---- */

/* The core asked `event`'s service in the place of that rank: is it as good as any there? */
static void check_choice(struct model *model, int package, const int *ranked, int count, int rank,
                         int service)
{
    const char *name = service == MODEL_NONE ? "none" : model->service[service].name.text;
    bool among = false;
    model->choices++;
    for (int i = 0; i < count; i++)
        among |= ranked[i] == service;
    if (!among)
        model_fail(model, "%s: %s was chosen, who is not eligible",
                   model->package[package].reference.text, name);
    else if (model_better(model, package, ranked[rank], service) != 0)
        model_fail(model, "%s: %s was chosen, not %s", model->package[package].reference.text, name,
                   model->service[ranked[rank]].name.text);
}

static void ask(struct model *model, int package, unsigned route, unsigned most, uint32_t window)
{
    struct model_package *p = &model->package[package];
    int ranked[MODEL_SUPPLY];
    int count = model_ranked(model, package, p->step, ranked);
    p->state = PM_OFFERED;
    p->due = model_after(model, p->kind, model->time, window);
    for (int i = 0; i < count && i < (int)most && !model->failed; i++) {
        const struct pm_event_record *e = model_told(model, PM_EVENT_OFFER_MADE, p->id, 0);
        int service = model_find_service(model, pm_text(e->service.text));
        check_choice(model, package, ranked, count, i, service);
        if (model->failed)
            return;
        int offer = model_offer_new(model, package, service, route, e->offer);
        model->offer[offer].holds = route == PM_CALL_OFF;
    }
}

/* The best is obliged: an offer accepted as it is made. A part of a group is held until all are. */
static const struct pm_event_record *told_obliged(struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    const struct pm_event_record *e =
        model_is_split(model, package)
            ? model_told(model, PM_EVENT_OFFER_MADE, p->id, 0)
            : model_will_be_told(model, PM_EVENT_PLACEMENT_AGREED, p->id, 0);
    if (e == NULL)
        model_fail(model, "%s: nobody was obliged", p->reference.text);
    return e;
}

static void oblige(struct model *model, int package, unsigned route, int service, uint64_t id)
{
    int offer = model_offer_new(model, package, service, route, id);
    bool split = model_is_split(model, package);
    model->offer[offer].holds = split;
    model->package[package].due = 0;
    if (split) {
        model_settle(model, offer, true);
        return;
    }
    model->offer[offer].state = PM_OFFER_ACCEPTED;
    model->offer[offer].answered = model->time;
    model_group_agree(model, offer);
}

static void oblige_best(struct model *model, int package)
{
    int ranked[MODEL_SUPPLY];
    int count = model_ranked(model, package, model->package[package].step, ranked);
    const struct pm_event_record *e = told_obliged(model, package);
    if (e == NULL)
        return;
    int service = model_find_service(model, pm_text(e->service.text));
    check_choice(model, package, ranked, count, 0, service);
    if (!model->failed)
        oblige(model, package, PM_LAST_RESORT, service, e->offer);
}

static void gather(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    model_told(model, PM_EVENT_PACKAGE_GATHERED, p->id, 0);
    p->state = PM_OPEN;
    p->gathered = true;
    p->gathered_at = p->place = model->entry->sequence;
    p->gathered_on = model->time;
    if (model->failing != NULL)
        model->failing->kinds |= model_bit(p->kind);
    model_classify(model, package);
    p->due = 0;
}

static void stop_for_broker(struct model *model, int package, uint32_t window)
{
    struct model_package *p = &model->package[package];
    model_told(model, PM_EVENT_PACKAGE_TO_BROKER, p->id, 0);
    p->state = PM_OPEN;
    p->due = window == 0 ? 0 : model_after(model, p->kind, model->time, window);
}

static void enter(struct model *model, int package, unsigned at)
{
    const struct pm_step *step = model_step(model, package, at);
    bool direct = model_introduces(model, package);
    model->package[package].step = at;
    if (invites(model, package, step))
        ask(model, package, direct ? (unsigned)PM_INTRODUCTION : step->route,
            step->invite == 0 ? INVITED : step->invite,
            step->window == 0 ? INTRODUCTION_WINDOW : step->window);
    else if (step->route == PM_CALL_OFF)
        ask(model, package, PM_CALL_OFF, 1, step->window);
    else if (step->route == PM_LAST_RESORT)
        oblige_best(model, package);
    else if (step->route == PM_ROUND)
        gather(model, package);
    else
        stop_for_broker(model, package, step->window);
}

/* ---- Going down, and waiting ---- */

/* When the first refusal for want of capacity no longer counts; 0: none will. */
int64_t model_wait_due(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    uint32_t again = model->rules.kind[p->kind].ask_again;
    int64_t first = 0;
    for (int o = p->first_offer; again != 0 && o != MODEL_NONE; o = model->offer[o].older) {
        const struct model_offer *offer = &model->offer[o];
        if (offer->state != PM_OFFER_DECLINED || offer->code != PM_NO_CAPACITY ||
            offer->version < p->need_version ||
            model->pool[model->service[offer->service].pool].stated > offer->answered)
            continue;
        int64_t at = model_after(model, p->kind, offer->answered, again);
        if (at >= model->time && (first == 0 || at < first))
            first = at;
    }
    return first;
}

void model_wait(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    model_told(model, PM_EVENT_PACKAGE_WAITING, p->id, 0);
    p->step = model->rules.kind[p->kind].steps - 1u;
    p->state = PM_WAITING;
    model_classify(model, package);
    p->due = model_wait_due(model, package);
}

void model_ladder_go_on(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    bool from_first = p->step == 0;
    p->state = PM_OPEN;
    p->gathered = false;
    p->due = 0;
    for (;;) {
        unsigned step = seek(model, package, p->step, false);
        if (step < kind->steps) {
            enter(model, package, step);
            return;
        }
        if (p->pass >= kind->passes)
            break;
        p->pass++;
        p->step = 0;
        from_first = true;
    }
    unsigned step = from_first ? kind->steps : seek(model, package, 0, true);
    if (step < kind->steps)
        enter(model, package, step);
    else if (!model_group_is_spent(model, package))
        model_wait(model, package);
}

/* The service to which the person should return is asked first, at the first step that lets it. */
static bool ask_return(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    int service = p->return_to;
    p->return_to = MODEL_NONE;
    if (service == MODEL_NONE || model_introduces(model, package))
        return false;
    for (unsigned step = 0; step < model->rules.kind[p->kind].steps; step++) {
        const struct pm_step *at = model_step(model, package, step);
        if (at->route == PM_BROKER_AWARD ||
            !model_eligible(model, package, service, step, MODEL_ALL))
            continue;
        p->step = step;
        p->state = PM_OFFERED;
        p->due =
            model_after(model, p->kind, model->time, at->window == 0 ? RETURN_WINDOW : at->window);
        const struct pm_event_record *e = model_told(model, PM_EVENT_OFFER_MADE, p->id, 0);
        if (!model_same(&e->service, &model->service[service].name))
            model_fail(model, "%s: the one to return to was not asked", p->reference.text);
        model->offer[model_offer_new(model, package, service, PM_CALL_OFF, e->offer)].holds = true;
        p->step = 0; /* a refusal begins the ladder */
        return true;
    }
    return false;
}

/* A failure's packages begin at their round. */
static unsigned first_step(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    if (model->failing == NULL || p->arrangement != PM_MANAGED)
        return 0;
    for (unsigned step = 0; step < kind->steps; step++)
        if (kind->step[step].route == PM_ROUND)
            return step;
    return 0;
}

void model_ladder_start(struct model *model, int package)
{
    model->package[package].pass = 1;
    model->package[package].step = 0;
    model->package[package].gathered = false;
    if (ask_return(model, package))
        return;
    model->package[package].step = first_step(model, package);
    model_ladder_go_on(model, package);
}

/* A part of a group goes on only if all that wait could. */
bool model_ladder_would_retry(struct model *model, int package)
{
    return seek(model, package, 0, true) < model->rules.kind[model->package[package].kind].steps &&
           model_group_could_be_served(model, package);
}

void model_ladder_retry(struct model *model, int package)
{
    model->package[package].due = 0;
    enter(model, package, seek(model, package, 0, true));
    model_group_woken(model, package);
}

static int best_of(const struct model *model, int package, unsigned step)
{
    int ranked[MODEL_SUPPLY];
    int count = model_ranked(model, package, step, ranked), best = ranked[0];
    for (int i = 1; i < count && model_better(model, package, ranked[i], ranked[0]) == 0; i++)
        if (model_tie(model, package, ranked[i]) < model_tie(model, package, best))
            best = ranked[i];
    return best;
}

/* Where a part would come to, were its ladder begun now. A call-off or a last resort holds what it
 * needs of the best; others hold nothing. */
bool model_would_come(const struct model *model, int package, bool woken, int *service)
{
    unsigned step = seek(model, package, 0, woken);
    unsigned route = model_step(model, package, step)->route;
    *service = route == PM_CALL_OFF || route == PM_LAST_RESORT ? best_of(model, package, step)
                                                               : MODEL_NONE;
    return route != 0;
}

/* ---- In a round ---- */

static bool is_given(struct model *model, int package, int service,
                     const struct pm_event_record *event)
{
    if (event != NULL && !model_same(&event->service, &model->service[service].name))
        model_fail(model, "%s: it was given %s, not %s", model->package[package].reference.text,
                   event->service.text, model->service[service].name.text);
    return event != NULL && !model->failed;
}

static void ask_one(struct model *model, int package, int service, uint32_t window)
{
    struct model_package *p = &model->package[package];
    const struct pm_event_record *e = model_told(model, PM_EVENT_OFFER_MADE, p->id, 0);
    p->state = PM_OFFERED;
    p->due = model_after(model, p->kind, model->time, window);
    if (is_given(model, package, service, e))
        model->offer[model_offer_new(model, package, service, PM_CALL_OFF, e->offer)].holds = true;
}

void model_ladder_give(struct model *model, int package, int service)
{
    struct model_package *p = &model->package[package];
    const struct pm_step *step = model_step(model, package, p->step);
    p->gathered = false;
    p->due = 0;
    if (!step->binding) {
        ask_one(model, package, service, step->window);
        return;
    }
    const struct pm_event_record *e = told_obliged(model, package);
    if (is_given(model, package, service, e))
        oblige(model, package, PM_ROUND, service, e->offer);
}

void model_ladder_pass_on(struct model *model, int package)
{
    model->package[package].gathered = false;
    model->package[package].step++;
    model_ladder_go_on(model, package);
}
