/*
 * test_vocabulary.c: names and back, postcodes, dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/event.h"
#include "core/wire.h"
#include "placemat.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- Names ---- */

#define STATUS(number, constant, name, sentence) number,
static const unsigned statuses[] = {PM_STATUSES(STATUS)};

static void statuses_have_names_and_sentences(void **state)
{
    (void)state;
    for (size_t at = 0; at < COUNT(statuses); at++) {
        unsigned i = statuses[at];
        assert_string_not_equal(pm_status_name(i), "unknown_status");
        size_t length = strlen(pm_status_sentence(i));
        assert_true(length > 4 && pm_status_sentence(i)[length - 1] == '.');
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(pm_status_name(i), pm_status_name(k));
    }
    assert_string_equal(pm_status_name(PM_OFFER_EXPIRED), "offer_expired");
    assert_string_equal(pm_status_name(PM_STATUS_COUNT), "unknown_status");
    assert_string_equal(pm_status_sentence(UINT32_MAX), "unknown_status");
}

static void verbs_are_found_by_name(void **state)
{
    (void)state;
    unsigned found = 0;
    for (unsigned verb = 0; verb < 300; verb++) {
        const char *name = pm_verb_name(verb);
        if (name == NULL)
            continue;
        found++;
        if (pm_verb_parse(pm_text(name)) != verb)
            fail_msg("pm_verb_parse() does not find %s: write VERB_SLOTS anew", name);
    }
#define NUMBER(number, constant, name, member) number,
    static const uint8_t numbers[] = {PM_VERBS(NUMBER)};
    assert_int_equal(found, sizeof numbers);
    assert_string_equal(pm_verb_name(PM_PACKAGE_POST), "package.post");
    assert_null(pm_verb_name(0));
    assert_null(pm_verb_name(PM_QUERY_FIRST - 1));
}

static void other_names_are_no_verbs(void **state)
{
    (void)state;
    for (unsigned verb = 0; verb < 64; verb++) {
        const char *name = pm_verb_name(verb);
        char changed[PM_NAME_MAX + 2] = {0};
        if (name == NULL)
            continue;
        size_t length = strlen(name);
        for (size_t i = 0; i < length; i++) {
            memcpy(changed, name, length + 1);
            changed[i] ^= 0x20;
            assert_int_equal(pm_verb_parse(pm_text(changed)), 0);
            /* "capacity" is one itself, beside "capacity.set" */
            unsigned shorter =
                pm_verb_parse((struct pm_text){.bytes = name, .length = (uint32_t)i});
            assert_true(shorter == 0 || strlen(pm_verb_name(shorter)) == i);
        }
        memcpy(changed, name, length + 1);
        memcpy(changed + length, "x", 2);
        assert_int_equal(pm_verb_parse(pm_text(changed)), 0);
    }
    assert_int_equal(pm_verb_parse((struct pm_text){0}), 0);
    assert_int_equal(pm_verb_parse(pm_text("package.post.and.something.more.than.that")), 0);
}

/* A list of names as people know it, its first number, and the number after its last. */
struct name_list {
    const char *(*name_of)(unsigned);
    unsigned first;
    const char *names[12];
};

static const struct name_list lists[] = {
    {pm_role_name, 1, {"broker", "hospital", "provider", "commissioner", "operator", "daemon"}},
    {pm_unit_name, 1, {"minutes", "places"}},
    {pm_route_name,
     1,
     {"call_off", "last_resort", "open_offer", "spot_offer", "choice", "round", "broker_award",
      "introduction", "imported", "transferred"}},
    {pm_award_mode_name, 0, {"automatic", "confirmed"}},
    {pm_close_name, 0, {"at_window", "at_first"}},
    {pm_failure_mode_name, 1, {"ceased", "managed"}},
    {pm_arrangement_name, 0, {"managed", "direct_payment"}},
    {pm_decider_name, 1, {"person", "family", "advocate", "attorney", "best_interests"}},
    {pm_where_name, 1, {"home", "neighbours", "everywhere"}},
    {pm_lapse_name, 1, {"ask", "exclude"}},
    {pm_rating_name, 0, {"unrated", "inadequate", "requires_improvement", "good", "outstanding"}},
    {pm_standing_name, 1, {"active", "suspended", "ceased"}},
    {pm_pool_mode_name, 1, {"declared", "ask"}},
    {pm_contract_name, 1, {"framework", "block", "spot", "in_house"}},
    {pm_interim_name, 0, {"no_cover", "family", "in_hospital", "bridged", "on_notice"}},
    {pm_payer_name, 0, {"council", "health", "section_117", "self_funder"}},
    {pm_decline_code_name,
     1,
     {"no_capacity", "cannot_meet_need", "times_unsuitable", "too_far", "rate_too_low", "other"}},
    {pm_end_reason_name,
     1,
     {"completed", "died", "readmitted", "chose_otherwise", "moved_away", "mistake", "handed_back",
      "provider_failed", "replaced", "stay_lapsed", "arranged"}},
    {pm_package_state_name,
     0,
     {"open", "offered", "placed", "ended", "paused", "waiting", "withdrawn", "choosing",
      "to_confirm"}},
    {pm_offer_state_name,
     0,
     {"open", "accepted", "declined", "expired", "withdrawn", "stale", "tendered", "won", "lost"}},
    {pm_placement_state_name, 0, {"agreed", "started", "ended", "notice", "in_hospital"}},
};

static void lists_have_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        unsigned number = lists[i].first;
        if (number > 0)
            assert_null(lists[i].name_of(0));
        for (size_t k = 0; k < COUNT(lists[i].names) && lists[i].names[k] != NULL; k++, number++) {
            assert_string_equal(lists[i].name_of(number), lists[i].names[k]);
            assert_int_equal(pm_name_parse(lists[i].name_of, pm_text(lists[i].names[k])), number);
        }
        assert_null(lists[i].name_of(number));
        assert_null(lists[i].name_of(UINT32_MAX));
        assert_int_equal(pm_name_parse(lists[i].name_of, pm_text("nothing")), -1);
        assert_int_equal(pm_name_parse(lists[i].name_of, pm_text("")), -1);
    }
}

static void lists_are_whole(void **state)
{
    (void)state;
    assert_non_null(pm_end_reason_name(PM_END_REASONS - 1));
    assert_non_null(pm_decline_code_name(PM_DECLINE_CODES - 1));
    assert_non_null(pm_route_name(PM_ROUTES - 1));
    assert_non_null(pm_award_mode_name(PM_AWARD_MODES - 1));
    assert_non_null(pm_close_name(PM_CLOSES - 1));
    assert_non_null(pm_failure_mode_name(PM_FAILURE_MODES - 1));
    assert_non_null(pm_arrangement_name(PM_ARRANGEMENTS - 1));
    assert_non_null(pm_decider_name(PM_DECIDERS - 1));
    assert_non_null(pm_interim_name(PM_INTERIMS - 1));
    assert_non_null(pm_payer_name(PM_PAYERS - 1));
    assert_non_null(pm_rating_name(PM_RATINGS - 1));
    assert_non_null(pm_package_state_name(PM_PACKAGE_STATES - 1));
    assert_non_null(pm_offer_state_name(PM_OFFER_STATES - 1));
    assert_non_null(pm_placement_state_name(PM_PLACEMENT_STATES - 1));
    assert_null(pm_event_name(0));
    for (unsigned kind = 1; kind < PM_EVENT_KINDS; kind++)
        assert_int_equal(pm_name_parse(pm_event_name, pm_text(pm_event_name(kind))), kind);
    assert_null(pm_event_name(PM_EVENT_KINDS));
}

enum { KEYS = 1024 }; /* more than there are */

static void keys_have_names_of_their_own(void **state)
{
    (void)state;
    assert_string_equal(wire_key_name(KEY_ID), "id");
    assert_string_equal(wire_key_name(KEY_VALID_UNTIL), "valid_until");
    assert_null(wire_key_name(UINT64_MAX));
    for (uint64_t key = 0; key < KEYS; key++) { /* with gaps */
        for (uint64_t other = 0; other < key && wire_key_name(key) != NULL; other++)
            if (wire_key_name(other) != NULL)
                assert_string_not_equal(wire_key_name(key), wire_key_name(other));
    }
}

static void text_is_compared_by_its_bytes(void **state)
{
    (void)state;
    assert_true(pm_text_equal(pm_text("abc"), (struct pm_text){.bytes = "abcd", .length = 3}));
    assert_false(pm_text_equal(pm_text("abc"), pm_text("abd")));
    assert_false(pm_text_equal(pm_text("abc"), pm_text("abcd")));
    assert_true(pm_text_equal(pm_text(""), (struct pm_text){0}));
    assert_int_equal(pm_text(NULL).length, 0);
}

/* ---- Postcodes ---- */

static void postcodes_are_read(void **state)
{
    static const struct {
        const char *given, *text, *sector, *district;
    } rows[] = {
        {"RM18 8AB", "RM18 8AB", "RM18 8", "RM18"},
        {"rm188ab", "RM18 8AB", "RM18 8", "RM18"},
        {"  rM18 \t 8aB ", "RM18 8AB", "RM18 8", "RM18"},
        {"RM18 8", "RM18 8", "RM18 8", "RM18"},
        {"rm18  8", "RM18 8", "RM18 8", "RM18"},
        {"RM18", "RM18", "", "RM18"},
        {" rm18 ", "RM18", "", "RM18"},
        {"RM1 8", "RM1 8", "RM1 8", "RM1"},
        {"RM18AB", "RM1 8AB", "RM1 8", "RM1"},
        {"M1 1AE", "M1 1AE", "M1 1", "M1"},
        {"M11AE", "M1 1AE", "M1 1", "M1"},
        {"B33 8TH", "B33 8TH", "B33 8", "B33"},
        {"W1A 0AX", "W1A 0AX", "W1A 0", "W1A"},
        {"W1A0AX", "W1A 0AX", "W1A 0", "W1A"},
        {"W1A", "W1A", "", "W1A"},
        {"EC1A 1BB", "EC1A 1BB", "EC1A 1", "EC1A"},
        {"EC1A", "EC1A", "", "EC1A"},
        {"CR2 6XH", "CR2 6XH", "CR2 6", "CR2"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[9];
        uint64_t code = pm_postcode_parse(pm_text(rows[i].given));
        assert_string_equal(pm_postcode_text(code, text), rows[i].text);
        assert_string_equal(pm_postcode_text(pm_postcode_sector(code), text), rows[i].sector);
        assert_string_equal(pm_postcode_text(pm_postcode_district(code), text), rows[i].district);
        assert_true(pm_postcode_parse(pm_text(pm_postcode_text(code, text))) == code);
    }
    assert_true(pm_postcode_parse(pm_text("RM18")) == UINT64_C(0x524d313800000000));
}

static void what_is_no_postcode_is_refused(void **state)
{
    static const char *const rows[] = {
        "",          " ",
        "R",         "RM",
        "18",        "RM188",
        "RM18 88",   "RM18 8A",
        "RM18 8ABC", "RM18 AAB",
        "RM18 88B",  "RM18 8A1",
        "RM181 8AB", "RMA 8AB",
        "R 8AB",     "8RM 8AB",
        "RM18-8AB",  "RM18 8 AB",
        "ABC1 1AA",  "RM1AB 8AB",
        "RM18 8AB.", "1M18 8AB",
        "RM 18",     "R\xc3\xa9 1",
        "RM18 8\n",  "not a postcode at all",
    };
    char text[9];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (pm_postcode_parse(pm_text(rows[i])) != 0)
            fail_msg("\"%s\" was read as a postcode", rows[i]);
    }
    assert_true(pm_postcode_parse((struct pm_text){.bytes = "RM1\0", .length = 4}) == 0);
    assert_string_equal(pm_postcode_text(PM_POSTCODE_BAD, text), "?");
    assert_true(pm_postcode_parse(pm_text("?")) == 0);
    assert_true(pm_postcode_sector(PM_POSTCODE_BAD) == 0);
    assert_true(pm_postcode_sector(0) == 0 && pm_postcode_district(0) == 0);
}

/* ---- Dates ---- */

static void every_day_follows_the_last(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1970, month = 0, day = 0;
    (void)state;
    for (int32_t date = 0; year <= 2200; date++) {
        char text[11], want[11] = "0000-00-00";
        for (int k = 3, rest = year; k >= 0; k--, rest /= 10)
            want[k] = (char)('0' + rest % 10);
        want[5] = (char)('0' + (month + 1) / 10);
        want[6] = (char)('0' + (month + 1) % 10);
        want[8] = (char)('0' + (day + 1) / 10);
        want[9] = (char)('0' + (day + 1) % 10);
        assert_string_equal(pm_date_text(date, text), want);
        assert_int_equal(pm_date_parse(pm_text(text)), date);
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        if (++day == lengths[month] + (month == 1 && leap)) {
            day = 0;
            year += (month = (month + 1) % 12) == 0;
        }
    }
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const rows[] = {
        "",           "2026",       "2026-12",    "2026-12-1",  "2026-12-011", "2026/12/01",
        "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-02-29",  "2100-02-29",
        "2026-04-31", "1969-12-31", "2201-01-01", "-026-01-01", "2026-1a-01",  "20 6-01-01",
    };
    char text[11];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (pm_date_parse(pm_text(rows[i])) != INT32_MIN)
            fail_msg("\"%s\" was read as a date", rows[i]);
    }
    assert_int_equal(pm_date_parse(pm_text("2024-02-29")), 19782);
    assert_string_equal(pm_date_text(-1, text), "?");
    assert_string_equal(pm_date_text(INT32_MAX, text), "?");
    assert_string_equal(pm_date_text(INT32_MIN, text), "?");
}

static void a_time_is_on_its_date(void **state)
{
    static const struct {
        int64_t time;
        int32_t date;
    } rows[] = {
        {0, 0},
        {86399999, 0},
        {86400000, 1},
        {-1, -1},
        {-86400000, -1},
        {-86400001, -2},
        {INT64_C(1735041600000), 20081}, /* 24 December 2024, noon */
        {INT64_MAX, INT32_MAX},
        {INT64_MIN, INT32_MIN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(pm_date_of(rows[i].time), rows[i].date);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_names_and_sentences),
        cmocka_unit_test(verbs_are_found_by_name),
        cmocka_unit_test(other_names_are_no_verbs),
        cmocka_unit_test(lists_have_their_names),
        cmocka_unit_test(lists_are_whole),
        cmocka_unit_test(keys_have_names_of_their_own),
        cmocka_unit_test(text_is_compared_by_its_bytes),
        cmocka_unit_test(postcodes_are_read),
        cmocka_unit_test(what_is_no_postcode_is_refused),
        cmocka_unit_test(every_day_follows_the_last),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(a_time_is_on_its_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
