/*
 * surge.c: placemat-bench surge: real discharge days, once with rounds and once matched one at a
 * time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

static const char help[] =
    "usage: placemat-bench surge --data CSV --date D [OPTION]...\n\n"
    "Posts the packages of real discharge days to a daemon of its own: a market for each "
    "trust,\n"
    "providers who answer, a round every two hours, pools stated every morning, and the "
    "busiest\n"
    "provider of the largest trust failing at six in the evening. Then the same days matched "
    "one\n"
    "at a time, without rounds. Open loop: latency counts from when a command was to be sent "
    "(an\n"
    "answer not before its provider has heard of the offer), queueing in the client "
    "included.\n\n"
    "  --data CSV       discharges by trust and day (bench/data/README.md)\n"
    "  --date D         the first day, as 2024-12-24\n"
    "  --days N         so many days (1)\n"
    "  --after N        and so many more for what is still open (1)\n"
    "  --trust T        one trust's code; all of the file unless given\n"
    "  --scale K        so many copies of each trust's market (1)\n"
    "  --times N        so many times the people, and the capacity of the same providers, in "
    "each (1)\n"
    "  --seconds S      for the days of --days, on the machine's clock (10 a day)\n"
    "  --speed X        or: X times as fast as time\n"
    "  --market FILE    rules and supply (bench/thurrock/market.yaml)\n"
    "  --rounds-only    not the second time\n"
    "  --without-rounds only the second time\n"
    "  --seed N         what is drawn (1)\n"
    "  --dir DIR        where the daemon's directory is made (TMPDIR, or /var/tmp)\n"
    "  --keep           keep it: its rounds/*.cbor are certificates (round --problems)\n"
    "  --journal B      the daemon's: sqlite, memory or null (sqlite)\n"
    "  --json           one object on the last line\n\n"
    "commands, commands_per_second, p50_us, p99_us, p999_us, max_us: of the days, without "
    "what\n"
    "keeps the clock and watches. placed, waiting, asking: packages at the end. minutes_*: of "
    "the\n"
    "daemon's clock. weekly_cost_pence: of all that is placed. repeated: commands sent again\n"
    "under the same number although answered. The exit status is 1 unless every package is in\n"
    "one state, no placement is lost or doubled, and all that was told agrees (faults).\n";

struct surge {
    struct surge_options options;
    bool json, rounds_only, without_rounds;
};

enum { DAY_S = 86400, DEFAULT_DAY_S = 10 };

/* What has been read, in the types that reading has. */
struct given {
    const char *date;
    uint64_t days, after, scale, times;
    double seconds, speed; /* 0: not given */
};

static bool complete(struct surge_options *out, const struct given *given)
{
    out->date = given->date == NULL ? INT32_MIN : pm_date_parse(pm_text(given->date));
    out->days = (unsigned)given->days;
    out->after = (unsigned)given->after;
    out->scale = (uint32_t)given->scale;
    out->times = (uint32_t)given->times;
    out->day_seconds = given->speed > 0     ? DAY_S / given->speed
                       : given->seconds > 0 ? given->seconds / (double)given->days
                                            : DEFAULT_DAY_S;
    if (out->data != NULL && out->date != INT32_MIN)
        return true;
    fputs("placemat-bench: surge takes --data CSV and --date, as 2024-12-24\n", stderr);
    return false;
}

/* One replay's figures; NULL, having said why, when it could not be made. */
static json_t *replay(const struct surge_plan *plan, bool rounds, bool *adds_up)
{
    struct surge_run *run = calloc(1, sizeof *run);
    json_t *figures = NULL;
    if (run == NULL) {
        surge_say("out of memory.");
        return NULL;
    }
    run->plan = plan;
    run->rounds = rounds;
    if (surge_run(run)) {
        *adds_up &= surge_adds_up(run);
        figures = surge_figures(run);
    }
    surge_run_close(run);
    free(run);
    return figures;
}

static json_t *describe(const struct surge *surge, const struct surge_plan *plan)
{
    const struct surge_options *options = &surge->options;
    char date[11];
    return json_pack(
        "{s:s,s:I,s:I,s:s,s:I,s:I,s:I,s:I,s:f,s:b}", "date", pm_date_text(options->date, date),
        "days", (json_int_t)options->days, "after", (json_int_t)options->after, "trust",
        options->trust[0] != '\0' ? options->trust : "all", "markets", (json_int_t)plan->markets,
        "scale", (json_int_t)options->scale, "times", (json_int_t)options->times, "discharges",
        (json_int_t)plan->discharges, "times_as_fast", DAY_S / options->day_seconds, "durable",
        strcmp(options->journal, "sqlite") == 0);
}

static int run(const struct surge *surge)
{
    struct surge_plan plan;
    struct pm_client_error error;
    bool adds_up = true;
    json_t *out = NULL, *with = NULL, *without = NULL;
    if (!surge_plan_open(&surge->options, &plan, &error))
        surge_say("%s", error.text);
    else if ((with = replay(&plan, !surge->without_rounds, &adds_up)) != NULL &&
             (surge->rounds_only || surge->without_rounds ||
              (without = replay(&plan, false, &adds_up)) != NULL)) {
        out = describe(surge, &plan);
        json_object_update(out, with);
        if (without != NULL)
            json_object_set(out, "one_at_a_time", without);
    }
    surge_plan_close(&plan);
    json_decref(with);
    json_decref(without);
    if (out == NULL)
        return BENCH_FAILED;
    int status = bench_report(out, surge->json);
    if (!adds_up)
        surge_say("it does not add up: see faults.");
    return adds_up ? status : BENCH_FAILED;
}

int bench_surge(int argc, char **argv)
{
    struct given given = {.days = 1, .after = 1, .scale = 1, .times = 1};
    struct surge surge = {
        .options = {
            .market = "bench/thurrock/market.yaml", .trust = "", .journal = "sqlite", .seed = 1}};
    const struct bench_option known[] = {
        {.name = "data", .text = &surge.options.data},
        {.name = "date", .text = &given.date},
        {.name = "days", .number = &given.days, .least = 1, .most = WORKLOAD_DAYS_MAX},
        {.name = "after", .number = &given.after, .least = 0, .most = 60},
        {.name = "trust", .text = &surge.options.trust},
        {.name = "scale", .number = &given.scale, .least = 1, .most = 100000},
        {.name = "times", .number = &given.times, .least = 1, .most = 1000},
        {.name = "seconds", .real = &given.seconds},
        {.name = "speed", .real = &given.speed},
        {.name = "market", .text = &surge.options.market},
        {.name = "rounds-only", .flag = &surge.rounds_only},
        {.name = "without-rounds", .flag = &surge.without_rounds},
        {.name = "seed", .number = &surge.options.seed, .least = 0, .most = UINT32_MAX},
        {.name = "dir", .text = &surge.options.directory},
        {.name = "keep", .flag = &surge.options.keep},
        {.name = "journal", .text = &surge.options.journal},
        {.name = "json", .flag = &surge.json},
    };
    int status;
    if (!bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status))
        return status;
    return complete(&surge.options, &given) ? run(&surge) : BENCH_USAGE;
}
