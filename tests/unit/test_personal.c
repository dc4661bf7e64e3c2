/*
 * test_personal.c - what looks like personal data, and what must not: both ways by tables. The
 * numbers are invented: NHS numbers of the range kept for tests (999 xxx xxxx), telephone numbers
 * of those kept for drama, postcodes of areas that are none.
 */
#include "core/personal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/random.h"

static void expect(const char *string, enum personal expected)
{
    enum personal found = personal_find(pm_text(string));
    if (found != expected)
        fail_msg("\"%s\": %s, not %s", string, personal_name(found), personal_name(expected));
}

/* Alone, at either end and in the middle of a sentence, in brackets and quotes. */
static void expect_anywhere(const char *string, enum personal expected)
{
    static const char *const around[][2] = {
        {"", ""},   {"see ", ""},  {"", " please"}, {"see ", ", please"},
        {"(", ")"}, {"\"", "\"."}, {"no.: ", ";"},  {"\xe2\x80\x9c", "\xe2\x80\x9d"},
    };
    char text[256];
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        snprintf(text, sizeof text, "%s%s%s", around[i][0], string, around[i][1]);
        expect(text, expected);
    }
}

#define ALL_ANYWHERE(list, sort)                              \
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) \
    expect_anywhere(list[i], sort)

static void test_nhs_numbers(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "9997654323",     "999 765 4323",   "999-765-4323",        "999 765-4323",
        "999 7654323",    "999765 4323",    "9990000018",          "NHS 999 765 4323",
        "NHS:9997654323", "NHS-9997654323", "bed 12 999 765 4323", "1940 999 765 4323 born",
        "9997654323-01",
    };
    ALL_ANYWHERE(numbers, PERSONAL_NHS_NUMBER);
}

static void test_no_nhs_numbers(void **state)
{
    (void)state;
    static const char *const others[] = {
        "9997654324",     /* another check digit: no number */
        "999 765 4324",   /* as above */
        "999765432",      /* nine digits */
        "99976543230",    /* eleven */
        "X9997654323",    /* part of a longer word */
        "9997654323X",    /* as above */
        "x9997654323y",   /* as above */
        "2026-000123",    /* how references are numbered, whatever the check digit */
        "2026-000115",    /* (a good one) */
        "26-00000429",    /* (a good one) */
        "999-7654323",    /* a good one in two groups and a hyphen */
        "202611-0018",    /* as above */
        "2026 000115",    /* in no groups of an NHS number's */
        "99 97 65 43 23", /* as above */
        "0000000019",     /* padded with zeroes, a good check digit */
        "0000000000",     /* as above */
        "999  765  4323", /* grouped by more than one space each */
        "999/765/4323",   /* as above */
        "25-11-2026 15:30", "2026-11-25 1530", "999 765 432O", /* a letter at the end */
    };
    ALL_ANYWHERE(others, PERSONAL_NONE);
}

/* Of ten that differ in the last digit alone, one at most is a number. */
static void test_check_digit(void **state)
{
    (void)state;
    char text[16];
    unsigned good = 0;
    for (unsigned body = 0; body < 1100; body++) {
        unsigned of_body = 0;
        for (unsigned digit = 0; digit < 10; digit++) {
            snprintf(text, sizeof text, "99900%04u%u", body, digit);
            of_body += personal_find(pm_text(text)) == PERSONAL_NHS_NUMBER;
        }
        assert_true(of_body <= 1);
        good += of_body;
    }
    assert_in_range(good, 990, 1010); /* for one in eleven the check would be 10 */
}

static void test_emails(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "jo@ward.example",
        "Jo.Bloggs+care@mail.ward.example",
        "j_o%x@a-b.example",
        "o'neil@x.example",
        "mailto:jo@ward.example",
        "<jo@ward.example>",
        "jo@ward.example.",
        "2@10.example",
        "j\xc3\xb6rg@w\xc3\xa4rd.example",
        "a@b@ward.example",
    };
    static const char *const others[] = {
        "2 carers @ 10.30", "2@10.30",     "2@10.30am",         "@ward.example", "jo@", "jo@ward",
        "jo@ward.",         "jo@.example", "jo @ ward.example", "a@b@c",         "@",   "jo@ward.5",
        "each @ 20.50",
    };
    ALL_ANYWHERE(addresses, PERSONAL_EMAIL);
    ALL_ANYWHERE(others, PERSONAL_NONE);
}

static void test_telephones(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "01632960123",         "01632 960123",        "01632 960 123",      "(01632) 960123",
        "(01632)960-123",      "01632-960123",        "01632 - 960123",     "020 7946 0123",
        "(020) 7946 0123",     "02079460123",         "07700 900123",       "07700900123",
        "07700-900-123",       "0808 157 0123",       "0909 879 0123",      "03069 990123",
        "01632 96012",         "+447700900123",       "+44 7700 900123",    "+44 (0)20 7946 0123",
        "+44 (0) 20 79460123", "+44(0)1632 960123",   "(+44) 7700 900 123", "+4402079460123",
        "+44 07700 90 01 23",  "0044 7700 900123",    "00447700900123",     "tel:01632960123",
        "0161 496 0123",       "ext 12 01632 960123",

    };
    static const char *const others[] = {
        "016329601",    /* nine digits */
        "016329601234", /* twelve */
        "11632960123",  /* does not begin with 0 */
        "A01632960123", /* part of a longer word */
        "0012345678",   /* padded with zeroes */
        "00012345678",  /* as above */
        "0412345678",   /* no number begins so */
        "0700-1000 30", /* times of day, minutes */
        "0730-0830 20 30",
        "0700-1000-1430", /* three times of day */
        "01-12-2026 15:30",
        "01-12-2026 10",
        "01/12/2026 1000",
        "07:00-10:00 30m x2",
        "2026-012345-6789",
        "2026-0123456788",
        "+33 1 99 00 12 34",
        "447700900123",
        "+44",
        "+44 (0)",
    };
    ALL_ANYWHERE(numbers, PERSONAL_TELEPHONE);
    ALL_ANYWHERE(others, PERSONAL_NONE);
}

static void test_postcodes(void **state)
{
    (void)state;
    static const char *const postcodes[] = {
        "RM18 8AB",         "rm18 8ab",          "Rm18 8Ab", "RM188AB", "rm188ab",
        "RM18  8AB",        "QX1 1AA",           "QX11AA",   "W1A 0AX", "w1a0ax",
        "E1 6AN",           "ZZ99 9ZZ",          "E3 4TH",   "e3 4th",

        "Tilbury,RM18 8AB", "Tilbury RM18 8AB-",
    };
    static const char *const others[] = {
        "RM18",
        "RM18 8",
        "RM18 8A",
        "RM18 8ABC",
        "XRM18 8AB",
        "ARM188AB",
        "RM188ABX",
        "RM18-8AB",
        "2026-RM188AB",
        "RM188AB-7",
        "RM188AB_7",
        "x_rm188ab",
        "RM18 8CD",
        "W1 9am",
        "W1 5mg",
        "ward B1 2nd floor",
        "N1 1st, E3 4th",
        "S1 3rd",
        "double up x2 1hr each",
        "D4 5pd",
        "RM 18 8AB",
        "8AB RM18",
        "the 2nd of 3",
        "x2 30m",
        "RM18.8AB",
    };
    ALL_ANYWHERE(postcodes, PERSONAL_POSTCODE);
    ALL_ANYWHERE(others, PERSONAL_NONE);
}

/* With the spaces and dashes that word processors make. */
static void test_word_processors(void **state)
{
    (void)state;
    expect_anywhere("999\xc2\xa0"
                    "765\xc2\xa0"
                    "4323",
                    PERSONAL_NHS_NUMBER);
    expect_anywhere("999\xe2\x80\x93"
                    "765\xe2\x80\x91"
                    "4323",
                    PERSONAL_NHS_NUMBER);
    expect_anywhere("07700\xe2\x80\xaf"
                    "900123",
                    PERSONAL_TELEPHONE);
    expect_anywhere("RM18\xc2\xa0"
                    "8AB",
                    PERSONAL_POSTCODE);
}

/* What people use for references and tokens. */
static void test_ordinary(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "X1234567890",
        "2026-000123",
        "P1224-0001",
        "ward-07",
        "HC/2026/11/00042",
        "1-1234567890123",
        "550e8400-e29b-41d4-a716-446655440000",
        "01234567-8901-2345-6789-012345678901",
        "99976543-2399-9765-4323-999765432399",
        "{550E8400-E29B-41D4-A716-446655440000}",
        "0b9d1c3e5f7a9b1c3d5e7f9a1b3c5d7e",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "token-1",
        "until 2026-12-01, then 3 visits of 30 minutes",
        "carers 2, calls 07:00-09:30 and 17:00-19:30, from 1 December",
        "suspended: inspection of 25/11/2026",
        "fall at home 1930s house, 14 steps",
        "rate 2410 agreed with 3 others",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_anywhere(texts[i], PERSONAL_NONE);
}

/* No UUID is refused, however many of its digits are decimal. */
static void test_uuids(void **state)
{
    (void)state;
    static const char hex[] = "0123456789012345678901234567890123456789abcdefABCDEF";
    struct random random = {.state = 5};
    for (unsigned n = 0; n < 200000; n++) {
        char text[37];
        uint32_t digits = n % 2 == 0 ? 10 : sizeof hex - 1; /* all decimal, or most */
        for (unsigned i = 0; i < 36; i++)
            text[i] =
                i == 8 || i == 13 || i == 18 || i == 23 ? '-' : hex[random_below(&random, digits)];
        text[36] = '\0';
        expect(text, PERSONAL_NONE);
    }
}

/* The first one found is named; what is around it does not matter. */
static void test_first_of_several(void **state)
{
    (void)state;
    expect("jo@ward.example or 01632 960123", PERSONAL_EMAIL);
    expect("01632 960123, jo@ward.example", PERSONAL_TELEPHONE);
    expect("999 765 4324 999 765 4323", PERSONAL_NHS_NUMBER);
    expect("RM18 RM18 8AB", PERSONAL_POSTCODE);
}

/* Nothing beyond its end is read, and what is cut off does not count. */
static void test_length_counts(void **state)
{
    (void)state;
    static const char *const whole[] = {"9997654323", "01632960123", "RM18 8AB", "jo@ward.ex",
                                        "+447700900123"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        uint32_t length = (uint32_t)strlen(whole[i]);
        assert_int_not_equal(personal_find((struct pm_text){whole[i], length}), PERSONAL_NONE);
        uint32_t cut = whole[i][0] == '0' || whole[i][0] == '+' ? 3 : 1; /* 10 digits are enough */
        for (; cut <= length; cut++)
            assert_int_equal(personal_find((struct pm_text){whole[i], length - cut}),
                             PERSONAL_NONE);
    }
    assert_int_equal(personal_find((struct pm_text){NULL, 0}), PERSONAL_NONE);
}

/* Long texts of what begins everything and ends nothing are looked through at once. */
static void test_long_texts(void **state)
{
    (void)state;
    static const char *const pieces[] = {"9",     "999 ", "0163 ", "+44 0 ",   "a@", "@",    "E1 ",
                                         "E1   ", "RM18", "- ",    "\xc2\xa0", "a.", "jo@b-"};
    static char text[1 << 20];
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t length = strlen(pieces[i]);
        for (size_t at = 0; at < sizeof text; at++)
            text[at] = pieces[i][at % length];
        enum personal found = personal_find((struct pm_text){text, sizeof text});
        assert_true(found < PERSONAL_SORTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nhs_numbers),     cmocka_unit_test(test_no_nhs_numbers),
        cmocka_unit_test(test_check_digit),     cmocka_unit_test(test_emails),
        cmocka_unit_test(test_telephones),      cmocka_unit_test(test_postcodes),
        cmocka_unit_test(test_word_processors), cmocka_unit_test(test_ordinary),
        cmocka_unit_test(test_uuids),           cmocka_unit_test(test_first_of_several),
        cmocka_unit_test(test_length_counts),   cmocka_unit_test(test_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
