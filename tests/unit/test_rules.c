/*
 * test_rules.c: a journal written by other rules is not replayed unasked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "daemon/rules.h"

#include <stdio.h>
#include <string.h>

static struct journal *journal;
static char error[512];

static int open_memory(void **state)
{
    (void)state;
    error[0] = '\0';
    return journal_open(&(struct journal_options){.backend = "memory"}, &journal, NULL);
}

static int close_memory(void **state)
{
    (void)state;
    journal_close(journal);
    return 0;
}

static void note_as(const char *rules)
{
    assert_int_equal(journal_meta_change(journal, "rules", rules, strlen(rules), NULL), 0);
}

static void write_something(void)
{
    assert_int_equal(journal_append(journal, &(struct journal_batch){.first = 1, .last = 1}),
                     JOURNAL_OK);
}

static void test_a_new_one_is_of_these_rules(void **state)
{
    (void)state;
    bool others = true;
    assert_true(rules_check(journal, 0, &others, error));
    assert_false(others);
    write_something();
    others = true;
    assert_true(rules_check(journal, 0, &others, error));
    assert_false(others);
}

/* Nobody was told anything. */
static void test_an_empty_one_becomes_one_of_these_rules(void **state)
{
    (void)state;
    bool others = true;
    note_as("7");
    assert_true(rules_check(journal, 0, &others, error));
    write_something();
    assert_true(rules_check(journal, 0, &others, error));
    assert_false(others);
}

/* Older, newer, and from before rules had numbers. */
static void test_others_are_refused_unless_accepted(void **state)
{
    (void)state;
    char newer[16];
    snprintf(newer, sizeof newer, "%d", PM_RULES + 1);
    const char *const noted[] = {NULL, "0", newer};
    write_something();
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) {
        bool others = false;
        if (noted[i] != NULL)
            note_as(noted[i]);
        assert_false(rules_check(journal, 0, &others, error));
        assert_non_null(strstr(error, "--accept-rules"));
        assert_false(rules_check(journal, PM_RULES + 1, &others, error));
        assert_true(rules_check(journal, PM_RULES, &others, error));
        assert_true(others);
    }
    assert_true(rules_note(journal, error));
    bool others = true;
    assert_true(rules_check(journal, 0, &others, error));
    assert_false(others);
}

static void test_no_number(void **state)
{
    (void)state;
    static const char *const noted[] = {"", "x", "1x", "-1", " 1", "1000000000"};
    write_something();
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) {
        bool others;
        note_as(noted[i]);
        assert_false(rules_check(journal, PM_RULES, &others, error));
        assert_non_null(strstr(error, "no number"));
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_memory, close_memory)
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_one_is_of_these_rules),
        TEST(test_an_empty_one_becomes_one_of_these_rules),
        TEST(test_others_are_refused_unless_accepted),
        TEST(test_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
