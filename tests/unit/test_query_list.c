/*
 * test_query_list.c - which rows a list has: filters, pages, who may see what, one market of two,
 * and answers that do not fit.
 */
#include "tests/lib/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- Selecting and paging ---- */

static void test_filters(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    post("P2", "Birch", WEEKDAYS, 20, NULL);
    post("P3", "Birch", WEEKDAYS, 180, "peg"); /* 900 minutes: too much for all */
    static const struct {
        unsigned verb, state;
        const char *provider, *kind;
        uint16_t status;
        size_t rows;
    } cases[] = {
        {PM_PACKAGE_LIST, 0, "", "", PM_OK, 3},
        {PM_PACKAGE_LIST, 1 + PM_OFFERED, "", "", PM_OK, 2},
        {PM_PACKAGE_LIST, 1 + PM_WAITING, "", "", PM_OK, 1},
        {PM_PACKAGE_LIST, 1 + PM_WITHDRAWN, "", "", PM_OK, 0},
        {PM_PACKAGE_LIST, 0, "beryl", "", PM_OK, 2},
        {PM_PACKAGE_LIST, 0, "amber", "", PM_OK, 0},
        {PM_PACKAGE_LIST, 0, "", "homecare", PM_OK, 3},
        {PM_PACKAGE_LIST, 0, "", "residential", PM_OK, 0},
        {PM_PACKAGE_LIST, 1 + PM_PACKAGE_STATES, "", "", PM_BAD_VALUE, 0},
        {PM_PACKAGE_LIST, 0, "nobody", "", PM_UNKNOWN_PROVIDER, 0},
        {PM_PACKAGE_LIST, 0, "", "gardening", PM_UNKNOWN_KIND, 0},
        {PM_OFFERS, 0, "beryl", "", PM_OK, 2},
        {PM_OFFERS, 1 + PM_OFFER_OPEN, "beryl", "", PM_OK, 2},
        {PM_OFFERS, 1 + PM_OFFER_OPEN, "beryl", "bridging", PM_OK, 0},
        {PM_OFFERS, 1 + PM_OFFER_OPEN, "amber", "", PM_OK, 0},
        {PM_OFFERS, 1 + PM_OFFER_DECLINED, "", "", PM_OK, 0},
        {PM_PLACEMENTS, 0, "", "", PM_OK, 0},
        {PM_SERVICE_LIST, 0, "coral", "", PM_OK, 2},
        {PM_SERVICE_LIST, 1, "coral", "", PM_BAD_VALUE, 0},
        {PM_CAPACITY, 0, "", "", PM_OK, 5},
        {PM_CAPACITY, 0, "", "residential", PM_OK, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_command command = list_of(cases[i].verb);
        command.list.state = (uint8_t)cases[i].state;
        command.list.provider = pm_text(cases[i].provider);
        command.list.kind = pm_text(cases[i].kind);
        uint16_t status = little_ask(&little, PM_BROKER, "broker", &command);
        size_t rows = status == PM_OK ? look_count(little.body, "rows") : 0;
        if (status != cases[i].status || rows != cases[i].rows)
            fail_msg("case %zu: %s, %zu rows", i, pm_status_name(status), rows);
    }
}

/* Goes through a list by pages; returns how many rows it had, and that they rise. */
static size_t page_through(struct pm_command *command, enum pm_role role, const char *name)
{
    size_t rows = 0;
    int64_t last = 0;
    do {
        ask_as(role, name, command);
        size_t here = look_count(little.body, "rows");
        assert_true(here <= command->list.limit);
        for (size_t i = 0; i < here; i++) {
            char path[32];
            snprintf(path, sizeof path, "rows/%zu/id", i);
            int64_t id = look_number(little.body, path);
            assert_true((id & 0xffffff) > (last & 0xffffff));
            last = id;
        }
        rows += here;
        command->list.after = (uint64_t)look_number(little.body, "next");
        assert_true(command->list.after == 0 || (int64_t)command->list.after == last);
    } while (command->list.after != 0);
    return rows;
}

static void test_paging(void **state)
{
    (void)state;
    char reference[8];
    for (int i = 0; i < 25; i++) {
        snprintf(reference, sizeof reference, "P%d", i);
        post(reference, "Alder", 1, 5, NULL);
    }
    for (uint32_t limit = 1; limit <= 26; limit++) {
        struct pm_command packages = list_of(PM_PACKAGE_LIST), offers = list_of(PM_OFFERS);
        packages.list.limit = offers.list.limit = limit;
        offers.list.state = 1 + PM_OFFER_OPEN;
        assert_int_equal(page_through(&packages, PM_BROKER, "broker"), 25);
        assert_int_equal(page_through(&offers, PM_PROVIDER, "beryl"), 25);
    }
    struct pm_command many = list_of(PM_PACKAGE_LIST);
    many.list.limit = PM_ROWS_MAX;
    ask_as(PM_BROKER, "broker", &many);
    many.list.limit = PM_ROWS_MAX + 1;
    assert_int_equal(little_ask(&little, PM_BROKER, "broker", &many), PM_TOO_LARGE);
    many.list.limit = 0;
    many.list.after = UINT64_MAX;
    ask_as(PM_BROKER, "broker", &many);
    expect_count("rows", 0);
}

static void test_limit_when_none_is_given(void **state)
{
    (void)state;
    char reference[8];
    for (int i = 0; i < 101; i++) {
        snprintf(reference, sizeof reference, "P%d", i);
        post(reference, "Alder", 1, 5, NULL);
    }
    ask_list(PM_PACKAGE_LIST);
    expect_count("rows", 100);
    assert_int_not_equal(look_number(little.body, "next"), 0);
}

/* Offers given back leave slots that later ones take in another order than they were made in. */
static void test_open_offers_in_slot_order(void **state)
{
    (void)state;
    char reference[8];
    for (int i = 0; i < 6; i++) {
        snprintf(reference, sizeof reference, "P%d", i);
        post(reference, "Alder", 1, 5, NULL);
        struct pm_command withdraw = about(PM_PACKAGE_WITHDRAW, reference);
        withdraw.id.reason = PM_MISTAKE;
        assert_int_equal(little_apply(&little, PM_BROKER, "broker", &withdraw).status, PM_OK);
    }
    wait_minutes(8 * 24 * 60); /* they leave the core */
    ask_list(PM_PACKAGE_LIST);
    expect_count("rows", 0);
    for (int i = 0; i < 6; i++) {
        snprintf(reference, sizeof reference, "Q%d", i);
        post(reference, "Alder", 1, 5, NULL);
    }
    for (uint32_t limit = 1; limit <= 7; limit++) {
        struct pm_command offers = list_of(PM_OFFERS);
        offers.list.state = 1 + PM_OFFER_OPEN;
        offers.list.limit = limit;
        assert_int_equal(page_through(&offers, PM_PROVIDER, "beryl"), 6);
    }
}

/* ---- Who may see what ---- */

static void test_roles(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    static const struct {
        enum pm_role role;
        const char *name;
        unsigned verb;
        uint16_t status;
    } cases[] = {
        {PM_BROKER, "broker", PM_EXPLAIN, PM_OK},
        {PM_BROKER, "broker", PM_PACKAGE_SHOW, PM_OK},
        {PM_COMMISSIONER, "watcher", PM_EXPLAIN, PM_OK},
        {PM_HOSPITAL, "ward", PM_PACKAGE_SHOW, PM_OK},
        {PM_HOSPITAL, "ward", PM_EXPLAIN, PM_NOT_ALLOWED},
        {PM_HOSPITAL, "hub", PM_PACKAGE_SHOW, PM_UNKNOWN_PACKAGE},
        {PM_PROVIDER, "beryl", PM_PACKAGE_SHOW, PM_NOT_ALLOWED},
        {PM_PROVIDER, "beryl", PM_PACKAGE_LIST, PM_NOT_ALLOWED},
        {PM_PROVIDER, "beryl", PM_EXPLAIN, PM_NOT_ALLOWED},
        {PM_PROVIDER, "beryl", PM_MARKET_REPORT, PM_NOT_ALLOWED},
        {PM_PROVIDER, "nobody", PM_OFFERS, PM_UNKNOWN_PROVIDER},
        {PM_BROKER, "broker", PM_STATS, PM_UNKNOWN_COMMAND},
        {PM_BROKER, "broker", PM_DIGEST, PM_UNKNOWN_COMMAND},
        {PM_BROKER, "broker", PM_WATCH, PM_UNKNOWN_COMMAND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_command command = list_of(cases[i].verb);
        if (cases[i].verb == PM_EXPLAIN || cases[i].verb == PM_PACKAGE_SHOW)
            command = about(cases[i].verb, "P1");
        uint16_t status = little_ask(&little, cases[i].role, cases[i].name, &command);
        if (status != cases[i].status)
            fail_msg("case %zu: %s", i, pm_status_name(status));
        if (status != PM_OK)
            assert_int_equal(little.body.size, 0);
    }
}

static void test_providers_see_their_own(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    static const struct {
        unsigned verb;
        size_t beryl, amber;
    } cases[] = {
        {PM_OFFERS, 1, 0}, {PM_PLACEMENTS, 0, 0}, {PM_CAPACITY, 1, 1}, {PM_SERVICE_LIST, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_command command = list_of(cases[i].verb);
        ask_as(PM_PROVIDER, "beryl", &command);
        expect_count("rows", cases[i].beryl);
        ask_as(PM_PROVIDER, "amber", &command);
        expect_count("rows", cases[i].amber);
        command.list.provider = pm_text("beryl");
        assert_int_equal(little_ask(&little, PM_PROVIDER, "amber", &command), PM_NOT_ALLOWED);
        command.list.provider = pm_text("amber");
        ask_as(PM_PROVIDER, "amber", &command);
    }
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    struct pm_command placements = list_of(PM_PLACEMENTS);
    ask_as(PM_PROVIDER, "beryl", &placements);
    expect_count("rows", 1);
    ask_as(PM_PROVIDER, "amber", &placements);
    expect_count("rows", 0);
}

static void test_hospitals_see_their_own(void **state)
{
    (void)state;
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    struct pm_command list = list_of(PM_PACKAGE_LIST), offers = list_of(PM_OFFERS);
    ask_as(PM_HOSPITAL, "ward", &list);
    expect_count("rows", 1);
    ask_as(PM_HOSPITAL, "ward", &offers);
    expect_count("rows", 1);
    ask_as(PM_HOSPITAL, "hub", &list);
    expect_count("rows", 0);
    ask_as(PM_HOSPITAL, "hub", &offers);
    expect_count("rows", 0);
    struct pm_command show = about(PM_PACKAGE_SHOW, "P1");
    show.id.referrer = pm_text("ward");
    assert_int_equal(little_ask(&little, PM_HOSPITAL, "hub", &show), PM_NOT_ALLOWED);
    show.id.reference = pm_text("no-such");
    assert_int_equal(little_ask(&little, PM_HOSPITAL, "hub", &show), PM_NOT_ALLOWED);
    assert_int_equal(little_ask(&little, PM_HOSPITAL, "ward", &show), PM_UNKNOWN_PACKAGE);
}

/* ---- Markets share nothing ---- */

static void test_other_market(void **state)
{
    (void)state;
    static struct pm_market rules;
    struct pm_command load = little_market_load();
    rules = *load.load.market;
    memcpy(rules.name.text, "other!", sizeof "other!");
    load.load.market = &rules;
    load.load.supplies = 4; /* providers alone */
    assert_int_equal(little_apply(&little, PM_OPERATOR, "operator", &load).status, PM_OK);
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    static const struct {
        unsigned verb;
        size_t little, other;
    } cases[] = {
        {PM_PACKAGE_LIST, 1, 0}, {PM_OFFERS, 1, 0}, {PM_CAPACITY, 5, 0}, {PM_SERVICE_LIST, 6, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pm_command command = list_of(cases[i].verb);
        ask_as(PM_BROKER, "broker", &command);
        expect_count("rows", cases[i].little);
        struct pm_entry entry = {.market = pm_text("other!"), .command = &command};
        struct wire_writer out = {.bytes = little.answer, .size = sizeof little.answer};
        entry.actor = (struct pm_actor){PM_BROKER, pm_text("broker")};
        assert_int_equal(pm_core_query(little.core, &entry, &out), PM_OK);
        little.body = (struct look){out.bytes, out.used};
        expect_count("rows", cases[i].other);
        entry.market = pm_text("nowhere");
        assert_int_equal(pm_core_query(little.core, &entry, &out), PM_UNKNOWN_MARKET);
    }
}

/* ---- Answers that do not fit ---- */

/* In every room smaller than the answer: a status, what was there before kept, nothing after it
 * touched. */
static void test_overflow(void **state)
{
    (void)state;
    static const unsigned verbs[] = {PM_PACKAGE_LIST, PM_OFFERS,  PM_CAPACITY,      PM_SERVICE_LIST,
                                     PM_PACKAGE_SHOW, PM_EXPLAIN, PM_MARKET_REPORT, PM_PLACEMENTS};
    enum { BEFORE = 5 };
    static uint8_t bytes[1 << 14];
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    assert_int_equal(little_accept(&little, "beryl").status, PM_OK);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        bool one = verbs[i] == PM_PACKAGE_SHOW || verbs[i] == PM_EXPLAIN;
        struct pm_command command = one ? about(verbs[i], "P1") : list_of(verbs[i]);
        ask_as(PM_BROKER, "broker", &command);
        size_t whole = little.body.size;
        assert_true(whole + BEFORE < sizeof bytes);
        struct pm_entry entry = {.market = pm_text("little"),
                                 .actor = {PM_BROKER, pm_text("broker")},
                                 .command = &command};
        for (size_t room = 0; room <= whole; room++) {
            memset(bytes, 0xee, sizeof bytes);
            struct wire_writer out = {.bytes = bytes, .size = BEFORE + room, .used = BEFORE};
            uint16_t status = pm_core_query(little.core, &entry, &out);
            assert_int_equal(status, room < whole ? PM_TOO_LARGE : PM_OK);
            assert_int_equal(out.used, room < whole ? BEFORE : BEFORE + whole);
            assert_false(out.overflow);
            assert_int_equal(bytes[BEFORE - 1], 0xee);
            assert_int_equal(bytes[BEFORE + room], 0xee);
        }
    }
}

/* Asking changes nothing. */
static void test_asking_changes_nothing(void **state)
{
    (void)state;
    uint8_t before[PM_DIGEST_SIZE], after[PM_DIGEST_SIZE];
    post("P1", "Alder", WEEKDAYS, 20, NULL);
    post("P2", "Alder", WEEKDAYS, 180, "peg");
    pm_core_digest(little.core, before);
    for (unsigned verb = PM_QUERY_FIRST; verb <= PM_WATCH; verb++) {
        struct pm_command command = list_of(verb);
        if (verb == PM_EXPLAIN || verb == PM_PACKAGE_SHOW)
            command = about(verb, "P2");
        little_ask(&little, PM_BROKER, "broker", &command);
    }
    pm_core_digest(little.core, after);
    assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        MARKET_TEST(test_filters),
        MARKET_TEST(test_paging),
        MARKET_TEST(test_limit_when_none_is_given),
        MARKET_TEST(test_open_offers_in_slot_order),
        MARKET_TEST(test_roles),
        MARKET_TEST(test_providers_see_their_own),
        MARKET_TEST(test_hospitals_see_their_own),
        MARKET_TEST(test_other_market),
        MARKET_TEST(test_overflow),
        MARKET_TEST(test_asking_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
