/* test_calendar.c - windows in opening hours, against a count minute by minute; and what a calendar
 * must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* before cmocka.h, which needs them */
#include <stdio.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "core/find.h"
#include "tests/lib/random.h"
#include "tests/lib/world.h"

enum { OPENINGS = 40, TRIES = 4000 };

/* A world whose first kind counts in this calendar. */
static uint16_t load(struct world *world, const struct pm_opening *opening, uint32_t openings)
{
    static struct pm_market rules;
    const struct pm_calendar calendar = {
        .name = {"office"}, .opening = opening, .openings = openings};
    world_rules(&rules);
    rules.kind[0].calendar = 1;
    const struct pm_command command = {
        .verb = PM_MARKET_LOAD, .load = {.market = &rules, .calendar = &calendar, .calendars = 1}};
    return world_do(world, &command).status;
}

static bool is_open(const struct pm_opening *opening, uint32_t openings, int64_t minute)
{
    if (minute >= opening[openings - 1].to)
        return true;
    for (uint32_t i = 0; i < openings; i++)
        if (minute >= opening[i].from && minute < opening[i].to)
            return true;
    return false;
}

/* Goes from minute to minute; `from` is a whole one. */
static int64_t count(const struct pm_opening *opening, uint32_t openings, int64_t from,
                     uint32_t minutes)
{
    int64_t minute = from;
    for (uint32_t left = minutes; left > 0; minute++)
        left -= is_open(opening, openings, minute);
    return minute;
}

static void windows_are_counted_in_opening_hours(void **state)
{
    struct world world;
    struct random random = {.state = 11};
    struct pm_opening opening[OPENINGS];
    int32_t at = (int32_t)(WORLD_START / MINUTE);
    (void)state;
    for (unsigned i = 0; i < OPENINGS; i++) {
        at += 1 + (int32_t)random_below(&random, 300);
        opening[i].from = at;
        at += 1 + (int32_t)random_below(&random, 300);
        opening[i].to = at;
    }
    assert_true(world_open(&world, &world_limits));
    assert_int_equal(load(&world, opening, OPENINGS), PM_OK);
    uint32_t market = find_market(world.core, world.market);
    for (unsigned t = 0; t < TRIES; t++) {
        int64_t from = WORLD_START / MINUTE + random_below(&random, 13000);
        uint32_t minutes = 1 + random_below(&random, 2000);
        int64_t given = calendar_after(world.core, market, 0, from * MINUTE, minutes);
        int64_t expected = count(opening, OPENINGS, from, minutes) * MINUTE;
        if (given != expected)
            print_error("try %u: %u minutes from minute %lld\n", t, minutes, (long long)from);
        assert_int_equal(given, expected);
    }
    world_close(&world);
}

static void seconds_that_are_open_are_used_up(void **state)
{
    const int32_t nine = (int32_t)(WORLD_START / MINUTE);
    const struct pm_opening opening[] = {{nine, nine + 60}, {nine + 1000, nine + 1060}};
    struct world world;
    (void)state;
    assert_true(world_open(&world, &world_limits));
    assert_int_equal(load(&world, opening, 2), PM_OK);
    uint32_t market = find_market(world.core, world.market);
    int64_t late = WORLD_START + 59 * MINUTE + 30000; /* half a minute before it closes */
    assert_int_equal(calendar_after(world.core, market, 0, late, 1),
                     WORLD_START + 1000 * MINUTE + 30000);
    /* What ends with the opening ends with it, and does not wait for the next. */
    assert_int_equal(calendar_after(world.core, market, 0, WORLD_START, 60),
                     WORLD_START + 60 * MINUTE);
    assert_int_equal(calendar_after(world.core, market, 1, WORLD_START, 60),
                     WORLD_START + 60 * MINUTE);
    world_close(&world);
}

static void a_calendar_must_be_in_order(void **state)
{
    static const struct {
        struct pm_opening opening[2];
        uint32_t openings;
    } wrong[] = {
        {{{0, 0}, {0, 0}}, 0},     {{{10, 10}, {0, 0}}, 1},   {{{10, 5}, {0, 0}}, 1},
        {{{-5, 5}, {0, 0}}, 1},    {{{10, 20}, {20, 30}}, 2}, {{{10, 20}, {15, 30}}, 2},
        {{{40, 50}, {10, 20}}, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct world world;
        assert_true(world_open(&world, &world_limits));
        assert_int_equal(load(&world, wrong[i].opening, wrong[i].openings), PM_BAD_MARKET);
        assert_false(world.failed);
        world_close(&world);
    }
}

/* New rules bring their calendars with them, more or fewer. */
static void calendars_come_and_go_with_the_rules(void **state)
{
    const int32_t nine = (int32_t)(WORLD_START / MINUTE);
    const struct pm_opening opening[] = {{nine, nine + 60}, {nine + 100, nine + 160}};
    struct world world;
    struct pm_market rules;
    (void)state;
    world_rules(&rules);
    const struct pm_command none = {.verb = PM_MARKET_LOAD, .load = {.market = &rules}};
    assert_true(world_open(&world, &world_limits));
    assert_int_equal(world_do(&world, &none).status, PM_OK);
    assert_int_equal(load(&world, opening, 2), PM_OK);
    assert_int_equal(world.core->table[TABLE_CALENDARS].used, 1);
    assert_int_equal(load(&world, opening, 1), PM_OK);
    assert_int_equal(world.core->table[TABLE_CALENDARS].used, 1);
    assert_int_equal(world_do(&world, &none).status, PM_OK);
    assert_int_equal(world.core->table[TABLE_CALENDARS].used, 0);
    assert_false(world.failed);
    world_close(&world);
}

/* As many markets as there may be, each with all the calendars it may have: none takes another's
 * place. */
static void every_market_has_room_for_its_calendars(void **state)
{
    const int32_t nine = (int32_t)(WORLD_START / MINUTE);
    const struct pm_opening opening = {nine + 10, nine + 20};
    struct pm_calendar calendar[PM_CALENDARS_MAX];
    struct pm_market rules;
    struct pm_limits limits = world_limits;
    struct world world;
    (void)state;
    limits.markets = 16;
    limits.waitlists *= limits.markets;
    world_rules(&rules);
    for (unsigned i = 0; i < PM_CALENDARS_MAX; i++) {
        calendar[i] = (struct pm_calendar){.opening = &opening, .openings = 1};
        rules.kind[i % rules.kinds].rounds = (uint8_t)(i + 1); /* which makes it due */
        snprintf(calendar[i].name.text, sizeof calendar[i].name.text, "times-%u", i);
    }
    assert_true(world_open(&world, &limits));
    for (uint32_t m = 0; m < limits.markets; m++) {
        snprintf(rules.name.text, sizeof rules.name.text, "market-%u", m);
        world.market = pm_text(rules.name.text);
        const struct pm_command command = {
            .verb = PM_MARKET_LOAD,
            .load = {.market = &rules, .calendar = calendar, .calendars = PM_CALENDARS_MAX}};
        assert_int_equal(world_do(&world, &command).status, PM_OK);
    }
    assert_string_equal(world.error, "");
    assert_int_equal(world.core->table[TABLE_CALENDARS].used, limits.markets * PM_CALENDARS_MAX);
    world_close(&world);
}

/* Those that open at the same times share them, whichever market they are of, until one is changed.
 */
static void the_same_hours_are_kept_once(void **state)
{
    const int32_t nine = (int32_t)(WORLD_START / MINUTE);
    const struct pm_opening opening[] = {{nine, nine + 60}, {nine + 100, nine + 160}};
    struct world world;
    (void)state;
    assert_true(world_open(&world, &world_limits));
    const struct table *hours = &world.core->table[TABLE_HOURS];
    struct pm_market rules;
    world_rules(&rules);
    rules.kind[0].calendar = 1;
    struct pm_calendar calendar[] = {{.name = {"office"}, .opening = opening, .openings = 2},
                                     {.name = {"rounds"}, .opening = opening, .openings = 2}};
    const struct pm_command both = {
        .verb = PM_MARKET_LOAD, .load = {.market = &rules, .calendar = calendar, .calendars = 2}};
    assert_int_equal(world_do(&world, &both).status, PM_OK);
    assert_int_equal(hours->used, 1);
    calendar[1].openings = 1;
    assert_int_equal(world_do(&world, &both).status, PM_OK);
    assert_int_equal(hours->used, 2);
    assert_int_equal(load(&world, opening, 1), PM_OK);
    assert_int_equal(hours->used, 1);
    assert_int_equal(calendar_opens(world.core, 1, WORLD_START - 1), WORLD_START);
    assert_false(world.failed);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_counted_in_opening_hours),
        cmocka_unit_test(seconds_that_are_open_are_used_up),
        cmocka_unit_test(a_calendar_must_be_in_order),
        cmocka_unit_test(calendars_come_and_go_with_the_rules),
        cmocka_unit_test(every_market_has_room_for_its_calendars),
        cmocka_unit_test(the_same_hours_are_kept_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
