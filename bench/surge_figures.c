/*
 * surge_figures.c: one replay as JSON: how quick it was, and what it came to for people.
 */
#include <stdlib.h>
#include <string.h>

#include "surge.h"

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Median, nine in ten and longest, in minutes of the daemon's clock. */
static json_t *minutes(int64_t *times, size_t count)
{
    const double minute = 60000; /* ms */
    if (count == 0)
        return json_null();
    qsort(times, count, sizeof times[0], compare);
    int64_t middle = times[(count - 1) / 2], ninth = times[(count * 9 + 9) / 10 - 1];
    return json_pack("{s:f,s:f,s:f}", "median", (double)middle / minute, "p90",
                     (double)ninth / minute, "max", (double)times[count - 1] / minute);
}

/* From a package's post to its first offer, or its placement; of one kind. */
static json_t *times_of(const struct surge_run *run, enum workload_kind kind, bool placed)
{
    int64_t *times = calloc(run->plan->packages + 1, sizeof *times);
    size_t count = 0;
    for (size_t i = 0; times != NULL && i < run->plan->packages; i++) {
        const struct surge_package *package = &run->package[i];
        int64_t time = placed ? package->placed : package->asked;
        if (package->arrival->kind == kind && time != 0)
            times[count++] = time - package->arrived;
    }
    json_t *out = times != NULL ? minutes(times, count) : NULL;
    free(times);
    return out;
}

static json_t *all_times(const struct surge_run *run, bool placed)
{
    json_t *out = json_object();
    for (unsigned kind = 0; kind < WORKLOAD_KINDS; kind++)
        json_object_set_new(out, workload_kind_name((enum workload_kind)kind),
                            times_of(run, (enum workload_kind)kind, placed));
    return out;
}

/* How many packages there are, hour by hour, that had been posted by its end, or placed once. */
static json_t *by_hour(const struct surge_run *run, bool placed)
{
    enum { HOUR = 3600000 }; /* ms */
    const struct surge_options *options = run->plan->options;
    size_t hours = ((size_t)options->days + options->after) * 24;
    json_int_t *count = calloc(hours, sizeof *count), sum = 0;
    json_t *out = json_array();
    for (size_t i = 0; count != NULL && i < run->plan->packages; i++) {
        const struct surge_package *package = &run->package[i];
        int64_t time = placed ? package->placed : package->arrived;
        size_t hour = (size_t)(time > run->begin ? time - run->begin : 0) / HOUR;
        count[hour < hours ? hour : hours - 1] += time != 0;
    }
    for (size_t hour = 0; count != NULL && hour < hours; hour++)
        json_array_append_new(out, json_integer(sum += count[hour]));
    free(count);
    return out;
}

static json_t *reasons(const struct surge_run *run)
{
    json_t *out = json_object();
    for (size_t i = 0; i < run->reasons; i++)
        json_object_set_new(out, run->reason[i].text,
                            json_integer((json_int_t)run->reason[i].count));
    return out;
}

static json_t *statuses(const struct surge_run *run)
{
    json_t *out = json_object();
    for (unsigned status = 1; status < PM_STATUS_COUNT; status++)
        if (run->status[status] > 0)
            json_object_set_new(out, pm_status_name(status),
                                json_integer((json_int_t)run->status[status]));
    return out;
}

static json_t *faults(const struct surge_faults *faults)
{
    return json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "missing", (json_int_t)faults->missing,
        "doubled", (json_int_t)faults->doubled, "strange", (json_int_t)faults->strange, "differing",
        (json_int_t)faults->differing, "lost", (json_int_t)faults->lost, "overfull",
        (json_int_t)faults->overfull, "overheld", (json_int_t)faults->overheld, "miscounted",
        (json_int_t)faults->miscounted, "unlike", (json_int_t)faults->unlike, "refused",
        (json_int_t)faults->refused, "unfinished", (json_int_t)faults->unfinished);
}

static double us(const struct hist *hist, double share)
{
    return (double)hist_percentile(hist, share) / 1000;
}

static json_t *latency(const struct hist *hist)
{
    return json_pack("{s:I,s:f,s:f,s:f,s:f}", "count", (json_int_t)hist->count, "p50_us",
                     us(hist, 0.5), "p99_us", us(hist, 0.99), "p999_us", us(hist, 0.999), "max_us",
                     (double)hist->max / 1000);
}

static json_t *speed(const struct surge_run *run)
{
    struct link_counts counts = link_counts(run->link);
    const struct hist *all = &run->latency;
    return json_pack("{s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:o,s:o,s:I,s:I,s:I,s:f,s:f}", "commands",
                     (json_int_t)run->answered, "seconds", run->seconds, "commands_per_second",
                     run->seconds > 0 ? (double)run->answered / run->seconds : 0, "p50_us",
                     us(all, 0.5), "p99_us", us(all, 0.99), "p999_us", us(all, 0.999), "max_us",
                     (double)all->max / 1000, "posts", latency(&run->posts), "answers",
                     latency(&run->accepts), "repeated", (json_int_t)counts.repeated, "busy",
                     (json_int_t)counts.busy, "in_flight_most", (json_int_t)counts.in_flight_most,
                     "daemon_cpu_seconds", (double)run->cpu_ns / 1e9, "daemon_mib",
                     (double)run->memory / (1 << 20));
}

static uint64_t re_placed(const struct surge_run *run)
{
    uint64_t count = 0;
    for (size_t i = 0; i < run->plan->packages; i++)
        count += run->package[i].again > 0 && run->package[i].state == PM_PLACED;
    return count;
}

static uint64_t lost_their_provider(const struct surge_run *run)
{
    uint64_t count = 0;
    for (size_t i = 0; i < run->plan->packages; i++)
        count += run->package[i].again > 0;
    return count;
}

json_t *surge_figures(const struct surge_run *run)
{
    const uint64_t *states = run->states;
    uint64_t asking = states[PM_OPEN] + states[PM_OFFERED] + states[PM_CHOOSING];
    json_t *out = json_pack(
        "{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b}", "rounds_used",
        run->rounds, "packages", (json_int_t)run->plan->packages, "placed",
        (json_int_t)states[PM_PLACED], "waiting", (json_int_t)states[PM_WAITING], "asking",
        (json_int_t)asking, "rounds", (json_int_t)run->rounds_done, "providers_failed",
        (json_int_t)run->failed, "lost_their_provider", (json_int_t)lost_their_provider(run),
        "of_these_placed_again", (json_int_t)re_placed(run), "weekly_cost_pence",
        (json_int_t)run->cost, "waiting_because", reasons(run), "minutes_to_first_offer",
        all_times(run, false), "minutes_to_placement", all_times(run, true), "posted_by_hour",
        by_hour(run, false), "placed_by_hour", by_hour(run, true), "refusals", statuses(run),
        "faults", faults(&run->faults), "adds_up", surge_adds_up(run));
    json_t *figures = speed(run);
    if (out != NULL && figures != NULL)
        json_object_update(out, figures);
    json_decref(figures);
    return out;
}
