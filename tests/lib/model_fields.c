/* model_fields.c - what a package.post or package.amend says: checked, and taken up. Which status
 * comes first follows the order here. */
#include "tests/lib/model.h"

#include <string.h>

static int take_place(const struct model *model, const struct pm_package *sent,
                      struct model_need *need)
{
    if (sent->postcode == PM_POSTCODE_BAD || sent->sector == PM_POSTCODE_BAD ||
        pm_postcode_sector(sent->sector) != sent->sector)
        return PM_BAD_POSTCODE;
    int locality = sent->postcode != 0 ? MODEL_NONE : model_locality(model, sent->locality);
    if (locality == MODEL_NONE)
        return PM_UNKNOWN_LOCALITY;
    need->locality = (uint8_t)locality;
    need->sector = sent->sector;
    return PM_OK;
}

/* ---- Care ---- */

static bool visit_is_good(const struct pm_visit *v)
{
    return v->days >= 1 && v->days <= PM_EVERY_DAY && v->latest <= 1440 &&
           v->earliest < v->latest && v->minutes >= 5 && v->minutes <= 720 &&
           v->minutes <= v->latest - v->earliest && v->carers >= 1 && v->carers <= 2 &&
           v->critical <= 1;
}

/* A visit belongs, on each of its days, to the band in which the middle of its window falls. */
static bool add_visit(const struct pm_kind *kind, const struct pm_visit *visit,
                      struct model_need *need)
{
    int middle = (visit->earliest + visit->latest) / 2;
    for (unsigned day = 0; day < 7; day++) {
        bool found = (visit->days >> day & 1) == 0;
        for (unsigned b = 0; b < kind->bands && !found; b++) {
            const struct pm_band *band = &kind->band[b];
            found = (band->days >> day & 1) != 0 && middle >= band->from && middle < band->to;
            if (found)
                need->own[b] += visit->minutes * visit->carers;
        }
        if (!found)
            return false;
    }
    return true;
}

static int take_visits(const struct pm_kind *kind, const struct pm_package *sent,
                       struct model_need *need)
{
    memset(need->own, 0, sizeof need->own);
    need->own_units = 0;
    if (sent->visits == 0)
        return PM_NOTHING_NEEDED;
    if (sent->visits > PM_VISITS_MAX)
        return PM_BAD_VISIT;
    for (unsigned v = 0; v < sent->visits; v++) {
        if (!visit_is_good(&sent->visit[v]))
            return PM_BAD_VISIT;
        if (!add_visit(kind, &sent->visit[v], need))
            return PM_NO_BAND;
    }
    for (unsigned b = 0; b < kind->bands; b++)
        need->own_units += need->own[b];
    return need->own_units > kind->units_max ? PM_TOO_MUCH : PM_OK;
}

/* One of all vacancies, and one of its type's. */
static int take_place_type(const struct pm_kind *kind, const struct pm_package *sent,
                           struct model_need *need)
{
    memset(need->own, 0, sizeof need->own);
    need->own_units = need->own[0] = 1;
    if (sent->place_type.length == 0 && kind->bands == 1)
        return PM_OK;
    for (unsigned b = 1; b < kind->bands; b++)
        if (pm_text_equal(pm_text(kind->band[b].name.text), sent->place_type)) {
            need->own[b] = 1;
            return PM_OK;
        }
    return PM_BAD_PLACE;
}

static int take_care(const struct pm_kind *kind, const struct pm_package *sent, uint32_t given,
                     struct model_need *need)
{
    bool minutes = kind->unit == PM_MINUTES;
    if (minutes ? sent->place_type.length != 0 : sent->visits != 0)
        return PM_NOTHING_NEEDED;
    if (minutes && (given & PM_GIVEN_VISITS) != 0)
        return take_visits(kind, sent, need);
    if (!minutes && (given & PM_GIVEN_PLACE_TYPE) != 0)
        return take_place_type(kind, sent, need);
    return PM_OK;
}

/* ---- Who, when, what else ---- */

static int take_needs(const struct model *model, const struct pm_package *sent,
                      struct model_need *need)
{
    need->own_needs = 0;
    for (unsigned i = 0; i < sent->needs; i++) {
        int capability = model_capability(model, sent->need[i]);
        if (capability == MODEL_NONE)
            return PM_UNKNOWN_CAPABILITY;
        need->own_needs |= model_bit(capability);
    }
    return PM_OK;
}

static bool date_is_good(int32_t date)
{
    return date >= 0 && date <= MODEL_DATE_MAX;
}

static int take_dates(const struct pm_package *sent, uint32_t given, struct model_need *need)
{
    if ((given & PM_GIVEN_START) != 0) {
        need->start_from = sent->start_from;
        need->start_by = sent->start_by;
    }
    if ((given & PM_GIVEN_PLANNED_END) != 0)
        need->planned_end = sent->planned_end;
    int32_t from = need->start_from, by = need->start_by, end = need->planned_end;
    return date_is_good(from) && date_is_good(by) && date_is_good(end) && (by == 0 || by >= from) &&
                   (end == 0 || (end >= from && end >= by))
               ? PM_OK
               : PM_BAD_DATES;
}

static int take_small(const struct pm_package *sent, uint32_t given, struct model_need *need)
{
    if ((given & PM_GIVEN_PRIORITY) != 0)
        need->given = sent->priority;
    if ((given & PM_GIVEN_INTERIM) != 0)
        need->interim = sent->interim;
    if ((given & PM_GIVEN_PAYER) != 0)
        need->payer = sent->payer;
    if (need->given >= PM_PRIORITIES)
        return PM_BAD_PRIORITY;
    return need->interim < PM_INTERIMS && need->payer < PM_PAYERS ? PM_OK : PM_BAD_VALUE;
}

static int take_exclusions(const struct model *model, const struct pm_package *sent,
                           struct model_need *need)
{
    if (sent->exclusions > PM_EXCLUSIONS_MAX)
        return PM_BAD_VALUE;
    need->exclusions = sent->exclusions;
    memset(need->exclusion, 0, sizeof need->exclusion);
    for (unsigned i = 0; i < sent->exclusions; i++)
        if ((need->exclusion[i] = model_find_provider(model, sent->exclusion[i])) == MODEL_NONE)
            return PM_UNKNOWN_PROVIDER;
    return PM_OK;
}

static int take_person(const struct model *model, const struct pm_package *sent, uint32_t given,
                       struct model_need *need)
{
    if ((given & PM_GIVEN_PERSON) != 0 && sent->person.length != 0 &&
        !model_name_is_good(sent->person, PM_TITLE_MAX))
        return PM_BAD_NAME;
    if ((given & PM_GIVEN_CONTINUITY) != 0) {
        need->continuity = model_find_provider(model, sent->continuity);
        if (sent->continuity.length != 0 && need->continuity == MODEL_NONE)
            return PM_UNKNOWN_PROVIDER;
    }
    return PM_OK;
}

static int take_preferred(const struct model *model, const struct pm_package *sent,
                          struct model_need *need)
{
    if (sent->preferences > PM_PREFERENCES_MAX)
        return PM_BAD_VALUE;
    need->preferences = sent->preferences;
    memset(need->preferred, 0, sizeof need->preferred);
    for (unsigned i = 0; i < sent->preferences; i++)
        if ((need->preferred[i] = model_find_location(model, sent->preferred[i])) == MODEL_NONE)
            return PM_UNKNOWN_LOCATION;
    return PM_OK;
}

static bool has_begun(const struct model *model, const struct model_package *p)
{
    return p->state == PM_PLACED && p->successor == MODEL_NONE &&
           model->placement[p->placement].started != 0;
}

/* One that is there, is not over, and that no other follows, before all its care has begun; and of
 * all that a package would come after, which are so many at most, none may be itself. */
static int take_follows(const struct model *model, const struct pm_package *sent, int package,
                        struct model_need *need)
{
    int status;
    need->follows = MODEL_NONE;
    if (sent->follows.length == 0)
        return PM_OK;
    int found = model_named(model, sent->follows, (struct pm_text){0}, &status);
    if (found == MODEL_NONE)
        return status;
    if (model_is_over(&model->package[found]) ||
        (package != MODEL_NONE && found != model->package[package].need.follows &&
         has_begun(model, &model->package[package])))
        return PM_BAD_FOLLOWS;
    for (int i = 0; i < model->packages; i++)
        if (i != package && !model->package[i].gone && model->package[i].need.follows == found)
            return PM_BAD_FOLLOWS;
    int after = 0;
    for (int at = found; at != MODEL_NONE; at = model->package[at].need.follows)
        if (at == package || ++after > PM_CHAIN_MAX)
            return PM_BAD_FOLLOWS;
    need->follows = found;
    return PM_OK;
}

int model_take_fields(const struct model *model, int package, unsigned kind,
                      const struct pm_package *sent, uint32_t given, struct model_need *need)
{
    int status = PM_OK;
    if ((given & PM_GIVEN_PLACE) != 0)
        status = take_place(model, sent, need);
    if (status == PM_OK)
        status = take_care(&model->rules.kind[kind], sent, given, need);
    if (status == PM_OK && (given & PM_GIVEN_NEEDS) != 0)
        status = take_needs(model, sent, need);
    if (status == PM_OK)
        status = take_dates(sent, given, need);
    if (status == PM_OK)
        status = take_small(sent, given, need);
    if (status == PM_OK && (given & PM_GIVEN_EXCLUSIONS) != 0)
        status = take_exclusions(model, sent, need);
    if (status == PM_OK)
        status = take_person(model, sent, given, need);
    if (status == PM_OK && (given & PM_GIVEN_PREFERRED) != 0)
        status = take_preferred(model, sent, need);
    if (status == PM_OK && (given & PM_GIVEN_FOLLOWS) != 0)
        status = take_follows(model, sent, package, need);
    return status;
}
