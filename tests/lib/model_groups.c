/* model_groups.c - packages of one referrer that are placed all or none: how they come together,
 * what they seek, and how they part. */
#include "tests/lib/model.h"

#include <string.h>

/* ---- What they are ---- */

static struct model_group *group_of(struct model *model, int package)
{
    int group = model->package[package].group;
    return group == MODEL_NONE ? NULL : &model->group[group];
}

static const struct model_group *group_at(const struct model *model, int package)
{
    int group = model->package[package].group;
    return group == MODEL_NONE ? NULL : &model->group[group];
}

static bool is_complete(const struct model_group *group)
{
    return group->members == group->size;
}

bool model_is_split(const struct model *model, int package)
{
    const struct model_group *group = group_at(model, package);
    return group != NULL && !group->together;
}

bool model_is_together(const struct model *model, int package)
{
    const struct model_group *group = group_at(model, package);
    return group != NULL && group->together;
}

/* ---- Posted ---- */

/* The group of that name of the referrer, while it stands. */
static int find(const struct model *model, const struct pm_name *name,
                const struct pm_name *referrer)
{
    for (int g = 0; g < model->groups; g++)
        if (model->group[g].members > 0 && model_same(&model->group[g].name, name) &&
            model_same(&model->group[g].referrer, referrer))
            return g;
    return MODEL_NONE;
}

static bool same_place(const struct model_need *a, const struct model_need *b)
{
    return a->locality == b->locality && a->sector == b->sector && a->exclusions == b->exclusions &&
           memcmp(a->exclusion, b->exclusion, a->exclusions * sizeof *a->exclusion) == 0;
}

static bool may_join(const struct model *model, const struct model_group *group,
                     const struct pm_package *sent, const struct model_need *need)
{
    const struct model_package *first = &model->package[group->member[0]];
    return !is_complete(group) && group->size == sent->group_size &&
           group->together == (sent->together != 0) &&
           (!group->together ||
            (first->kind == model_kind(model, sent->kind) && same_place(&first->need, need)));
}

int model_group_expect(const struct model *model, const struct pm_package *sent,
                       const struct model_need *need)
{
    if (sent->group.length == 0)
        return sent->group_size == 0 && sent->together == 0 ? PM_OK : PM_BAD_GROUP;
    if (!model_name_is_good(sent->group, PM_NAME_MAX))
        return PM_BAD_NAME;
    if (sent->group_size < 2 || sent->group_size > PM_GROUP_MAX || sent->together > 1 ||
        sent->arrangement != PM_MANAGED)
        return PM_BAD_GROUP;
    struct pm_name name = model_name(sent->group);
    struct pm_name referrer =
        model_name(sent->referrer.length != 0 ? sent->referrer : model->entry->actor.name);
    int group = find(model, &name, &referrer);
    return group == MODEL_NONE || may_join(model, &model->group[group], sent, need) ? PM_OK
                                                                                    : PM_BAD_GROUP;
}

void model_group_join(struct model *model, int package, const struct pm_package *sent)
{
    struct model_package *p = &model->package[package];
    struct pm_name name = model_name(sent->group);
    if (sent->group.length == 0)
        return;
    int at = find(model, &name, &p->referrer);
    if (at == MODEL_NONE) {
        if (model->groups == MODEL_GROUPS) {
            model_fail(model, "the model is full");
            return;
        }
        at = model->groups++;
        model->group[at] = (struct model_group){.name = name,
                                                .referrer = p->referrer,
                                                .size = sent->group_size,
                                                .together = sent->together != 0};
    }
    model->group[at].member[model->group[at].members++] = package;
    p->group = at;
}

/* ---- What is sought ---- */

/* A package that is brokered alone seeks what it needs itself. */
void model_sought_alone(struct model_need *need)
{
    memcpy(need->demand, need->own, sizeof need->demand);
    need->units = need->own_units;
    need->needs = need->own_needs;
}

/* The lead of a couple, the first of it, seeks what all need. */
static void seek_for_all(struct model *model, const struct model_group *group)
{
    struct model_need *lead = &model->package[group->member[0]].need;
    model_sought_alone(lead);
    for (unsigned m = 1; m < group->members; m++) {
        const struct model_need *other = &model->package[group->member[m]].need;
        for (unsigned b = 0; b < PM_BANDS_MAX; b++)
            lead->demand[b] += other->own[b];
        lead->units += other->own_units;
        lead->needs |= other->own_needs;
    }
}

/* Is it open, and was it not begun or asked for? */
static bool is_idle(const struct model_package *p)
{
    return p->state == PM_OPEN && !p->gathered && p->due == 0;
}

void model_group_begin(struct model *model, int package)
{
    const struct model_group *group = group_at(model, package);
    if (group == NULL) {
        model_ladder_start(model, package);
        return;
    }
    if (!is_complete(group))
        return;
    if (group->together) {
        seek_for_all(model, group);
        model_ladder_start(model, group->member[0]);
        return;
    }
    struct model_group kept = *group; /* it may be placed, and be none, before its last has begun */
    for (unsigned m = 0; m < kept.members; m++)
        if (is_idle(&model->package[kept.member[m]]))
            model_ladder_start(model, kept.member[m]);
}

/* ---- Members ---- */

bool model_group_may_pause(const struct model *model, int package)
{
    const struct model_group *group = group_at(model, package);
    return group == NULL ||
           (is_complete(group) && (!group->together || group->member[0] == package));
}

bool model_group_may_begin(const struct model *model, int package)
{
    const struct model_group *group = group_at(model, package);
    return group == NULL || is_complete(group);
}

int model_group_expect_amend(const struct model *model, int package, const struct model_need *after)
{
    return model_is_together(model, package) && !same_place(&model->package[package].need, after)
               ? PM_BAD_GROUP
               : PM_OK;
}

/* What was offered to the lead for all is so no longer. */
static void restart(struct model *model, int lead)
{
    struct model_package *p = &model->package[lead];
    const struct model_group *group = group_at(model, lead);
    bool paused = p->state == PM_PAUSED;
    model_stop(model, lead, PM_OFFER_IS_STALE);
    if (group != NULL)
        seek_for_all(model, group);
    else
        model_sought_alone(&p->need);
    p->need_version = ++p->version;
    if (!paused)
        model_ladder_start(model, lead);
}

/* A change of what any of a couple needs, or of any amount, begins it anew. */
void model_group_amend(struct model *model, int package, const struct model_need *after, bool anew)
{
    struct model_package *p = &model->package[package];
    const struct model_group *group = group_at(model, package);
    int lead = group->member[0];
    bool other = p->need.own_units != after->own_units;
    p->need = *after;
    p->version++;
    if (package != lead || !is_complete(group))
        model_sought_alone(&p->need);
    if (!is_complete(group))
        return;
    if (anew || other) {
        restart(model, lead);
        return;
    }
    seek_for_all(model, group);
    if (model->package[lead].state == PM_WAITING || model->package[lead].gathered)
        model_classify(model, lead);
}

/* ---- Parting ---- */

static void dissolve(struct model *model, struct model_group *group)
{
    for (unsigned m = 0; m < group->members; m++)
        model->package[group->member[m]].group = MODEL_NONE;
    group->members = group->size = 0;
}

static void unlink_member(struct model *model, struct model_group *group, int package)
{
    unsigned at = 0;
    while (group->member[at] != package)
        at++;
    if (is_complete(group)) /* otherwise another may take its place */
        group->size--;
    for (group->members--; at < group->members; at++)
        group->member[at] = group->member[at + 1];
    model->package[package].group = MODEL_NONE;
}

/* The last of a group is brokered alone from here on. */
static void go_alone(struct model *model, int package, bool together)
{
    struct model_package *p = &model->package[package];
    if (together)
        restart(model, package);
    else if (p->state == PM_TO_CONFIRM && model_needs_confirming(model, p->chosen))
        model_due_to_decide(model, package);
    else if (p->state == PM_TO_CONFIRM && model_offer_is_eligible(model, p->chosen))
        model_place(model, p->chosen);
    else if (p->state == PM_TO_CONFIRM)
        model_lapse(model, package);
    else if (p->state == PM_WAITING && model_ladder_would_retry(model, package))
        model_ladder_retry(model, package);
}

void model_group_leave(struct model *model, int package)
{
    struct model_group *group = group_of(model, package);
    if (group == NULL)
        return;
    bool together = group->together;
    model_sought_alone(&model->package[package].need);
    unlink_member(model, group, package);
    int first = group->members > 0 ? group->member[0] : MODEL_NONE;
    if (group->members == 0 || (group->members == 1 && is_complete(group))) {
        dissolve(model, group);
        if (first != MODEL_NONE)
            go_alone(model, first, together);
    } else if (is_complete(group) && together) {
        restart(model, first);
    } else if (is_complete(group)) {
        model_group_settled(model, first);
        model_group_retry_all(model, first);
    }
}

/* ---- Placed ---- */

/* An offer of its own by which a member is placed with the lead. */
static void agree_with(struct model *model, int lead_offer, int member)
{
    const struct model_offer lead = model->offer[lead_offer];
    const struct pm_event_record *e =
        model_will_be_told(model, PM_EVENT_PLACEMENT_AGREED, model->package[member].id, 0);
    int offer = model_offer_new(model, member, lead.service, lead.route, e == NULL ? 0 : e->offer);
    model->offer[offer].rate = lead.rate;
    model->offer[offer].decided_by = lead.decided_by;
    model->offer[offer].state = PM_OFFER_ACCEPTED;
    model->offer[offer].answered = model->time;
    model_agree(model, offer, member);
}

void model_group_agree(struct model *model, int offer)
{
    int package = model->offer[offer].package;
    struct model_group *group = group_of(model, package);
    if (group == NULL || !group->together) {
        model_agree(model, offer, package);
        return;
    }
    struct model_group kept = *group;
    dissolve(model, group);
    model_sought_alone(&model->package[package].need);
    model_agree(model, offer, package);
    for (unsigned m = 1; m < kept.members; m++)
        agree_with(model, offer, kept.member[m]);
}
