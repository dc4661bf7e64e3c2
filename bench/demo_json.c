/*
 * demo_json.c: the report as one JSON document. Times are in minutes, money in pence.
 */
#include "demo.h"

enum { MINUTE = 60 * 1000 };

static json_t *times_json(const struct demo_times *times)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "count", (json_int_t)times->count, "median",
                     (json_int_t)(times->median / MINUTE), "p90", (json_int_t)(times->p90 / MINUTE),
                     "max", (json_int_t)(times->most / MINUTE));
}

static json_t *urgency_json(const struct demo_kind *of)
{
    json_t *out = json_array();
    for (unsigned p = 0; p < PM_PRIORITIES; p++)
        json_array_append_new(out, json_integer((json_int_t)of->urgency[p]));
    return out;
}

static json_t *offers_json(const struct demo_kind *of)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "made", (json_int_t)of->offers, "accepted",
                     (json_int_t)of->accepted, "declined", (json_int_t)of->declined, "expired",
                     (json_int_t)of->silent, "open", (json_int_t)of->open, "answered_late",
                     (json_int_t)of->late);
}

static json_t *kind_json(const char *name, const struct demo_kind *of)
{
    return json_pack("{s:s, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:I}", "kind", name,
                     "packages", (json_int_t)of->packages, "by_priority", urgency_json(of),
                     "placed", (json_int_t)of->placed, "last_resort", (json_int_t)of->last_resort,
                     "asking", (json_int_t)of->asking, "waiting", (json_int_t)of->waiting,
                     "refused", (json_int_t)of->refused, "first_offer_minutes",
                     times_json(&of->first_offer), "placement_minutes", times_json(&of->placement),
                     "offers", offers_json(of), "weekly_cost", (json_int_t)of->cost);
}

static json_t *reasons_json(const struct demo_report *report)
{
    json_t *out = json_array();
    for (size_t i = 0; i < report->reasons; i++) {
        const struct demo_reason *reason = &report->reason[i];
        json_array_append_new(out, json_pack("{s:s, s:s, s:i, s:s, s:s}", "kind",
                                             workload_kind_name(reason->kind), "reason",
                                             reason->text, "count", (int)reason->count, "example",
                                             reason->example, "diagnosis", reason->diagnosis));
    }
    return out;
}

static json_t *kinds_json(const struct demo_report *report)
{
    json_t *out = json_array();
    for (unsigned kind = 0; kind < WORKLOAD_KINDS; kind++)
        json_array_append_new(out, kind_json(workload_kind_name(kind), &report->kind[kind]));
    return out;
}

static json_t *checks_json(const struct demo_report *report)
{
    return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I}", "adds_up", demo_report_adds_up(report),
                     "packages_listed_otherwise", (json_int_t)report->differing, "packages_missing",
                     (json_int_t)report->missing, "packages_unknown", (json_int_t)report->strange,
                     "bands", (json_int_t)report->bands, "bands_below_zero",
                     (json_int_t)report->overfull);
}

static json_t *throughput_json(const struct demo_run *run)
{
    double rate = run->seconds > 0 ? (double)run->link->commands / run->seconds : 0;
    return json_pack("{s:I, s:f, s:f}", "commands", (json_int_t)run->link->commands, "seconds",
                     run->seconds, "commands_per_second", rate);
}

json_t *demo_json(const struct demo_run *run, const struct demo_report *report, uint32_t discharges)
{
    char date[11], seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->options->seed);
    return json_pack("{s:s, s:s, s:I, s:f, s:I, s:s, s:I, s:o, s:o, s:o, s:o, s:s, s:o}", "date",
                     pm_date_text(run->options->date, date), "trust", run->options->trust,
                     "discharges", (json_int_t)discharges, "share_percent",
                     run->options->share / 10.0, "scale", (json_int_t)run->options->scale, "seed",
                     seed, "time", (json_int_t)run->time, "kinds", kinds_json(report), "all",
                     kind_json("all", &report->kind[DEMO_ALL]), "waiting", reasons_json(report),
                     "checks", checks_json(report), "digest", report->digest, "throughput",
                     throughput_json(run));
}
