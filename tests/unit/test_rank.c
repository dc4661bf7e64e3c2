/* test_rank.c - scores at their ends, and the order of equals: total, fair, and nobody's to choose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dates.h"
#include "core/derive.h"
#include "core/find.h"
#include "core/provider.h"
#include "core/rank.h"
#include "core/roster.h"
#include "core/state.h"
#include "tests/lib/script.h"

/* Weights, reference rate, rate, quality; price and quality part. */
static const struct {
    int32_t price, quality, reference, rate, marks;
    struct score score;
} scores[] = {
    {60, 40, 2000, 2000, 700, {.price = 6000, .quality = 2800}},
    {60, 40, 2000, 2000, 1000, {.price = 6000, .quality = 4000}},
    {60, 40, 2000, 2000, 0, {.price = 6000, .quality = 0}},
    {60, 40, 2000, 1999, 0, {.price = 6003, .quality = 0}},
    {60, 40, 2000, 2001, 0, {.price = 5997, .quality = 0}},
    {60, 40, 2000, 1000, 0, {.price = 12000, .quality = 0}},
    {60, 40, 2000, 999, 0, {.price = 12000, .quality = 0}},
    {60, 40, 2000, 1, 0, {.price = 12000, .quality = 0}},
    {60, 40, 2000, 0, 700, {.price = 0, .quality = 2800}},
    {100, 0, 2000, 3000, 1000, {.price = 6666, .quality = 0}},
    {0, 100, 2000, 3000, 999, {.price = 0, .quality = 9990}},
    {1, 2, 2000, 3000, 500, {.price = 2222, .quality = 3333}},
    {0, 1, 1, 100000000, 1000, {.price = 0, .quality = 10000}},
    {100, 100, 100000000, 100000000, 1000, {.price = 5000, .quality = 5000}},
    {100, 100, 100000000, 1, 1000, {.price = 10000, .quality = 5000}},
    {1, 0, 1, 100000000, 0, {.price = 0, .quality = 0}},
};

static void scores_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        struct pm_kind kind = {.weight_price = scores[i].price,
                               .weight_quality = scores[i].quality,
                               .reference_rate = scores[i].reference};
        struct score score = score_of(&kind, scores[i].rate, scores[i].marks);
        if (score.price != scores[i].score.price || score.quality != scores[i].score.quality)
            print_error("score %zu: %d and %d\n", i, score.price, score.quality);
        assert_int_equal(score.price, scores[i].score.price);
        assert_int_equal(score.quality, scores[i].score.quality);
    }
}

static void dearer_never_scores_more_and_better_never_less(void **state)
{
    const struct pm_kind kind = {.weight_price = 37, .weight_quality = 59, .reference_rate = 2317};
    (void)state;
    for (int32_t rate = 1; rate < 6000; rate++)
        assert_true(score_of(&kind, rate, 0).price >= score_of(&kind, rate + 1, 0).price);
    for (int32_t marks = 0; marks < 1000; marks++)
        assert_true(score_of(&kind, 1, marks).quality <= score_of(&kind, 1, marks + 1).quality);
}

static void roster_keys_sort_by_score_down_then_slot_up(void **state)
{
    static const int32_t falling[] = {20000, 8800, 1, 0};
    (void)state;
    for (size_t i = 0; i < sizeof falling / sizeof *falling; i++) {
        assert_int_equal(roster_key_score(roster_key(falling[i], 7)), falling[i]);
        assert_int_equal(roster_key_service(roster_key(falling[i], 7)), 7);
        assert_true(roster_key(falling[i], 7) < roster_key(falling[i], 8));
        if (i > 0)
            assert_true(roster_key(falling[i - 1], PM_SLOTS_MAX) < roster_key(falling[i], 1));
    }
}

/* ---- Equals ---- */

enum { SERVICES = 6, PACKAGES = 40 };

struct ties {
    struct script *script;
    uint32_t service[SERVICES], package[PACKAGES];
};

static void run(struct script *script, const char *lines)
{
    if (!script_run(script, lines))
        fail_msg("%s", script->error);
}

/* Six services alike, and forty packages that one of them could take. */
static void begin(struct ties *ties, const char *rules)
{
    char line[256];
    struct pm_actor actor = {.role = PM_BROKER, .name = pm_text("desk")};
    ties->script = malloc(sizeof *ties->script);
    assert_non_null(ties->script);
    script_open(ties->script);
    run(ties->script, rules);
    run(ties->script, "load -> ok");
    const struct pm_core *core = ties->script->world.core;
    uint32_t market = find_market(core, ties->script->world.market);
    for (unsigned s = 0; s < SERVICES; s++) {
        snprintf(line, sizeof line, "supply s%u homecare in east rate 2000 spare 9000", s);
        run(ties->script, line);
        ties->service[s] = find_service(core, market, pm_text(ties->script->word[1]));
    }
    for (unsigned p = 0; p < PACKAGES; p++) {
        snprintf(line, sizeof line, "post X%u homecare in east visit \"mon 07:00-10:00 30m\" -> ok",
                 p);
        run(ties->script, line);
        snprintf(line, sizeof line, "X%u", p);
        ties->package[p] =
            find_package(core, market, pm_text(line), (struct pm_text){0}, actor).package;
        assert_true(ties->package[p] != 0);
    }
}

static void end(struct ties *ties)
{
    script_close(ties->script);
    free(ties->script);
}

/* Does one go before the other at an equal score? */
static bool before(const struct pm_core *core, uint32_t package, uint32_t a, uint32_t b)
{
    return rank_before(core, package, (struct ranked){a, 0}, (struct ranked){b, 0});
}

/* Who goes before all others. There must be just one, and no two before each other. */
static unsigned winner(const struct ties *ties, uint32_t package)
{
    const struct pm_core *core = ties->script->world.core;
    unsigned best = 0;
    for (unsigned s = 1; s < SERVICES; s++)
        if (before(core, package, ties->service[s], ties->service[best]))
            best = s;
    for (unsigned s = 0; s < SERVICES; s++)
        for (unsigned t = 0; t < SERVICES; t++)
            assert_int_equal(before(core, package, ties->service[s], ties->service[t]),
                             s != t && !before(core, package, ties->service[t], ties->service[s]));
    for (unsigned s = 0; s < SERVICES; s++)
        assert_true(s == best || before(core, package, ties->service[best], ties->service[s]));
    return best;
}

static void equals_take_turns(void **state)
{
    struct ties ties;
    unsigned wins[SERVICES] = {0};
    (void)state;
    begin(&ties, "rules salt 1");
    for (unsigned p = 0; p < PACKAGES; p++)
        wins[winner(&ties, ties.package[p])]++;
    for (unsigned s = 0; s < SERVICES; s++)
        assert_in_range(wins[s], 1, PACKAGES / 2);
    end(&ties);
}

static void the_salt_decides_and_only_it(void **state)
{
    struct ties one, same, other;
    unsigned differ = 0;
    (void)state;
    begin(&one, "rules salt 1");
    begin(&same, "rules salt 1");
    begin(&other, "rules salt 2");
    for (unsigned p = 0; p < PACKAGES; p++) {
        unsigned first = winner(&one, one.package[p]);
        assert_int_equal(first, winner(&same, same.package[p]));
        differ += first != winner(&other, other.package[p]);
    }
    assert_in_range(differ, PACKAGES / 2, PACKAGES);
    end(&one);
    end(&same);
    end(&other);
}

static void the_first_asked_is_the_one_that_goes_before(void **state)
{
    struct ties ties;
    (void)state;
    begin(&ties, "rules salt 5");
    const struct pm_core *core = ties.script->world.core;
    for (unsigned p = 0; p < PACKAGES; p++) {
        uint32_t offer = package_at(core, ties.package[p])->first_offer;
        assert_true(offer != 0);
        assert_int_equal(offer_at(core, offer)->service,
                         ties.service[winner(&ties, ties.package[p])]);
    }
    end(&ties);
}

static void who_was_given_least_this_quarter_goes_first(void **state)
{
    struct ties ties;
    (void)state;
    begin(&ties, "rules salt 3");
    struct pm_core *core = ties.script->world.core;
    run(ties.script, "accept X0 -> ok");
    uint32_t served = placement_at(core, package_at(core, ties.package[0])->placement)->service;
    for (unsigned p = 1; p < PACKAGES; p++)
        for (unsigned s = 0; s < SERVICES; s++) {
            if (ties.service[s] != served) {
                assert_true(before(core, ties.package[p], ties.service[s], served));
                assert_false(before(core, ties.package[p], served, ties.service[s]));
            }
        }
    run(ties.script, "at 2025-01-01\npause X39 -> ok");
    unsigned wins = 0;
    for (unsigned p = 1; p < PACKAGES; p++)
        wins += ties.service[winner(&ties, ties.package[p])] == served;
    assert_in_range(wins, 1, PACKAGES / 2);
    end(&ties);
}

/* Day by day from 1970 to 2200: what was given counts until the quarter is over. */
static void quarters_by_the_calendar(void **state)
{
    struct ties ties;
    char text[11] = "", before[11] = "";
    int64_t given = 0;
    (void)state;
    begin(&ties, "rules salt 1");
    struct pm_core *core = ties.script->world.core;
    uint32_t provider = service_at(core, ties.service[0])->provider;
    for (int32_t date = 0; date < DATE_MAX; date++) {
        core->header.time = date * DAY;
        derive_day(core);
        pm_date_text(date, text);
        bool begins =
            (text[8] == '0' && text[9] == '1' && (strtol(text + 5, NULL, 10) - 1) % 3 == 0) ||
            before[0] == '\0';
        if (begins)
            given = 0;
        if (provider_awarded(core, provider, 0) != given)
            print_error("after %s, on %s\n", before, text);
        assert_int_equal(provider_awarded(core, provider, 0), given);
        provider_award(core, provider, 0, 7);
        given += 7;
        memcpy(before, text, sizeof before);
    }
    end(&ties);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(dearer_never_scores_more_and_better_never_less),
        cmocka_unit_test(roster_keys_sort_by_score_down_then_slot_up),
        cmocka_unit_test(equals_take_turns),
        cmocka_unit_test(the_salt_decides_and_only_it),
        cmocka_unit_test(the_first_asked_is_the_one_that_goes_before),
        cmocka_unit_test(who_was_given_least_this_quarter_goes_first),
        cmocka_unit_test(quarters_by_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
