/*
 * test_core_agenda.c - when more packages wait than one `continue` can serve: what comes between
 * two of them must leave nobody waiting whom somebody could take. world.c checks that after each
 * command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/script.h"

enum { WAITING = 130 };

__attribute__((format(printf, 2, 3))) static void run(struct script *script, const char *format,
                                                      ...)
{
    char lines[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lines, sizeof lines, format, arguments);
    va_end(arguments);
    if (!script_run(script, lines))
        fail_msg("%s", script->error);
}

static uint32_t waiting(const struct script *script)
{
    return pm_core_usage(script->world.core).waiting;
}

/* Five that need a visit at tea, more urgent, then many that need one in the morning; all wait. */
static struct script *begin(void)
{
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    run(script, "limits packages 200 offers 800 placements 200\nload -> ok");
    for (unsigned p = 0; p < 5; p++)
        run(script, "post T%u homecare in east priority 0 visit \"mon-fri 16:00-17:00 30m\" -> ok",
            p);
    for (unsigned p = 0; p < WAITING; p++)
        run(script, "post M%u homecare in east priority 1 visit \"mon 07:00-10:00 5m\" -> ok", p);
    assert_int_equal(waiting(script), WAITING + 5);
    return script;
}

static void end(struct script *script)
{
    script_close(script);
    free(script);
}

/* One continue serves some, not all: the round is under way. */
static uint32_t go_on(struct script *script)
{
    uint32_t before = waiting(script);
    run(script, "continue -> ok");
    uint32_t served = before - waiting(script);
    assert_in_range(served, 1, WAITING - 1);
    assert_true(waiting(script) > 5);
    return served;
}

static void a_continue_is_bounded(void **state)
{
    (void)state;
    struct script *script = begin();
    run(script, "supply a homecare in east rate 2000");
    unsigned rounds = 0;
    for (uint32_t before = WAITING + 5; waiting(script) > 0; rounds++) {
        run(script, "continue -> ok");
        assert_true(script->events <= PM_EVENTS_MAX);
        assert_true(waiting(script) < before);
        before = waiting(script);
    }
    assert_in_range(rounds, 2, WAITING);
    run(script, "expect package T0 offered a\nexpect package M129 offered a");
    end(script);
}

/* Whoever is next in the round goes, or is changed: the round goes on with the one after. */
static void the_next_one_goes(void **state)
{
    static const char *const changes[] = {
        "withdraw M%u died -> ok",    "pause M%u -> ok",           "amend M%u priority 0 -> ok",
        "amend M%u priority 3 -> ok", "amend M%u needs peg -> ok", "amend M%u in north -> ok"};
    (void)state;
    for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
        struct script *script = begin();
        run(script, "supply a homecare in east rate 2000 spare 6000,0,0,0,0,0,0,0");
        uint32_t next = go_on(script);
        char line[128];
        for (uint32_t p = next; p < next + 3; p++) {
            const char *at = strchr(changes[c], '%');
            snprintf(line, sizeof line, "%.*s%u%s", (int)(at - changes[c]), changes[c], p, at + 2);
            run(script, "%s", line);
        }
        run(script, "settle");
        run(script, "expect package M%u offered a\nexpect package M129 offered a", next + 3);
        assert_in_range(waiting(script), 5, 8);
        end(script);
    }
}

/* Capacity grows behind the round: it goes round once more. */
static void more_of_it_behind_the_round(void **state)
{
    (void)state;
    struct script *script = begin();
    run(script, "supply a homecare in east rate 2000 spare 6000,0,0,0,0,0,0,0");
    go_on(script);
    run(script, "expect package T0 waiting\ncapacity a 6000,0,450,0,0,0,0,0 -> ok");
    run(script, "expect package T0 waiting\nsettle");
    run(script, "expect package T0 offered a\nexpect package T2 offered a");
    run(script, "expect package T3 waiting\nexpect count waiting 2");
    end(script);
}

/* What is free goes while the round is under way: the rest waits on, and nobody is asked in vain.
 */
static void less_of_it_before_the_round(void **state)
{
    (void)state;
    struct script *script = begin();
    run(script, "supply a homecare in east rate 2000 spare 6000,0,0,0,0,0,0,0");
    uint32_t served = go_on(script);
    run(script, "capacity a 15,0,0,0,0,0,0,0 -> ok\nsettle");
    run(script, "expect free a morning 0\nexpect count waiting %u", WAITING + 5 - served - 3);
    run(script, "capacity a 5,0,0,0,0,0,0,0 -> ok\nsettle\nexpect count waiting %u",
        WAITING + 5 - served - 4);
    end(script);
}

/* The service is suspended, or goes elsewhere, while its round is under way; another takes over. */
static void the_service_goes(void **state)
{
    static const struct {
        const char *change;
        bool takes_back; /* what was asked already */
    } cases[] = {{"provider a suspended -> ok", true},
                 {"location a a standing ceased -> ok", true},
                 {"service a a homecare in north rate 2000 -> ok", false},
                 {"service a a homecare in east rate 4000 -> ok", false},
                 {"service a a homecare in east rate 2000@2025-06-01 -> ok", false}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct script *script = begin();
        run(script, "supply a homecare in east rate 2000 spare 6000,0,0,0,0,0,0,0");
        uint32_t served = go_on(script);
        run(script, "%s\nsettle", cases[c].change);
        run(script, "expect count waiting %u", WAITING + 5 - (cases[c].takes_back ? 0 : served));
        run(script, "supply b homecare in east rate 2200");
        run(script, "settle\nexpect count waiting 0\nexpect package M129 offered b");
        end(script);
    }
}

/* Two services at once, and a third while they are at it. */
static void several_at_once(void **state)
{
    (void)state;
    struct script *script = begin();
    run(script, "supply a homecare in east rate 2500 spare 400,0,0,0,0,0,0,0");
    run(script, "supply b homecare in east rate 2000 spare 100,0,150,0,0,0,0,0");
    go_on(script);
    run(script, "supply c homecare in east rate 1500 spare 0,0,600,0,0,0,0,0");
    run(script, "settle\nexpect count waiting %u", WAITING - 100);
    run(script, "expect free a morning 0\nexpect free b morning 0");
    run(script, "expect package T0 offered\nexpect package T4 offered");
    end(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_continue_is_bounded),
        cmocka_unit_test(the_next_one_goes),
        cmocka_unit_test(more_of_it_behind_the_round),
        cmocka_unit_test(less_of_it_before_the_round),
        cmocka_unit_test(the_service_goes),
        cmocka_unit_test(several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
