/* test_core_market.c - rules that a market is refused for, one mistake at a time; and changes of
 * shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/world.h"

struct change {
    const char *what;
    void (*make)(struct pm_market *);
};
#define CHANGE(name, ...)                 \
    static void name(struct pm_market *m) \
    {                                     \
        __VA_ARGS__;                      \
    }

/* ---- Mistakes ---- */

CHANGE(market_unnamed, m->name.text[0] = '\0')
CHANGE(market_space, m->name.text[0] = ' ')
CHANGE(market_endless, memset(m->name.text, 'a', sizeof m->name.text))
CHANGE(title_endless, memset(m->title.text, 'a', sizeof m->title.text))
CHANGE(kinds_none, m->kinds = 0)
CHANGE(kinds_many, m->kinds = PM_KINDS_MAX + 1)
CHANGE(localities_none, m->localities = 0)
CHANGE(localities_many, m->localities = PM_LOCALITIES_MAX + 1)
CHANGE(prefixes_many, m->prefixes = PM_PREFIXES_MAX + 1)
CHANGE(capabilities_many, m->capabilities = PM_CAPABILITIES_MAX + 1)
CHANGE(lots_none, m->lots = 0)
CHANGE(lots_many, m->lots = PM_LOTS_MAX + 1)
CHANGE(lapse_none, m->lapse = 0)
CHANGE(lapse_other, m->lapse = 3)
CHANGE(keep_negative, m->keep_days = -1)
CHANGE(keep_long, m->keep_days = 3661)
CHANGE(quality_negative, m->quality[PM_GOOD] = -1)
CHANGE(quality_much, m->quality[PM_OUTSTANDING] = 1001)
CHANGE(kind_unnamed, m->kind[0].name.text[0] = '\0')
CHANGE(kind_twice, m->kind[1].name = m->kind[0].name)
CHANGE(unit_none, m->kind[0].unit = 0)
CHANGE(unit_other, m->kind[0].unit = 3)
CHANGE(short_term_other, m->kind[0].short_term = 2)
CHANGE(bands_none, m->kind[0].bands = 0)
CHANGE(bands_many, m->kind[0].bands = PM_BANDS_MAX + 1)
CHANGE(steps_none, m->kind[0].steps = 0)
CHANGE(steps_many, m->kind[0].steps = PM_STEPS_MAX + 1)
CHANGE(passes_none, m->kind[0].passes = 0)
CHANGE(passes_many, m->kind[0].passes = 9)
CHANGE(rate_min_zero, m->kind[0].rate_min = 0)
CHANGE(rate_max_low, m->kind[0].rate_max = 999)
CHANGE(rate_max_high, m->kind[0].rate_max = 100000001)
CHANGE(ceiling_low, m->kind[0].ceiling = 999)
CHANGE(ceiling_high, m->kind[0].ceiling = 5001)
CHANGE(reference_low, m->kind[0].reference_rate = 999)
CHANGE(reference_high, m->kind[0].reference_rate = 5001)
CHANGE(units_none, m->kind[0].units_max = 0)
CHANGE(units_many, m->kind[0].units_max = 20161)
CHANGE(places_many, m->kind[2].units_max = 2)
CHANGE(floor_negative, m->kind[0].quality_floor = -1)
CHANGE(floor_high, m->kind[0].quality_floor = 1001)
CHANGE(weight_negative, m->kind[0].weight_price = -1)
CHANGE(weight_high, m->kind[0].weight_quality = 101)
CHANGE(weights_none, m->kind[0].weight_price = m->kind[0].weight_quality = 0)
CHANGE(band_unnamed, m->kind[0].band[3].name.text[0] = '\0')
CHANGE(band_twice, m->kind[0].band[3].name = m->kind[0].band[0].name)
CHANGE(band_dayless, m->kind[0].band[3].days = 0)
CHANGE(band_eighth_day, m->kind[0].band[3].days = 0x80)
CHANGE(band_empty, m->kind[0].band[3].to = m->kind[0].band[3].from)
CHANGE(band_next_day, m->kind[0].band[3].to = 1441)
CHANGE(bands_overlap, m->kind[0].band[1].from = 659)
CHANGE(bands_share_a_day, m->kind[0].band[4].days = 0x61; m->kind[0].band[4].from = 300)
CHANGE(place_band_timed, m->kind[2].band[1].to = 60)
CHANGE(place_band_days, m->kind[2].band[1].days = 1)
CHANGE(route_none, m->kind[0].step[0].route = 0)
CHANGE(route_other, m->kind[0].step[0].route = PM_STEP_ROUTES)
CHANGE(where_none, m->kind[0].step[0].where = 0)
CHANGE(where_other, m->kind[0].step[0].where = 4)
CHANGE(tiers_none, m->kind[0].step[0].tiers = 0)
CHANGE(window_none, m->kind[0].step[0].window = 0)
CHANGE(window_long, m->kind[0].step[0].window = 60 * 24 * 60 + 1)
CHANGE(window_of_last_resort, m->kind[1].step[1].window = 1)
CHANGE(step_twice, m->kind[0].step[1] = m->kind[0].step[0]; m->kind[0].step[1].window = 5)
CHANGE(locality_unnamed, m->locality[1].name.text[0] = '\0')
CHANGE(locality_twice, m->locality[1].name = m->locality[0].name)
CHANGE(neighbour_of_itself, m->locality[0].neighbours |= 1)
CHANGE(neighbour_one_way, m->locality[2].neighbours |= 1)
CHANGE(neighbour_not_there, m->locality[0].neighbours |= 8)
CHANGE(prefix_none, m->prefix[0].code = 0)
CHANGE(prefix_bad, m->prefix[0].code = PM_POSTCODE_BAD)
CHANGE(prefix_twice, m->prefix[1].code = m->prefix[0].code)
CHANGE(prefix_nowhere, m->prefix[0].locality = 3)
CHANGE(capability_unnamed, m->capability[2].text[0] = '\0')
CHANGE(capability_twice, m->capability[2] = m->capability[0])
CHANGE(lot_unnamed, m->lot[0].name.text[0] = '\0')
CHANGE(lot_twice, m->lot[1].name = m->lot[0].name)
CHANGE(lot_reversed, m->lot[0].to = m->lot[0].from - 1)
CHANGE(lot_ancient, m->lot[0].from = -1)
CHANGE(lot_endless, m->lot[0].to = INT32_MAX)
CHANGE(lot_beyond, m->lot[0].from = m->lot[0].to = INT32_MAX)
CHANGE(award_other, m->kind[0].step[0].award = 2)
CHANGE(award_of_last_resort, m->kind[1].step[1].award = PM_CONFIRMED)
CHANGE(award_of_choice, m->kind[2].step[0].route = PM_CHOICE;
       m->kind[2].step[0].award = PM_CONFIRMED)
CHANGE(close_other, m->kind[0].step[0].route = PM_OPEN_OFFER; m->kind[0].step[0].close = 2)
CHANGE(close_of_call_off, m->kind[0].step[0].close = PM_AT_FIRST)
CHANGE(invite_many, m->kind[0].step[0].invite = PM_INVITED_MAX + 1)
CHANGE(binding_call_off, m->kind[0].step[0].binding = 1)
CHANGE(binding_with_window, m->kind[0].step[0].route = PM_ROUND; m->kind[0].step[0].binding = 1)
CHANGE(binding_confirmed, m->kind[0].step[0].route = PM_ROUND; m->kind[0].step[0].binding = 1;
       m->kind[0].step[0].window = 0; m->kind[0].step[0].award = PM_CONFIRMED)
CHANGE(round_without_window, m->kind[0].step[0].route = PM_ROUND; m->kind[0].step[0].window = 0)
CHANGE(decide_long, m->kind[0].step[0].decide = 60 * 24 * 60 + 1)
CHANGE(floor_of_call_off, m->kind[0].step[0].floor = 2000)
CHANGE(spot_floor_low, m->kind[0].step[0].route = PM_SPOT_OFFER; m->kind[0].step[0].floor = 999)
CHANGE(spot_floor_above, m->kind[0].step[0].route = PM_SPOT_OFFER; m->kind[0].step[0].floor = 3001)
CHANGE(spot_ceiling_high, m->kind[0].step[0].route = PM_SPOT_OFFER;
       m->kind[0].step[0].ceiling = 5001)
CHANGE(calendar_missing, m->kind[0].calendar = 1)
CHANGE(share_cap_negative, m->kind[0].share_cap = -1)
CHANGE(bonus_negative, m->kind[0].bonus_cluster = -1)
CHANGE(bonus_high, m->kind[0].bonus_preference = 20001)
CHANGE(ask_again_long, m->kind[0].ask_again = 60 * 24 * 60 + 1)
CHANGE(raise_high, m->raise[PM_IN_HOSPITAL] = 4)
CHANGE(raise_after_long, m->raise_after = 60 * 24 * 60 + 1)

#define MISTAKE(name) \
    {                 \
#name, name   \
    }
static const struct change mistakes[] = {
    MISTAKE(award_other),        MISTAKE(award_of_last_resort),
    MISTAKE(award_of_choice),    MISTAKE(close_other),
    MISTAKE(close_of_call_off),  MISTAKE(invite_many),
    MISTAKE(binding_call_off),   MISTAKE(binding_with_window),
    MISTAKE(binding_confirmed),  MISTAKE(round_without_window),
    MISTAKE(decide_long),        MISTAKE(floor_of_call_off),
    MISTAKE(spot_floor_low),     MISTAKE(spot_floor_above),
    MISTAKE(spot_ceiling_high),  MISTAKE(calendar_missing),
    MISTAKE(share_cap_negative), MISTAKE(bonus_negative),
    MISTAKE(bonus_high),         MISTAKE(ask_again_long),
    MISTAKE(raise_high),         MISTAKE(raise_after_long),
    MISTAKE(market_unnamed),     MISTAKE(market_space),
    MISTAKE(market_endless),     MISTAKE(title_endless),
    MISTAKE(kinds_none),         MISTAKE(kinds_many),
    MISTAKE(localities_none),    MISTAKE(localities_many),
    MISTAKE(prefixes_many),      MISTAKE(capabilities_many),
    MISTAKE(lots_none),          MISTAKE(lots_many),
    MISTAKE(lapse_none),         MISTAKE(lapse_other),
    MISTAKE(keep_negative),      MISTAKE(keep_long),
    MISTAKE(quality_negative),   MISTAKE(quality_much),
    MISTAKE(kind_unnamed),       MISTAKE(kind_twice),
    MISTAKE(unit_none),          MISTAKE(unit_other),
    MISTAKE(short_term_other),   MISTAKE(bands_none),
    MISTAKE(bands_many),         MISTAKE(steps_none),
    MISTAKE(steps_many),         MISTAKE(passes_none),
    MISTAKE(passes_many),        MISTAKE(rate_min_zero),
    MISTAKE(rate_max_low),       MISTAKE(rate_max_high),
    MISTAKE(ceiling_low),        MISTAKE(ceiling_high),
    MISTAKE(reference_low),      MISTAKE(reference_high),
    MISTAKE(units_none),         MISTAKE(units_many),
    MISTAKE(places_many),        MISTAKE(floor_negative),
    MISTAKE(floor_high),         MISTAKE(weight_negative),
    MISTAKE(weight_high),        MISTAKE(weights_none),
    MISTAKE(band_unnamed),       MISTAKE(band_twice),
    MISTAKE(band_dayless),       MISTAKE(band_eighth_day),
    MISTAKE(band_empty),         MISTAKE(band_next_day),
    MISTAKE(bands_overlap),      MISTAKE(bands_share_a_day),
    MISTAKE(place_band_timed),   MISTAKE(place_band_days),
    MISTAKE(route_none),         MISTAKE(route_other),
    MISTAKE(where_none),         MISTAKE(where_other),
    MISTAKE(tiers_none),         MISTAKE(window_none),
    MISTAKE(window_long),        MISTAKE(window_of_last_resort),
    MISTAKE(step_twice),         MISTAKE(locality_unnamed),
    MISTAKE(locality_twice),     MISTAKE(neighbour_of_itself),
    MISTAKE(neighbour_one_way),  MISTAKE(neighbour_not_there),
    MISTAKE(prefix_none),        MISTAKE(prefix_bad),
    MISTAKE(prefix_twice),       MISTAKE(prefix_nowhere),
    MISTAKE(capability_unnamed), MISTAKE(capability_twice),
    MISTAKE(lot_unnamed),        MISTAKE(lot_twice),
    MISTAKE(lot_reversed),       MISTAKE(lot_ancient),
};

/* ---- Changes of shape, and changes that are none ---- */

CHANGE(fewer_kinds, m->kinds--)
CHANGE(fewer_localities, m->locality[1].neighbours = 1; m->localities--; m->prefixes = 0)
CHANGE(fewer_capabilities, m->capabilities--)
CHANGE(fewer_lots, m->lots--)
CHANGE(other_kind, m->kind[0].name.text[0] = 'j')
CHANGE(other_unit, m->kind[2].unit = PM_MINUTES;
       memcpy(m->kind[2].band, m->kind[0].band, sizeof m->kind[2].band))
CHANGE(fewer_bands, memset(&m->kind[0].band[--m->kind[0].bands], 0, sizeof(struct pm_band)))
CHANGE(other_band, m->kind[0].band[0].from++)
CHANGE(other_band_name, m->kind[0].band[0].name.text[0] = 'd')
CHANGE(other_locality, m->locality[0].name.text[0] = 'l')
CHANGE(other_capability, m->capability[0].text[0] = 'n')
CHANGE(other_lot, m->lot[0].name.text[0] = 'n')
static const struct change reshaped[] = {
    MISTAKE(fewer_kinds),    MISTAKE(fewer_localities), MISTAKE(fewer_capabilities),
    MISTAKE(fewer_lots),     MISTAKE(other_kind),       MISTAKE(other_unit),
    MISTAKE(fewer_bands),    MISTAKE(other_band),       MISTAKE(other_band_name),
    MISTAKE(other_locality), MISTAKE(other_capability), MISTAKE(other_lot),
};

CHANGE(same, (void)m)
CHANGE(prefixes_gone, m->prefixes = 0)
CHANGE(ladder_shorter, m->kind[0].steps = 1; memset(&m->kind[0].step[1], 0, sizeof(struct pm_step)))
CHANGE(lots_longer, m->lot[0].to += 100)
CHANGE(title_other, m->title.text[0] = 'B')
static const struct change allowed[] = {
    MISTAKE(same),        MISTAKE(prefixes_gone), MISTAKE(ladder_shorter), MISTAKE(lots_longer),
    MISTAKE(title_other), MISTAKE(lot_endless),   MISTAKE(lot_beyond),
};

/* ---- Tests ---- */

static uint16_t load(struct world *world, void (*change)(struct pm_market *))
{
    struct pm_market rules;
    world_rules(&rules);
    if (change != NULL)
        change(&rules);
    const struct pm_command command = {.verb = PM_MARKET_LOAD, .load = {.market = &rules}};
    return world_do(world, &command).status;
}

/* Each change must be answered so, in a core where the market is loaded, or not. */
static void try_all(const struct change *changes, size_t count, bool loaded, uint16_t status)
{
    for (size_t i = 0; i < count; i++) {
        struct world world;
        assert_true(world_open(&world, &world_limits));
        if (loaded)
            assert_int_equal(load(&world, NULL), PM_OK);
        uint16_t given = load(&world, changes[i].make);
        if (given != status || world.failed)
            print_error("%s: %s %s\n", changes[i].what, pm_status_name(given), world.error);
        assert_false(world.failed);
        assert_int_equal(given, status);
        world_close(&world);
    }
}

static void rules_with_a_mistake_are_refused(void **state)
{
    (void)state;
    try_all(mistakes, sizeof mistakes / sizeof *mistakes, false, PM_BAD_MARKET);
    try_all(mistakes, sizeof mistakes / sizeof *mistakes, true, PM_BAD_MARKET);
}

static void no_rules_at_all_are_refused(void **state)
{
    const struct pm_command command = {.verb = PM_MARKET_LOAD};
    struct world world;
    (void)state;
    assert_true(world_open(&world, &world_limits));
    assert_int_equal(world_do(&world, &command).status, PM_BAD_MARKET);
    assert_int_equal(load(&world, NULL), PM_OK);
    assert_int_equal(world_do(&world, &command).status, PM_BAD_MARKET);
    assert_false(world.failed);
    world_close(&world);
}

static void what_is_there_keeps_its_place(void **state)
{
    (void)state;
    try_all(reshaped, sizeof reshaped / sizeof *reshaped, false, PM_OK);
    try_all(reshaped, sizeof reshaped / sizeof *reshaped, true, PM_SHAPE_CHANGED);
}

static void other_changes_are_taken(void **state)
{
    (void)state;
    try_all(allowed, sizeof allowed / sizeof *allowed, false, PM_OK);
    try_all(allowed, sizeof allowed / sizeof *allowed, true, PM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_with_a_mistake_are_refused),
        cmocka_unit_test(no_rules_at_all_are_refused),
        cmocka_unit_test(what_is_there_keeps_its_place),
        cmocka_unit_test(other_changes_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
