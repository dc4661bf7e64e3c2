/*
 * surge.c: placemat-bench surge: real discharge days, once with rounds and once matched one at a
 * time.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

static void usage(FILE *to)
{
    fputs(
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
        "  --journal B      the daemon's: sqlite, memory or null (sqlite)\n"
        "  --json           one object on the last line\n\n"
        "commands, commands_per_second, p50_us, p99_us, p999_us, max_us: of the days, without "
        "what\n"
        "keeps the clock and watches. placed, waiting, asking: packages at the end. minutes_*: of "
        "the\n"
        "daemon's clock. weekly_cost_pence: of all that is placed. repeated: commands sent again\n"
        "under the same number although answered. The exit status is 1 unless every package is in\n"
        "one state, no placement is lost or doubled, and all that was told agrees (faults).\n",
        to);
}

struct surge {
    struct surge_options options;
    bool json, rounds_only, without_rounds;
};

enum { DAY_S = 86400, DEFAULT_DAY_S = 10 };

static bool parse_seconds(const char *option, const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && *out >= 0.01 && *out <= 1e9)
        return true;
    fprintf(stderr, "placemat-bench: %s takes a number from 0.01 on\n", option);
    return false;
}

static bool parse_number(const char *option, uint64_t least, uint64_t most, uint64_t *out)
{
    return bench_number(option, optarg, least, most, out);
}

static bool parse_date(int32_t *out)
{
    *out = pm_date_parse(pm_text(optarg));
    if (*out != INT32_MIN)
        return true;
    fprintf(stderr, "placemat-bench: --date takes a date, as 2024-12-24\n");
    return false;
}

static const struct option long_options[] = {
    {"data", required_argument, NULL, 'd'},  {"date", required_argument, NULL, 'D'},
    {"days", required_argument, NULL, 'n'},  {"after", required_argument, NULL, 'a'},
    {"trust", required_argument, NULL, 't'}, {"scale", required_argument, NULL, 'k'},
    {"times", required_argument, NULL, 'T'}, {"seconds", required_argument, NULL, 's'},
    {"speed", required_argument, NULL, 'x'}, {"market", required_argument, NULL, 'm'},
    {"rounds-only", no_argument, NULL, 'r'}, {"seed", required_argument, NULL, 'S'},
    {"dir", required_argument, NULL, 'w'},   {"journal", required_argument, NULL, 'J'},
    {"json", no_argument, NULL, 'j'},        {"without-rounds", no_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};

/* What has been read, in the types that parsing has. */
struct given {
    uint64_t days, after, scale, times, seed;
    double seconds, speed; /* 0: not given */
};

static bool take_option(int option, struct surge *surge, struct given *given)
{
    struct surge_options *out = &surge->options;
    switch (option) {
    case 'd':
        out->data = optarg;
        return true;
    case 't':
        out->trust = optarg;
        return true;
    case 'm':
        out->market = optarg;
        return true;
    case 'w':
        out->directory = optarg;
        return true;
    case 'J':
        out->journal = optarg;
        return true;
    case 'j':
        surge->json = true;
        return true;
    case 'r':
        surge->rounds_only = true;
        return true;
    case 'o':
        surge->without_rounds = true;
        return true;
    case 'D':
        return parse_date(&out->date);
    case 'n':
        return parse_number("--days", 1, WORKLOAD_DAYS_MAX, &given->days);
    case 'a':
        return parse_number("--after", 0, 60, &given->after);
    case 'k':
        return parse_number("--scale", 1, 100000, &given->scale);
    case 'T':
        return parse_number("--times", 1, 1000, &given->times);
    case 'S':
        return parse_number("--seed", 0, UINT32_MAX, &given->seed);
    case 's':
        return parse_seconds("--seconds", optarg, &given->seconds);
    case 'x':
        return parse_seconds("--speed", optarg, &given->speed);
    default:
        return false;
    }
}

static bool complete(struct surge *surge, const struct given *given)
{
    struct surge_options *out = &surge->options;
    out->days = (unsigned)given->days;
    out->after = (unsigned)given->after;
    out->scale = (uint32_t)given->scale;
    out->times = (uint32_t)given->times;
    out->seed = given->seed;
    out->day_seconds = given->speed > 0     ? DAY_S / given->speed
                       : given->seconds > 0 ? given->seconds / (double)given->days
                                            : DEFAULT_DAY_S;
    return out->data != NULL && out->date != INT32_MIN;
}

/* BENCH_OK to go on; or BENCH_USAGE, or -1: the help was shown. */
static int parse(int argc, char **argv, struct surge *surge)
{
    struct given given = {.days = 1, .after = 1, .scale = 1, .times = 1, .seed = 1};
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return -1;
        }
        if (!take_option(option, surge, &given))
            return BENCH_USAGE;
    }
    if (optind == argc && complete(surge, &given))
        return BENCH_OK;
    usage(stderr);
    return BENCH_USAGE;
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
    struct surge surge = {.options = {.market = "bench/thurrock/market.yaml",
                                      .trust = "",
                                      .journal = "sqlite",
                                      .date = INT32_MIN}};
    int status = parse(argc, argv, &surge);
    if (status != BENCH_OK)
        return status < 0 ? BENCH_OK : status;
    return run(&surge);
}
