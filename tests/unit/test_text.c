/* test_text.c - sentences put together in too little memory, and whole numbers in words' company.
 */
#include "core/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {10, "10"},
        {-1, "-1"},
        {1234567890, "1234567890"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[32];
        struct text text = text_over(bytes, sizeof bytes);
        text_add_number(&text, cases[i].number);
        assert_string_equal(bytes, cases[i].text);
        assert_int_equal(text.length, strlen(cases[i].text));
    }
}

/* Whatever the room: the pieces that fit, whole, in order, and not one after the first that did
 * not. */
static void test_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const pieces[] = {"needs ", "\xc3\xa9t\xc3\xa9", " ", "x", ", free "};
    static const char whole[] = "needs \xc3\xa9t\xc3\xa9 x, free 420";
    static const size_t ends[] = {0, 6, 11, 12, 13, 20, 23};
    for (size_t size = 1; size <= sizeof whole + 1; size++) {
        char bytes[40];
        memset(bytes, 0x55, sizeof bytes);
        struct text text = text_over(bytes, size);
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
            text_add(&text, pieces[i]);
        text_add_number(&text, 420);
        size_t expected = 0;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
            if (ends[i] < size)
                expected = ends[i];
        assert_int_equal(text.length, expected);
        assert_memory_equal(bytes, whole, expected);
        assert_int_equal(bytes[expected], '\0');
        assert_int_equal(bytes[size], 0x55);
        assert_int_equal(text.full, size < sizeof whole);
    }
}

static void test_nothing_after_a_gap(void **state)
{
    (void)state;
    char bytes[8];
    struct text text = text_over(bytes, sizeof bytes);
    text_add(&text, "abc");
    text_add(&text, "defghij");
    text_add(&text, "k");
    text_add_number(&text, 1);
    assert_string_equal(bytes, "abc");
    assert_true(text.full);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_nothing_after_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
