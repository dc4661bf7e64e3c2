/*
 * rules.c: see rules.h.
 */
#include "rules.h"

#include "core/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char meta_name[] = "rules"; /* a decimal number */

static bool fail(char error[512], const struct journal_error *why)
{
    snprintf(error, 512, "%s", why->text);
    return false;
}

/* Those that are noted; 0: none, as before rules had numbers. -1: it cannot tell. */
static long noted(struct journal *journal, struct journal_error *why)
{
    char value[JOURNAL_META_SIZE_MAX + 1];
    size_t size;
    int found = journal_meta_get(journal, meta_name, value, &size, why);
    if (found <= 0)
        return found;
    value[size] = '\0';
    if (size == 0 || size > 9 || strspn(value, "0123456789") != size)
        return journal_fail(why, "the rules noted in the journal are no number");
    return strtol(value, NULL, 10);
}

bool rules_note(struct journal *journal, char error[512])
{
    char value[16];
    struct journal_error why = {""};
    int size = snprintf(value, sizeof value, "%d", PM_RULES);
    return journal_meta_change(journal, meta_name, value, (size_t)size, &why) == 0 ||
           fail(error, &why);
}

bool rules_check(struct journal *journal, uint32_t accepted, bool *others, char error[512])
{
    struct journal_error why = {""};
    long rules = noted(journal, &why);
    *others = false;
    if (rules < 0)
        return fail(error, &why);
    if (journal_last(journal) == 0)
        return rules == PM_RULES || rules_note(journal, error);
    *others = rules != PM_RULES;
    if (!*others || accepted == PM_RULES)
        return true;
    snprintf(error, 512,
             "its journal was written by a program of other rules (%ld, not %d), by which people "
             "may have been told otherwise: go on with that program, or see --accept-rules %d",
             rules, PM_RULES, PM_RULES);
    return false;
}
