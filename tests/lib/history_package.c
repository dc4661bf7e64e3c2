/* history_package.c - packages posted and amended, at random. */
#include "tests/lib/history.h"

#include <string.h>

enum { REFERENCES = 16 };

#define below history_below
#define percent history_percent

/* ---- Care ---- */

/* Times that fall into every band, their edges, and sometimes none. */
static struct pm_visit some_visit(struct history *h)
{
    static const uint16_t from[] = {360, 420, 480, 600, 660, 720, 900, 1020, 1140, 1200, 1320};
    static const uint8_t days[] = {0x7f, 0x1f, 0x60, 0x01, 0x15, 0x40};
    struct pm_visit visit = {.earliest = from[below(h, 11)],
                             .minutes = (uint16_t)(15 * (1 + below(h, 4))),
                             .days = days[below(h, 6)],
                             .carers = (uint8_t)(percent(h, 85) ? 1 : 2),
                             .critical = percent(h, 20)};
    visit.latest = (uint16_t)(visit.earliest + 60 + 30 * below(h, 5));
    if (visit.latest > 1440)
        visit.latest = 1440;
    return visit;
}

static void care(struct history *h, const struct pm_kind *kind, struct pm_package *p)
{
    struct pm_visit *visit = history_memory(h, 3, sizeof *visit);
    p->visit = visit;
    if (kind->unit == PM_PLACES) {
        p->place_type = pm_text(kind->band[1 + below(h, kind->bands - 1u)].name.text);
        return;
    }
    for (p->visits = 0; p->visits < 1 + below(h, 3); p->visits++)
        visit[p->visits] = some_visit(h);
}

static void place(struct history *h, const struct pm_market *rules, struct pm_package *p)
{
    static const char *const codes[] = {"QX1 4AB", "QX1 9", "QX1 4", "QX2 1AA",
                                        "QX3 1",   "QX3",   "QX9 1", "QX1"};
    static const char *const sectors[] = {"QX1 4", "QX1 9", "QX2 1"};
    if (percent(h, 40)) {
        p->postcode = pm_postcode_parse(pm_text(codes[below(h, 8)]));
        return;
    }
    p->locality = pm_text(rules->locality[below(h, rules->localities)].name.text);
    if (percent(h, 50))
        p->sector = pm_postcode_parse(pm_text(sectors[below(h, 3)]));
}

/* ---- Who, when ---- */

static struct pm_text some_provider(struct history *h, const struct model *model)
{
    return model->providers == 0
               ? pm_text("p0")
               : pm_text(model->provider[below(h, (uint32_t)model->providers)].name.text);
}

static void prefer(struct history *h, const struct model *model, struct pm_package *p)
{
    struct pm_text *preferred = history_memory(h, PM_PREFERENCES_MAX, sizeof *preferred);
    p->preferred = preferred;
    if (model->locations == 0 || !percent(h, 25))
        return;
    for (unsigned n = 1 + below(h, 3); p->preferences < n; p->preferences++)
        preferred[p->preferences] =
            percent(h, 98)
                ? pm_text(model->location[below(h, (uint32_t)model->locations)].name.text)
                : pm_text("nowhere");
}

static void wishes(struct history *h, const struct model *model, struct pm_package *p)
{
    struct pm_text *need = history_memory(h, 2, sizeof *need);
    struct pm_text *exclusion = history_memory(h, 2, sizeof *exclusion);
    if (percent(h, 25))
        need[p->needs++] = pm_text(model->rules.capability[below(h, 3)].text);
    if (percent(h, 15))
        exclusion[p->exclusions++] = some_provider(h, model);
    p->need = need;
    p->exclusion = exclusion;
    if (percent(h, 30))
        p->continuity = some_provider(h, model);
    prefer(h, model, p);
    p->priority = (uint8_t)below(h, percent(h, 98) ? PM_PRIORITIES : PM_PRIORITIES + 1);
    p->payer = (uint8_t)below(h, percent(h, 97) ? PM_PAYERS : PM_PAYERS + 1);
    p->interim = (uint8_t)below(h, PM_INTERIMS);
    if (percent(h, 30))
        p->start_from = p->start_by = pm_date_of(model->time) + (int32_t)below(h, 5);
    if (percent(h, 3))
        p->start_by = 1;
}

static void follow(struct history *h, const struct model *model, struct pm_package *p)
{
    const struct model_package *other = history_some(h, model, PM_PLACED);
    if (other != NULL && percent(h, 15))
        p->follows = pm_text(other->reference.text);
}

/* ---- Groups ---- */

/* One who is in a group of that name and is not complete yet. */
static const struct model_package *waiting_member(const struct model *model, struct pm_text name)
{
    for (int g = 0; g < model->groups; g++) {
        const struct model_group *group = &model->group[g];
        if (group->members > 0 && group->members < group->size &&
            pm_text_equal(pm_text(group->name.text), name))
            return &model->package[group->member[0]];
    }
    return NULL;
}

/* A couple is of one kind and place. */
static void join(struct history *h, const struct model *model, const struct model_package *first,
                 struct pm_package *p)
{
    struct pm_text *exclusion = history_memory(h, PM_EXCLUSIONS_MAX, sizeof *exclusion);
    p->referrer = pm_text(first->referrer.text);
    if (!p->together || percent(h, 5))
        return;
    p->postcode = 0;
    p->locality = pm_text(model->rules.locality[first->need.locality].name.text);
    p->sector = first->need.sector;
    p->exclusions = first->need.exclusions;
    for (unsigned i = 0; i < p->exclusions; i++)
        exclusion[i] = pm_text(model->provider[first->need.exclusion[i]].name.text);
    p->exclusion = exclusion;
}

static const struct pm_kind *group(struct history *h, const struct model *model,
                                   const struct pm_kind *kind, struct pm_package *p)
{
    unsigned number = below(h, 5);
    p->group = history_text(h, "G%u", number);
    p->group_size = (uint8_t)(2 + number / 3);
    p->together = number % 2;
    p->arrangement = PM_MANAGED;
    if (percent(h, 3))
        p->group_size = (uint8_t)below(h, 6);
    if (percent(h, 4))
        p->together = !p->together;
    const struct model_package *first = waiting_member(model, p->group);
    if (first == NULL)
        return kind;
    join(h, model, first, p);
    return p->together ? &model->rules.kind[first->kind] : kind;
}

/* ---- All ---- */

void history_post(struct history *h, const struct model *model, struct pm_package *out)
{
    const struct pm_market *rules = &model->rules;
    const struct pm_kind *kind = &rules->kind[below(h, rules->kinds)];
    out->reference = history_text(h, "X%u", below(h, REFERENCES));
    place(h, rules, out);
    wishes(h, model, out);
    follow(h, model, out);
    if (!h->plain && percent(h, 12))
        out->arrangement = (uint8_t)(percent(h, 95) ? PM_DIRECT_PAYMENT : below(h, 4));
    if (!h->plain && percent(h, 25))
        kind = group(h, model, kind, out);
    out->kind = pm_text(kind->name.text);
    care(h, kind, out);
}

void history_amend(struct history *h, const struct model *model, const struct model_package *about,
                   struct pm_package *out)
{
    out->reference = pm_text(about->reference.text);
    out->referrer = pm_text(about->referrer.text);
    for (unsigned field = 1 + below(h, 2); field > 0; field--)
        out->given |= 1u << below(h, 14);
    if (percent(h, 20))
        out->given = PM_GIVEN_PRIORITY;
    if (percent(h, 20))
        out->given = PM_GIVEN_VISITS;
    if ((out->given & (PM_GIVEN_VISITS | PM_GIVEN_PLACE_TYPE)) != 0)
        care(h, &model->rules.kind[about->kind], out);
    place(h, &model->rules, out);
    wishes(h, model, out);
    follow(h, model, out);
}
