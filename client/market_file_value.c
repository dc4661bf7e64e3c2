/*
 * market_file_value.c - one text of a market file to one value, each with the sentence that says
 * what was expected. Nothing here depends on the locale, and money never passes through floating
 * point.
 */
#include "market_file.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 8 };

/* ---- Text ---- */

bool mf_value_text(struct reader *reader, const struct field *field, size_t max)
{
    if (field->node != NULL && field->node->type != YAML_SCALAR_NODE)
        return mf_mistake(reader, field, "one text expected, not a list or fields");
    if (field->text.length == 0)
        return mf_mistake(reader, field, "empty");
    if (field->text.length > max)
        return mf_mistake(reader, field, "%u bytes, %zu at most", field->text.length, max);
    return true;
}

bool mf_value_name(struct reader *reader, const struct field *field)
{
    if (!mf_value_text(reader, field, PM_NAME_MAX))
        return false;
    if (mf_trimmed(field->text).length != field->text.length)
        return mf_mistake(reader, field, "a name has no spaces at its ends");
    if (memchr(field->text.bytes, ';', field->text.length) != NULL ||
        memchr(field->text.bytes, '=', field->text.length) != NULL)
        return mf_mistake(reader, field, "a name has no ; or = in it");
    return true;
}

static bool expected(struct reader *reader, const struct field *field, const char *what)
{
    return mf_mistake(reader, field, "\"%.*s\" is not %s", mf_shown(field->text), field->text.bytes,
                      what);
}

/* ---- Numbers ---- */

/* Digits alone, to at most `max`. */
static bool digits(struct pm_text text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.bytes[i] - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return text.length > 0;
}

static bool outside(struct reader *reader, const struct field *field, int64_t min, int64_t max)
{
    return mf_mistake(reader, field, "%.*s, %lld to %lld expected", mf_shown(field->text),
                      field->text.bytes, (long long)min, (long long)max);
}

bool mf_value_whole(struct reader *reader, const struct field *field, int64_t min, int64_t max,
                    int64_t *out)
{
    if (!mf_value_text(reader, field, 64))
        return false;
    struct pm_text text = field->text;
    bool negative = text.bytes[0] == '-';
    text.bytes += negative;
    text.length -= negative;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return expected(reader, field, "a whole number");
    }
    if (text.length == 0)
        return expected(reader, field, "a whole number");
    uint64_t value = 0;
    if (!digits(text, INT64_MAX, &value))
        return outside(reader, field, min, max);
    *out = negative ? -(int64_t)value : (int64_t)value;
    return (*out >= min && *out <= max) || outside(reader, field, min, max);
}

bool mf_value_salt(struct reader *reader, const struct field *field, uint64_t *out)
{
    if (!mf_value_text(reader, field, 64))
        return false;
    return digits(field->text, UINT64_MAX, out) ||
           expected(reader, field, "a whole number from 0 to 18446744073709551615");
}

bool mf_value_pence(struct reader *reader, const struct field *field, int32_t *out)
{
    static const char what[] = "a rate in pounds, like 24.10";
    if (!mf_value_text(reader, field, 64))
        return false;
    struct pm_text whole = field->text;
    struct pm_text part = {.bytes = "00", .length = 2};
    const char *point = memchr(whole.bytes, '.', whole.length);
    if (point != NULL) {
        part.bytes = point + 1;
        part.length = whole.length - (uint32_t)(point - whole.bytes) - 1;
        whole.length = (uint32_t)(point - whole.bytes);
    }
    uint64_t pounds = 0;
    uint64_t pence = 0;
    if (part.length > 2 || !digits(part, 99, &pence) ||
        !digits(whole, MARKET_PENCE_MAX / 100 - 1, &pounds))
        return expected(reader, field, what);
    *out = (int32_t)(pounds * 100 + (part.length == 1 ? pence * 10 : pence));
    return true;
}

bool mf_value_duration(struct reader *reader, const struct field *field, int64_t min, int64_t max,
                       int64_t *out)
{
    static const struct {
        char letter;
        uint8_t zero;
        uint16_t minutes;
    } units[] = {{'m', 0, 1}, {'h', 0, 60}, {'d', 0, 1440}};
    if (!mf_value_text(reader, field, 64))
        return false;
    struct pm_text number = field->text;
    uint64_t minutes = 1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (number.bytes[number.length - 1] == units[i].letter) {
            minutes = units[i].minutes;
            number.length--;
            break;
        }
    }
    uint64_t value = 0;
    if (!digits(mf_trimmed(number), 1000000000, &value))
        return expected(reader, field, "a duration, like 30m, 4h, 2d or minutes");
    *out = (int64_t)(value * minutes);
    if (*out < min || *out > max)
        return mf_mistake(reader, field, "%lld minutes, %lld to %lld expected", (long long)*out,
                          (long long)min, (long long)max);
    return true;
}

/* ---- Words ---- */

static char folded(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte - 'A' + 'a');
    return byte == ' ' || byte == '-' ? '_' : byte;
}

static bool same_word(struct pm_text text, const char *word)
{
    if (text.length != strlen(word))
        return false;
    for (uint32_t i = 0; i < text.length; i++) {
        if (folded(text.bytes[i]) != word[i])
            return false;
    }
    return true;
}

/* "a, b or c" */
static void list_words(const char *(*name_of)(unsigned), char *out, size_t size)
{
    unsigned last = 0;
    size_t used = 0;
    for (unsigned i = 0; i < WORDS_MAX; i++)
        last = name_of(i) != NULL ? i : last;
    for (unsigned i = 0; i <= last; i++) {
        if (name_of(i) == NULL)
            continue;
        int length = snprintf(out + used, size - used, "%s%s",
                              used == 0   ? ""
                              : i == last ? " or "
                                          : ", ",
                              name_of(i));
        if (length < 0 || (size_t)length >= size - used)
            return;
        used += (size_t)length;
    }
}

bool mf_value_word(struct reader *reader, const struct field *field,
                   const char *(*name_of)(unsigned), uint8_t *out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    struct suggestion near = {.text = ""};
    for (unsigned i = 0; i < WORDS_MAX; i++) {
        const char *name = name_of(i);
        if (name == NULL)
            continue;
        if (same_word(field->text, name)) {
            *out = (uint8_t)i;
            return true;
        }
        mf_suggest(&near, field->text, pm_text(name));
    }
    char list[160] = "";
    list_words(name_of, list, sizeof list);
    return mf_mistake(reader, field, "\"%.*s\" is not %s%s", mf_shown(field->text),
                      field->text.bytes, list, near.text);
}

static const char *flag_name(unsigned flag)
{
    static const char *const names[] = {"no", "yes", "false", "true"};
    return flag < COUNT(names) ? names[flag] : NULL;
}

bool mf_value_flag(struct reader *reader, const struct field *field, uint8_t *out)
{
    if (!mf_value_word(reader, field, flag_name, out))
        return false;
    *out &= 1;
    return true;
}

/* ---- Dates, times, places ---- */

bool mf_value_date(struct reader *reader, const struct field *field, int32_t *out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    *out = pm_date_parse(field->text);
    return *out != INT32_MIN || expected(reader, field, "a date, like 2026-12-01");
}

/* "07:30" to minutes after midnight, 24:00 included. */
static bool clock_minutes(struct pm_text text, uint16_t *out)
{
    uint64_t hours = 0;
    uint64_t minutes = 0;
    if (text.length != 5 || text.bytes[2] != ':')
        return false;
    if (!digits((struct pm_text){.bytes = text.bytes, .length = 2}, 24, &hours) ||
        !digits((struct pm_text){.bytes = text.bytes + 3, .length = 2}, 59, &minutes))
        return false;
    *out = (uint16_t)(hours * 60 + minutes);
    return *out <= 1440;
}

bool mf_value_time_of_day(struct reader *reader, const struct field *field, uint16_t *out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    return clock_minutes(field->text, out) ||
           expected(reader, field, "a time of day, 00:00 to 24:00");
}

bool mf_value_time(struct reader *reader, const struct field *field, bool end, int64_t *out)
{
    const int64_t minute = 60000;
    const int64_t day = 1440 * minute;
    static const char what[] = "a date, like 2026-12-01, or a time (UTC), like 2026-12-01 07:30";
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    struct pm_text date = field->text;
    uint16_t minutes = 0;
    bool timed = date.length == 16 && date.bytes[10] == ' ';
    if (timed && !clock_minutes((struct pm_text){.bytes = date.bytes + 11, .length = 5}, &minutes))
        return expected(reader, field, what);
    date.length = timed ? 10 : date.length;
    int32_t days = pm_date_parse(date);
    if (days == INT32_MIN)
        return expected(reader, field, what);
    *out = (days + (end && !timed ? 1 : 0)) * day + minutes * minute;
    return true;
}

static int weekday(struct pm_text text)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (same_word(text, names[i]))
            return i;
    }
    return -1;
}

/* One part of a list of days: "sat", or "mon-fri" (which may run over Sunday). 0 when it is
 * neither. */
static uint8_t day_range(struct pm_text text)
{
    const char *dash = memchr(text.bytes, '-', text.length);
    struct pm_text first = text;
    struct pm_text last = text;
    if (dash != NULL) {
        first.length = (uint32_t)(dash - text.bytes);
        last.bytes = dash + 1;
        last.length = text.length - first.length - 1;
    }
    int from = weekday(mf_trimmed(first));
    int to = weekday(mf_trimmed(last));
    if (from < 0 || to < 0)
        return 0;
    uint8_t mask = 0;
    for (int day = from;; day = (day + 1) % 7) {
        mask = (uint8_t)(mask | 1 << day);
        if (day == to)
            return mask;
    }
}

bool mf_value_days(struct reader *reader, const struct field *field, uint8_t *out)
{
    static const char what[] = "days, like mon-fri or \"sat,sun\"";
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    struct pm_text rest = field->text;
    *out = 0;
    for (;;) {
        const char *comma = memchr(rest.bytes, ',', rest.length);
        struct pm_text part = rest;
        if (comma != NULL)
            part.length = (uint32_t)(comma - rest.bytes);
        uint8_t days = day_range(mf_trimmed(part));
        if (days == 0 || (*out & days) != 0)
            return expected(reader, field, what);
        *out = (uint8_t)(*out | days);
        if (comma == NULL)
            return true;
        rest.length -= part.length + 1;
        rest.bytes = comma + 1;
    }
}

bool mf_value_postcode(struct reader *reader, const struct field *field, bool sector_only,
                       uint64_t *out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    *out = pm_postcode_parse(field->text);
    if (*out == 0)
        return expected(reader, field,
                        "a postcode: a unit (RM18 8AB), sector (RM18 8) or district (RM18)");
    if (sector_only && pm_postcode_sector(*out) != *out)
        return expected(reader, field, "a postcode sector, like RM18 8");
    return true;
}

/* ---- Names of the market ---- */

/* Looks a name up in an array of structures that begin with their struct pm_name. */
static bool named(struct reader *reader, const struct field *field, const char *what,
                  const void *first, size_t count, size_t stride, uint8_t *out)
{
    if (!mf_value_text(reader, field, SIZE_MAX))
        return false;
    struct suggestion near = {.text = ""};
    for (size_t i = 0; i < count; i++) {
        const struct pm_name *name = (const void *)((const char *)first + i * stride);
        struct pm_text candidate = pm_text(name->text);
        if (pm_text_equal(candidate, field->text)) {
            *out = (uint8_t)i;
            return true;
        }
        mf_suggest(&near, field->text, candidate);
    }
    return mf_mistake(reader, field, "unknown %s \"%.*s\"%s", what, mf_shown(field->text),
                      field->text.bytes, near.text);
}

bool mf_value_calendar(struct reader *reader, const struct field *field, uint8_t *out)
{
    const struct pm_market_file *file = reader->file;
    return named(reader, field, "calendar", file->calendar, file->calendars,
                 sizeof file->calendar[0], out);
}

bool mf_value_locality(struct reader *reader, const struct field *field, uint8_t *out)
{
    const struct pm_market *market = reader->market;
    return named(reader, field, "locality", market->locality, market->localities,
                 sizeof market->locality[0], out);
}

bool mf_value_kind(struct reader *reader, const struct field *field, uint8_t *out)
{
    const struct pm_market *market = reader->market;
    return named(reader, field, "kind", market->kind, market->kinds, sizeof market->kind[0], out);
}

bool mf_value_lot(struct reader *reader, const struct field *field, uint8_t *out)
{
    const struct pm_market *market = reader->market;
    return named(reader, field, "lot", market->lot, market->lots, sizeof market->lot[0], out);
}

bool mf_value_capability(struct reader *reader, const struct field *field, uint8_t *out)
{
    const struct pm_market *market = reader->market;
    return named(reader, field, "capability", market->capability, market->capabilities,
                 sizeof market->capability[0], out);
}
