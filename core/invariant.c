/* invariant.c - the whole state checked, and what is wrong with it said in words. */
#include "invariant.h"

#include "text.h"

bool broken(const struct check *check, const char *record, uint64_t slot, const char *what)
{
    struct text sentence = text_over(check->error, check->size);
    text_add(&sentence, record);
    text_add(&sentence, " ");
    text_add_number(&sentence, (int64_t)slot);
    text_add(&sentence, ": ");
    text_add(&sentence, what);
    return false;
}

bool pm_core_check(const struct pm_core *core, char error[256])
{
    const struct check check = {core, error, 256};
    return check_tables(&check) && check_ranges(&check) && check_relations(&check) &&
           check_lists(&check) && check_rounds(&check) && check_clusters(&check) &&
           check_packages(&check) && check_capacity(&check) && check_derived(&check) &&
           check_nobody_waits_needlessly(&check);
}
