/*
 * bench.c: the helpers of bench.h.
 */
#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000u

uint64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void bench_sleep_until(uint64_t when_ns)
{
    struct timespec when = {.tv_sec = (time_t)(when_ns / NS_PER_S),
                            .tv_nsec = (long)(when_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
        continue;
}

static bool read_number(const struct bench_option *option)
{
    char *end = NULL;
    errno = 0;
    uintmax_t number = optarg[0] >= '0' && optarg[0] <= '9' ? strtoumax(optarg, &end, 10) : 0;
    *option->number = number;
    if (end != NULL && *end == '\0' && errno == 0 && number >= option->least &&
        number <= option->most)
        return true;
    fprintf(stderr, "placemat-bench: --%s takes a number from %" PRIu64 " to %" PRIu64 "\n",
            option->name, option->least, option->most);
    return false;
}

static bool read_real(const struct bench_option *option)
{
    char *end;
    *option->real = strtod(optarg, &end);
    if (end != optarg && *end == '\0' && *option->real >= BENCH_REAL_LEAST &&
        *option->real <= BENCH_REAL_MOST)
        return true;
    fprintf(stderr, "placemat-bench: --%s takes a number from %g to %g\n", option->name,
            BENCH_REAL_LEAST, BENCH_REAL_MOST);
    return false;
}

static bool read_option(const struct bench_option *option)
{
    if (option->number != NULL)
        return read_number(option);
    if (option->real != NULL)
        return read_real(option);
    if (option->flag != NULL)
        *option->flag = true;
    else
        *option->text = optarg;
    return true;
}

bool bench_options(int argc, char **argv, const struct bench_option *options, size_t count,
                   const char *help, int *status)
{
    struct option known[BENCH_OPTIONS_MAX + 2] = {{"help", no_argument, NULL, BENCH_OPTIONS_MAX}};
    int at;
    for (size_t i = 0; i < count; i++)
        known[i + 1] =
            (struct option){.name = options[i].name,
                            .has_arg = options[i].flag != NULL ? no_argument : required_argument,
                            .val = (int)i};
    *status = BENCH_USAGE;
    while ((at = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (at == BENCH_OPTIONS_MAX) {
            fputs(help, stdout);
            *status = BENCH_OK;
            return false;
        }
        if (at == '?' || !read_option(&options[at]))
            return false; /* getopt_long has said it */
    }
    if (optind < argc)
        fprintf(stderr, "placemat-bench %s: what is '%s'? See --help\n", argv[0], argv[optind]);
    return optind == argc;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *numbers, size_t n)
{
    qsort(numbers, n, sizeof(*numbers), compare_doubles);
    return n % 2 == 1 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

/* As a person reads it; returns how many characters. */
static int print_value(const json_t *value)
{
    if (json_is_string(value))
        return printf("%s", json_string_value(value));
    if (json_is_real(value))
        return printf("%.6g", json_real_value(value));
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    int length = printf("%s", text != NULL ? text : "");
    free(text);
    return length;
}

enum { COLUMN = 12 };

static void print_row(json_t *row)
{
    const char *key;
    json_t *value;
    json_object_foreach(row, key, value)
    {
        int length = print_value(value), width = (int)strlen(key);
        printf("%*s ", (width > COLUMN ? width : COLUMN) - length, "");
    }
    putchar('\n');
}

/* Objects of the same keys, a line each. */
static void print_table(const char *name, json_t *rows)
{
    const char *key;
    json_t *value, *first = json_array_get(rows, 0);
    printf("\n%s\n", name);
    json_object_foreach(first, key, value) printf("%-*s ", COLUMN, key);
    putchar('\n');
    for (size_t at = 0; at < json_array_size(rows); at++)
        print_row(json_array_get(rows, at));
}

static void print_lines(json_t *result)
{
    const char *key;
    json_t *value;
    json_object_foreach(result, key, value)
    {
        if (json_is_object(json_array_get(value, 0))) {
            print_table(key, value);
            continue;
        }
        printf("%-26s ", key);
        print_value(value);
        putchar('\n');
    }
}

int bench_report(json_t *result, bool json)
{
    if (result == NULL) {
        fputs("placemat-bench: out of memory\n", stderr);
        return BENCH_FAILED;
    }
    bool ok = true;
    if (json) {
        ok = json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0;
        putchar('\n');
    } else {
        print_lines(result);
    }
    json_decref(result);
    if (!ok || fflush(stdout) != 0 || ferror(stdout)) {
        fputs("placemat-bench: could not write the result\n", stderr);
        return BENCH_FAILED;
    }
    return BENCH_OK;
}
