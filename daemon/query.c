/*
 * query.c: see query.h.
 */
#include "query.h"

#include "daemon/clock.h"

static void pair(struct wire_writer *out, enum wire_key key, uint64_t value)
{
    wire_key(out, key);
    wire_uint(out, value);
}

static void times(struct wire_writer *out, enum wire_key key, const struct histogram *histogram)
{
    wire_key(out, key);
    wire_array(out, HISTOGRAM_PLACES);
    for (unsigned i = 0; i < HISTOGRAM_PLACES; i++)
        wire_uint(out, stats_read(&histogram->place[i]));
}

static void waited(struct wire_writer *out, const struct pm_core_waited *waited)
{
    wire_key(out, KEY_WAITING_AGES);
    wire_array(out, PM_WAITED_AGES);
    for (unsigned i = 0; i < PM_WAITED_AGES; i++)
        wire_uint(out, waited->packages[i]);
}

static void flow(struct wire_writer *out, const struct metrics_sources *sources)
{
    const struct stats *stats = sources->stats;
    uint64_t batches = stats_read(&stats->batches);
    pair(out, KEY_UPTIME, (clock_steady_ns() - stats->started_ns) / 1000000000u);
    pair(out, KEY_CLOCK_AHEAD, stats_read(&stats->clock_ahead));
    pair(out, KEY_REQUESTS, stats_read(&stats->requests));
    pair(out, KEY_COMMANDS, stats_read(&stats->commands));
    pair(out, KEY_REFUSED, stats_sum(stats->requests_refused));
    pair(out, KEY_BATCHES, batches);
    pair(out, KEY_COMMIT_US, batches ? stats_read(&stats->commits.sum_ns) / batches / 1000 : 0);
    times(out, KEY_COMMIT_TIMES, &stats->commits);
    times(out, KEY_REPLY_TIMES, &stats->replies);
    pair(out, KEY_RING, ring_depth(sources->ring) + stats_read(&stats->queued));
    pair(out, KEY_CONNECTIONS, connections_count(sources->connections));
    pair(out, KEY_WATCHERS, stats_read(&stats->watchers));
    pair(out, KEY_SNAPSHOT, stats_read(&stats->snapshot));
}

void query_stats(const struct pm_core *core, const struct metrics_sources *sources, int64_t time,
                 struct wire_writer *out)
{
    struct pm_core_usage usage = pm_core_usage(core);
    struct pm_core_waited ages = pm_core_waited(core, time);
    wire_open_map(out);
    pair(out, KEY_SEQUENCE, pm_core_sequence(core));
    wire_key(out, KEY_TIME);
    wire_int(out, pm_core_time(core));
    flow(out, sources);
    pair(out, KEY_PACKAGES, usage.packages);
    pair(out, KEY_WAITING, usage.waiting);
    waited(out, &ages);
    pair(out, KEY_OFFERS, usage.offers);
    pair(out, KEY_PLACEMENTS, usage.placements);
    pair(out, KEY_SERVICES, usage.services);
    pair(out, KEY_MEMORY, usage.bytes);
    wire_break(out);
}

void query_digest(const struct pm_core *core, struct wire_writer *out)
{
    uint8_t digest[PM_DIGEST_SIZE];
    pm_core_digest(core, digest);
    wire_map(out, 2);
    pair(out, KEY_SEQUENCE, pm_core_sequence(core));
    wire_key(out, KEY_DIGEST);
    wire_bytes(out, digest, sizeof digest);
}
