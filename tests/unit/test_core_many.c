/*
 * test_core_many.c - consequences of many at once: as many invited as a step may, for several
 * packages that fall due together, and a provider with all of them suspended, failed or moved. What
 * one command does stays bounded, and their order is the rules'.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/script.h"

enum { SERVICES = 70, PACKAGES = 8 };

static void must(struct script *script, const char *lines)
{
    if (!script_run(script, lines))
        fail_msg("%s", script->error);
}

/* One run of carers, offered as 70 services, each a penny dearer than the one before. */
static struct script *begin(const char *rules)
{
    char line[128];
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    must(script, "limits services 80 offers 4096\n");
    must(script, rules);
    must(script, "load -> ok\n"
                 "provider p -> ok\nlocation p p -> ok\npool p p homecare declared -> ok\n"
                 "supply q homecare in east tier 2 rate 2900 spare 60000\n");
    for (unsigned s = 0; s < SERVICES; s++) {
        snprintf(line, sizeof line, "service s%02u p homecare in east rate %u -> ok", s, 2000 + s);
        must(script, line);
    }
    must(script, "capacity p 100000 -> ok");
    return script;
}

static void end(struct script *script)
{
    script_close(script);
    free(script);
}

/* The same line for each package, whose number stands for the %u in it. */
__attribute__((format(printf, 2, 0))) static void for_each(struct script *script,
                                                           const char *format)
{
    char line[128];
    for (unsigned p = 0; p < PACKAGES; p++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(line, sizeof line, format, p, p);
#pragma GCC diagnostic pop
        must(script, line);
    }
}

#define POST "post X%u homecare in east priority 2 visit \"mon-fri 07:00-10:00 30m\" -> ok"

static void as_many_as_a_step_may_are_invited(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare open_offer/home/1/4h call_off/home/2/4h\n");
    for_each(script, POST);
    for_each(script, "expect offers X%u 64");
    for_each(script, "expect offer X%u/64 s63 open");
    must(script, "advance 4h\nadvance 1ms\n");
    for_each(script, "expect offers X%u 70"); /* the six that were left */
    for_each(script, "expect offer X%u/65 s64 open");
    must(script, "advance 4h\nadvance 1ms\n");
    for_each(script, "expect package X%u offered q");
    end(script);
}

static void the_best_of_many_tenders_wins(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare open_offer/home/1/4h\n");
    for_each(script, POST);
    for (unsigned s = 64; s-- > 0;) {
        char line[64];
        for (unsigned p = 0; p < PACKAGES; p++) {
            snprintf(line, sizeof line, "accept X%u@s%02u -> ok", p, s);
            must(script, line);
        }
    }
    for_each(script, "expect package X%u placed s00");
    must(script, "expect held p morning 0\nexpect committed p morning 1200\n");
    end(script);
}

/* The largest command there is: four packages, each with all that could tender. */
static void a_group_with_many_tenders_is_placed_at_once(void **state)
{
    char line[128];
    (void)state;
    struct script *script = begin("ladder homecare open_offer/home/1/4h\n");
    for (unsigned p = 0; p < PM_GROUP_MAX; p++) {
        snprintf(line, sizeof line,
                 "post X%u homecare in east group g 4 visit \"mon-fri 07:00-10:00 30m\" -> ok", p);
        must(script, line);
    }
    for (unsigned p = 0; p < PM_GROUP_MAX; p++)
        for (unsigned s = 0; s < PM_INVITED_MAX; s++) {
            snprintf(line, sizeof line, "accept X%u@s%02u -> ok", p, s);
            must(script, line);
        }
    must(script, "expect package X0 placed s00\nexpect package X3 placed s00\n"
                 "expect held p morning 0\nexpect committed p morning 600\n");
    end(script);
}

static void all_tenders_of_a_provider_are_taken_back(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare choice/home/1/4h call_off/home/2/4h\n");
    for_each(script, POST);
    for_each(script, "accept X%u@s00 -> ok");
    for_each(script, "accept X%u@s63 -> ok");
    must(script, "advance 4h\nadvance 1ms\n");
    for_each(script, "expect package X%u choosing s63");
    must(script, "suspend p -> ok\nsettle\nexpect held p morning 0\n");
    for_each(script, "expect package X%u offered q");
    end(script);
}

static void all_invitations_of_a_provider_are_taken_back(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare spot_offer/home/1-2/4h,invite=64\n");
    for_each(script, POST);
    must(script, "suspend p -> ok\nexpect package X7 offered s00\nsettle\n");
    for_each(script, "expect package X%u offered q");
    for_each(script, "decline X%u@q other -> ok");
    for_each(script, "expect package X%u waiting");
    must(script, "unsuspend p -> ok\nsettle\n");
    for_each(script, "expect package X%u offered s00");
    end(script);
}

static void a_provider_with_many_placements_fails(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare call_off/home/1-2/4h\n");
    for_each(script, POST);
    for_each(script, "accept X%u -> ok");
    for_each(script, "start X%u -> ok");
    must(script, "capacity q 900 -> ok\namend X7 priority 0 -> ok\nfail p ceased -> ok\nsettle\n"
                 "expect committed p morning 0\nexpect held q morning 900\n"
                 "expect package X7 offered q\nexpect package X4 offered q\n"
                 "expect package X5 waiting\nexpect package X6 waiting\n");
    end(script);
}

static void all_placements_of_a_service_go_over(void **state)
{
    (void)state;
    struct script *script = begin("ladder homecare call_off/home/1-2/4h\n");
    for_each(script, POST);
    for_each(script, "accept X%u -> ok");
    must(script, "transfer s00 s69 -> ok\nsettle\n");
    for_each(script, "expect placement X%u current agreed s69 rate 2000");
    must(script, "transfer s69 q -> ok\nsettle\nexpect committed p morning 0\n"
                 "expect committed q morning 1200\nexpect free q morning 60000\n");
    end(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_a_step_may_are_invited),
        cmocka_unit_test(the_best_of_many_tenders_wins),
        cmocka_unit_test(a_group_with_many_tenders_is_placed_at_once),
        cmocka_unit_test(all_tenders_of_a_provider_are_taken_back),
        cmocka_unit_test(all_invitations_of_a_provider_are_taken_back),
        cmocka_unit_test(a_provider_with_many_placements_fails),
        cmocka_unit_test(all_placements_of_a_service_go_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
