/*
 * test_core_states.c - every command on a package in every state, and every answer to an offer in
 * every state: the status it is given, and the state it leaves. (`open` lasts only within a
 * command.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/script.h"

#define SETUP                                           \
    "load -> ok\n"                                      \
    "supply hc1 homecare in east rate 2000 spare 600\n" \
    "supply hc2 homecare in east rate 2200 spare 600\n"
#define POST "post X1 homecare in east visit \"mon-fri 07:00-10:00 30m\" -> ok\n"

/* How a package comes to a state; a placed one is agreed or started. */
enum { OFFERED, WAITING, PAUSED, AGREED, STARTED, ENDED, WITHDRAWN, LAPSED, STATES };
static const struct {
    const char *name, *lines, *expect;
} states[STATES] = {
    [OFFERED] = {"offered", POST, "expect package X1 offered hc1"},
    [WAITING] = {"waiting", "post X1 homecare in north visit \"mon-fri 07:00-10:00 30m\" -> ok\n",
                 "expect package X1 waiting"},
    [PAUSED] = {"paused", POST "pause X1 -> ok\n", "expect package X1 paused"},
    [AGREED] = {"agreed", POST "accept X1 -> ok\n", "expect package X1 placed hc1"},
    [STARTED] = {"started", POST "accept X1 -> ok\nstart X1 -> ok\n",
                 "expect package X1 placed hc1"},
    [ENDED] = {"ended", POST "accept X1 -> ok\nstart X1 -> ok\nend X1 completed -> ok\n",
               "expect package X1 ended"},
    [WITHDRAWN] = {"withdrawn", POST "withdraw X1 mistake -> ok\n", "expect package X1 withdrawn"},
    [LAPSED] = {"lapsed", POST "withdraw X1 mistake -> ok\nadvance 31d\n", "expect gone X1"},
};

/* What a command is answered in each state, and what the package is afterwards; "" where the
 * command is refused: then it is what it was. */
struct cell {
    const char *status, *after;
};
#define REFUSED(status) \
    {                   \
#status, ""     \
    }
#define WRONG             \
    {                     \
        "wrong_state", "" \
    }
#define GONE                  \
    {                         \
        "unknown_package", "" \
    }
#define TAKES(after) \
    {                \
        "ok", after  \
    }
static const struct {
    const char *command;
    struct cell cell[STATES];
} commands[] = {
    {"post X1 homecare in east visit \"mon-fri 07:00-10:00 30m\"",
     {REFUSED(duplicate_reference), REFUSED(duplicate_reference), REFUSED(duplicate_reference),
      REFUSED(duplicate_reference), REFUSED(duplicate_reference), REFUSED(duplicate_reference),
      REFUSED(duplicate_reference), TAKES("package X1 offered hc1")}},
    {"amend X1 priority 0",
     {TAKES("package X1 offered hc1"), TAKES("package X1 waiting"), TAKES("package X1 paused"),
      TAKES("package X1 placed hc1"), TAKES("package X1 placed hc1"), WRONG, WRONG, GONE}},
    {"amend X1 in east exclude hc1",
     {TAKES("package X1 offered hc2"), TAKES("package X1 offered hc2"), TAKES("package X1 paused"),
      WRONG, WRONG, WRONG, WRONG, GONE}},
    {"withdraw X1 died",
     {TAKES("package X1 withdrawn"), TAKES("package X1 withdrawn"), TAKES("package X1 withdrawn"),
      TAKES("package X1 withdrawn"), WRONG, WRONG, WRONG, GONE}},
    {"pause X1",
     {TAKES("package X1 paused"), TAKES("package X1 paused"), WRONG, WRONG, WRONG, WRONG, WRONG,
      GONE}},
    {"resume X1",
     {WRONG, WRONG, TAKES("package X1 offered hc1"), WRONG, WRONG, WRONG, WRONG, GONE}},
    {"start X1", {WRONG, WRONG, WRONG, TAKES("package X1 placed hc1"), WRONG, WRONG, WRONG, GONE}},
    {"end X1 completed",
     {WRONG, WRONG, WRONG, TAKES("package X1 ended"), TAKES("package X1 ended"), WRONG, WRONG,
      GONE}},
};

#define LADDER(step) "ladder homecare " step "\nload -> ok\n"
#define INVITED LADDER("open_offer/home/1/4h") POST
#define CHOOSING LADDER("choice/home/1/4h") POST "accept X1/1 -> ok\naccept X1/2 -> ok\n"
#define TO_CONFIRM \
    LADDER("open_offer/home/1/4h,confirmed") POST "accept X1/1 -> ok\naccept X1/2 -> ok\n"

/* How the first offer of X1 comes to a state, and what it is answered then: an acceptance, a
 * refusal, a tender on conditions. */
static const struct {
    const char *name, *lines, *status[3];
} offers[] = {
    {"open", POST, {"ok", "ok", "ok"}},
    {"open at its deadline", POST "jump 4h\n", {"ok", "ok", "ok"}},
    {"open past its deadline",
     POST "jump 4h\njump 1ms\n",
     {"offer_expired", "offer_expired", "offer_expired"}},
    {"accepted", POST "accept X1 -> ok\n", {"offer_answered", "offer_answered", "offer_answered"}},
    {"declined",
     POST "decline X1 other -> ok\n",
     {"offer_answered", "offer_answered", "offer_answered"}},
    {"expired",
     POST "advance 4h\nadvance 1ms\n",
     {"offer_expired", "offer_expired", "offer_expired"}},
    {"withdrawn",
     POST "withdraw X1 died -> ok\n",
     {"offer_withdrawn", "offer_withdrawn", "offer_withdrawn"}},
    {"withdrawn by a pause",
     POST "pause X1 -> ok\n",
     {"offer_withdrawn", "offer_withdrawn", "offer_withdrawn"}},
    {"withdrawn by a suspension",
     POST "suspend hc1 -> ok\nsettle\n",
     {"offer_withdrawn", "offer_withdrawn", "offer_withdrawn"}},
    {"stale",
     POST "amend X1 needs none exclude hc2 -> ok\n",
     {"offer_stale", "offer_stale", "offer_stale"}},
    {"of a package that ended",
     POST "accept X1 -> ok\nend X1 died -> ok\n",
     {"offer_answered", "offer_answered", "offer_answered"}},
    {"lapsed",
     POST "withdraw X1 died -> ok\nadvance 31d\n",
     {"unknown_offer", "unknown_offer", "unknown_offer"}},
    {"invited", INVITED, {"ok", "ok", "ok"}},
    {"invited, too late",
     INVITED "jump 4h\njump 1ms\n",
     {"offer_expired", "offer_expired", "offer_expired"}},
    {"tendered", INVITED "accept X1/1 -> ok\n", {"offer_answered", "ok", "ok"}},
    {"tendered, to be chosen", CHOOSING, {"offer_answered", "ok", "offer_answered"}},
    {"settled on",
     TO_CONFIRM "expect package X1 to_confirm hc1\n",
     {"offer_answered", "offer_answered", "offer_answered"}},
    {"won",
     TO_CONFIRM "confirm X1 -> ok\n",
     {"offer_answered", "offer_answered", "offer_answered"}},
    {"lost",
     CHOOSING "choose X1 X1/2 person -> ok\n",
     {"offer_answered", "offer_answered", "offer_answered"}},
};

static void run(struct script *script, const char *what, const char *lines)
{
    if (script_run(script, lines))
        return;
    fail_msg("%s: %s", what, script->error);
}

static struct script *begin(const char *what, const char *lines)
{
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    run(script, what, SETUP);
    run(script, what, lines);
    return script;
}

static void end(struct script *script)
{
    script_close(script);
    free(script);
}

static void every_command_in_every_state(void **state)
{
    char line[256];
    (void)state;
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++)
        for (unsigned s = 0; s < STATES; s++) {
            const struct cell *cell = &commands[c].cell[s];
            struct script *script = begin(states[s].name, states[s].lines);
            run(script, states[s].name, states[s].expect);
            snprintf(line, sizeof line, "%s -> %s", commands[c].command, cell->status);
            run(script, states[s].name, line);
            snprintf(line, sizeof line, "expect %s", cell->after);
            run(script, states[s].name, *cell->after == '\0' ? states[s].expect : line);
            end(script);
        }
}

static void every_answer_in_every_state(void **state)
{
    static const char *const answers[] = {"accept X1/1", "decline X1/1 too_far",
                                          "tender X1/1 start 2025-01-02"};
    char line[256];
    (void)state;
    for (size_t o = 0; o < sizeof offers / sizeof *offers; o++)
        for (unsigned a = 0; a < 3; a++) {
            struct script *script = begin(offers[o].name, offers[o].lines);
            snprintf(line, sizeof line, "%s -> %s", answers[a], offers[o].status[a]);
            run(script, offers[o].name, line);
            end(script);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state),
        cmocka_unit_test(every_answer_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
