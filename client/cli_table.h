/*
 * cli_table.h - values as people read them, and tables of them.
 */
#ifndef PM_CLI_TABLE_H
#define PM_CLI_TABLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cli_format {
    CLI_PLAIN,  /* text as it is; a list parted by commas; a number by its digits */
    CLI_NUMBER, /* digits, to the right */
    CLI_MONEY,  /* pence as £24.10, to the right */
    CLI_TIME,   /* milliseconds as 2024-12-24 15:04, UTC; 0 is none */
    CLI_DATE,   /* days as 2024-12-24; 0 is none */
    CLI_UNITS,  /* minutes a week as 3 h 20 min, or places, to the right */
};

struct cli_column {
    const char *key;   /* of the rows; NULL ends the columns */
    const char *title; /* what stands over it */
    enum cli_format format;
};

/* Prints an array of maps. Columns that no row fills are left out, so that a table shows what is
 * there. */
void cli_table(FILE *out, const struct cli_column *columns, const json_t *rows);

/* Prints the members of one map that the columns name, a line each. */
void cli_sheet(FILE *out, const struct cli_column *columns, const json_t *map);

/* A member as text, to be freed; empty when it is not there. NULL when out of memory. */
char *cli_cell(const json_t *map, const struct cli_column *column);

/* Each writes into out[] and returns it. */
enum { CLI_SHORT = 40 };
char *cli_money(int64_t pence, char out[CLI_SHORT]);
char *cli_time(int64_t ms, char out[CLI_SHORT]);
char *cli_minutes(int64_t minutes, char out[CLI_SHORT]);
/* Days as bits, Monday the lowest, as "mon-fri,sun". */
char *cli_days(unsigned days, char out[CLI_SHORT]);

/* How many columns of a terminal a text takes. */
size_t cli_width(const char *utf8);

/* Replaces what a terminal would obey rather than show: control characters and changes of
 * direction. */
void cli_clean(char *utf8);

#endif
