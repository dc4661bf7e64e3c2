/*
 * log.h: what the daemon tells its operator: lines on stderr, one write each, so that threads do
 * not mix; for people, or each a JSON object. Nothing that came from outside is logged but market
 * names, actor and token names, addresses, URLs and file names, and what a refusal says.
 */
#ifndef PM_DAEMON_LOG_H
#define PM_DAEMON_LOG_H

#include <placemat.h>
#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* Sets the least important level that is written, LOG_LEVEL_INFO until then, and the form of lines,
 * text until then. Before any thread. */
void log_set(enum log_level level, enum log_format format);

/* The level of that name ("error", "warn", "info", "debug"), or format ("text", "json"); false when
 * there is none. */
bool log_level_parse(const char *name, enum log_level *out);
bool log_format_parse(const char *name, enum log_format *out);

/* Is that level written? */
bool log_writes(enum log_level level);

/* Any thread: one line, printf's way, cut at 1,000 bytes; control characters become '?'. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* One fact of an event: a text in UTF-8, or, when its bytes are NULL, the number. */
struct log_field {
    const char *name;
    struct pm_text text;
    uint64_t number;
};

/* Any thread: one line of the event's name and its fields, as name=value or members. Empty texts
 * are left out. False, with nothing written, when stderr could not take it without waiting. */
bool log_event(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

#endif
