/*
 * memory.c: `placemat-bench memory`: what live packages with open offers take of memory.
 *
 * Packages are posted whose first step invites so many services at once, and nobody answers, so
 * each stays live with that many open offers. Measured is what the process has resident, as the
 * system counts it, before the core is opened and after the last post: the core's memory is
 * reserved at open and counts once it is touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "core/core.h"
#include "council.h"

enum { REFERENCE = 16, PLACEMENTS = 1024 };
static const int64_t START = 1735000000000; /* a time late in 2024 */

struct options {
    uint64_t packages, invite, services;
    bool json;
};

/* Bytes resident; 0 when the system does not say. The file has pages in all, then pages here. */
static uint64_t resident(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = '\0';
    char *here = line;
    strtoull(line, &here, 10);
    return strtoull(here, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static struct pm_result apply(struct pm_core *core, const struct pm_command *command,
                              uint64_t sequence)
{
    return pm_core_apply(core, &(struct pm_entry){.sequence = sequence,
                                                  .time = START,
                                                  .market = pm_text("council"),
                                                  .actor = {PM_BROKER, pm_text("bench")},
                                                  .command = command});
}

static bool post_all(struct pm_core *core, const struct council *council,
                     const struct options *options)
{
    for (uint64_t n = 0; n < options->packages; n++) {
        char reference[REFERENCE];
        int length = snprintf(reference, sizeof reference, "P%012llu", (unsigned long long)n);
        struct pm_command post =
            council_post(council, (uint32_t)n, (struct pm_text){reference, (uint32_t)length});
        if (apply(core, &post, n + 2).status != PM_OK)
            return false;
    }
    return true;
}

static json_t *report(const struct options *options, const struct pm_core *core, uint64_t bytes)
{
    struct pm_core_usage usage = pm_core_usage(core);
    return json_pack("{s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:I, s:I}", "packages",
                     (json_int_t)usage.packages, "offers", (json_int_t)usage.offers,
                     "resident_bytes", (json_int_t)bytes, "resident_mib", (double)bytes / 1048576.0,
                     "bytes_per_live_package", (double)bytes / (double)options->packages,
                     "package_bytes", (json_int_t)usage.package_bytes, "visits_bytes",
                     (json_int_t)usage.visits_bytes, "offer_bytes", (json_int_t)usage.offer_bytes,
                     "placement_bytes", (json_int_t)usage.placement_bytes);
}

static struct pm_core *open_core(const struct options *options)
{
    struct pm_limits limits = pm_limits_default;
    limits.packages = (uint32_t)options->packages + 1;
    limits.offers = (uint32_t)(options->packages * options->invite) + 1;
    limits.placements = PLACEMENTS;
    limits.services = limits.pools = limits.locations = limits.providers =
        (uint32_t)options->services * 4 + 16;
    limits.clients = 16;
    return pm_core_open(&limits);
}

static int run(const struct options *options)
{
    struct council *council =
        council_new(&(struct council_options){.seed = 1,
                                              .localities = 4,
                                              .services_per_locality = (unsigned)options->services,
                                              .packages = (unsigned)options->packages,
                                              .room = 1200,
                                              .invite = (unsigned)options->invite});
    uint64_t before = resident();
    struct pm_core *core = council == NULL ? NULL : open_core(options);
    int status = BENCH_FAILED;
    if (core == NULL || apply(core, council_load(council), 1).status != PM_OK)
        fputs("placemat-bench memory: out of memory, or the market does not load\n", stderr);
    else if (!post_all(core, council, options))
        fputs("placemat-bench memory: a package was refused\n", stderr);
    else
        status = bench_report(report(options, core, resident() - before), options->json);
    pm_core_close(core);
    council_free(council);
    return status;
}

static const char help[] =
    "usage: placemat-bench memory [--packages N] [--invite N] "
    "[--services-per-locality N] [--json]\n\n"
    "Posts N packages (1,000,000), each of which is open to several services (8) at "
    "once, and says how\nmuch memory that made resident.\n";

int bench_memory(int argc, char **argv)
{
    struct options options = {.packages = 1000000, .invite = 8, .services = 60};
    const struct bench_option known[] = {
        {.name = "packages", .number = &options.packages, .least = 1, .most = 2000000},
        {.name = "invite", .number = &options.invite, .least = 1, .most = 8},
        {.name = "services-per-locality", .number = &options.services, .least = 1, .most = 10000},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
