/*
 * cli_parse.c - what people type, as values.
 */
#include "client/cli_parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MINUTES_OF_DAY = 24 * 60,
    MS_OF_MINUTE = 60 * 1000,
    POUNDS_MAX = 20000000, /* so that pence fit 32 bits */
};
static const int64_t ms_of_day = (int64_t)MINUTES_OF_DAY * MS_OF_MINUTE;

/* Always false, so that a parser can end with it. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct pm_client_error *error,
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

/* A text's length for "%.*s", kept short enough that the sentence around it still fits. */
static int shown(struct pm_text text)
{
    return text.length < 60 ? (int)text.length : 60;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct pm_text cut(struct pm_text text, uint32_t from)
{
    return (struct pm_text){.bytes = text.bytes + from, .length = text.length - from};
}

static struct pm_text trim(struct pm_text text)
{
    while (text.length > 0 && is_blank(text.bytes[0]))
        text = cut(text, 1);
    while (text.length > 0 && is_blank(text.bytes[text.length - 1]))
        text.length--;
    return text;
}

static bool is_word(struct pm_text text, const char *word)
{
    return pm_text_equal(text, pm_text(word));
}

bool cli_next_part(struct pm_text *text, char separator, struct pm_text *part)
{
    if (text->bytes == NULL)
        return false;
    const char *end = text->length > 0 ? memchr(text->bytes, separator, text->length) : NULL;
    if (end == NULL) {
        *part = trim(*text);
        *text = (struct pm_text){0};
        return true;
    }
    uint32_t length = (uint32_t)(end - text->bytes);
    *part = trim((struct pm_text){.bytes = text->bytes, .length = length});
    *text = cut(*text, length + 1);
    return true;
}

/* The next word of a line, false when there is none. */
static bool next_word(struct pm_text *line, struct pm_text *word)
{
    *line = trim(*line);
    *word = *line;
    word->length = 0;
    while (word->length < line->length && !is_blank(line->bytes[word->length]))
        word->length++;
    *line = cut(*line, word->length);
    return word->length > 0;
}

/* Digits at the front of *text, which moves behind them; false when there is none, or it is beyond
 * max. */
static bool take_digits(struct pm_text *text, uint64_t max, uint64_t *out)
{
    uint32_t at = 0;
    uint64_t value = 0;
    for (; at < text->length && is_digit(text->bytes[at]); at++) {
        unsigned digit = (unsigned)(text->bytes[at] - '0');
        if (value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *text = cut(*text, at);
    *out = value;
    return at > 0;
}

/* Takes `word` from the front of *text, if it is there. */
static bool take_word(struct pm_text *text, const char *word)
{
    size_t length = strlen(word);
    if (text->length < length || memcmp(text->bytes, word, length) != 0)
        return false;
    *text = cut(*text, (uint32_t)length);
    return true;
}

bool cli_parse_number(struct pm_text text, uint64_t max, uint64_t *out,
                      struct pm_client_error *error)
{
    struct pm_text rest = text;
    if (text.length == 0 || !take_digits(&rest, max, out) || rest.length > 0)
        return wrong(error, "\"%.*s\" is not a whole number of at most %llu", shown(text),
                     text.bytes, (unsigned long long)max);
    return true;
}

/* ---- Days and times of day ---- */

/* A day's position, Monday 0; -1 when it is none. */
static int day_number(struct pm_text text)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int day = 0; day < 7; day++) {
        if (is_word(text, days[day]))
            return day;
    }
    return -1;
}

/* One day, or a range that may go over the week's end; 0 when it is neither. */
static uint8_t day_range(struct pm_text text)
{
    struct pm_text first;
    struct pm_text last;
    if (!cli_next_part(&text, '-', &first))
        return 0;
    if (!cli_next_part(&text, '\n', &last))
        last = first;
    int from = day_number(first);
    int to = day_number(last);
    if (from < 0 || to < 0)
        return 0;
    unsigned days = 1u << to;
    for (int day = from; day != to; day = (day + 1) % 7)
        days |= 1u << day;
    return (uint8_t)days;
}

bool cli_parse_days(struct pm_text text, uint8_t *out, struct pm_client_error *error)
{
    struct pm_text rest = text;
    struct pm_text part;
    uint8_t days = 0;
    while (cli_next_part(&rest, ',', &part)) {
        uint8_t more = day_range(part);
        if (is_word(part, "daily"))
            more = PM_EVERY_DAY;
        else if (is_word(part, "weekdays"))
            more = 0x1f;
        else if (is_word(part, "weekends"))
            more = 0x60;
        if (more == 0)
            return wrong(error,
                         "\"%.*s\" is not days: write mon, mon,wed,fri, mon-sun, daily, weekdays "
                         "or weekends",
                         shown(text), text.bytes);
        days |= more;
    }
    *out = days;
    return days != 0 || wrong(error, "no days are given");
}

/* "07:00" at the front of *text. */
static bool take_clock(struct pm_text *text, uint16_t *out)
{
    uint64_t hours;
    uint64_t minutes;
    struct pm_text from = *text;
    if (!take_digits(text, 24, &hours) || !take_word(text, ":"))
        return false;
    if (from.length - text->length > 3 || text->length < 2 || !is_digit(text->bytes[1]))
        return false;
    struct pm_text two = {.bytes = text->bytes, .length = 2};
    if (!take_digits(&two, 59, &minutes) || two.length > 0 || hours * 60 + minutes > MINUTES_OF_DAY)
        return false;
    *text = cut(*text, 2);
    *out = (uint16_t)(hours * 60 + minutes);
    return true;
}

bool cli_parse_clock(struct pm_text text, uint16_t *out, struct pm_client_error *error)
{
    struct pm_text rest = text;
    if (text.length == 0 || !take_clock(&rest, out) || rest.length > 0)
        return wrong(error, "\"%.*s\" is not a time of day such as 07:30", shown(text), text.bytes);
    return true;
}

/* "1h30m", "30m", "1h", "90" as minutes of at most max. */
static bool take_minutes(struct pm_text text, uint64_t max, uint64_t *out)
{
    uint64_t number;
    if (text.length == 0 || !take_digits(&text, max, &number))
        return false;
    *out = number;
    if (take_word(&text, "h")) {
        *out = number * 60;
        if (text.length == 0)
            return *out <= max;
        if (!take_digits(&text, 59, &number))
            return false;
        *out += number;
    }
    take_word(&text, "m");
    return text.length == 0 && *out <= max;
}

bool cli_parse_minutes(struct pm_text text, uint16_t *out, struct pm_client_error *error)
{
    uint64_t minutes;
    if (!take_minutes(text, MINUTES_OF_DAY, &minutes))
        return wrong(error, "\"%.*s\" is not a length such as 30m or 1h30m, within one day",
                     shown(text), text.bytes);
    *out = (uint16_t)minutes;
    return true;
}

bool cli_parse_shift(struct pm_text text, int32_t *out, struct pm_client_error *error)
{
    uint64_t minutes;
    struct pm_text rest = text;
    bool earlier = text.length > 0 && take_word(&rest, "-");
    if (text.length > 0 && !earlier)
        take_word(&rest, "+");
    if (!take_minutes(rest, MINUTES_OF_DAY, &minutes))
        return wrong(error, "\"%.*s\" is not a length such as 30m, or -30m for earlier",
                     shown(text), text.length > 0 ? text.bytes : "");
    *out = earlier ? -(int32_t)minutes : (int32_t)minutes;
    return true;
}

/* ---- Visits ---- */

static bool parse_window(struct pm_text text, struct pm_visit *out, struct pm_client_error *error)
{
    struct pm_text rest = text;
    if (!take_clock(&rest, &out->earliest) || !take_word(&rest, "-") ||
        !take_clock(&rest, &out->latest) || rest.length > 0)
        return wrong(error, "\"%.*s\" is not a window of times such as 07:00-10:00", shown(text),
                     text.bytes);
    if (out->earliest >= out->latest)
        return wrong(error, "the window %.*s ends before it begins", shown(text), text.bytes);
    return true;
}

static bool parse_carers(struct pm_text text, struct pm_visit *out, struct pm_client_error *error)
{
    uint64_t carers;
    struct pm_text rest = text;
    if (!take_word(&rest, "x") || !take_digits(&rest, 9, &carers) || rest.length > 0 || carers == 0)
        return wrong(error, "\"%.*s\" is neither a number of carers such as x2 nor \"critical\"",
                     shown(text), text.bytes);
    out->carers = (uint8_t)carers;
    return true;
}

bool cli_parse_visit(const char *text, struct pm_visit *out, struct pm_client_error *error)
{
    struct pm_text line = pm_text(text);
    struct pm_text days;
    struct pm_text window;
    struct pm_text length;
    struct pm_text word;
    *out = (struct pm_visit){.carers = 1};
    if (!next_word(&line, &days) || !next_word(&line, &window) || !next_word(&line, &length))
        return wrong(error,
                     "a visit is days, a window and a length, such as \"mon-sun 07:00-10:00 30m\"");
    if (!cli_parse_days(days, &out->days, error) || !parse_window(window, out, error) ||
        !cli_parse_minutes(length, &out->minutes, error))
        return false;
    while (next_word(&line, &word)) {
        if (is_word(word, "critical"))
            out->critical = 1;
        else if (!parse_carers(word, out, error))
            return false;
    }
    return true;
}

/* ---- Money ---- */

/* Pounds with or without commas for thousands, at the front of *text. */
static bool take_pounds(struct pm_text *text, uint64_t *out)
{
    uint64_t group;
    uint32_t before = text->length;
    if (!take_digits(text, POUNDS_MAX, out))
        return false;
    if (before - text->length > 3)
        return true;
    while (take_word(text, ",")) {
        before = text->length;
        if (!take_digits(text, 999, &group) || before - text->length != 3)
            return false;
        *out = *out * 1000 + group;
        if (*out > POUNDS_MAX)
            return false;
    }
    return true;
}

bool cli_parse_pounds(struct pm_text text, int32_t *out, struct pm_client_error *error)
{
    uint64_t pounds = 0;
    uint64_t pence = 0;
    struct pm_text rest = text;
    bool well = text.length > 0;
    if (well)
        take_word(&rest, "\xc2\xa3"); /* the pound sign */
    well = well && take_pounds(&rest, &pounds);
    if (well && take_word(&rest, "."))
        well = rest.length == 2 && take_digits(&rest, 99, &pence);
    if (!well || rest.length > 0)
        return wrong(error, "\"%.*s\" is not an amount in pounds such as 24.10", shown(text),
                     text.bytes);
    *out = (int32_t)(pounds * 100 + pence);
    return true;
}

bool cli_parse_rate(const char *text, struct pm_rate *out, struct pm_client_error *error)
{
    struct pm_text rest = pm_text(text);
    struct pm_text first;
    struct pm_text second;
    out->from = 0;
    if (!cli_next_part(&rest, '=', &first))
        return wrong(error, "a rate is pounds, or a date and pounds, such as 2026-04-01=24.10");
    if (!cli_next_part(&rest, '\n', &second))
        return cli_parse_pounds(first, &out->pence, error);
    return cli_parse_date(first, &out->from, error) && cli_parse_pounds(second, &out->pence, error);
}

/* ---- Dates and times ---- */

bool cli_parse_date(struct pm_text text, int32_t *out, struct pm_client_error *error)
{
    *out = text.length > 0 ? pm_date_parse(text) : INT32_MIN;
    if (*out == INT32_MIN)
        return wrong(error, "\"%.*s\" is not a date such as 2026-12-01", shown(text),
                     text.length > 0 ? text.bytes : "");
    return true;
}

/* "15:04", "15:04:05", with or without Z behind it: milliseconds after midnight. */
static bool parse_time_of_day(struct pm_text text, int64_t *out)
{
    uint16_t minutes;
    uint64_t seconds = 0;
    if (!take_clock(&text, &minutes) || minutes == MINUTES_OF_DAY)
        return false;
    if (take_word(&text, ":") && (text.length < 2 || !take_digits(&text, 59, &seconds)))
        return false;
    take_word(&text, "Z");
    *out = (int64_t)minutes * MS_OF_MINUTE + (int64_t)seconds * 1000;
    return text.length == 0;
}

bool cli_parse_time(struct pm_text text, int64_t *out, struct pm_client_error *error)
{
    enum { DATE_LENGTH = 10 };
    struct pm_text rest = text;
    uint64_t number;
    int64_t time = 0;
    if (text.length > 0 && take_digits(&rest, INT64_MAX, &number) && rest.length == 0) {
        *out = (int64_t)number;
        return true;
    }
    struct pm_text day = {.bytes = text.bytes, .length = DATE_LENGTH};
    int32_t date = text.length >= DATE_LENGTH ? pm_date_parse(day) : INT32_MIN;
    bool well = date != INT32_MIN;
    if (well && text.length > DATE_LENGTH) {
        char parting = text.bytes[DATE_LENGTH];
        well = (parting == ' ' || parting == 'T') &&
               parse_time_of_day(cut(text, DATE_LENGTH + 1), &time);
    }
    if (!well)
        return wrong(
            error,
            "\"%.*s\" is not a time such as \"2026-12-01 15:04\" (UTC) or milliseconds since 1970",
            shown(text), text.length > 0 ? text.bytes : "");
    *out = date * ms_of_day + time;
    return true;
}

/* The unit that ends a duration, in milliseconds; 0 when it is none. */
static uint64_t unit_ms(struct pm_text unit)
{
    if (unit.length == 0 || is_word(unit, "s"))
        return 1000;
    if (is_word(unit, "ms"))
        return 1;
    if (is_word(unit, "m"))
        return MS_OF_MINUTE;
    return is_word(unit, "h") ? 60 * MS_OF_MINUTE : 0;
}

bool cli_parse_duration(struct pm_text text, uint32_t *out, struct pm_client_error *error)
{
    uint64_t whole = 0;
    uint64_t tenths = 0;
    struct pm_text rest = text;
    bool well = text.length > 0 && take_digits(&rest, (uint64_t)ms_of_day, &whole);
    if (well && take_word(&rest, "."))
        well = rest.length > 0 && take_digits(&rest, 9, &tenths);
    uint64_t unit = well ? unit_ms(rest) : 0;
    uint64_t ms = whole * unit + tenths * unit / 10;
    if (unit == 0 || ms > (uint64_t)ms_of_day)
        return wrong(error,
                     "\"%.*s\" is not a length of time such as 10, 500ms, 2m or 1h, a day at most",
                     shown(text), text.length > 0 ? text.bytes : "");
    *out = (uint32_t)ms;
    return true;
}

/* ---- The rest ---- */

bool cli_parse_actor(const char *text, struct pm_actor *out, struct pm_client_error *error)
{
    struct pm_text rest = pm_text(text);
    struct pm_text role;
    if (!cli_next_part(&rest, ':', &role))
        role = (struct pm_text){0};
    int number = role.length > 0 ? pm_name_parse(pm_role_name, role) : -1;
    if (number < 0 || number == PM_DAEMON)
        return wrong(error,
                     "\"%.60s\" does not begin with a role: broker, hospital, provider, "
                     "commissioner or operator, as in provider:NAME",
                     text);
    out->role = (uint8_t)number;
    rest = trim(rest);
    if (rest.length > PM_NAME_MAX)
        return wrong(error, "the name \"%.*s\" is longer than %d bytes", shown(rest), rest.bytes,
                     PM_NAME_MAX);
    if (rest.length > 0)
        out->name = rest;
    return true;
}

bool cli_parse_postcode(struct pm_text text, uint64_t *out, struct pm_client_error *error)
{
    *out = text.length > 0 ? pm_postcode_parse(text) : 0;
    if (*out == 0)
        return wrong(error, "\"%.*s\" is not a postcode such as \"RM18 8AB\", \"RM18 8\" or RM18",
                     shown(text), text.length > 0 ? text.bytes : "");
    return true;
}

bool cli_parse_amount(struct pm_text text, struct cli_amount *out, struct pm_client_error *error)
{
    struct pm_text rest = text;
    struct pm_text amount = {0};
    uint64_t value;
    if (!cli_next_part(&rest, '=', &out->name) || !cli_next_part(&rest, '\n', &amount) ||
        out->name.length == 0 || !take_minutes(amount, INT32_MAX, &value))
        return wrong(error,
                     "\"%.*s\" is not a band and what it has, such as morning=420 or morning=7h",
                     shown(text), text.length > 0 ? text.bytes : "");
    out->amount = (int32_t)value;
    return true;
}
