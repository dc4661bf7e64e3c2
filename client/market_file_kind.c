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

static bool read_options(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    struct field field;
    int64_t value = 0;
    if (mf_find(reader, map, "short_term", &field) &&
        !mf_value_flag(reader, &field, &kind->short_term))
        return false;
    if (mf_find(reader, map, "quality_floor", &field) &&
        !mf_value_whole(reader, &field, 0, 1000, &value))
        return false;
    kind->quality_floor = (int32_t)value;
    value = 1;
    if (mf_find(reader, map, "passes", &field) && !mf_value_whole(reader, &field, 1, 8, &value))
        return false;
    kind->passes = (uint8_t)value;
    return true;
}

static bool read_kind(struct reader *reader, const struct field *field, size_t at)
{
    static const char *const keys[] = {"unit",          "short_term", "bands",   "rates", "largest",
                                       "quality_floor", "passes",     "weights", "ladder"};
    struct pm_kind *kind = &reader->market->kind[at];
    return mf_key_name(reader, field, &kind->name) && mf_map(reader, field, keys, COUNT(keys)) &&
           mf_get_word(reader, field, "unit", pm_unit_name, &kind->unit) &&
           read_options(reader, field, kind) && read_bands(reader, field, kind) &&
           read_rates(reader, field, kind) && read_largest(reader, field, kind) &&
           read_weights(reader, field, kind) && mf_ladder_read(reader, field, at);
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
