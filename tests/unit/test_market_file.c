/*
 * test_market_file.c: market files. The demonstration market reads as what it says; and one mistake
 * at a time, put into a small good market, is told with its file, line, field and what is expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../core/core.h"
#include "placemat.h"
#include "tests/lib/small_market.h"

/* ---- What a good market reads as ---- */

static void the_rules_read_as_written(void **state)
{
    const struct scratch *scratch = *state;
    write_small(scratch);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_command *command = pm_market_file_command(file);
    assert_int_equal(command->verb, PM_MARKET_LOAD);
    const struct pm_market *market = command->load.market;
    assert_string_equal(market->name.text, "small");
    assert_string_equal(market->title.text, "A small market (invented)");
    assert_int_equal(market->salt, 42);
    assert_int_equal(market->lapse, PM_LAPSE_ASK);
    assert_int_equal(market->keep_days, 30);
    assert_int_equal(market->quality[PM_REQUIRES_IMPROVEMENT], 300);
    assert_int_equal(market->quality[PM_OUTSTANDING], 1000);
    assert_int_equal(market->localities, 3);
    assert_int_equal(market->locality[0].neighbours, 2);
    assert_int_equal(market->locality[1].neighbours, 1); /* made symmetric */
    assert_int_equal(market->locality[2].neighbours, 0);
    assert_int_equal(market->prefixes, 4);
    assert_int_equal(market->prefix[2].code, pm_postcode_parse(pm_text("ZX2")));
    assert_int_equal(market->prefix[2].locality, 1);
    assert_int_equal(market->capabilities, 2);
    assert_string_equal(market->capability[1].text, "hoist");
    assert_int_equal(market->lots, 1);
    assert_int_equal(market->lot[0].to, pm_date_parse(pm_text("2028-03-31")));
    assert_int_equal(market->kinds, 2);
    pm_market_file_free(file);
}

static void the_kinds_read_as_written(void **state)
{
    const struct scratch *scratch = *state;
    write_small(scratch);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_kind *kind = pm_market_file_command(file)->load.market->kind;
    assert_int_equal(kind[0].unit, PM_MINUTES);
    assert_int_equal(kind[0].short_term, 0);
    assert_int_equal(kind[0].passes, 1);
    assert_int_equal(kind[0].bands, 2);
    assert_int_equal(kind[0].band[1].from, 720);
    assert_int_equal(kind[0].band[1].to, 1380);
    assert_int_equal(kind[0].band[1].days, PM_EVERY_DAY);
    assert_int_equal(kind[0].rate_min, 1200);
    assert_int_equal(kind[0].rate_max, 4500);
    assert_int_equal(kind[0].ceiling, 3350);
    assert_int_equal(kind[0].reference_rate, 2410);
    assert_int_equal(kind[0].units_max, 6000);
    assert_int_equal(kind[0].weight_price, 60);
    assert_int_equal(kind[0].steps, 3);
    assert_int_equal(kind[0].step[0].window, 240);
    assert_int_equal(kind[0].step[1].window, 90);
    assert_int_equal(kind[0].step[1].tiers, 3);
    assert_int_equal(kind[0].step[1].where, PM_NEIGHBOURS);
    assert_int_equal(kind[0].step[2].route, PM_LAST_RESORT);
    assert_int_equal(kind[0].step[2].window, 0);
    assert_int_equal(kind[1].unit, PM_PLACES);
    assert_int_equal(kind[1].units_max, 1);
    assert_int_equal(kind[1].rate_min, 50000);
    assert_int_equal(kind[1].rate_max, 250050);
    assert_int_equal(kind[1].band[1].days, 0);
    assert_int_equal(kind[1].step[0].window, 1440);
    pm_market_file_free(file);
}

static void expect_places(const struct pm_command *supply)
{
    expect_written(supply[0].provider.title, "Alder, Ash & Co");
    assert_int_equal(supply[0].provider.standing, PM_ACTIVE);
    assert_int_equal(supply[1].provider.standing, PM_SUSPENDED);
    expect_written(supply[2].location.provider, "alder");
    expect_written(supply[2].location.title, "");
    expect_written(supply[2].location.cqc, "invented-1");
    assert_int_equal(supply[2].location.rating, PM_REQUIRES_IMPROVEMENT);
    assert_int_equal(supply[2].location.score, 55);
    assert_int_equal(supply[3].location.rating, PM_UNRATED);
    assert_int_equal(supply[3].location.score, -1);
}

static void expect_capacity(const struct pm_command *supply)
{
    const int64_t day = 86400000;
    expect_written(supply[4].pool.location, "alder-branch");
    assert_int_equal(supply[4].pool.mode, PM_DECLARED);
    const struct pm_capacity_set *set = &supply[5].capacity;
    expect_written(set->pool, "run");
    assert_int_equal(set->bands, 2);
    assert_int_equal(set->spare[0], 600);
    assert_int_equal(set->spare[1], 30);
    assert_int_equal(set->as_of, pm_date_parse(pm_text("2024-12-23")) * day + 450 * 60000);
    assert_int_equal(set->valid_until, pm_date_parse(pm_text("2025-01-01")) * day);
    assert_int_equal(supply[6].pool.mode, PM_ASK);
    expect_written(supply[6].pool.kind, "places");
}

static void expect_services(const struct pm_command *supply)
{
    const struct pm_service_put *care = &supply[7].service;
    expect_written(care->pool, "run");
    expect_written(care->kind, "homecare");
    expect_written(care->lot, "main");
    assert_int_equal(care->tier, 1);
    assert_int_equal(care->contract, PM_FRAMEWORK);
    assert_int_equal(care->standing, PM_ACTIVE);
    assert_int_equal(care->localities, 2);
    expect_written(care->locality[1], "South");
    assert_int_equal(care->capabilities, 2);
    expect_written(care->capability[0], "hoist");
    assert_int_equal(care->rates, 2);
    assert_int_equal(care->rate[0].pence, 2240);
    assert_int_equal(care->rate[1].pence, 2410);
    assert_int_equal(care->rate[1].from, pm_date_parse(pm_text("2025-04-01")));
    const struct pm_service_put *last = &supply[8].service;
    assert_int_equal(last->contract, PM_IN_HOUSE);
    assert_int_equal(last->localities, 0);
    assert_int_equal(last->sectors, 2);
    assert_int_equal(last->sector[1], pm_postcode_parse(pm_text("ZX3 4")));
    assert_int_equal(last->rates, 1);
    assert_int_equal(last->rate[0].from, pm_date_parse(pm_text("2024-04-01")));
    assert_int_equal(supply[9].service.rate[0].pence, 95000);
    assert_int_equal(supply[9].service.uplift, 0);
}

static void the_supply_reads_as_written(void **state)
{
    static const uint8_t verbs[] = {
        PM_PROVIDER_PUT, PM_PROVIDER_PUT, PM_LOCATION_PUT, PM_LOCATION_PUT, PM_POOL_PUT,
        PM_CAPACITY_SET, PM_POOL_PUT,     PM_SERVICE_PUT,  PM_SERVICE_PUT,  PM_SERVICE_PUT};
    const struct scratch *scratch = *state;
    write_small(scratch);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_load *load = &pm_market_file_command(file)->load;
    assert_int_equal(load->supplies, COUNT(verbs));
    for (size_t i = 0; i < COUNT(verbs); i++)
        assert_int_equal(load->supply[i].verb, verbs[i]);
    expect_places(load->supply);
    expect_capacity(load->supply);
    expect_services(load->supply);
    pm_market_file_free(file);
}

#define HEADER "service,pool,kind,lot,tier,contract,localities,sectors,capabilities,rate,standing\n"

static void an_uplift_reads_as_written(void **state)
{
    static const char services[] =
        "uplift," HEADER
        "2025-04-01,care,run,homecare,main,1,framework,North; South,,hoist;dementia,2024-04-01="
        "22.40;2025-04-01=24.1,\n"
        ",last,run,homecare,main,8,in house,,ZX2 5;ZX3 4,,32.14,active\n"
        ",bed,ward,places,main,1,spot,East,,,950,active\n";
    const struct scratch *scratch = *state;
    write_small(scratch);
    write_file(scratch, SERVICES, services, sizeof services - 1);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_command *supply = pm_market_file_command(file)->load.supply;
    assert_int_equal(supply[7].service.uplift, pm_date_parse(pm_text("2025-04-01")));
    assert_int_equal(supply[8].service.uplift, 0);
    expect_services(supply);
    pm_market_file_free(file);
}

static void without_files_it_is_the_rules_alone(void **state)
{
    const struct scratch *scratch = *state;
    const char *files = strstr(small[YAML], "files:");
    write_changed(scratch, YAML, files, "");
    struct pm_market_file *file = expect_read(scratch->path);
    assert_int_equal(pm_market_file_command(file)->load.supplies, 0);
    assert_int_equal(pm_market_file_command(file)->load.market->kinds, 2);
    pm_market_file_free(file);
}

static void a_spreadsheets_habits_are_understood(void **state)
{
    const struct scratch *scratch = *state;
    write_changed(
        scratch, PROVIDERS, "title,provider,standing\n\"Alder, Ash & Co\",alder,\n",
        "\xef\xbb\xbftitle,provider,standing\r\n \"Alder, Ash & Co\" , alder ,\r\n  \r\n");
    struct pm_market_file *file = expect_read(scratch->path);
    expect_written(pm_market_file_command(file)->load.supply[0].provider.title, "Alder, Ash & Co");
    expect_written(pm_market_file_command(file)->load.supply[0].provider.provider, "alder");
    pm_market_file_free(file);
}

/* ---- The demonstration market ---- */

static void count_verbs(const struct pm_load *load, unsigned counts[PM_QUERY_FIRST])
{
    for (uint32_t i = 0; i < load->supplies; i++) {
        assert_in_range(load->supply[i].verb, PM_PROVIDER_PUT, PM_CAPACITY_SET);
        counts[load->supply[i].verb]++;
    }
}

static struct pm_market_file *read_demonstration(void)
{
    const char *tests = getenv("TESTS_DIR");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/../bench/thurrock/market.yaml",
                   tests != NULL ? tests : "tests");
    return expect_read(path);
}

static void the_demonstration_market_reads(void **state)
{
    (void)state;
    struct pm_market_file *file = read_demonstration();
    const struct pm_load *load = &pm_market_file_command(file)->load;
    assert_string_equal(load->market->name.text, "thurrock");
    assert_int_equal(load->market->localities, 4);
    assert_int_equal(load->market->kinds, 3);
    assert_int_equal(load->market->prefixes, 22);
    assert_string_equal(load->market->locality[1].name.text, "Grays");
    assert_int_equal(load->market->locality[1].neighbours, 0xd); /* all the others */
    unsigned counts[PM_QUERY_FIRST] = {0};
    count_verbs(load, counts);
    assert_in_range(counts[PM_LOCATION_PUT], 48,
                    60); /* 28 homes, some 20 branches, bridging, in-house */
    assert_int_equal(counts[PM_POOL_PUT], counts[PM_LOCATION_PUT]);
    assert_in_range(counts[PM_CAPACITY_SET], 30, counts[PM_POOL_PUT] - 1);
    assert_in_range(counts[PM_SERVICE_PUT], 60, 200);
    pm_market_file_free(file);
}

static void the_demonstrations_offices_open(void **state)
{
    (void)state;
    struct pm_market_file *file = read_demonstration();
    const struct pm_load *load = &pm_market_file_command(file)->load;
    assert_int_equal(load->calendars, 2);
    assert_int_equal(load->calendar[0].openings, 1003); /* every day */
    assert_int_equal(load->calendar[1].openings, 800);  /* 826 from Monday to Friday, 26 holidays */
    assert_int_equal(load->market->kind[0].calendar, 1);
    assert_int_equal(load->market->kind[1].calendar, 0); /* bridging is always open */
    assert_int_equal(load->market->kind[2].calendar, 2);
    pm_market_file_free(file);
}

static void the_core_takes_the_demonstration_market(void **state)
{
    (void)state;
    struct pm_market_file *file = read_demonstration();
    struct pm_core *core = pm_core_open(&pm_limits_default);
    assert_non_null(core);
    struct pm_entry entry = {.sequence = 1,
                             .time = pm_date_parse(pm_text("2024-12-01")) * INT64_C(86400000),
                             .market = pm_text("thurrock"),
                             .actor = {.role = PM_OPERATOR, .name = pm_text("test")},
                             .command = pm_market_file_command(file)};
    struct pm_result result = pm_core_apply(core, &entry);
    char broken[256] = "";
    assert_string_equal(pm_status_name(result.status), "ok");
    assert_true(pm_core_has_market(core, pm_text("thurrock")));
    if (!pm_core_check(core, broken))
        fail_msg("%s", broken);
    pm_core_close(core);
    pm_market_file_free(file);
}

static void everyone_in_the_demonstration_is_invented(void **state)
{
    (void)state;
    struct pm_market_file *file = read_demonstration();
    const struct pm_load *load = &pm_market_file_command(file)->load;
    for (uint32_t i = 0; i < load->supplies; i++) {
        struct pm_text title = pm_text("(invented)");
        if (load->supply[i].verb == PM_PROVIDER_PUT)
            title = load->supply[i].provider.title;
        if (load->supply[i].verb == PM_LOCATION_PUT)
            title = load->supply[i].location.title;
        assert_true(title.length >= 10);
        assert_memory_equal(title.bytes + title.length - 10, "(invented)", 10);
    }
    pm_market_file_free(file);
}

/* ---- Mistakes ---- */

static void mistakes_of_the_head_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, "salt: 42\n", "", "small.yaml:1: salt: missing"},
        {YAML, "salt: 42", "salt: -1",
         "small.yaml:3: salt: \"-1\" is not a whole number from 0 to 18446744073709551615"},
        {YAML, "salt: 42", "salt: 18446744073709551616",
         "small.yaml:3: salt: \"18446744073709551616\" is not a whole number from 0 to "
         "18446744073709551615"},
        {YAML, "lapse: ask", "lapes: ask",
         "small.yaml:4: unknown field \"lapes\", did you mean \"lapse\"?"},
        {YAML, "lapse: ask", "lapse: exclud",
         "small.yaml:4: lapse: \"exclud\" is not ask or exclude, did you mean \"exclude\"?"},
        {YAML, "lapse: ask", "lapse: [ask]",
         "small.yaml:4: lapse: one text expected, not a list or fields"},
        {YAML, "lapse: ask", "name: again",
         "small.yaml:4: \"name\" is there twice, first on line 1"},
        {YAML, "keep_days: 30", "keep_days: soon",
         "small.yaml:5: keep_days: \"soon\" is not a whole number"},
        {YAML, "keep_days: 30", "keep_days: 0", "small.yaml:5: keep_days: 0, 1 to 3660 expected"},
        {YAML, "keep_days: 30", "keep_days: 99999999999999999999",
         "small.yaml:5: keep_days: 99999999999999999999, 1 to 3660 expected"},
        {YAML, "keep_days: 30", "keep_days:", "small.yaml:5: keep_days: empty"},
        {YAML, "name: small", "name: \" small\"",
         "small.yaml:1: name: a name has no spaces at its ends"},
        {YAML, "name: small", "name: 12345678901234567890123456789012",
         "small.yaml:1: name: 32 bytes, 31 at most"},
        {YAML, "A small market",
         "A title that goes on for longer than the sixty-three bytes that a title",
         "small.yaml:2: title: 82 bytes, 63 at most"},
        {YAML, "good: 700", "good: 7000", "small.yaml:6: quality.good: 7000, 0 to 1000 expected"},
        {YAML, "good: 700, ", "", "small.yaml:6: quality.good: missing"},
        {YAML, "files: {providers: providers.csv", "files: {providers: nothing.csv",
         "small.yaml:36: files.providers: nothing.csv: No such file or directory"},
        {YAML, "pools: pools.csv, ", "", "small.yaml:36: files.pools: missing"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_places_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, "[ZX1 1, ZX1 2]", "[ZX1 1, ZX1 1]",
         "small.yaml:9: localities.North.postcodes[2]: \"ZX1 1\" is listed under \"North\" "
         "already"},
        {YAML, "[ZX2]", "[ZX1 2]",
         "small.yaml:12: localities.South.postcodes[1]: \"ZX1 2\" is listed under \"North\" "
         "already"},
        {YAML, "[ZX2]", "[2ZX]",
         "small.yaml:12: localities.South.postcodes[1]: \"2ZX\" is not a postcode: a unit (RM18 "
         "8AB), sector "
         "(RM18 8) or district (RM18)"},
        {YAML, "[ZX2]", "[]",
         "small.yaml:12: localities.South.postcodes: 0 items, 1 to 256 expected"},
        {YAML, "postcodes: [ZX2]", "postcodes: ZX2",
         "small.yaml:12: localities.South.postcodes: a list [...] expected"},
        {YAML, "neighbours: [South]", "neighbours: [Suoth]",
         "small.yaml:10: localities.North.neighbours[1]: unknown locality \"Suoth\", did you mean "
         "\"South\"?"},
        {YAML, "neighbours: [South]", "neighbours: [North]",
         "small.yaml:10: localities.North.neighbours[1]: a locality is not its own neighbour"},
        {YAML, "  East:", "  North:",
         "small.yaml:13: localities: \"North\" is there twice, first on line 8"},
        {YAML, "  East:", "  East; West:", "small.yaml:13: localities: a name has no ; or = in it"},
        {YAML, "postcodes: [ZX3 4]", "postcode: [ZX3 4]",
         "small.yaml:13: localities.East: unknown field \"postcode\", did you mean \"postcodes\"?"},
        {YAML, "[dementia, hoist]", "[dementia, dementia]",
         "small.yaml:14: capabilities[2]: \"dementia\" is there twice"},
        {YAML, "from: 2024-04-01", "from: 2024-02-30",
         "small.yaml:16: lots.main.from: \"2024-02-30\" is not a date, like 2026-12-01"},
        {YAML, "to: 2028-03-31", "to: 2023-03-31",
         "small.yaml:16: lots.main.to: 2023-03-31 is before from"},
        {YAML, "  main: {from: 2024-04-01, to: 2028-03-31}\n", "  {}\n",
         "small.yaml:15: lots: none: at least one expected"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_kinds_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, "unit: minutes", "unit: hours",
         "small.yaml:19: kinds.homecare.unit: \"hours\" is not minutes or places"},
        {YAML, "    largest: 100h\n", "", "small.yaml:18: kinds.homecare.largest: missing"},
        {YAML, "largest: 100h", "largest: 10000h",
         "small.yaml:24: kinds.homecare.largest: 600000 minutes, 1 to 20160 expected"},
        {YAML, "largest: 100h", "largest: 4 hours",
         "small.yaml:24: kinds.homecare.largest: \"4 hours\" is not a duration, like 30m, 4h, 2d "
         "or minutes"},
        {YAML, "largest: 100h", "largest: 100h\n    short_term: maybe",
         "small.yaml:25: kinds.homecare.short_term: \"maybe\" is not no, yes, false or true"},
        {YAML, "largest: 100h", "largest: 100h\n    passes: 9",
         "small.yaml:25: kinds.homecare.passes: 9, 1 to 8 expected"},
        {YAML, "max: 45.00", "max: 11.00",
         "small.yaml:23: kinds.homecare.rates.max: 11.00 is outside 12.00 to 1000000.00"},
        {YAML, "ceiling: 33.50", "ceiling: 3350",
         "small.yaml:23: kinds.homecare.rates.ceiling: 3350 is outside 12.00 to 45.00"},
        {YAML, "reference: 24.10", "reference: 24.105",
         "small.yaml:23: kinds.homecare.rates.reference: \"24.105\" is not a rate in pounds, like "
         "24.10"},
        {YAML, "{price: 60, quality: 40}", "{price: 0, quality: 0}",
         "small.yaml:25: kinds.homecare.weights: both are 0"},
        {YAML, "days: mon-sun, from: \"12:00\"", "days: mon-sunday, from: \"12:00\"",
         "small.yaml:22: kinds.homecare.bands[2].days: \"mon-sunday\" is not days, like mon-fri or "
         "\"sat,sun\""},
        {YAML, "from: \"12:00\"", "from: \"12.00\"",
         "small.yaml:22: kinds.homecare.bands[2].from: \"12.00\" is not a time of day, 00:00 to "
         "24:00"},
        {YAML, "from: \"12:00\"", "from: \"23:00\"",
         "small.yaml:22: kinds.homecare.bands[2].to: 23:00 is not after from"},
        {YAML, "from: \"12:00\"", "from: \"11:59\"",
         "small.yaml:22: kinds.homecare.bands[2]: \"late\" overlaps \"early\": a visit belongs to "
         "one band"},
        {YAML, "name: late", "name: early",
         "small.yaml:22: kinds.homecare.bands[2]: \"early\" is there twice"},
        {YAML, "[{name: all}, {name: residential}]", "[{name: all}]",
         "small.yaml:32: kinds.places.bands: 1 items, 2 to 8 expected"},
        {YAML, "{name: residential}", "{name: residential, days: mon}",
         "small.yaml:32: kinds.places.bands[2]: unknown field \"days\""},
        {YAML, "    unit: places\n", "    unit: places\n    largest: 2\n",
         "small.yaml:32: kinds.places.largest: 2, 1 to 1 expected"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void what_a_market_file_is_not_is_told(void **state)
{
    static const struct mistake mistakes[] = {
        {YAML, "[dementia, hoist]", "&all [dementia, hoist]",
         "small.yaml:14: an anchor (&): a market file has none"},
        {YAML, "[dementia, hoist]", "*all", "small.yaml:14: an alias (*): write the value out"},
        {YAML, "salt: 42", "salt: !!int 42", "small.yaml:3: a tag (!): a market file has none"},
        {YAML, "[dementia, hoist]", "[[[[[[[[dementia]]]]]]]]",
         "small.yaml:14: nested deeper than 8"},
        {YAML, "[dementia, hoist]", "[dementia, \"ho\\nist\"]",
         "small.yaml:14: a text with a line break or control character"},
        {YAML, "salt: 42", "salt: \"\\0\"",
         "small.yaml:3: a text with a line break or control character"},
        {YAML, "[dementia, hoist]", "[dementia, \"\\e[31mhoist\"]",
         "small.yaml:14: a text with a line break or control character"},
        {YAML, "files:", "---\nfiles:", "small.yaml:36: a second document: one market a file"},
        {YAML, "[dementia, hoist]", "[dementia",
         "small.yaml:15: not YAML: did not find expected ',' or ']'"},
        {YAML, "[dementia, hoist]", "[dementia, h\xf6ist]",
         "small.yaml:14: not UTF-8: save the file as UTF-8"},
        {YAML, "[dementia, hoist]", "[dementia, \xed\xa0\x80]",
         "small.yaml:14: not UTF-8: save the file as UTF-8"},
        {YAML, "[dementia, hoist]", "[dementia, hoist\x07]",
         "small.yaml:14: a control character (0x07)"},
        {YAML, "[dementia, hoist]", "[dementia, {a: b}]",
         "small.yaml:14: capabilities[2]: one text expected, not a list or fields"},
        {YAML, "salt: 42", "[a]: 42", "small.yaml:3: a key that is not a text"},
        {PROVIDERS, "Birch", "B\xc3\xafrch\x01", "providers.csv:4: a control character (0x01)"},
        {PROVIDERS, "Birch", "\xc3(", "providers.csv:4: not UTF-8: save the file as UTF-8"},
        {PROVIDERS, "Birch", "Bir\rch", "providers.csv:4: a control character (0x0d)"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_columns_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {PROVIDERS, "title,provider", "titel,provider",
         "providers.csv:1: unknown column \"titel\", did you mean \"title\"?"},
        {PROVIDERS, "title,provider,standing", "title,provider",
         "providers.csv:1: column \"standing\" is missing"},
        {PROVIDERS, "title,provider,standing", "title,provider,standing,colour",
         "providers.csv:1: unknown column \"colour\""},
        {PROVIDERS, "title,provider,standing", "title,provider,title",
         "providers.csv:1: column \"title\" is there twice"},
        {PROVIDERS, "title,provider,standing", ",,,,,,,,,,,,,,,,",
         "providers.csv:1: 17 columns, 3 expected"},
        {PROVIDERS, "birch,suspended", "birch,suspended,", "providers.csv:4: 4 cells, 3 expected"},
        {PROVIDERS, ",birch,suspended", "", "providers.csv:4: 1 cells, 3 expected"},
        {PROVIDERS, "Birch (invented),birch", "\"Birch\ninvented\",birch",
         "providers.csv:4: a quotation mark out of place: quote a whole cell, on one line"},
        {PROVIDERS, "Birch (invented)", "Birch \"(invented)\"",
         "providers.csv:4: a quotation mark out of place: quote a whole cell, on one line"},
        {LOCATIONS, "location,provider", "place,provider",
         "locations.csv:1: unknown column \"place\""},
        {POOLS, "spare,as_of", "spare,asof",
         "pools.csv:1: unknown column \"asof\", did you mean \"as_of\"?"},
        {SERVICES, "lot,tier", "lot;tier", "services.csv:1: unknown column \"lot;tier\""},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_supply_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {PROVIDERS, "birch,suspended", "alder,suspended",
         "providers.csv:4: provider: \"alder\" is there twice, first on line 2"},
        {PROVIDERS, "birch,suspended", ",suspended", "providers.csv:4: provider: empty"},
        {PROVIDERS, "birch,suspended", "birch,resting",
         "providers.csv:4: standing: \"resting\" is not active, suspended or ceased"},
        {LOCATIONS, "birch-home,birch", "birch-home,brich",
         "locations.csv:3: provider: unknown provider \"brich\", did you mean \"birch\"?"},
        {LOCATIONS, "Requires improvement", "fair",
         "locations.csv:2: rating: \"fair\" is not unrated, inadequate, requires_improvement, good "
         "or "
         "outstanding"},
        {LOCATIONS, ",55,", ",101,", "locations.csv:2: score: 101, 0 to 100 expected"},
        {POOLS, "ward,birch-home", "ward,birch-house",
         "pools.csv:3: location: unknown location \"birch-house\", did you mean \"birch-home\"?"},
        {POOLS, "ward,birch-home,places", "ward,birch-home,palces",
         "pools.csv:3: kind: unknown kind \"palces\", did you mean \"places\"?"},
        {POOLS, "ward,birch-home,places,ask", "ward,birch-home,places,asked",
         "pools.csv:3: mode: \"asked\" is not declared or ask, did you mean \"ask\"?"},
        {POOLS, "places,ask,,,", "places,ask,,2024-12-23,",
         "pools.csv:3: as_of: an ask pool declares nothing: leave it blank"},
        {POOLS, "late=30; ", "", "pools.csv:2: spare: band \"late\" is missing"},
        {POOLS, "late=30", "later=30",
         "pools.csv:2: spare: homecare has no band \"later\", did you mean \"late\"?"},
        {POOLS, "late=30", "early=30", "pools.csv:2: spare: band \"early\" is there twice"},
        {POOLS, "late=30", "late=-30", "pools.csv:2: spare: -30, 0 to 10000000 expected"},
        {POOLS, "late=30", "late", "pools.csv:2: spare: \"late\" is not of the form name=value"},
        {POOLS, "2024-12-23 07:30", "2024-12-23 25:30",
         "pools.csv:2: as_of: \"2024-12-23 25:30\" is not a date, like 2026-12-01, or a time "
         "(UTC), like "
         "2026-12-01 07:30"},
        {POOLS, "2024-12-31", "2024-12-22", "pools.csv:2: valid_until: not after as_of"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

static void mistakes_of_services_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {SERVICES, "last,run", "care,run",
         "services.csv:3: service: \"care\" is there twice, first on line 2"},
        {SERVICES, "last,run", "last,rum",
         "services.csv:3: pool: unknown pool \"rum\", did you mean \"run\"?"},
        {SERVICES, "bed,ward,places", "bed,ward,homecare",
         "services.csv:4: kind: homecare has other bands than places, the kind of its pool"},
        {SERVICES, "homecare,main,8", "homecare,mian,8",
         "services.csv:3: lot: unknown lot \"mian\", did you mean \"main\"?"},
        {SERVICES, "main,8", "main,9", "services.csv:3: tier: 9, 1 to 8 expected"},
        {SERVICES, "in house", "inn house",
         "services.csv:3: contract: \"inn house\" is not framework, block, spot or in_house, did "
         "you "
         "mean \"in_house\"?"},
        {SERVICES, "North; South", "North; Southend",
         "services.csv:2: localities: unknown locality \"Southend\", did you mean \"South\"?"},
        {SERVICES, "North; South", "North;;South", "services.csv:2: localities: empty"},
        {SERVICES, "North; South", "North; North",
         "services.csv:2: localities: \"North\" is there twice"},
        {SERVICES, "North; South", "",
         "services.csv:2: localities: empty, and no sectors: the service would serve nowhere"},
        {SERVICES, "ZX2 5;ZX3 4", "ZX2 5;ZX9 9",
         "services.csv:3: sectors: \"ZX9 9\" is in no locality of the market"},
        {SERVICES, "ZX2 5;ZX3 4", "ZX2 5;ZX3",
         "services.csv:3: sectors: \"ZX3\" is not a postcode sector, like RM18 8"},
        {SERVICES, "ZX2 5;ZX3 4", "ZX2 5;zx2 5",
         "services.csv:3: sectors: \"zx2 5\" is there twice"},
        {SERVICES, "ZX2 5;ZX3 4", "ZX2 0;ZX2 1;ZX2 2;ZX2 3;ZX2 4;ZX2 5;ZX2 6;ZX2 7;ZX2 8",
         "services.csv:3: sectors: more than 8 sectors: name the locality"},
        {SERVICES, "hoist;dementia", "hoist;dementai",
         "services.csv:2: capabilities: unknown capability \"dementai\", did you mean "
         "\"dementia\"?"},
        {SERVICES, "32.14", "3214",
         "services.csv:3: rate: 3214 is outside 12.00 to 45.00 (rates are in pounds)"},
        {SERVICES, "32.14", "11.99",
         "services.csv:3: rate: 11.99 is outside 12.00 to 45.00 (rates are in pounds)"},
        {SERVICES, "32.14", "-32.14",
         "services.csv:3: rate: \"-32.14\" is not a rate in pounds, like 24.10"},
        {SERVICES, "32.14", "32.",
         "services.csv:3: rate: \"32.\" is not a rate in pounds, like 24.10"},
        {SERVICES, "32.14", "99999999999999999999",
         "services.csv:3: rate: \"99999999999999999999\" is not a rate in pounds, like 24.10"},
        {SERVICES, "32.14", "", "services.csv:3: rate: empty"},
        {SERVICES, "2025-04-01=", "2024-04-01=", "services.csv:2: rate: the dates do not rise"},
        {SERVICES, "2025-04-01=24.1", "2025-04-01=2410",
         "services.csv:2: rate: 2410 is outside 12.00 to 45.00 (rates are in pounds)"},
        {SERVICES, "2025-04-01=24.1", "2025-04-01=20;2026-04-01=20;2027-04-01=20;2028-04-01=20",
         "services.csv:2: rate: more than 4 rates"},
        {SERVICES, HEADER, "uplift," HEADER, "services.csv:2: 11 cells, 12 expected"},
        {SERVICES, HEADER, "uplfit," HEADER,
         "services.csv:1: unknown column \"uplfit\", did you mean \"uplift\"?"},
        {SERVICES, HEADER "care", "uplift," HEADER "April,care",
         "services.csv:2: uplift: \"April\" is not a date, like 2026-12-01"},
        {SERVICES, HEADER "care", "uplift," HEADER "2024-03-31,care",
         "services.csv:2: uplift: the service has no rate yet on 2024-03-31"},
    };
    expect_mistakes(*state, mistakes, COUNT(mistakes));
}

/* ---- Files that are not what they should be ---- */

static void a_file_that_cannot_be_read_is_told(void **state)
{
    const struct scratch *scratch = *state;
    char path[128];
    write_small(scratch);
    path_of(scratch, YAML, path);
    assert_int_equal(unlink(path), 0);
    expect_sentence(scratch, "small.yaml: No such file or directory");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_sentence(scratch, "small.yaml: not a regular file");
    assert_int_equal(unlink(path), 0);
    write_file(scratch, YAML, "", 0);
    expect_sentence(scratch, "small.yaml: the file is empty");
    write_file(scratch, YAML, "- a list\n", 9);
    expect_sentence(scratch, "small.yaml:1: fields (name: value) expected");
    write_small(scratch);
    write_file(scratch, POOLS, "\n\n", 2);
    expect_sentence(scratch, "pools.csv: empty: a header row expected");
}

static void files_too_large_are_told(void **state)
{
    const struct scratch *scratch = *state;
    char path[128];
    write_small(scratch);
    path_of(scratch, YAML, path);
    assert_int_equal(truncate(path, (1 << 20) + 1), 0);
    expect_sentence(scratch, "small.yaml: larger than 1 MiB");
    write_small(scratch);
    path_of(scratch, SERVICES, path);
    assert_int_equal(truncate(path, (64 << 20) + 1), 0);
    expect_sentence(scratch, "small.yaml:36: files.services: services.csv: larger than 64 MiB");
}

/* `size` times one text, after the beginning given. */
static char *repeated(const char *beginning, const char *text, size_t times)
{
    size_t length = strlen(text);
    char *all = malloc(strlen(beginning) + length * times + 1);
    assert_non_null(all);
    char *end = stpcpy(all, beginning);
    for (size_t i = 0; i < times; i++, end += length)
        memcpy(end, text, length);
    *end = '\0';
    return all;
}

static void more_than_a_market_has_is_told(void **state)
{
    const struct scratch *scratch = *state;
    char *text = repeated("", "- a\n", 20001);
    write_file(scratch, YAML, text, strlen(text));
    free(text);
    expect_sentence(scratch, "small.yaml:20000: more than 20000 values");
    text = repeated("", "[", 100000);
    write_file(scratch, YAML, text, strlen(text));
    free(text);
    expect_sentence(scratch, "small.yaml:1: nested deeper than 8");
    write_small(scratch);
    text = repeated("title,provider,standing\n", "x", 16385);
    write_file(scratch, PROVIDERS, text, strlen(text));
    free(text);
    expect_sentence(scratch, "providers.csv:2: longer than 16384 bytes");
}

static void many_rows_are_read(void **state)
{
    enum { ROWS = 3000 };
    const struct scratch *scratch = *state;
    char *text = repeated(small[PROVIDERS], "one more (invented),pnnnnn,active\n", ROWS);
    char *at = text + strlen(small[PROVIDERS]);
    for (unsigned i = 0; i < ROWS; i++) {
        at = strstr(at, "nnnnn");
        for (unsigned digit = 0, rest = i; digit < 5; digit++, rest /= 10)
            at[4 - digit] = (char)('0' + rest % 10);
    }
    write_small(scratch);
    write_file(scratch, PROVIDERS, text, strlen(text));
    free(text);
    struct pm_market_file *file = expect_read(scratch->path);
    const struct pm_load *load = &pm_market_file_command(file)->load;
    assert_int_equal(load->supplies, 10 + ROWS);
    expect_written(load->supply[ROWS + 1].provider.provider, "p02999");
    pm_market_file_free(file);
}

static void a_long_sentence_ends_in_a_whole_character(void **state)
{
    const struct scratch *scratch = *state;
    char *text = repeated("", "\xe2\x82\xac", 60);
    struct pm_market_file *file = NULL;
    struct pm_client_error error;
    write_changed(scratch, YAML, "lapse: ask", text);
    assert_false(pm_market_file_read(scratch->path, &file, &error));
    assert_non_null(strstr(error.text, "small.yaml:"));
    write_changed(scratch, SERVICES, "North; South", text);
    assert_false(pm_market_file_read(scratch->path, &file, &error));
    free(text);
    /* 13 characters of 3 bytes: as much as is shown of a value. */
    const char *expected = "services.csv:2: localities: unknown locality \"";
    assert_memory_equal(error.text, expected, strlen(expected));
    assert_string_equal(error.text + strlen(expected) + 39, "\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rules_read_as_written, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(the_kinds_read_as_written, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(the_supply_reads_as_written, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(an_uplift_reads_as_written, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(without_files_it_is_the_rules_alone, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(a_spreadsheets_habits_are_understood, scratch_open,
                                        scratch_close),
        cmocka_unit_test(the_demonstration_market_reads),
        cmocka_unit_test(the_demonstrations_offices_open),
        cmocka_unit_test(the_core_takes_the_demonstration_market),
        cmocka_unit_test(everyone_in_the_demonstration_is_invented),
        cmocka_unit_test_setup_teardown(mistakes_of_the_head_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_places_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_kinds_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(what_a_market_file_is_not_is_told, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_columns_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_supply_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(mistakes_of_services_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_is_told, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(files_too_large_are_told, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(more_than_a_market_has_is_told, scratch_open,
                                        scratch_close),
        cmocka_unit_test_setup_teardown(many_rows_are_read, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(a_long_sentence_ends_in_a_whole_character, scratch_open,
                                        scratch_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
