/* round_answer.c - see round_answer.h. */
#include "round_answer.h"

#include "text.h"

static void put_int(struct wire_writer *out, enum wire_key key, int64_t number)
{
    wire_key(out, key);
    wire_int(out, number);
}

static void put_string(struct wire_writer *out, enum wire_key key, const char *string)
{
    wire_key(out, key);
    wire_string(out, string);
}

void round_put_stages(struct wire_writer *out, const struct pm_round_result *result)
{
    wire_key(out, KEY_STAGES);
    wire_array(out, PM_ROUND_STAGES);
    for (int stage = 0; stage < PM_ROUND_STAGES; stage++) {
        wire_map(out, 4);
        put_int(out, KEY_VALUE, result->value[stage]);
        put_int(out, KEY_BOUND, result->bound[stage]);
        wire_key(out, KEY_OPTIMAL);
        wire_bool(out, (result->optimal >> stage & 1) != 0);
        put_int(out, KEY_ALONE, result->alone[stage]);
    }
}

void round_put_scarce(struct wire_writer *out, const struct round_pool *pool,
                      const struct round_kind *kind, const struct pm_scarce *scarce)
{
    wire_open_map(out);
    if (pool->locality.text[0] != '\0')
        put_string(out, KEY_LOCALITY, pool->locality.text);
    put_string(out, KEY_POOL, pool->name.text);
    put_string(out, KEY_KIND, kind->name.text);
    if (scarce->band < kind->bands)
        put_string(out, KEY_BAND, kind->band[scarce->band].text);
    put_int(out, KEY_PRICE, scarce->price);
    wire_break(out);
}

/* ---- A round that was tried ---- */

struct tried {
    struct wire_writer *out;
    const struct round_problem *problem;
    const uint32_t *choice;
};

static const struct round_pool *pool_of(const struct round_problem *problem, uint64_t id)
{
    uint32_t at = 0;
    while (at < problem->solver.pools && problem->pool[at].pool != id)
        at++;
    return at < problem->solver.pools ? &problem->pool[at] : NULL;
}

static void put_scarce(const struct tried *t, const struct pm_round_result *result)
{
    wire_key(t->out, KEY_SCARCE);
    wire_open_array(t->out);
    for (unsigned i = 0; i < result->scarces; i++) {
        const struct round_pool *pool = pool_of(t->problem, result->scarce[i].pool);
        if (pool != NULL)
            round_put_scarce(t->out, pool, &t->problem->kind[pool->kind], &result->scarce[i]);
    }
    wire_break(t->out);
}

static uint32_t placed(const struct tried *t)
{
    uint32_t placed = 0;
    for (uint32_t part = 0; part < t->problem->solver.parts; part++)
        placed += t->choice[part] != 0;
    return placed;
}

static void put_round(const struct tried *t, const struct pm_round_result *result)
{
    uint32_t parts = t->problem->solver.parts, given = placed(t);
    wire_key(t->out, KEY_ROUND);
    wire_open_map(t->out);
    put_int(t->out, KEY_COUNT, parts);
    put_int(t->out, KEY_PLACED, given);
    put_int(t->out, KEY_PASSED_ON, parts - given);
    round_put_stages(t->out, result);
    put_scarce(t, result);
    wire_break(t->out);
}

/* Why a part is given nobody, as far as the problem knows. */
static void put_why(const struct tried *t, uint32_t part)
{
    char sentence[128];
    struct text text = text_over(sentence, sizeof sentence);
    const struct solver_part *p = &t->problem->solver.part[part];
    uint32_t able = p[1].first_pair - p[0].first_pair;
    if (able == 0) {
        text_add(&text, "No service may take it with what is free now.");
    } else {
        text_add_number(&text, able);
        text_add(&text,
                 able == 1 ? " service could take it, but is" : " services could take it, but are");
        text_add(&text, " needed for others.");
    }
    put_string(t->out, KEY_DIAGNOSIS, sentence);
}

/* The service and cost of a pair (from 1), under these keys. */
static void put_pair(const struct tried *t, uint32_t pair, enum wire_key service,
                     enum wire_key cost)
{
    const struct solver_pair *p = &t->problem->solver.pair[pair - 1];
    put_string(t->out, service, t->problem->service[p->service].name.text);
    put_int(t->out, cost, p->cost);
}

static const char *provider_of(const struct tried *t, uint32_t pair)
{
    return t->problem->service[t->problem->solver.pair[pair - 1].service].provider.text;
}

static void put_part(const struct tried *t, uint32_t part, uint8_t class)
{
    const struct round_part *named = &t->problem->part[part];
    uint32_t choice = t->choice[part], alone = t->problem->alone[part];
    wire_open_map(t->out);
    put_int(t->out, KEY_PACKAGE, (int64_t)named->package);
    put_string(t->out, KEY_REFERENCE, named->reference.text);
    put_string(t->out, KEY_REFERRER, named->referrer.text);
    put_int(t->out, KEY_PRIORITY, class);
    put_string(t->out, KEY_FATE, pm_round_fate_name(choice != 0 ? PM_MATCHED : PM_PASSED_ON));
    if (choice != 0) {
        put_pair(t, choice, KEY_SERVICE, KEY_COST);
        put_string(t->out, KEY_PROVIDER, provider_of(t, choice));
    }
    if (alone != 0)
        put_pair(t, alone, KEY_ALONE, KEY_ALONE_COST);
    if (choice == 0)
        put_why(t, part);
    wire_break(t->out);
}

void round_put_tried(struct wire_writer *out, const struct round_problem *problem,
                     const uint32_t *choice, const struct pm_round_result *result)
{
    const struct tried t = {out, problem, choice};
    const struct solver_item *item = problem->solver.item;
    wire_map(out, 2);
    put_round(&t, result);
    wire_key(out, KEY_ROWS);
    wire_open_array(out);
    for (uint32_t i = 0, part = 0; i < problem->solver.items; i++)
        for (; part < item[i + 1].first_part && part < PM_ROWS_MAX; part++)
            put_part(&t, part, item[i].class);
    wire_break(out);
}
