/*
 * test_core_matrix.c - every command in every state that a package can be in: the answer, that a
 * refusal changes nothing, and that the state stays whole whatever follows, at once or later. A
 * state is the package's own, that of its placement and of its successor, of its last offer, and
 * whether it stands in a group.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/script_parts.h"

/* ---- The states ---- */

#define V "visit \"mon-fri 07:00-10:00 30m\""

/* A kind for each way to ask; all draw on the same carers. */
static const char market[] = "kind homecare like opened\n"
                             "kind homecare like chosen\n"
                             "kind homecare like confirmed\n"
                             "kind homecare like gathered\n"
                             "kind homecare like brokered\n"
                             "ladder opened open_offer/home/1/4h\n"
                             "ladder chosen choice/home/1/4h\n"
                             "ladder confirmed call_off/home/1/4h,confirmed\n"
                             "ladder gathered round/home/1/0h,binding\n"
                             "ladder brokered broker_award/home/1/2h\n"
                             "load -> ok\n"
                             "supply hc1 homecare in east rate 2000 spare 600\n"
                             "supply hc2 homecare in east rate 2200 spare 600\n"
                             "service o1 hc1 opened in east rate 2000 -> ok\n"
                             "service o2 hc2 opened in east rate 2200 -> ok\n"
                             "service c1 hc1 chosen in east rate 2000 -> ok\n"
                             "service c2 hc2 chosen in east rate 2200 -> ok\n"
                             "service f1 hc1 confirmed in east rate 2000 -> ok\n"
                             "service f2 hc2 confirmed in east rate 2200 -> ok\n"
                             "service g1 hc1 gathered in east rate 2000 -> ok\n"
                             "service g2 hc2 gathered in east rate 2200 -> ok\n"
                             "service b1 hc1 brokered in east rate 2000 -> ok\n"
                             "service b2 hc2 brokered in east rate 2200 -> ok\n";

#define POST(kind, ...) "post X1 " kind " in east " V __VA_ARGS__ " -> ok\n"
#define AGREE(kind) POST(kind) "accept X1 -> ok\n"
#define START(kind) AGREE(kind) "start X1 -> ok\n"
#define AWARD(kind, service) POST(kind) "override X1 " service " note x -> ok\nstart X1 -> ok\n"
#define NOTICE "handback =1 no_capacity until 2025-01-10 -> ok\n"
#define STAY "stay X1 2025-01-10 -> ok\n"
#define GROWN                  \
    "capacity hc2 900 -> ok\n" \
    "amend X1 visit \"mon-fri 07:00-10:00 121m\" -> ok\n"

/* What each command is answered, in the order of the commands below, as in `answer_names`. The last
 * offer of X1 is what an answer answers; `second` the service that a broker awards to. */
static const struct {
    const char *name, *second, *lines, *expect, *answers;
} every_state[] = {
    {"gathered", "g2", POST("gathered"), "package X1 open", "dd......ww.wwwwpppwwoooo"},
    {"with a broker", "b2", POST("brokered"), "package X1 open", "dd......ww.wwwwpppwwoooo"},
    {"first of a group", "hc2", POST("homecare", " group g 2"), "package X1 open",
     "dd.....wwwwwwwwpppwwoooo"},
    {"one of a couple", "hc2",
     "post X0 homecare in east " V
     " group g 2 together -> ok\n" POST("homecare", " group g 2 together"),
     "package X1 open", "dd.ee..wwwwwwwwpppwwoooo"},
    {"asked", "hc2", POST("homecare"), "package X1 offered hc1", "dd......ww.wwwwpppww...."},
    {"invited", "o2", POST("opened") "accept X1@o1 -> ok\n", "package X1 offered o2",
     "dd......ww.wwwwpppww...."},
    {"all but one answered", "o2", POST("opened") "accept X1@o2 -> ok\n", "package X1 offered o1",
     "dd......ww.wwwwpppwwa..."},
    {"choosing", "c2", POST("chosen") "accept X1@c1 -> ok\naccept X1@c2 -> ok\n",
     "package X1 choosing c2", "dd......ww..wwwpppwwa.aa"},
    {"to confirm", "f2", AGREE("confirmed"), "package X1 to_confirm f1",
     "dd......w..wwwwpppwwaaaa"},
    {"until its group is found", "hc2",
     POST("homecare", " group g 2") "post X0 homecare in east " V
                                    " group g 2 -> ok\naccept X1 -> ok\n",
     "package X1 to_confirm hc1", "dd......wwwwwwwpppwwaaaa"},
    {"waiting", "hc2", POST("homecare") "decline X1 other -> ok\ndecline X1 other -> ok\n",
     "package X1 waiting", "dd......ww.wwwwpppwwaaaa"},
    {"paused", "hc2", POST("homecare") "pause X1 -> ok\n", "package X1 paused",
     "dd.....w.w.wwwwpppwwxxxx"},
    {"agreed", "hc2", AGREE("homecare"), "placement X1 current agreed hc1",
     "dd.ww..wwwww.....pwwaaaa"},
    {"started", "hc2", START("homecare"), "placement X1 current started hc1",
     "dd.ww.wwwwwww....p.waaaa"},
    {"in hospital", "hc2", START("homecare") STAY, "placement X1 current in_hospital hc1",
     "dd.ww.wwwwwww....pw.aaaa"},
    {"after a stay", "hc2", START("homecare") STAY "at 2025-01-11\n", "package X1 paused",
     "dd.....w.w.wwwwwwpw.aaaa"},
    {"handed back", "hc2", START("homecare") "handback =1 other -> ok\n", "package X1 offered hc2",
     "dd......ww.wwwwwwpww...."},
    {"asked on notice", "hc2", START("homecare") NOTICE, "placement X1 current notice hc1",
     "dd.ww.w.ww.ww....pww...."},
    {"waiting on notice", "hc2", START("homecare") NOTICE "decline X1 other -> ok\n",
     "package X1 waiting", "dd.ww.w.ww.ww....pwwaaaa"},
    {"paused on notice", "hc2", START("homecare") NOTICE "pause X1 -> ok\n", "package X1 paused",
     "dd.ww.ww.w.ww....pwwxxxx"},
    {"succeeded on notice", "hc2", START("homecare") NOTICE "accept X1 -> ok\n",
     "placement X1 successor agreed hc2", "dd.ww.wwwwww......wwaaaa"},
    {"gathered on notice", "g2", AWARD("gathered", "g1") NOTICE, "package X1 open",
     "dd.ww.w.ww.ww....pwwaaaa"},
    {"with a broker on notice", "b2", AWARD("brokered", "b1") NOTICE, "package X1 open",
     "dd.ww.w.ww.ww....pwwaaaa"},
    {"choosing on notice", "c2", AWARD("chosen", "c1") NOTICE "accept X1@c2 -> ok\n",
     "package X1 choosing c2", "dd.ww.w.ww..w....pwwa.aa"},
    {"to confirm on notice", "f2", AWARD("confirmed", "f1") NOTICE "accept X1 -> ok\n",
     "package X1 to_confirm f2", "dd.ww.w.w..ww....pwwaaaa"},
    {"grown before the start", "hc2", AGREE("homecare") GROWN, "placement X1 current agreed hc1",
     "dd.ww...ww.w.....pww...."},
    {"grown before the start, succeeded", "hc2", AGREE("homecare") GROWN "accept X1 -> ok\n",
     "placement X1 successor agreed hc2", "dd.ww..wwwww......wwaaaa"},
    {"grown", "hc2", START("homecare") GROWN, "placement X1 current started hc1",
     "dd.ww.w.ww.ww....p.w...."},
    {"grown, succeeded", "hc2", START("homecare") GROWN "accept X1 -> ok\n",
     "placement X1 successor agreed hc2", "dd.ww.wwwwww.......waaaa"},
    {"grown in hospital", "hc2", START("homecare") STAY GROWN,
     "placement X1 current in_hospital hc1", "dd.ww.w.ww.ww....pw....."},
    {"grown in hospital, succeeded", "hc2", START("homecare") STAY GROWN "accept X1 -> ok\n",
     "placement X1 successor agreed hc2", "dd.ww.wwwwww......w.aaaa"},
    {"grown, and after a stay", "hc2",
     START("homecare") STAY GROWN "decline X1 other -> ok\nat 2025-01-11\n", "package X1 paused",
     "dd.....w.w.wwwwwwpw.aaaa"},
    {"ended", "hc2", START("homecare") "end X1 completed -> ok\n", "package X1 ended",
     "ddwwwwwwwwwwwwwwwpwwaaaa"},
    {"withdrawn", "hc2", POST("homecare") "withdraw X1 mistake -> ok\n", "package X1 withdrawn",
     "ddwwwwwwwwwwwwwpppwwxxxx"},
    {"withdrawn after agreement", "hc2", AGREE("homecare") "withdraw X1 mistake -> ok\n",
     "package X1 withdrawn", "ddwwwwwwwwwwwwwwwpwwaaaa"},
    {"arranged", "hc2",
     POST("homecare",
          " arrangement direct_payment") "decline X1@hc2 other -> ok\naccept X1@hc1 -> ok\n"
                                         "choose X1 X1@hc1 person -> ok\n",
     "package X1 ended", "ddwwwwwwwwwwwwwpppwwaaaa"},
    {"lapsed", "hc2", START("homecare") "end X1 completed -> ok\nadvance 31d\n", "gone X1",
     "..uuuuuuuuuuuuupppuuoooo"},
};

static const char *const every_command[] = {
    ("post X1 homecare in east " V),
    ("import X1 homecare service hc1 in east " V),
    "amend X1 priority 0",
    "amend X1 in west",
    "amend X1 exclude hc1",
    "amend X1 visit \"mon-fri 07:00-10:00 121m\"",
    "withdraw X1 died",
    "pause X1",
    "resume X1",
    "confirm X1",
    "override X1 SECOND note x",
    "choose X1 OFFER person",
    "start X1",
    "end X1 completed",
    "end X1 handed_back",
    "handback =1 other",
    "handback =1 other until 2025-01-20",
    "handback =2 other",
    "stay X1 2025-01-20",
    "restart X1",
    "accept OFFER",
    "decline OFFER other",
    "tender OFFER",
    "tender OFFER start 2025-01-20",
};

static const struct {
    char letter;
    const char *name;
} answer_names[] = {{'.', "ok"},
                    {'w', "wrong_state"},
                    {'d', "duplicate_reference"},
                    {'u', "unknown_package"},
                    {'p', "unknown_placement"},
                    {'o', "unknown_offer"},
                    {'a', "offer_answered"},
                    {'x', "offer_withdrawn"},
                    {'e', "bad_group"}};

/* What is taken in any state. */
static const char *const of_others[] = {
    "round",
    "continue",
    "suspend hc1",
    "suspend hc2 locality east",
    "unsuspend hc1",
    "provider hc1 suspended",
    "location hc1 hc1 rating inadequate",
    "service hc1 hc1 homecare in north rate 2000",
    "fail hc1 ceased",
    "fail hc1 ceased from 2025-02-15",
    "fail hc1 managed",
    "fail hc2 ceased",
    "transfer hc1 hc2",
    "transfer c1 c2",
    "capacity hc1 0",
    "capacity hc2 3000",
    "pool hc1 hc1 homecare ask",
    ("post X2 homecare in east " V),
    "load",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- Running them ---- */

static void must(struct script *script, const char *where, const char *lines)
{
    if (!script_run(script, lines))
        fail_msg("%s: %s", where, script->error);
}

static struct script *begin(size_t state)
{
    char line[128];
    struct script *script = malloc(sizeof *script);
    assert_non_null(script);
    script_open(script);
    must(script, "market", market);
    must(script, every_state[state].name, every_state[state].lines);
    snprintf(line, sizeof line, "expect %s", every_state[state].expect);
    must(script, every_state[state].name, line);
    return script;
}

static void end(struct script *script)
{
    script_close(script);
    free(script);
}

/* The last offer made of a package, as scripts write it. */
static const char *last_offer(const struct script *script, const char *reference)
{
    for (uint32_t i = 0; i < script->offers; i++)
        if (strcmp(script->offer[i].reference.text, reference) == 0)
            return reference;
    return "=999999";
}

/* The command with what it is about put in. */
static void fill(char *out, size_t size, const struct script *script, size_t state,
                 const char *command)
{
    const struct {
        const char *word, *with;
    } all[] = {{"OFFER", last_offer(script, "X1")},
               {"OTHERS", last_offer(script, "X0")},
               {"SECOND", every_state[state].second}};
    snprintf(out, size, "%s", command);
    for (size_t i = 0; i < COUNT(all); i++) {
        const char *at = strstr(command, all[i].word);
        if (at != NULL)
            snprintf(out, size, "%.*s%s%s", (int)(at - command), command, all[i].with,
                     at + strlen(all[i].word));
    }
}

static const char *answer_of(size_t state, size_t command)
{
    for (size_t a = 0; a < COUNT(answer_names); a++)
        if (answer_names[a].letter == every_state[state].answers[command])
            return answer_names[a].name;
    fail_msg("%s: no such answer", every_state[state].name);
    return "";
}

static bool is_refused(size_t state, size_t command)
{
    return every_state[state].answers[command] != '.';
}

/* What was due before must not make the difference: time stands while it is compared. */
static void every_command_is_answered(void **unused)
{
    char line[256], command[192];
    uint8_t before[PM_DIGEST_SIZE], after[PM_DIGEST_SIZE];
    (void)unused;
    for (size_t s = 0; s < COUNT(every_state); s++) {
        assert_int_equal(strlen(every_state[s].answers), COUNT(every_command));
        for (size_t c = 0; c < COUNT(every_command); c++) {
            struct script *script = begin(s);
            fill(command, sizeof command, script, s, every_command[c]);
            snprintf(line, sizeof line, "%s -> %s", command, answer_of(s, c));
            world_print(&script->world, before);
            must(script, every_state[s].name, line);
            world_print(&script->world, after);
            assert_true(!is_refused(s, c) || memcmp(before, after, sizeof after) == 0);
            must(script, every_state[s].name, "settle");
            end(script);
        }
    }
}

/* Whatever was done: what falls due in the next days is worked off, and nothing breaks. */
static void time_goes_on(struct script *script, const char *where)
{
    must(script, where,
         "settle\nadvance 5h\nadvance 2d\nat 2025-01-11\nat 2025-02-16\nat 2025-04-01\n");
}

static void every_command_of_others_is_taken(void **unused)
{
    char line[256];
    (void)unused;
    for (size_t s = 0; s < COUNT(every_state); s++)
        for (size_t o = 0; o < COUNT(of_others); o++) {
            struct script *script = begin(s);
            snprintf(line, sizeof line, "%s -> ok", of_others[o]);
            must(script, every_state[s].name, line);
            time_goes_on(script, every_state[s].name);
            end(script);
        }
}

/* ---- Any two ---- */

/* Of others in its group, and of who follows it. */
static const char *const of_relatives[] = {
    "withdraw X0 died",
    "pause X0",
    "resume X0",
    "amend X0 needs none visit \"mon-fri 12:00-13:00 30m\"",
    "accept OTHERS",
    "decline OTHERS other",
    "tender OTHERS shift 30",
    "confirm X0",
    "end X0 handed_back",
    ("post X2 homecare in east " V " group g 2"),
    ("post X3 bridging in east " V " follows X1"),
    "amend X1 follows X0",
};

enum { ALL = COUNT(every_command) + COUNT(of_others) + COUNT(of_relatives) };

static const char *any_command(size_t at)
{
    size_t own = COUNT(every_command), others = COUNT(of_others);
    if (at < own)
        return every_command[at];
    return at - own < others ? of_others[at - own] : of_relatives[at - own - others];
}

static void run_any(struct script *script, size_t state, size_t command, const char *where)
{
    char line[256], filled[192];
    fill(filled, sizeof filled, script, state, any_command(command));
    snprintf(line, sizeof line, "%s -> any", filled);
    must(script, where, line);
}

static void run_two(size_t state, size_t first, size_t second)
{
    char where[256];
    struct script *script = begin(state);
    snprintf(where, sizeof where, "%s: %s: %s", every_state[state].name, any_command(first),
             any_command(second));
    run_any(script, state, first, where);
    run_any(script, state, second, where);
    time_goes_on(script, where);
    end(script);
}

/* One command after another, whoever's: nothing breaks, then or later. Some of them; all with
 * TEST_FULL=1. */
static void any_two_commands_leave_it_whole(void **unused)
{
    size_t stride = getenv("TEST_FULL") != NULL ? 1 : 499, at = 0;
    (void)unused;
    for (size_t s = 0; s < COUNT(every_state); s++)
        for (size_t pair = 0; pair < ALL * ALL; pair++, at++)
            if (at % stride == 0)
                run_two(s, pair / ALL, pair % ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_answered),
        cmocka_unit_test(every_command_of_others_is_taken),
        cmocka_unit_test(any_two_commands_leave_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
