/*
 * test_intake.c - which requests are taken, and that no text of a client's is forgotten when
 * personal data is looked for: every text of every command is either worded by its sender, and then
 * looked through, or a name that the market or its supply defines, and then in the list here.
 */
#include "daemon/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/rights.h"
#include "core/wire_fields.h"
#include "tests/lib/gen_command.h"

/* ---- Every text is classified ---- */

/* Names and titles of what the market and its supply have: of public organisations and places. */
static const struct {
    uint8_t verb, key;
} names[] = {
    {PM_PROVIDER_PUT, KEY_PROVIDER},
    {PM_PROVIDER_PUT, KEY_TITLE},
    {PM_LOCATION_PUT, KEY_LOCATION},
    {PM_LOCATION_PUT, KEY_PROVIDER},
    {PM_LOCATION_PUT, KEY_TITLE},
    {PM_LOCATION_PUT, KEY_CQC},
    {PM_POOL_PUT, KEY_POOL},
    {PM_POOL_PUT, KEY_LOCATION},
    {PM_POOL_PUT, KEY_KIND},
    {PM_SERVICE_PUT, KEY_SERVICE},
    {PM_SERVICE_PUT, KEY_POOL},
    {PM_SERVICE_PUT, KEY_KIND},
    {PM_SERVICE_PUT, KEY_LOT},
    {PM_SERVICE_PUT, KEY_LOCALITIES},
    {PM_SERVICE_PUT, KEY_CAPABILITIES},
    {PM_CAPACITY_SET, KEY_POOL},
    {PM_PROVIDER_SUSPEND, KEY_PROVIDER},
    {PM_PROVIDER_SUSPEND, KEY_LOCATION},
    {PM_PROVIDER_SUSPEND, KEY_KIND},
    {PM_PROVIDER_SUSPEND, KEY_LOCALITY},
    {PM_PROVIDER_RESUME, KEY_PROVIDER},
    {PM_PROVIDER_RESUME, KEY_LOCATION},
    {PM_PROVIDER_RESUME, KEY_KIND},
    {PM_PROVIDER_RESUME, KEY_LOCALITY},
    {PM_PROVIDER_FAIL, KEY_PROVIDER},
    {PM_PROVIDER_FAIL, KEY_LOCATION},
    {PM_SERVICE_TRANSFER, KEY_SERVICE},
    {PM_SERVICE_TRANSFER, KEY_TO},
    {PM_PACKAGE_POST, KEY_KIND},
    {PM_PACKAGE_POST, KEY_LOCALITY},
    {PM_PACKAGE_POST, KEY_PLACE_TYPE},
    {PM_PACKAGE_POST, KEY_NEEDS},
    {PM_PACKAGE_POST, KEY_EXCLUSIONS},
    {PM_PACKAGE_POST, KEY_CONTINUITY},
    {PM_PACKAGE_POST, KEY_PREFERRED},
    {PM_PACKAGE_AMEND, KEY_KIND},
    {PM_PACKAGE_AMEND, KEY_LOCALITY},
    {PM_PACKAGE_AMEND, KEY_PLACE_TYPE},
    {PM_PACKAGE_AMEND, KEY_NEEDS},
    {PM_PACKAGE_AMEND, KEY_EXCLUSIONS},
    {PM_PACKAGE_AMEND, KEY_CONTINUITY},
    {PM_PACKAGE_AMEND, KEY_PREFERRED},
    {PM_PLACEMENT_IMPORT, KEY_KIND},
    {PM_PLACEMENT_IMPORT, KEY_LOCALITY},
    {PM_PLACEMENT_IMPORT, KEY_PLACE_TYPE},
    {PM_PLACEMENT_IMPORT, KEY_NEEDS},
    {PM_PLACEMENT_IMPORT, KEY_EXCLUSIONS},
    {PM_PLACEMENT_IMPORT, KEY_CONTINUITY},
    {PM_PLACEMENT_IMPORT, KEY_PREFERRED},
    {PM_PLACEMENT_IMPORT, KEY_SERVICE},
    {PM_AWARD_OVERRIDE, KEY_SERVICE},
    {PM_ROUND_OPEN, KEY_KIND},
    {PM_ROUND_TRY, KEY_KIND},
    {PM_ROUND_TRY, KEY_PROVIDER},
    {PM_ROUND_TRY, KEY_LOCATION},
    {PM_PACKAGE_LIST, KEY_PROVIDER},
    {PM_PACKAGE_LIST, KEY_KIND},
    {PM_OFFERS, KEY_PROVIDER},
    {PM_OFFERS, KEY_KIND},
    {PM_PLACEMENTS, KEY_PROVIDER},
    {PM_PLACEMENTS, KEY_KIND},
    {PM_CAPACITY, KEY_PROVIDER},
    {PM_CAPACITY, KEY_KIND},
    {PM_SERVICE_LIST, KEY_PROVIDER},
    {PM_SERVICE_LIST, KEY_KIND},
    {PM_ROUND_LIST, KEY_PROVIDER},
    {PM_ROUND_LIST, KEY_KIND},
    {PM_TOKEN_LIST, KEY_PROVIDER},
    {PM_TOKEN_LIST, KEY_KIND},
    {PM_TOKEN_CREATE, KEY_PROVIDER},
    {PM_TOKEN_CREATE, KEY_MARKET},
    {PM_HELLO, KEY_TOKEN}, /* of random characters */
};

static bool is_name(unsigned verb, unsigned key)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].verb == verb && names[i].key == key)
            return true;
    return false;
}

static bool is_text(const struct wire_field *field)
{
    return field->form == FORM_TEXT || field->form == FORM_LONG;
}

/* Checks the fields of a structure; has it texts that are looked through? */
static bool check_shape(unsigned verb, const struct wire_shape *shape)
{
    bool any = false;
    for (uint8_t i = 0; i < shape->fields; i++) {
        const struct wire_field *field = &shape->field[i];
        const char *name = wire_key_name(field->key);
        if (is_text(field) && field->free == is_name(verb, field->key))
            fail_msg("%s: %s: is it a name that supply defines, or does its sender word it? Say so "
                     "here, or by FREE() in core/wire_fields.c",
                     pm_verb_name(verb), name);
        if (field->form == FORM_SHAPE && field->free != check_shape(verb, field->shape))
            fail_msg("%s: %s: `free` when it holds a free text, otherwise not", pm_verb_name(verb),
                     name);
        /* What intake can look through: single texts, and single structures behind a pointer. */
        if (field->free && field->many != (is_text(field) ? MANY_ONE : MANY_BEHIND))
            fail_msg("%s: %s: intake cannot look into it yet", pm_verb_name(verb), name);
        any |= field->free;
    }
    return any;
}

/* market.load holds the market's own names, which are kept ones, and supply as checked above. */
static void test_every_text_is_classified(void **state)
{
    (void)state;
    for (size_t i = 0; i < gen_verb_count; i++)
        assert_non_null(wire_verb_shape(gen_verbs[i]));
    for (size_t i = 0; i < gen_verb_count; i++)
        check_shape(gen_verbs[i], wire_verb_shape(gen_verbs[i]));
    assert_false(check_shape(PM_MARKET_LOAD, wire_verb_shape(PM_MARKET_LOAD)));
}

/* ---- What is refused ---- */

#define SECRET "999 765 4323"

static struct pm_command commands[3];
static struct wire_error error;

static uint16_t check(uint8_t role, uint32_t count)
{
    struct wire_request request = {.actor = {.role = role, .name = pm_text("serve")},
                                   .market = pm_text("little"),
                                   .count = count,
                                   .command = commands};
    memset(&error, 0, sizeof error);
    return intake_check(&request, &error);
}

static void test_each_text(void **state)
{
    (void)state;
    static const struct pm_package imported = {.reference = {SECRET, sizeof SECRET - 1}};
    const struct pm_text secret = pm_text("999 765 4323");
    const struct {
        struct pm_command command;
        const char *where;
    } cases[] = {
        {{.verb = PM_PACKAGE_POST, .package = {.reference = secret}}, "reference"},
        {{.verb = PM_PACKAGE_POST, .package = {.referrer = secret}}, "referrer"},
        {{.verb = PM_PACKAGE_AMEND, .package = {.person = secret}}, "person"},
        {{.verb = PM_PACKAGE_POST, .package = {.group = secret}}, "group"},
        {{.verb = PM_PACKAGE_POST, .package = {.follows = secret}}, "follows"},
        {{.verb = PM_PLACEMENT_IMPORT, .import = {.package = &imported}}, "package: reference"},
        {{.verb = PM_PACKAGE_WITHDRAW, .id = {.referrer = secret}}, "referrer"},
        {{.verb = PM_PACKAGE_SHOW, .id = {.reference = secret}}, "reference"},
        {{.verb = PM_PLACEMENT_HANDBACK, .handback = {.note = secret}}, "note"},
        {{.verb = PM_AWARD_OVERRIDE, .award = {.note = secret}}, "note"},
        {{.verb = PM_CHOICE_RECORD, .choice = {.reference = secret}}, "reference"},
        {{.verb = PM_PLACEMENT_IN_HOSPITAL, .stay = {.reference = secret}}, "reference"},
        {{.verb = PM_PROVIDER_SUSPEND, .suspension = {.note = secret}}, "note"},
        {{.verb = PM_PROVIDER_FAIL, .failure = {.note = secret}}, "note"},
        {{.verb = PM_SERVICE_TRANSFER, .transfer = {.note = secret}}, "note"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[160];
        memset(commands, 0, sizeof commands);
        commands[2] = cases[i].command;
        snprintf(expected, sizeof expected, "command 3 (%s): %s: looks like an NHS number",
                 pm_verb_name(commands[2].verb), cases[i].where);
        uint8_t role = commands[2].verb == PM_PLACEMENT_HANDBACK ? PM_PROVIDER : PM_BROKER;
        commands[0].verb = commands[1].verb = role == PM_PROVIDER ? PM_OFFERS : PM_STATS;
        assert_int_equal(check(role, 3), PM_PERSONAL_DATA);
        assert_string_equal(error.text, expected);
        assert_int_equal(check(role, 2), PM_OK);
    }
}

/* Names of supply are not looked through, nor the postcode, which goes no further than the matcher.
 */
static void test_what_may_stand(void **state)
{
    (void)state;
    static const struct pm_package nothing;
    memset(commands, 0, sizeof commands);
    commands[0] = (struct pm_command){
        .verb = PM_PROVIDER_PUT,
        .provider = {.provider = pm_text("RM18 8AB"), .title = pm_text("Care, 01632 960123")}};
    commands[1] =
        (struct pm_command){.verb = PM_PACKAGE_POST,
                            .package = {.reference = pm_text("2026-000123"),
                                        .postcode = pm_postcode_parse(pm_text("RM18 8AB")),
                                        .locality = pm_text("Tilbury")}};
    commands[2] = (struct pm_command){.verb = PM_PLACEMENT_IMPORT, .import = {.package = &nothing}};
    assert_int_equal(check(PM_BROKER, 3), PM_OK);
    commands[2].import.package = NULL;
    assert_int_equal(check(PM_BROKER, 3), PM_OK);
    assert_string_equal(error.text, "");
}

/* Commands at random, of texts at random: refused with a sentence that repeats none of them. */
static void test_any_command(void **state)
{
    (void)state;
    static struct gen gen;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        gen_start(&gen, seed);
        gen_command(&gen, gen_verbs[seed % gen_verb_count], &commands[0]);
        uint8_t role = PM_BROKER;
        while (role < PM_OPERATOR && !rights_do(role, commands[0].verb))
            role++;
        if (!rights_do(role, commands[0].verb))
            continue;
        uint16_t status = check(role, 1);
        assert_true(status == PM_OK || status == PM_PERSONAL_DATA);
        assert_true((status == PM_OK) == (error.text[0] == '\0'));
    }
}

/* ---- Who may ask ---- */

static void test_who_and_what(void **state)
{
    (void)state;
    static const struct {
        uint8_t role, verb;
        uint32_t count;
        uint16_t status;
    } cases[] = {
        {PM_BROKER, PM_STATS, 1, PM_OK},
        {PM_BROKER, PM_STATS, 0, PM_MALFORMED},
        {0, PM_STATS, 1, PM_UNAUTHENTICATED},
        {0, PM_HELLO, 1, PM_OK},
        {0, PM_HELLO, 2, PM_MALFORMED},
        {PM_BROKER, PM_HELLO, 2, PM_MALFORMED},
        {PM_OPERATOR, PM_TOKEN_LIST, 2, PM_MALFORMED},
        {PM_OPERATOR + 2, PM_STATS, 1, PM_NOT_ALLOWED},
        {PM_DAEMON, PM_STATS, 1, PM_NOT_ALLOWED},
        {PM_BROKER, PM_TICK, 1, PM_NOT_ALLOWED},
        {PM_OPERATOR, PM_TICK, 1, PM_OK},
        {PM_COMMISSIONER, PM_MARKET_LOAD, 1, PM_NOT_ALLOWED},
        {PM_OPERATOR, PM_MARKET_LOAD, 1, PM_OK},
        {PM_BROKER, PM_WATCH, 1, PM_OK},
        {PM_BROKER, PM_WATCH, 2, PM_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(commands, 0, sizeof commands);
        commands[0].verb = cases[i].verb;
        commands[1].verb = PM_STATS;
        if (check(cases[i].role, cases[i].count) != cases[i].status)
            fail_msg("case %zu: %s", i, error.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_is_classified),
        cmocka_unit_test(test_each_text),
        cmocka_unit_test(test_what_may_stand),
        cmocka_unit_test(test_any_command),
        cmocka_unit_test(test_who_and_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
