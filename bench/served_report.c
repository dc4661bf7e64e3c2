/* served_report.c: the figures of `placemat-bench served`. */
#include "served.h"

#include <string.h>

#include "bench.h"

static void put(json_t *to, const char *name, double value)
{
    json_object_set_new(to, name, json_real(value));
}

static void put_count(json_t *to, const char *name, uint64_t value)
{
    json_object_set_new(to, name, json_integer((json_int_t)value));
}

static double per(uint64_t amount, uint64_t of)
{
    return of > 0 ? (double)amount / (double)of : 0;
}

static void put_rates(json_t *to, struct served_run *run)
{
    struct served_side *served = &run->served, *echo = &run->echo;
    size_t rounds = run->options->rounds;
    put(to, "commands_per_second",
        bench_median(served->rate, rounds) * (double)run->options->batch);
    put(to, "messages_per_second", bench_median(served->rate, rounds));
    put(to, "echo_messages_per_second", bench_median(echo->rate, rounds));
    put(to, "ratio_to_echo", bench_median(run->ratio, rounds));
    put(to, "ratio_least", run->ratio[0]); /* sorted by the median */
    put(to, "ratio_most", run->ratio[rounds - 1]);
    put(to, "p50_us", (double)hist_percentile(&served->latency, 0.5) / 1e3);
    put(to, "p99_us", (double)hist_percentile(&served->latency, 0.99) / 1e3);
    put(to, "echo_p50_us", (double)hist_percentile(&echo->latency, 0.5) / 1e3);
    put(to, "echo_p99_us", (double)hist_percentile(&echo->latency, 0.99) / 1e3);
}

/* Round by round, for a soak. */
static void put_rounds(json_t *to, const struct served_run *run)
{
    enum { MIB = 1 << 20 };
    json_t *p99 = json_array(), *memory = json_array();
    for (uint64_t round = 0; round < run->options->rounds; round++) {
        json_array_append_new(p99, json_real((double)run->served.p99_ns[round] / 1e3));
        json_array_append_new(memory,
                              json_integer((json_int_t)(run->served.resident[round] / MIB)));
    }
    json_object_set_new(to, "round_p99_us", p99);
    json_object_set_new(to, "round_resident_mib", memory);
}

static void put_half(json_t *to, const struct served_run *run)
{
    const struct served_side *served = &run->served, *echo = &run->echo;
    put(to, "half_messages_per_second", served->paced_rate);
    put(to, "half_p50_us", (double)hist_percentile(&served->paced, 0.5) / 1e3);
    put(to, "half_p99_us", (double)hist_percentile(&served->paced, 0.99) / 1e3);
    put(to, "half_p999_us", (double)hist_percentile(&served->paced, 0.999) / 1e3);
    put(to, "half_max_us", (double)served->paced.max / 1e3);
    put(to, "half_echo_p50_us", (double)hist_percentile(&echo->paced, 0.5) / 1e3);
    put(to, "half_echo_p99_us", (double)hist_percentile(&echo->paced, 0.99) / 1e3);
    put(to, "half_echo_p999_us", (double)hist_percentile(&echo->paced, 0.999) / 1e3);
    put_count(to, "half_commit_p99_us", run->commit_p99_us);
}

/* How many processors other processes took: more than a little, and the figures mean little. */
static double others(const struct served_side *side)
{
    double ours = (double)side->server_ns + (double)side->client_ns;
    double used = ((double)side->machine_ns - ours) / 1e9 / side->seconds;
    return used > 0 ? used : 0;
}

static void put_costs(json_t *to, const struct served_run *run)
{
    const struct served_side *served = &run->served, *echo = &run->echo;
    put(to, "server_cpu_us_per_message", per(served->server_ns, served->messages) / 1e3);
    put(to, "client_cpu_us_per_message", per(served->client_ns, served->messages) / 1e3);
    put(to, "echo_cpu_us_per_message", per(echo->server_ns, echo->messages) / 1e3);
    put(to, "echo_client_cpu_us_per_message", per(echo->client_ns, echo->messages) / 1e3);
    put(to, "processors_others_used", others(served));
    put(to, "echo_processors_others_used", others(echo));
    put(to, "entries_per_commit", per(run->entries, run->batches));
    put(to, "commits_per_second", (double)run->batches / served->seconds);
    put_count(to, "commit_us", run->commit_us);
}

static void put_counts(json_t *to, const struct served_run *run)
{
    const struct served_options *options = run->options;
    bool keeps = strcmp(options->journal, "sqlite") == 0;
    json_object_set_new(to, "durable", json_boolean(keeps && run->directory.on_disk));
    json_object_set_new(to, "survived_kill", json_boolean(keeps && run->total.refused == 0));
    put_count(to, "commands", run->total.commands);
    put_count(to, "refused", run->total.refused);
    put_count(to, "busy", run->total.busy);
    put_count(to, "package_post", run->verbs.post);
    put_count(to, "package_withdraw", run->verbs.withdraw);
    put_count(to, "package_amend", run->verbs.amend);
    put_count(to, "capacity_set", run->verbs.capacity);
    put_count(to, "live_packages", run->live);
    json_object_set_new(to, "mix", json_string(SCRIPT_MIX));
    json_object_set_new(to, "transport", json_string(served_transport[options->transport]));
    json_object_set_new(to, "journal", json_string(options->journal));
    put_count(to, "batch", options->batch);
    put_count(to, "clients", options->clients);
    put_count(to, "in_flight", options->in_flight);
    put_count(to, "rounds", options->rounds);
}

int served_report(struct served_run *run)
{
    json_t *result = json_object();
    if (result != NULL) {
        put_rates(result, run);
        put_rounds(result, run);
        if (run->options->half)
            put_half(result, run);
        put_costs(result, run);
        put_counts(result, run);
    }
    return bench_report(result, run->options->json);
}
