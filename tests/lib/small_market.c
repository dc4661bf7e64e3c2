/* small_market.c - a small good market on disk, and mistakes put into it. */
#include "small_market.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char *const small_names[FILES] = {"small.yaml", "providers.csv", "locations.csv", "pools.csv",
                                        "services.csv"};

const char *const small[FILES] = {
    "name: small\n"                      /* 1 */
    "title: A small market (invented)\n" /* 2 */
    "salt: 42\n"                         /* 3 */
    "lapse: ask\n"                       /* 4 */
    "keep_days: 30\n"                    /* 5 */
    "quality: {unrated: 500, inadequate: 0, requires_improvement: 300, good: 700, outstanding: "
    "1000}\n"                                                                      /* 6 */
    "localities:\n"                                                                /* 7 */
    "  North:\n"                                                                   /* 8 */
    "    postcodes: [ZX1 1, ZX1 2]\n"                                              /* 9 */
    "    neighbours: [South]\n"                                                    /* 10 */
    "  South:\n"                                                                   /* 11 */
    "    postcodes: [ZX2]\n"                                                       /* 12 */
    "  East: {postcodes: [ZX3 4]}\n"                                               /* 13 */
    "capabilities: [dementia, hoist]\n"                                            /* 14 */
    "lots:\n"                                                                      /* 15 */
    "  main: {from: 2024-04-01, to: 2028-03-31}\n"                                 /* 16 */
    "kinds:\n"                                                                     /* 17 */
    "  homecare:\n"                                                                /* 18 */
    "    unit: minutes\n"                                                          /* 19 */
    "    bands:\n"                                                                 /* 20 */
    "      - {name: early, days: mon-sun, from: \"06:00\", to: \"12:00\"}\n"       /* 21 */
    "      - {name: late, days: mon-sun, from: \"12:00\", to: \"23:00\"}\n"        /* 22 */
    "    rates: {min: 12.00, max: 45.00, ceiling: 33.50, reference: 24.10}\n"      /* 23 */
    "    largest: 100h\n"                                                          /* 24 */
    "    weights: {price: 60, quality: 40}\n"                                      /* 25 */
    "    ladder:\n"                                                                /* 26 */
    "      - {route: call_off, tiers: [1], where: home, window: 4h}\n"             /* 27 */
    "      - {route: call_off, tiers: [1, 2], where: neighbours, window: 90}\n"    /* 28 */
    "      - {route: last_resort, tiers: [8], where: everywhere}\n"                /* 29 */
    "  places:\n"                                                                  /* 30 */
    "    unit: places\n"                                                           /* 31 */
    "    bands: [{name: all}, {name: residential}]\n"                              /* 32 */
    "    rates: {min: 500, max: 2500.5, ceiling: 1800.00, reference: 950.00}\n"    /* 33 */
    "    weights: {price: 0, quality: 1}\n"                                        /* 34 */
    "    ladder: [{route: call_off, tiers: [1], where: everywhere, window: 1d}]\n" /* 35 */
    "files: {providers: providers.csv, locations: locations.csv, pools: pools.csv, services: "
    "services.csv}\n"                                                                     /* 36 */
    "calendars:\n"                                                                        /* 37 */
    "  office:\n"                                                                         /* 38 */
    "    time_zone: Europe/London\n"                                                      /* 39 */
    "    open: {mon-fri: \"09:00-17:00\", sat: \"09:00-12:30 13:00-14:00\"}\n"            /* 40 */
    "    closed: [2026-12-25, 2027-01-01]\n"                                              /* 41 */
    "    from: 2026-03-01\n"                                                              /* 42 */
    "    to: 2027-04-30\n",                                                               /* 43 */
    "title,provider,standing\n"                                                           /* 1 */
    "\"Alder, Ash & Co\",alder,\n"                                                        /* 2 */
    "\n"                                                                                  /* 3 */
    "Birch (invented),birch,suspended\n",                                                 /* 4 */
    "location,provider,title,cqc,rating,score,standing\n"                                 /* 1 */
    "alder-branch,alder,,invented-1,Requires improvement,55,\n"                           /* 2 */
    "birch-home,birch,Birch Home (invented),invented-2,,,active\n",                       /* 3 */
    "pool,location,kind,mode,spare,as_of,valid_until\n"                                   /* 1 */
    "run,alder-branch,homecare,declared,late=30; early=600,2024-12-23 07:30,2024-12-31\n" /* 2 */
    "ward,birch-home,places,ask,,,\n",                                                    /* 3 */
    "service,pool,kind,lot,tier,contract,localities,sectors,capabilities,rate,standing\n" /* 1 */
    "care,run,homecare,main,1,framework,North; "
    "South,,hoist;dementia,2024-04-01=22.40;2025-04-01=24.1,\n"      /* 2 */
    "last,run,homecare,main,8,in house,,ZX2 5;ZX3 4,,32.14,active\n" /* 3 */
    "bed,ward,places,main,1,spot,East,,,950,active\n",               /* 4 */
};

int scratch_open(void **state)
{
    static struct scratch scratch;
    const char *base = getenv("TMPDIR");
    int length = snprintf(scratch.directory, sizeof scratch.directory, "%s/market.XXXXXX",
                          base != NULL && strlen(base) < 40 ? base : "/tmp");
    if (length < 0 || mkdtemp(scratch.directory) == NULL)
        return -1;
    (void)snprintf(scratch.path, sizeof scratch.path, "%s/%s", scratch.directory,
                   small_names[YAML]);
    *state = &scratch;
    return 0;
}

void path_of(const struct scratch *scratch, int file, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", scratch->directory, small_names[file]);
}

int scratch_close(void **state)
{
    const struct scratch *scratch = *state;
    for (int i = 0; i < FILES; i++) {
        char path[128];
        path_of(scratch, i, path);
        (void)unlink(path);
    }
    return rmdir(scratch->directory);
}

void write_file(const struct scratch *scratch, int file, const char *bytes, size_t size)
{
    char path[128];
    path_of(scratch, file, path);
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
}

void write_small(const struct scratch *scratch)
{
    for (int i = 0; i < FILES; i++)
        write_file(scratch, i, small[i], strlen(small[i]));
}

/* The small market with `old` of one file, its first occurrence, replaced by `new`. */
void write_changed(const struct scratch *scratch, int file, const char *old, const char *new)
{
    static char changed[65536];
    const char *at = strstr(small[file], old);
    if (at == NULL)
        fail_msg("%s does not contain \"%s\"", small_names[file], old);
    int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - small[file]), small[file],
                          new, at + strlen(old));
    assert_true(length > 0 && (size_t)length < sizeof changed);
    write_small(scratch);
    write_file(scratch, file, changed, (size_t)length);
}

void expect_sentence(const struct scratch *scratch, const char *sentence)
{
    struct pm_market_file *file = NULL;
    struct pm_client_error error = {""};
    bool read = pm_market_file_read(scratch->path, &file, &error);
    pm_market_file_free(file);
    if (read)
        fail_msg("read, but expected: %s", sentence);
    assert_null(file);
    assert_string_equal(error.text, sentence);
}

struct pm_market_file *expect_read(const char *path)
{
    struct pm_market_file *file = NULL;
    struct pm_client_error error = {""};
    if (!pm_market_file_read(path, &file, &error))
        fail_msg("%s", error.text);
    assert_non_null(file);
    return file;
}

void expect_written(struct pm_text text, const char *expected)
{
    if (!pm_text_equal(text, pm_text(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.bytes, expected);
}

void expect_mistakes(const struct scratch *scratch, const struct mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_changed(scratch, mistakes[i].file, mistakes[i].old, mistakes[i].new);
        expect_sentence(scratch, mistakes[i].sentence);
    }
}
