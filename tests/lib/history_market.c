/* history_market.c - rules of random small markets, and how they change. */
#include "tests/lib/history.h"

#include <string.h>

#include "tests/lib/world.h"

#define below history_below
#define percent history_percent

/* ---- Steps ---- */

static uint8_t some_route(struct history *h)
{
    static const uint8_t routes[] = {PM_CALL_OFF,   PM_CALL_OFF,   PM_CALL_OFF,   PM_LAST_RESORT,
                                     PM_OPEN_OFFER, PM_OPEN_OFFER, PM_SPOT_OFFER, PM_CHOICE,
                                     PM_CHOICE,     PM_ROUND,      PM_ROUND,      PM_BROKER_AWARD};
    if (h->plain)
        return percent(h, 80) ? PM_CALL_OFF : PM_LAST_RESORT;
    return routes[below(h, sizeof routes)];
}

static void some_award(struct history *h, struct pm_step *step)
{
    bool confirms = step->route == PM_CALL_OFF || step->route == PM_OPEN_OFFER ||
                    step->route == PM_SPOT_OFFER || (step->route == PM_ROUND && !step->binding);
    if (h->plain)
        return;
    step->award = confirms && percent(h, 30) ? PM_CONFIRMED : PM_AUTOMATIC;
    step->close = step->route == PM_OPEN_OFFER && percent(h, 40) ? PM_AT_FIRST : PM_AT_WINDOW;
    step->invite = (uint8_t)(percent(h, 50) ? 0 : 1 + below(h, 3));
    step->decide = percent(h, 40) ? 0 : 30 + below(h, 600);
}

static struct pm_step some_step(struct history *h, const struct pm_kind *kind)
{
    struct pm_step step = {.route = some_route(h),
                           .where = (uint8_t)(PM_HOME + below(h, 3)),
                           .tiers = (uint8_t)(1 + below(h, 7))};
    step.binding = step.route == PM_ROUND && percent(h, 60);
    if (step.route != PM_LAST_RESORT && !step.binding)
        step.window = 15 + below(h, 300);
    if (step.route == PM_BROKER_AWARD && percent(h, 30))
        step.window = 0;
    if (step.route == PM_SPOT_OFFER && percent(h, 30))
        step.floor = kind->reference_rate / 10 * 8;
    if (step.route == PM_SPOT_OFFER && percent(h, 30))
        step.ceiling = kind->reference_rate / 10 * 13;
    some_award(h, &step);
    return step;
}

/* Steps that differ in more than their window. */
static void some_ladder(struct history *h, struct pm_kind *kind)
{
    memset(kind->step, 0, sizeof kind->step);
    kind->steps = 0;
    for (unsigned tries = 1 + below(h, 4); tries > 0; tries--) {
        struct pm_step step = some_step(h, kind);
        bool new = true;
        for (unsigned s = 0; s < kind->steps; s++)
            new &= kind->step[s].route != step.route || kind->step[s].where != step.where ||
                   kind->step[s].tiers != step.tiers;
        if (new)
            kind->step[kind->steps++] = step;
    }
    kind->passes = (uint8_t)(1 + below(h, 3));
}

/* ---- Kinds ---- */

static void some_weights(struct history *h, struct pm_kind *kind)
{
    static const int32_t floors[] = {0, 300, 400, 500};
    kind->weight_price = (int32_t)below(h, 3) * 50;
    kind->weight_quality = 100 - kind->weight_price;
    kind->quality_floor = floors[below(h, 4)];
    kind->ceiling = kind->reference_rate + (int32_t)below(h, 2) * (kind->reference_rate / 2);
    if (kind->ceiling > kind->rate_max)
        kind->ceiling = kind->rate_max;
}

static int32_t some_bonus(struct history *h)
{
    return percent(h, 50) ? 0 : (int32_t)below(h, percent(h, 80) ? 3000 : 20001);
}

static void some_extras(struct history *h, struct pm_kind *kind)
{
    bool minutes = kind->unit == PM_MINUTES;
    if (h->plain)
        return;
    kind->share_cap = percent(h, 70) ? 0 : (int32_t)below(h, 6) * (minutes ? 400 : 1);
    kind->bonus_continuity = some_bonus(h);
    kind->bonus_cluster = some_bonus(h);
    kind->bonus_cluster_most = some_bonus(h);
    kind->bonus_preference = some_bonus(h);
    kind->ask_again = percent(h, 40) ? 0 : 20 + below(h, 2000);
}

/* One band for weekdays and one for weekends. */
static void coarse_bands(struct pm_kind *kind)
{
    struct pm_band weekday = kind->band[0], weekend = kind->band[4];
    memset(kind->band, 0, sizeof kind->band);
    weekday.from = weekend.from = 0;
    weekday.to = weekend.to = 1440;
    kind->band[0] = weekday;
    kind->band[1] = weekend;
    kind->bands = 2;
}

static void fewer_localities(struct history *h, struct pm_market *rules)
{
    unsigned prefixes = 0;
    rules->localities = (uint16_t)(1 + below(h, 3));
    for (unsigned l = 0; l < 3; l++) {
        rules->locality[l].neighbours &= (1u << rules->localities) - 1;
        if (l >= rules->localities)
            memset(&rules->locality[l], 0, sizeof rules->locality[l]);
    }
    for (unsigned p = 0; p < rules->prefixes; p++)
        if (rules->prefix[p].locality < rules->localities)
            rules->prefix[prefixes++] = rules->prefix[p];
    memset(&rules->prefix[prefixes], 0, (rules->prefixes - prefixes) * sizeof rules->prefix[0]);
    rules->prefixes = (uint16_t)prefixes;
}

/* ---- Calendars ---- */

/* Offices open on most days, with a break at noon; some end soon. */
static void some_calendar(struct history *h, struct pm_calendar *out)
{
    uint32_t days = percent(h, 80) ? 150 : 3 + below(h, 20);
    struct pm_opening *opening = history_memory(h, days * 2, sizeof *opening);
    int32_t day = pm_date_of(WORLD_START) - 1;
    out->opening = opening;
    for (out->openings = 0; days > 0; days--, day++) {
        int32_t opens = day * 1440 + 480 + (int32_t)below(h, 120);
        if (percent(h, 25))
            continue;
        opening[out->openings++] = (struct pm_opening){opens, opens + 200};
        opening[out->openings++] = (struct pm_opening){opens + 260, opens + 500};
    }
    if (out->openings == 0)
        opening[out->openings++] = (struct pm_opening){day * 1440, day * 1440 + 60};
}

static void some_calendars(struct history *h, struct pm_load *load)
{
    struct pm_calendar *calendar = history_memory(h, 2, sizeof *calendar);
    load->calendar = calendar;
    load->calendars = h->plain ? 0 : below(h, 3);
    for (uint32_t c = 0; c < load->calendars; c++) {
        calendar[c].name = model_name(history_text(h, "hours%u", c));
        some_calendar(h, &calendar[c]);
    }
}

/* As they are, each perhaps with its end cut off. */
static void keep_calendars(struct history *h, const struct model *model, struct pm_load *load)
{
    struct pm_calendar *calendar = history_memory(h, PM_CALENDARS_MAX, sizeof *calendar);
    load->calendar = calendar;
    load->calendars = model->calendars;
    for (uint32_t c = 0; c < model->calendars; c++) {
        struct pm_opening *opening = history_memory(h, model->openings[c], sizeof *opening);
        memcpy(opening, model->opening[c], model->openings[c] * sizeof *opening);
        calendar[c].name = model_name(history_text(h, "hours%u", c));
        calendar[c].opening = opening;
        calendar[c].openings = model->openings[c];
        if (percent(h, 10) && calendar[c].openings > 3)
            calendar[c].openings -= below(h, 3);
    }
}

/* ---- A market ---- */

static void some_kinds(struct history *h, struct pm_market *rules, uint32_t calendars)
{
    bool coarse = percent(h, 50);
    unsigned kinds = 1 + below(h, 3);
    for (unsigned k = 0; k < 3; k++) {
        struct pm_kind *kind = &rules->kind[k];
        if (coarse && kind->unit == PM_MINUTES)
            coarse_bands(kind);
        some_weights(h, kind);
        some_ladder(h, kind);
        some_extras(h, kind);
        kind->calendar = (uint8_t)(percent(h, 40) ? 0 : below(h, calendars + 1));
        kind->rounds = (uint8_t)(percent(h, 60) ? 0 : below(h, calendars + 1));
        if (k >= kinds)
            memset(kind, 0, sizeof *kind);
    }
    rules->kinds = (uint16_t)kinds;
}

void history_load(struct history *h, const char *name, struct pm_load *out)
{
    struct pm_market *rules = history_memory(h, 1, sizeof *rules);
    world_rules(rules);
    some_calendars(h, out);
    rules->name = model_name(pm_text(name));
    rules->salt = random_next(&h->random);
    rules->lapse = (uint8_t)(PM_LAPSE_ASK + below(h, 2));
    rules->keep_days = (int32_t)below(h, 3);
    for (unsigned i = 0; i < PM_INTERIMS && !h->plain; i++)
        rules->raise[i] = (uint8_t)below(h, percent(h, 80) ? 2 : 4);
    rules->raise_after = h->plain || percent(h, 40) ? 0 : 60 + below(h, 2000);
    some_kinds(h, rules, out->calendars);
    fewer_localities(h, rules);
    out->market = rules;
    out->supply = history_supply(h, rules, &out->supplies);
}

static void change(struct history *h, struct pm_market *rules)
{
    struct pm_kind *kind = &rules->kind[below(h, rules->kinds)];
    uint32_t which = below(h, 100); /* drawn first: C leaves open which side of `=` is */
    switch (below(h, 10)) {
    case 0:
        some_ladder(h, kind);
        break;
    case 1:
        some_weights(h, kind);
        break;
    case 2:
        rules->keep_days = (int32_t)below(h, 4);
        break;
    case 3:
        rules->lapse = (uint8_t)(PM_LAPSE_ASK + below(h, 2));
        break;
    case 4:
        if (rules->prefixes > 0)
            rules->prefix[which % rules->prefixes].locality = (uint8_t)below(h, rules->localities);
        break;
    case 5:
        rules->quality[1 + which % 4] = (int32_t)below(h, 11) * 100;
        break;
    case 6:
        rules->lot[which % 2].to += (int32_t)below(h, 400) - 200;
        break;
    case 7:
        some_extras(h, kind);
        break;
    case 8:
        rules->raise_after = h->plain || which % 2 == 0 ? 0 : 60 + below(h, 2000);
        break;
    default: /* refused: another shape, or no sense */
        if (percent(h, 50))
            kind->band[0].name.text[0] = 'Z';
        else
            kind->passes = 0;
        break;
    }
}

void history_reload(struct history *h, const struct model *model, struct pm_load *out)
{
    struct pm_market *rules = history_memory(h, 1, sizeof *rules);
    *rules = model->rules;
    change(h, rules);
    out->market = rules;
    keep_calendars(h, model, out);
    if (percent(h, 3))
        out->supply = history_supply(h, rules, &out->supplies);
}
