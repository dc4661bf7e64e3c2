/*
 * workload_day.c: how many people a trust discharged on a day, from the published figures.
 */
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 16, LINE = 1024 };

/* Cuts a line at its commas, in place; what is beyond COLUMNS is left out. Returns how many. */
static unsigned cut(char *line, char *cell[COLUMNS])
{
    unsigned count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    while (line != NULL && count < COLUMNS)
        cell[count++] = strsep(&line, ",");
    return count;
}

/* Where the columns wanted are. */
struct columns {
    unsigned date, trust, total, count;
};

static bool find_column(char *cell[COLUMNS], unsigned count, const char *name, unsigned *out)
{
    for (*out = 0; *out < count; ++*out)
        if (strcmp(cell[*out], name) == 0)
            return true;
    return false;
}

static bool read_header(FILE *file, struct columns *out)
{
    char line[LINE], *cell[COLUMNS];
    if (fgets(line, sizeof line, file) == NULL)
        return false;
    out->count = cut(line, cell);
    return find_column(cell, out->count, "date", &out->date) &&
           find_column(cell, out->count, "nhs_trust_code", &out->trust) &&
           find_column(cell, out->count, "discharged_total", &out->total);
}

/* A number of people: fewer than a million, so that it is no other column's. */
static bool read_people(const char *text, uint32_t *out)
{
    char *end;
    size_t length = strlen(text);
    if (length == 0 || length > 6 || strspn(text, "0123456789") != length)
        return false;
    *out = (uint32_t)strtoul(text, &end, 10);
    return true;
}

static bool find_day(FILE *file, const struct columns *columns, struct pm_text trust, int32_t date,
                     uint32_t *out)
{
    char line[LINE], *cell[COLUMNS];
    while (fgets(line, sizeof line, file) != NULL)
        if (cut(line, cell) == columns->count &&
            pm_text_equal(pm_text(cell[columns->trust]), trust) &&
            pm_date_parse(pm_text(cell[columns->date])) == date)
            return read_people(cell[columns->total], out);
    return false;
}

bool workload_discharges(const char *path, struct pm_text trust, int32_t date, uint32_t *out,
                         struct pm_client_error *error)
{
    struct columns columns;
    char day[11];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        snprintf(error->text, sizeof error->text, "%.160s: %s.", path, strerror(errno));
        return false;
    }
    bool known = read_header(file, &columns);
    bool found = known && find_day(file, &columns, trust, date, out);
    if (!known)
        snprintf(error->text, sizeof error->text,
                 "%.80s: it needs a header with the columns date, nhs_trust_code and "
                 "discharged_total.",
                 path);
    else if (!found)
        snprintf(error->text, sizeof error->text,
                 "%.120s: it has no discharges of %.*s on %s (see --trust and --date).", path,
                 (int)(trust.length < 16 ? trust.length : 16), trust.bytes,
                 pm_date_text(date, day));
    fclose(file);
    return found;
}
