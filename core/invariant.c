/* invariant.c - the whole state checked, and what is wrong with it said in words. */
#include "invariant.h"

#include <string.h>

struct sentence {
    char *at;
    size_t left; /* bytes, the NUL included */
};

static void append(struct sentence *sentence, const char *text)
{
    while (*text != '\0' && sentence->left > 1) {
        *sentence->at++ = *text++;
        sentence->left--;
    }
    *sentence->at = '\0';
}

static void append_number(struct sentence *sentence, uint64_t number)
{
    char digits[21];
    char *at = &digits[sizeof digits - 1];
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    append(sentence, at);
}

bool broken(const struct check *check, const char *record, uint64_t slot, const char *what)
{
    struct sentence sentence = {check->error, check->size};
    if (check->size == 0)
        return false;
    append(&sentence, record);
    append(&sentence, " ");
    append_number(&sentence, slot);
    append(&sentence, ": ");
    append(&sentence, what);
    return false;
}

bool pm_core_check(const struct pm_core *core, char error[256])
{
    const struct check check = {core, error, 256};
    return check_tables(&check) && check_ranges(&check) && check_relations(&check) &&
           check_lists(&check) && check_packages(&check) && check_capacity(&check) &&
           check_derived(&check);
}
