/*
 * test_expect.c - a core is told what comes: of things there are, things there never were, and
 * things that are gone. Nothing changes by it, and what follows is answered as ever. (That answers
 * and states are the same where all is foretold, sim_core sees.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/little_market.h"

enum { FAR = (1 << 24) - 1 /* the last slot an id can have */ };

static struct pm_command about_package(enum pm_verb verb, const char *reference)
{
    return (struct pm_command){.verb = (uint8_t)verb, .id.reference = pm_text(reference)};
}

static struct pm_command about_offer(enum pm_verb verb, uint64_t offer)
{
    struct pm_command command = {.verb = (uint8_t)verb};
    if (verb == PM_OFFER_TENDER)
        command.tender.offer = offer;
    else
        command.answer.offer = offer;
    return command;
}

/* Each command may be followed by any other. */
static void expect_all(struct little *little, const struct pm_command *command, size_t count)
{
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            pm_core_expect(little->core, &command[a]);
            pm_core_expect(little->core, &command[b]);
        }
}

static void expect_everything(struct little *little, uint64_t offer)
{
    const struct pm_command command[] = {
        little_package("HERE"),
        little_package("NEVER"),
        little_package(""),
        about_package(PM_PACKAGE_WITHDRAW, "HERE"),
        about_package(PM_PACKAGE_PAUSE, "NEVER"),
        about_package(PM_PACKAGE_RESUME, "HERE"),
        about_package(PM_AWARD_CONFIRM, "HERE"),
        about_package(PM_PLACEMENT_START, "HERE"),
        about_package(PM_PLACEMENT_RESTART, "HERE"),
        about_package(PM_PLACEMENT_END, ""),
        about_offer(PM_OFFER_ACCEPT, offer),
        about_offer(PM_OFFER_DECLINE, FAR),
        about_offer(PM_OFFER_TENDER, UINT64_MAX),
        about_offer(PM_OFFER_ACCEPT, 0),
        {.verb = PM_CONTINUE},
        {.verb = PM_PACKAGE_LIST},
        {.verb = UINT8_MAX},
    };
    uint8_t before[PM_DIGEST_SIZE], after[PM_DIGEST_SIZE];
    char error[256];
    pm_core_digest(little->core, before);
    expect_all(little, command, sizeof command / sizeof *command);
    pm_core_digest(little->core, after);
    assert_memory_equal(before, after, sizeof before);
    if (!pm_core_check(little->core, error))
        fail_msg("%s", error);
}

static void nothing_changes(void **state)
{
    static struct little little;
    (void)state;
    little_open(&little);
    expect_everything(&little, 1);
    struct pm_command post = little_package("HERE");
    assert_int_equal(little_apply(&little, PM_HOSPITAL, "ward", &post).status, PM_OK);
    expect_everything(&little, little_offer(&little, "beryl"));
    uint64_t offer = little_offer(&little, "beryl");
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    expect_everything(&little, offer);
    struct pm_command withdraw = about_package(PM_PACKAGE_WITHDRAW, "HERE");
    withdraw.id.reason = PM_COMPLETED;
    assert_int_equal(little_apply(&little, PM_HOSPITAL, "ward", &withdraw).status, PM_OK);
    expect_everything(&little, offer);
    little_close(&little);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_changes)};
    return cmocka_run_group_tests_name("expect", tests, NULL, NULL);
}
