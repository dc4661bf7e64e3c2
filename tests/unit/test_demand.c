/* test_demand.c - what visits and places take of each band: edges, sums, and what makes no sense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/demand.h"
#include "tests/lib/random.h"
#include "tests/lib/world.h"

enum { MORNING, LUNCH, TEA, BED, SAT_MORNING, SAT_LUNCH, SAT_TEA, SAT_BED };
enum { WEEKDAYS = 0x1f, WEEKEND = 0x60, MONDAY = 1, SUNDAY = 0x40 };

static struct pm_market rules; /* world_rules() */

/* One visit: earliest, latest, minutes, days, carers, critical; then its status, and what it takes
 * of each band. */
static const struct {
    const char *what;
    struct pm_visit visit;
    uint16_t status;
    int32_t band[PM_BANDS_MAX];
} single[] = {
    {"morning", {420, 600, 30, MONDAY, 1, 0, 0}, PM_OK, {30}},
    {"lunch", {720, 780, 30, MONDAY, 1, 0, 0}, PM_OK, {0, 30}},
    {"tea", {1020, 1080, 30, MONDAY, 1, 0, 0}, PM_OK, {0, 0, 30}},
    {"bed", {1200, 1320, 30, MONDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 30}},
    {"weekend morning", {420, 600, 30, SUNDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 0, 30}},
    {"weekend lunch", {720, 780, 30, SUNDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 0, 0, 30}},
    {"weekend tea", {1020, 1080, 30, SUNDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 0, 0, 0, 30}},
    {"weekend bed", {1200, 1320, 30, SUNDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 0, 0, 0, 0, 30}},
    {"daily", {420, 600, 30, PM_EVERY_DAY, 1, 0, 0}, PM_OK, {150, 0, 0, 0, 60}},
    {"double-handed", {420, 600, 45, PM_EVERY_DAY, 2, 1, 0}, PM_OK, {450, 0, 0, 0, 180}},
    {"middle on an edge: the later band", {600, 720, 30, MONDAY, 1, 0, 0}, PM_OK, {0, 30}},
    {"a minute before", {600, 719, 30, MONDAY, 1, 0, 0}, PM_OK, {30}},
    {"first minute of the first band", {300, 420, 30, MONDAY, 1, 0, 0}, PM_OK, {30}},
    {"before the first band", {300, 419, 30, MONDAY, 1, 0, 0}, PM_NO_BAND, {0}},
    {"last minute of the last band", {1359, 1400, 30, MONDAY, 1, 0, 0}, PM_OK, {0, 0, 0, 30}},
    {"at the end of the last band", {1360, 1400, 30, MONDAY, 1, 0, 0}, PM_NO_BAND, {0}},
    {"shortest", {420, 425, 5, MONDAY, 1, 0, 0}, PM_OK, {5}},
    {"too short", {420, 425, 4, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"longest", {360, 1080, 720, MONDAY, 1, 0, 0}, PM_OK, {0, 720}},
    {"too long", {300, 1080, 721, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"window too narrow", {420, 449, 30, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"window just wide enough", {420, 450, 30, MONDAY, 1, 0, 0}, PM_OK, {30}},
    {"no window", {420, 420, 30, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"window backwards", {600, 420, 30, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"into the next day", {1300, 1441, 30, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"no days", {420, 600, 30, 0, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"an eighth day", {420, 600, 30, 0x80, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"nobody", {420, 600, 30, MONDAY, 0, 0, 0}, PM_BAD_VISIT, {0}},
    {"three", {420, 600, 30, MONDAY, 3, 0, 0}, PM_BAD_VISIT, {0}},
    {"half critical", {420, 600, 30, MONDAY, 1, 2, 0}, PM_BAD_VISIT, {0}},
    {"no minutes", {420, 600, 0, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
    {"most minutes", {0, 65535, 65535, MONDAY, 1, 0, 0}, PM_BAD_VISIT, {0}},
};

static void one_visit(void **state)
{
    struct demand demand;
    (void)state;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        uint16_t status = demand_of_visits(&rules.kind[0], &single[i].visit, 1, &demand);
        int32_t units = 0;
        if (status != single[i].status)
            print_error("%s: %s\n", single[i].what, pm_status_name(status));
        assert_int_equal(status, single[i].status);
        for (unsigned b = 0; status == PM_OK && b < PM_BANDS_MAX; b++) {
            if (demand.band[b] != single[i].band[b])
                print_error("%s: band %u takes %d\n", single[i].what, b, demand.band[b]);
            assert_int_equal(demand.band[b], single[i].band[b]);
            units += single[i].band[b];
        }
        if (status == PM_OK)
            assert_int_equal(demand.units, units);
    }
}

static void visits_add_up(void **state)
{
    const struct pm_visit visits[] = {
        {420, 600, 45, PM_EVERY_DAY, 2, 1, 0},
        {720, 780, 30, WEEKDAYS, 1, 0, 0},
        {1020, 1080, 30, WEEKEND, 1, 0, 0},
        {420, 540, 15, MONDAY | SUNDAY, 1, 0, 0},
    };
    const int32_t expected[PM_BANDS_MAX] = {465, 150, 0, 0, 195, 0, 60, 0};
    struct demand demand;
    (void)state;
    assert_int_equal(demand_of_visits(&rules.kind[0], visits, 4, &demand), PM_OK);
    assert_memory_equal(demand.band, expected, sizeof expected);
    assert_int_equal(demand.units, 870);
}

static void none_and_too_many(void **state)
{
    struct pm_visit visits[PM_VISITS_MAX + 1];
    struct demand demand;
    (void)state;
    for (unsigned v = 0; v <= PM_VISITS_MAX; v++)
        visits[v] = (struct pm_visit){420, 600, 30, MONDAY, 1, 0, 0};
    assert_int_equal(demand_of_visits(&rules.kind[0], visits, 0, &demand), PM_NOTHING_NEEDED);
    assert_int_equal(demand_of_visits(&rules.kind[0], visits, PM_VISITS_MAX, &demand), PM_OK);
    assert_int_equal(demand.units, 30 * PM_VISITS_MAX);
    assert_int_equal(demand_of_visits(&rules.kind[0], visits, PM_VISITS_MAX + 1, &demand),
                     PM_BAD_VISIT);
    assert_int_equal(demand_of_visits(&rules.kind[2], visits, 1, &demand), PM_NOTHING_NEEDED);
}

static void up_to_what_the_kind_allows(void **state)
{
    struct pm_visit visits[PM_VISITS_MAX];
    struct pm_kind kind = rules.kind[0];
    struct demand demand;
    (void)state;
    for (unsigned v = 0; v < PM_VISITS_MAX; v++)
        visits[v] = (struct pm_visit){360, 1080, 720, PM_EVERY_DAY, 2, 0, 0};
    kind.units_max = 7 * 720 * 2;
    assert_int_equal(demand_of_visits(&kind, visits, 1, &demand), PM_OK);
    kind.units_max--;
    assert_int_equal(demand_of_visits(&kind, visits, 1, &demand), PM_TOO_MUCH);
    assert_int_equal(demand_of_visits(&kind, visits, PM_VISITS_MAX, &demand), PM_TOO_MUCH);
}

/* A day of the visit without a band at that time makes it impossible, whatever the others have. */
static void every_day_needs_a_band(void **state)
{
    struct pm_kind kind = rules.kind[0];
    struct pm_visit visit = {420, 600, 30, PM_EVERY_DAY, 1, 0, 0};
    struct demand demand;
    (void)state;
    kind.band[SAT_MORNING].days = SUNDAY;
    assert_int_equal(demand_of_visits(&kind, &visit, 1, &demand), PM_NO_BAND);
    visit.days = WEEKDAYS | SUNDAY;
    assert_int_equal(demand_of_visits(&kind, &visit, 1, &demand), PM_OK);
    assert_int_equal(demand.band[MORNING], 150);
    assert_int_equal(demand.band[SAT_MORNING], 30);
}

/* Against day by day and minute by minute. */
static void as_counted_day_by_day(void **state)
{
    struct random random = {.state = 20};
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct pm_visit visit = {.earliest = (uint16_t)random_below(&random, 1400),
                                 .minutes = (uint16_t)(5 + random_below(&random, 60)),
                                 .days = (uint8_t)(1 + random_below(&random, PM_EVERY_DAY)),
                                 .carers = (uint8_t)(1 + random_below(&random, 2))};
        visit.latest = (uint16_t)(visit.earliest + visit.minutes + random_below(&random, 200));
        if (visit.latest > 1440)
            continue;
        struct demand demand;
        int32_t expected[PM_BANDS_MAX] = {0};
        bool none = false;
        for (unsigned day = 0; day < 7; day++) {
            int hour = (visit.earliest + visit.latest) / 2;
            int part = hour < 360 || hour >= 1380 ? -1
                       : hour < 660               ? 0
                       : hour < 900               ? 1
                       : hour < 1140              ? 2
                                                  : 3;
            if ((visit.days >> day & 1) == 0)
                continue;
            none |= part < 0;
            if (part >= 0)
                expected[part + (day < 5 ? 0 : 4)] += visit.minutes * visit.carers;
        }
        uint16_t status = demand_of_visits(&rules.kind[0], &visit, 1, &demand);
        assert_int_equal(status, none ? PM_NO_BAND : PM_OK);
        if (!none)
            assert_memory_equal(demand.band, expected, sizeof expected);
    }
}

static void places(void **state)
{
    static const struct {
        const char *type;
        uint16_t status;
        unsigned band;
    } types[] = {{"residential", PM_OK, 1}, {"dementia", PM_OK, 2},
                 {"nursing", PM_OK, 3},     {"all", PM_BAD_PLACE, 0},
                 {"", PM_BAD_PLACE, 0},     {"Nursing", PM_BAD_PLACE, 0},
                 {"nurs", PM_BAD_PLACE, 0}, {"nursing home", PM_BAD_PLACE, 0}};
    struct demand demand;
    unsigned band;
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(demand_of_place(&rules.kind[2], pm_text(types[i].type), &demand, &band),
                         types[i].status);
        if (types[i].status != PM_OK)
            continue;
        assert_int_equal(band, types[i].band);
        assert_int_equal(demand.units, 1);
        for (unsigned b = 0; b < PM_BANDS_MAX; b++)
            assert_int_equal(demand.band[b], b == 0 || b == types[i].band);
    }
    assert_int_equal(demand_of_place(&rules.kind[0], pm_text("morning"), &demand, &band),
                     PM_BAD_PLACE);
}

static void a_home_without_sub_limits(void **state)
{
    struct pm_kind kind = rules.kind[2];
    struct demand demand;
    unsigned band = 9;
    (void)state;
    kind.bands = 1;
    assert_int_equal(demand_of_place(&kind, (struct pm_text){0}, &demand, &band), PM_OK);
    assert_int_equal(band, 0);
    assert_int_equal(demand.band[0], 1);
    assert_int_equal(demand_of_place(&kind, pm_text("residential"), &demand, &band), PM_BAD_PLACE);
}

static int prepare(void **state)
{
    (void)state;
    world_rules(&rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_visit),
        cmocka_unit_test(visits_add_up),
        cmocka_unit_test(none_and_too_many),
        cmocka_unit_test(up_to_what_the_kind_allows),
        cmocka_unit_test(every_day_needs_a_band),
        cmocka_unit_test(as_counted_day_by_day),
        cmocka_unit_test(places),
        cmocka_unit_test(a_home_without_sub_limits),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
