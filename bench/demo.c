/*
 * demo.c: placemat-demo: a discharge day, from the first package to the report.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_WRONG = 2 };

/* What the demonstration is made of; all that was opened is closed by main(). */
struct demo {
    struct demo_options options;
    struct pm_market_file *file;
    const struct pm_market *market; /* of the file */
    uint32_t discharges;
    struct workload *workload;
    struct demo_daemon daemon;
    struct demo_link link;
    struct demo_run run;
    struct demo_report report;
};

static bool read_inputs(struct demo *demo)
{
    const struct demo_options *options = &demo->options;
    struct pm_client_error error;
    if (!pm_market_file_read(options->market, &demo->file, &error) ||
        !workload_discharges(options->data, pm_text(options->trust), options->date,
                             &demo->discharges, &error))
        return demo_say("%s", error.text);
    demo->market = pm_market_file_command(demo->file)->load.market;
    struct workload_options wanted = {.market = demo->market,
                                      .seed = options->seed,
                                      .date = options->date,
                                      .discharges = demo->discharges,
                                      .share = options->share,
                                      .scale = options->scale};
    demo->workload = workload_open(&wanted, &error);
    return demo->workload != NULL ? true : demo_say("%s", error.text);
}

static void introduce(const struct demo *demo)
{
    const struct demo_options *options = &demo->options;
    char date[11];
    printf("%s\n", demo->market->title.text);
    printf("%u people discharged by %s on %s; of these %u.%u %% need a package of care",
           demo->discharges, options->trust, pm_date_text(options->date, date), options->share / 10,
           options->share % 10);
    if (options->scale != 1)
        printf(", times %u", options->scale);
    printf(": %zu.\nProviders are simulated. Seed %llu.\n\n", workload_count(demo->workload),
           (unsigned long long)options->seed);
}

static bool replay(struct demo *demo)
{
    demo->run = (struct demo_run){
        .options = &demo->options, .link = &demo->link, .workload = demo->workload, .out = stdout};
    if (!demo_run(&demo->run) || !demo_report_make(&demo->run, &demo->report))
        return false;
    demo_print(stdout, &demo->run, &demo->report);
    fflush(stdout);
    return true;
}

/* ---- Serving on ---- */

static void invite(const struct demo *demo)
{
    const char *package = demo->report.reasons > 0 ? demo->report.reason[0].example : "p-1";
    printf(
        "\nServing on at %s until Ctrl-C.\n"
        "A second of its clock is a second now. To try, in another terminal, with this program's\n"
        "directory in the PATH (PROVIDER and OFFER as the list shows them):\n\n"
        "  export PLACEMAT_URL=%s PLACEMAT_MARKET=%s\n"
        "  placemat package list --state waiting\n"
        "  placemat explain %s\n"
        "  placemat package post --ref mine-1 --kind bridging --postcode \"RM17 6\" \\\n"
        "      --visit \"mon-sun 07:00-09:00 30m\" --priority 0\n"
        "  placemat offer list --state open\n"
        "  placemat --as provider:PROVIDER offer accept OFFER\n"
        "  placemat market report\n\n",
        demo->daemon.urls, demo->daemon.url, demo->market->name.text, package);
    fflush(stdout);
}

/* Time flows on, from where the replay ended, as the machine's does. */
static bool serve_on(struct demo *demo)
{
    enum { SECOND = 1000 };
    int64_t from = demo->run.time;
    double before = demo_seconds();
    while (!demo_stopped(SECOND))
        if (!demo_move(&demo->run, from + (int64_t)((demo_seconds() - before) * SECOND)))
            return false;
    return true;
}

static bool print_json(const struct demo *demo)
{
    json_t *document = demo_json(&demo->run, &demo->report, demo->discharges);
    bool done = document != NULL && json_dumpf(document, stdout, JSON_COMPACT) == 0;
    json_decref(document);
    putchar('\n');
    return done && fflush(stdout) == 0 ? true : demo_say("the report cannot be written.");
}

static bool demonstrate(struct demo *demo)
{
    if (!read_inputs(demo))
        return false;
    introduce(demo);
    if (!demo_daemon_start(&demo->options, &demo->daemon) ||
        !demo_link_open(demo->daemon.url, demo->market, demo->options.seed, &demo->link) ||
        !replay(demo))
        return false;
    if (!demo->options.once)
        invite(demo);
    if (demo->options.json && !print_json(demo))
        return false;
    return demo->options.once || serve_on(demo);
}

int main(int argc, char **argv)
{
    static struct demo demo;
    enum demo_outcome outcome = demo_options_parse(argc, argv, &demo.options);
    if (outcome != DEMO_RUN)
        return outcome == DEMO_ANSWERED ? EXIT_OK : EXIT_WRONG;
    demo_block_signals();
    bool done = demonstrate(&demo);
    bool good = done && demo_report_adds_up(&demo.report);
    demo_link_close(&demo.link);
    good &= demo_daemon_stop(&demo.daemon);
    demo_run_close(&demo.run);
    demo_report_close(&demo.report);
    workload_close(demo.workload);
    pm_market_file_free(demo.file);
    return good ? EXIT_OK : EXIT_FAILED;
}
