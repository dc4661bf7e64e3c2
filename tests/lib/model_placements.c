/* model_placements.c - care agreed, begun, given back, kept during a stay, imported, and over. */
#include "tests/lib/model.h"

#include <string.h>

/* ---- Agreed, and over ---- */

int model_agree(struct model *model, int offer, int package)
{
    struct model_package *p = &model->package[package];
    const struct model_offer *o = &model->offer[offer];
    const struct pm_event_record *e = model_told(model, PM_EVENT_PLACEMENT_AGREED, p->id, o->id);
    if (model->placements == MODEL_PLACEMENTS) {
        model_fail(model, "the model is full");
        return 0;
    }
    int placement = model->placements++;
    struct model_placement *l = &model->placement[placement];
    *l = (struct model_placement){.id = e->placement,
                                  .package = package,
                                  .service = o->service,
                                  .offer = offer,
                                  .state = PM_AGREED,
                                  .counted = true,
                                  .negotiated = o->route == PM_SPOT_OFFER ||
                                                o->route == PM_BROKER_AWARD ||
                                                o->route == PM_IMPORTED,
                                  .decided_by = o->decided_by,
                                  .rate = o->rate,
                                  .units = p->need.own_units,
                                  .awarded = p->need.own_units,
                                  .awarded_to = model_provider_of(model, o->service),
                                  .agreed = model->time,
                                  .sequence = model->entry->sequence};
    memcpy(l->demand, p->need.own, sizeof l->demand);
    if (p->placement == MODEL_NONE)
        p->placement = placement;
    else
        p->successor = placement;
    p->state = PM_PLACED;
    p->due = 0;
    p->chosen = p->return_to = MODEL_NONE;
    return placement;
}

uint64_t model_newest(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    int placement = p->successor != MODEL_NONE ? p->successor : p->placement;
    return placement == MODEL_NONE ? 0 : model->placement[placement].id;
}

/* A refusal of what is needed now, however long ago its yes was. */
static void not_again(struct model *model, int placement)
{
    const struct model_placement *l = &model->placement[placement];
    model->offer[l->offer].handed_back = true;
    model->offer[l->offer].version = model->package[l->package].version;
}

/* Units agreed this quarter and not begun do not count. */
void model_placement_end(struct model *model, int placement, unsigned reason)
{
    struct model_placement *l = &model->placement[placement];
    struct model_package *p = &model->package[l->package];
    if (l->started == 0 && !l->moved && model_quarter(l->agreed) == model_quarter(model->time))
        l->counted = false;
    l->state = PM_PLACEMENT_ENDED;
    l->reason = (uint8_t)reason;
    l->ended = model->time;
    if (reason == PM_HANDED_BACK || reason == PM_PROVIDER_FAILED)
        not_again(model, placement);
    if (p->placement == placement)
        p->placement = p->successor;
    p->successor = MODEL_NONE;
    model_told(model, PM_EVENT_PLACEMENT_ENDED, p->id, l->id);
}

/* ---- Sought again ---- */

/* Whoever is placed and has nobody to come is sought for anew; all others go on as they are, but
 * for who paused with care that is no longer there, or whose provider has failed. */
static void seek_again(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    if (p->successor == MODEL_NONE && p->state == PM_PAUSED &&
        (p->placement == MODEL_NONE || model->failing != NULL)) {
        model_told(model, PM_EVENT_PACKAGE_RESUMED, p->id, 0);
        model_search_anew(model, package);
        model_group_seek_again(model, package);
    }
    if (p->successor != MODEL_NONE || p->state != PM_PLACED)
        return;
    model_search_anew(model, package);
    model_ladder_start(model, package);
}

/* The care ends, the need for it does not. A successor that there is takes its place. */
void model_care_ends(struct model *model, int placement, unsigned reason)
{
    struct model_placement *l = &model->placement[placement];
    struct model_package *p = &model->package[l->package];
    bool replaced = p->placement == placement && p->successor != MODEL_NONE;
    model_placement_end(model, placement, reason);
    if (l->started != 0)
        p->need.interim = PM_NO_COVER;
    if (replaced)
        return;
    model_classify(model, l->package);
    seek_again(model, l->package);
}

void model_notice(struct model *model, int placement, int32_t until, bool ceases)
{
    struct model_placement *l = &model->placement[placement];
    struct model_package *p = &model->package[l->package];
    l->state = PM_NOTICE;
    l->until = until;
    l->ceases = ceases;
    not_again(model, placement);
    model_told(model, PM_EVENT_PLACEMENT_NOTICE, p->id, l->id);
    if (p->successor == MODEL_NONE)
        p->need.interim = PM_ON_NOTICE;
    model_classify(model, l->package);
    seek_again(model, l->package);
}

/* ---- Start and end ---- */

/* The one that placement.start starts. */
static int to_start(const struct model *model, const struct model_package *p)
{
    int placement = p->successor != MODEL_NONE ? p->successor : p->placement;
    return placement != MODEL_NONE && model->placement[placement].state == PM_AGREED ? placement
                                                                                     : MODEL_NONE;
}

/* Those whom this package follows have done their part, or have none to do any more; and so have
 * those whom they followed. */
static void follow_up(struct model *model, int followed)
{
    if (followed == MODEL_NONE || model->package[followed].gone ||
        model_is_over(&model->package[followed]))
        return;
    int before = model->package[followed].need.follows;
    if (model->package[followed].placement != MODEL_NONE)
        model_finish(model, followed, PM_ENDED, PM_REPLACED);
    else
        model_withdraw(model, followed, PM_REPLACED);
    follow_up(model, before);
}

static void begin(struct model *model, int placement, int64_t started)
{
    struct model_placement *l = &model->placement[placement];
    struct model_package *p = &model->package[l->package];
    l->state = PM_STARTED;
    l->started = started;
    model_told(model, PM_EVENT_PLACEMENT_STARTED, p->id, l->id);
    if (p->successor == placement)
        model_placement_end(model, p->placement, PM_REPLACED);
    follow_up(model, p->need.follows);
}

static void start(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    int placement = to_start(model, p);
    begin(model, placement, model->time);
    model->id = model->placement[placement].id;
}

static void end(struct model *model, int package, unsigned reason)
{
    struct model_package *p = &model->package[package];
    int placement = p->placement;
    model->id = model->placement[placement].id;
    if (reason == PM_HANDED_BACK || reason == PM_PROVIDER_FAILED) {
        model_care_ends(model, placement, reason);
    } else {
        model_finish(model, package, PM_ENDED, reason);
    }
}

/* ---- Handback and stays ---- */

static int expect_handback(const struct model *model)
{
    const struct pm_handback *handback = &model->entry->command->handback;
    int placement = model_find_placement(model, handback->placement);
    if (placement == MODEL_NONE || model->package[model->placement[placement].package].gone)
        return PM_UNKNOWN_PLACEMENT;
    const struct model_placement *l = &model->placement[placement];
    struct pm_text provider =
        pm_text(model->provider[model_provider_of(model, l->service)].name.text);
    if (model->entry->actor.role == PM_PROVIDER &&
        !pm_text_equal(provider, model->entry->actor.name))
        return PM_NOT_YOURS;
    if (l->state == PM_PLACEMENT_ENDED)
        return PM_WRONG_STATE;
    if (handback->code < 1 || handback->code >= PM_DECLINE_CODES)
        return PM_BAD_VALUE;
    int32_t last = l->ceases ? l->until : MODEL_DATE_MAX; /* they stop then in any case */
    return handback->until == 0 ||
                   (handback->until >= model_today(model) && handback->until <= last)
               ? PM_OK
               : PM_BAD_DATES;
}

static void handback(struct model *model)
{
    const struct pm_handback *handback = &model->entry->command->handback;
    int placement = model_find_placement(model, handback->placement);
    struct model_placement *l = &model->placement[placement];
    model->id = l->id;
    if (l->state == PM_AGREED || handback->until == 0)
        model_care_ends(model, placement, PM_HANDED_BACK);
    else
        model_notice(model, placement, handback->until, l->ceases);
}

static void stay(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    struct model_placement *l = &model->placement[p->placement];
    l->state = PM_IN_STAY;
    l->until = model->entry->command->stay.until;
    model->id = l->id;
    model_told(model, PM_EVENT_PLACEMENT_IN_HOSPITAL, p->id, l->id);
}

/* The place is kept no longer: the person is asked for there first when there is need again. */
void model_stay_lapses(struct model *model, int placement)
{
    struct model_placement *l = &model->placement[placement];
    struct model_package *p = &model->package[l->package];
    model_placement_end(model, placement, PM_STAY_LAPSED);
    if (p->placement != MODEL_NONE)
        return; /* a successor has taken over */
    model_stop(model, l->package, PM_OFFER_IS_WITHDRAWN);
    p->state = PM_PAUSED;
    p->need.interim = PM_IN_HOSPITAL;
    p->return_to = l->service;
    model_told(model, PM_EVENT_PACKAGE_PAUSED, p->id, 0);
}

static void restart(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    if (p->placement != MODEL_NONE && model->placement[p->placement].state == PM_IN_STAY) {
        struct model_placement *l = &model->placement[p->placement];
        l->state = PM_STARTED;
        l->until = 0;
        model->id = l->id;
        model_told(model, PM_EVENT_PLACEMENT_RESTARTED, p->id, l->id);
        return;
    }
    model->id = p->id;
    model_told(model, PM_EVENT_PACKAGE_RESUMED, p->id, 0);
    model_search_anew(model, package);
    model_ladder_start(model, package);
}

/* ---- Import ---- */

static int expect_import(const struct model *model)
{
    const struct pm_import *import = &model->entry->command->import;
    if (import->package == NULL)
        return PM_NOTHING_NEEDED;
    int service = model_find_service(model, import->service);
    int kind = model_kind(model, import->package->kind);
    if (service == MODEL_NONE || (kind != MODEL_NONE && model->service[service].kind != kind))
        return PM_UNKNOWN_SERVICE;
    if (import->package->group.length != 0 || import->package->arrangement != PM_MANAGED)
        return PM_BAD_VALUE;
    if (import->started < 0 || import->started > model_today(model))
        return PM_BAD_DATES;
    const struct pm_kind *rules = &model->rules.kind[model->service[service].kind];
    int32_t rate = import->rate != 0 ? import->rate : model_rate(model, service);
    return rate < rules->rate_min || rate > rules->rate_max
               ? PM_RATE_OUT_OF_BOUNDS
               : model_expect_new(model, import->package);
}

static void import(struct model *model, struct pm_result result)
{
    const struct pm_import *import = &model->entry->command->import;
    const struct pm_event_record *e = NULL;
    for (uint32_t i = 0; i < model->events && e == NULL; i++)
        if (model->event[i].kind == PM_EVENT_PLACEMENT_AGREED ||
            model->event[i].kind == PM_EVENT_PLACEMENT_STARTED)
            e = &model->event[i];
    if (e == NULL) {
        model_fail(model, "imported, but nothing was told");
        return;
    }
    int package = model_new(model, import->package, e->package);
    int service = model_find_service(model, import->service);
    int offer = model_offer_new(model, package, service, PM_IMPORTED, e->offer);
    model->offer[offer].state = PM_OFFER_ACCEPTED;
    model->offer[offer].answered = model->time;
    if (import->rate != 0)
        model->offer[offer].rate = import->rate;
    struct model_pool *pool = &model->pool[model->service[service].pool];
    for (unsigned b = 0; b < PM_BANDS_MAX && pool->capacity == MODEL_DECLARED; b++)
        pool->declared[b] += model->package[package].need.own[b];
    int placement = model_agree(model, offer, package);
    model->placement[placement].counted = false;
    begin(model, placement, import->started == 0 ? model->time : import->started * MODEL_DAY);
    model_import_failed(model, service);
    (void)result;
    model->id = model->placement[placement].id;
}

/* ---- All ---- */

static int about(const struct model *model, int *status)
{
    const struct pm_command *c = model->entry->command;
    if (c->verb == PM_PLACEMENT_IN_HOSPITAL)
        return model_named(model, c->stay.reference, c->stay.referrer, status);
    return model_named(model, c->id.reference, c->id.referrer, status);
}

static int expect_end(const struct model *model, const struct model_package *p)
{
    unsigned reason = model->entry->command->id.reason;
    if (p->placement == MODEL_NONE)
        return PM_WRONG_STATE;
    return reason >= 1 && reason < PM_REASONS_GIVEN ? PM_OK : PM_BAD_VALUE;
}

static int expect_stay(const struct model *model, const struct model_package *p)
{
    int32_t until = model->entry->command->stay.until;
    if (p->placement == MODEL_NONE || model->placement[p->placement].state != PM_STARTED)
        return PM_WRONG_STATE;
    return until >= model_today(model) && until <= MODEL_DATE_MAX ? PM_OK : PM_BAD_DATES;
}

static int expect_restart(const struct model *model, const struct model_package *p)
{
    if (p->placement != MODEL_NONE && model->placement[p->placement].state == PM_IN_STAY)
        return PM_OK;
    return p->state == PM_PAUSED && p->return_to != MODEL_NONE ? PM_OK : PM_WRONG_STATE;
}

int model_expect_placement(const struct model *model)
{
    unsigned verb = model->entry->command->verb;
    if (verb == PM_PLACEMENT_HANDBACK)
        return expect_handback(model);
    if (verb == PM_PLACEMENT_IMPORT)
        return expect_import(model);
    int status, package = about(model, &status);
    if (package == MODEL_NONE)
        return status;
    const struct model_package *p = &model->package[package];
    switch (verb) {
    case PM_PLACEMENT_START:
        return to_start(model, p) != MODEL_NONE ? PM_OK : PM_WRONG_STATE;
    case PM_PLACEMENT_END:
        return expect_end(model, p);
    case PM_PLACEMENT_IN_HOSPITAL:
        return expect_stay(model, p);
    default:
        return expect_restart(model, p);
    }
}

void model_do_placement(struct model *model, struct pm_result result)
{
    const struct pm_command *command = model->entry->command;
    int status, package = MODEL_NONE;
    if (command->verb != PM_PLACEMENT_HANDBACK && command->verb != PM_PLACEMENT_IMPORT)
        package = about(model, &status);
    switch (command->verb) {
    case PM_PLACEMENT_HANDBACK:
        handback(model);
        break;
    case PM_PLACEMENT_IMPORT:
        import(model, result);
        break;
    case PM_PLACEMENT_START:
        start(model, package);
        break;
    case PM_PLACEMENT_END:
        end(model, package, command->id.reason);
        break;
    case PM_PLACEMENT_IN_HOSPITAL:
        stay(model, package);
        break;
    default:
        restart(model, package);
        break;
    }
}
