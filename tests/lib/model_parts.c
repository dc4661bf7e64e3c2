/* model_parts.c - a split group: its parts are each brokered by themselves, and placed all or none.
 */
#include "tests/lib/model.h"

static struct model_group *group_of(struct model *model, int package)
{
    return &model->group[model->package[package].group];
}

static bool all_settled(const struct model *model, int package)
{
    const struct model_group *group = &model->group[model->package[package].group];
    for (unsigned m = 0; m < group->members; m++)
        if (model->package[group->member[m]].state != PM_TO_CONFIRM)
            return false;
    return group->members == group->size;
}

static bool needs_confirming(const struct model *model, int package)
{
    const struct model_group *group = &model->group[model->package[package].group];
    for (unsigned m = 0; m < group->members; m++)
        if (model_needs_confirming(model, model->package[group->member[m]].chosen))
            return true;
    return false;
}

static bool all_will_do(const struct model *model, int package)
{
    const struct model_group *group = &model->group[model->package[package].group];
    for (unsigned m = 0; m < group->members; m++)
        if (!model_offer_is_eligible(model, model->package[group->member[m]].chosen))
            return false;
    return true;
}

int model_group_expect_confirm(const struct model *model, int package)
{
    if (!all_settled(model, package))
        return PM_WRONG_STATE;
    return all_will_do(model, package) ? PM_OK : PM_NO_LONGER_ELIGIBLE;
}

/* All, in the order posted. It is a group no more. */
void model_group_place(struct model *model, int package)
{
    struct model_group *group = group_of(model, package), kept = *group;
    for (unsigned m = 0; m < kept.members; m++)
        model->package[kept.member[m]].group = MODEL_NONE;
    group->members = group->size = 0;
    for (unsigned m = 0; m < kept.members; m++)
        model_place(model, model->package[kept.member[m]].chosen);
}

/* Whoever is settled waits for the others, however long. */
void model_group_unsettled(struct model *model, int package)
{
    if (!model_is_split(model, package) || all_settled(model, package))
        return;
    struct model_group kept = *group_of(model, package);
    for (unsigned m = 0; m < kept.members; m++)
        if (model->package[kept.member[m]].state == PM_TO_CONFIRM)
            model->package[kept.member[m]].due = 0;
}

void model_group_settled(struct model *model, int package)
{
    if (!all_settled(model, package)) {
        model_group_unsettled(model, package);
        return;
    }
    if (needs_confirming(model, package)) {
        struct model_group kept = *group_of(model, package);
        for (unsigned m = 0; m < kept.members; m++)
            model_due_to_decide(model, kept.member[m]);
        return;
    }
    if (all_will_do(model, package))
        model_group_place(model, package);
    else
        model_group_lapse(model, package);
}

/* Nobody won. */
static void give_up(struct model *model, int package)
{
    model->package[package].gathered = false;
    model->package[package].due = 0;
    model->package[package].state = PM_OPEN;
    model_offers_over(model, package, MODEL_NONE, PM_OFFER_IS_WITHDRAWN, PM_OFFER_LOST);
}

void model_group_lapse(struct model *model, int package)
{
    struct model_group kept = *group_of(model, package);
    bool settled[PM_GROUP_MAX] = {false};
    for (unsigned m = 0; m < kept.members; m++) {
        settled[m] = model->package[kept.member[m]].state == PM_TO_CONFIRM;
        if (settled[m])
            give_up(model, kept.member[m]);
    }
    for (unsigned m = 0; m < kept.members; m++)
        if (settled[m] && model->package[kept.member[m]].state == PM_OPEN)
            model_ladder_go_on(model, kept.member[m]);
}

bool model_group_is_spent(struct model *model, int package)
{
    if (!model_is_split(model, package))
        return false;
    struct model_group kept = *group_of(model, package);
    for (unsigned m = 0; m < kept.members; m++) {
        unsigned state = model->package[kept.member[m]].state;
        if (kept.member[m] != package && state != PM_OFFERED && state != PM_CHOOSING &&
            state != PM_TO_CONFIRM && state != PM_OPEN)
            continue;
        give_up(model, kept.member[m]);
        model_wait(model, kept.member[m]);
    }
    return true;
}

/* ---- Waking ---- */

/* Capacity taken for a moment, beside what is held and committed. */
void model_lend(struct model *model, int service, int package, int sign)
{
    for (unsigned b = 0; service != MODEL_NONE && b < PM_BANDS_MAX; b++)
        model->lent[model->service[service].pool][b] +=
            sign * model->package[package].need.demand[b];
}

/* Could all that wait be served at once: this one first, then the others in the order posted, each
 * beside those before it? */
bool model_group_could_be_served(struct model *model, int package)
{
    int part[PM_GROUP_MAX], server[PM_GROUP_MAX], parts = 1, served = 0;
    if (!model_is_split(model, package))
        return true;
    const struct model_group *group = group_of(model, package);
    part[0] = package;
    for (unsigned m = 0; m < group->members; m++)
        if (group->member[m] != package && model->package[group->member[m]].state == PM_WAITING)
            part[parts++] = group->member[m];
    for (; served < parts; served++) {
        if (!model_would_come(model, part[served], served == 0, &server[served]))
            break;
        model_lend(model, server[served], part[served], 1);
    }
    for (int i = 0; i < served; i++)
        model_lend(model, server[i], part[i], -1);
    return served == parts;
}

static void retry(struct model *model, int package)
{
    if (model->package[package].state == PM_WAITING && model_ladder_would_retry(model, package))
        model_ladder_retry(model, package);
}

/* A part waits no longer, since something else became of it: the others may be served without it.
 */
void model_group_retry(struct model *model, int package)
{
    if (!model_is_split(model, package))
        return;
    struct model_group kept = *group_of(model, package);
    for (unsigned m = 0; m < kept.members; m++)
        if (kept.member[m] != package)
            retry(model, kept.member[m]);
}

/* One has left: those that wait try again. */
void model_group_retry_all(struct model *model, int package)
{
    if (!model_is_split(model, package))
        return;
    struct model_group kept = *group_of(model, package);
    for (unsigned m = 0; m < kept.members; m++)
        retry(model, kept.member[m]);
}

/* Parts wait together: one that would be sought again while any other waits is one more to wait,
 * and then each, in the order posted, is looked at as if something had changed for it. */
void model_group_seek_again(struct model *model, int package)
{
    bool wait = false;
    for (int i = 0; model_is_split(model, package) && i < model->packages; i++)
        wait = wait || (i != package && model->package[i].group == model->package[package].group &&
                        model->package[i].state == PM_WAITING);
    if (!wait) {
        model_ladder_start(model, package);
        return;
    }
    model_wait(model, package);
    model->package[package].pass = 1;
    model_group_retry_all(model, package);
}

/* A part no longer waits: the others that do begin again. */
void model_group_woken(struct model *model, int package)
{
    if (!model_is_split(model, package))
        return;
    struct model_group kept = *group_of(model, package);
    bool waited[PM_GROUP_MAX] = {false};
    for (unsigned m = 0; m < kept.members; m++) {
        waited[m] = kept.member[m] != package && model->package[kept.member[m]].state == PM_WAITING;
        if (waited[m])
            model->package[kept.member[m]].due = 0;
    }
    for (unsigned m = 0; m < kept.members; m++)
        if (waited[m] && model->package[kept.member[m]].state == PM_WAITING)
            model_ladder_start(model, kept.member[m]);
}
