/* history_seen.c - see history_seen.h. */
#include "tests/lib/history_seen.h"

#include <stdio.h>

#include "tests/lib/world.h"

void history_seen_begin(struct history_seen *seen)
{
    seen->packages = seen->placements = 0;
}

static void see_packages(struct history_seen *seen, const struct model *model)
{
    for (int i = 0; i < model->packages; i++) {
        uint8_t state = model->package[i].state;
        if (i < seen->packages && state != seen->package_was[i])
            seen->package[seen->package_was[i]][state]++;
        seen->package_was[i] = state;
    }
    seen->packages = model->packages;
}

static void see_placements(struct history_seen *seen, const struct model *model)
{
    for (int i = 0; i < model->placements; i++) {
        uint8_t state = model->placement[i].state;
        if (i < seen->placements && state != seen->placement_was[i])
            seen->placement[seen->placement_was[i]][state]++;
        if (i >= seen->placements)
            seen->route[model->offer[model->placement[i].offer].route]++;
        seen->placement_was[i] = state;
    }
    seen->placements = model->placements;
}

void history_seen_entry(struct history_seen *seen, const struct model *model,
                        struct pm_result result)
{
    seen->status[result.status]++;
    for (uint32_t i = 0; i < model->events; i++)
        seen->event[model->event[i].kind]++;
    if (model->blind)
        return;
    see_packages(seen, model);
    see_placements(seen, model);
}

/* ---- What must be seen ---- */

/* The ways of packages that must be seen: */
static const struct {
    uint8_t from, to;
} must_packages[] = {
    {PM_OPEN, PM_OFFERED},         {PM_OPEN, PM_PLACED},        {PM_OPEN, PM_WAITING},
    {PM_OPEN, PM_PAUSED},          {PM_OPEN, PM_WITHDRAWN},     {PM_OFFERED, PM_OPEN},
    {PM_OFFERED, PM_PLACED},       {PM_OFFERED, PM_WAITING},    {PM_OFFERED, PM_PAUSED},
    {PM_OFFERED, PM_WITHDRAWN},    {PM_OFFERED, PM_CHOOSING},   {PM_OFFERED, PM_TO_CONFIRM},
    {PM_PLACED, PM_OPEN},          {PM_PLACED, PM_OFFERED},     {PM_PLACED, PM_ENDED},
    {PM_PLACED, PM_WAITING},       {PM_PLACED, PM_PAUSED},      {PM_PLACED, PM_WITHDRAWN},
    {PM_PAUSED, PM_OFFERED},       {PM_PAUSED, PM_PLACED},      {PM_PAUSED, PM_WAITING},
    {PM_PAUSED, PM_WITHDRAWN},     {PM_WAITING, PM_OFFERED},    {PM_WAITING, PM_PLACED},
    {PM_WAITING, PM_PAUSED},       {PM_WAITING, PM_WITHDRAWN},  {PM_WAITING, PM_OPEN},
    {PM_CHOOSING, PM_PLACED},      {PM_CHOOSING, PM_ENDED},     {PM_CHOOSING, PM_OFFERED},
    {PM_CHOOSING, PM_WAITING},     {PM_CHOOSING, PM_PAUSED},    {PM_TO_CONFIRM, PM_PLACED},
    {PM_TO_CONFIRM, PM_OFFERED},   {PM_TO_CONFIRM, PM_WAITING}, {PM_TO_CONFIRM, PM_PAUSED},
    {PM_TO_CONFIRM, PM_WITHDRAWN},
};
static const struct {
    uint8_t from, to;
} must_placements[] = {
    {PM_AGREED, PM_STARTED},  {PM_AGREED, PM_PLACEMENT_ENDED},  {PM_STARTED, PM_PLACEMENT_ENDED},
    {PM_STARTED, PM_NOTICE},  {PM_STARTED, PM_IN_STAY},         {PM_NOTICE, PM_PLACEMENT_ENDED},
    {PM_IN_STAY, PM_STARTED}, {PM_IN_STAY, PM_PLACEMENT_ENDED}, {PM_IN_STAY, PM_NOTICE},
};

static bool report(uint64_t count, bool must, const char *what, const char *first,
                   const char *second)
{
    if (count > 0 || must)
        printf("# %s%llu %s %s %s\n", count == 0 ? "MISSING " : "", (unsigned long long)count, what,
               first, second);
    return count > 0 || !must;
}

static bool must_go(unsigned from, unsigned to)
{
    for (size_t i = 0; i < sizeof must_packages / sizeof *must_packages; i++)
        if (must_packages[i].from == from && must_packages[i].to == to)
            return true;
    return false;
}

static bool must_become(unsigned from, unsigned to)
{
    for (size_t i = 0; i < sizeof must_placements / sizeof *must_placements; i++)
        if (must_placements[i].from == from && must_placements[i].to == to)
            return true;
    return false;
}

static bool all_states(const struct history_seen *seen)
{
    bool all = true;
    for (unsigned a = 0; a < PM_PACKAGE_STATES; a++)
        for (unsigned b = 0; b < PM_PACKAGE_STATES; b++)
            all &= report(seen->package[a][b], must_go(a, b), "package", pm_package_state_name(a),
                          pm_package_state_name(b));
    for (unsigned a = 0; a < PM_PLACEMENT_STATES; a++)
        for (unsigned b = 0; b < PM_PLACEMENT_STATES; b++)
            all &= report(seen->placement[a][b], must_become(a, b), "placement",
                          pm_placement_state_name(a), pm_placement_state_name(b));
    return all;
}

bool history_seen_all(const struct history_seen *seen)
{
    bool all = true;
    for (unsigned e = 1; e < PM_EVENT_KINDS; e++)
        all &= report(seen->event[e], true, "event", pm_event_name(e), "");
    for (unsigned s = 0; s < PM_STATUS_COUNT; s++)
        all &= report(seen->status[s], !world_only_daemon_says(s), "status", pm_status_name(s), "");
    for (unsigned r = PM_CALL_OFF; r < PM_ROUTES; r++)
        all &= report(seen->route[r], r < PM_INTRODUCTION || r == PM_IMPORTED, "placed by",
                      pm_route_name(r), "");
    return all_states(seen) && all;
}
