/*
 * demo_print.c: the report, for people.
 */
#include <string.h>

#include "demo.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, SHORT = 32, LABEL = 22 };

char *demo_clock(int64_t time, char out[DEMO_CLOCK])
{
    /* 1970-01-01 was a Thursday. */
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    unsigned minutes = (unsigned)(time % DAY / MINUTE);
    snprintf(out, DEMO_CLOCK, "%s %02u:%02u", days[time / DAY % 7], minutes / 60 % 24,
             minutes % 60);
    return out;
}

/* Pence as "£12,345". */
static char *pounds(int64_t pence, char out[SHORT])
{
    int64_t whole = (pence + 50) / 100;
    if (whole >= 1000000)
        snprintf(out, SHORT, "£%lld,%03lld,%03lld", (long long)whole / 1000000,
                 (long long)whole / 1000 % 1000, (long long)whole % 1000);
    else if (whole >= 1000)
        snprintf(out, SHORT, "£%lld,%03lld", (long long)whole / 1000, (long long)whole % 1000);
    else
        snprintf(out, SHORT, "£%lld", (long long)whole);
    return out;
}

/* Milliseconds as hours and minutes; to the minute below. */
static char *hours(int64_t ms, char out[SHORT])
{
    snprintf(out, SHORT, "%lld:%02lld", (long long)(ms / HOUR), (long long)(ms % HOUR / MINUTE));
    return out;
}

static const char *label(unsigned kind)
{
    return kind == DEMO_ALL ? "all" : workload_kind_name(kind);
}

static void heading(FILE *out, const char *title, const char *const *columns)
{
    fprintf(out, "\n%-*s", LABEL, title);
    for (; *columns != NULL; columns++)
        fprintf(out, " %15s", *columns);
    fputc('\n', out);
}

static void begin_row(FILE *out, unsigned kind)
{
    fprintf(out, "  %-*s", LABEL - 2, label(kind));
}

static void put_count(FILE *out, uint64_t count)
{
    fprintf(out, " %15llu", (unsigned long long)count);
}

/* ---- Its tables ---- */

static void print_urgency(FILE *out, const struct demo_report *report)
{
    const char *columns[PM_PRIORITIES + 2] = {NULL};
    for (unsigned p = 0; p < PM_PRIORITIES; p++)
        columns[p] = workload_urgency(p);
    columns[PM_PRIORITIES] = "all";
    heading(out, "Packages, care to start", columns);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        begin_row(out, kind);
        for (unsigned p = 0; p < PM_PRIORITIES; p++)
            put_count(out, report->kind[kind].urgency[p]);
        put_count(out, report->kind[kind].packages);
        fputc('\n', out);
    }
}

static void print_outcome(FILE *out, const struct demo_report *report)
{
    static const char *const columns[] = {"placed",  "by last resort", "still asking",
                                          "waiting", "refused",        NULL};
    heading(out, "What became of them", columns);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        const struct demo_kind *of = &report->kind[kind];
        begin_row(out, kind);
        put_count(out, of->placed);
        put_count(out, of->last_resort);
        put_count(out, of->asking);
        put_count(out, of->waiting);
        put_count(out, of->refused);
        fputc('\n', out);
    }
}

static void put_times(FILE *out, const struct demo_times *times)
{
    char text[SHORT];
    const int64_t cells[] = {times->median, times->p90, times->most};
    for (unsigned i = 0; i < 3; i++)
        fprintf(out, " %15s", times->count != 0 ? hours(cells[i], text) : "-");
}

static void print_times(FILE *out, const struct demo_report *report)
{
    static const char *const first[] = {"median", "nine in ten", "longest", NULL};
    heading(out, "Hours to first offer", first);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        begin_row(out, kind);
        put_times(out, &report->kind[kind].first_offer);
        fputc('\n', out);
    }
    heading(out, "Hours to placement", first);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        begin_row(out, kind);
        put_times(out, &report->kind[kind].placement);
        fputc('\n', out);
    }
}

static void print_offers(FILE *out, const struct demo_report *report)
{
    static const char *const columns[] = {"made",        "accepted", "declined",
                                          "not in time", "open",     NULL};
    heading(out, "Offers", columns);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        const struct demo_kind *of = &report->kind[kind];
        begin_row(out, kind);
        put_count(out, of->offers);
        put_count(out, of->accepted);
        put_count(out, of->declined);
        put_count(out, of->silent);
        put_count(out, of->open);
        fputc('\n', out);
    }
    fprintf(out, "  Of those not in time, %llu were answered after all, and refused.\n",
            (unsigned long long)report->kind[DEMO_ALL].late);
}

static void print_cost(FILE *out, const struct demo_report *report)
{
    static const char *const columns[] = {"placed", "care a week", "cost a week", "each", NULL};
    heading(out, "Weekly cost", columns);
    for (unsigned kind = 0; kind <= DEMO_ALL; kind++) {
        const struct demo_kind *of = &report->kind[kind];
        char care[SHORT] = "", cost[SHORT], each[SHORT] = "-";
        if (kind == WORKLOAD_RESIDENTIAL)
            snprintf(care, sizeof care, "%lld places", (long long)of->units);
        else if (kind != DEMO_ALL)
            snprintf(care, sizeof care, "%lld hours", (long long)of->units / 60);
        if (of->placed != 0)
            pounds(of->cost / (int64_t)of->placed, each);
        begin_row(out, kind);
        put_count(out, of->placed);
        /* The pound sign is two bytes and one column. */
        fprintf(out, " %15s %16s %*s\n", care, pounds(of->cost, cost), each[0] == '-' ? 15 : 16,
                each);
    }
}

static void print_routes(FILE *out, const struct demo_report *report)
{
    fprintf(out, "\nHow they were placed\n ");
    for (unsigned route = 1; route < PM_ROUTES; route++)
        if (report->route[route] != 0)
            fprintf(out, " %s %llu", pm_route_name(route),
                    (unsigned long long)report->route[route]);
    fputc('\n', out);
}

static void print_reasons(FILE *out, const struct demo_report *report)
{
    fprintf(out, "\nWaiting, and why\n");
    if (report->reasons == 0)
        fprintf(out, "  Nobody waits.\n");
    for (size_t i = 0; i < report->reasons; i++) {
        const struct demo_reason *reason = &report->reason[i];
        fprintf(out, "  %3u %s: %s\n      %s: %s\n", reason->count,
                workload_kind_name(reason->kind), reason->text, reason->example, reason->diagnosis);
    }
}

static void print_checks(FILE *out, const struct demo_run *run, const struct demo_report *report)
{
    const struct demo_kind *all = &report->kind[DEMO_ALL];
    fprintf(out, "\nChecked against what was posted and what the daemon's events told\n");
    fprintf(out,
            "  Packages: %zu posted, %llu refused; listed otherwise %llu, missing %llu, "
            "unknown %llu.\n",
            run->packages, (unsigned long long)all->refused, (unsigned long long)report->differing,
            (unsigned long long)report->missing, (unsigned long long)report->strange);
    fprintf(out, "  Capacity: %llu bands declared, %llu below zero.\n",
            (unsigned long long)report->bands, (unsigned long long)report->overfull);
    fprintf(out, "  %s\n",
            demo_report_adds_up(report) ? "Everything adds up." : "IT DOES NOT ADD UP.");
    fprintf(out, "\nDigest      %s\n", report->digest);
}

void demo_print(FILE *out, const struct demo_run *run, const struct demo_report *report)
{
    char clock[DEMO_CLOCK];
    fprintf(out, "\nAs of %s\n", demo_clock(run->time, clock));
    print_urgency(out, report);
    print_outcome(out, report);
    print_routes(out, report);
    print_times(out, report);
    print_offers(out, report);
    print_cost(out, report);
    print_reasons(out, report);
    print_checks(out, run, report);
    fprintf(out,
            "Throughput  %llu commands and queries in %.2f s: %.0f a second, one at a time, each "
            "durable when answered\n",
            (unsigned long long)run->link->commands, run->seconds,
            run->seconds > 0 ? (double)run->link->commands / run->seconds : 0);
}
