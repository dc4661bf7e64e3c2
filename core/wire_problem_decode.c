/*
 * wire_problem_decode.c - a round's problem and certificate out of untrusted bytes. Counts come
 * first and are checked against the limits and the document's size; then memory is laid out; then
 * each list must have its count, and each number its range and its shortest form.
 */
#include "core/wire_take.h"

/* ---- The problem's lists ---- */

static bool take_texts(struct decoding *decoding, enum wire_problem_key key, uint32_t count,
                       struct pm_text *out)
{
    if (!take_problem_list(decoding, key, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        take_count_on(decoding, i);
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
    if (!take_problem_list(decoding, PROBLEM_KINDS, problem->kinds))
        return false;
    for (uint32_t i = 0; i < problem->kinds; i++) {
        take_count_on(decoding, i);
        if (!take_kind(decoding, problem->problem.bands, &out[i]))
            return false;
    }
    return true;
}

static bool take_items(struct decoding *decoding, const struct solver_problem *problem,
                       struct solver_item *out)
{
    uint32_t parts = 0;
    if (!take_problem_list(decoding, PROBLEM_ITEMS, 2 * (size_t)problem->items))
        return false;
    for (uint32_t i = 0; i < problem->items; i++) {
        uint32_t count;
        take_count_on(decoding, i);
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
    if (!take_problem_list(decoding, PROBLEM_PARTS, 2 * (size_t)problem->parts))
        return false;
    for (uint32_t i = 0; i < problem->parts; i++) {
        uint32_t count;
        take_count_on(decoding, i);
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
    if (!take_problem_list(decoding, PROBLEM_PAIRS, 3 * (size_t)problem->pairs))
        return false;
    for (uint32_t i = 0; i < problem->pairs; i++) {
        take_count_on(decoding, i);
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
    if (!take_problem_list(decoding, PROBLEM_SERVICES, 2 * (size_t)problem->services))
        return false;
    for (uint32_t i = 0; i < problem->services; i++) {
        take_count_on(decoding, i);
        if (!take_u32(decoding, SOLVER_SERVICES_MAX, &out[i].pool) ||
            !take_u32(decoding, problem->caps, &out[i].cap))
            return false;
    }
    return true;
}

static bool take_amounts(struct decoding *decoding, enum wire_problem_key key, uint32_t count,
                         uint32_t bands, int32_t most, struct solver_amounts *out)
{
    if (!take_problem_list(decoding, key, (size_t)count * bands))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        take_count_on(decoding, i);
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
    if (!take_problem_list(decoding, PROBLEM_POOL_KINDS, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        take_count_on(decoding, i);
        if (!take_u32(decoding, problem->kinds - 1, &kind))
            return false;
        out[i] = (uint8_t)kind;
    }
    return true;
}

static bool take_caps(struct decoding *decoding, uint32_t count, int32_t *out)
{
    if (!take_problem_list(decoding, PROBLEM_CAPS, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        take_count_on(decoding, i);
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
    if (!take_beginning(decoding, out) || !take_memory(decoding, out, certificate, lists))
        return false;
    if (!take_demand_side(decoding, out, lists) || !take_supply_side(decoding, out, lists))
        return false;
    take_enter(decoding, "problem");
    const char *flaw = solver_flaw(&out->problem);
    return flaw == NULL || take_refuse(decoding, flaw);
}

/* ---- The certificate ---- */

static bool take_choices(struct decoding *decoding, const struct solver_problem *problem,
                         uint32_t *out)
{
    if (!take_certificate_key(decoding, CERTIFICATE_CHOICES) ||
        !take_array(decoding, problem->parts))
        return false;
    for (uint32_t i = 0; i < problem->parts; i++) {
        const struct solver_part *part = &problem->part[i];
        take_count_on(decoding, i);
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
        !take_certificate_key(decoding, CERTIFICATE_PROBLEM) ||
        !take_problem(decoding, true, &lists, &out->problem))
        return false;
    out->result.choice = lists.choice;
    if (!take_choices(decoding, problem, lists.choice) ||
        !take_certificate_key(decoding, CERTIFICATE_STAGES) || !take_array(decoding, SOLVER_STAGES))
        return false;
    for (uint32_t i = 0; i < SOLVER_STAGES; i++) {
        take_count_on(decoding, i);
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
    take_enter(decoding, "document");
    return decoding->reader->at == decoding->reader->size ||
           take_refuse(decoding, "more bytes follow its end");
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

size_t wire_problem_memory(const uint8_t *bytes, size_t size, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, NULL, error);
    struct wire_problem problem;
    return take_beginning(&decoding, &problem) ? problem_memory(&problem, false) : 0;
}

size_t wire_certificate_memory(const uint8_t *bytes, size_t size, struct wire_error *error)
{
    struct wire_reader reader = {.bytes = bytes, .size = size};
    struct decoding decoding = begin(&reader, NULL, error);
    struct wire_problem problem;
    return take_format(&decoding, CERTIFICATE_KEYS, WIRE_CERTIFICATE_FORMAT) &&
                   take_certificate_key(&decoding, CERTIFICATE_PROBLEM) &&
                   take_beginning(&decoding, &problem)
               ? problem_memory(&problem, true)
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
