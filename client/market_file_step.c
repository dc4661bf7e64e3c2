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

static bool read_window(struct reader *reader, const struct field *map, struct pm_step *step)
{
    struct field field;
    int64_t window = 0;
    if (step->route == PM_LAST_RESORT) {
        if (!mf_find(reader, map, "window", &field))
            return true;
        return mf_mistake(reader, &field, "the last resort waits for no answer: leave it out");
    }
    if (!mf_get(reader, map, "window", &field) ||
        !mf_value_duration(reader, &field, 1, MARKET_WINDOW_MAX, &window))
        return false;
    step->window = (uint32_t)window;
    return true;
}

static bool read_step(struct reader *reader, const struct field *field, struct pm_step *step)
{
    static const char *const keys[] = {"route", "tiers", "where", "window"};
    return mf_map(reader, field, keys, COUNT(keys)) &&
           mf_get_word(reader, field, "route", pm_route_name, &step->route) &&
           read_tiers(reader, field, &step->tiers) &&
           mf_get_word(reader, field, "where", pm_where_name, &step->where) &&
           read_window(reader, field, step);
}

bool mf_ladder_read(struct reader *reader, const struct field *map, size_t at)
{
    struct pm_kind *kind = &reader->market->kind[at];
    struct field list;
    if (!mf_get(reader, map, "ladder", &list) || !mf_list(reader, &list, 1, PM_STEPS_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!read_step(reader, &item, &kind->step[i]))
            return false;
        reader->ladder_line[at][i] = item.line;
        kind->steps++;
    }
    return mf_check_ladder(reader, &list, kind);
}
