/* history_care.c - answers, decisions, and what becomes of placements, at random. */
#include "tests/lib/history.h"

#include <string.h>

#define below history_below
#define percent history_percent

static int32_t today(const struct model *model)
{
    return pm_date_of(model->time);
}

/* A date around today, seldom one that cannot be. */
static int32_t some_date(struct history *h, const struct model *model)
{
    return percent(h, 95) ? today(model) + (int32_t)below(h, 4) : today(model) - 1;
}

static struct pm_text owner(const struct model *model, int service)
{
    return pm_text(model->provider[model_provider_of(model, service)].name.text);
}

/* ---- Answers ---- */

/* A live offer, or any recent one; MODEL_NONE when there is none. */
static int some_offer(struct history *h, const struct model *model)
{
    uint32_t live = 0;
    if (model->offers == 0)
        return MODEL_NONE;
    for (int o = 0; o < model->offers; o++)
        live += model_is_live(model, o);
    if (live == 0 || percent(h, 7)) {
        uint32_t recent = model->offers < 40 ? (uint32_t)model->offers : 40;
        return model->offers - 1 - (int)below(h, recent);
    }
    uint32_t skip = below(h, live);
    int o = 0;
    while (!model_is_live(model, o) || skip-- > 0)
        o++;
    return o;
}

static void tender(struct history *h, const struct model *model, uint64_t offer, int32_t rate,
                   struct pm_tender *out)
{
    static const int32_t shift[] = {-241, -240, -30, -5, 15, 60, 240, 241};
    *out = (struct pm_tender){.offer = offer};
    if (percent(h, 45))
        out->rate = rate / 20 * (int32_t)(13 + below(h, 14));
    if (percent(h, 25))
        out->start = some_date(h, model);
    if (percent(h, 10))
        out->assess_by = some_date(h, model);
    if (percent(h, 10))
        out->shift = shift[below(h, 8)];
}

void history_answer(struct history *h, const struct model *model, struct pm_entry *entry,
                    struct pm_command *out)
{
    int at = some_offer(h, model);
    uint32_t dice = below(h, 100);
    uint64_t id = at == MODEL_NONE || percent(h, 2) ? below(h, 50) : model->offer[at].id;
    bool spot = at != MODEL_NONE && model->offer[at].route == PM_SPOT_OFFER;
    out->verb = dice < 45 ? PM_OFFER_ACCEPT : dice < 75 ? PM_OFFER_TENDER : PM_OFFER_DECLINE;
    if (out->verb == PM_OFFER_TENDER) {
        int32_t rate =
            at == MODEL_NONE
                ? 0
                : model->rules.kind[model->package[model->offer[at].package].kind].reference_rate;
        tender(h, model, id, rate, &out->tender);
        if (!spot && percent(h, 90))
            out->tender.rate = 0;
    } else {
        out->answer.offer = id;
        out->answer.code = (uint8_t)(percent(h, 40)   ? PM_NO_CAPACITY
                                     : percent(h, 96) ? 1 + below(h, PM_DECLINE_CODES - 1)
                                                      : below(h, PM_DECLINE_CODES + 1));
    }
    if (at != MODEL_NONE && percent(h, 80))
        entry->actor = (struct pm_actor){PM_PROVIDER, owner(model, model->offer[at].service)};
    if (percent(h, 3))
        entry->actor = (struct pm_actor){PM_PROVIDER, pm_text("p0")};
}

/* ---- Decisions ---- */

static void choose(struct history *h, const struct model *model, const struct model_package *p,
                   struct pm_choice *out)
{
    *out =
        (struct pm_choice){.reference = pm_text(p->reference.text),
                           .referrer = pm_text(p->referrer.text),
                           .decided_by = (uint8_t)(percent(h, 97) ? 1 + below(h, 5) : below(h, 9)),
                           .top_up = percent(h, 50)};
    uint32_t skip = below(h, 3);
    for (int o = p->first_offer; o != MODEL_NONE; o = model->offer[o].older)
        if (model->offer[o].state == PM_OFFER_TENDERED) {
            out->offer = model->offer[o].id;
            if (skip-- == 0)
                break;
        }
    if (percent(h, 3))
        out->offer = below(h, 40);
}

static void override(struct history *h, const struct model *model, const struct model_package *p,
                     struct pm_override *out)
{
    const struct pm_kind *kind = &model->rules.kind[p->kind];
    *out = (struct pm_override){.reference = pm_text(p->reference.text),
                                .referrer = pm_text(p->referrer.text),
                                .note = pm_text(percent(h, 95) ? "nobody else" : ""),
                                .service = pm_text("s0")};
    for (unsigned tries = 0; tries < 5 && model->services > 0; tries++) {
        int s = (int)below(h, (uint32_t)model->services);
        out->service = pm_text(model->service[s].name.text);
        if (model->service[s].kind == p->kind)
            break;
    }
    if (percent(h, 30))
        out->rate = kind->reference_rate / 10 * (int32_t)(3 + below(h, 25));
}

void history_decision(struct history *h, const struct model *model, struct pm_command *out)
{
    static const uint8_t verbs[] = {PM_CHOICE_RECORD, PM_CHOICE_RECORD, PM_AWARD_CONFIRM,
                                    PM_AWARD_CONFIRM, PM_AWARD_OVERRIDE};
    out->verb = verbs[below(h, sizeof verbs)];
    if (out->verb == PM_CHOICE_RECORD) {
        choose(h, model, history_some(h, model, PM_CHOOSING), &out->choice);
    } else if (out->verb == PM_AWARD_OVERRIDE) {
        override(h, model, history_some(h, model, below(h, PM_PACKAGE_STATES)), &out->award);
    } else {
        const struct model_package *p = history_some(h, model, PM_TO_CONFIRM);
        out->id.reference = pm_text(p->reference.text);
        out->id.referrer = pm_text(p->referrer.text);
    }
}

/* ---- Placements ---- */

static void hand_back(struct history *h, const struct model *model, struct pm_entry *entry,
                      struct pm_handback *out)
{
    int recent = model->placements < 12 ? model->placements : 12;
    *out = (struct pm_handback){.code = (uint8_t)(percent(h, 97) ? 1 + below(h, 6) : below(h, 8)),
                                .placement = below(h, 20)};
    if (percent(h, 60))
        out->until = some_date(h, model);
    if (recent == 0)
        return;
    int at = model->placements - 1 - (int)below(h, (uint32_t)recent);
    out->placement = model->placement[at].id;
    if (percent(h, 60))
        entry->actor = (struct pm_actor){PM_PROVIDER, owner(model, model->placement[at].service)};
}

static void import(struct history *h, const struct model *model, struct pm_import *out)
{
    struct pm_package *package = history_memory(h, 1, sizeof *package);
    history_post(h, model, package);
    if (percent(h, 95)) {
        package->group = (struct pm_text){0};
        package->group_size = package->together = package->arrangement = 0;
    }
    *out = (struct pm_import){.package = package, .service = pm_text("s0")};
    for (unsigned tries = 0; tries < 8 && model->services > 0; tries++) {
        int s = (int)below(h, (uint32_t)model->services);
        out->service = pm_text(model->service[s].name.text);
        if (model->service[s].kind == model_kind(model, package->kind))
            break;
    }
    if (percent(h, 30))
        out->started = today(model) + 1 - (int32_t)below(h, 12);
    if (percent(h, 30))
        out->rate = model->rules.kind[0].reference_rate;
}

/* One whose place is kept, or was. */
static const struct model_package *in_stay(struct history *h, const struct model *model,
                                           const struct model_package *otherwise)
{
    for (int l = model->placements - 1; percent(h, 95) && l >= 0; l--)
        if (model->placement[l].state == PM_IN_STAY && percent(h, 60))
            return &model->package[model->placement[l].package];
    return percent(h, 50) ? history_some(h, model, PM_PAUSED) : otherwise;
}

static void end(struct history *h, struct pm_package_id *out)
{
    out->reason = (uint8_t)(percent(h, 40)   ? PM_HANDED_BACK + below(h, 2)
                            : percent(h, 95) ? 1 + below(h, PM_REASONS_GIVEN - 1)
                                             : below(h, PM_END_REASONS + 2));
}

void history_placement(struct history *h, const struct model *model, struct pm_entry *entry,
                       struct pm_command *out)
{
    static const uint8_t verbs[] = {PM_PLACEMENT_START,    PM_PLACEMENT_START,
                                    PM_PLACEMENT_START,    PM_PLACEMENT_START,
                                    PM_PLACEMENT_END,      PM_PLACEMENT_HANDBACK,
                                    PM_PLACEMENT_HANDBACK, PM_PLACEMENT_IN_HOSPITAL,
                                    PM_PLACEMENT_RESTART,  PM_PLACEMENT_IMPORT};
    out->verb = verbs[below(h, sizeof verbs)];
    const struct model_package *p =
        history_some(h, model, percent(h, 85) ? PM_PLACED : below(h, PM_PACKAGE_STATES));
    if (out->verb == PM_PLACEMENT_HANDBACK) {
        hand_back(h, model, entry, &out->handback);
    } else if (out->verb == PM_PLACEMENT_IMPORT) {
        import(h, model, &out->import);
    } else if (out->verb == PM_PLACEMENT_IN_HOSPITAL) {
        out->stay = (struct pm_stay){pm_text(p->reference.text), pm_text(p->referrer.text),
                                     some_date(h, model)};
    } else {
        if (out->verb == PM_PLACEMENT_RESTART)
            p = in_stay(h, model, p);
        out->id.reference = pm_text(p->reference.text);
        out->id.referrer = pm_text(p->referrer.text);
        if (out->verb == PM_PLACEMENT_END)
            end(h, &out->id);
    }
}
