/*
 * wire_problem_layout.c - how many records a round's document announces, and the memory for them.
 */
#include "core/wire_take.h"

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
    if (!take_problem_list(decoding, PROBLEM_SIZES, WIRE_PROBLEM_SIZES))
        return false;
    for (uint32_t i = 0; i < WIRE_PROBLEM_SIZES; i++) {
        take_count_on(decoding, i);
        if (!take_u32(decoding, sizes[i].most, sizes[i].count))
            return false;
    }
    if (of->bands == 0)
        return take_refuse(decoding, "there are 1 to 8 bands");
    return least_bytes(out) <= decoding->reader->size - decoding->reader->at ||
           take_refuse(decoding, "cut off: more records are announced than follow");
}

bool take_beginning(struct decoding *decoding, struct wire_problem *out)
{
    *out = (struct wire_problem){0};
    return take_format(decoding, PROBLEM_KEYS, WIRE_PROBLEM_FORMAT) &&
           take_problem_key(decoding, PROBLEM_TITLE) && take_text(decoding, &out->title) &&
           take_sizes(decoding, out);
}

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

/* Lays all out from `base` on; returns the bytes it takes. */
static size_t lay_all(uint8_t *base, const struct wire_problem *problem, bool certificate,
                      struct lists *lists)
{
    struct layout layout = {.base = base};
    lay_problem(&layout, problem, lists);
    if (certificate)
        lay_result(&layout, problem, lists);
    return layout.used;
}

bool take_memory(struct decoding *decoding, struct wire_problem *problem, bool certificate,
                 struct lists *lists)
{
    void *memory;
    size_t size = lay_all(NULL, problem, certificate, lists);
    if (!decode_allocate(decoding, size, 1, &memory))
        return false;
    (void)lay_all(memory, problem, certificate, lists);
    publish(problem, lists);
    return true;
}

size_t problem_memory(const struct wire_problem *problem, bool certificate)
{
    enum { ALIGNING = 15 };
    struct lists lists;
    return lay_all(NULL, problem, certificate, &lists) + ALIGNING;
}
