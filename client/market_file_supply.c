/*
 * market_file_supply.c - the CSV files of a market to supply commands: providers, locations, pools
 * with what they have spare, services. Each file may name only what those before it have put.
 */
#include "market_file.h"

#include <stdlib.h>
#include <string.h>

/* A name that must be new in its file. */
bool mf_new_name(struct reader *reader, const struct field *field, struct name_index *index,
                 uint32_t value, struct pm_text *out)
{
    if (!mf_value_name(reader, field))
        return false;
    const struct index_entry *entry = mf_index_find(index, field->text);
    if (entry != NULL)
        return mf_mistake(reader, field, "\"%.*s\" is there twice, first on line %zu",
                          mf_shown(field->text), field->text.bytes, entry->line);
    if (!mf_keep_text(reader, field->text, out))
        return false;
    return mf_index_add(index, *out, value, field->line) || mf_out_of_memory(reader);
}

/* A name that a file before this one, or this one, must have put. */
bool mf_known_name(struct reader *reader, const struct field *field, const struct name_index *index,
                   const char *what, const struct index_entry **out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    *out = mf_index_find(index, field->text);
    if (*out != NULL)
        return true;
    struct suggestion near = {.text = ""};
    for (size_t i = 0; i < index->slots; i++) {
        if (index->entries[i].name.length != 0)
            mf_suggest(&near, field->text, index->entries[i].name);
    }
    return mf_mistake(reader, field, "unknown %s \"%.*s\"%s", what, mf_shown(field->text),
                      field->text.bytes, near.text);
}

static bool get_title(struct reader *reader, const struct field *field, struct pm_text *out)
{
    return (field->text.length == 0 || mf_value_text(reader, field, PM_TITLE_MAX)) &&
           mf_keep_text(reader, field->text, out);
}

/* Blank is active. */
bool mf_get_standing(struct reader *reader, const struct field *field, uint8_t *out)
{
    *out = PM_ACTIVE;
    return field->text.length == 0 || mf_value_word(reader, field, pm_standing_name, out);
}

/* ---- Providers ---- */

enum { PROVIDER_NAME, PROVIDER_TITLE, PROVIDER_STANDING };
static const char *const provider_columns[] = {"provider", "title", "standing"};

static bool provider_row(struct reader *reader, const struct csv_row *row)
{
    struct field name = mf_cell(row, PROVIDER_NAME);
    struct field title = mf_cell(row, PROVIDER_TITLE);
    struct field standing = mf_cell(row, PROVIDER_STANDING);
    struct pm_command *command = mf_supply_add(reader, PM_PROVIDER_PUT);
    return command != NULL &&
           mf_new_name(reader, &name, &reader->providers, 0, &command->provider.provider) &&
           get_title(reader, &title, &command->provider.title) &&
           mf_get_standing(reader, &standing, &command->provider.standing);
}

/* ---- Locations ---- */

enum {
    LOCATION_NAME,
    LOCATION_PROVIDER,
    LOCATION_TITLE,
    LOCATION_CQC,
    LOCATION_RATING,
    LOCATION_SCORE,
    LOCATION_STANDING
};
static const char *const location_columns[] = {"location", "provider", "title",   "cqc",
                                               "rating",   "score",    "standing"};

/* Blank is not rated. */
static bool get_rating(struct reader *reader, const struct field *field, uint8_t *out)
{
    *out = PM_UNRATED;
    return field->text.length == 0 || mf_value_word(reader, field, pm_rating_name, out);
}

/* Blank is none. */
static bool get_score(struct reader *reader, const struct field *field, int8_t *out)
{
    int64_t score = -1;
    if (field->text.length != 0 && !mf_value_whole(reader, field, 0, 100, &score))
        return false;
    *out = (int8_t)score;
    return true;
}

static bool location_row(struct reader *reader, const struct csv_row *row)
{
    struct field name = mf_cell(row, LOCATION_NAME);
    struct field provider = mf_cell(row, LOCATION_PROVIDER);
    struct field title = mf_cell(row, LOCATION_TITLE);
    struct field cqc = mf_cell(row, LOCATION_CQC);
    struct field rating = mf_cell(row, LOCATION_RATING);
    struct field score = mf_cell(row, LOCATION_SCORE);
    struct field standing = mf_cell(row, LOCATION_STANDING);
    const struct index_entry *owner = NULL;
    struct pm_command *command = mf_supply_add(reader, PM_LOCATION_PUT);
    if (command == NULL)
        return false;
    struct pm_location_put *put = &command->location;
    if (!mf_new_name(reader, &name, &reader->locations, 0, &put->location) ||
        !mf_known_name(reader, &provider, &reader->providers, "provider", &owner) ||
        !get_title(reader, &title, &put->title) ||
        (cqc.text.length != 0 && !mf_value_name(reader, &cqc)) ||
        !mf_keep_text(reader, cqc.text, &put->cqc))
        return false;
    put->provider = owner->name;
    return get_rating(reader, &rating, &put->rating) && get_score(reader, &score, &put->score) &&
           mf_get_standing(reader, &standing, &put->standing);
}

/* ---- Pools, and what they have spare ---- */

enum { POOL_NAME, POOL_LOCATION, POOL_KIND, POOL_MODE, POOL_SPARE, POOL_AS_OF, POOL_VALID_UNTIL };
static const char *const pool_columns[] = {"pool",  "location", "kind",       "mode",
                                           "spare", "as_of",    "valid_until"};

static bool find_band(struct reader *reader, const struct field *field, const struct pm_kind *kind,
                      size_t *out)
{
    struct suggestion near = {.text = ""};
    for (size_t i = 0; i < kind->bands; i++) {
        struct pm_text name = pm_text(kind->band[i].name.text);
        if (pm_text_equal(name, field->text)) {
            *out = i;
            return true;
        }
        mf_suggest(&near, field->text, name);
    }
    return mf_mistake(reader, field, "%s has no band \"%.*s\"%s", kind->name.text,
                      mf_shown(field->text), field->text.bytes, near.text);
}

/* Cuts "name=value" in two; false, with a mistake, when it is not that. */
bool mf_cut_pair(struct reader *reader, const struct field *field, struct field *name,
                 struct field *value)
{
    const char *equals =
        field->text.length != 0 ? memchr(field->text.bytes, '=', field->text.length) : NULL;
    if (equals == NULL)
        return mf_mistake(reader, field, "\"%.*s\" is not of the form name=value",
                          mf_shown(field->text), field->text.bytes);
    uint32_t before = (uint32_t)(equals - field->text.bytes);
    *name = *field;
    *value = *field;
    name->text = mf_trimmed((struct pm_text){.bytes = field->text.bytes, .length = before});
    value->text = mf_trimmed(
        (struct pm_text){.bytes = equals + 1, .length = field->text.length - before - 1});
    return true;
}

/* "morning=600;lunch=540;…": every band of the kind, once. */
static bool get_spare(struct reader *reader, const struct field *field, const struct pm_kind *kind,
                      struct pm_capacity_set *set)
{
    unsigned given = 0;
    struct pm_text rest = field->text;
    struct field item = *field;
    while (mf_next_item(&rest, &item.text)) {
        struct field name = item;
        struct field value = item;
        size_t band = 0;
        int64_t spare = 0;
        if (!mf_cut_pair(reader, &item, &name, &value) || !find_band(reader, &name, kind, &band) ||
            !mf_value_whole(reader, &value, 0, MARKET_AMOUNT_MAX, &spare))
            return false;
        if ((given >> band & 1) != 0)
            return mf_mistake(reader, field, "band \"%s\" is there twice",
                              kind->band[band].name.text);
        given |= 1U << band;
        set->spare[band] = (int32_t)spare;
    }
    for (size_t i = 0; i < kind->bands; i++) {
        if ((given >> i & 1) == 0)
            return mf_mistake(reader, field, "band \"%s\" is missing", kind->band[i].name.text);
    }
    set->bands = kind->bands;
    return true;
}

static bool add_capacity(struct reader *reader, const struct csv_row *row, struct pm_text pool,
                         const struct pm_kind *kind)
{
    struct field spare = mf_cell(row, POOL_SPARE);
    struct field as_of = mf_cell(row, POOL_AS_OF);
    struct field until = mf_cell(row, POOL_VALID_UNTIL);
    struct pm_command *command = mf_supply_add(reader, PM_CAPACITY_SET);
    if (command == NULL)
        return false;
    struct pm_capacity_set *set = &command->capacity;
    set->pool = pool;
    if (!get_spare(reader, &spare, kind, set) || !mf_value_time(reader, &as_of, false, &set->as_of))
        return false;
    if (until.text.length == 0)
        return true;
    if (!mf_value_time(reader, &until, true, &set->valid_until))
        return false;
    return set->valid_until > set->as_of || mf_mistake(reader, &until, "not after as_of");
}

/* An `ask` pool declares nothing. */
static bool check_blank(struct reader *reader, const struct csv_row *row)
{
    for (size_t column = POOL_SPARE; column <= POOL_VALID_UNTIL; column++) {
        struct field field = mf_cell(row, column);
        if (field.text.length != 0)
            return mf_mistake(reader, &field, "an ask pool declares nothing: leave it blank");
    }
    return true;
}

static bool pool_row(struct reader *reader, const struct csv_row *row)
{
    struct field name = mf_cell(row, POOL_NAME);
    struct field location = mf_cell(row, POOL_LOCATION);
    struct field kind_name = mf_cell(row, POOL_KIND);
    struct field mode = mf_cell(row, POOL_MODE);
    const struct index_entry *owner = NULL;
    uint8_t kind = 0;
    struct pm_command *command = mf_supply_add(reader, PM_POOL_PUT);
    if (command == NULL ||
        !mf_known_name(reader, &location, &reader->locations, "location", &owner) ||
        !mf_value_kind(reader, &kind_name, &kind) ||
        !mf_new_name(reader, &name, &reader->pools, kind, &command->pool.pool) ||
        !mf_value_word(reader, &mode, pm_pool_mode_name, &command->pool.mode))
        return false;
    command->pool.location = owner->name;
    command->pool.kind = pm_text(reader->market->kind[kind].name.text);
    if (command->pool.mode == PM_ASK)
        return check_blank(reader, row);
    return add_capacity(reader, row, command->pool.pool, &reader->market->kind[kind]);
}

/* ---- The files ---- */

static bool read_file(struct reader *reader, const struct field *files, const char *key,
                      const struct csv_table *table)
{
    struct field name;
    char *bytes = NULL;
    size_t size = 0;
    char why[80] = "";
    if (!mf_get(reader, files, key, &name) || !mf_value_text(reader, &name, 255))
        return false;
    /* The node's text ends with a NUL. */
    const char *path = name.text.bytes;
    if (!reader->source->fetch(reader->source->context, path, MARKET_FILE_SIZE_MAX, &bytes, &size,
                               why))
        return mf_mistake(reader, &name, "%.*s: %s", mf_shown(name.text), path, why);
    bool done = mf_csv_read(reader, path, bytes, size, table);
    free(bytes);
    return done;
}

bool mf_supply_read(struct reader *reader, const struct field *files)
{
    static const char *const keys[] = {"providers", "locations", "pools", "services"};
    static const struct csv_table tables[] = {
        {provider_columns, COUNT(provider_columns), 0, provider_row},
        {location_columns, COUNT(location_columns), 0, location_row},
        {pool_columns, COUNT(pool_columns), 0, pool_row},
        {mf_service_columns, SERVICE_COLUMNS, SERVICE_OPTIONAL, mf_service_row}};
    if (!mf_map(reader, files, keys, COUNT(keys)))
        return false;
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!read_file(reader, files, keys[i], &tables[i]))
            return false;
    }
    return true;
}
