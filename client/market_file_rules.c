/*
 * market_file_rules.c - the rules of a market from the tree of its file. bench/thurrock/market.yaml
 * shows and explains every field.
 */
#include "market_file.h"

#include <string.h>

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

static bool read_localities(struct reader *reader, const struct field *root)
{
    struct pm_market *market = reader->market;
    struct field map;
    if (!mf_get_named(reader, root, "localities", PM_LOCALITIES_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!mf_key_name(reader, &entry, &market->locality[i].name))
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
    if (!mf_key_name(reader, field, &lot->name) || !mf_map(reader, field, keys, COUNT(keys)) ||
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
    if (!mf_get_named(reader, root, "lots", PM_LOTS_MAX, &map))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_lot(reader, &entry, &market->lot[i]))
            return false;
        market->lots++;
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
        if (!mf_get_int32(reader, &map, keys[i], 1000, &reader->market->quality[i]))
            return false;
    }
    return true;
}

/* Classes for each interim cover; none where it is not named. */
static bool read_raise(struct reader *reader, const struct field *raise)
{
    const char *keys[PM_INTERIMS];
    for (unsigned i = 0; i < PM_INTERIMS; i++)
        keys[i] = pm_interim_name(i);
    if (!mf_map(reader, raise, keys, PM_INTERIMS))
        return false;
    for (size_t i = 0; i < PM_INTERIMS; i++) {
        int32_t classes = 0;
        if (!mf_option_int32(reader, raise, keys[i], 0, MARKET_RAISE_MAX, &classes))
            return false;
        reader->market->raise[i] = (uint8_t)classes;
    }
    return true;
}

static bool read_priority(struct reader *reader, const struct field *root)
{
    static const char *const keys[] = {"raise", "raise_after"};
    struct field priority;
    struct field raise;
    if (!mf_find(reader, root, "priority", &priority))
        return true;
    if (!mf_map(reader, &priority, keys, COUNT(keys)))
        return false;
    if (mf_find(reader, &priority, "raise", &raise) && !read_raise(reader, &raise))
        return false;
    return mf_option_duration(reader, &priority, "raise_after", MARKET_WINDOW_MAX,
                              &reader->market->raise_after);
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
    if (!mf_get_name(reader, root, "name", &market->name) || !read_title(reader, root) ||
        !mf_get(reader, root, "salt", &field) || !mf_value_salt(reader, &field, &market->salt) ||
        !mf_get_word(reader, root, "lapse", pm_lapse_name, &market->lapse) ||
        !mf_get_whole(reader, root, "keep_days", 1, MARKET_KEEP_DAYS_MAX, &days))
        return false;
    market->keep_days = (int32_t)days;
    return true;
}

bool mf_rules_read(struct reader *reader, const struct field *root)
{
    static const char *const keys[] = {
        "name",       "title",        "salt", "lapse",     "keep_days", "quality", "priority",
        "localities", "capabilities", "lots", "calendars", "kinds",     "files"};
    return mf_map(reader, root, keys, COUNT(keys)) && read_head(reader, root) &&
           read_quality(reader, root) && read_priority(reader, root) &&
           read_localities(reader, root) && read_capabilities(reader, root) &&
           read_lots(reader, root) && mf_calendars_read(reader, root) &&
           mf_kinds_read(reader, root);
}
