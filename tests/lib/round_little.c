/*
 * round_little.c - a small round with a certificate of which all is known.
 */
#include "tests/lib/round_little.h"

#include <string.h>

static void add_supply(struct round_sample *out)
{
    out->kind[0] = (struct wire_kind){.name = pm_text("homecare"),
                                      .unit = PM_MINUTES,
                                      .bands = 2,
                                      .band = {pm_text("morning"), pm_text("lunch")}};
    out->pool_name[0] = pm_text("amber-run");
    out->pool_name[1] = pm_text("beryl-run");
    out->locality[0] = pm_text("Alder");
    out->locality[1] = pm_text("Birch");
    out->cap_name[0] = pm_text("amber homecare");
    out->service_name[0] = pm_text("amber-home");
    out->service_name[1] = pm_text("beryl-home");
    out->pool[0] = (struct solver_amounts){{60, 60}};
    out->pool[1] = (struct solver_amounts){{30, 0}};
    out->cap[0] = 100;
    out->service[0] = (struct solver_service){.pool = 0, .cap = 1};
    out->service[1] = (struct solver_service){.pool = 1};
}

static void add_demand(struct round_sample *out)
{
    static const struct solver_pair pairs[] = {{0, 0, 1000}, {0, 1, 500}, {1, 2, 700},
                                               {0, 3, 400},  {0, 1, 450}, {1, 2, 600}};
    static const struct solver_part parts[] = {{0, 60}, {1, 30}, {3, 30}, {4, 30}, {6, 0}};
    static const struct solver_item items[] = {{0, 0}, {1, 1}, {3, 1}, {4, 0}};
    static const struct solver_amounts demands[] = {{{60, 0}}, {{30, 30}}, {{30, 0}}, {{0, 30}}};
    memcpy(out->pair, pairs, sizeof pairs);
    memcpy(out->part, parts, sizeof parts);
    memcpy(out->item, items, sizeof items);
    memcpy(out->demand, demands, sizeof demands);
    out->item_name[1] = pm_text("couple");
    out->part_name[0] = pm_text("X1");
    out->part_name[1] = pm_text("X2");
    out->part_name[2] = pm_text("X3");
    out->part_name[3] = pm_text("X4");
}

static void add_result(struct round_result *out)
{
    static const uint32_t choices[] = {1, 0, 0, 6};
    memcpy(out->choice, choices, sizeof choices);
    out->pool_price[1][0] = out->pool_price[1][SOLVER_BANDS] = 35;
    out->pool_price[SOLVER_COST][0] = 20;
    out->pool_price[SOLVER_COST][SOLVER_BANDS] = 10;
    out->result = (struct solver_result){.choice = out->choice,
                                         .stage = {{.optimal = true},
                                                   {.value = 1,
                                                    .bound = 1,
                                                    .optimal = true,
                                                    .scale = 10,
                                                    .class_price = {2100},
                                                    .pool_price = out->pool_price[1]},
                                                   {.optimal = true},
                                                   {.optimal = true},
                                                   {.value = 1600,
                                                    .bound = 1600,
                                                    .optimal = true,
                                                    .scale = 1,
                                                    .class_price = {3200, 1500},
                                                    .pool_price = out->pool_price[SOLVER_COST]}}};
}

void round_little_renew(struct round_little *little)
{
    little->certificate = (struct wire_certificate){little->sample.wire, little->made.result};
}

void round_little(struct round_little *out)
{
    memset(out, 0, sizeof *out);
    out->sample.wire.problem = (struct solver_problem){.items = 3,
                                                       .parts = 4,
                                                       .pairs = 6,
                                                       .services = 2,
                                                       .pools = 2,
                                                       .caps = 1,
                                                       .demands = 4,
                                                       .bands = 2};
    out->sample.wire.title = pm_text("little, round 3");
    out->sample.wire.kinds = 1;
    round_sample_point(&out->sample);
    add_supply(&out->sample);
    add_demand(&out->sample);
    add_result(&out->made);
    round_little_renew(out);
}
