/*
 * test_workload.c: the packages that a discharge day becomes, and the answers of providers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* The benchmarks are in no library. */
#include "../../bench/workload.c"        /* NOLINT */
#include "../../bench/workload_answer.c" /* NOLINT */
#include "../../bench/workload_day.c"    /* NOLINT */
#include "core/demand.h"

enum { MANY = 20000, DAY_MS = 24 * 60 * 60 * 1000 };

static struct pm_market_file *file;
static const struct pm_market *market;

static char *project_path(const char *name, char path[512])
{
    const char *tests = getenv("TESTS_DIR");
    snprintf(path, 512, "%s/../%s", tests != NULL ? tests : "tests", name);
    return path;
}

static int read_market(void **state)
{
    (void)state;
    struct pm_client_error error;
    char path[512];
    if (!pm_market_file_read(project_path("bench/thurrock/market.yaml", path), &file, &error))
        return -1;
    market = pm_market_file_command(file)->load.market;
    return 0;
}

static int free_market(void **state)
{
    (void)state;
    pm_market_file_free(file);
    return 0;
}

static struct workload *drawn_early(uint32_t packages, uint64_t seed, uint32_t early)
{
    struct pm_client_error error = {""};
    struct workload_options options = {.market = market,
                                       .seed = seed,
                                       .date = pm_date_parse(pm_text("2024-12-24")),
                                       .discharges = packages,
                                       .share = 1000,
                                       .scale = 1,
                                       .early = early};
    struct workload *workload = workload_open(&options, &error);
    assert_string_equal(error.text, "");
    assert_non_null(workload);
    assert_int_equal(workload_count(workload), packages);
    return workload;
}

static struct workload *drawn(uint32_t packages, uint64_t seed)
{
    return drawn_early(packages, seed, 0);
}

/* ---- Fixed by the seed ---- */

static uint64_t mix_number(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * UINT64_C(0x100000001b3) + 1;
}

static uint64_t fingerprint(const struct workload *workload)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < workload_count(workload); i++) {
        const struct workload_arrival *arrival = workload_at(workload, i);
        const struct pm_package *package = &arrival->package;
        hash = mix(mix(mix(hash, package->reference), arrival->ward), package->kind);
        hash = mix(mix_number(hash, (uint64_t)arrival->time), package->place_type);
        hash = mix_number(mix_number(hash, package->postcode), package->priority);
        hash = mix_number(mix_number(hash, package->interim), package->payer);
        hash = mix_number(hash, (uint32_t)package->start_by);
        hash = mix_number(hash, (uint32_t)package->planned_end);
        for (unsigned v = 0; v < package->visits; v++)
            hash = mix_number(hash, package->visit[v].earliest * 10000u +
                                        package->visit[v].minutes * 10u + package->visit[v].carers +
                                        package->visit[v].critical);
        for (unsigned n = 0; n < package->needs; n++)
            hash = mix(hash, package->need[n]);
    }
    return hash;
}

/* The number was computed once: any machine and compiler draws the same packages. */
static void a_seed_fixes_everything(void **state)
{
    (void)state;
    struct workload *one = drawn(500, 1), *again = drawn(500, 1), *other = drawn(500, 2);
    assert_true(fingerprint(one) == fingerprint(again));
    assert_true(fingerprint(one) != fingerprint(other));
    if (fingerprint(one) != UINT64_C(0x82f12a8cdee6ab31))
        fail_msg("other packages than before: %#llx", (unsigned long long)fingerprint(one));
    workload_close(one);
    workload_close(again);
    workload_close(other);
}

static void the_number_is_rounded(void **state)
{
    (void)state;
    static const struct {
        uint32_t discharges, share, scale;
        size_t packages;
    } cases[] = {{350, 125, 1, 44}, {350, 125, 10, 438}, {0, 125, 1, 0},
                 {350, 0, 1, 0},    {350, 125, 0, 0},    {4, 125, 1, 1},
                 {3, 125, 1, 0},    {1, 1000, 1, 1},     {239, 125, 3, 90}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_client_error error;
        struct workload_options options = {.market = market,
                                           .date = 20000,
                                           .discharges = cases[i].discharges,
                                           .share = cases[i].share,
                                           .scale = cases[i].scale};
        struct workload *workload = workload_open(&options, &error);
        assert_non_null(workload);
        assert_int_equal(workload_count(workload), cases[i].packages);
        workload_close(workload);
    }
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    struct pm_client_error error = {""};
    struct workload_options options = {
        .market = market, .discharges = UINT32_MAX, .share = 1000, .scale = UINT32_MAX};
    assert_null(workload_open(&options, &error));
    assert_string_equal(error.text, "That makes more than 1000000 packages.");
    options.discharges = WORKLOAD_PACKAGES_MAX + 1;
    options.scale = 1;
    assert_null(workload_open(&options, &error));

    struct pm_market *poorer = malloc(sizeof *poorer);
    assert_non_null(poorer);
    *poorer = *market;
    options = (struct workload_options){.market = poorer, .discharges = 1, .share = 1, .scale = 1};
    poorer->kinds = 2;
    assert_null(workload_open(&options, &error));
    assert_string_equal(error.text, "The market has no kind \"residential\".");
    poorer->kinds = market->kinds;
    poorer->prefixes = 0;
    assert_null(workload_open(&options, &error));
    assert_string_equal(error.text, "The market has no postcodes.");
    free(poorer);
}

static void references_find_their_packages(void **state)
{
    (void)state;
    static const char *const strangers[] = {"",
                                            "p",
                                            "p1224-",
                                            "p1224-0000",
                                            "p1224-0101",
                                            "p1224-00001",
                                            "p1225-0001",
                                            "q1224-0001",
                                            "p1224-0001x",
                                            "p1224--001",
                                            "p1224-99999999999999999999999"};
    struct workload *workload = drawn(100, 3);
    for (long i = 0; i < 100; i++)
        assert_int_equal(
            workload_find(workload, workload_at(workload, (size_t)i)->package.reference), i);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        assert_int_equal(workload_find(workload, pm_text(strangers[i])), -1);
    workload_close(workload);
}

/* ---- Like the published figures ---- */

/* Says which figure of which seed is out. */
static void expect_near(const char *what, uint64_t seed, double value, double least, double most)
{
    if (value < least || value > most)
        fail_msg("%s is %.4f, not %.4f to %.4f (seed %llu)", what, value, least, most,
                 (unsigned long long)seed);
}

static void arrivals_are_in_order_and_three_in_five_before_five(void **state)
{
    (void)state;
    const uint64_t seed = 11;
    struct workload *workload = drawn(MANY, seed);
    int64_t day = (int64_t)workload->options.date * DAY_MS, last = day;
    size_t early = 0;
    for (size_t i = 0; i < MANY; i++) {
        int64_t time = workload_at(workload, i)->time;
        assert_true(time >= last && time < day + DAY_MS);
        early += time < day + DAY_MS / 24 * 17;
        last = time;
    }
    expect_near("share before 17:00", seed, (double)early / MANY, 0.58, 0.62);
    workload_close(workload);
}

static void the_share_before_five_may_be_told(void **state)
{
    (void)state;
    static const uint32_t shares[] = {1, 250, 500, 999};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        const uint64_t seed = 17;
        struct workload *workload = drawn_early(MANY, seed, shares[i]);
        int64_t five = (int64_t)workload->options.date * DAY_MS + DAY_MS / 24 * 17;
        double early = 0, told = shares[i] / 1000.0;
        for (size_t at = 0; at < MANY; at++)
            early += workload_at(workload, at)->time < five;
        expect_near("share before 17:00, as told", seed, early / MANY, told - 0.02, told + 0.02);
        workload_close(workload);
    }
}

static uint32_t weekly_minutes(const struct pm_package *package)
{
    uint32_t minutes = 0;
    for (unsigned v = 0; v < package->visits; v++)
        minutes += 7u * package->visit[v].minutes * package->visit[v].carers;
    return minutes;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sizes_are_log_normal(void **state)
{
    (void)state;
    const uint64_t seed = 12;
    static uint32_t size[MANY];
    struct workload *workload = drawn(MANY, seed);
    size_t count = 0;
    double sum = 0;
    for (size_t i = 0; i < MANY; i++)
        if (workload_at(workload, i)->kind != WORKLOAD_RESIDENTIAL) {
            size[count] = weekly_minutes(&workload_at(workload, i)->package);
            sum += size[count++];
        }
    qsort(size, count, sizeof size[0], ascending);
    size_t middle = count / 2;
    expect_near("median hours", seed, size[middle] / 60.0, 9.4, 10.6);
    expect_near("mean hours", seed, sum / (double)count / 60, 11.5, 12.5);
    expect_near("most hours", seed, size[count - 1] / 60.0, 45, 56);
    workload_close(workload);
}

static void visits_are_as_long_and_as_many_handed_as_in_life(void **state)
{
    (void)state;
    const uint64_t seed = 13;
    double length[5] = {0}, visits = 0, two = 0, packages = 0;
    struct workload *workload = drawn(MANY, seed);
    for (size_t i = 0; i < MANY; i++) {
        const struct pm_package *package = &workload_at(workload, i)->package;
        for (unsigned v = 0; v < package->visits; v++) {
            assert_int_equal(package->visit[v].minutes % 15, 0);
            assert_in_range(package->visit[v].minutes, 15, 60);
            assert_int_equal(package->visit[v].days, PM_EVERY_DAY);
            length[package->visit[v].minutes / 15]++;
            visits++;
        }
        packages += package->visits != 0;
        two += package->visits != 0 && package->visit[0].carers == 2;
    }
    expect_near("share of 15 minutes", seed, length[1] / visits, 0.012, 0.020);
    expect_near("share of 30 minutes", seed, length[2] / visits, 0.71, 0.73);
    expect_near("share of 45 minutes", seed, length[3] / visits, 0.17, 0.19);
    expect_near("share of 60 minutes", seed, length[4] / visits, 0.07, 0.09);
    expect_near("share double-handed", seed, two / packages, 0.15, 0.20);
    workload_close(workload);
}

static const struct pm_kind *kind_named(const char *name)
{
    for (unsigned k = 0; k < market->kinds; k++)
        if (strcmp(market->kind[k].name.text, name) == 0)
            return &market->kind[k];
    fail_msg("no kind %s", name);
    return NULL;
}

static void every_package_fits_the_market_and_mornings_are_scarce(void **state)
{
    (void)state;
    const uint64_t seed = 14;
    double part[PM_BANDS_MAX] = {0};
    struct workload *workload = drawn(MANY, seed);
    for (size_t i = 0; i < MANY; i++) {
        const struct workload_arrival *arrival = workload_at(workload, i);
        const struct pm_kind *kind = kind_named(workload_kind_name(arrival->kind));
        const struct pm_package *package = &arrival->package;
        struct demand demand;
        unsigned band;
        assert_in_range(package->start_by, package->start_from, package->start_from + 7);
        if (arrival->kind == WORKLOAD_RESIDENTIAL) {
            assert_int_equal(demand_of_place(kind, package->place_type, &demand, &band), PM_OK);
            continue;
        }
        assert_int_equal(demand_of_visits(kind, package->visit, package->visits, &demand), PM_OK);
        for (unsigned b = 0; b < kind->bands; b++)
            part[b] += demand.band[b];
    }
    for (unsigned b = 1; b < 4; b++)
        expect_near("a part of the day beside the morning", seed, part[b] / part[0], 0.05, 0.8);
    workload_close(workload);
}

static bool needs(const struct pm_package *package, const char *name)
{
    for (unsigned n = 0; n < package->needs; n++)
        if (pm_text_equal(package->need[n], pm_text(name)))
            return true;
    return false;
}

static bool place_is(const struct pm_package *package, const char *first, const char *second)
{
    return pm_text_equal(package->place_type, pm_text(first)) ||
           pm_text_equal(package->place_type, pm_text(second));
}

static void packages_need_what_their_care_takes(void **state)
{
    (void)state;
    const uint64_t seed = 15;
    double kinds[WORKLOAD_KINDS] = {0};
    struct workload *workload = drawn(MANY, seed);
    for (size_t i = 0; i < MANY; i++) {
        const struct workload_arrival *arrival = workload_at(workload, i);
        const struct pm_package *package = &arrival->package;
        kinds[arrival->kind]++;
        if (arrival->kind != WORKLOAD_RESIDENTIAL) {
            assert_int_equal(needs(package, "double_handed"), package->visit[0].carers == 2);
            assert_false(needs(package, "nursing"));
            continue;
        }
        assert_int_equal(needs(package, "nursing"),
                         place_is(package, "nursing", "nursing_dementia"));
        assert_int_equal(needs(package, "dementia"),
                         place_is(package, "dementia", "nursing_dementia"));
    }
    expect_near("share of homecare", seed, kinds[WORKLOAD_HOMECARE] / MANY, 0.53, 0.57);
    expect_near("share of bridging", seed, kinds[WORKLOAD_BRIDGING] / MANY, 0.28, 0.32);
    workload_close(workload);
}

static void sparse_sectors_have_fewer_packages(void **state)
{
    (void)state;
    const uint64_t seed = 16;
    double rural = 0, town = 0;
    struct workload *workload = drawn(MANY, seed);
    for (size_t i = 0; i < MANY; i++) {
        uint64_t postcode = workload_at(workload, i)->package.postcode;
        rural += postcode == pm_postcode_parse(pm_text("RM14 3"));
        town += postcode == pm_postcode_parse(pm_text("RM17 6"));
    }
    expect_near("Bulphan beside Grays", seed, rural / town, 0.05, 0.16);
    workload_close(workload);
}

/* ---- The discharge figures ---- */

static void a_real_day_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *file, *trust, *date;
        uint32_t people; /* 0: there is no such day */
    } cases[] = {
        {"bench/data/raj_daily_2025.csv", "RAJ", "2024-12-24", 350},
        {"bench/data/raj_daily_2025.csv", "RAJ", "2024-12-26", 133},
        {"bench/data/england_week_2024-12-20.csv", "RAJ", "2024-12-24", 350},
        {"bench/data/england_week_2024-12-20.csv", "R0A", "2024-12-20", 322},
        {"bench/data/raj_daily_2025.csv", "RAJ", "2025-08-12", 0},
        {"bench/data/raj_daily_2025.csv", "R0A", "2024-12-24", 0},
        {"bench/data/README.md", "RAJ", "2024-12-24", 0},
        {"bench/data/nothing.csv", "RAJ", "2024-12-24", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_client_error error = {""};
        char path[512];
        uint32_t people = 0;
        bool found = workload_discharges(project_path(cases[i].file, path), pm_text(cases[i].trust),
                                         pm_date_parse(pm_text(cases[i].date)), &people, &error);
        assert_int_equal(found, cases[i].people != 0);
        assert_int_equal(people, cases[i].people);
        assert_int_equal(error.text[0] == '\0', found);
    }
}

static void trusts_come_with_several_days_and_a_mean(void **state)
{
    (void)state;
    enum { DAYS = 3 };
    struct workload_trust *trusts = NULL;
    struct pm_client_error error;
    size_t count = 0;
    uint64_t people = 0;
    char path[512];
    const char *figures = project_path("bench/data/england_week_2024-12-20.csv", path);
    int32_t from = pm_date_parse(pm_text("2024-12-24"));
    assert_true(workload_trusts(figures, pm_text(""), from, DAYS, &trusts, &count, &error));
    for (size_t i = 0; i < count; i++) {
        people += trusts[i].discharges[0];
        assert_true(trusts[i].mean > 0);
        assert_int_equal(trusts[i].early[0], 0); /* not published for these days */
        if (strcmp(trusts[i].code.text, "RAJ") == 0)
            assert_int_equal(trusts[i].discharges[2], 133);
    }
    assert_int_equal(people, 15329);
    assert_true(count > 100);
    free(trusts);
    assert_false(workload_trusts(figures, pm_text(""), from + 100, DAYS, &trusts, &count, &error));
}

static void who_leaves_before_five_may_be_given(void **state)
{
    (void)state;
    char path[] = "/tmp/pm-split.XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *out = fdopen(descriptor, "w");
    fprintf(out, "date,nhs_trust_code,discharged_by_1700,discharged_1701_to_2359,discharged_total\n"
                 "2022-04-01,R0A,197,84,281\n2022-04-02,R0A,,84,281\n2022-04-03,R0A,0,0,0\n");
    fclose(out);
    struct workload_trust *trusts = NULL;
    struct pm_client_error error;
    size_t count = 0;
    bool read = workload_trusts(path, pm_text("R0A"), pm_date_parse(pm_text("2022-04-01")), 3,
                                &trusts, &count, &error);
    unlink(path);
    struct workload_trust first = read ? trusts[0] : (struct workload_trust){.mean = 0};
    free(trusts);
    assert_int_equal(count, 1);
    assert_int_equal(first.early[0], 701);
    assert_int_equal(first.early[1], 0);
    assert_int_equal(first.early[2], 0);
    assert_int_equal(first.mean, 188);
}

static void a_damaged_row_is_no_day(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        bool good;
    } cases[] = {{"350,2024-12-24,RAJ\r\n", true},    {"350,2024-12-24,RAJ,9\n", false},
                 {"350,2024-12-24\n", false},         {",2024-12-24,RAJ\n", false},
                 {"-1,2024-12-24,RAJ\n", false},      {"3.5,2024-12-24,RAJ\n", false},
                 {"3500000,2024-12-24,RAJ\n", false}, {"350,2024-12-24,RAJ", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[] = "/tmp/pm-day.XXXXXX";
        int descriptor = mkstemp(path);
        assert_true(descriptor >= 0);
        FILE *out = fdopen(descriptor, "w");
        fprintf(out, "discharged_total,date,nhs_trust_code\n%s", cases[i].row);
        fclose(out);
        struct pm_client_error error;
        uint32_t people = 0;
        bool found = workload_discharges(path, pm_text("RAJ"), pm_date_parse(pm_text("2024-12-24")),
                                         &people, &error);
        unlink(path);
        assert_int_equal(found, cases[i].good);
        assert_int_equal(people, cases[i].good ? 350 : 0);
    }
}

/* ---- Providers ---- */

static struct workload_answer answered(uint64_t seed, unsigned kind, unsigned n, unsigned times)
{
    char service[32];
    snprintf(service, sizeof service, "service-%u", n);
    return workload_answer(seed, kind, pm_text("p1224-0001"), pm_text(service), times);
}

static void providers_answer_as_their_kind_does(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < WORKLOAD_KINDS; kind++) {
        const struct manner *manner = &manners[kind];
        const uint64_t seed = 17;
        double accepts = 0, declines = 0, soon = 0;
        for (unsigned n = 0; n < MANY; n++) {
            struct workload_answer answer = answered(seed, kind, n, 0);
            accepts += answer.says == WORKLOAD_ACCEPTS;
            declines += answer.says == WORKLOAD_DECLINES;
            soon += answer.delay < manner->soonest + manner->spread / 2;
            assert_in_range(answer.delay, manner->soonest, manner->soonest + manner->spread);
            assert_in_range(answer.code, answer.says == WORKLOAD_DECLINES,
                            answer.says == WORKLOAD_DECLINES ? PM_DECLINE_CODES - 1 : 0);
        }
        expect_near("share accepted", seed, accepts / MANY, manner->accepts / 100.0 - 0.02,
                    manner->accepts / 100.0 + 0.02);
        expect_near("share declined", seed, declines / MANY, manner->declines / 100.0 - 0.02,
                    manner->declines / 100.0 + 0.02);
        expect_near("share soon", seed, soon / MANY, 0.82, 0.88);
    }
}

static void an_answer_depends_on_who_is_asked_what_and_how_often(void **state)
{
    (void)state;
    unsigned other_seed = 0, other_service = 0, other_time = 0;
    for (unsigned n = 0; n < 100; n++) {
        struct workload_answer answer = answered(1, WORKLOAD_HOMECARE, n, 0);
        assert_memory_equal(&answer.delay, &(int64_t){answered(1, WORKLOAD_HOMECARE, n, 0).delay},
                            sizeof answer.delay);
        other_seed += answered(2, WORKLOAD_HOMECARE, n, 0).delay != answer.delay;
        other_service += answered(1, WORKLOAD_HOMECARE, n + 1, 0).delay != answer.delay;
        other_time += answered(1, WORKLOAD_HOMECARE, n, 1).delay != answer.delay;
    }
    assert_in_range(other_seed, 95, 100);
    assert_in_range(other_service, 95, 100);
    assert_in_range(other_time, 95, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_fixes_everything),
        cmocka_unit_test(the_number_is_rounded),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(references_find_their_packages),
        cmocka_unit_test(arrivals_are_in_order_and_three_in_five_before_five),
        cmocka_unit_test(the_share_before_five_may_be_told),
        cmocka_unit_test(sizes_are_log_normal),
        cmocka_unit_test(visits_are_as_long_and_as_many_handed_as_in_life),
        cmocka_unit_test(every_package_fits_the_market_and_mornings_are_scarce),
        cmocka_unit_test(packages_need_what_their_care_takes),
        cmocka_unit_test(sparse_sectors_have_fewer_packages),
        cmocka_unit_test(a_real_day_is_found),
        cmocka_unit_test(trusts_come_with_several_days_and_a_mean),
        cmocka_unit_test(who_leaves_before_five_may_be_given),
        cmocka_unit_test(a_damaged_row_is_no_day),
        cmocka_unit_test(providers_answer_as_their_kind_does),
        cmocka_unit_test(an_answer_depends_on_who_is_asked_what_and_how_often),
    };
    return cmocka_run_group_tests_name("workload", tests, read_market, free_market);
}
