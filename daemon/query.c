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

void query_stats(const struct query_sources *sources, struct wire_writer *out)
{
    const struct stats *stats = sources->stats;
    struct pm_core_usage usage = pm_core_usage(sources->core);
    uint64_t batches = stats_read(&stats->batches);
    uint64_t commit_ns = stats_read(&stats->commit_ns);
    wire_open_map(out);
    pair(out, KEY_SEQUENCE, pm_core_sequence(sources->core));
    wire_key(out, KEY_TIME);
    wire_int(out, pm_core_time(sources->core));
    pair(out, KEY_UPTIME, (clock_steady_ns() - stats->started_ns) / 1000000000u);
    pair(out, KEY_CLOCK_AHEAD, stats_read(&stats->clock_ahead));
    pair(out, KEY_REQUESTS, stats_read(&stats->requests));
    pair(out, KEY_COMMANDS, stats_read(&stats->commands));
    pair(out, KEY_REFUSED, stats_read(&stats->refused));
    pair(out, KEY_BATCHES, batches);
    pair(out, KEY_COMMIT_US, batches ? commit_ns / batches / 1000 : 0);
    pair(out, KEY_RING, ring_depth(sources->ring) + stats_read(&stats->queued));
    pair(out, KEY_CONNECTIONS, connections_count(sources->connections));
    pair(out, KEY_WATCHERS, stats_read(&stats->watchers));
    pair(out, KEY_SNAPSHOT, stats_read(&stats->snapshot));
    pair(out, KEY_PACKAGES, usage.packages);
    pair(out, KEY_WAITING, usage.waiting);
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
