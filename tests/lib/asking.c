/* asking.c - asking a core with the little market in it, and what it should answer. */
#include "asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct little little;

int open_market(void **state)
{
    (void)state;
    little_open(&little);
    return 0;
}

int close_market(void **state)
{
    (void)state;
    little_close(&little);
    return 0;
}

void ask_as(enum pm_role role, const char *name, const struct pm_command *command)
{
    uint16_t status = little_ask(&little, role, name, command);
    if (status != PM_OK)
        fail_msg("%s: %s", pm_verb_name(command->verb), pm_status_name(status));
    assert_true(look_is_whole(little.body));
}

struct pm_command list_of(unsigned verb)
{
    return (struct pm_command){.verb = (uint8_t)verb};
}

struct pm_command about(unsigned verb, const char *reference)
{
    return (struct pm_command){.verb = (uint8_t)verb, .id = {.reference = pm_text(reference)}};
}

void ask_list(unsigned verb)
{
    struct pm_command command = list_of(verb);
    ask_as(PM_BROKER, "broker", &command);
}

void ask_about(unsigned verb, const char *reference)
{
    struct pm_command command = about(verb, reference);
    ask_as(PM_BROKER, "broker", &command);
}

void expect_number(const char *path, int64_t expected)
{
    int64_t found = look_number(little.body, path);
    if (found != expected)
        fail_msg("%s: %lld, not %lld", path, (long long)found, (long long)expected);
}

void expect_text(const char *path, const char *expected)
{
    const char *found = look_text(little.body, path);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", path, found, expected);
}

void expect_count(const char *path, size_t expected)
{
    size_t found = look_count(little.body, path);
    if (found != expected)
        fail_msg("%s: %zu items, not %zu", path, found, expected);
}

void expect_none(const char *path)
{
    if (look_has(little.body, path))
        fail_msg("%s: there", path);
}

void post(const char *reference, const char *locality, uint8_t days, uint16_t minutes,
          const char *need)
{
    struct pm_result result = little_post(&little, reference, locality, days, minutes, need);
    if (result.status != PM_OK)
        fail_msg("%s: %s", reference, pm_status_name(result.status));
}

void wait_minutes(int64_t minutes)
{
    little.time += minutes * 60000;
    little_settle(&little);
}
