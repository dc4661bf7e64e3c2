/*
 * market_file_rules.c - the rules of a market from the tree of its file. bench/thurrock/market.yaml
 * shows and explains every field.
 */
#include "market_file.h"

#include <string.h>

static bool get_name(struct reader *reader, const struct field *map, const char *key,
                     struct pm_name *out)
{
    struct field field;
    if (!mf_get(reader, map, key, &field) || !mf_value_name(reader, &field))
        return false;
    memcpy(out->text, field.text.bytes, field.text.length);
    return true;
}

/* A key as a name: keys of maps of names. */
static bool key_name(struct reader *reader, const struct field *field, struct pm_name *out)
{
    struct field key = *field;
    key.name = NULL;
    key.node = NULL;
    key.text = pm_text(field->name);
    if (field->up != NULL && field->up->name != NULL)
        key.name = field->up->name;
    key.up = NULL;
    if (!mf_value_name(reader, &key))
        return false;
    memcpy(out->text, key.text.bytes, key.text.length);
    return true;
}

static bool get_whole(struct reader *reader, const struct field *map, const char *key, int64_t min,
                      int64_t max, int64_t *out)
{
    struct field field;
    return mf_get(reader, map, key, &field) && mf_value_whole(reader, &field, min, max, out);
}

static bool get_int32(struct reader *reader, const struct field *map, const char *key, int32_t max,
                      int32_t *out)
{
    int64_t value = 0;
    if (!get_whole(reader, map, key, 0, max, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

static bool get_word(struct reader *reader, const struct field *map, const char *key,
                     const char *(*name_of)(unsigned), uint8_t *out)
{
    struct field field;
    return mf_get(reader, map, key, &field) && mf_value_word(reader, &field, name_of, out);
}

/* ---- Localities, capabilities, lots ---- */

static bool add_prefix(struct reader *reader, const struct field *field, uint8_t locality)
{
    struct pm_market *market = reader->market;
    uint64_t code = 0;
    if (!mf_value_postcode(reader, field, false, &code))
        return false;
    for (size_t i = 0; i < market->prefixes; i++) {
        if (market->prefix[i].code == code)
            return mf_mistake(reader, field, "\"%.*s\" is listed under \"%s\" already",
                              mf_shown(field->text), field->text.bytes,
                              market->locality[market->prefix[i].locality].name.text);
    }
    if (market->prefixes == PM_PREFIXES_MAX)
        return mf_mistake(reader, field, "more than %d postcodes in the market", PM_PREFIXES_MAX);
    market->prefix[market->prefixes++] = (struct pm_prefix){.code = code, .locality = locality};
    return true;
}

/* The file may give a pair of neighbours once: it counts both ways. */
static bool add_neighbour(struct reader *reader, const struct field *field, uint8_t locality)
{
    struct pm_market *market = reader->market;
    uint8_t other = 0;
    if (!mf_value_locality(reader, field, &other))
        return false;
    if (other == locality)
        return mf_mistake(reader, field, "a locality is not its own neighbour");
    market->locality[locality].neighbours |= UINT64_C(1) << other;
    market->locality[other].neighbours |= UINT64_C(1) << locality;
    return true;
}

static bool read_locality(struct reader *reader, const struct field *field, uint8_t locality)
{
    static const char *const keys[] = {"postcodes", "neighbours"};
    struct field list;
    if (!mf_map(reader, field, keys, COUNT(keys)) || !mf_get(reader, field, "postcodes", &list) ||
        !mf_list(reader, &list, 1, PM_PREFIXES_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!add_prefix(reader, &item, locality))
            return false;
    }
    if (!mf_find(reader, field, "neighbours", &list))
        return true;
    if (!mf_list(reader, &list, 0, PM_LOCALITIES_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!add_neighbour(reader, &item, locality))
            return false;
    }
    return true;
}

/* A map whose keys are names: at least one, at most max. */
static bool get_named(struct reader *reader, const struct field *root, const char *key, size_t max,
                      struct field *out)
{
    if (!mf_get(reader, root, key, out) || !mf_map(reader, out, NULL, max))
        return false;
    return mf_length(out) > 0 || mf_mistake(reader, out, "none: at least one expected");
}

static bool read_localities(struct reader *reader, const struct field *root)
{
    struct pm_market *market = reader->market;
    struct field map;
    if (!get_named(reader, root, "localities", PM_LOCALITIES_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!key_name(reader, &entry, &market->locality[i].name))
            return false;
        market->localities++;
    }
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_locality(reader, &entry, (uint8_t)i))
            return false;
    }
    return true;
}

static bool read_capabilities(struct reader *reader, const struct field *root)
{
    struct pm_market *market = reader->market;
    struct field list;
    if (!mf_get(reader, root, "capabilities", &list) ||
        !mf_list(reader, &list, 0, PM_CAPABILITIES_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        if (!mf_value_name(reader, &item))
            return false;
        for (size_t j = 0; j < i; j++) {
            if (pm_text_equal(pm_text(market->capability[j].text), item.text))
                return mf_mistake(reader, &item, "\"%.*s\" is there twice", mf_shown(item.text),
                                  item.text.bytes);
        }
        memcpy(market->capability[i].text, item.text.bytes, item.text.length);
        market->capabilities++;
    }
    return true;
}

static bool read_lot(struct reader *reader, const struct field *field, struct pm_lot *lot)
{
    static const char *const keys[] = {"from", "to"};
    struct field from;
    struct field to;
    if (!key_name(reader, field, &lot->name) || !mf_map(reader, field, keys, COUNT(keys)) ||
        !mf_get(reader, field, "from", &from) || !mf_value_date(reader, &from, &lot->from) ||
        !mf_get(reader, field, "to", &to) || !mf_value_date(reader, &to, &lot->to))
        return false;
    if (lot->to < lot->from)
        return mf_mistake(reader, &to, "%.*s is before from", mf_shown(to.text), to.text.bytes);
    return true;
}

static bool read_lots(struct reader *reader, const struct field *root)
{
    struct pm_market *market = reader->market;
    struct field map;
    if (!get_named(reader, root, "lots", PM_LOTS_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_lot(reader, &entry, &market->lot[i]))
            return false;
        market->lots++;
    }
    return true;
}

/* ---- Kinds ---- */

static bool read_band(struct reader *reader, const struct field *field, struct pm_kind *kind)
{
    static const char *const keys[] = {"name", "days", "from", "to"};
    struct pm_band *band = &kind->band[kind->bands];
    size_t count = kind->unit == PM_MINUTES ? COUNT(keys) : 1;
    struct field value;
    if (!mf_map(reader, field, keys, count) || !get_name(reader, field, "name", &band->name))
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

static bool get_pence(struct reader *reader, const struct field *map, const char *key, int32_t min,
                      int32_t max, int32_t *out)
{
    struct field field;
    if (!mf_get(reader, map, key, &field) || !mf_value_pence(reader, &field, out))
        return false;
    if (*out < min || *out > max)
        return mf_mistake(reader, &field, "%.*s is outside %d.%02d to %d.%02d",
                          mf_shown(field.text), field.text.bytes, min / 100, min % 100, max / 100,
                          max % 100);
    return true;
}

static bool read_rates(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    static const char *const keys[] = {"min", "max", "ceiling", "reference"};
    struct field rates;
    return mf_get(reader, map, "rates", &rates) && mf_map(reader, &rates, keys, COUNT(keys)) &&
           get_pence(reader, &rates, "min", 1, MARKET_PENCE_MAX, &kind->rate_min) &&
           get_pence(reader, &rates, "max", kind->rate_min, MARKET_PENCE_MAX, &kind->rate_max) &&
           get_pence(reader, &rates, "ceiling", kind->rate_min, kind->rate_max, &kind->ceiling) &&
           get_pence(reader, &rates, "reference", kind->rate_min, kind->rate_max,
                     &kind->reference_rate);
}

static bool read_weights(struct reader *reader, const struct field *map, struct pm_kind *kind)
{
    static const char *const keys[] = {"price", "quality"};
    struct field weights;
    if (!mf_get(reader, map, "weights", &weights) || !mf_map(reader, &weights, keys, COUNT(keys)) ||
        !get_int32(reader, &weights, "price", 100, &kind->weight_price) ||
        !get_int32(reader, &weights, "quality", 100, &kind->weight_quality))
        return false;
    return kind->weight_price + kind->weight_quality > 0 ||
           mf_mistake(reader, &weights, "both are 0");
}

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
           get_word(reader, field, "route", pm_route_name, &step->route) &&
           read_tiers(reader, field, &step->tiers) &&
           get_word(reader, field, "where", pm_where_name, &step->where) &&
           read_window(reader, field, step);
}

static bool read_ladder(struct reader *reader, const struct field *map, size_t at)
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
    return key_name(reader, field, &kind->name) && mf_map(reader, field, keys, COUNT(keys)) &&
           get_word(reader, field, "unit", pm_unit_name, &kind->unit) &&
           read_options(reader, field, kind) && read_bands(reader, field, kind) &&
           read_rates(reader, field, kind) && read_largest(reader, field, kind) &&
           read_weights(reader, field, kind) && read_ladder(reader, field, at);
}

static bool read_kinds(struct reader *reader, const struct field *root)
{
    struct field map;
    if (!get_named(reader, root, "kinds", PM_KINDS_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_kind(reader, &entry, i))
            return false;
        reader->market->kinds++;
    }
    return true;
}

/* ---- The whole ---- */

static bool read_quality(struct reader *reader, const struct field *root)
{
    const char *keys[PM_RATINGS];
    struct field map;
    for (unsigned i = 0; i < PM_RATINGS; i++)
        keys[i] = pm_rating_name(i);
    if (!mf_get(reader, root, "quality", &map) || !mf_map(reader, &map, keys, PM_RATINGS))
        return false;
    for (size_t i = 0; i < PM_RATINGS; i++) {
        if (!get_int32(reader, &map, keys[i], 1000, &reader->market->quality[i]))
            return false;
    }
    return true;
}

static bool read_title(struct reader *reader, const struct field *root)
{
    struct field field;
    if (!mf_get(reader, root, "title", &field) || !mf_value_text(reader, &field, PM_TITLE_MAX))
        return false;
    memcpy(reader->market->title.text, field.text.bytes, field.text.length);
    return true;
}

static bool read_head(struct reader *reader, const struct field *root)
{
    struct pm_market *market = reader->market;
    struct field field;
    int64_t days = 0;
    if (!get_name(reader, root, "name", &market->name) || !read_title(reader, root) ||
        !mf_get(reader, root, "salt", &field) || !mf_value_salt(reader, &field, &market->salt) ||
        !get_word(reader, root, "lapse", pm_lapse_name, &market->lapse) ||
        !get_whole(reader, root, "keep_days", 1, MARKET_KEEP_DAYS_MAX, &days))
        return false;
    market->keep_days = (int32_t)days;
    return true;
}

bool mf_rules_read(struct reader *reader, const struct field *root)
{
    static const char *const keys[] = {"name",      "title",   "salt",       "lapse",
                                       "keep_days", "quality", "localities", "capabilities",
                                       "lots",      "kinds",   "files"};
    return mf_map(reader, root, keys, COUNT(keys)) && read_head(reader, root) &&
           read_quality(reader, root) && read_localities(reader, root) &&
           read_capabilities(reader, root) && read_lots(reader, root) && read_kinds(reader, root);
}
