/* model_packages.c - packages posted, amended, paused, resumed, withdrawn, and over. */
#include "tests/lib/model.h"

#include <string.h>

/* ---- Post ---- */

static struct pm_text referrer_of(const struct model *model, const struct pm_package *sent)
{
    return sent->referrer.length != 0 ? sent->referrer : model->entry->actor.name;
}

static int expect_names(const struct model *model, const struct pm_package *sent)
{
    struct pm_text referrer = referrer_of(model, sent);
    int status;
    if (!model_name_is_good(sent->reference, PM_NAME_MAX) ||
        !model_name_is_good(referrer, PM_NAME_MAX))
        return PM_BAD_NAME;
    if (model->entry->actor.role == PM_HOSPITAL &&
        !pm_text_equal(referrer, model->entry->actor.name))
        return PM_NOT_ALLOWED;
    if (model_kind(model, sent->kind) == MODEL_NONE)
        return PM_UNKNOWN_KIND;
    if (sent->arrangement >= PM_ARRANGEMENTS)
        return PM_BAD_VALUE;
    return model_named(model, sent->reference, referrer, &status) != MODEL_NONE
               ? PM_DUPLICATE_REFERENCE
               : PM_OK;
}

static const struct model_need nothing = {.continuity = MODEL_NONE, .follows = MODEL_NONE};

int model_expect_new(const struct model *model, const struct pm_package *sent)
{
    struct model_need need = nothing;
    int status = expect_names(model, sent);
    if (status == PM_OK)
        status = model_take_fields(model, MODEL_NONE, (unsigned)model_kind(model, sent->kind), sent,
                                   PM_GIVEN_ALL, &need);
    return status == PM_OK ? model_group_expect(model, sent, &need) : status;
}

static int expect_post(const struct model *model, const struct pm_package *sent)
{
    int kind = model_kind(model, sent->kind);
    if (kind != MODEL_NONE && !model_may_begin(model, (unsigned)kind, sent->arrangement))
        return PM_CALENDAR_ENDS;
    return model_expect_new(model, sent);
}

int model_new(struct model *model, const struct pm_package *sent, uint64_t id)
{
    if (model->packages == MODEL_PACKAGES) {
        model_fail(model, "the model is full");
        return 0;
    }
    int package = model->packages;
    struct model_package *p = &model->package[package];
    *p = (struct model_package){.reference = model_name(sent->reference),
                                .referrer = model_name(referrer_of(model, sent)),
                                .id = id,
                                .kind = (uint8_t)model_kind(model, sent->kind),
                                .arrangement = sent->arrangement,
                                .need = nothing,
                                .posted = model->time,
                                .pass = 1,
                                .version = 1,
                                .need_version = 1,
                                .first_offer = MODEL_NONE,
                                .chosen = MODEL_NONE,
                                .placement = MODEL_NONE,
                                .successor = MODEL_NONE,
                                .return_to = MODEL_NONE,
                                .group = MODEL_NONE,
                                .round = MODEL_NONE};
    model_take_fields(model, package, p->kind, sent, PM_GIVEN_ALL, &p->need);
    model->packages++;
    model_sought_alone(&p->need);
    model_classify(model, package);
    model_group_join(model, package, sent);
    model_told(model, PM_EVENT_PACKAGE_POSTED, id, 0);
    return package;
}

/* ---- Amend ---- */

/* Where the care is and by whom not cannot change once there is a placement. */
#define FIXED_WHEN_PLACED ((uint32_t)PM_GIVEN_PLACE | (uint32_t)PM_GIVEN_EXCLUSIONS)

static bool same_exclusions(const struct model_need *a, const struct model_need *b)
{
    return a->exclusions == b->exclusions &&
           memcmp(a->exclusion, b->exclusion, a->exclusions * sizeof *a->exclusion) == 0;
}

static bool grows(const struct model_need *before, const struct model_need *after)
{
    for (unsigned b = 0; b < PM_BANDS_MAX; b++)
        if (after->own[b] > before->own[b])
            return true;
    return false;
}

/* Does it change what was asked for, so that no offer can stand? */
static bool changes_need(const struct model_need *a, const struct model_need *b)
{
    return a->locality != b->locality || a->sector != b->sector || a->own_needs != b->own_needs ||
           a->start_from != b->start_from || a->start_by != b->start_by || a->payer != b->payer ||
           !same_exclusions(a, b) || grows(a, b);
}

static int expect_amend(const struct model *model, const struct pm_package *sent)
{
    int status, package = model_named(model, sent->reference, sent->referrer, &status);
    if (package == MODEL_NONE)
        return status;
    const struct model_package *p = &model->package[package];
    struct model_need need = p->need;
    if (model_is_over(p) || (p->placement != MODEL_NONE && (sent->given & FIXED_WHEN_PLACED) != 0))
        return PM_WRONG_STATE;
    if (!model_calendar_covers(model, p->kind))
        return PM_CALENDAR_ENDS;
    status = model_take_fields(model, package, p->kind, sent, sent->given, &need);
    return status == PM_OK ? model_group_expect_amend(model, package, &need) : status;
}

/* Has the service that cares for it room for the growth, and can it do it? */
static bool fits_where_it_is(const struct model *model, int placement)
{
    const struct model_placement *l = &model->placement[placement];
    const struct model_need *need = &model->package[l->package].need;
    const struct model_service *s = &model->service[l->service];
    if ((need->own_needs & s->capabilities) != need->own_needs)
        return false;
    for (unsigned b = 0; b < PM_BANDS_MAX; b++) {
        int64_t growth = need->own[b] - l->demand[b];
        if (growth > 0 && growth > model_room(model, s->pool, b))
            return false;
    }
    return true;
}

static void resize(struct model *model, int placement)
{
    struct model_placement *l = &model->placement[placement];
    const struct model_package *p = &model->package[l->package];
    bool changes = memcmp(l->demand, p->need.own, sizeof l->demand) != 0;
    memcpy(l->demand, p->need.own, sizeof l->demand);
    l->units = p->need.own_units;
    if (changes)
        model_told(model, PM_EVENT_PLACEMENT_CHANGED, p->id, l->id);
}

/* Others are sought for more than its provider has, and now it has enough. */
static bool fits_again(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    if (p->placement == MODEL_NONE)
        return false;
    unsigned state = model->placement[p->placement].state;
    return (state == PM_AGREED || state == PM_STARTED || state == PM_IN_STAY) &&
           fits_where_it_is(model, p->placement);
}

static void stay(struct model *model, int package)
{
    struct model_package *p = &model->package[package];
    model_stop(model, package, PM_OFFER_IS_STALE);
    p->need_version = p->version;
    p->state = PM_PLACED;
    resize(model, p->placement);
    if (model->placement[p->placement].started != 0)
        p->need.follows = MODEL_NONE;
}

/* In a new search everybody may be asked again who kept silent or lost. */
static void resume(struct model *model, int package)
{
    if (fits_again(model, package)) {
        stay(model, package);
        return;
    }
    model_search_anew(model, package);
    model_group_seek_again(model, package);
}

/* Care that is given follows what is needed where it can; otherwise another is sought while it goes
 * on as it was. A successor that cannot is given up. */
static void amend_placed(struct model *model, int package, bool anew)
{
    struct model_package *p = &model->package[package];
    int placement = p->successor != MODEL_NONE ? p->successor : p->placement;
    struct model_placement *l = &model->placement[placement];
    if (anew)
        p->need_version = p->version;
    if (fits_where_it_is(model, placement)) {
        resize(model, placement);
        return;
    }
    p->need_version = p->version;
    if (p->need.continuity == MODEL_NONE)
        p->need.continuity = model_provider_of(model, l->service);
    if (p->successor != MODEL_NONE)
        model_placement_end(model, p->successor, PM_REPLACED);
    model_ladder_start(model, package);
}

static void amend_sought(struct model *model, int package, bool anew, bool less)
{
    struct model_package *p = &model->package[package];
    if (anew) {
        p->need_version = p->version;
        if (p->state != PM_PAUSED && model_group_may_begin(model, package))
            model_group_seek_again(model, package);
        model_group_unsettled(model, package);
        return;
    }
    if (p->state == PM_WAITING || p->gathered)
        model_classify(model, package);
    if (less && p->state == PM_WAITING && model_ladder_would_retry(model, package))
        model_ladder_retry(model, package);
}

static void amend_alone(struct model *model, int package, const struct model_need *after)
{
    struct model_package *p = &model->package[package];
    bool anew = changes_need(&p->need, after), placed = p->state == PM_PLACED;
    bool less = after->own_units < p->need.own_units;
    if (anew && !placed)
        model_stop(model, package, PM_OFFER_IS_STALE);
    p->need = *after;
    model_sought_alone(&p->need);
    p->version++;
    if (placed)
        amend_placed(model, package, anew);
    else if (p->state != PM_PAUSED && fits_again(model, package))
        stay(model, package);
    else
        amend_sought(model, package, anew, less);
}

static void amend(struct model *model, const struct pm_package *sent)
{
    int status, package = model_named(model, sent->reference, sent->referrer, &status);
    struct model_package *p = &model->package[package];
    struct model_need after = p->need;
    model_take_fields(model, package, p->kind, sent, sent->given, &after);
    model_told(model, PM_EVENT_PACKAGE_AMENDED, p->id, 0);
    model->id = p->id;
    if (model_is_together(model, package))
        model_group_amend(model, package, &after, changes_need(&p->need, &after));
    else
        amend_alone(model, package, &after);
}

/* ---- Pause, resume, withdraw ---- */

void model_stop(struct model *model, int package, enum pm_offer_state state)
{
    struct model_package *p = &model->package[package];
    p->gathered = false;
    p->due = 0;
    model_offers_over(model, package, MODEL_NONE, state, state);
}

/* Who follows it follows what it followed, while that is there. */
static void hand_on(struct model *model, int package)
{
    int before = model->package[package].need.follows;
    if (before == MODEL_NONE || model->package[before].gone ||
        model_is_over(&model->package[before]))
        return;
    for (int i = 0; i < model->packages; i++)
        if (!model->package[i].gone && model->package[i].need.follows == package)
            model->package[i].need.follows = before;
}

void model_package_end(struct model *model, int package, enum pm_package_state state,
                       unsigned reason)
{
    struct model_package *p = &model->package[package];
    if (reason != PM_REPLACED)
        hand_on(model, package);
    p->state = (uint8_t)state;
    p->ended = model->time;
    p->due = 0;
    p->need.follows = MODEL_NONE;
}

/* All of it is over: what was agreed or given, and what was sought. */
void model_finish(struct model *model, int package, enum pm_package_state state, unsigned reason)
{
    struct model_package *p = &model->package[package];
    model_stop(model, package, PM_OFFER_IS_WITHDRAWN);
    if (p->successor != MODEL_NONE)
        model_placement_end(model, p->successor, reason);
    if (p->placement != MODEL_NONE)
        model_placement_end(model, p->placement, reason);
    model_package_end(model, package, state, reason);
}

void model_withdraw(struct model *model, int package, unsigned reason)
{
    model_finish(model, package, PM_WITHDRAWN, reason);
    model_told(model, PM_EVENT_PACKAGE_WITHDRAWN, model->package[package].id, 0);
    model_group_leave(model, package);
}

static bool is_sought(const struct model_package *p)
{
    return p->state == PM_OPEN || p->state == PM_OFFERED || p->state == PM_WAITING ||
           p->state == PM_CHOOSING || p->state == PM_TO_CONFIRM;
}

static bool may_withdraw(const struct model *model, const struct model_package *p)
{
    return !model_is_over(p) &&
           (p->placement == MODEL_NONE || model->placement[p->placement].state == PM_AGREED);
}

static int expect_id(const struct model *model)
{
    int status;
    const struct pm_package_id *id = &model->entry->command->id;
    int package = model_named(model, id->reference, id->referrer, &status);
    if (package == MODEL_NONE)
        return status;
    const struct model_package *p = &model->package[package];
    switch (model->entry->command->verb) {
    case PM_PACKAGE_PAUSE:
        return is_sought(p) && model_group_may_pause(model, package) ? PM_OK : PM_WRONG_STATE;
    case PM_PACKAGE_RESUME:
        if (p->state != PM_PAUSED)
            return PM_WRONG_STATE;
        return model_may_begin(model, p->kind, p->arrangement) ? PM_OK : PM_CALENDAR_ENDS;
    default:
        if (!may_withdraw(model, p))
            return PM_WRONG_STATE;
        return id->reason >= 1 && id->reason < PM_HANDED_BACK ? PM_OK : PM_BAD_VALUE;
    }
}

static void pause_or_so(struct model *model)
{
    int status;
    const struct pm_package_id *id = &model->entry->command->id;
    int package = model_named(model, id->reference, id->referrer, &status);
    struct model_package *p = &model->package[package];
    model->id = p->id;
    if (model->entry->command->verb == PM_PACKAGE_PAUSE) {
        bool waited = p->state == PM_WAITING;
        model_stop(model, package, PM_OFFER_IS_WITHDRAWN);
        p->state = PM_PAUSED;
        model_told(model, PM_EVENT_PACKAGE_PAUSED, p->id, 0);
        model_group_unsettled(model, package);
        if (waited)
            model_group_retry(model, package);
    } else if (model->entry->command->verb == PM_PACKAGE_RESUME) {
        model_told(model, PM_EVENT_PACKAGE_RESUMED, p->id, 0);
        resume(model, package);
    } else {
        model_withdraw(model, package, id->reason);
    }
}

/* ---- All ---- */

int model_expect_package(const struct model *model)
{
    const struct pm_command *command = model->entry->command;
    if (command->verb == PM_PACKAGE_POST)
        return expect_post(model, &command->package);
    if (command->verb == PM_PACKAGE_AMEND)
        return expect_amend(model, &command->package);
    return expect_id(model);
}

void model_package(struct model *model, struct pm_result result)
{
    const struct pm_command *command = model->entry->command;
    if (command->verb == PM_PACKAGE_POST) {
        int package = model_new(model, &command->package, result.id);
        model_group_begin(model, package);
        model->id = result.id;
    } else if (command->verb == PM_PACKAGE_AMEND) {
        amend(model, &command->package);
    } else {
        pause_or_so(model);
    }
}
