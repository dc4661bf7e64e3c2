/* model_calendar.c - opening hours, dates and quarters, as the model counts them. */
#include "tests/lib/model.h"

#include <stdlib.h>

static const int64_t MINUTE = 60000;

int32_t model_today(const struct model *model)
{
    return pm_date_of(model->time);
}

int32_t model_quarter(int64_t time)
{
    char text[11];
    pm_date_text(pm_date_of(time), text);
    return (int32_t)(strtol(text, NULL, 10) * 4 + (strtol(text + 5, NULL, 10) - 1) / 3);
}

/* Minutes of opening time from a time on. After the last interval every time counts as open. */
int64_t model_after(const struct model *model, unsigned kind, int64_t from, uint32_t minutes)
{
    unsigned calendar = model->rules.kind[kind].calendar;
    int64_t left = minutes * MINUTE;
    uint32_t openings = calendar == 0 ? 0 : model->openings[calendar - 1];
    for (uint32_t i = 0; i < openings; i++) {
        const struct pm_opening *open = &model->opening[calendar - 1][i];
        int64_t opens = open->from * MINUTE, closes = open->to * MINUTE;
        if (closes <= from)
            continue;
        if (from < opens)
            from = opens;
        if (from + left <= closes)
            return from + left;
        left -= closes - from;
        from = closes;
    }
    return from + left;
}

/* Minute by minute: is it open? */
static bool is_open(const struct model *model, unsigned calendar, int64_t minute)
{
    const struct pm_opening *opening = model->opening[calendar];
    uint32_t openings = model->openings[calendar];
    for (uint32_t i = 0; i < openings; i++)
        if (opening[i].from <= minute && minute < opening[i].to)
            return true;
    return minute >= opening[openings - 1].to;
}

/* Milliseconds of opening between two times. */
static int64_t open_between(const struct model *model, unsigned calendar, int64_t from, int64_t to)
{
    int64_t sum = 0;
    while (from < to) {
        int64_t next = (from / MINUTE + 1) * MINUTE;
        next = next < to ? next : to;
        sum += is_open(model, calendar, from / MINUTE) ? next - from : 0;
        from = next;
    }
    return sum;
}

static int64_t open_after(const struct model *model, unsigned calendar, int64_t from, int64_t left)
{
    while (left > 0) {
        int64_t next = (from / MINUTE + 1) * MINUTE;
        bool open = is_open(model, calendar, from / MINUTE);
        if (open && next - from >= left)
            return from + left;
        left -= open ? next - from : 0;
        from = next;
    }
    return from;
}

int64_t model_extended(const struct model *model, unsigned kind, int64_t due, int64_t from)
{
    unsigned calendar = model->rules.kind[kind].calendar;
    if (calendar == 0)
        return due + (model->time - from);
    return open_after(model, calendar - 1, due,
                      open_between(model, calendar - 1, from, model->time));
}

int64_t model_opens(const struct model *model, unsigned calendar, int64_t after)
{
    for (uint32_t i = 0; i < model->openings[calendar]; i++)
        if (model->opening[calendar][i].from * MINUTE > after)
            return model->opening[calendar][i].from * MINUTE;
    return INT64_MAX;
}

bool model_may_begin(const struct model *model, unsigned kind, unsigned arrangement)
{
    const struct pm_kind *k = &model->rules.kind[kind];
    for (unsigned s = 0; s < k->steps; s++)
        if (arrangement == PM_MANAGED && k->step[s].route == PM_ROUND && k->rounds != 0 &&
            model_opens(model, k->rounds - 1u, model->time) == INT64_MAX)
            return false;
    return model_calendar_covers(model, kind);
}

bool model_calendar_covers(const struct model *model, unsigned kind)
{
    const struct pm_kind *k = &model->rules.kind[kind];
    uint32_t longest = 0;
    if (k->calendar == 0)
        return true;
    for (unsigned s = 0; s < k->steps; s++) {
        if (k->step[s].window > longest)
            longest = k->step[s].window;
        if (k->step[s].decide > longest)
            longest = k->step[s].decide;
    }
    uint32_t openings = model->openings[k->calendar - 1];
    int64_t ends = model->opening[k->calendar - 1][openings - 1].to * MINUTE;
    return model_after(model, kind, model->time, longest) <= ends;
}
