/*
 * e2e_samples.c - one message of every sort, written by the code that writes them all:
 * DIRECTORY/RULE/NAME is of that rule of placemat.cddl, DIRECTORY/not-RULE/NAME must not be.
 * Without a directory it only checks that the requests and entries among them are read back.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/round_answer.h"
#include "core/wire_problem.h"
#include "tests/lib/diag.h"
#include "tests/lib/gen_command.h"
#include "tests/lib/little_market.h"
#include "tests/lib/round_random.h"
#include "tests/lib/served.h"
#include "tests/lib/solved.h"

enum { MESSAGE_MAX = 1 << 19, EACH = 12 };

static const char *directory; /* NULL: nothing is written */
static uint8_t message[MESSAGE_MAX];
static struct wire_writer writer = {.bytes = message, .size = sizeof message};
static struct gen gen;
static struct little little;

static void must(bool good, const char *what)
{
    if (!good)
        fail_msg("%s", what);
}

static FILE *create(const char *rule, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, rule);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", directory, rule, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fail_msg("%s cannot be made", path);
    }
    return file;
}

/* Writes what is in the writer as a message of that rule, and empties it. */
static void put(const char *rule, const char *name)
{
    must(!writer.overflow && writer.used > 0, name);
    if (directory != NULL) {
        FILE *file = create(rule, name);
        must(fwrite(message, 1, writer.used, file) == writer.used, name);
        must(fclose(file) == 0, name);
    }
    writer = (struct wire_writer){.bytes = message, .size = sizeof message};
}

static void put_notation(const char *rule, const char *name, const char *notation)
{
    writer.used = diag_encode(notation, message, sizeof message);
    put(rule, name);
}

/* ---- Requests and entries ---- */

static struct wire_arena arena_for(size_t size)
{
    struct wire_arena arena = {.size = wire_arena_bound(size)};
    arena.bytes = malloc(arena.size);
    assert_non_null(arena.bytes);
    return arena;
}

static void put_request(const struct pm_command *command, const char *name)
{
    struct pm_command copy = *command;
    struct wire_request decoded, request = {.actor = {.role = PM_BROKER, .name = pm_text("bo")},
                                            .market = pm_text("little"),
                                            .client = UINT64_MAX,
                                            .first_number = 7,
                                            .count = 1,
                                            .command = &copy};
    struct wire_error error;
    wire_request_encode(&writer, &request);
    struct wire_arena arena = arena_for(writer.used);
    must(wire_request_decode(message, writer.used, &arena, &decoded, &error) == PM_OK, name);
    must(decoded.count == 1 && gen_equal(&decoded.command[0], command), name);
    free(arena.bytes);
    put("request", name);
}

static void put_entry(const struct pm_command *command, const char *name)
{
    struct pm_entry decoded, entry = {.sequence = 1,
                                      .time = LITTLE_TIME,
                                      .market = pm_text("little"),
                                      .actor = {.role = PM_DAEMON, .name = pm_text("")},
                                      .hash = UINT64_MAX,
                                      .command = command};
    struct wire_error error;
    wire_entry_encode(&writer, &entry);
    struct wire_arena arena = arena_for(writer.used);
    struct wire_reader reader = {.bytes = message, .size = writer.used};
    must(wire_entry_decode(&reader, &arena, &decoded, &error), name);
    must(reader.at == reader.size && gen_equal(decoded.command, command), name);
    free(arena.bytes);
    put("entry", name);
}

static void put_commands(void)
{
    struct pm_command command, load = little_market_load();
    for (size_t i = 0; i < gen_verb_count; i++) {
        for (uint64_t n = 0; n < EACH; n++) {
            char name[64];
            gen_start(&gen, n << 8 | i);
            gen.likely = true;
            gen_command(&gen, gen_verbs[i], &command);
            snprintf(name, sizeof name, "%s-%u", pm_verb_name(gen_verbs[i]), (unsigned)n);
            if (!gen_is_daemons(gen_verbs[i]))
                put_request(&command, name);
            put_entry(&command, name);
        }
    }
    put_request(&load, "little");
    put_entry(&load, "little");
}

/* ---- Replies and events ---- */

/* Asks as the role, and writes the reply that the daemon would give. */
static void put_answer(enum pm_role role, const char *actor, struct pm_command command)
{
    static unsigned number;
    static uint8_t body[MESSAGE_MAX];
    char name[64];
    struct wire_writer answer = {.bytes = body, .size = sizeof body};
    struct pm_entry entry = {.sequence = little.sequence + 1,
                             .time = little.time,
                             .market = pm_text("little"),
                             .actor = {.role = (uint8_t)role, .name = pm_text(actor)},
                             .command = &command};
    snprintf(name, sizeof name, "%s-%u", pm_verb_name(command.verb), ++number);
    must(pm_core_query(little.core, &entry, &answer) == PM_OK, name);
    wire_reply_begin(&writer, little.sequence, 1);
    wire_array(&writer, 2);
    wire_uint(&writer, PM_OK);
    wire_raw(&writer, body, answer.used);
    put("reply", name);
}

/* Of a round that is tried. */
static void put_tried(const char *name, struct pm_round_try tried)
{
    static struct solved solved;
    const struct round_source source = {.market = pm_text("little"), .tried = tried};
    must(solved_source(little.core, &source, &solved), name);
    wire_reply_begin(&writer, little.sequence, 1);
    wire_array(&writer, 2);
    wire_uint(&writer, PM_OK);
    round_put_tried(&writer, &solved.problem, solved.found.choice, &solved.result);
    solved_close(&solved);
    put("reply", name);
}

static void put_answers(void)
{
    static const enum pm_verb lists[] = {PM_PACKAGE_LIST, PM_OFFERS,       PM_PLACEMENTS,
                                         PM_CAPACITY,     PM_SERVICE_LIST, PM_ROUND_LIST};
    static const char *const references[] = {"X1", "X2", "X3", "X4"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        put_answer(PM_BROKER, "bo", (struct pm_command){.verb = (uint8_t)lists[i]});
        put_answer(PM_BROKER, "bo",
                   (struct pm_command){.verb = (uint8_t)lists[i], .list = {.limit = 1}});
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i] == PM_ROUND_LIST)
            continue;
        put_answer(PM_HOSPITAL, "ward", (struct pm_command){.verb = (uint8_t)lists[i]});
        if (lists[i] != PM_PACKAGE_LIST)
            put_answer(PM_PROVIDER, "beryl", (struct pm_command){.verb = (uint8_t)lists[i]});
    }
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        struct pm_package_id id = {.reference = pm_text(references[i])};
        put_answer(PM_BROKER, "bo", (struct pm_command){.verb = PM_PACKAGE_SHOW, .id = id});
        put_answer(PM_BROKER, "bo", (struct pm_command){.verb = PM_EXPLAIN, .id = id});
        put_answer(PM_HOSPITAL, "ward", (struct pm_command){.verb = PM_PACKAGE_SHOW, .id = id});
    }
    put_answer(PM_BROKER, "bo",
               (struct pm_command){.verb = PM_ROUND_SHOW, .matched = {.round = 1}});
    put_answer(PM_BROKER, "bo",
               (struct pm_command){.verb = PM_ROUND_SHOW, .matched = {.round = 2}});
    put_tried("tried-1", (struct pm_round_try){.kind = pm_text("homecare")});
    put_tried("tried-2", (struct pm_round_try){.provider = pm_text("amber")});
    put_tried("tried-3", (struct pm_round_try){.provider = pm_text("beryl")});
    put_answer(PM_COMMISSIONER, "co", (struct pm_command){.verb = PM_MARKET_REPORT});
    put_answer(PM_HOSPITAL, "ward", (struct pm_command){.verb = PM_MARKET_REPORT});
}

/* Events of the last command. */
static void put_events(void)
{
    static unsigned number;
    size_t count;
    const struct pm_event *events = pm_core_events(little.core, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct pm_event_record record;
        char name[64];
        pm_event_describe(little.core, &events[i], i, &record);
        snprintf(name, sizeof name, "%u-%s", ++number, pm_event_name(record.kind));
        wire_event_encode(&writer, &record);
        put("event", name);
    }
}

/* A round that is solved, and one that is not yet. */
static void match_a_little(void)
{
    static const struct pm_round_result result = {
        .hash = {1, 2, 3, 4}, .scarce = {{.pool = 1, .price = 950}}, .scarces = 1, .optimal = 31};
    const struct pm_command open = {.verb = PM_ROUND_OPEN};
    must(little_apply(&little, PM_BROKER, "bo", &open).status == PM_OK, "open a round");
    put_events();
    const struct pm_assignment assignment = {.package = 2, .service = 1};
    const struct pm_command apply = {
        .verb = PM_ROUND_APPLY,
        .apply = {.round = 1, .assignment = &assignment, .assignments = 1, .result = &result}};
    must(little_apply(&little, PM_DAEMON, "placematd", &apply).status == PM_OK, "apply");
    put_events();
    little_settle(&little);
    put_events();
    must(little_apply(&little, PM_BROKER, "bo", &open).status == PM_OK, "open another");
}

/* A package placed after a refusal, one offered, one that waits, one withdrawn. */
static void live_a_little(void)
{
    little_open(&little);
    put_events();
    must(little_post(&little, "X1", "Alder", 0x1f, 30, "dementia").status == PM_OK, "post X1");
    put_events();
    little_settle(&little);
    must(little_decline(&little, "beryl", PM_TOO_FAR).status == PM_OK, "decline");
    put_events();
    little_settle(&little);
    put_events();
    must(little_accept(&little, "amber").status == PM_OK, "accept");
    put_events();
    must(little_post(&little, "X2", "Birch", 0x1f, 30, "peg").status == PM_OK, "post X2");
    little_settle(&little);
    must(little_post(&little, "X3", "Birch", 0x7f, 170, "peg").status == PM_OK, "post X3");
    little_settle(&little);
    must(little_post(&little, "X4", "Alder", 0x01, 30, NULL).status == PM_OK, "post X4");
    little_settle(&little);
    put_events();
    struct pm_command command = {.verb = PM_PACKAGE_WITHDRAW,
                                 .id = {.reference = pm_text("X4"), .reason = PM_READMITTED}};
    must(little_apply(&little, PM_BROKER, "bo", &command).status == PM_OK, "withdraw");
    put_events();
    command = (struct pm_command){.verb = PM_PLACEMENT_START, .id = {.reference = pm_text("X1")}};
    must(little_apply(&little, PM_BROKER, "bo", &command).status == PM_OK, "start");
    put_events();
    match_a_little();
}

static void put_replies(void)
{
    for (unsigned status = 0; status < PM_STATUS_COUNT; status++) {
        char name[64];
        snprintf(name, sizeof name, "status-%u", status);
        bool whole = (status >= PM_BUSY && status <= PM_STOPPING) || status == PM_PERSONAL_DATA ||
                     (status >= PM_UNAUTHENTICATED && status <= PM_UNKNOWN_TOKEN);
        if (whole) {
            wire_reply_refused(&writer, 3, (uint16_t)status, pm_status_sentence(status),
                               status == PM_BUSY ? 20 : 0);
        } else {
            wire_reply_begin(&writer, UINT64_MAX, 2);
            wire_reply_result(&writer,
                              (struct pm_result){.status = (uint16_t)status, .id = status});
            wire_reply_result(&writer, (struct pm_result){.status = (uint16_t)status});
        }
        put("reply", name);
    }
    put_notation("reply", "tick", "[1, 5, 0, [[0, {18: 1735000000000, 121: 0}]]]");
    put_notation("reply", "certificate", "[1, 5, 0, [[0, {219: 9, 206: 4, 218: h'0102'}]]]");
    put_notation("reply", "watch",
                 "[1, 9, 0, [[0, {55: 2304, 123: [{23: \"offer_made\", 55: 2305, "
                 "22: 9, 18: 0}]}]]]");
}

/* ---- Answers that only a daemon gives ---- */

/* Calls, and writes the answer of a query. Returns its cursor, if it is of a watch. */
static uint64_t put_served(struct pm_client *client, struct pm_command command)
{
    uint64_t cursor = 0;
    struct pm_reply *reply = NULL;
    struct pm_client_error error = {{0}};
    size_t size = 0;
    if (pm_client_call(client, &command, 1, &reply, &error) != PM_CALL_DONE)
        fail_msg("%s: %s", pm_verb_name(command.verb), error.text);
    assert_int_equal(pm_reply_status(reply), PM_OK);
    assert_int_equal(pm_reply_result(reply, 0).status, PM_OK);
    const uint8_t *body = pm_reply_body(reply, 0, &size);
    if (command.verb >= PM_QUERY_FIRST) {
        if (command.verb == PM_WATCH)
            cursor = (uint64_t)look_number((struct look){body, size}, "cursor");
        wire_raw(&writer, body, size);
        put("answer", pm_verb_name(command.verb));
    }
    pm_reply_free(reply);
    return cursor;
}

/* A token, the list of them, and a session. */
static void put_tokens(const struct served *served, struct pm_client *client)
{
    char token[SERVED_TOKEN];
    struct pm_command create = {.verb = PM_TOKEN_CREATE};
    create.token = (struct pm_token){.name = pm_text("anna"),
                                     .role = PM_PROVIDER,
                                     .provider = pm_text("amber"),
                                     .market = pm_text("little"),
                                     .expires = 80000};
    put_served(client, create);
    served_token(served, &(struct pm_token){.name = pm_text("ward 7"), .role = PM_HOSPITAL}, token);
    put_served(client, (struct pm_command){.verb = PM_HELLO, .hello = {.token = pm_text(token)}});
    put_served(client, (struct pm_command){.verb = PM_TOKEN_LIST});
}

static void ask_a_daemon(void)
{
    struct served served;
    served_make(&served, NULL);
    assert_true(served_start(&served));
    struct pm_client *client = served_client(served.ipc, PM_OPERATOR, "op");
    put_served(client, little_market_load());
    uint64_t cursor = put_served(client, (struct pm_command){.verb = PM_WATCH});
    assert_true(cursor > 0);
    pm_client_act_as(client, (struct pm_actor){.role = PM_BROKER, .name = pm_text("bo")});
    put_served(client, (struct pm_command){.verb = PM_PROVIDER_PUT,
                                           .provider = {.provider = pm_text("amber"),
                                                        .title = pm_text("Amber (invented)"),
                                                        .standing = PM_SUSPENDED}});
    put_served(client, (struct pm_command){.verb = PM_WATCH, .watch = {.cursor = cursor}});
    put_served(client, (struct pm_command){.verb = PM_DIGEST});
    put_served(client, (struct pm_command){.verb = PM_STATS});
    put_served(client, (struct pm_command){.verb = PM_MARKET_REPORT});
    pm_client_act_as(client, (struct pm_actor){.role = PM_OPERATOR, .name = pm_text("op")});
    put_tokens(&served, client);
    pm_client_close(client);
    assert_int_equal(served_end(&served, SIGTERM), 0);
    served_remove(&served);
}

/* ---- Documents of rounds ---- */

static void put_documents(void)
{
    static struct round_sample sample;
    static struct round_result result;
    for (uint64_t seed = 0; seed < EACH; seed++) {
        char name[64];
        struct random random = {seed};
        snprintf(name, sizeof name, "%u", (unsigned)seed);
        round_random(&random, &sample);
        round_random_result(&random, &sample.wire.problem, &result);
        wire_problem_encode(&writer, &sample.wire);
        put("problem", name);
        wire_certificate_encode(&writer, &(struct wire_certificate){sample.wire, result.result});
        put("certificate", name);
    }
}

/* ---- What must not pass: the canary of the check ---- */

static void put_wrong_ones(void)
{
    put_notation("not-request", "version", "[2, [1, \"bo\"], \"m\", 7, 1, []]");
    put_notation("not-request", "actor", "[1, \"bo\", \"m\", 7, 1, []]");
    put_notation("request", "hello", "[1, h'', \"\", 7, 1, [[\"hello\", {240: \"pmt_0\"}]]]");
    put_notation("request", "session", "[1, h'0102', \"m\", 7, 1, []]");
    put_notation("not-request", "session", "[1, \"\", \"m\", 7, 1, []]");
    put_notation("not-request", "role", "[1, [9, \"bo\"], \"m\", 7, 1, []]");
    put_notation("not-request", "short", "[1, [1, \"bo\"], \"m\", 7, 1]");
    put_notation("not-request", "long", "[1, [1, \"bo\"], \"m\", 7, 1, [], 0]");
    put_notation("not-request", "verb", "[1, [1, \"bo\"], \"m\", 7, 1, [[\"package.past\", {}]]]");
    put_notation("not-request", "continue", "[1, [1, \"bo\"], \"m\", 7, 1, [[\"continue\", {}]]]");
    put_notation("not-request", "many", "[1, [1, \"bo\"], \"m\", 7, 1, [1001*[\"stats\", {}]]]");
    put_notation("not-request", "name",
                 "[1, [1, \"bo\"], \"a name that is longer than names are\", 7, 1, []]");
    put_notation("not-request", "visits",
                 "[1, [1, \"bo\"], \"m\", 7, 1, [[\"package.post\", {6: [[1, 0, 60, 30, 1]]}]]]");
    put_notation("not-request", "key",
                 "[1, [1, \"bo\"], \"m\", 7, 1, [[\"package.post\", {\"reference\": \"X\"}]]]");
    put_notation("not-request", "twice",
                 "[1, [1, \"bo\"], \"m\", 7, 1, [[\"stats\", {1: 0, 1: 0}]]]");
    put_notation("not-reply", "detail", "[1, 0, 1, [[0]]]");
    put_notation("not-reply", "results", "[1, 0, 0, \"busy\"]");
    put_notation("not-reply", "row", "[1, 0, 0, [[0, {57: [{0: 1}], 58: 0}]]]");
    put_notation("not-event", "name", "{23: \"offer_mode\", 55: 1, 22: 1, 18: 0}");
    put_notation("not-event", "missing", "{23: \"offer_made\", 55: 1, 22: 1}");
    put_notation("not-problem", "format", "{0: \"placemat certificate\", 1: 1}");
    put_notation("not-certificate", "short", "{0: \"placemat certificate\", 1: 1, 3: [], 4: []}");
    put_notation("not-entry", "hash", "[1, 0, \"m\", 1, \"\", 0, 0, -1, [\"stats\", {}]]");
}

static void put_keys(void)
{
    if (directory == NULL)
        return;
    FILE *file = create(".", "keys");
    for (uint64_t key = 0; key <= UINT8_MAX; key++) {
        if (wire_key_name(key) != NULL)
            fprintf(file, "%s %llu\n", wire_key_name(key), (unsigned long long)key);
    }
    must(fclose(file) == 0, "keys");
}

static void samples_are_made_and_read_back(void **state)
{
    (void)state;
    put_commands();
    live_a_little();
    put_answers();
    put_replies();
    ask_a_daemon();
    put_documents();
    put_wrong_ones();
    put_keys();
    little_close(&little);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_are_made_and_read_back)};
    directory = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
