/*
 * journal.c: `placemat-bench journal`: the bare journal, which bounds what can be durable.
 *
 * As in the daemon: one thread appends a batch after the other and goes on when each is synced; the
 * housekeeper's thread moves the log into its place beside it. No sockets, matching or requests.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "daemon/housekeeper.h"
#include "daemon/journal.h"
#include "hist.h"
#include "random.h"
#include "served_process.h"

#define NS_PER_S UINT64_C(1000000000)

enum { ENTRIES_MAX = 10000, ENTRY_SIZE_MAX = 65536 };

struct options {
    uint64_t batch, size, seconds;
    const char *parent;
    bool json;
};

struct bed {
    const struct options *options;
    struct directory directory;
    struct journal *journal;
    struct housekeeper *housekeeper;
    uint8_t *bytes; /* of a batch */
    struct hist commits;
    uint64_t took_ns;
};

static bool open_all(struct bed *bed)
{
    char data[SERVED_PATH];
    struct journal_error error;
    if (!directory_make(&bed->directory, bed->options->parent))
        return false;
    snprintf(data, sizeof data, "%s/data", bed->directory.path);
    const struct journal_options how = {.backend = "sqlite", .directory = data};
    if (journal_open(&how, &bed->journal, &error) < 0) {
        fprintf(stderr, "placemat-bench: %s\n", error.text);
        return false;
    }
    bed->housekeeper = housekeeper_start(&(struct housekeeper_options){.journal = bed->journal});
    return bed->housekeeper != NULL;
}

static void close_all(struct bed *bed)
{
    housekeeper_stop(bed->housekeeper);
    if (bed->journal != NULL)
        journal_close(bed->journal);
    directory_remove(&bed->directory);
    free(bed->bytes);
}

/* Bytes that no disk makes less of. */
static bool make_bytes(struct bed *bed)
{
    size_t size = bed->options->batch * bed->options->size;
    uint64_t random = 1;
    bed->bytes = malloc(size);
    for (size_t i = 0; bed->bytes != NULL && i < size; i++)
        bed->bytes[i] = (uint8_t)random_next(&random);
    return bed->bytes != NULL;
}

static bool append(struct bed *bed)
{
    uint64_t last = journal_last(bed->journal), before = bench_now_ns();
    struct journal_batch batch = {.first = last + 1,
                                  .last = last + bed->options->batch,
                                  .bytes = bed->bytes,
                                  .size = bed->options->batch * bed->options->size};
    if (journal_append(bed->journal, &batch) != JOURNAL_OK) {
        fprintf(stderr, "placemat-bench: %s\n", journal_problem(bed->journal));
        return false;
    }
    hist_add(&bed->commits, bench_now_ns() - before);
    if (journal_checkpoint_due(bed->journal))
        housekeeper_call(bed->housekeeper);
    return true;
}

static bool measure(struct bed *bed)
{
    uint64_t start = bench_now_ns(), end = start + bed->options->seconds * NS_PER_S;
    while (bench_now_ns() < end)
        if (!append(bed))
            return false;
    bed->took_ns = bench_now_ns() - start;
    return true;
}

static json_t *result_of(const struct bed *bed)
{
    const struct hist *commits = &bed->commits;
    double seconds = (double)bed->took_ns / 1e9;
    double rate = (double)commits->count / seconds;
    return json_pack("{s:f, s:f, s:I, s:I, s:f, s:f, s:f, s:I, s:b}", "entries_per_second",
                     rate * (double)bed->options->batch, "commits_per_second", rate, "batch",
                     (json_int_t)bed->options->batch, "entry_bytes", (json_int_t)bed->options->size,
                     "p50_us", (double)hist_percentile(commits, 0.5) / 1e3, "p99_us",
                     (double)hist_percentile(commits, 0.99) / 1e3, "max_us",
                     (double)commits->max / 1e3, "commits", (json_int_t)commits->count, "durable",
                     1);
}

static int run(const struct options *options)
{
    struct bed *bed = calloc(1, sizeof *bed);
    if (bed == NULL)
        return BENCH_FAILED;
    bed->options = options;
    bool done = make_bytes(bed) && open_all(bed) && measure(bed);
    json_t *result = done ? result_of(bed) : NULL;
    close_all(bed);
    free(bed);
    return done ? bench_report(result, options->json) : BENCH_FAILED;
}

static const char help[] =
    "usage: placemat-bench journal [--batch N] [--bytes B] [--seconds S] [--dir DIR] "
    "[--json]\n\n"
    "Appends batches of N entries (64) of B bytes (100) to a journal for S seconds (5), each\n"
    "batch synced before the next, and nothing else: what a daemon on this disk cannot "
    "exceed.\n"
    "p50_us, p99_us, max_us: of a batch.\n\n"
    "It is kept in DIR meanwhile (TMPDIR or /var/tmp).\n";

int bench_journal(int argc, char **argv)
{
    struct options options = {.batch = 64, .size = 100, .seconds = 5};
    const struct bench_option known[] = {
        {.name = "batch", .number = &options.batch, .least = 1, .most = ENTRIES_MAX},
        {.name = "bytes", .number = &options.size, .least = 1, .most = ENTRY_SIZE_MAX},
        {.name = "seconds", .number = &options.seconds, .least = 1, .most = 3600},
        {.name = "dir", .text = &options.parent},
        {.name = "json", .flag = &options.json},
    };
    int status;
    return bench_options(argc, argv, known, sizeof known / sizeof *known, help, &status)
               ? run(&options)
               : status;
}
