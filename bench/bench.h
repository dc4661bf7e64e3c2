/*
 * bench.h: what the benchmarks of placemat-bench share: entry points, clock, options, report.
 *
 * A benchmark is a function in a file of its own and a row in the table of main.c.
 */
#ifndef PM_BENCH_BENCH_H
#define PM_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* Exit statuses of every benchmark. */
#define BENCH_OK 0
#define BENCH_FAILED 1
#define BENCH_USAGE 2

/*
 * The benchmarks. argv[0] is the benchmark's name, the rest its options, getopt_long's to parse;
 * each knows --help and --json. The return value is the exit status.
 */
int bench_core(int argc, char **argv);
int bench_memory(int argc, char **argv);
int bench_queue(int argc, char **argv);
int bench_served(int argc, char **argv);
int bench_restart(int argc, char **argv);
int bench_round(int argc, char **argv);
int bench_surge(int argc, char **argv);
int bench_placements(int argc, char **argv);
int bench_watchers(int argc, char **argv);
int bench_journal(int argc, char **argv);

/* CLOCK_MONOTONIC, in nanoseconds. */
uint64_t bench_now_ns(void);

/* Sleeps until bench_now_ns() reaches `when_ns`; returns at once if it has. */
void bench_sleep_until(uint64_t when_ns);

/* An option of a benchmark: where what was given goes. */
struct bench_option {
    const char *name; /* without its dashes */
    /* One of four: */
    uint64_t *number;  /* it takes a number from `least` to `most`, */
    double *real;      /* or one with a point, from BENCH_REAL_LEAST to BENCH_REAL_MOST, */
    const char **text; /* or a text, which is argv's, */
    bool *flag;        /* or nothing, and makes this true */
    uint64_t least, most;
};
#define BENCH_REAL_LEAST 0.001
#define BENCH_REAL_MOST 1e9
#define BENCH_OPTIONS_MAX 20

/*
 * Reads a benchmark's options; `help` is what --help, which every benchmark has, prints. True when
 * it is to run; else all has been said, and *status is the exit status.
 */
bool bench_options(int argc, char **argv, const struct bench_option *options, size_t count,
                   const char *help, int *status);

/* The median of `n` > 0 numbers (of the middle two, the mean). Sorts them in place. */
double bench_median(double *numbers, size_t n);

/*
 * Prints a benchmark's result on stdout and releases it (the reference is the callee's): with
 * `json` as one object on one line, which is to be the last; otherwise a line a member, in the
 * order in which they were set. Returns BENCH_OK, or BENCH_FAILED if `result` is NULL (memory was
 * short) or stdout takes no more.
 */
int bench_report(json_t *result, bool json);

#endif
