/*
 * main.c: the command line of placemat-bench: finds the benchmark by its name and runs it.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "placemat.h"

/*
 * Weak, so that a benchmark whose file is not in the build is an unknown one and no link error.
 * To add a benchmark: a file that defines its function, a line in bench.h, a row here.
 */
#pragma weak bench_core
#pragma weak bench_served
#pragma weak bench_restart
#pragma weak bench_round
#pragma weak bench_surge
#pragma weak bench_placements
#pragma weak bench_watchers
#pragma weak bench_journal

struct benchmark {
    const char *name;
    int (*function)(int argc, char **argv); /* NULL: not in this build */
    const char *help;
};

static const struct benchmark benchmarks[] = {
    {"core", bench_core, "the matcher alone, on one thread: commands a second"},
    {"memory", bench_memory, "the core's memory: live packages with open offers"},
    {"queue", bench_queue, "the ring between threads: items a second, time in the queue"},
    {"journal", bench_journal, "the bare journal: entries made durable a second"},
    {"served", bench_served, "daemon and clients over sockets, durable, beside a bare echo"},
    {"restart", bench_restart, "daemon: serving again after a kill, from its journal"},
    {"round", bench_round, "matching all that is open together: cost, bound, gap"},
    {"placements", bench_placements, "daemon and clients: packages posted and accepted a second"},
    {"watchers", bench_watchers, "daemon and clients, many of whom wait to be told"},
    {"surge", bench_surge, "a real discharge day, scaled: latency from the intended time"},
};

#define BENCHMARKS (sizeof(benchmarks) / sizeof(benchmarks[0]))

static void usage(FILE *to)
{
    fputs("usage: placemat-bench BENCHMARK [OPTION]...\n"
          "       placemat-bench BENCHMARK --help | --help | --version\n\n",
          to);
    for (size_t i = 0; i < BENCHMARKS; i++)
        if (benchmarks[i].function != NULL)
            fprintf(to, "  %-10s %s\n", benchmarks[i].name, benchmarks[i].help);
    fputs("\nWith --json each prints its result as one JSON object on the last line. Figures of\n"
          "different runs or machines are not comparable: compare inside one run.\n",
          to);
}

static const struct benchmark *find(const char *name)
{
    for (size_t i = 0; i < BENCHMARKS; i++)
        if (benchmarks[i].function != NULL && strcmp(benchmarks[i].name, name) == 0)
            return &benchmarks[i];
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        return BENCH_OK;
    }
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        puts("placemat-bench " PM_VERSION);
        return BENCH_OK;
    }
    const struct benchmark *benchmark = argc >= 2 ? find(argv[1]) : NULL;
    if (benchmark == NULL) {
        if (argc >= 2)
            fprintf(stderr, "placemat-bench: no benchmark is called %s\n", argv[1]);
        usage(stderr);
        return BENCH_USAGE;
    }
    return benchmark->function(argc - 1, argv + 1);
}
