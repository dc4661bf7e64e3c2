/*
 * market_file.h - inside the reader of market files: what its parts share. The public entry is
 * pm_market_file_read() in placemat.h.
 *
 * The reading goes: YAML file -> checked tree (market_file_yaml.c) -> rules (market_file_rules.c,
 * its calendars and kinds by _calendar.c and _kind.c, checked whole by market_file_check.c) -> CSV
 * rows (market_file_csv.c) -> supply (market_file_supply.c). Both trees and rows are seen as
 * fields, each of which knows its place, so that a mistake anywhere is told in one form.
 *
 * The first mistake ends the reading. Functions that can meet one return false after they have put
 * its sentence into the reader's error.
 */
#ifndef PM_MARKET_FILE_H
#define PM_MARKET_FILE_H

#include "placemat.h"

#include <yaml.h>

enum {
    MARKET_FILE_SIZE_MAX = 64 << 20, /* bytes of a CSV file */
    MARKET_YAML_SIZE_MAX = 1 << 20,  /* bytes of the YAML file */
    MARKET_YAML_NODES_MAX = 20000,   /* keys, values, lists, maps: thrice the largest market's */
    MARKET_YAML_DEPTH_MAX = 8,
    MARKET_ROW_MAX = 16384,       /* bytes of a CSV row */
    MARKET_COLUMNS_MAX = 16,      /* of a CSV file */
    MARKET_AMOUNT_MAX = 10000000, /* spare minutes a week, or places, of one band */
    MARKET_PENCE_MAX = 100000000, /* the largest rate */
    MARKET_UNITS_MAX = 20160,     /* the largest package, minutes a week: two carers, always */
    MARKET_WINDOW_MAX = 86400,    /* minutes an offer may stay open: sixty days */
    MARKET_BONUS_MAX = 20000,
    MARKET_RAISE_MAX = PM_PRIORITIES - 1, /* classes */
    MARKET_KEEP_DAYS_MAX = 3660,
};

/* ---- What is read, and where it is kept ---- */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct arena_chunk;

/* Memory that is all freed at once. */
struct arena {
    struct arena_chunk *chunks;
};

/* Names met so far, each with where and a number. Keys belong to somebody else. */
struct index_entry {
    struct pm_text name;
    uint32_t value;
    size_t line;
};
struct name_index {
    struct index_entry *entries; /* open addressing; a name of length 0 is an empty slot */
    size_t slots, used;
};

struct pm_market_file {
    struct arena arena;
    struct pm_market market;
    struct pm_calendar calendar[PM_CALENDARS_MAX];
    uint32_t calendars;
    struct pm_command command;
    struct pm_command *supply; /* malloc'd, not in the arena: it grows */
    size_t supplies, room;
};

/* Gives the text of a file named in the market file; NULL name is the market file itself. *bytes is
 * malloc'd and becomes the caller's. On failure returns false and says why ("No such file or
 * directory"). */
struct market_source {
    const char *name; /* of the market file, as errors give it */
    bool (*fetch)(void *context, const char *name, size_t limit, char **bytes, size_t *size,
                  char why[80]);
    void *context;
};

struct reader {
    const struct market_source *source;
    struct pm_client_error *error;
    struct pm_market_file *file;
    yaml_document_t *document;
    struct pm_market *market;                       /* file->market */
    size_t ladder_line[PM_KINDS_MAX][PM_STEPS_MAX]; /* where each step stands in the market file */
    struct name_index providers, locations, pools, services;
    uint8_t tiers_served[PM_KINDS_MAX]; /* mask of tiers that some service of the kind has */
};

/* ---- A field: one value with its place ---- */

struct field {
    const struct field *up; /* NULL: the file itself, or a column of a row */
    const char *file;
    const char *name;        /* NULL: an item of a list, or the file itself */
    size_t index;            /* of an item, from 1; 0: not an item */
    size_t line;             /* from 1; 0: the file as a whole */
    struct pm_text text;     /* its value, when that is a text */
    const yaml_node_t *node; /* NULL in a CSV file */
};

/* Puts "file:line: path: sentence" into the reader's error. Returns false. */
bool mf_mistake(struct reader *reader, const struct field *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool mf_out_of_memory(struct reader *reader);
/* Bytes of text to show in a sentence: the text, or its beginning when it is long. For "%.*s". */
int mf_shown(struct pm_text text);

/* ", did you mean "x"?" for the candidate nearest to what was written, or "" when none is near. */
struct suggestion {
    char text[64];
    size_t distance; /* of the best so far; 0: none yet */
};
void mf_suggest(struct suggestion *suggestion, struct pm_text text, struct pm_text candidate);

/* ---- Memory (market_file.c) ---- */

/* NULL when out of memory; aligned for anything. size 0 gives a pointer too. */
void *mf_arena_take(struct arena *arena, size_t size);
bool mf_keep_text(struct reader *reader, struct pm_text text, struct pm_text *out);
/* One more supply command, zeroed but for its verb; valid until the next. NULL: out of memory. */
struct pm_command *mf_supply_add(struct reader *reader, enum pm_verb verb);

/* The entry of that name, or NULL. */
const struct index_entry *mf_index_find(const struct name_index *index, struct pm_text name);
/* Adds a name that is not there yet. The name's bytes must outlive the index. */
bool mf_index_add(struct name_index *index, struct pm_text name, uint32_t value, size_t line);
void mf_index_free(struct name_index *index);

/* ---- Text (market_file_text.c) ---- */

/* Checks that bytes are UTF-8 text without control characters; else says which line. */
bool mf_check_text(struct reader *reader, const char *file, const char *bytes, size_t size);

/* Cuts the next item off a list like "a; b; c" into *item, without spaces around it. False at the
 * end. */
bool mf_next_item(struct pm_text *rest, struct pm_text *item);
struct pm_text mf_trimmed(struct pm_text text);

/* ---- Values (market_file_value.c): one text to one value ---- */

/* One text, not empty, of at most max bytes. */
bool mf_value_text(struct reader *reader, const struct field *field, size_t max);
bool mf_value_name(struct reader *reader, const struct field *field);
bool mf_value_whole(struct reader *reader, const struct field *field, int64_t min, int64_t max,
                    int64_t *out);
bool mf_value_salt(struct reader *reader, const struct field *field, uint64_t *out);
/* Pounds in the file: "24", "24.1" or "24.10". */
bool mf_value_pence(struct reader *reader, const struct field *field, int32_t *out);
bool mf_value_flag(struct reader *reader, const struct field *field, uint8_t *out);
bool mf_value_date(struct reader *reader, const struct field *field, int32_t *out);
/* "2024-12-23" (start of that day; its end when `end`) or "2024-12-23 07:30", UTC. */
bool mf_value_time(struct reader *reader, const struct field *field, bool end, int64_t *out);
bool mf_value_time_of_day(struct reader *reader, const struct field *field, uint16_t *out);
bool mf_value_days(struct reader *reader, const struct field *field, uint8_t *out);
/* "15m", "4h", "2d" or minutes as a number. */
bool mf_value_duration(struct reader *reader, const struct field *field, int64_t min, int64_t max,
                       int64_t *out);
bool mf_value_postcode(struct reader *reader, const struct field *field, bool sector_only,
                       uint64_t *out);

/* One of the words that name_of() gives, as its number; case, spaces, hyphens and underscores do
 * not matter. Numbers are below 8. */
bool mf_value_word(struct reader *reader, const struct field *field,
                   const char *(*name_of)(unsigned), uint8_t *out);

/* Position of a name in the market. */
bool mf_value_calendar(struct reader *reader, const struct field *field, uint8_t *out);
bool mf_value_locality(struct reader *reader, const struct field *field, uint8_t *out);
bool mf_value_kind(struct reader *reader, const struct field *field, uint8_t *out);
bool mf_value_lot(struct reader *reader, const struct field *field, uint8_t *out);
bool mf_value_capability(struct reader *reader, const struct field *field, uint8_t *out);

/* ---- The YAML tree (market_file_yaml.c) ---- */

/* Parses and checks the shape: one document, no aliases, tags or deep nesting. The document is the
 * caller's to delete when true is returned. */
bool mf_tree(struct reader *reader, const char *bytes, size_t size, yaml_document_t *document);
/* The root of the document. */
bool mf_root(struct reader *reader, struct field *out);
/* Checks that a field is a map with texts as keys, none twice, and only the keys listed; with NULL
 * for keys, any keys, count at most. */
bool mf_map(struct reader *reader, const struct field *field, const char *const *keys,
            size_t count);
bool mf_list(struct reader *reader, const struct field *field, size_t min, size_t max);
size_t mf_length(const struct field *field); /* of a map or list */
/* The at'th pair of a map or item of a list, from 0. */
struct field mf_at(const struct reader *reader, const struct field *field, size_t at);
/* The value at a key of a map; false without a mistake when it is not there. */
bool mf_find(const struct reader *reader, const struct field *map, const char *key,
             struct field *out);
/* The same; a mistake when it is missing. */
bool mf_get(struct reader *reader, const struct field *map, const char *key, struct field *out);

/* ---- Values at keys (market_file_get.c): a mistake when the key is missing ---- */

bool mf_get_name(struct reader *reader, const struct field *map, const char *key,
                 struct pm_name *out);
bool mf_get_whole(struct reader *reader, const struct field *map, const char *key, int64_t min,
                  int64_t max, int64_t *out);
/* 0 to max. */
bool mf_get_int32(struct reader *reader, const struct field *map, const char *key, int32_t max,
                  int32_t *out);
bool mf_get_word(struct reader *reader, const struct field *map, const char *key,
                 const char *(*name_of)(unsigned), uint8_t *out);
/* A rate, of min to max pence. */
bool mf_get_pence(struct reader *reader, const struct field *map, const char *key, int32_t min,
                  int32_t max, int32_t *out);
/* These leave *out alone when the key is missing. A duration is at least a minute. */
bool mf_option_pence(struct reader *reader, const struct field *map, const char *key, int32_t min,
                     int32_t max, int32_t *out);
bool mf_option_word(struct reader *reader, const struct field *map, const char *key,
                    const char *(*name_of)(unsigned), uint8_t *out);
bool mf_option_flag(struct reader *reader, const struct field *map, const char *key, uint8_t *out);
bool mf_option_int32(struct reader *reader, const struct field *map, const char *key, int32_t min,
                     int32_t max, int32_t *out);
bool mf_option_duration(struct reader *reader, const struct field *map, const char *key,
                        uint32_t max, uint32_t *out);
/* A map whose keys are names: at least one, at most max. And the key of one of its pairs. */
bool mf_get_named(struct reader *reader, const struct field *root, const char *key, size_t max,
                  struct field *out);
bool mf_key_name(struct reader *reader, const struct field *field, struct pm_name *out);

/* ---- CSV (market_file_csv.c) ---- */

/* One row, its cells in the order of the table's columns. */
struct csv_row {
    const char *file;
    size_t line;
    const char *const *columns;
    struct pm_text cell[MARKET_COLUMNS_MAX];
};
struct csv_table {
    const char *const *columns; /* names; all must be in the header, in any order, and no others */
    size_t count;
    size_t optional; /* how many at the end may be missing: their cells are then empty */
    bool (*row)(struct reader *reader, const struct csv_row *row);
};
bool mf_csv_read(struct reader *reader, const char *file, const char *bytes, size_t size,
                 const struct csv_table *table);
/* A cell as a field. */
struct field mf_cell(const struct csv_row *row, size_t column);

/* ---- Rules (market_file_rules.c, _kind.c, _step.c), supply (market_file_supply.c), checks
 * (market_file_check.c) ---- */

/* Reads the whole market, the root's files aside. */
bool mf_rules_read(struct reader *reader, const struct field *root);
/* Reads all calendars (market_file_calendar.c). Not for two threads at once: see
 * market_file_zone.h.
 */
bool mf_calendars_read(struct reader *reader, const struct field *root);
/* Reads all kinds; and the ladder of the at'th, whose rates are read already. */
bool mf_kinds_read(struct reader *reader, const struct field *root);
bool mf_ladder_read(struct reader *reader, const struct field *map, size_t at);
/* Reads the CSV files that the root's files name. */
bool mf_supply_read(struct reader *reader, const struct field *files);
/* A row of the services (market_file_service.c). */
bool mf_service_row(struct reader *reader, const struct csv_row *row);
extern const char *const mf_service_columns[];
enum { SERVICE_COLUMNS = 12, SERVICE_OPTIONAL = 1 };

/* A name that must be new in its file, kept. */
bool mf_new_name(struct reader *reader, const struct field *field, struct name_index *index,
                 uint32_t value, struct pm_text *out);
/* A name that this file or one before it must have put; what is "provider" and so on. */
bool mf_known_name(struct reader *reader, const struct field *field, const struct name_index *index,
                   const char *what, const struct index_entry **out);
/* Cuts "name=value" in two; false, with a mistake, when it is not that. */
bool mf_cut_pair(struct reader *reader, const struct field *field, struct field *name,
                 struct field *value);
/* Blank is active. */
bool mf_get_standing(struct reader *reader, const struct field *field, uint8_t *out);

/* Bands of one kind: those in minutes do not overlap. */
bool mf_check_bands(struct reader *reader, const struct field *bands, const struct pm_kind *kind);
/* The ladder by itself: no step is after one that is the end of it, or only asks those already
 * asked. */
bool mf_check_ladder(struct reader *reader, const struct field *ladder, const struct pm_kind *kind);
/* The ladders against the services: each step has somebody to ask. */
bool mf_check_steps_served(struct reader *reader);

/* ---- Entry (market_file.c) ---- */

/* Reads a market from any source; pm_market_file_read() does it from disk, tests and fuzzers from
 * memory. While it reads a calendar, TZ in the environment is another: see market_file_zone.h. */
bool mf_read(const struct market_source *source, struct pm_market_file **out,
             struct pm_client_error *error);

#endif
