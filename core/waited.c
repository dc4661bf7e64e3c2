/* waited.c - how long those who wait have waited. */
#include "core.h"
#include "state.h"

enum { HOUR_MS = 3600000 };

const uint32_t pm_core_waited_hours[PM_WAITED_AGES - 1] = {1, 4, 24, 72, 168, 336};

static unsigned age_of(int64_t waited)
{
    unsigned age = 0;
    while (age < PM_WAITED_AGES - 1 && waited >= (int64_t)pm_core_waited_hours[age] * HOUR_MS)
        age++;
    return age;
}

static void count_list(const struct pm_core *core, uint32_t package, int64_t now,
                       struct pm_core_waited *out)
{
    for (; package != 0; package = package_at(core, package)->wait_next) {
        int64_t waited = now - package_detail_at(core, package)->posted;
        out->packages[age_of(waited)]++;
        if (waited > out->longest)
            out->longest = waited;
    }
}

struct pm_core_waited pm_core_waited(const struct pm_core *core, int64_t now)
{
    struct pm_core_waited waited = {.longest = 0};
    uint32_t list = 0;
    while ((list = table_next(&core->table[TABLE_WAITLISTS], list)) != 0) {
        for (unsigned priority = 0; priority < PM_PRIORITIES; priority++)
            count_list(core, waitlist_at(core, list)->first[priority], now, &waited);
    }
    return waited;
}
