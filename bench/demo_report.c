/*
 * demo_report.c: the replay in figures, and whether what the daemon lists is what it told.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"

/* ---- Times ---- */

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct demo_times summary(int64_t *times, size_t count)
{
    struct demo_times out = {.count = count};
    if (count == 0)
        return out;
    qsort(times, count, sizeof times[0], compare);
    out.median = times[(count - 1) / 2];
    out.p90 = times[(count * 9 + 9) / 10 - 1];
    out.most = times[count - 1];
    return out;
}

static bool is_of(const struct demo_package *package, unsigned kind)
{
    return package->known && (kind == DEMO_ALL || package->arrival->kind == kind);
}

/* Of one kind, or of all, in room for all packages' times. */
static void sum_up_times(const struct demo_run *run, unsigned kind, int64_t *times,
                         struct demo_kind *out)
{
    size_t count = 0;
    for (size_t i = 0; i < run->packages; i++)
        if (is_of(&run->package[i], kind) && run->package[i].asked != 0)
            times[count++] = run->package[i].asked - run->package[i].arrival->time;
    out->first_offer = summary(times, count);
    count = 0;
    for (size_t i = 0; i < run->packages; i++)
        if (is_of(&run->package[i], kind) && run->package[i].placed != 0)
            times[count++] = run->package[i].placed - run->package[i].arrival->time;
    out->placement = summary(times, count);
}

/* ---- Counts ---- */

static void count_package(const struct demo_package *package, struct demo_kind *out)
{
    out->packages++;
    out->urgency[package->arrival->package.priority]++;
    out->refused += !package->known;
    if (!package->known)
        return;
    out->placed += package->state == PM_PLACED;
    out->asking += package->state == PM_OFFERED || package->state == PM_CHOOSING;
    out->waiting += package->state == PM_WAITING;
    out->last_resort += package->last_resort;
}

static void count_offer(const struct demo_offer *offer, struct demo_kind *out)
{
    out->offers++;
    out->accepted += offer->state == PM_OFFER_ACCEPTED || offer->state == PM_OFFER_WON;
    out->declined += offer->state == PM_OFFER_DECLINED;
    out->silent += offer->state == PM_OFFER_IS_EXPIRED;
    out->open += offer->state == PM_OFFER_OPEN;
    out->others += offer->state == PM_OFFER_TENDERED || offer->state == PM_OFFER_LOST ||
                   offer->state == PM_OFFER_IS_WITHDRAWN || offer->state == PM_OFFER_IS_STALE;
    out->late += offer->late;
}

static bool count_all(const struct demo_run *run, struct demo_report *out)
{
    int64_t *times = calloc(run->packages + 1, sizeof *times);
    if (times == NULL)
        return demo_say("out of memory.");
    for (size_t i = 0; i < run->packages; i++) {
        count_package(&run->package[i], &out->kind[run->package[i].arrival->kind]);
        count_package(&run->package[i], &out->kind[DEMO_ALL]);
    }
    for (size_t i = 0; i < run->offers; i++) {
        const struct demo_package *package = &run->package[run->offer[i].package];
        count_offer(&run->offer[i], &out->kind[package->arrival->kind]);
        count_offer(&run->offer[i], &out->kind[DEMO_ALL]);
    }
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++)
        sum_up_times(run, kind, times, &out->kind[kind]);
    free(times);
    return true;
}

/* ---- What the daemon says ---- */

static bool ask_cost(struct demo_run *run, struct demo_report *out)
{
    struct pm_command query = {.verb = PM_MARKET_REPORT};
    json_t *body = demo_ask(run->link, demo_broker, &query);
    size_t at;
    const json_t *row;
    json_array_foreach(json_object_get(body, "kinds"), at, row)
    {
        for (unsigned kind = 0; kind < WORKLOAD_KINDS; kind++)
            if (strcmp(demo_text(row, "kind"), workload_kind_name(kind)) == 0) {
                out->kind[kind].units = demo_number(row, "units");
                out->kind[kind].cost = demo_number(row, "cost");
                out->kind[DEMO_ALL].cost += out->kind[kind].cost;
            }
    }
    json_decref(body);
    return body != NULL;
}

static bool ask_digest(struct demo_run *run, struct demo_report *out)
{
    struct pm_command query = {.verb = PM_DIGEST};
    json_t *body = demo_ask(run->link, demo_operator, &query);
    if (body == NULL)
        return false;
    snprintf(out->digest, sizeof out->digest, "%s", demo_text(body, "digest"));
    json_decref(body);
    return true;
}

/* Compares the daemon's list, package by package, with what was posted and what its events told. */
static bool check_packages(struct demo_run *run, struct demo_report *out)
{
    json_t *rows = demo_rows(run->link, PM_PACKAGE_LIST);
    size_t at, listed = 0, known = 0;
    const json_t *row;
    if (rows == NULL)
        return false;
    json_array_foreach(rows, at, row)
    {
        long index = workload_find(run->workload, pm_text(demo_text(row, "reference")));
        const struct demo_package *package = index >= 0 ? &run->package[index] : NULL;
        if (package == NULL || !package->known) {
            out->strange++;
            continue;
        }
        listed++;
        out->differing +=
            strcmp(demo_text(row, "state"), pm_package_state_name(package->state)) != 0;
    }
    json_decref(rows);
    for (size_t i = 0; i < run->packages; i++)
        known += run->package[i].known;
    out->missing = known > listed ? known - listed : 0;
    return true;
}

/* Events do not say by which route an offer was made; the list of offers does. */
static bool ask_routes(struct demo_run *run, struct demo_report *out)
{
    json_t *rows = demo_rows(run->link, PM_OFFERS);
    size_t at;
    const json_t *row;
    if (rows == NULL)
        return false;
    json_array_foreach(rows, at, row)
    {
        int route = pm_name_parse(pm_route_name, pm_text(demo_text(row, "route")));
        bool agreed = strcmp(demo_text(row, "state"), "accepted") == 0 ||
                      strcmp(demo_text(row, "state"), "won") == 0;
        if (agreed && route > 0)
            out->route[route]++;
    }
    json_decref(rows);
    return true;
}

static bool check_capacity(struct demo_run *run, struct demo_report *out)
{
    json_t *rows = demo_rows(run->link, PM_CAPACITY);
    size_t at, b;
    const json_t *row, *band;
    if (rows == NULL)
        return false;
    json_array_foreach(rows, at, row)
    {
        json_array_foreach(json_object_get(row, "bands"), b, band)
        {
            out->bands += json_object_get(band, "free") != NULL;
            out->overfull += demo_number(band, "free") < 0;
        }
    }
    json_decref(rows);
    return true;
}

bool demo_report_make(struct demo_run *run, struct demo_report *out)
{
    *out = (struct demo_report){.reasons = 0};
    return count_all(run, out) && ask_cost(run, out) && check_packages(run, out) &&
           ask_routes(run, out) && check_capacity(run, out) && demo_reasons(run, out) &&
           ask_digest(run, out);
}

void demo_report_close(struct demo_report *report)
{
    for (size_t i = 0; i < report->reasons; i++)
        free(report->reason[i].diagnosis);
    free(report->reason);
}

bool demo_report_adds_up(const struct demo_report *report)
{
    const struct demo_kind *all = &report->kind[DEMO_ALL];
    return report->differing == 0 && report->missing == 0 && report->strange == 0 &&
           report->overfull == 0 &&
           all->placed + all->asking + all->waiting + all->refused == all->packages &&
           all->accepted + all->declined + all->silent + all->open + all->others == all->offers &&
           all->accepted + all->last_resort == all->placed;
}
