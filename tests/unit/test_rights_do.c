/*
 * test_rights_do.c - which role may send which command, cell by cell: a command that does not stand
 * here fails, so whoever adds one says here who may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rights.h"
#include "daemon/intake.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* The letters of the roles that may: nobody, broker, hospital, provider, commissioner, operator,
 * daemon. */
static const char letters[] = "nbhpcod";

static const struct {
    uint8_t verb;
    const char *may;
} table[] = {
    {PM_MARKET_LOAD, "o"},
    {PM_PROVIDER_PUT, "b"},
    {PM_LOCATION_PUT, "b"},
    {PM_POOL_PUT, "b"},
    {PM_SERVICE_PUT, "b"},
    {PM_CAPACITY_SET, "bp"},
    {PM_PACKAGE_POST, "bh"},
    {PM_PACKAGE_AMEND, "bh"},
    {PM_PACKAGE_WITHDRAW, "bh"},
    {PM_PACKAGE_PAUSE, "bh"},
    {PM_PACKAGE_RESUME, "bh"},
    {PM_OFFER_ACCEPT, "p"},
    {PM_OFFER_DECLINE, "p"},
    {PM_OFFER_TENDER, "p"},
    {PM_PLACEMENT_START, "b"},
    {PM_PLACEMENT_END, "b"},
    {PM_CONTINUE, "d"},
    {PM_TICK, "o"},
    {PM_CLOCK_ACCEPT, "o"},
    {PM_PROVIDER_SUSPEND, "b"},
    {PM_PROVIDER_RESUME, "b"},
    {PM_PROVIDER_FAIL, "b"},
    {PM_SERVICE_TRANSFER, "b"},
    {PM_AWARD_CONFIRM, "b"},
    {PM_AWARD_OVERRIDE, "b"},
    {PM_CHOICE_RECORD, "b"},
    {PM_PLACEMENT_HANDBACK, "p"},
    {PM_PLACEMENT_IN_HOSPITAL, "b"},
    {PM_PLACEMENT_RESTART, "b"},
    {PM_PLACEMENT_IMPORT, "b"},
    {PM_ROUND_OPEN, "b"},
    {PM_ROUND_APPLY, "d"},
    {PM_OUTAGE, "d"},
    {PM_PACKAGE_LIST, "bhco"},
    {PM_PACKAGE_SHOW, "bhco"},
    {PM_EXPLAIN, "bco"},
    {PM_OFFERS, "bhpco"},
    {PM_PLACEMENTS, "bhpco"},
    {PM_CAPACITY, "bhpco"},
    {PM_SERVICE_LIST, "bhpco"},
    {PM_MARKET_REPORT, "bhco"},
    {PM_DIGEST, "bco"},
    {PM_STATS, "bco"},
    {PM_WATCH, "bhpco"},
    {PM_ROUND_LIST, "bco"},
    {PM_ROUND_SHOW, "bco"},
    {PM_ROUND_CERTIFICATE, "bco"},
    {PM_ROUND_TRY, "bco"},
    {PM_HELLO, "nbhpco"},
    {PM_TOKEN_CREATE, "o"},
    {PM_TOKEN_REVOKE, "o"},
    {PM_TOKEN_LIST, "o"},
};

static const char *who_may(unsigned verb)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].verb == verb)
            return table[i].may;
    }
    return NULL;
}

static void every_command_is_in_the_table(void **state)
{
    (void)state;
    for (unsigned verb = 0; verb <= UINT8_MAX; verb++) {
        if ((pm_verb_name(verb) != NULL) != (who_may(verb) != NULL))
            fail_msg("verb %u: say here who may", verb);
    }
}

static void every_cell(void **state)
{
    (void)state;
    for (unsigned verb = 0; verb <= UINT8_MAX + 2; verb++) {
        const char *may = verb <= UINT8_MAX ? who_may(verb) : NULL;
        for (unsigned role = 0; role < 40; role++) {
            bool expected =
                may != NULL && role < COUNT(letters) - 1 && strchr(may, letters[role]) != NULL;
            if (rights_do(role, verb) != expected)
                fail_msg("%s, role %u: %s", may != NULL ? pm_verb_name(verb) : "no command", role,
                         expected ? "may not, and should" : "may, and should not");
        }
    }
}

/* What is let in from outside: the same, but for the daemon's role, which nobody outside has. */
static void every_cell_at_intake(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        for (unsigned role = 0; role <= PM_DAEMON + 1; role++) {
            struct pm_command command = {.verb = table[i].verb};
            const struct wire_request request = {
                .actor = {.role = (uint8_t)role, .name = pm_text("x")},
                .market = pm_text("little"),
                .count = 1,
                .command = &command};
            struct wire_error error = {""};
            bool may = role <= PM_OPERATOR && strchr(table[i].may, letters[role]) != NULL;
            uint16_t refusal = role == 0 ? PM_UNAUTHENTICATED : PM_NOT_ALLOWED;
            assert_int_equal(intake_check(&request, &error), may ? PM_OK : refusal);
        }
    }
}

static void a_refusal_says_who_may(void **state)
{
    static const struct {
        uint8_t role, verb;
        const char *says;
    } cases[] = {
        {PM_PROVIDER, PM_PACKAGE_POST,
         "command 1 (package.post) is for the role broker or hospital, not provider"},
        {PM_OPERATOR, PM_EXPLAIN, ""},
        {PM_BROKER, PM_MARKET_LOAD, "command 1 (market.load) is for the role operator, not broker"},
        {PM_HOSPITAL, PM_EXPLAIN,
         "command 1 (explain) is for the role broker, commissioner or operator, not hospital"},
        {PM_OPERATOR, PM_ROUND_APPLY,
         "command 1 (round.apply) is for the role daemon, not operator"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pm_command command = {.verb = cases[i].verb};
        const struct wire_request request = {.actor = {.role = cases[i].role, .name = pm_text("x")},
                                             .count = 1,
                                             .command = &command};
        struct wire_error error = {""};
        intake_check(&request, &error);
        assert_string_equal(error.text, cases[i].says);
    }
    char little[8];
    assert_string_equal(rights_say(PM_WATCH, little, sizeof little), "broker,");
    assert_string_equal(rights_say(0, little, sizeof little), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_in_the_table),
        cmocka_unit_test(every_cell),
        cmocka_unit_test(every_cell_at_intake),
        cmocka_unit_test(a_refusal_says_who_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
