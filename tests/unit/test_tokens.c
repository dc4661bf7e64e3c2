/*
 * test_tokens.c - tokens made, found, revoked, kept over a restart; what is refused; and a file
 * that is damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tokens.h"
#include "tests/lib/scratch.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const int64_t now = INT64_C(1764547200000); /* 2025-12-01 00:00 */
static char directory[SCRATCH_PATH], why[256];

static struct tokens *reopen(struct tokens *tokens)
{
    tokens_close(tokens);
    tokens = tokens_open(directory, why);
    if (!tokens)
        fail_msg("%s", why);
    return tokens;
}

static struct pm_token broker(const char *name)
{
    return (struct pm_token){.name = pm_text(name), .role = PM_BROKER};
}

static void create(struct tokens *tokens, struct pm_token wanted, char text[TOKEN_TEXT])
{
    struct wire_error error = {""};
    if (tokens_create(tokens, &wanted, now, text, &error) != PM_OK)
        fail_msg("%s", error.text);
    assert_int_equal(strlen(text), TOKEN_TEXT - 1);
}

static void expect(struct tokens *tokens, const char *text, const char *name, const char *acts_for)
{
    const struct token *found = tokens_find(tokens, pm_text(text));
    assert_non_null(found);
    assert_string_equal(found->name.text, name);
    assert_string_equal(found->acts_for.text, acts_for);
}

static void test_kept(void **state)
{
    (void)state;
    char one[TOKEN_TEXT], two[TOKEN_TEXT], three[TOKEN_TEXT];
    uint64_t id;
    struct tokens *tokens = reopen(NULL);
    create(tokens, broker("rowan"), one);
    create(tokens,
           (struct pm_token){.name = pm_text("anna at amber"),
                             .role = PM_PROVIDER,
                             .provider = pm_text("amber"),
                             .market = pm_text("little"),
                             .expires = pm_date_of(now)},
           two);
    create(tokens, (struct pm_token){.name = pm_text("hub"), .role = PM_HOSPITAL}, three);
    tokens = reopen(tokens);
    expect(tokens, one, "rowan", "rowan");
    expect(tokens, two, "anna at amber", "amber");
    expect(tokens, three, "hub", "hub");
    assert_int_equal(tokens_revoke(tokens, pm_text("rowan"), &id), PM_OK);
    assert_int_equal(tokens_revoke(tokens, pm_text("rowan"), &id), PM_UNKNOWN_TOKEN);
    assert_null(tokens_find(tokens, pm_text(one)));
    expect(tokens, three, "hub", "hub");
    tokens = reopen(tokens);
    assert_null(tokens_find(tokens, pm_text(one)));
    /* The name again: another token, under another id. */
    create(tokens, broker("rowan"), two);
    assert_string_not_equal(one, two);
    assert_true(tokens_find(tokens, pm_text(two))->id > id);
    tokens_close(tokens);
}

/* What is shown is not in the file; which is its owner's alone. */
static void test_only_hashed(void **state)
{
    (void)state;
    char text[TOKEN_TEXT], path[SCRATCH_PATH + 16], bytes[1 << 16];
    struct stat status;
    struct tokens *tokens = reopen(NULL);
    create(tokens, broker("hidden"), text);
    tokens_close(tokens);
    snprintf(path, sizeof path, "%s/tokens.db", directory);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(size > 0 && size < sizeof bytes);
    assert_non_null(memmem(bytes, size, "hidden", 6));
    assert_null(memmem(bytes, size, text + 4, 8));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_no_token(void **state)
{
    (void)state;
    char text[TOKEN_TEXT], longer[TOKEN_TEXT + 1];
    struct tokens *tokens = tokens_open(NULL, why);
    assert_non_null(tokens);
    create(tokens, broker("rowan"), text);
    assert_non_null(tokens_find(tokens, pm_text(text)));
    for (size_t i = 0; i < TOKEN_TEXT - 1; i++) {
        char other[TOKEN_TEXT];
        memcpy(other, text, sizeof other);
        assert_null(tokens_find(tokens, (struct pm_text){text, (uint32_t)i}));
        other[i] = other[i] == 'A' ? 'Q' : 'A'; /* differ in bits that count, also of the last */
        assert_null(tokens_find(tokens, pm_text(other)));
        other[i] = '=';
        assert_null(tokens_find(tokens, pm_text(other)));
    }
    snprintf(longer, sizeof longer, "%sA", text);
    assert_null(tokens_find(tokens, pm_text(longer)));
    assert_null(tokens_find(tokens, (struct pm_text){0}));
    tokens_close(tokens);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t role;
        const char *provider, *referrer, *market;
        int32_t expires;
        uint16_t status;
    } cases[] = {
        {"a", PM_BROKER, "", "", "", 0, PM_OK},
        {"a", PM_BROKER, "", "", "", 0, PM_TOKEN_EXISTS},
        {"b", PM_BROKER, "", "", "little", 0, PM_OK},
        {"", PM_BROKER, "", "", "", 0, PM_BAD_NAME},
        {" c", PM_BROKER, "", "", "", 0, PM_BAD_NAME},
        {"c ", PM_BROKER, "", "", "", 0, PM_BAD_NAME},
        {"c\nd", PM_BROKER, "", "", "", 0, PM_BAD_NAME},
        {"c", PM_BROKER, "", "", " little", 0, PM_BAD_NAME},
        {"c", 0, "", "", "", 0, PM_BAD_VALUE},
        {"c", PM_DAEMON, "", "", "", 0, PM_BAD_VALUE},
        {"c", PM_BROKER, "amber", "", "", 0, PM_BAD_VALUE},
        {"c", PM_BROKER, "", "ward", "", 0, PM_BAD_VALUE},
        {"c", PM_PROVIDER, "", "", "little", 0, PM_BAD_VALUE},
        {"c", PM_PROVIDER, "amber", "", "", 0, PM_BAD_VALUE},
        {"c", PM_PROVIDER, "amber", "ward", "little", 0, PM_BAD_VALUE},
        {"c", PM_PROVIDER, "amber", "", "little", 0, PM_OK},
        {"d", PM_HOSPITAL, "", "ward", "", 0, PM_OK},
        {"e", PM_OPERATOR, "", "", "little", 0, PM_BAD_VALUE},
        {"e", PM_OPERATOR, "", "", "", 0, PM_OK},
        {"f", PM_COMMISSIONER, "", "", "", 20422, PM_BAD_DATES},
        {"f", PM_COMMISSIONER, "", "", "", -1, PM_BAD_DATES},
        {"f", PM_COMMISSIONER, "", "", "", 20423, PM_OK},
    };
    struct tokens *tokens = tokens_open(NULL, why);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wire_error error = {""};
        char text[TOKEN_TEXT];
        const struct pm_token wanted = {.name = pm_text(cases[i].name),
                                        .role = cases[i].role,
                                        .provider = pm_text(cases[i].provider),
                                        .referrer = pm_text(cases[i].referrer),
                                        .market = pm_text(cases[i].market),
                                        .expires = cases[i].expires};
        if (tokens_create(tokens, &wanted, now, text, &error) != cases[i].status)
            fail_msg("case %zu: %s", i, error.text);
    }
    tokens_close(tokens);
}

static void test_last_day(void **state)
{
    (void)state;
    struct token token = {.expires = pm_date_of(now)};
    assert_false(token_expired(&token, now));
    assert_false(token_expired(&token, now + 86399999));
    assert_true(token_expired(&token, now + 86400000));
    token.expires = 0;
    assert_false(token_expired(&token, INT64_MAX));
}

static void test_listed_and_full(void **state)
{
    (void)state;
    char name[16], text[TOKEN_TEXT];
    struct wire_error error = {""};
    uint64_t last = 0;
    size_t count = 0;
    struct tokens *tokens = tokens_open(NULL, why);
    for (unsigned i = 0; i < TOKENS_MAX; i++) {
        snprintf(name, sizeof name, "t%u", i);
        create(tokens, broker(name), text);
    }
    struct pm_token more = broker("one more");
    assert_int_equal(tokens_create(tokens, &more, now, text, &error), PM_FULL);
    for (const struct token *token; (token = tokens_next(tokens, last)); count++) {
        assert_true(token->id > last);
        last = token->id;
    }
    assert_int_equal(count, TOKENS_MAX);
    tokens_close(tokens);
}

/* ---- A file that is none ---- */

static void test_damaged(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "UPDATE token SET role=6",
        "UPDATE token SET role=0",
        "UPDATE token SET hash=x'00'",
        "UPDATE token SET name=''",
        "UPDATE token SET expires=-1",
        "UPDATE token SET market='a name that is longer than names may be'",
        "UPDATE token SET acts_for=''",
        "UPDATE token SET expires=4294967296",
        "PRAGMA user_version=2",
        "PRAGMA application_id=7",
        "UPDATE token SET name=cast(x'6100' AS TEXT)",
        "DROP TABLE token",
    };
    for (size_t i = 0; i < COUNT(damages); i++) {
        char path[SCRATCH_PATH + 16], text[TOKEN_TEXT];
        sqlite3 *db = NULL;
        snprintf(path, sizeof path, "%s/tokens.db", directory);
        remove(path);
        struct tokens *tokens = reopen(NULL);
        create(tokens, broker("rowan"), text);
        tokens_close(tokens);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, damages[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        if (tokens_open(directory, why))
            fail_msg("taken: %s", damages[i]);
        assert_true(strlen(why) > 0);
    }
    assert_null(tokens_open("/nonexistent", why));
    assert_non_null(strstr(why, "/nonexistent/tokens.db"));
}

static int set_up(void **state)
{
    (void)state;
    scratch_make(directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),     cmocka_unit_test(test_only_hashed),
        cmocka_unit_test(test_no_token), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_last_day), cmocka_unit_test(test_listed_and_full),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
