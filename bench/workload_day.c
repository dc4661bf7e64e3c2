/*
 * workload_day.c: how many people trusts discharged on a day, from the published figures.
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
    unsigned date, trust, early, late, total, count;
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
    find_column(cell, out->count, "discharged_by_1700", &out->early); /* or none */
    find_column(cell, out->count, "discharged_1701_to_2359", &out->late);
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

/* What is read, and where to. */
struct reading {
    struct columns columns;
    struct pm_text trust;
    int32_t from;
    unsigned days;
    struct workload_trust *trusts;
    uint64_t *sum, *rows; /* of all days of each trust */
    size_t count, room;
};

static bool make_room(struct reading *reading)
{
    if (reading->count < reading->room)
        return true;
    size_t room = reading->room * 2 + 16;
    struct workload_trust *trusts = realloc(reading->trusts, room * sizeof *trusts);
    uint64_t *sum = trusts != NULL ? realloc(reading->sum, room * sizeof *sum) : NULL;
    uint64_t *rows = sum != NULL ? realloc(reading->rows, room * sizeof *rows) : NULL;
    reading->trusts = trusts != NULL ? trusts : reading->trusts;
    reading->sum = sum != NULL ? sum : reading->sum;
    reading->rows = rows != NULL ? rows : reading->rows;
    reading->room = rows != NULL ? room : reading->room;
    return rows != NULL;
}

/* The trust's position, added when it is new; SIZE_MAX when out of memory. */
static size_t find_trust(struct reading *reading, struct pm_text code)
{
    for (size_t i = 0; i < reading->count; i++)
        if (pm_text_equal(pm_text(reading->trusts[i].code.text), code))
            return i;
    if (code.length > PM_NAME_MAX || !make_room(reading))
        return SIZE_MAX;
    struct workload_trust *trust = &reading->trusts[reading->count];
    *trust = (struct workload_trust){.mean = 0};
    memcpy(trust->code.text, code.bytes, code.length);
    reading->sum[reading->count] = reading->rows[reading->count] = 0;
    return reading->count++;
}

/* Thousandths before 17:00, where both parts are published. */
static uint32_t early_share(char *cell[COLUMNS], const struct columns *columns)
{
    uint32_t early, late;
    if (columns->early == columns->count || columns->late == columns->count ||
        !read_people(cell[columns->early], &early) || !read_people(cell[columns->late], &late) ||
        early + late == 0)
        return 0;
    return (uint32_t)((uint64_t)early * 1000 / (early + late));
}

/* False when out of memory. */
static bool take_row(struct reading *reading, char *cell[COLUMNS])
{
    const struct columns *columns = &reading->columns;
    struct pm_text code = pm_text(cell[columns->trust]);
    uint32_t people;
    if ((reading->trust.length != 0 && !pm_text_equal(code, reading->trust)) ||
        !read_people(cell[columns->total], &people))
        return true;
    size_t at = find_trust(reading, code);
    if (at == SIZE_MAX)
        return false;
    int64_t day = (int64_t)pm_date_parse(pm_text(cell[columns->date])) - reading->from;
    reading->sum[at] += people;
    reading->rows[at]++;
    if (day >= 0 && day < reading->days) {
        reading->trusts[at].discharges[day] = people;
        reading->trusts[at].early[day] = early_share(cell, columns);
    }
    return true;
}

/* Works the means out, and leaves out trusts without anybody on the days. */
static void finish(struct reading *reading)
{
    size_t kept = 0;
    for (size_t i = 0; i < reading->count; i++) {
        struct workload_trust *trust = &reading->trusts[i];
        uint64_t people = 0;
        for (unsigned day = 0; day < reading->days; day++)
            people += trust->discharges[day];
        trust->mean = (uint32_t)((reading->sum[i] + reading->rows[i] - 1) / reading->rows[i]);
        if (people > 0 || reading->trust.length != 0)
            reading->trusts[kept++] = *trust;
    }
    reading->count = kept;
}

static bool read_rows(FILE *file, struct reading *reading)
{
    char line[LINE], *cell[COLUMNS];
    while (fgets(line, sizeof line, file) != NULL)
        if (cut(line, cell) == reading->columns.count && !take_row(reading, cell))
            return false;
    finish(reading);
    return true;
}

static bool has_figures(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        for (unsigned day = 0; day < reading->days; day++)
            if (reading->trusts[i].discharges[day] > 0)
                return true;
    return false;
}

/* Reads it all; false with a sentence. */
static bool read_file(FILE *file, const char *path, struct reading *reading,
                      struct pm_client_error *error)
{
    char day[11];
    struct pm_text trust = reading->trust.length > 0 ? reading->trust : pm_text("any trust");
    if (!read_header(file, &reading->columns))
        snprintf(error->text, sizeof error->text,
                 "%.80s: it needs a header with the columns date, nhs_trust_code and "
                 "discharged_total.",
                 path);
    else if (!read_rows(file, reading))
        snprintf(error->text, sizeof error->text, "%.80s: out of memory.", path);
    else if (!has_figures(reading))
        snprintf(error->text, sizeof error->text,
                 "%.120s: it has no discharges of %.*s on %s (see --trust and --date).", path,
                 (int)(trust.length < 16 ? trust.length : 16), trust.bytes,
                 pm_date_text(reading->from, day));
    else
        return true;
    return false;
}

bool workload_trusts(const char *path, struct pm_text trust, int32_t from, unsigned days,
                     struct workload_trust **out, size_t *count, struct pm_client_error *error)
{
    struct reading reading = {.trust = trust, .from = from, .days = days};
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        snprintf(error->text, sizeof error->text, "%.160s: %s.", path, strerror(errno));
        return false;
    }
    bool good = read_file(file, path, &reading, error);
    fclose(file);
    free(reading.sum);
    free(reading.rows);
    *out = good ? reading.trusts : NULL;
    *count = good ? reading.count : 0;
    if (!good)
        free(reading.trusts);
    return good;
}

bool workload_discharges(const char *path, struct pm_text trust, int32_t date, uint32_t *out,
                         struct pm_client_error *error)
{
    struct workload_trust *trusts;
    size_t count;
    if (!workload_trusts(path, trust, date, 1, &trusts, &count, error))
        return false;
    *out = count > 0 ? trusts[0].discharges[0] : 0;
    free(trusts);
    return true;
}
