/*
 * metrics.c: see metrics.h.
 */
#include "metrics.h"

#include "daemon/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- The format ---- */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP placemat_%s %s\n# TYPE placemat_%s %s\n", name, help, name, type);
}

static void gauge(FILE *out, const char *name, uint64_t value, const char *help)
{
    head(out, name, "gauge", help);
    fprintf(out, "placemat_%s %" PRIu64 "\n", name, value);
}

static void counter(FILE *out, const char *name, uint64_t value, const char *help)
{
    head(out, name, "counter", help);
    fprintf(out, "placemat_%s %" PRIu64 "\n", name, value);
}

/* Seconds, of a number of nanoseconds. */
#define SECONDS "%" PRIu64 ".%09" PRIu64
#define SECONDS_OF(ns) (ns) / 1000000000u, (ns) % 1000000000u

static void histogram(FILE *out, const char *name, const struct histogram *histogram,
                      const char *help)
{
    uint64_t count = 0, sum = stats_read(&histogram->sum_ns);
    head(out, name, "histogram", help);
    for (unsigned i = 0; i < HISTOGRAM_PLACES - 1; i++) {
        count += stats_read(&histogram->place[i]);
        uint64_t ns = histogram_below_us(i) * 1000;
        fprintf(out, "placemat_%s_bucket{le=\"" SECONDS "\"} %" PRIu64 "\n", name, SECONDS_OF(ns),
                count);
    }
    count += stats_read(&histogram->place[HISTOGRAM_PLACES - 1]);
    fprintf(out,
            "placemat_%s_bucket{le=\"+Inf\"} %" PRIu64 "\nplacemat_%s_sum " SECONDS
            "\nplacemat_%s_count %" PRIu64 "\n",
            name, count, name, SECONDS_OF(sum), name, count);
}

static void by_status(FILE *out, const char *name, const atomic_uint_fast64_t *refused,
                      const char *help)
{
    head(out, name, "counter", help);
    for (unsigned status = 0; status < PM_STATUS_COUNT; status++) {
        uint64_t count = stats_read(&refused[status]);
        if (count > 0)
            fprintf(out, "placemat_%s{status=\"%s\"} %" PRIu64 "\n", name, pm_status_name(status),
                    count);
    }
}

/* ---- What there is ---- */

static void put_flow(FILE *out, const struct metrics_sources *from)
{
    const struct stats *stats = from->stats;
    counter(out, "requests_total", stats_read(&stats->requests),
            "Requests taken in. None for minutes by day: nobody can reach the daemon; look at the "
            "network and the listeners.");
    counter(out, "commands_total", stats_read(&stats->commands),
            "Commands journalled. Its rate is how busy the day is.");
    by_status(out, "requests_refused_total", stats->requests_refused,
              "Whole requests refused, by status; the log says whose. Busy: more is asked than is "
              "done, see placemat_reply_seconds. Unauthenticated: a token has expired, or somebody "
              "tries. Malformed: a client's program is wrong.");
    by_status(out, "commands_refused_total", stats->commands_refused,
              "Commands refused by the rules, by status; the log says whose. A few are normal; "
              "many of one kind mean that a system or a team does something wrong. full: raise "
              "the limits.");
    gauge(out, "requests_waiting", ring_depth(from->ring) + stats_read(&stats->queued),
          "Requests that wait for the matcher. Near --queue for long: clients are told busy; find "
          "who sends so much by the log.");
    histogram(out, "reply_seconds", &stats->replies,
              "From a request's coming to its reply's leaving. When it grows, compare "
              "placemat_commit_seconds: the same growth is the disk's.");
}

static void put_journal(FILE *out, const struct metrics_sources *from)
{
    const struct stats *stats = from->stats;
    counter(out, "batches_total", stats_read(&stats->batches),
            "Commits to the journal. Commands a batch is placemat_commands_total over this.");
    histogram(out, "commit_seconds", &stats->commits,
              "How long each commit took, until it was durable. Above 0.1 for long: the disk is "
              "slow or failing; move the data directory to a better one.");
    gauge(out, "committed_sequence", stats_read(&stats->committed),
          "The last durable entry. Stands still while requests come: the journal is stuck.");
    gauge(out, "snapshot_sequence", stats_read(&stats->snapshot),
          "The entry of the newest snapshot. Far behind placemat_committed_sequence (more than two "
          "times --snapshot-every): snapshots fail, a restart will take long; see the log.");
}

static void put_people(FILE *out, const struct metrics_sources *from)
{
    gauge(
        out, "connections", connections_count(from->connections),
        "Open connections. 32,768 are possible; near the limit of open files new ones fail: raise "
        "LimitNOFILE.");
    gauge(out, "watchers", stats_read(&from->stats->watchers),
          "Requests that wait for events. 65,536 are possible.");
    gauge(out, "clock_ahead_seconds", stats_read(&from->stats->clock_ahead),
          "By how much the system's clock has jumped and is not believed. Not 0: deadlines wait; "
          "set the clock right, or say placemat clock accept.");
}

/* Pages of memory in use; 0: not known. */
static uint64_t resident(void)
{
    uint64_t all, pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%" SCNu64 " %" SCNu64, &all, &pages) != 2)
        pages = 0;
    if (file)
        fclose(file);
    return pages;
}

static void put_process(FILE *out, const struct metrics_sources *from)
{
    gauge(out, "uptime_seconds", (clock_steady_ns() - from->stats->started_ns) / 1000000000u,
          "Since the start. Small again and again: the daemon ends and is started; see the log.");
    gauge(out, "resident_bytes", resident() * (uint64_t)sysconf(_SC_PAGESIZE),
          "Memory in use. Grows as tables fill, up to memory of placemat stats, and with large "
          "requests; if it goes on beyond that, please report it.");
}

static void put_waiting(FILE *out, const struct pm_core_waited *waited)
{
    uint32_t from = 0;
    head(out, "waiting", "gauge",
         "Packages that wait for a service, by hours since they were posted. People in beds: old "
         "ones need a broker; see placemat package list --state waiting and placemat explain.");
    for (unsigned age = 0; age < PM_WAITED_AGES - 1; age++) {
        fprintf(out, "placemat_waiting{hours=\"%u-%u\"} %" PRIu32 "\n", (unsigned)from,
                (unsigned)pm_core_waited_hours[age], waited->packages[age]);
        from = pm_core_waited_hours[age];
    }
    fprintf(out, "placemat_waiting{hours=\"%u-\"} %" PRIu32 "\n", (unsigned)from,
            waited->packages[PM_WAITED_AGES - 1]);
    gauge(out, "waiting_longest_seconds", (uint64_t)waited->longest / 1000,
          "How long the one has waited who waits longest.");
}

/* The tables that fill as the framework grows, and what there is room for. */
static void put_records(FILE *out, const struct pm_core_usage *usage,
                        const struct pm_limits *limits)
{
    const struct {
        const char *table;
        uint32_t used, limit;
    } rows[] = {{"packages", usage->packages, limits->packages},
                {"offers", usage->offers, limits->offers},
                {"placements", usage->placements, limits->placements},
                {"services", usage->services, limits->services}};
    enum { ROWS = sizeof rows / sizeof *rows };
    head(out, "records", "gauge",
         "Records in use, ended ones until they lapse included. At nine tenths of "
         "placemat_records_limit: plan a larger directory, see --limit-... in placematd(8).");
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(out, "placemat_records{table=\"%s\"} %" PRIu32 "\n", rows[i].table, rows[i].used);
    head(out, "records_limit", "gauge", "Records there is room for; then commands are refused.");
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(out, "placemat_records_limit{table=\"%s\"} %" PRIu32 "\n", rows[i].table,
                rows[i].limit);
}

char *metrics_text(const struct metrics_sources *sources, const struct figures *figures,
                   size_t *size)
{
    char *text = NULL, ail[256];
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    metrics_ail(sources, figures, ail);
    gauge(out, "up", ail[0] == '\0', "1 when the daemon is well, as /health says. 0: see /health.");
    put_flow(out, sources);
    put_journal(out, sources);
    put_people(out, sources);
    put_process(out, sources);
    if (figures) {
        put_waiting(out, &figures->waited);
        put_records(out, &figures->usage, sources->limits);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

/* ---- Health ---- */

void metrics_ail(const struct metrics_sources *sources, const struct figures *figures,
                 char out[256])
{
    uint64_t since = stats_read(&sources->stats->committing_ns);
    uint64_t now = clock_steady_ns();
    out[0] = '\0';
    if (since != 0 && now > since && now - since > METRICS_STUCK_S * UINT64_C(1000000000))
        snprintf(out, 256, "the journal has been at one commit for %" PRIu64 " s: see the disk",
                 (now - since) / 1000000000u);
    else if (!figures)
        snprintf(out, 256, "the matcher does not answer");
}
