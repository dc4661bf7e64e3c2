/*
 * market_file_csv.c - rows of a CSV file with their lines and named cells. A row is one line: a
 * quoted cell with a line break in it is refused, so that a quotation mark left open is told where
 * it stands and does not swallow the rest of the file.
 */
#include "market_file.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct line {
    struct pm_text cell[MARKET_COLUMNS_MAX];
    size_t cells; /* how many the line has, also beyond those kept */
    size_t used;
    char bytes[MARKET_ROW_MAX];
};

struct table {
    struct reader *reader;
    const struct csv_table *form;
    const char *file;
    struct csv_parser parser;
    size_t position[MARKET_COLUMNS_MAX]; /* of each column in the file's lines; SIZE_MAX: none */
    size_t width;                        /* cells of the header, and so of each row */
    struct line line;
    bool has_header;
};

static void take_cell(void *bytes, size_t size, void *context)
{
    struct line *line = context;
    line->cells++;
    if (line->cells > MARKET_COLUMNS_MAX || size > sizeof line->bytes - line->used)
        return;
    if (size > 0)
        memcpy(line->bytes + line->used, bytes, size);
    line->cell[line->cells - 1] =
        (struct pm_text){.bytes = line->bytes + line->used, .length = (uint32_t)size};
    line->used += size;
}

static void end_row(int end, void *context)
{
    (void)end;
    (void)context;
}

/* Splits one line into its cells. */
static bool split(struct table *table, struct pm_text text, const struct field *here)
{
    struct csv_parser *parser = &table->parser;
    table->line.cells = 0;
    table->line.used = 0;
    if (text.length > MARKET_ROW_MAX)
        return mf_mistake(table->reader, here, "longer than %d bytes", MARKET_ROW_MAX);
    bool good = csv_parse(parser, text.bytes, text.length, take_cell, end_row, &table->line) ==
                    text.length &&
                csv_fini(parser, take_cell, end_row, &table->line) == 0;
    if (good)
        return true;
    if (csv_error(parser) == CSV_EPARSE)
        return mf_mistake(table->reader, here,
                          "a quotation mark out of place: quote a whole cell, on one line");
    return mf_out_of_memory(table->reader);
}

static bool check_column(struct table *table, size_t at, const struct field *here)
{
    struct pm_text text = table->line.cell[at];
    struct suggestion near = {.text = ""};
    for (size_t i = 0; i < table->form->count; i++) {
        if (!pm_text_equal(text, pm_text(table->form->columns[i]))) {
            mf_suggest(&near, text, pm_text(table->form->columns[i]));
            continue;
        }
        if (table->position[i] != SIZE_MAX)
            return mf_mistake(table->reader, here, "column \"%s\" is there twice",
                              table->form->columns[i]);
        table->position[i] = at;
        return true;
    }
    return mf_mistake(table->reader, here, "unknown column \"%.*s\"%s", mf_shown(text), text.bytes,
                      near.text);
}

static bool read_header(struct table *table, const struct field *here)
{
    size_t cells = table->line.cells;
    if (cells > MARKET_COLUMNS_MAX)
        return mf_mistake(table->reader, here, "%zu columns, %zu expected", cells,
                          table->form->count);
    for (size_t i = 0; i < table->form->count; i++)
        table->position[i] = SIZE_MAX;
    for (size_t at = 0; at < cells; at++) {
        if (!check_column(table, at, here))
            return false;
    }
    for (size_t i = 0; i < table->form->count - table->form->optional; i++) {
        if (table->position[i] == SIZE_MAX)
            return mf_mistake(table->reader, here, "column \"%s\" is missing",
                              table->form->columns[i]);
    }
    table->width = cells;
    table->has_header = true;
    return true;
}

static bool read_row(struct table *table, const struct field *here)
{
    struct csv_row row = {.file = table->file, .line = here->line, .columns = table->form->columns};
    if (table->line.cells != table->width)
        return mf_mistake(table->reader, here, "%zu cells, %zu expected", table->line.cells,
                          table->width);
    for (size_t i = 0; i < table->form->count; i++) {
        if (table->position[i] != SIZE_MAX)
            row.cell[i] = mf_trimmed(table->line.cell[table->position[i]]);
    }
    return table->form->row(table->reader, &row);
}

static bool read_line(struct table *table, struct pm_text text, size_t number)
{
    const struct field here = {.file = table->file, .line = number};
    if (text.length > 0 && text.bytes[text.length - 1] == '\r')
        text.length--;
    if (mf_trimmed(text).length == 0)
        return true;
    if (!split(table, text, &here))
        return false;
    return table->has_header ? read_row(table, &here) : read_header(table, &here);
}

static bool read_lines(struct table *table, const char *bytes, size_t size)
{
    const char *end = bytes + size;
    size_t number = 1;
    for (const char *at = bytes; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop != NULL ? stop : end) - at);
        if (!read_line(table, (struct pm_text){.bytes = at, .length = (uint32_t)length}, number))
            return false;
        at += length + (stop != NULL);
    }
    const struct field here = {.file = table->file};
    return table->has_header || mf_mistake(table->reader, &here, "empty: a header row expected");
}

bool mf_csv_read(struct reader *reader, const char *file, const char *bytes, size_t size,
                 const struct csv_table *form)
{
    static const char mark[] = "\xef\xbb\xbf"; /* spreadsheets put it before UTF-8 */
    if (!mf_check_text(reader, file, bytes, size))
        return false;
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return mf_out_of_memory(reader);
    table->reader = reader;
    table->form = form;
    table->file = file;
    if (csv_init(&table->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        free(table);
        return mf_out_of_memory(reader);
    }
    size_t skip = size >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    bool done = read_lines(table, bytes + skip, size - skip);
    csv_free(&table->parser);
    free(table);
    return done;
}

struct field mf_cell(const struct csv_row *row, size_t column)
{
    return (struct field){.file = row->file,
                          .name = row->columns[column],
                          .line = row->line,
                          .text = row->cell[column]};
}
