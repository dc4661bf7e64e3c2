/*
 * demo_options.c: the demonstration's command line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

bool demo_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("placemat-demo: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

static void help(void)
{
    puts("Usage: placemat-demo [OPTION]...\n"
         "Starts a placematd of its own, replays a real discharge day through it with simulated\n"
         "providers, and reports what came of it; then it serves on until Ctrl-C.\n\n"
         "  --date DATE      The day. (2024-12-24)\n"
         "  --trust CODE     The hospital trust. (RAJ)\n"
         "  --data CSV       Discharges by trust and day. (bench/data/raj_daily_2025.csv)\n"
         "  --market FILE    The market. (bench/thurrock/market.yaml)\n"
         "  --share PERCENT  Of those discharged, who need a package. (12.5)\n"
         "  --scale K        Times as many packages. (1)\n"
         "  --seed N         Of everything that is drawn by chance. (1)\n"
         "  --tcp PORT       Serve on 127.0.0.1 too, by tokens; 0 for any port.\n"
         "  --once           End after the report.\n"
         "  --json           The report as one JSON document, on the last line.\n"
         "  --help           This page.\n"
         "  --version        The version.\n\n"
         "Market, day, share, scale and seed fix the outcome. Exit status: 0 done, 1 something\n"
         "failed or did not add up, 2 usage.");
}

static bool parse_number(const char *name, const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out <= most)
        return true;
    return demo_say("--%s: '%s' is not a number from 0 to %llu.", name, text,
                    (unsigned long long)most);
}

/* A percentage of at most one decimal, in thousandths. */
static bool parse_share(const char *text, uint32_t *out)
{
    size_t digits = strspn(text, "0123456789");
    bool tenths = text[digits] == '.' && text[digits + 1] >= '0' && text[digits + 1] <= '9';
    if (digits >= 1 && digits <= 3 && text[digits + (tenths ? 2 : 0)] == '\0') {
        *out = (uint32_t)strtoul(text, NULL, 10) * 10;
        *out += tenths ? (uint32_t)(text[digits + 1] - '0') : 0;
        if (*out <= 1000)
            return true;
    }
    return demo_say("--share: '%s' is not a percentage from 0 to 100, such as 12.5.", text);
}

static bool parse_date(const char *text, int32_t *out)
{
    *out = pm_date_parse(pm_text(text));
    return *out >= 0 ? true : demo_say("--date: '%s' is not a date such as 2024-12-24.", text);
}

static const struct option known[] = {
    {"date", required_argument, NULL, 'd'},
    {"trust", required_argument, NULL, 't'},
    {"data", required_argument, NULL, 'c'},
    {"market", required_argument, NULL, 'm'},
    {"share", required_argument, NULL, 's'},
    {"scale", required_argument, NULL, 'k'},
    {"seed", required_argument, NULL, 'n'},
    {"tcp", required_argument, NULL, 'p'},
    {"once", no_argument, NULL, 'o'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static bool set_numbers(int option, const char *text, struct demo_options *out)
{
    uint64_t number;
    switch (option) {
    case 'd':
        return parse_date(text, &out->date);
    case 's':
        return parse_share(text, &out->share);
    case 'n':
        return parse_number("seed", text, UINT64_MAX, &out->seed);
    case 'k':
        if (!parse_number("scale", text, 100000, &number))
            return false;
        out->scale = (uint32_t)number;
        return true;
    default:
        if (!parse_number("tcp", text, 65535, &number))
            return false;
        out->port = (int)number;
        return true;
    }
}

static bool set(int option, const char *text, struct demo_options *out)
{
    switch (option) {
    case 't':
        out->trust = text;
        return true;
    case 'c':
        out->data = text;
        return true;
    case 'm':
        out->market = text;
        return true;
    case 'o':
        out->once = true;
        return true;
    case 'j':
        out->json = true;
        return true;
    case '?':
        return false; /* getopt has said why */
    default:
        return set_numbers(option, text, out);
    }
}

static enum demo_outcome usage(void)
{
    fputs("Try placemat-demo --help.\n", stderr);
    return DEMO_USAGE;
}

enum demo_outcome demo_options_parse(int argc, char **argv, struct demo_options *out)
{
    *out = (struct demo_options){.market = "bench/thurrock/market.yaml",
                                 .data = "bench/data/raj_daily_2025.csv",
                                 .trust = "RAJ",
                                 .date = pm_date_parse(pm_text("2024-12-24")),
                                 .share = 125,
                                 .scale = 1,
                                 .seed = 1,
                                 .port = -1};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'h') {
            help();
            return DEMO_ANSWERED;
        }
        if (option == 'v') {
            puts("placemat-demo " PM_VERSION);
            return DEMO_ANSWERED;
        }
        if (!set(option, optarg, out))
            return usage();
    }
    if (optind == argc)
        return DEMO_RUN;
    demo_say("'%s' is no option.", argv[optind]);
    return usage();
}
