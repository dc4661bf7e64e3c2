/* calendar.c - see calendar.h. */
#include "calendar.h"

#include <string.h>

#include "find.h"
#include "hours.h"
#include "names.h"

/* ---- Loading ---- */

static bool is_good(const struct pm_calendar *calendar)
{
    if (!name_is_good(name_text(&calendar->name)) || calendar->openings == 0 ||
        calendar->openings > PM_OPENINGS_MAX)
        return false;
    int32_t end = -1; /* none is before 1970, and no two touch */
    for (uint32_t i = 0; i < calendar->openings; i++) {
        const struct pm_opening *opening = &calendar->opening[i];
        if (opening->from <= end || opening->to <= opening->from)
            return false;
        end = opening->to;
    }
    return true;
}

bool calendars_are_good(const struct pm_load *load)
{
    if (load->calendars > PM_CALENDARS_MAX)
        return false;
    for (uint32_t i = 0; i < load->calendars; i++)
        if (!is_good(&load->calendar[i]))
            return false;
    for (unsigned k = 0; k < load->market->kinds; k++)
        if (load->market->kind[k].calendar > load->calendars ||
            load->market->kind[k].rounds > load->calendars)
            return false;
    return true;
}

uint32_t calendars_missing(const struct market *market, const struct pm_load *load)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < load->calendars; i++)
        missing += market == NULL || market->calendar[i] == 0;
    return missing;
}

static bool runs_rounds(const struct pm_market *rules, uint32_t position)
{
    for (unsigned k = 0; k < rules->kinds; k++)
        if (rules->kind[k].rounds == position + 1)
            return true;
    return false;
}

/* Rounds that are due by now still run, if any do. */
static void set_due(struct pm_core *core, uint32_t slot, bool runs)
{
    struct calendar *calendar = calendar_at(core, slot);
    if (!runs)
        calendar->due = INT64_MAX;
    else if (calendar->due >= core->header.time)
        calendar->due = calendar_opens(core, slot, core->header.time);
    deadline_set(&core->deadlines, DEADLINE_ROUNDS, slot, calendar->due);
}

/* Gives back before it takes, so that there is room. */
static void take_one_up(struct pm_core *core, uint32_t slot, const struct pm_calendar *from)
{
    struct calendar *calendar = calendar_at(core, slot);
    calendar->name = from->name;
    if (calendar->hours != 0)
        hours_give_back(core, calendar->hours);
    calendar->hours = hours_take(core, from->opening, from->openings);
}

static uint32_t make(struct pm_core *core, uint32_t market)
{
    uint32_t slot = table_take(&core->table[TABLE_CALENDARS]);
    calendar_at(core, slot)->market = market;
    calendar_at(core, slot)->due = INT64_MAX;
    return slot;
}

static void drop(struct pm_core *core, uint32_t slot)
{
    deadline_clear(&core->deadlines, DEADLINE_ROUNDS, slot);
    hours_give_back(core, calendar_at(core, slot)->hours);
    table_free(&core->table[TABLE_CALENDARS], slot);
}

void calendars_take_up(struct pm_core *core, uint32_t market, const struct pm_load *load)
{
    struct market *m = market_at(core, market);
    for (uint32_t i = 0; i < PM_CALENDARS_MAX; i++) {
        if (i >= load->calendars) {
            if (m->calendar[i] != 0)
                drop(core, m->calendar[i]);
            m->calendar[i] = 0;
            continue;
        }
        if (m->calendar[i] == 0)
            m->calendar[i] = make(core, market);
        take_one_up(core, m->calendar[i], &load->calendar[i]);
        set_due(core, m->calendar[i], runs_rounds(load->market, i));
    }
}

void calendars_free(struct pm_core *core, uint32_t market)
{
    calendars_take_up(core, market, &(struct pm_load){.calendars = 0});
}

/* ---- Counting ---- */

/* The first interval that is not over at this time; `openings` when all are. */
static uint32_t find_opening(const struct hours *hours, int64_t time)
{
    uint32_t low = 0, high = hours->openings;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (hours->opening[middle].to * MINUTE > time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t calendar_opens(const struct pm_core *core, uint32_t slot, int64_t time)
{
    const struct hours *hours = hours_at(core, calendar_at(core, slot)->hours);
    uint32_t at = find_opening(hours, time);
    if (at < hours->openings && hours->opening[at].from * MINUTE <= time)
        at++;
    return at < hours->openings ? hours->opening[at].from * MINUTE : INT64_MAX;
}

/* In which a kind's windows count; NULL: it is always open. */
static const struct hours *hours_of(const struct pm_core *core, uint32_t market, uint8_t kind)
{
    uint8_t position = kind_of(core, market, kind)->calendar;
    if (position == 0)
        return NULL;
    uint32_t calendar = market_at(core, market)->calendar[position - 1];
    return hours_at(core, calendar_at(core, calendar)->hours);
}

/* The time so many opening milliseconds after another one. */
static int64_t after(const struct hours *hours, int64_t from, int64_t left)
{
    for (uint32_t i = hours == NULL ? 0 : find_opening(hours, from);
         hours != NULL && i < hours->openings; i++) {
        int64_t opens = hours->opening[i].from * MINUTE, closes = hours->opening[i].to * MINUTE;
        if (opens > from)
            from = opens;
        if (left <= closes - from)
            return from + left;
        left -= closes - from;
        from = closes;
    }
    return from + left;
}

int64_t calendar_after(const struct pm_core *core, uint32_t market, uint8_t kind, int64_t from,
                       uint32_t minutes)
{
    return after(hours_of(core, market, kind), from, minutes * MINUTE);
}

/* How many milliseconds of opening there are between two times. */
static int64_t open_between(const struct hours *hours, int64_t from, int64_t to)
{
    int64_t sum = 0;
    if (hours == NULL)
        return to - from;
    for (uint32_t i = find_opening(hours, from); i < hours->openings && from < to; i++) {
        int64_t opens = hours->opening[i].from * MINUTE, closes = hours->opening[i].to * MINUTE;
        from = opens > from ? opens : from;
        int64_t until = closes < to ? closes : to;
        sum += until > from ? until - from : 0;
        from = closes;
    }
    return from < to ? sum + (to - from) : sum;
}

int64_t calendar_extend(const struct pm_core *core, uint32_t market, uint8_t kind, int64_t deadline,
                        int64_t from, int64_t to)
{
    const struct hours *hours = hours_of(core, market, kind);
    int64_t lost = open_between(hours, from, to);
    return lost == 0 ? deadline
                     : after(hours, deadline, lost); /* not to the next opening for none */
}

bool calendar_has_round(const struct pm_core *core, uint32_t market, uint8_t of)
{
    const struct pm_kind *kind = kind_of(core, market, of);
    bool gathers = false;
    for (unsigned s = 0; s < kind->steps; s++)
        gathers |= kind->step[s].route == PM_ROUND;
    return !gathers || kind->rounds == 0 ||
           calendar_opens(core, market_at(core, market)->calendar[kind->rounds - 1],
                          core->header.time) != INT64_MAX;
}

bool calendar_covers(const struct pm_core *core, uint32_t market, uint8_t kind)
{
    const struct hours *hours = hours_of(core, market, kind);
    const struct pm_kind *k = kind_of(core, market, kind);
    uint32_t longest = 0;
    if (hours == NULL)
        return true;
    for (unsigned s = 0; s < k->steps; s++) {
        longest = k->step[s].window > longest ? k->step[s].window : longest;
        longest = k->step[s].decide > longest ? k->step[s].decide : longest;
    }
    return after(hours, core->header.time, longest * MINUTE) <=
           hours->opening[hours->openings - 1].to * MINUTE;
}
