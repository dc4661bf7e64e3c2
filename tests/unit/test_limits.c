/*
 * test_limits.c: the sizes of tables are fixed with a journal, and asked for again are confirmed or
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/limits.h"

#include <string.h>

static void test_settle(void **state)
{
    (void)state;
    struct journal *journal;
    struct journal_error why;
    struct pm_limits given = {.packages = 1000, .clients = 5}, out;
    char error[512] = "";
    assert_int_equal(journal_open(&(struct journal_options){.backend = "memory"}, &journal, &why),
                     0);
    assert_true(limits_settle(journal, &given, &out, error));
    struct pm_limits expected = pm_limits_default;
    expected.packages = 1000;
    expected.clients = 5;
    assert_memory_equal(&out, &expected, sizeof out);
    /* Nothing given: what is kept. */
    given = (struct pm_limits){0};
    memset(&out, 0, sizeof out);
    assert_true(limits_settle(journal, &given, &out, error));
    assert_memory_equal(&out, &expected, sizeof out);
    /* The same again is no change; another is refused, by name and number. */
    given.packages = 1000;
    assert_true(limits_settle(journal, &given, &out, error));
    given.clients = 6;
    assert_false(limits_settle(journal, &given, &out, error));
    assert_non_null(strstr(error, "--limit-clients 5, not 6"));
    journal_close(journal);
}

static void test_damaged(void **state)
{
    (void)state;
    static const char *const kept[] = {"", "\x89\1\1\1\1\1\1\1\1\1", "\x8a\1\1", "x",
                                       "\x8a\1\1\1\1\1\1\1\1\1\x20"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct journal *journal;
        struct journal_error why;
        struct pm_limits given = {0}, out;
        char error[512] = "";
        assert_int_equal(
            journal_open(&(struct journal_options){.backend = "memory"}, &journal, &why), 0);
        assert_int_equal(journal_meta_set(journal, "limits", kept[i], strlen(kept[i]), &why), 0);
        assert_false(limits_settle(journal, &given, &out, error));
        assert_true(error[0] != '\0');
        journal_close(journal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
