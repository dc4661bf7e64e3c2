/*
 * test_rights.c - who is shown what, field by field: for each answer every key that may be in it,
 * and the roles that are shown it. A key that comes and does not stand here fails, and so does one
 * that stands here and never comes: whoever adds a key says here who is to see it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/rights.h"
#include "daemon/watch.h"
#include "tests/lib/asking.h"

enum { EVENTS = 1 << 16 }; /* kept */

/* Keys of an answer as a path, arrays passed over, and the letters of the roles that see it. */
struct key {
    const char *path, *roles;
};

static const struct who {
    char letter;
    enum pm_role role;
    const char *name;
} everybody[] = {{'b', PM_BROKER, "broker"},     {'c', PM_COMMISSIONER, "watcher"},
                 {'o', PM_OPERATOR, "operator"}, {'h', PM_HOSPITAL, "ward"},
                 {'p', PM_PROVIDER, "beryl"},    {'p', PM_PROVIDER, "amber"},
                 {'p', PM_PROVIDER, "coral"}};
enum { PEOPLE = sizeof everybody / sizeof everybody[0] };

#define COUNCIL "bco"
#define REFERS COUNCIL "h"
#define OWN COUNCIL "p"
#define ALL COUNCIL "hp"

static const struct key package_list[] = {
    {"rows", REFERS},          {"rows/id", REFERS},        {"rows/reference", REFERS},
    {"rows/kind", REFERS},     {"rows/locality", REFERS},  {"rows/sector", REFERS},
    {"rows/units", REFERS},    {"rows/referrer", REFERS},  {"rows/state", REFERS},
    {"rows/priority", REFERS}, {"rows/posted", REFERS},    {"rows/offer", REFERS},
    {"rows/service", REFERS},  {"rows/provider", REFERS},  {"rows/rate", COUNCIL},
    {"rows/deadline", REFERS}, {"rows/count", REFERS "?"}, {"next", REFERS},
};

static const struct key package_show[] = {
    {"id", REFERS},
    {"reference", REFERS},
    {"kind", REFERS},
    {"locality", REFERS},
    {"sector", REFERS},
    {"units", REFERS},
    {"referrer", REFERS},
    {"state", REFERS},
    {"priority", REFERS},
    {"posted", REFERS},
    {"offer", REFERS},
    {"service", REFERS},
    {"provider", REFERS},
    {"rate", COUNCIL},
    {"deadline", REFERS},
    {"count", REFERS "?"},
    {"visits", REFERS},
    {"parts", REFERS "?"},
    {"parts/visits", REFERS "?"},
    {"parts/needs", REFERS "?"},
    {"place_type", REFERS},
    {"needs", REFERS},
    {"start_from", REFERS},
    {"start_by", REFERS},
    {"demand", REFERS},
    {"demand/name", REFERS},
    {"demand/needed", REFERS},
    {"interim", REFERS},
    {"payer", REFERS},
    {"person", REFERS},
    {"exclusions", REFERS},
    {"continuity", REFERS},
    {"planned_end", REFERS},
    {"arrangement", REFERS},
    {"preferred", REFERS},
    {"follows", REFERS},
    {"followed_by", REFERS},
    {"group", REFERS},
    {"group_size", REFERS},
    {"together", REFERS},
    {"version", REFERS},
    {"step", REFERS},
    {"pass", REFERS},
    {"offers", REFERS},
    {"offers/id", REFERS},
    {"offers/reference", REFERS},
    {"offers/kind", REFERS},
    {"offers/locality", REFERS},
    {"offers/sector", REFERS},
    {"offers/units", REFERS},
    {"offers/service", REFERS},
    {"offers/provider", REFERS},
    {"offers/rate", COUNCIL},
    {"offers/state", REFERS},
    {"offers/code", REFERS},
    {"offers/score", COUNCIL},
    {"offers/step", REFERS},
    {"offers/pass", REFERS},
    {"offers/made", REFERS},
    {"offers/deadline", REFERS},
    {"offers/answered", REFERS},
    {"offers/route", REFERS},
    {"offers/start", REFERS},
    {"offers/assess_by", REFERS},
    {"offers/shift", REFERS "?"},
    {"offers/top_up", COUNCIL},
    {"placement", REFERS},
    {"placement/id", REFERS},
    {"placement/reference", REFERS},
    {"placement/kind", REFERS},
    {"placement/service", REFERS},
    {"placement/provider", REFERS},
    {"placement/rate", COUNCIL},
    {"placement/units", REFERS},
    {"placement/cost", COUNCIL},
    {"placement/state", REFERS},
    {"placement/agreed", REFERS},
    {"placement/started", REFERS},
    {"placement/ended", REFERS},
    {"placement/reason", REFERS},
    {"placement/rules", REFERS},
    {"placement/until", REFERS "?"},
    {"placement/decided_by", REFERS},
    {"placement/note", COUNCIL},
    {"placement/freed_by", COUNCIL},
    {"placement/freed_by/reference", COUNCIL},
    {"placement/freed_by/state", COUNCIL},
    {"placement/overdue", COUNCIL "?"},
    {"ended", REFERS},
    {"reason", REFERS},
    {"diagnosis", REFERS},
    {"misses", COUNCIL},
    {"misses/filter", COUNCIL},
    {"misses/service", COUNCIL},
    {"misses/band", COUNCIL},
    {"misses/needed", COUNCIL},
    {"misses/found", COUNCIL},
    {"misses/name", COUNCIL},
    {"misses/count", COUNCIL},
};

static const struct key offers[] = {
    {"rows", ALL},
    {"rows/id", ALL},
    {"rows/reference", ALL},
    {"rows/kind", ALL},
    {"rows/locality", ALL},
    {"rows/sector", ALL},
    {"rows/units", ALL},
    {"rows/service", ALL},
    {"rows/provider", ALL},
    {"rows/rate", OWN},
    {"rows/state", ALL},
    {"rows/code", ALL},
    {"rows/score", COUNCIL},
    {"rows/step", REFERS},
    {"rows/pass", REFERS},
    {"rows/made", ALL},
    {"rows/deadline", ALL},
    {"rows/answered", ALL},
    {"rows/parts", ALL "?"},
    {"rows/parts/visits", ALL "?"},
    {"rows/parts/needs", ALL "?"},
    {"rows/visits", ALL},
    {"rows/place_type", ALL},
    {"rows/needs", ALL},
    {"rows/start_from", ALL},
    {"rows/start_by", ALL},
    {"rows/route", ALL},
    {"rows/start", ALL},
    {"rows/assess_by", ALL},
    {"rows/shift", ALL "?"},
    {"rows/top_up", COUNCIL},
    {"next", ALL},
};

static const struct key placements[] = {
    {"rows", ALL},
    {"rows/id", ALL},
    {"rows/reference", ALL},
    {"rows/kind", ALL},
    {"rows/service", ALL},
    {"rows/provider", ALL},
    {"rows/rate", OWN},
    {"rows/units", ALL},
    {"rows/cost", OWN},
    {"rows/state", ALL},
    {"rows/agreed", ALL},
    {"rows/started", ALL},
    {"rows/ended", ALL},
    {"rows/reason", ALL},
    {"rows/rules", ALL},
    {"rows/until", ALL "?"},
    {"rows/decided_by", REFERS},
    {"rows/note", COUNCIL},
    {"rows/freed_by", COUNCIL},
    {"rows/freed_by/reference", COUNCIL},
    {"rows/freed_by/state", COUNCIL},
    {"rows/overdue", COUNCIL "?"},
    {"next", ALL},
};

static const struct key capacity[] = {
    {"rows", ALL},
    {"rows/id", ALL},
    {"rows/pool", ALL},
    {"rows/provider", ALL},
    {"rows/location", ALL},
    {"rows/kind", ALL},
    {"rows/mode", ALL},
    {"rows/as_of", ALL},
    {"rows/valid_until", ALL},
    {"rows/bands", ALL},
    {"rows/bands/name", ALL},
    {"rows/bands/declared", ALL},
    {"rows/bands/committed", ALL},
    {"rows/bands/held", ALL},
    {"rows/bands/free", ALL},
    {"rows/overcommitted", ALL},
    {"next", ALL},
};

static const struct key service_list[] = {
    {"rows", ALL},           {"rows/id", ALL},
    {"rows/service", ALL},   {"rows/provider", ALL},
    {"rows/location", ALL},  {"rows/pool", ALL},
    {"rows/kind", ALL},      {"rows/lot", ALL},
    {"rows/tier", ALL},      {"rows/contract", ALL},
    {"rows/standing", ALL},  {"rows/rate", OWN},
    {"rows/score", COUNCIL}, {"rows/localities", ALL},
    {"rows/sectors", ALL},   {"rows/capabilities", ALL},
    {"next", ALL},
};

static const struct key explain[] = {
    {"reference", COUNCIL},
    {"state", COUNCIL},
    {"kind", COUNCIL},
    {"locality", COUNCIL},
    {"step", COUNCIL},
    {"step_where", COUNCIL},
    {"pass", COUNCIL},
    {"diagnosis", COUNCIL},
    {"round", COUNCIL},
    {"round/id", COUNCIL},
    {"round/fate", COUNCIL},
    {"round/service", COUNCIL "?"},
    {"round/provider", COUNCIL "?"},
    {"round/cost", COUNCIL "?"},
    {"round/alone", COUNCIL "?"},
    {"round/alone_cost", COUNCIL "?"},
    {"round/gained", COUNCIL},
    {"round/gained/placed", COUNCIL},
    {"round/gained/cost", COUNCIL},
    {"misses", COUNCIL},
    {"misses/filter", COUNCIL},
    {"misses/service", COUNCIL},
    {"misses/band", COUNCIL},
    {"misses/needed", COUNCIL},
    {"misses/found", COUNCIL},
    {"misses/name", COUNCIL},
    {"misses/count", COUNCIL},
    {"services", COUNCIL},
    {"services/service", COUNCIL},
    {"services/provider", COUNCIL},
    {"services/tier", COUNCIL},
    {"services/step", COUNCIL},
    {"services/rate", COUNCIL},
    {"services/score", COUNCIL},
    {"services/score_price", COUNCIL},
    {"services/score_quality", COUNCIL},
    {"services/score_block", COUNCIL "?"},
    {"services/score_continuity", COUNCIL},
    {"services/score_cluster", COUNCIL},
    {"services/score_preference", COUNCIL},
    {"services/rank", COUNCIL},
    {"services/filter", COUNCIL},
    {"services/band", COUNCIL},
    {"services/needed", COUNCIL},
    {"services/found", COUNCIL},
    {"services/sentence", COUNCIL},
    {"services/outcome", COUNCIL},
    {"services/code", COUNCIL},
    {"count", COUNCIL},
    {"removed", COUNCIL},
    {"removed/filter", COUNCIL},
    {"removed/count", COUNCIL},
};

static const struct key market_report[] = {
    {"market", REFERS},
    {"title", REFERS},
    {"version", REFERS},
    {"time", REFERS},
    {"packages", REFERS},
    {"packages/state", REFERS},
    {"packages/count", REFERS},
    {"kinds", REFERS},
    {"kinds/kind", REFERS},
    {"kinds/unit", REFERS},
    {"kinds/packages", REFERS},
    {"kinds/placed", REFERS},
    {"kinds/waiting", REFERS},
    {"kinds/offers", REFERS},
    {"kinds/units", REFERS},
    {"kinds/cost", COUNCIL},
    {"kinds/time_to_place", REFERS},
    {"providers", REFERS},
    {"locations", REFERS},
    {"pools", REFERS},
    {"services", REFERS},
};

#define ROUND_KEYS(at)                                                                             \
    {at "id", COUNCIL}, {at "kind", COUNCIL}, {at "state", COUNCIL}, {at "opened", COUNCIL},       \
        {at "solved", COUNCIL}, {at "placed", COUNCIL}, {at "asked", COUNCIL},                     \
        {at "dropped", COUNCIL}, {at "passed_on", COUNCIL}, {at "stages", COUNCIL},                \
        {at "stages/value", COUNCIL}, {at "stages/bound", COUNCIL},                                \
        {at "stages/optimal", COUNCIL}, {at "stages/alone", COUNCIL}, {at "scarce", COUNCIL},      \
        {at "scarce/locality", COUNCIL}, {at "scarce/pool", COUNCIL}, {at "scarce/kind", COUNCIL}, \
        {at "scarce/band", COUNCIL}, {at "scarce/price", COUNCIL},                                 \
    {                                                                                              \
        at "hash", COUNCIL                                                                         \
    }

static const struct key round_list[] = {
    {"rows", COUNCIL},
    ROUND_KEYS("rows/"),
    {"next", COUNCIL},
};

static const struct key round_show[] = {
    {"round", COUNCIL},
    ROUND_KEYS("round/"),
    {"rows", COUNCIL},
    {"rows/package", COUNCIL},
    {"rows/reference", COUNCIL},
    {"rows/referrer", COUNCIL},
    {"rows/state", COUNCIL},
    {"rows/priority", COUNCIL},
    {"rows/fate", COUNCIL},
    {"rows/service", COUNCIL "?"},
    {"rows/provider", COUNCIL "?"},
    {"rows/cost", COUNCIL "?"},
    {"rows/alone", COUNCIL "?"},
    {"rows/alone_cost", COUNCIL "?"},
    {"rows/diagnosis", COUNCIL "?"},
    {"next", COUNCIL},
};

static const struct key watched[] = {
    {"cursor", ALL},           {"events", ALL},
    {"events/event", ALL},     {"events/cursor", ALL},
    {"events/sequence", ALL},  {"events/time", ALL},
    {"events/market", ALL},    {"events/package", ALL},
    {"events/reference", ALL}, {"events/referrer", REFERS},
    {"events/offer", ALL},     {"events/placement", ALL},
    {"events/round", COUNCIL}, {"events/service", ALL},
    {"events/provider", ALL},  {"events/pool", OWN},
    {"events/rate", OWN},      {"events/deadline", ALL},
    {"events/code", ALL},      {"events/reason", ALL},
};

/* ---- Which keys an answer has ---- */

enum { PATHS = 160, PATH = 64 };
static struct {
    char path[PATHS][PATH];
    size_t count;
} seen;

static bool was_seen(const char *path)
{
    for (size_t i = 0; i < seen.count; i++)
        if (strcmp(seen.path[i], path) == 0)
            return true;
    return false;
}

static void walk(struct wire_reader *reader, const struct wire_item *item, const char *path)
{
    struct wire_item next;
    for (uint64_t i = 0; item->open || i < item->value; i++) {
        char below[PATH];
        snprintf(below, sizeof below, "%s", path);
        assert_true(wire_next(reader, &next));
        if (next.type == WIRE_BREAK)
            break;
        if (item->type == WIRE_MAP) {
            assert_true(next.type == WIRE_UINT && wire_key_name(next.value) != NULL);
            /* A successor is another placement, of the same keys. */
            const char *name = wire_key_name(
                next.value == KEY_SUCCESSOR && *path == '\0' ? KEY_PLACEMENT : next.value);
            snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", name);
            if (!was_seen(below)) {
                assert_true(seen.count < PATHS);
                memcpy(seen.path[seen.count++], below, PATH);
            }
            assert_true(wire_next(reader, &next));
        }
        if (next.type == WIRE_MAP || next.type == WIRE_ARRAY)
            walk(reader, &next, below);
    }
}

/* Adds the keys of a body to those seen. */
static void see(struct look body)
{
    struct wire_reader reader = {.bytes = body.bytes, .size = body.size};
    struct wire_item item;
    assert_true(look_is_whole(body));
    assert_true(wire_next(&reader, &item) && item.type == WIRE_MAP);
    walk(&reader, &item, "");
}

/* The last key of a path. */
static enum wire_key last_key(const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    unsigned key = 0;
    while (key < 1024 && (wire_key_name(key) == NULL || strcmp(wire_key_name(key), name) != 0))
        key++;
    assert_non_null(wire_key_name(key));
    return (enum wire_key)key;
}

/* Is the key shown as the table says? Of one marked `?`, which does not come in this market, the
 * rights alone are asked. */
static void expect_key(const char *answer, const struct key *key, const struct who *who)
{
    bool may = strchr(key->roles, who->letter) != NULL, shown = was_seen(key->path);
    if (strchr(key->roles, '?') != NULL && !shown)
        shown = rights_show(who->role, last_key(key->path));
    if (shown != may)
        fail_msg("%s: %s is %s role %c", answer, key->path, shown ? "shown to" : "not shown to",
                 who->letter);
}

/* Those seen must be just those that the table has for a role. */
static void expect_keys(const char *answer, const struct key *keys, size_t count,
                        const struct who *who)
{
    for (size_t i = 0; i < count; i++)
        expect_key(answer, &keys[i], who);
    for (size_t s = 0; s < seen.count; s++) {
        size_t i = 0;
        while (i < count && strcmp(keys[i].path, seen.path[s]) != 0)
            i++;
        if (i == count)
            fail_msg("%s: %s is not in the table of who sees what", answer, seen.path[s]);
    }
}

/* ---- A market in which everything has happened ---- */

static struct pm_event_record events[256];
static size_t event_count;

static void do_as(enum pm_role role, const char *name, struct pm_command command)
{
    size_t count;
    struct pm_result result = little_apply(&little, role, name, &command);
    if (result.status != PM_OK)
        fail_msg("%s: %s", pm_verb_name(command.verb), pm_status_name(result.status));
    const struct pm_event *made = pm_core_events(little.core, &count);
    for (size_t i = 0; i < count; i++)
        pm_event_describe(little.core, &made[i], (uint32_t)i, &events[event_count++]);
}

static void answer_as(const char *provider, struct pm_answer answer)
{
    answer.offer = little_offer(&little, provider);
    do_as(PM_PROVIDER, provider,
          (struct pm_command){.verb = answer.code ? PM_OFFER_DECLINE : PM_OFFER_ACCEPT,
                              .answer = answer});
}

static struct pm_package homecare(const char *reference, uint16_t minutes)
{
    static struct pm_visit visit[4];
    static unsigned next;
    struct pm_visit *its = &visit[next++ % 4];
    *its = (struct pm_visit){420, 600, minutes, WEEKDAYS, 1, 0, 0};
    return (struct pm_package){.reference = pm_text(reference),
                               .kind = pm_text("homecare"),
                               .locality = pm_text("Alder"),
                               .sector = pm_postcode_parse(pm_text("ZZ1 2")),
                               .visit = its,
                               .visits = 1,
                               .start_from = 20760,
                               .start_by = 20765};
}

/* Rules by which there is more to see: homes are chosen, for a time; all that adds to scores does.
 */
static void change_rules(int32_t of_care, int32_t of_homes)
{
    static struct pm_market rules;
    struct pm_command load = little_market_load();
    rules = *load.load.market;
    for (unsigned k = 0; k < rules.kinds; k++) {
        rules.kind[k].bonus_continuity = rules.kind[k].bonus_preference = 100;
        rules.kind[k].bonus_cluster = 100;
        rules.kind[k].bonus_cluster_most = 300;
    }
    struct pm_kind *homes = &rules.kind[LITTLE_RESIDENTIAL];
    homes->step[0].route = PM_CHOICE;
    homes->ceiling = of_homes;
    rules.kind[LITTLE_HOMECARE].ceiling = of_care;
    homes->short_term = 1;
    load.load.market = &rules;
    load.load.supplies = 0;
    do_as(PM_OPERATOR, "operator", load);
}

static void post_as_ward(struct pm_package package)
{
    do_as(PM_HOSPITAL, "ward", (struct pm_command){.verb = PM_PACKAGE_POST, .package = package});
}

/* P1: refused, then placed and ended. */
static void live_and_end(void)
{
    static const struct pm_text excluded = {"dusk", 4}, need = {"dementia", 8};
    static const struct pm_text preferred = {"amber-branch", 12};
    struct pm_package package = homecare("P1", 30);
    package.need = &need;
    package.exclusion = &excluded;
    package.preferred = &preferred;
    package.needs = package.exclusions = package.preferences = 1;
    package.person = pm_text("token-1");
    package.continuity = pm_text("beryl");
    package.planned_end = 20800;
    package.interim = PM_IN_HOSPITAL;
    post_as_ward(package);
    answer_as("beryl", (struct pm_answer){.code = PM_TOO_FAR});
    answer_as("amber", (struct pm_answer){.code = 0});
    do_as(PM_BROKER, "broker", about(PM_PLACEMENT_START, "P1"));
    struct pm_command end = about(PM_PLACEMENT_END, "P1");
    end.id.reason = PM_COMPLETED;
    do_as(PM_BROKER, "broker", end);
}

/* P4: a place tendered on conditions, chosen, and kept while the person is in hospital; P5 follows
 * it. */
static void choose_a_home(void)
{
    struct pm_package package = {.reference = pm_text("P4"),
                                 .kind = pm_text("residential"),
                                 .locality = pm_text("Birch"),
                                 .place_type = pm_text("nursing"),
                                 .planned_end = 20770};
    post_as_ward(package);
    uint64_t offer = little_offer(&little, "coral");
    do_as(PM_PROVIDER, "coral",
          (struct pm_command){.verb = PM_OFFER_TENDER,
                              .tender = {.offer = offer, .start = 20762, .assess_by = 20761}});
    do_as(PM_BROKER, "broker",
          (struct pm_command){.verb = PM_CHOICE_RECORD,
                              .choice = {.reference = pm_text("P4"),
                                         .referrer = pm_text("ward"),
                                         .offer = offer,
                                         .decided_by = PM_THE_FAMILY,
                                         .top_up = 0}});
    do_as(PM_BROKER, "broker", about(PM_PLACEMENT_START, "P4"));
    package = homecare("P5", 180);
    package.follows = pm_text("P4");
    post_as_ward(package);
}

/* A round of which P3, that waits, is dropped. */
static void match(void)
{
    static const struct pm_round_result result = {
        .hash = {1, 2, 3, 4}, .scarce = {{.pool = 1, .price = 950}}, .scarces = 1};
    static struct pm_assignment assignment;
    do_as(PM_BROKER, "broker",
          (struct pm_command){.verb = PM_ROUND_OPEN, .round = {.kind = pm_text("homecare")}});
    assignment.service = 1;
    for (size_t i = 0; i < event_count; i++)
        if (strcmp(events[i].reference.text, "P3") == 0)
            assignment.package = events[i].package;
    do_as(PM_DAEMON, "placematd",
          (struct pm_command){.verb = PM_ROUND_APPLY,
                              .apply = {.round = events[event_count - 1].round,
                                        .assignment = &assignment,
                                        .assignments = 1,
                                        .result = &result}});
}

static void live(void)
{
    static const struct pm_text peg = {"peg", 3};
    event_count = 0;
    change_rules(3000, 150000);
    live_and_end();
    post_as_ward(homecare("P2", 20));
    answer_as("beryl", (struct pm_answer){.code = 0});
    struct pm_package package = homecare("P3", 180); /* waits */
    package.need = &peg;
    package.needs = 1;
    post_as_ward(package);
    choose_a_home();
    package = homecare("P6", 10);
    package.group = pm_text("G");
    package.group_size = 2;
    post_as_ward(package);
    post_as_ward(homecare("P7", 10));
    do_as(PM_BROKER, "broker",
          (struct pm_command){.verb = PM_AWARD_OVERRIDE,
                              .award = {.reference = pm_text("P7"),
                                        .referrer = pm_text("ward"),
                                        .service = pm_text("hc-amber"),
                                        .note = pm_text("known to the family")}});
    match();
    change_rules(3000, 90000); /* and the home that was chosen is too dear */
    do_as(PM_PROVIDER, "amber",
          (struct pm_command){.verb = PM_CAPACITY_SET,
                              .capacity = {.pool = pm_text("amber-run"),
                                           .bands = 3,
                                           .spare = {60, 60, 60},
                                           .as_of = LITTLE_TIME,
                                           .valid_until = LITTLE_TIME + 60000}});
}

/* ---- Answers to queries ---- */

static const char *const references[] = {"P1", "P2", "P3", "P4", "P5", "P6", "P7"};

/* Asks a query, of each package if it is about one; whether it was allowed. */
static bool ask_all(const struct who *who, unsigned verb)
{
    bool one = verb == PM_PACKAGE_SHOW || verb == PM_EXPLAIN;
    for (size_t i = 0; i < (one ? sizeof references / sizeof references[0] : 1); i++) {
        struct pm_command command = one ? about(verb, references[i]) : list_of(verb);
        if (verb == PM_ROUND_SHOW)
            command = (struct pm_command){.verb = PM_ROUND_SHOW, .matched = {.round = 1}};
        uint16_t status = little_ask(&little, who->role, who->name, &command);
        if (status == PM_NOT_ALLOWED)
            return false;
        assert_int_equal(status, PM_OK);
        see(little.body);
    }
    return true;
}

static bool any_for(const struct key *keys, size_t count, char role)
{
    for (size_t i = 0; i < count; i++)
        if (strchr(keys[i].roles, role) != NULL)
            return true;
    return false;
}

#define ANSWER(verb, keys)                           \
    {                                                \
        verb, keys, sizeof(keys) / sizeof((keys)[0]) \
    }

/* What several of a role are told is looked at together. */
static bool is_last_of_role(const struct who *who)
{
    return who == &everybody[PEOPLE - 1] || who[1].role != who->role;
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        unsigned verb;
        const struct key *keys;
        size_t count;
    } answers[] = {
        ANSWER(PM_PACKAGE_LIST, package_list), ANSWER(PM_PACKAGE_SHOW, package_show),
        ANSWER(PM_EXPLAIN, explain),           ANSWER(PM_OFFERS, offers),
        ANSWER(PM_PLACEMENTS, placements),     ANSWER(PM_CAPACITY, capacity),
        ANSWER(PM_SERVICE_LIST, service_list), ANSWER(PM_MARKET_REPORT, market_report),
        ANSWER(PM_ROUND_LIST, round_list),     ANSWER(PM_ROUND_SHOW, round_show),
    };
    live();
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        for (size_t w = 0; w < PEOPLE; w++) {
            const struct who *who = &everybody[w];
            bool may = any_for(answers[i].keys, answers[i].count, who->letter);
            if (w == 0 || who->role != everybody[w - 1].role)
                seen.count = 0;
            if (ask_all(who, answers[i].verb) != may)
                fail_msg("%s: may role %c ask?", pm_verb_name(answers[i].verb), who->letter);
            if (may && is_last_of_role(who))
                expect_keys(pm_verb_name(answers[i].verb), answers[i].keys, answers[i].count, who);
        }
}

/* Whose answer is the daemon's, of whole rates: who may have it. */
static void test_tries(void **state)
{
    (void)state;
    const struct pm_command command = {.verb = PM_ROUND_TRY,
                                       .tried = {.provider = pm_text("beryl")}};
    for (size_t w = 0; w < PEOPLE; w++) {
        const struct who *who = &everybody[w];
        bool may = who->role != PM_PROVIDER && who->role != PM_HOSPITAL;
        assert_int_equal(little_ask(&little, who->role, who->name, &command),
                         may ? PM_OK : PM_NOT_ALLOWED);
    }
}

/* ---- Events ---- */

static uint8_t reply[1 << 16];
static size_t reply_size;

static void keep_answer(void *context, nng_msg *message, uint32_t from)
{
    (void)context;
    (void)from;
    reply_size = nng_msg_len(message);
    assert_true(reply_size <= sizeof reply);
    memcpy(reply, nng_msg_body(message), reply_size);
    nng_msg_free(message);
}

/* The body of the watch's answer, which is the last item of the reply. */
static struct look watch_as(struct watch *watch, const struct who *who)
{
    struct pm_command command = {.verb = PM_WATCH, .watch = {.cursor = PM_EVENTS_MAX - 1}};
    struct request request = {.wire = {.actor = {(uint8_t)who->role, pm_text(who->name)},
                                       .market = pm_text("little"),
                                       .count = 1,
                                       .command = &command}};
    struct wire_item item;
    reply_size = 0;
    assert_int_equal(nng_msg_alloc(&request.message, 1), 0);
    watch_request(watch, &request, 0);
    struct wire_reader reader = {.bytes = reply, .size = reply_size};
    for (int i = 0; i < 7; i++) /* the reply, version, sequence, status; results, result, status */
        assert_true(wire_next(&reader, &item));
    return (struct look){reply + reader.at, reply_size - reader.at};
}

static void test_events(void **state)
{
    (void)state;
    struct watch *watch = watch_create(EVENTS, 0, keep_answer, NULL, NULL);
    assert_non_null(watch);
    live();
    watch_tell(watch, events, event_count, little.sequence);
    for (size_t w = 0; w < PEOPLE; w++) {
        if (w == 0 || everybody[w].role != everybody[w - 1].role)
            seen.count = 0;
        see(watch_as(watch, &everybody[w]));
        if (is_last_of_role(&everybody[w]))
            expect_keys("watch", watched, sizeof watched / sizeof watched[0], &everybody[w]);
    }
    watch_destroy(watch);
}

/* ---- What stands in the values ---- */

/* Is the name there, whole (before a short text stands its length) or as the end of a service's? */
static bool has_text(struct look body, const char *name)
{
    char text[32];
    snprintf(text, sizeof text, "%c%s", (char)(0x60 + strlen(name)), name);
    if (memmem(body.bytes, body.size, text, strlen(text)) != NULL)
        return true;
    snprintf(text, sizeof text, "-%s", name);
    return memmem(body.bytes, body.size, text, strlen(text)) != NULL;
}

/* Nothing that a provider is told names another, or who refers, or the person. */
static void expect_nothing_of_others(struct look body, const char *provider)
{
    static const char *const names[] = {"amber", "beryl", "coral", "dusk", "ward", "token-1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], provider) != 0 && has_text(body, names[i]))
            fail_msg("%s is told of %s", provider, names[i]);
}

static void test_providers_read_of_nobody_else(void **state)
{
    (void)state;
    static const unsigned verbs[] = {PM_OFFERS, PM_PLACEMENTS, PM_CAPACITY, PM_SERVICE_LIST};
    struct watch *watch = watch_create(EVENTS, 0, keep_answer, NULL, NULL);
    assert_non_null(watch);
    live();
    watch_tell(watch, events, event_count, little.sequence);
    for (size_t w = 0; w < PEOPLE; w++) {
        if (everybody[w].role != PM_PROVIDER)
            continue;
        for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
            struct pm_command command = list_of(verbs[i]);
            ask_as(PM_PROVIDER, everybody[w].name, &command);
            expect_nothing_of_others(little.body, everybody[w].name);
        }
        struct look body = watch_as(watch, &everybody[w]);
        assert_true(look_count(body, "events") > 0);
        expect_nothing_of_others(body, everybody[w].name);
    }
    watch_destroy(watch);
}

/* A sentence must not say what its reader is not shown. */
static void test_no_price_in_words(void **state)
{
    (void)state;
    struct pm_command show = about(PM_PACKAGE_SHOW, "P3");
    live();
    change_rules(2100, 90000); /* below beryl's rate */
    ask_as(PM_BROKER, "broker", &show);
    assert_non_null(strstr(look_text(little.body, "diagnosis"), "over the ceiling"));
    ask_as(PM_HOSPITAL, "ward", &show);
    assert_null(strstr(look_text(little.body, "diagnosis"), "over the ceiling"));
    assert_null(strstr(look_text(little.body, "diagnosis"), "\xc2\xa3"));
}

/* ---- The table itself ---- */

static void test_unknown(void **state)
{
    (void)state;
    assert_true(rights_show(PM_BROKER, KEY_SCORE_CLUSTER)); /* council: also what is not listed */
    assert_true(rights_show(PM_DAEMON, (enum wire_key)255));
    assert_false(rights_show(PM_PROVIDER, KEY_SCORE_CLUSTER));
    assert_false(rights_show(PM_HOSPITAL, (enum wire_key)255));
    assert_true(rights_show(PM_PROVIDER, KEY_RATE));
    for (unsigned key = 0; key < 256; key++) {
        assert_false(rights_show(0, (enum wire_key)key));
        assert_false(rights_show(PM_DAEMON + 1, (enum wire_key)key));
        assert_false(rights_show(UINT32_MAX, (enum wire_key)key));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MARKET_TEST(test_answers),
        MARKET_TEST(test_tries),
        MARKET_TEST(test_events),
        MARKET_TEST(test_providers_read_of_nobody_else),
        MARKET_TEST(test_no_price_in_words),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
