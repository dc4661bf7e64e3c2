/*
 * test_cli.c - the `placemat` command line: what people type, what is sent, and what is printed.
 */
#include "tests/lib/cli_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Packages ---- */

static void offered_package(struct wire_writer *out)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X123");
    cli_test_text(out, KEY_STATE, "offered");
    cli_test_text(out, KEY_PROVIDER, "Fernglow Homecare");
    cli_test_number(out, KEY_DEADLINE, 1735052640000);
    wire_key(out, KEY_VISITS);
    wire_array(out, 1);
    wire_array(out, 6);
    for (size_t i = 0; i < 6; i++)
        wire_uint(out, (const uint64_t[]){0x7f, 420, 600, 30, 2, 1}[i]);
    wire_break(out);
}

static void open_package(struct wire_writer *out)
{
    wire_map(out, 1);
    cli_test_text(out, KEY_STATE, "open");
}

static void test_post(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = open_package},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct cli_test run =
        RUN(steps, "package", "post", "--kind", "homecare", "--postcode", "RM18 8", "--visit",
            "mon-sun 07:00-10:00 30m x2 critical", "--visit=sat 12:00-14:00 45m", "--needs",
            "dementia,peg", "--needs", "hoist", "--start-by", "2026-12-01", "--ref", "X123",
            "--interim", "family", "--payer", "health", "--priority", "1");
    assert_string_equal(run.err, "");
    assert_string_equal(run.out,
                        "X123 posted: offered to Fernglow Homecare until 2024-12-24 15:04.\n");
    assert_int_equal(run.code, CLI_DONE);
    assert_int_equal(fake_daemon_requests(run.fake), 3);
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    const struct pm_package *package = &request.command->package;
    assert_int_equal(request.actor.role, PM_BROKER);
    assert_true(pm_text_equal(request.actor.name, pm_text("ann")));
    assert_int_equal(request.command->verb, PM_PACKAGE_POST);
    assert_true(pm_text_equal(package->reference, pm_text("X123")));
    assert_true(pm_text_equal(package->kind, pm_text("homecare")));
    assert_int_equal(package->postcode, pm_postcode_parse(pm_text("RM18 8")));
    assert_int_equal(package->visits, 2);
    assert_int_equal(package->visit[0].carers, 2);
    assert_int_equal(package->visit[1].minutes, 45);
    assert_int_equal(package->needs, 3);
    assert_true(pm_text_equal(package->need[2], pm_text("hoist")));
    assert_int_equal(package->start_by, pm_date_parse(pm_text("2026-12-01")));
    assert_int_equal(package->interim, PM_FAMILY);
    assert_int_equal(package->payer, PM_HEALTH);
    assert_int_equal(package->priority, 1);
    request = fake_daemon_decoded(run.fake, 2);
    assert_int_equal(request.command->verb, PM_PACKAGE_SHOW);
    assert_true(pm_text_equal(request.command->id.referrer, pm_text("ann")));
    cli_test_end(&run);
}

static void test_post_json(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct cli_test run =
        RUN(steps, "--json", "--request-id", "41", "package", "post", "--kind", "residential",
            "--locality", "Grays", "--place", "dementia", "--ref", "X123");
    assert_int_equal(run.code, CLI_DONE);
    json_t *document = json_loads(run.out, 0, NULL);
    assert_non_null(document);
    assert_int_equal(cli_integer(document, "id"), 7);
    assert_string_equal(cli_string(json_object_get(document, "package"), "state"), "offered");
    json_decref(document);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).first_number, 41);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).client, 1);
    cli_test_end(&run);
}

static void test_amend(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 7},
                                      {.act = FAKE_ANSWER, .body = offered_package}};
    struct cli_test run =
        RUN(steps, "package", "amend", "X123", "--needs", "hoist", "--start-from", "2026-12-01");
    assert_int_equal(run.code, CLI_DONE);
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_int_equal(request.command->verb, PM_PACKAGE_AMEND);
    assert_int_equal(request.command->package.given, PM_GIVEN_NEEDS | PM_GIVEN_START);
    cli_test_end(&run);
}

static void test_show(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = offered_package}};
    struct cli_test run = RUN(steps, "package", "show", "X123");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "Package        X123\n");
    cli_test_says(run.out, "Answer by      2024-12-24 15:04\n");
    cli_test_says(run.out, "Visits\n  mon-sun 07:00-10:00 30m x2 critical\n");
    cli_test_end(&run);
}

/* ---- Refusals ---- */

static void test_refused(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_RESULT, .status = PM_OFFER_EXPIRED}};
    struct cli_test run = RUN(steps, "offer", "accept", "12");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err,
                        "placemat: offer_expired: The answer came after the offer's deadline.\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->answer.offer, 12);
    cli_test_end(&run);
    run = RUN(steps, "offer", "decline", "12", "--code", "no_capacity", "--json");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_string_equal(run.out,
                        "{\"status\":\"offer_expired\",\"sentence\":\"The answer came after the "
                        "offer's deadline.\"}\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->answer.code, PM_NO_CAPACITY);
    cli_test_end(&run);
}

/* Whoever is told that the state is the wrong one is told which it is, if it can be had. */
static void test_refused_for_its_state(void **state)
{
    (void)state;
    static const struct {
        void (*look)(struct wire_writer *out);
        const char *says;
    } cases[] = {
        {cli_test_placed, " (X1 is placed, its placement started)"},
        {open_package, " (X1 is open)"},
        {NULL, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake_step steps[] = {{.act = FAKE_RESULT, .status = PM_WRONG_STATE},
                                          {.act = FAKE_ANSWER, .body = cases[i].look}};
        struct cli_test run = RUN(steps, "package", "pause", "X1", "--referrer", "Ward 3");
        char says[256];
        snprintf(says, sizeof says, "placemat: wrong_state: %s%s\n",
                 pm_status_sentence(PM_WRONG_STATE), cases[i].says);
        assert_int_equal(run.code, CLI_REFUSED);
        assert_string_equal(run.err, says);
        struct wire_request looked = fake_daemon_decoded(run.fake, 1);
        assert_int_equal(looked.command->verb, PM_PACKAGE_SHOW);
        cli_test_is(looked.command->id.reference, "X1");
        cli_test_is(looked.command->id.referrer, "Ward 3");
        cli_test_end(&run);
    }
    const struct fake_step offer[] = {{.act = FAKE_RESULT, .status = PM_WRONG_STATE}};
    struct cli_test run = RUN(offer, "offer", "accept", "12");
    assert_int_equal(fake_daemon_requests(run.fake), 1); /* of no package */
    cli_test_end(&run);
}

static void test_refused_whole(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_REFUSE, .status = PM_NOT_ALLOWED}};
    struct cli_test run = RUN(steps, "tick", "2024-12-24 15:04");
    assert_int_equal(run.code, CLI_REFUSED);
    cli_test_says(run.err, "placemat: not_allowed: ");
    cli_test_says(run.err, "(said the fake)\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->tick.time, 1735052640000);
    cli_test_end(&run);
}

static void ticked(struct wire_writer *out, uint64_t pending)
{
    wire_map(out, 2);
    wire_key(out, KEY_TIME);
    wire_int(out, 1735052640000);
    wire_key(out, KEY_PENDING);
    wire_uint(out, pending);
}

static void ticked_in_part(struct wire_writer *out)
{
    ticked(out, 1);
}

static void ticked_whole(struct wire_writer *out)
{
    ticked(out, 0);
}

static void test_a_tick_is_sent_until_all_is_done(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = ticked_in_part},
                                      {.act = FAKE_ANSWER, .body = ticked_in_part},
                                      {.act = FAKE_ANSWER, .body = ticked_whole}};
    struct cli_test run = RUN(steps, "tick", "2024-12-24 15:04");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "pending          0\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 2).command->tick.time, 1735052640000);
    cli_test_end(&run);
}

static void test_unreachable(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_SILENT}};
    struct cli_test run = RUN(steps, "--timeout", "200ms", "stats", "--json");
    assert_int_equal(run.code, CLI_UNREACHABLE);
    cli_test_says(run.err, "placemat: unreachable: ");
    cli_test_says(run.out, "{\"status\":\"unreachable\"");
    assert_null(strstr(run.err, "--request-id"));
    cli_test_end(&run);
    run = RUN(steps, "--timeout", "200ms", "--client", "5", "--request-id", "9", "package", "pause",
              "X1");
    assert_int_equal(run.code, CLI_UNREACHABLE);
    cli_test_says(run.err, "with --client 5 --request-id 9, asked again it is done once.\n");
    cli_test_end(&run);
}

/* Nothing is sent for what makes no sense. */
static void test_usage(void **state)
{
    (void)state;
    static const struct {
        const char *words[10];
        const char *says;
    } cases[] = {
        {{NULL}, "say what to do."},
        {{"package"}, "say what to do with it"},
        {{"parcel"}, "no noun \"parcel\""},
        {{"package", "send"}, "no verb \"send\""},
        {{"package", "show"}, "REF is missing"},
        {{"package", "show", "X1", "X2"}, "\"X2\" is one word too many"},
        {{"package", "list", "extra"}, "one word too many"},
        {{"package", "list", "--sate", "open"}, "no option --sate here"},
        {{"--state", "open"}, "no option --state before the verb"},
        {{"package", "list", "-x"}, "no option -x"},
        {{"package", "list", "--state"}, "--state needs a value: STATE"},
        {{"package", "list", "--json=yes"}, "--json takes no value"},
        {{"package", "list", "--state", "lost"}, "\"lost\" is none of open, offered"},
        {{"package", "list", "--limit", "0"}, "--limit: at least one row"},
        {{"package", "list"}, "name the market"},
        {{"package", "post", "--ref", "X1"}, "--kind KIND is missing"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--visit", "mon"},
         "--visit: a visit is"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--needs", "a,,b"},
         "a name in the list is empty"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--exclude", "a,b,c,d,e,f,g,h,i"},
         "too many"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--postcode", "RM"},
         "\"RM\" is not a postcode"},
        {{"package", "post", "--ref", "X1", "--kind", "k", "--start-by", "soon"},
         "--start-by: \"soon\" is not a date"},
        {{"package", "amend", "X1"}, "say what to amend"},
        {{"offer", "accept", "X1"}, "ID: \"X1\" is not a whole number"},
        {{"package", "list", "--token-file", ""}, "--token-file: it is empty"},
        {{"package", "list", "--as", ""}, "--as: it is empty"},
        {{"package", "list", "--connect="}, "--connect: it is empty"},
        {{"offer", "tender", "1", "--rate", "0"}, "--rate: more than 0"},
        {{"token", "create", "t", "--role", "daemon"},
         "none of broker, hospital, provider, commissioner, operator"},
        {{"offer", "decline", "1", "--code", "busy"}, "none of no_capacity, cannot_meet_need"},
        {{"offer", "decline", "1"}, "--code CODE is missing"},
        {{"tick", "noon"}, "TIME: \"noon\" is not a time"},
        {{"--as", "nurse:ann", "stats"}, "--as: \"nurse:ann\" does not begin with a role"},
        {{"--timeout", "soon", "stats"}, "--timeout: "},
        {{"--request-id", "0", "stats"}, "--request-id: 1 or more"},
        {{"--client", "0", "stats"}, "--client: 1 or more"},
        {{"--client", "7", "stats"}, "--client goes with --request-id"},
        {{"watch", "--wait", "61"}, "a minute at most"},
        {{"watch", "--limit", "0"}, "--limit: 1 or more"},
        {{"stats", "--every", "0"}, "--every: more than 0"},
        {{"stats", "--every", "1", "--times", "0"}, "--times: 1 or more"},
        {{"service", "put", "S", "--pool", "P", "--kind", "k", "--lot", "l", "--rate=24.1"},
         "--rate: "},
        {{"location", "put", "L", "--provider", "P", "--score", "101"}, "--score: "},
        {{"capacity", "set", "P", "--spare", "bed"}, "--spare: \"bed\" is not a band"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cli_test_refuses(cases[i].words, cases[i].says);
}

/* ---- Help, from the same tables ---- */

static void test_help(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER}};
    struct cli_test run = RUN(steps, "--help");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "--request-id N");
    for (const struct cli_noun *const *noun = cli_nouns; *noun != NULL; noun++)
        cli_test_says(run.out, (*noun)->name);
    cli_test_end(&run);
    run = RUN(steps, "package", "--help");
    cli_test_says(run.out, "placemat package post --ref REF --kind KIND [OPTION]...\n");
    cli_test_says(run.out, "placemat package withdraw REF --reason REASON [OPTION]...\n");
    cli_test_end(&run);
    run = RUN(steps, "package", "post", "-h");
    cli_test_says(run.out, "--visit VISIT");
    cli_test_says(run.out, "--planned-end DATE");
    cli_test_end(&run);
    run = RUN(steps, "--version");
    assert_string_equal(run.out, "placemat " PM_VERSION "\n");
    cli_test_end(&run);
}

/* ---- Lists, capacity, explain, watch ---- */

static void page_of(struct wire_writer *out, const char *reference, int64_t next)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_map(out, 3);
    cli_test_text(out, KEY_REFERENCE, reference);
    cli_test_text(out, KEY_STATE, "waiting");
    cli_test_number(out, KEY_UNITS, 420);
    cli_test_number(out, KEY_NEXT, next);
}

static void first_page(struct wire_writer *out)
{
    page_of(out, "X1", 16777217);
}

static void last_page(struct wire_writer *out)
{
    page_of(out, "X2", 0);
}

static void test_list(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = first_page},
                                      {.act = FAKE_ANSWER, .body = last_page}};
    struct cli_test run = RUN(steps, "package", "list", "--state", "waiting", "--kind", "homecare");
    assert_string_equal(run.out, "REFERENCE  STATE    A WEEK\n"
                                 "X1         waiting     7 h\n"
                                 "X2         waiting     7 h\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->list.state, 1 + PM_WAITING);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->list.after, 16777217);
    cli_test_end(&run);
    run = RUN(steps, "package", "list", "--limit", "1");
    cli_test_says(run.out, "There is more: --after 16777217\n");
    assert_int_equal(fake_daemon_requests(run.fake), 1);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->list.limit, 1);
    cli_test_end(&run);
    run = RUN(steps, "package", "list", "--json");
    json_t *document = json_loads(run.out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "rows")), 2);
    json_decref(document);
    cli_test_end(&run);
}

static void empty_page(struct wire_writer *out)
{
    wire_map(out, 2);
    wire_key(out, KEY_ROWS);
    wire_array(out, 0);
    cli_test_number(out, KEY_NEXT, 0);
}

static void test_empty_lists(void **state)
{
    (void)state;
    static const struct {
        const char *noun, *verb, *says;
    } cases[] = {
        {"package", "list", "No packages.\n"},     {"offer", "list", "No offers.\n"},
        {"placement", "list", "No placements.\n"}, {"service", "list", "No services.\n"},
        {"capacity", "show", "No pools.\n"},
    };
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = empty_page}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cli_test run = RUN(steps, cases[i].noun, cases[i].verb);
        assert_string_equal(run.out, cases[i].says);
        assert_int_equal(run.code, CLI_DONE);
        cli_test_end(&run);
    }
}

static void write_band(struct wire_writer *out, const char *name)
{
    wire_map(out, 3);
    cli_test_text(out, KEY_NAME, name);
    cli_test_number(out, KEY_DECLARED, 600);
    cli_test_number(out, KEY_FREE, -60);
}

static void write_pools(struct wire_writer *out, int64_t next)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_NEXT, next);
    wire_key(out, KEY_ROWS);
    wire_array(out, 1);
    wire_map(out, 3);
    cli_test_text(out, KEY_POOL, "Grays run");
    cli_test_text(out, KEY_MODE, "declared");
    wire_key(out, KEY_BANDS);
    wire_array(out, 2);
    write_band(out, "morning");
    write_band(out, "lunch");
}

static void pool_page(struct wire_writer *out)
{
    write_pools(out, 0);
}

static void first_pools(struct wire_writer *out)
{
    write_pools(out, 33);
}

static void test_capacity(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = pool_page},
                                      {.act = FAKE_ANSWER}};
    struct cli_test run =
        RUN(steps, "capacity", "set", "Grays run", "--spare", "lunch=5h,morning=420", "--as-of",
            "2024-12-24 15:04", "--valid-until", "2024-12-25");
    assert_string_equal(run.err, "");
    assert_int_equal(run.code, CLI_DONE);
    struct wire_request request = fake_daemon_decoded(run.fake, 1);
    const struct pm_capacity_set *capacity = &request.command->capacity;
    assert_int_equal(request.command->verb, PM_CAPACITY_SET);
    assert_int_equal(capacity->bands, 2);
    assert_int_equal(capacity->spare[0], 420);
    assert_int_equal(capacity->spare[1], 300);
    assert_int_equal(capacity->as_of, 1735052640000);
    assert_int_equal(capacity->valid_until, 1735084800000);
    cli_test_end(&run);
    run = RUN(steps, "capacity", "show");
    assert_string_equal(run.out, "POOL       MODE      BAND     DECLARED  FREE\n"
                                 "Grays run  declared  morning       600   -60\n"
                                 "                     lunch         600   -60\n");
    cli_test_end(&run);
    const struct fake_step more[] = {{.act = FAKE_ANSWER, .body = first_pools}};
    run = RUN(more, "capacity", "show", "--limit", "1");
    cli_test_says(run.out, "There is more: --after 33\n");
    cli_test_end(&run);
}

static void test_capacity_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pool, *spare, *says;
        int code;
    } cases[] = {
        {"Grays run", "morning=420", "give each of the pool's bands once: morning, lunch",
         CLI_USAGE},
        {"Grays run", "morning=420,tea=1", "give each of the pool's bands once", CLI_USAGE},
        {"Grays run", "lunch=420,lunch=1", "give each of the pool's bands once", CLI_USAGE},
        {"Grays run", "morning=1,lunch=1,lunch=1", "give each of the pool's bands once", CLI_USAGE},
        {"Tilbury run", "morning=420", "unknown_pool: ", CLI_REFUSED},
    };
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = pool_page}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cli_test run =
            RUN(steps, "capacity", "set", cases[i].pool, "--spare", cases[i].spare);
        cli_test_says(run.err, cases[i].says);
        assert_int_equal(run.code, cases[i].code);
        assert_int_equal(fake_daemon_requests(run.fake), 1);
        cli_test_end(&run);
    }
}

static void explanation(struct wire_writer *out)
{
    wire_open_map(out);
    cli_test_text(out, KEY_REFERENCE, "X123");
    cli_test_text(out, KEY_STATE, "waiting");
    cli_test_text(out, KEY_DIAGNOSIS, "2 services lack capacity.");
    wire_key(out, KEY_SERVICES);
    wire_array(out, 4);
    wire_map(out, 3);
    cli_test_text(out, KEY_SERVICE, "S3");
    cli_test_text(out, KEY_FILTER, "needs");
    cli_test_text(out, KEY_SENTENCE, "lacks a capability: peg");
    wire_map(out, 5);
    cli_test_text(out, KEY_SERVICE, "S4");
    cli_test_text(out, KEY_FILTER, "rate");
    cli_test_number(out, KEY_NEEDED, 2500);
    cli_test_number(out, KEY_FOUND, 2710);
    cli_test_text(out, KEY_SENTENCE, "dearer than the ceiling: at most 2500, has 2710");
    wire_map(out, 5);
    cli_test_text(out, KEY_SERVICE, "S1");
    cli_test_text(out, KEY_FILTER, "capacity");
    cli_test_text(out, KEY_BAND, "weekday morning");
    cli_test_number(out, KEY_NEEDED, 420);
    cli_test_number(out, KEY_FOUND, 180);
    wire_map(out, 8);
    cli_test_text(out, KEY_SERVICE, "S2");
    cli_test_number(out, KEY_RANK, 1);
    cli_test_number(out, KEY_RATE, 2410);
    cli_test_number(out, KEY_SCORE, 812);
    cli_test_number(out, KEY_SCORE_PRICE, 500);
    cli_test_number(out, KEY_SCORE_QUALITY, 312);
    cli_test_text(out, KEY_OUTCOME, "declined");
    cli_test_text(out, KEY_CODE, "no_capacity");
    wire_break(out);
}

static void test_explain(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = explanation}};
    struct cli_test run = RUN(steps, "explain", "X123", "--referrer", "Ward 3");
    assert_int_equal(run.code, CLI_DONE);
    cli_test_says(run.out, "X123: 2 services lack capacity.\n");
    cli_test_says(run.out, "RANK  SERVICE    RATE  SCORE  OF PRICE  OF QUALITY  OUTCOME\n"
                           "   1  S2       \xc2\xa3"
                           "24.10    812       500         312  declined: no capacity\n");
    cli_test_says(run.out, "S3       lacks a capability: peg\n");
    cli_test_says(run.out, "S4       rate: at most \xc2\xa3"
                           "25.00, has \xc2\xa3"
                           "27.10\n");
    cli_test_says(run.out, "S1       capacity: weekday morning: needs 420, free 180\n");
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_true(pm_text_equal(request.command->id.referrer, pm_text("Ward 3")));
    cli_test_end(&run);
}

static void events(struct wire_writer *out)
{
    wire_map(out, 2);
    cli_test_number(out, KEY_CURSOR, 512);
    wire_key(out, KEY_EVENTS);
    wire_array(out, 1);
    wire_map(out, 6);
    cli_test_number(out, KEY_TIME, 1735052640000);
    cli_test_text(out, KEY_EVENT, "offer_made");
    cli_test_text(out, KEY_REFERENCE, "X123");
    cli_test_text(out, KEY_PROVIDER, "Fernglow Homecare");
    cli_test_number(out, KEY_RATE, 2410);
    cli_test_number(out, KEY_DEADLINE, 1735067040000);
}

static void test_watch(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = events},
                                      {.act = FAKE_RESULT, .status = PM_RESYNC}};
    static const char line[] = "2024-12-24 15:04  offer made: X123, Fernglow Homecare, \xc2\xa3"
                               "24.10, "
                               "until 2024-12-24 19:04\n";
    struct cli_test run = RUN(steps, "watch", "--cursor", "256", "--wait", "5s");
    cli_test_says(run.out, line);
    cli_test_says(run.out, "Go on with --cursor 512\n");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.cursor, 256);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.wait, 5000);
    cli_test_end(&run);
    run = RUN(steps, "watch", "--follow");
    assert_string_equal(run.out, line);
    cli_test_says(run.err, "resync: ");
    assert_int_equal(run.code, CLI_REFUSED);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->watch.wait, 0);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->watch.cursor, 512);
    assert_int_equal(fake_daemon_decoded(run.fake, 1).command->watch.wait, 60000);
    cli_test_end(&run);
}

/* ---- Supply ---- */

static void test_service_put(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3}};
    struct cli_test run =
        RUN(steps, "service", "put", "fernglow-grays", "--pool", "Grays run", "--kind", "homecare",
            "--lot", "lot 1", "--rate", "23.50", "--rate", "2026-04-01=24.10", "--localities",
            "Grays, Purfleet", "--sectors", "RM17 5,RM17 6", "--capabilities", "peg", "--tier", "2",
            "--contract", "block");
    assert_string_equal(run.out, "The service fernglow-grays is recorded.\n");
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    const struct pm_service_put *service = &request.command->service;
    assert_int_equal(request.command->verb, PM_SERVICE_PUT);
    assert_int_equal(service->rates, 2);
    assert_int_equal(service->rate[1].pence, 2410);
    assert_int_equal(service->rate[1].from, 20544);
    assert_int_equal(service->localities, 2);
    assert_true(pm_text_equal(service->locality[1], pm_text("Purfleet")));
    assert_int_equal(service->sectors, 2);
    assert_int_equal(service->capabilities, 1);
    assert_int_equal(service->tier, 2);
    assert_int_equal(service->contract, PM_BLOCK);
    assert_int_equal(service->standing, PM_ACTIVE);
    cli_test_end(&run);
}

static void test_other_puts(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .id = 3}};
    struct cli_test run = RUN(steps, "provider", "put", "fernglow", "--standing", "suspended");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->provider.standing, PM_SUSPENDED);
    cli_test_end(&run);
    run = RUN(steps, "location", "put", "fernglow-grays", "--provider", "fernglow", "--rating",
              "good");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->location.rating, PM_GOOD);
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->location.score, -1);
    cli_test_end(&run);
    run = RUN(steps, "pool", "put", "Grays run", "--location", "L", "--kind", "homecare", "--mode",
              "declared");
    assert_int_equal(fake_daemon_decoded(run.fake, 0).command->pool.mode, PM_DECLARED);
    cli_test_end(&run);
}

/* What stands in the environment is used unless an option says otherwise. */
static void test_environment(void **state)
{
    (void)state;
    const struct fake_step steps[] = {{.act = FAKE_ANSWER, .body = empty_page}};
    setenv("PLACEMAT_MARKET", "essex", 1);
    setenv("PLACEMAT_AS", "provider:Fernglow", 1);
    struct cli_test run = cli_test_run(steps, 1, (const char *const[]){"offer", "list", NULL});
    struct wire_request request = fake_daemon_decoded(run.fake, 0);
    assert_true(pm_text_equal(request.market, pm_text("essex")));
    assert_int_equal(request.actor.role, PM_PROVIDER);
    assert_true(pm_text_equal(request.actor.name, pm_text("Fernglow")));
    cli_test_end(&run);
    run = RUN(steps, "offer", "list");
    assert_true(pm_text_equal(fake_daemon_decoded(run.fake, 0).market, pm_text("thurrock")));
    cli_test_end(&run);
    unsetenv("PLACEMAT_MARKET");
    unsetenv("PLACEMAT_AS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_post),
        cmocka_unit_test(test_post_json),
        cmocka_unit_test(test_amend),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_for_its_state),
        cmocka_unit_test(test_refused_whole),
        cmocka_unit_test(test_a_tick_is_sent_until_all_is_done),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_capacity_refused),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_service_put),
        cmocka_unit_test(test_other_puts),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests_name("cli", tests, cli_test_setup, fake_daemon_end_all);
}
