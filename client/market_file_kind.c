/*
 * market_file_kind.c - the kinds of care of a market file: how each is counted, paid, scored.
 */
#include "market_file.h"

#include <string.h>

static bool read_band(struct reader *reader, const struct field *field, struct pm_kind *kind)
{
    static const char *const keys[] = {"name", "days", "from", "to"};
    struct pm_band *band = &kind->band[kind->bands];
    size_t count = kind->unit == PM_MINUTES ? COUNT(keys) : 1;
    struct field value;
    if (!mf_map(reader, field, keys, count) || !mf_get_name(reader, field, "name", &band->name))
        return false;
    for (size_t i = 0; i < kind->bands; i++) {
        if (memcmp(&kind->band[i].name, &band->name, sizeof band->name) == 0)
            return mf_mistake(reader, field, "\"%s\" is there twice", band->name.text);
    }
    kind->bands++;
    if (kind->unit == PM_PLACES)
        return true;
    if (!mf_get(reader, field, "days", &value) || !mf_value_days(reader, &value, &band->days) ||
        !mf_get(reader, field, "from", &value) ||
        !mf_value_time_of_day(reader, &value, &band->from) ||
        !mf_get(reader, field, "to", &value) || !mf_value_time_of_day(reader, &value, &band->to))
        return false;
    if (band->to <= band->from)
        return mf_mistake(reader, &value, "%.*s is not after from", mf_shown(value.text),
                          value.text.bytes);
    return true;
}

static bool read_bands(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field list;
    size_t least = kind->unit == PM_PLACES ? 2 : 1; /* all vacancies, and a sub-limit to name */
    if (!mf_get(reader, map, "bands", &list) || !mf_list(reader, &list, least, PM_BANDS_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!read_band(reader, &item, kind))
            return false;
    }
    return mf_check_bands(reader, &list, kind);
}

static bool read_rates(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    static const char *const keys[] = {"min", "max", "ceiling", "reference"};
    struct field rates;
    return mf_get(reader, map, "rates", &rates) && mf_map(reader, &rates, keys, COUNT(keys)) &&
           mf_get_pence(reader, &rates, "min", 1, MARKET_PENCE_MAX, &kind->rate_min) &&
           mf_get_pence(reader, &rates, "max", kind->rate_min, MARKET_PENCE_MAX, &kind->rate_max) &&
           mf_get_pence(reader, &rates, "ceiling", kind->rate_min, kind->rate_max,
                        &kind->ceiling) &&
           mf_get_pence(reader, &rates, "reference", kind->rate_min, kind->rate_max,
                        &kind->reference_rate);
}

static bool read_weights(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    static const char *const keys[] = {"price", "quality"};
    struct field weights;
    if (!mf_get(reader, map, "weights", &weights) || !mf_map(reader, &weights, keys, COUNT(keys)) ||
        !mf_get_int32(reader, &weights, "price", 100, &kind->weight_price) ||
        !mf_get_int32(reader, &weights, "quality", 100, &kind->weight_quality))
        return false;
    return kind->weight_price + kind->weight_quality > 0 ||
           mf_mistake(reader, &weights, "both are 0");
}

/* The largest package: a duration for kinds in minutes, always one place for the others. */
static bool read_largest(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field field;
    int64_t largest = 1;
    bool minutes = kind->unit == PM_MINUTES;
    if (!minutes && !mf_find(reader, map, "largest", &field)) {
        kind->units_max = 1;
        return true;
    }
    if (!mf_get(reader, map, "largest", &field))
        return false;
    if (minutes ? !mf_value_duration(reader, &field, 1, MARKET_UNITS_MAX, &largest)
                : !mf_value_whole(reader, &field, 1, 1, &largest))
        return false;
    kind->units_max = (int32_t)largest;
    return true;
}

/* Units a week that one provider may be awarded in a quarter: for kinds in minutes a duration. */
static bool read_share_cap(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field field;
    int64_t cap = 0;
    if (!mf_find(reader, map, "share_cap", &field))
        return true;
    if (kind->unit == PM_MINUTES ? !mf_value_duration(reader, &field, 1, MARKET_AMOUNT_MAX, &cap)
                                 : !mf_value_whole(reader, &field, 1, MARKET_AMOUNT_MAX, &cap))
        return false;
    kind->share_cap = (int32_t)cap;
    return true;
}

/* The most is for several placements near each other: no less than for one, and no most of nothing.
 */
static bool check_cluster(struct reader *reader, const struct field *bonus,
                          const struct pm_kind *kind)
{
    struct field most;
    if (kind->bonus_cluster == 0 && kind->bonus_cluster_most == 0)
        return true;
    if (!mf_get(reader, bonus, "cluster_most", &most))
        return false;
    if (kind->bonus_cluster == 0)
        return mf_mistake(reader, &most, "there is no cluster bonus that it could limit");
    return kind->bonus_cluster_most >= kind->bonus_cluster ||
           mf_mistake(reader, &most, "%d is less than cluster, %d", kind->bonus_cluster_most,
                      kind->bonus_cluster);
}

static bool read_bonus(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    static const char *const keys[] = {"continuity", "cluster", "cluster_most", "preference"};
    int32_t *const out[] = {&kind->bonus_continuity, &kind->bonus_cluster,
                            &kind->bonus_cluster_most, &kind->bonus_preference};
    struct field bonus;
    if (!mf_find(reader, map, "bonus", &bonus))
        return true;
    if (!mf_map(reader, &bonus, keys, COUNT(keys)))
        return false;
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!mf_option_int32(reader, &bonus, keys[i], 0, MARKET_BONUS_MAX, out[i]))
            return false;
    }
    return check_cluster(reader, &bonus, kind);
}

/* Without one it is always open. */
static bool read_calendar(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field field;
    uint8_t position = 0;
    if (!mf_find(reader, map, "calendar", &field))
        return true;
    if (!mf_value_calendar(reader, &field, &position))
        return false;
    kind->calendar = (uint8_t)(position + 1);
    const struct pm_opening *first = reader->file->calendar[position].opening;
    return first->to - first->from > 1 ||
           mf_mistake(reader, &field, "\"%.*s\" has times, not hours to count in",
                      mf_shown(field.text), field.text.bytes);
}

/* The calendar whenever which opens, or at whose times, a round runs. */
static bool read_rounds(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field field;
    uint8_t position = 0;
    if (!mf_find(reader, map, "rounds", &field))
        return true;
    if (!mf_value_calendar(reader, &field, &position))
        return false;
    kind->rounds = (uint8_t)(position + 1);
    return true;
}

/* Rounds are of those whom a step gathers. */
static bool check_rounds(struct reader *reader, const struct field *map, const struct pm_kind *kind)
{
    struct field field;
    for (unsigned step = 0; step < kind->steps; step++) {
        if (kind->step[step].route == PM_ROUND)
            return true;
    }
    return !mf_find(reader, map, "rounds", &field) ||
           mf_mistake(reader, &field, "no step of the ladder gathers packages for a round");
}

static bool read_options(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    int32_t passes = 1;
    if (!mf_option_flag(reader, map, "short_term", &kind->short_term) ||
        !mf_option_int32(reader, map, "quality_floor", 0, 1000, &kind->quality_floor) ||
        !mf_option_int32(reader, map, "passes", 1, PM_PASSES_MAX, &passes) ||
        !mf_option_duration(reader, map, "ask_again", MARKET_WINDOW_MAX, &kind->ask_again))
        return false;
    kind->passes = (uint8_t)passes;
    return read_calendar(reader, map, kind) && read_rounds(reader, map, kind) &&
           read_share_cap(reader, map, kind) && read_bonus(reader, map, kind);
}

static bool read_kind(struct reader *reader, const struct field *field, size_t at)
{
    static const char *const keys[] = {
        "calendar",      "rounds", "unit",    "short_term", "bands", "rates",     "largest",
        "quality_floor", "passes", "weights", "share_cap",  "bonus", "ask_again", "ladder"};
    struct pm_kind *kind = &reader->market->kind[at];
    return mf_key_name(reader, field, &kind->name) && mf_map(reader, field, keys, COUNT(keys)) &&
           mf_get_word(reader, field, "unit", pm_unit_name, &kind->unit) &&
           read_options(reader, field, kind) && read_bands(reader, field, kind) &&
           read_rates(reader, field, kind) && read_largest(reader, field, kind) &&
           read_weights(reader, field, kind) && mf_ladder_read(reader, field, at) &&
           check_rounds(reader, field, kind);
}

bool mf_kinds_read(struct reader *reader, const struct field *root)
{
    struct field map;
    if (!mf_get_named(reader, root, "kinds", PM_KINDS_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_kind(reader, &entry, i))
            return false;
        reader->market->kinds++;
    }
    return true;
}
