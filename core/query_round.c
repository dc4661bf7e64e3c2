/* query_round.c - rounds: what each reached, and what became of the packages in it. */
#include "query.h"
#include "round.h"
#include "round_answer.h"

enum { LIMIT_DEFAULT = 100 };

/* ---- A round ---- */

/* Of the pools that are still there. */
static void put_scarce(const struct query *q, const struct pm_round_result *result)
{
    wire_key(q->out, KEY_SCARCE);
    wire_open_array(q->out);
    for (unsigned i = 0; i < result->scarces; i++) {
        uint32_t slot = table_find(&q->core->table[TABLE_POOLS], result->scarce[i].pool);
        if (slot == 0)
            continue;
        struct round_pool pool = round_pool_of(q->core, slot);
        struct round_kind kind = round_kind_of(&q->rules->kind[pool.kind]);
        round_put_scarce(q->out, &pool, &kind, &result->scarce[i]);
    }
    wire_break(q->out);
}

static void put_result(const struct query *q, const struct pm_round_result *result)
{
    round_put_stages(q->out, result);
    put_scarce(q, result);
    if ((result->hash[0] | result->hash[1] | result->hash[2] | result->hash[3]) != 0) {
        wire_key(q->out, KEY_HASH);
        wire_bytes(q->out, result->hash, sizeof result->hash);
    }
}

static void put_keys(const struct query *q, uint32_t slot)
{
    const struct round *round = round_at(q->core, slot);
    put_id(q, KEY_ID, TABLE_ROUNDS, slot);
    if (round->kind != 0)
        put_kind(q, (uint8_t)(round->kind - 1));
    put_string(q, KEY_STATE, pm_round_state_name(round->state));
    put_number(q, KEY_OPENED, round->opened);
    if (round->state == PM_SOLVING)
        return;
    put_number(q, KEY_SOLVED, round->closed);
    put_number(q, KEY_PLACED, (int64_t)round->placed);
    put_number(q, KEY_ASKED, (int64_t)round->asked);
    put_number(q, KEY_DROPPED, (int64_t)round->dropped);
    put_number(q, KEY_PASSED_ON, (int64_t)round->passed_on);
    if (round->state != PM_ABANDONED)
        put_result(q, &round->result);
}

void query_round_row(const struct query *q, uint32_t slot)
{
    wire_open_map(q->out);
    put_keys(q, slot);
    wire_break(q->out);
}

/* ---- Its packages ---- */

static bool is_in(const struct query *q, uint32_t round, uint32_t package)
{
    return package_at(q->core, package)->market == q->market &&
           (package_detail_at(q->core, package)->round == id_of(q->core, TABLE_ROUNDS, round) ||
            (round_at(q->core, round)->state == PM_SOLVING &&
             round_has(q->core, round_at(q->core, round), package)));
}

/* What it would have been given, were all matched one at a time. */
static void put_alone(const struct query *q, const struct package_detail *detail)
{
    if (detail->alone == 0)
        return;
    put_name(q, KEY_ALONE, &service_detail_at(q->core, detail->alone)->name);
    put_number(q, KEY_ALONE_COST, detail->alone_cost);
}

static void put_matched(const struct query *q, const struct package_detail *detail)
{
    if (detail->matched != 0) {
        put_service(q, detail->matched);
        put_number(q, KEY_COST, detail->matched_cost);
    }
    put_alone(q, detail);
}

static void put_package(const struct query *q, uint32_t round, uint32_t slot)
{
    const struct package *package = package_at(q->core, slot);
    const struct package_detail *detail = package_detail_at(q->core, slot);
    bool come_to = detail->round == id_of(q->core, TABLE_ROUNDS, round);
    char diagnosis[QUERY_DIAGNOSIS];
    wire_open_map(q->out);
    put_id(q, KEY_PACKAGE, TABLE_PACKAGES, slot);
    put_name(q, KEY_REFERENCE, &detail->reference);
    put_name(q, KEY_REFERRER, &detail->referrer);
    put_string(q, KEY_STATE, pm_package_state_name(package->state));
    put_number(q, KEY_PRIORITY, package->priority);
    put_string(q, KEY_FATE, pm_round_fate_name(come_to ? detail->fate : PM_NOT_MATCHED));
    if (come_to)
        put_matched(q, detail);
    if (come_to && detail->fate == PM_PASSED_ON) {
        query_diagnosis(q, slot, diagnosis);
        put_string(q, KEY_DIAGNOSIS, diagnosis);
    }
    wire_break(q->out);
}

/* What the whole round gained by matching all together: packages and groups placed more, and pence
 * a week spent less, than one at a time. Nothing when the round has lapsed, or never closed. */
static void put_gained(const struct query *q, uint64_t id)
{
    uint32_t slot = table_find(&q->core->table[TABLE_ROUNDS], id);
    if (slot == 0 || round_at(q->core, slot)->closed == 0)
        return;
    const struct pm_round_result *result = &round_at(q->core, slot)->result;
    int64_t placed = 0, cost = PM_ROUND_STAGES - 1;
    for (int stage = 0; stage < cost; stage++)
        placed += result->alone[stage] - result->value[stage];
    wire_key(q->out, KEY_GAINED);
    wire_map(q->out, 2);
    put_number(q, KEY_PLACED, placed);
    put_number(q, KEY_COST, result->alone[cost] - result->value[cost]);
}

void query_matched(const struct query *q, uint32_t package)
{
    const struct package_detail *detail = package_detail_at(q->core, package);
    if (detail->round == 0 || !put_key(q, KEY_ROUND))
        return;
    wire_open_map(q->out);
    put_number(q, KEY_ID, (int64_t)detail->round);
    put_string(q, KEY_FATE, pm_round_fate_name(detail->fate));
    put_matched(q, detail);
    put_gained(q, detail->round);
    wire_break(q->out);
}

/* Rows of packages after one, and the id to go on after. */
static void put_packages(const struct query *q, uint32_t round, uint32_t after, uint32_t limit)
{
    const struct table *table = &q->core->table[TABLE_PACKAGES];
    uint32_t rows = 0, slot = after, last = 0;
    wire_key(q->out, KEY_ROWS);
    wire_open_array(q->out);
    while ((slot = table_next_of(table, q->market, slot)) != 0 && !q->out->overflow) {
        if (!is_in(q, round, slot))
            continue;
        if (rows++ == limit)
            break;
        put_package(q, round, slot);
        last = slot;
    }
    wire_break(q->out);
    put_id(q, KEY_NEXT, TABLE_PACKAGES, slot != 0 ? last : 0);
}

bool query_has_round(const struct query *q, const struct pm_round_query *asked)
{
    uint32_t slot = table_find(&q->core->table[TABLE_ROUNDS], asked->round);
    return slot != 0 && round_at(q->core, slot)->market == q->market;
}

uint16_t query_round(const struct query *q, const struct pm_round_query *asked)
{
    uint32_t slot = table_find(&q->core->table[TABLE_ROUNDS], asked->round);
    uint32_t limit = asked->limit == 0 ? LIMIT_DEFAULT : asked->limit;
    if (!query_has_round(q, asked))
        return PM_UNKNOWN_ROUND;
    if (limit > PM_ROWS_MAX)
        return PM_TOO_LARGE;
    wire_open_map(q->out);
    wire_key(q->out, KEY_ROUND);
    query_round_row(q, slot);
    put_packages(q, slot, (uint32_t)(asked->after & PM_SLOTS_MAX), limit);
    wire_break(q->out);
    return PM_OK;
}

/* ---- A round tried ---- */

uint16_t query_tried(const struct query *q, const struct pm_round_try *tried)
{
    const struct round_source source = {.market = pm_text(q->rules->name.text), .tried = *tried};
    return round_source_status(q->core, &source);
}
