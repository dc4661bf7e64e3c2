/*
 * surge_check.c: whether everything is accounted for: what clients were told, what the events said,
 * what the daemon lists and what it counts are held against each other, package by package.
 */
#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "surge.h"

static const char *text_of(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

static uint64_t number_of(const json_t *map, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(map, key));
}

static struct surge_package *find(struct surge_run *run, uint32_t market, const json_t *row)
{
    long index = surge_find(&run->plan->market[market], run->plan->options->days,
                            pm_text(text_of(row, "reference")));
    if (index >= 0 && run->package[index].known)
        return &run->package[index];
    run->faults.strange++;
    return NULL;
}

static void take_package(struct surge_run *run, uint32_t market, const json_t *row)
{
    struct surge_package *package = find(run, market, row);
    int state = pm_name_parse(pm_package_state_name, pm_text(text_of(row, "state")));
    if (package == NULL)
        return;
    if (state >= 0)
        run->states[state]++;
    run->faults.differing += state != package->state;
    run->faults.doubled += package->rows++ > 0;
}

static void take_placement(struct surge_run *run, uint32_t market, const json_t *row)
{
    struct surge_package *package = find(run, market, row);
    uint64_t id = number_of(row, "id");
    if (package == NULL)
        return;
    package->told_found |= package->told == id;
    if (strcmp(text_of(row, "state"), pm_placement_state_name(PM_PLACEMENT_ENDED)) == 0)
        return;
    run->cost += (int64_t)number_of(row, "cost");
    run->faults.differing += package->placement != id;
    run->faults.doubled += package->live++ > 0;
}

static void take_pool(struct surge_run *run, const json_t *row)
{
    size_t at;
    const json_t *band;
    json_array_foreach(json_object_get(row, "bands"), at, band)
    {
        json_int_t declared = json_integer_value(json_object_get(band, "declared"));
        json_int_t committed = json_integer_value(json_object_get(band, "committed"));
        if (json_object_get(band, "declared") == NULL)
            continue;
        run->faults.overfull += committed > declared;
        run->faults.overheld +=
            committed <= declared && number_of(band, "held") > (uint64_t)(declared - committed);
    }
}

bool surge_rows(struct surge_run *run, uint32_t market, enum pm_verb verb, const json_t *body)
{
    size_t at;
    const json_t *row;
    json_array_foreach(json_object_get(body, "rows"), at, row)
    {
        if (verb == PM_PACKAGE_LIST)
            take_package(run, market, row);
        else if (verb == PM_PLACEMENTS)
            take_placement(run, market, row);
        else
            take_pool(run, row);
    }
    uint64_t next = number_of(body, "next");
    return next == 0 || surge_list(run, market, verb, next);
}

/* Each package by itself, once all lists are read. */
static void check_packages(struct surge_run *run)
{
    for (size_t i = 0; i < run->plan->packages; i++) {
        const struct surge_package *package = &run->package[i];
        run->faults.missing += package->rows == 0;
        run->faults.lost += package->told != 0 && !package->told_found;
        run->faults.differing += (package->state == PM_PLACED) != (package->live > 0);
    }
}

/* The daemon's own count of states, over all markets, against what it lists. */
static bool check_report(struct surge_run *run)
{
    uint64_t counted[PM_PACKAGE_STATES] = {0};
    for (uint32_t m = 0; m < run->plan->markets; m++) {
        size_t at;
        const json_t *row;
        json_t *report = surge_ask(run, m, &(struct pm_command){.verb = PM_MARKET_REPORT});
        json_array_foreach(json_object_get(report, "packages"), at, row)
        {
            int state = pm_name_parse(pm_package_state_name, pm_text(text_of(row, "state")));
            if (state >= 0)
                counted[state] += number_of(row, "count");
        }
        json_decref(report);
        if (report == NULL)
            return false;
    }
    for (unsigned state = 0; state < PM_PACKAGE_STATES; state++)
        run->faults.miscounted += counted[state] != run->states[state];
    return true;
}

/* ---- Why they wait ---- */

static bool note_reason(struct surge_run *run, const char *text)
{
    size_t at = 0;
    while (at < run->reasons && strcmp(run->reason[at].text, text) != 0)
        at++;
    if (at == run->reasons) {
        struct surge_reason *reason = realloc(run->reason, (at + 1) * sizeof *reason);
        if (reason == NULL)
            return surge_say("out of memory.");
        run->reason = reason;
        run->reason[at] = (struct surge_reason){.count = 0};
        memcpy(run->reason[at].text, text, strlen(text) + 1);
        run->reasons++;
    }
    run->reason[at].count++;
    return true;
}

static int most_first(const void *a, const void *b)
{
    const struct surge_reason *x = a, *y = b;
    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return strcmp(x->text, y->text);
}

/* Of so many at most: an explanation looks at every service of the market. */
static bool ask_reasons(struct surge_run *run)
{
    enum { MOST = 10000 };
    unsigned asked = 0;
    for (size_t i = 0; i < run->plan->packages && asked < MOST; i++) {
        const struct surge_package *package = &run->package[i];
        char text[REASON_SIZE];
        if (!package->known || package->state != PM_WAITING)
            continue;
        struct pm_command query = {.verb = PM_EXPLAIN,
                                   .id = {.reference = package->arrival->package.reference}};
        json_t *body = surge_ask(run, package->market, &query);
        if (body == NULL)
            return false;
        reason_of(body, text, sizeof text);
        json_decref(body);
        if (!note_reason(run, text))
            return false;
        asked++;
    }
    if (run->reasons > 0)
        qsort(run->reason, run->reasons, sizeof *run->reason, most_first);
    return true;
}

/* ---- All ---- */

bool surge_check(struct surge_run *run)
{
    for (uint32_t m = 0; m < run->plan->markets; m++) {
        if (!surge_list(run, m, PM_PACKAGE_LIST, 0) || !surge_list(run, m, PM_PLACEMENTS, 0) ||
            !surge_list(run, m, PM_CAPACITY, 0) || !surge_let_catch_up(run))
            return false;
        surge_progress(run, "markets checked", m + 1, run->plan->markets);
    }
    if (!surge_settle(run))
        return false;
    check_packages(run);
    return check_report(run) && ask_reasons(run);
}

bool surge_adds_up(const struct surge_run *run)
{
    const struct surge_faults *faults = &run->faults;
    uint64_t states = 0;
    for (unsigned state = 0; state < PM_PACKAGE_STATES; state++)
        states += run->states[state];
    return states == run->plan->packages &&
           (faults->missing | faults->doubled | faults->strange | faults->differing | faults->lost |
            faults->overfull | faults->overheld | faults->miscounted | faults->unlike |
            faults->refused | faults->unfinished) == 0;
}
