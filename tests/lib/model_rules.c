/* model_rules.c - a market's rules: are they consistent, and may they take the place of others? */
#include "tests/lib/model.h"

#include <string.h>

enum { SIXTY_DAYS = 60 * 24 * 60, ALWAYS = 2 * 7 * 24 * 60, DEAREST = 100000000 };

static bool within(int64_t value, int64_t least, int64_t most)
{
    return least <= value && value <= most;
}

static bool name_is_good(const struct pm_name *name)
{
    return name->text[PM_NAME_MAX] == '\0' && model_name_is_good(pm_text(name->text), PM_NAME_MAX);
}

/* ---- Bands and steps ---- */

/* On some day, at some minute, in both? */
static bool overlap(const struct pm_band *a, const struct pm_band *b)
{
    for (int minute = 0; (a->days & b->days) != 0 && minute < 1440; minute++)
        if (a->from <= minute && minute < a->to && b->from <= minute && minute < b->to)
            return true;
    return false;
}

static bool band_is_good(const struct pm_kind *kind, unsigned at)
{
    const struct pm_band *band = &kind->band[at];
    bool good = kind->unit == PM_PLACES ? band->days == 0 && band->from == 0 && band->to == 0
                                        : within(band->days, 1, PM_EVERY_DAY) &&
                                              band->from < band->to && band->to <= 1440;
    for (unsigned b = 0; b < at; b++)
        good &= !model_same(&band->name, &kind->band[b].name) && !overlap(band, &kind->band[b]);
    return good && name_is_good(&band->name);
}

/* Only some routes have a window, a confirmation, a first answer, bounds, or are binding. */
static bool step_is_good(const struct pm_kind *kind, const struct pm_step *s)
{
    bool spot = s->route == PM_SPOT_OFFER, round = s->route == PM_ROUND;
    bool confirms = s->route == PM_CALL_OFF || s->route == PM_OPEN_OFFER || spot || round;
    bool unasked = s->route == PM_LAST_RESORT || (round && s->binding != 0);
    int64_t least = s->route == PM_BROKER_AWARD || unasked ? 0 : 1;
    int32_t floor = s->floor != 0 ? s->floor : kind->rate_min;
    int32_t ceiling = s->ceiling != 0 ? s->ceiling : kind->ceiling;
    bool bounds = spot ? kind->rate_min <= floor && floor <= ceiling && ceiling <= kind->rate_max
                       : s->floor == 0 && s->ceiling == 0;
    return within(s->route, PM_CALL_OFF, PM_BROKER_AWARD) &&
           within(s->where, PM_HOME, PM_EVERYWHERE) && s->tiers != 0 &&
           within(s->award, PM_AUTOMATIC, confirms ? PM_CONFIRMED : PM_AUTOMATIC) &&
           within(s->close, PM_AT_WINDOW, s->route == PM_OPEN_OFFER ? PM_AT_FIRST : PM_AT_WINDOW) &&
           within(s->binding, 0, round ? 1 : 0) && !(s->binding && s->award == PM_CONFIRMED) &&
           within(s->window, least, unasked ? 0 : SIXTY_DAYS) && s->decide <= SIXTY_DAYS &&
           s->invite <= PM_INVITED_MAX && bounds;
}

static bool asks_anew(const struct pm_kind *kind, unsigned at)
{
    const struct pm_step *s = &kind->step[at];
    for (unsigned i = 0; i < at; i++)
        if (kind->step[i].route == s->route && kind->step[i].where == s->where &&
            kind->step[i].tiers == s->tiers)
            return false;
    return true;
}

/* ---- Kinds ---- */

static bool amounts_are_good(const struct pm_kind *k)
{
    return within(k->rate_min, 1, DEAREST) && within(k->rate_max, k->rate_min, DEAREST) &&
           within(k->ceiling, k->rate_min, k->rate_max) &&
           within(k->reference_rate, k->rate_min, k->rate_max) &&
           within(k->units_max, 1, k->unit == PM_PLACES ? 1 : ALWAYS) &&
           within(k->quality_floor, 0, 1000) && within(k->weight_price, 0, 100) &&
           within(k->weight_quality, 0, 100) && k->weight_price + k->weight_quality > 0 &&
           k->share_cap >= 0 && within(k->bonus_continuity, 0, 20000) &&
           within(k->bonus_cluster, 0, 20000) && within(k->bonus_cluster_most, 0, 20000) &&
           within(k->bonus_preference, 0, 20000) && k->ask_again <= SIXTY_DAYS;
}

static bool kind_is_good(const struct pm_kind *k, uint32_t calendars)
{
    bool good = name_is_good(&k->name) && within(k->unit, PM_MINUTES, PM_PLACES) &&
                k->short_term <= 1 && within(k->bands, 1, PM_BANDS_MAX) &&
                within(k->steps, 1, PM_STEPS_MAX) && within(k->passes, 1, 8) &&
                k->calendar <= calendars && k->rounds <= calendars && amounts_are_good(k);
    for (unsigned b = 0; good && b < k->bands; b++)
        good = band_is_good(k, b);
    for (unsigned s = 0; good && s < k->steps; s++)
        good = step_is_good(k, &k->step[s]) && asks_anew(k, s);
    return good;
}

/* ---- Places, lots, calendars ---- */

static bool locality_is_good(const struct pm_market *rules, unsigned at)
{
    for (unsigned l = 0; l < PM_LOCALITIES_MAX; l++) {
        bool there = (rules->locality[at].neighbours >> l & 1) != 0;
        bool back = l < rules->localities && (rules->locality[l].neighbours >> at & 1) != 0;
        if (there != back || (there && l == at))
            return false;
    }
    return name_is_good(&rules->locality[at].name);
}

static bool prefix_is_good(const struct pm_market *rules, unsigned at)
{
    const struct pm_prefix *prefix = &rules->prefix[at];
    for (unsigned p = 0; p < at; p++)
        if (rules->prefix[p].code == prefix->code)
            return false;
    return prefix->code != 0 && prefix->code != PM_POSTCODE_BAD &&
           prefix->locality < rules->localities;
}

static bool calendar_is_good(const struct pm_calendar *calendar)
{
    const struct pm_opening *o = calendar->opening;
    bool good = name_is_good(&calendar->name) && within(calendar->openings, 1, PM_OPENINGS_MAX);
    for (uint32_t i = 0; good && i < calendar->openings; i++)
        good = o[i].from >= 0 && o[i].from < o[i].to && (i == 0 || o[i - 1].to < o[i].from);
    return good;
}

static bool differ(const void *first, size_t stride, unsigned count)
{
    const char *name = first;
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = i + 1; j < count; j++)
            if (memcmp(name + i * stride, name + j * stride, sizeof(struct pm_name)) == 0)
                return false;
    return true;
}

/* ---- All ---- */

static bool market_is_good(const struct pm_market *r)
{
    bool good = name_is_good(&r->name) && r->title.text[PM_TITLE_MAX] == '\0' &&
                within(r->lapse, PM_LAPSE_ASK, PM_LAPSE_EXCLUDE) && within(r->keep_days, 0, 3660) &&
                r->raise_after <= SIXTY_DAYS && within(r->kinds, 1, PM_KINDS_MAX) &&
                within(r->localities, 1, PM_LOCALITIES_MAX) && r->prefixes <= PM_PREFIXES_MAX &&
                r->capabilities <= PM_CAPABILITIES_MAX && within(r->lots, 1, PM_LOTS_MAX);
    for (unsigned i = 0; i < PM_INTERIMS; i++)
        good &= r->raise[i] <= 3;
    for (unsigned i = 0; i < PM_RATINGS; i++)
        good &= within(r->quality[i], 0, 1000);
    return good;
}

static bool load_is_good(const struct pm_load *load)
{
    const struct pm_market *r = load->market;
    bool good = r != NULL && load->calendars <= PM_CALENDARS_MAX && market_is_good(r);
    for (unsigned i = 0; good && i < r->kinds; i++)
        good = kind_is_good(&r->kind[i], load->calendars);
    for (unsigned i = 0; good && i < r->localities; i++)
        good = locality_is_good(r, i);
    for (unsigned i = 0; good && i < r->prefixes; i++)
        good = prefix_is_good(r, i);
    for (unsigned i = 0; good && i < r->capabilities; i++)
        good = name_is_good(&r->capability[i]);
    for (unsigned i = 0; good && i < r->lots; i++)
        good =
            name_is_good(&r->lot[i].name) && r->lot[i].from >= 0 && r->lot[i].from <= r->lot[i].to;
    for (uint32_t i = 0; good && i < load->calendars; i++)
        good = calendar_is_good(&load->calendar[i]);
    return good && differ(r->kind, sizeof r->kind[0], r->kinds) &&
           differ(r->locality, sizeof r->locality[0], r->localities) &&
           differ(r->capability, sizeof r->capability[0], r->capabilities) &&
           differ(r->lot, sizeof r->lot[0], r->lots);
}

/* What is there stays where it is; more may come after it. */
static bool keeps_shape(const struct pm_market *was, const struct pm_market *is)
{
    bool keeps = is->kinds >= was->kinds && is->localities >= was->localities &&
                 is->capabilities >= was->capabilities && is->lots >= was->lots;
    for (unsigned i = 0; keeps && i < was->kinds; i++)
        keeps = model_same(&was->kind[i].name, &is->kind[i].name) &&
                was->kind[i].unit == is->kind[i].unit && was->kind[i].bands == is->kind[i].bands &&
                memcmp(was->kind[i].band, is->kind[i].band, sizeof is->kind[i].band) == 0;
    for (unsigned i = 0; keeps && i < was->localities; i++)
        keeps = model_same(&was->locality[i].name, &is->locality[i].name);
    for (unsigned i = 0; keeps && i < was->capabilities; i++)
        keeps = model_same(&was->capability[i], &is->capability[i]);
    for (unsigned i = 0; keeps && i < was->lots; i++)
        keeps = model_same(&was->lot[i].name, &is->lot[i].name);
    return keeps;
}

/* Supply is put into the market one after the other; the first that is refused refuses all. */
static int expect_new(struct model *model, const struct pm_load *load)
{
    int status = PM_OK;
    model->rules = *load->market;
    for (uint32_t i = 0; status == PM_OK && i < load->supplies; i++) {
        status = load->supply[i].verb >= PM_PROVIDER_PUT && load->supply[i].verb <= PM_CAPACITY_SET
                     ? model_expect_supply(model, &load->supply[i])
                     : MODEL_UNSURE;
        if (status == PM_OK)
            model_supply(model, &load->supply[i]);
    }
    model->providers = model->locations = model->pools = model->services = 0;
    return status;
}

int model_expect_load(struct model *model, const struct pm_load *load)
{
    if (!load_is_good(load))
        return PM_BAD_MARKET;
    if (!model_same(&load->market->name, &model->market))
        return MODEL_UNSURE; /* another market's */
    if (!model->loaded)
        return expect_new(model, load);
    if (load->supplies > 0)
        return PM_MARKET_EXISTS;
    return keeps_shape(&model->rules, load->market) ? PM_OK : PM_SHAPE_CHANGED;
}
