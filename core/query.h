/*
 * query.h - answers to queries: what every file that writes a part of one shares. The bodies are
 * those of placemat.cddl; a body reads the core and changes nothing of it.
 */
#ifndef PM_QUERY_H
#define PM_QUERY_H

#include "rights.h"
#include "state.h"

/* One query: who asks, in which market, and where the answer goes. */
struct query {
    const struct pm_core *core;
    const struct pm_market *rules;
    struct wire_writer *out;
    struct pm_actor actor;
    uint32_t market;   /* slot */
    uint32_t provider; /* the actor's own slot for PM_PROVIDER, otherwise 0 */
};

/* May the actor know of this package? A hospital only of those it referred itself. */
bool query_may_see(const struct query *q, uint32_t package);

/* The lists: rows, and the id to go on after. Returns the query's status. */
uint16_t query_list(const struct query *q, unsigned verb, const struct pm_list *list);

/* Whole answers; the package is one the actor may ask about. */
void query_show(const struct query *q, uint32_t slot);
void query_explain(const struct query *q, uint32_t package);
void query_report(const struct query *q);
/* A round and the packages in it. Returns the query's status. */
uint16_t query_round(const struct query *q, const struct pm_round_query *asked);
/* Of an explanation: what the last round that came to the package did with it; nothing, if none
 * has. */
void query_matched(const struct query *q, uint32_t package);
/* Is there such a round in the market? */
bool query_has_round(const struct query *q, const struct pm_round_query *asked);

/* May such a round be tried? Its status alone: the answer comes when it is solved, and is not the
 * core's. */
uint16_t query_tried(const struct query *q, const struct pm_round_try *tried);

/* One row of a list, a map; the slot is of the list's table. */
void query_package_row(const struct query *q, uint32_t slot);
void query_offer_row(const struct query *q, uint32_t slot);
void query_placement_row(const struct query *q, uint32_t slot);
void query_service_row(const struct query *q, uint32_t slot);
void query_capacity_row(const struct query *q, uint32_t slot);
void query_round_row(const struct query *q, uint32_t slot);
/* Keys of a row without the map around them, for what shows them with more. */
void query_package_keys(const struct query *q, uint32_t slot);
void query_care_keys(const struct query *q, uint32_t slot); /* what is needed, and when */
void query_offer_keys(const struct query *q, uint32_t slot);

/* The offer a package stands on: the open one, or the one its placement came from; 0: none. */
uint32_t query_standing_offer(const struct query *q, uint32_t package);
/* Why a package is where it is: the sentence of an explanation. At most QUERY_DIAGNOSIS bytes with
 * its NUL. */
enum { QUERY_DIAGNOSIS = 1024 };
void query_diagnosis(const struct query *q, uint32_t package, char out[QUERY_DIAGNOSIS]);
/* The nearest misses of the same, as data. */
void query_misses(const struct query *q, uint32_t package);

/* Pence a week of so many units at a rate: an hour's rate for minutes, rounded half up, else a
 * week's. */
static inline int64_t query_cost(const struct pm_kind *kind, int32_t units, int32_t rate)
{
    int64_t product = (int64_t)units * rate;
    return kind->unit == PM_MINUTES ? (product + 30) / 60 : product;
}

/* A key, unless it is not for the actor to see: then false, and its value must not follow. A map
 * with keys that some do not see is one of indefinite length. */
static inline bool put_key(const struct query *q, enum wire_key key)
{
    if (!rights_show(q->actor.role, key))
        return false;
    wire_key(q->out, key);
    return true;
}

/* A key and its value. */
static inline void put_string(const struct query *q, enum wire_key key, const char *string)
{
    if (put_key(q, key))
        wire_string(q->out, string);
}
static inline void put_name(const struct query *q, enum wire_key key, const struct pm_name *name)
{
    if (put_key(q, key))
        wire_name(q->out, name);
}
static inline void put_number(const struct query *q, enum wire_key key, int64_t number)
{
    if (put_key(q, key))
        wire_int(q->out, number);
}
static inline void put_id(const struct query *q, enum wire_key key, enum table_of table,
                          uint32_t slot)
{
    if (put_key(q, key))
        wire_uint(q->out, id_of(q->core, table, slot));
}
/* Left out when it is 0: no such date, time or reason. */
static inline void put_if_any(const struct query *q, enum wire_key key, int64_t number)
{
    if (number != 0)
        put_number(q, key, number);
}
static inline void put_sector(const struct query *q, uint64_t sector)
{
    char text[9];
    if (sector != 0)
        put_string(q, KEY_SECTOR, pm_postcode_text(sector, text));
}
static inline void put_kind(const struct query *q, uint8_t kind)
{
    put_name(q, KEY_KIND, &q->rules->kind[kind].name);
}
static inline void put_service(const struct query *q, uint32_t service)
{
    put_name(q, KEY_SERVICE, &service_detail_at(q->core, service)->name);
    put_name(q, KEY_PROVIDER,
             &provider_detail_at(q->core, service_at(q->core, service)->provider)->name);
}

#endif
