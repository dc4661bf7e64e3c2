/* query_report.c - market.report: a market in numbers. */
#include "query.h"

/* What is counted of one kind. */
struct kind_report {
    int64_t packages, placed, waiting, offers;
    int64_t units, cost; /* of current placements */
    int64_t agreements,
        waited; /* placements ever agreed, and ms from posted to agreed of all of them */
};
struct report {
    int64_t state[PM_PACKAGE_STATES];
    struct kind_report kind[PM_KINDS_MAX];
};

/* Far beyond any real one, and such that the times of a full table still add up. */
#define WAITED_MAX (INT64_MAX >> PM_SLOT_BITS)

static void count_packages(const struct query *q, struct report *out)
{
    uint32_t slot = 0;
    while ((slot = table_next_of(&q->core->table[TABLE_PACKAGES], q->market, slot)) != 0) {
        const struct package *package = package_at(q->core, slot);
        struct kind_report *kind = &out->kind[package->kind];
        out->state[package->state]++;
        kind->packages++;
        kind->placed += package->state == PM_PLACED;
        kind->waiting += package->state == PM_WAITING;
        kind->offers += package->invited + package->tendered;
    }
}

static void count_placements(const struct query *q, struct report *out)
{
    uint32_t slot = 0;
    while ((slot = table_next_of(&q->core->table[TABLE_PLACEMENTS], q->market, slot)) != 0) {
        const struct placement *placement = placement_at(q->core, slot);
        struct kind_report *kind = &out->kind[placement->kind];
        if (offer_at(q->core, placement->offer)->route != PM_IMPORTED) {
            int64_t waited =
                placement->agreed - package_detail_at(q->core, placement->package)->posted;
            kind->agreements++;
            kind->waited += waited < WAITED_MAX ? waited : WAITED_MAX;
        }
        if (placement->state == PM_PLACEMENT_ENDED)
            continue;
        kind->units += placement->units;
        kind->cost +=
            query_cost(&q->rules->kind[placement->kind], placement->units, placement->rate);
    }
}

static void put_states(const struct query *q, const struct report *report)
{
    wire_key(q->out, KEY_PACKAGES);
    wire_array(q->out, PM_PACKAGE_STATES);
    for (unsigned state = 0; state < PM_PACKAGE_STATES; state++) {
        wire_map(q->out, 2);
        put_string(q, KEY_STATE, pm_package_state_name(state));
        put_number(q, KEY_COUNT, report->state[state]);
    }
}

static void put_kinds(const struct query *q, const struct report *report)
{
    wire_key(q->out, KEY_KINDS);
    wire_array(q->out, q->rules->kinds);
    for (uint8_t k = 0; k < q->rules->kinds; k++) {
        const struct kind_report *kind = &report->kind[k];
        wire_open_map(q->out);
        put_kind(q, k);
        put_string(q, KEY_UNIT, pm_unit_name(q->rules->kind[k].unit));
        put_number(q, KEY_PACKAGES, kind->packages);
        put_number(q, KEY_PLACED, kind->placed);
        put_number(q, KEY_WAITING, kind->waiting);
        put_number(q, KEY_OFFERS, kind->offers);
        put_number(q, KEY_UNITS, kind->units);
        put_number(q, KEY_COST, kind->cost);
        if (kind->agreements > 0)
            put_number(q, KEY_TIME_TO_PLACE, kind->waited / kind->agreements);
        wire_break(q->out);
    }
}

/* Records of the market in a table of supply. */
static int64_t count_supply(const struct query *q, enum table_of table)
{
    int64_t count = 0;
    for (uint32_t slot = 0; (slot = table_next_of(&q->core->table[table], q->market, slot)) != 0;)
        count++;
    return count;
}

void query_report(const struct query *q)
{
    struct report report = {.state = {0}};
    count_packages(q, &report);
    count_placements(q, &report);
    wire_open_map(q->out);
    put_name(q, KEY_MARKET, &q->rules->name);
    put_string(q, KEY_TITLE, q->rules->title.text);
    put_number(q, KEY_VERSION, market_at(q->core, q->market)->version);
    put_number(q, KEY_TIME, q->core->header.time);
    put_states(q, &report);
    put_kinds(q, &report);
    put_number(q, KEY_PROVIDERS, count_supply(q, TABLE_PROVIDERS));
    put_number(q, KEY_LOCATIONS, count_supply(q, TABLE_LOCATIONS));
    put_number(q, KEY_POOLS, count_supply(q, TABLE_POOLS));
    put_number(q, KEY_SERVICES, count_supply(q, TABLE_SERVICES));
    wire_break(q->out);
}
