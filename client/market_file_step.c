/*
 * market_file_step.c - the ladder of a kind: who is asked in turn, where, how, and for how long.
 */
#include "market_file.h"

static bool read_tiers(struct reader *reader, const struct field *map, uint8_t *tiers)
{
    struct field list;
    if (!mf_get(reader, map, "tiers", &list) || !mf_list(reader, &list, 1, PM_TIERS_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        int64_t tier = 0;
        if (!mf_value_whole(reader, &item, 1, PM_TIERS_MAX, &tier))
            return false;
        uint8_t bit = (uint8_t)(1 << (tier - 1));
        if ((*tiers & bit) != 0)
            return mf_mistake(reader, &item, "tier %lld is there twice", (long long)tier);
        *tiers |= bit;
    }
    return true;
}

/* ---- Which routes may have which fields ---- */

#define ROUTE(route) (1u << PM_##route)
#define EVERY_ROUTE ((1u << PM_STEP_ROUTES) - 2)

/* A field that only some routes have, and what to say where another has it. */
struct limit {
    const char *key;
    unsigned routes;
    const char *why;
};

static const struct limit limits[] = {
    {"tiers", EVERY_ROUTE & ~ROUTE(BROKER_AWARD), "a broker may award to any service"},
    {"where", EVERY_ROUTE & ~ROUTE(BROKER_AWARD), "a broker may award to any service"},
    {"window", EVERY_ROUTE & ~ROUTE(LAST_RESORT), "the last resort waits for no answer"},
    {"close", ROUTE(OPEN_OFFER), "only an open_offer may close at the first answer"},
    {"invite", EVERY_ROUTE & ~ROUTE(ROUND) & ~ROUTE(BROKER_AWARD), "nobody is invited"},
    {"binding", ROUTE(ROUND), "only the result of a round may be binding"},
    {"decide", EVERY_ROUTE & ~ROUTE(BROKER_AWARD), "there is no answer to decide on"},
    {"floor", ROUTE(SPOT_OFFER), "only in a spot_offer are rates tendered"},
    {"ceiling", ROUTE(SPOT_OFFER), "only in a spot_offer are rates tendered"},
};

static bool check_fields(struct reader *reader, const struct field *map, const struct pm_step *step)
{
    struct field field;
    for (size_t i = 0; i < COUNT(limits); i++) {
        if ((limits[i].routes >> step->route & 1) == 0 &&
            mf_find(reader, map, limits[i].key, &field))
            return mf_mistake(reader, &field, "%s: leave it out", limits[i].why);
    }
    return true;
}

/* Introductions and imports are routes too, but none of a step. */
static const char *step_route_name(unsigned route)
{
    return route < PM_STEP_ROUTES ? pm_route_name(route) : NULL;
}

/* ---- A step ---- */

static bool read_reach(struct reader *reader, const struct field *map, struct pm_step *step)
{
    if (step->route != PM_BROKER_AWARD)
        return read_tiers(reader, map, &step->tiers) &&
               mf_get_word(reader, map, "where", pm_where_name, &step->where);
    step->tiers = UINT8_MAX;
    step->where = PM_EVERYWHERE;
    return true;
}

static bool read_award(struct reader *reader, const struct field *map, struct pm_step *step)
{
    const unsigned settled = ROUTE(LAST_RESORT) | ROUTE(CHOICE) | ROUTE(BROKER_AWARD);
    struct field field;
    if (!mf_option_word(reader, map, "award", pm_award_mode_name, &step->award))
        return false;
    if (step->award == PM_AUTOMATIC || (!step->binding && (settled >> step->route & 1) == 0))
        return true;
    return mf_find(reader, map, "award", &field) &&
           mf_mistake(reader, &field, "a %s%s needs no confirming: automatic, or leave it out",
                      step->binding ? "binding " : "", pm_route_name(step->route));
}

/* Of a broker's award it may be missing: the package stays until there is one. */
static bool read_window(struct reader *reader, const struct field *map, struct pm_step *step)
{
    struct field field;
    if (step->binding)
        return !mf_find(reader, map, "window", &field) ||
               mf_mistake(reader, &field, "a binding round waits for no answer: leave it out");
    if (step->route != PM_LAST_RESORT && step->route != PM_BROKER_AWARD &&
        !mf_get(reader, map, "window", &field))
        return false;
    return mf_option_duration(reader, map, "window", MARKET_WINDOW_MAX, &step->window);
}

static bool read_tendering(struct reader *reader, const struct field *map,
                           const struct pm_kind *kind, struct pm_step *step)
{
    struct field floor;
    if (!mf_option_pence(reader, map, "ceiling", kind->rate_min, kind->rate_max, &step->ceiling) ||
        !mf_option_pence(reader, map, "floor", kind->rate_min, kind->rate_max, &step->floor))
        return false;
    int32_t most = step->ceiling != 0 ? step->ceiling : kind->ceiling;
    if (step->floor <= most)
        return true;
    return mf_find(reader, map, "floor", &floor) &&
           mf_mistake(reader, &floor, "%.*s is above the %sceiling of %d.%02d",
                      mf_shown(floor.text), floor.text.bytes, step->ceiling != 0 ? "" : "kind's ",
                      most / 100, most % 100);
}

static bool read_invite(struct reader *reader, const struct field *map, struct pm_step *step)
{
    struct field field;
    int64_t invite = 0;
    if (mf_find(reader, map, "invite", &field) &&
        !mf_value_whole(reader, &field, 1, PM_INVITED_MAX, &invite))
        return false;
    step->invite = (uint8_t)invite;
    return true;
}

static bool read_step(struct reader *reader, const struct field *field, const struct pm_kind *kind,
                      struct pm_step *step)
{
    static const char *const keys[] = {"route",  "tiers",   "where",  "window", "award",  "close",
                                       "invite", "binding", "decide", "floor",  "ceiling"};
    return mf_map(reader, field, keys, COUNT(keys)) &&
           mf_get_word(reader, field, "route", step_route_name, &step->route) &&
           check_fields(reader, field, step) && read_reach(reader, field, step) &&
           mf_option_word(reader, field, "close", pm_close_name, &step->close) &&
           read_invite(reader, field, step) &&
           mf_option_flag(reader, field, "binding", &step->binding) &&
           read_award(reader, field, step) && read_window(reader, field, step) &&
           mf_option_duration(reader, field, "decide", MARKET_WINDOW_MAX, &step->decide) &&
           read_tendering(reader, field, kind, step);
}

bool mf_ladder_read(struct reader *reader, const struct field *map, size_t at)
{
    struct pm_kind *kind = &reader->market->kind[at];
    struct field list;
    if (!mf_get(reader, map, "ladder", &list) || !mf_list(reader, &list, 1, PM_STEPS_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!read_step(reader, &item, kind, &kind->step[i]))
            return false;
        reader->ladder_line[at][i] = item.line;
        kind->steps++;
    }
    return mf_check_ladder(reader, &list, kind);
}
