/*
 * market_file_service.c - services.csv: what is offered, out of which pool, where and at what rate.
 */
#include "market_file.h"

#include <string.h>

enum {
    SERVICE_NAME,
    SERVICE_POOL,
    SERVICE_KIND,
    SERVICE_LOT,
    SERVICE_TIER,
    SERVICE_CONTRACT,
    SERVICE_LOCALITIES,
    SERVICE_SECTORS,
    SERVICE_CAPABILITIES,
    SERVICE_RATE,
    SERVICE_STANDING,
    SERVICE_UPLIFT
};
const char *const mf_service_columns[SERVICE_COLUMNS] = {
    "service",    "pool",    "kind",         "lot",  "tier",     "contract",
    "localities", "sectors", "capabilities", "rate", "standing", "uplift"};

/* A service draws on a pool of its own kind, or of one with the very same bands. */
static bool check_same_bands(struct reader *reader, const struct field *field, uint8_t kind,
                             uint8_t pool_kind)
{
    const struct pm_kind *a = &reader->market->kind[kind];
    const struct pm_kind *b = &reader->market->kind[pool_kind];
    if (a->unit == b->unit && a->bands == b->bands && memcmp(a->band, b->band, sizeof a->band) == 0)
        return true;
    return mf_mistake(reader, field, "%s has other bands than %s, the kind of its pool",
                      a->name.text, b->name.text);
}

/* A list of names of the market: read by value(), named by name(), each once, into *out. */
static bool get_names(struct reader *reader, const struct field *field,
                      bool (*value)(struct reader *, const struct field *, uint8_t *),
                      struct pm_text (*name)(const struct pm_market *, uint8_t), uint8_t *count,
                      const struct pm_text **out)
{
    struct pm_text found[64]; /* PM_LOCALITIES_MAX, PM_CAPABILITIES_MAX */
    uint64_t given = 0;
    struct pm_text rest = field->text;
    struct field item = *field;
    while (mf_next_item(&rest, &item.text)) {
        uint8_t position = 0;
        if (!value(reader, &item, &position))
            return false;
        if ((given >> position & 1) != 0)
            return mf_mistake(reader, field, "\"%.*s\" is there twice", mf_shown(item.text),
                              item.text.bytes);
        given |= UINT64_C(1) << position;
        found[(*count)++] = name(reader->market, position);
    }
    struct pm_text *kept = mf_arena_take(&reader->file->arena, *count * sizeof *kept);
    if (kept == NULL)
        return mf_out_of_memory(reader);
    memcpy(kept, found, *count * sizeof *kept);
    *out = kept;
    return true;
}

static struct pm_text locality_name(const struct pm_market *market, uint8_t position)
{
    return pm_text(market->locality[position].name.text);
}

static struct pm_text capability_name(const struct pm_market *market, uint8_t position)
{
    return pm_text(market->capability[position].text);
}

/* Does the sector belong to the market: by itself, its district or one of its units? */
static bool sector_known(const struct pm_market *market, uint64_t sector)
{
    for (size_t i = 0; i < market->prefixes; i++) {
        uint64_t code = market->prefix[i].code;
        if (code == pm_postcode_district(sector) || pm_postcode_sector(code) == sector)
            return true;
    }
    return false;
}

static bool get_sectors(struct reader *reader, const struct field *field,
                        struct pm_service_put *put)
{
    uint64_t *kept = mf_arena_take(&reader->file->arena, PM_SECTORS_MAX * sizeof *kept);
    if (kept == NULL)
        return mf_out_of_memory(reader);
    struct pm_text rest = field->text;
    struct field item = *field;
    while (mf_next_item(&rest, &item.text)) {
        uint64_t sector = 0;
        if (!mf_value_postcode(reader, &item, true, &sector))
            return false;
        if (!sector_known(reader->market, sector))
            return mf_mistake(reader, field, "\"%.*s\" is in no locality of the market",
                              mf_shown(item.text), item.text.bytes);
        for (size_t i = 0; i < put->sectors; i++) {
            if (kept[i] == sector)
                return mf_mistake(reader, field, "\"%.*s\" is there twice", mf_shown(item.text),
                                  item.text.bytes);
        }
        if (put->sectors == PM_SECTORS_MAX)
            return mf_mistake(reader, field, "more than %d sectors: name the locality",
                              PM_SECTORS_MAX);
        kept[put->sectors++] = sector;
    }
    put->sector = kept;
    return true;
}

static bool get_rate(struct reader *reader, const struct field *field, const struct pm_kind *kind,
                     int32_t *out)
{
    if (!mf_value_pence(reader, field, out))
        return false;
    if (*out >= kind->rate_min && *out <= kind->rate_max)
        return true;
    return mf_mistake(reader, field, "%.*s is outside %d.%02d to %d.%02d (rates are in pounds)",
                      mf_shown(field->text), field->text.bytes, kind->rate_min / 100,
                      kind->rate_min % 100, kind->rate_max / 100, kind->rate_max % 100);
}

/* "22.40", from the first day of the lot, or "2024-04-01=22.40;2025-04-01=24.10". */
static bool get_rates(struct reader *reader, const struct field *field, const struct pm_kind *kind,
                      const struct pm_lot *lot, struct pm_service_put *put)
{
    struct pm_rate *kept = mf_arena_take(&reader->file->arena, PM_RATES_MAX * sizeof *kept);
    if (kept == NULL)
        return mf_out_of_memory(reader);
    put->rate = kept;
    if (field->text.length == 0 || memchr(field->text.bytes, '=', field->text.length) == NULL) {
        put->rates = 1;
        kept[0].from = lot->from;
        return get_rate(reader, field, kind, &kept[0].pence);
    }
    struct pm_text rest = field->text;
    struct field item = *field;
    while (mf_next_item(&rest, &item.text)) {
        struct field from = item;
        struct field rate = item;
        struct pm_rate next = {0};
        if (put->rates == PM_RATES_MAX)
            return mf_mistake(reader, field, "more than %d rates", PM_RATES_MAX);
        if (!mf_cut_pair(reader, &item, &from, &rate) ||
            !mf_value_date(reader, &from, &next.from) ||
            !get_rate(reader, &rate, kind, &next.pence))
            return false;
        if (put->rates > 0 && next.from <= kept[put->rates - 1].from)
            return mf_mistake(reader, field, "the dates do not rise");
        kept[put->rates++] = next;
    }
    return true;
}

static bool get_place(struct reader *reader, const struct csv_row *row, struct pm_service_put *put)
{
    struct field localities = mf_cell(row, SERVICE_LOCALITIES);
    struct field sectors = mf_cell(row, SERVICE_SECTORS);
    if (!get_names(reader, &localities, mf_value_locality, locality_name, &put->localities,
                   &put->locality) ||
        !get_sectors(reader, &sectors, put))
        return false;
    return put->localities + put->sectors > 0 ||
           mf_mistake(reader, &localities,
                      "empty, and no sectors: the service would serve nowhere");
}

static bool get_terms(struct reader *reader, const struct csv_row *row, uint8_t kind,
                      struct pm_service_put *put)
{
    struct field lot_name = mf_cell(row, SERVICE_LOT);
    struct field tier_text = mf_cell(row, SERVICE_TIER);
    struct field contract = mf_cell(row, SERVICE_CONTRACT);
    struct field capabilities = mf_cell(row, SERVICE_CAPABILITIES);
    struct field rate = mf_cell(row, SERVICE_RATE);
    uint8_t lot = 0;
    int64_t tier = 0;
    if (!mf_value_lot(reader, &lot_name, &lot) ||
        !mf_value_whole(reader, &tier_text, 1, PM_TIERS_MAX, &tier) ||
        !mf_value_word(reader, &contract, pm_contract_name, &put->contract) ||
        !get_names(reader, &capabilities, mf_value_capability, capability_name, &put->capabilities,
                   &put->capability))
        return false;
    put->lot = pm_text(reader->market->lot[lot].name.text);
    put->tier = (uint8_t)tier;
    return get_rates(reader, &rate, &reader->market->kind[kind], &reader->market->lot[lot], put);
}

/* Blank: what was agreed stays as it was. */
static bool get_uplift(struct reader *reader, const struct csv_row *row, struct pm_service_put *put)
{
    struct field uplift = mf_cell(row, SERVICE_UPLIFT);
    if (uplift.text.length == 0)
        return true;
    if (!mf_value_date(reader, &uplift, &put->uplift))
        return false;
    return put->uplift >= put->rate[0].from ||
           mf_mistake(reader, &uplift, "the service has no rate yet on %.*s", mf_shown(uplift.text),
                      uplift.text.bytes);
}

bool mf_service_row(struct reader *reader, const struct csv_row *row)
{
    struct field name = mf_cell(row, SERVICE_NAME);
    struct field pool_name = mf_cell(row, SERVICE_POOL);
    struct field kind_name = mf_cell(row, SERVICE_KIND);
    struct field standing = mf_cell(row, SERVICE_STANDING);
    const struct index_entry *pool = NULL;
    uint8_t kind = 0;
    struct pm_command *command = mf_supply_add(reader, PM_SERVICE_PUT);
    if (command == NULL)
        return false;
    struct pm_service_put *put = &command->service;
    if (!mf_new_name(reader, &name, &reader->services, 0, &put->service) ||
        !mf_known_name(reader, &pool_name, &reader->pools, "pool", &pool) ||
        !mf_value_kind(reader, &kind_name, &kind) ||
        !check_same_bands(reader, &kind_name, kind, (uint8_t)pool->value) ||
        !get_terms(reader, row, kind, put) || !get_uplift(reader, row, put) ||
        !get_place(reader, row, put) || !mf_get_standing(reader, &standing, &put->standing))
        return false;
    put->pool = pool->name;
    put->kind = pm_text(reader->market->kind[kind].name.text);
    if (put->standing != PM_CEASED)
        reader->tiers_served[kind] |= (uint8_t)(1 << (put->tier - 1));
    return true;
}
