/* rules.c - are a market's rules consistent? Each field alone, and what must agree. */
#include "rules.h"

#include <string.h>

#include "dates.h"
#include "find.h"
#include "names.h"

enum {
    WINDOW_MAX = 60 * 24 * 60,   /* minutes: sixty days */
    UNITS_MAX = 2 * 7 * 24 * 60, /* two carers, always */
    RATE_MAX = 100000000,        /* a million pounds: keeps every product below within 64 bits */
    KEEP_DAYS_MAX = 3660,
    BONUS_MAX = 20000,
    RAISE_MAX = 3, /* classes */
};

static bool kept_name_is_good(const struct pm_name *name)
{
    return name->text[PM_NAME_MAX] == '\0' && name_is_good(name_text(name));
}

static bool between(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static bool bands_overlap(const struct pm_band *a, const struct pm_band *b)
{
    return (a->days & b->days) != 0 && a->from < b->to && b->from < a->to;
}

static bool band_is_good(const struct pm_kind *kind, unsigned at)
{
    const struct pm_band *band = &kind->band[at];
    bool timed = band->days != 0 && band->days <= PM_EVERY_DAY && band->from < band->to &&
                 band->to <= DAY_MINUTES;
    bool untimed = band->days == 0 && band->from == 0 && band->to == 0;
    if (!kept_name_is_good(&band->name) || !(kind->unit == PM_MINUTES ? timed : untimed))
        return false;
    for (unsigned b = 0; b < at; b++)
        if (memcmp(&band->name, &kind->band[b].name, sizeof band->name) == 0 ||
            (timed && bands_overlap(band, &kind->band[b])))
            return false;
    return true;
}

static bool same_step(const struct pm_step *a, const struct pm_step *b)
{
    return a->route == b->route && a->where == b->where && a->tiers == b->tiers;
}

static bool window_is_good(const struct pm_step *step)
{
    bool none = step->route == PM_LAST_RESORT || (step->route == PM_ROUND && step->binding);
    if (none)
        return step->window == 0;
    return between(step->window, step->route == PM_BROKER_AWARD ? 0 : 1, WINDOW_MAX);
}

static bool spot_is_good(const struct pm_kind *kind, const struct pm_step *step)
{
    int32_t floor = step->floor == 0 ? kind->rate_min : step->floor;
    int32_t ceiling = step->ceiling == 0 ? kind->ceiling : step->ceiling;
    if (step->route != PM_SPOT_OFFER)
        return step->floor == 0 && step->ceiling == 0;
    return between(floor, kind->rate_min, ceiling) && ceiling <= kind->rate_max;
}

/* What only some routes have. */
static bool extras_are_good(const struct pm_step *step)
{
    bool confirms = step->route == PM_CALL_OFF || step->route == PM_OPEN_OFFER ||
                    step->route == PM_SPOT_OFFER || step->route == PM_ROUND;
    return between(step->award, PM_AUTOMATIC, confirms ? PM_CONFIRMED : PM_AUTOMATIC) &&
           between(step->close, PM_AT_WINDOW,
                   step->route == PM_OPEN_OFFER ? PM_AT_FIRST : PM_AT_WINDOW) &&
           !(step->binding && step->award == PM_CONFIRMED) && step->invite <= PM_INVITED_MAX &&
           between(step->binding, 0, step->route == PM_ROUND) && step->decide <= WINDOW_MAX;
}

/* A step that asks again just whom an earlier one asked is never reached by anybody. */
static bool step_is_good(const struct pm_kind *kind, unsigned at)
{
    const struct pm_step *step = &kind->step[at];
    if (!between(step->route, PM_CALL_OFF, PM_STEP_ROUTES - 1) ||
        !between(step->where, PM_HOME, PM_EVERYWHERE) || step->tiers == 0 ||
        !window_is_good(step) || !spot_is_good(kind, step) || !extras_are_good(step))
        return false;
    for (unsigned s = 0; s < at; s++)
        if (same_step(step, &kind->step[s]))
            return false;
    return true;
}

static bool kind_amounts_are_good(const struct pm_kind *kind)
{
    int32_t units = kind->unit == PM_PLACES ? 1 : UNITS_MAX;
    return between(kind->rate_min, 1, RATE_MAX) &&
           between(kind->rate_max, kind->rate_min, RATE_MAX) &&
           between(kind->ceiling, kind->rate_min, kind->rate_max) &&
           between(kind->reference_rate, kind->rate_min, kind->rate_max) &&
           between(kind->units_max, 1, units) && between(kind->quality_floor, 0, 1000) &&
           between(kind->weight_price, 0, 100) && between(kind->weight_quality, 0, 100) &&
           kind->weight_price + kind->weight_quality > 0 && kind->share_cap >= 0 &&
           between(kind->bonus_continuity, 0, BONUS_MAX) &&
           between(kind->bonus_cluster, 0, BONUS_MAX) &&
           between(kind->bonus_cluster_most, 0, BONUS_MAX) &&
           between(kind->bonus_preference, 0, BONUS_MAX) && kind->ask_again <= WINDOW_MAX;
}

static bool kind_is_good(const struct pm_kind *kind)
{
    if (!kept_name_is_good(&kind->name) || !between(kind->unit, PM_MINUTES, PM_PLACES) ||
        kind->short_term > 1 || !between(kind->bands, 1, PM_BANDS_MAX) ||
        !between(kind->steps, 1, PM_STEPS_MAX) || !between(kind->passes, 1, PM_PASSES_MAX) ||
        !kind_amounts_are_good(kind))
        return false;
    for (unsigned b = 0; b < kind->bands; b++)
        if (!band_is_good(kind, b))
            return false;
    for (unsigned s = 0; s < kind->steps; s++)
        if (!step_is_good(kind, s))
            return false;
    return true;
}

static bool locality_is_good(const struct pm_market *rules, unsigned at)
{
    const struct pm_locality *locality = &rules->locality[at];
    uint64_t all = UINT64_MAX >> (PM_LOCALITIES_MAX - rules->localities);
    if (!kept_name_is_good(&locality->name) || (locality->neighbours & ~all) != 0 ||
        (locality->neighbours >> at & 1) != 0)
        return false;
    for (unsigned l = 0; l < rules->localities; l++)
        if ((locality->neighbours >> l & 1) != (rules->locality[l].neighbours >> at & 1))
            return false;
    return true;
}

static bool prefix_is_good(const struct pm_market *rules, unsigned at)
{
    const struct pm_prefix *prefix = &rules->prefix[at];
    if (prefix->code == 0 || prefix->code == PM_POSTCODE_BAD ||
        prefix->locality >= rules->localities)
        return false;
    for (unsigned p = 0; p < at; p++)
        if (rules->prefix[p].code == prefix->code)
            return false;
    return true;
}

static bool lot_is_good(const struct pm_lot *lot)
{
    return kept_name_is_good(&lot->name) && lot->from >= 0 && lot->from <= lot->to;
}

/* Each good, and no two of one name. */
static bool names_differ(const struct pm_name *first, size_t stride, unsigned count)
{
    const char *base = (const char *)first;
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            if (memcmp(base + i * stride, base + j * stride, sizeof *first) == 0)
                return false;
    return true;
}

static bool counts_are_good(const struct pm_market *rules)
{
    return between(rules->kinds, 1, PM_KINDS_MAX) &&
           between(rules->localities, 1, PM_LOCALITIES_MAX) && rules->prefixes <= PM_PREFIXES_MAX &&
           rules->capabilities <= PM_CAPABILITIES_MAX && between(rules->lots, 1, PM_LOTS_MAX);
}

static bool all_names_differ(const struct pm_market *rules)
{
    return names_differ(&rules->kind[0].name, sizeof rules->kind[0], rules->kinds) &&
           names_differ(&rules->locality[0].name, sizeof rules->locality[0], rules->localities) &&
           names_differ(&rules->capability[0], sizeof rules->capability[0], rules->capabilities) &&
           names_differ(&rules->lot[0].name, sizeof rules->lot[0], rules->lots);
}

static bool raises_are_good(const struct pm_market *rules)
{
    for (unsigned i = 0; i < PM_INTERIMS; i++)
        if (rules->raise[i] > RAISE_MAX)
            return false;
    return true;
}

static bool market_itself_is_good(const struct pm_market *rules)
{
    for (unsigned r = 0; r < PM_RATINGS; r++)
        if (!between(rules->quality[r], 0, 1000))
            return false;
    return kept_name_is_good(&rules->name) && rules->title.text[PM_TITLE_MAX] == '\0' &&
           between(rules->lapse, PM_LAPSE_ASK, PM_LAPSE_EXCLUDE) &&
           between(rules->keep_days, 0, KEEP_DAYS_MAX) && rules->raise_after <= WINDOW_MAX &&
           raises_are_good(rules) && counts_are_good(rules);
}

bool rules_are_good(const struct pm_market *rules)
{
    bool good = market_itself_is_good(rules);
    for (unsigned i = 0; good && i < rules->kinds; i++)
        good = kind_is_good(&rules->kind[i]);
    for (unsigned i = 0; good && i < rules->localities; i++)
        good = locality_is_good(rules, i);
    for (unsigned i = 0; good && i < rules->prefixes; i++)
        good = prefix_is_good(rules, i);
    for (unsigned i = 0; good && i < rules->capabilities; i++)
        good = kept_name_is_good(&rules->capability[i]);
    for (unsigned i = 0; good && i < rules->lots; i++)
        good = lot_is_good(&rules->lot[i]);
    return good && all_names_differ(rules);
}
