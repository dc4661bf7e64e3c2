/*
 * explain.c - why a package is where it is: every service of its kind, in the order in which they
 * would be asked, with what came of asking; then those that may not be asked, each with the filter
 * that removed it.
 */
#include "inquiry.h"
#include "rank.h"

#include <string.h>

/* To show a service that was asked among those that may be: what came of it is shown too. */
#define FILTERS_SHOWN (FILTERS_ALL & ~(1u << FILTER_ASKED))

/* ---- The order of services: a cell is filter, step and slot in one number ---- */

enum { CELL_STEP = PM_SLOT_BITS, CELL_FILTER = CELL_STEP + 4 };
_Static_assert((int)PM_STEPS_MAX <= 16 && (int)FILTERS <= 16, "a cell has four bits for each");

static uint32_t cell_of(uint32_t service, const struct judgement *judgement)
{
    return (uint32_t)judgement->verdict.filter << CELL_FILTER |
           (uint32_t)judgement->step << CELL_STEP | service;
}
static uint32_t cell_service(uint32_t cell)
{
    return cell & PM_SLOTS_MAX;
}
static unsigned cell_filter(uint32_t cell)
{
    return cell >> CELL_FILTER;
}
static unsigned cell_step(uint32_t cell)
{
    return cell >> CELL_STEP & 15;
}

/* Those who may be asked, best first; then the others by filter and name. */
static bool goes_before(const struct inquiry *inquiry, uint32_t a, uint32_t b)
{
    const struct pm_core *core = inquiry->q->core;
    uint32_t x = cell_service(a), y = cell_service(b);
    if (cell_filter(a) != cell_filter(b))
        return cell_filter(a) < cell_filter(b);
    if (cell_filter(a) != FILTER_NONE)
        return strcmp(service_detail_at(core, x)->name.text,
                      service_detail_at(core, y)->name.text) < 0;
    return ranks_before(inquiry, x, y);
}

/* Moves a cell down the heap of `count` whose top is the last in order. */
static void sift(const struct inquiry *inquiry, uint32_t *cells, size_t at, size_t count)
{
    uint32_t cell = cells[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && goes_before(inquiry, cells[child], cells[child + 1]))
            child++;
        if (!goes_before(inquiry, cell, cells[child]))
            break;
        cells[at] = cells[child];
    }
    cells[at] = cell;
}

static void sort(const struct inquiry *inquiry, uint32_t *cells, size_t count)
{
    for (size_t at = count / 2; at > 0; at--)
        sift(inquiry, cells, at - 1, count);
    for (size_t end = count; end > 1; end--) {
        uint32_t last = cells[0];
        cells[0] = cells[end - 1];
        cells[end - 1] = last;
        sift(inquiry, cells, 0, end - 1);
    }
}

/* ---- Rows ---- */

/* Names of the capabilities that are needed and missing. */
static void say_missing(const struct inquiry *inquiry, uint32_t service, struct text *text)
{
    uint64_t missing = inquiry->p->needs & ~service_at(inquiry->q->core, service)->capabilities;
    for (const char *before = ": "; missing != 0; missing &= missing - 1, before = ", ") {
        text_add(text, before);
        text_add(text, inquiry->q->rules->capability[__builtin_ctzll(missing)].text);
    }
}

static void say_verdict(const struct inquiry *inquiry, uint32_t service, struct verdict verdict,
                        struct text *text)
{
    text_add(text, filter_sentence(verdict.filter));
    switch (verdict.filter) {
    case FILTER_NEEDS:
        say_missing(inquiry, service, text);
        break;
    case FILTER_TIER:
        text_add(text, ": it is in tier ");
        text_add_number(text, verdict.found);
        break;
    case FILTER_QUALITY:
    case FILTER_RATE:
        text_add(text, verdict.filter == FILTER_RATE ? ": at most " : ": at least ");
        text_add_number(text, verdict.needed);
        text_add(text, ", has ");
        text_add_number(text, verdict.found);
        break;
    case FILTER_SHARE:
        text_add(text, ": needs ");
        text_add_number(text, verdict.needed);
        text_add(text, ", may still have ");
        text_add_number(text, verdict.found);
        break;
    case FILTER_CAPACITY:
        text_add(text, ": ");
        say_shortage(inquiry, verdict, text);
        break;
    default:
        break;
    }
}

static bool has_numbers(uint8_t filter)
{
    return filter == FILTER_LOT || filter == FILTER_TIER || filter == FILTER_NEEDS ||
           filter == FILTER_QUALITY || filter == FILTER_RATE || filter == FILTER_SHARE ||
           filter == FILTER_CAPACITY;
}

static void put_verdict(const struct inquiry *inquiry, uint32_t service, struct verdict verdict)
{
    char sentence[QUERY_DIAGNOSIS];
    struct text text = text_over(sentence, sizeof sentence);
    say_verdict(inquiry, service, verdict, &text);
    put_string(inquiry->q, KEY_FILTER, filter_name(verdict.filter));
    if (verdict.filter == FILTER_CAPACITY)
        put_name(inquiry->q, KEY_BAND, &inquiry->kind->band[verdict.band].name);
    if (has_numbers(verdict.filter)) {
        if (verdict.filter != FILTER_TIER)
            put_number(inquiry->q, KEY_NEEDED, verdict.needed);
        put_number(inquiry->q, KEY_FOUND, verdict.found);
    }
    put_string(inquiry->q, KEY_SENTENCE, sentence);
}

static void put_outcome(const struct inquiry *inquiry, uint32_t service)
{
    uint32_t slot = newest_offer(inquiry, service);
    if (slot == 0)
        return;
    const struct offer *offer = offer_at(inquiry->q->core, slot);
    put_string(inquiry->q, KEY_OUTCOME, pm_offer_state_name(offer->state));
    if (offer->state == PM_OFFER_DECLINED)
        put_string(inquiry->q, KEY_CODE, pm_decline_code_name(offer->code));
}

/* The score for this package, part by part; the parts that it has not are left out. */
static void put_score(const struct inquiry *inquiry, uint32_t service)
{
    struct score score = score_for(inquiry->q->core, inquiry->package, service);
    put_number(inquiry->q, KEY_SCORE, score_sum(&score));
    put_number(inquiry->q, KEY_SCORE_PRICE, score.price);
    put_number(inquiry->q, KEY_SCORE_QUALITY, score.quality);
    put_if_any(inquiry->q, KEY_SCORE_BLOCK, score.block);
    put_if_any(inquiry->q, KEY_SCORE_CONTINUITY, score.continuity);
    put_if_any(inquiry->q, KEY_SCORE_CLUSTER, score.cluster);
    put_if_any(inquiry->q, KEY_SCORE_PREFERENCE, score.preference);
}

/* rank: from 1, among those who may be asked. */
static void put_row(const struct inquiry *inquiry, uint32_t cell, uint32_t rank)
{
    const struct query *q = inquiry->q;
    uint32_t slot = cell_service(cell);
    const struct service *service = service_at(q->core, slot);
    wire_open_map(q->out);
    put_service(q, slot);
    put_number(q, KEY_TIER, service->tier);
    put_number(q, KEY_STEP, cell_step(cell) + 1);
    put_number(q, KEY_RATE, service->rate);
    put_score(inquiry, slot);
    if (cell_filter(cell) == FILTER_NONE)
        put_number(q, KEY_RANK, rank);
    else
        put_verdict(inquiry, slot,
                    eligible(q->core, inquiry->package, slot, cell_step(cell), FILTERS_SHOWN));
    put_outcome(inquiry, slot);
    wire_break(q->out);
}

/* ---- The whole ---- */

/* Judges the market's services: cells of the package's kind, counts of all. */
struct lineup {
    uint32_t *cells, count;
    uint32_t services, filter[FILTERS];
};

static struct lineup line_up(const struct inquiry *inquiry)
{
    const struct pm_core *core = inquiry->q->core;
    struct lineup lineup = {.cells = core->scratch};
    uint32_t service = market_at(core, inquiry->q->market)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_market) {
        struct judgement judgement = judge(inquiry, service, FILTERS_SHOWN);
        lineup.services++;
        lineup.filter[judgement.verdict.filter]++;
        if (judgement.verdict.filter != FILTER_KIND)
            lineup.cells[lineup.count++] = cell_of(service, &judgement);
    }
    sort(inquiry, lineup.cells, lineup.count);
    return lineup;
}

static void put_lineup(const struct inquiry *inquiry, const struct lineup *lineup)
{
    const struct query *q = inquiry->q;
    uint32_t rows = lineup->count < PM_ROWS_MAX ? lineup->count : PM_ROWS_MAX;
    wire_key(q->out, KEY_SERVICES);
    wire_array(q->out, rows);
    for (uint32_t i = 0; i < rows && !q->out->overflow; i++)
        put_row(inquiry, lineup->cells[i], i + 1);
    put_number(q, KEY_COUNT, lineup->services);
    wire_key(q->out, KEY_REMOVED);
    wire_open_array(q->out);
    for (unsigned filter = FILTER_NONE + 1; filter < FILTERS; filter++)
        if (lineup->filter[filter] != 0) {
            wire_map(q->out, 2);
            put_string(q, KEY_FILTER, filter_name(filter));
            put_number(q, KEY_COUNT, lineup->filter[filter]);
        }
    wire_break(q->out);
}

void query_explain(const struct query *q, uint32_t package)
{
    struct inquiry inquiry = inquire(q, package);
    char diagnosis[QUERY_DIAGNOSIS];
    query_diagnosis(q, package, diagnosis);
    wire_open_map(q->out);
    put_name(q, KEY_REFERENCE, &package_detail_at(q->core, package)->reference);
    put_string(q, KEY_STATE, pm_package_state_name(inquiry.p->state));
    put_kind(q, inquiry.p->kind);
    put_name(q, KEY_LOCALITY, &q->rules->locality[inquiry.p->locality].name);
    put_number(q, KEY_STEP, inquiry.last_step + 1);
    put_string(q, KEY_STEP_WHERE, pm_where_name(inquiry.kind->step[inquiry.last_step].where));
    put_number(q, KEY_PASS, inquiry.p->pass);
    put_string(q, KEY_DIAGNOSIS, diagnosis);
    query_matched(q, package);
    query_misses(q, package);
    struct lineup lineup = line_up(&inquiry);
    put_lineup(&inquiry, &lineup);
    wire_break(q->out);
}
