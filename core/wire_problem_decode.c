/*
 * wire_problem_decode.c - a round's problem and certificate out of untrusted bytes. Counts come
 * first and are checked against the limits and the document's size; then memory is laid out; then
 * each list must have its count, and each number its range and its shortest form.
 */
#include "core/wire_problem.h"

#include <string.h>

#include "core/wire_decode.h"

/* ---- Items in the one form they may have ---- */

/* Bytes of the head of an item that says this number. */
static size_t head_size(uint64_t value)
{
    return value < 24            ? 1
           : value <= UINT8_MAX  ? 2
           : value <= UINT16_MAX ? 3
           : value <= UINT32_MAX ? 5
                                 : 9;
}

static bool refuse(struct decoding *decoding, const char *words)
{
    decode_refuse(decoding, PM_MALFORMED);
    decode_say(decoding, words);
    return false;
}

/* Did the item read since `at` take just so many bytes? Otherwise it had a tag, or a longer form.
 */
static bool is_short(struct decoding *decoding, size_t at, size_t size)
{
    return decoding->reader->at - at == size || refuse(decoding, "not in its shortest form");
}

static bool take_number(struct decoding *decoding, uint64_t most, uint64_t *out)
{
    size_t at = decoding->reader->at;
    return decode_uint(decoding, 0, most, out) && is_short(decoding, at, head_size(*out));
}

static bool take_u32(struct decoding *decoding, uint32_t most, uint32_t *out)
{
    uint64_t value;
    if (!take_number(decoding, most, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool take_i32(struct decoding *decoding, int32_t most, int32_t *out)
{
    uint32_t value;
    if (!take_u32(decoding, (uint32_t)most, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

static bool take_signed(struct decoding *decoding, int64_t *out)
{
    size_t at = decoding->reader->at;
    return decode_int(decoding, INT64_MIN, INT64_MAX, out) &&
           is_short(decoding, at, head_size(*out < 0 ? ~(uint64_t)*out : (uint64_t)*out));
}

static bool take_text(struct decoding *decoding, struct pm_text *out)
{
    size_t at = decoding->reader->at;
    return decode_text(decoding, WIRE_LABEL_MAX, out) &&
           is_short(decoding, at, head_size(out->length) + out->length);
}

static bool take_array(struct decoding *decoding, size_t count)
{
    size_t at = decoding->reader->at;
    return decode_array(decoding, count) && is_short(decoding, at, head_size(count));
}

/* An array of at most so many items. */
static bool take_list(struct decoding *decoding, uint32_t most, uint32_t *count)
{
    size_t at = decoding->reader->at;
    bool closed;
    if (!decode_list(decoding, most, 1, PM_MALFORMED, count, &closed))
        return false;
    return closed ? is_short(decoding, at, head_size(*count))
                  : refuse(decoding, "of no stated length");
}

static bool take_map(struct decoding *decoding, uint64_t pairs)
{
    struct wire_item map;
    size_t at = decoding->reader->at;
    if (!decode_item(decoding, WIRE_MAP, &map))
        return false;
    if (map.open || map.value != pairs)
        return refuse(decoding, "another number of keys");
    return is_short(decoding, at, head_size(pairs));
}

/* ---- Keys ---- */

/* From here on, errors are about this. */
static void enter(struct decoding *decoding, const char *name)
{
    decoding->path[decoding->depth - 1].name = name;
    decoding->path[decoding->depth - 1].number = 0;
}

static void count_on(struct decoding *decoding, uint32_t position)
{
    decoding->path[decoding->depth - 1].number = position + 1;
}

static bool take_key(struct decoding *decoding, unsigned key, const char *name)
{
    uint64_t given;
    enter(decoding, name);
    return take_number(decoding, UINT64_MAX, &given) &&
           (given == key || refuse(decoding, "another key"));
}

static bool problem_key(struct decoding *decoding, enum wire_problem_key key)
{
#define KEY_NAME(number, constant, name) name,
    static const char *const names[] = {WIRE_PROBLEM_KEYS(KEY_NAME)};
    return take_key(decoding, key, names[key]);
}

static bool certificate_key(struct decoding *decoding, enum wire_certificate_key key)
{
    static const char *const names[] = {WIRE_CERTIFICATE_KEYS(KEY_NAME)};
    return take_key(decoding, key, names[key]);
}

static bool problem_list(struct decoding *decoding, enum wire_problem_key key, size_t count)
{
    return problem_key(decoding, key) && take_array(decoding, count);
}

/* The map's beginning, the format and the version. */
static bool take_format(struct decoding *decoding, unsigned keys, const char *format)
{
    struct pm_text given;
    uint64_t version;
    enter(decoding, "document");
    if (!take_map(decoding, keys) || !problem_key(decoding, PROBLEM_FORMAT) ||
        !take_text(decoding, &given))
        return false;
    if (given.length != strlen(format) || memcmp(given.bytes, format, given.length) != 0)
        return refuse(decoding, "another document");
    if (!problem_key(decoding, PROBLEM_VERSION) || !take_number(decoding, UINT64_MAX, &version))
        return false;
    return version == WIRE_DOCUMENT_VERSION || refuse(decoding, "not a version that is read here");
}

/* ---- Counts and memory ---- */

/* Fewest bytes that so many records can take: a number or text takes one. */
static uint64_t least_bytes(const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    return UINT64_C(3) * of->items + UINT64_C(3) * of->parts + UINT64_C(3) * of->pairs +
           UINT64_C(3) * of->services + (uint64_t)of->demands * of->bands +
           (uint64_t)of->pools * (2 + of->bands) + UINT64_C(2) * of->caps;
}

static bool take_sizes(struct decoding *decoding, struct wire_problem *out)
{
    struct solver_problem *of = &out->problem;
    const struct {
        uint32_t *count, most;
    } sizes[WIRE_PROBLEM_SIZES] = {
        {&of->items, SOLVER_PARTS_MAX},    {&of->parts, SOLVER_PARTS_MAX},
        {&of->pairs, SOLVER_PAIRS_MAX},    {&of->services, SOLVER_SERVICES_MAX},
        {&of->pools, SOLVER_SERVICES_MAX}, {&of->caps, SOLVER_SERVICES_MAX},
        {&of->demands, SOLVER_PAIRS_MAX},  {&of->bands, SOLVER_BANDS},
        {&out->kinds, PM_KINDS_MAX},
    };
    if (!problem_list(decoding, PROBLEM_SIZES, WIRE_PROBLEM_SIZES))
        return false;
    for (uint32_t i = 0; i < WIRE_PROBLEM_SIZES; i++) {
        count_on(decoding, i);
        if (!take_u32(decoding, sizes[i].most, sizes[i].count))
            return false;
    }
    if (of->bands == 0)
        return refuse(decoding, "there are 1 to 8 bands");
    return least_bytes(out) <= decoding->reader->size - decoding->reader->at ||
           refuse(decoding, "cut off: more records are announced than follow");
}

static bool take_beginning(struct decoding *decoding, struct wire_problem *out)
{
    *out = (struct wire_problem){0};
    return take_format(decoding, PROBLEM_KEYS, WIRE_PROBLEM_FORMAT) &&
           problem_key(decoding, PROBLEM_TITLE) && take_text(decoding, &out->title) &&
           take_sizes(decoding, out);
}

/* Arrays of what is decoded, which may be written to here. */
struct lists {
    struct wire_kind *kind;
    struct pm_text *item_name, *part_name, *service_name, *pool_name, *locality, *cap_name;
    uint8_t *pool_kind;
    struct solver_item *item;
    struct solver_part *part;
    struct solver_pair *pair;
    struct solver_service *service;
    struct solver_amounts *demand, *pool;
    int32_t *cap;
    uint32_t *choice; /* of a certificate */
    int64_t *pool_price[SOLVER_STAGES], *cap_price[SOLVER_STAGES];
};

/* Memory being laid out; with `base` null it is only measured. */
struct layout {
    uint8_t *base;
    size_t used;
};

static void *lay(struct layout *layout, size_t count, size_t size)
{
    void *at = layout->base != NULL ? layout->base + layout->used : NULL;
    layout->used += (count * size + 15) & ~(size_t)15;
    return at;
}

#define LAY(pointer, count) ((pointer) = lay(layout, (count), sizeof *(pointer)))

static void lay_problem(struct layout *layout, const struct wire_problem *problem,
                        struct lists *lists)
{
    const struct solver_problem *of = &problem->problem;
    LAY(lists->kind, problem->kinds);
    LAY(lists->item_name, of->items);
    LAY(lists->part_name, of->parts);
    LAY(lists->service_name, of->services);
    LAY(lists->pool_name, of->pools);
    LAY(lists->locality, of->pools);
    LAY(lists->pool_kind, of->pools);
    LAY(lists->cap_name, of->caps);
    LAY(lists->item, (size_t)of->items + 1);
    LAY(lists->part, (size_t)of->parts + 1);
    LAY(lists->pair, of->pairs);
    LAY(lists->service, of->services);
    LAY(lists->demand, of->demands);
    LAY(lists->pool, of->pools);
    LAY(lists->cap, of->caps);
}

static void lay_result(struct layout *layout, const struct wire_problem *problem,
                       struct lists *lists)
{
    LAY(lists->choice, problem->problem.parts);
    for (uint32_t i = 0; i < SOLVER_STAGES; i++) {
        LAY(lists->pool_price[i], (size_t)problem->problem.pools * SOLVER_BANDS);
        LAY(lists->cap_price[i], problem->problem.caps);
    }
}

/* Lays all out in zeroed memory of the arena. */
static bool lay_in(struct decoding *decoding, const struct wire_problem *problem, bool certificate,
                   struct lists *lists)
{
    struct layout layout = {0};
    void *memory;
    lay_problem(&layout, problem, lists);
    if (certificate)
        lay_result(&layout, problem, lists);
    if (!decode_allocate(decoding, layout.used, 1, &memory))
        return false;
    layout = (struct layout){.base = memory};
    lay_problem(&layout, problem, lists);
    if (certificate)
        lay_result(&layout, problem, lists);
    return true;
}

static void publish(struct wire_problem *out, const struct lists *lists)
{
    struct solver_problem *of = &out->problem;
    out->kind = lists->kind;
    out->item = lists->item_name;
    out->part = lists->part_name;
    out->service = lists->service_name;
    out->pool = lists->pool_name;
    out->locality = lists->locality;
    out->pool_kind = lists->pool_kind;
    out->cap = lists->cap_name;
    of->item = lists->item;
    of->part = lists->part;
    of->pair = lists->pair;
    of->service = lists->service;
    of->demand = lists->demand;
    of->pool = lists->pool;
    of->cap = lists->cap;
}

/* ---- The problem's lists ---- */

static bool take_texts(struct decoding *decoding, enum wire_problem_key key, uint32_t count,
                       struct pm_text *out)
{
    if (!problem_list(decoding, key, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        count_on(decoding, i);
        if (!take_text(decoding, &out[i]))
            return false;
    }
    return true;
}

static bool take_kind(struct decoding *decoding, uint32_t bands, struct wire_kind *out)
{
    uint32_t unit;
    if (!take_array(decoding, 3) || !take_text(decoding, &out->name) ||
        !take_u32(decoding, PM_PLACES, &unit) || !take_list(decoding, bands, &out->bands))
        return false;
    out->unit = (uint8_t)unit;
    for (uint32_t i = 0; i < out->bands; i++) {
        if (!take_text(decoding, &out->band[i]))
            return false;
    }
    return true;
}

static bool take_kinds(struct decoding *decoding, const struct wire_problem *problem,
                       struct wire_kind *out)
{
    if (!problem_list(decoding, PROBLEM_KINDS, problem->kinds))
        return false;
    for (uint32_t i = 0; i < problem->kinds; i++) {
        count_on(decoding, i);
        if (!take_kind(decoding, problem->problem.bands, &out[i]))
            return false;
    }
    return true;
}

static bool take_items(struct decoding *decoding, const struct solver_problem *problem,
                       struct solver_item *out)
{
    uint32_t parts = 0;
    if (!problem_list(decoding, PROBLEM_ITEMS, 2 * (size_t)problem->items))
        return false;
    for (uint32_t i = 0; i < problem->items; i++) {
        uint32_t count;
        count_on(decoding, i);
        if (!take_u32(decoding, SOLVER_CLASSES - 1, &out[i].class) ||
            !take_u32(decoding, problem->parts - parts, &count))
            return false;
        parts += count;
        out[i + 1].first_part = parts;
    }
    return true;
}

static bool take_parts(struct decoding *decoding, const struct solver_problem *problem,
                       struct solver_part *out)
{
    uint32_t pairs = 0;
    if (!problem_list(decoding, PROBLEM_PARTS, 2 * (size_t)problem->parts))
        return false;
    for (uint32_t i = 0; i < problem->parts; i++) {
        uint32_t count;
        count_on(decoding, i);
        if (!take_i32(decoding, SOLVER_DEMAND_MAX, &out[i].units) ||
            !take_u32(decoding, problem->pairs - pairs, &count))
            return false;
        pairs += count;
        out[i + 1].first_pair = pairs;
    }
    return true;
}

static bool take_pairs(struct decoding *decoding, const struct solver_problem *problem,
                       struct solver_pair *out)
{
    if (!problem_list(decoding, PROBLEM_PAIRS, 3 * (size_t)problem->pairs))
        return false;
    for (uint32_t i = 0; i < problem->pairs; i++) {
        count_on(decoding, i);
        if (!take_u32(decoding, SOLVER_SERVICES_MAX, &out[i].service) ||
            !take_u32(decoding, SOLVER_PAIRS_MAX, &out[i].demand) ||
            !take_i32(decoding, SOLVER_COST_MAX, &out[i].cost))
            return false;
    }
    return true;
}

static bool take_services(struct decoding *decoding, const struct solver_problem *problem,
                          struct solver_service *out)
{
    if (!problem_list(decoding, PROBLEM_SERVICES, 2 * (size_t)problem->services))
        return false;
    for (uint32_t i = 0; i < problem->services; i++) {
        count_on(decoding, i);
        if (!take_u32(decoding, SOLVER_SERVICES_MAX, &out[i].pool) ||
            !take_u32(decoding, problem->caps, &out[i].cap))
            return false;
    }
    return true;
}

static bool take_amounts(struct decoding *decoding, enum wire_problem_key key, uint32_t count,
                         uint32_t bands, int32_t most, struct solver_amounts *out)
{
    if (!problem_list(decoding, key, (size_t)count * bands))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        count_on(decoding, i);
        for (uint32_t b = 0; b < bands; b++) {
            if (!take_i32(decoding, most, &out[i].band[b]))
                return false;
        }
    }
    return true;
}

static bool take_pool_kinds(struct decoding *decoding, const struct wire_problem *problem,
                            uint8_t *out)
{
    uint32_t count = problem->kinds > 0 ? problem->problem.pools : 0, kind;
    if (!problem_list(decoding, PROBLEM_POOL_KINDS, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        count_on(decoding, i);
        if (!take_u32(decoding, problem->kinds - 1, &kind))
            return false;
        out[i] = (uint8_t)kind;
    }
    return true;
}

static bool take_caps(struct decoding *decoding, uint32_t count, int32_t *out)
{
    if (!problem_list(decoding, PROBLEM_CAPS, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        count_on(decoding, i);
        if (!take_i32(decoding, SOLVER_CAPACITY_MAX, &out[i]))
            return false;
    }
    return true;
}

static bool take_demand_side(struct decoding *decoding, const struct wire_problem *problem,
                             struct lists *lists)
{
    const struct solver_problem *of = &problem->problem;
    return take_kinds(decoding, problem, lists->kind) &&
           take_texts(decoding, PROBLEM_ITEM_NAMES, of->items, lists->item_name) &&
           take_items(decoding, of, lists->item) &&
           take_texts(decoding, PROBLEM_PART_NAMES, of->parts, lists->part_name) &&
           take_parts(decoding, of, lists->part) && take_pairs(decoding, of, lists->pair);
}

static bool take_supply_side(struct decoding *decoding, const struct wire_problem *problem,
                             struct lists *lists)
{
    const struct solver_problem *of = &problem->problem;
    return take_texts(decoding, PROBLEM_SERVICE_NAMES, of->services, lists->service_name) &&
           take_services(decoding, of, lists->service) &&
           take_amounts(decoding, PROBLEM_DEMANDS, of->demands, of->bands, SOLVER_DEMAND_MAX,
                        lists->demand) &&
           take_texts(decoding, PROBLEM_POOL_NAMES, of->pools, lists->pool_name) &&
           take_texts(decoding, PROBLEM_LOCALITIES, of->pools, lists->locality) &&
           take_pool_kinds(decoding, problem, lists->pool_kind) &&
           take_amounts(decoding, PROBLEM_POOLS, of->pools, of->bands, SOLVER_CAPACITY_MAX,
                        lists->pool) &&
           take_texts(decoding, PROBLEM_CAP_NAMES, of->caps, lists->cap_name) &&
           take_caps(decoding, of->caps, lists->cap);
}

/* `lists` also has what a certificate's result is to be put into. */
static bool take_problem(struct decoding *decoding, bool certificate, struct lists *lists,
                         struct wire_problem *out)
{
    if (!take_beginning(decoding, out) || !lay_in(decoding, out, certificate, lists))
        return false;
    publish(out, lists);
    if (!take_demand_side(decoding, out, lists) || !take_supply_side(decoding, out, lists))
        return false;
    enter(decoding, "problem");
    const char *flaw = solver_flaw(&out->problem);
    return flaw == NULL || refuse(decoding, flaw);
}

/* ---- The certificate ---- */

static bool take_choices(struct decoding *decoding, const struct solver_problem *problem,
                         uint32_t *out)
{
    if (!certificate_key(decoding, CERTIFICATE_CHOICES) || !take_array(decoding, problem->parts))
        return false;
    for (uint32_t i = 0; i < problem->parts; i++) {
        const struct solver_part *part = &problem->part[i];
        count_on(decoding, i);
        if (!take_u32(decoding, part[1].first_pair - part->first_pair, &out[i]))
            return false;
        if (out[i] > 0)
            out[i] += part->first_pair;
    }
    return true;
}

/* Prices of so many rows, or an empty list: then *out stays null. */
static bool take_prices(struct decoding *decoding, uint32_t rows, uint32_t columns, uint32_t stride,
                        int64_t *prices, const int64_t **out)
{
    struct wire_reader ahead = *decoding->reader;
    struct wire_item list;
    uint64_t price;
    bool none =
        wire_next(&ahead, &list) && list.type == WIRE_ARRAY && list.value == 0 && !list.open;
    if (!take_array(decoding, none ? 0 : (size_t)rows * columns))
        return false;
    for (uint32_t i = 0; i < rows && !none; i++) {
        for (uint32_t c = 0; c < columns; c++) {
            if (!take_number(decoding, SOLVER_PRICE_MAX, &price))
                return false;
            prices[(size_t)i * stride + c] = (int64_t)price;
        }
    }
    *out = none ? NULL : prices;
    return true;
}

static bool take_bool(struct decoding *decoding, bool *out)
{
    struct wire_item item;
    size_t at = decoding->reader->at;
    if (!decode_any(decoding, &item))
        return false;
    *out = item.value != 0;
    return item.type == WIRE_BOOL ? is_short(decoding, at, 1)
                                  : decode_refuse_type(decoding, "true or false", item.type);
}

/* Only classes of stages before it have a price. */
static bool take_class_prices(struct decoding *decoding, uint32_t stage, int64_t *out)
{
    if (!take_array(decoding, SOLVER_CLASSES))
        return false;
    for (uint32_t i = 0; i < SOLVER_CLASSES; i++) {
        uint64_t price;
        if (!take_number(decoding, i < stage ? (uint64_t)SOLVER_CLASS_PRICE_MAX : 0, &price))
            return false;
        out[i] = (int64_t)price;
    }
    return true;
}

static bool take_stage(struct decoding *decoding, const struct solver_problem *problem,
                       uint32_t stage, struct lists *lists, struct solver_stage *out)
{
    uint64_t value;
    uint32_t scale;
    if (!take_array(decoding, 7) || !take_number(decoding, INT64_MAX, &value) ||
        !take_signed(decoding, &out->bound) || !take_bool(decoding, &out->optimal) ||
        !take_u32(decoding, SOLVER_SCALE_MAX, &scale) ||
        !take_class_prices(decoding, stage, out->class_price))
        return false;
    out->value = (int64_t)value;
    out->scale = (uint8_t)scale;
    return take_prices(decoding, problem->pools, problem->bands, SOLVER_BANDS,
                       lists->pool_price[stage], &out->pool_price) &&
           take_prices(decoding, problem->caps, 1, 1, lists->cap_price[stage], &out->cap_price);
}

static bool take_certificate(struct decoding *decoding, struct wire_certificate *out)
{
    struct lists lists = {0};
    const struct solver_problem *problem = &out->problem.problem;
    *out = (struct wire_certificate){0};
    if (!take_format(decoding, CERTIFICATE_KEYS, WIRE_CERTIFICATE_FORMAT) ||
        !certificate_key(decoding, CERTIFICATE_PROBLEM) ||
        !take_problem(decoding, true, &lists, &out->problem))
        return false;
    out->result.choice = lists.choice;
    if (!take_choices(decoding, problem, lists.choice) ||
        !certificate_key(decoding, CERTIFICATE_STAGES) || !take_array(decoding, SOLVER_STAGES))
        return false;
    for (uint32_t i = 0; i < SOLVER_STAGES; i++) {
        count_on(decoding, i);
        if (!take_stage(decoding, problem, i, &lists, &out->result.stage[i]))
            return false;
    }
    return true;
}

/* ---- Whole documents ---- */

static struct decoding begin(struct wire_reader *reader, struct wire_arena *arena,
                             struct wire_error *error)
{
    error->text[0] = '\0';
    return (struct decoding){.reader = reader, .arena = arena, .error = error, .depth = 1};
}

static bool is_whole(struct decoding *decoding)
{
    enter(decoding, "document");
    return decoding->reader->at == decoding->reader->size ||
           refuse(decoding, "more bytes follow its end");
}

enum wire_document wire_document(const uint8_t *bytes, size_t size)
{
    struct wire_error error;
    struct wire_reader reader = {.bytes = bytes, .size = size}, again = reader;
    struct decoding problem = begin(&reader, NULL, &error);
    struct decoding certificate = begin(&again, NULL, &error);
    if (take_format(&problem, PROBLEM_KEYS, WIRE_PROBLEM_FORMAT))
        return WIRE_PROBLEM;
    return take_format(&certificate, CERTIFICATE_KEYS, WIRE_CERTIFICATE_FORMAT) ? WIRE_CERTIFICATE
                                                                                : WIRE_NO_DOCUMENT;
}

/* 15 more, so that the arena may begin anywhere; never 0. */
static size_t measure(const struct wire_problem *problem, bool certificate)
{
    struct layout layout = {.used = 16};
    struct lists lists;
    lay_problem(&layout, problem, &lists);
    if (certificate)
        lay_result(&layout, problem, &lists);
    return layout.used;
}

size_t wire_problem_memory(const uint8_t *bytes, size_t size, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, NULL, error);
    struct wire_problem problem;
    return take_beginning(&decoding, &problem) ? measure(&problem, false) : 0;
}

size_t wire_certificate_memory(const uint8_t *bytes, size_t size, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, NULL, error);
    struct wire_problem problem;
    return take_format(&decoding, CERTIFICATE_KEYS, WIRE_CERTIFICATE_FORMAT) &&
                   certificate_key(&decoding, CERTIFICATE_PROBLEM) &&
                   take_beginning(&decoding, &problem)
               ? measure(&problem, true)
               : 0;
}

bool wire_problem_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                         struct wire_problem *out, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, arena, error);
    struct lists lists = {0};
    return take_problem(&decoding, false, &lists, out) && is_whole(&decoding);
}

bool wire_certificate_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                             struct wire_certificate *out, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, arena, error);
    return take_certificate(&decoding, out) && is_whole(&decoding);
}
