/*
 * test_cli_market.c - `placemat` until care is agreed: tenders, awards, choices, rounds, and
 * packages that belong with others.
 */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATE(text) pm_date_parse(pm_text(text))

/* ---- What the daemon answers when it is looked at ---- */

static void accepted_offer(struct wire_writer *out)
{
    cli_test_row(out, 3, "accepted");
}

static void won_offer(struct wire_writer *out)
{
    cli_test_row(out, 3, "won");
}

static void tendered_offer(struct wire_writer *out)
{
    cli_test_row(out, 3, "tendered");
}

static void lost_offer(struct wire_writer *out)
{
    cli_test_row(out, 3, "lost");
}

static void other_offer(struct wire_writer *out)
{
    cli_test_row(out, 4, "accepted");
}

static void choosing_package(struct wire_writer *out)
{
    cli_test_package(out, "choosing", "ended");
    cli_test_number(out, KEY_COUNT, 2);
    wire_break(out);
}

static void unconfirmed_package(struct wire_writer *out)
{
    cli_test_package(out, "to_confirm", "ended");
    cli_test_number(out, KEY_DEADLINE, 1735052640000);
    wire_break(out);
}

static void arranged_package(struct wire_writer *out)
{
    cli_test_package(out, "ended", "ended");
    cli_test_text(out, KEY_REASON, "arranged");
    wire_break(out);
}

/* ---- Yes to an offer ---- */

/* What came of it is looked up: the last answer may close a step that another wins. */
static void test_accept(void **state)
{
    (void)state;
    static const struct {
        uint64_t id; /* of the result: the placement's, or the offer's */
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {9, accepted_offer, "Offer 3 accepted: placement 9 is agreed.\n"},
        {3, accepted_offer, "Offer 3 accepted: placement 3 is agreed.\n"},
        {9, won_offer, "Offer 3 accepted: placement 9 is agreed.\n"},
        {3, won_offer, "Offer 3 accepted: it is agreed.\n"},
        {3, tendered_offer, "Offer 3 accepted: it stands, and is not awarded yet.\n"},
        {9, lost_offer, "Offer 3 accepted, but the award went to another.\n"},
        {9, other_offer, "Offer 3 accepted.\n"},
        {9, NULL, "Offer 3 accepted.\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = cases[i].id},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run = RUN(steps, "offer", "accept", "3");
        cli_test_prints(&run, cases[i].says);
        assert_int_equal(cli_test_sent(&run, PM_OFFER_ACCEPT)->answer.offer, 3);
        struct wire_request look = fake_daemon_decoded(run.fake, 1);
        assert_int_equal(look.command->verb, PM_OFFERS);
        assert_int_equal(look.command->list.after, 2);
        assert_int_equal(look.command->list.limit, 1);
        cli_test_end(&run);
    }
}

static void test_accept_json(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 9}};
    struct cli_test run = RUN(steps, "offer", "accept", "3", "--json");
    cli_test_prints(&run, "{\"status\":\"ok\",\"id\":9}\n");
    assert_int_equal(fake_daemon_requests(run.fake), 1);
    cli_test_end(&run);
}

static void test_tender(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3},
                                      {.act = FAKE_ANSWER, .body = tendered_offer}};
    struct cli_test run = RUN(steps, "offer", "tender", "3", "--rate", "24.10", "--start",
                              "2026-12-03", "--assess-by", "2026-12-01", "--shift", "-1h30m");
    cli_test_prints(&run, "Offer 3 tendered at \xc2\xa3"
                          "24.10, subject to assessment by 2026-12-01, from 2026-12-03, 1 h 30 min "
                          "earlier: it stands, and is not awarded yet.\n");
    const struct pm_tender *tender = &cli_test_sent(&run, PM_OFFER_TENDER)->tender;
    assert_int_equal(tender->offer, 3);
    assert_int_equal(tender->rate, 2410);
    assert_int_equal(tender->start, DATE("2026-12-03"));
    assert_int_equal(tender->assess_by, DATE("2026-12-01"));
    assert_int_equal(tender->shift, -90);
    cli_test_end(&run);
    run = RUN(steps, "offer", "tender", "3", "--shift=30");
    cli_test_prints(&run, "Offer 3 tendered, 30 min later: it stands, and is not awarded yet.\n");
    assert_int_equal(cli_test_sent(&run, PM_OFFER_TENDER)->tender.rate, 0);
    assert_int_equal(cli_test_sent(&run, PM_OFFER_TENDER)->tender.shift, 30);
    cli_test_end(&run);
}

static void whole_offer(struct wire_writer *out)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_NEXT, 0);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_open_map(out);
    cli_test_number(out, KEY_ID, 3);
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_ROUTE, "choice");
    cli_test_text(out, KEY_STATE, "tendered");
    cli_test_number(out, KEY_START, DATE("2026-12-03"));
    cli_test_number(out, KEY_ASSESS_BY, DATE("2026-12-01"));
    cli_test_number(out, KEY_SHIFT, -30);
    cli_test_number(out, KEY_TOP_UP, 5000);
    wire_key(out, KEY_VISITS);
    wire_array(out, 1);
    wire_array(out, 6);
    for (size_t i = 0; i < 6; i++)
        wire_uint(out, (const uint64_t[]){0x7f, 420, 600, 30, 1, 0}[i]);
    wire_break(out);
}

static void test_offers(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = whole_offer}};
    struct cli_test run = RUN(steps, "offer", "list", "--state", "tendered");
    cli_test_prints(&run,
                    "OFFER  PACKAGE  ROUTE   STATE     START       ASSESS BY   SHIFT  TOP-UP\n"
                    "    3  X1       choice  tendered  2026-12-03  2026-12-01    -30  \xc2\xa3"
                    "50.00\n");
    assert_int_equal(cli_test_sent(&run, PM_OFFERS)->list.state, 1 + PM_OFFER_TENDERED);
    cli_test_end(&run);
    run = RUN(steps, "offer", "show", "3");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "State          tendered\n");
    cli_test_says(run.out, "Assessment by  2026-12-01\n");
    cli_test_says(run.out, "\nVisits\n  mon-sun 07:00-10:00 30m\n");
    assert_int_equal(cli_test_sent(&run, PM_OFFERS)->list.after, 2);
    cli_test_end(&run);
    run = RUN(steps, "offer", "show", "2");
    assert_int_equal(run.code, CLI_REFUSED);
    cli_test_says(run.err, "placemat: unknown_offer: There is no such offer");
    assert_string_equal(run.out, "");
    cli_test_end(&run);
}

/* ---- Awards, choices, rounds ---- */

static void test_confirm(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7}};
    struct cli_test run = RUN(steps, "award", "confirm", "X1", "--referrer", "Ward 3");
    cli_test_prints(&run, "X1: award confirmed, placement 7 is agreed.\n");
    cli_test_is(cli_test_sent(&run, PM_AWARD_CONFIRM)->id.reference, "X1");
    cli_test_is(cli_test_sent(&run, PM_AWARD_CONFIRM)->id.referrer, "Ward 3");
    cli_test_end(&run);
}

static void test_override(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7}};
    struct cli_test run = RUN(steps, "award", "override", "X1", "--service", "fernglow-grays",
                              "--note", "sister is there", "--rate", "25", "--referrer", "Ward 3");
    cli_test_prints(&run, "X1: awarded to fernglow-grays, placement 7 is agreed.\n");
    const struct pm_override *award = &cli_test_sent(&run, PM_AWARD_OVERRIDE)->award;
    cli_test_is(award->reference, "X1");
    cli_test_is(award->referrer, "Ward 3");
    cli_test_is(award->service, "fernglow-grays");
    cli_test_is(award->note, "sister is there");
    assert_int_equal(award->rate, 2500);
    cli_test_end(&run);
}

static void test_choice(void **state)
{
    (void)state;
    static const struct {
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {cli_test_placed, "X1: choice recorded, placement 7 is agreed.\n"},
        {arranged_package, "X1: choice recorded; the person arranges the care.\n"},
        {unconfirmed_package,
         "X1 decided: to be confirmed with fernglow until 2024-12-24 15:04.\n"},
        {NULL, "X1 decided.\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run = RUN(steps, "choice", "record", "X1", "--offer", "3", "--decided-by",
                                  "best_interests", "--top-up");
        cli_test_prints(&run, cases[i].says);
        const struct pm_choice *choice = &cli_test_sent(&run, PM_CHOICE_RECORD)->choice;
        cli_test_is(choice->reference, "X1");
        assert_int_equal(choice->offer, 3);
        assert_int_equal(choice->decided_by, PM_BEST_INTERESTS);
        assert_int_equal(choice->top_up, 1);
        cli_test_end(&run);
    }
}

static void test_round(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3}};
    struct cli_test run = RUN(steps, "round", "open");
    cli_test_prints(&run, "Round 3 is opened for the packages gathered so far.\n");
    assert_int_equal(cli_test_sent(&run, PM_ROUND_OPEN)->round.kind.length, 0);
    cli_test_end(&run);
    run = RUN(steps, "round", "open", "--kind", "homecare");
    cli_test_prints(&run, "Round 3 is opened for the homecare packages gathered so far.\n");
    cli_test_is(cli_test_sent(&run, PM_ROUND_OPEN)->round.kind, "homecare");
    cli_test_end(&run);
}

/* ---- Packages ---- */

static void test_new_fields(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 5},
                                      {.act = FAKE_ANSWER, .body = cli_test_offered}};
    struct cli_test run =
        RUN(steps, "package", "post", "--ref", "X1", "--kind", "residential", "--locality", "Grays",
            "--place", "dementia", "--arrangement", "direct_payment", "--prefer", "home-b,home-a",
            "--follows", "B1", "--group", "pair", "--group-size", "2", "--together");
    cli_test_prints(&run, "X1 posted: offered to 3 services until 2024-12-24 15:04.\n");
    const struct pm_package *package = &cli_test_sent(&run, PM_PACKAGE_POST)->package;
    assert_int_equal(package->arrangement, PM_DIRECT_PAYMENT);
    assert_int_equal(package->preferences, 2);
    cli_test_is(package->preferred[0], "home-b");
    cli_test_is(package->preferred[1], "home-a");
    cli_test_is(package->follows, "B1");
    cli_test_is(package->group, "pair");
    assert_int_equal(package->group_size, 2);
    assert_int_equal(package->together, 1);
    cli_test_end(&run);
}

static void test_amended_fields(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 5},
                                      {.act = FAKE_ANSWER, .body = choosing_package}};
    struct cli_test run = RUN(steps, "package", "amend", "X1", "--prefer", "home-a", "--follows",
                              "", "--exclude", "");
    cli_test_prints(&run, "X1 amended: for the person to choose among 2 tenders.\n");
    const struct pm_package *package = &cli_test_sent(&run, PM_PACKAGE_AMEND)->package;
    assert_int_equal(package->given, PM_GIVEN_PREFERRED | PM_GIVEN_FOLLOWS | PM_GIVEN_EXCLUSIONS);
    assert_int_equal(package->preferences, 1);
    assert_int_equal(package->follows.length, 0);
    assert_int_equal(package->exclusions, 0);
    cli_test_end(&run);
}

/* A package of a group that follows another, with one placement on notice and its successor. */
static void followed_package(struct wire_writer *out)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_STATE, "to_confirm");
    cli_test_number(out, KEY_DEADLINE, 1735052640000);
    cli_test_text(out, KEY_ARRANGEMENT, "managed");
    wire_key(out, KEY_PREFERRED);
    wire_array(out, 2);
    wire_string(out, "home-b");
    wire_string(out, "home-a");
    cli_test_text(out, KEY_FOLLOWS, "B1");
    cli_test_text(out, KEY_FOLLOWED_BY, "N1");
    cli_test_text(out, KEY_GROUP, "pair");
    cli_test_number(out, KEY_GROUP_SIZE, 2);
    wire_key(out, KEY_TOGETHER);
    wire_bool(out, true);
    wire_key(out, KEY_PLACEMENT);
    wire_map(out, 3);
    cli_test_number(out, KEY_ID, 7);
    cli_test_text(out, KEY_STATE, "notice");
    cli_test_number(out, KEY_UNTIL, DATE("2026-12-20"));
    wire_key(out, KEY_SUCCESSOR);
    wire_map(out, 3);
    cli_test_number(out, KEY_ID, 8);
    cli_test_text(out, KEY_DECIDED_BY, "family");
    cli_test_text(out, KEY_NOTE, "sister is there");
    wire_break(out);
}

static void test_show(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = followed_package}};
    struct cli_test run = RUN(steps, "package", "show", "X1");
    cli_test_prints(&run, "Package        X1\n"
                          "State          to_confirm\n"
                          "Due            2024-12-24 15:04\n"
                          "Arrangement    managed\n"
                          "Preferred      home-b, home-a\n"
                          "Group          pair\n"
                          "  packages     2\n"
                          "  together     yes\n"
                          "Follows        B1\n"
                          "Followed by    N1\n"
                          "\n"
                          "Placement        7\n"
                          "  state          notice\n"
                          "  until          2026-12-20\n"
                          "\n"
                          "Successor        8\n"
                          "  decided by     family\n"
                          "  note           sister is there\n");
    cli_test_end(&run);
}

/* ---- Answers that show more ---- */

static void scored_service(struct wire_writer *out)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X1");
    cli_test_text(out, KEY_STATE, "to_confirm");
    cli_test_number(out, KEY_STEP, 2);
    cli_test_number(out, KEY_PASS, 1);
    wire_key(out, KEY_SERVICES);
    wire_array(out, 1);
    wire_map(out, 7);
    cli_test_number(out, KEY_RANK, 1);
    cli_test_text(out, KEY_SERVICE, "S2");
    cli_test_number(out, KEY_SCORE_BLOCK, 100000);
    cli_test_number(out, KEY_SCORE_CONTINUITY, 500);
    cli_test_number(out, KEY_SCORE_CLUSTER, 200);
    cli_test_number(out, KEY_SCORE_PREFERENCE, 75);
    cli_test_text(out, KEY_OUTCOME, "tendered");
    wire_break(out);
}

static void test_explain(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = scored_service}};
    struct cli_test run = RUN(steps, "explain", "X1");
    cli_test_prints(
        &run, "X1 is to_confirm.\nStep 2 of its ladder, pass 1.\n"
              "\nWho can take it, best first\n"
              "RANK  SERVICE  OF BLOCK  OF CONTINUITY  OF CLUSTER  OF PREFERENCE  OUTCOME\n"
              "   1  S2         100000            500         200             75  tendered\n");
    cli_test_end(&run);
}

/* ---- What makes no sense ---- */

#define POST "package", "post", "--ref", "X1", "--kind", "k"

static void test_usage(void **state)
{
    (void)state;
    static const struct {
        const char *words[12];
        const char *says;
    } cases[] = {
        {{"offer", "tender", "X1"}, "ID: \"X1\" is not a whole number"},
        {{"offer", "tender", "3", "--rate", "24.1"}, "--rate: \"24.1\" is not an amount"},
        {{"offer", "tender", "3", "--start", "soon"}, "--start: \"soon\" is not a date"},
        {{"offer", "tender", "3", "--assess-by", "soon"}, "--assess-by: \"soon\" is not a date"},
        {{"offer", "tender", "3", "--shift", "later"}, "--shift: \"later\" is not a length"},
        {{"offer", "show"}, "ID is missing"},
        {{"offer", "list", "--state", "given"},
         "none of open, accepted, declined, expired, withdrawn, stale, tendered, won, lost"},
        {{"award", "confirm"}, "REF is missing"},
        {{"award", "override", "X1", "--service", "S"}, "--note TEXT is missing"},
        {{"award", "override", "X1", "--note", "because"}, "--service NAME is missing"},
        {{"award", "override", "X1", "--service", "S", "--note", "n", "--rate", "x"},
         "--rate: \"x\" is not an amount"},
        {{"choice", "record", "X1", "--offer", "3"}, "--decided-by WHO is missing"},
        {{"choice", "record", "X1", "--offer", "3", "--decided-by", "nurse"},
         "none of person, family, advocate, attorney, best_interests"},
        {{"choice", "record", "X1", "--offer", "x", "--decided-by", "person"},
         "--offer: \"x\" is not a whole number"},
        {{"choice", "record", "X1", "--decided-by", "person"}, "--offer ID is missing"},
        {{"round"}, "say what to do with it"},
        {{"round", "open", "homecare"}, "one word too many"},
        {{"round", "show", "first"}, "ID"},
        {{"round", "list", "--state", "open"}, "--state"},
        {{"round", "certificate", "1"}, "ID FILE is missing"},
        {{"round", "certificate", "1", "file", "more"}, "one word too many"},
        {{"round", "export", "1"}, "--problem FILE or --lp FILE"},
        {{"package", "withdraw", "X1", "--reason", "handed_back"}, "moved_away, mistake."},
        {{"package", "amend", "X1", "--arrangement", "managed"}, "no option --arrangement here"},
        {{POST, "--arrangement", "council"}, "none of managed, direct_payment"},
        {{POST, "--prefer", "a,b,c,d,e"}, "--prefer: there are too many"},
        {{POST, "--group", "g"}, "a group has a name and a size"},
        {{POST, "--group-size", "2"}, "a group has a name and a size"},
        {{POST, "--together"}, "a group has a name and a size"},
        {{POST, "--group", "g", "--group-size", "two"}, "--group-size: \"two\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cli_test_refuses(cases[i].words, cases[i].says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept),     cmocka_unit_test(test_accept_json),
        cmocka_unit_test(test_tender),     cmocka_unit_test(test_offers),
        cmocka_unit_test(test_confirm),    cmocka_unit_test(test_override),
        cmocka_unit_test(test_choice),     cmocka_unit_test(test_round),
        cmocka_unit_test(test_new_fields), cmocka_unit_test(test_amended_fields),
        cmocka_unit_test(test_show),       cmocka_unit_test(test_explain),
        cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests_name("cli_market", tests, cli_test_setup, fake_daemon_end_all);
}
