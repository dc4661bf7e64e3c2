/*
 * wire_problem.c - a round's problem and certificate written as bytes.
 */
#include "core/wire_problem.h"

#include <string.h>

/* ---- Parts ---- */

static void put_key(struct wire_writer *writer, unsigned key)
{
    wire_uint(writer, key);
}

static void put_format(struct wire_writer *writer, const char *format)
{
    put_key(writer, PROBLEM_FORMAT);
    wire_string(writer, format);
    put_key(writer, PROBLEM_VERSION);
    wire_uint(writer, WIRE_DOCUMENT_VERSION);
}

static void put_texts(struct wire_writer *writer, unsigned key, const struct pm_text *text,
                      uint32_t count)
{
    put_key(writer, key);
    wire_array(writer, count);
    for (uint32_t i = 0; i < count; i++)
        wire_text(writer, text[i]);
}

/* Of each row as many amounts as the problem has bands. */
static void put_amounts(struct wire_writer *writer, unsigned key,
                        const struct solver_problem *problem, const struct solver_amounts *amounts,
                        uint32_t count)
{
    put_key(writer, key);
    wire_array(writer, (size_t)count * problem->bands);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t b = 0; b < problem->bands; b++)
            wire_int(writer, amounts[i].band[b]);
    }
}

static void put_kinds(struct wire_writer *writer, const struct wire_problem *problem)
{
    put_key(writer, PROBLEM_KINDS);
    wire_array(writer, problem->kinds);
    for (uint32_t i = 0; i < problem->kinds; i++) {
        const struct wire_kind *kind = &problem->kind[i];
        wire_array(writer, 3);
        wire_text(writer, kind->name);
        wire_uint(writer, kind->unit);
        wire_array(writer, kind->bands);
        for (uint32_t b = 0; b < kind->bands; b++)
            wire_text(writer, kind->band[b]);
    }
}

static void put_sizes(struct wire_writer *writer, const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    const uint32_t sizes[WIRE_PROBLEM_SIZES] = {
        of->items, of->parts,   of->pairs, of->services,   of->pools,
        of->caps,  of->demands, of->bands, problem->kinds,
    };
    put_key(writer, PROBLEM_SIZES);
    wire_array(writer, WIRE_PROBLEM_SIZES);
    for (uint32_t i = 0; i < WIRE_PROBLEM_SIZES; i++)
        wire_uint(writer, sizes[i]);
}

/* ---- The problem ---- */

static void put_items(struct wire_writer *writer, const struct solver_problem *problem)
{
    put_key(writer, PROBLEM_ITEMS);
    wire_array(writer, 2 * (size_t)problem->items);
    for (const struct solver_item *item = problem->item; item < problem->item + problem->items;
         item++) {
        wire_uint(writer, item->class);
        wire_uint(writer, item[1].first_part - item->first_part);
    }
}

static void put_parts(struct wire_writer *writer, const struct solver_problem *problem)
{
    put_key(writer, PROBLEM_PARTS);
    wire_array(writer, 2 * (size_t)problem->parts);
    for (const struct solver_part *part = problem->part; part < problem->part + problem->parts;
         part++) {
        wire_int(writer, part->units);
        wire_uint(writer, part[1].first_pair - part->first_pair);
    }
}

static void put_pairs(struct wire_writer *writer, const struct solver_problem *problem)
{
    put_key(writer, PROBLEM_PAIRS);
    wire_array(writer, 3 * (size_t)problem->pairs);
    for (uint32_t i = 0; i < problem->pairs; i++) {
        wire_uint(writer, problem->pair[i].service);
        wire_uint(writer, problem->pair[i].demand);
        wire_int(writer, problem->pair[i].cost);
    }
}

static void put_services(struct wire_writer *writer, const struct solver_problem *problem)
{
    put_key(writer, PROBLEM_SERVICES);
    wire_array(writer, 2 * (size_t)problem->services);
    for (uint32_t i = 0; i < problem->services; i++) {
        wire_uint(writer, problem->service[i].pool);
        wire_uint(writer, problem->service[i].cap);
    }
}

static void put_supply(struct wire_writer *writer, const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    put_texts(writer, PROBLEM_SERVICE_NAMES, problem->service, of->services);
    put_services(writer, of);
    put_amounts(writer, PROBLEM_DEMANDS, of, of->demand, of->demands);
    put_texts(writer, PROBLEM_POOL_NAMES, problem->pool, of->pools);
    put_texts(writer, PROBLEM_LOCALITIES, problem->locality, of->pools);
    put_key(writer, PROBLEM_POOL_KINDS);
    wire_array(writer, problem->kinds > 0 ? of->pools : 0);
    for (uint32_t i = 0; i < of->pools && problem->kinds > 0; i++)
        wire_uint(writer, problem->pool_kind[i]);
    put_amounts(writer, PROBLEM_POOLS, of, of->pool, of->pools);
    put_texts(writer, PROBLEM_CAP_NAMES, problem->cap, of->caps);
    put_key(writer, PROBLEM_CAPS);
    wire_array(writer, of->caps);
    for (uint32_t i = 0; i < of->caps; i++)
        wire_int(writer, of->cap[i]);
}

void wire_problem_encode(struct wire_writer *writer, const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    wire_map(writer, PROBLEM_KEYS);
    put_format(writer, WIRE_PROBLEM_FORMAT);
    put_key(writer, PROBLEM_TITLE);
    wire_text(writer, problem->title);
    put_sizes(writer, problem);
    put_kinds(writer, problem);
    put_texts(writer, PROBLEM_ITEM_NAMES, problem->item, of->items);
    put_items(writer, of);
    put_texts(writer, PROBLEM_PART_NAMES, problem->part, of->parts);
    put_parts(writer, of);
    put_pairs(writer, of);
    put_supply(writer, problem);
}

/* ---- The certificate ---- */

/* None when there are no prices, which says that all are 0. */
static void put_prices(struct wire_writer *writer, const int64_t *price, uint32_t rows,
                       uint32_t columns, uint32_t stride)
{
    wire_array(writer, price != NULL ? (size_t)rows * columns : 0);
    for (uint32_t i = 0; i < rows && price != NULL; i++) {
        for (uint32_t c = 0; c < columns; c++)
            wire_int(writer, price[(size_t)i * stride + c]);
    }
}

static void put_stage(struct wire_writer *writer, const struct solver_problem *problem,
                      const struct solver_stage *stage)
{
    wire_array(writer, 7);
    wire_int(writer, stage->value);
    wire_int(writer, stage->bound);
    wire_bool(writer, stage->optimal);
    wire_uint(writer, stage->scale);
    wire_array(writer, SOLVER_CLASSES);
    for (uint32_t i = 0; i < SOLVER_CLASSES; i++)
        wire_int(writer, stage->class_price[i]);
    put_prices(writer, stage->pool_price, problem->pools, problem->bands, SOLVER_BANDS);
    put_prices(writer, stage->cap_price, problem->caps, 1, 1);
}

void wire_certificate_encode(struct wire_writer *writer, const struct wire_certificate *certificate)
{
    const struct solver_problem *problem = &certificate->problem.problem;
    const uint32_t *choice = certificate->result.choice;
    wire_map(writer, CERTIFICATE_KEYS);
    put_format(writer, WIRE_CERTIFICATE_FORMAT);
    put_key(writer, CERTIFICATE_PROBLEM);
    wire_problem_encode(writer, &certificate->problem);
    put_key(writer, CERTIFICATE_CHOICES);
    wire_array(writer, problem->parts);
    for (uint32_t i = 0; i < problem->parts; i++)
        wire_uint(writer, choice[i] > 0 ? choice[i] - problem->part[i].first_pair : 0);
    put_key(writer, CERTIFICATE_STAGES);
    wire_array(writer, SOLVER_STAGES);
    for (uint32_t i = 0; i < SOLVER_STAGES; i++)
        put_stage(writer, problem, &certificate->result.stage[i]);
}

/* ---- Sizes ---- */

/* Bytes that a head and a number take at most: whole numbers here are of 32 bits, prices and values
 * of 64. */
enum { NUMBER = 5, LONG_NUMBER = 9, TEXT = 2 + WIRE_LABEL_MAX, REST = 256 };

size_t wire_problem_bound(const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    size_t texts = (size_t)of->items + of->parts + of->services + 2 * (size_t)of->pools + of->caps +
                   (size_t)problem->kinds * (1 + SOLVER_BANDS);
    size_t numbers = 2 * ((size_t)of->items + of->parts + of->services) + 3 * (size_t)of->pairs +
                     ((size_t)of->demands + of->pools) * SOLVER_BANDS + of->pools + of->caps +
                     3 * (size_t)problem->kinds;
    return texts * TEXT + numbers * NUMBER + REST;
}

size_t wire_certificate_bound(const struct wire_problem *problem)
{
    const struct solver_problem *of = &problem->problem;
    size_t prices = (size_t)of->pools * SOLVER_BANDS + of->caps;
    return wire_problem_bound(problem) + (size_t)of->parts * NUMBER +
           SOLVER_STAGES * (prices + 10) * LONG_NUMBER + REST;
}
