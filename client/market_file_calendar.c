/*
 * market_file_calendar.c - the calendars of a market file: opening hours of a week by the clocks of
 * a time zone, or times of day, and days on which it is closed, worked out as intervals of UTC. A
 * time is a minute of opening.
 *
 * Hours lie within one day; those that go on after midnight are two, and become one interval. Where
 * clocks change within hours, the interval is longer or shorter by as much; market_file_zone.h says
 * what hours are that begin or end at a time that does not exist on that day, or exists twice.
 *
 * No clock is read: the file says from when to when, so it always reads as the same intervals, as
 * long as the system's time-zone data say the same.
 */
#include "market_file.h"
#include "market_file_zone.h"

#include <string.h>

enum {
    DAY = 1440,
    WEEKDAYS = 7,
    HOURS_MAX = 8,      /* intervals of a day */
    CLOSED_MAX = 512,   /* days: all of the bank holidays of the longest calendar, and others */
    SPAN_MIN = 400,     /* days from the first to the last: a year, and time to load the next */
    SPAN_MAX = 10 * 366 /* for longer nobody knows how clocks will change */
};

struct hours {
    uint16_t from, to;
};

/* What a calendar says. */
struct plan {
    bool at;          /* times, not hours */
    int32_t from, to; /* dates, both included */
    struct hours hours[WEEKDAYS][HOURS_MAX];
    uint8_t counts[WEEKDAYS];
    int32_t closed[CLOSED_MAX]; /* dates */
    size_t closed_count;
};

/* ---- What it says ---- */

/* "09:00-17:00", after those of the day that are read already. */
static bool read_hours(struct reader *reader, const struct field *field, struct hours *hours,
                       size_t at)
{
    struct field from = *field;
    struct field to = *field;
    const char *dash = memchr(field->text.bytes, '-', field->text.length);
    if (dash == NULL)
        return mf_mistake(reader, field, "\"%.*s\" is not hours, like 09:00-17:00",
                          mf_shown(field->text), field->text.bytes);
    from.text.length = (uint32_t)(dash - field->text.bytes);
    to.text =
        (struct pm_text){.bytes = dash + 1, .length = field->text.length - from.text.length - 1};
    if (!mf_value_time_of_day(reader, &from, &hours[at].from) ||
        !mf_value_time_of_day(reader, &to, &hours[at].to))
        return false;
    if (hours[at].to <= hours[at].from)
        return mf_mistake(reader, field, "%.*s ends before it begins: give each day its part",
                          mf_shown(field->text), field->text.bytes);
    if (at > 0 && hours[at].from < hours[at - 1].to)
        return mf_mistake(reader, field, "%.*s begins before the hours before it end",
                          mf_shown(field->text), field->text.bytes);
    return true;
}

/* "11:00", likewise. */
static bool read_time(struct reader *reader, const struct field *field, struct hours *hours,
                      size_t at)
{
    if (!mf_value_time_of_day(reader, field, &hours[at].from))
        return false;
    hours[at].to = (uint16_t)(hours[at].from + 1);
    if (hours[at].from == DAY)
        return mf_mistake(reader, field, "24:00 is 00:00 of the next day");
    if (at > 0 && hours[at].from <= hours[at - 1].to)
        return mf_mistake(reader, field, "%.*s is not later than the time before it",
                          mf_shown(field->text), field->text.bytes);
    return true;
}

/* Hours, or times, of a day, with spaces between. */
static bool read_day(struct reader *reader, const struct field *field, bool times,
                     struct hours *hours, uint8_t *count)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    struct pm_text rest = mf_trimmed(field->text);
    *count = 0;
    while (rest.length > 0) {
        struct field item = *field;
        const char *space = memchr(rest.bytes, ' ', rest.length);
        item.text = rest;
        if (space != NULL)
            item.text.length = (uint32_t)(space - rest.bytes);
        if (*count == HOURS_MAX)
            return mf_mistake(reader, field, "open more than %d times a day", HOURS_MAX);
        if (!(times ? read_time : read_hours)(reader, &item, hours, *count))
            return false;
        ++*count;
        rest.bytes += item.text.length;
        rest.length -= item.text.length;
        rest = mf_trimmed(rest);
    }
    return *count > 0 || mf_mistake(reader, field, "empty: leave the day out");
}

/* The key is days, the value their hours or times. */
static bool read_days(struct reader *reader, const struct field *entry, struct plan *plan)
{
    struct field days = *entry->up;
    struct hours hours[HOURS_MAX] = {{0}};
    uint8_t count = 0;
    uint8_t mask = 0;
    days.line = entry->line;
    days.node = NULL;
    days.text = pm_text(entry->name);
    if (!mf_value_days(reader, &days, &mask) || !read_day(reader, entry, plan->at, hours, &count))
        return false;
    for (size_t day = 0; day < WEEKDAYS; day++) {
        if ((mask >> day & 1) == 0)
            continue;
        if (plan->counts[day] != 0)
            return mf_mistake(reader, entry, "a day that has its hours already");
        memcpy(plan->hours[day], hours, sizeof hours);
        plan->counts[day] = count;
    }
    return true;
}

static bool read_open(struct reader *reader, const struct field *map, struct plan *plan)
{
    struct field open;
    plan->at = mf_find(reader, map, "at", &open);
    if (plan->at && mf_find(reader, map, "open", &open))
        return mf_mistake(reader, &open, "the calendar has times in \"at\": no hours beside them");
    if (!mf_get_named(reader, map, plan->at ? "at" : "open", WEEKDAYS, &open))
        return false;
    for (size_t i = 0; i < mf_length(&open); i++) {
        struct field entry = mf_at(reader, &open, i);
        if (!read_days(reader, &entry, plan))
            return false;
    }
    return true;
}

static bool is_closed(const struct plan *plan, int32_t date)
{
    for (size_t i = 0; i < plan->closed_count; i++) {
        if (plan->closed[i] == date)
            return true;
    }
    return false;
}

static bool read_closed(struct reader *reader, const struct field *map, struct plan *plan)
{
    struct field list;
    if (!mf_find(reader, map, "closed", &list))
        return true;
    if (!mf_list(reader, &list, 0, CLOSED_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&list); i++) {
        struct field item = mf_at(reader, &list, i);
        int32_t date = 0;
        if (!mf_value_date(reader, &item, &date))
            return false;
        if (date < plan->from || date > plan->to)
            return mf_mistake(reader, &item, "%.*s is not between from and to", mf_shown(item.text),
                              item.text.bytes);
        if (is_closed(plan, date))
            return mf_mistake(reader, &item, "%.*s is there twice", mf_shown(item.text),
                              item.text.bytes);
        plan->closed[plan->closed_count++] = date;
    }
    return true;
}

static bool read_span(struct reader *reader, const struct field *map, struct plan *plan)
{
    struct field from;
    struct field to;
    if (!mf_get(reader, map, "from", &from) || !mf_value_date(reader, &from, &plan->from) ||
        !mf_get(reader, map, "to", &to) || !mf_value_date(reader, &to, &plan->to))
        return false;
    if (plan->from == 0) /* east of Greenwich it begins before the times that there are */
        return mf_mistake(reader, &from, "1970-01-02 or later expected");
    int32_t days = plan->to - plan->from;
    if (days < 0)
        return mf_mistake(reader, &to, "%.*s is before from", mf_shown(to.text), to.text.bytes);
    return (days >= SPAN_MIN && days <= SPAN_MAX) ||
           mf_mistake(reader, &to, "%d days after from, %d to %d expected", days, SPAN_MIN,
                      SPAN_MAX);
}

/* ---- What that is in UTC ---- */

/* False when there is no more room. */
static bool add_opening(struct pm_opening *opening, uint32_t *count, int32_t from, int32_t to)
{
    if (from >= to) /* all of it at times that do not exist */
        return true;
    if (*count > 0 && from <= opening[*count - 1].to) {
        if (to > opening[*count - 1].to)
            opening[*count - 1].to = to;
        return true;
    }
    if (*count == PM_OPENINGS_MAX)
        return false;
    opening[(*count)++] = (struct pm_opening){.from = from, .to = to};
    return true;
}

static bool add_day(const struct plan *plan, int32_t date, struct pm_opening *opening,
                    uint32_t *count)
{
    int32_t day = (date + 3) % WEEKDAYS; /* 1970-01-01 was a Thursday */
    for (size_t i = 0; i < plan->counts[day]; i++) {
        const struct hours *hours = &plan->hours[day][i];
        if (!add_opening(opening, count, mf_zone_opens(date * DAY + hours->from),
                         mf_zone_closes(date * DAY + hours->to)))
            return false;
    }
    return true;
}

/* In the zone that was entered. Returns the first date that there is no room for, or that after the
 * last. */
static int32_t add_days(const struct plan *plan, struct pm_opening *opening, uint32_t *count)
{
    int32_t date = plan->from;
    while (date <= plan->to && (is_closed(plan, date) || add_day(plan, date, opening, count)))
        date++;
    return date;
}

static bool work_out(struct reader *reader, const struct field *map, const struct plan *plan,
                     struct pm_calendar *calendar)
{
    struct field field;
    struct zone zone;
    char text[11];
    struct pm_opening *opening =
        mf_arena_take(&reader->file->arena, PM_OPENINGS_MAX * sizeof *opening);
    if (opening == NULL)
        return mf_out_of_memory(reader);
    if (!mf_get(reader, map, "time_zone", &field) || !mf_value_text(reader, &field, SIZE_MAX))
        return false;
    enum zone_outcome outcome = mf_zone_enter(&zone, field.text);
    if (outcome == ZONE_NO_MEMORY)
        return mf_out_of_memory(reader);
    if (outcome == ZONE_UNKNOWN)
        return mf_mistake(reader, &field,
                          "\"%.*s\" is no time zone of this system (package tzdata), like "
                          "Europe/London",
                          mf_shown(field.text), field.text.bytes);
    int32_t end = add_days(plan, opening, &calendar->openings);
    mf_zone_leave(&zone);
    calendar->opening = opening;
    if (end <= plan->to)
        return mf_get(reader, map, "to", &field) &&
               mf_mistake(reader, &field, "more than %d opening intervals: %s is as far as they go",
                          PM_OPENINGS_MAX, pm_date_text(end - 1, text));
    return calendar->openings > 0 || mf_mistake(reader, map, "never open");
}

static bool read_calendar(struct reader *reader, const struct field *field,
                          struct pm_calendar *calendar)
{
    static const char *const keys[] = {"time_zone", "open", "at", "closed", "from", "to"};
    struct plan plan = {0};
    return mf_key_name(reader, field, &calendar->name) &&
           mf_map(reader, field, keys, COUNT(keys)) && read_span(reader, field, &plan) &&
           read_open(reader, field, &plan) && read_closed(reader, field, &plan) &&
           work_out(reader, field, &plan, calendar);
}

bool mf_calendars_read(struct reader *reader, const struct field *root)
{
    struct pm_market_file *file = reader->file;
    struct field map;
    if (!mf_find(reader, root, "calendars", &map))
        return true;
    if (!mf_map(reader, &map, NULL, PM_CALENDARS_MAX))
        return false;
    for (size_t i = 0; i < mf_length(&map); i++) {
        struct field entry = mf_at(reader, &map, i);
        if (!read_calendar(reader, &entry, &file->calendar[i]))
            return false;
        file->calendars++;
    }
    return true;
}
