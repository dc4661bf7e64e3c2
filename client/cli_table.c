/*
 * cli_table.c - values as people read them, and tables of them.
 */
#include "client/cli_table.h"

#include "placemat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAP = 2,          /* blanks between columns */
    PLACES_BELOW = 5, /* the shortest visit has 5 minutes: fewer units are places */
    DATE_MAX = 84006, /* 2200-01-01 */
    COLUMNS_MAX = 24,
    MS_OF_MINUTE = 60 * 1000,
    MINUTES_OF_DAY = 24 * 60,
};

/* ---- Text on a terminal ---- */

/* The character at *at, which moves behind it; a byte that is no UTF-8 stands for itself. */
static uint32_t next_character(const char **at)
{
    const unsigned char *byte = (const unsigned char *)*at;
    unsigned more = byte[0] >= 0xf0 ? 3 : byte[0] >= 0xe0 ? 2 : byte[0] >= 0xc0 ? 1 : 0;
    uint32_t character = more > 0 ? byte[0] & (0x3fu >> more) : byte[0];
    for (unsigned i = 1; i <= more; i++) {
        if ((byte[i] & 0xc0) != 0x80) {
            (*at)++;
            return byte[0];
        }
        character = character << 6 | (byte[i] & 0x3f);
    }
    *at += more + 1;
    return character;
}

struct range {
    uint32_t from, to;
};

static bool within(const struct range *ranges, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].from && character <= ranges[i].to)
            return true;
    }
    return false;
}

static size_t character_width(uint32_t character)
{
    static const struct range none[] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0xfe00, 0xfe0f}};
    static const struct range wide[] = {{0x1100, 0x115f},  {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},
                                        {0xf900, 0xfaff},  {0xff00, 0xff60}, {0x1f300, 0x1faff},
                                        {0x20000, 0x3fffd}};
    if (within(none, sizeof none / sizeof none[0], character))
        return 0;
    return within(wide, sizeof wide / sizeof wide[0], character) ? 2 : 1;
}

size_t cli_width(const char *utf8)
{
    size_t width = 0;
    while (*utf8 != '\0')
        width += character_width(next_character(&utf8));
    return width;
}

void cli_clean(char *utf8)
{
    static const struct range obeyed[] = {
        {0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
    for (const char *at = utf8; *at != '\0';) {
        char *from = utf8 + (at - utf8);
        if (within(obeyed, sizeof obeyed / sizeof obeyed[0], next_character(&at)))
            memset(from, '?', (size_t)(at - from));
    }
}

/* ---- Values ---- */

char *cli_money(int64_t pence, char out[CLI_SHORT])
{
    uint64_t amount = pence < 0 ? 0 - (uint64_t)pence : (uint64_t)pence;
    uint64_t pounds = amount / 100;
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, pounds);
    int used = snprintf(out, CLI_SHORT, "%s\xc2\xa3", pence < 0 ? "-" : "");
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    snprintf(out + used, (size_t)(CLI_SHORT - used), ".%02u", (unsigned)(amount % 100));
    return out;
}

char *cli_time(int64_t ms, char out[CLI_SHORT])
{
    char day[11];
    int32_t date = ms >= 0 && ms / MS_OF_MINUTE / MINUTES_OF_DAY <= DATE_MAX ? pm_date_of(ms) : -1;
    if (date < 0) {
        snprintf(out, CLI_SHORT, "%" PRId64, ms);
        return out;
    }
    int64_t minute = ms / MS_OF_MINUTE % MINUTES_OF_DAY;
    snprintf(out, CLI_SHORT, "%s %02d:%02d", pm_date_text(date, day), (int)(minute / 60),
             (int)(minute % 60));
    return out;
}

char *cli_minutes(int64_t minutes, char out[CLI_SHORT])
{
    int64_t hours = minutes / 60;
    int64_t rest = minutes % 60;
    if (hours == 0)
        snprintf(out, CLI_SHORT, "%" PRId64 " min", rest);
    else if (rest == 0)
        snprintf(out, CLI_SHORT, "%" PRId64 " h", hours);
    else
        snprintf(out, CLI_SHORT, "%" PRId64 " h %" PRId64 " min", hours, rest < 0 ? -rest : rest);
    return out;
}

char *cli_days(unsigned days, char out[CLI_SHORT])
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    size_t used = 0;
    out[0] = '\0';
    for (unsigned day = 0; day < 7; day++) {
        if (!(days & 1u << day))
            continue;
        unsigned last = day;
        while (last < 6 && (days & 1u << (last + 1)))
            last++;
        used +=
            (size_t)snprintf(out + used, CLI_SHORT - used, "%s%s", used > 0 ? "," : "", names[day]);
        if (last > day)
            used += (size_t)snprintf(out + used, CLI_SHORT - used, "%c%s",
                                     last > day + 1 ? '-' : ',', names[last]);
        day = last;
    }
    return out;
}

static void date_text(int64_t date, char out[CLI_SHORT])
{
    char day[11];
    if (date > 0 && date <= DATE_MAX)
        snprintf(out, CLI_SHORT, "%s", pm_date_text((int32_t)date, day));
    else
        snprintf(out, CLI_SHORT, "%s", "");
}

/* `unit` says which units they are; without it, few are places. */
static void units_text(int64_t units, const char *unit, char out[CLI_SHORT])
{
    bool minutes = units == 0 || units >= PLACES_BELOW;
    if (unit != NULL)
        minutes = strcmp(unit, "places") != 0;
    if (minutes)
        cli_minutes(units, out);
    else
        snprintf(out, CLI_SHORT, "%" PRId64 "%s", units, units == 1 ? " place" : " places");
}

static void number_text(int64_t number, enum cli_format format, const char *unit,
                        char out[CLI_SHORT])
{
    out[0] = '\0';
    if (format == CLI_MONEY)
        cli_money(number, out);
    else if (format == CLI_TIME && number != 0)
        cli_time(number, out);
    else if (format == CLI_DATE)
        date_text(number, out);
    else if (format == CLI_UNITS)
        units_text(number, unit, out);
    else if (format != CLI_TIME)
        snprintf(out, CLI_SHORT, "%" PRId64, number);
}

/* Writes a value; what lists hold is parted by commas, what maps hold is in words as well as can
 * be. */
static void write_value(FILE *out, const json_t *value, enum cli_format format, const char *unit)
{
    char text[CLI_SHORT];
    size_t at;
    const json_t *each;
    if (json_is_integer(value)) {
        number_text(json_integer_value(value), format, unit, text);
        fputs(text, out);
    } else if (json_is_array(value)) {
        json_array_foreach(value, at, each)
        {
            fputs(at > 0 ? ", " : "", out);
            write_value(out, each, format, unit);
        }
    } else if (json_is_string(value)) {
        fputs(json_string_value(value), out);
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "yes" : "no", out);
    } else if (json_is_object(value)) {
        char *json = json_dumps(value, JSON_COMPACT);
        fputs(json != NULL ? json : "", out);
        free(json);
    }
}

char *cli_cell(const json_t *map, const struct cli_column *column)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    write_value(out, json_object_get(map, column->key), column->format,
                json_string_value(json_object_get(map, "unit")));
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    cli_clean(text);
    return text;
}

/* ---- Tables ---- */

/* A table laid out: cells by row, then column; widths of columns, 0 for one left out. */
struct layout {
    size_t rows, columns;
    char **cell;
    size_t width[COLUMNS_MAX];
};

static bool to_the_right(enum cli_format format)
{
    return format == CLI_NUMBER || format == CLI_MONEY || format == CLI_UNITS;
}

static void blanks(FILE *out, size_t count)
{
    for (; count > 0; count--)
        fputc(' ', out);
}

static bool lay_out(struct layout *layout, const struct cli_column *columns, const json_t *rows)
{
    for (layout->columns = 0; columns[layout->columns].key != NULL; layout->columns++)
        continue;
    layout->rows = json_array_size(rows);
    layout->cell = calloc(layout->rows * layout->columns + 1, sizeof *layout->cell);
    if (layout->cell == NULL || layout->columns > COLUMNS_MAX)
        return false;
    for (size_t i = 0; i < layout->rows * layout->columns; i++) {
        size_t column = i % layout->columns;
        char *cell = cli_cell(json_array_get(rows, i / layout->columns), &columns[column]);
        if (cell == NULL)
            return false;
        layout->cell[i] = cell;
        size_t width = cli_width(cell);
        size_t least = cli_width(columns[column].title);
        if (width > 0 && width < least)
            width = least;
        if (width > layout->width[column])
            layout->width[column] = width;
    }
    return true;
}

static void print_line(FILE *out, const struct layout *layout, const struct cli_column *columns,
                       char *const *cells)
{
    size_t due = 0; /* blanks still to come: none are left at the line's end */
    for (size_t column = 0; column < layout->columns; column++) {
        if (layout->width[column] == 0)
            continue;
        const char *text = cells != NULL ? cells[column] : columns[column].title;
        size_t pad = layout->width[column] - cli_width(text);
        bool right = to_the_right(columns[column].format);
        if (text[0] != '\0') {
            blanks(out, due + (right ? pad : 0));
            fputs(text, out);
            due = right ? GAP : pad + GAP;
        } else {
            due += layout->width[column] + GAP;
        }
    }
    fputc('\n', out);
}

void cli_table(FILE *out, const struct cli_column *columns, const json_t *rows)
{
    struct layout layout = {0};
    if (lay_out(&layout, columns, rows)) {
        print_line(out, &layout, columns, NULL);
        for (size_t row = 0; row < layout.rows; row++)
            print_line(out, &layout, columns, layout.cell + row * layout.columns);
    }
    for (size_t i = 0; layout.cell != NULL && i < layout.rows * layout.columns; i++)
        free(layout.cell[i]);
    free(layout.cell);
}

void cli_sheet(FILE *out, const struct cli_column *columns, const json_t *map)
{
    size_t widest = 0;
    for (const struct cli_column *column = columns; column->key != NULL; column++) {
        size_t width = cli_width(column->title);
        widest = width > widest ? width : widest;
    }
    for (const struct cli_column *column = columns; column->key != NULL; column++) {
        char *text = cli_cell(map, column);
        if (text != NULL && text[0] != '\0') {
            fputs(column->title, out);
            blanks(out, widest - cli_width(column->title) + GAP);
            fprintf(out, "%s\n", text);
        }
        free(text);
    }
}
